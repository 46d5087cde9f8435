//! The vault: sources backed up, versioned, sealed, and kept in copies on several volumes.
//!
//! What it never does: it never acknowledges before the promised volumes are durable, never writes
//! under a salt twice, never trusts a copy that it has not checked, never needs its catalog.
//! After a crash, opening the vault reads what the volumes hold, seals the unfinished packs anew
//! and replays the journal: acknowledged work is there, unacknowledged work is there whole or not
//! at all. Formats: `docs/formats/`. Who may run while what: `docs/operations/concurrency.md`.
//!
//! Start at [`Vault::create`], [`Vault::open`] and [`Vault::backup`].
#![warn(missing_docs)]

mod advice;
mod afar;
mod afar_commit;
mod backup;
mod bench;
mod branches;
mod browse;
mod check;
mod claims;
mod companions;
mod content;
mod copy;
mod counted;
mod damaged;
mod edit;
mod env;
mod error;
mod excludes;
mod failover;
mod find;
mod forget;
mod fresh;
mod heads;
mod held;
mod history;
mod index;
mod ingest;
mod joining;
mod keeping;
mod keys;
mod leaving;
mod left_out;
mod listing;
mod locks;
mod mark;
mod members;
mod needs;
mod off_limits;
mod offsite;
mod open;
mod openpack;
mod owned;
mod pieces;
mod promise;
mod prune;
mod reader;
mod readmit;
mod reborn;
mod rebuild;
mod reconcile;
mod recover;
mod rekey;
mod restore;
mod salvage;
mod shared_heads;
mod sink;
mod snapshots;
mod spaces;
mod state;
mod store;
mod struck_off;
mod stuck;
mod torn;
mod unchanged;
mod unsettled;
mod volumes;
mod walk;
mod walked;
mod wanted;
mod writer;

use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use catalog::Catalog;
use types::VaultId;

pub use afar::{Named, NextPiece, Standing, VisitPiece};
pub use afar_commit::{Committed, RECORD_LEN_MAX};
pub use backup::{BackupReport, BackupSpec, can_name_a_source};
pub use bench::Assembly;
pub use browse::WalkOn;
pub use check::{CheckOptions, CheckReport, Damage};
pub use edit::{EditReceipt, FileVersion, NewFile, SourceEditor};
pub use env::{Env, OnVolume, Options, WriterMode};
pub use error::VaultError;
pub use forget::ForgetReport;
pub use held::HeldKeys;
pub use needs::CopiesHere;
pub use offsite::{
    HeadSeen, HeadStanding, OffsitePackHere, OffsiteWish, PackToFetch, SealedHere, SealedPack,
    TakenBack, WordsSlot, rebirth_rank,
};
pub use open::{Access, CreateSpec, OpenReport, Secrets};
pub use pieces::Pieces;
pub use prune::{Foreseen, PruneOptions, PruneReport, Room};
pub use readmit::readmit_alone;
pub use reborn::{FetchReport, Hold, RebornReport, RebornSpec};
pub use rebuild::RebuildReport;
pub use restore::{RestoreOptions, RestoreReport, restore_from};
pub use sink::Sink;
pub use snapshots::{Found, ListedEntry, SnapshotInfo, list_below};
pub use spaces::SPACE_NAME_LEN_MAX;
pub use volumes::VolumeInfo;
pub use walk::walk_source;
pub use walked::Walked;

use members::Members;
use reader::Reader;
use writer::Writer;

/// What an acknowledgement promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Volumes that durably hold all of it.
    pub copies: u8,
    /// Copies that the owner wants.
    pub wanted: u8,
}

/// How far a long operation has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files or packs dealt with.
    pub items: u64,
    /// Items in all, where that is known.
    pub items_total: Option<u64>,
    /// Bytes dealt with.
    pub bytes: u64,
    /// Bytes in all, where that is known.
    pub bytes_total: Option<u64>,
}

/// Hears of progress; returns false to stop the operation.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> bool;

/// An open vault.
///
/// Backups, edits and reads may run at the same time from several threads, beside a check and beside
/// whatever copies packs: rebuilding, adding, retiring and replacing volumes. Pruning and
/// [`Vault::remove`] wait until nothing is being stored, and hold up what comes while they run.
#[derive(Debug)]
pub struct Vault {
    pub(crate) env: Env,
    pub(crate) options: Options,
    pub(crate) access: Access,
    pub(crate) keys: Arc<keys::Keys>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) members: Arc<RwLock<Members>>,
    pub(crate) reader: Reader,
    pub(crate) writer: Mutex<Writer>,
    /// What long work holds, so that the rest knows when to wait.
    pub(crate) locks: locks::Locks,
    /// Edits that wait to share a commit.
    pub(crate) queue: edit::Queue,
    /// What each source that comes from another computer has.
    pub(crate) owned: owned::Owned,
    /// Volumes that were not read when it was opened and may hold what nobody here knows of.
    pub(crate) unsettled: std::collections::BTreeSet<types::VolumeId>,
}

impl Vault {
    /// The vault's id.
    pub fn id(&self) -> VaultId {
        self.keys.ring().vault()
    }

    /// Copies that the owner wants of each data pack.
    pub fn copies(&self) -> u8 {
        self.writer().chain.copies
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().expect("no code panics while it holds the writer")
    }

    pub(crate) fn members(&self) -> std::sync::RwLockReadGuard<'_, Members> {
        self.members.read().expect("no code panics while it holds the members")
    }

    pub(crate) fn members_mut(&self) -> std::sync::RwLockWriteGuard<'_, Members> {
        self.members.write().expect("no code panics while it holds the members")
    }

    pub(crate) fn writable(&self) -> Result<(), VaultError> {
        match self.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly => Err(VaultError::ReadOnly),
        }
    }

    /// Seals what is open and writes the head, so that the volumes can be pulled. The vault can go
    /// on afterwards. Dropping a vault without this loses nothing that was acknowledged; the next
    /// open then takes a little longer.
    pub fn close(&self) -> Result<(), VaultError> {
        if self.access == Access::ReadOnly {
            let batch = self.catalog.batch()?;
            return Ok(batch.commit(catalog::Durability::Durable)?);
        }
        // Held throughout: nothing may be begun between the sealing and the note that says so.
        let mut writer = self.writer();
        writer.close()?;
        // What every volume of a pack refused is on them all the same, and no catalog says so.
        if writer.stuck.is_empty() && writer.broken.is_none() {
            unsettled::note_closed(self)?;
            writer.is_noted = false;
        }
        Ok(())
    }
}
