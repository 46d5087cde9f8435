//! Story `hands`: a box that may do nothing makes its vault on whole disks, by way of its helper.
//!
//! The real programs, as their units start them: the box as a user that has no right at all, which is
//! shown first, and the helper with the rights that its unit leaves it. The disks are images on loop
//! devices, the only ones that the helper sees; all mounts are in a private namespace. In the middle
//! the helper is killed. Start at [`story`].

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::{Facts, StoryDir};
use crate::cmd::{Cmd, Running};
use crate::files::now;
use crate::{Outcome, files, product, repo};

/// The box's user: one that every Debian has.
const USER: &str = "daemon";
const PROGRAMS: [&str; 3] = ["holdfast", "holdfastd", "holdfast-hands"];
const DISK_LEN: u64 = 300 << 20;
/// How long anything may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than the story: what it started ends by itself when it is killed.
const HOLDER_SECS: &str = "900";

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let programs = product::static_build(&PROGRAMS)?;
    let mut house = House::build(dir, &programs)?;
    let nodes = [house.plug(1)?, house.plug(2)?];
    let opened = house.as_user().args(["head", "--bytes=1", &nodes[0]]).kept()?;
    opened.wants(&[1]).map_err(|error| format!("the box may open a disk itself: {error}"))?;
    let mut helper = house.helper("helper")?;
    let mut service = house.service()?;
    let told = house.used(&mut helper, &mut service);
    if told.is_err() {
        service.kill();
    }
    let ended = service.wait(PATIENCE)?;
    helper.kill();
    let facts = told?;
    ended.ok()?;
    Ok(facts)
}

/// Where everything is, and what has to go afterwards.
struct House<'d> {
    dir: &'d StoryDir,
    /// Not in the repository: the box's user has to get there.
    home: PathBuf,
    /// Keeps the private mounts.
    holder: Running,
    plugged: Vec<String>,
}

impl<'d> House<'d> {
    fn build(dir: &'d StoryDir, programs: &Path) -> Outcome<Self> {
        let home = std::env::temp_dir().join(format!("holdfast-story-{}", std::process::id()));
        files::fresh(&home)?;
        let open = fs::set_permissions(&home, PermissionsExt::from_mode(0o755));
        open.map_err(|error| format!("cannot open {}: {error}", home.display()))?;
        for name in PROGRAMS {
            let from = product::built(programs, name)?;
            let copied = fs::copy(&from, home.join(name));
            copied.map_err(|error| format!("cannot copy {}: {error}", from.display()))?;
        }
        let at = |name: &str| home.join(name).display().to_string();
        let hands = format!(
            "user = {USER:?}\nsocket = {:?}\nhome = {:?}\nimages = {:?}\nprofile = \"desk\"\n",
            at("run/hands.sock"),
            at("run/disks"),
            at("images"),
        );
        files::put(&home.join("hands.toml"), hands.as_bytes())?;
        let boxes = format!(
            "vault = \"box/vault.toml\"\nstate = \"box/state\"\nsocket = \"box/sock\"\n\n\
             [board]\nkind = \"hands\"\nhelper = {:?}\n",
            at("run/hands.sock"),
        );
        files::put(&home.join("box.toml"), boxes.as_bytes())?;
        Cmd::new("install")
            .args(["-d", "-o", USER, "-g", USER, "-m", "0750"])
            .arg(home.join("box"))
            .kept()?
            .ok()?;
        let words = ["--mount", "--propagation", "private", "sleep", HOLDER_SECS];
        let holder = Cmd::new("unshare").args(words).log(&dir.path.join("holder")).start()?;
        let house = Self { dir, home, holder, plugged: Vec::new() };
        house.has_mounts_of_its_own()?;
        Ok(house)
    }

    /// Nothing is started before: it would mount for the whole system.
    fn has_mounts_of_its_own(&self) -> Outcome<()> {
        let began = now();
        let of = |process: &str| fs::read_link(format!("/proc/{process}/ns/mnt")).ok();
        while of(&self.holder.id().to_string()).is_none_or(|own| Some(own) == of("self")) {
            if began.elapsed() > PATIENCE {
                return Err("no mounts of its own".to_owned());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Plugs in a blank disk; its node.
    fn plug(&mut self, bay: u8) -> Outcome<String> {
        let folder = self.home.join(format!("images/bay-{bay}"));
        files::folder(&folder)?;
        let image = folder.join(format!("DISK000{bay}.img"));
        fs::File::create(&image)
            .and_then(|file| file.set_len(DISK_LEN))
            .map_err(|error| format!("cannot make {}: {error}", image.display()))?;
        let node = Cmd::new("losetup").args(["--find", "--show"]).arg(&image).kept()?.ok()?;
        let node = node.stdout.trim().to_owned();
        self.plugged.push(node.clone());
        Ok(node)
    }

    /// A program in the private mounts.
    fn within(&self) -> Cmd {
        let holder = self.holder.id().to_string();
        Cmd::new("nsenter").args(["--target", &holder, "--mount", "--"])
    }

    /// A program of the box's user, who has no right and can get none.
    fn as_user(&self) -> Cmd {
        let user = ["--reuid", USER, "--regid", USER, "--clear-groups", "--no-new-privs"];
        self.within().arg("setpriv").args(user).args(["--bounding-set=-all", "--inh-caps=-all"])
    }

    /// The helper, with the rights that its unit leaves it.
    fn helper(&self, log: &str) -> Outcome<Running> {
        let unit = files::text(&repo::root().join("image-build/deb/holdfast-hands.service"))?;
        let line = unit.lines().find_map(|line| line.strip_prefix("CapabilityBoundingSet="));
        let rights: Vec<String> = line
            .ok_or("the helper's unit leaves it every right")?
            .split(' ')
            .map(|right| format!("+{}", right.trim_start_matches("CAP_").to_lowercase()))
            .collect();
        self.within()
            .args(["setpriv", "--no-new-privs", "--bounding-set"])
            .arg(format!("-all,{}", rights.join(",")))
            .arg(self.home.join("holdfast-hands"))
            .arg("--config")
            .arg(self.home.join("hands.toml"))
            .log(&self.dir.path.join(log))
            .start()
    }

    fn service(&self) -> Outcome<Running> {
        self.as_user()
            .arg(self.home.join("holdfastd"))
            .arg("--config")
            .arg(self.home.join("box.toml"))
            .log(&self.dir.path.join("service"))
            .start()
    }

    fn ask(&self, words: &[&str]) -> Cmd {
        let program = self.home.join("holdfast");
        self.as_user().arg(program).arg("--box").arg(self.home.join("box/sock")).args(words)
    }

    /// What an owner does, and a helper that is killed in between.
    fn used(&self, helper: &mut Running, service: &mut Running) -> Outcome<Facts> {
        let run = |name: &str, words: &[&str]| {
            self.dir.logged(name, self.ask(words)).kept()?.wants(&[0]).map(|ended| ended.stdout)
        };
        self.sees_both(service)?;
        let kit = self.home.join("box/kit.txt").display().to_string();
        run("create", &["create", "--copies", "2", "--kit-out", &kit, "1", "2"])?;
        run("backup", &["backup", "--source", "docs", "/usr/share/doc/dpkg"])?;
        helper.kill();
        *helper = self.helper("helper-again")?;
        run("again", &["backup", "--source", "docs", "/usr/share/doc/coreutils"])?;
        run("check", &["check"])?;
        let told = run("disks", &["disks"])?;
        let members = told.matches(" member ").count();
        let mut facts = Facts::default();
        facts.add("members", members);
        facts.add("snapshots", run("snapshots", &["snapshots"])?.lines().count());
        if members != 2 {
            return Err(format!("two disks take part, and the box says: {told}"));
        }
        run("shutdown", &["shutdown"])?;
        Ok(facts)
    }

    /// Waits until the box has seen its disks.
    fn sees_both(&self, service: &mut Running) -> Outcome<()> {
        let began = now();
        loop {
            let asked = self.ask(&["disks"]).kept()?;
            if asked.stdout.contains("bay 1") && asked.stdout.contains("bay 2") {
                return Ok(());
            }
            if !service.alive() || began.elapsed() > PATIENCE {
                return Err(format!("the box does not see its disks: {}", asked.stderr));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for House<'_> {
    fn drop(&mut self) {
        // The mounts go with the last process in them, and then the disks can be pulled.
        self.holder.kill();
        for node in &self.plugged {
            drop(Cmd::new("losetup").args(["--detach", node]).kept());
        }
        drop(files::remove(&self.home));
    }
}
