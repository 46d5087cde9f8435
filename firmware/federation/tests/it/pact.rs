//! Terms that change, friends that are blocked, pacts that end.

use federation::{FederationError, FriendNews, Stays};
use peer_proto::host::HostNews;
use peer_proto::owner::{LostWhy, OwnerNews};
use peer_proto::pact::{Phase, Terms};
use peer_proto::sign::Statement;
use peer_proto::wire::{NoteKind, Why};
use types::{Bytes, Millis};

use crate::rig::{Pair, Running, befriend, terms};

const GIB: u64 = 1 << 30;
const MIB: usize = 1 << 20;

fn proposed(pair: &Pair) -> (peer_proto::pact::PactHash, Terms, bool) {
    let news = pair
        .bo
        .home
        .until_told("it is shown to Bo", |news| matches!(news, FriendNews::Proposed { .. }));
    match news {
        FriendNews::Proposed { pact, terms, shorter, .. } => (pact, terms, shorter),
        other => panic!("{other:?}"),
    }
}

#[test]
fn terms_change_when_both_have_signed_and_the_disk_reserves_what_they_say() {
    let pair = Pair::new(GIB);
    pair.anna.fed().propose(pair.id, terms(2 * GIB), None).unwrap();
    let (shown, new, shorter) = proposed(&pair);
    assert_eq!((new, shorter), (terms(2 * GIB), false));
    assert_eq!(pair.bo.view(pair.id).pact.seq, 1);
    pair.bo.fed().answer(pair.id, shown, true, None).unwrap();
    pair.anna.home.until_told("they are in force", |news| *news == FriendNews::TermsChanged);
    assert_eq!(pair.anna.view(pair.id).pact, pair.bo.view(pair.id).pact);
    assert_eq!(pair.anna.view(pair.id).pact.seq, 2);
    let totals = pair.bo.home.volume().hosted().totals(pair.anna_key()).unwrap();
    assert_eq!(totals.promised, Bytes(2 * GIB));
}

#[test]
fn a_no_leaves_the_terms_and_a_shorter_time_takes_the_owners_words() {
    let pair = Pair::new(GIB);
    pair.anna.fed().propose(pair.id, terms(2 * GIB), None).unwrap();
    let (shown, ..) = proposed(&pair);
    pair.bo.fed().answer(pair.id, shown, false, None).unwrap();
    pair.anna.home.until_told("Bo said no", |news| *news == FriendNews::Declined);
    assert_eq!(pair.anna.view(pair.id).pact.seq, 1);
    let mut short = terms(GIB);
    short.by_invitee.not_before_days = 3;
    let error = pair.anna.fed().propose(pair.id, short, None).unwrap_err();
    assert!(matches!(error, FederationError::Refused(refused) if refused.why == Why::Shortened));
    pair.anna.home.stand_still();
    let next = pair.anna.fed().next_pact(pair.id, short).unwrap();
    let word = Statement::Shorten.sign(&next.signed_bytes(), &pair.anna.home.recovery());
    // The moment is part of what is signed, so for the test it stays the same.
    pair.anna.fed().propose(pair.id, short, Some(word)).unwrap();
    // An owner is asked once a day.
    pair.bo.home.pass(Millis::from_days(1));
    let (shown, new, shorter) = proposed(&pair);
    assert_eq!((new, shorter), (short, false), "less for Anna is nothing less for Bo");
    pair.bo.fed().answer(pair.id, shown, true, None).unwrap();
    pair.anna.home.until_told("they are in force", |news| *news == FriendNews::TermsChanged);
}

#[test]
fn a_block_closes_what_is_open_lets_nobody_in_and_can_be_taken_back() {
    let pair = Pair::new(GIB);
    let root = pair.anna.home.add_pack(1, MIB);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    pair.bo.fed().block(pair.id).unwrap();
    pair.anna
        .home
        .until_so("every line is closed", || pair.anna.view(pair.id).round_trip.is_none());
    let mut take = |_: u64, _: &[u8]| Ok(());
    assert!(pair.anna.fed().fetch(pair.id, root, &[], &mut take).is_err());
    assert_eq!(pair.bo.view(pair.id).kept.packs, 1, "what is kept stays");
    pair.bo.fed().unblock(pair.id).unwrap();
    pair.anna.home.pass(Millis::from_secs(61));
    pair.bo.home.pass(Millis::from_secs(61));
    pair.until_together();
    pair.anna.home.until_so("it can be had again", || {
        let mut take = |_: u64, _: &[u8]| Ok(());
        pair.anna.fed().fetch(pair.id, root, &[], &mut take).is_ok()
    });
}

#[test]
fn a_pause_is_about_new_packs_and_ends_when_it_is_taken_back() {
    let pair = Pair::new(GIB);
    let (first, second) = (pair.anna.home.add_pack(1, MIB), pair.anna.home.add_pack(2, MIB));
    pair.anna.send(pair.id, &[first]);
    pair.anna.until_held(pair.id, &[first]);
    pair.bo.fed().pause(pair.id, None).unwrap();
    pair.anna.home.until_so("a read still works", || {
        let mut take = |_: u64, _: &[u8]| Ok(());
        pair.anna.fed().fetch(pair.id, first, &[], &mut take).is_ok()
    });
    pair.anna.send(pair.id, &[second]);
    assert!(!pair.anna.held(pair.id).contains(&second));
    pair.bo.fed().resume(pair.id).unwrap();
    pair.anna.home.pass(Millis::from_secs(3_601));
    pair.anna.until_held(pair.id, &[second]);
}

#[test]
fn whoever_stops_at_once_tells_the_friend_who_counts_all_as_lost() {
    let pair = Pair::new(GIB);
    let root = pair.anna.home.add_pack(1, MIB);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    pair.bo.fed().stop_now(pair.id).unwrap();
    pair.anna.home.until_told("Anna hears it", |news| *news == FriendNews::Stopped);
    pair.anna.home.until_told("her copy is lost", |news| {
        matches!(news, FriendNews::Owner(OwnerNews::Lost { root: of, why: LostWhy::Stopped })
            if *of == root)
    });
    assert_eq!(pair.anna.view(pair.id).phase, Phase::Over);
    assert!(pair.anna.held(pair.id).is_empty());
    pair.bo.home.until_so("it may go at once", || {
        pair.bo.home.pass(Millis::from_secs(61));
        pair.bo.view(pair.id).kept.packs == 0
    });
    assert!(!pair.bo.home.file_of(pair.anna_key(), root).exists());
}

/// Of two pacts with one box the one whose log was read last used to say who may come in, and the one with the
/// lower number who it is: often the one that was over.
#[test]
fn who_became_a_friend_anew_is_met_by_the_new_pact_after_a_restart() {
    let mut pair = Pair::new(GIB);
    for round in 0..3 {
        let old = pair.id;
        pair.bo.fed().stop_now(old).unwrap();
        pair.anna.home.until_so("Anna hears it", || pair.anna.view(old).phase == Phase::Over);
        pair.id = befriend(&pair.anna, &pair.bo, terms(GIB));
        for one in [&mut pair.anna, &mut pair.bo] {
            one.stop();
            one.start();
        }
        pair.until_together();
        let root = pair.anna.home.add_pack(40 + round, MIB);
        pair.anna.send(pair.id, &[root]);
        pair.anna.until_held(pair.id, &[root]);
    }
}

#[test]
fn who_was_away_when_it_was_stopped_hears_it_on_coming_back() {
    for who_is_away in [0, 1] {
        let mut pair = Pair::new(GIB);
        let (stops, away) = if who_is_away == 0 {
            (&mut pair.bo, &mut pair.anna)
        } else {
            (&mut pair.anna, &mut pair.bo)
        };
        away.stop();
        stops.fed().stop_now(pair.id).unwrap();
        away.start();
        stops.home.pass(Millis::from_secs(61));
        away.home.until_told("it is told", |news| *news == FriendNews::Stopped);
    }
}

#[test]
fn notice_runs_its_days_and_then_the_pact_is_over_on_both_sides() {
    let pair = Pair::new(GIB);
    let root = pair.anna.home.add_pack(1, MIB);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    pair.bo.fed().end(pair.id).unwrap();
    pair.anna.home.until_told("Anna is told", |news| matches!(news, FriendNews::Noticed(_)));
    assert!(matches!(pair.anna.view(pair.id).phase, Phase::Ending(_)));
    let mut take = |_: u64, _: &[u8]| Ok(());
    pair.anna.fed().fetch(pair.id, root, &[], &mut take).unwrap();
    for home in [&pair.anna.home, &pair.bo.home] {
        home.pass(Millis::from_days(31));
    }
    for running in [&pair.anna, &pair.bo] {
        running.home.until_so("it is over", || running.view(pair.id).phase == Phase::Over);
    }
    pair.bo.home.until_so("what was kept is gone", || {
        pair.bo.home.pass(Millis::from_secs(61));
        pair.bo.view(pair.id).kept.packs == 0
    });
}

/// Nobody told the pact whether the clock is believed: a box whose clock was years ahead ended by it a notice
/// that had just been given, and by one that was behind a notice began that was over once it was right.
#[test]
fn no_notice_begins_or_ends_by_a_clock_that_is_not_believed_and_it_is_said_again_until_it_does() {
    let pair = Pair::new(GIB);
    let phase = || pair.bo.view(pair.id).phase;
    let unsure = FriendNews::Host(HostNews::ClockUnsure);
    let jumps = |days| {
        pair.bo.home.jump(days);
        pair.bo.home.pass(Millis::from_secs(61));
        pair.bo.home.until_told("the clock is not believed", |news| *news == unsure);
    };
    jumps(-400);
    let own = pair.bo.fed().end(pair.id);
    let is_unsure = |error: &FederationError| format!("{error:?}").contains("ClockUnsure");
    assert!(own.as_ref().is_err_and(is_unsure), "{own:?}");
    pair.anna.fed().end(pair.id).unwrap();
    pair.anna.fed().say(pair.id, NoteKind::Words, "did you hear?", None).unwrap();
    pair.bo.home.until_told("all before is heard", |news| matches!(news, FriendNews::Note(_)));
    assert_eq!(phase(), Phase::Standing, "no notice began");
    pair.bo.home.jump(0);
    pair.anna.home.until_so("it is said again", || {
        pair.anna.home.pass(Millis::from_secs(61));
        matches!(phase(), Phase::Ending(_))
    });
    let (until, looked) = (phase(), pair.bo.home.records());
    pair.bo.home.pass(Millis::from_secs(3_601));
    pair.bo.home.until_so("the host has looked", || pair.bo.home.records() > looked);
    jumps(400);
    // The pact was told of that minute before the host was, which told of it.
    assert_eq!(phase(), until, "it does not end by that clock");
    pair.bo.home.jump(0);
    pair.bo.home.pass(Millis::from_days(31));
    pair.bo.home.until_so("it ends by one that is right", || phase() == Phase::Over);
}

#[test]
fn a_friend_is_forgotten_once_nothing_is_left_on_either_side_and_may_become_one_again() {
    let mut pair = Pair::new(GIB);
    let stays = |pair: &Pair, who: &Running| match who.fed().forget(pair.id) {
        Err(FederationError::Stays(why)) => Some(why),
        Ok(()) => None,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(stays(&pair, &pair.bo), Some(Stays::Standing));
    pair.anna.fed().head(pair.anna.home.add_head());
    let root = pair.anna.home.add_pack(1, 1 << 20);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    pair.anna.fed().stop_now(pair.id).unwrap();
    let is_over = |who: &Running| who.view(pair.id).phase == Phase::Over;
    pair.bo.home.until_so("both know", || is_over(&pair.anna) && is_over(&pair.bo));
    assert!(matches!(stays(&pair, &pair.bo), Some(Stays::Here(figures)) if figures.packs == 1));
    // What lay there for Anna goes when the pact says so.
    pair.bo.home.pass(Millis(400 * 86_400_000));
    pair.anna.home.pass(Millis(400 * 86_400_000));
    pair.bo.home.until_so("it may go", || {
        pair.bo.fed().clock_agreed();
        pair.bo.view(pair.id).kept.packs == 0
    });
    for who in [&pair.anna, &pair.bo] {
        who.home.until_so("nothing is left", || stays(&pair, who).is_none());
        assert!(who.fed().friends().is_empty());
    }
    let heads = pair.bo.home.volume().hosted().list_heads(pair.anna_key()).unwrap();
    assert!(heads.is_empty(), "not even a head: {heads:?}");
    pair.anna.stop();
    pair.bo.stop();
    pair.anna.start();
    pair.bo.start();
    assert!(pair.anna.fed().friends().is_empty() && pair.bo.fed().friends().is_empty());
    befriend(&pair.anna, &pair.bo, terms(GIB));
}
