//! The import of somebody's disk: what is on it becomes a version of a source, and is compared with the
//! disk before anybody calls it needless.
//!
//! Only what is new is stored, since the vault knows pieces by their content. The disk is mounted to be
//! read and no other way; it is mounted twice, so that what is compared comes from it and not from memory.
//! A disk that is pulled makes the job wait, and no version is made of half of it: begun again, it reads
//! all of it and stores what is missing still. When a disk is needless is said in `import_offer`. Start at
//! [`perform`].

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use calls::{FaultCode, ImportResult, JobSpec, LeftOut, first_of};
use filetree::open_below;
use format::entry::EntryKind;
use restore::RestoreError;
use types::Millis;
use vault::{BackupReport, BackupSpec, ListedEntry, OnProgress, Progress, Vault, VaultError};

use crate::book::Begun;
use crate::jobs::Halted;
use crate::perform::{host_name, named};
use crate::record::Found;
use crate::supervisor::Supervisor;
use crate::usb::Drives;

/// Whether the disk is still there is looked at this often while it is read.
const LOOK_EVERY: Millis = Millis(500);
/// How much was new is written down this often: a cut forgets no more than what came after.
const NOTE_EVERY: Millis = Millis::from_secs(10);
/// Where a file system keeps what a repair of it found. Only root may read it; it is no part of what
/// somebody put on a disk.
const NOT_THEIRS: &str = "./lost+found";

/// Imports a disk that is here.
pub(crate) fn perform(
    supervisor: &Supervisor,
    vault: &Vault,
    begun: &Begun,
    drives: &Drives<'_>,
    progress: OnProgress<'_>,
) -> Result<ImportResult, Halted> {
    let JobSpec::Import { drive, source } = &begun.spec else {
        return Err(crate::show::stopping().into());
    };
    let source = source.clone().unwrap_or_else(|| "import".to_owned());
    let letters = drive.clone();
    let about = supervisor.with_carer(move |carer| carer.about_import(&letters))?;
    let mut watch = Watch {
        supervisor,
        begun,
        drives,
        progress,
        wanted: about.wanted,
        before: drives.attached(),
        new_at_start: vault.new_bytes(),
        new_earlier: begun.found.as_ref().map_or(0, |found| found.new_bytes),
        gone: false,
        looked: None,
        noted: supervisor.uptime(),
    };
    let stored = drives.mounted(|dirs, _| {
        let spec = BackupSpec {
            source: source.clone(),
            space: None,
            paths: dirs.to_vec(),
            excludes: vec![NOT_THEIRS.to_owned()],
            never: Vec::new(),
            host: host_name(),
        };
        let stored = vault.backup(&spec, &mut |now| watch.copies(vault, now));
        watch.note(vault);
        stored.map_err(|error| watch.why(dirs, error))
    })?;
    watch.wanted = Some((stored.stats.files, stored.stats.bytes));
    let compared = drives.mounted(|dirs, _| {
        compare(vault, &stored, &dirs[0], &mut watch).map_err(|error| watch.why(dirs, error))
    })?;
    // What was compared has to be what was stored: the same disk, in the same place, all the while.
    if watch.is_gone() {
        let sentence = "The disk was unplugged for a moment.";
        let advice = "Leave it in: it is read once more.";
        let fault = calls::Fault::new(FaultCode::Stopped, sentence, advice);
        return Err(fault.into());
    }
    Ok(watch.result(&stored, compared, source, about.place))
}

/// What the disk's caretaker knows of it.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) place: String,
    /// Files and bytes on it, where somebody counted them.
    pub(crate) wanted: Option<(u64, u64)>,
}

/// What comparing came to.
#[derive(Debug, Default)]
struct Compared {
    files: u64,
    bytes: u64,
    differ: u64,
    names: Vec<LeftOut>,
}

/// Reads every file of the new version from the disk again.
fn compare(
    vault: &Vault,
    stored: &BackupReport,
    dir: &Path,
    watch: &mut Watch<'_, '_, '_>,
) -> Result<Compared, VaultError> {
    let found = vault.find_snapshot(&stored.snapshot.to_string())?;
    let mut done = Compared::default();
    let mut stopped = None;
    vault.list(&found, b"", true, &mut |ListedEntry { path, entry }| {
        if entry.kind != EntryKind::File {
            return true;
        }
        let mut differs = None;
        let mut beside = open_below(dir, &path).map(Beside::of);
        let mut read = 0;
        let same = vault.visit_file(&found, &entry, &mut |piece| {
            read += piece.len() as u64;
            let step = match &mut beside {
                Ok(beside) => beside.is(piece),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            };
            differs = step.err().map(|error| error.to_string());
            let (items, bytes) = (done.files, done.bytes.saturating_add(read));
            if differs.is_none() && watch.compares(items, bytes) {
                return Ok(());
            }
            Err(VaultError::Stopped)
        });
        let why = match (same, differs) {
            (Ok(()), _) => beside.and_then(|mut beside| beside.ends()).err().map(|e| e.to_string()),
            (Err(_), Some(why)) => Some(why),
            (Err(error), None) => {
                stopped = Some(error);
                return false;
            }
        };
        done.files += u64::from(why.is_none());
        done.bytes = done.bytes.saturating_add(entry.size);
        if let Some(why) = why {
            done.differ += 1;
            done.names.push(named(&path, &format!("read again: {why}")));
            done.names.truncate(calls::NAMED_MAX);
        }
        let goes_on = watch.compares(done.files, done.bytes);
        stopped = (!goes_on).then_some(VaultError::Stopped);
        goes_on
    })?;
    stopped.map_or(Ok(done), Err)
}

/// A file on the disk, read beside what the vault has of it.
struct Beside {
    file: File,
    buffer: Vec<u8>,
}

impl Beside {
    fn of(file: File) -> Self {
        Self { file, buffer: Vec::new() }
    }

    fn is(&mut self, piece: &[u8]) -> io::Result<()> {
        self.buffer.resize(piece.len(), 0);
        self.file.read_exact(&mut self.buffer)?;
        if self.buffer == piece {
            return Ok(());
        }
        Err(io::Error::other("it is not what it was"))
    }

    fn ends(&mut self) -> io::Result<()> {
        match self.file.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(io::Error::other("it is longer than it was")),
        }
    }
}

/// Watches the disk while it is read, and tells how far that is: each byte is read twice.
struct Watch<'a, 'd, 'p> {
    supervisor: &'a Supervisor,
    begun: &'a Begun,
    drives: &'a Drives<'d>,
    progress: OnProgress<'p>,
    wanted: Option<(u64, u64)>,
    before: Vec<Option<u64>>,
    new_at_start: u64,
    new_earlier: u64,
    gone: bool,
    looked: Option<Millis>,
    noted: Millis,
}

impl Watch<'_, '_, '_> {
    fn new_bytes(&self, vault: &Vault) -> u64 {
        self.new_earlier + vault.new_bytes().saturating_sub(self.new_at_start)
    }

    /// Writes down how much was new, for a beginning after this one.
    fn note(&mut self, vault: &Vault) {
        self.noted = self.supervisor.uptime();
        let new_bytes = self.new_bytes(vault);
        let mut shared = self.supervisor.shared();
        shared.book.note_new_bytes(self.begun.id, new_bytes);
        let found = Found { new_bytes, ..Found::default() };
        if let Err(fault) = shared.book.note_found(self.begun.id, found) {
            tracing::warn!("how much is new cannot be written down: {fault}");
        }
    }

    fn copies(&mut self, vault: &Vault, now: Progress) -> bool {
        let is_last = now.items_total.is_some();
        let due = |last: Millis, every: Millis| self.supervisor.uptime().0 >= last.0 + every.0;
        if due(self.noted, NOTE_EVERY) {
            self.note(vault);
        } else if self.looked.is_none_or(|looked| due(looked, LOOK_EVERY)) {
            let new_bytes = self.new_bytes(vault);
            self.supervisor.shared().book.note_new_bytes(self.begun.id, new_bytes);
        }
        self.tells(now.items, now.bytes) && !(is_last && self.is_gone())
    }

    fn compares(&mut self, items: u64, bytes: u64) -> bool {
        let (files, all) = self.wanted.unwrap_or_default();
        self.tells(files + items, all.saturating_add(bytes))
    }

    fn tells(&mut self, items: u64, bytes: u64) -> bool {
        let now = self.supervisor.uptime();
        if self.looked.is_none_or(|looked| now.0 >= looked.0 + LOOK_EVERY.0) && self.is_gone() {
            return false;
        }
        let items_total = self.wanted.map(|(files, _)| 2 * files);
        let bytes_total = self.wanted.map(|(_, bytes)| bytes.saturating_mul(2));
        (self.progress)(Progress { items, items_total, bytes, bytes_total })
    }

    fn is_gone(&mut self) -> bool {
        self.looked = Some(self.supervisor.uptime());
        self.gone |= self.drives.attached() != self.before;
        self.gone
    }

    /// Who stopped because the disk went is not stopped by somebody.
    fn why(&mut self, dirs: &[PathBuf], error: VaultError) -> RestoreError {
        let by_itself = matches!(error, VaultError::Stopped | VaultError::NothingRead { .. });
        if by_itself && self.is_gone() {
            let path = dirs.first().cloned().unwrap_or_default();
            return RestoreError::Gone { path, files: 0, source: io::ErrorKind::NotFound.into() };
        }
        error.into()
    }

    fn result(
        &self,
        stored: &BackupReport,
        compared: Compared,
        source: String,
        place: String,
    ) -> ImportResult {
        let skipped = stored.skipped.iter().map(|one| named(&one.path, &one.reason.to_string()));
        let mut result = ImportResult {
            snapshot: stored.snapshot.to_string(),
            source,
            place,
            files: stored.stats.files,
            bytes: stored.stats.bytes,
            new_bytes: self.new_earlier + stored.stats.new_bytes,
            compared: compared.files,
            differ: compared.differ,
            skipped: stored.stats.skipped,
            copies: stored.receipt.copies,
            copies_wanted: stored.receipt.wanted,
            safe_to_wipe: false,
            names: first_of(compared.names.into_iter().chain(skipped)),
        };
        result.safe_to_wipe = result.is_whole() && result.copies >= result.copies_wanted;
        result
    }
}
