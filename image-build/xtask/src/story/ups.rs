//! Story `ups`: Debian's own nut says that the battery ends, and the box puts its job by, closes, and stops.
//!
//! The battery is nut's dummy driver, told what to say by a file; `upsd` between them is the real one, on
//! loopback alone. On battery alone the box goes on; low, it ends in order, and the job goes on when the
//! power is back. Start at [`story`].

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::{Facts, StoryDir};
use crate::boxes::House;
use crate::cmd::{Cmd, Running};
use crate::files::now;
use crate::{Outcome, compare, files, product, setup};

/// Where Debian keeps them; its `upsd` in the path is a script that asks for the system's settings.
const DRIVER: &str = "/lib/nut/dummy-ups";
const UPSD: &str = "/lib/nut/upsd";
/// How long anything may take to come up, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// What was asked of the battery in this time, and did not end the box.
const GOES_ON: Duration = Duration::from_secs(4);
/// Longer than the story: what it started ends by itself when it is killed.
const LIMIT: Duration = Duration::from_secs(300);

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    setup::for_ups()?;
    let corpus = dir.tree()?;
    let programs = product::programs(&["holdfast", "holdfastd"])?;
    let mut nut = Nut::start(&dir.path.join("nut"))?;
    let settings = format!(
        "vault = \"vault.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\nlog = \"info\"\n\n\
         [board]\nkind = \"desk\"\nfolder = \"machine\"\n\n[ups]\nname = \"cellar\"\n\
         address = \"127.0.0.1:{}\"\nask_every_seconds = 1\n",
        nut.port
    );
    let house = House::with_settings(&dir.path.join("box"), &programs, &settings)?;
    let told = used(dir, &house, &nut, &corpus.tree);
    nut.end();
    told
}

fn used(dir: &StoryDir, house: &House, nut: &Nut, tree: &Path) -> Outcome<Facts> {
    let mut facts = Facts::default();
    let mut service = house.service().limit(LIMIT).log(&dir.path.join("first")).start()?;
    let stopped = first_life(dir, house, nut, tree, &mut service, &mut facts);
    if stopped.is_err() {
        service.kill();
    }
    let ended = service.wait(PATIENCE)?;
    stopped?;
    ended.ok()?;
    let log = files::text(&dir.path.join("first.err"))?;
    if !log.contains("the battery ends") || !log.contains("the vault is closed") {
        return Err("the box ended, and not because of its battery, or not in order".to_owned());
    }
    nut.says("OL CHRG")?;
    // The driver reads its file now and then: a box that starts before that is right to end again.
    until(|| Ok(nut.answers("OL CHRG")))?;
    let mut service = house.service().limit(LIMIT).log(&dir.path.join("second")).start()?;
    let told = second_life(dir, house, tree, &mut service, &mut facts);
    if told.is_err() {
        service.kill();
    }
    let ended = service.wait(PATIENCE)?;
    told?;
    ended.ok()?;
    Ok(facts)
}

/// Until the battery is low. The service ends by itself afterwards.
fn first_life(
    dir: &StoryDir,
    house: &House,
    nut: &Nut,
    tree: &Path,
    service: &mut Running,
    facts: &mut Facts,
) -> Outcome<()> {
    house.answers(|| service.alive())?;
    house.settle_in()?;
    nut.says("OB DISCHRG")?;
    let began = now();
    until(|| Ok(house.ask(&["health"]).kept()?.stdout.contains("runs on its battery")))?;
    thread::sleep(GOES_ON.saturating_sub(began.elapsed()));
    if !service.alive() {
        return Err("the box ended though its battery was not low".to_owned());
    }
    // Slow disks, so that the job is at work when the battery ends.
    for disk in ["red", "green", "blue"] {
        house.ask(&["desk", "disk", "slow", disk, "--ms", "40"]).kept()?.ok()?;
    }
    let backup = house.ask(&["backup", "--source", "tree"]).arg(tree);
    let mut follower = backup.log(&dir.path.join("backup")).start()?;
    until(|| Ok(house.ask(&["jobs"]).kept()?.stdout.contains("running")))?;
    nut.says("OB LB")?;
    let began = now();
    let gone = until(|| Ok(!service.alive()));
    follower.kill();
    gone?;
    facts.add("stopped_within_ms", u64::try_from(began.elapsed().as_millis()).unwrap_or(0));
    Ok(())
}

/// The power is back: the job goes on by itself, and all of it is there.
fn second_life(
    dir: &StoryDir,
    house: &House,
    tree: &Path,
    service: &mut Running,
    facts: &mut Facts,
) -> Outcome<()> {
    house.answers(|| service.alive())?;
    for disk in ["red", "green", "blue"] {
        house.ask(&["desk", "disk", "heal", disk]).kept()?.ok()?;
    }
    house.unlock()?;
    house.rests()?;
    let jobs = house.ask(&["jobs", "--json"]).kept()?.ok()?;
    let jobs = product::document(&jobs)?;
    let begun = |job: &serde_json::Value| job["spec"].get("backup").is_some();
    let job = jobs["jobs"].as_array().and_then(|all| all.iter().find(|job| begun(job)));
    let job = job.ok_or("the box forgot its job")?;
    if job["state"] != "done" || job["attempts"] != 2 {
        return Err(format!("the job was not put by and gone on with: {job}"));
    }
    let to = dir.path.join("restored");
    let restore = house.ask(&["restore", "latest:tree", "--to"]).arg(&to);
    dir.logged("restore", restore).kept()?.ok()?;
    facts.add("files_compared", compare::trees(tree, &to)?.same()?.files);
    files::remove(&to)?;
    house.ask(&["shutdown"]).kept()?.ok().map(drop)
}

fn until(mut holds: impl FnMut() -> Outcome<bool>) -> Outcome<()> {
    let began = now();
    while !holds()? {
        if began.elapsed() > PATIENCE {
            return Err("what was waited for did not come".to_owned());
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// The driver and the server.
struct Nut {
    folder: PathBuf,
    port: u16,
    programs: Vec<Running>,
}

impl Nut {
    fn start(folder: &Path) -> Outcome<Self> {
        files::fresh(folder)?;
        files::folder(&folder.join("run"))?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("no free port: {error}"))?.port();
        let listen = format!("LISTEN 127.0.0.1 {port}\n");
        let battery = "[cellar]\ndriver = dummy-ups\nport = cellar.dev\n";
        for (name, text) in [("ups.conf", battery), ("upsd.conf", &listen), ("upsd.users", "")] {
            files::put(&folder.join(name), text.as_bytes())?;
        }
        let mut nut = Self { folder: folder.to_path_buf(), port, programs: Vec::new() };
        nut.says("OL")?;
        nut.begin("driver", Cmd::new(DRIVER).args(["-a", "cellar", "-u", "root", "-F"]))?;
        let socket = folder.join("run").join("dummy-ups-cellar");
        until(|| Ok(socket.exists()))?;
        nut.begin("upsd", Cmd::new(UPSD).args(["-u", "root", "-F"]))?;
        Ok(nut)
    }

    fn begin(&mut self, name: &str, program: Cmd) -> Outcome<()> {
        let run = self.folder.join("run");
        let program = program
            .env("NUT_CONFPATH", &self.folder)
            .env("NUT_STATEPATH", &run)
            .env("NUT_ALTPIDPATH", &run)
            .limit(LIMIT)
            .log(&self.folder.join(name));
        self.programs.push(program.start()?);
        Ok(())
    }

    /// What the battery says from now on.
    fn says(&self, words: &str) -> Outcome<()> {
        files::put(&self.folder.join("cellar.dev"), format!("ups.status: {words}\n").as_bytes())
    }

    /// Whether the server says so by now.
    fn answers(&self, words: &str) -> bool {
        let asked = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.write_all(b"GET VAR cellar ups.status\nLOGOUT\n")?;
            let mut said = String::new();
            stream.read_to_string(&mut said).map(|_| said)
        });
        asked.is_ok_and(|said| said.contains(&format!("\"{words}\"")))
    }

    fn end(&mut self) {
        self.programs.iter_mut().rev().for_each(Running::kill);
    }
}
