//! A tree that goes on below all bounds, as a program that made a folder in itself over and over again leaves it:
//! what a version can hold is stored, the rest is left out and told.
//!
//! Start at [`runaway`].

mod common;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{Rig, move_to, put, quiet};
use format::entry::Entry;
use format::pack::PackKind;
use seal::{Chunker, NamingKeys};
use tree::{Known, ObjectReader, ObjectWriter, PATH_LEN_MAX};
use types::{ChunkId, ObjectId, UnixTime};
use vault::{BackupSpec, Sink, VaultError, walk_source};

/// What a paired computer sends, kept here.
struct Sent {
    keys: NamingKeys,
    objects: HashMap<ObjectId, Arc<Vec<u8>>>,
}

impl ObjectReader for Sent {
    type Error = VaultError;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, VaultError> {
        let lost = || VaultError::Bad { what: format!("{id} was not sent") };
        self.objects.get(id).cloned().ok_or_else(lost)
    }
}

impl ObjectWriter for Sent {
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, VaultError> {
        let id = self.keys.object_id(&cbor);
        self.objects.insert(id, Arc::new(cbor));
        Ok(id)
    }
}

impl Sink for Sent {
    type Piece = Vec<u8>;

    fn put_bytes(&mut self, _kind: PackKind, bytes: &[u8]) -> Result<ChunkId, VaultError> {
        Ok(self.keys.chunk_id(bytes))
    }

    fn chunk_id(&self, bytes: &[u8]) -> ChunkId {
        self.keys.chunk_id(bytes)
    }

    fn old_chunk(&self, _id: &ChunkId) -> Option<Vec<u8>> {
        None
    }

    fn is_doubtful(&self) -> Result<bool, VaultError> {
        Ok(false)
    }

    fn is_safe(&self, _id: &ChunkId) -> bool {
        true
    }

    fn now(&self) -> UnixTime {
        UnixTime(1_800_000_000_000)
    }
}

/// A chain of folders, with two files in the last and one in the last but one. Nobody can name a path of such a
/// length to the system, so it is made from below: what is there is moved to the bottom of what is new.
fn runaway(rig: &Rig, name: &str, folders: usize) -> PathBuf {
    const PART: usize = 8;
    let (whole, part) = (rig.path("runaway"), rig.path("part"));
    let bottom = |top: &Path| (0..PART).fold(top.to_owned(), |path, _| path.join(name));
    fs::create_dir_all(bottom(&whole)).expect("short enough");
    put(&bottom(&whole).join("x"), b"too far down");
    put(&bottom(&whole).join("y"), b"too far down");
    put(&bottom(&whole).with_file_name("z"), b"just not");
    for _ in 1..folders / PART {
        fs::create_dir_all(bottom(&part)).expect("short enough");
        move_to(&whole.join(name), &bottom(&part).join(name));
        move_to(&part.join(name), &whole.join(name));
    }
    whole
}

/// Such a tree was stored at home, and from a paired computer never: the box refused the whole version for it.
#[test]
fn of_a_tree_without_end_both_kinds_of_backup_store_what_a_version_can_hold_and_tell_the_rest() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let name = "n".repeat(255);
    let spec = BackupSpec {
        source: "runaway".to_owned(),
        paths: vec![runaway(&rig, &name, 256)],
        ..BackupSpec::default()
    };
    let keys = vault.naming_keys(vault.everyone()).expect("a sound vault does it");
    let chunker = Chunker::of(&keys);
    let mut sent = Sent { keys, objects: HashMap::new() };
    let store = Sent { keys: sent.keys.clone(), objects: HashMap::new() };
    let walked = walk_source(&spec, chunker, (&mut sent, &store), None, &mut quiet);
    let walked = walked.expect("it is walked to its end");
    let home = vault.backup(&spec, &mut quiet).expect("it is stored");

    let last = [name.as_str(); 256].join("/");
    assert_eq!(last.len(), PATH_LEN_MAX - 1, "a slash and one byte more are too much");
    let why = "\"x\" in it is left out: its path is longer than 65,536 bytes";
    for (stats, skipped) in [(walked.stats, &walked.skipped), (home.stats, &home.skipped)] {
        assert_eq!((stats.folders, stats.files, stats.skipped), (256, 1, 2));
        let [one] = &skipped[..] else { panic!("{} are named", skipped.len()) };
        assert_eq!((one.path.as_slice(), one.reason.as_str()), (last.as_bytes(), why));
    }
    // As the box looks at what a computer sent.
    let root = Entry { name: Vec::new().into(), ..walked.root };
    tree::audit(&sent, &root, &mut |_| Ok(Known::There), &mut |_| Ok(())).expect("it is taken");
}
