//! The owner is told what happens. Servers are real and on loopback; the clock is the test's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use calls::{Answer, Call, Outlet, OutletShown, SecretText, Way};
use types::Millis;

use crate::rig::InThreads;

/// What a box says that was locked.
const LOCKED: &str = "The vault is locked";

/// A web server that hands over every body it is sent.
struct Hook {
    port: u16,
    bodies: Receiver<String>,
}

impl Hook {
    fn on(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (send, bodies) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // Who says nothing ends it.
                let Some(body) = stream.and_then(body).ok().flatten() else { return };
                if send.send(body).is_err() {
                    return;
                }
            }
        });
        Self { port, bodies }
    }

    fn outlet(&self, key: Option<&str>) -> Outlet {
        let key = key.map(|text| SecretText::from(text.to_owned()));
        let url = format!("http://127.0.0.1:{}/box", self.port);
        Outlet { name: "mine".to_owned(), brief: false, way: Way::Webhook { url, key } }
    }

    /// Nobody listens there any more.
    fn end(self) {
        let port = self.port;
        drop(self);
        while TcpStream::connect(("127.0.0.1", port)).is_ok() {
            std::thread::yield_now();
        }
    }

    /// The next message about this. The disk that the tests run on may be nearly full, which is told, too.
    fn next(&self, about: &str) -> String {
        let next = || self.bodies.recv_timeout(Duration::from_secs(60)).expect("a message in time");
        std::iter::repeat_with(next).find(|text| text.contains(about)).expect("it goes on for ever")
    }

    /// All other messages about this.
    fn all(&self, about: &str) -> Vec<String> {
        self.bodies.try_iter().filter(|text| text.contains(about)).collect()
    }
}

/// None when the caller said nothing.
fn body(mut stream: TcpStream) -> std::io::Result<Option<String>> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut len) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            len = value.trim().parse().map_err(std::io::Error::other)?;
        }
        line.clear();
    }
    if len == 0 {
        return Ok(None);
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    Ok(Some(String::from_utf8_lossy(&body).into_owned()))
}

fn set(running: &InThreads, outlets: Vec<Outlet>) -> Vec<OutletShown> {
    match running.ask(Call::SetOutlets { outlets }) {
        Answer::Outlets { outlets } => outlets,
        other => panic!("{other:?}"),
    }
}

fn shown(running: &InThreads) -> OutletShown {
    match running.ask(Call::Outlets {}) {
        Answer::Outlets { mut outlets } => outlets.remove(0),
        other => panic!("{other:?}"),
    }
}

/// Lets so much time go by, with a look each minute.
fn pass(running: &InThreads, minutes: u64) {
    for _ in 0..minutes {
        running.clock.pass(Millis::from_secs(60));
        running.ask(Call::Health {});
        running.supervisor.tell_now();
    }
}

#[test]
fn a_locked_box_says_so_once_and_says_when_it_is_over() {
    let running = InThreads::start();
    let hook = Hook::on(0);
    set(&running, vec![hook.outlet(None)]);
    running.ask(Call::Lock {});
    pass(&running, 15);
    let told = hook.next(LOCKED);
    assert!(told.contains("New:"), "{told}");
    pass(&running, 60);
    assert_eq!(hook.all(LOCKED), [""; 0], "once is enough");
    running.unlock();
    pass(&running, 15);
    let over = hook.next(LOCKED);
    assert!(over.contains("Over:"), "{over}");
}

#[test]
fn a_message_waits_for_its_server_and_a_restart_loses_and_doubles_none() {
    let mut running = InThreads::start();
    let hook = Hook::on(0);
    let port = hook.port;
    set(&running, vec![hook.outlet(None)]);
    hook.end();
    running.ask(Call::Lock {});
    pass(&running, 15);
    let waits = shown(&running);
    assert_eq!((waits.waiting, waits.sent_ms), (1, None));
    assert!(waits.fault.is_some_and(|fault| fault.contains("could not be reached")));
    running = running.restart();
    assert_eq!(shown(&running).waiting, 1);
    let hook = Hook::on(port);
    pass(&running, 70);
    // The restart opened the vault: that it was locked arrives all the same, and that it is over.
    assert!(hook.next(LOCKED).contains("New:\\n- The vault is locked"));
    assert!(hook.next(LOCKED).contains("Over:\\n- The vault is locked"));
    assert_eq!(hook.all(LOCKED), [""; 0]);
    let sent = shown(&running);
    assert!(sent.waiting == 0 && sent.sent_ms.is_some() && sent.fault.is_none(), "{sent:?}");
    running = running.restart();
    pass(&running, 30);
    assert!(hook.all(LOCKED).iter().all(|text| !text.contains("New:")), "it was told before");
}

#[test]
fn the_letter_comes_each_week_with_one_verdict() {
    let running = InThreads::start();
    let hook = Hook::on(0);
    set(&running, vec![hook.outlet(None)]);
    running.supervisor.tell_now();
    for _ in 0..7 {
        running.clock.pass(Millis::from_days(1));
        running.looks_around();
    }
    running.supervisor.tell_now();
    let letter = hook.next("this week:");
    assert!(letter.contains("1 of 1 disks take part."), "{letter}");
}

#[test]
fn a_secret_is_kept_and_shown_to_nobody_and_goes_to_nobody_else() {
    let running = InThreads::start();
    let (hook, thief) = (Hook::on(0), Hook::on(0));
    let set_once = set(&running, vec![hook.outlet(Some("very secret"))]);
    assert!(set_once[0].has_secret);
    assert!(!serde_json::to_string(&set_once).unwrap().contains("very secret"));
    // The same once more without the secret: it stays.
    assert!(set(&running, vec![hook.outlet(None)])[0].has_secret);
    // Somewhere else under the same name: it does not.
    assert!(!set(&running, vec![thief.outlet(None)])[0].has_secret);
    let Answer::SupportBundle(bundle) = running.ask(Call::SupportBundle {}) else { panic!() };
    assert!(!serde_json::to_string(&bundle).unwrap().contains("secret"));
}

#[test]
fn a_test_message_arrives_or_says_why_not() {
    let running = InThreads::start();
    let hook = Hook::on(0);
    set(&running, vec![hook.outlet(None)]);
    running.ask(Call::TestOutlet { name: "mine".to_owned() });
    hook.next("This is a test.");
    let refused = running.talk().ask(Call::TestOutlet { name: "yours".to_owned() });
    assert!(refused.unwrap_err().to_string().contains("\"yours\""));
}

#[test]
fn a_monitor_reads_numbers_of_an_open_and_of_a_locked_box() {
    let running = InThreads::start();
    let text = |running: &InThreads| match running.ask(Call::Metrics {}) {
        Answer::Metrics { text } => text,
        other => panic!("{other:?}"),
    };
    assert!(text(&running).contains("holdfast_unlocked 1\n"));
    running.ask(Call::Lock {});
    assert!(text(&running).contains("holdfast_unlocked 0\n"));
}
