//! The programs that are measured, each called as its own manual says.
//!
//! A peer keeps one repository on the same disk as Holdfast's one volume, so that both write the
//! bytes once. Start reading at [`Tool::act`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cmd::{Cmd, Ended};
use crate::compare::Report;
use crate::product::Vault;
use crate::{Outcome, files};

/// Deadline of one act.
const LIMIT: Duration = Duration::from_secs(3600);

/// A program and its repository.
#[derive(Debug)]
pub(super) struct Tool {
    /// Its name in tables.
    pub name: &'static str,
    /// Where it stores.
    pub repository: PathBuf,
    /// Where it restores to.
    pub restored: PathBuf,
    folder: PathBuf,
    vault: Option<Vault>,
}

impl Tool {
    fn new(name: &'static str, place: &Path) -> Outcome<Self> {
        let folder = place.join(name);
        files::fresh(&folder)?;
        let repository = folder.join("repository");
        files::folder(&repository)?;
        Ok(Self { name, repository, restored: folder.join("restored"), folder, vault: None })
    }

    /// The program of this repository, with one volume.
    pub(super) fn holdfast(program: &Path, place: &Path) -> Outcome<Self> {
        let mut tool = Self::new("holdfast", place)?;
        let vault = Vault::new(program, &tool.folder);
        vault.create(&[&tool.repository], 1).kept()?.ok()?;
        tool.vault = Some(vault);
        Ok(tool)
    }

    /// restic, as Debian packs it.
    pub(super) fn restic(place: &Path) -> Outcome<Self> {
        let tool = Self::new("restic", place)?;
        tool.peer(&["init"]).kept()?.ok()?;
        Ok(tool)
    }

    fn peer(&self, words: &[&str]) -> Cmd {
        Cmd::new("restic")
            .args(words)
            .env("RESTIC_REPOSITORY", &self.repository)
            .env("RESTIC_PASSWORD", "bench")
            .env("RESTIC_CACHE_DIR", self.folder.join("cache"))
            .limit(LIMIT)
    }

    /// One act on these files; anything but success is an error.
    pub(super) fn act(&self, act: &str, source: &Path) -> Outcome<Ended> {
        match &self.vault {
            Some(vault) => self.act_of_holdfast(vault, act, source),
            None => self.act_of_restic(act, source),
        }
    }

    fn act_of_holdfast(&self, vault: &Vault, act: &str, source: &Path) -> Outcome<Ended> {
        let cmd = match act {
            "backup" | "again" | "day 2" => {
                vault.call(&["backup", "--source", "bench"]).arg(source)
            }
            "restore" => vault.call(&["restore", "latest:bench", "--to"]).arg(&self.restored),
            "verify" => vault.call(&["check", "--read-data"]),
            _ => {
                vault.call(&["forget", "--older-than", "0s"]).kept()?.ok()?;
                vault.call(&["prune", "--grace", "0s", "--allow-large"])
            }
        };
        cmd.limit(LIMIT).kept()?.ok()
    }

    fn act_of_restic(&self, act: &str, source: &Path) -> Outcome<Ended> {
        let cmd = match act {
            "backup" | "again" | "day 2" => self.peer(&["backup", "--quiet", "."]).dir(source),
            "restore" => {
                self.peer(&["restore", "latest", "--quiet", "--target"]).arg(&self.restored)
            }
            "verify" => self.peer(&["check", "--quiet", "--read-data"]),
            _ => self.peer(&["forget", "--quiet", "--keep-last", "1", "--prune"]),
        };
        cmd.kept()?.ok()
    }

    /// A restored tree counts when its bytes are right. Only Holdfast is held to holes, and to link
    /// targets that are not UTF-8, which restic 0.14 stores as something else.
    pub(super) fn judge(&self, seen: Report) -> Outcome<()> {
        if self.vault.is_some() {
            return seen.same().map(drop);
        }
        let wrong = seen
            .named
            .iter()
            .filter(|line| !line.contains("holes") && !line.contains("points elsewhere"));
        let wrong: Vec<_> = wrong.collect();
        if wrong.is_empty() { Ok(()) } else { Err(format!("{wrong:?}")) }
    }

    /// Removes everything it stored.
    pub(super) fn clear(&self) -> Outcome<()> {
        files::remove(&self.folder)
    }
}
