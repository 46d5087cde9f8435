//! Trees from a store that says anything: read, walked, compared, marked and edited.
//!
//! The input builds objects from the bottom up, each named by its content, so that no ring can
//! come about, as none can in a vault. Reads are counted: a small tree may stand for a folder of
//! more names than anybody can list, and then the fuzzer stops as a person would.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use format::entry::{Content, Entry, EntryKind, FileTime, Manifest, Node};
use format::to_cbor;
use tree::{Edit, FolderBuilder, ObjectReader, ObjectWriter, Reference};
use types::{ChunkId, ObjectId};

use crate::feed::Feed;
use crate::seeds::{self, Seed};
use crate::values;

/// Reads of one run.
const READS_MAX: u32 = 3_000;
/// Entries looked at in one walk.
const STEPS_MAX: usize = 600;

#[derive(Debug, Default)]
struct Store {
    objects: HashMap<ObjectId, Arc<Vec<u8>>>,
    /// In the order in which they were made.
    made: Vec<ObjectId>,
    reads: Cell<u32>,
}

/// Not in the store, or read too often.
#[derive(Debug)]
struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such object")
    }
}

impl std::error::Error for Gone {}

impl ObjectReader for Store {
    type Error = Gone;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, Gone> {
        self.reads.set(self.reads.get() + 1);
        if self.reads.get() > READS_MAX {
            return Err(Gone);
        }
        self.objects.get(id).cloned().ok_or(Gone)
    }
}

impl ObjectWriter for Store {
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, Gone> {
        let id = ChunkId(*blake3::hash(&cbor).as_bytes());
        self.objects.insert(id, Arc::new(cbor));
        self.made.push(id);
        Ok(id)
    }
}

impl Store {
    /// An object that was made before; one that was not when there is none.
    fn pick(&self, feed: &mut Feed<'_>) -> ObjectId {
        let at = feed.pick(self.made.len() + 1);
        // From the newest: what was made last is what the next thing is most likely about.
        self.made.iter().rev().nth(at).copied().unwrap_or_default()
    }

    fn entry(&self, feed: &mut Feed<'_>) -> Entry {
        let mut entry = values::entry(feed);
        if entry.node.is_some() {
            entry.node = Some(self.pick(feed));
        }
        if let Some(Content::Manifest(root)) = &mut entry.content {
            *root = self.pick(feed);
        }
        if feed.coin() {
            make_sound(&mut entry);
        }
        entry
    }

    fn node(&self, feed: &mut Feed<'_>) -> Node {
        let in_order = feed.coin();
        let mut node = values::node(feed);
        match &mut node {
            Node::Leaf(entries) => {
                *entries = entries.iter().map(|_| self.entry(feed)).collect();
                if in_order {
                    entries.sort_by(|a, b| a.name.cmp(&b.name));
                    entries.dedup_by(|a, b| a.name == b.name);
                }
            }
            Node::Inner(children) => {
                for child in &mut *children {
                    child.node = self.pick(feed);
                    if in_order && let Some(first) = self.first_name(child.node) {
                        child.first = first.into();
                    }
                }
            }
        }
        node
    }

    fn first_name(&self, id: ObjectId) -> Option<Vec<u8>> {
        match format::from_cbor("node", self.objects.get(&id)?).ok()? {
            Node::Leaf(entries) => Some(entries.first()?.name.to_vec()),
            Node::Inner(children) => Some(children.first()?.first.to_vec()),
        }
    }

    fn manifest(&self, feed: &mut Feed<'_>) -> Manifest {
        let mut manifest = values::manifest(feed);
        if let Manifest::Inner(children) = &mut manifest {
            children.iter_mut().for_each(|child| child.node = self.pick(feed));
        }
        manifest
    }
}

/// Makes an entry's fields agree with each other.
fn make_sound(entry: &mut Entry) {
    let is = |kind| entry.kind == kind;
    let (file, folder, link) = (is(EntryKind::File), is(EntryKind::Folder), is(EntryKind::Symlink));
    entry.node = entry.node.filter(|_| folder);
    entry.target = link.then(|| entry.target.take().unwrap_or_else(|| Vec::new().into()));
    entry.content = entry.content.take().filter(|_| file);
    match &entry.content {
        Some(Content::Inline(extents)) => {
            let sum = extents.iter().try_fold(0_u64, |sum, extent| sum.checked_add(extent.len));
            entry.size = sum.unwrap_or(0);
        }
        Some(Content::Manifest(_)) => entry.size = entry.size.max(1),
        None => entry.size = 0,
    }
}

/// `steps`, each: 0 raw bytes, 1 a manifest, 2 a folder by the builder, else a node. Then two roots, a range, and edits.
pub fn run(data: &[u8]) {
    let mut feed = Feed::new(data);
    let mut store = Store::default();
    for _ in 0..feed.u8() & 63 {
        let cbor = match feed.u8() & 3 {
            0 => feed.bytes().to_vec(),
            1 => to_cbor(&store.manifest(&mut feed)),
            2 => {
                build(&mut store, &mut feed);
                continue;
            }
            _ => to_cbor(&store.node(&mut feed)),
        };
        store.put(cbor).expect("memory does not fail");
    }
    let (a, b) = (root(&store, &mut feed), root(&store, &mut feed));
    look(&store, &a, &mut feed);
    compare(&store, &a, &b);
    mark(&store, &a);
    edit(&mut store, &a, &mut feed);
}

/// A folder as the product builds it: what it accepts reads back.
fn build(store: &mut Store, feed: &mut Feed<'_>) {
    let mut builder = FolderBuilder::new();
    let mut pushed = Vec::new();
    for _ in 0..feed.u8() & 15 {
        let entry = store.entry(feed);
        if builder.push(store, &entry).is_err() {
            return;
        }
        pushed.push(entry);
    }
    let Ok(root) = builder.finish(store) else { return };
    store.reads.set(0);
    let read: Vec<Entry> = tree::entries(store, root)
        .map(|entry| entry.expect("what the builder accepted is sound"))
        .collect();
    assert_eq!(read, pushed, "a folder reads back as it was built");
    for entry in &pushed {
        let found = tree::find(store, root, &entry.name).expect("the folder is sound");
        assert_eq!(found.as_ref(), Some(entry));
    }
}

fn root(store: &Store, feed: &mut Feed<'_>) -> Entry {
    let mut root = Entry::new(Vec::new(), EntryKind::Folder);
    root.node = Some(store.pick(feed));
    root
}

fn look(store: &Store, root: &Entry, feed: &mut Feed<'_>) {
    store.reads.set(0);
    let (path, offset, len) = (feed.short().to_vec(), feed.number(), feed.number());
    drop(tree::lookup(store, root, &path));
    let listed = tree::entries(store, root.node).take(STEPS_MAX);
    let names: Vec<_> = listed.filter_map(Result::ok).map(|entry| entry.name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "a folder's names rise");
    for walked in tree::walk(store, root).take(STEPS_MAX).flatten() {
        assert!(!tree::shown(&walked.path).contains('\n'));
        if let Some(content) = &walked.entry.content {
            read_content(store, content, offset, len);
        }
    }
}

fn read_content(store: &Store, content: &Content, offset: u64, len: u64) {
    drop(tree::content_len(store, content));
    for placed in tree::extents_in(store, content, offset, len).take(STEPS_MAX).flatten() {
        let end = placed.at.checked_add(placed.extent.len).expect("a file's bytes can be counted");
        assert!(placed.at >= offset, "nothing before the range");
        assert!(end <= offset.saturating_add(len), "nothing behind it");
    }
}

fn compare(store: &Store, a: &Entry, b: &Entry) {
    store.reads.set(0);
    for change in tree::diff(store, a, b).take(STEPS_MAX).flatten() {
        assert!(!change.path.is_empty(), "the top folder itself is no change");
    }
    assert_eq!(tree::diff(store, a, a).count(), 0, "nothing differs from itself");
}

fn mark(store: &Store, root: &Entry) {
    store.reads.set(0);
    let mut seen = std::collections::HashSet::new();
    let mut found = 0_usize;
    let marked = tree::references(store, root, &mut |id| !seen.insert(*id), &mut |reference| {
        found += usize::from(matches!(reference, Reference::Object(_)));
    });
    if marked.is_ok() {
        assert_eq!(found, seen.len(), "each object once");
        assert!(store.reads.get() as usize <= store.objects.len(), "and read once");
    }
}

fn edit(store: &mut Store, root: &Entry, feed: &mut Feed<'_>) {
    store.reads.set(0);
    let mut edits = Vec::new();
    for _ in 0..feed.u8() & 7 {
        let path = feed.short().to_vec();
        edits.push(match feed.u8() & 3 {
            0 => {
                let (entry, make_parents) = (Box::new(store.entry(feed)), feed.coin());
                Edit::Put { path, entry, make_parents }
            }
            1 => Edit::MakeFolder { path },
            2 => Edit::Rename { from: path, to: feed.short().to_vec(), replace: feed.coin() },
            _ => Edit::Delete { path, recursive: feed.coin() },
        });
    }
    let count = edits.len();
    let Ok(applied) = tree::apply(store, root, edits, FileTime::default()) else { return };
    assert_eq!(applied.outcomes.len(), count, "an answer for each edit");
    store.reads.set(0);
    let walk = tree::walk(store, &applied.root).take(STEPS_MAX);
    let paths: Vec<Vec<u8>> = walk.flatten().map(|walked| walked.path).collect();
    assert!(paths.iter().all(|path| !path.is_empty()), "every entry has a name");
}

/// Small trees of every shape.
pub fn seeds() -> Vec<Seed> {
    let mut all = Vec::new();
    for (_, decisions) in seeds::feeds() {
        for step in 0..4 {
            all.push([&[3, step][..], &decisions, &[1, step], &decisions].concat());
        }
        let cbor = to_cbor(&values::node(&mut Feed::new(&decisions)));
        let len = u16::try_from(cbor.len()).expect("short").to_le_bytes();
        all.push([&[1, 0][..], &len, &cbor, &[0, 0, 0]].concat());
    }
    all
}
