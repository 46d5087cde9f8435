//! Random small trees, made without this crate, come back from a copy as they were.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;

use nix::sys::stat::{Mode, SFlag, mknod};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::common::{check_copy, set_mode};
use crate::set_mtime;

#[derive(Clone, Debug)]
enum Model {
    /// Pieces of data at offsets, and a length beyond the last.
    File {
        pieces: Vec<(u32, Vec<u8>)>,
        tail: u32,
    },
    Folder(BTreeMap<Vec<u8>, Item>),
    Link(Vec<u8>),
    Pipe,
    Socket,
}

#[derive(Clone, Debug)]
struct Item {
    model: Model,
    mode: u32,
    mtime: (i64, i64),
    xattrs: BTreeMap<String, Vec<u8>>,
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let any_byte = any::<u8>().prop_filter("a name's byte", |byte| *byte != 0 && *byte != b'/');
    vec(any_byte, 1..20).prop_filter("a real name", |name| name != b"." && name != b"..")
}

fn content() -> impl Strategy<Value = Model> {
    let pieces = vec((0..200_000_u32, vec(any::<u8>(), 0..3_000)), 0..4);
    prop_oneof![
        4 => (pieces, 0..100_000_u32).prop_map(|(pieces, tail)| Model::File { pieces, tail }),
        2 => name().prop_map(Model::Link),
        1 => Just(Model::Pipe),
        1 => Just(Model::Socket),
    ]
}

fn item(model: impl Strategy<Value = Model>) -> impl Strategy<Value = Item> {
    // The owner keeps read and search permission: ordinary users run this too.
    let mode = (0..0o10_000_u32).prop_map(|mode| mode | 0o500);
    let mtime = (-2_000_000_000_i64..4_000_000_000, 0..1_000_000_000_i64);
    let xattrs = btree_map("user\\.[a-z]{1,8}", vec(any::<u8>(), 0..40), 0..3);
    (model, mode, mtime, xattrs).prop_map(|(model, mode, mtime, xattrs)| Item {
        model,
        mode,
        mtime,
        xattrs,
    })
}

fn tree() -> impl Strategy<Value = Item> {
    let leaf = item(content());
    let nested = leaf.prop_recursive(3, 24, 6, |inner| {
        item(btree_map(name(), inner, 0..6).prop_map(Model::Folder))
    });
    item(btree_map(name(), nested, 0..6).prop_map(Model::Folder))
}

fn build(path: &Path, item: &Item) {
    match &item.model {
        Model::File { pieces, tail } => {
            let file = File::create(path).expect("a new file");
            for (offset, bytes) in pieces {
                file.write_all_at(bytes, u64::from(*offset)).expect("written");
            }
            let len = file.metadata().expect("its length").len();
            file.set_len(len + u64::from(*tail)).expect("its length");
        }
        Model::Folder(items) => {
            fs::create_dir(path).expect("a new folder");
            for (name, item) in items {
                build(&path.join(OsStr::from_bytes(name)), item);
            }
        }
        Model::Link(target) => symlink(OsStr::from_bytes(target), path).expect("a new link"),
        Model::Pipe => mknod(path, SFlag::S_IFIFO, Mode::S_IRWXU, 0).expect("a new pipe"),
        Model::Socket => mknod(path, SFlag::S_IFSOCK, Mode::S_IRWXU, 0).expect("a new socket"),
    }
    if let Model::File { .. } | Model::Folder(_) = item.model {
        for (name, value) in &item.xattrs {
            xattr::set(path, name, value).expect("a new attribute");
        }
    }
    if !matches!(item.model, Model::Link(_)) {
        set_mode(path, item.mode);
    }
    set_mtime(path, item.mtime.0, item.mtime.1);
}

/// Ordinary users can delete only what is in folders that they may write to.
fn open_up(path: &Path, item: &Item) {
    if let Model::Folder(items) = &item.model {
        set_mode(path, 0o700);
        for (name, item) in items {
            open_up(&path.join(OsStr::from_bytes(name)), item);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_small_tree_comes_back_as_it_was(tree in tree()) {
        let dir = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| dir.path().join(name));
        build(&from, &tree);
        check_copy(&from, &to);
        open_up(&from, &tree);
        open_up(&to, &tree);
    }
}
