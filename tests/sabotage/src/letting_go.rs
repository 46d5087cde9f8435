//! Forgetting and pruning: nothing goes before its time, nor with anything that is needed.

use std::sync::Arc;

use plan::gc::{Blockers, GcFacts, GcPack, collect};
use testkit::dice::Dice;
use testkit::simdisk::SimDisk;
use types::{Bytes, Clock, Millis, SpaceId, UnixTime};
use vault::Vault;
use volume::Disk;

use crate::home::{
    Home, check, close, forget_all, must_be, noise, prune, prune_now, put, quiet, said, volume_on,
};
use crate::suite::Detector;

/// A forgotten version's packs within their grace.
pub(crate) const GRACE: Detector = Detector { name: "the grace of what was forgotten", run: grace };
/// The last copy of something stands in a pack that is to go.
pub(crate) const LAST_COPY_IS_TO_GO: Detector =
    Detector { name: "the last copy waits to go", run: last_copy_is_to_go };
/// Pruning, with the power cut at every change.
pub(crate) const CUTS_WHILE_PRUNING: Detector =
    Detector { name: "pruning, then a power cut", run: cuts_while_pruning };
/// Pruning with a disk away.
pub(crate) const DISK_AWAY: Detector =
    Detector { name: "pruning with a disk away", run: disk_away };
/// A run that would take most of a large vault.
pub(crate) const LARGE_SHARE: Detector =
    Detector { name: "most of a large vault", run: large_share };
/// Pruning after the clock went back.
pub(crate) const CLOCK_BACK: Detector =
    Detector { name: "pruning after the clock went back", run: clock_back };
/// Pruning with a catalog that was made anew.
pub(crate) const NEW_CATALOG: Detector =
    Detector { name: "pruning with a new catalog", run: new_catalog };
/// Forgotten bytes that are stored again, and then all disks are exchanged.
pub(crate) const BYTES_COME_BACK: Detector =
    Detector { name: "forgotten bytes come back", run: bytes_come_back };

const LEN: usize = 800_000;

/// Changes of the disk after which the pruning of one small pack is over.
const CHANGES_MAX: u64 = 200;

/// Paths of data packs on a disk, in the trash too.
fn data_packs(disk: &SimDisk) -> Vec<String> {
    let long = disk.files().into_iter().filter(|(_, bytes)| bytes.len() > LEN);
    let paths = long.map(|(path, _)| path);
    paths.filter(|path| path.starts_with("data/") || path.starts_with("trash/")).collect()
}

fn grace() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(2)?;
    put(&vault, "file", &noise(1, LEN))?;
    said("close", vault.close())?;
    forget_all(&vault)?;
    // A month of grace in its place, a week in the trash; each day is looked at once.
    for day in 0..60 {
        prune(&vault)?;
        let here = data_packs(&home.disks[0]);
        let in_place = here.iter().any(|path| path.starts_with("data/"));
        match day {
            0..30 if !in_place => {
                return Err(format!(
                    "on day {day}, before its time, what was forgotten is {here:?}"
                ));
            }
            0..37 if here.is_empty() => {
                return Err(format!("on day {day}, before its time, what was forgotten is gone"));
            }
            _ if here.is_empty() => return Ok(()),
            _ => home.pass_days(1),
        }
    }
    Err("what was forgotten never goes".to_owned())
}

/// Stored, forgotten, stored again in a new pack; then the new pack vanishes from every disk.
fn last_copy_is_to_go() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let bytes = noise(1, LEN);
    let vault = home.create(2)?;
    put(&vault, "file", &bytes)?;
    said("close", vault.close())?;
    let old = data_packs(&home.disks[0]);
    forget_all(&vault)?;
    prune(&vault)?;
    put(&vault, "file", &bytes)?;
    close(vault)?;
    let mut vanished = 0;
    for disk in &home.disks {
        for path in data_packs(disk).iter().filter(|path| !old.contains(path)) {
            disk.unlink(path).map_err(|error| error.to_string())?;
            vanished += 1;
        }
    }
    if vanished != 2 {
        return Err(format!("{vanished} new packs instead of one on each disk"));
    }
    home.lose_catalog()?;
    let (vault, _) = home.open(&[0, 1])?;
    must_be(&vault, "file", &bytes)?;
    check(&vault, true)?;
    for _ in 0..3 {
        home.pass_days(40);
        prune(&vault).map_err(|why| format!("the last copy is lost: {why}"))?;
    }
    must_be(&vault, "file", &bytes)
}

/// What nobody needs any more goes at once, and the power with it.
fn cuts_while_pruning() -> Result<(), String> {
    let mut gone = 0;
    for cut in 0..CHANGES_MAX {
        let home = Home::new(&["a"]);
        let vault = home.create(1)?;
        put(&vault, "file", &noise(1, LEN))?;
        said("close", vault.close())?;
        forget_all(&vault)?;
        home.disks[0].cut_after(cut);
        let whole = prune_now(&vault).is_ok();
        drop(vault);
        let mut dice = Dice::new(cut);
        let left = home.disks[0].crash(&mut |sides| dice.roll(sides));
        gone += u32::from(data_packs(&left).is_empty());
        home.lose_catalog()?;
        let (_, report) = home.open_disks([left])?;
        if !report.missing_packs.is_empty() {
            let missing = &report.missing_packs;
            return Err(format!("change {cut}: {missing:?} went, and are still counted on"));
        }
        match whole {
            false => {}
            true if gone > 1 => return Ok(()),
            true => return Err(format!("of {cut} cuts, {gone} came after a pack went")),
        }
    }
    Err(format!("{CHANGES_MAX} changes, and pruning goes on"))
}

/// Complains unless pruning says no, with these words.
fn must_be_refused(vault: &Vault, words: &str) -> Result<(), String> {
    match prune(vault) {
        Err(refused) if refused.contains(words) => Ok(()),
        other => Err(format!("pruning is not refused with {words:?}: {other:?}")),
    }
}

fn disk_away() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(1)?;
    put(&vault, "file", &noise(1, LEN))?;
    close(vault)?;
    let (vault, _) = home.open(&[0])?;
    must_be_refused(&vault, "not all disks are here")
}

/// Only the decision: a vault of this size would take too long to make.
fn large_share() -> Result<(), String> {
    let pack = |no: u32, raw_live: u64| GcPack {
        no,
        kind: plan::PackKind::Data,
        space: SpaceId([3; 16]),
        len: Bytes(16 * Bytes::MIB),
        raw_total: 16 << 20,
        raw_live,
        sealed_since_mark: false,
        touched_since_mark: false,
        tombstone: None,
        in_trash_since: None,
    };
    let going = |dead: u32| {
        let packs: Vec<_> =
            (0..100).map(|no| pack(no, if no < dead { 0 } else { 16 << 20 })).collect();
        let facts = GcFacts {
            packs,
            now: UnixTime(1_800_000_000_000),
            grace: Millis::from_days(30),
            trash: Millis::from_days(7),
            vault_total: Bytes(1_600 * Bytes::MIB),
            blockers: Blockers::default(),
            max_share_percent: 30,
        };
        collect(&facts).map(|actions| actions.len())
    };
    if going(30) != Ok(30) {
        return Err(format!("three tenths of the vault may go: {:?}", going(30)));
    }
    match going(31) {
        Err(_) => Ok(()),
        Ok(count) => Err(format!("{count} packs of 100 go at once, and nobody asks")),
    }
}

fn clock_back() -> Result<(), String> {
    let home = Home::new(&["a"]);
    let vault = home.create(1)?;
    put(&vault, "file", &noise(1, LEN))?;
    said("close", vault.close())?;
    let now = home.clock.now();
    home.clock.jump_to(UnixTime(now.0 - 3 * 24 * 3_600_000));
    must_be_refused(&vault, "the clock jumped")?;
    home.clock.jump_to(now);
    prune(&vault).map(drop)
}

fn new_catalog() -> Result<(), String> {
    let home = Home::new(&["a"]);
    let vault = home.create(1)?;
    put(&vault, "file", &noise(1, LEN))?;
    close(vault)?;
    home.lose_catalog()?;
    let (vault, _) = home.open(&[0])?;
    must_be_refused(&vault, "not checked since")?;
    check(&vault, false)?;
    prune(&vault).map(drop)
}

fn bytes_come_back() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let bytes = noise(1, LEN);
    let vault = home.create(2)?;
    put(&vault, "file", &bytes)?;
    said("close", vault.close())?;
    forget_all(&vault)?;
    prune(&vault)?;
    put(&vault, "file", &bytes)?;
    // Each old disk is replaced by a new one: what waits to go is not taken along.
    let new = ["c", "d"].map(|name| SimDisk::new(name, Bytes(4 * Bytes::GIB)));
    for (old, disk) in ["a", "b"].into_iter().zip(&new) {
        let id = volume_on(&vault, old)?;
        let report = said(
            "replace",
            vault.replace(id, Arc::new(disk.clone()) as Arc<dyn Disk>, &mut quiet),
        )?;
        if !report.failed.is_empty() {
            return Err(format!("{report:?}"));
        }
    }
    must_be(&vault, "file", &bytes)
}
