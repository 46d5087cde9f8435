//! Whole disks whose files are anything: opening a vault ends in a clear error or in a vault.
//!
//! `volume` is what a stranger with the disks can do, `vault` what somebody with the words can. A
//! vault that opened is then looked at and checked; one that was opened for writing is closed and
//! must open again: what recovery wrote is sound.

use std::sync::Arc;

use format::superblock::Superblock;
use testkit::simdisk::SimDisk;
use vault::{Access, CheckOptions, Secrets, Vault, VaultError};
use volume::{Disk, Volume};

use crate::feed::Feed;
use crate::folder::{self, base};
use crate::forge;
use crate::script::Script;
use crate::seeds::{self, Seed};

/// Steps of a script.
const STEPS_MAX: usize = 8;
/// Versions and entries that are looked at.
const LOOKED_AT_MAX: usize = 20;

/// Somebody who has the disks.
pub fn run_without_keys(data: &[u8]) {
    run(data, false);
}

/// Somebody who has the disks and the words.
pub fn run_with_keys(data: &[u8]) {
    run(data, true);
}

/// First byte: bit 0 opens for writing, bit 1 leaves out the second disk; then steps.
fn run(data: &[u8], with_keys: bool) {
    let mut feed = Feed::new(data);
    let how = feed.u8();
    let mut script = Script::new(base(), with_keys);
    for _ in 0..STEPS_MAX {
        if feed.is_empty() {
            break;
        }
        script.step(&mut feed);
    }
    let count = if how & 2 > 0 { 1 } else { 2 };
    let disks: Vec<SimDisk> = script.disks[..count]
        .iter()
        .enumerate()
        .map(|(n, files)| folder::disk(&format!("disk {n}"), files))
        .collect();
    if how & 4 > 0 {
        disks.iter().for_each(look_at_volume);
    }
    if how & 1 == 0 {
        if let Ok(vault) = open(&disks, Access::ReadOnly) {
            look(&vault);
        }
        return;
    }
    let Ok(vault) = open(&disks, Access::ReadWrite) else { return };
    look(&vault);
    if vault.close().is_err() {
        return;
    }
    drop(vault);
    if let Err(error) = open(&disks, Access::ReadWrite) {
        panic!("a vault that was opened and closed does not open again: {error}");
    }
}

fn open(disks: &[SimDisk], access: Access) -> Result<Vault, VaultError> {
    let words = forge::words();
    let disks = disks.iter().map(|disk| Arc::new(disk.clone()) as Arc<dyn Disk>).collect();
    let opened =
        Vault::open(folder::env(1), folder::options(), access, disks, None, Secrets::Words(&words));
    match opened {
        Ok((vault, report)) => {
            assert!(report.findings.iter().all(|found| !found.is_empty()));
            Ok(vault)
        }
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.advice().is_empty());
            Err(error)
        }
    }
}

/// Every verb that only reads.
fn look_at_volume(disk: &SimDisk) {
    let disk: Arc<dyn Disk> = Arc::new(disk.image("another disk"));
    let Ok((volume, _)) = Volume::open(disk) else { return };
    let block = volume.superblock();
    assert_eq!(Superblock::decode(&block.encode()), Ok(block), "what was read can be written");
    drop(volume.read_keys());
    for head in volume.list_heads().into_iter().flatten().take(LOOKED_AT_MAX) {
        drop(volume.read_head(&head.name));
    }
    let (packs, _) = volume.list_packs().unwrap_or_default();
    for pack in packs.iter().take(LOOKED_AT_MAX) {
        drop(volume.verify_pack(pack.id, pack.kind, false));
    }
    drop((volume.list_open(), volume.list_trash()));
}

fn look(vault: &Vault) {
    drop(vault.sources());
    for info in vault.snapshots(None).unwrap_or_default().iter().rev().take(LOOKED_AT_MAX) {
        let Ok(found) = vault.find_snapshot(&info.id.to_string()) else { continue };
        let mut left = LOOKED_AT_MAX;
        let listed = vault.list(&found, b"", true, &mut |_| {
            left -= 1;
            left > 0
        });
        drop(listed);
    }
    let options = CheckOptions { read_data: true, repair: false };
    drop(vault.check(options, &mut |_| true));
}

/// A script of each step without keys.
pub fn seeds_without_keys() -> Vec<Seed> {
    seeds_of(9)
}

/// A script of each step.
pub fn seeds_with_keys() -> Vec<Seed> {
    seeds_of(14)
}

fn seeds_of(steps: u8) -> Vec<Seed> {
    let mut all = vec![vec![0], vec![1], vec![2], vec![3], vec![4]];
    for (at, (_, decisions)) in seeds::feeds().into_iter().enumerate() {
        let how = [1, 0, 3, 1, 4, 1, 5][at % 7];
        for step in 0..steps {
            all.push([&[how, step][..], &decisions[..decisions.len().min(300)]].concat());
        }
    }
    all
}
