//! What every act on a disk needs: finding it anew by its whole identity, and its partitions.
//!
//! A name such as `sdb` is looked up right before it is used and never kept. Decides nothing.
//! Start at [`Hands::find`].

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use board::{BoardError, DiskIdentity, Profile};
use nix::errno::Errno;

use crate::discover::{self, Found, Part, SECTOR};
use crate::mounts::Mounts;
use crate::outside::programs::{Program, Programs};
use crate::outside::time;
use crate::settings::Settings;

/// The kernel makes a partition's node itself, in milliseconds; this is for a machine under load.
const NODE_WAIT: Duration = Duration::from_secs(10);

/// It closes one that nothing uses any more in milliseconds, too.
const LET_GO_WAIT: Duration = Duration::from_secs(10);

/// What works on disks.
#[derive(Debug)]
pub(crate) struct Hands {
    settings: Settings,
    profile: Profile,
    programs: Programs,
}

impl Hands {
    pub(crate) fn new(settings: Settings, profile: Profile) -> Self {
        let (probe, first) = (settings.probe.clone(), settings.programs.clone());
        Self { settings, profile, programs: Programs { probe, first } }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(crate) fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Every disk.
    pub(crate) fn list(&self) -> Result<Vec<Found>, BoardError> {
        discover::list(&self.settings, &self.profile)
            .map_err(|error| BoardError::io("list", "the disks", error))
    }

    /// The one disk with this identity, now.
    pub(crate) fn find(&self, disk: &DiskIdentity) -> Result<Found, BoardError> {
        let mut all = self.list()?;
        all.retain(|found| found.info.identity == *disk);
        match (all.pop(), all.is_empty()) {
            (None, _) => Err(BoardError::not_there(disk)),
            (Some(found), true) => Ok(found),
            (Some(_), false) => Err(in_use(disk, "two devices answer to its name")),
        }
    }

    /// The disk that was found before, if it never went in between. A disk without a serial is told
    /// from another of its kind at the same place by nothing else.
    pub(crate) fn find_still(&self, before: &Found) -> Result<Found, BoardError> {
        let disk = &before.info.identity;
        let now = self.find(disk)?;
        let stayed = (now.number, now.info.attached) == (before.number, before.info.attached);
        if stayed { Ok(now) } else { Err(BoardError::not_there(disk)) }
    }

    /// What is mounted now.
    pub(crate) fn mounts(&self) -> Result<Mounts, BoardError> {
        Mounts::read(&self.settings.proc)
            .map_err(|error| BoardError::io("list", "what is mounted", error))
    }

    /// Where of all mounts this disk, or a part of it, is mounted.
    pub(crate) fn mounted_at(&self, found: &Found) -> Result<Vec<PathBuf>, BoardError> {
        let mounts = self.mounts()?;
        let numbers = found.parts.iter().map(|part| part.number).chain([found.number]);
        Ok(numbers
            .chain(self.windows(found))
            .flat_map(|number| mounts.of(number))
            .map(|mount| mount.at.clone())
            .collect())
    }

    /// Makes the kernel know a partition, and waits for its node. What it thought before under the
    /// same number is forgotten, unless it is in use.
    pub(crate) fn show_part(
        &self,
        found: &Found,
        index: u32,
        start: u64,
        len: u64,
    ) -> io::Result<Part> {
        let stale = self.parts_of(found).into_iter().find(|part| part.index == index);
        if let Some(part) = stale {
            if (part.start.0, part.len.0) == (start, len) {
                return Ok(part);
            }
            self.hide_part(found, part.index)?;
        }
        let sectors = |bytes: u64| (bytes / SECTOR).to_string();
        let (number, start_at, length) = (index.to_string(), sectors(start), sectors(len));
        let words = [node(found), &number, &start_at, &length];
        let told = self.programs.run(Program::Addpart, &words, None)?.well(Program::Addpart);
        let look = || {
            let parts = self.parts_of(found);
            let wanted = |part: &Part| (part.start.0, part.len.0) == (start, len);
            parts.into_iter().find(|part| wanted(part) && part.node.exists())
        };
        // The device manager may have told the kernel before us, and then we were refused.
        let wait = if told.is_ok() { NODE_WAIT } else { Duration::ZERO };
        match time::until(wait, look) {
            Some(part) => Ok(part),
            None => Err(told.err().unwrap_or_else(|| io::ErrorKind::TimedOut.into())),
        }
    }

    /// Makes the kernel forget a partition. Nothing is written. A file system that was unmounted, or whose last
    /// user went, gives the disk free first, and closes its partition a moment later.
    pub(crate) fn hide_part(&self, found: &Found, index: u32) -> io::Result<()> {
        let words = [node(found), &index.to_string()];
        let hide = || self.programs.run(Program::Delpart, &words, None)?.well(Program::Delpart);
        let mut busy = None;
        let done = time::until(LET_GO_WAIT, || match hide() {
            Err(error) if error.to_string().ends_with(Errno::EBUSY.desc()) => {
                busy = Some(error);
                None
            }
            done => Some(done.map(drop)),
        });
        done.unwrap_or_else(|| Err(busy.unwrap_or_else(|| io::ErrorKind::ResourceBusy.into())))
    }

    fn parts_of(&self, found: &Found) -> Vec<Part> {
        discover::parts(&self.settings, &found.info.node)
    }
}

/// The node's path as a word for a program. Nodes of disks are plain ASCII.
pub(crate) fn node(found: &Found) -> &str {
    found.node.to_str().unwrap_or_default()
}

/// A refusal because something else has the disk.
pub(crate) fn in_use(disk: &DiskIdentity, how: &'static str) -> BoardError {
    BoardError::InUse { disk: Box::new(disk.clone()), how }
}

/// A refusal because what was looked for is not there.
pub(crate) fn nothing(disk: &DiskIdentity, wanted: &'static str) -> BoardError {
    BoardError::Nothing { disk: Box::new(disk.clone()), wanted }
}
