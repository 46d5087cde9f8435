//! Story `deb`: the package goes into a fresh Debian, its box starts and answers, and lets go again.
//!
//! The Debian is unpacked into a folder; programs run in it with their root there. It has no service
//! manager, so the command of the unit is run as the unit says: its line, its user, its folders.
//! Removing and purging the package must leave what was stored. Start at [`story`].

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Facts, StoryDir};
use crate::cmd::{Cmd, Running};
use crate::debian::{self, Variant};
use crate::files::now;
use crate::{Outcome, deb, files, product};

/// The Debian that it goes into, and what that has beside its smallest form: what the package says
/// it depends on would be fetched by apt.
const RELEASE: &str = "trixie";
const PACKAGES: &str = "adduser,e2fsprogs,mount";
/// How long the box may take to answer, and to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where the vault's file stands, as the package's settings say.
const VAULT: &str = "/var/lib/holdfast/vault.toml";
const KIT: &str = "/var/lib/holdfast/kit.txt";

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let package = deb::build()?;
    let house = House { root: dir.path.join("debian"), dir };
    debian::unpack(&house.root, RELEASE, Variant::Small, PACKAGES)?;
    let inside = house.root.join("tmp/holdfast.deb");
    std::fs::copy(&package, &inside).map_err(|error| format!("cannot copy it: {error}"))?;
    house.run("install", &["dpkg", "--install", "/tmp/holdfast.deb"])?;
    let unit = files::text(&house.root.join(deb::UNIT))?;
    let setting = |key: &str| {
        let line = unit.lines().find_map(|line| line.strip_prefix(&format!("{key}=")));
        line.map(str::to_owned).ok_or_else(|| format!("the unit has no {key}"))
    };
    let (user, command) = (setting("User")?, setting("ExecStart")?);
    for disk in ["/srv/one", "/srv/two", "/run/holdfast"] {
        house.run("disks", &["install", "-d", "-o", &user, "-g", &user, "-m", "0755", disk])?;
    }
    let words: Vec<&str> = command.split(' ').collect();
    let service = [&AS_USER[..], &[&user, "--"], &words].concat();
    let as_new = house.fresh(&service, unit.lines().any(|line| line.starts_with("Condition")))?;
    let settings = house.root.join("etc/holdfast/holdfastd.toml");
    let folders = files::text(&settings)?.replace("[board]\nkind = \"hands\"\n", "");
    files::put(&settings, folders.as_bytes())?;
    let create = ["holdfast", "vault", "create", "--vault", VAULT, "--kit-out", KIT];
    let disks = ["--volume", "/srv/one", "--volume", "/srv/two", "--copies", "2"];
    house.run("create", &[&AS_USER[..], &[&user, "--"], &create, &disks].concat())?;
    let began = now();
    let mut service = house.command(&service).log(&dir.path.join("service")).start()?;
    let told = house.used(&mut service).and_then(|facts| {
        house.run("shutdown", &["holdfast", "--box", "default", "shutdown"])?;
        Ok(facts)
    });
    if told.is_err() {
        service.kill();
    }
    let ended = service.wait(began.elapsed() + PATIENCE)?;
    let mut facts = told?;
    ended.ok()?;
    let helper = house.helped(&user)?;
    house.run("purge", &["dpkg", "--purge", "holdfast"])?;
    let left = product::packs(&house.root.join("srv/one"), "data").len();
    if left == 0 || !house.root.join(VAULT.trim_start_matches('/')).is_file() {
        return Err("what was stored went with the package".to_owned());
    }
    for program in ["usr/sbin/holdfastd", "usr/libexec/holdfast/holdfast-hands"] {
        if house.root.join(program).exists() {
            return Err(format!("{program} stayed"));
        }
    }
    facts.add("packs_left_after_purge", left);
    facts.add("helper_answered", helper);
    facts.add("fresh_install", as_new);
    files::remove(&house.root)?;
    Ok(facts)
}

/// How a program is run as another user.
const AS_USER: [&str; 2] = ["runuser", "-u"];

/// The Debian in its folder.
struct House<'d> {
    root: PathBuf,
    dir: &'d StoryDir,
}

impl House<'_> {
    fn command(&self, words: &[&str]) -> Cmd {
        // With the kernel's own folders, as every system has them; they go with the program.
        let enter = "mount -t proc proc \"$0/proc\" && mount -t sysfs sys \"$0/sys\" && exec chroot \"$0\" \"$@\"";
        Cmd::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", enter])
            .arg(&self.root)
            .args(words)
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    }

    fn run(&self, name: &str, words: &[&str]) -> Outcome<String> {
        Ok(self.dir.logged(name, self.command(words)).kept()?.ok()?.stdout)
    }

    /// Just installed, with the settings as they came: a new box that shows the computer's disks, by
    /// way of its helper, and waits for its owner. Whatever keeps the unit from starting is a fault.
    fn fresh(&self, service: &[&str], has_condition: bool) -> Outcome<Value> {
        if has_condition {
            return Err("the unit does not start on a fresh system".to_owned());
        }
        let unit = files::text(&self.root.join(deb::HANDS_UNIT))?;
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart="));
        let words: Vec<&str> = line.ok_or("the helper's unit starts nothing")?.split(' ').collect();
        let mut helper = self.command(&words).log(&self.dir.path.join("helper-fresh")).start()?;
        let told = self.fresh_with_helper(service);
        helper.kill();
        told
    }

    fn fresh_with_helper(&self, service: &[&str]) -> Outcome<Value> {
        let mut running = self.command(service).log(&self.dir.path.join("service")).start()?;
        let told = self.answered(&mut running).and_then(|status| {
            let disks = ["holdfast", "--box", "default", "disks", "--json"];
            let disks: Value = serde_json::from_str(&self.run("disks-fresh", &disks)?)
                .map_err(|error| format!("{error}"))?;
            if status["lock"] != "none" || !disks["disks"].is_array() {
                return Err(format!("no new box: {status} {disks}"));
            }
            self.run("shutdown-fresh", &["holdfast", "--box", "default", "shutdown"])?;
            Ok(status["lock"].clone())
        });
        if told.is_err() {
            running.kill();
        }
        let ended = running.wait(PATIENCE)?;
        let told = told?;
        ended.ok()?;
        Ok(told)
    }

    /// What an owner does with it.
    fn used(&self, service: &mut Running) -> Outcome<Facts> {
        let status = self.answered(service)?;
        let mut facts = Facts::default();
        facts.add("status_before", status["lock"].clone());
        let ask = ["holdfast", "--box", "default"];
        let run = |name: &str, words: &[&str]| self.run(name, &[&ask[..], words].concat());
        run("unlock", &["unlock", "--words-file", KIT])?;
        run("backup", &["backup", "--source", "settings", "/etc/holdfast"])?;
        let listed = run("snapshots", &["snapshots", "--json"])?;
        let listed: Value = serde_json::from_str(&listed).map_err(|error| format!("{error}"))?;
        let count = listed["snapshots"].as_array().map_or(0, Vec::len);
        if count != 1 {
            return Err(format!("one backup is listed as {count}"));
        }
        facts.add("snapshots", count);
        let health = self.command(&[&ask[..], &["health", "--json"]].concat());
        let health = self.dir.logged("health", health).kept()?.wants(&[0, 3])?;
        product::document(&health)?;
        Ok(facts)
    }

    /// The helper for disks, started as its unit says: it answers the box's user and nobody else.
    /// Disks are only listed, from what the kernel knows; none is read.
    fn helped(&self, user: &str) -> Outcome<&'static str> {
        let unit = files::text(&self.root.join(deb::HANDS_UNIT))?;
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart="));
        let words: Vec<&str> = line.ok_or("the helper's unit starts nothing")?.split(' ').collect();
        let mut helper = self.command(&words).log(&self.dir.path.join("helper")).start()?;
        let asked_as = |user: &str| {
            let list = [&AS_USER[..], &[user, "--"], &words, &["disks"]].concat();
            self.command(&list).kept()
        };
        let told = asked_as(user).and_then(|ended| ended.ok());
        let refused = asked_as("nobody").and_then(|ended| ended.wants(&[1]));
        helper.kill();
        let told = told.map_err(|error| {
            let log = files::text(&self.dir.path.join("helper.err")).unwrap_or_default();
            format!("{error}; the helper's log: {log}")
        })?;
        if !told.stdout.starts_with("box: ") {
            return Err(format!("the helper listed no box: {}", told.stdout));
        }
        refused.map_err(|error| format!("nobody was answered: {error}"))?;
        Ok("its box alone")
    }

    /// The box's first answer.
    fn answered(&self, service: &mut Running) -> Outcome<Value> {
        let began = now();
        loop {
            let asked =
                self.command(&["holdfast", "--box", "default", "status", "--json"]).kept()?;
            // Code 3: it answers, and not all is well, since it is locked.
            if let Ok(ended) = asked.wants(&[0, 3]) {
                return product::document(&ended);
            }
            if !service.alive() || began.elapsed() > PATIENCE {
                let log = log_of(&self.dir.path);
                return Err(format!("the box does not answer; its log: {log}"));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn log_of(folder: &Path) -> String {
    files::text(&folder.join("service.err")).unwrap_or_default()
}
