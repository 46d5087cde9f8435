//! Files and names of a simulated disk: as programs see them, and as a power cut would leave them.
//!
//! Knows nothing of faults. Paths are resolved here; inode 0 is the root folder. Copies share what
//! they have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use volume::{EntryKind, Listed};

use super::file::File;
use super::left::Left;
use super::names::{Change, Node, ROOT, Tree, What};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) total: u64,
    used: u64,
    next_inode: u64,
    files: BTreeMap<u64, File>,
    live: Tree,
    durable: Tree,
    pending: Vec<Change>,
    /// Files that lost a name since this state began: they may have none left.
    unlinked: BTreeSet<u64>,
}

impl State {
    pub(super) fn new(total: u64) -> Self {
        Self { total, next_inode: ROOT + 1, ..Self::default() }
    }

    pub(super) fn free(&self) -> u64 {
        self.total.saturating_sub(self.used)
    }

    pub(super) fn folder(&self, path: &str) -> io::Result<u64> {
        let mut at = ROOT;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            match self.live.get(at, name) {
                Some(Node::Folder(inode)) => at = inode,
                Some(Node::File(_)) => return Err(io::ErrorKind::NotADirectory.into()),
                None => return Err(io::ErrorKind::NotFound.into()),
            }
        }
        Ok(at)
    }

    fn place<'a>(&self, path: &'a str) -> io::Result<(u64, &'a str)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        assert!(!name.is_empty() && path.is_ascii(), "{path:?} is no path of a volume");
        Ok((self.folder(folder)?, name))
    }

    fn inode_at(&self, path: &str) -> io::Result<u64> {
        let (folder, name) = self.place(path)?;
        match self.live.get(folder, name) {
            Some(Node::File(inode)) => Ok(inode),
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
        if self.live.get(folder, name).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.next_inode += 1;
        self.change(folder, name, node, What::Made);
        Ok(inode)
    }

    fn change(&mut self, folder: u64, name: &str, node: Node, what: What) {
        let change = Change { folder, name: name.into(), node, what, lost: false };
        change.apply(&mut self.live);
        self.pending.push(change);
    }

    pub(super) fn create(&mut self, path: &str) -> io::Result<u64> {
        let inode = self.make(path, Node::File)?;
        self.files.insert(inode, File::opened());
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
        self.forget_unreachable(Some(inode));
    }

    pub(super) fn append(&mut self, inode: u64, bytes: Arc<[u8]>) -> io::Result<()> {
        let end = self.file(inode).len() as u64;
        self.write_at(inode, end, bytes)
    }

    pub(super) fn write_at(&mut self, inode: u64, at: u64, bytes: Arc<[u8]>) -> io::Result<()> {
        // Writing nothing makes no file longer, wherever it is written.
        let end = bytes.first().map_or(0, |_| at + bytes.len() as u64);
        let grows = end.saturating_sub(self.file(inode).len() as u64);
        if grows > self.free() {
            return Err(nix::errno::Errno::ENOSPC.into());
        }
        self.used += grows;
        let at = usize::try_from(at).expect("files here fit memory");
        self.file(inode).write_at(at, bytes);
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let node = Node::File(self.inode_at(from)?);
        let (folder, name) = self.place(to)?;
        match self.live.get(folder, name) {
            Some(Node::Folder(_)) => return Err(io::ErrorKind::IsADirectory.into()),
            Some(there) if there == node => return Ok(()),
            Some(Node::File(replaced)) => {
                self.used -= self.files[&replaced].len() as u64;
                self.unlinked.insert(replaced);
            }
            None => {}
        }
        self.change(folder, name, node, What::MovedHere);
        Ok(())
    }

    pub(super) fn unlink(&mut self, path: &str) -> io::Result<()> {
        let inode = self.inode_at(path)?;
        let (folder, name) = self.place(path)?;
        self.used -= self.file(inode).len() as u64;
        self.unlinked.insert(inode);
        self.change(folder, name, Node::File(inode), What::Removed);
        Ok(())
    }

    pub(super) fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        let names = self.live.names(self.folder(path)?);
        let listed = names.map(|(name, node)| match node {
            Node::File(inode) => {
                let len = self.files[&inode].len() as u64;
                Listed { name: name.as_ref().to_owned(), len, kind: EntryKind::File }
            }
            Node::Folder(_) => {
                Listed { name: name.as_ref().to_owned(), len: 0, kind: EntryKind::Folder }
            }
        });
        Ok(listed.collect())
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
        self.forget_unreachable(None);
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

    /// Drops the bytes of files (of one, or of all that lost a name) that nobody can reach any
    /// more, whatever the power does.
    fn forget_unreachable(&mut self, only: Option<u64>) {
        let Self { files, live, durable, pending, unlinked, .. } = self;
        unlinked.retain(|inode| {
            let node = Node::File(*inode);
            let wanted = only.is_some_and(|one| one != *inode)
                || files.get(inode).is_some_and(|file| file.handles > 0)
                || live.has(node)
                || durable.has(node)
                || pending.iter().any(|change| change.node == node);
            if !wanted {
                files.remove(inode);
            }
            wanted
        });
    }

    /// `stale`: the disk lied about syncs, so a file system that trusted it may have lost the
    /// writes that gave a block to a file, and show what another file left there.
    pub(super) fn after_power_cut(
        &self,
        choice: &mut dyn FnMut(u32) -> u32,
        left: &mut Left,
        stale: bool,
    ) -> Self {
        let mut tree = self.durable.clone();
        let mut lost_before = false;
        for change in &self.pending {
            let kept = choice(2) == 1;
            left.given_up += u64::from(change.lost);
            left.reordered += u64::from(kept && lost_before);
            lost_before |= !kept;
            match (kept, change.what) {
                (true, _) => change.apply(&mut tree),
                (false, What::Made) => left.names_lost += 1,
                (false, What::MovedHere) => left.moves_lost += 1,
                (false, What::Removed) => left.removals_undone += 1,
            }
        }
        let donors: Vec<&File> = if stale { self.files.values().collect() } else { Vec::new() };
        self.mounted(&tree, |file| {
            let shown = file.shown_stale(&donors, choice, left);
            shown.unwrap_or_else(|| file.after_power_cut(choice, left))
        })
    }

    pub(super) fn after_clean_unmount(&self) -> Self {
        self.mounted(&self.live, File::all_durable)
    }

    /// A new disk with what can be reached from the root of a tree.
    fn mounted(&self, tree: &Tree, mut file: impl FnMut(&File) -> File) -> Self {
        let live = tree.reachable();
        let mut files = BTreeMap::new();
        for inode in live.files() {
            // Two names of one file (a lost removal) show the same bytes.
            files.entry(inode).or_insert_with(|| file(&self.files[&inode]));
        }
        let used = files.values().map(|file| file.len() as u64).sum();
        let (total, next_inode) = (self.total, self.next_inode);
        let durable = live.clone();
        let (pending, unlinked) = (Vec::new(), BTreeSet::new());
        Self { total, used, next_inode, files, live, durable, pending, unlinked }
    }

    pub(super) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![(ROOT, String::new())];
        while let Some((folder, path)) = folders.pop() {
            for (name, node) in self.live.names(folder) {
                match node {
                    Node::Folder(inode) => folders.push((inode, format!("{path}{name}/"))),
                    Node::File(inode) => {
                        found.push((format!("{path}{name}"), self.files[&inode].bytes()));
                    }
                }
            }
        }
        found.sort();
        found
    }

    /// Names and lengths of the files in a folder; none when it is not there.
    pub(super) fn lengths(&self, path: &str) -> Vec<(String, u64)> {
        let listed = self.list(path).unwrap_or_default().into_iter();
        listed.filter(|e| e.kind == EntryKind::File).map(|e| (e.name, e.len)).collect()
    }
}
