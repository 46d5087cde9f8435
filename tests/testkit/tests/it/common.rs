//! Volumes on simulated disks, and packs that only look sealed.

use std::sync::Arc;

use format::pack::{PackHeader, PackKind, SUITE_AES256GCM_BLAKE3};
use format::superblock::Superblock;
use testkit::simdisk::SimDisk;
use types::{Bytes, PackId, SpaceId, UnixTime, VaultId, VolumeId};
use volume::{Volume, VolumeError};

pub(crate) fn disk() -> SimDisk {
    SimDisk::new("sim-1", Bytes(Bytes::MIB))
}

pub(crate) fn create(disk: &SimDisk) -> Result<Volume, VolumeError> {
    let superblock = Superblock {
        compat: 0,
        ro_compat: 0,
        incompat: 0,
        vault: VaultId([1; 16]),
        volume: VolumeId([2; 16]),
        generation: 1,
        created: UnixTime(0),
        serial: String::new(),
    };
    Volume::create(Arc::new(disk.clone()), superblock)
}

pub(crate) fn open(disk: &SimDisk) -> Result<Volume, VolumeError> {
    Volume::open(Arc::new(disk.clone())).map(|(volume, _)| volume)
}

/// Bytes that begin like a pack of that kind, and their name. Short, so that simulations are fast,
/// yet several sectors long, so that they can tear.
pub(crate) fn pack(kind: PackKind, seed: u8) -> (PackId, Vec<u8>) {
    let header = PackHeader {
        kind,
        suite: SUITE_AES256GCM_BLAKE3,
        vault: VaultId([1; 16]),
        space: SpaceId([3; 16]),
        epoch: 0,
        salt: [seed; 32],
        commitment: [seed; 32],
    };
    let mut bytes = header.encode().to_vec();
    bytes.extend((0..1_900_u32).map(|at| at.to_le_bytes()[0] | 1));
    (PackId(*blake3::hash(&bytes).as_bytes()), bytes)
}
