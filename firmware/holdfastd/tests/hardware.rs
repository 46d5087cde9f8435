//! Ten hours of a box that has nothing to do: its disks sleep, and nobody wakes them. The clock is the
//! test's; the machine is simulated and counts how often each disk woke.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use board::{Board, Press};
use board_sim::{Machine, NewDisk};
use calls::{Answer, Call, DiskAct, JobSpec, RawPath, Talk};
use holdfastd::{Config, Door, Hardware, Notifier, Plugged, Setup, Supervisor, serve};
use testkit::env::ManualClock;
use types::{Bytes, Millis, UnixTime};
use vault::Env;

const BEGIN: UnixTime = UnixTime(1_790_000_000_000);
const NAMES: [&str; 2] = ["left", "right"];
/// A minute and more of looks.
const LOOKS_MAX: u32 = 30_000;

fn talk(socket: &std::path::Path) -> Talk<UnixStream> {
    let stream = UnixStream::connect(socket).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket has one");
    Talk::begin(stream).expect("it greets")
}

/// One call that only the thread which cares for the disks can answer: whatever it was told before is
/// done then.
fn is_heard(talk: &mut Talk<UnixStream>) {
    let act = DiskAct::Find { on: false };
    talk.ask(Call::Disk { disk: "1".to_owned(), act }).expect("there is a disk in bay 1");
}

#[test]
fn ten_hours_of_nothing_wake_no_disk_and_a_backup_does() {
    let dir = tempfile::tempdir().expect("a folder");
    let machine = Machine::open(&dir.path().join("machine")).expect("a machine");
    for (number, name) in (1..).zip(NAMES) {
        machine.create(&NewDisk::sata(name, &format!("SN-{name}"), Bytes(1 << 31))).expect("new");
        machine.insert(name, &format!("bay-{number}")).expect("a free bay");
    }
    let text = "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\n[board]\nkind = \"desk\"\n\
                folder = \"machine\"\n";
    let config = Config::parse(&dir.path().join("box.toml"), text).expect("right");
    let (socket, plugged) = (config.socket.clone(), Arc::new(Plugged::new(config.vault.clone())));
    let clock = Arc::new(ManualClock::at(BEGIN));
    let (board, desk) = (Arc::new(machine.clone()) as Arc<dyn Board>, Some(machine.clone()));
    let setup = Setup {
        source: Arc::clone(&plugged) as _,
        config,
        env: Env { clock: Arc::clone(&clock) as _, rng: host::env().rng },
        notifier: Notifier::new(None, Some(Millis(20))),
        clock_is_set: PathBuf::from("/no/time/server"),
        hardware: Some(Hardware { board, desk, plugged }),
    };
    let supervisor = Supervisor::start(setup).expect("the box starts");
    let door = Arc::new(Door::open(&socket).expect("a socket"));
    let served = Arc::clone(&door);
    let (serving, conducting) = (Arc::clone(&supervisor), Arc::clone(&supervisor));
    let threads = [
        std::thread::spawn(move || serve::serve(&serving, &served)),
        std::thread::spawn(move || conducting.conduct()),
    ];

    let mut talk = talk(&socket);
    is_heard_once_it_looked(&mut talk);
    let disks = vec!["1".to_owned(), "2".to_owned()];
    talk.ask(Call::Create { disks, copies: 2, password: None }).expect("both are blank");
    is_heard(&mut talk);
    let counts = || NAMES.map(|name| machine.counts(name).expect("it counts"));
    let woken = || counts().map(|counts| counts.wakes);
    let mut minutes = |count: u32| {
        for _minute in 0..count {
            clock.pass(Millis::from_secs(60));
            // Any event lets the thread see what time it is.
            machine.press(Press::Short);
            is_heard(&mut talk);
            talk.ask(Call::Status {}).expect("it answers");
        }
    };
    minutes(20);
    assert!(counts().iter().all(|counts| !counts.asleep), "they were used a moment ago");
    minutes(20);
    assert!(counts().iter().all(|counts| counts.asleep), "nobody uses them");
    let before = woken();
    minutes(600);
    talk.ask(Call::Health {}).expect("it answers");
    assert_eq!(woken(), before, "nobody had a reason to wake a disk");

    std::fs::create_dir(dir.path().join("docs")).expect("a folder");
    std::fs::File::create(dir.path().join("docs/a")).expect("a file");
    let path = dir.path().join("docs");
    let paths = vec![RawPath(path.to_str().expect("text").into())];
    let spec =
        JobSpec::Backup { source: "docs".to_owned(), paths, excludes: Vec::new(), space: None };
    let Ok(Answer::Started(started)) = talk.ask(Call::Start { spec }) else { panic!("not begun") };
    let job = started.job.id;
    talk.ask(Call::Watch { job: Some(job) }).expect("it may be watched");
    while talk.event().expect("in time").is_some() {}
    assert!(woken().iter().zip(before).all(|(now, then)| *now > then), "else nothing is counted");

    supervisor.stop();
    door.close();
    for thread in threads {
        thread.join().expect("it ends");
    }
}

/// Right after the start the disks are not seen yet: how often can be asked until then says how quick the
/// asking is, so it is time that bounds it.
fn is_heard_once_it_looked(talk: &mut Talk<UnixStream>) {
    for _ in 0..LOOKS_MAX {
        let act = DiskAct::Find { on: false };
        if talk.ask(Call::Disk { disk: "2".to_owned(), act }).is_ok() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(2));
    }
    panic!("the box does not see its disks");
}
