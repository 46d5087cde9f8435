//! Standard output and standard error: the only place that writes to either.
//!
//! Results go to standard output, as text or as one JSON document; everything else to standard
//! error. When the reader of standard output went away (`holdfast ls | head`), the rest is
//! dropped and the process ends as other tools do. Start at [`Out`].

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{self, BufWriter, Stdout, Write};

use serde_json::{Map, Value, json};

use crate::fail::CliError;

/// What a shell expects of a program whose reader went away: 128 and the number of SIGPIPE.
pub(crate) const EXIT_PIPE: u8 = 141;

/// Where a command writes.
#[derive(Debug)]
pub(crate) struct Out {
    json: bool,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    stdout: BufWriter<Stdout>,
    failed: Option<io::Error>,
    items: u64,
}

/// How standard output ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything was written.
    Whole,
    /// The reader went away before the end.
    Unread,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        let stdout = BufWriter::new(io::stdout());
        Self { json, state: RefCell::new(State { stdout, failed: None, items: 0 }) }
    }

    /// Whether the owner wants JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A line of text; nothing with `--json`.
    pub(crate) fn line(&self, text: impl Display) {
        if !self.json {
            self.write(format!("{text}\n").as_bytes());
        }
    }

    /// The command's JSON document; nothing without `--json`.
    pub(crate) fn document(&self, document: &Value) {
        if self.json {
            self.write(format!("{document}\n").as_bytes());
        }
    }

    /// Begins a JSON document that ends in a list: `head` with one more field, written item by
    /// item, because a listing may be longer than memory.
    pub(crate) fn begin_list(&self, head: &Map<String, Value>, name: &str) {
        if self.json {
            let mut text = String::from("{");
            for (key, value) in head {
                text.push_str(&format!("{}:{value},", json!(key)));
            }
            self.state.borrow_mut().items = 0;
            self.write(format!("{text}{}:[", json!(name)).as_bytes());
        }
    }

    /// One item of the list.
    pub(crate) fn item(&self, item: &Value) {
        if self.json {
            let first = self.state.borrow().items == 0;
            self.state.borrow_mut().items += 1;
            self.write(format!("{}{item}", if first { "" } else { "," }).as_bytes());
        }
    }

    /// Ends the list and the document.
    pub(crate) fn end_list(&self) {
        if self.json {
            self.write(b"]}\n");
        }
    }

    /// Raw bytes of a file.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let mut state = self.state.borrow_mut();
        if state.failed.is_none() {
            state.failed = state.stdout.write_all(bytes).err();
        }
    }

    /// False once nobody reads any more: a listing can stop.
    pub(crate) fn is_open(&self) -> bool {
        self.state.borrow().failed.is_none()
    }

    /// Writes what is left.
    pub(crate) fn finish(&self) -> Result<Ended, CliError> {
        let mut state = self.state.borrow_mut();
        let failed = state.failed.take().or_else(|| state.stdout.flush().err());
        match failed {
            None => Ok(Ended::Whole),
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Ended::Unread),
            Some(source) => Err(CliError::Output { source }),
        }
    }

    /// Something the owner should know that stopped nothing.
    pub(crate) fn warn(&self, text: impl Display) {
        if self.json {
            complain(json!({ "warning": text.to_string() }));
        } else {
            complain(format_args!("warning: {text}"));
        }
    }

    /// An error, its causes, and what to do.
    pub(crate) fn error(&self, error: &CliError) {
        let causes = error.causes();
        let advice = error.advice();
        if self.json {
            complain(json!({ "error": error.to_string(), "because": causes, "do": advice }));
            return;
        }
        complain(format_args!("error: {error}"));
        for cause in causes {
            complain(format_args!("  because: {cause}"));
        }
        complain(format_args!("  do: {advice}"));
    }
}

/// A command line that means nothing, as a JSON line.
pub(crate) fn usage(said: &clap::Error) {
    let text = said.to_string();
    let first = text.lines().next().unwrap_or_default();
    let what = first.strip_prefix("error: ").unwrap_or(first);
    let advice = "`holdfast help` shows how commands are written.";
    complain(json!({ "error": what, "because": [], "do": advice }));
}

/// A line on standard error. When nobody listens there either, there is nobody left to tell.
pub(crate) fn complain(text: impl Display) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Text on standard error without an end of line, at once: for a terminal.
pub(crate) fn prompt(text: &str) {
    let mut stderr = io::stderr().lock();
    drop(stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()));
}
