//! Nothing live goes, nothing young goes, and nothing at all goes while anything is unclear.

use plan::PackKind;
use plan::gc::{
    Blockers, GRACE, GcAction, GcFacts, GcPack, GcRefusal, MAX_SHARE_PERCENT, TRASH, collect, loses,
};
use proptest::prelude::*;
use types::{Bytes, Millis, PackId, SpaceId, UnixTime};

const DAY: i64 = 86_400_000;
const NOW: UnixTime = UnixTime(1000 * DAY);
const FULL: Bytes = Bytes(16 * Bytes::MIB);

fn pack(no: u32, live: u64) -> GcPack {
    GcPack {
        no,
        kind: PackKind::Data,
        space: SpaceId::SYSTEM,
        len: FULL,
        raw_total: 100,
        raw_live: live,
        sealed_since_mark: false,
        touched_since_mark: false,
        tombstone: None,
        in_trash_since: None,
    }
}

fn facts(packs: Vec<GcPack>) -> GcFacts {
    GcFacts {
        packs,
        now: NOW,
        grace: GRACE,
        trash: TRASH,
        vault_total: Bytes(FULL.0 * 100),
        blockers: Blockers::default(),
        max_share_percent: MAX_SHARE_PERCENT,
    }
}

#[track_caller]
fn check(packs: Vec<GcPack>, wanted: &[GcAction]) {
    assert_eq!(collect(&facts(packs)).as_deref(), Ok(wanted));
}

#[test]
fn a_pack_is_rewritten_from_a_quarter_dead_on() {
    check(
        vec![pack(1, 100), pack(2, 76), pack(3, 75), pack(4, 1)],
        &[GcAction::Rewrite(3), GcAction::Rewrite(4)],
    );
}

#[test]
fn a_dead_pack_waits_out_its_grace_and_then_the_trash() {
    let mut dead = pack(1, 0);
    check(vec![dead], &[GcAction::Tombstone(1)]);
    dead.tombstone = Some(NOW.minus(Millis(GRACE.0 - 1)));
    check(vec![dead], &[]);
    dead.tombstone = Some(NOW.minus(GRACE));
    check(vec![dead], &[GcAction::Trash(1)]);
    dead.in_trash_since = Some(NOW.minus(Millis(TRASH.0 - 1)));
    check(vec![dead], &[]);
    dead.in_trash_since = Some(NOW.minus(TRASH));
    check(vec![dead], &[GcAction::Unlink(1)]);
}

#[test]
fn a_live_byte_or_a_new_pointer_brings_a_doomed_pack_back_even_from_the_trash() {
    let mut live = pack(1, 1);
    live.tombstone = Some(UnixTime(0));
    let mut touched = pack(2, 0);
    touched.tombstone = Some(UnixTime(0));
    touched.in_trash_since = Some(UnixTime(0));
    touched.touched_since_mark = true;
    check(vec![live, touched], &[GcAction::Revive(1), GcAction::Revive(2)]);
}

#[test]
fn what_was_sealed_or_touched_since_the_marking_is_left_alone() {
    let (mut sealed, mut touched) = (pack(1, 0), pack(2, 10));
    sealed.sealed_since_mark = true;
    touched.touched_since_mark = true;
    check(vec![sealed, touched], &[]);
}

#[test]
fn small_packs_of_one_kind_and_space_are_merged_into_full_ones() {
    let small = |no, mib| GcPack { len: Bytes(mib * Bytes::MIB), ..pack(no, 100) };
    let mut packs: Vec<_> = (1..=7).map(|no| small(no, 3)).collect();
    packs[1].kind = PackKind::Meta;
    packs.push(small(8, 4));
    check(packs, &[GcAction::Merge(vec![1, 3, 4, 5, 6])]);
    check(vec![small(1, 1)], &[]);
    // Three would be merged again with the next one, and again.
    check((1..=3).map(|no| small(no, 1)).collect(), &[]);
}

#[test]
fn without_grace_everything_happens_in_one_run_and_in_order() {
    let mut facts = facts(vec![pack(1, 0)]);
    (facts.grace, facts.trash) = (Millis(0), Millis(0));
    let all = [GcAction::Tombstone(1), GcAction::Trash(1), GcAction::Unlink(1)];
    assert_eq!(collect(&facts).as_deref(), Ok(all.as_slice()));
}

#[test]
fn each_doubt_stops_everything_and_names_its_cause() {
    let doubt = |blockers| GcFacts { blockers, ..facts(vec![pack(1, 0)]) };
    for (facts, word) in [
        (
            doubt(Blockers { missing_packs: vec![PackId([0xab; 32])], ..Blockers::default() }),
            "abababab",
        ),
        (
            doubt(Blockers { absent_volumes: vec!["Seagate".to_owned()], ..Blockers::default() }),
            "Seagate is missing",
        ),
        (
            doubt(Blockers { behind_volumes: vec!["Seagate".to_owned()], ..Blockers::default() }),
            "Seagate does not know",
        ),
        (doubt(Blockers { catalog_unchecked: true, ..Blockers::default() }), "catalog"),
        (
            doubt(Blockers { clock_jump: Millis::from_secs(25 * 3600), ..Blockers::default() }),
            "25 hours",
        ),
        (GcFacts { vault_total: Bytes(FULL.0 * 6), ..facts(vec![pack(1, 0), pack(2, 0)]) }, "30 %"),
    ] {
        let refusal = collect(&facts).expect_err(word);
        assert!(refusal.to_string().contains(word), "{refusal}");
        assert!(!refusal.advice().is_empty());
    }
}

#[test]
fn one_pack_may_always_go_however_small_the_vault_is() {
    let mut facts = facts(vec![pack(1, 0)]);
    facts.vault_total = FULL;
    assert!(collect(&facts).is_ok());
    facts.packs[0].len += Bytes(1);
    assert!(matches!(collect(&facts), Err(GcRefusal::TooMuch { .. })));
}

#[test]
fn rewriting_counts_towards_what_may_go_by_its_dead_part() {
    let mut facts = facts((0..10).map(|no| pack(no, 50)).collect());
    facts.vault_total = Bytes(FULL.0 * 10);
    assert!(matches!(collect(&facts), Err(GcRefusal::TooMuch { .. })));
    facts.max_share_percent = 50;
    assert_eq!(collect(&facts).map(|actions| actions.len()), Ok(10));
}

fn some_pack() -> impl Strategy<Value = GcPack> {
    let time = || prop::option::of((-100..100 * DAY).prop_map(|age| NOW.minus(Millis(0)).0 - age));
    (0_u64..4, any::<[bool; 2]>(), time(), time(), 1_u64..16, 0_u8..2).prop_map(
        |(live, [sealed, touched], tombstone, trash, mib, space)| GcPack {
            len: Bytes(mib * Bytes::MIB),
            space: SpaceId([space; 16]),
            sealed_since_mark: sealed && touched,
            touched_since_mark: touched,
            tombstone: tombstone.map(UnixTime),
            in_trash_since: trash.map(UnixTime),
            ..pack(0, live * 33)
        },
    )
}

proptest! {
    #[test]
    fn nothing_live_or_young_ever_goes_whatever_the_clock_does(
        mut packs in prop::collection::vec(some_pack(), 0..20),
        jump in -60 * DAY..60 * DAY,
    ) {
        for (no, pack) in (0..).zip(&mut packs) {
            pack.no = no;
        }
        let now = UnixTime(NOW.0 + jump);
        let facts = GcFacts { now, max_share_percent: 100, ..facts(packs.clone()) };
        let actions = collect(&facts).expect("nothing is unclear");
        for action in actions {
            let of = |no: u32| packs.iter().find(|pack| pack.no == no).expect("a known pack");
            match action {
                GcAction::Unlink(no) | GcAction::Trash(no) | GcAction::Tombstone(no) => {
                    let pack = of(no);
                    prop_assert_eq!(pack.raw_live, 0);
                    prop_assert!(!pack.sealed_since_mark && !pack.touched_since_mark);
                    if !matches!(action, GcAction::Tombstone(_)) {
                        let since = pack.tombstone.expect("tombstoned before");
                        prop_assert!(now.0 - since.0 >= 30 * DAY);
                    }
                    if matches!(action, GcAction::Unlink(_)) {
                        let since = pack.in_trash_since.expect("in the trash before");
                        prop_assert!(now.0 - since.0 >= 7 * DAY);
                    }
                }
                GcAction::Revive(no) => {
                    let pack = of(no);
                    prop_assert!(pack.raw_live > 0 || pack.touched_since_mark);
                }
                GcAction::Rewrite(no) => prop_assert!(of(no).raw_live * 4 <= 300),
                GcAction::Merge(group) => {
                    prop_assert!(group.len() >= plan::gc::MERGE_MIN);
                    let space = of(group[0]).space;
                    prop_assert!(group.iter().all(|no| of(*no).space == space));
                    let len: Bytes = group.iter().map(|no| of(*no).len).sum();
                    prop_assert!(len <= FULL);
                }
            }
        }
    }
}

proptest! {
    /// What is said to be freed is what pruning then begins to let go: all of a pack that goes, the dead part of
    /// one that is rewritten, nothing of one that stays; and the less is needed, the more of it.
    #[test]
    fn what_a_pack_is_said_to_lose_is_what_is_done_with_it(
        len in 0..FULL.0,
        total in 1..10_000_u64,
        live in 0..10_000_u64,
    ) {
        let live = live.min(total);
        let one = GcPack { len: Bytes(len), raw_total: total, raw_live: live, ..pack(1, 0) };
        let lost = loses(one.len, total, live);
        match collect(&facts(vec![one])).unwrap().as_slice() {
            [GcAction::Tombstone(1)] => prop_assert_eq!(lost, one.len),
            [GcAction::Rewrite(1)] => {
                let kept = one.len.0 - lost.0;
                prop_assert!(kept * total <= one.len.0 * live && (kept + 1) * total > one.len.0 * live);
            }
            _ => prop_assert_eq!(lost, Bytes(0)),
        }
        prop_assert!(live == total || loses(one.len, total, live + 1) <= lost);
    }
}
