//! Strangers, and what is said in no language.

use federation::raw::{Client, Met};
use peer_proto::wire::{
    ALPN_CTL, ALPN_PACK, ALPN_PAIR, CtlAsk, CtlSay, Cursor, PackAsk, PackSay, Why,
};

use crate::rig::{Pair, Running};

const GIB: u64 = 1 << 30;

#[test]
fn a_stranger_is_let_in_for_nothing_but_to_say_that_it_is_a_friend_who_lost_everything() {
    let pair = Pair::new(GIB);
    let stranger = Client::new([77; 32]).unwrap();
    let ask = peer_proto::wire::encode(&PackAsk::List(Cursor { after: None })).unwrap();
    for alpn in [ALPN_CTL, ALPN_PACK] {
        let line = stranger.connect(pair.bo.fed().endpoint(), pair.bo.at(), alpn).unwrap();
        assert_eq!(line.ask(&ask), Met::Closed(403), "{alpn:?}");
    }
    let line = stranger.connect(pair.bo.fed().endpoint(), pair.bo.at(), ALPN_PAIR).unwrap();
    assert!(matches!(line.ask(&ask), Met::Frame(_)), "it is told no");
    let cleo = Running::new(30, "Cleo");
    let line = stranger.connect(cleo.fed().endpoint(), cleo.at(), ALPN_PAIR).unwrap();
    assert_eq!(line.ask(&ask), Met::Closed(403), "who keeps nothing for anybody awaits nobody");
    assert!(stranger.connect(pair.bo.fed().endpoint(), pair.bo.at(), b"holdfast/other/1").is_err());
}

#[test]
fn a_friend_who_speaks_nonsense_is_answered_and_the_line_goes_on() {
    let mut pair = Pair::new(GIB);
    pair.anna.stop();
    let anna = Client::new([10; 32]).unwrap();
    let line = anna.connect(pair.bo.fed().endpoint(), pair.bo.at(), ALPN_PACK).unwrap();
    let say = |bytes: &[u8]| match line.ask(bytes) {
        Met::Frame(body) => peer_proto::wire::decode::<PackSay>(&body).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(say(&[1, 0, 0, 0, 99]), PackSay::Refused(Why::NotUnderstood.with(99)));
    assert_eq!(say(&[0, 0, 0, 0]), PackSay::Refused(Why::Malformed.plain()));
    let long = PackSay::Refused(Why::Size.with(1 << 20));
    assert_eq!(say(&[255, 255, 255, 255]), long, "refused before a byte of it is waited for");
    let list = peer_proto::wire::encode(&PackAsk::List(Cursor { after: None })).unwrap();
    assert!(matches!(say(&list), PackSay::Listing(_)));
    let ctl = anna.connect(pair.bo.fed().endpoint(), pair.bo.at(), ALPN_CTL).unwrap();
    let resume = peer_proto::wire::encode(&CtlAsk::Resume).unwrap();
    let Met::Frame(body) = ctl.ask(&resume) else { panic!("no answer") };
    assert_eq!(peer_proto::wire::decode::<CtlSay>(&body).unwrap(), CtlSay::Taken);
}

#[test]
fn a_friend_who_asks_without_end_is_told_to_wait_and_then_cut_off() {
    let mut pair = Pair::new(GIB);
    pair.anna.stop();
    let anna = Client::new([10; 32]).unwrap();
    // However slow the machine is, all of it comes in one moment of Bo's.
    pair.bo.home.stand_still();
    for (alpn, ask) in [
        (ALPN_CTL, peer_proto::wire::encode(&CtlAsk::Resume).unwrap()),
        (ALPN_PACK, peer_proto::wire::encode(&PackAsk::List(Cursor { after: None })).unwrap()),
        (ALPN_PACK, vec![1, 0, 0, 0, 99]),
    ] {
        let line = anna.connect(pair.bo.fed().endpoint(), pair.bo.at(), alpn).unwrap();
        let all = line.ask_at_once(&ask, 6_000);
        let heard = all.iter().filter(|met| matches!(met, Met::Frame(_))).count();
        assert!((400..1_000).contains(&heard), "heard, told to wait, {heard}");
        // The streams may have ended a moment before the connection says why.
        assert_eq!(line.closed(), Met::Closed(6), "and cut off as a flood");
    }
}
