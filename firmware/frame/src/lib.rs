//! A frame: four bytes of length, little-endian, then that many bytes of JSON.
//!
//! Works on anything that reads and writes. The length is checked before any memory is taken, and
//! buffers are wiped, because a frame may carry the words. A side that sent a broken frame is not
//! listened to any more: nothing says where its next one begins. It knows no socket, and whatever a
//! frame says is its reader's affair. Start at [`read`].
#![warn(missing_docs)]

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use zeroize::Zeroizing;

/// A frame's JSON is never longer than this: a page of a thousand paths fits, and thirty callers at
/// once stay within the memory of a small box.
pub const LEN_MAX: u32 = 1 << 20;
/// What a caller sends is shorter: a backup of some hundred folders.
pub const CALL_LEN_MAX: u32 = 1 << 17;
/// Memory is taken in steps of this, as bytes arrive: a length alone reserves nothing.
const STEP_LEN: usize = 1 << 16;

/// Why a frame could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The other side ended the talk between two frames.
    #[error("the other side ended the talk")]
    Ended,
    /// It ended within a frame.
    #[error("the other side went away in the middle of a frame")]
    Truncated,
    /// The frame says it is longer than any may be.
    #[error("a frame of {len} bytes came, and {max} is the most that is taken")]
    TooLong {
        /// Its length.
        len: u32,
        /// The limit.
        max: u32,
    },
    /// What was to be sent does not fit a frame.
    #[error("{len} bytes do not fit a frame of {LEN_MAX}")]
    DoesNotFit {
        /// Its length.
        len: usize,
    },
    /// The bytes are not what they should be.
    #[error("a frame that cannot be understood")]
    NotUnderstood {
        /// What the reader of JSON said.
        source: serde_json::Error,
    },
    /// The system refused.
    #[error("the talk broke off")]
    Io {
        /// What it said.
        source: io::Error,
    },
}

/// Reads one frame of at most `len_max` bytes.
pub fn read<T: DeserializeOwned>(from: &mut dyn Read, len_max: u32) -> Result<T, FrameError> {
    let bytes = read_bytes(from, len_max)?;
    serde_json::from_slice(&bytes).map_err(|source| FrameError::NotUnderstood { source })
}

fn read_bytes(from: &mut dyn Read, len_max: u32) -> Result<Zeroizing<Vec<u8>>, FrameError> {
    let mut head = [0; 4];
    let mut filled = 0;
    while filled < head.len() {
        match from.read(&mut head[filled..]) {
            Ok(0) if filled == 0 => return Err(FrameError::Ended),
            Ok(0) => return Err(FrameError::Truncated),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(FrameError::Io { source }),
        }
    }
    let len = u32::from_le_bytes(head);
    let max = len_max.min(LEN_MAX);
    if len > max {
        return Err(FrameError::TooLong { len, max });
    }
    let mut left = len as usize;
    let mut bytes = Zeroizing::new(Vec::new());
    let mut step = Zeroizing::new(vec![0; STEP_LEN.min(left)]);
    while left > 0 {
        let wanted = left.min(step.len());
        match from.read_exact(&mut step[..wanted]) {
            Ok(()) => grow(&mut bytes, &step[..wanted]),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(FrameError::Truncated);
            }
            Err(source) => return Err(FrameError::Io { source }),
        }
        left -= wanted;
    }
    Ok(bytes)
}

/// Adds to a buffer without leaving its old bytes behind, as a vector that grows does.
fn grow(bytes: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    if bytes.capacity() - bytes.len() < more.len() {
        let room = (bytes.len() + more.len()).max(bytes.capacity() * 2);
        let mut larger = Zeroizing::new(Vec::with_capacity(room));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(more);
}

/// Writes one frame and hands it on.
pub fn write<T: Serialize>(to: &mut dyn Write, what: &T) -> Result<(), FrameError> {
    // One buffer and one write: a reader never waits for the second half of a head.
    let mut bytes = Zeroizing::new(Vec::with_capacity(4_096));
    bytes.extend_from_slice(&[0; 4]);
    serde_json::to_writer(&mut *bytes, what)
        .map_err(|source| FrameError::NotUnderstood { source })?;
    let len = bytes.len() - 4;
    let head = u32::try_from(len).ok().filter(|len| *len <= LEN_MAX);
    let Some(head) = head else { return Err(FrameError::DoesNotFit { len }) };
    bytes[..4].copy_from_slice(&head.to_le_bytes());
    to.write_all(&bytes).and_then(|()| to.flush()).map_err(|source| FrameError::Io { source })
}
