//! Volumes that belong to no vault in particular, and packs that only look sealed.
//!
//! Nothing here needs a key: a volume knows a pack by its first bytes and by the hash of all of
//! them. Start at [`create`] and [`pack`].

use std::sync::Arc;

use format::pack::{PackHeader, PackKind, SUITE_AES256GCM_BLAKE3};
use format::superblock::Superblock;
use types::{Bytes, PackId, SpaceId, UnixTime, VaultId, VolumeId};
use volume::{Disk, Volume, VolumeError};

use crate::simdisk::SimDisk;

/// The vault that all these volumes and packs say they belong to.
pub const VAULT: VaultId = VaultId([1; 16]);

/// Bytes of a pack behind its header: few, so that simulations are fast, yet several sectors, so
/// that they can tear.
const BODY_LEN: u32 = 1_900;

/// What a volume that was made a moment ago says of itself.
pub fn superblock() -> Superblock {
    Superblock {
        compat: 0,
        ro_compat: 0,
        incompat: 0,
        vault: VAULT,
        volume: VolumeId([2; 16]),
        generation: 1,
        created: UnixTime(1_700_000_000_000),
        serial: String::new(),
    }
}

/// A disk in memory, as small as it may be.
pub fn disk() -> SimDisk {
    SimDisk::new("sim-1", Bytes(Bytes::MIB))
}

/// Makes a volume on an empty disk in memory.
pub fn create(disk: &SimDisk) -> Result<Volume, VolumeError> {
    create_on(Arc::new(disk.clone()))
}

/// Makes a volume on any empty disk.
pub fn create_on(disk: Arc<dyn Disk>) -> Result<Volume, VolumeError> {
    Volume::create(disk, superblock())
}

/// Opens the volume on a disk in memory.
pub fn open(disk: &SimDisk) -> Result<Volume, VolumeError> {
    Volume::open(Arc::new(disk.clone())).map(|(volume, _)| volume)
}

/// Bytes that begin like a pack of that kind, and their name. None of the others is zero, as what a
/// power cut leaves of them may be.
pub fn pack(kind: PackKind, seed: u8) -> (PackId, Vec<u8>) {
    let header = PackHeader {
        kind,
        suite: SUITE_AES256GCM_BLAKE3,
        vault: VAULT,
        space: SpaceId([3; 16]),
        epoch: 0,
        salt: [seed; 32],
        commitment: [seed; 32],
    };
    let mut bytes = header.encode().to_vec();
    bytes.extend((0..BODY_LEN).map(|at| (at.to_le_bytes()[0] ^ seed) | 1));
    (PackId(*blake3::hash(&bytes).as_bytes()), bytes)
}
