//! The programs that are measured, each called as its own manual says.
//!
//! A peer keeps one repository on the same disk as Holdfast's one volume, so that both write the
//! bytes once, and keeps its usual local cache beside it. Start reading at [`Tool::act`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::peers::{Kind, Peer};
use crate::cmd::{Cmd, Ended};
use crate::compare::Report;
use crate::product::Vault;
use crate::{Outcome, files};

/// Deadline of one act.
const LIMIT: Duration = Duration::from_secs(3600);

/// The password of everything that is measured. It protects nothing.
const PASSWORD: &str = "bench";

/// What a tool does with a set of files, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Everything for the first time.
    Backup,
    /// The same files once more, unchanged.
    Again,
    /// The files as they are a day later.
    NextDay,
    /// The newest version, into an empty folder.
    Restore,
    /// Every stored byte is read and checked.
    Verify,
    /// The older versions are let go of.
    Forget,
    /// Their room is freed.
    Prune,
    /// Opening with a password, and the list of versions.
    Unlock,
}

impl Act {
    /// In the order in which they are done.
    pub(crate) const ALL: [Self; 8] = [
        Self::Backup,
        Self::Again,
        Self::NextDay,
        Self::Restore,
        Self::Verify,
        Self::Forget,
        Self::Prune,
        Self::Unlock,
    ];

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Again => "again, unchanged",
            Self::NextDay => "day 2",
            Self::Restore => "restore",
            Self::Verify => "verify all data",
            Self::Forget => "forget",
            Self::Prune => "prune",
            Self::Unlock => "unlock and list",
        }
    }
}

#[derive(Debug)]
enum Way {
    Holdfast(Vault),
    Peer(Peer),
}

/// A program and its repository.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its name in tables.
    pub name: &'static str,
    /// Where it restores to.
    pub restored: PathBuf,
    folder: PathBuf,
    repository: PathBuf,
    way: Way,
}

impl Tool {
    /// The program of this repository, with this many volumes and a copy on each.
    pub(crate) fn holdfast(program: &Path, place: &Path, volumes: u32) -> Outcome<Self> {
        let name = if volumes == 1 { "holdfast" } else { "holdfast, 2 copies" };
        let folder = place.join(format!("holdfast-{volumes}"));
        files::fresh(&folder)?;
        let vault = Vault::new(program, &folder);
        let repository = folder.join("repository");
        let paths: Vec<PathBuf> =
            (0..volumes).map(|number| repository.join(format!("volume-{number}"))).collect();
        for path in &paths {
            files::folder(path)?;
        }
        let tool = Self {
            name,
            restored: folder.join("restored"),
            folder,
            repository,
            way: Way::Holdfast(vault.clone()),
        };
        files::put(&tool.password(), PASSWORD.as_bytes())?;
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let create = vault.create(&paths, volumes).arg("--with-password");
        create.env("HOLDFAST_PASSWORD_FILE", tool.password()).kept()?.ok()?;
        Ok(tool)
    }

    /// A peer with a new repository.
    pub(crate) fn peer(peer: &Peer, place: &Path) -> Outcome<Self> {
        let folder = place.join(peer.name);
        files::fresh(&folder)?;
        let repository = folder.join("repository");
        let tool = Self {
            name: peer.name,
            restored: folder.join("restored"),
            folder,
            repository,
            way: Way::Peer(peer.clone()),
        };
        let init: &[&str] = match peer.kind {
            Kind::Restic | Kind::Rustic => &["init"],
            Kind::Borg => &["init", "--encryption=repokey"],
        };
        tool.of(peer, init).kept()?.ok()?;
        Ok(tool)
    }

    fn password(&self) -> PathBuf {
        self.folder.join("password")
    }

    /// The peer with its repository, its password and its cache.
    fn of(&self, peer: &Peer, words: &[&str]) -> Cmd {
        let cache = self.folder.join("cache");
        let cmd = peer.cmd().args(words).limit(LIMIT);
        match peer.kind {
            Kind::Restic => cmd
                .env("RESTIC_REPOSITORY", &self.repository)
                .env("RESTIC_PASSWORD", PASSWORD)
                .env("RESTIC_CACHE_DIR", cache),
            Kind::Borg => cmd
                .env("BORG_REPO", &self.repository)
                .env("BORG_PASSPHRASE", PASSWORD)
                .env("BORG_BASE_DIR", cache)
                .env("BORG_CHECK_I_KNOW_WHAT_I_AM_DOING", "YES"),
            // A settings file of the person at the terminal must not change what is measured.
            Kind::Rustic => cmd
                .env("XDG_CONFIG_HOME", self.folder.join("no-settings"))
                .env("RUSTIC_NO_PROGRESS", "true")
                .env("RUSTIC_REPOSITORY", &self.repository)
                .env("RUSTIC_PASSWORD", PASSWORD)
                .env("RUSTIC_CACHE_DIR", cache),
        }
    }

    /// One act on these files; anything but success is an error.
    pub(crate) fn act(&self, act: Act, source: &Path) -> Outcome<Ended> {
        let cmd = match &self.way {
            Way::Holdfast(vault) => self.act_of_holdfast(vault, act, source),
            Way::Peer(peer) => {
                files::folder(&self.restored)?;
                match peer.kind {
                    Kind::Restic => self.act_of_restic(peer, act, source),
                    Kind::Borg => self.act_of_borg(peer, act, source),
                    Kind::Rustic => self.act_of_rustic(peer, act, source),
                }
            }
        };
        cmd.limit(LIMIT).kept()?.ok()
    }

    fn act_of_holdfast(&self, vault: &Vault, act: Act, source: &Path) -> Cmd {
        match act {
            Act::Backup | Act::Again | Act::NextDay => {
                vault.call(&["backup", "--source", "bench"]).arg(source)
            }
            Act::Restore => vault.call(&["restore", "latest:bench", "--to"]).arg(&self.restored),
            Act::Verify => vault.call(&["check", "--read-data"]),
            Act::Forget => vault.call(&["forget", "--older-than", "0s"]),
            Act::Prune => vault.call(&["prune", "--grace", "0s", "--allow-large"]),
            Act::Unlock => Cmd::new(&vault.program)
                .arg("snapshots")
                .env("HOLDFAST_VAULT", &vault.file)
                .env("HOLDFAST_PASSWORD_FILE", self.password()),
        }
    }

    fn act_of_restic(&self, peer: &Peer, act: Act, source: &Path) -> Cmd {
        match act {
            Act::Backup | Act::Again | Act::NextDay => {
                self.of(peer, &["backup", "--quiet", "."]).dir(source)
            }
            Act::Restore => {
                self.of(peer, &["restore", "latest", "--quiet", "--target"]).arg(&self.restored)
            }
            Act::Verify => self.of(peer, &["check", "--quiet", "--read-data"]),
            Act::Forget => self.of(peer, &["forget", "--quiet", "--keep-last", "1"]),
            Act::Prune => self.of(peer, &["prune", "--quiet"]),
            Act::Unlock => self.of(peer, &["snapshots"]),
        }
    }

    fn act_of_borg(&self, peer: &Peer, act: Act, source: &Path) -> Cmd {
        let create = |archive| self.of(peer, &["create", archive, "."]).dir(source);
        match act {
            Act::Backup => create("::one"),
            Act::Again => create("::two"),
            Act::NextDay => create("::three"),
            Act::Restore => self.of(peer, &["extract", "::three"]).dir(&self.restored),
            Act::Verify => self.of(peer, &["check", "--verify-data"]),
            Act::Forget => self.of(peer, &["prune", "--keep-last", "1"]),
            Act::Prune => self.of(peer, &["compact"]),
            Act::Unlock => self.of(peer, &["list"]),
        }
    }

    fn act_of_rustic(&self, peer: &Peer, act: Act, source: &Path) -> Cmd {
        match act {
            Act::Backup | Act::Again | Act::NextDay => self.of(peer, &["backup", "."]).dir(source),
            Act::Restore => self.of(peer, &["restore", "latest"]).arg(&self.restored),
            Act::Verify => self.of(peer, &["check", "--read-data"]),
            Act::Forget => self.of(peer, &["forget", "--keep-last", "1"]),
            Act::Prune => self.of(peer, &["prune", "--instant-delete"]),
            Act::Unlock => self.of(peer, &["snapshots"]),
        }
    }

    /// Bytes it stores: everything in its repository but the rescue program, which Holdfast copies
    /// to every volume and which is the same however much is stored.
    pub(crate) fn stored(&self) -> u64 {
        let all = files::all_files(&self.repository);
        let counted = all.iter().filter(|path| {
            !matches!(self.way, Way::Holdfast(_)) || !path.ends_with("holdfast-rescue")
        });
        counted.filter_map(|path| path.symlink_metadata().ok()).map(|facts| facts.len()).sum()
    }

    /// A restored tree counts when its bytes are right. Holdfast is held to every attribute, hole
    /// and link as well; the peers leave out different ones of these, each by design.
    pub(crate) fn judge(&self, seen: Report) -> Outcome<()> {
        match self.way {
            Way::Holdfast(_) => seen.same().map(drop),
            Way::Peer(_) if seen.other_bytes == 0 => Ok(()),
            Way::Peer(_) => Err(seen.named.join("\n    ")),
        }
    }

    /// Removes everything it stored.
    pub(crate) fn clear(&self) -> Outcome<()> {
        files::remove(&self.folder)
    }
}
