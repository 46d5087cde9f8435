//! A host and time: deletions, jumps of the clock, silent owners, and the end.

use std::collections::{BTreeMap, BTreeSet};

use peer_proto::clock::{ClockMark, Now};
use peer_proto::host::{Host, HostAction, HostEvent, HostNews, Record, Stage};
use peer_proto::limits::PACKS_MAX;
use peer_proto::wire::{Cursor, Figures, PackAsk, PackSay, Why};
use types::{Bytes, Millis, PackId};

use crate::boxes::{NOON, terms};
use crate::host::{Bench, LINE, MIB, no, put, root, said};

fn removals(actions: &[HostAction]) -> usize {
    actions.iter().filter(|action| matches!(action, HostAction::Remove(_))).count()
}

#[test]
fn a_deletion_waits_thirty_days_however_often_it_is_told() {
    let mut bench = Bench::new(terms(1 << 40));
    bench.keep(1, MIB);
    let until = NOON.plus(Millis::from_days(30));
    for _ in 0..50 {
        assert_eq!(said(&bench.ask(PackAsk::Delete(root(1)))), Some(PackSay::Marked(until)));
    }
    assert_eq!(removals(&bench.pass(29)), 0);
    let again = bench.ask(PackAsk::Delete(root(1)));
    assert_eq!(said(&again), Some(PackSay::Marked(until)), "nor is it put off");
    assert_eq!(bench.host.kept().packs, 1, "until it goes it counts");
    assert_eq!(bench.pass(1), [HostAction::Keep(mark(&bench)), HostAction::Remove(root(1))]);
    assert_eq!(removals(&bench.on(HostEvent::Tick)), 0, "once");
    assert_eq!(bench.on(HostEvent::Removed(root(1))), [HostAction::Keep(Record::Forget(root(1)))]);
    assert_eq!(bench.host.kept(), Figures::default());
    assert_eq!(said(&bench.ask(PackAsk::Delete(root(1)))), Some(PackSay::Missing));
}

fn mark(bench: &Bench) -> Record {
    Record::Clock(ClockMark { wall: bench.now.wall })
}

#[test]
fn a_pack_that_is_wanted_again_stays() {
    let mut bench = Bench::new(terms(1 << 40));
    bench.keep(1, MIB);
    bench.ask(PackAsk::Delete(root(1)));
    bench.pass(29);
    let wanted = bench.ask(put(1, MIB));
    assert!(wanted.iter().any(|action| matches!(
        action,
        HostAction::Keep(Record::Entry(entry)) if entry.stage == Stage::Kept
    )));
    assert_eq!(said(&wanted), Some(PackSay::Have));
    assert_eq!(removals(&bench.pass(2)), 0);
}

#[test]
fn a_clock_that_jumped_deletes_nothing_until_somebody_says_it_is_right() {
    for jump in [25_i64, 24 * 365 * 10, -25, -24 * 365 * 10] {
        let mut bench = Bench::new(terms(1 << 40));
        bench.keep(1, MIB);
        bench.keep(2, MIB);
        bench.ask(PackAsk::Delete(root(1)));
        bench.now.wall.0 += jump * 3_600_000;
        let told = bench.on(HostEvent::Tick);
        assert_eq!(told, [HostAction::Tell(HostNews::ClockUnsure)], "{jump} hours");
        assert_eq!(said(&bench.ask(PackAsk::Delete(root(2)))), no(Why::ClockUnsure, 0));
        assert_eq!(removals(&bench.pass(31)), 0, "{jump} hours");
        bench.now.wall = NOON.plus(bench.now.uptime);
        bench.on(HostEvent::ClockAgreed);
        assert_eq!(removals(&bench.on(HostEvent::Tick)), 1, "{jump} hours, set right");
        bench.now.wall = bench.now.wall.plus(Millis::from_secs(23 * 3_600));
        assert!(bench.host.clock_is_sure(bench.now), "less than a day is borne");
    }
}

#[test]
fn a_box_that_was_off_for_long_waits_to_be_told_the_time() {
    let mut bench = Bench::new(terms(1 << 40));
    let started = |bench: &Bench, hours: u64| {
        let wall = bench.now.wall.plus(Millis::from_secs(hours * 3_600));
        let now = Now { wall, uptime: Millis(7) };
        (Host::resume(vec![mark(bench)], &BTreeMap::new(), BTreeSet::new(), now).0, now)
    };
    bench.pass(1);
    let (host, now) = started(&bench, 23);
    assert!(host.clock_is_sure(now));
    let (host, now) = started(&bench, 25);
    assert!(!host.clock_is_sure(now));
}

/// Found by the simulation in world 10,232: a box was off for some days, and its clock with it, so that what it
/// showed was what it had written down, and was believed. A deletion that was told then went as many days
/// early as the box had been off, once the clock was right: all thirty, had it been off for a month.
#[test]
fn a_deletion_told_to_a_box_whose_clock_stood_still_while_it_was_off_waits_its_days_all_the_same() {
    let day = Millis::from_days(1).0;
    for days_off in [1_u64, 4, 29, 400] {
        let mut bench = Bench::new(terms(1 << 40));
        (1..=2).for_each(|of| drop(bench.keep(of, MIB)));
        bench.ask(PackAsk::Delete(root(2)));
        bench.on(HostEvent::ClockAgreed);
        let first = kept(&bench, [1, 2]);
        bench.now.uptime = Millis(0);
        restart(&mut bench, first);
        assert!(bench.host.clock_is_sure(bench.now), "it shows what was written down");
        bench.ask(PackAsk::Delete(root(1)));
        // It is started once more before anybody knows better.
        let again = kept(&bench, [1, 2]);
        restart(&mut bench, again);
        bench.now.wall = bench.now.wall.plus(Millis(days_off * day));
        bench.on(HostEvent::ClockAgreed);
        let goes = |of, day| {
            let until = NOON.plus(Millis::from_days(day));
            matches!(bench.host.entry(root(of)).unwrap().stage, Stage::Doomed { until: at, .. } if at == until)
        };
        assert!(goes(1, 30 + days_off), "days that passed before it was told do not count");
        assert!(goes(2, 30), "for what was told by a clock that was right they do");
        let removal = HostAction::Remove(root(1));
        assert!(!bench.pass(29).contains(&removal), "after {days_off} days off");
        assert!(bench.pass(1).contains(&removal), "after {days_off} days off");
    }
}

/// What a box has written down when its power is cut.
fn kept<const N: usize>(bench: &Bench, packs: [u8; N]) -> Vec<Record> {
    let entries = packs.map(|of| Record::Entry(*bench.host.entry(root(of)).unwrap()));
    entries.into_iter().chain([mark(bench)]).collect()
}

fn restart(bench: &mut Bench, records: Vec<Record>) {
    let files = BTreeMap::from([(root(1), MIB), (root(2), MIB)]);
    bench.host = Host::resume(records, &files, BTreeSet::new(), bench.now).0;
    bench.on(HostEvent::Opened(LINE));
}

/// A clock may be off by less than a day and is believed: that is at no pack's cost.
#[test]
fn a_deletion_that_was_told_by_a_clock_a_little_behind_and_is_due_by_one_a_little_ahead_waits_its_days()
 {
    let nearly = 23 * 3_600_000;
    let mut bench = Bench::new(terms(1 << 40));
    bench.keep(1, MIB);
    bench.now.wall.0 -= nearly;
    let until = NOON.plus(Millis::from_days(30));
    assert_eq!(said(&bench.ask(PackAsk::Delete(root(1)))), Some(PackSay::Marked(until)));
    bench.now.wall.0 += 2 * nearly;
    assert_eq!(removals(&bench.pass(29)), 0);
    assert_eq!(removals(&bench.pass(1)), 1);
}

/// Found by a course of chance: a box that was started anew in its first hour had no clock to compare with,
/// believed one that was behind, and let go of a pack at once when it was set right.
#[test]
fn a_clock_that_jumped_before_a_restart_in_the_first_hour_is_not_believed() {
    let (_, first) = Host::new(Now { wall: NOON, uptime: Millis(0) });
    let records = first
        .into_iter()
        .map(|action| match action {
            HostAction::Keep(record) => record,
            other => panic!("{other:?}"),
        })
        .collect();
    let behind = Now { wall: NOON.minus(Millis::from_days(52)), uptime: Millis(0) };
    let (host, _) = Host::resume(records, &BTreeMap::new(), BTreeSet::new(), behind);
    assert!(!host.clock_is_sure(behind));
}

#[test]
fn a_silent_owners_packs_stay_and_the_host_is_told() {
    let mut bench = Bench::new(terms(1 << 40));
    bench.keep(1, MIB);
    let silent = |actions: &[HostAction]| {
        actions.iter().any(|action| matches!(action, HostAction::Tell(HostNews::Silent { .. })))
    };
    assert!(!silent(&bench.pass(12 * 31)));
    assert!(silent(&bench.pass(1)));
    assert!(!silent(&bench.pass(400)), "told once");
    assert_eq!(bench.host.kept().packs, 1);
    bench.ask(PackAsk::List(Cursor { after: None }));
    assert!(silent(&bench.pass(12 * 31 + 1)), "and anew after a new silence");
}

#[test]
fn after_the_end_everything_may_go_and_nothing_before() {
    let mut bench = Bench::new(terms(1 << 40));
    bench.keep(1, MIB);
    bench.on(HostEvent::Release(NOON.plus(Millis::from_days(30))));
    assert_eq!(removals(&bench.pass(29)), 0);
    assert_eq!(removals(&bench.pass(1)), 1);
}

#[test]
fn an_end_that_was_told_by_a_wrong_clock_waits_from_when_it_is_right() {
    let mut bench = Bench::new(terms(1 << 40));
    bench.keep(1, MIB);
    bench.now.wall.0 -= 365 * 86_400_000;
    let kept = bench.on(HostEvent::Release(bench.now.wall.plus(Millis::from_days(30))));
    let wait = Record::Release(Some(Millis::from_days(30)));
    assert_eq!(kept, [HostAction::Keep(wait.clone())]);
    // It survives a restart, and so does the pack that came before it.
    let entry = *bench.host.entry(root(1)).unwrap();
    let records = vec![Record::Entry(entry), wait, Record::Clock(ClockMark { wall: NOON })];
    let files = BTreeMap::from([(root(1), MIB)]);
    bench.host = Host::resume(records, &files, BTreeSet::new(), bench.now).0;
    bench.now.wall = NOON.plus(bench.now.uptime);
    bench.on(HostEvent::ClockAgreed);
    assert_eq!(removals(&bench.on(HostEvent::Tick)), 0);
    assert_eq!(removals(&bench.pass(29)), 0);
    assert_eq!(removals(&bench.pass(1)), 1);
}

#[test]
fn a_friend_that_sends_tiny_packs_without_end_is_refused() {
    let now = Now { wall: NOON, uptime: Millis(0) };
    let many = u32::try_from(PACKS_MAX).unwrap();
    let name = |of: u32| {
        let mut name = [0; 32];
        name[..4].copy_from_slice(&of.to_le_bytes());
        PackId(name)
    };
    let files = (1..=many).map(|of| (name(of), 1)).collect();
    let mut bench = Bench::new(terms(1 << 60));
    bench.host = Host::resume(Vec::new(), &files, BTreeSet::new(), now).0;
    bench.on(HostEvent::Room(Bytes(1 << 60)));
    bench.on(HostEvent::Opened(LINE));
    assert_eq!(said(&bench.ask(put(200, MIB))), no(Why::Full, 0));
}
