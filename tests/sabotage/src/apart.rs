//! Where copies go: on distinct disks, not into the reserve, and away before a disk is let go.

use std::sync::Arc;

use plan::placement::choose_targets;
use plan::{VolumeFacts, VolumeState};
use testkit::dice::Dice;
use testkit::simdisk::SimDisk;
use types::{Bytes, VolumeId};
use volume::Disk;

use crate::home::{Home, close, forget_all, must_be, noise, prune, put, quiet, said, volume_on};
use crate::suite::Detector;

/// The targets of new packs.
pub(crate) const TARGETS: Detector = Detector { name: "targets of new packs", run: targets };
/// Disks that are filled until the vault refuses.
pub(crate) const FULL_DISKS: Detector = Detector { name: "filled until refused", run: full_disks };
/// A disk retired while the other has no room.
pub(crate) const DRAINING: Detector =
    Detector { name: "retiring without room elsewhere", run: draining };

/// A disk that took something alone and is away after a kill.
pub(crate) const ONE_WAS_ALONE: Detector =
    Detector { name: "one disk was alone before a kill", run: one_was_alone };

/// Draws boxes with several volumes on some disks and looks at where packs would go.
fn targets() -> Result<(), String> {
    let mut dice = Dice::new(6);
    let mut shared = 0;
    for _ in 0..2_000 {
        let count = u8::try_from(2 + dice.roll(6)).expect("few volumes");
        let volumes: Vec<VolumeFacts> = (0..count)
            .map(|slot| VolumeFacts {
                id: VolumeId([slot; 16]),
                slot,
                serial: format!("disk-{}", dice.roll(4)),
                state: VolumeState::Member,
                free: Bytes(u64::from(dice.roll(1_000)) * Bytes::MIB),
                size: Bytes(Bytes::GIB),
            })
            .collect();
        let copies = u8::try_from(1 + dice.roll(3)).expect("few copies");
        let Ok(chosen) = choose_targets(&volumes, copies, Bytes(16 * Bytes::MIB)) else { continue };
        let serial = |id: &VolumeId| &volumes[usize::from(id.0[0])].serial;
        for (n, id) in chosen.ids.iter().enumerate() {
            if chosen.ids[..n].iter().any(|other| serial(other) == serial(id)) {
                return Err(format!("two copies on one disk: {:?} of {volumes:?}", chosen.ids));
            }
        }
        shared += u32::from(usize::from(count) > chosen.got);
    }
    if shared == 0 { Err("no box had a volume to pass over".to_owned()) } else { Ok(()) }
}

const SMALL: Bytes = Bytes(64 * Bytes::MIB);

fn full_disks() -> Result<(), String> {
    let home = Home::with_disks(["a", "b"].map(|name| SimDisk::new(name, SMALL)));
    let vault = home.create(2)?;
    let mut stored = 0;
    while let Ok(_stored) = put(&vault, &format!("file-{stored}"), &noise(stored, 3 << 20)) {
        stored += 1;
        if stored > 40 {
            return Err("the disks never fill up".to_owned());
        }
    }
    if stored < 5 {
        return Err(format!("refused after {stored} files"));
    }
    let reserve = volume::reserve(SMALL);
    for disk in &home.disks {
        let free = disk.space().map_err(|error| error.to_string())?.free;
        if free < reserve {
            return Err(format!("{free} are left of the reserve of {reserve}"));
        }
    }
    // What the reserve is for: there is room to let go.
    forget_all(&vault)?;
    prune(&vault).map(drop)
}

fn draining() -> Result<(), String> {
    // Three packs, of which the small disk has room for one.
    let disk = |name, mib: u64| SimDisk::new(name, Bytes(mib * Bytes::MIB));
    let home = Home::with_disks([disk("a", 1024), disk("b", 32), disk("c", 1024)]);
    let vault = home.create_on(&[0, 1], 1)?;
    let bytes: Vec<_> = (0..3).map(|n| noise(n, 12 << 20)).collect();
    for (n, bytes) in bytes.iter().enumerate() {
        put(&vault, &format!("file-{n}"), bytes)?;
        said("close", vault.close())?;
    }
    let on_a = volume_on(&vault, "a")?;
    let report = said("retire", vault.retire(on_a, &mut quiet))?;
    if report.drained {
        return Err("the disk was let go, and the other had no room for what is on it".to_owned());
    }
    let new = Arc::new(home.disks[2].clone());
    said("add", vault.add_volume(new, &mut quiet))?;
    let report = said("retire", vault.retire(on_a, &mut quiet))?;
    if !report.drained {
        return Err(format!("there is room now: {report:?}"));
    }
    close(vault)?;
    let (vault, _) = home.open(&[1, 2])?;
    let mut files = bytes.iter().enumerate();
    files.try_for_each(|(n, bytes)| must_be(&vault, &format!("file-{n}"), bytes))
}

/// What one disk took alone, before a kill, is not given up because nobody else knows of it.
fn one_was_alone() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    close(home.create(2)?)?;
    let (vault, _) = home.open(&[1])?;
    put(&vault, "letter", b"Dear Ada")?;
    let alone = volume_on(&vault, "b")?;
    drop(vault);
    let (vault, _) = home.open(&[0])?;
    if vault.remove(alone, false).is_ok() {
        return Err("the newest version is lost with a disk that was only away".to_owned());
    }
    drop(vault);
    let (vault, _) = home.open(&[0, 1])?;
    must_be(&vault, "letter", b"Dear Ada")
}
