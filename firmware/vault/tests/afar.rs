//! What another computer sends: durable before it is acknowledged, looked at before it is a version, let go
//! when nobody went on with it.
//!
//! Start at [`sends`].

mod common;

use std::sync::Arc;

use common::{Rig, noise, restore};
use format::entry::{Content, Entry, EntryKind, Extent, Manifest};
use format::record::{Snapshot, SnapshotKind, SnapshotStats};
use format::to_cbor;
use seal::NamingKeys;
use tree::{FolderBuilder, ObjectReader, ObjectWriter};
use types::{ChunkId, Millis, ObjectId, SourceId, UnixTime};
use vault::{Committed, Named, PruneOptions, Receipt, Vault, VaultError};

type Piece = (bool, Vec<u8>);

fn keys(vault: &Vault) -> NamingKeys {
    vault.naming_keys(vault.everyone()).expect("a sound vault does it")
}

fn named(vault: &Vault, (is_object, bytes): &Piece) -> Named {
    let keys = keys(vault);
    let id = if *is_object { keys.object_id(bytes) } else { keys.chunk_id(bytes) };
    Named { is_object: *is_object, id }
}

fn sends(vault: &Vault, source: &str, pieces: &[Piece]) -> Result<Receipt, VaultError> {
    let mut rest = pieces.iter();
    vault.receive(vault.everyone(), source, &mut |buffer| {
        let Some(piece) = rest.next() else { return Ok(None) };
        buffer.clone_from(&piece.1);
        Ok(Some(named(vault, piece)))
    })
}

fn lacks(vault: &Vault, source: &str, pieces: &[Piece]) -> Vec<bool> {
    let asked: Vec<Named> = pieces.iter().map(|piece| named(vault, piece)).collect();
    vault.lacking(vault.everyone(), source, &asked).expect("a sound vault does it")
}

/// Nodes as they are made.
struct Nodes(NamingKeys, Vec<Piece>);

impl ObjectReader for Nodes {
    type Error = std::io::Error;

    fn get(&self, _id: &ObjectId) -> Result<Arc<Vec<u8>>, std::io::Error> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

impl ObjectWriter for Nodes {
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, std::io::Error> {
        let id = self.0.object_id(&cbor);
        self.1.push((true, cbor));
        Ok(id)
    }
}

fn file(name: &str, extents: Vec<Extent>) -> Entry {
    let mut file = Entry::new(name.as_bytes().to_vec(), EntryKind::File);
    file.size = extents.iter().map(|extent| extent.len).sum();
    file.content = Some(Content::Inline(extents));
    file
}

fn record(root: Entry, started: i64) -> Vec<u8> {
    to_cbor(&Snapshot {
        source: SourceId::default(),
        source_name: String::new(),
        kind: SnapshotKind::Edit,
        root,
        started: UnixTime(started),
        finished: UnixTime(started),
        host: "laptop".to_owned(),
        paths: Vec::new(),
        excludes: Vec::new(),
        stats: SnapshotStats { new_bytes: 77, ..SnapshotStats::default() },
        skipped: Vec::new(),
    })
}

/// The nodes of a folder with these files, and the record of a version of it.
fn version(vault: &Vault, files: &[Entry], started: i64) -> (Vec<Piece>, Vec<u8>) {
    let mut nodes = Nodes(keys(vault), Vec::new());
    let mut folder = FolderBuilder::new();
    files.iter().for_each(|file| folder.push(&mut nodes, file).expect("a sound vault does it"));
    let mut root = Entry::new(Vec::new(), EntryKind::Folder);
    root.attrs.mode = 0o755;
    root.node = folder.finish(&mut nodes).expect("a sound vault does it");
    (nodes.1, record(root, started))
}

fn commits(vault: &Vault, record: &[u8]) -> Result<Committed, VaultError> {
    vault.commit_from_afar(vault.everyone(), "laptop", record)
}

fn made(committed: Result<Committed, VaultError>) -> (ObjectId, Receipt) {
    match committed.expect("a sound vault does it") {
        Committed::Version { id, receipt } => (id, receipt),
        Committed::Lacking(lacking) => panic!("{lacking:?}"),
    }
}

fn missing(committed: Result<Committed, VaultError>) -> usize {
    match committed.expect("a sound vault does it") {
        Committed::Lacking(lacking) => lacking.len(),
        Committed::Version { id, .. } => panic!("{id} was made"),
    }
}

#[test]
fn what_was_acknowledged_is_known_after_a_cut_and_is_a_version_once_all_of_it_came() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    let (one, two) = (noise(1, 70_000), noise(2, 3_000));
    let chunk = |bytes: &[u8]| Extent::chunk(keys(&vault).chunk_id(bytes), bytes.len() as u64);
    let files = [file("one", vec![chunk(&one)]), file("two", vec![chunk(&two), Extent::hole(9)])];
    let (nodes, record) = version(&vault, &files, 5);
    let pieces = [(false, one.clone()), (false, two.clone())];
    assert_eq!(lacks(&vault, "laptop", &pieces), [true, true]);
    let receipt = sends(&vault, "laptop", &pieces[..1]).unwrap();
    assert_eq!((receipt.copies, receipt.wanted), (2, 2));
    // Nobody closes it: what was acknowledged is there all the same, and nobody else is shown it.
    drop(vault);
    let (vault, _) = rig.open();
    assert_eq!(lacks(&vault, "laptop", &pieces), [false, true]);
    assert!(vault.sources().is_empty() && vault.snapshots(None).unwrap().is_empty());
    assert_eq!(vault.standing(vault.everyone(), "laptop").unwrap().received, 1);

    assert_eq!(missing(commits(&vault, &record)), 1, "below a node that lacks nothing is known");
    sends(&vault, "laptop", &nodes).unwrap();
    assert_eq!(missing(commits(&vault, &record)), 1, "one chunk has not come");
    sends(&vault, "laptop", &pieces[1..]).unwrap();
    let (id, receipt) = made(commits(&vault, &record));
    assert_eq!(receipt.copies, 2);
    // The answer was lost, and it is asked again.
    assert_eq!(made(commits(&vault, &record)).0, id);
    assert_eq!(vault.snapshots(None).unwrap().len(), 1);
    assert_eq!(vault.standing(vault.everyone(), "laptop").unwrap().received, 0);
    let found = vault.find_snapshot("latest:laptop").unwrap();
    assert_eq!(found.snapshot.kind, SnapshotKind::Backup);
    let came: usize = nodes.iter().chain(&pieces).map(|(_, bytes)| bytes.len()).sum();
    assert_eq!(found.snapshot.stats.new_bytes, came as u64, "what came, not what was new");
    restore(&vault, "latest:laptop", &rig.path("back"));
    assert_eq!(std::fs::read(rig.path("back/one")).unwrap(), one);
    assert_eq!(std::fs::read(rig.path("back/two")).unwrap(), [&two[..], &[0; 9]].concat());
}

#[test]
fn a_tree_that_is_not_sound_is_no_version_whatever_came_for_it() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let bytes = noise(1, 5_000);
    let id = keys(&vault).chunk_id(&bytes);
    sends(&vault, "laptop", &[(false, bytes)]).unwrap();
    let refused = |files: &[Entry], why: &str| {
        let (nodes, record) = version(&vault, files, 1);
        sends(&vault, "laptop", &nodes).unwrap();
        let error = commits(&vault, &record).unwrap_err();
        assert!(matches!(error, VaultError::Bad { .. }), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
    };
    refused(&[file("long", vec![Extent::chunk(id, 5_001)])], "behind the end");
    let behind = Extent { len: 10, chunk: Some(id), offset: 4_995 };
    refused(&[file("range", vec![behind])], "behind the end");
    // A file that is all hole is as long as its sender says.
    let holes = |name, len| file(name, vec![Extent::hole(len)]);
    refused(&[holes("endless", 1 << 63)], "the entry \"endless\" is longer than a file can be");
    let most = i64::MAX.unsigned_abs();
    refused(&[holes("a", most), holes("b", 1)], "the entry \"b\" brings the version to more");
    let mut root = Entry::new(b"named".to_vec(), EntryKind::Folder);
    assert!(commits(&vault, &record(root.clone(), 1)).is_err(), "a top folder has no name");
    (root.name, root.kind) = (Vec::new().into(), EntryKind::File);
    assert!(commits(&vault, &record(root, 1)).is_err(), "and is a folder");
    assert!(commits(&vault, b"no record").is_err());
    let good = file("fits", vec![Extent::chunk(id, 5_000)]);
    let (nodes, record) = version(&vault, &[good], 2);
    sends(&vault, "laptop", &nodes).unwrap();
    made(commits(&vault, &record));
    assert_eq!(vault.snapshots(None).unwrap().len(), 1, "only the sound one");
    let wrong = vault.receive(vault.everyone(), "laptop", &mut |buffer| {
        buffer.extend_from_slice(b"these");
        Ok(Some(Named { is_object: false, id: ChunkId([3; 32]) }))
    });
    assert!(wrong.unwrap_err().to_string().contains("0303"), "the wrong name is told");
}

#[test]
fn a_list_of_pieces_that_passes_for_a_folder_is_no_version_and_keeps_no_prune_from_its_work() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let bytes = noise(1, 5_000);
    let pieces = vec![Extent::chunk(keys(&vault).chunk_id(&bytes), 5_000)];
    let list = (true, to_cbor(&Manifest::Extents(pieces)));
    let id = named(&vault, &list).id;
    let mut long = Entry::new("long", EntryKind::File);
    (long.size, long.content) = (5_000, Some(Content::Manifest(id)));
    let (nodes, first) = version(&vault, &[long], 1);
    sends(&vault, "laptop", &[(false, bytes), list]).unwrap();
    sends(&vault, "laptop", &nodes).unwrap();
    let (oldest, _) = made(commits(&vault, &first));

    // It was looked at for the version before, though not as a folder.
    let mut folder = Entry::new("folder", EntryKind::Folder);
    folder.node = Some(id);
    let (nodes, second) = version(&vault, &[folder, file("new", vec![Extent::hole(9)])], 2);
    sends(&vault, "laptop", &nodes).unwrap();
    let error = commits(&vault, &second).unwrap_err();
    assert!(error.to_string().contains(&id.to_string()), "{error}");
    let (nodes, third) = version(&vault, &[file("new", vec![Extent::hole(9)])], 3);
    sends(&vault, "laptop", &nodes).unwrap();
    made(commits(&vault, &third));
    let oldest = vault.find_snapshot(&oldest.to_string()).unwrap();
    vault.forget(&[oldest.info]).unwrap();
    let options = PruneOptions { grace: Some(Millis(0)), allow_large: true, dry_run: false };
    vault.prune(options, &mut common::quiet).unwrap();
    restore(&vault, "latest:laptop", &rig.path("back"));
    assert_eq!(std::fs::read(rig.path("back/new")).unwrap(), [0; 9]);
}

#[test]
fn pruning_leaves_what_came_until_nobody_goes_on_with_it() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let piece = [(false, noise(1, 400_000))];
    sends(&vault, "laptop", &piece).unwrap();
    vault.close().unwrap();
    let prunes = |vault: &Vault| {
        for _ in 0..2 {
            let grace = Some(Millis(0));
            let options = PruneOptions { grace, allow_large: true, dry_run: false };
            vault.prune(options, &mut common::quiet).unwrap();
            rig.clock.pass(Millis(60_000));
        }
    };
    prunes(&vault);
    assert_eq!(lacks(&vault, "laptop", &piece), [false], "it is waited for");
    let long_ago = rig.env.clock.now().minus(Millis::from_days(30));
    assert_eq!(vault.tidy_runs(long_ago).unwrap(), 0);
    rig.clock.pass(Millis::from_days(31));
    let a_month_ago = rig.env.clock.now().minus(Millis::from_days(30));
    assert_eq!(vault.tidy_runs(a_month_ago).unwrap(), 1);
    assert_eq!(lacks(&vault, "laptop", &piece), [true], "it would have to be sent again");
    assert_eq!(vault.tidy_runs(a_month_ago).unwrap(), 0, "once");
}

/// What had come lay on a disk that went before the version was made: the version was acknowledged all the
/// same, since the catalog knows of disks that are away, and could not be read back.
#[test]
fn a_version_whose_pieces_went_with_a_disk_is_acknowledged_only_when_they_came_again() {
    for is_left in [false, true] {
        let rig = Rig::new(2);
        let vault = rig.create(1);
        let piece = (false, noise(1, 3_000_000));
        let extent = Extent::chunk(named(&vault, &piece).id, 3_000_000);
        let (nodes, record) = version(&vault, &[file("f", vec![extent])], 1);
        sends(&vault, "laptop", std::slice::from_ref(&piece)).expect("a sound vault does it");
        sends(&vault, "laptop", &nodes).expect("a sound vault does it");
        vault.close().expect("a sound vault does it");
        drop(vault);
        // Which of the two has it is the vault's choice: it takes the one with more room, and both stand on a disk
        // that others write, too.
        let has = usize::from(rig.packs(0).is_empty());
        assert!(rig.packs(1 - has).is_empty(), "one of the two disks has it alone");
        let left = if is_left { has } else { 1 - has };
        let opened = rig.try_open(&rig.volumes[left..=left], vault::Access::ReadWrite);
        let vault = opened.expect("one is enough to open it").0;
        assert_eq!(lacks(&vault, "laptop", std::slice::from_ref(&piece)), [!is_left]);
        if !is_left {
            assert!(missing(commits(&vault, &record)) > 0);
            sends(&vault, "laptop", &[piece]).expect("a sound vault does it");
            sends(&vault, "laptop", &nodes).expect("a sound vault does it");
        }
        made(commits(&vault, &record));
        let found = vault.find_snapshot("latest:laptop").expect("it was made");
        let bytes = vault.read_range(&found, b"f", 0, usize::MAX).expect("it is here");
        assert_eq!(bytes, noise(1, 3_000_000));
    }
}
