//! Partition tables of others: GPT, and the older one with its chains.
//!
//! Bounded in number, and a partition that is not wholly on the disk is none. Start at [`first`],
//! which is sure of what it says; [`second`] is asked when nothing else is found.

use std::io;

use super::source::{Source, number};

/// More partitions than anybody has.
const PARTS_MAX: usize = 128;
/// The space that GPT sets aside: 128 entries of 128 bytes; some have more.
const ENTRIES_LEN_MAX: u64 = 64 << 10;
/// The type of the one partition that stands for a whole GPT.
const PROTECTIVE: u8 = 0xee;

/// Where a partition is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) index: u32,
    pub(crate) start: u64,
    pub(crate) len: u64,
}

/// The GPT at the beginning of a disk with sectors of this many bytes. `None`: it has none.
pub(crate) fn first(disk: &Source<'_>, sector: u64) -> io::Result<Option<Vec<Slice>>> {
    // A dock may show a disk with other sectors than the computer that made the table.
    for sector in [sector, 512, 4096] {
        if let Some(slices) = gpt(disk, sector, sector)? {
            return Ok(Some(slices));
        }
    }
    Ok(None)
}

/// The older table, or the second GPT, which stays at the end when somebody formats over the first.
pub(crate) fn second(disk: &Source<'_>, sector: u64) -> io::Result<Option<Vec<Slice>>> {
    match mbr(disk, sector)? {
        Some(slices) => Ok(Some(slices)),
        None => gpt(disk, sector, disk.len.saturating_sub(sector)),
    }
}

fn gpt(disk: &Source<'_>, sector: u64, at: u64) -> io::Result<Option<Vec<Slice>>> {
    let Some(head) = disk.bytes::<92>(at)? else { return Ok(None) };
    if !head.starts_with(b"EFI PART") {
        return Ok(None);
    }
    let (count, size) = (number(&head, 80, 4), number(&head, 84, 4));
    let place = number(&head, 72, 8).checked_mul(sector);
    let (Some(place), 128..=4096) = (place, size) else { return Ok(Some(Vec::new())) };
    let entries = disk.up_to(place, count.saturating_mul(size).min(ENTRIES_LEN_MAX))?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let slices = (1..).zip(entries.chunks_exact(size)).filter_map(|(index, entry)| {
        let used = entry[..16].iter().any(|byte| *byte != 0);
        let (first, last) = (number(entry, 32, 8), number(entry, 40, 8));
        let sectors = last.checked_sub(first)?.checked_add(1)?;
        used.then_some(())?;
        slice(disk, index, first.checked_mul(sector)?, sectors.checked_mul(sector)?)
    });
    Ok(Some(slices.take(PARTS_MAX).collect()))
}

/// One partition, if it is wholly on the disk and not the beginning of it.
fn slice(disk: &Source<'_>, index: u32, start: u64, len: u64) -> Option<Slice> {
    disk.part(start, len).filter(|_| start > 0 && len > 0)?;
    Some(Slice { index, start, len })
}

/// One entry of the older table: kind, start and length in sectors.
type Entry = (u8, u64, u64);

fn entries(block: &[u8; 512]) -> Option<[Entry; 4]> {
    if block[510..] != [0x55, 0xaa] {
        return None;
    }
    let entry = |at: usize| {
        let entry = &block[446 + 16 * at..462 + 16 * at];
        // Anything else is a boot sector that ends with the same two bytes.
        matches!(entry[0], 0 | 0x80).then(|| (entry[4], number(entry, 8, 4), number(entry, 12, 4)))
    };
    Some([entry(0)?, entry(1)?, entry(2)?, entry(3)?])
}

fn is_chain(kind: u8) -> bool {
    matches!(kind, 0x05 | 0x0f | 0x85)
}

fn mbr(disk: &Source<'_>, sector: u64) -> io::Result<Option<Vec<Slice>>> {
    let Some(entries) = disk.bytes::<512>(0)?.as_ref().and_then(entries) else { return Ok(None) };
    if entries.iter().all(|(kind, ..)| *kind == 0) {
        return Ok(None);
    }
    let mut found = Vec::new();
    for (index, (kind, start, len)) in (1..).zip(entries) {
        if is_chain(kind) {
            chain(disk, sector, start, &mut found)?;
        } else if kind != 0 && kind != PROTECTIVE {
            found.extend(slice(disk, index, start * sector, len * sector));
        }
    }
    found.sort_by_key(|slice| slice.index);
    Ok(Some(found))
}

/// Logical partitions: each block names one, and the next block.
fn chain(disk: &Source<'_>, sector: u64, first: u64, found: &mut Vec<Slice>) -> io::Result<()> {
    let mut at = first;
    // The bound also ends a chain that bites its tail.
    for index in (5..).take(PARTS_MAX) {
        let block = disk.bytes::<512>(at.saturating_mul(sector))?;
        let Some([(kind, start, len), (next_kind, next, _), ..]) = block.as_ref().and_then(entries)
        else {
            return Ok(());
        };
        if kind != 0 && found.len() < PARTS_MAX {
            found.extend(slice(disk, index, (at + start) * sector, len * sector));
        }
        if !is_chain(next_kind) {
            return Ok(());
        }
        at = first + next;
    }
    Ok(())
}
