//! What is refused of a tree that somebody else has built, though most of it was looked at before.
//!
//! Start at [`audited`].

#[path = "common/store.rs"]
mod store;

use std::collections::HashSet;

use format::entry::{Content, Entry, EntryKind, Extent, Manifest, Node, NodeChild};
use format::to_cbor;
use store::{MemoryStore, Missing};
use tree::{Known, ObjectWriter, PATH_DEPTH_MAX, PATH_LEN_MAX, TreeError, audit};
use types::ObjectId;

fn put(store: &mut MemoryStore, node: &Node) -> ObjectId {
    store.put(to_cbor(node)).expect("memory takes it")
}

fn named(name: &str, kind: EntryKind) -> Entry {
    Entry::new(name.as_bytes().to_vec(), kind)
}

fn folder(name: &str, node: ObjectId) -> Entry {
    Entry { node: Some(node), ..named(name, EntryKind::Folder) }
}

fn hole(name: &str, len: u64) -> Entry {
    let content = Some(Content::Inline(vec![Extent::hole(len)]));
    Entry { size: len, content, ..named(name, EntryKind::File) }
}

fn leaf(store: &mut MemoryStore, names: &[&str]) -> ObjectId {
    put(store, &Node::Leaf(names.iter().map(|name| named(name, EntryKind::Fifo)).collect()))
}

fn child(first: &str, node: ObjectId) -> NodeChild {
    NodeChild { first: first.as_bytes().to_vec().into(), node }
}

/// Audits the folder of a node. As for a vault, what is in `whole` was in the version before, and what was
/// met is known from then on.
fn audited(
    store: &MemoryStore,
    whole: &[ObjectId],
    root: ObjectId,
) -> Result<(), TreeError<Missing>> {
    let mut seen: HashSet<ObjectId> = whole.iter().copied().collect();
    let mut known = |id: &ObjectId| {
        Ok(match (store.objects.contains_key(id), seen.insert(*id)) {
            (false, _) => Known::Missing,
            (true, true) => Known::There,
            (true, false) => Known::Whole,
        })
    };
    audit(store, &folder("", root), &mut known, &mut |_| Ok(()))
}

fn why(result: Result<(), TreeError<Missing>>) -> String {
    let error = result.expect_err("it is not sound");
    let source = std::error::Error::source(&error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}

#[test]
fn a_manifest_that_is_known_is_no_folder_and_a_folder_that_is_known_is_no_manifest() {
    let mut store = MemoryStore::default();
    let list = Manifest::Extents(vec![Extent::hole(5)]);
    let list = store.put(to_cbor(&list)).expect("memory takes it");
    let names = leaf(&mut store, &["a"]);
    let mut file = named("file", EntryKind::File);
    (file.size, file.content) = (5, Some(Content::Manifest(list)));
    let good = put(&mut store, &Node::Leaf(vec![file.clone(), folder("folder", names)]));
    audited(&store, &[list, names], good).expect("each is what it is said to be");
    let bad = put(&mut store, &Node::Leaf(vec![folder("folder", list)]));
    assert_eq!(why(audited(&store, &[list], bad)), "its bytes cannot be decoded");
    // Known from this very tree.
    let both = put(&mut store, &Node::Leaf(vec![folder("a", list), file.clone()]));
    assert_eq!(why(audited(&store, &[], both)), "its bytes cannot be decoded");
    file.content = Some(Content::Manifest(names));
    let bad = put(&mut store, &Node::Leaf(vec![file]));
    assert_eq!(why(audited(&store, &[names], bad)), "its bytes cannot be decoded");
}

#[test]
fn a_node_that_is_known_has_to_fit_where_it_stands_now() {
    let mut store = MemoryStore::default();
    let (early, late) = (leaf(&mut store, &["a", "b"]), leaf(&mut store, &["m", "z"]));
    let end = leaf(&mut store, &["zz"]);
    let two = |store: &mut MemoryStore, one, two| put(store, &Node::Inner(vec![one, two]));
    let pair = two(&mut store, child("a", early), child("m", late));
    let known = [early, late, end, pair];
    let good = two(&mut store, child("a", pair), child("zz", end));
    audited(&store, &known, good).expect("all names rise");
    let order = "its names are out of order";
    let wrong_first = two(&mut store, child("a", late), child("zz", end));
    assert_eq!(why(audited(&store, &known, wrong_first)), order);
    // Its own list ends before the next begins, and what the list leads to does not.
    let next = leaf(&mut store, &["n"]);
    let beyond = two(&mut store, child("a", pair), child("n", next));
    assert_eq!(why(audited(&store, &known, beyond)), order);
}

#[test]
fn folders_that_are_known_do_not_get_deeper_than_any_path_from_version_to_version() {
    let mut store = MemoryStore::default();
    let mut known = vec![leaf(&mut store, &["end"])];
    for depth in 2..=PATH_DEPTH_MAX {
        let below = known[known.len() - 1];
        known.push(put(&mut store, &Node::Leaf(vec![folder("f", below)])));
        if depth % 1_000 == 0 || depth == PATH_DEPTH_MAX {
            let (newest, before) = known.split_last().expect("some were made");
            audited(&store, before, *newest).expect("no path is too long yet");
        }
    }
    let too_deep = put(&mut store, &Node::Leaf(vec![folder("one more", known[known.len() - 1])]));
    assert_eq!(why(audited(&store, &known, too_deep)), "\"one more\" lies too deep");
    // And the same for the lists of one folder.
    let mut lists = vec![leaf(&mut store, &["a"])];
    for _ in 0..16 {
        let below = lists[lists.len() - 1];
        lists.push(put(&mut store, &Node::Inner(vec![child("a", below)])));
    }
    audited(&store, &lists[..16], lists[16]).expect("as many as there may be");
    let too_high = put(&mut store, &Node::Inner(vec![child("a", lists[16])]));
    assert_eq!(why(audited(&store, &lists, too_high)), "it stands at the wrong height");
}

/// A chain of small folders named paths of megabytes, and whoever searched held hundreds of them at once.
#[test]
fn a_path_that_is_too_long_is_refused_however_few_nodes_make_it() {
    let mut store = MemoryStore::default();
    let long = "n".repeat(1_023);
    let mut node = leaf(&mut store, &[&long]);
    for depth in 2..=64 {
        node = put(&mut store, &Node::Leaf(vec![folder(&long, node)]));
        assert!(audited(&store, &[], node).is_ok(), "{depth}");
    }
    assert_eq!(64 * 1_024 - 1, PATH_LEN_MAX - 1, "a byte is left, for no name at all");
    let top = put(&mut store, &Node::Leaf(vec![folder("a", node)]));
    assert!(why(audited(&store, &[node], top)).contains("65,536 bytes"), "also of what is known");
}

#[test]
fn a_version_with_more_bytes_or_entries_than_can_be_counted_is_refused_by_the_name_that_is_too_much()
 {
    let mut store = MemoryStore::default();
    let most = i64::MAX.unsigned_abs();
    let files = |store: &mut MemoryStore, files: Vec<Entry>| put(store, &Node::Leaf(files));
    let long = files(&mut store, vec![hole("long", most)]);
    audited(&store, &[], long).expect("a file may be as long");
    let longer = files(&mut store, vec![hole("longer", most + 1)]);
    let whys = why(audited(&store, &[], longer));
    assert_eq!(whys, "the entry \"longer\" is longer than a file can be");
    let sum =
        |name: &str| format!("the entry {name:?} brings the version to more than 2^63 - 1 bytes");
    let two = files(&mut store, vec![hole("a", most), hole("b", 1)]);
    assert_eq!(why(audited(&store, &[], two)), sum("b"));
    // The same folder of the version before, in one more place.
    let twice = files(&mut store, vec![folder("once", long), folder("twice", long)]);
    assert_eq!(why(audited(&store, &[long], twice)), sum("twice"));
    let first = files(&mut store, vec![hole("a", most)]);
    let second = files(&mut store, vec![hole("b", most)]);
    let lists = put(&mut store, &Node::Inner(vec![child("a", first), child("b", second)]));
    assert_eq!(why(audited(&store, &[], lists)), sum("b"));
    // Thirty nodes, each with the one below twice: no byte, and more paths than anybody can walk.
    let mut below = leaf(&mut store, &["nothing"]);
    let mut refused = None;
    for level in 1..=40 {
        below = files(&mut store, vec![folder("l", below), folder("r", below)]);
        if let Err(error) = audited(&store, &[], below) {
            refused.get_or_insert((level, error.to_string()));
        }
    }
    let (level, error) = refused.expect("two to the fortieth is too much");
    assert_eq!(level, 31, "{error}");
    assert!(error.ends_with("brings the version to more than 2^32 files and folders"), "{error}");
}

#[test]
fn what_is_missing_is_named_before_anything_is_added_up() {
    let mut store = MemoryStore::default();
    let most = i64::MAX.unsigned_abs();
    let missing = ObjectId { 0: [9; 32] };
    let root = put(&mut store, &Node::Leaf(vec![folder("gone", missing), hole("long", most + 1)]));
    audited(&store, &[], root).expect("the caller notes what is missing");
}
