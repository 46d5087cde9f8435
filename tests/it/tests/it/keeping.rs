//! How many copies and how long versions are kept: what counts when two halves come together.

use plan::retention::Days;
use vault::Access;

use crate::rig::{Rig, put};

const LONG: Days = Days { all: 7, hourly: 60, daily: 400, weekly: 800 };

/// The half that wrote more heads won with its rule, and the next day's thinning took, with no word, what the
/// owner's longer one kept.
#[test]
fn of_two_halves_the_longer_rule_and_the_more_copies_count_whichever_wrote_more_heads() {
    for (chosen, busy) in [("a", "b"), ("b", "a")] {
        let rig = Rig::inline(&["a", "b"]);
        drop(rig.create(1));
        // Each of them hears that the other is away.
        let (alone, _) = rig.open(&[chosen]);
        alone.keep_versions(LONG).unwrap();
        alone.promise(2).unwrap();
        drop(alone);
        let (alone, _) = rig.open(&[busy]);
        alone.keep_versions(Days { all: 9, hourly: 30, daily: 90, weekly: 365 }).unwrap();
        for n in 0..8 {
            put(&alone, "box", &format!("{n}"), b"one more head");
            alone.close().unwrap();
        }
        drop(alone);
        let both = Days { all: 9, ..LONG };
        let (seen, _) = rig.try_open_with(rig.handles(&["a", "b"]), Access::ReadOnly).unwrap();
        assert_eq!((seen.keeping(), seen.copies()), (both, 2), "also for who only reads");
        drop(seen);
        let (vault, report) = rig.open(&["a", "b"]);
        assert_eq!((vault.keeping(), vault.copies()), (both, 2));
        for said in ["every one stays for 9 days, one an hour up to 60", "is to be on 2 disks"] {
            assert!(report.findings.iter().any(|one| one.contains(said)), "{report:?}");
        }
        drop(vault);
        for disks in [&["a"][..], &["b"], &["a", "b"]] {
            let (vault, report) = rig.open(disks);
            assert_eq!((vault.keeping(), vault.copies()), (both, 2));
            assert!(!report.findings.iter().any(|one| one.contains("was to keep")), "{report:?}");
        }
    }
}

#[test]
fn a_half_on_which_nobody_chose_has_the_usual_rule_and_shortens_none() {
    let rig = Rig::inline(&["a", "b"]);
    drop(rig.create(1));
    let short = Days { all: 1, hourly: 1, daily: 90, weekly: 1_000 };
    let (alone, _) = rig.open(&["a"]);
    alone.keep_versions(short).unwrap();
    drop(alone);
    let (alone, _) = rig.open(&["b"]);
    for n in 0..4 {
        put(&alone, "box", &format!("{n}"), b"one more head");
        alone.close().unwrap();
    }
    drop(alone);
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(vault.keeping(), short.longest(Days::default()));
}

/// Versions went by a rule that its owner had read an error about, and copies were wanted that no head names.
#[test]
fn what_cannot_be_written_down_changes_neither_the_rule_nor_the_copies() {
    let usual = Some(Days::default());
    for (rule, copies) in [(None, Some(3)), (usual, None), (usual, Some(3))] {
        let rig = Rig::inline(&["a"]);
        let vault = rig.create(1);
        put(&vault, "box", "file", b"something");
        vault.keep_as(Some(LONG), Some(2)).unwrap();
        assert_eq!((vault.keeping(), vault.copies()), (LONG, 2));
        assert!(vault.keep_as(rule, Some(9)).is_err(), "neither, where one of them is wrong");
        vault.close().unwrap();
        rig.sim("a").set_full(true);
        assert!(vault.keep_as(rule, copies).is_err());
        assert_eq!((vault.keeping(), vault.copies()), (LONG, 2), "as before");
        rig.sim("a").set_full(false);
        drop(vault);
        let (vault, _) = rig.open(&["a"]);
        assert_eq!((vault.keeping(), vault.copies()), (LONG, 2), "and on the disk");
    }
}
