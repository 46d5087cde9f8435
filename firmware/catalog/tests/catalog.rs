//! What the catalog promises its callers: batches whole or not at all, the newest place wins, and
//! a model of plain maps agrees with it through every mix of changes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use catalog::{
    Catalog, CatalogError, ChunkEntry, ChunkPlace, Durability, Opened, PackInfo, PackNo, PackState,
    VolumeSlot,
};
use proptest::prelude::*;
use types::{ChunkId, PackId, SpaceId, VaultId, VolumeId};

const VAULT: VaultId = VaultId([7; 16]);
const CACHE: usize = 4 << 20;

fn memory() -> Catalog {
    Catalog::open(None, VAULT, CACHE).unwrap().0
}

fn reopen(path: &Path) -> (Catalog, Opened) {
    Catalog::open(Some(path), VAULT, CACHE).unwrap()
}

fn info(n: u8) -> PackInfo {
    PackInfo {
        id: PackId([n; 32]),
        kind: 1,
        space: SpaceId([n; 16]),
        len: 16 << 20,
        raw_len: 20 << 20,
        objects: 17,
        state: PackState::Live,
    }
}

fn id(n: u32) -> ChunkId {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&n.to_le_bytes());
    ChunkId(id)
}

fn entry(n: u32) -> ChunkEntry {
    ChunkEntry { id: id(n), frame: 3, frame_offset: n, raw_offset: 0xff_ffff, len: 1 + n }
}

fn place(pack: PackNo, n: u32) -> ChunkPlace {
    ChunkPlace { pack, frame: 3, frame_offset: n, raw_offset: 0xff_ffff, len: 1 + n }
}

fn add(catalog: &Catalog, pack: u8, chunks: std::ops::Range<u32>) -> PackNo {
    let mut batch = catalog.batch().unwrap();
    let no = batch.add_pack(info(pack)).unwrap();
    batch.add_chunks(no, chunks.map(entry)).unwrap();
    batch.commit(Durability::Relaxed).unwrap();
    no
}

#[test]
fn a_chunk_is_found_where_it_was_put_and_nowhere_before_the_commit() {
    let catalog = memory();
    let mut batch = catalog.batch().unwrap();
    let pack = batch.add_pack(info(1)).unwrap();
    batch.add_chunks(pack, [entry(5)]).unwrap();
    assert_eq!(catalog.chunk(&id(5)).unwrap(), None);
    batch.commit(Durability::Relaxed).unwrap();
    assert_eq!(catalog.chunk(&id(5)).unwrap(), Some(place(pack, 5)));
    assert_eq!(catalog.pack(pack).unwrap(), Some(info(1)));
    assert_eq!(catalog.pack_no(&PackId([1; 32])).unwrap(), Some(pack));
    assert_eq!(catalog.has_many(&[id(5), id(6)]).unwrap(), [true, false]);
}

#[test]
fn a_batch_that_is_dropped_leaves_no_trace() {
    let catalog = memory();
    let mut batch = catalog.batch().unwrap();
    let pack = batch.add_pack(info(1)).unwrap();
    batch.add_chunks(pack, [entry(5)]).unwrap();
    drop(batch);
    assert_eq!(catalog.chunk(&id(5)).unwrap(), None);
    assert_eq!(catalog.pack(pack).unwrap(), None);
    assert_eq!(catalog.stats().packs, 0);
}

#[test]
fn adding_a_pack_twice_gives_its_number_again_and_changes_nothing() {
    let catalog = memory();
    let first = add(&catalog, 1, 0..1);
    let mut batch = catalog.batch().unwrap();
    batch.set_state(first, PackState::Dying).unwrap();
    assert_eq!(batch.add_pack(info(1)).unwrap(), first);
    assert_ne!(batch.add_pack(info(2)).unwrap(), first);
    batch.commit(Durability::Relaxed).unwrap();
    assert_eq!(catalog.pack(first).unwrap().unwrap().state, PackState::Dying);
}

#[test]
fn nothing_new_may_point_at_a_dying_or_missing_pack_but_it_is_still_read() {
    let catalog = memory();
    let pack = add(&catalog, 1, 0..2);
    assert_eq!(catalog.dedup_target(&id(0)).unwrap(), Some(place(pack, 0)));
    for state in [PackState::Dying, PackState::Missing] {
        let mut batch = catalog.batch().unwrap();
        batch.set_state(pack, state).unwrap();
        batch.commit(Durability::Relaxed).unwrap();
        assert_eq!(catalog.dedup_target(&id(0)).unwrap(), None);
        assert_eq!(catalog.chunk(&id(0)).unwrap(), Some(place(pack, 0)));
    }
}

#[test]
fn a_newer_place_wins_unless_only_absent_ones_are_asked_for() {
    let catalog = memory();
    let old = add(&catalog, 1, 0..2);
    let new = add(&catalog, 2, 1..2);
    let mut batch = catalog.batch().unwrap();
    batch.add_chunks_if_absent(old, [entry(1), entry(9)]).unwrap();
    batch.commit(Durability::Durable).unwrap();
    assert_eq!(catalog.chunk(&id(0)).unwrap(), Some(place(old, 0)));
    assert_eq!(catalog.chunk(&id(1)).unwrap(), Some(place(new, 1)));
    assert_eq!(catalog.chunk(&id(9)).unwrap(), Some(place(old, 9)));
}

#[test]
fn dropping_a_pack_forgets_its_chunks_but_not_those_that_moved() {
    let catalog = memory();
    let old = add(&catalog, 1, 0..3);
    let new = add(&catalog, 2, 2..3);
    let mut batch = catalog.batch().unwrap();
    batch.drop_pack(old).unwrap();
    batch.commit(Durability::Durable).unwrap();
    assert_eq!(catalog.has_many(&[id(0), id(1), id(2)]).unwrap(), [false, false, true]);
    assert_eq!(catalog.chunk(&id(2)).unwrap(), Some(place(new, 2)));
    assert_eq!(catalog.pack_no(&PackId([1; 32])).unwrap(), None);
    assert_ne!(add(&catalog, 1, 0..1), old, "a number is never given twice");
}

#[test]
fn presence_is_kept_by_volume_and_goes_with_the_volume() {
    let catalog = memory();
    let pack = add(&catalog, 1, 0..1);
    let mut batch = catalog.batch().unwrap();
    let (one, two) = (VolumeId([1; 16]), VolumeId([2; 16]));
    let (slot_one, slot_two) = (batch.slot_for(one).unwrap(), batch.slot_for(two).unwrap());
    assert_eq!(batch.slot_for(one).unwrap(), slot_one);
    batch.set_presence(pack, slot_one, true).unwrap();
    batch.set_presence(pack, slot_two, true).unwrap();
    batch.commit(Durability::Relaxed).unwrap();
    assert_eq!(catalog.presence(pack).unwrap(), slot_one.bit() | slot_two.bit());
    assert_eq!(catalog.slots().unwrap(), [(slot_one, one), (slot_two, two)]);

    let mut batch = catalog.batch().unwrap();
    batch.forget_volume(one).unwrap();
    assert_eq!(batch.slot_for(VolumeId([3; 16])).unwrap(), slot_one, "a free slot is used again");
    batch.commit(Durability::Relaxed).unwrap();
    assert_eq!(catalog.presence(pack).unwrap(), slot_two.bit());
}

#[test]
fn the_sixty_fifth_volume_is_refused() {
    let catalog = memory();
    let mut batch = catalog.batch().unwrap();
    for n in 0..64 {
        assert_eq!(batch.slot_for(VolumeId([n; 16])).unwrap(), VolumeSlot(n));
    }
    assert!(matches!(batch.slot_for(VolumeId([64; 16])), Err(CatalogError::TooManyVolumes)));
}

#[test]
fn what_no_pack_can_hold_is_refused() {
    let catalog = memory();
    let pack = add(&catalog, 1, 0..1);
    let mut batch = catalog.batch().unwrap();
    let long = ChunkEntry { len: 1 << 24, ..entry(1) };
    assert!(matches!(batch.add_chunks(pack, [long]), Err(CatalogError::OutOfRange { .. })));
    let unknown = PackNo(99);
    assert!(matches!(batch.add_chunks(unknown, []), Err(CatalogError::UnknownPack { .. })));
    assert!(matches!(
        batch.set_state(unknown, PackState::Dying),
        Err(CatalogError::UnknownPack { .. })
    ));
}

#[test]
fn everything_is_there_again_after_closing_and_opening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalog");
    let (catalog, opened) = reopen(&path);
    assert_eq!(opened, Opened::Created);
    let pack = add(&catalog, 1, 0..500);
    let mut batch = catalog.batch().unwrap();
    batch.set_note("seq", b"41").unwrap();
    batch.commit(Durability::Relaxed).unwrap();
    assert_eq!(catalog.stats().chunk_rows_unwritten, 500);
    drop(catalog);

    let (catalog, opened) = reopen(&path);
    assert_eq!(opened, Opened::Existing);
    for n in 0..500 {
        assert_eq!(catalog.chunk(&id(n)).unwrap(), Some(place(pack, n)));
    }
    assert_eq!(catalog.note("seq").unwrap().as_deref(), Some(b"41".as_slice()));
    let mut seen = Vec::new();
    catalog.visit_packs(|no, info, presence| seen.push((no, info.clone(), presence))).unwrap();
    assert_eq!(seen, [(pack, info(1), 0)]);
}

#[test]
fn a_crash_takes_everything_back_to_one_earlier_moment() {
    let dir = tempfile::tempdir().unwrap();
    let (path, after) = (dir.path().join("catalog"), dir.path().join("after the crash"));
    let (catalog, _) = reopen(&path);
    let pack = add(&catalog, 1, 0..100);
    let mut batch = catalog.batch().unwrap();
    batch.set_note("seq", b"1").unwrap();
    batch.commit(Durability::Durable).unwrap();
    let lost = add(&catalog, 2, 100..200);
    let mut batch = catalog.batch().unwrap();
    batch.set_note("seq", b"2").unwrap();
    batch.commit(Durability::Relaxed).unwrap();
    std::fs::copy(&path, &after).unwrap();
    std::fs::copy(dir.path().join("catalog.guard"), dir.path().join("after the crash.guard"))
        .unwrap();

    let (catalog, opened) = reopen(&after);
    assert_eq!(opened, Opened::Existing);
    assert_eq!(catalog.note("seq").unwrap().as_deref(), Some(b"1".as_slice()));
    assert_eq!(catalog.chunk(&id(99)).unwrap(), Some(place(pack, 99)));
    assert_eq!(catalog.chunk(&id(100)).unwrap(), None);
    assert_eq!(catalog.pack(lost).unwrap(), None);
}

#[test]
fn a_second_user_of_the_file_is_told_who_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalog");
    let (catalog, _) = reopen(&path);
    let refused = Catalog::open(Some(&path), VAULT, CACHE).unwrap_err();
    assert!(matches!(&refused, CatalogError::Busy { path: named } if *named == path));
    assert!(refused.to_string().contains("catalog"), "{refused}");
    drop(catalog);
    assert_eq!(reopen(&path).1, Opened::Existing);
}

#[test]
fn many_small_durable_commits_stay_few_runs_and_lose_nothing() {
    let catalog = memory();
    let pack = add(&catalog, 1, 0..0);
    for n in 0..300 {
        let mut batch = catalog.batch().unwrap();
        batch.add_chunks(pack, [entry(n), entry(n / 2)]).unwrap();
        batch.commit(Durability::Durable).unwrap();
    }
    for n in 0..300 {
        assert_eq!(catalog.chunk(&id(n)).unwrap(), Some(place(pack, n)));
    }
    assert!(catalog.stats().chunk_rows < 310, "{:?}", catalog.stats());
}

#[test]
fn readers_see_whole_batches_while_another_thread_commits() {
    let catalog = memory();
    let pack = add(&catalog, 1, 0..1);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 1..60_u32 {
                let mut batch = catalog.batch().unwrap();
                let chunks = [0, 1].map(|n| ChunkEntry { len: round, ..entry(n) });
                batch.add_chunks(pack, chunks).unwrap();
                let durable = round.is_multiple_of(3);
                batch
                    .commit(if durable { Durability::Durable } else { Durability::Relaxed })
                    .unwrap();
            }
        });
        let mut last = 0;
        while !writer.is_finished() {
            let seen = catalog.chunk(&id(1)).unwrap().map_or(0, |place| place.len);
            assert!(seen >= last, "{seen} after {last}");
            last = seen;
        }
    });
    assert_eq!(catalog.chunk(&id(1)).unwrap().unwrap().len, 59);
}

/// One change, as the property test draws it.
#[derive(Clone, Debug)]
enum Change {
    Add { pack: u8, chunks: Vec<u8>, absent_only: bool },
    Drop { pack: u8 },
    State { pack: u8, state: PackState },
    Presence { pack: u8, slot: u8, holds: bool },
    Commit { durable: bool },
    Abort,
    Reopen,
}

fn change() -> impl Strategy<Value = Change> {
    let pack = || 0_u8..5;
    prop_oneof![
        6 => (pack(), prop::collection::vec(any::<u8>(), 0..40), any::<bool>())
            .prop_map(|(pack, chunks, absent_only)| Change::Add { pack, chunks, absent_only }),
        2 => pack().prop_map(|pack| Change::Drop { pack }),
        2 => (pack(), prop_oneof![Just(PackState::Live), Just(PackState::Dying)])
            .prop_map(|(pack, state)| Change::State { pack, state }),
        2 => (pack(), 0_u8..3, any::<bool>())
            .prop_map(|(pack, slot, holds)| Change::Presence { pack, slot, holds }),
        4 => any::<bool>().prop_map(|durable| Change::Commit { durable }),
        1 => Just(Change::Abort),
        1 => Just(Change::Reopen),
    ]
}

#[derive(Clone, Debug, Default)]
struct Model {
    /// By the byte that names them: number, state, presence.
    packs: BTreeMap<u8, (PackNo, PackState, u64)>,
    /// Every pack a chunk was ever put in, oldest first.
    places: BTreeMap<u8, Vec<PackNo>>,
}

impl Model {
    fn state(&self, no: PackNo) -> Option<PackState> {
        self.packs.values().find(|(known, ..)| *known == no).map(|(_, state, _)| *state)
    }

    fn newest(&self, chunk: u8) -> Option<PackNo> {
        self.places.get(&chunk).and_then(|places| places.last()).copied()
    }

    fn alive(&self, chunk: u8) -> BTreeSet<PackNo> {
        let places = self.places.get(&chunk).into_iter().flatten();
        places.copied().filter(|no| self.state(*no).is_some()).collect()
    }
}

fn apply(batch: &mut catalog::Batch<'_>, model: &mut Model, change: &Change) {
    match change {
        Change::Add { pack, chunks, absent_only } => {
            let no = batch.add_pack(info(*pack)).unwrap();
            model.packs.entry(*pack).or_insert((no, PackState::Live, 0));
            let mut entries = Vec::new();
            for chunk in chunks {
                let (newest, alive) = (model.newest(*chunk), model.alive(*chunk));
                let newest_lives = newest.is_some_and(|no| alive.contains(&no));
                // With the newest place gone and an older one not, either answer is right: not asked.
                if *absent_only && !newest_lives && !alive.is_empty() {
                    continue;
                }
                entries.push(entry(u32::from(*chunk)));
                if !absent_only || !newest_lives {
                    model.places.entry(*chunk).or_default().push(no);
                }
            }
            if *absent_only {
                batch.add_chunks_if_absent(no, entries).unwrap();
            } else {
                batch.add_chunks(no, entries).unwrap();
            }
        }
        Change::Drop { pack } => {
            if let Some((no, ..)) = model.packs.remove(pack) {
                // The model keeps no older place: the catalog may, and either is right.
                batch.drop_pack(no).unwrap();
            }
        }
        Change::State { pack, state } => {
            if let Some((no, known, _)) = model.packs.get_mut(pack) {
                *known = *state;
                batch.set_state(*no, *state).unwrap();
            }
        }
        Change::Presence { pack, slot, holds } => {
            if let Some((no, _, bits)) = model.packs.get_mut(pack) {
                *bits = if *holds { *bits | (1 << slot) } else { *bits & !(1 << slot) };
                batch.set_presence(*no, VolumeSlot(*slot), *holds).unwrap();
            }
        }
        Change::Commit { .. } | Change::Abort | Change::Reopen => {}
    }
}

fn compare(catalog: &Catalog, model: &Model) {
    for chunk in 0..=255_u8 {
        let found = catalog.chunk(&id(u32::from(chunk))).unwrap();
        let alive = model.alive(chunk);
        match found {
            Some(found) => {
                assert!(alive.contains(&found.pack), "{chunk} is in {alive:?}, not {found:?}");
                assert_eq!(found, place(found.pack, u32::from(chunk)));
            }
            // Absent is right only if the newest place is gone; then an older one may be, too.
            None => assert!(model.newest(chunk).is_none_or(|no| !alive.contains(&no)), "{chunk}"),
        }
        if let Some(newest) = model.newest(chunk).filter(|no| alive.contains(no)) {
            assert_eq!(found.map(|found| found.pack), Some(newest));
            let target = catalog.dedup_target(&id(u32::from(chunk))).unwrap();
            assert_eq!(target.is_some(), model.state(newest) == Some(PackState::Live));
        }
    }
    for (byte, (no, state, bits)) in &model.packs {
        let found = catalog.pack(*no).unwrap().unwrap();
        assert_eq!((found.id, found.state), (PackId([*byte; 32]), *state));
        assert_eq!(catalog.presence(*no).unwrap(), *bits);
    }
    assert_eq!(catalog.stats().packs, model.packs.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn it_agrees_with_plain_maps(changes in prop::collection::vec(change(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("catalog");
        let mut catalog = reopen(&path).0;
        let mut model = Model::default();
        for group in changes.split_inclusive(|change| {
            matches!(change, Change::Commit { .. } | Change::Abort | Change::Reopen)
        }) {
            let before = model.clone();
            let mut batch = catalog.batch().unwrap();
            for change in group {
                apply(&mut batch, &mut model, change);
            }
            match group.last() {
                Some(Change::Abort) => { drop(batch); model = before; }
                Some(Change::Commit { durable: true }) => batch.commit(Durability::Durable).unwrap(),
                _ => batch.commit(Durability::Relaxed).unwrap(),
            }
            if matches!(group.last(), Some(Change::Reopen)) {
                drop(catalog);
                let opened;
                (catalog, opened) = reopen(&path);
                prop_assert_eq!(opened, Opened::Existing);
            }
            compare(&catalog, &model);
        }
    }
}

#[test]
fn every_chunk_has_a_number_of_its_own_while_others_are_added_and_dropped() {
    let catalog = memory();
    // Runs of two sizes, a row that replaces another, a dropped pack, and rows not written yet.
    add(&catalog, 1, 0..6_000);
    catalog.batch().unwrap().commit(Durability::Durable).unwrap();
    add(&catalog, 2, 6_000..7_000);
    catalog.batch().unwrap().commit(Durability::Durable).unwrap();
    let gone = add(&catalog, 3, 7_000..7_500);
    let newer = add(&catalog, 4, 7..8);
    let mut batch = catalog.batch().unwrap();
    batch.drop_pack(gone).unwrap();
    batch.commit(Durability::Relaxed).unwrap();
    let mut rows = catalog.rows();
    let late = add(&catalog, 5, 200_000..200_001);
    assert_eq!(rows.find(&id(200_000)).unwrap(), None, "it came later");
    assert_eq!(catalog.chunk(&id(200_000)).unwrap(), Some(place(late, 200_000)));

    let mut seen = catalog::Numbers::none_of(&rows);
    let mut ids: Vec<ChunkId> = (0..7_500).rev().map(id).collect();
    ids.push(id(7));
    let (mut found, mut missing, numbers) = (0, 0, rows.numbers());
    rows.find_all::<CatalogError>(&mut ids, &mut |id, row| {
        let Some(row) = row else {
            missing += 1;
            return Ok(());
        };
        found += 1;
        assert!(row.number < numbers && seen.insert(row.number), "{id} has another's number");
        assert!(seen.contains(row.number));
        assert_eq!(catalog.chunk(&id).unwrap(), Some(row.place));
        Ok(())
    })
    .unwrap();
    assert_eq!((found, missing, ids.len()), (7_000, 500, 0));
    assert_eq!(rows.find(&id(7)).unwrap().unwrap().place, place(newer, 7));
}
