//! The command line against a running box: the real program, a real socket, and the supervisor behind
//! it in threads of the test.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use holdfastd::{Config, Door, FromVaultFile, Notifier, Setup, Supervisor, serve};

use crate::rig::{Rig, noise, put, ran};

/// A box in threads of the test. It is stopped, in order, at the end.
pub(crate) struct InThreads {
    supervisor: Arc<Supervisor>,
    socket: std::path::PathBuf,
    door: Arc<Door>,
    threads: Vec<JoinHandle<()>>,
}

impl InThreads {
    /// The box of a rig's vault, locked.
    pub(crate) fn start(rig: &Rig) -> Self {
        Self::start_by(rig, host::env().clock)
    }

    /// The same, going by another clock.
    pub(crate) fn start_by(rig: &Rig, clock: Arc<dyn types::Clock>) -> Self {
        let mut env = host::env();
        env.clock = clock;
        let text = "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\n\
                    [friends]\nlisten = [\"127.0.0.1:0\"]\n";
        let config = Config::parse(&rig.path("box.toml"), text).unwrap();
        let socket = config.socket.clone();
        let setup = Setup {
            source: Arc::new(FromVaultFile::new(config.vault.clone())),
            config,
            env,
            notifier: Notifier::default(),
            clock_is_set: rig.path("no-time-server"),
            hardware: None,
        };
        let supervisor = Supervisor::start(setup).unwrap();
        supervisor.begin_friends();
        let door = Arc::new(Door::open(&socket).unwrap());
        let served = Arc::clone(&door);
        let (serving, conducting) = (Arc::clone(&supervisor), Arc::clone(&supervisor));
        let threads = vec![
            std::thread::spawn(move || serve::serve(&serving, &served)),
            std::thread::spawn(move || conducting.conduct()),
        ];
        Self { supervisor, socket, door, threads }
    }
}

impl Drop for InThreads {
    fn drop(&mut self) {
        self.supervisor.stop();
        self.door.close();
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

#[test]
fn a_box_is_unlocked_backs_up_lists_checks_and_restores() {
    let rig = Rig::vault(2);
    rig.make_tree();
    let running = InThreads::start(&rig);
    let status = rig.run(&["status"]).ended(3);
    assert!(status.text().contains("is locked"), "{}", status.text());
    let health = rig.run(&["health"]).ended(3);
    assert!(health.text().contains("do: Unlock it"), "{}", health.text());
    rig.run(&["--box", "default", "backup", "tree", "--source", "docs"])
        .failed(1, &["The vault is locked.", "unlock"]);
    assert!(rig.run(&["unlock"]).ok().text().contains("unlocked"));

    let made = rig.run(&["--box", "box.sock", "backup", "tree", "--source", "docs"]).ok().text();
    assert!(made.contains("stored on 2 of 2 disks"), "{made}");
    let listed = rig.ask(&["--box", "box.sock", "snapshots"]);
    assert_eq!(listed["snapshots"].as_array().unwrap().len(), 1);
    assert_eq!(listed["snapshots"][0]["source"], "docs");
    let files = rig.ask(&["--box", "box.sock", "ls", "latest:docs", "-R"]);
    let names: Vec<_> = files["entries"].as_array().unwrap().iter().map(|e| &e["path"]).collect();
    assert!(names.iter().any(|name| *name == "sub/deep.txt"), "{names:?}");
    let check = rig.run(&["--box", "box.sock", "check", "--read-data"]).ok().text();
    assert!(check.contains("all is well"), "{check}");
    rig.run(&["--box", "box.sock", "restore", "latest:docs", "--to", "back"]).ok();
    rig.is_the_tree(&rig.path("back"));
    let jobs = rig.run(&["jobs"]).ok().text();
    for part in ["1 done      backup docs", "check every byte", "restore to"] {
        assert!(jobs.contains(part), "{part:?} is not in {jobs}");
    }
    assert!(rig.run(&["status"]).text().contains("unlocked"));

    rig.run(&["--box", "box.sock", "forget", "latest"]).ok();
    rig.run(&["--box", "box.sock", "prune"]).ok();
    assert!(
        rig.ask(&["--box", "box.sock", "snapshots"])["snapshots"].as_array().unwrap().is_empty()
    );
    drop(running);
    rig.run(&["check"]).ok();
}

#[test]
fn a_job_is_paused_resumed_and_cancelled_by_its_number() {
    let rig = Rig::vault(1);
    std::fs::create_dir(rig.path("big")).unwrap();
    put(&rig.path("big/noise"), &noise(100 << 20, 3));
    let _running = InThreads::start(&rig);
    rig.run(&["unlock"]).ok();
    let mut backup = rig.call(&["--box", "default", "--json", "backup", "big", "--source", "big"]);
    let backup = backup.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut backup = backup.spawn().unwrap();
    // The first line of progress says that it is at work.
    let mut lines = std::io::BufReader::new(backup.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut lines, &mut line).unwrap();
    assert!(line.contains("progress"), "{line}");
    rig.run(&["jobs", "pause", "1"]).ok();
    let watched = rig.run(&["jobs", "watch", "1"]).ended(3);
    assert!(watched.text().contains("paused"), "{}", watched.text());
    assert_eq!(backup.wait().unwrap().code(), Some(3), "who began it hears that it rests");
    assert!(rig.run(&["jobs", "resume", "1"]).ok().text().contains("waiting"));
    rig.run(&["jobs", "cancel", "1"]).ok();
    rig.run(&["jobs", "watch", "1"]).failed(1, &["was cancelled"]);
    rig.run(&["jobs", "pause", "1"]).failed(1, &["Job 1 is cancelled"]);
    rig.run(&["jobs", "pause", "77"]).failed(1, &["There is no job 77."]);
}

#[test]
fn without_a_box_it_is_said_where_none_answers() {
    let rig = Rig::empty(1);
    rig.run(&["status"]).failed(1, &["no box answers at", "box.sock", "do: Start the box"]);
    rig.run(&["--box", "./elsewhere", "snapshots"]).failed(1, &["no box answers at ./elsewhere"]);
    rig.run(&["--box", "elsewhere", "snapshots"]).failed(2, &["no box called elsewhere"]);
}

#[test]
fn what_a_box_does_not_answer_is_refused_and_not_done_behind_its_back() {
    let rig = Rig::vault(1);
    let _running = InThreads::start(&rig);
    for (args, what) in [
        (vec!["--box", "default", "volume", "list"], "volume"),
        (vec!["--box", "default", "prune", "--grace", "0s"], "prune --grace"),
        (vec!["--box", "default", "forget", "--older-than", "90d"], "forget --older-than"),
    ] {
        rig.run(&args).failed(2, &["a running box cannot be asked for that", what]);
    }
}

#[test]
fn a_vault_that_a_box_uses_is_not_opened_beside_it() {
    let rig = Rig::vault(1);
    rig.make_tree();
    let running = InThreads::start(&rig);
    rig.run(&["unlock"]).ok();
    rig.run(&["backup", "tree", "--source", "docs"]).failed(1, &["in use by another Holdfast"]);
    assert!(rig.run(&["lock"]).ok().text().contains("locked"));
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    rig.run(&["shutdown"]).ok();
    assert!(Path::new(&rig.path("home.toml")).exists());
    drop(running);
    rig.everything_restores();
}

/// The socket's mode keeps strangers out; this looks at what happens when somebody widens it.
#[test]
fn a_stranger_is_not_answered_even_where_the_socket_lets_everybody_in() {
    if !nix::unistd::Uid::effective().is_root() {
        return;
    }
    let rig = Rig::vault(1);
    let running = InThreads::start(&rig);
    for (path, mode) in [(rig.dir.path(), 0o755), (running.socket.as_path(), 0o666)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let nobody = 65_534;
    let mut status = rig.call(&["status"]);
    ran(status.uid(nobody).gid(nobody)).failed(1, &["speaks with its own user only", "do: "]);
    rig.run(&["status"]).ended(3);
}

/// It once said that the work was stopped, and the box went on with it.
#[test]
fn ctrl_c_ends_the_watching_and_says_that_the_job_goes_on() {
    let rig = Rig::vault(1);
    std::fs::create_dir(rig.path("big")).unwrap();
    put(&rig.path("big/noise"), &noise(100 << 20, 4));
    let _running = InThreads::start(&rig);
    rig.run(&["unlock"]).ok();
    let mut backup = rig.call(&["--box", "box.sock", "--json", "backup", "big", "--source", "big"]);
    let backup = backup.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut backup = backup.spawn().unwrap();
    let mut lines = std::io::BufReader::new(backup.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut lines, &mut line).unwrap();
    let pid = nix::unistd::Pid::from_raw(i32::try_from(backup.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut lines, &mut said).unwrap();
    assert_eq!(backup.wait().unwrap().code(), Some(130));
    for part in ["job 1 goes on in the box", "jobs watch 1", "jobs cancel 1", "--box box.sock"] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert!(!said.contains("not stored twice"), "{said}");
    rig.run(&["jobs", "watch", "1"]).ok();
}

/// Takes one posted document, and hands over what it was told.
fn hook() -> (String, std::sync::mpsc::Receiver<String>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/box", listener.local_addr().unwrap());
    let (send, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // Before anybody hears of the message: from then on it is counted on that nobody listens here.
        drop(listener);
        let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
        // The document is the last thing, and ends with a brace.
        while bytes.last() != Some(&b'}') {
            let len = stream.read(&mut buffer).unwrap();
            bytes.extend_from_slice(&buffer[..len]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        send.send(String::from_utf8_lossy(&bytes).into_owned()).unwrap();
    });
    (url, heard)
}

#[test]
fn whom_the_box_tells_is_set_tried_shown_and_taken_away() {
    let rig = Rig::vault(1);
    let _running = InThreads::start(&rig);
    let (url, heard) = hook();
    assert!(rig.run(&["tell"]).ok().text().contains("nobody is told"));
    put(&rig.path("key"), b"very secret\n");
    std::fs::set_permissions(rig.path("key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let set = rig.run(&["tell", "webhook", "house", &url, "--secret-file", "key"]).ok().text();
    assert!(set.contains("house: webhook to http://127.0.0.1") && set.contains("tell test house"));
    assert!(!set.contains("very secret"));
    rig.run(&["tell", "test", "house"]).ok();
    let message = heard.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    assert!(message.contains("This is a test.") && message.contains("sha256="), "{message}");
    assert!(rig.run(&["tell"]).ok().text().contains("last taken on"));
    // The server took one message and is gone.
    rig.run(&["tell", "test", "house"]).failed(1, &["127.0.0.1 could not be reached"]);
    rig.run(&["tell", "ntfy", "phone", "not-an-address"]).failed(2, &["is no web address"]);
    rig.run(&["tell", "remove", "nobody"]).failed(2, &["\"nobody\""]);
    rig.run(&["tell", "remove", "house"]).ok();
    assert!(rig.run(&["tell"]).ok().text().contains("nobody is told"));
    let numbers = rig.run(&["metrics"]).ok().text();
    assert!(numbers.contains("\nholdfast_unlocked 0\n"), "{numbers}");
}
