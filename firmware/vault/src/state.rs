//! What the vault's journal adds up to: sources, their versions, tombstones.
//!
//! Pure: operations in, state out. Reading and writing objects is the caller's, through closures.
//! Start at [`State::apply`].

use std::collections::{BTreeMap, BTreeSet};

use format::record::{self, Op, SNAPSHOTS_PER_SEGMENT, SnapshotRef, SnapshotSegment, Tombstone};
use format::{from_cbor, to_cbor};
use types::{Millis, ObjectId, PackId, SourceId, SpaceId, UnixTime};

use crate::error::VaultError;

/// A source and all its kept versions, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) space: SpaceId,
    pub(crate) snapshots: Vec<SnapshotRef>,
}

impl Source {
    /// When a version that comes now counts as received: after all others, whatever the clock
    /// says. Which version is the newest must not depend on a clock that went back.
    pub(crate) fn next_received(&self, now: UnixTime) -> UnixTime {
        let after = self.snapshots.iter().map(|known| known.received.plus(Millis(1)));
        after.fold(now, UnixTime::max)
    }
}

/// The vault's state after some commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) sources: BTreeMap<SourceId, Source>,
    pub(crate) tombstones: BTreeMap<PackId, UnixTime>,
}

impl State {
    /// Takes in one operation. Repeating an operation changes nothing.
    pub(crate) fn apply(&mut self, op: &Op) {
        match op {
            Op::SourceAdded(id, name, space) => {
                self.sources.entry(*id).or_insert_with(|| Source {
                    name: name.clone(),
                    space: *space,
                    snapshots: Vec::new(),
                });
            }
            Op::SnapshotAdded(source, added) => {
                if let Some(source) = self.sources.get_mut(source)
                    && !source.snapshots.iter().any(|known| known.id == added.id)
                {
                    source.snapshots.push(*added);
                }
            }
            Op::SnapshotReplaced(source, old, new) => {
                if let Some(source) = self.sources.get_mut(source) {
                    let there = source.snapshots.iter().any(|known| known.id == new.id);
                    match source.snapshots.iter_mut().find(|known| known.id == *old) {
                        Some(place) => *place = *new,
                        None if there => {}
                        None => source.snapshots.push(*new),
                    }
                }
            }
            Op::SnapshotForgotten(source, id) => {
                if let Some(source) = self.sources.get_mut(source) {
                    source.snapshots.retain(|known| known.id != *id);
                }
            }
        }
    }

    /// Finds a source by name within a space.
    pub(crate) fn source_named(&self, space: SpaceId, name: &str) -> Option<SourceId> {
        self.sources
            .iter()
            .find(|(_, source)| source.space == space && source.name == name)
            .map(|(id, _)| *id)
    }

    /// All versions of all sources.
    pub(crate) fn snapshot_ids(&self) -> BTreeSet<ObjectId> {
        let all = self.sources.values().flat_map(|source| &source.snapshots);
        all.map(|snapshot| snapshot.id).collect()
    }

    /// Takes in the versions that a branch of history has and this one lacks, when they are new since
    /// the two parted. Nothing is taken away: a branch's deletions are not believed. Times say little:
    /// a clock may have been set back.
    pub(crate) fn merge(
        &mut self,
        branch: &Self,
        is_new: impl Fn(&SnapshotRef) -> bool,
    ) -> Vec<Op> {
        let mut ops = Vec::new();
        for (id, source) in &branch.sources {
            if !self.sources.contains_key(id) {
                ops.push(Op::SourceAdded(*id, source.name.clone(), source.space));
            }
            for snapshot in source.snapshots.iter().filter(|snapshot| is_new(snapshot)) {
                let known = self
                    .sources
                    .get(id)
                    .is_some_and(|mine| mine.snapshots.iter().any(|kept| kept.id == snapshot.id));
                if !known {
                    ops.push(Op::SnapshotAdded(*id, *snapshot));
                }
            }
        }
        for op in &ops {
            self.apply(op);
        }
        for source in self.sources.values_mut() {
            source.snapshots.sort_by_key(|snapshot| snapshot.received);
        }
        ops
    }

    /// Stores the state's lists through `put` and returns the record that names them.
    pub(crate) fn store(
        &self,
        packs: record::PackList,
        put: &mut dyn FnMut(Vec<u8>) -> Result<ObjectId, VaultError>,
    ) -> Result<record::State, VaultError> {
        let mut sources = Vec::new();
        for (id, source) in &self.sources {
            let mut segments = Vec::new();
            for run in source.snapshots.chunks(SNAPSHOTS_PER_SEGMENT) {
                segments.push(put(to_cbor(&SnapshotSegment { snapshots: run.to_vec() }))?);
            }
            let (name, space) = (source.name.clone(), source.space);
            sources.push(record::SourceRecord { id: *id, name, space, segments });
        }
        let tombstones =
            self.tombstones.iter().map(|(pack, since)| Tombstone { pack: *pack, since: *since });
        Ok(record::State { sources, tombstones: tombstones.collect(), packs })
    }

    /// Reads the state that `record` names, through `get`.
    pub(crate) fn load(
        record: &record::State,
        get: &mut dyn FnMut(&ObjectId) -> Result<Vec<u8>, VaultError>,
    ) -> Result<Self, VaultError> {
        let mut state = Self::default();
        for source in &record.sources {
            let mut snapshots = Vec::new();
            for segment in &source.segments {
                let bytes = get(segment)?;
                let segment: SnapshotSegment = from_cbor("snapshot list", &bytes)?;
                snapshots.extend(segment.snapshots);
            }
            let (name, space) = (source.name.clone(), source.space);
            state.sources.insert(source.id, Source { name, space, snapshots });
        }
        state.tombstones =
            record.tombstones.iter().map(|stone| (stone.pack, stone.since)).collect();
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use format::record::SnapshotKind;
    use types::ChunkId;

    fn version(byte: u8, received: i64) -> SnapshotRef {
        let id = ChunkId([byte; 32]);
        SnapshotRef { id, received: UnixTime(received), kind: SnapshotKind::Backup }
    }

    #[test]
    fn a_put_followed_by_a_delete_replays_as_deleted() {
        let source = SourceId([1; 16]);
        let mut state = State::default();
        state.apply(&Op::SourceAdded(source, "laptop".into(), SpaceId([2; 16])));
        let ops = [
            Op::SnapshotAdded(source, version(1, 10)),
            Op::SnapshotAdded(source, version(2, 20)),
            Op::SnapshotForgotten(source, version(1, 10).id),
        ];
        ops.iter().for_each(|op| state.apply(op));
        let once = state.clone();
        assert_eq!(once.sources[&source].snapshots, [version(2, 20)]);
        state.apply(&ops[2]);
        assert_eq!(state, once, "a repeated operation changes nothing");
    }

    #[test]
    fn a_branch_brings_its_new_versions_but_not_what_we_have_forgotten() {
        let source = SourceId([1; 16]);
        let mut main = State::default();
        main.apply(&Op::SourceAdded(source, "laptop".into(), SpaceId([2; 16])));
        let mut branch = main.clone();
        // Version 1 was there before the fork at 15 and we have forgotten it since.
        branch.apply(&Op::SnapshotAdded(source, version(1, 10)));
        branch.apply(&Op::SnapshotAdded(source, version(2, 20)));
        main.apply(&Op::SnapshotAdded(source, version(3, 30)));
        let ops = main.merge(&branch, |snapshot| snapshot.received > UnixTime(15));
        assert_eq!(ops.len(), 1);
        assert_eq!(main.sources[&source].snapshots, [version(2, 20), version(3, 30)]);
    }

    #[test]
    fn state_reads_back_as_it_was_stored() {
        let source = SourceId([1; 16]);
        let mut state = State::default();
        state.apply(&Op::SourceAdded(source, "laptop".into(), SpaceId([2; 16])));
        for n in 0..3_000_u32 {
            let mut snapshot = version(0, i64::from(n));
            snapshot.id.0[..4].copy_from_slice(&n.to_le_bytes());
            state.apply(&Op::SnapshotAdded(source, snapshot));
        }
        state.tombstones.insert(PackId([7; 32]), UnixTime(5));
        let mut objects = BTreeMap::new();
        let record = state
            .store(record::PackList::default(), &mut |bytes| {
                let id = ChunkId(*blake3::hash(&bytes).as_bytes());
                objects.insert(id, bytes);
                Ok(id)
            })
            .unwrap();
        assert_eq!(record.sources[0].segments.len(), 3);
        let loaded = State::load(&record, &mut |id| Ok(objects[id].clone())).unwrap();
        assert_eq!(loaded, state);
    }
}
