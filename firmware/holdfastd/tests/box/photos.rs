//! Photos of a real box: looked at by a child that is the box's own program, and seen by whose they are.

use std::time::Duration;

use serde_json::json;
use testkit::picture::{Camera, bomb};

use crate::client::Call;
use crate::web::{Guest, puts, rig, sends};

/// Long enough for the slowest computer.
const LOOKS_MAX: usize = 30_000;

fn adds(guest: &Guest<'_>, name: &str, bytes: &[u8]) {
    let path = format!("/api/v1/files/album/content?path={name}");
    assert_eq!(puts(guest, &path, bytes).status, 200, "{name}");
}

#[test]
fn the_box_dates_and_draws_pictures_by_a_child_and_shows_them_to_nobody_else() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    running.done(rig.big_folder("docs", 1));
    let ada = Guest::at_the_door(&rig).claims().raised();
    let ben = ada.invites("ben", "member");
    adds(&ben, "party.jpg", &Camera::at("2024:06:01 00:10:00", Some("+09:00")).jpeg(1_200, 800));
    adds(&ben, "bomb.jpg", &bomb(65_000, 65_000));
    adds(&ben, "cut.png", &Camera::default().png(64, 64)[..90]);
    let months = (0..LOOKS_MAX).find_map(|_| {
        let months = ben.get("/api/v1/files/album/photos/months");
        std::thread::park_timeout(Duration::from_millis(2));
        (months["looking"] == false && months["read"] == months["total"]).then_some(months)
    });
    assert_eq!(months.expect("looked through in time")["total"], 3);
    let all = ben.get("/api/v1/files/album/photos");
    let last = &all["photos"][2];
    assert_eq!((&last["path"], &last["taken_from"]), (&json!("party.jpg"), &json!("camera")));
    let small = |guest: &Guest<'_>, more: &str| {
        let path = format!("/api/v1/files/album/thumbnail?path={more}");
        let answer = sends(guest, Call::new("GET", &path));
        (answer.status, answer.header("content-type").unwrap_or_default().to_owned())
    };
    assert_eq!(small(&ben, "party.jpg"), (200, "image/jpeg".to_owned()));
    assert_eq!((small(&ben, "bomb.jpg").0, small(&ben, "cut.png").0), (204, 204));
    let again = ben.get("/api/v1/files/album/photos");
    let mut why: Vec<_> = again["photos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["no_thumbnail"].to_string())
        .collect();
    why.sort();
    assert_eq!(why, ["\"broken\"", "\"too_large\"", "null"]);
    let space = ben.get("/api/v1/session")["space"].as_str().unwrap().to_owned();
    for path in ["photos", "photos/months", "thumbnail?path=party.jpg"] {
        let and = if path.contains('?') { '&' } else { '?' };
        for path in [path.to_owned(), format!("{path}{and}space={space}")] {
            let answer = sends(&ada, Call::new("GET", &format!("/api/v1/files/album/{path}")));
            assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        }
    }
    assert_eq!(running.stop(), Some(0));
}
