//! Files and names of a simulated disk: as programs see them, and as a power cut would leave them.
//!
//! Knows nothing of faults. Paths are resolved here; inode 0 is the root folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use volume::{EntryKind, Listed};

/// What tears: a sector is written whole or not at all.
const SECTOR_LEN: usize = 512;
const ROOT: u64 = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    File(u64),
    Folder(u64),
}

/// Folder and name to what stands there.
type Tree = BTreeMap<(u64, String), Node>;

/// A change of names that no sync has made durable.
#[derive(Clone, Debug)]
pub(super) struct Change {
    folder: u64,
    name: String,
    node: Node,
    what: What,
    /// A sync that should have stored it failed: no later sync will.
    lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Made,
    MovedHere,
    Removed,
}

#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    /// Where each append ends, and what became of it.
    pieces: Vec<(usize, Piece)>,
    handles: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Durable,
    Unsynced,
    /// A sync failed on it: the system takes it for written.
    Lost,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) total: u64,
    used: u64,
    next_inode: u64,
    files: BTreeMap<u64, File>,
    live: Tree,
    durable: Tree,
    pending: Vec<Change>,
}

impl File {
    pub(super) fn sync(&mut self) {
        for (_, piece) in &mut self.pieces {
            if *piece == Piece::Unsynced {
                *piece = Piece::Durable;
            }
        }
        // Neighbours that are both durable are one piece: a file synced often stays small here.
        self.pieces.reverse();
        self.pieces.dedup_by(|left, right| left.1 == right.1 && left.1 == Piece::Durable);
        self.pieces.reverse();
    }

    pub(super) fn lose_unsynced(&mut self) {
        for (_, piece) in &mut self.pieces {
            if *piece == Piece::Unsynced {
                *piece = Piece::Lost;
            }
        }
    }

    fn all_durable(bytes: Vec<u8>) -> Self {
        let pieces = vec![(bytes.len(), Piece::Durable)];
        Self { bytes, pieces, handles: 0 }
    }

    /// The file as a power cut leaves it.
    fn after_power_cut(&self, choice: &mut dyn FnMut(u32) -> u32) -> Self {
        let mut out = Vec::new();
        let mut place = |from: usize, to: usize| {
            if out.len() < from {
                out.resize(from, 0);
            }
            // Mostly there is nothing yet from here on, and adding is faster than overwriting zeros.
            out.truncate(from);
            out.extend_from_slice(&self.bytes[from..to]);
        };
        let mut zeros_to = 0;
        let mut start = 0;
        for (end, piece) in self.pieces.iter().copied() {
            let fate = if piece == Piece::Durable { 0 } else { choice(4) };
            match fate {
                0 => place(start, end),
                1 => {}
                2 => zeros_to = zeros_to.max(end),
                _ => {
                    let tear = tear_between(start, end, choice);
                    if choice(2) == 0 {
                        place(start, tear);
                    } else {
                        place(tear, end);
                    }
                }
            }
            start = end;
        }
        if out.len() < zeros_to {
            out.resize(zeros_to, 0);
        }
        Self::all_durable(out)
    }
}

/// A sector boundary after `start` and at most at `end`.
fn tear_between(start: usize, end: usize, choice: &mut dyn FnMut(u32) -> u32) -> usize {
    let first = start / SECTOR_LEN + 1;
    let boundaries = (end / SECTOR_LEN + 1).saturating_sub(first);
    let count = u32::try_from(boundaries).expect("files here are small");
    if count == 0 { end } else { (first + choice(count) as usize) * SECTOR_LEN }
}

impl State {
    pub(super) fn new(total: u64) -> Self {
        Self {
            total,
            used: 0,
            next_inode: ROOT + 1,
            files: BTreeMap::new(),
            live: Tree::new(),
            durable: Tree::new(),
            pending: Vec::new(),
        }
    }

    pub(super) fn free(&self) -> u64 {
        self.total.saturating_sub(self.used)
    }

    pub(super) fn folder(&self, path: &str) -> io::Result<u64> {
        let mut at = ROOT;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            match self.live.get(&(at, name.to_owned())) {
                Some(Node::Folder(inode)) => at = *inode,
                Some(Node::File(_)) => return Err(io::ErrorKind::NotADirectory.into()),
                None => return Err(io::ErrorKind::NotFound.into()),
            }
        }
        Ok(at)
    }

    fn place(&self, path: &str) -> io::Result<(u64, String)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        assert!(!name.is_empty() && path.is_ascii(), "{path:?} is no path of a volume");
        Ok((self.folder(folder)?, name.to_owned()))
    }

    fn inode_at(&self, path: &str) -> io::Result<u64> {
        match self.live.get(&self.place(path)?) {
            Some(Node::File(inode)) => Ok(*inode),
            Some(Node::Folder(_)) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn file(&mut self, inode: u64) -> &mut File {
        self.files.get_mut(&inode).expect("a file lives as long as a handle on it")
    }

    pub(super) fn file_at(&mut self, path: &str) -> io::Result<&mut File> {
        self.inode_at(path).map(|inode| self.file(inode))
    }

    fn make(&mut self, path: &str, node: impl FnOnce(u64) -> Node) -> io::Result<u64> {
        let (folder, name) = self.place(path)?;
        let inode = self.next_inode;
        let node = node(inode);
        if self.live.contains_key(&(folder, name.clone())) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.next_inode += 1;
        self.change(Change { folder, name, node, what: What::Made, lost: false });
        Ok(inode)
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.live);
        self.pending.push(change);
    }

    pub(super) fn create(&mut self, path: &str) -> io::Result<u64> {
        let inode = self.make(path, Node::File)?;
        self.files.insert(inode, File { handles: 1, ..File::default() });
        Ok(inode)
    }

    pub(super) fn make_folder(&mut self, path: &str) -> io::Result<()> {
        self.make(path, Node::Folder).map(|_| ())
    }

    pub(super) fn open(&mut self, path: &str) -> io::Result<u64> {
        let inode = self.inode_at(path)?;
        self.file(inode).handles += 1;
        Ok(inode)
    }

    pub(super) fn close(&mut self, inode: u64) {
        self.file(inode).handles -= 1;
        let node = Node::File(inode);
        let mut named = self.live.values().chain(self.durable.values());
        let wanted = self.files[&inode].handles > 0
            || named.any(|other| *other == node)
            || self.pending.iter().any(|change| change.node == node);
        if !wanted {
            self.files.remove(&inode);
        }
    }

    pub(super) fn append(&mut self, inode: u64, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > self.free() {
            return Err(nix::errno::Errno::ENOSPC.into());
        }
        if !bytes.is_empty() {
            self.used += bytes.len() as u64;
            let file = self.file(inode);
            file.bytes.extend_from_slice(bytes);
            file.pieces.push((file.bytes.len(), Piece::Unsynced));
        }
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let node = Node::File(self.inode_at(from)?);
        let (folder, name) = self.place(to)?;
        match self.live.get(&(folder, name.clone())) {
            Some(Node::Folder(_)) => return Err(io::ErrorKind::IsADirectory.into()),
            Some(there) if *there == node => return Ok(()),
            Some(Node::File(replaced)) => self.used -= self.files[replaced].bytes.len() as u64,
            None => {}
        }
        self.change(Change { folder, name, node, what: What::MovedHere, lost: false });
        Ok(())
    }

    pub(super) fn unlink(&mut self, path: &str) -> io::Result<()> {
        let node = Node::File(self.inode_at(path)?);
        let (folder, name) = self.place(path)?;
        self.used -= self.file_at(path)?.bytes.len() as u64;
        self.change(Change { folder, name, node, what: What::Removed, lost: false });
        Ok(())
    }

    pub(super) fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        let folder = self.folder(path)?;
        let from = (folder, String::new());
        let entries = self.live.range(from..).take_while(|((at, _), _)| *at == folder);
        Ok(entries
            .map(|((_, name), node)| match node {
                Node::File(inode) => {
                    let len = self.files[inode].bytes.len() as u64;
                    Listed { name: name.clone(), len, kind: EntryKind::File }
                }
                Node::Folder(_) => Listed { name: name.clone(), len: 0, kind: EntryKind::Folder },
            })
            .collect())
    }

    /// Makes a folder's names durable: everything that was made, moved to or removed in it.
    pub(super) fn sync_folder(&mut self, folder: u64) {
        let mut settled: BTreeMap<Node, usize> = BTreeMap::new();
        for (at, change) in self.pending.iter().enumerate() {
            if change.folder == folder && !change.lost {
                change.apply(&mut self.durable);
                if change.what != What::Made {
                    settled.insert(change.node, at);
                }
            }
        }
        // Where a file was before its last durable move no longer matters.
        let mut at = 0;
        self.pending.retain(|change| {
            let overtaken = settled.get(&change.node).is_some_and(|last| at < *last);
            at += 1;
            !overtaken && (change.folder != folder || change.lost)
        });
        self.forget_unreachable();
    }

    pub(super) fn lose_unsynced_names(&mut self, folder: u64) {
        for change in self.pending.iter_mut().filter(|change| change.folder == folder) {
            change.lost = true;
        }
    }

    pub(super) fn sync_all(&mut self, names: bool, bytes: bool) {
        if bytes {
            self.files.values_mut().for_each(File::sync);
        }
        let folders: BTreeSet<u64> = self.pending.iter().map(|change| change.folder).collect();
        for folder in folders.into_iter().filter(|_| names) {
            self.sync_folder(folder);
        }
    }

    pub(super) fn lose_all_unsynced(&mut self) {
        self.files.values_mut().for_each(File::lose_unsynced);
        self.pending.iter_mut().for_each(|change| change.lost = true);
    }

    /// Drops the bytes of files that nobody can reach any more, whatever the power does.
    fn forget_unreachable(&mut self) {
        let named = self.live.values().chain(self.durable.values());
        let named: BTreeSet<Node> =
            named.copied().chain(self.pending.iter().map(|change| change.node)).collect();
        self.files.retain(|inode, file| file.handles > 0 || named.contains(&Node::File(*inode)));
    }

    pub(super) fn after_power_cut(&self, choice: &mut dyn FnMut(u32) -> u32) -> Self {
        let mut tree = self.durable.clone();
        for change in &self.pending {
            if choice(2) == 1 {
                change.apply(&mut tree);
            }
        }
        self.mounted(&tree, |file| file.after_power_cut(choice))
    }

    pub(super) fn after_clean_unmount(&self) -> Self {
        self.mounted(&self.live, |file| File::all_durable(file.bytes.clone()))
    }

    /// A new disk with what can be reached from the root of a tree.
    fn mounted(&self, tree: &Tree, mut file: impl FnMut(&File) -> File) -> Self {
        let mut reachable = Tree::new();
        let mut files = BTreeMap::new();
        let mut folders = vec![ROOT];
        while let Some(folder) = folders.pop() {
            let from = (folder, String::new());
            for (place, node) in tree.range(from..).take_while(|((at, _), _)| *at == folder) {
                reachable.insert(place.clone(), *node);
                match node {
                    Node::Folder(inode) => folders.push(*inode),
                    Node::File(inode) => {
                        // Two names of one file (a lost removal) show the same bytes.
                        files.entry(*inode).or_insert_with(|| file(&self.files[inode]));
                    }
                }
            }
        }
        let used = files.values().map(|file| file.bytes.len() as u64).sum();
        let (total, next_inode) = (self.total, self.next_inode);
        let durable = reachable.clone();
        Self { total, used, next_inode, files, live: reachable, durable, pending: Vec::new() }
    }

    pub(super) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![(ROOT, String::new())];
        while let Some((folder, path)) = folders.pop() {
            let from = (folder, String::new());
            for ((_, name), node) in
                self.live.range(from..).take_while(|((at, _), _)| *at == folder)
            {
                match node {
                    Node::Folder(inode) => folders.push((*inode, format!("{path}{name}/"))),
                    Node::File(inode) => {
                        found.push((format!("{path}{name}"), self.files[inode].bytes.clone()));
                    }
                }
            }
        }
        found.sort();
        found
    }
}

impl Change {
    fn apply(&self, tree: &mut Tree) {
        let place = (self.folder, self.name.clone());
        match self.what {
            What::Made => {
                tree.insert(place, self.node);
            }
            What::MovedHere => {
                tree.retain(|_, node| *node != self.node);
                tree.insert(place, self.node);
            }
            What::Removed => {
                if tree.get(&place) == Some(&self.node) {
                    tree.remove(&place);
                }
            }
        }
    }
}
