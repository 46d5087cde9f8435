//! A battery, played by a tiny `upsd` that speaks the few words of NUT's protocol that are asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use calls::{Call, Event, JobState};

use crate::rig::Rig;
use crate::running::Running;

/// What the battery says now; nothing when it is silent.
type Words = Arc<Mutex<Option<&'static str>>>;

/// A server that says what it is told to.
fn upsd(words: &Words) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let words = Arc::clone(words);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(&stream.unwrap(), *words.lock().unwrap());
        }
    });
    address
}

/// Whoever asks may be gone by then: a box that was stopped meanwhile, or that waited too long. The next one is
/// answered all the same.
fn answer(mut stream: &TcpStream, words: Option<&str>) {
    let Some(words) = words else { return };
    let mut line = String::new();
    if BufReader::new(stream).read_line(&mut line).is_err() || line.is_empty() {
        return;
    }
    assert_eq!(line, "GET VAR cellar ups.status\n");
    drop(stream.write_all(format!("VAR cellar ups.status \"{words}\"\n").as_bytes()));
}

fn with_battery(rig: &Rig, words: &Words) {
    let address = upsd(words);
    rig.settings(&format!(
        "[ups]\nname = \"cellar\"\naddress = \"{address}\"\nask_every_seconds = 1\n"
    ));
}

/// Waits for a verdict with, or without, this sentence.
fn until_said(running: &Running<'_>, sentence: &str, said: bool) {
    let mut talk = running.talk();
    talk.ask(Call::Watch { job: None }).unwrap();
    let mut health = running.health();
    while health.findings.iter().any(|one| one.sentence == sentence) != said {
        match talk.event().unwrap().unwrap() {
            Event::Health(new) => health = new,
            Event::ShuttingDown {} => panic!("the box stops"),
            _ => {}
        }
    }
}

#[test]
fn on_a_battery_that_ends_the_box_puts_its_job_by_and_stops() {
    let words: Words = Arc::new(Mutex::new(Some("OL CHRG")));
    let rig = Rig::vault(2);
    with_battery(&rig, &words);
    let spec = rig.big_folder("docs", 200);
    let running = rig.start();
    *words.lock().unwrap() = Some("OB DISCHRG");
    until_said(&running, "The box runs on its battery.", true);
    *words.lock().unwrap() = Some("OL CHRG");
    until_said(&running, "The box runs on its battery.", false);

    running.unlock();
    let job = running.begin(spec).job.id;
    // Not before: a box that stops takes no job, and it asks its battery whenever it likes.
    *words.lock().unwrap() = Some("OB LB");
    running.hears("STOPPING=1");
    assert_eq!(running.ends(), Some(0));
    let (vault, report) = rig.open();
    assert_eq!((report.recovered_packs, report.replayed_commits), (0, 0), "it was closed");
    drop(vault);

    *words.lock().unwrap() = Some("OL");
    let running = rig.start();
    running.unlock();
    running.until(job, |job| job.state == JobState::Done);
    assert_eq!(running.snapshots().len(), 1, "done once, before or after");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn silence_on_the_battery_stops_the_box_and_silence_at_the_wall_is_a_finding() {
    let words: Words = Arc::new(Mutex::new(Some("OL")));
    let rig = Rig::vault(1);
    with_battery(&rig, &words);
    let running = rig.start();
    *words.lock().unwrap() = None;
    until_said(&running, "Nobody says how full the battery is.", true);
    *words.lock().unwrap() = Some("OB");
    until_said(&running, "The box runs on its battery.", true);
    *words.lock().unwrap() = None;
    assert_eq!(running.ends(), Some(0));
}
