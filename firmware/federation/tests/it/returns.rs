//! Who is let in when a friend may come back: its fresh box, and neither strangers nor the box of before.

use federation::FederationError;
use federation::raw::{Client, Met, RawLine};
use peer_proto::invite::{Session, prove_return};
use peer_proto::wire::{ALPN_CTL, ALPN_PAIR, PairAsk, PairSay, Return, Why, decode, encode};
use types::{EndpointId, Millis, Signer};

use crate::fire::{Fire, GIB, brought, come_back, fire, kept_there, packs_of, why};
use crate::home::set;
use crate::house::Key;
use crate::rig::{Pair, Running};

/// With these codes a box sends somebody away.
const REPLACED: u64 = 3;
const STRANGER: u64 = 403;

#[test]
fn wrong_words_are_refused_and_counted_and_after_five_that_box_waits_and_no_other() {
    let Fire { bo, id, sheet, burnt, .. } = fire();
    let fresh = Running::fresh(40, &burnt);
    let wrong = Key::new(99);
    for _ in 0..5 {
        assert_eq!(why(fresh.fed().come_back(&sheet, "", &wrong)), Why::BadProof);
    }
    assert_eq!(bo.view(id).wrong_returns, 5);
    assert_eq!(why(come_back(&fresh, &sheet)), Why::Busy, "also with the right ones");
    assert!(fresh.fed().friends().is_empty());
    let other = Running::fresh(50, &burnt);
    assert_eq!(come_back(&other, &sheet).unwrap(), id);
    for home in [&bo.home, &fresh.home] {
        home.pass(Millis::from_secs(600));
    }
    assert_eq!(come_back(&fresh, &sheet).unwrap(), id);
    assert_eq!(bo.view(id).friend().endpoint, fresh.fed().endpoint());
}

#[test]
fn the_box_of_before_is_sent_away_at_once_and_let_in_no_more() {
    let pair = Pair::new(GIB);
    let packs = brought(&pair, 2);
    let sheet = pair.bo.fed().help_back(pair.id).unwrap();
    let Pair { mut anna, mut bo, id } = pair;
    // Stolen, not burnt: it runs on.
    let fresh = Running::fresh(40, &anna);
    come_back(&fresh, &sheet).unwrap();
    kept_there(&fresh, id);
    anna.home.until_so("the old box is sent away", || anna.view(id).round_trip.is_none());
    let error = anna.fed().fetch(id, packs[0], &[], &mut |_, _| Ok(())).unwrap_err();
    assert!(!matches!(error, FederationError::Missing(_)), "{error:?}");
    anna.stop();
    let old = Client::new([anna.home.seed; 32]).unwrap();
    let knocks =
        |bo: &Running| old.connect(bo.fed().endpoint(), bo.at(), ALPN_CTL).unwrap().closed();
    assert_eq!(knocks(&bo), Met::Closed(REPLACED));
    bo.stop();
    bo.start();
    assert_eq!(knocks(&bo), Met::Closed(STRANGER), "nobody knows it any more");
    assert_eq!(set(&packs_of(&kept_there(&fresh, id))), set(&packs));
}

/// A return on this line, proved by this key for that line's keying material.
fn said(bo: &Running, burnt: &Running, client: u8, exported: [u8; 32], key: &Key) -> Return {
    let invitee = EndpointId(Key::new(client).public());
    let session = Session { exported, inviter: bo.fed().endpoint(), invitee };
    let mut who = burnt.home.side.clone();
    who.endpoint = invitee;
    prove_return(&session, who, federation::House::now(&*bo.home).wall, key)
}

fn answer(line: &RawLine<'_>, asked: Return) -> PairSay {
    let bytes = encode(&PairAsk::Return(Box::new(asked))).unwrap();
    let Met::Frame(body) = line.ask(&bytes) else { panic!("it was not heard") };
    decode(&body).unwrap()
}

#[test]
fn strangers_who_come_back_without_words_or_with_what_they_overheard_keep_no_owner_out() {
    let Fire { bo, id, sheet, burnt, packs } = fire();
    let clients: Vec<(u8, Client)> =
        (100..124).map(|n| (n, Client::new([n; 32]).unwrap())).collect();
    let mut lines = Vec::new();
    let mut overheard = None;
    for (n, client) in &clients {
        let line = client.connect(bo.fed().endpoint(), bo.at(), ALPN_PAIR).unwrap();
        let exported = line.exported().unwrap();
        // Rightly signed, for the line before this one.
        let right = said(&bo, &burnt, *n, overheard.unwrap_or([0; 32]), &burnt.home.recovery());
        let wrong = said(&bo, &burnt, *n, exported, &Key::new(99));
        for asked in [right, wrong] {
            let told = answer(&line, asked);
            assert_eq!(told, PairSay::Refused(Why::BadProof.plain()), "{n}");
        }
        overheard = Some(exported);
        lines.push(line);
    }
    let fresh = Running::fresh(40, &burnt);
    assert_eq!(come_back(&fresh, &sheet).unwrap(), id);
    assert_eq!(set(&packs_of(&kept_there(&fresh, id))), set(&packs));
    assert_eq!(bo.view(id).wrong_returns, 48);
}
