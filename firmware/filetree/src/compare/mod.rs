//! Proves that two trees hold the same: every name, byte and attribute, and which names are one
//! file. Access times are ignored, since looking changes them; so is where a file's holes lie,
//! as long as it reads the same. Nothing is written. What cannot be read counts as a difference.
//!
//! Start reading at [`compare`]. Folders wait in a list, not on the stack, and each keeps only
//! its parent open, so that trees deeper than any path can be compared.

mod bytes;
mod difference;

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use format::entry::{Entry, EntryKind, Xattr};

pub use difference::{Difference, Side, What};

use crate::read::{Folder, Found, ReadError};

/// What not to compare.
#[derive(Clone, Debug, Default)]
pub struct Compare {
    /// Names to leave out wherever they are, with all below them.
    pub skip: Vec<Vec<u8>>,
    /// Leave out owners and groups: an ordinary user cannot restore them.
    pub ignore_owners: bool,
    /// Leave out the attributes of the two roots themselves.
    pub ignore_roots: bool,
}

/// All in which the trees below two folders differ; empty when they hold the same.
pub fn compare(left: &Path, right: &Path, options: &Compare) -> Vec<Difference> {
    let mut walk = Walk { options, links: Links::default(), waiting: Vec::new(), found: vec![] };
    if let (Some(left), Some(right)) = (
        walk.readable(b"", Side::Left, Folder::open(left)),
        walk.readable(b"", Side::Right, Folder::open(right)),
    ) {
        let pair = Pair { left, right };
        if !options.ignore_roots {
            walk.roots(&pair);
        }
        walk.folder(pair, b"");
        while let Some(next) = walk.waiting.pop() {
            walk.enter(&next);
        }
    }
    walk.found
}

/// The same folder in both trees.
struct Pair<T> {
    left: T,
    right: T,
}

/// A folder that both trees have and that was not entered yet.
struct Waiting {
    parent: Rc<Pair<Folder>>,
    name: Vec<u8>,
    path: Vec<u8>,
}

struct Walk<'a> {
    options: &'a Compare,
    links: Links,
    waiting: Vec<Waiting>,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn report(&mut self, path: &[u8], what: What) {
        self.found.push(Difference { path: path.to_vec(), what });
    }

    fn readable<T>(&mut self, path: &[u8], side: Side, read: Result<T, ReadError>) -> Option<T> {
        read.map_err(|error| self.report(path, What::Unreadable(side, error))).ok()
    }

    fn roots(&mut self, pair: &Pair<Folder>) {
        let left = self.readable(b"", Side::Left, pair.left.stat_self());
        let right = self.readable(b"", Side::Right, pair.right.stat_self());
        if let (Some(mut left), Some(mut right)) = (left, right) {
            self.readable(b"", Side::Left, pair.left.details(&mut left));
            self.readable(b"", Side::Right, pair.right.details(&mut right));
            self.attributes(b"", &left.entry, &right.entry);
        }
    }

    fn enter(&mut self, next: &Waiting) {
        let left = self.readable(&next.path, Side::Left, next.parent.left.child(&next.name));
        let right = self.readable(&next.path, Side::Right, next.parent.right.child(&next.name));
        if let (Some(left), Some(right)) = (left, right) {
            self.folder(Pair { left, right }, &next.path);
        }
    }

    fn folder(&mut self, pair: Pair<Folder>, path: &[u8]) {
        let left = self.readable(path, Side::Left, pair.left.names());
        let right = self.readable(path, Side::Right, pair.right.names());
        let (Some(left), Some(right)) = (left, right) else { return };
        let pair = Rc::new(pair);
        for (name, side) in merge(left, right) {
            if self.options.skip.contains(&name) {
                continue;
            }
            let below = join(path, &name);
            match side {
                Some(side) => self.report(&below, What::OnlyIn(side)),
                None => self.name(&pair, &name, below),
            }
        }
    }

    /// A name that both folders have.
    fn name(&mut self, pair: &Rc<Pair<Folder>>, name: &[u8], path: Vec<u8>) {
        let left = self.readable(&path, Side::Left, pair.left.stat(name));
        let right = self.readable(&path, Side::Right, pair.right.stat(name));
        let (Some(mut left), Some(mut right)) = (left, right) else { return };
        self.readable(&path, Side::Left, pair.left.details(&mut left));
        self.readable(&path, Side::Right, pair.right.details(&mut right));
        if left.entry.kind != right.entry.kind {
            return self.report(&path, What::Kind);
        }
        self.attributes(&path, &left.entry, &right.entry);
        if left.entry.kind == EntryKind::Folder {
            let (parent, name) = (Rc::clone(pair), name.to_vec());
            return self.waiting.push(Waiting { parent, name, path });
        }
        match self.links.join(&left, &right) {
            Joined::First => {}
            // Its bytes were compared under another name.
            Joined::Again => return,
            Joined::Wrongly => self.report(&path, What::HardLinks),
        }
        if left.entry.kind == EntryKind::File {
            self.content(pair, &left, &right, &path);
        }
    }

    fn content(&mut self, pair: &Pair<Folder>, left: &Found, right: &Found, path: &[u8]) {
        let (long, short) = (left.entry.size, right.entry.size);
        if long != short {
            return self.report(path, What::Size(long, short));
        }
        let left = self.readable(path, Side::Left, pair.left.open_file(left));
        let right = self.readable(path, Side::Right, pair.right.open_file(right));
        let (Some(left), Some(right)) = (left, right) else { return };
        match bytes::first_difference(left, right) {
            Ok(None) => {}
            Ok(Some(offset)) => self.report(path, What::Bytes { offset }),
            Err((side, error)) => self.report(path, What::Unreadable(side, error)),
        }
    }

    fn attributes(&mut self, path: &[u8], left: &Entry, right: &Entry) {
        let (a, b) = (&left.attrs, &right.attrs);
        if a.mode != b.mode {
            self.report(path, What::Mode(a.mode, b.mode));
        }
        if a.uid != b.uid && !self.options.ignore_owners {
            self.report(path, What::Owner(a.uid, b.uid));
        }
        if a.gid != b.gid && !self.options.ignore_owners {
            self.report(path, What::Group(a.gid, b.gid));
        }
        if a.mtime != b.mtime {
            self.report(path, What::Mtime);
        }
        if left.target != right.target {
            self.report(path, What::Target);
        }
        if left.device != right.device {
            self.report(path, What::Device);
        }
        for name in differing(&a.xattrs, &b.xattrs) {
            self.report(path, What::Xattr(name));
        }
    }
}

/// Which files were met under several names: the two trees must pair them alike.
#[derive(Default)]
struct Links {
    to_right: HashMap<FileId, FileId>,
    to_left: HashMap<FileId, FileId>,
}

type FileId = (u64, u64);

enum Joined {
    First,
    Again,
    Wrongly,
}

impl Links {
    fn join(&mut self, left: &Found, right: &Found) -> Joined {
        // Names outside the trees count as links too, so the numbers need not agree.
        if left.links < 2 && right.links < 2 {
            return Joined::First;
        }
        let (left, right) = (file_id(left), file_id(right));
        match (self.to_right.get(&left), self.to_left.get(&right)) {
            (None, None) => {
                self.to_right.insert(left, right);
                self.to_left.insert(right, left);
                Joined::First
            }
            (Some(known), _) if *known == right => Joined::Again,
            _ => Joined::Wrongly,
        }
    }
}

fn file_id(found: &Found) -> FileId {
    found.entry.origin.map_or((0, 0), |origin| (origin.dev, origin.ino))
}

/// Every name of two sorted lists once, with the side that alone has it.
fn merge(left: Vec<Vec<u8>>, right: Vec<Vec<u8>>) -> Vec<(Vec<u8>, Option<Side>)> {
    let mut all: Vec<(Vec<u8>, Option<Side>)> =
        left.into_iter().map(|name| (name, Some(Side::Left))).collect();
    all.extend(right.into_iter().map(|name| (name, Some(Side::Right))));
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.dedup_by(|second, first| {
        let same = second.0 == first.0;
        if same {
            first.1 = None;
        }
        same
    });
    all
}

/// Names of the attributes that are not the same on both sides.
fn differing(left: &[Xattr], right: &[Xattr]) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = [(left, right), (right, left)]
        .into_iter()
        .flat_map(|(these, those)| these.iter().filter(|xattr| !those.contains(xattr)))
        .map(|xattr| xattr.name.to_vec())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn join(path: &[u8], name: &[u8]) -> Vec<u8> {
    if path.is_empty() { name.to_vec() } else { [path, name].join(&b'/') }
}
