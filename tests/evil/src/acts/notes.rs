//! Messages that no owner wrote, and more than anybody reads. Start at [`direction`].

use peer_proto::limits;
use peer_proto::sign::Statement;
use peer_proto::wire::{ALPN_CTL, CtlAsk, CtlSay, Note, NoteKind, SignedNote, Text, Why, encode};
use types::{EndpointId, Signer};

use super::{holds, wants};
use crate::chain::Key;
use crate::desk::{Ask, Say};
use crate::raw::Line;
use crate::stage::{Friend, Stage};
use crate::{Outcome, said};

fn note(stage: &Stage, friend: &Friend, serial: u64, text: &str) -> Outcome<Note> {
    Ok(Note {
        from: friend.evil.id(),
        to: stage.victim_id(),
        serial,
        time: stage.now(),
        kind: NoteKind::Words,
        circle: None,
        text: said("a text", Text::new(text))?,
    })
}

fn signed(note: Note, signer: &dyn Signer) -> Outcome<CtlAsk> {
    let bytes = said("write", postcard::to_allocvec(&note))?;
    let signature = Statement::Note.sign(&bytes, signer);
    Ok(CtlAsk::Note(Box::new(SignedNote { note, signature })))
}

fn inbox(stage: &mut Stage, friend: &Friend) -> Outcome<Vec<String>> {
    match stage.victim.desk.ask(&Ask::Inbox(friend.pact.id))? {
        Say::Texts(texts) => Ok(texts),
        other => Err(format!("the inbox: {other:?}")),
    }
}

/// Characters that turn the direction of reading, and those that no screen shows.
pub fn direction(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let honest = signed(note(stage, &friend, 1, "0123456789")?, &friend.evil.key())?;
    let frame = said("encode", encode(&honest))?;
    let place = frame.windows(10).position(|part| part == b"0123456789").ok_or("no text")?;
    for letter in ['\u{202e}', '\u{2066}', '\u{200f}', '\u{7}', '\u{1b}', '\u{85}', '\u{61c}'] {
        let mut odd = frame.clone();
        let mut text = [b'a'; 10];
        letter.encode_utf8(&mut text);
        odd[place..place + 10].copy_from_slice(&text);
        // Signed as it stands: only the letter is wrong.
        let odd = resigned(odd, place, &friend)?;
        let said: CtlSay = line.ask_bytes(&odd)?;
        wants(&format!("U+{:04X}", u32::from(letter)), &said, Why::Malformed)?;
    }
    let found = inbox(stage, &friend)?;
    holds(found.is_empty(), format!("the inbox: {found:?}"))?;
    Ok("refused 17, none is shown".to_owned())
}

/// The frame with a signature that holds over what it says now.
fn resigned(mut frame: Vec<u8>, text_at: usize, friend: &Friend) -> Outcome<Vec<u8>> {
    let (note_at, end) = (5, text_at + 10);
    let signature = Statement::Note.sign(&frame[note_at..end], &friend.evil.key());
    let place = frame.get_mut(end..).ok_or("the frame is short")?;
    place.copy_from_slice(&signature.bytes());
    Ok(frame)
}

/// In another's name, to nobody here, and changed on the way.
pub fn authors(stage: &mut Stage) -> Outcome<String> {
    let (friend, other) = (stage.befriend()?, stage.befriend()?);
    let line = stage.ctl(&friend)?;
    let key = friend.evil.key();
    let mut in_anothers_name = note(stage, &friend, 1, "send money")?;
    in_anothers_name.from = other.evil.id();
    let said: CtlSay = line.ask(&signed(in_anothers_name.clone(), &key)?)?;
    wants("in another's name", &said, Why::BadProof)?;
    let mut in_the_boxs_name = note(stage, &friend, 1, "send money")?;
    in_the_boxs_name.from = stage.victim_id();
    let said: CtlSay = line.ask(&signed(in_the_boxs_name, &key)?)?;
    wants("in the box's own name", &said, Why::BadProof)?;
    let mut to_nobody = note(stage, &friend, 1, "hello")?;
    to_nobody.to = EndpointId(Key::of(77).public());
    let said: CtlSay = line.ask(&signed(to_nobody, &key)?)?;
    wants("to nobody here", &said, Why::NoPact)?;
    let mut from_nobody = note(stage, &friend, 1, "hello")?;
    from_nobody.from = EndpointId(Key::of(78).public());
    let said: CtlSay = line.ask(&signed(from_nobody, &Key::of(78))?)?;
    wants("from somebody whom nobody knows", &said, Why::NoPact)?;
    for one in [&friend, &other] {
        let found = inbox(stage, one)?;
        holds(found.is_empty(), format!("the inbox: {found:?}"))?;
    }
    Ok("refused 14, 14, 2, 2".to_owned())
}

/// Messages without number, and the same one again and again.
pub fn many(stage: &mut Stage) -> Outcome<String> {
    let count = if stage.is_long { 100_000 } else { 1_500 };
    let friend = stage.befriend()?;
    let mut line = stage.ctl(&friend)?;
    let (mut taken, mut refused, mut cut) = (0_u32, 0_u32, 0_u32);
    for serial in 1..=count {
        let ask =
            signed(note(stage, &friend, serial, &format!("note {serial}"))?, &friend.evil.key())?;
        match line.ask::<_, CtlSay>(&ask) {
            Ok(CtlSay::Taken) => taken += 1,
            Ok(CtlSay::Refused(no)) if no.why == Why::Busy => refused += 1,
            Ok(other) => return Err(format!("note {serial}: {other:?}")),
            Err(_) => {
                cut += 1;
                line = friend.evil.dial(&stage.victim.peer, ALPN_CTL)?;
            }
        }
    }
    let again = signed(note(stage, &friend, 1, "note 1")?, &friend.evil.key())?;
    drop(line.ask::<_, CtlSay>(&again));
    let found = inbox(stage, &friend)?;
    holds(found.len() <= limits::NOTES_IN_MAX, format!("{} are kept", found.len()))?;
    let first = found.iter().filter(|text| *text == "note 1").count();
    holds(first <= 1, "one is shown twice")?;
    stage.serves()?;
    Ok(format!("{taken} taken, {refused} told to wait, cut {cut} times, {} kept", found.len()))
}

/// Texts and addresses at their bounds, and one byte beyond.
pub fn long(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let most = "a".repeat(limits::NOTE_LEN_MAX);
    let ask = signed(note(stage, &friend, 1, &most)?, &friend.evil.key())?;
    let answer: CtlSay = line.ask(&ask)?;
    holds(matches!(answer, CtlSay::Taken), format!("2,000 bytes: {answer:?}"))?;
    // One byte more, as `peer_proto` would never write it: the text stands before the signature.
    let frame = said("encode", encode(&ask))?;
    let text_at = frame.len() - 64 - limits::NOTE_LEN_MAX;
    let mut body = frame[4..text_at - 2].to_vec();
    body.extend([0xd1, 0x0f]);
    body.extend(vec![b'a'; limits::NOTE_LEN_MAX + 1]);
    body.extend([0; 64]);
    let answer: CtlSay = line.ask_bytes(&Line::framed(&body))?;
    wants("2,001 bytes", &answer, Why::Malformed)?;
    let found = inbox(stage, &friend)?;
    holds(found.len() == 1, format!("{} are kept", found.len()))?;
    Ok("2,000 bytes taken, 2,001 refused 17".to_owned())
}
