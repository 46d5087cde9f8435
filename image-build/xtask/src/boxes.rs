//! `cargo xtask box`: a box of your own in a folder, with a simulated machine around it: four bays, two
//! USB sockets, and three disks that are plugged in.
//!
//! What the first run makes stays: the next one starts the same box again. Nothing outside the folder
//! is touched, no real disk, and nothing is told to a service manager. Start at [`command`], then
//! [`House`].

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::cmd::Cmd;
use crate::say::{complain, say};
use crate::{Outcome, files, page, product, repo};

/// A box that a person started runs until it is stopped; one that was forgotten, a day.
const LIMIT: Duration = Duration::from_secs(24 * 3600);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Where its web door is, on this computer only.
const PORTS: [u16; 2] = [8443, 8080];
/// The disks that a new box finds in its first bays, and their sizes in gigabytes. The fourth bay is
/// free.
const DISKS: [(&str, u64); 3] = [("red", 4), ("green", 4), ("blue", 8)];

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    if !arguments.is_empty() {
        return Err("it takes no options".to_owned());
    }
    page::if_possible()?;
    let programs = product::static_build(&["holdfast", "holdfastd"])?;
    let house = House::prepare(&repo::target().join("box"), &programs, PORTS)?;
    let asking = house.clone();
    thread::spawn(move || {
        let told =
            asking.answers(|| true).and_then(|_| asking.settle_in()).map(|()| asking.greeting());
        match told {
            Ok(text) => say(text),
            Err(sentence) => complain(sentence),
        }
    });
    house.service().limit(LIMIT).shown()?.ok().map(drop)
}

/// A box's folder and its programs.
#[derive(Clone, Debug)]
pub(crate) struct House {
    home: PathBuf,
    programs: PathBuf,
    /// Copies of everything that a new box keeps.
    copies: u8,
}

impl House {
    /// Writes the settings of a box with a simulated machine in a folder, and with a web door at these
    /// ports of this computer, secure and plain; 0 is any that is free.
    pub(crate) fn prepare(home: &Path, programs: &Path, ports: [u16; 2]) -> Outcome<Self> {
        // A box of folders, as this command made it once, is not taken apart.
        if home.join("disk-a").exists() {
            return Err(format!("{} holds an older kind of box: move it away", home.display()));
        }
        let [secure, plain] = ports;
        let settings = format!(
            "# Made by `cargo xtask box`. Paths count from this folder.\n\
                        vault = \"vault.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\n\
                        log = \"warn\"\n\n[board]\nkind = \"desk\"\nfolder = \"machine\"\n\n\
                        [web]\nlisten = \"127.0.0.1:{secure}\"\nplain = \"127.0.0.1:{plain}\"\n"
        );
        Self::with_settings(home, programs, &settings)
    }

    /// Writes these settings of a box, which name `box.sock` as its socket.
    pub(crate) fn with_settings(home: &Path, programs: &Path, settings: &str) -> Outcome<Self> {
        let house = Self { home: home.to_path_buf(), programs: programs.to_path_buf(), copies: 2 };
        files::folder(home)?;
        files::put(&house.settings(), settings.as_bytes())?;
        Ok(house)
    }

    /// On a new box: makes the disks and plugs them in, and lets the box make its vault on them. On
    /// one that ran before: gives it the words.
    pub(crate) fn settle_in(&self) -> Outcome<()> {
        let kit = self.home.join("kit.txt");
        if self.home.join("vault.toml").is_file() {
            return self.unlock();
        }
        for (number, (name, size)) in DISKS.iter().enumerate() {
            let (size, bay) = (size.to_string(), format!("bay-{}", number + 1));
            // After a start that was cut short they are there already.
            let known = self.ask(&["desk", "look"]).kept()?.ok()?.stdout;
            if !known.lines().any(|line| line.split_whitespace().next() == Some(*name)) {
                self.ask(&["desk", "disk", "new", name, "--gigabytes", &size]).kept()?.ok()?;
            }
            if !known.contains(&bay) {
                self.ask(&["desk", "disk", "insert", name, &bay]).kept()?.ok()?;
            }
        }
        let bays: Vec<String> = (1..=DISKS.len()).map(|number| number.to_string()).collect();
        let bays: Vec<&str> = bays.iter().map(String::as_str).collect();
        self.sees(DISKS.len())?;
        let copies = self.copies.to_string();
        let create = self.ask(&["create"]).args(bays).args(["--copies", &copies, "--kit-out"]);
        create.arg(&kit).kept()?.ok()?;
        self.notes_the_words()
    }

    /// Waits until the box has noted that somebody has its words: until then it stores nothing.
    fn notes_the_words(&self) -> Outcome<()> {
        let began = files::now();
        while self.home.join("state").join("untold").exists() {
            if began.elapsed() > PATIENCE {
                return Err("the box does not note that somebody has its words".to_owned());
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Waits until the box has seen so many disks: it hears of them a moment after the hand let go.
    fn sees(&self, count: usize) -> Outcome<()> {
        let began = files::now();
        loop {
            let told = product::document(&self.ask(&["disks", "--json"]).kept()?.ok()?)?;
            let seen = told["disks"].as_array().map_or(0, Vec::len);
            if seen >= count {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("the box sees {seen} of {count} disks"));
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// The same for a new box that keeps so many copies.
    pub(crate) fn with_copies(self, copies: u8) -> Self {
        Self { copies, ..self }
    }

    /// Its folder.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    fn settings(&self) -> PathBuf {
        self.home.join("holdfastd.toml")
    }

    /// The box's program.
    pub(crate) fn service(&self) -> Cmd {
        Cmd::new(self.programs.join("holdfastd")).arg("--config").arg(self.settings())
    }

    /// A question to the box.
    pub(crate) fn ask(&self, words: &[&str]) -> Cmd {
        let socket = self.home.join("box.sock");
        Cmd::new(self.programs.join("holdfast")).arg("--box").arg(socket).args(words)
    }

    /// Waits for the box's first answer, as long as it is `alive`.
    pub(crate) fn answers(&self, mut alive: impl FnMut() -> bool) -> Outcome<Value> {
        let began = files::now();
        loop {
            let asked = self.ask(&["status", "--json"]).kept()?;
            // Code 3: it answers, and not all is well, since it is locked.
            match asked.wants(&[0, 3]) {
                Ok(ended) => return product::document(&ended),
                Err(why) if !alive() || began.elapsed() > PATIENCE => {
                    return Err(format!("the box does not answer: {why}"));
                }
                Err(_) => thread::sleep(LOOK_EVERY),
            }
        }
    }

    /// Gives it the words.
    pub(crate) fn unlock(&self) -> Outcome<()> {
        let kit = self.home.join("kit.txt");
        self.ask(&["unlock", "--words-file"]).arg(kit).kept()?.ok().map(drop)
    }

    /// Waits until no job is at work or waits for its turn. How long they take is theirs to say, as long as they
    /// come on.
    pub(crate) fn rests(&self) -> Outcome<()> {
        let (mut moved, mut stood) = (files::now(), String::new());
        loop {
            let asked = self.ask(&["status", "--json"]).kept()?.wants(&[0, 3])?;
            let told = product::document(&asked)?;
            if told["running"] == 0 && told["queued"] == 0 {
                return Ok(());
            }
            let jobs = self.ask(&["jobs", "--json"]).kept()?.ok()?.stdout;
            if jobs != stood {
                (moved, stood) = (files::now(), jobs);
            }
            if moved.elapsed() > PATIENCE {
                return Err(format!("the box comes no further: {told}"));
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// What whoever claims it needs; none once somebody owns it.
    pub(crate) fn claim_code(&self) -> Option<String> {
        files::text(&self.home.join("state").join("web").join("claim-code")).ok()
    }

    /// How a question to it begins, for somebody who types.
    pub(crate) fn asking(&self) -> String {
        let (program, socket) = (self.programs.join("holdfast"), self.home.join("box.sock"));
        format!("{} --box {}", program.display(), socket.display())
    }

    /// How the box is claimed, while nobody has; and where it is.
    fn web(&self) -> String {
        let folder = self.home.join("state").join("web");
        let ca = folder.join("ca.pem");
        let claim = match files::text(&folder.join("claim-code")) {
            Err(_) => "Somebody owns it already.".to_owned(),
            Ok(code) => format!(
                "Nobody owns it yet; its code is {code}. To claim it:\n\n  \
                 curl --cacert {} -c {} https://localhost:{}/api/v1/claim \\\n    \
                 -H 'content-type: application/json' \\\n    \
                 -d '{{\"code\":\"{code}\",\"name\":\"me\",\"password\":\"TEN LETTERS OR MORE\"}}'",
                ca.display(),
                self.home.join("cookies").display(),
                PORTS[0]
            ),
        };
        format!(
            "It is at https://localhost:{}/ too, with a certificate of {}.\n{claim}\n",
            PORTS[0],
            ca.display()
        )
    }

    fn greeting(&self) -> String {
        let ask = self.asking();
        format!(
            "\nYour box runs, with an open vault on three simulated disks, in {}.\nCtrl-C stops it; \
             its 24 words are in kit.txt there. From another terminal:\n\n  \
             {ask} status\n  {ask} backup --source papers FOLDER\n  {ask} snapshots\n  \
             {ask} restore latest:papers --to NEW_FOLDER\n\nA disk worries, and is \
             replaced:\n\n  \
             {ask} desk disk worry green\n  {ask} health\n  {ask} replace 2\n  \
             {ask} desk disk new white --gigabytes 2\n  {ask} desk disk insert white bay-4\n  \
             {ask} disk adopt 4\n  {ask} disks\n  {ask} desk disk pull green\n\n{}",
            self.home.display(),
            self.web()
        )
    }
}
