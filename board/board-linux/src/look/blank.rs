//! Whether anything at all is on a disk, and what is left of a file system that lost its table.
//!
//! A disk that is called blank is erased after one click, so every doubt says that it is not. Read
//! are both ends, every place where a file system at one of the usual starts of partitions keeps
//! something that outlives its own beginning, and samples, thickest near the front. Start at
//! [`is_blank`].

use std::io;
use std::ops::Range;

use super::signature::{self, Sign};
use super::source::Source;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// Read whole: the first super block of everything at the usual starts is in it, with the tables
/// and lists that follow.
const HEAD_LEN: u64 = 8 * MIB;
/// Read whole: partitions end up to 2 MiB before the disk does, and RAID, NTFS, HFS+ and ZFS keep a
/// second copy of what they are at their end.
const TAIL_LEN: u64 = 4 * MIB;
/// Where partitions start: of old systems, of all since 2010, and of cards.
const STARTS: [u64; 4] = [0, 63 * 512, MIB, 4 * MIB];
/// Behind the head of LVM, LUKS and RAID, from the start of what they are on.
const INNER_STARTS: [u64; 4] = [MIB, 16 * MIB, 128 * MIB, 129 * MIB];
/// What an inner file system needs to be seen: btrfs has its super block at 64 KiB.
const INNER_LEN: u64 = 72 * KIB;
/// Groups of ext2 to ext4 with a copy of the super block, after which more are only rarer.
const EXT_GROUPS: [u64; 9] = [1, 3, 5, 7, 9, 25, 27, 49, 81];
const EXT_BLOCKS: [u64; 4] = [KIB, 2 * KIB, 4 * KIB, 64 * KIB];
/// btrfs keeps copies at two fixed places, NTFS as Windows makes it has its table of files at a third.
const FIXED: [u64; 3] = [64 * MIB, 256 * GIB, 3 * GIB];
/// Places of one kind are as long.
const SPOT_LEN: u64 = 4 * KIB;
/// XFS divides a disk into four, or into parts of 1 TiB, each with a super block; where exactly depends
/// on where the partition begins and ends.
const XFS_BEFORE: u64 = 2 * MIB;
const XFS_AFTER: u64 = 4 * MIB + 64 * KIB;
/// Evenly spread.
const SAMPLES: u64 = 64;
const SAMPLE_LEN: u64 = 16 * KIB;
/// Each further sample is this much deeper, in percent: few files on a large disk lie at its front.
const DEEPER: u64 = 110;
/// No disk is that large; the bound ends the series.
const DEEPER_MAX: usize = 256;
/// One read.
const READ_LEN: u64 = MIB;

/// Whether nothing at all was found, in some ten seconds at most on a disk that turns.
pub(super) fn is_blank(source: &Source<'_>) -> io::Result<bool> {
    // Flash that was never written reads as zeros or as ones.
    let same = source.up_to(0, 1)?.first().copied().unwrap_or(0);
    if !matches!(same, 0 | 0xff) {
        return Ok(false);
    }
    for place in places(source.len) {
        let mut at = place.start;
        while at < place.end {
            let bytes = source.up_to(at, READ_LEN.min(place.end - at))?;
            if bytes.iter().any(|byte| *byte != same) {
                return Ok(false);
            }
            at += READ_LEN;
        }
    }
    Ok(true)
}

/// Everything that is read, in order and without overlaps.
pub(crate) fn places(len: u64) -> Vec<Range<u64>> {
    let mut all = vec![0..HEAD_LEN, len.saturating_sub(TAIL_LEN)..len];
    all.extend(ext_copies().map(|(at, _)| at..at + SPOT_LEN));
    for start in STARTS {
        all.extend(FIXED.map(|at| start + at..start + at + SPOT_LEN));
        all.extend(INNER_STARTS.map(|at| start + at..start + at + INNER_LEN));
    }
    let parts = (1..=3).map(|part| len / 4 * part);
    let parts = parts.chain((1..=len / TIB).map(|part| part * TIB));
    all.extend(parts.map(|at| at.saturating_sub(XFS_BEFORE)..at + XFS_AFTER));
    let even = (1..=SAMPLES).map(|sample| len / (SAMPLES + 1) * sample / SAMPLE_LEN * SAMPLE_LEN);
    let deeper = std::iter::successors(Some(HEAD_LEN), |at| Some(at / 100 * DEEPER));
    let samples = even.chain(deeper.take_while(|at| *at < len).take(DEEPER_MAX));
    all.extend(samples.map(|at| at..at + SAMPLE_LEN));
    all.sort_by_key(|place| place.start);
    let mut apart: Vec<Range<u64>> = Vec::new();
    for place in all {
        let place = place.start.min(len)..place.end.min(len);
        match apart.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => apart.push(place),
        }
    }
    apart
}

/// Where copies of ext super blocks are, and for which group.
fn ext_copies() -> impl Iterator<Item = (u64, u64)> {
    STARTS.into_iter().flat_map(|start| {
        EXT_BLOCKS.into_iter().flat_map(move |block| {
            // A group is as long as one block of bits can say, and with small blocks one later.
            let first = if block == KIB { block } else { 0 };
            EXT_GROUPS.map(move |group| (start + first + group * 8 * block * block, group))
        })
    })
}

/// What can still be told of a file system whose table is gone: at the first of the usual starts that
/// shows one, or from a copy of its super block.
pub(super) fn traces(source: &Source<'_>) -> io::Result<Vec<Sign>> {
    let from = |start: u64| source.part(start, source.len.checked_sub(start)?);
    for start in STARTS.into_iter().filter(|start| *start > 0) {
        if let Some(part) = from(start)
            && let Some(sign) = signature::of(&part)?
        {
            return Ok(vec![sign]);
        }
    }
    for (at, group) in ext_copies() {
        if let Some(sign) = signature::ext_copy(source, at, group)? {
            return Ok(vec![sign]);
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::super::source::ReadAt;
    use super::*;

    /// A disk of any size that is all zeros but for one piece.
    struct Sparse {
        piece: (u64, Vec<u8>),
    }

    impl ReadAt for Sparse {
        fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            out.fill(0);
            let (at, bytes) = &self.piece;
            for (byte, place) in bytes.iter().zip(*at..) {
                let inside = place.checked_sub(offset).and_then(|at| usize::try_from(at).ok());
                if let Some(seen) = inside.and_then(|at| out.get_mut(at)) {
                    *seen = *byte;
                }
            }
            Ok(())
        }
    }

    fn seen(size: u64, at: u64, bytes: &[u8]) -> super::super::Surface {
        let disk = Sparse { piece: (at, bytes.to_vec()) };
        super::super::surface(&disk, size, 512).unwrap()
    }

    const SIZES: [u64; 4] = [32_015_679_488, 500_107_862_016, 4_000_787_030_016, 22 * TIB];

    fn is_read(size: u64, at: u64) -> bool {
        places(size).iter().any(|place| place.contains(&at))
    }

    fn ext4(group: u16) -> Vec<u8> {
        let mut block = vec![0; 136];
        block[56..58].copy_from_slice(&[0x53, 0xef]);
        block[90..92].copy_from_slice(&group.to_le_bytes());
        block[96] = 0x40;
        block[120..126].copy_from_slice(b"PHOTOS");
        block
    }

    /// Only the beginning and 64 samples were read, so a disk that had lost its table could be called
    /// blank, and was then erased after one click.
    #[test]
    fn one_super_block_at_any_usual_start_makes_a_disk_not_blank_and_is_named() {
        let magics: [(u64, &[u8], &str); 7] = [
            (1024, &ext4(0), "ext4"),
            (0, b"XFSB", "xfs"),
            (0x1_0040, b"_BHRfS_M", "btrfs"),
            (3, b"NTFS    ", "ntfs"),
            (3, b"EXFAT   ", "exfat"),
            (0, b"LUKS\xba\xbe", "luks"),
            (512, b"LABELONE", "lvm"),
        ];
        for size in [SIZES[0], SIZES[2]] {
            assert!(seen(size, 0, &[]).blank, "or this would show nothing");
            for start in &STARTS[1..] {
                for (at, bytes, name) in magics {
                    let surface = seen(size, start + at, bytes);
                    assert!(!surface.blank, "{name} at {start} on {size}");
                    let named: Vec<&str> =
                        surface.traces.iter().map(|sign| sign.kind.word()).collect();
                    assert_eq!(named, [name], "at {start} on {size}");
                }
            }
        }
    }

    #[test]
    fn a_copy_of_a_super_block_is_enough_when_the_beginning_is_wiped() {
        for size in SIZES {
            let copies = ext_copies().filter(|(at, _)| *at + KIB <= size);
            for (at, group) in copies.step_by(7) {
                let disk = Sparse { piece: (at, ext4(u16::try_from(group).unwrap())) };
                let source = Source { disk: &disk, start: 0, len: size };
                assert_eq!(traces(&source).unwrap()[0].label.as_deref(), Some("PHOTOS"));
                assert!(is_read(size, at + 56), "group {group} at {at}");
            }
            for start in STARTS {
                for (block, group) in [(1024, 1), (1024, 9), (4096, 1), (4096, 3), (4096, 25)] {
                    let first = if block == 1024 { 1024 } else { 0 };
                    let at = start + first + 8 * block * block * group;
                    assert!(at > size || is_read(size, at + 56), "group {group} from {start}");
                }
                for at in [64 * MIB + 0x40, 3 * GIB, 16 * MIB, 128 * MIB + 1024] {
                    assert!(is_read(size, start + at), "{at} from {start} on {size}");
                }
            }
        }
        let size = SIZES[0];
        assert!(!seen(size, 128 * MIB + 56, &[0x53, 0xef]).blank);
        assert!(seen(size, 129 * MIB - 56, &[0x53, 0xef]).blank, "or this would show nothing");
    }

    /// Ends of partitions: at the end of the disk, before the second GPT, or at a whole MiB.
    #[test]
    fn what_lies_at_the_end_of_a_partition_or_at_a_part_of_it_is_read() {
        for size in SIZES {
            for end in [size, size - 34 * 512, (size - MIB) / MIB * MIB] {
                let raid = [(end & !0xffff) - 0x1_0000, (end - 8192) & !0xfff];
                for at in raid.into_iter().chain([end - 512, end - 1024]) {
                    assert!(is_read(size, at), "{at} of {size}");
                }
                for start in STARTS {
                    let blocks = (end - start) / 4096;
                    // As large as XFS makes its parts, a block less than 1 TiB at most.
                    let part = if end - start < 4 * TIB { blocks.div_ceil(4) } else { GIB / 4 - 1 };
                    for number in 1..(blocks / part).min(30) {
                        assert!(is_read(size, start + number * part * 4096), "{number} of {size}");
                    }
                }
            }
        }
        let size = SIZES[0];
        assert!(!seen(size, size - 0x1_0000, &[0xfc, 0x4e, 0x2b, 0xa9]).blank);
    }

    #[test]
    fn no_more_is_read_than_an_owner_waits_for() {
        for size in SIZES {
            let places = places(size);
            let bytes: u64 = places.iter().map(|place| place.end - place.start).sum();
            assert!(places.len() < 500, "{} places of {size}", places.len());
            assert!(bytes < 200 * MIB, "{bytes} bytes of {size}");
            assert!(places.windows(2).all(|pair| pair[0].end < pair[1].start));
            assert_eq!(places.last().map(|place| place.end), Some(size));
        }
    }
}
