//! Strangers at the door for pairing, while somebody else was invited.

use federation::raw::{Client, Met, RawLine};
use peer_proto::wire::{ALPN_PAIR, PairAsk, PairSay, Why, decode, encode};
use types::InviteId;

use crate::rig::{Running, befriend, terms};

const GIB: u64 = 1 << 30;
/// With these codes a box sends somebody away.
const REPLACED: u64 = 3;
const FLOOD: u64 = 6;
const BUSY: u64 = 7;

fn nonsense() -> Vec<u8> {
    encode(&PairAsk::Decline(InviteId([3; 16]))).unwrap()
}

/// Stands there, and was heard once.
fn stand<'a>(at: &Running, client: &'a Client) -> RawLine<'a> {
    let line = client.connect(at.fed().endpoint(), at.at(), ALPN_PAIR).unwrap();
    let Met::Frame(body) = line.ask(&nonsense()) else { panic!("it was not heard") };
    assert_eq!(decode::<PairSay>(&body).unwrap(), PairSay::Refused(Why::NoInvite.plain()));
    line
}

#[test]
fn an_invited_box_comes_in_though_strangers_hold_every_place_and_the_first_of_them_gives_way() {
    let (anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let ticket = anna.fed().invite(terms(GIB)).unwrap();
    let clients: Vec<Client> = (100..108).map(|n| Client::new([n; 32]).unwrap()).collect();
    let lines: Vec<_> = clients.iter().map(|client| stand(&anna, client)).collect();
    bo.fed().look_at(&ticket.text()).unwrap();
    assert_eq!(lines[0].closed(), Met::Closed(BUSY));
    assert!(matches!(lines[7].ask(&nonsense()), Met::Frame(_)), "the others still stand there");
    // Whoever comes now takes a stranger's place, and never Bo's: its owner may take their time.
    let more: Vec<Client> = (110..120).map(|n| Client::new([n; 32]).unwrap()).collect();
    let _held: Vec<_> = more.iter().map(|client| stand(&anna, client)).collect();
    assert_eq!(lines[7].closed(), Met::Closed(BUSY));
    befriended(&anna, &bo, ticket.invite);
}

#[test]
fn one_stranger_has_one_place_however_often_it_comes() {
    let (anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let ticket = anna.fed().invite(terms(GIB)).unwrap();
    let (quiet, often) = (Client::new([100; 32]).unwrap(), Client::new([101; 32]).unwrap());
    let waits = stand(&anna, &quiet);
    let lines: Vec<_> = (0..24).map(|_| stand(&anna, &often)).collect();
    for line in &lines[..23] {
        assert_eq!(line.closed(), Met::Closed(REPLACED));
    }
    assert!(matches!(waits.ask(&nonsense()), Met::Frame(_)), "nobody else had to give way");
    assert!(matches!(lines[23].ask(&nonsense()), Met::Frame(_)));
    bo.fed().look_at(&ticket.text()).unwrap();
    befriended(&anna, &bo, ticket.invite);
}

#[test]
fn a_stranger_who_floods_is_cut_off_and_an_invited_box_is_heard_in_the_same_moment() {
    let (anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let _open = anna.fed().invite(terms(GIB)).unwrap();
    let loud = Client::new([100; 32]).unwrap();
    let line = stand(&anna, &loud);
    // However slow the machine is, no bucket fills again meanwhile.
    anna.home.stand_still();
    let all = line.ask_at_once(&nonsense(), 3_000);
    assert!(all.contains(&Met::Closed(FLOOD)), "it is cut off");
    let heard = all.iter().filter(|met| matches!(met, Met::Frame(_))).count();
    assert!((400..1_000).contains(&heard), "heard or told to wait, {heard}");
    befriend(&anna, &bo, terms(GIB));
}

fn befriended(anna: &Running, bo: &Running, invite: InviteId) {
    anna.until_knocked(invite);
    bo.fed().accept(invite, true).unwrap();
    anna.fed().confirm(invite, true).unwrap();
    let id = federation::FriendId(invite);
    for home in [&anna.home, &bo.home] {
        let paired = federation::News::Paired(id);
        home.until("both are friends", |news| news.contains(&paired).then_some(()));
    }
}
