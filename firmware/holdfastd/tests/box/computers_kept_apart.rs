//! What a computer that is paired may not learn or do, and what it is told when the box says no.
//!
//! Start at [`a_computer_learns_nothing_of_what_others_have`].

use calls::afar::{name, unhex};
use computer::{ComputerError, Split};
use serde_json::json;
use types::ChunkId;

use crate::client::{Answer, Call};
use crate::computers::{Computer, code, folders, mixed, rig};
use crate::rig::put;
use crate::web::Guest;

/// A request as a program would make it that has a computer's token.
fn asks(guest: &Guest<'_>, computer: &Computer, call: Call) -> Answer {
    let bearer = format!("Bearer {}", computer.pairing.token.reveal());
    call.with("authorization", &bearer).send(guest.at, &guest.ca)
}

fn with_body(path: &str, body: &[u8]) -> Call {
    let mut call = Call::new("POST", path);
    call.body = Some(body.to_vec());
    call
}

fn lacks(guest: &Guest<'_>, computer: &Computer, ids: &[ChunkId]) -> Vec<u8> {
    let names: Vec<u8> = ids.iter().flat_map(|id| name(false, &id.0)).collect();
    let path = format!("/api/v1/computers/{}/lacking", computer.pairing.source);
    let answer = asks(guest, computer, with_body(&path, &names));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.body
}

#[test]
fn a_computer_learns_nothing_of_what_others_have() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let ben = ada.invites("ben", "member").raised();
    let (laptop, desktop) = (Computer::paired(&ada, "laptop"), Computer::paired(&ada, "desktop"));
    let bens = Computer::paired(&ben, "bens");
    let folder = mixed(&rig, "files", 4);
    let secret = b"what only the laptop has".repeat(100);
    put(&folder.join("secret"), &secret);
    laptop.backs_up(&folder).unwrap();
    let id = laptop.pairing.keys().unwrap().chunk_id(&secret);
    // Ada's other computer has the same keys and so the name; Ben's has others.
    assert_eq!(desktop.pairing.keys().unwrap().chunk_id(&secret), id);
    assert_ne!(bens.pairing.keys().unwrap().chunk_id(&secret), id);
    let odd = ChunkId([7; 32]);
    assert_eq!(lacks(&ada, &laptop, &[id, odd]), [0, 1], "its own is told");
    assert_eq!(lacks(&ada, &desktop, &[id, odd]), [1, 1], "another source's is not");
    assert_eq!(lacks(&ada, &bens, &[id, odd]), [1, 1], "and another person's is not");

    // A tree that refers to it without having sent it is no version, and none of the sender's can be read.
    let theirs = rig.path("theirs");
    std::fs::create_dir(&theirs).unwrap();
    put(&theirs.join("secret"), &secret);
    let sent = desktop.backs_up(&theirs).unwrap();
    assert!(sent.sent > secret.len() as u64, "it had to be sent: {sent:?}");
    let versions = computer::versions(&laptop.line, &laptop.pairing).unwrap();
    let latest = &versions.last().unwrap().id;
    for (who, path) in [
        (&desktop, format!("/api/v1/computers/laptop/fetch?version={latest}")),
        (&bens, format!("/api/v1/computers/laptop/fetch?version={latest}")),
        (&desktop, format!("/api/v1/computers/desktop/fetch?version={latest}")),
        (&bens, format!("/api/v1/computers/bens/fetch?version={latest}")),
    ] {
        let answer = asks(&ada, who, with_body(&path, &name(false, &id.0)));
        assert!(matches!(answer.status, 403 | 404), "{path}: {}", answer.text());
    }
    let own = format!("/api/v1/computers/laptop/fetch?version={latest}");
    let answer = asks(&ada, &laptop, with_body(&own, &name(false, &id.0)));
    assert_eq!((answer.status, &answer.body[37..]), (200, &secret[..]));

    // Nothing else in the house is open to it, and nothing of its own can it take away.
    for (method, path) in [
        ("DELETE", "/api/v1/files/laptop/content?path=secret"),
        ("POST", "/api/v1/devices/pairing"),
        ("GET", "/api/v1/people"),
        ("POST", "/api/v1/jobs/prune"),
    ] {
        let answer = asks(&ada, &laptop, Call::new(method, path).json(&json!({})));
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
    }
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn what_bears_a_wrong_name_is_refused_and_the_code_is_good_once_and_for_one_box() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let mut body = name(false, &[9; 32]).to_vec();
    body.extend_from_slice(&4_u32.to_le_bytes());
    body.extend_from_slice(b"abcd");
    let path = "/api/v1/computers/laptop/pieces";
    let answer = asks(&ada, &laptop, with_body(path, &body));
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains(&"09".repeat(32)), "it is named: {}", answer.text());

    let made = ada.posts("/api/v1/devices/pairing", &json!({}));
    let typed = made["code"].as_str().unwrap();
    let address = ada.at.to_string();
    let tries = |folder: &str, typed: &str, name: &str| {
        let split = Split::read(typed).unwrap();
        computer::pair(&folders(&rig, folder), (&address, &split), "home", name)
    };
    // Whoever stands in between has another certificate, and is told no secret.
    let other = format!("{}0000", &typed[..typed.len() - 4]);
    assert!(matches!(tries("a", &other, "a"), Err(ComputerError::OtherBox { .. })));
    let wrong = format!("0000{}", &typed[4..]);
    assert!(matches!(tries("a", &wrong, "a"), Err(ComputerError::Refused { status: 403, .. })));
    let taken = tries("a", typed, "laptop");
    assert!(matches!(&taken, Err(ComputerError::Refused { status: 409, .. })), "{taken:?}");
    tries("a", typed, "a").unwrap();
    assert!(matches!(tries("b", typed, "b"), Err(ComputerError::Refused { status: 403, .. })));

    // For that very source a code can be made: the computer goes on with what it had.
    let same = code(&ada, Some("laptop"));
    let again = computer::pair(&folders(&rig, "new"), (&address, &same), "home", "new laptop");
    assert_eq!(again.unwrap().source, "laptop");
    let mode = |path: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(rig.path(path)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode("new/config"), mode("new/config/home.json")), (0o700, 0o600));
    assert!(unhex("").is_some() && !rig.log().contains(laptop.pairing.token.reveal()));
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_computer_whose_token_was_taken_back_is_told_so_and_what_it_stored_is_kept() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let folder = mixed(&rig, "files", 4);
    laptop.backs_up(&folder).unwrap();
    let device = ada.get("/api/v1/devices")["devices"][0]["id"].as_str().unwrap().to_owned();
    let gone = ada.send("DELETE", &format!("/api/v1/devices/{device}"), None);
    assert_eq!(gone.status, 200, "{}", gone.text());
    let refused = laptop.backs_up(&folder).unwrap_err();
    assert!(matches!(&refused, ComputerError::Refused { status: 401, .. }), "{refused:?}");
    assert!(refused.advice().contains("Pair this computer again"), "{}", refused.advice());
    assert_eq!(
        ada.get("/api/v1/snapshots?source=laptop")["snapshots"].as_array().unwrap().len(),
        1
    );
    assert_eq!(running.stop(), Some(0));
}
