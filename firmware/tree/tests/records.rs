//! The examples of `docs/formats/records.md` are what the code writes, and it reads them back.

use std::collections::BTreeMap;

use format::entry::{
    Content, Entry, EntryKind, Extent, FileTime, Manifest, ManifestChild, Node, NodeChild, Origin,
    Xattr,
};
use format::pack::PackKind;
use format::record::{
    Commit, Op, PackEntry, PackList, PackShard, Skipped, Snapshot, SnapshotKind, SnapshotRef,
    SnapshotSegment, SnapshotStats, SourceRecord, State, Tombstone,
};
use format::{from_cbor, to_cbor};
use minicbor::bytes::ByteVec;
use types::{Bytes, ChunkId, PackId, SourceId, SpaceId, UnixTime};

const DOCUMENT: &str = include_str!("../../../docs/formats/records.md");

fn bytes(text: &str) -> ByteVec {
    ByteVec::from(text.as_bytes().to_vec())
}

fn file() -> Entry {
    let mut entry = Entry::new("report.odt", EntryKind::File);
    entry.attrs.mode = 0o644;
    entry.attrs.uid = 1000;
    entry.attrs.gid = 100;
    entry.attrs.user = Some(bytes("ada"));
    entry.attrs.mtime = FileTime { secs: 1_700_000_000, nanos: 5 };
    entry.size = 70_000;
    entry.content = Some(Content::Inline(vec![Extent::chunk(ChunkId([0x11; 32]), 70_000)]));
    entry.origin =
        Some(Origin { dev: 2049, ino: 131, ctime: FileTime { secs: 1_700_000_000, nanos: 9 } });
    entry
}

/// A hole, a whole chunk, a range of a chunk; a hard link; a time before 1970.
fn sparse_file() -> Entry {
    let mut entry = Entry::new(b"d\xff".to_vec(), EntryKind::File);
    entry.attrs.mode = 0o600;
    entry.attrs.group = Some(bytes("staff"));
    entry.attrs.mtime = FileTime { secs: -1, nanos: 500_000_000 };
    let value = bytes("x");
    entry.attrs.xattrs = vec![Xattr { name: bytes("user.a"), value }];
    entry.size = 4096 + 10 + 16_384;
    entry.content = Some(Content::Inline(vec![
        Extent::hole(4096),
        Extent::chunk(ChunkId([0x22; 32]), 10),
        Extent { len: 16_384, chunk: Some(ChunkId([0x33; 32])), offset: 32_768 },
    ]));
    entry.link = Some(7);
    entry.unsettled = true;
    entry
}

fn other(name: &str, kind: EntryKind) -> Entry {
    Entry::new(name, kind)
}

fn leaf() -> Node {
    let mut device = other("null", EntryKind::CharDevice);
    device.device = Some(1 << 32 | 3);
    let mut folder = other("sub", EntryKind::Folder);
    folder.node = Some(ChunkId([0x44; 32]));
    let mut link = other("to", EntryKind::Symlink);
    link.target = Some(bytes("../a"));
    Node::Leaf(vec![device, folder, link])
}

fn snapshot() -> Snapshot {
    let mut root = Entry::new("", EntryKind::Folder);
    root.attrs.mode = 0o755;
    root.node = Some(ChunkId([0x55; 32]));
    Snapshot {
        source: SourceId([0x66; 16]),
        source_name: "laptop".to_owned(),
        kind: SnapshotKind::Backup,
        root,
        started: UnixTime(1_700_000_000_000),
        finished: UnixTime(1_700_000_060_000),
        host: "ada-pc".to_owned(),
        paths: vec![bytes("/home/ada")],
        excludes: vec!["*.tmp".to_owned()],
        stats: SnapshotStats {
            files: 2,
            folders: 1,
            bytes: 90_490,
            new_bytes: 70_000,
            skipped: 1,
            others: 0,
        },
        skipped: vec![Skipped { path: bytes("a/b"), reason: "no permission".to_owned() }],
    }
}

fn snapshot_ref() -> SnapshotRef {
    SnapshotRef {
        id: ChunkId([0x77; 32]),
        received: UnixTime(1_700_000_061_000),
        kind: SnapshotKind::Edit,
    }
}

fn state() -> State {
    State {
        sources: vec![SourceRecord {
            id: SourceId([0x66; 16]),
            name: "laptop".to_owned(),
            space: SpaceId([0x88; 16]),
            segments: vec![ChunkId([0x99; 32])],
        }],
        tombstones: vec![Tombstone { pack: PackId([0xaa; 32]), since: UnixTime(-1) }],
        packs: PackList { bits: 1, shards: vec![None, Some(ChunkId([0xbb; 32]))] },
    }
}

fn pack_shard() -> PackShard {
    PackShard {
        packs: vec![PackEntry {
            id: PackId([0xcc; 32]),
            kind: PackKind::Meta,
            space: SpaceId::SYSTEM,
            len: Bytes(262_144),
        }],
    }
}

fn commit() -> Commit {
    let source = SourceId([0x66; 16]);
    Commit {
        seq: 2,
        previous: [0xdd; 32],
        time: UnixTime(1_700_000_061_500),
        ops: vec![
            Op::SourceAdded(source, "laptop".to_owned(), SpaceId([0x88; 16])),
            Op::SnapshotAdded(source, snapshot_ref()),
            Op::SnapshotReplaced(source, ChunkId([0x77; 32]), snapshot_ref()),
            Op::SnapshotForgotten(source, ChunkId([0x77; 32])),
        ],
    }
}

/// An example's name, its bytes, and whether they read back as what was written.
fn example<T>(name: &'static str, record: &T) -> (&'static str, Vec<u8>)
where
    T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> + PartialEq + std::fmt::Debug,
{
    let cbor = to_cbor(record);
    let read: T = from_cbor(name, &cbor).expect("an example reads back");
    assert_eq!(&read, record, "{name}");
    (name, cbor)
}

fn examples() -> BTreeMap<&'static str, Vec<u8>> {
    let inner = Node::Inner(vec![
        NodeChild { first: bytes("a"), node: ChunkId([0x01; 32]) },
        NodeChild { first: bytes("m"), node: ChunkId([0x02; 32]) },
    ]);
    let extents = Manifest::Extents(vec![Extent::hole(1), Extent::chunk(ChunkId([0x03; 32]), 300)]);
    let children = vec![ManifestChild { len: 301, node: ChunkId([0x04; 32]) }];
    let big = Content::Manifest(ChunkId([0x05; 32]));
    BTreeMap::from([
        example("entry-file", &file()),
        example("entry-sparse", &sparse_file()),
        example("node-leaf", &leaf()),
        example("node-inner", &inner),
        example("content-manifest", &big),
        example("manifest-extents", &extents),
        example("manifest-inner", &Manifest::Inner(children)),
        example("snapshot", &snapshot()),
        example("snapshot-segment", &SnapshotSegment { snapshots: vec![snapshot_ref()] }),
        example("state", &state()),
        example("pack-shard", &pack_shard()),
        example("commit", &commit()),
    ])
}

/// The blocks that begin with "```hex NAME": digits, and notes after "#".
fn documented() -> BTreeMap<&'static str, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open: Option<(&str, String)> = None;
    for line in DOCUMENT.lines() {
        match (&mut open, line.strip_prefix("```hex ")) {
            (None, Some(name)) => open = Some((name, String::new())),
            (None, None) => {}
            (Some((name, digits)), _) if line.starts_with("```") => {
                let pairs = digits.as_bytes().chunks_exact(2);
                assert!(pairs.remainder().is_empty(), "{name}: half a byte");
                let byte = |pair: &[u8]| {
                    u8::from_str_radix(&String::from_utf8_lossy(pair), 16).expect("hex digits")
                };
                found.insert(*name, pairs.map(byte).collect());
                open = None;
            }
            (Some((_, digits)), _) => {
                let code = line.split('#').next().unwrap_or("");
                digits.extend(code.chars().filter(|digit| !digit.is_whitespace()));
            }
        }
    }
    found
}

#[test]
fn every_example_in_the_document_is_what_the_code_writes_and_reads() {
    let (written, documented) = (examples(), documented());
    let names = |map: &BTreeMap<&'static str, Vec<u8>>| map.keys().copied().collect::<Vec<_>>();
    assert_eq!(names(&documented), names(&written));
    for (name, cbor) in written {
        assert_eq!(hex(&documented[name]), hex(&cbor), "{name}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_reader_skips_keys_that_it_does_not_know_and_fills_in_those_that_may_be_absent() {
    // {0: bytes "n", 1: fifo, 2: {0: 1, 1: 2, 2: 3, 5: [4, 5], 99: [null]}, 3: 0, 77: {1: "x"}}
    let newer = [
        &b"\xa5\x00\x41n\x01\x03\x02\xa5\x00\x01\x01\x02\x02\x03\x05\x82\x04\x05\x18\x63\x81\xf6"[..],
        b"\x03\x00\x18\x4d\xa1\x01\x61x",
    ]
    .concat();
    let entry: Entry = from_cbor("entry", &newer).expect("it reads");
    assert_eq!((entry.kind, entry.attrs.mtime.secs, entry.unsettled), (EntryKind::Fifo, 4, false));
    assert!(entry.content.is_none() && entry.attrs.xattrs.is_empty());
}
