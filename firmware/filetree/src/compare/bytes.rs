//! Compares two files' bytes, a mebibyte at a time, passing over what is a hole in both.

use super::Side;
use crate::read::{FileReader, ReadError, Segment};

/// Bytes read from each side at a time: large enough to stream, small enough for any box.
const BUFFER_LEN: usize = 1 << 20;

/// Where two files of one length first differ.
pub(super) fn first_difference(
    left: FileReader,
    right: FileReader,
) -> Result<Option<u64>, (Side, ReadError)> {
    let end = left.size();
    let (mut left, mut right) = (Runs::new(left), Runs::new(right));
    let mut buffers = (vec![0; BUFFER_LEN], vec![0; BUFFER_LEN]);
    let mut offset = 0;
    while offset < end {
        let hole = left.hole_until(offset).min(right.hole_until(offset));
        if hole > offset {
            offset = hole.min(end);
            continue;
        }
        let len = usize::try_from(end - offset).unwrap_or(BUFFER_LEN).min(BUFFER_LEN);
        let (a, b) = (&mut buffers.0[..len], &mut buffers.1[..len]);
        let a_len = left.file.read_at(offset, a).map_err(|error| (Side::Left, error))?;
        let b_len = right.file.read_at(offset, b).map_err(|error| (Side::Right, error))?;
        if a[..a_len] != b[..b_len] {
            let same = a[..a_len].iter().zip(&b[..b_len]).take_while(|(a, b)| a == b).count();
            return Ok(Some(offset + same as u64));
        }
        if a_len < len {
            // Both shrank alike while we looked.
            return Ok(None);
        }
        offset += len as u64;
    }
    Ok(None)
}

/// A file and the run that the reading has come to.
struct Runs {
    file: FileReader,
    run: Option<Segment>,
}

impl Runs {
    fn new(mut file: FileReader) -> Self {
        let run = file.next_segment();
        Self { file, run }
    }

    /// Where the hole at `offset` ends; `offset` itself when there is none.
    fn hole_until(&mut self, offset: u64) -> u64 {
        while let Some(run) = self.run {
            let (hole, stop) = match run {
                Segment::Data { offset, len } => (false, offset + len),
                Segment::Hole { offset, len } => (true, offset + len),
            };
            if stop > offset {
                return if hole { stop } else { offset };
            }
            self.run = self.file.next_segment();
        }
        offset
    }
}
