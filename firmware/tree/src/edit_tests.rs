//! Edits against a plain map: the same outcomes, and the very tree that building anew gives.

use std::collections::BTreeMap;
use std::mem::discriminant;

use format::entry::{Entry, EntryKind, FileTime};
use proptest::prelude::*;

use crate::edit::apply_with;
use crate::path::PATH_DEPTH_MAX;
use crate::split::Split;
use crate::test_edits::any_edit;
use crate::test_model::{Model, big_model, build, edit, file, flatten, folder, plant};
use crate::test_store::MemoryStore;
use crate::{
    Applied, Edit, EditError, EditOutcome, Reference, TreeError, apply, diff, lookup, references,
    walk,
};

fn run(store: &mut MemoryStore, root: &Entry, edits: Vec<Edit>, now: i64) -> Applied {
    let now = FileTime { secs: now, nanos: 0 };
    apply_with(Split::TINY, store, root, edits, now).unwrap()
}

/// How often each file stands somewhere, whatever its name; and how many folders there are.
fn holdings(model: &Model) -> (BTreeMap<u64, usize>, usize) {
    let mut files = BTreeMap::new();
    for entry in model.values().filter(|entry| entry.kind == EntryKind::File) {
        *files.entry(entry.size).or_default() += 1;
    }
    (files, model.values().filter(|entry| entry.kind == EntryKind::Folder).count())
}

fn is_loss(outcome: &Result<EditOutcome, EditError>) -> bool {
    matches!(outcome, Ok(EditOutcome::Replaced(_) | EditOutcome::Removed(_)))
}

fn check_lossless(applied: &Applied, before: &Model, after: &Model) {
    let losses = applied.outcomes.iter().filter(|outcome| is_loss(outcome)).count();
    assert!(applied.lossless || losses > 0, "nothing was lost");
    if applied.outcomes.len() == 1 {
        assert_eq!(applied.lossless, losses == 0);
    }
    if applied.lossless {
        let ((old_files, old_folders), (files, folders)) = (holdings(before), holdings(after));
        let kept = |(size, count)| files.get(size).is_some_and(|now| now >= count);
        assert!(old_files.iter().all(kept) && old_folders <= folders, "something was lost");
    }
}

fn check_batches(mut model: Model, batches: Vec<Vec<Edit>>) {
    let mut store = MemoryStore::default();
    let mut root = build(Split::TINY, &mut store, &model);
    for (now, edits) in (1..).zip(batches) {
        let before = model.clone();
        let expected: Vec<_> = edits.iter().map(|one| edit(&mut model, one, now)).collect();
        let applied = run(&mut store, &root, edits.clone(), now);
        for ((found, expected), edit) in applied.outcomes.iter().zip(&expected).zip(&edits) {
            let same = match (found, expected) {
                (Ok(found), Ok(expected)) => discriminant(found) == discriminant(expected),
                (Err(found), Err(expected)) => discriminant(found) == discriminant(expected),
                _ => false,
            };
            assert!(same, "{edit:?}: {found:?} where {expected:?} was due");
            if let (
                Ok(EditOutcome::Replaced(found) | EditOutcome::Removed(found)),
                Ok(EditOutcome::Replaced(expected) | EditOutcome::Removed(expected)),
            ) = (found, expected)
                && expected.kind == EntryKind::File
            {
                assert_eq!(found, expected);
            }
        }
        let rebuilt = build(Split::TINY, &mut MemoryStore::default(), &model);
        if applied.root != rebuilt {
            assert_eq!(flatten(&store, &applied.root), model, "the trees differ");
        }
        assert_eq!(applied.root, rebuilt, "equal trees with different nodes");
        check_lossless(&applied, &before, &model);
        root = applied.root;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_batches_of_edits_do_what_they_do_to_a_map_and_give_the_tree_of_building_anew(
        batches in prop::collection::vec(prop::collection::vec(any_edit(), 1..8), 1..6),
    ) {
        check_batches(big_model(), batches);
    }

    #[test]
    fn batches_on_an_empty_tree_do_what_they_do_to_a_map(
        batches in prop::collection::vec(prop::collection::vec(any_edit(), 1..12), 1..8),
    ) {
        check_batches(Model::from([(Vec::new(), folder())]), batches);
    }

    #[test]
    fn edits_at_any_places_of_a_high_tree_end_in_step_with_building_anew(
        numbers in prop::collection::vec((0..800_u16, any::<bool>()), 1..40),
    ) {
        let mut model = Model::from([(Vec::new(), folder())]);
        for number in (0..800).step_by(2) {
            plant(&mut model, format!("{number:04}").as_bytes(), file(2));
        }
        let edits = numbers.into_iter().map(|(number, put)| {
            let path = format!("{number:04}").into_bytes();
            if put {
                Edit::Put { path, entry: Box::new(file(3)), make_parents: false }
            } else {
                Edit::Delete { path, recursive: false }
            }
        });
        check_batches(model, vec![edits.collect()]);
    }
}

#[test]
fn a_failing_edit_fails_alone_and_says_what_to_do() {
    let mut store = MemoryStore::default();
    let root = build(Split::TINY, &mut store, &big_model());
    let put = |path: &str, make_parents| Edit::Put {
        path: path.into(),
        entry: Box::new(file(9)),
        make_parents,
    };
    let edits = vec![
        put("nowhere/x", false),
        put("f001/x", true),
        Edit::Rename { from: "b".into(), to: "b/c/d".into(), replace: true },
        Edit::Delete { path: "b".into(), recursive: false },
        Edit::Delete { path: "".into(), recursive: true },
        put("../x", true),
        put("new", false),
    ];
    let applied = run(&mut store, &root, edits, 5);
    let texts: Vec<_> = applied.outcomes[..6]
        .iter()
        .map(|outcome| outcome.as_ref().unwrap_err().to_string())
        .collect();
    let expected = [
        "\"nowhere\" does not exist",
        "\"f001\" is not a folder",
        "the folder \"b\" cannot be moved into itself",
        "the folder \"b\" is not empty",
        "the top folder itself cannot be replaced, moved or deleted",
        "\"../x\" holds a name that a file cannot have",
    ];
    assert_eq!(texts, expected);
    assert_eq!(applied.outcomes[6], Ok(EditOutcome::Created));
    let changes: Vec<_> = diff(&store, &root, &applied.root).map(|c| c.unwrap().path).collect();
    assert_eq!(changes, [b"new"], "only the last edit changed something");
}

#[test]
fn a_batch_that_changes_nothing_gives_the_same_root_and_writes_nothing() {
    let mut store = MemoryStore::default();
    let root = build(Split::TINY, &mut store, &big_model());
    let before = store.written;
    let edits = vec![
        Edit::MakeFolder { path: "b/c".into() },
        Edit::Put { path: "b/c/f005".into(), entry: Box::new(file(5)), make_parents: true },
        Edit::Rename { from: "a".into(), to: "a".into(), replace: false },
        Edit::Delete { path: "b/x".into(), recursive: true },
    ];
    let applied = run(&mut store, &root, edits, 5);
    assert_eq!(applied.root, root);
    assert!(applied.lossless);
    assert_eq!(store.written, before);
}

#[test]
fn taking_away_what_the_batch_itself_has_put_loses_nothing_but_taking_away_more_does() {
    let mut store = MemoryStore::default();
    let root = build(Split::TINY, &mut store, &big_model());
    let put =
        |path: &str| Edit::Put { path: path.into(), entry: Box::new(file(9)), make_parents: true };
    let upload = vec![
        put("upload.tmp"),
        put("upload.tmp"),
        Edit::Rename { from: "upload.tmp".into(), to: "film".into(), replace: true },
        put("x/y"),
        Edit::Delete { path: "x/y".into(), recursive: false },
    ];
    assert!(run(&mut store, &root, upload, 5).lossless);
    let hidden = vec![
        put("x/y"),
        Edit::Rename { from: "f001".into(), to: "x/f001".into(), replace: false },
        Edit::Delete { path: "x".into(), recursive: true },
    ];
    assert!(!run(&mut store, &root, hidden, 5).lossless);
}

#[test]
fn renaming_a_folder_of_many_names_reads_and_writes_only_the_way_to_it() {
    let mut model = Model::from([(Vec::new(), folder())]);
    for number in 0..3000 {
        plant(&mut model, format!("photos/{number:04}").as_bytes(), file(2));
    }
    let mut store = MemoryStore::default();
    let root = build(Split::TINY, &mut store, &model);
    let (objects, reads) = (store.objects.len(), store.reads.get());
    let rename = Edit::Rename { from: "photos".into(), to: "pictures".into(), replace: false };
    let applied = run(&mut store, &root, vec![rename], 5);
    assert_eq!(applied.outcomes, [Ok(EditOutcome::Moved)]);
    assert!(store.objects.len() <= objects + 1 && store.reads.get() <= reads + 6);
    let (old, new) = (lookup(&store, &root, b"photos"), lookup(&store, &applied.root, b"pictures"));
    assert_eq!(old.unwrap().node, new.unwrap().node);
}

#[test]
fn a_tree_as_deep_as_paths_may_be_costs_no_stack_and_a_deeper_one_can_still_be_marked() {
    let mut store = MemoryStore::default();
    let path = |depth: usize| vec![b"a".as_slice(); depth].join(&b'/');
    let put = |depth| Edit::Put { path: path(depth), entry: Box::new(file(3)), make_parents: true };
    let now = FileTime::default();
    let edits = vec![put(PATH_DEPTH_MAX + 1), put(PATH_DEPTH_MAX)];
    let applied = apply(&mut store, &folder(), edits, now).unwrap();
    assert!(matches!(applied.outcomes[0], Err(EditError::TooDeep { .. })));
    assert_eq!(applied.outcomes[1], Ok(EditOutcome::Created));
    let deep = applied.root;
    assert_eq!(walk(&store, &deep).filter(Result::is_ok).count(), PATH_DEPTH_MAX);
    assert_eq!(diff(&store, &folder(), &deep).filter(Result::is_ok).count(), PATH_DEPTH_MAX);
    assert_eq!(lookup(&store, &deep, &path(PATH_DEPTH_MAX)).unwrap().size, 3);

    // Putting the whole tree into itself is the way to exceed the bound.
    let into = b"b/c".to_vec();
    let edit = Edit::Put { path: into, entry: Box::new(deep.clone()), make_parents: true };
    let deeper = apply(&mut store, &deep, vec![edit], now).unwrap().root;
    let errors: Vec<_> = walk(&store, &deeper).filter_map(Result::err).collect();
    assert!(matches!(&errors[..], [TreeError::TooDeep { .. }]), "{errors:?}");
    let mut chunks = 0;
    let mut visit = |reference| chunks += usize::from(matches!(reference, Reference::Chunk(_)));
    references(&store, &deeper, &mut |_| false, &mut visit).unwrap();
    assert_eq!(chunks, 2, "the file is found at both places");
}
