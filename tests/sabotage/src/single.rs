//! One volume alone: a pack that has its name keeps it, whatever the power does.
//!
//! The vault finds a pack under its old name too, so only here is it seen that a name was lost.

use std::sync::Arc;

use format::pack::{PackHeader, PackKind, SUITE_AES256GCM_BLAKE3};
use format::superblock::Superblock;
use testkit::dice::Dice;
use testkit::simdisk::SimDisk;
use types::{Bytes, PackId, SpaceId, UnixTime, VaultId, VolumeId};
use volume::{PackVerdict, Volume, VolumeError};

use crate::suite::Detector;

/// Packs that were brought to a volume, and the power cut after each.
pub(crate) const IMPORTS: Detector =
    Detector { name: "a new name, then a power cut", run: imports };

/// Choices of what the disk keeps, for each pack.
const CHOICES: u64 = 100;

fn told<T>(result: Result<T, VolumeError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn imports() -> Result<(), String> {
    let disk = SimDisk::new("a", Bytes(Bytes::MIB));
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
    let volume = told(Volume::create(Arc::new(disk.clone()), superblock))?;
    for seed in 1..4 {
        let (id, bytes) = pack(seed);
        told(volume.import_pack(PackKind::Data, id, &mut &bytes[..]))?;
        for choice in 0..CHOICES {
            let mut dice = Dice::new(u64::from(seed) * CHOICES + choice);
            let left = disk.crash(&mut |sides| dice.roll(sides));
            let (opened, _) = told(Volume::open(Arc::new(left)))?;
            if told(opened.verify_pack(id, PackKind::Data, true))? != PackVerdict::Good {
                return Err(format!("pack {} was acknowledged and has no name", id.short()));
            }
        }
    }
    Ok(())
}

/// Bytes that begin like a pack, and their name.
fn pack(seed: u8) -> (PackId, Vec<u8>) {
    let header = PackHeader {
        kind: PackKind::Data,
        suite: SUITE_AES256GCM_BLAKE3,
        vault: VaultId([1; 16]),
        space: SpaceId([3; 16]),
        epoch: 0,
        salt: [seed; 32],
        commitment: [seed; 32],
    };
    let mut bytes = header.encode().to_vec();
    bytes.extend([seed; 3_000]);
    (PackId(*blake3::hash(&bytes).as_bytes()), bytes)
}
