//! Whoever sends too much, too slowly or nothing at all is left, and others are served meanwhile.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::json;

use crate::client::{Call, PATIENCE, plain, secure};
use crate::rig::{Rig, by};

/// Whether the box hangs up, in time.
fn is_left(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    // A reset is an end, too; only a wait without end is none.
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => {
            !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
        }
    }
}

#[test]
fn who_shakes_no_hands_sends_half_a_head_or_falls_silent_is_left_and_others_are_served() {
    let (rig, owner) = Rig::claimed();
    let mut silent: Vec<TcpStream> = (0..20).map(|_| plain(rig.at).expect("taken")).collect();
    let mut half: Vec<TcpStream> = (0..20).map(|_| plain(rig.plain).expect("taken")).collect();
    for stream in &mut half {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: loc").expect("it reads");
    }
    let mut talked = secure(rig.at, &rig.ca).expect("taken");
    talked.write_all(b"GET /api/v1/box HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("it reads");
    let mut half_secure = secure(rig.at, &rig.ca).expect("taken");
    half_secure.write_all(b"GET /api/v1/box HTT").expect("it reads");
    for _ in 0..10 {
        assert_eq!(rig.send(&by(&owner, Call::new("GET", "/api/v1/status"))).status, 200);
    }
    std::thread::scope(|scope| {
        let all = silent.iter_mut().chain(&mut half);
        let all = all.chain([&mut talked.sock, &mut half_secure.sock]);
        let left: Vec<_> = all.map(|stream| scope.spawn(|| is_left(stream))).collect();
        for one in left {
            assert!(one.join().expect("it reads"), "somebody is waited for");
        }
    });
}

/// Four addresses with 64 connections each once filled the door, and kept everybody else out for as long as they
/// liked. Now the oldest of whoever has most gives way, and nobody else's does.
#[test]
fn who_fills_the_door_from_several_addresses_keeps_nobody_else_out() {
    let (rig, owner) = Rig::claimed();
    let mut quiet = secure(rig.at, &rig.ca).expect("taken");
    let from = |place| plain_from([127, 0, 1, place], rig.at).expect("it reaches the box");
    let mut crowd: Vec<TcpStream> =
        (1..=4).flat_map(|place| (0..64).map(move |_| place)).map(from).collect();
    for _ in 0..10 {
        assert_eq!(rig.send(&by(&owner, Call::new("GET", "/api/v1/status"))).status, 200);
    }
    assert!(is_left(&mut crowd[0]), "the oldest of those who fill it gives way");
    quiet.write_all(b"GET /api/v1/box HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("it reads");
    let mut word = [0; 12];
    quiet.read_exact(&mut word).expect("it answers");
    assert_eq!(&word, b"HTTP/1.1 200");
    // One place alone has no more than its share.
    let mut more = from(4);
    assert!(is_left(&mut more));
}

#[test]
fn a_body_that_is_too_long_is_refused_and_so_is_one_that_is_no_json() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let long = json!({ "name": "x".repeat(200 << 10), "role": "member" });
    let answer = rig.as_(&owner, Call::new("POST", "/api/v1/people").json(&long));
    assert_eq!((answer.status, &*answer.code()), (413, "too_large"));
    let long_head = Call::new("GET", "/api/v1/status").with("x-long", &"x".repeat(64 << 10));
    let answer = rig.as_(&owner, long_head);
    assert!(answer.status == 431 || answer.status == 0, "{}", answer.status);
    let mut form = Call::new("POST", "/api/v1/people");
    form.body = Some(b"name=Ben&role=member".to_vec());
    let form = form.with("content-type", "application/x-www-form-urlencoded");
    assert_eq!(rig.as_(&owner, form.clone()).status, 415);
    let said = form.with("content-type", "application/json");
    assert_eq!(rig.as_(&owner, said).status, 400);
    // Schemathesis found it: fields were taken by their order.
    for list in [json!(["Ben", "member", null]), json!([]), json!([null, null])] {
        for path in ["/api/v1/people", "/api/v1/devices/pairing", "/api/v1/jobs/check"] {
            let answer = rig.as_(&owner, Call::new("POST", path).json(&list));
            assert_eq!(answer.status, 400, "{path} {list}: {}", answer.text());
        }
    }
    let far = "/api/v1/computers/laptop/versions?skip=4294967296";
    assert_eq!(rig.as_(&owner, Call::new("GET", far)).status, 400, "more than a number may be");
    let extra = json!({ "name": "Ben", "role": "member", "is_admin": true });
    let answer = rig.as_(&owner, Call::new("POST", "/api/v1/people").json(&extra));
    assert_eq!((answer.status, &*answer.code()), (400, "bad_request"));
}

#[test]
fn hostile_paths_and_numbers_are_refused_and_never_a_fault_of_the_box() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    for path in [
        "/api/v1/jobs/-1",
        "/api/v1/jobs/99999999999999999999",
        "/api/v1/jobs/%2e%2e",
        "/api/v1/jobs/%ff%fe",
        "/api/v1/jobs?items=-1",
        "/api/v1/jobs?nobody=knows",
        "/api/v1/snapshots/%00/entries?path=%00",
        "/api/v1/snapshots/latest/entries?path=a&path_hex=61",
        "/api/v1/snapshots/latest/entries?path_hex=6",
        "/api/v1/../../etc/passwd",
        "//etc/passwd",
        "/api/v1/people/../status",
        "/api/v1/sources/%ff%fe/files",
    ] {
        let answer = rig.as_(&owner, Call::new("GET", path));
        assert!((400..500).contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
        assert!(!answer.code().is_empty(), "{path}: {}", answer.text());
    }
}

#[test]
fn fifty_clients_at_once_are_all_served() {
    let (rig, owner) = Rig::claimed();
    let served: usize = std::thread::scope(|scope| {
        let ask = || {
            let call = by(&owner, Call::new("GET", "/api/v1/jobs"));
            (0..5).filter(|_| rig.send(&call).status == 200).count()
        };
        let all: Vec<_> = (0..50).map(|_| scope.spawn(ask)).collect();
        all.into_iter().map(|one| one.join().expect("it asks")).sum()
    });
    assert_eq!(served, 250);
}

/// A plain connection from one of the other addresses that this computer has for itself.
fn plain_from(from: [u8; 4], at: SocketAddr) -> std::io::Result<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    let stream = runtime.block_on(socket.connect(at))?.into_std()?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}
