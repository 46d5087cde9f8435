//! Story `throttle`: two real boxes on this computer, a limit of 5 Mbit/s between them, and a minute of it.
//!
//! What comes is counted on the host's disks, not by whoever holds the limit. Meanwhile the owner's page
//! and health are loaded; how long that takes is told. Then the limit is taken away, and it has to go
//! much faster: else something else had been the limit. Start at [`story`].

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Facts, Story, StoryDir};
use crate::boxes::House;
use crate::cmd::{Cmd, Running};
use crate::corpus::Random;
use crate::{Outcome, files, product, setup};

/// The limit, in kilobits a second.
const KBIT: u64 = 5_000;
/// For so long it is measured, and by so many percent it may be missed.
const SPAN: Duration = Duration::from_secs(60);
const MISSED_MOST: u64 = 5;
/// Files that are backed up, of so many bytes: what goes in that minute, and as much again.
const FILES: u64 = 24;
const FILE: usize = 4 << 20;
/// So much comes before it is measured, so that it is on its way, and after the limit was taken away.
const FIRST: u64 = 3 << 20;
const AFTER: u64 = 16 << 20;
/// A new limit is heard within a second; what was sent before that comes faster than so many times the limit.
const SETTLED: u64 = 2;
/// Without a limit it goes so many times as fast, at least.
const FASTER: u64 = 3;
/// A page is wished for within this; beyond the other something is wrong.
const PAGE_WISHED: Duration = Duration::from_millis(200);
const PAGE_MOST: Duration = Duration::from_secs(2);
const PAGE_EVERY: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(180);
const LIMIT: Duration = Duration::from_secs(1_800);

/// Its line in the list of stories.
pub(super) const STORY: Story = Story {
    name: "throttle",
    about: "a limit of 5 Mbit/s between two boxes holds for a minute, and the page answers meanwhile",
    in_test: false,
    run: story,
};

/// Tells it.
fn story(dir: &StoryDir) -> Outcome<Facts> {
    if !setup::for_peer("curl")? {
        return Err("curl is not here, and apt-get could not bring it".to_owned());
    }
    let programs = product::programs(&["holdfast", "holdfastd"])?;
    let tree = dir.folder("tree")?;
    for number in 0..FILES {
        files::put(&tree.join(number.to_string()), &Random::new(number).noise(FILE))?;
    }
    let mut facts = Facts::default();
    let owner = Side::start(&dir.folder("owner")?, &programs)?;
    let host = Side::start(&dir.folder("host")?, &programs)?;
    owner.is_claimed()?;
    let friend = befriend(&owner, &host)?;
    owner.ask(&["friend", "limit", &friend, "--rate", &KBIT.to_string()])?;
    let before = host.stored();
    let backup = owner.house.ask(&["backup", "--source", "noise"]).arg(&tree).limit(LIMIT);
    dir.logged("backup", backup).kept()?.ok()?;
    // While somebody's job is at work, friends get a part of their rate.
    owner.house.rests()?;
    host.takes(before + FIRST)?;
    host.settles()?;

    let (kbit, pages) = minute(&owner, &host)?;
    facts.add("limit_kbit", KBIT);
    facts.add("kbit", kbit);
    told(&mut facts, pages);
    owner.ask(&["friend", "limit", &friend])?;
    let (from, began) = (host.stored(), files::now());
    host.takes(from + AFTER)?;
    let free = kbit_of(host.stored() - from, began.elapsed());
    facts.add("kbit_without_limit", free);
    for side in [owner, host] {
        side.stop()?;
    }
    judged(kbit, free).map_err(|why| format!("{why}: {}", facts.line()))?;
    match facts.get("page_slowest_ms").parse::<u128>() {
        Ok(slowest) if slowest <= PAGE_MOST.as_millis() => Ok(facts),
        _ => Err(format!("the page does not answer within {PAGE_MOST:?}: {}", facts.line())),
    }
}

/// Whether the limit was held, and was the limit.
fn judged(kbit: u64, free: u64) -> Outcome<()> {
    if kbit.abs_diff(KBIT) * 100 > KBIT * MISSED_MOST {
        return Err(format!("{kbit} kbit/s are more than {MISSED_MOST} % beside {KBIT}"));
    }
    if free < KBIT * FASTER {
        return Err(format!("without a limit it goes at {free} kbit/s: something else limits it"));
    }
    Ok(())
}

/// Bytes in a time, as thousand bits in a second.
fn kbit_of(bytes: u64, span: Duration) -> u64 {
    bytes * 8 / u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// A minute of it: how fast it went, and how long each page took, in order.
fn minute(owner: &Side, host: &Side) -> Outcome<(u64, Vec<Duration>)> {
    let (from, began) = (host.stored(), files::now());
    let mut pages = Vec::new();
    while began.elapsed() < SPAN {
        for path in ["", "api/v1/health"] {
            pages.push(owner.loads(path)?);
        }
        thread::sleep(PAGE_EVERY.min(SPAN.saturating_sub(began.elapsed())));
    }
    let kbit = kbit_of(host.stored() - from, began.elapsed());
    pages.sort_unstable();
    Ok((kbit, pages))
}

/// What is told of the pages: times decide nothing, unless they are beyond all reason.
fn told(facts: &mut Facts, pages: Vec<Duration>) {
    let late = pages.iter().filter(|took| **took > PAGE_WISHED).count();
    facts.add("pages", pages.len() as u64);
    facts.add("pages_beyond_200_ms", late as u64);
    for (name, at) in [("median", pages.len() / 2), ("slowest", pages.len().saturating_sub(1))] {
        facts.add_time(&format!("page_{name}"), pages.get(at).copied().unwrap_or(Duration::MAX));
    }
}

/// One becomes a friend of the other; by which id the first knows the second.
fn befriend(first: &Side, second: &Side) -> Outcome<String> {
    for side in [first, second] {
        side.ask(&["friend", "reach", "nothing"])?;
    }
    let invited = first.ask(&["friend", "invite", "--give", "1GB"])?;
    let file = second.house.home().join("ticket");
    files::put(&file, invited["ticket"].as_str().unwrap_or_default().as_bytes())?;
    let file = file.display().to_string();
    let offer = second.ask(&["friend", "look", "--ticket-file", &file])?["offer"].clone();
    second.ask(&["friend", "accept", offer["id"].as_str().unwrap_or_default()])?;
    let shown = first.lists(|all| all["invites"][0]["words"].is_array())?["invites"][0].clone();
    if shown["words"] != offer["words"] {
        return Err(format!("the words differ: {shown} and {offer}"));
    }
    first.ask(&["friend", "confirm", shown["id"].as_str().unwrap_or_default()])?;
    let all = first.lists(|all| all["friends"][0]["seen"] == "direct")?;
    Ok(all["friends"][0]["id"].as_str().unwrap_or_default().to_owned())
}

/// A box that runs.
struct Side {
    house: House,
    service: Option<Running>,
    port: u16,
    cookies: PathBuf,
}

impl Side {
    /// A new one in a folder, with an open vault on simulated disks.
    fn start(home: &Path, programs: &Path) -> Outcome<Self> {
        let free = |error| format!("no port is free: {error}");
        let web =
            TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).map_err(free)?;
        let udp = UdpSocket::bind("127.0.0.1:0").and_then(|one| one.local_addr()).map_err(free)?;
        let settings = format!(
            "vault = \"vault.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\nlog = \"warn\"\n\n\
             [board]\nkind = \"desk\"\nfolder = \"machine\"\n\n\
             [web]\nlisten = \"{web}\"\nplain = \"127.0.0.1:0\"\n\n\
             [friends]\nlisten = [\"{udp}\"]\nat_once = true\n",
        );
        let house = House::with_settings(home, programs, &settings)?;
        let service = house.service().log(&home.with_extension("service")).limit(LIMIT).start()?;
        let cookies = home.join("cookies");
        let mut started = Self { house, service: Some(service), port: web.port(), cookies };
        let Self { house, service, .. } = &mut started;
        house.answers(|| service.as_mut().is_some_and(Running::alive))?;
        house.settle_in()?;
        Ok(started)
    }

    /// The document that an order answers with.
    fn ask(&self, words: &[&str]) -> Outcome<Value> {
        let asked = self.house.ask(words).arg("--json").limit(PATIENCE);
        product::document(&asked.kept()?.ok()?)
    }

    /// Friends and invites, once they are so.
    fn lists(&self, is_so: impl Fn(&Value) -> bool) -> Outcome<Value> {
        let began = files::now();
        loop {
            let all = self.ask(&["friend", "list"])?["friends"].clone();
            if is_so(&all) {
                return Ok(all);
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("the boxes do not become friends: {all}"));
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    fn curl(&self, path: &str) -> Cmd {
        let ca = self.house.home().join("state/web/ca.pem");
        let cmd = Cmd::new("curl").args(["--silent", "--show-error", "--fail", "--cacert"]).arg(ca);
        cmd.arg(format!("https://localhost:{}/{path}", self.port)).limit(PATIENCE)
    }

    /// Somebody owns it and is signed in.
    fn is_claimed(&self) -> Outcome<()> {
        let code = files::text(&self.house.home().join("state/web/claim-code"))?;
        let body = serde_json::json!({
            "code": code.trim(), "name": "me", "password": "four words of mine",
        });
        let claim = self.curl("api/v1/claim").arg("--cookie-jar").arg(&self.cookies);
        let claim = claim.args(["-H", "content-type: application/json", "-d"]);
        claim.arg(body.to_string()).kept()?.ok().map(drop)
    }

    /// Loads something over a connection of its own, and says how long that took.
    fn loads(&self, path: &str) -> Outcome<Duration> {
        let load =
            self.curl(path).arg("--cookie").arg(&self.cookies).args(["--output", "/dev/null"]);
        let said = load.args(["--write-out", "%{time_total}"]).kept()?.ok()?.stdout;
        let seconds: f64 = said.trim().parse().map_err(|_| format!("curl says {said}"))?;
        Ok(Duration::from_secs_f64(seconds.max(0.0)))
    }

    /// Bytes on its disks.
    fn stored(&self) -> u64 {
        files::count(&self.house.home().join("machine")).1
    }

    /// Waits until there are so many.
    fn takes(&self, bytes: u64) -> Outcome<()> {
        let began = files::now();
        while self.stored() < bytes {
            if began.elapsed() > PATIENCE {
                return Err(format!("{} of {bytes} bytes came", self.stored()));
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Waits until no burst comes any more of before the limit was heard.
    fn settles(&self) -> Outcome<()> {
        let all = files::now();
        while all.elapsed() < PATIENCE {
            let (from, began) = (self.stored(), files::now());
            self.takes(from + FIRST)?;
            if kbit_of(self.stored() - from, began.elapsed()) < KBIT * SETTLED {
                return Ok(());
            }
        }
        Err("it goes on faster than the limit".to_owned())
    }

    fn stop(mut self) -> Outcome<()> {
        self.house.ask(&["shutdown"]).kept()?.ok()?;
        match self.service.take() {
            Some(service) => service.wait(PATIENCE)?.ok().map(drop),
            None => Ok(()),
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        if let Some(mut service) = self.service.take() {
            service.kill();
            drop(service.wait(PATIENCE));
        }
    }
}

#[test]
fn a_limit_that_is_missed_on_either_side_or_is_not_what_limits_is_no_pass() {
    assert_eq!(kbit_of(37_500_000, SPAN), KBIT);
    assert!(judged(KBIT, 80_000).is_ok());
    assert!(judged(4_751, 80_000).is_ok() && judged(5_249, 80_000).is_ok());
    assert!(judged(4_749, 80_000).is_err());
    assert!(judged(5_251, 80_000).is_err());
    assert!(judged(KBIT, 14_999).is_err());
}
