//! Testing a whole disk before it is trusted: a pattern that says of each place where it belongs is
//! written everywhere, and read everywhere.
//!
//! A disk that claims more room than it has writes what is beyond over what is before, or keeps none of it;
//! both show, because no two places get the same bytes, and nobody without the seed can make them. The work
//! comes in steps that can be asked for again; a mark in the first block says whose test a disk is in, and
//! no step but the first touches a disk that does not bear it. Nothing here touches hardware. Start at
//! [`BurnOrder`], then [`step`].

use std::io;
use std::ops::Range;

use types::{DiskContent, DiskIdentity};

use crate::BoardError;

/// Each block of so many bytes is known by itself.
pub const BLOCK: u64 = BLOCK_LEN as u64;
const BLOCK_LEN: usize = 4_096;
/// No step is longer: a slow stick takes three seconds for it.
pub const STEP_MAX: u64 = 16 << 20;
/// What one read takes; where it fails, all of it counts as wrong.
const PIECE: u64 = PIECE_LEN as u64;
const PIECE_LEN: usize = 64 << 10;
/// The first bytes of a disk in a test.
const MAGIC: &[u8; 8] = b"HFBURN\r\n";
const MARK_LEN: usize = 8 + SEED_LEN + 8;
const SEED_LEN: usize = 16;

/// What makes one test's pattern unlike any other's: random, and new for each test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BurnSeed(pub [u8; SEED_LEN]);

impl std::fmt::Debug for BurnSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BurnSeed")
    }
}

/// A step of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BurnStep {
    /// The disk is marked. What was on it is gone from here on.
    Begin,
    /// The pattern is written, [`STEP_MAX`] bytes at most.
    Write {
        /// From where: whole blocks.
        from: u64,
        /// How much.
        len: u64,
    },
    /// It is read from the disk, not from memory, and compared.
    Read {
        /// From where: whole blocks.
        from: u64,
        /// How much.
        len: u64,
    },
    /// The disk is made blank, the mark last.
    End,
}

/// A step that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BurnOrder {
    /// What was on the disk when its owner said yes: only the first step goes by it.
    pub expects: DiskContent,
    /// Which time it was plugged in then, as for an order to prepare: only the first step goes by it.
    pub attached: u64,
    /// Whose test it is.
    pub seed: BurnSeed,
    /// What is to be done.
    pub step: BurnStep,
}

impl BurnOrder {
    /// Whether a test may begin on a disk with this on it.
    pub fn allows(&self, found: &DiskContent) -> bool {
        match found {
            DiskContent::Blank => true,
            DiskContent::Foreign(_) => *found == self.expects,
            // The owner was shown a volume by its ids; its generation counts on by itself.
            DiskContent::Volume(mark) => match &self.expects {
                DiskContent::Volume(shown) => {
                    (shown.vault, shown.volume) == (mark.vault, mark.volume)
                }
                _ => false,
            },
            DiskContent::Unknown => false,
        }
    }
}

/// What a step found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Burnt {
    /// Bytes that are not what was written.
    pub wrong: u64,
    /// Where the first of them are, and what is there.
    pub first: Option<(u64, WrongBytes)>,
}

/// What is in the place of what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongBytes {
    /// It cannot be read.
    Unreadable,
    /// Something else.
    Other,
    /// What belongs to this place.
    Of(u64),
}

/// A disk's bytes, for the test alone.
pub trait Raw {
    /// Fills `out` with what is on the medium.
    fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()>;
    /// Writes.
    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes what was written durable, and forgets what memory has of it.
    fn settle(&self) -> io::Result<()>;
}

/// Whose a disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bears {
    /// It bears the mark of this test.
    Mark,
    /// It bore it, and was written over with what belongs elsewhere: a disk that has less room than it
    /// says. Nobody else could have made these bytes.
    Overwritten(u64),
    /// It has nothing to do with this test.
    Nothing,
}

/// Whether a disk is in this test.
pub fn bears(raw: &dyn Raw, size: u64, seed: BurnSeed) -> io::Result<Bears> {
    let mut found = vec![0; BLOCK_LEN];
    if size < BLOCK {
        return Ok(Bears::Nothing);
    }
    raw.read(0, &mut found)?;
    if found == mark(seed, size) {
        return Ok(Bears::Mark);
    }
    Ok(stamp(seed, &found).map_or(Bears::Nothing, Bears::Overwritten))
}

/// Does a step. A board has made sure before that the disk is the one that is meant, that nobody else uses
/// it, and, before the first step, that it may be written.
pub fn step(
    raw: &dyn Raw,
    disk: &DiskIdentity,
    order: &BurnOrder,
    blank: &[Range<u64>],
) -> Result<Burnt, BoardError> {
    let (size, seed) = (disk.size.0, order.seed);
    let io = |doing| move |error| BoardError::io(doing, disk, error);
    let bears = bears(raw, size, seed).map_err(io("read"))?;
    let mine = |bears| match bears {
        Bears::Nothing => Err(BoardError::Changed { disk: Box::new(disk.clone()) }),
        Bears::Mark => Ok(Burnt::default()),
        Bears::Overwritten(at) => Ok(Burnt { wrong: BLOCK, first: Some((0, WrongBytes::Of(at))) }),
    };
    match order.step {
        BurnStep::Begin if bears == Bears::Nothing => {
            raw.write(0, &mark(seed, size)).and_then(|()| raw.settle()).map_err(io("mark"))?;
            Ok(Burnt::default())
        }
        BurnStep::Begin => mine(bears),
        BurnStep::Write { from, len } => {
            let seen = mine(bears)?;
            let range = range(disk, from, len)?;
            if seen.first.is_none() {
                write(raw, seed, size, range).map_err(io("write"))?;
                raw.settle().map_err(io("sync"))?;
            }
            Ok(seen)
        }
        BurnStep::Read { from, len } => {
            mine(bears)?;
            Ok(read(raw, seed, size, range(disk, from, len)?))
        }
        BurnStep::End => {
            mine(bears)?;
            wipe(raw, size, blank).map_err(io("make blank"))?;
            Ok(Burnt::default())
        }
    }
}

fn range(disk: &DiskIdentity, from: u64, len: u64) -> Result<Range<u64>, BoardError> {
    let end = from.checked_add(len).filter(|end| *end <= disk.size.0);
    let fits = len <= STEP_MAX && from.is_multiple_of(BLOCK);
    let wrong = "a step of a test does not fit the disk";
    end.filter(|_| fits)
        .map(|end| from..end)
        .ok_or_else(|| BoardError::Order { disk: Box::new(disk.clone()), what: wrong })
}

/// What belongs to a place; a disk may end within its last block.
fn fill(seed: BurnSeed, size: u64, at: u64, out: &mut [u8]) {
    if at == 0 {
        let mark = mark(seed, size);
        out.copy_from_slice(&mark[..out.len()]);
        return;
    }
    let mut key = blake3::Hasher::new();
    key.update(MAGIC).update(&seed.0).update(&at.to_le_bytes());
    key.finalize_xof().fill(out);
    let stamp = at.to_le_bytes();
    let len = stamp.len().min(out.len());
    out[..len].copy_from_slice(&stamp[..len]);
}

fn mark(seed: BurnSeed, size: u64) -> Vec<u8> {
    let mut mark = vec![0; BLOCK_LEN];
    mark[..8].copy_from_slice(MAGIC);
    mark[8..8 + SEED_LEN].copy_from_slice(&seed.0);
    mark[8 + SEED_LEN..MARK_LEN].copy_from_slice(&size.to_le_bytes());
    let sum = *blake3::hash(&mark[..MARK_LEN]).as_bytes();
    mark[MARK_LEN..MARK_LEN + sum.len()].copy_from_slice(&sum);
    mark
}

/// The place that a block of this test's pattern belongs to.
fn stamp(seed: BurnSeed, block: &[u8]) -> Option<u64> {
    let at = u64::from_le_bytes(block.get(..8)?.try_into().ok()?);
    let mut wanted = vec![0; block.len()];
    fill(seed, 0, at.max(1), &mut wanted);
    (at > 0 && wanted == block).then_some(at)
}

fn pieces(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let end = range.end;
    range.step_by(PIECE_LEN).map(move |at| at..end.min(at + PIECE))
}

fn pattern(seed: BurnSeed, size: u64, piece: &Range<u64>) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(piece.end - piece.start).unwrap_or(0)];
    for (block, at) in bytes.chunks_mut(BLOCK_LEN).zip((piece.start..).step_by(BLOCK_LEN)) {
        fill(seed, size, at, block);
    }
    bytes
}

fn write(raw: &dyn Raw, seed: BurnSeed, size: u64, range: Range<u64>) -> io::Result<()> {
    pieces(range).try_for_each(|piece| raw.write(piece.start, &pattern(seed, size, &piece)))
}

fn read(raw: &dyn Raw, seed: BurnSeed, size: u64, range: Range<u64>) -> Burnt {
    let mut burnt = Burnt::default();
    let mut wrong = |at: u64, len: u64, what: WrongBytes| {
        burnt.wrong += len;
        burnt.first = burnt.first.or(Some((at, what)));
    };
    for piece in pieces(range) {
        let wanted = pattern(seed, size, &piece);
        let mut found = vec![0; wanted.len()];
        if raw.read(piece.start, &mut found).is_err() {
            wrong(piece.start, wanted.len() as u64, WrongBytes::Unreadable);
            continue;
        }
        let blocks = wanted.chunks(BLOCK_LEN).zip(found.chunks(BLOCK_LEN));
        for (at, (wanted, found)) in (piece.start..).step_by(BLOCK_LEN).zip(blocks) {
            if wanted != found {
                let what = stamp(seed, found).map_or(WrongBytes::Other, WrongBytes::Of);
                wrong(at, wanted.len() as u64, what);
            }
        }
    }
    burnt
}

/// Zeros wherever somebody looks who wants to know whether a disk is blank. The mark goes last: cut short,
/// this can be done again.
fn wipe(raw: &dyn Raw, size: u64, blank: &[Range<u64>]) -> io::Result<()> {
    let zeros = vec![0; PIECE_LEN];
    for place in blank {
        let place = place.start.max(BLOCK)..place.end.min(size);
        for piece in pieces(place.start..place.end.max(place.start)) {
            raw.write(
                piece.start,
                &zeros[..usize::try_from(piece.end - piece.start).unwrap_or(0)],
            )?;
        }
    }
    raw.settle()?;
    raw.write(0, &zeros[..BLOCK_LEN])?;
    raw.settle()
}

#[cfg(test)]
mod tests;
