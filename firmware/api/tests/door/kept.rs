//! A connection is whole after each answer, or said to end; and what stands after the `?` is known.

use std::io::{Read, Write};

use serde_json::json;

use crate::client::{Call, secure};
use crate::rig::{Rig, by};

/// One answer, and not a byte of what comes behind it.
fn one(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length?.trim().parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    Some(head)
}

/// A client that keeps its connection sent a body that nobody wanted, right behind its head. The box answered and
/// hung up, without a word about that, and the client's next request was lost: one in seven, with Python's.
#[test]
fn a_refusal_of_what_has_a_body_leaves_the_connection_to_the_next_request() {
    let rig = Rig::new();
    let mut stream = secure(rig.at, &rig.ca).expect("taken");
    for round in 0..100 {
        let head = "PUT /api/v1/totp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 12\r\n\r\n";
        for part in [head, "{\"code\":\"1\"}"] {
            stream.write_all(part.as_bytes()).expect("it is read");
            stream.flush().expect("it is read");
        }
        let head = one(&mut stream).unwrap_or_else(|| panic!("no answer in round {round}"));
        assert!(head.starts_with("http/1.1 401"), "{head}");
        assert!(!head.contains("connection: close"), "{head}");
    }
}

#[test]
fn whoever_is_refused_and_does_not_send_the_body_or_waits_to_be_asked_is_told_that_it_ends() {
    let rig = Rig::new();
    for more in ["", "expect: 100-continue\r\n"] {
        let mut stream = secure(rig.at, &rig.ca).expect("taken");
        let head = format!(
            "PUT /api/v1/totp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 12\r\n{more}\r\n"
        );
        stream.write_all(head.as_bytes()).expect("it is read");
        let head = one(&mut stream).expect("an answer");
        assert!(head.starts_with("http/1.1 401"), "{head}");
        assert!(head.contains("connection: close"), "{head}");
    }
}

/// `search?path=` was taken, and everything searched; `PUT ...?version=` wrote the newest.
#[test]
fn a_word_that_a_route_does_not_have_is_refused_instead_of_left_out() {
    let (rig, owner) = Rig::claimed();
    let ask = |method: &str, path: &str| rig.send(&by(&owner, Call::new(method, path)));
    for (method, path) in [
        ("GET", "/api/v1/files/papers/search?path=letters"),
        ("GET", "/api/v1/files/papers/entries?recursive=true"),
        ("PUT", "/api/v1/files/papers/content?path=a&version=00"),
        ("DELETE", "/api/v1/files/papers/content?path=a&version=00"),
        ("GET", "/api/v1/status?deep=true"),
        ("GET", "/api/v1/audit?items=4294967296"),
    ] {
        let answer = ask(method, path);
        assert_eq!((answer.status, &*answer.code()), (400, "bad_request"), "{method} {path}");
    }
    assert_eq!(ask("GET", "/api/v1/status").status, 200);
    assert_eq!(ask("GET", "/api/v1/status?").status, 200);
    assert_eq!(ask("GET", "/api/v1/audit?items=4294967295").status, 200);
}

#[test]
fn hours_that_nobody_can_help_for_are_refused_of_whatever_role() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    for hours in [0, 721, 100_000] {
        let body = json!({ "name": "Ben", "role": "member", "hours": hours });
        let answer = rig.as_(&owner, Call::new("POST", "/api/v1/people").json(&body));
        assert_eq!(answer.status, 400, "{hours}: {}", answer.text());
    }
}
