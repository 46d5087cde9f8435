//! What can happen to a vault, as small values that shrink well: whatever is named is named by a
//! small number, taken modulo what there is.

use proptest::prelude::*;

use crate::rig::noise;

/// A file's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content {
    pub seed: u8,
    pub len: u32,
    pub squeezable: bool,
}

impl Content {
    pub(crate) fn bytes(self) -> Vec<u8> {
        let len = usize::try_from(self.len).unwrap();
        if !self.squeezable {
            return noise(u64::from(self.seed), len);
        }
        let line = format!("line {} of a text that says little\n", self.seed);
        line.into_bytes().into_iter().cycle().take(len).collect()
    }
}

/// What happens to the catalog between two openings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Catalog {
    Kept,
    Deleted,
    Garbage,
}

/// A change of a folder that is backed up.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Write {
        path: String,
        content: Content,
    },
    Append {
        path: String,
        content: Content,
    },
    /// A big file, rewritten in place: same length, a few bytes elsewhere.
    Rewrite {
        at: Vec<u32>,
    },
    MakeFolder {
        path: String,
    },
    Remove {
        path: String,
    },
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Put {
        source: u8,
        path: String,
        content: Content,
        make_parents: bool,
    },
    Append {
        source: u8,
        path: String,
        content: Content,
    },
    MakeFolder {
        source: u8,
        path: String,
    },
    Rename {
        source: u8,
        from: String,
        to: String,
        replace: bool,
    },
    Delete {
        source: u8,
        path: String,
        recursive: bool,
    },
    Backup {
        source: u8,
        changes: Vec<Change>,
    },
    Read {
        source: u8,
        version: u8,
        path: String,
        offset: u32,
        len: u32,
    },
    Versions {
        source: u8,
        path: String,
    },
    Diff {
        source: u8,
        one: u8,
        other: u8,
    },
    Forget {
        source: u8,
        version: u8,
    },
    ForgetOlder {
        days: u8,
    },
    Prune {
        at_once: bool,
    },
    Pass {
        days: u8,
    },
    Check {
        read_data: bool,
    },
    Rebuild,
    Reopen {
        catalog: Catalog,
        killed: bool,
        with_former: bool,
    },
    AddVolume,
    Retire {
        disk: u8,
    },
    Replace {
        disk: u8,
    },
    Remove {
        disk: u8,
    },
    /// A disk goes: pulled between two openings, or failing while the vault is open.
    Yank {
        disk: u8,
        killed: bool,
        while_open: bool,
    },
    Return {
        killed: bool,
    },
    /// Bytes rot on one disk; everything stays readable; then it is mended.
    Rot {
        disk: u8,
        seed: u8,
        reopen: Option<Catalog>,
    },
}

/// How a course of events begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub disks: u8,
    pub copies: u8,
    /// Disks so small that rebalancing has something to do.
    pub tight: bool,
    pub seed: u8,
}

fn path() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c", "d"]);
    prop::collection::vec(name, 1..=3).prop_map(|names| names.join("/"))
}

fn content() -> impl Strategy<Value = Content> {
    let len = prop_oneof![10 => 0..3_000_u32, 3 => 3_000..100_000_u32, 1 => 100_000..3_000_000_u32];
    (0..6_u8, len, any::<bool>()).prop_map(|(seed, len, squeezable)| Content {
        seed,
        len,
        squeezable,
    })
}

fn catalog() -> impl Strategy<Value = Catalog> {
    prop_oneof![3 => Just(Catalog::Kept), 1 => Just(Catalog::Deleted), 1 => Just(Catalog::Garbage)]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (path(), content()).prop_map(|(path, content)| Change::Write { path, content }),
        2 => (path(), content()).prop_map(|(path, content)| Change::Append { path, content }),
        2 => prop::collection::vec(0..BIG_LEN, 1..6).prop_map(|at| Change::Rewrite { at }),
        1 => path().prop_map(|path| Change::MakeFolder { path }),
        1 => path().prop_map(|path| Change::Remove { path }),
    ]
}

/// Length of the file that is rewritten in place: long enough to be compared by blocks.
pub(crate) const BIG_LEN: u32 = 5 << 20;

fn edit() -> impl Strategy<Value = Op> {
    let flag = any::<bool>;
    prop_oneof![
        6 => (0..2_u8, path(), content(), prop::bool::weighted(0.8)).prop_map(
            |(source, path, content, make_parents)| Op::Put { source, path, content, make_parents }),
        2 => (0..2_u8, path(), content()).prop_map(
            |(source, path, content)| Op::Append { source, path, content }),
        1 => (0..2_u8, path()).prop_map(|(source, path)| Op::MakeFolder { source, path }),
        2 => (0..2_u8, path(), path(), flag()).prop_map(
            |(source, from, to, replace)| Op::Rename { source, from, to, replace }),
        2 => (0..2_u8, path(), flag()).prop_map(
            |(source, path, recursive)| Op::Delete { source, path, recursive }),
        2 => (0..2_u8, prop::collection::vec(change(), 0..5)).prop_map(
            |(source, changes)| Op::Backup { source, changes }),
    ]
}

fn look() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0..2_u8, any::<u8>(), path(), 0..4_000_000_u32, 0..4_000_000_u32).prop_map(
            |(source, version, path, offset, len)| Op::Read { source, version, path, offset, len }),
        1 => (0..2_u8, path()).prop_map(|(source, path)| Op::Versions { source, path }),
        1 => (0..2_u8, any::<u8>(), any::<u8>()).prop_map(
            |(source, one, other)| Op::Diff { source, one, other }),
    ]
}

fn keeping() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..2_u8, any::<u8>()).prop_map(|(source, version)| Op::Forget { source, version }),
        1 => (0..60_u8).prop_map(|days| Op::ForgetOlder { days }),
        4 => prop::bool::weighted(0.7).prop_map(|at_once| Op::Prune { at_once }),
        2 => (1..45_u8).prop_map(|days| Op::Pass { days }),
        1 => any::<bool>().prop_map(|read_data| Op::Check { read_data }),
    ]
}

fn disks() -> impl Strategy<Value = Op> {
    let flag = any::<bool>;
    prop_oneof![
        5 => (catalog(), flag(), flag()).prop_map(
            |(catalog, killed, with_former)| Op::Reopen { catalog, killed, with_former }),
        1 => Just(Op::AddVolume),
        1 => Just(Op::Rebuild),
        1 => any::<u8>().prop_map(|disk| Op::Retire { disk }),
        1 => any::<u8>().prop_map(|disk| Op::Replace { disk }),
        1 => any::<u8>().prop_map(|disk| Op::Remove { disk }),
        3 => (any::<u8>(), flag(), flag()).prop_map(
            |(disk, killed, while_open)| Op::Yank { disk, killed, while_open }),
        3 => flag().prop_map(|killed| Op::Return { killed }),
        2 => (any::<u8>(), any::<u8>(), prop::option::of(catalog())).prop_map(
            |(disk, seed, reopen)| Op::Rot { disk, seed, reopen }),
    ]
}

pub(crate) fn start() -> impl Strategy<Value = Start> {
    (1..=3_u8, 1..=3_u8, prop::bool::weighted(0.2), any::<u8>())
        .prop_map(|(disks, copies, tight, seed)| Start { disks, copies, tight, seed })
}

pub(crate) fn ops(len_max: usize) -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![8 => edit(), 3 => look(), 4 => keeping(), 5 => disks()];
    prop::collection::vec(op, 10..=len_max)
}
