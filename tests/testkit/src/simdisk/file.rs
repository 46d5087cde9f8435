//! One file of a simulated disk: its writes, what became of each, and what a power cut makes of
//! them. Copies share their bytes. Knows nothing of names.
//!
//! Extents never overlap and stand in order. What was written over and may still be on the medium
//! lies `beneath` until a sync has settled everything.

use std::sync::Arc;

use super::left::Left;

/// What tears: a sector is written whole or not at all.
const SECTOR_LEN: usize = 512;
/// On many disks and file systems it is this much at once.
const BLOCK_LEN: usize = 4096;
/// Of the files that a lying disk has not written, one of this many shows another's bytes.
const STALE_ONE_IN: u32 = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub(super) extents: Arc<Vec<Extent>>,
    /// What newer extents cover, oldest first, as long as a power cut may bring it back.
    pub(super) beneath: Arc<Vec<Extent>>,
    pub(super) handles: u32,
}

/// Bytes that were written at once, or what was left of them.
#[derive(Clone, Debug)]
pub(super) struct Extent {
    pub(super) start: usize,
    pub(super) bytes: Arc<[u8]>,
    /// Which of `bytes`.
    pub(super) from: usize,
    pub(super) len: usize,
    pub(super) piece: Piece,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Durable,
    Unsynced,
    /// A sync failed on it: the system takes it for written.
    Lost,
}

impl Extent {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.from..self.from + self.len]
    }

    pub(super) fn end(&self) -> usize {
        self.start + self.len
    }

    /// A part of it, between two offsets of the file.
    pub(super) fn part(&self, from: usize, to: usize) -> Self {
        let bytes = Arc::clone(&self.bytes);
        let (start, len) = (from, to - from);
        Self { start, bytes, from: self.from + from - self.start, len, piece: Piece::Durable }
    }

    /// The same, of what became of it nothing forgotten.
    pub(super) fn cut(&self, from: usize, to: usize) -> Self {
        Self { piece: self.piece, ..self.part(from, to) }
    }
}

impl File {
    /// A new file with the handle that made it.
    pub(super) fn opened() -> Self {
        Self { handles: 1, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.extents.last().map_or(0, Extent::end)
    }

    pub(super) fn append(&mut self, bytes: Arc<[u8]>) {
        let (start, len) = (self.len(), bytes.len());
        if len > 0 {
            let extent = Extent { start, bytes, from: 0, len, piece: Piece::Unsynced };
            Arc::make_mut(&mut self.extents).push(extent);
        }
    }

    pub(super) fn sync(&mut self) {
        self.settle(Piece::Durable);
        if self.extents.iter().all(|extent| extent.piece == Piece::Durable) {
            self.beneath = Arc::default();
        }
    }

    pub(super) fn lose_unsynced(&mut self) {
        self.settle(Piece::Lost);
    }

    fn settle(&mut self, fate: Piece) {
        // A synced file is mostly synced to its end already.
        if self.extents.iter().any(|extent| extent.piece == Piece::Unsynced) {
            let extents = Arc::make_mut(&mut self.extents).iter_mut();
            extents.filter(|e| e.piece == Piece::Unsynced).for_each(|extent| extent.piece = fate);
        }
    }

    /// Copies what there is from `offset` on, up to the length of `buf`.
    pub(super) fn read_at(&self, offset: u64, buf: &mut [u8]) -> usize {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let first = self.extents.partition_point(|extent| extent.end() <= offset);
        let mut filled = 0;
        for extent in &self.extents[first..] {
            let skip = (offset + filled).saturating_sub(extent.start);
            let there = &extent.bytes()[skip..];
            let len = there.len().min(buf.len() - filled);
            buf[filled..filled + len].copy_from_slice(&there[..len]);
            filled += len;
            if filled == buf.len() {
                break;
            }
        }
        filled
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.extents.iter().flat_map(Extent::bytes).copied().collect()
    }

    /// Flips all bits of one byte; false when it is not there.
    pub(super) fn flip(&mut self, offset: usize) -> bool {
        let mut extents = Arc::make_mut(&mut self.extents).iter_mut();
        let Some(extent) = extents.find(|e| e.start <= offset && offset < e.end()) else {
            return false;
        };
        let mut bytes = extent.bytes().to_vec();
        bytes[offset - extent.start] ^= 0xff;
        (extent.bytes, extent.from) = (bytes.into(), 0);
        true
    }

    /// The file after everything was written.
    pub(super) fn all_durable(&self) -> Self {
        let mut copy = Self { extents: Arc::clone(&self.extents), ..Self::default() };
        if copy.extents.iter().any(|extent| extent.piece != Piece::Durable) {
            let extents = Arc::make_mut(&mut copy.extents).iter_mut();
            extents.for_each(|extent| extent.piece = Piece::Durable);
        }
        copy
    }

    /// Whether a power cut takes nothing from it.
    pub(super) fn is_durable(&self) -> bool {
        self.extents.iter().all(|extent| extent.piece == Piece::Durable)
    }

    /// The bytes of one of `donors`, as far as this one goes; none when they are its own.
    pub(super) fn shown_stale(
        &self,
        donors: &[&Self],
        choice: &mut dyn FnMut(u32) -> u32,
        left: &mut Left,
    ) -> Option<Self> {
        let count = u32::try_from(donors.len()).unwrap_or(u32::MAX);
        if count == 0 || self.is_durable() || choice(STALE_ONE_IN) > 0 {
            return None;
        }
        left.stale += 1;
        let (len, mut out) = (self.len(), Self::default());
        let donor = donors[choice(count) as usize];
        for extent in donor.extents.iter().filter(|extent| extent.start < len) {
            out.place(extent.part(extent.start, extent.end().min(len)));
        }
        out.fill_to(len);
        Some(out)
    }

    /// The file as a power cut leaves it.
    pub(super) fn after_power_cut(
        &self,
        choice: &mut dyn FnMut(u32) -> u32,
        left: &mut Left,
    ) -> Self {
        if self.is_durable() {
            return Self { extents: Arc::clone(&self.extents), ..Self::default() };
        }
        if !self.beneath.is_empty() {
            return self.written_over_after_power_cut(choice, left);
        }
        let mut out = Self::default();
        let (mut zeros_to, mut lost_before) = (0, false);
        for extent in self.extents.iter() {
            let (start, end) = (extent.start, extent.end());
            let fate = if extent.piece == Piece::Durable { 0 } else { choice(4) };
            left.given_up += u64::from(extent.piece == Piece::Lost);
            left.reordered += u64::from(fate == 0 && lost_before);
            match fate {
                0 => out.place(extent.part(start, end)),
                1 => left.missing += 1,
                2 => {
                    left.zeros += 1;
                    zeros_to = zeros_to.max(end);
                }
                _ => {
                    let tear = tear_between(start, end, choice, left);
                    if choice(2) == 0 {
                        out.place(extent.part(start, tear));
                    } else if tear < end {
                        out.place(extent.part(tear, end));
                    }
                }
            }
            lost_before |= fate > 0;
        }
        out.fill_to(zeros_to);
        out
    }

    /// Adds an extent at its own place, which is not before the end.
    fn place(&mut self, extent: Extent) {
        self.fill_to(extent.start);
        Arc::make_mut(&mut self.extents).push(extent);
    }

    fn fill_to(&mut self, end: usize) {
        let start = self.len();
        if start < end {
            let (bytes, len) = (vec![0; end - start].into(), end - start);
            let zeros = Extent { start, bytes, from: 0, len, piece: Piece::Durable };
            Arc::make_mut(&mut self.extents).push(zeros);
        }
    }
}

/// A boundary of sectors or of blocks after `start` and at most at `end`.
pub(super) fn tear_between(
    start: usize,
    end: usize,
    choice: &mut dyn FnMut(u32) -> u32,
    left: &mut Left,
) -> usize {
    let by_blocks = choice(2) == 1;
    let unit = if by_blocks { BLOCK_LEN } else { SECTOR_LEN };
    let first = start / unit + 1;
    let boundaries = (end / unit + 1).saturating_sub(first);
    let count = u32::try_from(boundaries).expect("files here are small");
    let tear = if count == 0 { end } else { (first + choice(count) as usize) * unit };
    if tear < end && by_blocks {
        left.torn_at_4096 += 1;
    } else if tear < end {
        left.torn_at_512 += 1;
    }
    tear
}
