//! Versions that another computer has put together: nothing in its record is believed.

use format::entry::{Content, Entry, EntryKind, Extent};
use format::record::{Snapshot, SnapshotKind, SnapshotStats};
use format::to_cbor;
use types::{ChunkId, SourceId, UnixTime};
use vault::{Committed, Named, Vault};

use crate::rig::{Rig, noise};

fn send(vault: &Vault, source: &str, bytes: &[u8]) -> ChunkId {
    let space = vault.everyone();
    let id = vault.naming_keys(space).unwrap().chunk_id(bytes);
    let mut rest = Some(Named { is_object: false, id });
    let sent = vault.receive(space, source, &mut |buffer| {
        buffer.clear();
        buffer.extend_from_slice(bytes);
        Ok(rest.take())
    });
    assert!(sent.unwrap().copies > 0);
    id
}

fn record(root: Entry, started: i64) -> Vec<u8> {
    to_cbor(&Snapshot {
        source: SourceId::default(),
        source_name: String::new(),
        kind: SnapshotKind::Backup,
        root,
        started: UnixTime(started),
        finished: UnixTime(started),
        host: String::new(),
        paths: Vec::new(),
        excludes: Vec::new(),
        stats: SnapshotStats::default(),
        skipped: Vec::new(),
    })
}

/// A record whose folder was as before was not looked at, and the bytes that it named beside the folder,
/// which another computer had stored, could have been fetched as part of that version.
#[test]
fn a_record_that_names_bytes_beside_an_unchanged_folder_makes_no_version() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    let secret = noise(1, 5_000);
    let id = send(&vault, "laptop", &secret);
    let space = vault.everyone();
    let folder = || Entry::new(Vec::new(), EntryKind::Folder);
    let commit = |root, started| vault.commit_from_afar(space, "desktop", &record(root, started));
    assert!(matches!(commit(folder(), 1).unwrap(), Committed::Version { .. }));
    for kind in [EntryKind::Folder, EntryKind::File] {
        let mut root = Entry::new(Vec::new(), kind);
        (root.size, root.content) = (5_000, Some(Content::Inline(vec![Extent::chunk(id, 5_000)])));
        commit(root, 2).expect_err("it is no folder without bytes");
    }
    assert!(matches!(commit(folder(), 3).unwrap(), Committed::Version { .. }), "unchanged is well");
}
