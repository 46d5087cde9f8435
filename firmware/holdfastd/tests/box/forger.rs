//! A program that has a computer's token and keys, and writes what it sends record by record, past all that a
//! real computer checks.
//!
//! Start at [`Forger`].

use calls::afar::PieceHead;
use format::entry::{Content, Entry, EntryKind, Extent, Node, Xattr};
use format::record::{Skipped, Snapshot, SnapshotKind, SnapshotStats};
use format::to_cbor;
use types::{ChunkId, ObjectId, SourceId, UnixTime};

use crate::client::{Answer, Call};
use crate::computers::Computer;
use crate::web::Guest;

/// A program that has a computer's token and keys.
pub(crate) struct Forger<'g> {
    pub(crate) guest: &'g Guest<'g>,
    pub(crate) computer: Computer,
}

pub(crate) fn named(name: &[u8], kind: EntryKind) -> Entry {
    Entry::new(name.to_vec(), kind)
}

pub(crate) fn fifo(name: &[u8]) -> Entry {
    named(name, EntryKind::Fifo)
}

pub(crate) fn file(name: &[u8], extents: Vec<Extent>) -> Entry {
    let size = extents.iter().fold(0_u64, |sum, extent| sum.wrapping_add(extent.len));
    Entry { size, content: Some(Content::Inline(extents)), ..named(name, EntryKind::File) }
}

pub(crate) fn link(name: &[u8], target: &[u8]) -> Entry {
    Entry { target: Some(target.to_vec().into()), ..named(name, EntryKind::Symlink) }
}

pub(crate) fn xattr(name: &[u8], value: &[u8]) -> Xattr {
    Xattr { name: name.to_vec().into(), value: value.to_vec().into() }
}

pub(crate) fn record(root: Entry) -> Snapshot {
    Snapshot {
        source: SourceId::default(),
        source_name: "somebody else's".to_owned(),
        kind: SnapshotKind::Edit,
        root,
        started: UnixTime(i64::MIN),
        finished: UnixTime(i64::MAX),
        host: "\u{1b}[2J../laptop\n".to_owned(),
        paths: vec![b"/\xff\0".to_vec().into()],
        excludes: vec!["\u{1b}]0;evil\u{7}".to_owned()],
        stats: SnapshotStats {
            files: u64::MAX,
            folders: u64::MAX,
            others: u64::MAX,
            bytes: u64::MAX,
            new_bytes: u64::MAX,
            skipped: u64::MAX,
        },
        skipped: vec![Skipped { path: b"\0/..".to_vec().into(), reason: "\u{1b}[1m".to_owned() }],
    }
}

impl Forger<'_> {
    pub(crate) fn call(&self, way: &str, body: Vec<u8>) -> Answer {
        let bearer = format!("Bearer {}", self.computer.pairing.token.reveal());
        let path = format!("/api/v1/computers/{}{way}", self.computer.pairing.source);
        let mut call = Call::new("POST", &path).with("authorization", &bearer);
        call.body = Some(body);
        call.send(self.guest.at, &self.guest.ca)
    }

    pub(crate) fn piece(&self, is_object: bool, bytes: &[u8]) -> ChunkId {
        let keys = self.computer.pairing.keys().unwrap();
        let id = if is_object { keys.object_id(bytes) } else { keys.chunk_id(bytes) };
        let len = u32::try_from(bytes.len()).unwrap();
        let mut body = PieceHead { is_object, id: id.0, len }.to_bytes().to_vec();
        body.extend_from_slice(bytes);
        let answer = self.call("/pieces", body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        id
    }

    pub(crate) fn chunk(&self, bytes: &[u8]) -> Extent {
        Extent::chunk(self.piece(false, bytes), bytes.len() as u64)
    }

    pub(crate) fn node(&self, node: &Node) -> ObjectId {
        self.piece(true, &to_cbor(node))
    }

    /// A folder of these entries, in this order and unlooked at.
    pub(crate) fn folder(&self, name: &[u8], entries: Vec<Entry>) -> Entry {
        let node = Some(self.node(&Node::Leaf(entries)));
        Entry { node, ..named(name, EntryKind::Folder) }
    }

    pub(crate) fn top(&self, entries: Vec<Entry>) -> Entry {
        let mut top = self.folder(b"", entries);
        top.attrs.mode = 0o755;
        top
    }

    pub(crate) fn commits(&self, root: &Entry) -> Answer {
        self.call("/versions", to_cbor(&record(root.clone())))
    }

    pub(crate) fn made(&self, root: &Entry) {
        let answer = self.commits(root);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.json()["version"].is_string(), "{}", answer.text());
    }
}
