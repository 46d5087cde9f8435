//! Files that are all hole, longer than any disk: their lengths cost their sender nothing.

use std::sync::Arc;

use format::entry::{Content, Entry, EntryKind, Extent, Node};
use tree::ObjectReader;
use types::{ChunkId, ObjectId};
use vault::{Pieces, RestoreOptions, VaultError, restore_from};

/// A store with one node in it.
struct OneNode(ObjectId, Arc<Vec<u8>>);

impl ObjectReader for OneNode {
    type Error = VaultError;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, VaultError> {
        assert_eq!(*id, self.0);
        Ok(Arc::clone(&self.1))
    }
}

impl Pieces for OneNode {
    type Piece = Vec<u8>;

    fn piece(&self, id: &ChunkId) -> Result<Vec<u8>, VaultError> {
        panic!("no file has the piece {id}")
    }
}

#[test]
fn a_stored_tree_with_more_bytes_than_can_be_counted_is_restored_as_far_as_a_disk_holds_it() {
    let file = |name: &str, len| {
        let mut file = Entry::new(name, EntryKind::File);
        file.size = len;
        file.content = Some(Content::Inline(vec![Extent::hole(len)]));
        file
    };
    // Before trees were looked at for it, such a one could be stored.
    let files = vec![file("a", 1 << 63), file("b", 1 << 63), file("c", 5_000)];
    let id = ChunkId([1; 32]);
    let store = OneNode(id, Arc::new(format::to_cbor(&Node::Leaf(files))));
    let mut root = Entry::new("", EntryKind::Folder);
    root.node = Some(id);
    let to = tempfile::tempdir().expect("the test's own folder");
    let options = RestoreOptions::default();
    let report = restore_from(&store, &root, to.path(), options, &mut |_| true)
        .expect("it goes on behind what does not fit");
    let lost: Vec<&[u8]> = report.lost.iter().map(|(path, _)| path.as_slice()).collect();
    assert_eq!((report.files, lost), (1, vec![&b"a"[..], b"b"]));
    let there = std::fs::metadata(to.path().join("c")).expect("it was restored");
    assert_eq!(there.len(), 5_000);
    assert!(!to.path().join("a").exists() && !to.path().join("b").exists());
}
