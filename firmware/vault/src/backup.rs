//! Backing up real folders: walk, compare with the last version, store what is new, record it.
//!
//! An unchanged file costs one stat: it is known by size, times and inode number. Files that cannot
//! be read are left out, listed, and the rest goes on. Start at [`Vault::backup`].

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use catalog::PackState;
use format::entry::Entry;
use format::pack::PackKind;
use format::record::{Op, Skipped, Snapshot, SnapshotKind, SnapshotRef, SnapshotStats};
use format::{from_cbor, to_cbor};
use seal::Chunker;
use types::{ObjectId, SourceId, SpaceId};

use crate::error::VaultError;
use crate::store::SpaceStore;
use crate::walk::walk_source;
use crate::{OnProgress, Progress, Receipt, Vault, ingest};

/// What to back up.
#[derive(Clone, Debug, Default)]
pub struct BackupSpec {
    /// Name of the source; made if it is new.
    pub source: String,
    /// The space; everyone's when none is given.
    pub space: Option<SpaceId>,
    /// Folders and files. The content of a single folder becomes the snapshot's root; several
    /// paths keep their last component.
    pub paths: Vec<PathBuf>,
    /// Glob patterns: without a `/` they match any name, with one a path below the root.
    pub excludes: Vec<String>,
    /// Files and folders that are never read, by device and inode: whoever backs up does not give
    /// away what they live on. Each is named among what was left out.
    pub never: Vec<(u64, u64)>,
    /// The computer's name, for the record.
    pub host: String,
}

/// What a backup did.
#[derive(Clone, Debug)]
pub struct BackupReport {
    /// The new snapshot.
    pub snapshot: ObjectId,
    /// Its source.
    pub source: SourceId,
    /// Counts.
    pub stats: SnapshotStats,
    /// What was left out, by path, each with its reason.
    pub skipped: Vec<Skipped>,
    /// Files that were still changing at the last try; they are in the snapshot, marked.
    pub unsettled: u64,
    /// Their paths, as far as they are named.
    pub unsettled_paths: Vec<Vec<u8>>,
    /// What is promised of it.
    pub receipt: Receipt,
}

impl Vault {
    /// Backs up. When it returns, the snapshot is durable on as many volumes as the receipt says.
    ///
    /// Right before the snapshot is recorded `progress` is asked a last time, with totals: who knows by
    /// then that what was read went away meanwhile says no, and no version is made of the rest.
    pub fn backup(
        &self,
        spec: &BackupSpec,
        progress: OnProgress<'_>,
    ) -> Result<BackupReport, VaultError> {
        self.writable()?;
        let _storing = self.storing();
        let space = spec.space.unwrap_or_else(|| self.everyone());
        let (source, is_new) = self.source_for(space, &spec.source)?;
        let before = self.newest_root(source, space)?;
        let new_before = self.writer().new_bytes;
        let started = self.env.clock.now();
        let mut walked = ingest::with(self, space, |ingest| {
            let store = SpaceStore { vault: self, space };
            let chunker = Chunker::new(ingest.keys);
            walk_source(spec, chunker, (ingest, &store), before.as_ref(), &mut *progress)
        })?;
        walked.must_hold_something(&spec.paths)?;
        let (files, bytes) = (walked.stats.files, walked.stats.bytes);
        let (items_total, bytes_total) = (Some(files), Some(bytes));
        if !progress(Progress { items: files, items_total, bytes, bytes_total }) {
            return Err(VaultError::Stopped);
        }
        walked.stats.new_bytes = self.writer().new_bytes - new_before;
        let snapshot = Snapshot {
            source,
            source_name: spec.source.clone(),
            kind: SnapshotKind::Backup,
            root: walked.root,
            started,
            finished: self.env.clock.now(),
            host: spec.host.clone(),
            paths: spec.paths.iter().map(|p| p.as_os_str().as_bytes().to_vec().into()).collect(),
            excludes: spec.excludes.clone(),
            stats: walked.stats,
            skipped: walked.skipped.clone(),
        };
        let (id, receipt) =
            self.record(source, is_new.then_some((&spec.source, space)), &snapshot)?;
        Ok(BackupReport {
            snapshot: id,
            source,
            stats: walked.stats,
            skipped: walked.skipped,
            unsettled: walked.unsettled,
            unsettled_paths: walked.unsettled_paths,
            receipt,
        })
    }

    /// Bytes that the vault did not have when they were given to it, since it was opened: what is
    /// between two looks was new, whoever stored it.
    pub fn new_bytes(&self) -> u64 {
        self.writer().new_bytes
    }

    /// Whether any pack that counts has fewer copies than the attached volumes could give it.
    pub(crate) fn is_doubtful(&self) -> Result<bool, VaultError> {
        let mut doubtful = false;
        let members = self.members();
        self.catalog.visit_packs(|_, info, presence| {
            doubtful |= info.state != PackState::Dying && !members.hold_enough(presence);
        })?;
        Ok(doubtful)
    }

    /// The source of that name, or a new id for it.
    pub(crate) fn source_for(
        &self,
        space: SpaceId,
        name: &str,
    ) -> Result<(SourceId, bool), VaultError> {
        if !can_name_a_source(name) {
            let what = format!(
                "{name:?} cannot name a source: 1 to 255 characters, no colon, not \"latest\""
            );
            return Err(VaultError::Bad { what });
        }
        Ok(match self.writer().state.source_named(space, name) {
            Some(id) => (id, false),
            None => (SourceId(self.env.rng.array()), true),
        })
    }

    /// The root of a source's newest version. One that cannot be read counts as none: the backup
    /// then reads every file again, which is what heals it.
    pub(crate) fn newest_root(
        &self,
        source: SourceId,
        space: SpaceId,
    ) -> Result<Option<Entry>, VaultError> {
        let newest = {
            let writer = self.writer();
            writer.state.sources.get(&source).and_then(|s| s.snapshots.last().copied())
        };
        let Some(newest) = newest else { return Ok(None) };
        let Ok(bytes) = self.object(space, PackKind::Meta, &newest.id) else { return Ok(None) };
        let snapshot: Snapshot = from_cbor("snapshot", &bytes)?;
        Ok(Some(snapshot.root))
    }

    /// Stores a snapshot and commits it. `new` names the source when it begins with this one.
    pub(crate) fn record(
        &self,
        source: SourceId,
        new: Option<(&String, SpaceId)>,
        snapshot: &Snapshot,
    ) -> Result<(ObjectId, Receipt), VaultError> {
        let mut writer = self.writer();
        let space = match new {
            Some((_, space)) => space,
            None => writer.state.sources[&source].space,
        };
        let cbor = to_cbor(snapshot);
        let id = self.space_keys(space)?.object_id(&cbor);
        writer.put(space, PackKind::Meta, id, &cbor)?;
        let mut ops = Vec::new();
        if let Some((name, space)) = new {
            ops.push(Op::SourceAdded(source, name.clone(), space));
        }
        let now = self.env.clock.now();
        let received = writer.state.sources.get(&source).map_or(now, |s| s.next_received(now));
        ops.push(Op::SnapshotAdded(source, SnapshotRef { id, received, kind: snapshot.kind }));
        let receipt = writer.commit(ops)?;
        writer.write_head()?;
        Ok((id, receipt))
    }
}

/// Whether a source may be called so: 1 to 255 bytes, no colon, and not `latest`, which stand for something in the
/// names of snapshots.
pub fn can_name_a_source(name: &str) -> bool {
    let odd = |c: char| c == ':' || c.is_control();
    name != "latest" && (1..=255).contains(&name.len()) && !name.chars().any(odd)
}
