//! What is said of friends: one plain sentence each, and nothing when all is well.

use plan::health::friends::{
    FriendHealth, GuestHealth, Home, OutsideHealth, friend_findings, guest_findings,
};
use plan::health::{Finding, Severity};
use plan::offsite::Standing;
use plan::offsite::score::Verdict;
use plan::offsite::silence::Guest;
use types::{Bytes, Millis};

use crate::model::{NOW, days_ago};

const GB: u64 = 1_000_000_000;

pub(crate) fn anna() -> FriendHealth {
    FriendHealth {
        name: "Anna".to_owned(),
        standing: Standing::Active,
        last_seen: NOW,
        verdict: Verdict::Good,
        lost: 0,
        ends: None,
        homeless: Bytes(0),
        given: Bytes(500 * GB),
        used: Bytes(80 * GB),
        home: Home::default(),
    }
}

pub(crate) fn found(outside: &OutsideHealth) -> Vec<Finding> {
    let mut out = Vec::new();
    friend_findings(outside, NOW, &mut out);
    out
}

#[track_caller]
fn check(change: impl FnOnce(&mut OutsideHealth), severity: Severity, sentence: &str) {
    let mut outside = OutsideHealth { friends: vec![anna()], ..OutsideHealth::default() };
    assert_eq!(found(&outside), []);
    change(&mut outside);
    let found = found(&outside);
    let [Finding { severity: was, sentence: said, action }] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((*was, said.as_str()), (severity, sentence));
    assert!(action.ends_with('.'));
}

#[test]
fn each_trouble_with_copies_outside_is_one_plain_sentence() {
    use Severity::{Alarm, Notice, Warning};
    check(|o| o.lost = 2, Alarm, "No disk and no friend has 2 packs.");
    check(|o| o.away = 2, Alarm, "Only disks and friends that are away have 2 packs.");
    check(|o| o.short = 1, Warning, "1 pack lacks a copy outside this house.");
    check(|o| o.short = 7, Warning, "7 packs lack a copy outside this house.");
    let late = "80.0 GB have been on their way to friends for 4 days.";
    check(|o| (o.waiting, o.waiting_since) = (Bytes(80 * GB), Some(days_ago(4))), Notice, late);
    check(
        |o| o.friends[0].last_seen = days_ago(3),
        Warning,
        "Anna's box was last seen 3 days ago.",
    );
    check(
        |o| o.friends[0].last_seen = days_ago(15),
        Alarm,
        "Anna's box was last seen 15 days ago: what it holds does not count.",
    );
    check(
        |o| o.friends[0].used = Bytes(460 * GB),
        Notice,
        "92 % of the 500.0 GB that Anna gives are used.",
    );
}

#[test]
fn what_a_friend_did_with_copies_is_told_before_anything_follows() {
    use Severity::{Alarm, Warning};
    check(
        |o| {
            o.friends[0].verdict = Verdict::Warned { since: days_ago(2) };
            o.friends[0].lost = 3;
        },
        Warning,
        "Anna's box lost 3 packs of yours.",
    );
    check(
        |o| o.friends[0].verdict = Verdict::Unproved { since: days_ago(16) },
        Warning,
        "Anna's box is there, and has proved nothing for 16 days.",
    );
    check(
        |o| o.friends[0].verdict = Verdict::Distrusted,
        Alarm,
        "Anna's box does not keep what it is given: nothing there counts.",
    );
}

#[test]
fn a_pact_that_ends_is_urgent_only_while_something_has_no_other_home() {
    use Severity::{Alarm, Notice, Warning};
    let leaving = |days: u64, homeless: u64| {
        move |o: &mut OutsideHealth| {
            o.friends[0].standing = Standing::Leaving;
            o.friends[0].ends = Some(NOW.plus(Millis::from_days(days)));
            o.friends[0].homeless = Bytes(homeless * GB);
        }
    };
    let left = "The pact with Anna ends on 2026-01-21, and 9.0 GB have no other home yet.";
    check(leaving(20, 9), Warning, left);
    let left = "The pact with Anna ends on 2026-01-08, and 9.0 GB have no other home yet.";
    check(leaving(7, 9), Alarm, left);
    let done = "The pact with Anna ends on 2026-01-08; all of it is elsewhere.";
    check(leaving(7, 0), Notice, done);
}

#[test]
fn whoever_has_no_friends_hears_nothing_of_them_and_an_ended_pact_is_silent() {
    let alone = OutsideHealth { short: 9, ..OutsideHealth::default() };
    assert_eq!(found(&alone), []);
    let over = FriendHealth { standing: Standing::Ended, last_seen: days_ago(99), ..anna() };
    assert_eq!(found(&OutsideHealth { friends: vec![over], ..OutsideHealth::default() }), []);
}

#[test]
fn what_lies_here_for_others_is_never_a_trouble_of_this_box() {
    let says = |dark: u64, noticed: Option<u64>| {
        let guest =
            Guest { last_heard: days_ago(dark), notice: noticed.map(days_ago), silence_months: 12 };
        let mut out = Vec::new();
        let guest = GuestHealth { name: "Ben".to_owned(), guest, used: Bytes(80 * GB) };
        guest_findings(&guest, NOW, &mut out);
        assert!(out.iter().all(|finding| finding.severity == Severity::Notice));
        out.pop().map(|finding| finding.sentence).unwrap_or_default()
    };
    assert_eq!(says(1, None), "");
    assert_eq!(
        says(40, None),
        "Ben's box has been dark for 40 days: 80.0 GB are kept here until 2026-11-29 at least."
    );
    assert_eq!(
        says(400, None),
        "Ben's box is dark, and 80.0 GB were kept here as long as agreed, until 2025-12-04."
    );
    assert_eq!(says(0, Some(10)), "The pact with Ben ends on 2026-01-21; 80.0 GB are kept here.");
    assert_eq!(says(0, Some(31)), "The pact with Ben is over, and 80.0 GB are still kept here.");
}
