//! Streams that are held and never come to an end. Start at [`loris`].

use std::time::Duration;

use peer_proto::limits;
use peer_proto::wire::{Get, Kind, List, PackAsk, PackSay, Put, encode};
use types::PackId;

use super::holds;
use crate::raw::Stream;
use crate::stage::{PACK_LEN, Stage};
use crate::{Outcome, said};

/// A box that gives more streams than it may would give this one at once.
const NO_MORE: Duration = Duration::from_millis(400);
/// A frame has to be whole within a minute; a little longer is waited.
const FRAME_OVER: Duration = Duration::from_secs(64);

/// All streams that there may be, each with a frame of which a byte comes now and then.
pub fn loris(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let mut held = Vec::new();
    for _ in 0..limits::STREAMS_MAX {
        let mut stream = line.open()?;
        stream.write(&[200, 0, 0, 0, 1])?;
        held.push(stream);
    }
    holds(line.open_within(NO_MORE).is_err(), "a 17th stream was given")?;
    for _ in 0..5 {
        for stream in &mut held {
            stream.write(&[7])?;
        }
        stage.serves()?;
    }
    if !stage.is_long {
        return Ok("16 streams and no more; others are served".to_owned());
    }
    stage.linger(FRAME_OVER);
    line.open()?;
    Ok("16 streams and no more, given up after a minute; others are served".to_owned())
}

/// Streams of which nothing comes but the length.
pub fn half_open(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let mut held = Vec::new();
    for at in 0..limits::STREAMS_MAX {
        let mut stream = line.open()?;
        // The longest frame that may be: what is allocated for it is bounded too.
        stream.write(&[0, 0, 16, 0])?;
        if at % 2 == 0 {
            stream.write(&vec![1; 1 << 16])?;
        }
        held.push(stream);
    }
    stage.serves()?;
    holds(line.open_within(NO_MORE).is_err(), "a 17th stream was given")?;
    // A new line takes the old one's place, with streams of its own.
    let next = stage.packs(&friend)?;
    super::frames::still_answers(&next)?;
    Ok("held within 16; a new line is heard; others are served".to_owned())
}

/// Sixteen whole packs are asked for, and no answer is read.
pub fn never_reads(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let bytes = testkit::env::noise(77, 2 << 20);
    let root = super::packs::put(&line, &bytes, Kind::Data)?;
    let mut held: Vec<Stream> = Vec::new();
    // A stream that was used may be given back a little later.
    while let (Ok(mut stream), true) = (line.open_within(NO_MORE), held.len() < limits::STREAMS_MAX)
    {
        let get = PackAsk::Get(Get { root, ranges: List::first([]) });
        stream.write(&said("encode", encode(&get))?)?;
        stream.finish();
        held.push(stream);
    }
    stage.serves()?;
    stage.serves()?;
    let peak = stage.peak_kib()?;
    holds(peak < crate::meter::LIMIT_KIB, format!("{peak} KiB"))?;
    // Whoever reads after all gets what was asked for.
    let first: PackSay = held.first_mut().ok_or("no stream")?.read()?;
    holds(matches!(first, PackSay::Found(_)), format!("{first:?}"))?;
    Ok("others are served, and the first answer is right after all".to_owned())
}

/// Packs are promised, and nothing comes of them.
pub fn stalls(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let mut held = Vec::new();
    for number in 0..8_u8 {
        let mut stream = line.open()?;
        let put = Put { root: PackId([number; 32]), size: PACK_LEN, kind: Kind::Data };
        stream.write(&said("encode", encode(&PackAsk::Put(put)))?)?;
        let first: PackSay = stream.read()?;
        holds(matches!(first, PackSay::Accept(_)), format!("a put: {first:?}"))?;
        held.push(stream);
    }
    stage.serves()?;
    super::frames::still_answers(&line)?;
    let found = stage.victim.on_disk(friend.evil.side().recovery)?;
    holds(found.good.is_empty() && found.bad == 0, format!("on the disk: {found:?}"))?;
    let line = stage.victim.friend(friend.pact.id)?;
    holds(line.kept == (0, 0), format!("counted: {:?}", line.kept))?;
    Ok("nothing counts, others are served".to_owned())
}
