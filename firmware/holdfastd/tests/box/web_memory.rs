//! Fifty clients at once upload to a real box, each waiting for all others in the middle of it, while others
//! sign in: what the box has in memory at its highest. That bodies which begin one after the other get no
//! more is tried in `files`, in its budget.

use std::io::Write;
use std::sync::Barrier;

use serde_json::json;

use crate::client::{Call, read, secure};
use crate::rig::noise;
use crate::web::{Guest, held_at_most, kib, rig};

/// What a box may hold of its own at its highest, with fifty clients at once.
const PEAK_KIB_MAX: u64 = 256 << 10;
const CLIENTS: usize = 50;
/// Sent by each before anybody goes on.
const FRONT: usize = 3 << 20;
const LEN: usize = 4 << 20;

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Begins an upload; where it lives.
fn begins(guest: &Guest<'_>, name: &str) -> String {
    let pairs = [("source", "docs"), ("space", "everyone"), ("filename", name)];
    let words = pairs.map(|(key, value)| format!("{key} {}", base64(value))).join(",");
    let call = Call::new("POST", "/api/v1/uploads").with("cookie", &guest.cookies);
    let call = call.with("x-holdfast-csrf", &guest.csrf).with("tus-resumable", "1.0.0");
    let call = call.with("upload-length", &LEN.to_string()).with("upload-metadata", &words);
    let begun = call.send(guest.at, &guest.ca);
    assert_eq!(begun.status, 201, "{}", begun.text());
    begun.header("location").unwrap().to_owned()
}

/// Sends most of it, waits for all the others, and sends the rest.
fn uploads(guest: &Guest<'_>, at: &str, bytes: &[u8], all: &Barrier) -> u16 {
    let call = Call::new("PATCH", at).with("cookie", &guest.cookies);
    let call = call.with("x-holdfast-csrf", &guest.csrf).with("tus-resumable", "1.0.0");
    let call = call.with("upload-offset", "0").with("content-length", &LEN.to_string());
    let call = call.with("content-type", "application/offset+octet-stream");
    let mut stream = secure(guest.at, &guest.ca).unwrap();
    stream.write_all(&call.bytes()).unwrap();
    stream.write_all(&bytes[..FRONT]).unwrap();
    stream.flush().unwrap();
    all.wait();
    stream.write_all(&bytes[FRONT..]).unwrap();
    stream.flush().unwrap();
    read(&mut stream).status
}

/// A body that had begun alone kept eight MiB to itself however many came after it, and what two passwords
/// take while they are checked was nobody's.
#[test]
fn fifty_uploads_at_once_and_people_who_sign_in_meanwhile_fit_in_a_small_box() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    // Of two people: one alone has not so many places.
    let ada = Guest::at_the_door(&rig).claims().raised();
    let ben = ada.invites("ben", "member");
    let all = Barrier::new(CLIENTS);
    let done: Vec<u16> = std::thread::scope(|scope| {
        let mut clients = Vec::new();
        for n in 0..CLIENTS {
            let (who, all) = (if n % 2 == 0 { &ada } else { &ben }, &all);
            clients.push(scope.spawn(move || {
                let (at, bytes) = (begins(who, &format!("f{n}")), noise(LEN, n as u64 + 1));
                uploads(who, &at, &bytes, all)
            }));
            if n % 5 == 0 {
                let ada = &ada;
                scope.spawn(move || {
                    let sign = json!({ "name": "ada", "password": "guess and guess" });
                    ada.send("POST", "/api/v1/session", Some(&sign))
                });
            }
        }
        clients.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(done, vec![204; CLIENTS]);
    let (peak, after) = (held_at_most(&running), kib(&running, "RssAnon:"));
    let figures = format!("at its highest {peak} KiB, afterwards {after} KiB\n");
    std::io::stderr().write_all(figures.as_bytes()).unwrap();
    assert!(peak <= PEAK_KIB_MAX, "{peak} KiB");
    assert_eq!(running.stop(), Some(0));
}
