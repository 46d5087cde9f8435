//! What a caller that means harm can send, and what comes of it: nothing.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use board::{Board, BoardError, DiskContent};
use board_hands::{ASK_LEN_MAX, CALLERS_MAX, RemoteBoard};
use serde_json::{Value, json};
use testkit::dice::Dice;

use crate::common::{Rig, SHORT, order, shape};

const FRAMES: u32 = 10_000;
const SEED: u64 = 15;

/// Whether the helper has ended this talk. What it said before is read past.
fn is_over(stream: &mut UnixStream) -> bool {
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest);
    ended.is_ok() || ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

#[test]
fn what_is_not_in_the_set_is_refused_and_the_talk_is_over() {
    let rig = Rig::new();
    let disk = shape(&rig.disk("left", "bay-1"));
    let with = |key: &str, value: Value| {
        let mut disk = disk.clone();
        disk[key] = value;
        disk
    };
    for ask in [
        json!({ "run": { "program": "/bin/sh" } }),
        json!({ "disks": { "path": "/dev" } }),
        json!({ "mount": { "disk": disk, "how": "look", "at": "/etc" } }),
        json!({ "mount": { "disk": "/dev/sda", "how": "look" } }),
        json!({ "mount": { "disk": with("node", json!("sda")), "how": "look" } }),
        json!({ "mount": { "disk": disk, "how": "anything" } }),
        json!({ "unmount": { "path": "/" } }),
        json!({ "prepare": { "disk": disk, "order": { "label": "hf-1" } } }),
        json!({ "light": { "bay": "1", "light": "here", "led": "/sys/x" } }),
        json!({ "next_event": { "wait_ms": -1 } }),
        json!([]),
        json!("disks"),
    ] {
        let mut stream = rig.talk();
        frame::write(&mut stream, &ask).unwrap();
        let reply: Value = frame::read(&mut stream, frame::LEN_MAX).unwrap();
        assert_eq!(reply["left"]["why"], "not_understood", "{ask}: {reply}");
        assert!(is_over(&mut stream), "{ask}");
    }
    let known = rig.ask(&json!({ "probe": { "disk": disk } }));
    assert_eq!(known, json!({ "said": { "probe": { "content": "blank" } } }), "and this is in it");
}

/// A path in any field is a name like another: there is no disk of that name.
#[test]
fn a_path_in_a_field_names_no_disk() {
    let rig = Rig::new();
    let disk = shape(&rig.disk("left", "bay-1"));
    for key in ["model", "serial", "wwn", "port"] {
        for path in ["/dev/sda", "../../../etc", "desk/bay-1/../bay-1", "/"] {
            let mut wrong = disk.clone();
            wrong[key] = json!(path);
            for ask in [
                json!({ "probe": { "disk": wrong } }),
                json!({ "mount": { "disk": wrong, "how": "target" } }),
                json!({ "unmount": { "disk": wrong } }),
                json!({ "sleep": { "disk": wrong } }),
            ] {
                let reply = rig.ask(&ask);
                assert_eq!(reply["refused"]["not_there"]["disk"], wrong, "{ask}: {reply}");
            }
        }
    }
}

#[test]
fn a_frame_that_is_too_long_is_refused_by_its_length_alone() {
    let rig = Rig::new();
    let mut stream = rig.talk();
    stream.write_all(&(ASK_LEN_MAX + 1).to_le_bytes()).unwrap();
    let reply: Value = frame::read(&mut stream, frame::LEN_MAX).unwrap();
    assert_eq!(reply["left"]["why"], "not_understood", "{reply}");
    assert!(is_over(&mut stream));
}

#[test]
fn a_caller_that_goes_away_in_the_middle_leaves_its_place() {
    let rig = Rig::new();
    let disk = rig.disk("left", "bay-1");
    for number in 0..4 * CALLERS_MAX {
        let mut stream = if number % 4 == 0 { rig.raw() } else { rig.talk() };
        match number % 4 {
            1 => stream.write_all(&[7, 0]).unwrap(),
            2 => stream.write_all(&[7, 0, 0, 0, b'{']).unwrap(),
            _ => {}
        }
        drop(stream);
        // A place is free again when its thread has seen the end.
        while rig.remote.probe(&disk).is_err() {}
    }
    assert_eq!(rig.remote.probe(&disk).unwrap(), DiskContent::Blank);
}

#[test]
fn one_caller_too_many_is_told_to_come_later() {
    let rig = Rig::new();
    // The rig's own board holds one.
    let mut talks: Vec<UnixStream> = (1..CALLERS_MAX).map(|_| rig.talk()).collect();
    let refused = RemoteBoard::with_patience(&rig.socket(), SHORT).unwrap_err();
    let BoardError::Helper { source } = &refused else { panic!("{refused}") };
    assert_eq!(source.kind(), ErrorKind::ResourceBusy);
    assert_eq!(rig.remote.disks().unwrap(), [], "who is in is served");
    talks.pop();
    let again = board_hands::Patience { attempts: 6_000, ..SHORT };
    RemoteBoard::with_patience(&rig.socket(), again).unwrap();
}

/// Bytes that mean nothing, and questions with bytes changed, cut and added.
#[test]
fn ten_thousand_frames_of_garbage_change_nothing() {
    let rig = Rig::new();
    let disk = rig.disk("left", "bay-1");
    rig.machine.prepare(&disk, &order(&rig, &disk, DiskContent::Blank)).unwrap();
    let before = rig.machine.probe(&disk).unwrap();
    let questions = [
        json!({ "disks": {} }),
        json!({ "probe": { "disk": shape(&disk) } }),
        json!({ "prepare": { "disk": shape(&disk),
            "order": { "expects": "blank", "attached": 0, "label": "hf-9999" } } }),
        json!({ "light": { "bay": "1", "light": "good" } }),
    ];
    let mut dice = Dice::new(SEED);
    let (mut understood, mut refused, mut left) = (0, 0, 0);
    for number in 0..FRAMES {
        let mut bytes = if number % 4 == 0 {
            (0..dice.roll(200)).map(|_| byte(&mut dice)).collect()
        } else {
            let pick = dice.roll(u32::try_from(questions.len()).unwrap()) as usize;
            serde_json::to_vec(&questions[pick]).unwrap()
        };
        for _ in 0..dice.roll(4) {
            spoil(&mut bytes, &mut dice);
        }
        let mut stream = rig.talk();
        let head = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        stream.write_all(&[&head[..], &bytes].concat()).unwrap();
        let reply: Value = frame::read(&mut stream, frame::LEN_MAX).unwrap();
        match reply.as_object().unwrap().keys().next().unwrap().as_str() {
            "said" => understood += 1,
            "refused" => refused += 1,
            _ => left += 1,
        }
    }
    assert_eq!(understood + refused + left, FRAMES);
    assert!(understood > 1_000 && refused > 100 && left > 1_000, "{understood} {refused} {left}");
    assert_eq!(rig.machine.probe(&disk).unwrap(), before);
    assert_eq!(rig.remote.disks().unwrap().len(), 1);
}

fn byte(dice: &mut Dice) -> u8 {
    u8::try_from(dice.roll(256)).unwrap()
}

fn spoil(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.roll(u32::try_from(bytes.len()).unwrap()) as usize;
    match dice.roll(3) {
        0 if at < bytes.len() => bytes[at] = byte(dice),
        1 => bytes.truncate(at),
        _ => bytes.insert(at, byte(dice)),
    }
}
