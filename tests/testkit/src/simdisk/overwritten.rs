//! Writing over what a file has, and what a power cut makes of that.
//!
//! Start at [`File::write_at`].

use std::sync::Arc;

use super::file::{Extent, File, Piece, tear_between};
use super::left::Left;

impl File {
    /// Puts bytes over what is there, or behind the end.
    pub(super) fn write_at(&mut self, start: usize, bytes: Arc<[u8]>) {
        let len = bytes.len();
        if len == 0 {
            return;
        }
        if start > self.len() {
            self.append(vec![0; start - self.len()].into());
        }
        if start == self.len() {
            return self.append(bytes);
        }
        let end = start + len;
        let (mut kept, mut covered) = (Vec::new(), Vec::new());
        for extent in self.extents.iter() {
            let (from, to) = (extent.start.max(start), extent.end().min(end));
            if from >= to {
                kept.push(extent.clone());
                continue;
            }
            covered.push(extent.cut(from, to));
            if extent.start < from {
                kept.push(extent.cut(extent.start, from));
            }
            if to < extent.end() {
                kept.push(extent.cut(to, extent.end()));
            }
        }
        kept.push(Extent { start, bytes, from: 0, len, piece: Piece::Unsynced });
        kept.sort_by_key(|extent| extent.start);
        self.extents = Arc::new(kept);
        Arc::make_mut(&mut self.beneath).extend(covered);
    }

    /// The same for a file of which parts were written over: each write, old or new, is there from
    /// some sector to some other, or not at all.
    pub(super) fn written_over_after_power_cut(
        &self,
        choice: &mut dyn FnMut(u32) -> u32,
        left: &mut Left,
    ) -> Self {
        let mut image: Vec<u8> = Vec::new();
        for extent in self.beneath.iter().chain(self.extents.iter()) {
            let (mut start, mut end) = (extent.start, extent.end());
            let fate = if extent.piece == Piece::Durable { 0 } else { choice(4) };
            match fate {
                0 => {}
                1 => {
                    left.missing += 1;
                    continue;
                }
                2 => end = tear_between(start, end, choice, left),
                _ => start = tear_between(start, end, choice, left),
            }
            if start < end {
                image.resize(image.len().max(end), 0);
                image[start..end].copy_from_slice(extent.part(start, end).bytes());
            }
        }
        let mut out = Self::default();
        out.append(image.into());
        out.sync();
        out
    }
}
