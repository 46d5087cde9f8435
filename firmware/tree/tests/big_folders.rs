//! Folders and files of the size that hurts: bounded nodes, small edits, short reads.

#[path = "common/store.rs"]
mod store;

use format::entry::{Content, Entry, EntryKind, Extent, FileTime, NODE_LEN_MAX, Xattr};
use minicbor::bytes::ByteVec;
use store::MemoryStore;
use tree::{
    ContentBuilder, ENTRY_LEN_MAX, Edit, EditOutcome, FolderBuilder, TreeError, apply, diff,
    entries, extents, extents_in, find,
};
use types::ChunkId;

fn chunk(number: u32) -> ChunkId {
    ChunkId(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

fn photo(number: u32) -> Entry {
    let mut entry = Entry::new(format!("IMG_{number:07}.jpeg"), EntryKind::File);
    entry.attrs.mode = 0o644;
    entry.attrs.uid = 1000;
    entry.attrs.gid = 1000;
    entry.attrs.user = Some(ByteVec::from(b"ada".to_vec()));
    entry.attrs.mtime = FileTime { secs: 1_700_000_000 + i64::from(number), nanos: 123_456_789 };
    entry.size = 4_000_000;
    entry.content = Some(Content::Inline(vec![Extent::chunk(chunk(number), 4_000_000)]));
    entry
}

fn folder_of(store: &mut MemoryStore, count: u32) -> Entry {
    let mut builder = FolderBuilder::new();
    for number in 0..count {
        builder.push(store, &photo(number)).expect("memory takes it");
    }
    let mut root = Entry::new("", EntryKind::Folder);
    root.node = builder.finish(store).expect("memory takes it");
    root
}

#[test]
fn changing_one_of_200_000_names_writes_and_reads_a_handful_of_nodes() {
    let count = 200_000;
    let mut store = MemoryStore::default();
    let root = folder_of(&mut store, count);
    let total = store.written;
    assert!(store.objects.values().all(|object| object.len() < 160 << 10), "a node is too long");
    let mean = total / store.objects.len();
    assert!((16 << 10..48 << 10).contains(&mean), "nodes of {mean} bytes on average");

    let mut changed_bytes = 0;
    let mut folder = root.clone();
    for round in 0..20_u32 {
        let number = 9_973 * (round + 1);
        let mut entry = photo(number);
        entry.attrs.mode = 0o600;
        entry.attrs.mtime.secs = 7;
        let path = entry.name.to_vec();
        let before = store.written;
        store.reads.set(0);
        let edit = Edit::Put { path, entry: Box::new(entry), make_parents: false };
        let applied = apply(&mut store, &folder, vec![edit], FileTime::default()).unwrap();
        assert_eq!(
            applied.outcomes,
            [Ok(EditOutcome::Replaced(Box::new(photo(number))))],
            "the old entry is handed out"
        );
        let written = store.written - before;
        assert!(written * 100 < total, "one name: {written} of {total} bytes written anew");
        assert!(store.reads.get() < 60, "one name: {} nodes read", store.reads.get());
        changed_bytes += written;
        folder = applied.root;
    }
    assert!(changed_bytes / 20 < 100 << 10, "{} bytes for one name", changed_bytes / 20);

    store.reads.set(0);
    let changes: Vec<_> = diff(&store, &root, &folder).map(|change| change.unwrap().path).collect();
    assert_eq!(changes.len(), 20);
    assert!(store.reads.get() < 250, "{} nodes read to find 20 names", store.reads.get());
    store.reads.set(0);
    assert_eq!(find(&store, folder.node, b"IMG_0123456.jpeg").unwrap(), Some(photo(123_456)));
    assert!(store.reads.get() <= 4, "one node a level");
}

#[test]
fn an_edited_folder_is_the_one_that_building_anew_gives() {
    let mut store = MemoryStore::default();
    let root = folder_of(&mut store, 20_000);
    let edits = (0..20_000)
        .step_by(700)
        .map(|number| Edit::Delete { path: photo(number).name.to_vec(), recursive: false })
        .collect();
    let edited = apply(&mut store, &root, edits, FileTime::default()).unwrap().root;
    let mut builder = FolderBuilder::new();
    for number in (0..20_000).filter(|number| number % 700 != 0) {
        builder.push(&mut store, &photo(number)).unwrap();
    }
    assert_eq!(edited.node, builder.finish(&mut store).unwrap());
}

#[test]
fn nodes_stay_within_bounds_with_the_largest_entries_and_a_larger_one_is_refused_by_name() {
    let mut store = MemoryStore::default();
    let mut builder = FolderBuilder::new();
    let heavy = |number: u32, len: usize| {
        let mut entry = photo(number);
        let value = ByteVec::from(vec![7; len]);
        entry.attrs.xattrs = vec![Xattr { name: ByteVec::from(b"user.x".to_vec()), value }];
        entry
    };
    let lens = [10, 100 << 10, ENTRY_LEN_MAX - 400, ENTRY_LEN_MAX - 400, 119 << 10, 10];
    for (number, len) in (0..).zip(lens) {
        builder.push(&mut store, &heavy(number, len)).unwrap();
    }
    let node = builder.finish(&mut store).unwrap();
    assert!(store.objects.values().all(|object| object.len() <= NODE_LEN_MAX));
    assert_eq!(entries(&store, node).count(), lens.len());

    let error = FolderBuilder::new().push(&mut store, &heavy(3, ENTRY_LEN_MAX)).unwrap_err();
    assert!(matches!(&error, TreeError::EntryTooBig { name, .. } if name == b"IMG_0000003.jpeg"));
    assert!(error.to_string().contains("IMG_0000003.jpeg"), "{error}");
}

#[test]
fn ranges_of_a_file_of_100_000_extents_read_only_their_own_nodes() {
    let mut store = MemoryStore::default();
    let mut builder = ContentBuilder::new();
    let mut model = Vec::new();
    let mut at = 0_u64;
    for number in 0..100_000_u32 {
        let len = u64::from(number % 977 + 1) * 1000;
        let extent = match number % 50 {
            0 => Extent::hole(len),
            1 => Extent { offset: 4096, ..Extent::chunk(chunk(number), len) },
            _ => Extent::chunk(chunk(number), len),
        };
        builder.push(&mut store, extent).unwrap();
        model.push((at, extent));
        at += len;
    }
    let (content, size) = builder.finish(&mut store).unwrap();
    let content = content.expect("the file is not empty");
    assert_eq!(size, at);
    assert!(store.objects.values().all(|object| object.len() <= 256 << 10));
    let read: Vec<_> = extents(&store, &content).map(|p| p.unwrap()).collect();
    assert!(read.iter().map(|p| (p.at, p.extent)).eq(model.iter().copied()));

    for round in 0..200_u64 {
        let begin = round * 0x9e37_79b9_7f4a % size;
        let len = round * 40_000;
        let end = (begin + len).min(size);
        let first = model.partition_point(|(at, extent)| at + extent.len <= begin);
        let naive = model[first..].iter().take_while(|(at, _)| *at < end).map(|(at, extent)| {
            let (from, to) = (begin.max(*at), end.min(at + extent.len));
            let offset = extent.chunk.map_or(0, |_| u64::from(extent.offset) + from - at);
            (from, to - from, extent.chunk, offset)
        });
        store.reads.set(0);
        let ranged = extents_in(&store, &content, begin, len).map(|placed| {
            let placed = placed.unwrap();
            (placed.at, placed.extent.len, placed.extent.chunk, placed.extent.offset.into())
        });
        assert!(ranged.eq(naive), "{len} bytes from {begin} on");
        assert!(store.reads.get() <= 4, "{} nodes read", store.reads.get());
    }
}
