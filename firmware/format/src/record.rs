//! The vault's own records: snapshots, sources, state, pack lists, commit records.
//!
//! Snapshots live in their source's space; all others in the system space. CBOR maps with small
//! integer keys. Drawn in `docs/formats/records.md`.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use types::{Bytes, ObjectId, PackId, SourceId, SpaceId, UnixTime};

use crate::entry::Entry;
use crate::pack::PackKind;

/// The most snapshot references in one segment of a source's list.
pub const SNAPSHOTS_PER_SEGMENT: usize = 1024;
/// The most skipped paths that a snapshot names; more are counted.
pub const SKIPPED_NAMED_MAX: usize = 10_000;

/// How a snapshot came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum SnapshotKind {
    /// A backup of folders.
    #[n(0)]
    Backup,
    /// A state of a source that is edited in place.
    #[n(1)]
    Edit,
}

/// Something a backup left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Skipped {
    /// Path within the snapshot, components joined by `/`.
    #[n(0)]
    pub path: ByteVec,
    /// One sentence for the owner.
    #[n(1)]
    pub reason: String,
}

/// What a snapshot holds, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SnapshotStats {
    /// Regular files.
    #[n(0)]
    pub files: u64,
    /// Folders, the root not counted.
    #[n(1)]
    pub folders: u64,
    /// Links, pipes, sockets, devices.
    #[n(2)]
    pub others: u64,
    /// Bytes of all files, holes included, hard links counted once.
    #[n(3)]
    pub bytes: u64,
    /// Bytes of chunks that were new to the vault.
    #[n(4)]
    pub new_bytes: u64,
    /// Paths that could not be read.
    #[n(5)]
    pub skipped: u64,
}

/// One version of one source.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Snapshot {
    /// The source.
    #[n(0)]
    pub source: SourceId,
    /// Its name at the time.
    #[n(1)]
    pub source_name: String,
    /// How it came to be.
    #[n(2)]
    pub kind: SnapshotKind,
    /// The top folder; its name is empty.
    #[n(3)]
    pub root: Entry,
    /// When reading began.
    #[n(4)]
    pub started: UnixTime,
    /// When the vault had it all.
    #[n(5)]
    pub finished: UnixTime,
    /// The computer it came from.
    #[n(6)]
    pub host: String,
    /// The paths that were asked for.
    #[n(7)]
    #[cbor(default)]
    pub paths: Vec<ByteVec>,
    /// Patterns that were left out.
    #[n(8)]
    #[cbor(default)]
    pub excludes: Vec<String>,
    /// Counts.
    #[n(9)]
    pub stats: SnapshotStats,
    /// What was left out, [`SKIPPED_NAMED_MAX`] at most.
    #[n(10)]
    #[cbor(default)]
    pub skipped: Vec<Skipped>,
}

/// A snapshot as its source's list knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SnapshotRef {
    /// The snapshot object, in the source's space.
    #[n(0)]
    pub id: ObjectId,
    /// When the vault received it: retention counts from here.
    #[n(1)]
    pub received: UnixTime,
    /// How it came to be.
    #[n(2)]
    pub kind: SnapshotKind,
}

/// A run of a source's snapshots, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SnapshotSegment {
    /// [`SNAPSHOTS_PER_SEGMENT`] at most.
    #[n(0)]
    pub snapshots: Vec<SnapshotRef>,
}

/// A source as the vault's state knows it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SourceRecord {
    /// The source.
    #[n(0)]
    pub id: SourceId,
    /// Its name, unique in its space.
    #[n(1)]
    pub name: String,
    /// The space whose keys seal it.
    #[n(2)]
    pub space: SpaceId,
    /// Its [`SnapshotSegment`]s, oldest first.
    #[n(3)]
    #[cbor(default)]
    pub segments: Vec<ObjectId>,
}

/// A pack that nothing refers to any more, waiting out its grace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Tombstone {
    /// The pack.
    #[n(0)]
    pub pack: PackId,
    /// Since when.
    #[n(1)]
    pub since: UnixTime,
}

/// A sealed pack that the vault counts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackEntry {
    /// The pack.
    pub id: PackId,
    /// What it holds.
    pub kind: PackKind,
    /// The space whose key opens it.
    pub space: SpaceId,
    /// Length of its file.
    pub len: Bytes,
}

impl<C> Encode<C> for PackEntry {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(4)?;
        self.id.encode(e, ctx)?;
        e.u8(self.kind.code())?;
        self.space.encode(e, ctx)?;
        e.u64(self.len.0)?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for PackEntry {
    fn decode(d: &mut minicbor::Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
        if d.array()? != Some(4) {
            return Err(minicbor::decode::Error::message("a pack entry has four fields"));
        }
        let id = PackId::decode(d, ctx)?;
        let kind = PackKind::from_code(d.u8()?)
            .ok_or_else(|| minicbor::decode::Error::message("an unknown pack kind"))?;
        Ok(Self { id, kind, space: SpaceId::decode(d, ctx)?, len: Bytes(d.u64()?) })
    }
}

/// Part of the list of all packs: those whose id begins with the shard's number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackShard {
    /// Sorted by id.
    #[n(0)]
    pub packs: Vec<PackEntry>,
}

/// The list of all packs, cut into `2^bits` shards by the first bits of the id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackList {
    /// 0 to 16.
    #[n(0)]
    pub bits: u8,
    /// One object a shard; none for an empty one.
    #[n(1)]
    pub shards: Vec<Option<ObjectId>>,
}

/// Everything a head stands for, beside the list of packs that are newer than `packs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct State {
    /// All sources.
    #[n(0)]
    pub sources: Vec<SourceRecord>,
    /// Packs that wait out their grace.
    #[n(1)]
    #[cbor(default)]
    pub tombstones: Vec<Tombstone>,
    /// The list of packs.
    #[n(2)]
    pub packs: PackList,
}

/// One change of state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Op {
    /// A source begins. Repeating it changes nothing.
    #[n(0)]
    SourceAdded(#[n(0)] SourceId, #[n(1)] String, #[n(2)] SpaceId),
    /// A source has a new newest version.
    #[n(1)]
    SnapshotAdded(#[n(0)] SourceId, #[n(1)] SnapshotRef),
    /// The newest version of a source gives way to another that lacks nothing it had.
    #[n(2)]
    SnapshotReplaced(#[n(0)] SourceId, #[n(1)] ObjectId, #[n(2)] SnapshotRef),
    /// A version is no longer kept.
    #[n(3)]
    SnapshotForgotten(#[n(0)] SourceId, #[n(1)] ObjectId),
}

/// The journal: one sealed record at the end of each group commit, in a system-space meta pack.
///
/// A record that can be read implies that everything its operations refer to was durable first.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Commit {
    /// Counts the vault's commits from 1.
    #[n(0)]
    pub seq: u64,
    /// BLAKE3 of the CBOR of the commit before; zeros for the first.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub previous: [u8; 32],
    /// When.
    #[n(2)]
    pub time: UnixTime,
    /// What, in order.
    #[n(3)]
    pub ops: Vec<Op>,
}
