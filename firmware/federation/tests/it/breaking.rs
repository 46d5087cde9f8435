//! Lines that break, boxes that restart, disks and records that fail.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use federation::{FriendNews, Log};
use plan::traffic::{Rate, Rules, Week};
use types::{Bytes, Millis, PackId};
use verified::Told;
use volume::hosted::Begun;

use crate::home::set;
use crate::rig::{Pair, Running, befriend, terms};

const GIB: u64 = 1 << 30;
const MIB: usize = 1 << 20;

fn slow(rate: Rate) -> Rules {
    Rules { week: Week::new(rate, Vec::new()).unwrap(), ..Rules::default() }
}

fn packs(pair: &Pair, count: u32, len: usize) -> Vec<PackId> {
    (0..count).map(|n| pair.anna.home.add_pack(n, len)).collect()
}

fn kept_by_bo(pair: &Pair) -> BTreeSet<PackId> {
    let kept = pair.bo.home.volume().hosted().list(pair.anna_key(), None, 10_000).unwrap();
    kept.iter().map(|pack| pack.id).collect()
}

/// What of these packs the host does not have, to the group.
fn lacking(pair: &Pair, packs: &[PackId]) -> u64 {
    let hosted = pair.bo.home.volume().hosted();
    let lacks = |root: &PackId| {
        let len = Bytes(pair.anna.home.bytes_of(*root).len() as u64);
        let told = Told::new(*root, len).unwrap();
        match hosted.begin(pair.anna_key(), told).unwrap() {
            Begun::AlreadyThere(_) => 0,
            Begun::Wanted(incoming) => incoming.missing().len(&told).0,
        }
    };
    packs.iter().map(lacks).sum()
}

#[test]
fn after_a_host_went_in_the_middle_only_what_it_lacks_is_sent() {
    let mut pair = Pair::new(GIB);
    // As slow as it has to be for the host to go in the middle of several.
    *pair.anna.home.rules.lock().unwrap() = slow(Rate(16 << 20));
    let all = packs(&pair, 8, 4 * MIB);
    let total = 8 * 4 * MIB as u64;
    pair.anna.home.pass(Millis::from_secs(2));
    pair.anna.send(pair.id, &all);
    let sent = |pair: &Pair| pair.anna.view(pair.id).doing.sent.0;
    pair.anna.home.until_so("half is on its way", || sent(&pair) > total / 2);
    pair.bo.stop();
    pair.anna.home.until_so("the line is closed", || {
        let view = pair.anna.view(pair.id);
        view.doing.asking == 0 && view.round_trip.is_none()
    });
    let (before, lacks) = (sent(&pair), lacking(&pair, &all));
    assert!(lacks > 0 && lacks < total * 3 / 4, "it went in the middle: {lacks} of {total}");
    assert!(kept_by_bo(&pair).len() < all.len());
    pair.bo.start();
    *pair.anna.home.rules.lock().unwrap() = Rules::default();
    pair.anna.until_held(pair.id, &all);
    assert_eq!(kept_by_bo(&pair), set(&all));
    let again = sent(&pair) - before;
    assert!(again >= lacks && again <= lacks + total / 100, "{again} for {lacks}");
    let hosted = pair.bo.home.volume().hosted();
    for root in all {
        assert!(hosted.open(pair.anna_key(), root).is_ok());
    }
}

#[test]
fn an_owner_that_restarts_knows_what_is_held_and_sends_the_rest() {
    let mut pair = Pair::new(GIB);
    let all = packs(&pair, 6, MIB);
    pair.anna.send(pair.id, &all[..3]);
    pair.anna.until_held(pair.id, &all[..3]);
    pair.anna.stop();
    pair.anna.start();
    assert_eq!(set(&pair.anna.held(pair.id)), set(&all[..3]), "before any line");
    pair.anna.send(pair.id, &all);
    pair.anna.until_held(pair.id, &all);
    let sent = pair.anna.view(pair.id).doing.sent;
    assert!(sent < Bytes(3 * MIB as u64 + 200_000), "nothing twice: {sent}");
}

#[test]
fn a_line_that_is_closed_hours_passes_nothing_and_goes_on_when_it_opens() {
    let pair = Pair::new(GIB);
    *pair.bo.home.rules.lock().unwrap() = slow(Rate::CLOSED);
    pair.bo.home.pass(Millis::from_secs(2));
    let before = pair.bo.home.moved();
    pair.bo.home.until_so("the host has looked at its rules", || {
        pair.bo.home.moved() == before && pair.bo.view(pair.id).round_trip.is_some()
    });
    let root = pair.anna.home.add_pack(1, 8 * MIB);
    pair.anna.send(pair.id, &[root]);
    pair.anna.home.until_so("it began", || pair.anna.view(pair.id).doing.asking > 0);
    *pair.bo.home.rules.lock().unwrap() = Rules::default();
    pair.bo.home.pass(Millis::from_secs(2));
    pair.anna.until_held(pair.id, &[root]);
}

#[test]
fn a_disk_that_is_pulled_is_no_loss_and_serves_again_when_it_is_back() {
    let pair = Pair::new(GIB);
    let all = packs(&pair, 3, MIB);
    pair.anna.send(pair.id, &all);
    pair.anna.until_held(pair.id, &all);
    let shelf = pair.bo.home.shelves.lock().unwrap().remove(0);
    pair.bo.home.add_disk(1);
    pair.bo.fed().shelves_changed();
    pair.bo.home.until_so("the room is on the new disk", || {
        let volume = pair.bo.home.volume();
        volume.hosted().totals(pair.anna_key()).is_ok_and(|totals| totals.promised > Bytes(0))
    });
    assert_eq!(pair.bo.view(pair.id).kept.packs, 3, "it counts");
    let mut take = |_: u64, _: &[u8]| Ok(());
    let error = pair.anna.fed().fetch(pair.id, all[0], &[], &mut take).unwrap_err();
    assert!(error.to_string().contains("Away"), "{error}");
    let other = pair.anna.home.add_pack(9, MIB);
    pair.anna.send(pair.id, &[other]);
    pair.anna.until_held(pair.id, &[other]);
    pair.bo.home.shelves.lock().unwrap().push(shelf);
    pair.bo.fed().shelves_changed();
    pair.bo.home.until_so("it serves again", || {
        let mut take = |_: u64, _: &[u8]| Ok(());
        pair.anna.fed().fetch(pair.id, all[0], &[], &mut take).is_ok()
    });
    let lost = |news: &FriendNews| matches!(news, FriendNews::Host(_));
    assert!(!pair.bo.home.was_told(lost), "nothing was lost");
    assert_eq!(pair.bo.view(pair.id).kept.packs, 4);
}

#[test]
fn a_pack_that_went_while_the_box_was_off_is_told_and_sent_anew() {
    let mut pair = Pair::new(GIB);
    let all = packs(&pair, 2, MIB);
    pair.anna.send(pair.id, &all);
    pair.anna.until_held(pair.id, &all);
    pair.bo.stop();
    std::fs::remove_file(pair.bo.home.file_of(pair.anna_key(), all[0])).unwrap();
    pair.bo.start();
    use peer_proto::owner::OwnerNews;
    pair.anna.home.until_told(
        "the list tells",
        |news| matches!(news, FriendNews::Owner(OwnerNews::Lost { root, .. }) if *root == all[0]),
    );
    pair.anna.send(pair.id, &all);
    pair.anna.until_held(pair.id, &all);
}

#[test]
fn without_durable_records_nothing_is_acknowledged_and_all_goes_on_once_there_are() {
    let pair = Pair::new(GIB);
    let all = packs(&pair, 2, MIB);
    pair.anna.send(pair.id, &all[..1]);
    pair.anna.until_held(pair.id, &all[..1]);
    pair.bo.home.cannot_write.store(true, Ordering::Relaxed);
    pair.anna.send(pair.id, &all);
    pair.bo.home.until_told("the box says so", |news| matches!(news, FriendNews::RecordsFailed(_)));
    assert!(!pair.anna.held(pair.id).contains(&all[1]), "no receipt without a record");
    pair.bo.home.cannot_write.store(false, Ordering::Relaxed);
    pair.bo.home.pass(Millis::from_secs(11));
    pair.anna.home.pass(Millis::from_secs(70));
    pair.anna.until_held(pair.id, &all);
}

#[test]
fn a_log_that_does_not_read_is_told_and_keeps_nobody_from_other_friends() {
    let mut pair = Pair::new(GIB);
    let cleo = Running::new(30, "Cleo");
    let torn = befriend(&pair.anna, &cleo, terms(GIB));
    pair.anna.stop();
    pair.anna.home.tear(Log::Friend(torn));
    pair.anna.start();
    pair.anna
        .home
        .until_told("the log is told", |news| matches!(news, FriendNews::RecordsFailed(_)));
    pair.until_together();
    let views = pair.anna.fed().friends();
    assert_eq!(views.iter().map(|view| view.id).collect::<Vec<_>>(), [pair.id]);
}
