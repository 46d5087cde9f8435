//! Before the first file: which restore it is, a new one or one to go on with, and its drives.
//!
//! Start at [`begin`].

use std::path::{Path, PathBuf};

use types::{Millis, UnixTime};
use vault::Vault;

use crate::drive::{Drive, facts};
use crate::error::RestoreError;
use crate::manifest::Elsewhere;
use crate::names::Naming;
use crate::parts::{Choice, Missed, Part, chosen, found};
use crate::run::Options;
use crate::set::{SetRecord, restores_in};

/// An older unfinished restore is left as it is: what was wanted then is of another time.
const GOES_ON_WITHIN: Millis = Millis::from_days(30);

/// A restore that can be written.
pub(crate) struct Begun {
    pub(crate) drives: Vec<Drive>,
    pub(crate) elsewhere: Elsewhere,
    pub(crate) parts: Vec<Part>,
    pub(crate) missed: Missed,
    pub(crate) continued: bool,
}

/// Finds an unfinished restore of the same wish, or begins a new one, on every drive.
pub(crate) fn begin(
    vault: &Vault,
    choice: &Choice,
    dirs: &[PathBuf],
    options: Options<'_>,
) -> Result<Begun, RestoreError> {
    if dirs.is_empty() {
        return Err(RestoreError::NoDrive);
    }
    let mut naming = Naming::Plain;
    for dir in dirs {
        if facts(dir)?.naming == Naming::Fat {
            naming = Naming::Fat;
        }
    }
    let wish = choice.wish();
    let mut old = None;
    if !options.anew {
        let recent = |record: &SetRecord| {
            options.now.since(UnixTime(record.time)) <= GOES_ON_WITHIN
                && options.not_before.is_none_or(|time| UnixTime(record.time) >= time)
                && !options.memory.is_some_and(|memory| is_finished(memory, record))
        };
        old = unfinished(dirs, &wish, &recent)?.map(|(_, record)| record);
        old = old.or_else(|| remembered(options.memory?, &wish, &recent));
    }
    let mut missed = Vec::new();
    let continued = old.is_some();
    let record = match old {
        Some(record) => record,
        None => {
            let (parts, not_here) = chosen(vault, choice, naming)?;
            missed = not_here;
            let begun = (options.today.to_owned(), options.now);
            SetRecord::new(begun, choice.wish(), naming, parts)
        }
    };
    let parts = found_again(vault, &record, &dirs[0], &mut missed)?;
    let kept = kept_lists(options.memory, &record.set);
    let mut next = kept.iter().map(|(number, _)| *number).max().unwrap_or(0);
    let mut drives: Vec<Drive> = Vec::new();
    for (number, dir) in dirs.iter().enumerate() {
        if record.naming() == Naming::Plain && facts(dir)?.naming == Naming::Fat {
            return Err(RestoreError::Names { path: dir.clone() });
        }
        let mut own = record.clone();
        match SetRecord::read(&dir.join(record.folder()))? {
            Some(there) if there.set == record.set => own.drive = there.drive,
            _ => {
                next = next.max(drives.iter().map(|drive| drive.record.drive).max().unwrap_or(0));
                next = next.saturating_add(1);
                own.drive = next;
            }
        }
        own.finished = false;
        drives.push(Drive::open(dir, options.disks.get(number).cloned(), own)?);
    }
    let mut elsewhere = Elsewhere::default();
    for (number, path) in kept {
        if !drives.iter().any(|drive| drive.record.drive == number) {
            let wrong = |error: std::io::Error| RestoreError::Record {
                path: path.clone(),
                what: error.to_string(),
            };
            elsewhere.add(&path).map_err(wrong)?;
        }
    }
    Ok(Begun { drives, elsewhere, parts, missed, continued })
}

/// The parts of a record; those that cannot be read now are added to `missed`.
fn found_again(
    vault: &Vault,
    record: &SetRecord,
    dir: &Path,
    missed: &mut Missed,
) -> Result<Vec<Part>, RestoreError> {
    let mut parts = Vec::new();
    for part in &record.parts {
        let gone = || RestoreError::SnapshotGone {
            path: dir.join(record.folder()),
            snapshot: part.snapshot.clone(),
        };
        match found(vault, part) {
            Ok(part) => parts.push(part.ok_or_else(gone)?),
            // It cannot be read now; the others can.
            Err(error) => missed.push((part.folder.clone(), error.to_string())),
        }
    }
    Ok(parts)
}

/// The unfinished restore of that wish on the drives.
fn unfinished(
    dirs: &[PathBuf],
    wish: &str,
    goes_on: &dyn Fn(&SetRecord) -> bool,
) -> Result<Option<(PathBuf, SetRecord)>, RestoreError> {
    let mut found: Option<(PathBuf, SetRecord)> = None;
    for dir in dirs {
        let mut here = restores_in(dir)?;
        here.retain(|(_, one)| !one.finished && one.wish == wish && goes_on(one));
        // Of several on one drive, the one that was begun last.
        let Some((_, record)) = here.pop() else { continue };
        match &found {
            Some((one, known)) if known.set != record.set => {
                return Err(RestoreError::TwoSets { one: one.clone(), other: dir.clone() });
            }
            Some(_) => {}
            None => found = Some((dir.clone(), record)),
        }
    }
    Ok(found)
}

/// The restore of that wish that found no room on drives which are not here now; of several, the
/// one that was begun last.
fn remembered(
    memory: &Path,
    wish: &str,
    goes_on: &dyn Fn(&SetRecord) -> bool,
) -> Option<SetRecord> {
    let entries = std::fs::read_dir(memory).ok()?;
    let folders = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    // What cannot be read is as good as forgotten: the files are written once more.
    let mut known: Vec<SetRecord> =
        folders.filter_map(|folder| SetRecord::read(&folder).ok().flatten()).collect();
    known.retain(|record| record.wish == wish && !record.finished && goes_on(record));
    known.sort_by_key(|record| record.time);
    known.pop()
}

/// Whether the box knows that the rest of a restore went to other drives.
fn is_finished(memory: &Path, record: &SetRecord) -> bool {
    let known = SetRecord::read(&memory.join(&record.set));
    known.is_ok_and(|known| known.is_some_and(|known| known.finished))
}

/// The lists of this restore's drives that the box kept: number and file.
fn kept_lists(memory: Option<&Path>, set: &str) -> Vec<(u32, PathBuf)> {
    let Some(entries) = memory.and_then(|folder| std::fs::read_dir(folder.join(set)).ok()) else {
        return Vec::new();
    };
    let number = |path: &Path| path.file_stem()?.to_str()?.parse().ok();
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    paths.filter_map(|path| Some((number(&path)?, path))).collect()
}
