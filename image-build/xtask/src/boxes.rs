//! `cargo xtask box`: a box of your own in a folder, with three folders for disks.
//!
//! What the first run makes stays: the next one starts the same box again. Nothing outside the folder
//! is touched, and nothing is told to a service manager. Start at [`command`], then [`House`].

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::cmd::Cmd;
use crate::product::Vault;
use crate::say::{complain, say};
use crate::{Outcome, files, product, repo};

/// A box that a person started runs until it is stopped; one that was forgotten, a day.
const LIMIT: Duration = Duration::from_secs(24 * 3600);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The folders that stand for its disks.
const DISKS: [&str; 3] = ["disk-a", "disk-b", "disk-c"];

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    if !arguments.is_empty() {
        return Err("it takes no options".to_owned());
    }
    let programs = product::static_build(&["holdfast", "holdfastd"])?;
    let house = House::prepare(&repo::target().join("box"), &programs)?;
    let asking = house.clone();
    thread::spawn(move || {
        let told =
            asking.answers(|| true).and_then(|_| asking.unlock()).map(|()| asking.greeting());
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
}

impl House {
    /// Makes a vault and settings in a folder, unless they are there.
    pub(crate) fn prepare(home: &Path, programs: &Path) -> Outcome<Self> {
        let house = Self { home: home.to_path_buf(), programs: programs.to_path_buf() };
        let vault = house.vault()?;
        if !vault.file.is_file() {
            files::fresh(home)?;
            let disks: Vec<PathBuf> = DISKS.iter().map(|name| home.join(name)).collect();
            disks.iter().try_for_each(|disk| files::folder(disk))?;
            let disks: Vec<&Path> = disks.iter().map(PathBuf::as_path).collect();
            vault.create(&disks, 2).kept()?.ok()?;
        }
        let settings = "# Made by `cargo xtask box`. Paths count from this folder.\n\
                        vault = \"vault.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\n\
                        log = \"warn\"\n";
        files::put(&house.settings(), settings.as_bytes())?;
        Ok(house)
    }

    /// Its vault, as a program beside the box would name it.
    pub(crate) fn vault(&self) -> Outcome<Vault> {
        Ok(Vault::new(&product::built(&self.programs, "holdfast")?, &self.home))
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
            match asked.ok() {
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

    fn greeting(&self) -> String {
        let (program, socket) = (self.programs.join("holdfast"), self.home.join("box.sock"));
        let ask = format!("{} --box {}", program.display(), socket.display());
        format!(
            "\nYour box runs, unlocked, in {}. Ctrl-C stops it. From another terminal:\n\n  \
             {ask} status\n  {ask} backup --source papers FOLDER\n  {ask} snapshots\n  {ask} jobs\n  \
             {ask} restore latest:papers --to NEW_FOLDER\n\nIts disks are the folders disk-a to \
             disk-c there; its 24 words are in kit.txt.\n",
            self.home.display()
        )
    }
}
