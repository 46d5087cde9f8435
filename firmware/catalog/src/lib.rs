//! Where every chunk is, and which volumes hold which pack: redb tables that may be deleted.
//!
//! A cache, never the truth: packs and heads are. Any error of an existing file is answered by
//! deleting it and starting empty ([`Opened::Discarded`]), and the caller fills it again from pack
//! trailers. After a crash the file is some earlier state of itself, all of it of one moment: the
//! notes written with a batch tell the caller from where to replay.
//! Only the first 16 bytes of a chunk's id are kept. Two chunks that share them (by chance 2^-80
//! at 20 million chunks; ids are keyed, so nobody outside can aim) would be one entry; whoever
//! reads a chunk compares its full id.
//! Start reading at [`Catalog`], then `runs`, which says why the chunk index is no plain table.
#![warn(missing_docs)]

mod batch;
mod catalog;
mod error;
mod filter;
mod guard;
mod numbered;
mod open;
mod rows;
mod runs;
mod tables;

use types::{ChunkId, PackId, SpaceId};

pub use batch::{Batch, Durability};
pub use catalog::{Catalog, Opened, Stats};
pub use error::CatalogError;
pub use numbered::{Numbered, Numbers, Rows};

/// The most volumes a catalog tells apart: they are bits of one word.
pub const VOLUMES_MAX: u8 = 64;

/// A pack's number in this catalog. Counts up from 0 and is never given twice; another catalog of
/// the same vault numbers differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackNo(pub u32);

impl PackNo {
    /// Its place in a list of everything by pack number.
    pub fn index(self) -> usize {
        usize::try_from(self.0).expect("usize holds 32 bits")
    }
}

/// A volume's bit in [`Catalog::presence`], 0 to 63. Given anew after [`Batch::forget_volume`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VolumeSlot(pub u8);

impl VolumeSlot {
    /// The word with only this volume's bit.
    pub fn bit(self) -> u64 {
        1_u64.checked_shl(u32::from(self.0)).unwrap_or(0)
    }
}

/// Where a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChunkPlace {
    /// The pack.
    pub pack: PackNo,
    /// The frame's number in the pack.
    pub frame: u16,
    /// Where the sealed frame begins in the pack's file.
    pub frame_offset: u32,
    /// Where the chunk begins in the frame's decompressed payload.
    pub raw_offset: u32,
    /// The chunk's plaintext length.
    pub len: u32,
}

/// One chunk of a pack, as [`Batch::add_chunks`] takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChunkEntry {
    /// The chunk.
    pub id: ChunkId,
    /// The frame's number in the pack.
    pub frame: u16,
    /// Where the sealed frame begins in the pack's file; under 16 MiB.
    pub frame_offset: u32,
    /// Where the chunk begins in the frame's decompressed payload; under 16 MiB.
    pub raw_offset: u32,
    /// The chunk's plaintext length; under 16 MiB.
    pub len: u32,
}

/// What may be done with a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackState {
    /// Read from it, point at it.
    Live,
    /// Tombstoned: still readable, but nothing new may point at it.
    Dying,
    /// Known, but no volume present holds a good copy.
    Missing,
}

/// What the catalog knows of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackInfo {
    /// Its name.
    pub id: PackId,
    /// The code of `format`'s pack kind.
    pub kind: u8,
    /// The space whose key opens it.
    pub space: SpaceId,
    /// Length of the file.
    pub len: u64,
    /// Sum of the plaintext lengths of its objects.
    pub raw_len: u64,
    /// How many objects it holds.
    pub objects: u32,
    /// What may be done with it.
    pub state: PackState,
}
