//! Editing a source in place: put, make folder, rename, delete, from many threads at once.
//!
//! Whoever comes first leads: it takes all edits that wait, makes them one new tree, one snapshot
//! and one commit, and everybody is answered when that is durable. An edit that overwrites or
//! removes leaves the version before it in the list; one that only adds takes its place, since
//! nothing it had is missing. Start at [`Vault::editor`].

use std::io::Read;
use std::sync::{Condvar, Mutex, MutexGuard};

use format::entry::{Attrs, Entry, EntryKind, FileTime};
use format::pack::PackKind;
use format::record::{Op, Snapshot, SnapshotKind, SnapshotRef, SnapshotStats};
use format::to_cbor;
use seal::Chunker;
use tree::{ContentBuilder, Edit, EditError, EditOutcome};
use types::{ObjectId, SourceId, SpaceId, UnixTime};

use crate::content::Cutter;
use crate::error::VaultError;
use crate::snapshots::SnapshotInfo;
use crate::store::SpaceStore;
use crate::{Receipt, Vault, ingest};

/// Edits that one commit takes at most: bounds the time the first of them waits.
const BATCH_MAX: usize = 1_000;

/// What an edit came to.
#[derive(Clone, Debug)]
pub struct EditReceipt {
    /// What it did.
    pub outcome: EditOutcome,
    /// The snapshot that has it.
    pub snapshot: ObjectId,
    /// What is promised of it.
    pub receipt: Receipt,
}

/// A file to be put.
#[derive(Clone, Debug, Default)]
pub struct NewFile {
    /// Mode, owner, times.
    pub attrs: Attrs,
    /// Make the folders above it that are missing.
    pub make_parents: bool,
}

/// A version of one file.
#[derive(Clone, Debug)]
pub struct FileVersion {
    /// The newest snapshot that has this version.
    pub snapshot: SnapshotInfo,
    /// The file then; none while it was deleted.
    pub entry: Option<Entry>,
}

/// Edits that wait for a commit.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<Waiting>,
    answered: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().expect("no code panics while it holds the queue")
    }
}

#[derive(Debug, Default)]
struct Waiting {
    edits: Vec<(u64, SourceId, Edit)>,
    answers: std::collections::HashMap<u64, Result<EditReceipt, VaultError>>,
    next: u64,
    leading: bool,
    /// Sources that somebody edits and that nothing has been put in yet.
    unborn: std::collections::BTreeMap<SourceId, (String, SpaceId)>,
}

/// What became of a batch's edits, the snapshot that has them, and what is promised of it.
type Committed = (Vec<Result<EditOutcome, EditError>>, ObjectId, Receipt);

/// A source that is edited, its name, space and newest version; whether it is still to be made.
type Edited = (SourceId, String, SpaceId, Option<SnapshotRef>, bool);

/// Edits one source.
#[derive(Debug)]
pub struct SourceEditor<'v> {
    pub(crate) vault: &'v Vault,
    source: SourceId,
    pub(crate) space: SpaceId,
}

impl Vault {
    /// An editor for the source of that name in `space` (everyone's when none). A new source is made
    /// by its first edit that succeeds, with it: one that fails leaves nothing behind.
    pub fn editor(
        &self,
        space: Option<SpaceId>,
        name: &str,
    ) -> Result<SourceEditor<'_>, VaultError> {
        self.writable()?;
        let _storing = self.beside_storing();
        let space = space.unwrap_or_else(|| self.everyone());
        self.space_keys(space)?;
        let (source, new) = self.source_for(space, name)?;
        Ok(self.editor_of(source, new, name, space))
    }

    pub(crate) fn editor_of(
        &self,
        source: SourceId,
        new: bool,
        name: &str,
        space: SpaceId,
    ) -> SourceEditor<'_> {
        let source = if new { self.unborn(source, name, space) } else { source };
        SourceEditor { vault: self, source, space }
    }

    /// Two callers may ask for one new name: the second gets the id that the first was given.
    fn unborn(&self, id: SourceId, name: &str, space: SpaceId) -> SourceId {
        let mut waiting = self.queue.lock();
        let known = waiting.unborn.iter().find(|(_, (n, s))| n == name && *s == space);
        if let Some((known, _)) = known {
            return *known;
        }
        // Between the look for the name and this, another's first edit may have ended.
        if let Some(made) = self.writer().state.source_named(space, name) {
            return made;
        }
        waiting.unborn.insert(id, (name.to_owned(), space));
        id
    }
}

impl SourceEditor<'_> {
    /// Puts a file, read from `bytes` to its end. Durable when it returns.
    pub fn put(
        &self,
        path: &[u8],
        file: NewFile,
        bytes: &mut dyn Read,
    ) -> Result<EditReceipt, VaultError> {
        let _storing = self.vault.storing();
        let cut = ingest::with(self.vault, self.space, |ingest| {
            let cutter = &mut Cutter::new(Chunker::new(ingest.keys));
            cutter.cut_stream(bytes, ContentBuilder::new(), ingest)
        })?;
        let mut entry = Entry::new(Vec::new(), EntryKind::File);
        (entry.content, entry.size, entry.attrs) = (cut.content, cut.size, file.attrs);
        let (path, make_parents) = (path.to_vec(), file.make_parents);
        self.edit(Edit::Put { path, entry: Box::new(entry), make_parents })
    }

    /// Makes an empty folder.
    pub fn make_folder(&self, path: &[u8]) -> Result<EditReceipt, VaultError> {
        let _storing = self.vault.storing();
        self.edit(Edit::MakeFolder { path: path.to_vec() })
    }

    /// Moves an entry, a folder with all it holds.
    pub fn rename(&self, from: &[u8], to: &[u8], replace: bool) -> Result<EditReceipt, VaultError> {
        let _storing = self.vault.storing();
        self.edit(Edit::Rename { from: from.to_vec(), to: to.to_vec(), replace })
    }

    /// Removes an entry from the newest version; older versions keep it.
    pub fn delete(&self, path: &[u8], recursive: bool) -> Result<EditReceipt, VaultError> {
        let _storing = self.vault.storing();
        self.edit(Edit::Delete { path: path.to_vec(), recursive })
    }

    /// The versions of one file, newest first, runs of equal ones joined.
    pub fn versions(&self, path: &[u8]) -> Result<Vec<FileVersion>, VaultError> {
        self.vault.versions(self.source, path)
    }

    pub(crate) fn edit(&self, edit: Edit) -> Result<EditReceipt, VaultError> {
        self.answer(self.queue(vec![edit]).start)
    }

    /// Makes edits that share a commit, unless there are too many for one.
    pub(crate) fn edit_all(&self, edits: Vec<Edit>) -> Vec<Result<EditReceipt, VaultError>> {
        self.queue(edits).map(|ticket| self.answer(ticket)).collect()
    }

    /// Puts edits in the queue; the tickets to ask for their answers.
    fn queue(&self, edits: Vec<Edit>) -> std::ops::Range<u64> {
        let mut waiting = self.vault.queue.lock();
        let first = waiting.next;
        for edit in edits {
            let ticket = waiting.next;
            waiting.next += 1;
            waiting.edits.push((ticket, self.source, edit));
        }
        first..waiting.next
    }

    /// The answer to an edit, from whoever leads.
    fn answer(&self, ticket: u64) -> Result<EditReceipt, VaultError> {
        let queue = &self.vault.queue;
        let mut waiting = queue.lock();
        loop {
            if let Some(answer) = waiting.answers.remove(&ticket) {
                return answer;
            }
            if waiting.leading {
                waiting = queue.answered.wait(waiting).expect("no code panics while it holds it");
                continue;
            }
            waiting.leading = true;
            let count = waiting.edits.len().min(BATCH_MAX);
            let batch: Vec<_> = waiting.edits.drain(..count).collect();
            drop(waiting);
            let answers = self.vault.commit_edits(batch);
            waiting = queue.lock();
            waiting.leading = false;
            waiting.answers.extend(answers);
            queue.answered.notify_all();
        }
    }
}

impl Vault {
    /// Makes a batch of edits durable, source by source.
    fn commit_edits(
        &self,
        batch: Vec<(u64, SourceId, Edit)>,
    ) -> Vec<(u64, Result<EditReceipt, VaultError>)> {
        let mut by_source: std::collections::BTreeMap<SourceId, Vec<(u64, Edit)>> =
            std::collections::BTreeMap::new();
        for (ticket, source, edit) in batch {
            by_source.entry(source).or_default().push((ticket, edit));
        }
        let mut answers = Vec::new();
        for (source, edits) in by_source {
            let (tickets, edits): (Vec<u64>, Vec<Edit>) = edits.into_iter().unzip();
            match self.commit_source(source, edits) {
                Ok((outcomes, snapshot, receipt)) => {
                    answers.extend(tickets.into_iter().zip(outcomes).map(|(ticket, outcome)| {
                        let answer =
                            outcome.map(|outcome| EditReceipt { outcome, snapshot, receipt });
                        (ticket, answer.map_err(VaultError::from))
                    }));
                }
                Err(error) => {
                    let others: Vec<_> = tickets[1..].iter().map(|_| for_another(&error)).collect();
                    let errors = std::iter::once(error).chain(others).map(Err);
                    answers.extend(tickets.into_iter().zip(errors));
                }
            }
        }
        answers
    }

    /// Makes edits of one source durable, on top of whatever is its newest version by then.
    fn commit_source(&self, source: SourceId, edits: Vec<Edit>) -> Result<Committed, VaultError> {
        loop {
            // Comes round again only when a backup of this very source ended meanwhile.
            if let Some(committed) = self.try_commit_source(source, edits.clone())? {
                return Ok(committed);
            }
        }
    }

    /// None when the source's newest version was another by the time this would have taken its
    /// place.
    fn try_commit_source(
        &self,
        source: SourceId,
        edits: Vec<Edit>,
    ) -> Result<Option<Committed>, VaultError> {
        let (source, name, space, newest, is_new) = self.edited(source)?;
        let root = match newest {
            Some(newest) => {
                let bytes = self.object(space, PackKind::Meta, &newest.id)?;
                format::from_cbor::<Snapshot>("snapshot", &bytes)?.root
            }
            None => new_root(),
        };
        let now = self.env.clock.now();
        let mut store = SpaceStore { vault: self, space };
        let applied = tree::apply(&mut store, &root, edits, file_time(now))?;
        if newest.is_none() && applied.outcomes.iter().all(Result::is_err) {
            // Nothing was put in a source that has nothing: there is no version to speak of.
            let receipt = Receipt { copies: 0, wanted: self.copies() };
            return Ok(Some((applied.outcomes, ObjectId::default(), receipt)));
        }
        if applied.root == root && newest.is_some() {
            let receipt = self.writer().commit(Vec::new())?;
            let id = newest.map_or_else(ObjectId::default, |snapshot| snapshot.id);
            return Ok(Some((applied.outcomes, id, receipt)));
        }
        let snapshot = Snapshot {
            source,
            source_name: name.clone(),
            kind: SnapshotKind::Edit,
            root: applied.root,
            started: now,
            finished: now,
            host: String::new(),
            paths: Vec::new(),
            excludes: Vec::new(),
            stats: SnapshotStats::default(),
            skipped: Vec::new(),
        };
        let cbor = to_cbor(&snapshot);
        let id = self.space_keys(space)?.object_id(&cbor);
        let mut writer = self.writer();
        let last = writer.state.sources.get(&source).and_then(|known| known.snapshots.last());
        if last.map(|last| last.id) != newest.map(|newest| newest.id) {
            return Ok(None);
        }
        writer.put(space, PackKind::Meta, id, &cbor)?;
        let received = writer.state.sources.get(&source).map_or(now, |s| s.next_received(now));
        let new = SnapshotRef { id, received, kind: SnapshotKind::Edit };
        let op = match newest {
            Some(old)
                if old.kind == SnapshotKind::Edit
                    && (applied.lossless || crate::bench::is_bench(&name)) =>
            {
                Op::SnapshotReplaced(source, old.id, new)
            }
            _ => Op::SnapshotAdded(source, new),
        };
        if is_new && writer.state.source_named(space, &name).is_some() {
            return Ok(None);
        }
        let mut ops: Vec<Op> =
            is_new.then_some(Op::SourceAdded(source, name, space)).into_iter().collect();
        ops.push(op);
        let receipt = writer.commit(ops)?;
        writer.head_if_due()?;
        drop(writer);
        if is_new {
            self.queue.lock().unborn.remove(&source);
        }
        Ok(Some((applied.outcomes, id, receipt)))
    }

    /// A source's name, space and newest version, and whether it is still to be made.
    fn edited(&self, source: SourceId) -> Result<Edited, VaultError> {
        if let Some(known) = self.writer().state.sources.get(&source) {
            let newest = known.snapshots.last().copied();
            return Ok((source, known.name.clone(), known.space, newest, false));
        }
        let unborn = {
            let waiting = self.queue.lock();
            waiting.unborn.get(&source).cloned()
        };
        let (name, space) = unborn
            .ok_or_else(|| VaultError::NotFound { what: "source", name: source.to_string() })?;
        // A backup may have made a source of that name meanwhile: the edit is meant for it.
        let made = self.writer().state.source_named(space, &name);
        match made {
            Some(made) => self.edited(made),
            None => Ok((source, name, space, None, true)),
        }
    }

    /// The versions of one file of a source, newest first, runs of equal ones joined.
    pub fn versions(&self, source: SourceId, path: &[u8]) -> Result<Vec<FileVersion>, VaultError> {
        let all = self.snapshots_of(source);
        let mut versions: Vec<FileVersion> = Vec::new();
        for info in all.into_iter().rev() {
            let snapshot = self.read_snapshot(&info)?;
            let store = SpaceStore { vault: self, space: info.space };
            let entry = match tree::lookup(&store, &snapshot.root, crate::snapshots::trim(path)) {
                Ok(entry) => Some(entry),
                Err(tree::TreeError::NotFound { .. } | tree::TreeError::NotAFolder { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            let same = versions.last().is_some_and(|last| same_version(&last.entry, &entry));
            if !same {
                versions.push(FileVersion { snapshot: info, entry });
            }
        }
        while versions.last().is_some_and(|oldest| oldest.entry.is_none()) {
            versions.pop();
        }
        Ok(versions)
    }
}

/// What another is told whose edit was part of the same commit. Whoever finds the disks full is told so.
fn for_another(error: &VaultError) -> VaultError {
    match error {
        VaultError::Full { label, free, need } => {
            VaultError::Full { label: label.clone(), free: *free, need: *need }
        }
        VaultError::Volume(volume) if volume.is_full() => VaultError::Volume(volume.clone()),
        error => VaultError::Batch { why: error.to_string() },
    }
}

#[expect(clippy::ref_option, reason = "both sides are fields, compared as they stand")]
fn same_version(a: &Option<Entry>, b: &Option<Entry>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            a.kind == b.kind
                && a.size == b.size
                && a.content == b.content
                && a.node == b.node
                && a.target == b.target
                && a.attrs.mtime == b.attrs.mtime
        }
        _ => false,
    }
}

pub(crate) fn new_root() -> Entry {
    let mut root = Entry::new(Vec::new(), EntryKind::Folder);
    root.attrs.mode = 0o755;
    root
}

fn file_time(time: UnixTime) -> FileTime {
    let nanos = u32::try_from(time.0.rem_euclid(1_000)).expect("below 1000") * 1_000_000;
    FileTime { secs: time.0.div_euclid(1_000), nanos }
}
