//! A restore's own record on each of its drives: what it is of, so that it can go on.
//!
//! The record names snapshots, never contents; it is written before the first file and once more
//! at the end. Start at [`SetRecord`].

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use types::UnixTime;
use volume::{FsDisk, durable};

use crate::error::RestoreError;
use crate::names::Naming;
use crate::plain::read_plain;

/// The record's name in the restore's folder.
pub(crate) const RECORD: &str = "holdfast-restore.json";
/// How the restore's folder on a drive is called, before its date.
pub(crate) const FOLDER: &str = "Holdfast restore ";
/// A record is never longer than this: a line for each source.
const LEN_MAX: u64 = 16 << 20;
/// Version of the record.
const FORMAT: u32 = 1;

/// What a restore is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SetRecord {
    format: u32,
    /// Tells one restore from another; the same on all its drives.
    pub(crate) set: String,
    /// Which of its drives this is, from 1 on.
    pub(crate) drive: u32,
    /// What was asked for: an unfinished restore goes on only for the same wish.
    pub(crate) wish: String,
    /// When it was begun, in milliseconds since 1970.
    pub(crate) time: i64,
    /// The day it was begun, as people write it.
    pub(crate) begun: String,
    /// Names are mapped for drives that Windows can read.
    fat_names: bool,
    /// What is restored, in this order.
    pub(crate) parts: Vec<PartRecord>,
    /// Everything that fits is written and checked.
    pub(crate) finished: bool,
}

/// One source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    /// Its folder on the drive, below `files`.
    pub(crate) folder: String,
    /// The snapshot's id.
    pub(crate) snapshot: String,
    /// The path in it, as hexadecimal digits; none for all of it.
    pub(crate) path_hex: String,
}

impl SetRecord {
    pub(crate) fn new(
        (begun, now): (String, UnixTime),
        wish: String,
        naming: Naming,
        parts: Vec<PartRecord>,
    ) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&now.0.to_le_bytes());
        for part in &parts {
            for field in [&part.folder, &part.snapshot, &part.path_hex] {
                hasher.update(&(field.len() as u64).to_le_bytes()).update(field.as_bytes());
            }
        }
        let set = hasher.finalize().to_hex()[..16].to_owned();
        let fat_names = naming == Naming::Fat;
        Self {
            format: FORMAT,
            set,
            drive: 1,
            wish,
            time: now.0,
            begun,
            fat_names,
            parts,
            finished: false,
        }
    }

    pub(crate) fn naming(&self) -> Naming {
        if self.fat_names { Naming::Fat } else { Naming::Plain }
    }

    /// The folder on a drive; the day is for people, the rest keeps two of one day apart.
    pub(crate) fn folder(&self) -> String {
        format!("{FOLDER}{} {}", self.begun, &self.set[..4])
    }

    pub(crate) fn read(root: &Path) -> Result<Option<Self>, RestoreError> {
        let path = root.join(RECORD);
        let wrong = |what: String| RestoreError::Record { path: path.clone(), what };
        let mut text = String::new();
        match read_plain(&path) {
            Ok(file) => file.take(LEN_MAX).read_to_string(&mut text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error),
        }
        .map_err(|error| wrong(error.to_string()))?;
        let record: Self = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if record.format > FORMAT {
            return Err(wrong(format!("it is of version {}, from a newer program", record.format)));
        }
        // Both become part of a folder's name.
        let is_day = record.begun.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let is_set =
            is_day && record.set.len() == 16 && record.set.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_set {
            return Err(wrong("it names no restore".to_owned()));
        }
        Ok(Some(record))
    }

    /// Puts the record in the restore's folder, durably: the old one or the new one is there.
    pub(crate) fn write(&self, root: &Path) -> std::io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        let folder = FsDisk::plain_folder(root)?;
        durable::replace_file(&folder, RECORD, text.as_bytes()).map_err(|failure| failure.source)
    }
}

/// Restores on a drive: their folders and records. `dir` may be such a folder itself.
/// A link is no folder here, wherever it leads.
pub(crate) fn restores_in(dir: &Path) -> Result<Vec<(PathBuf, SetRecord)>, RestoreError> {
    if let Some(record) = SetRecord::read(dir)? {
        return Ok(vec![(dir.to_owned(), record)]);
    }
    let failed = |source| RestoreError::Drive { path: dir.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && entry.file_name().to_string_lossy().starts_with(FOLDER) {
            found.extend(SetRecord::read(&entry.path())?.map(|record| (entry.path(), record)));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}
