//! News as server-sent events: in order, each with a number to go on after, and only to who may hear them.

use std::io::{BufRead, BufReader, Write};

use calls::{Event, Lock, News};

use crate::client::{Answer, Call, secure};
use crate::fake::job;
use crate::rig::{Person, Rig, by};

/// A reader of news.
pub(crate) struct Reader {
    lines: Box<dyn BufRead>,
}

/// One piece: its number, its name, its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: String,
}

impl Reader {
    fn open(rig: &Rig, call: &Call) -> (Self, Answer) {
        let mut stream = secure(rig.at, &rig.ca).expect("the box takes a connection");
        stream.write_all(&call.bytes()).expect("the box reads");
        let mut lines: Box<dyn BufRead> = Box::new(BufReader::new(stream));
        let mut answer = Answer { status: 0, headers: Vec::new(), body: Vec::new() };
        for number in 0.. {
            let mut line = String::new();
            lines.read_line(&mut line).expect("a line");
            match line.trim_end().split_once(':') {
                _ if number == 0 => {
                    answer.status = line.split(' ').nth(1).unwrap_or("0").parse().unwrap_or(0);
                }
                Some((name, value)) => {
                    answer.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                None => break,
            }
        }
        (Self { lines }, answer)
    }

    /// The next piece; none when there will be no more.
    pub(crate) fn next(&mut self) -> Option<Piece> {
        let mut piece = Piece { id: String::new(), name: String::new(), data: String::new() };
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => piece.id = id.to_owned(),
                Some(("event", name)) => piece.name = name.to_owned(),
                Some(("data", data)) => {
                    piece.data = data.to_owned();
                    return Some(piece);
                }
                _ => {}
            }
        }
    }
}

fn reads(rig: &Rig, person: &Person, last: &str) -> Reader {
    let call = by(person, Call::new("GET", "/api/v1/events")).with("last-event-id", last);
    let (reader, answer) = Reader::open(rig, &call);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    reader
}

/// The head of the answer to whoever wants news, and no more of it.
pub(crate) fn first(rig: &Rig, call: &Call) -> Answer {
    Reader::open(rig, call).1
}

/// The thread that hears the box is there once somebody watches.
fn heard(rig: &Rig) {
    let began = std::time::Duration::ZERO;
    let mut waited = began;
    while rig.behind.watchers.lock().expect("held for a moment").is_empty() {
        waited += std::time::Duration::from_millis(5);
        assert!(waited < crate::client::PATIENCE, "nobody hears the box");
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
}

#[test]
fn news_come_in_order_and_who_comes_back_hears_what_came_meanwhile() {
    let (rig, owner) = Rig::claimed();
    heard(&rig);
    let mut reader = reads(&rig, &owner, "");
    assert_eq!(reader.next().expect("a greeting").name, "hello");
    rig.behind.tell(&Event::Job(Box::new(job(7))));
    rig.behind.tell(&Event::Lock(Lock::Locked));
    let one = reader.next().expect("the job");
    assert_eq!(one.name, "job");
    assert!(one.data.contains("\"id\":7"), "{}", one.data);
    let two = reader.next().expect("the lock");
    assert_eq!(two.name, "lock");
    drop(reader);
    rig.behind.tell(&Event::Disk(News { at_ms: 1, sentence: "A disk.".to_owned() }));
    let mut reader = reads(&rig, &owner, &one.id);
    assert_eq!(reader.next().expect("a greeting").name, "hello");
    assert_eq!(reader.next(), Some(two), "the one after the last that was heard");
    assert_eq!(reader.next().expect("the disk").name, "disk");
}

#[test]
fn who_was_away_too_long_or_over_a_restart_is_told_that_something_was_missed() {
    let (rig, owner) = Rig::claimed();
    heard(&rig);
    let mut reader = reads(&rig, &owner, "");
    let start = reader.next().expect("a greeting");
    for number in 0..2_000 {
        rig.behind.tell(&Event::Job(Box::new(job(number))));
    }
    // The first reader keeps up or is told; either way it hears the last one.
    let last = std::iter::from_fn(|| reader.next()).find(|one| one.data.contains("\"id\":1999"));
    assert!(last.is_some());
    let mut late = reads(&rig, &owner, &start.id);
    let pieces: Vec<_> = std::iter::from_fn(|| late.next()).take(3).collect();
    assert!(pieces.iter().any(|one| one.name == "missed"), "{pieces:?}");
    drop((reader, late));
    let rig = rig.again();
    let mut reader = reads(&rig, &owner, &start.id);
    assert_eq!(
        reader.next().expect("a word").name,
        "missed",
        "numbers of another start say nothing"
    );
}

#[test]
fn who_may_not_hear_of_something_does_not_and_who_is_sent_away_hears_no_more() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let helper = rig.joins(&owner, "Cleo", "helper");
    heard(&rig);
    let mut reader = reads(&rig, &helper, "");
    reader.next().expect("a greeting");
    rig.behind.tell(&Event::Job(Box::new(job(7))));
    rig.behind.tell(&Event::Lock(Lock::Locked));
    assert_eq!(reader.next().expect("the lock").name, "lock", "and not the job");
    let gone = rig.as_(&owner, Call::new("DELETE", &format!("/api/v1/people/{}", helper.id)));
    assert_eq!(gone.status, 200, "{}", gone.text());
    rig.behind.tell(&Event::Lock(Lock::Unlocked));
    assert_eq!(reader.next(), None);
}
