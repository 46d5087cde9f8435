//! Any value of every stored record, from a fuzzer's bytes.
//!
//! What the writer could be given, odd or not; `targets::records` demands that it reads back.
//! Start at [`entry`].

use format::entry::{
    Attrs, Content, Entry, EntryKind, Extent, FileTime, Manifest, ManifestChild, Node, NodeChild,
    Origin, Xattr,
};
use format::head::{HeadPayload, Keep, RegisteredVolume, VolumeState};
use format::keys::{KeyFile, SealedBox, Slot, SlotKind, WrappedSpace, WrappedWriter};
use format::pack::PackKind;
use format::record::{
    Commit, Op, PackEntry, PackList, PackShard, Skipped, Snapshot, SnapshotKind, SnapshotRef,
    SnapshotSegment, SnapshotStats, SourceRecord, State, Tombstone,
};
use minicbor::bytes::ByteVec;
use types::{Bytes, ChunkId, OwnerKey, PackId, SourceId, SpaceId, UnixTime, VaultId, VolumeId};

use crate::feed::Feed;

/// Up to seven of something.
fn few<T>(feed: &mut Feed<'_>, mut one: impl FnMut(&mut Feed<'_>) -> T) -> Vec<T> {
    (0..feed.u8() & 7).map(|_| one(feed)).collect()
}

fn maybe<T>(feed: &mut Feed<'_>, one: impl FnOnce(&mut Feed<'_>) -> T) -> Option<T> {
    feed.coin().then(|| one(feed))
}

fn bytes(feed: &mut Feed<'_>) -> ByteVec {
    ByteVec::from(feed.short().to_vec())
}

fn text(feed: &mut Feed<'_>) -> String {
    String::from_utf8_lossy(feed.short()).into_owned()
}

/// An id that is one of few, so that ids meet again.
pub fn id<const N: usize>(feed: &mut Feed<'_>) -> [u8; N] {
    match feed.u8() {
        0xff => feed.array(),
        byte => [byte & 15; N],
    }
}

fn chunk(feed: &mut Feed<'_>) -> ChunkId {
    ChunkId(id(feed))
}

/// Any time.
pub fn time(feed: &mut Feed<'_>) -> UnixTime {
    UnixTime(feed.number().cast_signed())
}

/// A run of a file's bytes.
pub fn extent(feed: &mut Feed<'_>) -> Extent {
    let len = feed.number();
    match feed.u8() % 3 {
        0 => Extent::hole(len),
        1 => Extent::chunk(chunk(feed), len),
        _ => Extent { len, chunk: Some(chunk(feed)), offset: feed.number32() },
    }
}

/// A name in a folder, with all that it may carry.
pub fn entry(feed: &mut Feed<'_>) -> Entry {
    const KINDS: [EntryKind; 7] = [
        EntryKind::File,
        EntryKind::Folder,
        EntryKind::Symlink,
        EntryKind::Fifo,
        EntryKind::Socket,
        EntryKind::CharDevice,
        EntryKind::BlockDevice,
    ];
    let kind = KINDS[feed.pick(KINDS.len())];
    let mut entry = Entry::new(feed.short().to_vec(), kind);
    let shape = feed.u8();
    entry.size = feed.number();
    entry.content = match shape & 3 {
        0 | 1 => None,
        2 => Some(Content::Inline(few(feed, extent))),
        _ => Some(Content::Manifest(chunk(feed))),
    };
    entry.node = (shape & 4 > 0).then(|| chunk(feed));
    entry.target = (shape & 8 > 0).then(|| bytes(feed));
    entry.device = (shape & 16 > 0).then(|| feed.number());
    entry.link = (shape & 32 > 0).then(|| feed.number());
    entry.unsettled = shape & 64 > 0;
    if shape & 128 > 0 {
        entry.attrs = attrs(feed);
        entry.origin = maybe(feed, |feed| Origin {
            dev: feed.number(),
            ino: feed.number(),
            ctime: file_time(feed),
        });
    }
    entry
}

fn attrs(feed: &mut Feed<'_>) -> Attrs {
    Attrs {
        mode: feed.number32(),
        uid: feed.number32(),
        gid: feed.number32(),
        user: maybe(feed, bytes),
        group: maybe(feed, bytes),
        mtime: file_time(feed),
        xattrs: few(feed, |feed| Xattr { name: bytes(feed), value: bytes(feed) }),
    }
}

fn file_time(feed: &mut Feed<'_>) -> FileTime {
    FileTime { secs: feed.number().cast_signed(), nanos: feed.number32() }
}

/// A folder's node.
pub fn node(feed: &mut Feed<'_>) -> Node {
    if feed.coin() {
        Node::Leaf(few(feed, entry))
    } else {
        Node::Inner(few(feed, |feed| NodeChild { first: bytes(feed), node: chunk(feed) }))
    }
}

/// A node of a big file.
pub fn manifest(feed: &mut Feed<'_>) -> Manifest {
    if feed.coin() {
        Manifest::Extents(few(feed, extent))
    } else {
        Manifest::Inner(few(feed, |feed| ManifestChild { len: feed.number(), node: chunk(feed) }))
    }
}

/// One version of one source.
pub fn snapshot(feed: &mut Feed<'_>) -> Snapshot {
    Snapshot {
        source: SourceId(id(feed)),
        source_name: text(feed),
        kind: snapshot_kind(feed),
        root: entry(feed),
        started: time(feed),
        finished: time(feed),
        host: text(feed),
        paths: few(feed, bytes),
        excludes: few(feed, text),
        stats: SnapshotStats {
            files: feed.number(),
            folders: feed.number(),
            others: feed.number(),
            bytes: feed.number(),
            new_bytes: feed.number(),
            skipped: feed.number(),
        },
        skipped: few(feed, |feed| Skipped { path: bytes(feed), reason: text(feed) }),
    }
}

fn snapshot_kind(feed: &mut Feed<'_>) -> SnapshotKind {
    if feed.coin() { SnapshotKind::Edit } else { SnapshotKind::Backup }
}

fn snapshot_ref(feed: &mut Feed<'_>) -> SnapshotRef {
    SnapshotRef { id: chunk(feed), received: time(feed), kind: snapshot_kind(feed) }
}

/// A run of versions.
pub fn segment(feed: &mut Feed<'_>) -> SnapshotSegment {
    SnapshotSegment { snapshots: few(feed, snapshot_ref) }
}

fn pack_entry(feed: &mut Feed<'_>) -> PackEntry {
    let kind = [PackKind::Data, PackKind::Meta, PackKind::Index][feed.pick(3)];
    let (id, space) = (PackId(id(feed)), SpaceId(id(feed)));
    PackEntry { id, kind, space, len: Bytes(feed.number()) }
}

/// Part of the list of packs.
pub fn shard(feed: &mut Feed<'_>) -> PackShard {
    PackShard { packs: few(feed, pack_entry) }
}

/// What a head stands for.
pub fn state(feed: &mut Feed<'_>) -> State {
    State {
        sources: few(feed, |feed| SourceRecord {
            id: SourceId(id(feed)),
            name: text(feed),
            space: SpaceId(id(feed)),
            segments: few(feed, chunk),
        }),
        tombstones: few(feed, |feed| Tombstone { pack: PackId(id(feed)), since: time(feed) }),
        packs: PackList { bits: feed.u8(), shards: few(feed, |feed| maybe(feed, chunk)) },
    }
}

/// A commit record.
pub fn commit(feed: &mut Feed<'_>) -> Commit {
    Commit {
        seq: feed.number(),
        previous: id(feed),
        time: time(feed),
        ops: few(feed, |feed| match feed.u8() & 3 {
            0 => Op::SourceAdded(SourceId(id(feed)), text(feed), SpaceId(id(feed))),
            1 => Op::SnapshotAdded(SourceId(id(feed)), snapshot_ref(feed)),
            2 => Op::SnapshotReplaced(SourceId(id(feed)), chunk(feed), snapshot_ref(feed)),
            _ => Op::SnapshotForgotten(SourceId(id(feed)), chunk(feed)),
        }),
    }
}

/// What a head says.
pub fn head_payload(feed: &mut Feed<'_>) -> HeadPayload {
    HeadPayload {
        commit_seq: feed.number(),
        commit_hash: id(feed),
        state: maybe(feed, chunk),
        recent: few(feed, pack_entry),
        gone: few(feed, |feed| PackId(id(feed))),
        volumes: few(feed, |feed| RegisteredVolume {
            id: VolumeId(id(feed)),
            state: [
                VolumeState::Member,
                VolumeState::Retiring,
                VolumeState::Absent,
                VolumeState::Removed,
            ][feed.pick(4)],
            generation: feed.number(),
            serial: text(feed),
        }),
        copies: feed.u8(),
        retention_floor: time(feed),
        time: time(feed),
        keep: maybe(feed, |feed| Keep {
            all_days: feed.u8().into(),
            hourly_days: feed.u8().into(),
            daily_days: feed.u8().into(),
            weekly_days: feed.u8().into(),
        }),
        recovery: maybe(feed, |feed| OwnerKey(id(feed))),
    }
}

fn sealed_box(feed: &mut Feed<'_>) -> SealedBox {
    SealedBox { salt: id(feed), commitment: id(feed), sealed: bytes(feed) }
}

/// A key file that opens nothing.
pub fn key_file(feed: &mut Feed<'_>) -> KeyFile {
    KeyFile {
        vault: VaultId(id(feed)),
        generation: feed.number(),
        slots: few(feed, |feed| Slot { kind: slot_kind(feed), master: sealed_box(feed) }),
        spaces: few(feed, |feed| WrappedSpace {
            id: SpaceId(id(feed)),
            epoch: feed.number32(),
            secret: sealed_box(feed),
        }),
        writers: few(feed, |feed| WrappedWriter { public: id(feed), seed: sealed_box(feed) }),
        mac: id(feed),
    }
}

/// Any kind of slot.
pub fn slot_kind(feed: &mut Feed<'_>) -> SlotKind {
    match feed.u8() & 3 {
        0 => SlotKind::Words,
        1 => SlotKind::Password {
            memory_kib: feed.number32(),
            passes: feed.number32(),
            lanes: feed.number32(),
        },
        2 => SlotKind::Device,
        _ => SlotKind::UsbKey,
    }
}
