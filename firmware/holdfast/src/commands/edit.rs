//! `holdfast edit`: changes a source in place, one durable change at a time.
//!
//! Older versions keep what was overwritten or removed. Start at [`run`].

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use format::entry::{Attrs, FileTime};
use serde_json::json;
use types::Clock;
use vault::{Access, EditReceipt, NewFile, SourceEditor};

use crate::Result;
use crate::args::EditCommand;
use crate::fail::CliError;
use crate::place::Place;
use crate::session::{Context, Done, Session};
use crate::{show, signals};

/// Permissions of a file that came from standard input.
const MODE_OF_STREAM: u32 = 0o644;
/// Bytes read from a stream at a time.
const PIECE_LEN: usize = 256 << 10;
/// Pieces read ahead at most.
const PIECES_MAX: usize = 4;
/// How often a stream that gives nothing is left to see whether the owner wants to stop.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Changes a source.
pub(super) fn run(context: &Context, command: EditCommand) -> Result<Done> {
    match command {
        EditCommand::Put { file, place } => {
            let (attrs, bytes) = open(&file)?;
            change(context, &place, New::Allowed, |editor, path| {
                let new = NewFile { attrs, make_parents: true };
                editor.put(path, new, &mut Interruptible::new(bytes))
            })
        }
        EditCommand::Mkdir { place } => {
            change(context, &place, New::Allowed, |editor, path| editor.make_folder(path))
        }
        EditCommand::Mv { from, to, replace } => {
            let source = Place::of_source(&from)?.name;
            // `mv docs:a docs:b` means what it says; anything else is a path as it stands.
            let prefix = format!("{source}:");
            let to = to.as_bytes();
            let to = to.strip_prefix(prefix.as_bytes()).unwrap_or(to).to_vec();
            let place = Place::of_source(&from)?;
            Session::run(context, Access::ReadWrite, |session| {
                refuse_other_source(session, &source, &to)?;
                change_in(context, session, &place, New::Refused, |editor, path| {
                    editor.rename(path, &to, replace)
                })
            })
        }
        EditCommand::Rm { place, recursive } => {
            change(context, &place, New::Refused, |e, path| e.delete(path, recursive))
        }
    }
}

/// `mv docs:a photos:b` would make a file named `photos:b` in docs, which nobody means.
fn refuse_other_source(session: &Session, source: &str, to: &[u8]) -> Result<()> {
    let Some((other, _)) = std::str::from_utf8(to).ok().and_then(|to| to.split_once(':')) else {
        return Ok(());
    };
    if session.vault.sources().iter().any(|(_, name, ..)| name == other) {
        let what =
            format!("moving stays within one source, and {other:?} is another than {source:?}");
        return Err(vault::VaultError::Bad { what }.into());
    }
    Ok(())
}

/// Whether a source that is not there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum New {
    Allowed,
    /// Nothing can be moved or removed in a source that has nothing.
    Refused,
}

fn change(
    context: &Context,
    place: &std::ffi::OsStr,
    new: New,
    work: impl FnOnce(&SourceEditor<'_>, &[u8]) -> std::result::Result<EditReceipt, vault::VaultError>,
) -> Result<Done> {
    let place = Place::of_source(place)?;
    Session::run(context, Access::ReadWrite, |session| {
        change_in(context, session, &place, new, work)
    })
}

fn change_in(
    context: &Context,
    session: &Session,
    place: &Place,
    new: New,
    work: impl FnOnce(&SourceEditor<'_>, &[u8]) -> std::result::Result<EditReceipt, vault::VaultError>,
) -> Result<Done> {
    let space = session.space(context)?.unwrap_or_else(|| session.vault.everyone());
    let sources = session.vault.sources();
    let known = sources.iter().any(|(_, name, of, _)| *name == place.name && *of == space);
    if !known && new == New::Refused {
        let name = place.name.clone();
        return Err(vault::VaultError::NotFound { what: "source", name }.into());
    }
    let editor = session.vault.editor(Some(space), &place.name)?;
    let receipt = work(&editor, &place.path).map_err(stopped_or)?;
    let (copies, wanted) = (receipt.receipt.copies, receipt.receipt.wanted);
    let out = &context.out;
    out.line(format_args!("snapshot {} of {}", receipt.snapshot, place.name));
    if copies < wanted {
        let why = super::backup::why_fewer(&session.vault.volumes()?);
        out.warn(format_args!("stored on {copies} instead of {wanted} disks: {why}"));
    } else {
        out.line(format_args!("stored on {}", show::count(copies.into(), "disk")));
    }
    out.document(&json!({
        "snapshot": receipt.snapshot.to_string(),
        "source": place.name,
        "copies": copies,
        "copies_wanted": wanted,
    }));
    Ok(Done::imperfect_if(copies < wanted))
}

/// A stream that ended because the owner asked for it is no fault of the stream.
fn stopped_or(error: vault::VaultError) -> vault::VaultError {
    if signals::stopped() { vault::VaultError::Stopped } else { error }
}

/// The attributes and bytes of a file, or of standard input for `-`.
fn open(file: &Path) -> Result<(Attrs, Box<dyn Read + Send>)> {
    if file.as_os_str() == "-" {
        let now = host::SystemClock::start().now();
        let mtime = FileTime { secs: now.0.div_euclid(1_000), nanos: 0 };
        let attrs = Attrs { mode: MODE_OF_STREAM, mtime, ..Attrs::default() };
        return Ok((attrs, Box::new(io::stdin())));
    }
    let failed = |source| CliError::Input { path: file.to_owned(), source };
    let opened = File::open(file).map_err(failed)?;
    let meta = opened.metadata().map_err(failed)?;
    if meta.is_dir() {
        let what = format!("{} is a folder; back it up instead", file.display());
        return Err(CliError::Usage { what });
    }
    let nanos = u32::try_from(meta.mtime_nsec()).expect("the kernel counts 0 to 999,999,999");
    let attrs = Attrs {
        mode: meta.mode() & 0o7777,
        uid: meta.uid(),
        gid: meta.gid(),
        mtime: FileTime { secs: meta.mtime(), nanos },
        ..Attrs::default()
    };
    Ok((attrs, Box::new(opened)))
}

/// A stream that ends with an error once the owner asked to stop, even while nothing comes: a
/// thread of its own waits for the bytes.
struct Interruptible {
    pieces: Receiver<io::Result<Vec<u8>>>,
    current: io::Cursor<Vec<u8>>,
}

impl Interruptible {
    fn new(mut stream: Box<dyn Read + Send>) -> Self {
        let (sender, pieces) = mpsc::sync_channel(PIECES_MAX);
        std::thread::spawn(move || {
            loop {
                let mut piece = vec![0; PIECE_LEN];
                let read = stream.read(&mut piece);
                let last = !matches!(read, Ok(1..));
                let sent = sender.send(read.map(|len| {
                    piece.truncate(len);
                    piece
                }));
                if last || sent.is_err() {
                    return;
                }
            }
        });
        Self { pieces, current: io::Cursor::default() }
    }
}

impl Read for Interruptible {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            if signals::stopped() {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            let read = self.current.read(buf)?;
            if read > 0 || buf.is_empty() {
                return Ok(read);
            }
            match self.pieces.recv_timeout(LOOK_EVERY) {
                Ok(piece) => {
                    let piece = piece?;
                    if piece.is_empty() {
                        return Ok(0);
                    }
                    self.current = io::Cursor::new(piece);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}
