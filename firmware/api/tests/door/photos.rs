//! The timeline and small pictures over the door, with a real vault behind it.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::picture::Camera;

use crate::client::{Answer, Call};
use crate::files::sent;
use crate::rig::{Person, Rig};

/// Long enough for the slowest computer.
const LOOKS_MAX: usize = 30_000;

fn put(rig: &Rig, who: &Person, name: &str, bytes: &[u8]) {
    let path = format!("/api/v1/files/photos/content?path={name}");
    let answer = rig.as_(who, sent(Call::new("PUT", &path), bytes));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn get(rig: &Rig, who: &Person, path: &str) -> Answer {
    rig.as_(who, Call::new("GET", &format!("/api/v1/files/photos/{path}")))
}

fn settled(rig: &Rig, who: &Person) -> Value {
    for _ in 0..LOOKS_MAX {
        let months = get(rig, who, "photos/months").json();
        if months["looking"] == false && months["read"] == months["total"] {
            return months;
        }
        std::thread::park_timeout(Duration::from_millis(2));
    }
    panic!("not looked through: {}", get(rig, who, "photos/months").text());
}

#[test]
fn a_timeline_is_counted_by_months_read_in_parts_and_seen_in_small() {
    let (rig, ada) = Rig::claimed();
    put(&rig, &ada, "a.jpg", &Camera::at("2024:06:01 00:10:00", Some("+09:00")).jpeg(900, 600));
    put(&rig, &ada, "b.jpg", &Camera::at("2023:12:31 23:59:59", None).jpeg(30, 20));
    put(&rig, &ada, "c.heic", &Camera::at("2024:06:30 12:00:00", None).heic());
    put(&rig, &ada, "d.txt", b"no picture");
    let months = settled(&rig, &ada);
    let wanted = json!([
        { "year": 2024, "month": 6, "count": 2 },
        { "year": 2023, "month": 12, "count": 1 },
    ]);
    assert_eq!((&months["months"], &months["total"]), (&wanted, &json!(3)));
    let part = get(&rig, &ada, "photos?skip=1&items=1").json();
    assert_eq!(part["revision"], months["revision"]);
    let photo = &part["photos"][0];
    assert_eq!((&photo["path"], &photo["taken"]), (&json!("a.jpg"), &json!("2024-06-01T00:10:00")));
    assert_eq!((&photo["offset_minutes"], &photo["taken_from"]), (&json!(540), &json!("camera")));
    let all = get(&rig, &ada, "photos").json();
    let why: Vec<_> =
        all["photos"].as_array().unwrap().iter().map(|one| &one["no_thumbnail"]).collect();
    assert_eq!(why, [&json!("no_decoder"), &Value::Null, &Value::Null]);
    let small = get(&rig, &ada, "thumbnail?path=a.jpg");
    assert_eq!((small.status, small.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(small.header("cache-control"), Some("no-store"), "no browser keeps it on its disk");
    assert!(small.body.starts_with(&[0xff, 0xd8, 0xff]) && small.body.len() < 40_000);
    for none in ["c.heic", "d.txt"] {
        assert_eq!(get(&rig, &ada, &format!("thumbnail?path={none}")).status, 204, "{none}");
    }
    assert_eq!(get(&rig, &ada, "thumbnail?path=e.jpg").status, 404);
    assert_eq!(get(&rig, &ada, "photos?path=a.jpg").status, 400, "no word of this route");
}

#[test]
fn a_device_sees_photos_of_the_sources_that_it_may_read_and_of_no_other() {
    let (rig, ada) = Rig::claimed();
    put(&rig, &ada, "a.jpg", &Camera::default().jpeg(30, 20));
    settled(&rig, &ada);
    rig.elevate(&ada);
    let token = |name: &str, scope: Value| {
        let body = json!({ "name": name, "scope": scope });
        let made = rig.as_(&ada, Call::new("POST", "/api/v1/devices").json(&body));
        made.json()["token"].as_str().unwrap().to_owned()
    };
    let frame = token("frame", json!({ "read": {} }));
    let other = token("laptop", json!({ "backup": { "source": "papers" } }));
    let adds = token("camera", json!({ "add": { "source": "photos" } }));
    for path in ["photos", "photos/months", "thumbnail?path=a.jpg"] {
        let status = |token: &str| {
            let call = Call::new("GET", &format!("/api/v1/files/photos/{path}"));
            rig.send(&call.with("authorization", &format!("Bearer {token}"))).status
        };
        assert_eq!((status(&frame), status(&other), status(&adds)), (200, 403, 403), "{path}");
    }
}
