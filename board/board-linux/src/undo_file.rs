//! The undo file of the program that makes file systems: which places it overwrote, and what stood there.
//!
//! The program itself compares no more than the super block, and ends well where it could not write; so both
//! are looked at here: before anything is put back, that every place still holds what formatting wrote, and
//! after it, that every place holds what was there before. It is read only, and nothing in it is believed
//! that does not fit the disk. The layout is that of e2fsprogs' "E2UNDO02". Start at [`UndoFile::read`].

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

const MAGIC: &[u8; 8] = b"E2UNDO02";
const HEADER_LEN: usize = 512;
const KEYS_MAGIC: u32 = 0xCADE_CADE;
/// A key, and the head of a block of keys, which takes the place of one.
const KEY_LEN: usize = 16;
/// The program takes blocks from 1 KiB to 1 MiB.
const BLOCK_LEN: std::ops::RangeInclusive<u64> = 1 << 10..=1 << 20;
/// And writes at most so many of them under one key.
const BLOCKS_MAX: u64 = 512;
/// More than any file of the size that is kept has.
const KEYS_MAX: u64 = 1 << 22;

/// A place that was overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Where in the file system.
    pub(crate) at: u64,
    /// Where in the undo file stands what was there.
    kept_at: u64,
    len: usize,
}

/// The places, in the order of the disk.
#[derive(Debug)]
pub(crate) struct UndoFile {
    file: File,
    pieces: Vec<Piece>,
}

impl UndoFile {
    /// Reads it, as far as it is about a file system of so many bytes.
    pub(crate) fn read(file: File, size: u64) -> io::Result<Self> {
        let mut head = [0; HEADER_LEN];
        file.read_exact_at(&mut head, 0)?;
        if head[..8] != *MAGIC {
            return Err(odd("it is no undo file"));
        }
        let (count, first) = (number(&head, 8, 8), number(&head, 24, 8));
        let (block, target) = (number(&head, 32, 4), number(&head, 36, 4));
        if !BLOCK_LEN.contains(&block) || !BLOCK_LEN.contains(&target) || count > KEYS_MAX {
            return Err(odd("its head makes no sense"));
        }
        let mut pieces = Vec::new();
        let (mut at, mut left) = (first, count);
        let per_block = block / KEY_LEN as u64 - 1;
        let mut keys = vec![0; usize::try_from(block).map_err(io::Error::other)?];
        while left > 0 {
            file.read_exact_at(&mut keys, times(at, block)?)?;
            if number(&keys, 0, 4) != u64::from(KEYS_MAGIC) {
                return Err(odd("its list of places makes no sense"));
            }
            at += 1;
            let here = usize::try_from(left.min(per_block)).map_err(io::Error::other)?;
            for key in keys.chunks_exact(KEY_LEN).skip(1).take(here) {
                let (to, len) = (times(number(key, 0, 8), target)?, number(key, 12, 4));
                if len > BLOCKS_MAX * block || to.checked_add(len).is_none_or(|end| end > size) {
                    return Err(odd("it names a place that the disk does not have"));
                }
                let len_here = usize::try_from(len).map_err(io::Error::other)?;
                pieces.push(Piece { at: to, kept_at: times(at, block)?, len: len_here });
                at += len.div_ceil(block);
            }
            left -= left.min(per_block);
        }
        pieces.sort_by_key(|piece| piece.at);
        Ok(Self { file, pieces })
    }

    /// What stands in all these places of a file system now, as one sum.
    pub(crate) fn sum_on(&self, device: &File) -> io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        let mut bytes = Vec::new();
        for piece in &self.pieces {
            bytes.resize(piece.len, 0);
            device.read_exact_at(&mut bytes, piece.at)?;
            hasher.update(&piece.at.to_le_bytes()).update(&bytes);
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Whether all of them hold what was there before.
    pub(crate) fn is_put_back(&self, device: &File) -> io::Result<bool> {
        let (mut kept, mut found) = (Vec::new(), Vec::new());
        for piece in &self.pieces {
            kept.resize(piece.len, 0);
            found.resize(piece.len, 0);
            self.file.read_exact_at(&mut kept, piece.kept_at)?;
            device.read_exact_at(&mut found, piece.at)?;
            if kept != found {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The sum of a whole file.
pub(crate) fn sum(mut file: File) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().to_hex().to_string()),
            len => hasher.update(&buffer[..len]),
        };
    }
}

fn times(count: u64, unit: u64) -> io::Result<u64> {
    count.checked_mul(unit).ok_or_else(|| odd("it names a place that no disk has"))
}

fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    bytes[at..at + len].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn odd(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the undo file: {what}"))
}
