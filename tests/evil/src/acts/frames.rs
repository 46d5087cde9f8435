//! Frames that are none, or at their bounds. Start at [`huge`].

use peer_proto::limits;
use peer_proto::wire::{
    ALPN_CTL, ALPN_PAIR, Audit, ByteRange, CtlAsk, CtlSay, Cursor, Get, List, PackAsk, PackSay,
    PairSay, Why, encode,
};
use types::PackId;

use super::{holds, wants};
use crate::raw::Line;
use crate::stage::Stage;
use crate::{Outcome, said};

/// A length of 4 GiB, and the start of it.
pub fn huge(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let before = stage.peak_kib()?;
    for _ in 0..2 {
        let line = stage.packs(&friend)?;
        let said: PackSay = line.ask_bytes(&[0xff, 0xff, 0xff, 0xff, 1, 2, 3])?;
        let most = wants("a frame of 4 GiB", &said, Why::Size)?;
        holds(most == limits::FRAME_LEN_MAX as u64, format!("the most is not {most}"))?;
    }
    let ctl = stage.ctl(&friend)?;
    let said: CtlSay = ctl.ask_bytes(&[0, 0, 0, 0x80])?;
    wants("a control frame of 2 GiB", &said, Why::Size)?;
    let grew = stage.peak_kib()?.saturating_sub(before);
    holds(grew < 64 << 10, format!("{grew} KiB were allocated for it"))?;
    Ok(format!("refused 8, {grew} KiB more"))
}

/// A frame of no bytes.
pub fn empty(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let said: PackSay = line.ask_bytes(&Line::framed(&[]))?;
    wants("nothing", &said, Why::Malformed)?;
    still_answers(&line)?;
    Ok("refused 17, the line goes on".to_owned())
}

/// A good frame with one byte too many, or too few.
pub fn trailing(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let whole = said("encode", encode(&PackAsk::List(Cursor { after: Some(PackId([1; 32])) })))?;
    let body = &whole[4..];
    for (what, odd) in [("more", [body, &[0]].concat()), ("less", body[..20].to_vec())] {
        let said: PackSay = line.ask_bytes(&Line::framed(&odd))?;
        wants(what, &said, Why::Malformed)?;
    }
    let ctl = stage.ctl(&friend)?;
    let said: CtlSay = ctl.ask_bytes(&Line::framed(&[6, 6]))?;
    wants("more of control", &said, Why::Malformed)?;
    still_answers(&line)?;
    Ok("refused 17 each time".to_owned())
}

/// Variants of a version that there is not.
pub fn unknown(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    for number in [7_u8, 99] {
        let said: PackSay = line.ask_bytes(&Line::framed(&[number, 1, 2]))?;
        let told = wants("a pack request", &said, Why::NotUnderstood)?;
        holds(told == u64::from(number), format!("the variant is not {told}"))?;
    }
    let ctl = friend.evil.dial(&stage.victim.peer, ALPN_CTL)?;
    let said: CtlSay = ctl.ask_bytes(&Line::framed(&[0xff, 0xff, 3]))?;
    let told = wants("a control request", &said, Why::NotUnderstood)?;
    holds(told == 0xffff, format!("the variant is not {told}"))?;
    let ticket = stage.victim.invite(1 << 20, 1 << 20)?;
    let stranger = stage.stranger()?;
    let pair = stranger.dial(&stage.victim.peer, ALPN_PAIR)?;
    let said: PairSay = pair.ask_bytes(&Line::framed(&[9]))?;
    wants("a pairing request", &said, Why::NotUnderstood)?;
    drop(ticket);
    still_answers(&line)?;
    Ok("refused 1 with the number, the lines go on".to_owned())
}

/// Lists as long as they may be, longer, longer than any memory, and with parts that are none.
pub fn lists(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let apart = |count: u64| (0..count).map(|at| ByteRange { from: at * 4, to: at * 4 + 1 });
    let root = PackId([3; 32]);
    let most: List<ByteRange, { limits::RANGES_MAX }> = List::first(apart(1_024));
    let said: PackSay = line.ask(&PackAsk::Get(Get { root, ranges: most.clone() }))?;
    holds(matches!(said, PackSay::Missing), format!("1,024 ranges: {said:?}"))?;
    let audit = PackAsk::Audit(Audit { root, ranges: most, nonce: [1; 16] });
    let said: PackSay = line.ask(&audit)?;
    holds(matches!(said, PackSay::Missing), format!("1,024 ranges of an audit: {said:?}"))?;
    let many: Vec<ByteRange> = apart(1_025).collect();
    for (what, ranges) in [
        ("1,025 ranges", many),
        ("an empty range", vec![ByteRange { from: 5, to: 5 }]),
        ("a range backwards", vec![ByteRange { from: 9, to: 5 }]),
        ("ranges that overlap", vec![ByteRange { from: 0, to: 9 }, ByteRange { from: 8, to: 20 }]),
        ("a range beyond any pack", vec![ByteRange { from: 0, to: 1 << 60 }]),
    ] {
        let said: PackSay = line.ask_bytes(&get_of(root, &ranges)?)?;
        wants(what, &said, Why::Malformed)?;
    }
    // A list that says that it has 2^60 items.
    let body =
        [&[1][..], &root.0, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]].concat();
    let said: PackSay = line.ask_bytes(&Line::framed(&body))?;
    wants("2^60 ranges", &said, Why::Malformed)?;
    Ok("1,024 are heard; 1,025, 2^60, empty, backwards, overlapping: refused 17".to_owned())
}

/// A get as `peer_proto` would never write it.
fn get_of(root: PackId, ranges: &[ByteRange]) -> Outcome<Vec<u8>> {
    let body = said("write", postcard::to_allocvec(&(1_u32, root, ranges)))?;
    Ok(Line::framed(&body))
}

/// Frames with flipped, lost and doubled bytes, varints that are too long, and noise.
pub fn odd(stage: &mut Stage) -> Outcome<String> {
    let count = if stage.is_long { 20_000 } else { 300 };
    let friend = stage.befriend()?;
    let mut line = stage.packs(&friend)?;
    let (mut answered, mut cut) = (0, 0);
    for number in 0..count {
        // Whoever asks without end is cut off, and may come again.
        if !line.is_open() {
            cut += 1;
            line = stage.packs(&friend)?;
        }
        let mut stream = line.open()?;
        if stream.write(&Line::framed(&odd_body(number))).is_err() {
            continue;
        }
        stream.finish();
        match stream.read::<PackSay>() {
            // Nothing that is kept came of it.
            Ok(PackSay::Ack(_) | PackSay::HeadTaken(_)) => {
                return Err(format!("odd frame {number} was believed"));
            }
            Ok(_) => answered += 1,
            Err(_) => {}
        }
    }
    let line = stage.packs(&friend)?;
    still_answers(&line)?;
    holds(answered > 50, format!("only {answered} were answered"))?;
    Ok(format!("{answered} of {count} answered, none believed, cut off {cut} times"))
}

fn odd_body(number: u64) -> Vec<u8> {
    let noise = testkit::env::noise(number, 80);
    let kind = u8::try_from(number % 7).unwrap_or_default();
    match number % 4 {
        // A request's number and noise.
        0 => [&[kind][..], &noise].concat(),
        // A varint that never ends.
        1 => [&[kind][..], &noise[..32], &[0x80; 40]].concat(),
        // Nothing but noise.
        2 => noise,
        // A put of any size and kind.
        _ => [&[0][..], &noise[..32], &[0xff; 9], &[1, 200]].concat(),
    }
}

/// A good question on this line is answered.
pub fn still_answers(line: &Line) -> Outcome<()> {
    let said: PackSay = line.ask(&PackAsk::List(Cursor { after: None }))?;
    holds(matches!(said, PackSay::Listing(_)), format!("a good question afterwards: {said:?}"))
}

/// A control line that still hears.
pub fn still_hears(line: &Line) -> Outcome<()> {
    let said: CtlSay = line.ask(&CtlAsk::Resume)?;
    holds(matches!(said, CtlSay::Taken), format!("a good word afterwards: {said:?}"))
}
