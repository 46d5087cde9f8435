//! What is proved at the end of each swap: by the box's own check, by restoring and comparing every
//! byte, and by looking at the disks without it. And that a loss would have been seen.
//!
//! Start at [`Proof::all`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::running::RealBox;
use super::writer::Acknowledged;
use crate::product::packs;
use crate::{Outcome, compare, files};

/// Copies that were promised.
const COPIES: usize = 2;

/// What is proved, and of what.
pub(super) struct Proof<'a> {
    pub(super) real: &'a RealBox,
    /// Where the box mounts its disks.
    pub(super) mounts: &'a Path,
    /// What was backed up: sources and the folders they came from.
    pub(super) sources: &'a [(&'static str, PathBuf)],
    /// Where to restore to.
    pub(super) scratch: &'a Path,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Proved {
    pub(super) files_compared: u64,
    pub(super) packs: usize,
    pub(super) disks: usize,
}

impl Proof<'_> {
    /// Everything that was acknowledged is there, twice, and comes back byte for byte.
    pub(super) fn all(&self, acknowledged: &[Acknowledged]) -> Outcome<Proved> {
        self.check()?;
        let mut proved = self.copies()?;
        proved.files_compared = self.restored()?;
        self.listed(acknowledged)?;
        Ok(proved)
    }

    /// Every byte of every copy is read by the box.
    fn check(&self) -> Outcome<()> {
        let found = self.real.ask(&["check", "--read-data"])?;
        let found = &found["result"];
        let none = ["damaged", "under_copied", "lost_packs", "lost_files", "absent"]
            .iter()
            .all(|key| found[key].as_u64() == Some(0));
        let read = found["bytes_read"].as_u64().unwrap_or(0);
        if none && found["clean"] == true && read > 0 {
            return Ok(());
        }
        Err(format!("the check is not clean: {found}"))
    }

    /// Each data pack lies on two disks and each meta pack on all, the same bytes: whichever one
    /// disk is lost, everything is on the others.
    fn copies(&self) -> Outcome<Proved> {
        let disks = self.disks()?;
        let mut proved = Proved { disks: disks.len(), ..Proved::default() };
        for (kind, wanted) in [("data", COPIES), ("meta", disks.len())] {
            let found = copies_of(&disks, kind)?;
            if let Some((name, sums)) = found.iter().find(|(_, sums)| sums.len() < wanted) {
                return Err(format!("{kind} pack {name} lies on {} of {wanted} disks", sums.len()));
            }
            let differ = |sums: &Vec<blake3::Hash>| sums.iter().any(|sum| *sum != sums[0]);
            if let Some((name, _)) = found.iter().find(|(_, sums)| differ(sums)) {
                return Err(format!("the copies of {kind} pack {name} are not the same bytes"));
            }
            proved.packs += found.len();
        }
        if proved.packs == 0 || disks.len() < COPIES {
            return Err("there are no packs to look at: nothing is shown".to_owned());
        }
        Ok(proved)
    }

    /// The folders of the disks that the box has mounted.
    fn disks(&self) -> Outcome<Vec<PathBuf>> {
        let entries = fs::read_dir(self.mounts)
            .map_err(|error| format!("cannot list {}: {error}", self.mounts.display()))?;
        let all = entries.flatten().map(|entry| entry.path().join("disk/holdfast"));
        Ok(all.filter(|path| path.is_dir()).collect())
    }

    fn restored(&self) -> Outcome<u64> {
        let mut compared = 0;
        for (source, original) in self.sources {
            files::remove(self.scratch)?;
            let restore = self.real.house.ask(&["restore", &format!("latest:{source}"), "--to"]);
            restore.arg(self.scratch).kept()?.ok()?;
            compared += compare::trees(original, self.scratch)?.same()?.files;
        }
        files::remove(self.scratch)?;
        Ok(compared)
    }

    /// Every version that was acknowledged is there.
    fn listed(&self, acknowledged: &[Acknowledged]) -> Outcome<()> {
        let list = self.real.ask(&["snapshots"])?;
        let known: Vec<&str> = list["snapshots"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one["id"].as_str())
            .collect();
        let is_there = |one: &&Acknowledged| {
            known.iter().any(|id| !one.snapshot.is_empty() && id.starts_with(&one.snapshot))
        };
        match acknowledged.iter().find(|one| !is_there(one)) {
            Some(lost) => Err(format!("version {} was acknowledged and is gone", lost.snapshot)),
            None => Ok(()),
        }
    }

    /// One pack goes from all its disks behind the box's back: the check, the look at the disks and
    /// the restore must all see it. Then it is put back. How many of the three saw it.
    pub(super) fn sees_a_loss(&self) -> Outcome<u32> {
        let disks = self.disks()?;
        let victim = largest(&disks)?;
        let mut taken = Vec::new();
        for path in disks.iter().flat_map(|disk| packs(disk, "data")) {
            if path.file_name() == Some(victim.as_os_str()) {
                let aside = self.scratch.with_extension(format!("pack-{}", taken.len()));
                fs::copy(&path, &aside).map_err(|error| format!("cannot keep a pack: {error}"))?;
                files::remove(&path)?;
                taken.push((path, aside));
            }
        }
        let seen = [self.check().err(), self.restored().err()];
        for (path, aside) in &taken {
            fs::copy(aside, path).map_err(|error| format!("cannot put a pack back: {error}"))?;
            files::remove(aside)?;
        }
        let mut count = 0;
        for said in seen {
            let said = said.ok_or("a pack was taken from all its disks and nobody noticed")?;
            self.real.note(&format!("sabotaged: {said}"))?;
            count += 1;
        }
        self.check()?;
        Ok(count)
    }
}

/// By name of the pack, the sum of each copy.
fn copies_of(disks: &[PathBuf], kind: &str) -> Outcome<BTreeMap<String, Vec<blake3::Hash>>> {
    let mut found: BTreeMap<String, Vec<blake3::Hash>> = BTreeMap::new();
    for path in disks.iter().flat_map(|disk| packs(disk, kind)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path).map_err(|error| format!("cannot read {name}: {error}"))?;
        found.entry(name).or_default().push(blake3::hash(&bytes));
    }
    Ok(found)
}

/// The name of the largest data pack: one that somebody's files are in.
fn largest(disks: &[PathBuf]) -> Outcome<std::ffi::OsString> {
    let all = disks.iter().flat_map(|disk| packs(disk, "data"));
    let longest = all.max_by_key(|path| path.metadata().map_or(0, |facts| facts.len()));
    let name = longest.and_then(|path| path.file_name().map(std::ffi::OsStr::to_owned));
    name.ok_or_else(|| "there is no pack to take away".to_owned())
}
