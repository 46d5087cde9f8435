//! Taking in what a volume received while it went on without the others.
//!
//! Versions are added, nothing is taken away: a branch's deletions are not believed. A volume that
//! comes back also has commits which the others replayed long ago; these are told apart by the
//! chain of commits, since what they added may have been replaced or forgotten meanwhile.
//! Start at [`merge`].

use std::collections::{BTreeMap, HashSet};

use format::from_cbor;
use format::head::VolumeState;
use format::pack::PackKind;
use format::record::{Commit, Op, SnapshotRef};
use types::{SourceId, VolumeId};

use crate::Vault;
use crate::error::VaultError;
use crate::history::History;
use crate::listing::Listing;
use crate::open::OpenReport;
use crate::reconcile::FoundCommit;
use crate::recover::load;
use crate::state::State;

/// A commit's place in the chain.
pub(crate) type CommitHash = [u8; 32];

/// A commit that does not continue the newest head's chain.
pub(crate) struct Stray {
    pub(crate) hash: CommitHash,
    pub(crate) commit: Commit,
    pub(crate) on: Vec<VolumeId>,
}

/// What branches of history have that the main one lacks, as operations to commit after `chained`.
/// `stray` is in order of commit numbers.
pub(crate) fn merge(
    vault: &Vault,
    history: &History,
    chained: &[(Commit, FoundCommit)],
    stray: &[Stray],
    listing: &Listing,
    report: &mut OpenReport,
) -> Result<Vec<Op>, VaultError> {
    let mut base = vault.writer().state.clone();
    chained.iter().flat_map(|(commit, _)| &commit.ops).for_each(|op| base.apply(op));
    let mut state = base.clone();
    let mut ops = Vec::new();
    for branch in &history.branches {
        let (packs, system) = {
            let writer = vault.writer();
            (writer.chain.packs.clone(), writer.system_objects())
        };
        let (theirs, _) = load(vault, &branch.payload)?;
        // What both had when they parted. It may be gone already: then its time has to do.
        let both = load(vault, &branch.common).ok().map(|(both, _)| both.snapshot_ids());
        let mut writer = vault.writer();
        writer.chain.packs = packs;
        writer.set_system_objects(system);
        let new = state.merge(&theirs, |snapshot| match &both {
            Some(both) => !both.contains(&snapshot.id),
            None => snapshot.received > branch.common.time,
        });
        report.findings.push(format!(
            "{} went on alone for a while; {} of its changes were taken in",
            branch.label,
            new.len()
        ));
        ops.extend(new);
    }
    let mut alone = received_alone(vault, history, stray);
    if !alone.is_empty() {
        let known = known_commits(vault, history, chained, stray, listing)?;
        alone.retain(|stray| !known.contains(&stray.hash));
    }
    let before = ops.len();
    for op in alone.iter().flat_map(|stray| &stray.commit.ops) {
        take(vault, op, &mut state, &mut ops);
    }
    if ops.len() > before {
        let count = ops.len() - before;
        report.findings.push(format!("{count} changes of a volume that was alone were taken in"));
    }
    newest_last(base, &mut ops);
    Ok(ops)
}

/// The strays of volumes that the main history has as absent, newer than their heads.
fn received_alone<'s>(vault: &Vault, history: &History, stray: &'s [Stray]) -> Vec<&'s Stray> {
    let registry = vault.members().registry.clone();
    let by_itself = |stray: &&Stray| {
        stray.on.iter().any(|volume| {
            let absent =
                registry.get(volume).is_some_and(|entry| entry.state == VolumeState::Absent);
            let known = history.known_commits.get(volume).copied().unwrap_or(0);
            absent && stray.commit.seq > known
        })
    };
    stray.iter().filter(by_itself).collect()
}

/// The commits behind the heads, as far back as their records are kept. Pruning takes old records,
/// but not while a volume is absent that may bring them back.
fn known_commits(
    vault: &Vault,
    history: &History,
    chained: &[(Commit, FoundCommit)],
    stray: &[Stray],
    listing: &Listing,
) -> Result<HashSet<CommitHash>, VaultError> {
    let mut before: BTreeMap<CommitHash, CommitHash> = BTreeMap::new();
    for cbor in listing.commits(vault, listing.packs())?.into_iter().map(|found| found.cbor) {
        if let Ok(commit) = from_cbor::<Commit>("commit", &cbor) {
            before.insert(*blake3::hash(&cbor).as_bytes(), commit.previous);
        }
    }
    for (commit, found) in chained {
        before.insert(*blake3::hash(&found.cbor).as_bytes(), commit.previous);
    }
    // Records that the head knows already may stand in packs that are not sealed yet.
    before.extend(stray.iter().map(|stray| (stray.hash, stray.commit.previous)));
    let mut ends = vec![vault.writer().chain.commit_hash];
    ends.extend(history.branches.iter().map(|branch| branch.payload.commit_hash));
    let mut known = HashSet::new();
    for end in ends {
        let mut next = Some(end);
        while let Some(hash) = next.filter(|hash| known.insert(*hash)) {
            next = before.get(&hash).copied();
        }
    }
    Ok(known)
}

/// Takes in one operation of a commit that nobody else had, if it adds something readable.
fn take(vault: &Vault, op: &Op, state: &mut State, ops: &mut Vec<Op>) {
    let new = match op {
        Op::SourceAdded(source, ..) => (!state.sources.contains_key(source)).then(|| op.clone()),
        Op::SnapshotAdded(source, new) => readable(vault, state, *source, new),
        Op::SnapshotReplaced(source, old, new) => {
            let added = readable(vault, state, *source, new);
            let replaced = ops.iter_mut().find(
                |op| matches!(op, Op::SnapshotAdded(at, old_one) if at == source && old_one.id == *old),
            );
            // What this branch added and then replaced need not come at all.
            if let (Some(place), Some(added)) = (replaced, &added) {
                *place = added.clone();
                state.apply(&Op::SnapshotReplaced(*source, *old, *new));
                return;
            }
            added
        }
        Op::SnapshotForgotten(..) => None,
    };
    if let Some(op) = new {
        state.apply(&op);
        ops.push(op);
    }
}

/// The operation that adds a version which is new here and whose record can be read.
fn readable(vault: &Vault, state: &State, source: SourceId, new: &SnapshotRef) -> Option<Op> {
    let known = state.sources.get(&source)?;
    let is_new = known.snapshots.iter().all(|snapshot| snapshot.id != new.id);
    let is_here = || vault.object(known.space, PackKind::Meta, &new.id).is_ok();
    (is_new && is_here()).then_some(Op::SnapshotAdded(source, *new))
}

/// Makes sure that the version which was received last stands last: edits go on from there.
fn newest_last(mut state: State, ops: &mut Vec<Op>) {
    ops.iter().for_each(|op| state.apply(op));
    for (id, source) in &state.sources {
        let newest = source.snapshots.iter().max_by_key(|snapshot| snapshot.received);
        let last = source.snapshots.last();
        let touched = ops.iter().any(|op| matches!(op, Op::SnapshotAdded(at, _) if at == id));
        if let (true, Some(newest), Some(last)) = (touched, newest, last)
            && newest.received > last.received
        {
            ops.push(Op::SnapshotForgotten(*id, newest.id));
            ops.push(Op::SnapshotAdded(*id, *newest));
        }
    }
}
