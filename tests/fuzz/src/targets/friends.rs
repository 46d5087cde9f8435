//! Frames between boxes and tickets: any bytes, as each kind of frame, and as a text that somebody typed.
//! What reads, is written so that it reads again.

use std::fmt::Debug;

use peer_proto::invite::Ticket;
use peer_proto::wire::{
    CtlAsk, CtlSay, Frame, PREFIX_LEN, PackAsk, PackSay, PairAsk, PairSay, body_len, decode, encode,
};

use crate::feed::Feed;
use crate::seeds::Seed;

/// One frame of each variant, as they were released.
const GOLDEN: &str = include_str!("../../../../firmware/peer-proto/tests/golden/frames.txt");

/// A ticket of version 1.
const GOLDEN_TICKET: &str = include_str!("../../../../firmware/peer-proto/tests/golden/ticket.txt");

/// The kinds, in the order of the first byte.
const KINDS: [&str; 6] = [
    "pair request",
    "pair answer",
    "control request",
    "control answer",
    "pack request",
    "pack answer",
];

/// The bit of the first byte that says: a ticket.
const TICKETS: u8 = 0x80;

/// The first byte chooses a ticket or the kind of a frame, which then comes with its length.
pub fn run(data: &[u8]) {
    let mut feed = Feed::new(data);
    if data.first().is_some_and(|first| first & TICKETS != 0) {
        return ticket(&String::from_utf8_lossy(&data[1..]));
    }
    let kind = feed.pick(KINDS.len());
    let told = body_len(feed.array::<PREFIX_LEN>());
    let rest = feed.rest();
    // A length that lies must not matter: the rest is read as it is too.
    if let Ok(len) = told
        && let Some(body) = rest.get(..len)
    {
        read_as(kind, body);
    }
    read_as(kind, rest);
}

/// The text as it is, and with the beginning that it may lack.
fn ticket(text: &str) {
    for text in [text.to_owned(), format!("HFI{text}")] {
        if let Ok(read) = Ticket::parse(&text) {
            assert_eq!(Ticket::parse(&read.text()), Ok(read), "it reads back as written");
        }
    }
}

fn read_as(kind: usize, body: &[u8]) {
    match kind {
        0 => read::<PairAsk>(body),
        1 => read::<PairSay>(body),
        2 => read::<CtlAsk>(body),
        3 => read::<CtlSay>(body),
        4 => read::<PackAsk>(body),
        _ => read::<PackSay>(body),
    }
}

fn read<F: Frame + PartialEq + Debug>(body: &[u8]) {
    match decode::<F>(body) {
        Ok(frame) => {
            let again = encode(&frame).expect("what was read can be written");
            assert_eq!(decode::<F>(&again[PREFIX_LEN..]), Ok(frame), "it reads back as written");
        }
        Err(error) => {
            assert!(!error.to_string().is_empty() && u8::from(error.refusal().why) != 0);
        }
    }
}

/// The golden frames, each behind its kind.
pub fn seeds() -> Vec<Seed> {
    let mut all = vec![[&[TICKETS][..], GOLDEN_TICKET.trim().as_bytes()].concat()];
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, hex)) = line.rsplit_once(' ') else { continue };
        let Some(kind) = (0_u8..).zip(KINDS).find(|(_, kind)| name.starts_with(kind)) else {
            continue;
        };
        let digits = hex.as_bytes().chunks_exact(2);
        let bytes = digits.filter_map(|two| {
            std::str::from_utf8(two).ok().and_then(|two| u8::from_str_radix(two, 16).ok())
        });
        all.push([kind.0].into_iter().chain(bytes).collect());
    }
    all
}
