//! Reading a pack forwards without its trailer: after a crash, and when a trailer has rotted.
//!
//! A scan takes what authenticates and stops at the first byte that does not. A torn tail is an
//! ordinary end, not an error; only a disk that refuses to read is one.

use format::pack::{FRAMES_MAX, FrameType, HEADER_LEN, SEALED_FOOTER_LEN, SIZE_MAX, TrailerFrame};

use super::open::{OpenedFrame, PackOpener, ReadError, trailer_of};
use super::read::ReadAt;
use crate::Codecs;

/// How the authentic part of a pack ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrefixEnd {
    /// With trailer and footer: the pack is sealed and whole.
    Complete,
    /// With a trailer, and no footer that belongs to it.
    TrailerOnly,
    /// With the file, between two frames: an open pack.
    Open,
    /// With bytes that are not what was sealed there: a torn write, or rot.
    Torn,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Frames with objects or commits, as a trailer would list them.
    pub frames: Vec<TrailerFrame>,
    /// Commit records in file order, with their frame's number.
    pub commits: Vec<(u32, Vec<u8>)>,
    /// Bytes from the start that authenticate, the header among them.
    pub good_len: u64,
    /// What comes after them.
    pub end: PrefixEnd,
}

impl PackOpener {
    /// Reads a pack file of `len` bytes from its first frame on, as far as it authenticates.
    pub fn scan_prefix<R: ReadAt + ?Sized>(
        &self,
        codecs: &mut Codecs,
        len: u64,
        read: &R,
    ) -> Result<Prefix, ReadError> {
        let good_len = HEADER_LEN as u64;
        let end = if len < good_len { PrefixEnd::Torn } else { PrefixEnd::Open };
        let mut prefix = Prefix { frames: Vec::new(), commits: Vec::new(), good_len, end };
        for number in 0..FRAMES_MAX {
            let offset = prefix.good_len;
            if offset >= len {
                return Ok(prefix);
            }
            if offset >= SIZE_MAX {
                break;
            }
            let frame = match self.read_frame(codecs, offset, number, read) {
                Ok(frame) => frame,
                Err(error) => return torn(prefix, error),
            };
            prefix.good_len += frame.head.sealed_len();
            match frame.head.frame_type {
                FrameType::Objects | FrameType::Commit => prefix.take(frame, offset),
                FrameType::Padding | FrameType::Parity => {}
                FrameType::Trailer => {
                    return self.scan_end(codecs, len, read, prefix, &frame, offset);
                }
            }
        }
        prefix.end = PrefixEnd::Torn;
        Ok(prefix)
    }

    fn scan_end<R: ReadAt + ?Sized>(
        &self,
        codecs: &mut Codecs,
        len: u64,
        read: &R,
        mut prefix: Prefix,
        frame: &OpenedFrame,
        offset: u64,
    ) -> Result<Prefix, ReadError> {
        prefix.end = PrefixEnd::TrailerOnly;
        let listed = match trailer_of(frame, offset) {
            Ok(trailer) => trailer,
            Err(error) => return torn(prefix, error),
        };
        let whole = match self.read_trailer(codecs, len, read) {
            Ok(trailer) => trailer == listed && trailer.frames == prefix.frames,
            Err(error @ ReadError::Io { .. }) => return Err(error),
            Err(_) => false,
        };
        if whole && len == prefix.good_len + SEALED_FOOTER_LEN as u64 {
            prefix.good_len = len;
            prefix.end = PrefixEnd::Complete;
        }
        Ok(prefix)
    }
}

impl Prefix {
    fn take(&mut self, frame: OpenedFrame, offset: u64) {
        let OpenedFrame { number, head, .. } = frame;
        if head.frame_type == FrameType::Commit {
            self.commits.push((number, frame.payload().to_vec()));
        }
        let offset = u32::try_from(offset).expect("below SIZE_MAX");
        self.frames.push(TrailerFrame { number, offset, head, objects: frame.table });
    }
}

/// Ends a scan at a frame that could not be read; a disk that refuses is passed on.
fn torn(mut prefix: Prefix, error: ReadError) -> Result<Prefix, ReadError> {
    match error {
        ReadError::Io { .. } => Err(error),
        _ => {
            prefix.end = PrefixEnd::Torn;
            Ok(prefix)
        }
    }
}
