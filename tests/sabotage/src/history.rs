//! Heads, disks that come back or pretend to be another, and a catalog that is behind.

use std::collections::BTreeSet;

use format::head::{Envelope, HeadPayload};
use format::to_cbor;
use seal::{KeyRing, open_head, seal_head};
use testkit::simdisk::SimDisk;
use types::{HeadHash, UnixTime, VaultId};
use vault::{ListedEntry, Vault};
use volume::Disk;

use crate::home::{BOX, Home, close, must_be, put, said};
use crate::suite::Detector;

/// The newest heads are lost; the journal is replayed from the one before.
pub(crate) const REPLAY: Detector = Detector { name: "a replay from an older head", run: replay };
/// Heads that were changed after they were signed.
pub(crate) const FORGED_HEADS: Detector = Detector { name: "forged heads", run: forged_heads };
/// Two boxes with the same disks, and one disk of each.
pub(crate) const FORK: Detector = Detector { name: "one disk of each of two boxes", run: fork };
/// A disk and a copy of it, in place of two disks.
pub(crate) const CLONE: Detector = Detector { name: "a disk beside its clone", run: clone };
/// The catalog of yesterday.
pub(crate) const STALE_CATALOG: Detector =
    Detector { name: "yesterday's catalog", run: stale_catalog };

fn replay() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(2)?;
    put(&vault, "one", b"1")?;
    put(&vault, "one", b"another")?;
    said("close", vault.close())?;
    let all = said("list", vault.snapshots(Some(BOX)))?;
    let [first, _] = all.as_slice() else { return Err(format!("{} versions", all.len())) };
    said("forget", vault.forget(std::slice::from_ref(first)))?;
    drop(vault);
    for disk in &home.disks {
        let newest =
            disk.files().into_iter().map(|(path, _)| path).rfind(|p| p.starts_with("heads/"));
        let newest = newest.ok_or("there is no head")?;
        disk.unlink(&newest).map_err(|error| error.to_string())?;
    }
    let (vault, report) = home.open(&[0, 1])?;
    if report.replayed_commits == 0 {
        return Err("nothing was replayed".to_owned());
    }
    let ids: Vec<_> = said("list", vault.snapshots(None))?.iter().map(|info| info.id).collect();
    if ids.contains(&first.id) {
        return Err("a version that was forgotten came back".to_owned());
    }
    must_be(&vault, "one", b"another")
}

fn forged_heads() -> Result<(), String> {
    let home = Home::new(&[]);
    let rng = &*home.env.rng;
    let (_, ring) = KeyRing::create(VaultId([7; 16]), &home.words, None, rng);
    let payload = HeadPayload {
        commit_seq: 41,
        commit_hash: [3; 32],
        state: None,
        recent: Vec::new(),
        gone: Vec::new(),
        volumes: Vec::new(),
        copies: 2,
        retention_floor: UnixTime(0),
        time: UnixTime(1_700_000_000_000),
        keep: None,
        recovery: None,
    };
    let good = seal_head(&ring, 5, HeadHash([1; 32]), &payload, rng);
    open_head(&ring, &good).map_err(|error| format!("a good head is refused: {error}"))?;
    for at in 0..64 {
        let mut signature = good.signature;
        signature[at] ^= 1;
        let forged = Envelope { signature, ..good.clone() };
        let stored = Envelope::decode(&to_cbor(&forged)).map_err(|error| error.to_string())?;
        if open_head(&ring, &stored).is_ok() {
            return Err(format!("a head is believed whose signature differs in byte {at}"));
        }
    }
    Ok(())
}

fn fork() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(2)?;
    put(&vault, "one", b"1")?;
    close(vault)?;
    let other: Vec<_> = home.disks.iter().map(|disk| disk.image(&disk.serial())).collect();
    for (disks, path) in [(&home.disks, "here"), (&other, "there")] {
        home.lose_catalog()?;
        let (vault, _) = home.open_disks(disks.iter().cloned())?;
        put(&vault, path, path.as_bytes())?;
        close(vault)?;
    }
    home.lose_catalog()?;
    match home.open_disks([home.disks[0].clone(), other[1].clone()]) {
        Err(refused) if refused.contains("went on apart") => Ok(()),
        Err(other) => Err(format!("refused, and not for what it is: {other}")),
        Ok((vault, report)) => {
            let paths = all_paths(&vault)?;
            let lost = ["here", "there"].into_iter().find(|path| !paths.contains(*path));
            let lost = lost.map_or_else(String::new, |path| format!(", and {path:?} is forgotten"));
            Err(format!("two histories were joined without asking{lost}: {report:?}"))
        }
    }
}

/// What the versions hold, all of them.
fn all_paths(vault: &Vault) -> Result<BTreeSet<String>, String> {
    let mut paths = BTreeSet::new();
    for version in said("list", vault.snapshots(None))? {
        let found = said("find", vault.find_snapshot(&version.id.to_string()))?;
        let mut take = |listed: ListedEntry| {
            paths.insert(String::from_utf8_lossy(&listed.path).into_owned());
            true
        };
        said("list", vault.list(&found, b"", true, &mut take))?;
    }
    Ok(paths)
}

fn clone() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    close(home.create(2)?)?;
    let copy: SimDisk = home.disks[0].image("copy of a");
    let (vault, report) = home.open_disks([home.disks[0].clone(), copy.clone()])?;
    let takes_part = said("list", vault.volumes())?.iter().filter(|v| v.state == "member").count();
    if takes_part != 1 {
        return Err(format!("{takes_part} disks take part: one and its clone"));
    }
    let before = copy.change_count();
    let promised = put(&vault, "file", b"bytes")?.receipt.copies;
    if promised != 1 {
        return Err(format!("a disk and its clone: the receipt promises {promised} copies"));
    }
    if copy.change_count() != before || report.findings.is_empty() {
        return Err(format!("the clone took part: {report:?}"));
    }
    Ok(())
}

fn stale_catalog() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(2)?;
    put(&vault, "one", b"1")?;
    close(vault)?;
    let yesterday = home.dir.path().join("yesterday.redb");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        std::fs::copy(from, to).map(drop).map_err(|error| format!("the catalog: {error}"))
    };
    copy(&home.catalog(), &yesterday)?;
    let (vault, _) = home.open(&[0, 1])?;
    put(&vault, "two", b"2")?;
    close(vault)?;
    copy(&yesterday, &home.catalog())?;
    let (vault, _) = home.open(&[0, 1])?;
    must_be(&vault, "one", b"1")?;
    must_be(&vault, "two", b"2")
}
