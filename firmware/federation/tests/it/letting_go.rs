//! The box wants its disks for itself, or all of it to end, while friends are in the middle of something.

use std::sync::Arc;
use std::time::Duration;

use federation::FederationError;
use plan::traffic::{Rate, Rules, Week};
use types::{Bytes, Millis, PackId};

use crate::rig::{Pair, Running};

const GIB: u64 = 1 << 30;
const MIB: usize = 1 << 20;
const SOON: Duration = Duration::from_secs(60);

/// Nothing moves, and nothing ends by itself.
fn stall(of: &Running) {
    let week = Week::new(Rate::CLOSED, Vec::new()).unwrap();
    *of.home.rules.lock().unwrap() = Rules { week, ..Rules::default() };
    of.home.pass(Millis::from_secs(2));
    let looked = of.home.looks();
    of.home.until_so("it goes by its rules", || of.home.looks() > looked + 1);
}

fn go_on(of: &Running) {
    *of.home.rules.lock().unwrap() = Rules::default();
    of.home.pass(Millis::from_secs(2));
}

/// A pack is on its way to Bo, and stays there.
fn stalled_on_the_way(pair: &Pair) -> PackId {
    stall(&pair.bo);
    let root = pair.anna.home.add_pack(1, 8 * MIB);
    pair.anna.send(pair.id, &[root]);
    let hosted = pair.bo.home.volume().hosted();
    pair.bo.home.until_so("it began", || {
        hosted.list_incoming(pair.anna_key()).is_ok_and(|parts| !parts.is_empty())
            && pair.bo.view(pair.id).doing.answering > 0
    });
    root
}

#[test]
fn a_disk_that_the_box_needs_is_let_go_of_in_the_middle_of_a_pack_and_the_pack_goes_on_later() {
    let pair = Pair::new(GIB);
    pair.bo.home.volume().lock_for_writing().unwrap();
    let root = stalled_on_the_way(&pair);
    let kept_back = std::mem::take(&mut *pair.bo.home.shelves.lock().unwrap());
    drop(kept_back);
    // Whoever opens the vault gets no disk that somebody still has.
    let again = pair.bo.home.open_again(0);
    assert!(again.lock_for_writing().is_err(), "the friend's stream holds it");
    assert!(pair.bo.fed().let_go_of_shelves(SOON), "it is let go of in time");
    again.lock_for_writing().unwrap();
    assert!(pair.anna.held(pair.id).is_empty());

    pair.bo.home.lend(again);
    pair.bo.fed().shelves_changed();
    go_on(&pair.bo);
    pair.anna.home.pass(Millis::from_secs(70));
    pair.anna.until_held(pair.id, &[root]);
}

#[test]
fn a_disk_that_is_pulled_is_held_by_no_stream_of_a_friend() {
    let pair = Pair::new(GIB);
    pair.bo.home.volume().lock_for_writing().unwrap();
    stalled_on_the_way(&pair);
    drop(pair.bo.home.shelves.lock().unwrap().remove(0));
    pair.bo.home.add_disk(1);
    let again = pair.bo.home.open_again(0);
    assert!(again.lock_for_writing().is_err(), "the friend's stream holds it");
    pair.bo.fed().shelves_changed();
    pair.bo.home.until_so("nobody holds it", || again.lock_for_writing().is_ok());
}

#[test]
fn an_own_pack_that_is_being_sent_is_let_go_of_and_none_is_opened_until_disks_are_lent_again() {
    let pair = Pair::new(GIB);
    let root = stalled_on_the_way(&pair);
    let readers = || Arc::strong_count(&pair.anna.home.packs.lock().unwrap()[&root]) - 1;
    pair.anna.home.until_so("it is being read", || readers() > 0);
    assert!(pair.anna.fed().let_go_of_shelves(SOON));
    assert_eq!(readers(), 0);
    go_on(&pair.bo);
    pair.anna.home.pass(Millis::from_secs(70));
    let looked = pair.anna.home.looks();
    pair.anna.home.until_so("time has passed", || pair.anna.home.looks() > looked + 1);
    assert!(pair.anna.held(pair.id).is_empty() && readers() == 0);

    pair.anna.fed().shelves_changed();
    pair.anna.home.pass(Millis::from_secs(70));
    pair.anna.until_held(pair.id, &[root]);
}

#[test]
fn a_federation_that_others_still_have_ends_when_told_and_a_fetch_that_waits_ends_with_it() {
    let mut pair = Pair::new(GIB);
    let root = pair.anna.home.add_pack(1, 8 * MIB);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    stall(&pair.bo);
    let at = pair.anna.at();
    let old = pair.anna.shared();
    let (id, fetching) = (pair.id, Arc::clone(&old));
    let fetch = std::thread::spawn(move || fetching.fetch(id, root, &[], &mut |_, _| Ok(())));
    pair.bo.home.until_so("it is being answered", || pair.bo.view(id).doing.answering > 0);
    assert!(!fetch.is_finished(), "it waits for the friend");
    old.stop();
    let ended = fetch.join().unwrap();
    assert!(
        matches!(ended, Err(FederationError::Broken | FederationError::Stopped)),
        "it ends with an error: {ended:?}"
    );
    old.stop();
    assert!(matches!(old.fetch(id, root, &[], &mut |_, _| Ok(())), Err(FederationError::Stopped)));

    // The same port, the same friend. A port is free once nobody has the old one any more.
    pair.anna.forget();
    drop(old);
    pair.anna.start();
    assert_eq!(pair.anna.at(), at);
    go_on(&pair.bo);
    pair.until_together();
    pair.anna.home.until_so("it comes back whole", || {
        let came = pair.anna.fed().fetch(id, root, &[], &mut |_, _| Ok(()));
        came.is_ok_and(|len| len == Bytes(8 * MIB as u64))
    });
}
