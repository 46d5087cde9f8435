//! Writing one file after another to the drives.
//!
//! A file that the vault or a drive refuses is listed and the rest goes on; a drive that fails
//! ends the run. Start at [`Writer::file`].

use std::collections::{HashMap, HashSet};

use filetree::{FileWriter, WriteError};
use format::entry::{Entry, EntryKind};
use plan::emergency::{Class, Room, choose};
use vault::{Progress, Vault, VaultError};

use crate::drive::{Drive, on_drive};
use crate::error::RestoreError;
use crate::manifest::Elsewhere;
use crate::parts::{Part, Spot};
use crate::refusal::Refusal;
use crate::run::{OnStage, Report, Stage};

/// A run of zeros of at least this many bytes is left out as a hole where the drive can.
const HOLE_MIN: usize = 4096;

/// Writes files.
pub(crate) struct Writer<'a, 'p> {
    vault: &'a Vault,
    pub(crate) drives: &'a mut Vec<Drive>,
    elsewhere: &'a Elsewhere,
    pub(crate) report: &'a mut Report,
    progress: OnStage<'p>,
    no_room: HashMap<Class, (u64, u64)>,
    /// Files and bytes that were there from before.
    passed: (u64, u64),
    /// Sources that were listed as missing.
    missed: HashSet<String>,
}

/// Why a file came to nothing.
enum Failure {
    Drive(Refusal),
    Vault(VaultError),
}

impl<'a, 'p> Writer<'a, 'p> {
    pub(crate) fn new(
        vault: &'a Vault,
        drives: &'a mut Vec<Drive>,
        elsewhere: &'a Elsewhere,
        report: &'a mut Report,
        progress: OnStage<'p>,
    ) -> Self {
        let (no_room, missed) = (HashMap::new(), HashSet::new());
        let passed = (0, 0);
        Self { vault, drives, elsewhere, report, progress, no_room, passed, missed }
    }

    pub(crate) fn is_file(entry: &Entry) -> bool {
        entry.kind == EntryKind::File
    }

    /// Writes a file, unless it is there already.
    pub(crate) fn file(
        &mut self,
        part: &Part,
        spot: &Spot,
        entry: &Entry,
        class: Class,
    ) -> Result<(), RestoreError> {
        let path = on_drive(&spot.folder, &spot.name);
        if let Some(at) = self.drives.iter().position(|drive| drive.manifest.has(&path)) {
            self.pass(entry);
            return self.renamed(at, spot);
        }
        if self.elsewhere.has(&path) {
            self.pass(entry);
            return Ok(());
        }
        loop {
            let rooms: Vec<Room> = self.drives.iter().map(|drive| drive.room).collect();
            let Some(at) = choose(entry.size, &rooms) else {
                return self.homeless(spot, entry, class, &rooms);
            };
            match self.write(at, part, spot, entry) {
                Ok(()) => {
                    let (files, bytes) = self.report.written;
                    self.report.written = (files + 1, bytes.saturating_add(entry.size));
                    return self.renamed(at, spot);
                }
                Err(Failure::Drive(Refusal::Full)) => {
                    // It has less room than it said; or one folder takes no more, as on FAT32.
                    let cost = self.drives[at].room.cost(entry.size);
                    self.drives[at].ask_room();
                    if self.drives[at].room.free >= cost {
                        return self.leave_out(spot, "its folder or the drive takes no more");
                    }
                }
                Err(Failure::Drive(Refusal::File(why))) => return self.leave_out(spot, &why),
                Err(Failure::Drive(Refusal::Drive(source))) => return Err(self.gone(at, source)),
                Err(Failure::Vault(VaultError::Stopped)) => {
                    return Err(VaultError::Stopped.into());
                }
                Err(Failure::Vault(error)) => {
                    self.report.not_given += 1;
                    return self.leave_out(spot, &format!("the vault cannot give it: {error}"));
                }
            }
        }
    }

    fn pass(&mut self, entry: &Entry) {
        self.report.earlier += 1;
        self.passed = (self.passed.0 + 1, self.passed.1.saturating_add(entry.size));
    }

    fn write(&mut self, at: usize, part: &Part, spot: &Spot, entry: &Entry) -> Result<(), Failure> {
        let mut file = self.drives[at].begin(&spot.folder, &spot.name).map_err(Failure::Drive)?;
        let mut hasher = blake3::Hasher::new();
        let (mut refused, mut done) = (None, self.report.written.1.saturating_add(self.passed.1));
        let (files, wanted) = (self.report.written.0 + self.passed.0, self.report.wanted);
        let progress = &mut self.progress;
        let read = self.vault.visit_file(&part.found, entry, &mut |piece| {
            hasher.update(piece);
            done = done.saturating_add(piece.len() as u64);
            refused = append(&mut file, piece).err();
            let now = Progress {
                items: files,
                items_total: Some(wanted.0),
                bytes: done,
                bytes_total: Some(wanted.1),
            };
            let stop = refused.is_some() || !progress(Stage::Writing, now);
            if stop { Err(VaultError::Stopped) } else { Ok(()) }
        });
        if let Some(error) = refused {
            return Err(Failure::Drive(Refusal::of(error)));
        }
        read.map_err(Failure::Vault)?;
        if file.len() != entry.size {
            let what = format!("it has {} bytes there, not {}", file.len(), entry.size);
            return Err(Failure::Vault(VaultError::Tree(what)));
        }
        let name = (spot.folder.as_str(), spot.name.as_str());
        self.drives[at].finish(file, name, entry, hasher.finalize()).map_err(Failure::Drive)
    }

    /// No drive has room for it, or none can hold it.
    fn homeless(
        &mut self,
        spot: &Spot,
        entry: &Entry,
        class: Class,
        rooms: &[Room],
    ) -> Result<(), RestoreError> {
        if !rooms.iter().any(|room| room.could_hold(entry.size)) {
            return self.leave_out(spot, "it is longer than a drive with FAT32 can hold");
        }
        let sum = self.no_room.entry(class).or_default();
        *sum = (sum.0 + 1, sum.1.saturating_add(entry.size));
        self.report.no_room = Class::ALL
            .into_iter()
            .filter_map(|class| self.no_room.get(&class).map(|sum| (class, sum.0, sum.1)))
            .collect();
        let noted = self.drives[0].note_left_out(&spot.path, "it found no room on the drives");
        noted.map_err(|source| self.gone(0, source))
    }

    /// Lists what is not there, and goes on.
    pub(crate) fn leave_out(&mut self, spot: &Spot, why: &str) -> Result<(), RestoreError> {
        self.report.leave_out(&spot.path, why);
        let noted = self.drives[0].note_left_out(&spot.path, why);
        noted.map_err(|source| self.gone(0, source))
    }

    /// Lists what stands under another name.
    pub(crate) fn renamed(&mut self, at: usize, spot: &Spot) -> Result<(), RestoreError> {
        if !spot.renamed {
            return Ok(());
        }
        self.report.renamed += 1;
        let noted = self.drives[at].note_renamed(&spot.below(), &spot.path);
        noted.map_err(|source| self.gone(at, source))
    }

    /// A drive failed, or has not even room for its lists.
    pub(crate) fn gone(&self, at: usize, source: std::io::Error) -> RestoreError {
        self.drives[at].gone(source)
    }

    /// Lists a source that cannot be had, once.
    pub(crate) fn miss(&mut self, source: &str, why: &str) -> Result<(), RestoreError> {
        if !self.missed.insert(source.to_owned()) {
            return Ok(());
        }
        self.report.not_given += 1;
        self.report.leave_out(source.as_bytes(), why);
        let noted = self.drives[0].note_left_out(source.as_bytes(), why);
        noted.map_err(|source| self.gone(0, source))
    }

    /// After a walk that was stopped or failed, what was written is made safe as far as it goes;
    /// a part that the vault cannot give is listed, and the others go on.
    pub(crate) fn settle_if_stopped(
        &mut self,
        part: &Part,
        walked: Result<(), RestoreError>,
    ) -> Result<(), RestoreError> {
        match walked {
            Ok(()) => Ok(()),
            Err(RestoreError::Vault(error)) if !matches!(error, VaultError::Stopped) => {
                self.miss(&part.found.info.source_name, &error.to_string())
            }
            Err(error) => {
                // It failed already; what cannot be made safe now is written again.
                self.drives.iter_mut().for_each(|drive| drop(drive.settle()));
                Err(error)
            }
        }
    }
}

/// Adds bytes to a file; long runs of zeros as holes.
fn append(file: &mut FileWriter, piece: &[u8]) -> Result<(), WriteError> {
    if piece.len() >= HOLE_MIN && piece.iter().all(|byte| *byte == 0) {
        return file.hole(piece.len() as u64);
    }
    file.append(piece)
}
