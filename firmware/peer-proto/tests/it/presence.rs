//! Whether a friend is there, who dials whom, and how patiently.

use peer_proto::clock::Now;
use peer_proto::presence::{Presence, PresenceAction, PresenceEvent, Seen};
use proptest::prelude::*;
use types::{EndpointId, Millis};

use crate::boxes::NOON;

fn at(secs: u64) -> Now {
    Now { wall: NOON.plus(Millis::from_secs(secs)), uptime: Millis::from_secs(secs) }
}

fn smaller() -> Presence {
    Presence::new(EndpointId([1; 32]), EndpointId([2; 32]), None, at(0))
}

const LOST: PresenceEvent = PresenceEvent::Lost { jitter_per_mille: 1_000 };
const TICK: PresenceEvent = PresenceEvent::Tick { jitter_per_mille: 1_000 };

fn larger() -> Presence {
    Presence::new(EndpointId([2; 32]), EndpointId([1; 32]), None, at(0))
}

#[test]
fn the_smaller_id_dials_and_the_other_waits() {
    assert_eq!(smaller().step(at(0), TICK), [PresenceAction::Dial]);
    let mut larger = larger();
    assert_eq!(larger.step(at(0), TICK), []);
    let there = larger.step(at(2), PresenceEvent::Connected { relayed: false });
    assert_eq!(there, [PresenceAction::Changed(Seen::Direct)]);
    assert_eq!(larger.next_dial(), None);
    larger.step(at(9), LOST);
    assert_eq!(larger.next_dial(), None, "the friend was there, and knows that it is gone");
    assert_eq!(larger.step(at(99), TICK), []);
}

/// A box was killed and started again. Its friend, who dials, held the old connection for alive until the
/// transport gave it up half a minute later, and nothing went all that time.
#[test]
fn who_listens_dials_too_after_a_start_until_there_was_a_connection() {
    let mut larger = larger();
    assert_eq!(larger.step(at(2), TICK), []);
    assert_eq!(larger.step(at(3), TICK), [PresenceAction::Dial]);
    larger.step(at(4), LOST);
    assert_eq!(larger.step(at(5), TICK), [PresenceAction::Dial], "and again");
    larger.step(at(6), PresenceEvent::Connected { relayed: false });
    larger.step(at(7), LOST);
    assert_eq!(larger.step(at(600), TICK), []);
    assert_eq!(larger.next_dial(), None);
}

/// A pact that was made a moment ago, or is open again: both boxes are told at once, and one dials.
#[test]
fn who_listens_lets_the_friend_be_first() {
    for event in [PresenceEvent::Allowed(true), PresenceEvent::Hope] {
        let mut larger = larger();
        assert_eq!(larger.step(at(50), event), [], "{event:?}");
        assert_eq!(larger.next_dial(), Some(Millis::from_secs(53)), "{event:?}");
    }
}

#[test]
fn pauses_double_from_a_second_to_a_minute_and_hope_begins_anew() {
    let mut presence = smaller();
    let mut now = 0;
    let mut pauses = Vec::new();
    for _ in 0..9 {
        presence.step(at(now), TICK);
        presence.step(at(now), LOST);
        let next = presence.next_dial().unwrap().0 / 1_000;
        pauses.push(next - now);
        now = next;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    presence.step(at(now), TICK);
    presence.step(at(now), LOST);
    assert_eq!(presence.step(at(now), PresenceEvent::Hope), [PresenceAction::Dial]);
    presence.step(at(now), LOST);
    assert_eq!(presence.next_dial(), Some(Millis::from_secs(now + 1)));
}

#[test]
fn a_dial_that_never_ends_is_given_up() {
    let mut presence = smaller();
    presence.step(at(0), TICK);
    assert_eq!(presence.step(at(9), TICK), []);
    assert_eq!(presence.next_dial(), None);
    presence.step(at(10), TICK);
    assert_eq!(presence.next_dial(), Some(Millis::from_secs(11)));
}

/// A clock was ahead for a while: the friend that was seen by it would have been there until that time came.
#[test]
fn by_a_clock_that_is_right_nobody_was_seen_later_than_now() {
    let mut presence = smaller();
    presence.step(at(1_000), PresenceEvent::Connected { relayed: false });
    presence.step(at(1_000), LOST);
    presence.step(at(1_010), PresenceEvent::ClockIsSure);
    assert_eq!(presence.last_seen(), Some(at(1_000).wall), "what was before stays");
    presence.step(at(10), PresenceEvent::ClockIsSure);
    assert_eq!(presence.last_seen(), Some(at(10).wall));
}

#[test]
fn a_friend_is_there_relayed_gone_and_then_offline() {
    let mut presence = smaller();
    let changed = |seen| vec![PresenceAction::Changed(seen)];
    presence.step(at(0), TICK);
    let there = PresenceEvent::Connected { relayed: true };
    assert_eq!(presence.step(at(1), there), changed(Seen::Relayed));
    let direct = PresenceEvent::Path { relayed: false };
    assert_eq!(presence.step(at(2), direct), changed(Seen::Direct));
    assert_eq!(presence.step(at(100), LOST), changed(Seen::Gone));
    assert_eq!(presence.last_seen(), Some(at(100).wall));
    assert_eq!(presence.seen(at(699)), Seen::Gone);
    let done = presence.step(at(700), TICK);
    assert!(done.contains(&PresenceAction::Changed(Seen::Offline)), "{done:?}");
}

#[test]
fn who_is_blocked_is_not_dialled() {
    let mut presence = smaller();
    presence.step(at(0), PresenceEvent::Allowed(false));
    assert_eq!(presence.step(at(50), TICK), []);
    assert_eq!(presence.step(at(60), PresenceEvent::Allowed(true)), [PresenceAction::Dial]);
}

proptest! {
    #[test]
    fn no_course_of_failures_dials_more_often_than_twice_a_second(
        jitters in prop::collection::vec(0_u16..=1_000, 1..100),
    ) {
        let mut presence = smaller();
        let mut before = None;
        let mut now = Millis(0);
        for jitter_per_mille in jitters {
            let moment = Now { wall: NOON.plus(now), uptime: now };
            let dialled = presence.step(moment, TICK).contains(&PresenceAction::Dial);
            prop_assert!(dialled);
            if let Some(before) = before.replace(now) {
                prop_assert!(now.0 - before.0 >= 500);
                prop_assert!(now.0 - before.0 <= 60_000);
            }
            presence.step(moment, PresenceEvent::Lost { jitter_per_mille });
            now = presence.next_dial().unwrap();
        }
    }
}
