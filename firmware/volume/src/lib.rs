//! One disk's share of the vault: a folder of sealed packs, and the only durable writes there are.
//!
//! A volume knows nothing of other volumes and holds no keys: it moves sealed bytes and checks
//! them by name (a pack's name is the BLAKE3 of its file). Copies, repair and crash recovery are
//! decided above; this crate offers the verbs. After a power cut: whatever a verb returned `Ok`
//! for is there, anything else is there whole or can be told from a whole one.
//! Folder layout: `docs/formats/volume.md`. Start reading at [`Volume`], then [`durable`].
#![warn(missing_docs)]

mod companions;
pub mod disk;
pub mod durable;
mod error;
mod fsdisk;
pub mod hosted;
mod layout;
mod open;
mod packs;
mod patient;
mod queue;
mod reader;
mod space;
mod superblocks;
mod trash;
mod volume;
mod waiting;
mod writer;

pub use companions::Companion;
pub use disk::{Disk, DiskFile, EntryKind, Listed, Space};
pub use error::{Finding, VolumeError, VolumeName};
pub use fsdisk::{FsDisk, holds_volume};
pub use layout::{COPIES_OF_KEYS, COPIES_OF_SUPERBLOCK, HeadFile};
pub use open::{OpenName, OpenPack, OpenPart};
pub use packs::{Imported, PackFile, PackVerdict};
pub use patient::{PatientDisk, hurried};
pub use reader::{PackReader, PackStream};
pub use space::reserve;
pub use superblocks::Identity;
pub use trash::Trashed;
pub use volume::Volume;
pub use waiting::Waiting;
pub use writer::{DEADLINE, Ticket, VolumeWriter};
