//! Heads at a friend who is their witness.

use std::sync::atomic::Ordering;

use federation::FriendNews;
use peer_proto::heads::begin_again;
use peer_proto::owner::{CopyStage, OwnHead, OwnerNews};
use peer_proto::presence::Seen;
use peer_proto::wire::Why;
use testkit::simdisk::SimDisk;
use types::{Bytes, Millis, PackId};

use crate::home::point_of;
use crate::rig::Pair;

const GIB: u64 = 1 << 30;

fn witnessed(pair: &Pair, seq: u64) {
    pair.anna.home.until_told(
        "the head is witnessed",
        |news| matches!(news, FriendNews::Owner(OwnerNews::Witnessed(point)) if point.seq == seq),
    );
}

#[test]
fn each_head_is_witnessed_and_comes_back_by_its_hash() {
    let pair = Pair::new(GIB);
    for seq in 1..=12 {
        let head = pair.anna.home.add_head();
        pair.anna.fed().head(head);
        witnessed(&pair, seq);
    }
    // The newest eight, and the first one of the day: what went was forgotten by its name.
    pair.bo.home.until_so("old heads are forgotten", || {
        let heads = pair.bo.home.volume().hosted().list_heads(pair.anna_key()).unwrap();
        let numbers: Vec<u64> = heads.iter().map(|head| head.seq).collect();
        numbers == [1, 5, 6, 7, 8, 9, 10, 11, 12]
    });
    use federation::House;
    let newest = pair.anna.home.newest_head().unwrap();
    let mut bytes = Vec::new();
    let mut take = |_: u64, more: &[u8]| {
        bytes.extend_from_slice(more);
        Ok(())
    };
    pair.anna.fed().fetch(pair.id, PackId(newest.hash.0), &[], &mut take).unwrap();
    assert_eq!(point_of(&bytes), newest);
}

#[test]
fn heads_that_were_missed_are_linked_by_their_writer_once_the_box_is_unlocked() {
    let mut pair = Pair::new(GIB);
    pair.anna.fed().head(pair.anna.home.add_head());
    witnessed(&pair, 1);
    pair.bo.stop();
    pair.anna.home.add_head();
    let third = pair.anna.home.add_head();
    pair.anna.home.is_locked.store(true, Ordering::Relaxed);
    pair.anna.fed().head(third);
    pair.bo.start();
    pair.until_together();
    let root = pair.anna.home.add_pack(1, 1 << 20);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    let seen = |news: &FriendNews| matches!(news, FriendNews::Owner(OwnerNews::Witnessed(_)));
    assert!(!pair.anna.home.was_told(seen), "nobody signs while it is locked");
    pair.anna.home.is_locked.store(false, Ordering::Relaxed);
    pair.anna.fed().head(third);
    witnessed(&pair, 3);
}

#[test]
fn a_box_that_went_back_in_time_hears_so_from_its_friend() {
    let mut pair = Pair::new(GIB);
    for seq in 1..=3 {
        pair.anna.fed().head(pair.anna.home.add_head());
        witnessed(&pair, seq);
    }
    let root = pair.anna.home.add_pack(1, 1 << 20);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    pair.anna.stop();
    pair.anna.home.forget_heads_after(1);
    pair.anna.start();
    let news = pair.anna.home.until_told("the friend shows what it saw", |news| {
        matches!(news, FriendNews::Owner(OwnerNews::WentBack { .. }))
    });
    let FriendNews::Owner(OwnerNews::WentBack { friend, own }) = news else { panic!("{news:?}") };
    assert_eq!((friend.seq, own.map(|own| own.seq)), (3, Some(1)));
    assert!(pair.anna.view(pair.id).went_back);
    pair.anna.fed().unwant(pair.id, vec![root]).unwrap();
    pair.anna.home.pass(Millis::from_secs(10));
    pair.anna.home.until_so("time has passed", || pair.anna.view(pair.id).round_trip.is_some());
    let copies = pair.anna.fed().copies(pair.id).unwrap();
    assert!(copies[0].counts(), "nothing is deleted: {copies:?}");
}

#[test]
fn a_head_for_which_no_disk_has_room_is_refused_and_witnessed_once_there_is() {
    let pair = Pair::new(GIB);
    let disk = SimDisk::new("small", Bytes(8 * GIB));
    pair.bo.home.host_on(&disk);
    pair.bo.fed().shelves_changed();
    pair.bo.home.until_so("the room is on the new disk", || {
        let totals = pair.bo.home.volume().hosted().totals(pair.anna_key());
        totals.is_ok_and(|totals| totals.promised > Bytes(0))
    });
    disk.set_full(true);
    pair.anna.fed().head(pair.anna.home.add_head());
    pair.anna.home.until_told(
        "the friend says why",
        |news| matches!(news, FriendNews::Owner(OwnerNews::HeadRefused(no)) if no.why == Why::NoRoom),
    );
    let broke = |news: &FriendNews| matches!(news, FriendNews::RecordsFailed(_));
    assert!(!pair.bo.home.was_told(broke), "a full disk cuts nobody off");
    assert!(
        pair.anna.view(pair.id).round_trip.is_some() && pair.bo.view(pair.id).seen == Seen::Direct
    );
    disk.set_full(false);
    pair.anna.home.pass(Millis::from_secs(2 * 3_600));
    witnessed(&pair, 1);
}

/// What an owner said of a box that was put back held until the friend's next hello, a minute later.
#[test]
fn a_box_that_was_put_back_on_purpose_begins_again_with_the_words_and_is_a_box_like_any_other() {
    let mut pair = Pair::new(GIB);
    for seq in 1..=3 {
        pair.anna.fed().head(pair.anna.home.add_head());
        witnessed(&pair, seq);
    }
    let root = pair.anna.home.add_pack(1, 1 << 20);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    pair.anna.stop();
    pair.anna.home.forget_heads_after(1);
    pair.anna.start();
    pair.anna.home.until_so("it hears so", || pair.anna.view(pair.id).went_back);
    let seen = pair.anna.view(pair.id).strange.expect("which head it is");
    assert_eq!(seen.seq, 3);
    // Written down: the friend is away just then, and the box starts anew meanwhile.
    pair.bo.stop();
    let own = pair.anna.home.add_head();
    let word = begin_again(pair.anna.home.side.vault, seen, own.point, &pair.anna.home.recovery());
    let begins = OwnHead { anew: Some((seen, word)), ..own };
    pair.anna.fed().reconciled(pair.id, Some(begins)).unwrap();
    pair.anna.stop();
    pair.anna.start();
    pair.bo.start();
    witnessed(&pair, 2);
    let view = pair.anna.view(pair.id);
    assert_eq!((view.went_back, view.strange), (false, None));
    // Heads and deletions go on as if nothing had been.
    pair.anna.fed().head(pair.anna.home.add_head());
    witnessed(&pair, 3);
    pair.anna.fed().unwant(pair.id, vec![root]).unwrap();
    pair.anna.home.until_so("the friend was told that it may go", || {
        let copies = pair.anna.fed().copies(pair.id).unwrap();
        copies.iter().all(|copy| matches!(copy.stage, CopyStage::Doomed { .. }))
    });
}

#[test]
fn a_head_that_was_forgotten_here_is_taken_in_when_the_friend_shows_it() {
    let mut pair = Pair::new(GIB);
    for seq in 1..=2 {
        pair.anna.fed().head(pair.anna.home.add_head());
        witnessed(&pair, seq);
    }
    pair.anna.stop();
    let third = pair.anna.home.add_head();
    pair.anna.home.chain.lock().unwrap().drain(..2);
    pair.anna.start();
    pair.anna.fed().head(third);
    witnessed(&pair, 3);
    let broke = |news: &FriendNews| matches!(news, FriendNews::Owner(OwnerNews::WentBack { .. }));
    assert!(!pair.anna.home.was_told(broke), "nobody went back");
}
