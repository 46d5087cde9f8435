//! What the box and its child say to each other on their socket: a letter, a length, bytes.
//!
//! Lengths are checked before anything is set aside for them, on both sides. Start at [`send`].

use std::io::{self, Read, Write};

/// The most of a picture that is sent: larger ones are not drawn.
pub const WHOLE_MAX: usize = 48 << 20;
/// The longest answer: a small picture has a tenth of it.
pub(crate) const ANSWER_MAX: usize = 1 << 20;

/// Asks for the date.
pub(crate) const DATE: u8 = b'd';
/// Asks for a small picture.
pub(crate) const DRAW: u8 = b'p';

/// Here it is.
pub(crate) const FOUND: u8 = b'f';
/// It says nothing.
pub(crate) const NOTHING: u8 = b'n';
/// It cannot be read.
pub(crate) const BROKEN: u8 = b'b';
/// It has too many points.
pub(crate) const LARGE: u8 = b'l';

/// Sends one thing.
pub(crate) fn send(to: &mut impl Write, letter: u8, bytes: &[u8]) -> io::Result<()> {
    let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut head = [letter, 0, 0, 0, 0];
    head[1..].copy_from_slice(&len.to_le_bytes());
    to.write_all(&head)?;
    to.write_all(bytes)?;
    to.flush()
}

/// The letter and the length of what comes next; none at the end.
pub(crate) fn head(from: &mut impl Read, most: usize) -> io::Result<Option<(u8, usize)>> {
    let mut letter = [0];
    if from.read(&mut letter)? == 0 {
        return Ok(None);
    }
    let mut len = [0; 4];
    from.read_exact(&mut len)?;
    let len = usize::try_from(u32::from_le_bytes(len)).map_err(io::Error::other)?;
    if len > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "more than is ever sent"));
    }
    Ok(Some((letter[0], len)))
}
