//! Reading, listing and comparing: what the vault shows against what the model has.

use std::collections::BTreeSet;

use format::entry::EntryKind;
use types::UnixTime;
use vault::Found;

use super::Machine;
use crate::model::{Node, Tree, Version};

impl Machine {
    pub(super) fn pick(&self, source: &str, version: u8) -> Option<(Found, &Tree)> {
        let versions = self.model.0.get(source).filter(|versions| !versions.is_empty())?;
        let version = &versions[usize::from(version) % versions.len()];
        Some((self.vault().find_snapshot(&version.id.to_string()).unwrap(), &version.tree))
    }

    pub(super) fn read(&self, source: &str, version: u8, path: &str, offset: u32, len: u32) {
        let Some((found, tree)) = self.pick(source, version) else { return };
        let read = self.vault().read_range(&found, path.as_bytes(), offset.into(), len as usize);
        match tree.file(path) {
            None => assert!(read.is_err(), "{path} is no file"),
            Some(bytes) => {
                let from = bytes.len().min(offset as usize);
                let to = bytes.len().min(from + len as usize);
                assert!(read.unwrap() == bytes[from..to], "{path} from {from} to {to}");
            }
        }
    }

    pub(super) fn versions(&self, source: &str, path: &str) {
        let Some(versions) = self.model.0.get(source) else { return };
        let editor = self.vault().editor(None, source).unwrap();
        let listed = editor.versions(path.as_bytes()).unwrap();
        for version in &listed {
            let known = versions.iter().find(|v| v.id == version.snapshot.id).unwrap();
            let size = known.tree.file(path).map(|bytes| bytes.len() as u64);
            let entry = version.entry.as_ref().filter(|entry| entry.kind == EntryKind::File);
            assert_eq!(entry.map(|entry| entry.size), size);
        }
        let different: BTreeSet<_> = versions.iter().filter_map(|v| v.tree.file(path)).collect();
        assert!(listed.len() >= different.len(), "{listed:?}");
    }

    pub(super) fn diff(&self, source: &str, one: u8, other: u8) {
        let (Some((a, before)), Some((b, after))) =
            (self.pick(source, one), self.pick(source, other))
        else {
            return;
        };
        let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut take = |change: tree::Change| {
            let path = String::from_utf8(change.path).unwrap();
            match change.difference {
                tree::Difference::Added(_) => added.push(path),
                tree::Difference::Removed(_) => removed.push(path),
                tree::Difference::Changed { content, kind, .. } => {
                    if content || kind {
                        changed.insert(path);
                    }
                }
            }
            true
        };
        self.vault().diff(&a, &b, &mut take).unwrap();
        added.sort();
        removed.sort();
        let only = |in_this: &Tree, not_in: &Tree| -> Vec<String> {
            in_this.0.keys().filter(|path| !not_in.0.contains_key(*path)).cloned().collect()
        };
        assert_eq!(added, only(after, before));
        assert_eq!(removed, only(before, after));
        for (path, node) in &before.0 {
            let other = after.0.get(path);
            let differs = match (node, other) {
                (_, None) | (Node::Folder, Some(Node::Folder)) => false,
                (Node::File { bytes: a, .. }, Some(Node::File { bytes: b, .. })) => a != b,
                _ => true,
            };
            assert!(!differs || changed.contains(path), "{path} has changed unseen");
        }
    }

    /// The lists of versions, the trees of all, and every byte of all.
    pub(super) fn compare_all(&self) {
        self.compare_lists();
        for versions in self.model.0.values() {
            for version in versions {
                self.compare_version(version);
            }
        }
    }

    pub(super) fn compare_lists(&self) {
        for (source, versions) in &self.model.0 {
            let listed = self.vault().snapshots(Some(source)).unwrap();
            let listed: Vec<(types::ObjectId, UnixTime)> =
                listed.iter().map(|info| (info.id, info.received)).collect();
            let known: Vec<_> = versions.iter().map(|v| (v.id, v.received)).collect();
            assert_eq!(listed, known, "the versions of {source}");
        }
    }

    pub(super) fn compare_newest(&self, source: &str) {
        self.compare_lists();
        let found = self.vault().find_snapshot(&format!("latest:{source}")).unwrap();
        let newest = self.model.0[source].last().unwrap();
        assert_eq!(found.info.id, newest.id);
        self.compare_version(newest);
    }

    pub(super) fn compare_version(&self, version: &Version) {
        let found = self.vault().find_snapshot(&version.id.to_string()).unwrap();
        let mut listed = Vec::new();
        let mut take = |entry: vault::ListedEntry| {
            listed.push((String::from_utf8(entry.path).unwrap(), entry.entry.kind));
            true
        };
        self.vault().list(&found, b"", true, &mut take).unwrap();
        listed.sort();
        let known: Vec<_> = version
            .tree
            .0
            .iter()
            .map(|(path, node)| match node {
                Node::Folder => (path.clone(), EntryKind::Folder),
                Node::File { .. } => (path.clone(), EntryKind::File),
            })
            .collect();
        assert_eq!(listed, known);
        for (path, node) in &version.tree.0 {
            if let Node::File { bytes, .. } = node {
                let read = self.vault().read_range(&found, path.as_bytes(), 0, usize::MAX);
                assert!(read.unwrap() == **bytes, "{path} of {}", version.id.short());
            }
        }
    }
}
