//! The helper goes and comes back, and whoever speaks with it does.

use std::fs;
use std::os::unix::net::UnixListener;
use std::thread;
use std::time::Duration;

use board::{Board, BoardError, DiskContent, Event};
use board_hands::{Patience, RemoteBoard};
use serde_json::{Value, json};

use crate::common::{Rig, SHORT, order, serve, shape};

/// A helper that greets one caller, hears what it asks, and dies before it answers.
fn dies_after_one_question(socket: &std::path::Path) -> thread::JoinHandle<Value> {
    let listener = UnixListener::bind(socket).unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let greeting =
            json!({ "hands": "0", "protocol": 1, "oldest": 1, "profile": "desk", "left": null });
        frame::write(&mut stream, &greeting).unwrap();
        let _hello: Value = frame::read(&mut stream, frame::LEN_MAX).unwrap();
        frame::read(&mut stream, frame::LEN_MAX).unwrap()
    })
}

#[test]
fn a_helper_that_is_not_there_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("hands.sock");
    let error = RemoteBoard::with_patience(&missing, SHORT).unwrap_err();
    assert!(matches!(error, BoardError::Helper { .. }), "{error}");
    assert!(error.advice().contains("systemctl start holdfast-hands"));
}

#[test]
fn a_helper_that_died_is_met_again_and_what_was_missed_is_told() {
    let rig = Rig::new();
    let disk = rig.disk("left", "bay-1");
    let socket = rig.socket().with_file_name("other.sock");
    let dying = dies_after_one_question(&socket);
    let patience = Patience { attempts: 600, pause: Duration::from_millis(100) };
    let remote = RemoteBoard::with_patience(&socket, patience).unwrap();
    thread::scope(|scope| {
        let asking = scope.spawn(|| remote.disks());
        assert_eq!(dying.join().unwrap(), json!({ "disks": {} }));
        fs::remove_file(&socket).unwrap();
        serve(&rig.machine, &socket);
        let disks = asking.join().unwrap().unwrap();
        assert_eq!(disks[0].identity, disk);
    });
    assert_eq!(remote.next_event(Duration::from_secs(60)).unwrap(), Some(Event::Overflow));
    let inserted = remote.next_event(Duration::from_secs(60)).unwrap();
    assert!(matches!(inserted, Some(Event::Inserted(_))), "{inserted:?}");
}

/// Nobody knows how far a helper came that died while it erased: the caller has to look again.
#[test]
fn erasing_is_never_asked_a_second_time_by_itself() {
    let rig = Rig::new();
    let disk = rig.disk("left", "bay-1");
    let socket = rig.socket().with_file_name("other.sock");
    serve(&rig.machine, &socket);
    let remote = RemoteBoard::with_patience(&socket, SHORT).unwrap();
    fs::remove_file(&socket).unwrap();
    let dying = dies_after_one_question(&socket);
    let error = remote.prepare(&disk, &order(&rig, &disk, DiskContent::Blank)).unwrap_err();
    assert!(matches!(error, BoardError::Helper { .. }), "{error}");
    assert_eq!(dying.join().unwrap()["prepare"]["disk"], shape(&disk));
    assert_eq!(rig.machine.probe(&disk).unwrap(), DiskContent::Blank);
}

#[test]
fn an_event_that_its_caller_did_not_live_to_hear_is_told_as_missed() {
    let rig = Rig::new();
    let mut caller = rig.talk();
    frame::write(&mut caller, &json!({ "next_event": { "wait_ms": 2_000 } })).unwrap();
    drop(caller);
    rig.disk("left", "bay-1");
    // Whichever of the two got the event, it is not lost.
    let event = rig.remote.next_event(Duration::from_secs(60)).unwrap();
    assert!(matches!(event, Some(Event::Overflow | Event::Inserted(_))), "{event:?}");
}

#[test]
fn two_versions_that_do_not_understand_each_other_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("hands.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let newer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let greeting =
            json!({ "hands": "9", "protocol": 9, "oldest": 8, "profile": "desk", "left": null });
        frame::write(&mut stream, &greeting).unwrap();
    });
    let error = RemoteBoard::with_patience(&socket, SHORT).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("version 9"), "{cause}");
    newer.join().unwrap();
}
