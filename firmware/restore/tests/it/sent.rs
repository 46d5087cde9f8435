//! A version that another computer made up and sent. Start at [`all_holes`].

use format::entry::{Content, Entry, EntryKind, Extent, Node};
use format::record::{Snapshot, SnapshotKind, SnapshotStats};
use types::{SourceId, UnixTime};
use vault::{Committed, Named, Vault};

/// Sends a version with one file in it, which is all hole: its length costs its sender nothing.
pub(crate) fn all_holes(vault: &Vault, source: &str, len: u64) {
    let mut file = Entry::new("all-holes", EntryKind::File);
    file.size = len;
    file.content = Some(Content::Inline(vec![Extent::hole(len)]));
    let mut node = Some(format::to_cbor(&Node::Leaf(vec![file])));
    let space = vault.everyone();
    let id = vault.naming_keys(space).unwrap().object_id(node.as_deref().unwrap());
    let received = vault.receive(space, source, &mut |buffer| {
        let Some(node) = node.take() else { return Ok(None) };
        *buffer = node;
        Ok(Some(Named { is_object: true, id }))
    });
    received.unwrap();
    let mut root = Entry::new("", EntryKind::Folder);
    root.node = Some(id);
    let record = Snapshot {
        source: SourceId::default(),
        source_name: String::new(),
        kind: SnapshotKind::Edit,
        root,
        started: UnixTime(1),
        finished: UnixTime(1),
        host: source.to_owned(),
        paths: Vec::new(),
        excludes: Vec::new(),
        stats: SnapshotStats::default(),
        skipped: Vec::new(),
    };
    let made = vault.commit_from_afar(space, source, &format::to_cbor(&record)).unwrap();
    assert!(matches!(made, Committed::Version { .. }), "{made:?}");
}
