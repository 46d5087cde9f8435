//! A volume in a temporary folder, and packs that only look sealed.

use std::path::Path;
use std::sync::Arc;

use format::pack::{PackHeader, PackKind, SUITE_AES256GCM_BLAKE3};
use format::superblock::Superblock;
use types::{PackId, SpaceId, UnixTime, VaultId, VolumeId};
use volume::{FsDisk, Volume};

pub(crate) fn superblock() -> Superblock {
    Superblock {
        compat: 0,
        ro_compat: 0,
        incompat: 0,
        vault: VaultId([1; 16]),
        volume: VolumeId([2; 16]),
        generation: 1,
        created: UnixTime(1_700_000_000_000),
        serial: String::new(),
    }
}

pub(crate) fn create(dir: &Path) -> Volume {
    let disk = FsDisk::create(dir, None).expect("the folder is empty");
    Volume::create(Arc::new(disk), superblock()).expect("the folder is empty")
}

pub(crate) fn open(dir: &Path) -> Volume {
    let disk = FsDisk::open(dir, None).expect("a volume was made here");
    Volume::open(Arc::new(disk)).expect("a volume was made here").0
}

/// Bytes that begin like a pack of that kind, and their name.
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
    bytes.extend((0..40_000_u32).map(|at| at.to_le_bytes()[0] ^ seed));
    (PackId(*blake3::hash(&bytes).as_bytes()), bytes)
}

/// Where a sealed pack lies, seen from the folder that the owner named.
pub(crate) fn pack_path(dir: &Path, id: PackId, kind: &str) -> std::path::PathBuf {
    let id = id.to_string();
    dir.join("holdfast").join(kind).join(&id[..2]).join(format!("{id}.pack"))
}
