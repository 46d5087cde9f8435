//! Reading, comparing, walking and marking against a plain map, and on damaged nodes.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use format::entry::{Content, Entry, EntryKind, Extent, Manifest, ManifestChild, Node};
use format::to_cbor;
use proptest::prelude::*;
use types::{ChunkId, ObjectId};

use crate::folder::{FolderBuilder, framed};
use crate::manifest::{ContentBuilder, ManifestRule};
use crate::split::Split;
use crate::test_edits::{any_edit, any_path};
use crate::test_model::{Model, big_model, build, edit, file, flatten, plant};
use crate::test_store::MemoryStore;
use crate::{
    Damage, Difference, Edit, ObjectWriter, Reference, TreeError, apply, diff, entries,
    entries_from, extents, extents_in, find, lookup, references, walk,
};

type Error = TreeError<crate::test_store::Missing>;

const TINY_MANIFEST: ManifestRule = ManifestRule { count_min: 17, count_cut: 40, mask: 0x03 };

/// A file of many extents at the path, so that the tree has manifest nodes on two levels.
fn add_big_file(store: &mut MemoryStore, model: &mut Model, extents: u32) {
    let mut builder = ContentBuilder::with_rule(TINY_MANIFEST);
    for number in 0..extents {
        let id = ChunkId(*blake3::hash(&number.to_le_bytes()).as_bytes());
        builder.push(store, Extent::chunk(id, 10)).unwrap();
    }
    let mut entry = Entry::new("", EntryKind::File);
    (entry.content, entry.size) = builder.finish(store).unwrap();
    plant(model, b"b/film", entry);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_name_is_found_and_no_other(names in prop::collection::btree_set("[a-e]{1,5}", 0..300)) {
        let mut store = MemoryStore::default();
        let mut builder = FolderBuilder::with_split(Split::TINY);
        let folder: Vec<_> = names.iter().map(|name| Entry::new(name.as_bytes(), EntryKind::Fifo)).collect();
        for entry in &folder {
            builder.push(&mut store, entry).unwrap();
        }
        let root = builder.finish(&mut store).unwrap();
        prop_assert_eq!(root.is_none(), folder.is_empty());
        let read: Vec<_> = entries(&store, root).map(|entry| entry.unwrap()).collect();
        prop_assert_eq!(&read, &folder);
        for name in names.iter().cloned().chain(["".into(), "bb".into(), "ccc".into(), "f".into()]) {
            let wanted = folder.iter().find(|entry| entry.name.as_slice() == name.as_bytes());
            let found = find(&store, root, name.as_bytes()).unwrap();
            prop_assert_eq!(found.as_ref(), wanted);
            let after: Vec<_> = entries_from(&store, root, name.as_bytes()).unwrap().map(Result::unwrap).collect();
            let at = folder.partition_point(|entry| entry.name.as_slice() < name.as_bytes());
            prop_assert_eq!(&after, &folder[at..]);
        }
    }

    #[test]
    fn a_walk_a_lookup_and_a_mark_find_exactly_what_is_there(
        edits in prop::collection::vec(any_edit(), 0..20), path in any_path(),
    ) {
        let mut model = big_model();
        for one in &edits {
            drop(edit(&mut model, one, 3));
        }
        let mut store = MemoryStore::default();
        add_big_file_if_room(&mut store, &mut model);
        let root = build(Split::TINY, &mut store, &model);
        prop_assert_eq!(&flatten(&store, &root), &model);
        let found = lookup(&store, &root, &path).ok().map(|entry| Entry { node: None, ..entry });
        prop_assert_eq!(found.as_ref(), model.get(&path));

        let (objects, chunks) = mark(&store, &root).unwrap();
        let stored: BTreeSet<_> = store.objects.keys().copied().collect();
        prop_assert_eq!(&objects, &stored, "all that was written is needed, and all is found");
        let wanted: BTreeSet<_> = model
            .values()
            .filter_map(|entry| entry.content.as_ref())
            .flat_map(|content| extents(&store, content).map(|placed| placed.unwrap()))
            .filter_map(|placed| placed.extent.chunk)
            .collect();
        prop_assert_eq!(chunks, wanted);
    }

    #[test]
    fn a_diff_names_what_differs_between_two_maps(
        edits in prop::collection::vec(any_edit(), 0..20),
    ) {
        let before = big_model();
        let mut after = before.clone();
        for one in &edits {
            drop(edit(&mut after, one, 3));
        }
        let mut store = MemoryStore::default();
        let a = build(Split::TINY, &mut store, &before);
        let b = build(Split::TINY, &mut store, &after);
        let mut found = BTreeMap::new();
        for change in diff(&store, &a, &b) {
            let change = change.unwrap();
            let (old, new) = match change.difference {
                Difference::Added(new) => (None, Some(new)),
                Difference::Removed(old) => (Some(old), None),
                Difference::Changed { before, after, content, attrs, kind } => {
                    prop_assert_eq!(content, (before.size, &before.content) != (after.size, &after.content));
                    prop_assert_eq!(attrs, before.attrs != after.attrs);
                    prop_assert_eq!(kind, before.kind != after.kind);
                    (Some(before), Some(after))
                }
            };
            let bare = |entry: Option<Box<Entry>>| entry.map(|entry| Entry { node: None, ..*entry });
            prop_assert!(found.insert(change.path, (bare(old), bare(new))).is_none());
        }
        let paths: BTreeSet<_> = before.keys().chain(after.keys()).filter(|path| !path.is_empty()).collect();
        let wanted: BTreeMap<_, _> = paths
            .into_iter()
            .map(|path| (path.clone(), (before.get(path).cloned(), after.get(path).cloned())))
            .filter(|(_, (old, new))| old != new)
            .collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn content_reads_back_whole_and_in_ranges_and_does_not_depend_on_how_it_was_pushed(
        parts in prop::collection::vec((0..6_u8, 0..3_u32, 0..9_u64), 0..300),
        cuts in prop::collection::vec((0..2000_u64, 0..2000_u64), 10),
    ) {
        let extent = |(chunk, offset, len): (u8, u32, u64)| match chunk {
            0 | 1 => Extent::hole(len),
            _ => Extent { len, chunk: Some(ChunkId([chunk; 32])), offset: offset * 4 },
        };
        let bytes = |extent: Extent| (0..extent.len).map(move |at| {
            extent.chunk.map(|chunk| (chunk, u64::from(extent.offset) + at))
        });
        let mut store = MemoryStore::default();
        let mut whole = ContentBuilder::with_rule(TINY_MANIFEST);
        let mut pieces = ContentBuilder::with_rule(TINY_MANIFEST);
        for extent in parts.iter().copied().map(extent) {
            whole.push(&mut store, extent).unwrap();
            for at in 0..u32::try_from(extent.len).unwrap() {
                let piece = Extent { len: 1, offset: extent.offset + at, ..extent };
                pieces.push(&mut store, piece).unwrap();
            }
        }
        let model: Vec<_> = parts.iter().copied().map(extent).flat_map(bytes).collect();
        let (content, size) = whole.finish(&mut store).unwrap();
        prop_assert_eq!(usize::try_from(size).unwrap(), model.len());
        prop_assert_eq!(&pieces.finish(&mut store).unwrap(), &(content.clone(), size));
        let Some(content) = content else { return Ok(()) };
        prop_assert_eq!(crate::content_len(&store, &content).unwrap(), size);
        for (begin, len) in cuts.into_iter().chain([(0, u64::MAX)]) {
            let mut read = Vec::new();
            for placed in extents_in(&store, &content, begin, len) {
                let placed = placed.unwrap();
                prop_assert_eq!(placed.at, begin.min(size) + read.len() as u64);
                read.extend(bytes(placed.extent));
            }
            let from = usize::try_from(begin).unwrap().min(model.len());
            let to = usize::try_from(begin.saturating_add(len).min(size)).unwrap().max(from);
            prop_assert_eq!(&read, &model[from..to]);
        }
    }
}

fn add_big_file_if_room(store: &mut MemoryStore, model: &mut Model) {
    let is_folder = |path: &[u8]| model.get(path).is_none_or(|e| e.kind == EntryKind::Folder);
    if is_folder(b"b") {
        add_big_file(store, model, 1200);
    }
}

fn mark(
    store: &MemoryStore,
    root: &Entry,
) -> Result<(BTreeSet<ObjectId>, BTreeSet<ChunkId>), Error> {
    let (mut seen, mut objects, mut chunks) = (HashSet::new(), BTreeSet::new(), BTreeSet::new());
    references(store, root, &mut |id| !seen.insert(*id), &mut |reference| match reference {
        Reference::Object(id) => assert!(objects.insert(id), "an object was read twice"),
        Reference::Chunk(id) => drop(chunks.insert(id)),
    })?;
    Ok((objects, chunks))
}

/// Reads a tree in every way; the errors that came up.
fn read_all(store: &mut MemoryStore, root: &Entry) -> Vec<Error> {
    let mut errors = Vec::new();
    for walked in walk(store, root) {
        match walked {
            Ok(walked) => {
                let content = walked.entry.content.iter();
                errors.extend(content.flat_map(|c| extents(store, c)).filter_map(Result::err));
                errors.extend(lookup(store, root, &walked.path).err());
            }
            Err(error) => errors.push(error),
        }
    }
    errors.extend(diff(store, &crate::test_model::folder(), root).filter_map(Result::err));
    errors.extend(mark(store, root).err());
    let edits = [b"a/f077".as_slice(), b"f077", b"zzz", b"b/c/f055"].map(|path| Edit::Put {
        path: path.into(),
        entry: Box::new(file(4)),
        make_parents: false,
    });
    errors.extend(apply(store, root, edits.into(), Default::default()).err());
    errors
}

fn sound_tree() -> (MemoryStore, Entry) {
    let mut model = big_model();
    let mut store = MemoryStore::default();
    add_big_file(&mut store, &mut model, 1200);
    let root = build(Split::TINY, &mut store, &model);
    (store, root)
}

#[test]
fn every_truncated_node_is_reported_by_its_id_whatever_reads_it() {
    let (mut store, root) = sound_tree();
    let ids: Vec<_> = store.objects.keys().copied().step_by(15).collect();
    assert!(read_all(&mut store, &root).is_empty());
    for id in ids {
        let sound = store.objects[&id].clone();
        for len in [0, 1, sound.len() / 2, sound.len() - 1] {
            store.objects.insert(id, Arc::new(sound[..len].to_vec()));
            let errors = read_all(&mut store, &root);
            let names_it =
                |error: &Error| matches!(error, TreeError::Damaged { object, .. } if *object == id);
            assert!(errors.iter().all(names_it) && errors.len() >= 2, "{id}: {errors:?}");
        }
        store.objects.insert(id, sound);
    }
}

#[test]
fn no_flipped_bit_makes_a_reader_panic_or_go_round_for_ever() {
    let mut model = Model::from([(Vec::new(), crate::test_model::folder())]);
    let mut store = MemoryStore::default();
    (0..60).for_each(|number| plant(&mut model, &[b'a' + number, b'f'], file(number)));
    add_big_file(&mut store, &mut model, 120);
    let root = build(Split::TINY, &mut store, &model);
    let mut ids: Vec<_> = store.objects.keys().copied().collect();
    ids.sort();
    let mut reported = 0;
    for (number, id) in ids.into_iter().enumerate() {
        let sound = store.objects[&id].clone();
        // Every byte of some nodes, the first bytes and some others of all.
        let step = if number % 8 == 0 { 1 } else { 17 };
        for at in (0..sound.len()).filter(|at| at % step == 0 || *at < 8) {
            let mut bytes = sound.to_vec();
            bytes[at] ^= 1 << (at % 8);
            store.objects.insert(id, Arc::new(bytes));
            reported += usize::from(!read_all_shallow(&store, &root).is_empty());
        }
        store.objects.insert(id, sound);
    }
    assert!(reported > 100, "only {reported} flips were reported");
}

fn read_all_shallow(store: &MemoryStore, root: &Entry) -> Vec<Error> {
    let mut errors: Vec<_> = walk(store, root).filter_map(Result::err).collect();
    let contents = walk(store, root).filter_map(|walked| walked.ok()?.entry.content);
    for content in contents {
        errors.extend(extents(store, &content).filter_map(Result::err));
    }
    errors.extend(mark(store, root).err());
    errors
}

#[test]
fn a_walk_goes_on_behind_a_damaged_node_and_names_its_folder() {
    let (mut store, root) = sound_tree();
    let all = walk(&store, &root).count();
    let folder = lookup(&store, &root, b"a").unwrap();
    let Node::Inner(children) =
        format::from_cbor::<Node>("node", &store.objects[&folder.node.unwrap()]).unwrap()
    else {
        panic!("the folder has several nodes")
    };
    store.objects.remove(&children[1].node);
    let (mut found, mut errors) = (0, 0);
    let mut walked = walk(&store, &root);
    while let Some(item) = walked.next() {
        match item {
            Ok(_) => found += 1,
            Err(error) => {
                errors += 1;
                assert!(matches!(error, TreeError::Store(_)));
                assert_eq!(walked.folder(), b"a");
            }
        }
    }
    assert_eq!(errors, 1);
    assert!(found < all && found > all / 2, "{found} of {all}");
}

#[test]
fn a_skipped_folder_is_not_read() {
    let (store, root) = sound_tree();
    store.reads.set(0);
    let mut walked = walk(&store, &root);
    let mut paths = Vec::new();
    while let Some(item) = walked.next() {
        paths.push(item.unwrap().path);
        walked.skip_folder();
    }
    assert_eq!(paths.len(), 152);
    assert!(paths.iter().all(|path| !path.contains(&b'/')));
}

#[test]
fn comparing_two_trees_reads_nothing_of_what_they_share() {
    let mut model = big_model();
    let mut store = MemoryStore::default();
    let a = build(Split::TINY, &mut store, &model);
    plant(&mut model, b"a/f077", file(9));
    let b = build(Split::TINY, &mut store, &model);
    store.reads.set(0);
    let changes: Vec<_> = diff(&store, &a, &b).map(|change| change.unwrap().path).collect();
    assert_eq!(changes, [b"a/f077"]);
    assert!(store.reads.get() < 50, "{} of {} nodes read", store.reads.get(), store.objects.len());
    store.reads.set(0);
    assert_eq!(diff(&store, &a, &a).count(), 0);
    assert_eq!(store.reads.get(), 0);
}

#[test]
fn hostile_nodes_are_damaged_not_believed() {
    let fifo = |name: &[u8]| Entry::new(name, EntryKind::Fifo);
    let mut wide = file(3);
    wide.name = b"w".to_vec().into();
    wide.size = 4;
    let mut torn = file(3);
    torn.name = b"t".to_vec().into();
    // What a reader of today makes of a kind of content that it does not know.
    torn.content = None;
    let nodes = [
        (Node::Leaf(vec![]), "empty"),
        (Node::Leaf(vec![fifo(b"..")]), "up"),
        (Node::Leaf(vec![fifo(b"etc/passwd")]), "slash"),
        (Node::Leaf(vec![fifo(b"b"), fifo(b"a")]), "order"),
        (Node::Leaf(vec![fifo(b"a"), fifo(b"a")]), "twice"),
        (Node::Leaf(vec![wide]), "size"),
        (Node::Leaf(vec![torn]), "content"),
    ];
    for (node, why) in nodes {
        let mut store = MemoryStore::default();
        let id = store.put(to_cbor(&node)).unwrap();
        let error = entries(&store, Some(id)).next().expect("an error").unwrap_err();
        assert!(matches!(error, TreeError::Damaged { object, .. } if object == id), "{why}");
    }
    // Levels upon levels, and lengths that do not add up.
    let mut store = MemoryStore::default();
    let mut id = store.put(to_cbor(&Manifest::Extents(vec![Extent::hole(5)]))).unwrap();
    let liar = Manifest::Inner(vec![ManifestChild { len: 6, node: id }]);
    let liar = Content::Manifest(store.put(to_cbor(&liar)).unwrap());
    let error = extents(&store, &liar).next().expect("an error").unwrap_err();
    assert!(matches!(error, TreeError::Damaged { damage: Damage::Lengths, .. }));
    for _ in 0..40 {
        let node = Manifest::Inner(vec![ManifestChild { len: 5, node: id }]);
        id = store.put(to_cbor(&node)).unwrap();
    }
    let errors: Vec<_> = extents(&store, &Content::Manifest(id)).collect();
    assert!(matches!(&errors[..], [Err(TreeError::Damaged { damage: Damage::Height, .. })]));
}

#[test]
fn entries_that_cannot_be_read_again_are_refused() {
    let mut store = MemoryStore::default();
    let fifo = |name: &[u8]| Entry::new(name, EntryKind::Fifo);
    for name in [b"".as_slice(), b".", b"..", b"a/b", b"a\0", &[b'x'; 1025]] {
        let error = FolderBuilder::new().push(&mut store, &fifo(name)).unwrap_err();
        assert!(matches!(error, TreeError::BadName { .. }));
    }
    let mut builder = FolderBuilder::new();
    builder.push(&mut store, &fifo(b"b")).unwrap();
    let error = builder.push(&mut store, &fifo(b"a")).unwrap_err();
    assert_eq!(error.to_string(), "the name \"a\" does not come after the one before it");
    let error =
        FolderBuilder::new().push(&mut store, &Entry { size: 1, ..fifo(b"a") }).unwrap_err();
    assert_eq!(error.to_string(), "the entry \"a\" has bytes and is not a file");
}

#[test]
fn a_node_put_together_from_parts_is_the_one_that_the_record_gives() {
    let folder: Vec<_> =
        (0..300).map(|number| Entry::new(format!("{number:03}"), EntryKind::Fifo)).collect();
    for count in [1, 23, 24, 255, 256, 300] {
        let parts: Vec<u8> = folder[..count].iter().flat_map(to_cbor).collect();
        let node = Node::Leaf(folder[..count].to_vec());
        assert_eq!(framed(0, count as u64, &parts), to_cbor(&node));
    }
}
