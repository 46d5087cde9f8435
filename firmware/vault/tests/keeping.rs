//! How long versions are kept is the owner's to say: it lasts, and what it will take is told before and is what
//! goes.

mod common;

use common::{Rig, backup, let_go, noise, put, store, used};
use plan::gc::GcRefusal;
use plan::retention::Days;
use proptest::prelude::*;
use types::{Bytes, Millis};
use vault::{Access, Vault};

const HOUR: Millis = Millis(3_600_000);
const SHORT: Days = Days { all: 1, hourly: 1, daily: 1, weekly: 1 };

/// Ten versions, one an hour, each with a file of its own and one that all share.
fn ten_versions(rig: &Rig, vault: &Vault) {
    for n in 0..10 {
        store(rig, vault, &[("same", noise(99, 300_000)), ("own", noise(n, 2_500_000))]);
        rig.clock.pass(HOUR);
    }
    rig.clock.pass(Millis::from_days(3));
}

#[test]
fn what_was_chosen_is_there_after_a_restart_and_comes_with_any_disk() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    assert_eq!(vault.keeping(), Days::default());
    let rule = Days { all: 7, hourly: 7, daily: 400, weekly: 800 };
    vault.keep_versions(rule).unwrap();
    vault.keep_versions(Days { all: 0, ..rule }).unwrap_err();
    assert_eq!(vault.keeping(), rule, "a rule that is none changes nothing");
    // No word of farewell: it was durable when it was said.
    drop(vault);
    for disk in [0..1, 1..2] {
        std::fs::remove_file(rig.catalog()).unwrap();
        let (vault, _) = rig.try_open(&rig.volumes[disk], Access::ReadOnly).unwrap();
        assert_eq!(vault.keeping(), rule);
    }
}

#[test]
fn the_versions_that_were_foreseen_go_and_free_what_was_said() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    ten_versions(&rig, &vault);
    // Small packs are merged, and what nothing needs goes, whatever is chosen.
    let_go(&vault);
    let foreseen = vault.foresee(SHORT).unwrap();
    assert_eq!((foreseen.goes.len(), foreseen.sooner), (9, 9), "one of the month stays");
    assert!(matches!(foreseen.held, Some(GcRefusal::TooMuch { .. })), "{:?}", foreseen.held);
    let room = foreseen.room.unwrap();
    assert!(room.whole);
    // Nine files of 2.5 MB on two disks, in packs that are rounded up.
    assert!((44_000_000..56_000_000).contains(&room.bytes.0), "{room:?}");
    // Nothing was changed by looking.
    assert_eq!(vault.snapshots(None).unwrap().len(), 10);
    vault.keep_versions(SHORT).unwrap();
    let expired = vault.expired_by_policy(None).unwrap();
    let ids = |list: &[vault::SnapshotInfo]| list.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(&expired), ids(&foreseen.goes));
    let before = used(&vault);
    let_go(&vault);
    let freed = before - used(&vault);
    assert!(freed.abs_diff(room.bytes.0) < room.bytes.0 / 10, "{freed} of {room:?}");
    assert_eq!(vault.foresee(SHORT).unwrap().goes.len(), 0);
}

#[test]
fn what_cannot_be_counted_is_called_at_least_or_not_known() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    ten_versions(&rig, &vault);
    let whole = vault.foresee(SHORT).unwrap().room.unwrap();
    let mut seen = (0, 0, 0);
    for references in 0..240 {
        match vault.foresee_within(SHORT, references).unwrap().room {
            None => seen.0 += 1,
            Some(room) if !room.whole => {
                assert!(room.bytes <= whole.bytes, "{room:?} is called at least, of {whole:?}");
                seen.1 += 1;
            }
            Some(room) => {
                assert_eq!(room, whole);
                seen.2 += 1;
            }
        }
    }
    assert!(seen.0 > 0 && seen.1 > 0 && seen.2 > 0, "{seen:?}");
}

#[test]
fn a_version_that_is_stored_while_somebody_looks_loses_nothing() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    ten_versions(&rig, &vault);
    // Its packs are open still, and in no catalog.
    let tree = rig.path("tree");
    put(&tree.join("own"), &noise(50, 900_000));
    backup(&vault, "tree", &tree);
    let foreseen = vault.foresee(SHORT).unwrap();
    assert_eq!(foreseen.goes.len(), 9);
    assert!(foreseen.room.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever was stored when, and whatever is chosen: what was foreseen goes, and within what rounding and
    /// the lists of versions take, so much is free then.
    #[test]
    fn any_versions_under_any_rule_free_what_was_foreseen(
        stored in prop::collection::vec((1..40_u64, prop::collection::vec(0..6_usize, 1..4)), 2..9),
        all in 1..20_u32,
        hourly in 0..20_u32,
    ) {
        let rig = Rig::new(1);
        let vault = rig.create(1);
        for (hours, which) in &stored {
            let names = ["a", "b", "c", "d", "e", "f"];
            let files: Vec<_> =
                which.iter().map(|n| (names[*n], noise(*n as u64, 700_000 + n * 300_000))).collect();
            store(&rig, &vault, &files);
            rig.clock.pass(Millis(HOUR.0 * hours * 6));
        }
        let rule = Days { all, hourly: all + hourly, daily: all + hourly, weekly: all + hourly };
        // What nothing needed before is not what this rule frees.
        let_go(&vault);
        let foreseen = vault.foresee(rule).unwrap();
        vault.keep_versions(rule).unwrap();
        let gone = vault.expired_by_policy(None).unwrap();
        prop_assert_eq!(gone.len(), foreseen.goes.len());
        let before = used(&vault);
        let_go(&vault);
        let freed = before.saturating_sub(used(&vault));
        let slack = 3 * Bytes::MIB;
        let said = foreseen.room.unwrap().bytes.0;
        prop_assert!(freed.abs_diff(said) < slack, "{freed} freed, {said} said");
    }
}
