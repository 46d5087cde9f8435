//! Whoever takes all that they can get keeps out nobody but themselves: slow bodies, readers of news, the
//! log; and who was sent away moves nothing more.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use rustls::{ClientConnection, StreamOwned};
use serde_json::{Value, json};

use crate::client::{Answer, Call, PATIENCE, read, secure};
use crate::events::first;
use crate::files::sent;
use crate::rig::{Person, Rig, by};

/// How long one connection is listened to, and how often all of them are: minutes of looks.
pub(crate) const MOMENT: Duration = Duration::from_millis(20);
const LOOKS: usize = 500;

type Stream = StreamOwned<ClientConnection, std::net::TcpStream>;

/// A device that adds to one source: its name for requests, and what it says of itself.
pub(crate) fn device(rig: &Rig, of: &Person, quota: &Value) -> (String, String) {
    let scope = json!({ "add": { "source": "photos" } });
    let body = json!({ "name": "camera", "scope": scope, "quota": quota });
    let made = rig.as_(of, Call::new("POST", "/api/v1/devices").json(&body)).json();
    let text = |key: &str| made[key].as_str().expect("text").to_owned();
    (text("id"), format!("Bearer {}", text("token")))
}

fn put(name: &str) -> Call {
    Call::new("PUT", &format!("/api/v1/files/photos/content?path={name}"))
}

/// Begins a body of a thousand bytes, and sends few of them.
fn slow(rig: &Rig, call: Call) -> Stream {
    let call = call.with("content-length", "1000");
    let mut stream = secure(rig.at, &rig.ca).expect("the box takes a connection");
    stream.write_all(&call.bytes()).expect("it reads");
    stream.write_all(&[b'x'; 10]).expect("it reads");
    stream.flush().expect("it reads");
    stream
}

/// The answer, if the box begins to say something within this time.
pub(crate) fn answered(stream: &mut Stream, within: Duration) -> Option<Answer> {
    let mut first = [0];
    stream.sock.set_read_timeout(Some(within)).expect("a time");
    let said = stream.read(&mut first);
    stream.sock.set_read_timeout(Some(PATIENCE)).expect("a time");
    match said {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
        said => Some(read(&mut first[..said.unwrap_or(0)].chain(stream))),
    }
}

/// The answers of so many, whoever is answered first, and those who go on.
fn answers(mut bodies: Vec<Stream>, count: usize) -> (Vec<Answer>, Vec<Stream>) {
    let mut said = Vec::new();
    for _ in 0..LOOKS {
        let mut silent = Vec::new();
        for mut body in bodies {
            match answered(&mut body, MOMENT) {
                Some(answer) => said.push(answer),
                None => silent.push(body),
            }
        }
        bodies = silent;
        if said.len() >= count {
            return (said, bodies);
        }
    }
    panic!("{} of {count} are answered: {said:?}", said.len());
}

fn ends(mut stream: Stream, bytes: usize) -> Answer {
    // A box that has answered already may have hung up.
    drop(stream.write_all(&vec![b'x'; bytes]).and_then(|()| stream.flush()));
    read(&mut stream)
}

/// Sixty-four bodies of one device that sent a byte now and then were all the bodies there could be.
#[test]
fn a_device_with_slow_bodies_has_few_of_them_and_others_are_served_meanwhile() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let (_, bearer) = device(&rig, &ada, &Value::Null);
    let call = |n: usize| put(&format!("slow-{n}")).with("authorization", &bearer);
    let bodies: Vec<_> = (0..12).map(|n| slow(&rig, call(n))).collect();
    assert_eq!(rig.as_(&ada, sent(put("quick"), b"quick")).status, 200);
    // Eight have a place; whichever of the twelve have none are told so when they have waited. They need not be
    // those who came last: the box works on all of them at once.
    let (answers, bodies) = answers(bodies, 4);
    assert_eq!((answers.len(), bodies.len()), (4, 8));
    for answer in answers {
        assert_eq!(
            (answer.status, &*answer.code()),
            (429, "too_many_at_once"),
            "{}",
            answer.text()
        );
        assert!(answer.header("retry-after").is_some());
    }
    for body in bodies {
        assert_eq!(ends(body, 990).status, 200, "those that had one are taken whole");
    }
    assert_eq!(rig.send(&sent(call(99), b"now")).status, 200);
}

/// Forty bodies of a person and twenty-four of their devices were more than there are places for all: the
/// owner's laptop was told that the box is busy, night after night.
#[test]
fn two_people_who_take_all_places_that_they_get_leave_one_to_the_owners_laptop() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let (_, laptop) = device(&rig, &ada, &Value::Null);
    let guests = [rig.joins(&ada, "Ben", "member"), rig.joins(&ada, "Eve", "member")];
    let mut bodies = Vec::new();
    // As many as may be connected from one place, but for three.
    for (guest, of_camera) in guests.iter().zip([8, 5]) {
        rig.elevate(guest);
        let (_, camera) = device(&rig, guest, &Value::Null);
        bodies.extend((0..24).map(|n| slow(&rig, by(guest, put(&format!("{}-{n}", guest.id))))));
        let of_camera = (0..of_camera).map(|n| put(&format!("{}-c{n}", guest.id)));
        bodies.extend(of_camera.map(|call| slow(&rig, call.with("authorization", &camera))));
    }
    let quick = rig.send(&sent(put("quick").with("authorization", &laptop), b"quick"));
    assert_eq!(quick.status, 200, "{}", quick.text());
    let late = rig.as_(&guests[0], sent(put("late"), b"late"));
    assert_eq!((late.status, &*late.code()), (429, "too_many_at_once"), "{}", late.text());
    assert_eq!(bodies.len(), 61);
}

/// Sixty-four readers of one person were all that could hear the box: its owner's page stayed dark.
#[test]
fn a_person_reads_news_in_so_many_places_and_the_owner_always_hears_the_box() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let ben = rig.joins(&ada, "Ben", "member");
    let news = |who: &Person| {
        let mut stream = secure(rig.at, &rig.ca).expect("the box takes a connection");
        stream.write_all(&by(who, Call::new("GET", "/api/v1/events")).bytes()).expect("it reads");
        let mut head = [0; 12];
        stream.read_exact(&mut head).expect("an answer");
        (String::from_utf8_lossy(&head[9..]).into_owned(), stream)
    };
    let all: Vec<_> = (0..40).map(|_| news(&ben)).collect();
    let heard = all.iter().filter(|(status, _)| status == "200").count();
    let refused = all.iter().filter(|(status, _)| status == "429").count();
    assert_eq!((heard, refused), (24, 16));
    let answer = first(&rig, &by(&ada, Call::new("GET", "/api/v1/events")));
    assert_eq!(answer.status, 200);
}

/// A body that was on its way was taken to its end, hours after its device was taken back.
#[test]
fn a_device_that_is_taken_back_sends_no_more_of_what_is_on_its_way() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let (id, bearer) = device(&rig, &ada, &Value::Null);
    let call = |name: &str| put(name).with("authorization", &bearer);
    assert_eq!(ends(slow(&rig, call("first")), 990).status, 200);
    let body = slow(&rig, call("second"));
    let gone = rig.as_(&ada, Call::new("DELETE", &format!("/api/v1/devices/{id}")));
    assert_eq!(gone.status, 200, "{}", gone.text());
    let answer = ends(body, 990);
    assert_eq!((answer.status, &*answer.code()), (401, "no_token"), "{}", answer.text());
    let listed = rig.as_(&ada, Call::new("GET", "/api/v1/files/photos/entries")).json();
    let names: Vec<_> =
        listed["entries"].as_array().expect("a list").iter().map(|e| &e["name"]).collect();
    assert_eq!(names, [&json!("first")]);
}

/// In twelve minutes a member filled the whole log with one thing, and what the owner had to find was out.
#[test]
fn a_member_is_noted_so_often_in_an_hour_and_the_owner_without_end() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let ben = rig.joins(&ada, "Ben", "member");
    rig.elevate(&ben);
    let acts = |who: &Person, count: usize| {
        let body = json!({ "name": "tablet", "scope": { "read": {} } });
        let mut done = 0;
        while done < count {
            let made = rig.as_(who, Call::new("POST", "/api/v1/devices").json(&body));
            if made.status != 200 {
                return (done, made.status, made.code());
            }
            let id = made.json()["id"].as_str().expect("an id").to_owned();
            let gone = rig.as_(who, Call::new("DELETE", &format!("/api/v1/devices/{id}")));
            if gone.status != 200 {
                return (done + 1, gone.status, gone.code());
            }
            done += 2;
        }
        (done, 200, String::new())
    };
    let (done, status, code) = acts(&ben, 400);
    assert_eq!((status, &*code), (429, "too_often"), "after {done}");
    assert!((190..=200).contains(&done), "{done}");
    assert_eq!(acts(&ada, 220).1, 200);
    rig.passes(3_601);
    // What was begun and not finished before is in the way of nothing.
    let body = json!({ "name": "another", "scope": { "read": {} } });
    rig.elevate(&ben);
    assert_eq!(rig.as_(&ben, Call::new("POST", "/api/v1/devices").json(&body)).status, 200);
}
