//! The child that looks at what others wrote: a process of its own, with next to no rights.
//!
//! It comes in two kinds. One reads bytes from a disk that was opened for it, sees no file, and has no
//! rights at all. The other mounts one file system in mounts of its own, shuts itself into it, gives up
//! everything but the right to read, and counts. Neither writes anything but its answer, and both
//! are ended by their parent when they take too long. What a file system can do to the kernel
//! itself is not fenced in here. Start at [`answer`].

pub(crate) mod inside;
mod sandbox;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use serde::Serialize;

use crate::look;

/// First argument of each kind.
pub(crate) const SURFACE: &str = "look-at-surface";
pub(crate) const INSIDE: &str = "look-inside";

/// Does what a child is asked, when the program was started as one. `None`: it was not.
///
/// To be called first in `main`, before there is another thread.
pub fn answer(arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let arguments: Vec<String> =
        arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        [SURFACE, size, sector, empty] => surface(size, sector, empty),
        [INSIDE, node, kind, at] => inside::look(node, kind, at).and_then(|found| say(&found)),
        _ => return None,
    };
    Some(match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is there to hear that this failed as well.
            writeln!(io::stderr(), "{error}").ok();
            ExitCode::FAILURE
        }
    })
}

fn surface(size: &str, sector: &str, empty: &str) -> io::Result<()> {
    let number = |text: &str| text.parse::<u64>().map_err(io::Error::other);
    let (size, sector) = (number(size)?, number(sector)?);
    sandbox::give_up_everything(empty)?;
    let disk = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    say(&look::surface(&disk, size, sector)?)
}

fn say(answer: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, answer)?;
    out.flush()
}
