//! The golden volumes of `tests/golden/v1`: a vault of this format version, kept for ever.
//!
//! They are never written: each test works on a copy. A newer Holdfast must read them and go on
//! writing to them; when one of these tests fails, the format has changed, and the volumes of
//! owners have not. `make` wrote them, once, and is not run again for this version.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test's own files; it stops")]

mod look;
mod make;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use seal::Words;
use serde_json::{Value, json};
use testkit::env::{ManualClock, SeededRng};
use types::UnixTime;
use vault::{
    Access, BackupSpec, CheckOptions, Env, OpenReport, Options, RestoreOptions, RestoreReport,
    Secrets, Vault, WriterMode,
};
use volume::{Disk, FsDisk};

/// The disks and what their hardware calls itself, so that a copy of one is not a clone.
const DISKS: [(&str, &str); 2] = [("disk1", "GOLDEN-1"), ("disk2", "GOLDEN-2")];

fn quiet(_: vault::Progress) -> bool {
    true
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/v1")
}

/// A clock after the golden vault's last commit, and random bytes that it never used.
fn later() -> Env {
    let clock = Arc::new(ManualClock::at(UnixTime(1_900_000_000_000)));
    Env { clock, rng: Arc::new(SeededRng::new(2)) }
}

fn options() -> Options {
    Options { writers: WriterMode::Inline, ..Options::default() }
}

/// A copy of the golden volumes that a test may do with as it likes.
fn copy() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (disk, _) in DISKS {
        look::copy(&golden().join(disk), &dir.path().join(disk));
    }
    dir
}

fn open(dir: &Path, disks: &[(&str, &str)], access: Access) -> (Vault, OpenReport) {
    let words = Words::parse(&std::fs::read_to_string(golden().join("kit.txt")).unwrap()).unwrap();
    let folder = |(disk, serial): &(&str, &str)| -> Arc<dyn Disk> {
        Arc::new(FsDisk::open(&dir.join(disk), Some((*serial).to_owned())).unwrap())
    };
    let disks = disks.iter().map(folder).collect();
    Vault::open(later(), options(), access, disks, None, Secrets::Words(&words)).unwrap()
}

fn restore(vault: &Vault, snapshot: &str, to: &Path) -> RestoreReport {
    let found = vault.find_snapshot(snapshot).unwrap();
    vault.restore(&found, b"", to, RestoreOptions::default(), &mut quiet).unwrap()
}

/// Every snapshot: what is listed, and what comes back when it is restored.
fn contents(vault: &Vault) -> Value {
    let mut all = Vec::new();
    for snapshot in vault.snapshots(None).unwrap() {
        let to = tempfile::tempdir().unwrap();
        let id = snapshot.id.to_string();
        let report = restore(vault, &id, to.path());
        if look::is_root() {
            assert_eq!((report.lost_count, report.shortfall_count), (0, 0), "{report:?}");
        }
        let (source, received) = (snapshot.source_name, snapshot.received.0);
        let entries = look::describe(to.path());
        all.push(json!({ "source": source, "id": id, "received": received, "entries": entries }));
    }
    json!({ "snapshots": all })
}

/// What must be found, as far as this user can restore it.
fn expected_here() -> Value {
    let bytes = std::fs::read(golden().join("expected.json")).unwrap();
    let mut expected = serde_json::from_slice(&bytes).unwrap();
    if !look::is_root() {
        look::drop_what_needs_root(&mut expected);
    }
    expected
}

fn check_contents(vault: &Vault) {
    let found = contents(vault);
    assert_eq!(found, expected_here(), "{found:#}");
}

#[test]
fn the_golden_volumes_are_read_without_a_write() {
    let dir = copy();
    let before = look::bytes_below(dir.path());
    let (vault, report) = open(dir.path(), &DISKS, Access::ReadOnly);
    assert!(report.replayed_commits > 0, "their last commits are in open packs: {report:?}");
    check_contents(&vault);
    vault.close().unwrap();
    assert_eq!(look::bytes_below(dir.path()), before);
}

#[test]
fn either_golden_volume_holds_everything() {
    for disk in DISKS {
        let dir = copy();
        let (vault, _) = open(dir.path(), &[disk], Access::ReadOnly);
        check_contents(&vault);
    }
}

#[test]
fn the_golden_volumes_can_be_written_and_keep_what_they_had() {
    let dir = copy();
    let (vault, report) = open(dir.path(), &DISKS, Access::ReadWrite);
    assert!(report.recovered_packs > 0, "{report:?}");
    check_contents(&vault);
    let check = vault.check(CheckOptions { read_data: true, repair: false }, &mut quiet).unwrap();
    assert!(check.is_clean(), "{check:?}");

    let more = dir.path().join("more");
    std::fs::create_dir(&more).unwrap();
    std::fs::write(more.join("new"), b"written by a newer Holdfast\n").unwrap();
    let spec = BackupSpec { source: "more".to_owned(), paths: vec![more], ..BackupSpec::default() };
    vault.backup(&spec, &mut quiet).unwrap();
    vault.close().unwrap();
    drop(vault);

    let (vault, _) = open(dir.path(), &DISKS, Access::ReadOnly);
    let mut found = contents(&vault);
    let snapshots = found["snapshots"].as_array_mut().unwrap();
    assert_eq!(snapshots.pop().unwrap()["source"], "more");
    assert_eq!(found, expected_here());
}

/// Shows that the comparison above would find a loss.
#[test]
fn damage_on_both_golden_volumes_shows() {
    let dir = copy();
    for (disk, _) in DISKS {
        for pack in look::files_below(&dir.path().join(disk).join("holdfast/data")) {
            let mut bytes = std::fs::read(&pack).unwrap();
            bytes[1_000] ^= 1;
            std::fs::write(&pack, bytes).unwrap();
        }
    }
    let (vault, _) = open(dir.path(), &DISKS, Access::ReadOnly);
    let to = tempfile::tempdir().unwrap();
    let report = restore(&vault, "latest:home", to.path());
    assert!(report.lost_count > 0, "{report:?}");
}
