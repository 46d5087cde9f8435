//! Every act on disks inside a running backup, at each of its files, and something stored at each
//! step of the act: on one thread, in an order that repeats.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use testkit::simdisk::SimDisk;
use testkit::twist::{Twist, Twisted};
use types::Bytes;
use vault::{BackupReport, BackupSpec, Vault, WriterMode};
use volume::Disk;

use super::{ACTS, Act, Gate, Stored, gated, must_be_whole, store};
use crate::rig::{DiskKind, Rig, check, noise, put, quiet};

/// Files of the backup; the act comes after each in turn.
const FILES: u64 = 5;

fn backup_with(
    vault: &Vault,
    rig: &Rig,
    progress: vault::OnProgress<'_>,
) -> Result<BackupReport, vault::VaultError> {
    let spec = BackupSpec {
        source: "tree".to_owned(),
        paths: vec![rig.path("tree")],
        ..Default::default()
    };
    vault.backup(&spec, progress)
}

/// A folder of files that no other part of the vault has.
fn tree(rig: &Rig, seed: u64) -> Stored {
    let folder = rig.path("tree");
    std::fs::create_dir_all(&folder).unwrap();
    let mut files = Stored::new();
    for n in 0..FILES {
        let bytes = noise(seed + n, 90_000);
        std::fs::write(folder.join(format!("{n}")), &bytes).unwrap();
        files.insert(("tree".to_owned(), format!("{n}")), bytes);
    }
    files
}

/// Runs `act` in the middle of a backup, after `at` files; returns steps of the act.
fn inside_a_backup(act: Act, at: u64) -> u64 {
    let mut rig = Rig::new(DiskKind::Memory, WriterMode::Inline, 7);
    let (vault, mut stored) = gated(&mut rig, act, &Arc::new(Gate::default()));
    stored.extend(tree(&rig, 1_000));
    let new = rig.empty_disk("c");
    if act == Act::Rebuild {
        vault.join_volume(Arc::clone(&new)).unwrap();
    }
    let (mut files, mut steps) = (0, 0);
    let mut new = Some(new);
    let report = backup_with(&vault, &rig, &mut |_| {
        files += 1;
        if files > at
            && let Some(new) = new.take()
        {
            let mut each_step = |_: vault::Progress| {
                let (path, bytes) = (format!("{steps}"), noise(2_000 + steps, 40_000));
                store(&vault, &mut stored, "edits", &path, bytes);
                steps += 1;
                true
            };
            act.run(&vault, new, &mut each_step);
        }
        true
    });
    assert!(new.is_none() && steps > 0, "{act:?} was not run");
    assert!(report.unwrap().receipt.copies >= 1);
    must_be_whole(&rig, vault, &stored, act.copies_at_the_end());
    steps
}

#[test]
fn what_is_stored_around_and_within_any_change_of_disks_is_there_afterwards() {
    let mut steps = 0;
    for act in ACTS {
        for at in 0..FILES {
            steps += inside_a_backup(act, at);
        }
    }
    eprintln!("beside: {steps} steps, each with an edit, in {} backups", ACTS.len() as u64 * FILES);
    assert!(steps > 100, "{steps}");
}

/// A disk on which something else is stored in the moment in which a volume is made there.
#[derive(Debug, Default)]
struct Interrupted {
    vault: OnceLock<Weak<Vault>>,
    once: AtomicBool,
}

impl Twist for &'static Interrupted {
    fn rename(&self, below: &dyn Disk, from: &str, to: &str) -> std::io::Result<()> {
        let vault = self.vault.get().and_then(Weak::upgrade);
        if let Some(vault) = vault.filter(|_| !self.once.swap(true, Ordering::SeqCst)) {
            put(&vault, "edits", "meanwhile", &noise(3_000, 40_000));
        }
        below.rename(from, to)
    }
}

#[test]
fn what_is_begun_while_a_disk_is_made_ready_is_on_it_as_well() {
    let mut rig = Rig::inline(&["a", "b"]);
    let vault = Arc::new(rig.create(2));
    let twist: &'static Interrupted = Box::leak(Box::default());
    twist.vault.set(Arc::downgrade(&vault)).unwrap();
    let below = rig.add_disk("c", Bytes(4 * Bytes::GIB)).sim().clone();
    vault.add_volume(Arc::new(Twisted { below, twist }), &mut quiet).unwrap();
    assert!(twist.once.load(Ordering::SeqCst), "nothing came in between");
    let mut stored = Stored::new();
    stored.insert(("edits".to_owned(), "meanwhile".to_owned()), noise(3_000, 40_000));
    must_be_whole(&rig, Arc::into_inner(vault).unwrap(), &stored, 2);
}

/// A check, or anything else that closes the packs, came between a backup's first pack, which a full
/// disk had refused, and its end: the receipt then promised two copies of what had one.
#[test]
fn a_backup_in_which_packs_are_closed_promises_no_more_copies_than_its_worst_pack_has() {
    for close_by_check in [true, false] {
        let rig = Rig::inline(&["a", "b"]);
        let vault = rig.create(2);
        put(&vault, "old", "file", &noise(1, 10_000));
        vault.close().unwrap();
        tree(&rig, 1_000);
        let mut files = 0;
        let full = |full| rig.sim("b").set_full(full);
        full(true);
        let report = backup_with(&vault, &rig, &mut |_| {
            files += 1;
            if files == 2 {
                if close_by_check {
                    check(&vault, false, false);
                } else {
                    vault.close().unwrap();
                }
                full(false);
            }
            true
        });
        assert_eq!(report.unwrap().receipt.copies, 1, "{files} files");
        // The next begins anew, and is promised what it gets.
        assert_eq!(put(&vault, "old", "more", &noise(2, 10_000)).receipt.copies, 2);
    }
}

/// What was stored since a check had begun was in no sealed pack yet, and was told as lost.
#[test]
fn a_check_beside_which_something_is_stored_finds_nothing_lost() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "old", "file", &noise(1, 10_000));
    let mut steps = 0;
    let options = vault::CheckOptions { read_data: true, repair: false };
    let found = vault.check(options, &mut |_| {
        steps += 1;
        put(&vault, "new", "file", &noise(2_000 + steps, 40_000));
        true
    });
    let found = found.unwrap();
    assert!(steps > 2 && found.is_clean() && found.snapshots > 2, "{steps} steps, {found:?}");
}

/// A backup relies on what one disk had, and then a second one joins: its last pack has two copies,
/// the rest of what it relies on has one.
#[test]
fn a_backup_that_relied_on_one_copy_promises_one_when_more_can_be_had_since() {
    for by_joining in [true, false] {
        let mut rig = Rig::inline(&["a"]);
        let copies = if by_joining { 2 } else { 1 };
        if !by_joining {
            rig.add_disk("b", Bytes(4 * Bytes::GIB));
        }
        let vault = rig.create(copies);
        for bytes in tree(&rig, 1_000).values() {
            put(&vault, "old", "file", bytes);
        }
        vault.close().unwrap();
        let new: Arc<dyn Disk> = Arc::new(SimDisk::new("c", Bytes(4 * Bytes::GIB)));
        let mut files = 0;
        let report = backup_with(&vault, &rig, &mut |_| {
            files += 1;
            if files == FILES && by_joining {
                vault.join_volume(Arc::clone(&new)).unwrap();
            } else if files == FILES {
                let stopped = vault.set_copies(2, &mut |_| false);
                assert!(matches!(stopped, Err(vault::VaultError::Stopped)), "{stopped:?}");
            }
            true
        });
        assert_eq!(report.unwrap().receipt.copies, 1);
        vault.rebuild(&mut quiet).unwrap();
        // All of it has two copies by now, and so has whatever relies on it.
        std::fs::remove_file(rig.path("tree").join("0")).unwrap();
        let report = backup_with(&vault, &rig, &mut quiet).unwrap();
        assert_eq!(report.receipt.copies, 2);
    }
}

/// Wanted twice from now on, but kept once so far: whoever stores the same again gets two.
#[test]
fn what_is_stored_again_after_more_copies_are_wanted_has_them() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(1);
    let bytes = |n: u64| noise(1 + n, 300_000);
    for n in 0..4 {
        put(&vault, "old", &format!("{n}"), &bytes(n));
        vault.close().unwrap();
    }
    assert!(vault.set_copies(2, &mut |_| false).is_err(), "stopped after the first of four");
    for n in 0..4 {
        assert_eq!(put(&vault, "new", &format!("{n}"), &bytes(n)).receipt.copies, 2);
    }
    drop(vault);
    for serial in ["a", "b"] {
        rig.lose_catalog();
        let (alone, _) = rig.open(&[serial]);
        for n in 0..4 {
            let found = crate::rig::get(&alone, "new", &format!("{n}"));
            assert!(found.is_ok_and(|found| found == bytes(n)), "{serial} alone lacks {n}");
        }
    }
}
