//! Where a friend says that it is, and where it is looked for.

use std::net::UdpSocket;

use federation::Log;
use federation::raw::{Client, Met};
use peer_proto::wire::{ALPN_CTL, CtlAsk, CtlSay, Figures, Hello, List, Text, decode, encode};
use types::UnixTime;

use crate::home::NOON;
use crate::rig::Pair;

const GIB: u64 = 1 << 30;

fn ear() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

fn was_called(ear: &UdpSocket) -> bool {
    ear.peek(&mut [0; 2_048]).is_ok()
}

#[test]
fn a_friend_sends_a_box_to_four_places_and_to_none_where_no_box_can_be() {
    let mut pair = Pair::new(GIB);
    // The box with the smaller endpoint dials; the other one is what lies here.
    if pair.bo.fed().endpoint() < pair.anna.fed().endpoint() {
        std::mem::swap(&mut pair.anna, &mut pair.bo);
    }
    pair.bo.stop();
    let liar = Client::new([pair.bo.home.seed; 32]).unwrap();
    let line = liar.connect(pair.anna.fed().endpoint(), pair.anna.at(), ALPN_CTL).unwrap();
    let ears: Vec<UdpSocket> = (0..8).map(|_| ear()).collect();
    let at: Vec<String> = ears.iter().map(|ear| ear.local_addr().unwrap().to_string()).collect();
    let nobody = ["239.77.77.77:9", "255.255.255.255:9", "0.0.0.0:9", "https://relay.example/"];
    let told = nobody.into_iter().chain(at.iter().map(String::as_str));
    let hello = Hello {
        version: 1,
        time: UnixTime(NOON),
        time_is_sure: true,
        addresses: List::first(told.map(|text| Text::new(text).unwrap())),
        pact_seq: 1,
        kept: Figures::default(),
        held: Figures::default(),
        head: None,
    };
    let ask = encode(&CtlAsk::Hello(Box::new(hello))).unwrap();
    let Met::Frame(body) = line.ask(&ask) else { panic!("no answer") };
    assert!(matches!(decode::<CtlSay>(&body).unwrap(), CtlSay::Hello(_)));
    let log = pair.anna.home.logs.lock().unwrap()[&Log::Friend(pair.id)].concat();
    let is_kept = |text: &str| log.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(at[..4].iter().all(|text| is_kept(text)), "four are remembered");
    assert!(!at[4..].iter().any(|text| is_kept(text)), "and no more of this hello");
    assert!(!nobody.into_iter().any(is_kept));
    // Now it is looked for where it said.
    drop(line);
    drop(liar);
    pair.anna.home.until_so("four are called", || ears[..4].iter().all(was_called));
    assert!(!ears[4..].iter().any(was_called), "the others are not");
}
