//! `holdfast friend` against a running box: what is asked first, what is refused by name, what is printed once.

use crate::rig::{Rig, put};
use crate::running_box::InThreads;

#[test]
fn an_invite_is_made_once_the_owner_said_how_the_box_is_found() {
    let rig = Rig::vault(1);
    let _running = InThreads::start(&rig);
    let none = rig.run(&["friend", "list"]).ok().text();
    assert!(none.contains("no friends yet") && none.contains("friend reach"), "{none}");
    let invite = ["friend", "invite", "--give", "64MiB"];
    rig.run(&invite).failed(1, &["The vault is locked."]);
    rig.run(&["unlock"]).ok();
    rig.run(&invite).failed(1, &["Nobody has said yet", "friend reach same-house"]);
    rig.run(&["friend", "reach", "relay", "http://plain.example"]).failed(2, &["https://"]);
    rig.run(&["friend", "reach", "nothing"]).ok();

    let made = rig.run(&invite).ok().text();
    assert!(made.starts_with("HFI") && made.contains("you keep 67.1 MB for them"), "{made}");
    let listed = rig.ask(&["friend", "list"])["friends"].clone();
    assert_eq!(listed["reach"], serde_json::json!({ "nothing": {} }));
    let open = listed["invites"].as_array().unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["terms"]["here"]["bytes"], 64 << 20);
    assert!(!listed.to_string().contains("HFI"), "the ticket is told once");
    let id = open[0]["id"].as_str().unwrap();
    rig.run(&["friend", "confirm", &id[..8]]).failed(1, &["Nobody has taken this invite yet."]);
    rig.run(&["friend", "take-back", &id[..8]]).ok();
    assert!(rig.ask(&["friend", "list"])["friends"]["invites"].as_array().unwrap().is_empty());
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let rig = Rig::vault(1);
    let _running = InThreads::start(&rig);
    rig.run(&["unlock"]).ok();
    rig.run(&["friend", "reach", "nothing"]).ok();
    rig.run(&["friend", "invite", "--give", "900000TB"]).failed(1, &["left to give"]);
    rig.run(&["friend", "invite", "--give", "0"]).failed(2, &["Neither box would keep"]);
    rig.run(&["friend", "invite", "--give", "1GB", "--silence", "3"])
        .failed(2, &["months of silence"]);
    rig.run(&["friend", "audit", "Ana"]).failed(1, &["There is no friend \"ana\"."]);
    rig.run(&["friend", "messages", "Ana"]).failed(1, &["no friend"]);
    put(&rig.path("ticket"), b"HFI0123\n");
    rig.run(&["friend", "look", "--ticket-file", "ticket"]).failed(2, &["mistyped"]);
    put(&rig.path("ticket"), b"hello\n");
    rig.run(&["friend", "look", "--ticket-file", "ticket"]).failed(2, &["begin with HFI"]);
    rig.run(&["friend", "accept", "00"]).failed(1, &["There is no offer"]);
}
