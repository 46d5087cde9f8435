//! The child: reads pictures that it is sent, with nothing else in its reach.
//!
//! It has one socket, which is its standard input, shuts itself in before the first byte, and answers until
//! that ends. Start at [`answer`].

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use crate::wire::{self, BROKEN, DATE, DRAW, FOUND, LARGE, NOTHING, WHOLE_MAX};
use crate::{Taken, Unseen, decode, sandbox};

/// The first argument of a child.
pub(crate) const WORD: &str = "look-at-pictures";
/// In the place of an offset that is not known.
const NO_OFFSET: i16 = i16::MIN;
/// When memory is short this process is the first to go, and the box stays.
const FIRST_TO_GO: &[u8] = b"1000";

/// Does what a child is asked, when the program was started as one. `None`: it was not.
///
/// To be called first in `main`, before there is another thread.
pub fn answer(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if arguments.next()? != WORD || arguments.next().is_some() {
        return None;
    }
    Some(match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is there to hear that this failed as well.
            writeln!(io::stderr(), "{error}").ok();
            ExitCode::FAILURE
        }
    })
}

fn serve() -> io::Result<()> {
    let mut socket = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    // A kernel that does not take it leaves the choice to itself.
    if let Ok(mut file) = File::options().write(true).open("/proc/self/oom_score_adj") {
        file.write_all(FIRST_TO_GO).ok();
    }
    sandbox::shut_in()?;
    while let Some((letter, len)) = wire::head(&mut socket, WHOLE_MAX)? {
        let mut bytes = vec![0; len];
        socket.read_exact(&mut bytes)?;
        let (letter, found) = done(letter, &bytes)?;
        wire::send(&mut socket, letter, &found)?;
    }
    Ok(())
}

fn done(letter: u8, bytes: &[u8]) -> io::Result<(u8, Vec<u8>)> {
    Ok(match letter {
        DATE => decode::date(bytes).map_or((NOTHING, Vec::new()), |taken| (FOUND, written(taken))),
        DRAW => match decode::draw(bytes) {
            Ok(small) => (FOUND, small),
            Err(Unseen::TooLarge) => (LARGE, Vec::new()),
            Err(_) => (BROKEN, Vec::new()),
        },
        _ => return Err(io::Error::other("this is not asked of a child")),
    })
}

fn written(taken: Taken) -> Vec<u8> {
    let offset = taken.offset_minutes.unwrap_or(NO_OFFSET);
    [&taken.wall_secs.to_le_bytes()[..], &offset.to_le_bytes()].concat()
}

/// A date as the child wrote it.
pub(crate) fn read(bytes: &[u8]) -> Option<Taken> {
    let (secs, offset) = bytes.split_first_chunk::<8>()?;
    let offset = i16::from_le_bytes(offset.try_into().ok()?);
    let offset_minutes = (offset != NO_OFFSET).then_some(offset);
    Some(Taken { wall_secs: i64::from_le_bytes(*secs), offset_minutes })
}
