//! What a paired computer cannot hold up, fill or take over: found by somebody who attacked it.
//!
//! Start at [`Half`], a body that comes to its middle and stays there.

use std::io::{Read, Write};
use std::net::TcpStream;

use calls::afar::{PIECES_LEN_MAX, PieceHead, Standing, name, unhex};
use calls::{Answer as Said, Call as Asked, JobSpec, Lock};
use computer::{ComputerError, Pairing, Split};
use format::entry::Entry;
use format::record::{Snapshot, SnapshotKind, SnapshotStats};
use rustls::{ClientConnection, StreamOwned};
use serde_json::json;
use types::{SourceId, UnixTime};

use crate::client::{Answer, Call, read, secure};
use crate::computers::{Computer, code, folders, rig};
use crate::rig::{Rig, noise, put};
use crate::running::Running;
use crate::web::Guest;

fn call(pairing: &Pairing, way: &str, body: Option<Vec<u8>>) -> Call {
    let method = if body.is_some() { "POST" } else { "GET" };
    let path = format!("/api/v1/computers/{}{way}", pairing.source);
    let bearer = format!("Bearer {}", pairing.token.reveal());
    let mut call = Call::new(method, &path).with("authorization", &bearer);
    call.body = body;
    call
}

fn piece(pairing: &Pairing, bytes: &[u8]) -> Vec<u8> {
    let (id, len) =
        (pairing.keys().unwrap().chunk_id(bytes).0, u32::try_from(bytes.len()).unwrap());
    let mut body = PieceHead { is_object: false, id, len }.to_bytes().to_vec();
    body.extend_from_slice(bytes);
    body
}

/// A body of which the box has begun to read, and that has come to its middle.
struct Half {
    stream: StreamOwned<ClientConnection, TcpStream>,
    rest: Vec<u8>,
}

impl Half {
    fn sent(guest: &Guest<'_>, call: Call) -> Self {
        let call = call.with("expect", "100-continue");
        let mut head = call.bytes();
        let body = head.split_off(head.len() - call.body.as_ref().unwrap().len());
        let mut stream = secure(guest.at, &guest.ca).unwrap();
        stream.write_all(&head).unwrap();
        let mut goes_on = [0; 25];
        stream.read_exact(&mut goes_on).unwrap();
        assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        let (half, rest) = body.split_at(body.len() / 2);
        stream.write_all(half).unwrap();
        stream.flush().unwrap();
        Self { stream, rest: rest.to_vec() }
    }

    fn ends(mut self) -> Answer {
        self.stream.write_all(&self.rest).unwrap();
        self.stream.flush().unwrap();
        read(&mut self.stream)
    }
}

fn locks(running: &Running<'_>) {
    assert_eq!(running.ask(Asked::Lock {}), Said::Lock(Lock::Locked));
}

/// A folder with one file of these bytes.
fn folder(rig: &Rig, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let folder = rig.path(name);
    std::fs::create_dir(&folder).unwrap();
    put(&folder.join("file"), bytes);
    folder
}

#[test]
fn a_box_that_is_locked_takes_no_rest_of_a_body_and_gives_none_and_is_unlocked_again() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let bytes = noise(8_000, 3);
    laptop.backs_up(&folder(&rig, "files", &bytes)).unwrap();

    let sends = call(&laptop.pairing, "/pieces", Some(piece(&laptop.pairing, &noise(40_000, 4))));
    let half = Half::sent(&ada, sends.clone());
    locks(&running);
    let refused = half.ends();
    assert_eq!((refused.status, &*refused.code()), (423, "locked"), "{}", refused.text());
    running.unlock();
    let taken = sends.send(ada.at, &ada.ca);
    assert_eq!(taken.status, 200, "unlocked, it is taken: {}", taken.text());

    // More than all buffers on the way hold together.
    let version = computer::versions(&laptop.line, &laptop.pairing).unwrap().pop().unwrap().id;
    let id = laptop.pairing.keys().unwrap().chunk_id(&bytes);
    let names = name(false, &id.0).repeat(4_096);
    let asks = call(&laptop.pairing, &format!("/fetch?version={version}"), Some(names));
    let whole = asks.send(ada.at, &ada.ca);
    assert_eq!((whole.status, whole.body.len()), (200, 4_096 * (8_000 + PieceHead::LEN)));
    let mut stream = secure(ada.at, &ada.ca).unwrap();
    stream.write_all(&asks.bytes()).unwrap();
    stream.flush().unwrap();
    let mut some = [0; 4_096];
    stream.read_exact(&mut some).unwrap();
    locks(&running);
    let (mut rest, mut some) = (0, [0; 65_536]);
    while let Ok(len) = stream.read(&mut some)
        && len > 0
    {
        rest += len;
    }
    assert!(rest < whole.body.len() * 3 / 4, "{rest} bytes came of a box that was locked");
    running.unlock();
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_body_that_stays_half_way_holds_up_neither_pruning_nor_another_computer() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let desktop = Computer::paired(&ada, "desktop");
    let body = piece(&laptop.pairing, &noise(40_000, 5));
    let half = Half::sent(&ada, call(&laptop.pairing, "/pieces", Some(body)));
    running.done(JobSpec::Prune { allow_large: true });
    let other = desktop.backs_up(&folder(&rig, "files", &noise(50_000, 6))).unwrap();
    assert!(other.pieces > 0, "{other:?}");
    let ended = half.ends();
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_body_that_is_too_long_and_records_beside_a_quota_are_refused() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let address = ada.at.to_string();
    let made = ada.posts("/api/v1/devices/pairing", &json!({ "quota": 200_000 }));
    let split = Split::read(made["code"].as_str().unwrap()).unwrap();
    let at = folders(&rig, "small");
    let pairing = computer::pair(&at, (&address, &split), "home", "small").unwrap();
    let small = Computer::with(pairing, at, None);
    small.backs_up(&folder(&rig, "files", &noise(5_000, 7))).unwrap();

    // It was told so in the middle of sending, saw a broken line, and tried for ten minutes.
    let refused = small.backs_up(&folder(&rig, "more", &noise(5_000_000, 8))).unwrap_err();
    let is_told = matches!(&refused, ComputerError::Refused { code, .. } if code == "quota");
    assert!(is_told, "{refused}");
    assert_eq!(small.line.counts.retries.load(std::sync::atomic::Ordering::Relaxed), 0);

    let stands: Standing =
        serde_json::from_value(call(&small.pairing, "", None).send(ada.at, &ada.ca).json())
            .unwrap();
    let root: Entry = format::from_cbor("root", &unhex(&stands.root.unwrap()).unwrap()).unwrap();
    let commits = |pairing: &Pairing, started, len| {
        let record = format::to_cbor(&Snapshot {
            source: SourceId::default(),
            source_name: String::new(),
            kind: SnapshotKind::Backup,
            root: root.clone(),
            started: UnixTime(started),
            finished: UnixTime(started),
            host: "laptop".to_owned(),
            paths: vec![vec![b'p'; len].into()],
            excludes: Vec::new(),
            stats: SnapshotStats::default(),
            skipped: Vec::new(),
        });
        let answer = call(pairing, "/versions", Some(record)).send(ada.at, &ada.ca);
        (answer.status, answer.code())
    };
    assert_eq!(commits(&small.pairing, 1, 100_000), (200, String::new()), "there is room for it");
    assert_eq!(commits(&small.pairing, 2, 100_000), (507, "quota".to_owned()));

    // Of a computer without a quota: the longest there is fits what the box stores.
    let large = Computer::paired(&ada, "large");
    large.backs_up(&rig.path("files")).unwrap();
    let longest = ::vault::RECORD_LEN_MAX;
    let (status, _) = commits(&large.pairing, 3, longest - 4_096);
    assert_eq!(status, 200);
    for (way, len) in [("/versions", longest), ("/pieces", PIECES_LEN_MAX)] {
        let long = call(&large.pairing, way, Some(vec![0; len + 1]));
        let refused = Half::sent_none(&ada, &long);
        assert_eq!((refused.status, &*refused.code()), (413, "too_large"), "{}", refused.text());
    }
    assert_eq!(running.stop(), Some(0));
}

impl Half {
    /// Only the head: whoever says how long it is is told at once.
    fn sent_none(guest: &Guest<'_>, call: &Call) -> Answer {
        let mut head = call.bytes();
        head.truncate(head.len() - call.body.as_ref().unwrap().len());
        let mut stream = secure(guest.at, &guest.ca).unwrap();
        stream.write_all(&head).unwrap();
        stream.flush().unwrap();
        read(&mut stream)
    }
}

#[test]
fn what_a_computer_began_to_send_is_no_other_computers_of_its_name() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let body = piece(&laptop.pairing, &noise(40_000, 8));
    let sent = call(&laptop.pairing, "/pieces", Some(body)).send(ada.at, &ada.ca);
    assert_eq!(sent.status, 200, "{}", sent.text());
    let device = ada.get("/api/v1/devices")["devices"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ada.send("DELETE", &format!("/api/v1/devices/{device}"), None).status, 200);

    let address = ada.at.to_string();
    let tries = |home: &str, split: &Split| {
        computer::pair(&folders(&rig, home), (&address, split), "home", "laptop")
    };
    let taken = tries("other", &code(&ada, None));
    assert!(matches!(&taken, Err(ComputerError::Refused { status: 409, .. })), "{taken:?}");
    // Its person can say that it goes on.
    let same = tries("same", &code(&ada, Some("laptop"))).unwrap();
    let stands = call(&same, "", None).send(ada.at, &ada.ca).json();
    assert_eq!(stands["received"], 1, "{stands}");
    assert_eq!(running.stop(), Some(0));
}
