//! Who is told to keep what, and what nobody is ever told to let go.

use std::collections::BTreeSet;

use friends::round::{Holder, OwnList, OwnPack, Round, round};
use peer_proto::owner::{Copy, Item};
use peer_proto::wire::Kind;
use plan::PackKind;
use plan::offsite::{FriendFacts, Standing};
use proptest::prelude::*;
use types::{Bytes, Millis, PackId, UnixTime};

const NOW: UnixTime = UnixTime(1_790_000_000_000);
const LEN: u64 = 16 << 20;

fn id(no: u8) -> PackId {
    PackId([no; 32])
}

fn pack(no: u8) -> OwnPack {
    OwnPack {
        id: id(no),
        kind: PackKind::Data,
        len: Bytes(LEN),
        here: 2,
        away: false,
        wanted: 1,
        pinned: false,
        pruned: false,
        sealed: NOW.minus(Millis::from_days(40)),
    }
}

/// A copy in a stage, as a record has it: there is no other way to one.
fn copy(no: u8, stage: &str) -> Copy {
    let text = format!("{{\"root\":{:?},\"size\":{LEN},\"kind\":1,\"stage\":{stage}}}", [no; 32]);
    serde_json::from_str(&text).unwrap()
}

fn holder(slot: u8, held: &[u8]) -> Holder {
    let copies: Vec<Copy> = held.iter().map(|no| copy(*no, "\"Held\"")).collect();
    Holder {
        facts: FriendFacts {
            slot,
            standing: Standing::Active,
            last_seen: NOW,
            given: Bytes(LEN * 100),
            used: Bytes(LEN * held.len() as u64),
            open: true,
            place: slot.into(),
        },
        copies,
        lost: BTreeSet::new(),
        is_ahead: false,
    }
}

fn own(packs: &[u8]) -> OwnList {
    OwnList { packs: packs.iter().map(|no| pack(*no)).collect(), whole: true, everywhere: vec![] }
}

fn made(own: &OwnList, holders: &[Holder]) -> Round {
    round(Some(own), holders, NOW).unwrap()
}

fn wanted(round: &Round, slot: u8) -> Vec<PackId> {
    round.orders[&slot].want.iter().map(|item| item.root).collect()
}

#[test]
fn what_has_no_copy_outside_goes_to_a_friend_and_what_has_one_does_not_go_again() {
    let round = made(&own(&[1, 2, 3]), &[holder(0, &[2])]);
    assert_eq!(wanted(&round, 0), [id(1), id(3)]);
    assert_eq!(round.orders[&0].waiting, Bytes(2 * LEN));
    assert_eq!((round.short, round.away, round.lost.len()), (0, 0, 0));
}

#[test]
fn without_a_friend_nothing_is_sent_and_all_of_it_is_short() {
    let round = made(&own(&[1, 2]), &[]);
    assert!(round.orders.is_empty());
    assert_eq!(round.short, 2);
}

#[test]
fn a_locked_box_changes_nobodys_orders() {
    assert_eq!(round(None, &[holder(0, &[1])], NOW), None);
}

#[test]
fn the_words_slot_goes_to_every_friend_and_before_all_else() {
    let slot = Item { root: id(99), size: 400, kind: Kind::Keys };
    let mut own = own(&[1]);
    own.everywhere = vec![slot];
    let round = made(&own, &[holder(0, &[]), holder(1, &[99])]);
    assert_eq!(round.orders[&0].want[0], slot);
    assert!(!wanted(&round, 1).contains(&id(99)), "it has it");
    assert!(round.orders[&1].unwant.is_empty(), "and keeps it");
}

/// A slot of the 24 words, as a record has it.
fn slot_copy(no: u8, stage: &str) -> Copy {
    let text = format!("{{\"root\":{:?},\"size\":400,\"kind\":4,\"stage\":{stage}}}", [no; 32]);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn an_old_words_slot_goes_only_once_the_new_one_is_safe_there() {
    let mut own = own(&[1, 2, 3, 4]);
    own.everywhere = vec![Item { root: id(99), size: 400, kind: Kind::Keys }];
    let mut friend = holder(0, &[1, 2, 3, 4, 50]);
    friend.copies.push(slot_copy(98, "\"Held\""));
    assert_eq!(friend.copies[5].kind, Kind::Keys);
    let told = |own: &OwnList, friend: &Holder| {
        made(own, std::slice::from_ref(friend)).orders[&0].unwant.clone()
    };
    assert_eq!(told(&own, &friend), [id(50)], "the new one is not there; other strangers go");
    for on_its_way in ["\"Queued\"", "\"Sending\"", "\"Suspect\"", "\"Deleting\""] {
        let mut friend = friend.clone();
        friend.copies.push(slot_copy(99, on_its_way));
        assert_eq!(told(&own, &friend), [id(50)], "{on_its_way}");
    }
    let mut has_both = friend.clone();
    has_both.copies.push(slot_copy(99, "\"Held\""));
    assert_eq!(told(&own, &has_both), [id(50), id(98)]);
    // A list that names no slot at all is no word against the one that lies there.
    own.everywhere.clear();
    assert_eq!(told(&own, &has_both), [id(50)]);
}

#[test]
fn what_no_disk_here_has_is_fetched_from_a_friend_that_has_it() {
    let mut own = own(&[1, 2]);
    own.packs[0].here = 0;
    own.packs[1].here = 0;
    let round = made(&own, &[holder(0, &[]), holder(1, &[1])]);
    assert_eq!(round.fetch, [(id(1), 1)]);
    assert_eq!(round.lost, [id(2)]);
}

#[test]
fn copies_of_a_friend_that_was_dark_too_long_are_made_elsewhere_and_none_of_them_is_let_go() {
    let mut dark = holder(0, &[1, 2]);
    dark.facts.last_seen = NOW.minus(Millis::from_days(15));
    let round = made(&own(&[1, 2]), &[dark.clone(), holder(1, &[])]);
    assert_eq!(wanted(&round, 1), [id(1), id(2)]);
    assert!(round.orders[&0].unwant.is_empty());
    // One that is away for a week-end costs nothing.
    dark.facts.last_seen = NOW.minus(Millis::from_days(2));
    let round = made(&own(&[1, 2]), &[dark, holder(1, &[])]);
    assert!(wanted(&round, 1).is_empty());
}

#[test]
fn from_a_friend_that_leaves_all_goes_elsewhere_first_and_only_then_may_go() {
    let mut leaving = holder(0, &[1, 2]);
    leaving.facts.standing = Standing::Leaving;
    let round = made(&own(&[1, 2]), &[leaving.clone(), holder(1, &[1])]);
    assert_eq!(wanted(&round, 1), [id(2)]);
    assert_eq!(round.orders[&0].unwant, [id(1)]);
    assert_eq!(round.orders[&0].homeless, Bytes(LEN));
}

#[test]
fn what_the_vault_does_not_know_is_let_go_only_when_it_knows_all_it_has() {
    let known: Vec<u8> = (1..=20).collect();
    let held: Vec<u8> = (1..=21).collect();
    let mut own = own(&known);
    assert_eq!(made(&own, &[holder(0, &held)]).orders[&0].unwant, [id(21)]);
    own.whole = false;
    assert!(made(&own, &[holder(0, &held)]).orders[&0].unwant.is_empty());
}

/// A vault that was brought back from an older head had what only the newer one needs let go at all other friends.
#[test]
fn while_one_friend_is_ahead_of_this_box_nothing_is_let_go_anywhere() {
    let (known, held): (Vec<u8>, Vec<u8>) = ((1..=20).collect(), (1..=21).collect());
    let mut own = own(&known);
    own.packs[0].pruned = true;
    let mut holders = [holder(0, &held), holder(1, &[])];
    assert_eq!(made(&own, &holders).orders[&0].unwant, [id(1), id(21)]);
    holders[1].is_ahead = true;
    assert!(made(&own, &holders).orders[&0].unwant.is_empty());
}

#[test]
fn a_box_that_lost_its_memory_asks_nobody_to_delete() {
    let held: Vec<u8> = (1..=20).collect();
    let round = made(&own(&[1]), &[holder(0, &held)]);
    assert!(round.orders[&0].unwant.is_empty());
    assert_eq!(round.strange, [0]);
    // A few strangers among many are what pruning leaves.
    let round = made(&own(&(1..=18).collect::<Vec<_>>()), &[holder(0, &held)]);
    assert_eq!(round.orders[&0].unwant.len(), 2);
    assert!(round.strange.is_empty());
}

#[test]
fn what_is_pruned_may_go_everywhere_and_what_is_going_already_is_not_told_twice() {
    let mut own = own(&[1, 2]);
    own.packs[0].pruned = true;
    let mut friend = holder(0, &[1, 2]);
    assert_eq!(made(&own, std::slice::from_ref(&friend)).orders[&0].unwant, [id(1)]);
    friend.copies[0] = copy(1, &format!("{{\"Doomed\":{{\"until\":{}}}}}", NOW.0));
    assert!(made(&own, &[friend]).orders[&0].unwant.is_empty());
}

#[test]
fn it_is_told_how_much_hangs_on_one_friend() {
    let round = made(&own(&[1, 2, 3]), &[holder(0, &[1, 2]), holder(1, &[2, 3])]);
    assert_eq!(round.orders[&0].only_there, Bytes(LEN), "the first pack");
    assert_eq!(round.orders[&1].only_there, Bytes(LEN), "the third");
}

#[test]
fn two_friends_in_one_place_count_as_one() {
    let mut own = own(&[1]);
    own.packs[0].wanted = 2;
    let (mut one, mut other) = (holder(0, &[1]), holder(1, &[]));
    assert_eq!(wanted(&made(&own, &[one.clone(), other.clone()]), 1), [id(1)]);
    (one.facts.place, other.facts.place) = (7, 7);
    let round = made(&own, &[one, other]);
    assert!(wanted(&round, 1).is_empty());
    assert_eq!(round.short, 1);
}

proptest! {
    /// Whatever the facts: nobody is told to keep and to let go the same pack, nothing is wanted that is not
    /// here, and the last copies of what is needed are let go of nowhere.
    #[test]
    fn no_order_contradicts_another_and_no_needed_pack_loses_its_last_copy(
        here in proptest::collection::vec(0_u8..3, 1..12),
        held in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 12), 0..4),
        standing in proptest::collection::vec(0_usize..5, 4),
        away in proptest::collection::vec(0_u64..30, 4),
        whole in any::<bool>(),
    ) {
        let all = [
            Standing::Active, Standing::Paused, Standing::Leaving, Standing::Distrusted, Standing::Ended,
        ];
        let mut own = own(&(0..u8::try_from(here.len()).unwrap()).collect::<Vec<_>>());
        own.whole = whole;
        own.packs.iter_mut().zip(&here).for_each(|(pack, here)| pack.here = *here);
        let holders: Vec<Holder> = (0..).zip(&held).map(|(slot, held)| {
            let held: Vec<u8> =
                (0..).zip(held).filter(|(_, has)| **has).map(|(no, _)| no).collect();
            let mut one = holder(slot, &held);
            one.facts.standing = all[standing[usize::from(slot)]];
            one.facts.last_seen = NOW.minus(Millis::from_days(away[usize::from(slot)]));
            one
        }).collect();
        let round = made(&own, &holders);
        for orders in round.orders.values() {
            let unwant: BTreeSet<_> = orders.unwant.iter().collect();
            prop_assert!(orders.want.iter().all(|item| !unwant.contains(&item.root)));
            for item in &orders.want {
                let pack = own.packs.iter().find(|pack| pack.id == item.root).unwrap();
                prop_assert!(pack.here > 0);
            }
        }
        for pack in own.packs.iter().filter(|pack| pack.here == 0) {
            let told = |one: &&Holder| round.orders[&one.facts.slot].unwant.contains(&pack.id);
            let holds = |one: &&Holder| one.copies.iter().any(|copy| copy.root == pack.id);
            let (going, staying): (Vec<_>, Vec<_>) = holders.iter().filter(holds).partition(told);
            prop_assert!(going.is_empty() || !staying.is_empty(), "the last copy of {:?}", pack.id);
        }
    }
}
