//! Checking a vault: is everything that is promised there, and is it what it should be?
//!
//! Without reading data: every version's metadata is walked, every piece looked up, every pack's
//! length and number of copies compared. With it: every copy of every pack is read from its disk
//! and hashed. With repair: damaged copies are replaced, missing ones made, and what can still be
//! read of a pack without a good copy is saved. Start at [`Vault::check`].

mod copies;
mod files;
mod mend;
mod versions;

use catalog::PackNo;
use format::pack::PackKind;
use types::{PackId, VolumeId};

use crate::error::VaultError;
use crate::prune::NOTE_UNCHECKED;
use crate::{OnProgress, Vault};

/// Lost paths that are named; more are counted.
const NAMED_MAX: usize = 10_000;

/// How thoroughly to check.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// Read and hash every copy.
    pub read_data: bool,
    /// Mend what can be mended.
    pub repair: bool,
}

/// Something that is not as it should be on one volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The volume, as its owner knows it.
    pub volume: String,
    /// The pack, when it is one.
    pub pack: Option<PackId>,
    /// What is wrong, one sentence.
    pub what: String,
    /// It was mended.
    pub repaired: bool,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// Versions looked at.
    pub snapshots: u64,
    /// Metadata objects reached.
    pub objects: u64,
    /// Pieces of files reached.
    pub chunks: u64,
    /// Packs the vault counts on.
    pub packs: u64,
    /// Bytes read and hashed.
    pub bytes_read: u64,
    /// Copies that are damaged or gone, and other things wrong on a volume.
    pub damaged: Vec<Damage>,
    /// Copies replaced or made anew.
    pub repaired: u64,
    /// Of these, copies made where there was none.
    pub copied: u64,
    /// Copies that could not be made, each with its reason.
    pub failed: Vec<String>,
    /// Volumes that belong to the vault and are not here, or cannot be used: not checked.
    pub absent: Vec<VolumeId>,
    /// Packs with fewer copies than promised, after any repair.
    pub under_copied: u64,
    /// Which these are, as far as they are named.
    pub under_copied_packs: Vec<PackId>,
    /// Packs that are needed and have no good copy, after any repair.
    pub lost_packs: Vec<PackId>,
    /// Packs that only volumes which are not here can have.
    pub away_packs: Vec<PackId>,
    /// Files that cannot be restored whole: short id of a version, and path.
    pub lost_files: Vec<(String, Vec<u8>)>,
    /// How many of them there are, named or not.
    pub lost_file_count: u64,
    /// Files that need a volume which is not here: short id of a version, and path.
    pub away_files: Vec<(String, Vec<u8>)>,
    /// How many of them there are, named or not.
    pub away_file_count: u64,
    /// Pieces that kept versions refer to and that are nowhere.
    pub lost_chunks: u64,
    /// Pieces that only volumes which are not here can have.
    pub away_chunks: u64,
}

impl CheckReport {
    /// Nothing is wrong any more: no loss, every promise kept, all damage mended.
    pub fn is_clean(&self) -> bool {
        self.lost_packs.is_empty()
            && self.lost_chunks == 0
            && self.lost_file_count == 0
            && self.under_copied == 0
            && self.absent.is_empty()
            && self.away_packs.is_empty()
            && self.away_chunks == 0
            && self.damaged.iter().all(|damage| damage.repaired)
    }
}

/// A copy that failed its check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BadCopy {
    pub(crate) no: PackNo,
    pub(crate) pack: PackId,
    pub(crate) kind: PackKind,
    pub(crate) volume: VolumeId,
}

impl Vault {
    /// Checks the vault. May run beside backups and edits, with repair too.
    pub fn check(
        &self,
        options: CheckOptions,
        progress: OnProgress<'_>,
    ) -> Result<CheckReport, VaultError> {
        if options.repair {
            self.writable()?;
        }
        // Whoever mends moves copies; whoever only looks wants none moved.
        let (_upkeep, _looking) = match options.repair {
            true => (Some(self.upkeep()), None),
            false => (None, Some(self.looking())),
        };
        if self.writable().is_ok() {
            self.writer().close()?;
        }
        let mut report = CheckReport::default();
        if options.read_data {
            self.doubt_again()?;
        }
        let mut bad = self.known_bad(&mut report)?;
        bad.extend(self.check_lengths(&mut report)?);
        if options.read_data {
            bad.extend(self.check_data(&mut report, progress)?);
        }
        bad.extend(self.noticed(&mut report)?);
        bad.sort();
        bad.dedup();
        report.absent = self.not_here();
        self.check_files(options, &mut report);
        self.note_bad(&bad)?;
        if options.repair {
            self.writer().making_room = true;
            let mended = self.mend(&bad, &mut report, progress);
            self.writer().making_room = false;
            mended?;
        }
        self.check_copies(&mut report)?;
        self.check_versions(&mut report)?;
        let whole = report.lost_chunks + report.away_chunks == 0
            && report.lost_packs.is_empty()
            && report.away_packs.is_empty();
        if whole {
            let mut batch = self.catalog.batch()?;
            batch.set_note(NOTE_UNCHECKED, b"")?;
            batch.commit(catalog::Durability::Relaxed)?;
        }
        Ok(report)
    }
}
