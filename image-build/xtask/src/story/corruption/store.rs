//! A small repository of one tool, made once and copied for each damage.
//!
//! What is damaged stands in one folder: a volume, or a peer's repository. What the tool keeps
//! elsewhere (other volumes, catalog, cache) stands beside it and is left alone, as on a machine
//! that goes on working. Start reading at [`Subject::make`], then [`Store`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::damage;
use super::originals::VERSIONS;
use super::report::named_packs;
use crate::bench::peers::{Kind, Peer};
use crate::cmd::{Cmd, Ended};
use crate::product::Vault;
use crate::{Outcome, files};

/// Deadline of each call: a tool that waits for what never comes has said that something is wrong.
const LIMIT: Duration = Duration::from_secs(300);
/// The rescue program on each volume: large, and never written in place.
const RESCUE: &str = "holdfast-rescue";
/// What is said because a repository was copied, and not because of its damage.
const BY_COPYING: [&str; 5] = [
    "the volume was made on disk",
    "are on the same file system",
    "was previously located at",
    "Do you want to continue?",
    "BORG_RELOCATED_REPO_ACCESS_IS_OK",
];

/// Whose repository it is.
#[derive(Clone, Debug)]
pub(super) enum Program {
    /// Holdfast with this many volumes and a copy on each; the first volume is damaged.
    Holdfast(PathBuf, u32),
    /// A peer.
    Peer(Peer),
}

/// A tool that is put to the test.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Its name in tables.
    pub name: String,
    /// What it runs.
    pub program: Program,
    /// True for the control: whatever the program says is not heard.
    pub deaf: bool,
}

/// What a call said.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// True when it ended as a failure or wrote anything on standard error.
    pub trouble: bool,
    /// Everything it wrote.
    pub text: String,
}

impl Subject {
    /// Makes its repository at `place` with every version of the files; what is damaged is as it
    /// was before the last backup in `before`.
    pub(super) fn make(&self, place: &Path, before: &Path, versions: &[PathBuf]) -> Outcome<Store> {
        files::fresh(place)?;
        let mut store = self.at(place);
        files::folder(&place.join("rest"))?;
        store.create()?;
        for (number, version) in versions.iter().enumerate() {
            if number + 1 == versions.len() {
                damage::copy(&store.damaged(), before, &|_| false)?;
            }
            // The same path each time, so that all tools see one tree that changes.
            let source = place.join("source");
            damage::copy(version, &source, &|_| false)?;
            store.backup(&source, number)?;
            files::remove(&source)?;
        }
        store.versions = store.list()?;
        if store.versions.len() == versions.len() {
            Ok(store)
        } else {
            Err(format!("{} lists {} versions", self.name, store.versions.len()))
        }
    }

    /// The repository that was made there before.
    pub(super) fn made(&self, place: &Path) -> Outcome<Store> {
        let store = self.at(place);
        Ok(Store { versions: store.list()?, ..store })
    }

    fn at(&self, place: &Path) -> Store {
        Store { subject: self.clone(), place: place.to_path_buf(), versions: Vec::new() }
    }
}

/// A repository, and all that its tool keeps elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Store {
    subject: Subject,
    place: PathBuf,
    /// The tool's names of the versions, oldest first.
    versions: Vec<String>,
}

impl Store {
    /// The folder that is damaged.
    pub(super) fn damaged(&self) -> PathBuf {
        self.place.join("damaged")
    }

    fn rest(&self) -> PathBuf {
        self.place.join("rest")
    }

    fn second_volume(&self) -> PathBuf {
        self.rest().join("volume-1")
    }

    fn vault(&self, program: &Path) -> Vault {
        Vault::new(program, &self.rest())
    }

    /// A copy of it at another place.
    pub(super) fn copy(&self, to: &Path) -> Outcome<Self> {
        files::remove(to)?;
        damage::copy(&self.place, to, &|path| path.ends_with(RESCUE))?;
        let copied = Self { place: to.to_path_buf(), ..self.clone() };
        if let Program::Holdfast(program, _) = &self.subject.program {
            // The vault file names its volumes by their paths.
            let file = copied.vault(program).file;
            let text = files::text(&file)?;
            let moved = text.replace(&*self.place.to_string_lossy(), &to.to_string_lossy());
            files::put(&file, moved.as_bytes())?;
        }
        Ok(copied)
    }

    fn create(&self) -> Outcome<()> {
        let cmd = match &self.subject.program {
            Program::Holdfast(program, volumes) => {
                let paths = [self.damaged(), self.second_volume()];
                let paths: Vec<&Path> =
                    paths.iter().take(*volumes as usize).map(PathBuf::as_path).collect();
                for path in &paths {
                    files::folder(path)?;
                }
                self.vault(program).create(&paths, *volumes)
            }
            Program::Peer(peer) if peer.kind == Kind::Borg => {
                self.peer(peer, &["init", "--encryption=repokey"])
            }
            Program::Peer(peer) => self.peer(peer, &["init"]),
        };
        cmd.kept()?.ok().map(drop)
    }

    fn backup(&self, source: &Path, number: usize) -> Outcome<()> {
        let cmd = match &self.subject.program {
            Program::Holdfast(program, _) => {
                self.vault(program).call(&["backup", "--source", "files"]).arg(source)
            }
            Program::Peer(peer) if peer.kind == Kind::Borg => {
                self.peer(peer, &["create", &format!("::{number}"), "."]).dir(source)
            }
            Program::Peer(peer) => self.peer(peer, &["backup", "."]).dir(source),
        };
        cmd.kept()?.ok().map(drop)
    }

    /// The tool's names of its versions, oldest first.
    fn list(&self) -> Outcome<Vec<String>> {
        let list = match &self.subject.program {
            Program::Holdfast(program, _) => {
                self.vault(program).ask(&["snapshots"])?["snapshots"].take()
            }
            Program::Peer(peer) if peer.kind == Kind::Borg => {
                return Ok((0..VERSIONS).map(|n| n.to_string()).collect());
            }
            Program::Peer(peer) => {
                crate::product::document(&self.peer(peer, &["snapshots", "--json"]).kept()?.ok()?)?
            }
        };
        let ids = list.as_array().into_iter().flatten().filter_map(|one| one["id"].as_str());
        Ok(ids.map(str::to_owned).collect())
    }

    fn peer(&self, peer: &Peer, words: &[&str]) -> Cmd {
        let quiet: &[&str] = if peer.kind == Kind::Borg { &[] } else { &["--quiet"] };
        let cmd = peer.cmd().args(quiet).args(words).limit(LIMIT);
        let cache = self.rest().join("cache");
        match peer.kind {
            Kind::Borg => cmd
                .env("BORG_REPO", self.damaged())
                .env("BORG_PASSPHRASE", "story")
                .env("BORG_BASE_DIR", cache)
                .env("BORG_RELOCATED_REPO_ACCESS_IS_OK", "yes")
                .env("BORG_CHECK_I_KNOW_WHAT_I_AM_DOING", "YES"),
            Kind::Restic | Kind::Rustic => cmd
                .env("RESTIC_REPOSITORY", self.damaged())
                .env("RESTIC_PASSWORD", "story")
                .env("RESTIC_CACHE_DIR", cache),
        }
    }

    fn run(&self, cmd: Cmd) -> Outcome<Said> {
        let ended = cmd.limit(LIMIT).kept()?;
        let mut said = heard(&ended);
        said.trouble &= !self.subject.deaf;
        Ok(said)
    }

    /// The tool's own check, every stored byte read.
    pub(super) fn check(&self) -> Outcome<Said> {
        self.run(match &self.subject.program {
            Program::Holdfast(program, _) => self.vault(program).call(&["check", "--read-data"]),
            Program::Peer(peer) if peer.kind == Kind::Borg => {
                self.peer(peer, &["check", "--verify-data"])
            }
            Program::Peer(peer) => self.peer(peer, &["check", "--read-data"]),
        })
    }

    /// The tool's own repair, as its manual says; whether it worked is seen afterwards.
    pub(super) fn repair(&self, check: &Said) -> Outcome<()> {
        match &self.subject.program {
            Program::Holdfast(program, _) => {
                self.run(self.vault(program).call(&["check", "--read-data", "--repair"]))?;
            }
            Program::Peer(peer) if peer.kind == Kind::Borg => {
                self.run(self.peer(peer, &["check", "--repair", "--verify-data"]))?;
            }
            Program::Peer(peer) => {
                self.run(self.peer(peer, &["repair", "index"]))?;
                let packs = named_packs(&check.text);
                if !packs.is_empty() {
                    let mut words = vec!["repair", "packs"];
                    words.extend(packs.iter().map(String::as_str));
                    // It leaves copies of those packs in the folder that it is called in.
                    self.run(self.peer(peer, &words).dir(&self.rest()))?;
                }
                self.run(self.peer(peer, &["repair", "snapshots", "--forget"]))?;
            }
        }
        Ok(())
    }

    /// Takes away what is not damaged, so that only the damaged part can give anything back. False
    /// where there is nothing else.
    pub(super) fn alone(&self) -> Outcome<bool> {
        let there = self.second_volume().is_dir();
        files::remove(&self.second_volume()).map(|()| there)
    }

    /// Restores every version and compares all bytes: is everything right, and was anything said?
    /// A peer's repair gives versions new names, so they are listed again; a version that is not
    /// listed any more is not restored.
    pub(super) fn restore(&self, originals: &[PathBuf]) -> Outcome<(bool, bool)> {
        let (mut right, mut trouble) = (true, false);
        let listed = match &self.subject.program {
            Program::Peer(peer) if peer.kind != Kind::Borg => self.list().unwrap_or_default(),
            _ => self.versions.clone(),
        };
        trouble |= !self.subject.deaf && listed.is_empty();
        let to = self.place.join("restored");
        for (number, original) in originals.iter().enumerate() {
            files::fresh(&to)?;
            let Some(name) = listed.get(number) else {
                right = false;
                continue;
            };
            let said = self.run(match &self.subject.program {
                Program::Holdfast(program, _) => {
                    self.vault(program).call(&["restore", &format!("{name}:"), "--to"]).arg(&to)
                }
                Program::Peer(peer) if peer.kind == Kind::Borg => {
                    self.peer(peer, &["extract", &format!("::{name}")]).dir(&to)
                }
                Program::Peer(peer) => self.peer(peer, &["restore", name, "--target"]).arg(&to),
            })?;
            trouble |= said.trouble;
            let seen = crate::compare::trees(original, &to);
            right &= seen.is_ok_and(|seen| seen.other_bytes == 0 && same_names(original, &to));
        }
        files::remove(&to)?;
        Ok((right, trouble))
    }
}

/// A tree with a file too many is not the original either.
fn same_names(left: &Path, right: &Path) -> bool {
    files::all_files(left).len() == files::all_files(right).len()
}

fn heard(ended: &Ended) -> Said {
    let lines = ended.stderr.lines().filter(|line| !line.trim().is_empty());
    let words = lines.filter(|line| !BY_COPYING.iter().any(|known| line.contains(known))).count();
    let text = format!("{}{}", ended.stdout, ended.stderr);
    Said { trouble: ended.late || ended.code != Some(0) || words > 0, text }
}
