//! Names of a simulated disk: folders, what stands in them, and changes that no sync has made
//! durable. Copies share their folders. Knows nothing of bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const ROOT: u64 = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    File(u64),
    Folder(u64),
}

type Folder = BTreeMap<Arc<str>, Node>;

/// Every folder by its inode; one without names may be left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree(BTreeMap<u64, Arc<Folder>>);

impl Tree {
    pub(super) fn get(&self, folder: u64, name: &str) -> Option<Node> {
        self.0.get(&folder)?.get(name).copied()
    }

    pub(super) fn names(&self, folder: u64) -> impl Iterator<Item = (&Arc<str>, Node)> {
        self.0.get(&folder).into_iter().flat_map(|names| names.iter().map(|(n, node)| (n, *node)))
    }

    pub(super) fn has(&self, node: Node) -> bool {
        self.0.values().any(|names| names.values().any(|other| *other == node))
    }

    fn insert(&mut self, folder: u64, name: &Arc<str>, node: Node) {
        Arc::make_mut(self.0.entry(folder).or_default()).insert(Arc::clone(name), node);
    }

    fn remove(&mut self, folder: u64, name: &str) {
        if let Some(names) = self.0.get_mut(&folder) {
            Arc::make_mut(names).remove(name);
        }
    }

    fn remove_node(&mut self, node: Node) {
        for names in self.0.values_mut() {
            if names.values().any(|other| *other == node) {
                Arc::make_mut(names).retain(|_, other| *other != node);
            }
        }
    }

    /// The folders that can be reached from the root.
    pub(super) fn reachable(&self) -> Self {
        let mut found = BTreeMap::new();
        let mut folders = vec![ROOT];
        while let Some(folder) = folders.pop() {
            if let Some(names) = self.0.get(&folder) {
                folders.extend(names.values().filter_map(|node| match node {
                    Node::Folder(inode) => Some(*inode),
                    Node::File(_) => None,
                }));
                found.insert(folder, Arc::clone(names));
            }
        }
        Self(found)
    }

    /// The inodes of its files; one with two names comes twice.
    pub(super) fn files(&self) -> impl Iterator<Item = u64> {
        self.0.values().flat_map(|names| names.values()).filter_map(|node| match node {
            Node::File(inode) => Some(*inode),
            Node::Folder(_) => None,
        })
    }
}

/// A change of names that no sync has made durable.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) folder: u64,
    pub(super) name: Arc<str>,
    pub(super) node: Node,
    pub(super) what: What,
    /// A sync that should have stored it failed: no later sync will.
    pub(super) lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Made,
    MovedHere,
    Removed,
}

impl Change {
    pub(super) fn apply(&self, tree: &mut Tree) {
        match self.what {
            What::Made => tree.insert(self.folder, &self.name, self.node),
            What::MovedHere => {
                tree.remove_node(self.node);
                tree.insert(self.folder, &self.name, self.node);
            }
            What::Removed => {
                if tree.get(self.folder, &self.name) == Some(self.node) {
                    tree.remove(self.folder, &self.name);
                }
            }
        }
    }
}
