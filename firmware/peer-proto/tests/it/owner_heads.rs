//! An owner and what a friend says of its heads: shown, or not believed.

use peer_proto::owner::{OwnHead, OwnerAction, OwnerEvent, OwnerNews};
use peer_proto::wire::{HeadPoint, PackAsk};
use types::{HeadHash, Signer};

use crate::boxes::{Key, bo};
use crate::heads::{head, point as at};
use crate::host::root;
use crate::owner::{Bench, asked};

#[test]
fn a_friend_that_is_ahead_means_that_this_box_went_back_in_time() {
    let point = |seq, of| HeadPoint { seq, hash: HeadHash([of; 32]) };
    let mut bench = Bench::new(1 << 40);
    bench.hold(1);
    assert!(bench.on(hello(point(4, 4), Some(point(5, 5)), true)).is_empty());
    let (seen, own) = (head(9, HeadHash([8; 32]), &bo().writer()), Some(point(5, 5)));
    let friend = at(&seen);
    assert_eq!(bench.on(hello(friend, own, false)), [OwnerAction::ShowHead(friend)]);
    let done = bench.on(OwnerEvent::Unwant(vec![root(1)]));
    assert!(asked(&done, |_| true).is_empty(), "nothing is deleted while it is not clear");
    let done = bench.on(shown(friend, Some(seen), &[]));
    assert_eq!(done, [OwnerAction::Tell(OwnerNews::WentBack { friend, own })]);
    let (previous, anew) = (HeadHash([5; 32]), None);
    let own = OwnHead { point: point(6, 6), previous, len: 9, vouched: None, link: None, anew };
    assert!(bench.on(OwnerEvent::Head(Box::new(own))).is_empty(), "nor is a head offered");
    assert!(bench.on(hello(friend, Some(point(5, 5)), false)).is_empty(), "told once");
    // No words have settled it: whether what it saw is known is told by its next hello.
    let deleted = |done: &[OwnerAction]| asked(done, |ask| matches!(ask, PackAsk::Delete(_))).len();
    assert_eq!(deleted(&bench.on(OwnerEvent::Reconciled(None))), 0);
    assert_eq!(deleted(&bench.on(hello(friend, Some(point(9, 8)), true))), 1);
    let mut bench = Bench::new(1 << 40);
    let other = head(4, HeadHash([8; 32]), &Key::new(77));
    let friend = at(&other);
    bench.on(hello(friend, Some(point(5, 5)), false));
    let done = bench.on(shown(friend, Some(other), &[Key::new(77).public()]));
    assert_eq!(done, [OwnerAction::Tell(OwnerNews::Forked { friend })]);
}

fn hello(head: HeadPoint, newest: Option<HeadPoint>, known: bool) -> OwnerEvent {
    OwnerEvent::Hello { head: Some(head), newest, known }
}

fn shown(point: HeadPoint, bytes: Option<Vec<u8>>, writers: &[[u8; 32]]) -> OwnerEvent {
    OwnerEvent::HeadShown { point, bytes, writers: writers.to_vec() }
}

#[test]
fn nothing_is_deleted_before_somebody_could_say_whether_the_friends_head_is_known() {
    let own = HeadPoint { seq: 5, hash: HeadHash([5; 32]) };
    let seen = head(9, HeadHash([8; 32]), &bo().writer());
    let deleted = |done: &[OwnerAction]| asked(done, |ask| matches!(ask, PackAsk::Delete(_))).len();
    for (friend, known) in [(own, true), (at(&seen), false)] {
        let mut bench = Bench::new(1 << 40);
        bench.hold(1);
        assert!(bench.on(hello(friend, None, true)).is_empty());
        assert_eq!(bench.owner.unjudged(), Some(friend));
        assert_eq!(deleted(&bench.on(OwnerEvent::Unwant(vec![root(1)]))), 0);
        // Unlocked: what it said is judged again.
        let done = bench.on(hello(friend, Some(own), known));
        assert_eq!(bench.owner.unjudged(), None);
        assert_eq!(deleted(&done), usize::from(known));
        assert_eq!(done.contains(&OwnerAction::ShowHead(friend)), !known);
    }
}

#[test]
fn a_friend_that_cannot_show_what_it_saw_says_nothing_of_this_box() {
    let right = head(9, HeadHash([8; 32]), &bo().writer());
    let foreign = head(9, HeadHash([8; 32]), &Key::new(77));
    let mut flipped = right.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let higher = HeadPoint { seq: 10, ..at(&right) };
    for (friend, bytes) in [
        (at(&right), None),
        (at(&right), Some(foreign.clone())),
        (at(&foreign), Some(foreign)),
        (at(&flipped), Some(flipped)),
        (higher, Some(right.clone())),
    ] {
        let mut bench = Bench::new(1 << 40);
        bench.hold(1);
        bench.on(hello(friend, None, false));
        let done = bench.on(shown(friend, bytes.clone(), &[]));
        assert_eq!(done, [OwnerAction::Tell(OwnerNews::HeadNotShown { friend })]);
        assert!(!bench.owner.went_back());
        let done = bench.on(OwnerEvent::Unwant(vec![root(1)]));
        assert_eq!(asked(&done, |ask| matches!(ask, PackAsk::Delete(_))).len(), 1);
        bench.on(hello(friend, None, false));
        assert!(bench.on(shown(friend, bytes, &[])).is_empty(), "told once");
    }
    let mut bench = Bench::new(1 << 40);
    let show = OwnerAction::ShowHead(at(&right));
    assert_eq!(bench.on(hello(at(&right), None, false)), std::slice::from_ref(&show));
    assert!(bench.on(hello(at(&right), None, false)).is_empty(), "it is on its way");
    bench.on(OwnerEvent::Opened);
    assert!(bench.on(hello(at(&right), None, false)).contains(&show), "and again on a new line");
}

#[test]
fn a_head_from_which_the_words_begin_again_is_offered_to_whom_it_was_signed_for() {
    let point = |seq, of| HeadPoint { seq, hash: HeadHash([of; 32]) };
    let hello =
        |head| OwnerEvent::Hello { head: Some(head), newest: Some(point(6, 6)), known: false };
    let anew = Some((point(9, 9), peer_proto::sign::Signature::of([3; 64])));
    let previous = HeadHash([5; 32]);
    let head = OwnHead { point: point(6, 6), previous, len: 9, vouched: None, link: None, anew };
    for (seen, offered) in [(point(9, 9), 1), (point(8, 8), 0)] {
        let mut bench = Bench::new(1 << 40);
        bench.on(hello(seen));
        let done = bench.on(OwnerEvent::Head(Box::new(head)));
        assert_eq!(asked(&done, |ask| matches!(ask, PackAsk::Anew(_))).len(), offered);
    }
}

/// A box that was put back on purpose heard at each hello that it went back, whatever its owner said.
#[test]
fn what_the_words_have_settled_is_asked_no_more_and_the_next_head_follows_what_the_friend_took() {
    let point = |seq, of| HeadPoint { seq, hash: HeadHash([of; 32]) };
    let (own, previous) = (point(5, 5), HeadHash([4; 32]));
    let seen = head(9, HeadHash([8; 32]), &bo().writer());
    let friend = at(&seen);
    let anew = Some((friend, peer_proto::sign::Signature::of([3; 64])));
    let begins = OwnHead { point: own, previous, len: 9, vouched: None, link: None, anew };
    let mut bench = Bench::new(1 << 40);
    bench.hold(1);
    bench.on(hello(friend, Some(own), false));
    bench.on(shown(friend, Some(seen), &[]));
    assert_eq!((bench.owner.went_back(), bench.owner.strange()), (true, Some(friend)));
    let done = bench.on(OwnerEvent::Reconciled(Some(Box::new(begins))));
    assert_eq!(asked(&done, |ask| matches!(ask, PackAsk::Anew(_))).len(), 1);
    // The friend says the same until it has taken it: that is no news.
    let done = bench.on(hello(friend, Some(own), false));
    assert!(!done.contains(&OwnerAction::ShowHead(friend)), "{done:?}");
    assert_eq!((bench.owner.went_back(), bench.owner.strange()), (false, None));
    // A newer own head waits for the one that was signed.
    let newer = OwnHead { point: point(6, 6), previous: own.hash, anew: None, ..begins };
    let done = bench.on(OwnerEvent::Head(Box::new(newer)));
    assert!(asked(&done, |ask| matches!(ask, PackAsk::Head(_))).is_empty());
    assert_eq!(bench.owner.begins(), Some(begins));
    let done = bench.on(hello(own, Some(newer.point), true));
    assert_eq!(bench.owner.begins(), None, "it was taken, and the answer lost");
    assert!(!done.contains(&OwnerAction::ShowHead(own)));
    // Another head that nobody here knows is news again.
    let other = point(12, 12);
    assert_eq!(bench.on(hello(other, Some(newer.point), false)), [OwnerAction::ShowHead(other)]);
}
