//! What the vault promises, as simply as it can be said: sources, lists of versions, trees of bytes.
//!
//! A tree is a map from paths to folders and bytes. Nothing here knows of packs, copies or disks.

use std::collections::BTreeMap;
use std::sync::Arc;

use format::record::SnapshotKind;
use tree::{EditError, EditOutcome};
use types::{ObjectId, UnixTime};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Folder,
    /// `put` tells a file that an edit put from one that a backup found: they differ in attributes.
    File {
        bytes: Arc<Vec<u8>>,
        put: bool,
    },
}

/// The top folder's content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree(pub BTreeMap<String, Node>);

/// What an edit comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    Created,
    Replaced,
    Removed,
    Moved,
    AlreadyThere,
}

/// Why an edit is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NotFound,
    NotAFolder,
    IsAFolder,
    Exists,
    NotEmpty,
    IntoItself,
    Another,
}

/// What an edit comes to, and whether everything that was there still is.
pub(crate) type Edited = Result<(Did, bool), Refusal>;

impl From<&EditOutcome> for Did {
    fn from(outcome: &EditOutcome) -> Self {
        match outcome {
            EditOutcome::Created => Self::Created,
            EditOutcome::Replaced(_) => Self::Replaced,
            EditOutcome::Removed(_) => Self::Removed,
            EditOutcome::Moved => Self::Moved,
            EditOutcome::AlreadyThere => Self::AlreadyThere,
        }
    }
}

impl From<&EditError> for Refusal {
    fn from(error: &EditError) -> Self {
        match error {
            EditError::NotFound { .. } => Self::NotFound,
            EditError::NotAFolder { .. } => Self::NotAFolder,
            EditError::IsAFolder { .. } => Self::IsAFolder,
            EditError::Exists { .. } => Self::Exists,
            EditError::NotEmpty { .. } => Self::NotEmpty,
            EditError::IntoItself { .. } => Self::IntoItself,
            _ => Self::Another,
        }
    }
}

fn parents(path: &str) -> Vec<&str> {
    path.match_indices('/').map(|(at, _)| &path[..at]).collect()
}

impl Tree {
    fn is_folder(&self, path: &str) -> bool {
        self.0.get(path) == Some(&Node::Folder)
    }

    fn below(&self, path: &str) -> Vec<String> {
        let front = format!("{path}/");
        self.0.keys().filter(|name| name.starts_with(&front)).cloned().collect()
    }

    fn parents_exist(&self, path: &str) -> Result<(), Refusal> {
        for parent in parents(path) {
            match self.0.get(parent) {
                None => return Err(Refusal::NotFound),
                Some(Node::Folder) => {}
                Some(Node::File { .. }) => return Err(Refusal::NotAFolder),
            }
        }
        Ok(())
    }

    pub(crate) fn put(&mut self, path: &str, bytes: &Arc<Vec<u8>>, make_parents: bool) -> Edited {
        match self.parents_exist(path) {
            Err(Refusal::NotFound) if make_parents => {}
            other => other?,
        }
        let new = Node::File { bytes: Arc::clone(bytes), put: true };
        match self.0.get(path) {
            Some(Node::Folder) => return Err(Refusal::IsAFolder),
            Some(old) if *old == new => return Ok((Did::AlreadyThere, true)),
            _ => {}
        }
        for parent in parents(path) {
            self.0.insert(parent.to_owned(), Node::Folder);
        }
        match self.0.insert(path.to_owned(), new) {
            None => Ok((Did::Created, true)),
            Some(_) => Ok((Did::Replaced, false)),
        }
    }

    pub(crate) fn make_folder(&mut self, path: &str) -> Edited {
        self.parents_exist(path)?;
        match self.0.get(path) {
            Some(Node::Folder) => Ok((Did::AlreadyThere, true)),
            Some(Node::File { .. }) => Err(Refusal::Exists),
            None => {
                self.0.insert(path.to_owned(), Node::Folder);
                Ok((Did::Created, true))
            }
        }
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str, replace: bool) -> Edited {
        self.parents_exist(from)?;
        if !self.0.contains_key(from) {
            return Err(Refusal::NotFound);
        }
        if from == to {
            return Ok((Did::AlreadyThere, true));
        }
        let moves_folder = self.is_folder(from);
        if moves_folder && to.starts_with(&format!("{from}/")) {
            return Err(Refusal::IntoItself);
        }
        self.parents_exist(to)?;
        let there = self.0.contains_key(to);
        if there {
            match (replace, moves_folder, self.is_folder(to)) {
                (false, ..) => return Err(Refusal::Exists),
                (true, true, false) => return Err(Refusal::NotAFolder),
                (true, false, true) => return Err(Refusal::IsAFolder),
                (true, true, true) if !self.below(to).is_empty() => return Err(Refusal::NotEmpty),
                (true, ..) => {}
            }
        }
        for path in std::iter::once(from.to_owned()).chain(self.below(from)) {
            let node = self.0.remove(&path).unwrap();
            self.0.insert(format!("{to}{}", &path[from.len()..]), node);
        }
        Ok(if there { (Did::Replaced, false) } else { (Did::Moved, true) })
    }

    pub(crate) fn delete(&mut self, path: &str, recursive: bool) -> Edited {
        self.parents_exist(path)?;
        if !self.0.contains_key(path) {
            return Err(Refusal::NotFound);
        }
        let below = self.below(path);
        if !below.is_empty() && !recursive {
            return Err(Refusal::NotEmpty);
        }
        for path in below.iter().map(String::as_str).chain([path]) {
            self.0.remove(path);
        }
        Ok((Did::Removed, false))
    }

    pub(crate) fn file(&self, path: &str) -> Option<&Arc<Vec<u8>>> {
        match self.0.get(path) {
            Some(Node::File { bytes, .. }) => Some(bytes),
            _ => None,
        }
    }
}

/// One version of a source.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub id: ObjectId,
    pub kind: SnapshotKind,
    pub received: UnixTime,
    pub tree: Tree,
}

/// All versions of all sources, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Model(pub BTreeMap<String, Vec<Version>>);

impl Model {
    pub(crate) fn newest(&self, source: &str) -> Tree {
        let versions = self.0.get(source).and_then(|versions| versions.last());
        versions.map(|version| version.tree.clone()).unwrap_or_default()
    }

    /// Takes in what an edit came to: a new version, in place of the last when nothing was lost.
    pub(crate) fn edited(&mut self, source: &str, new: Version, edited: Edited) {
        let versions = self.0.entry(source.to_owned()).or_default();
        let changed = edited.is_ok_and(|(did, _)| did != Did::AlreadyThere);
        let lossless = edited.is_ok_and(|(_, lossless)| lossless);
        match versions.last_mut() {
            Some(last) if !changed => assert_eq!(last.id, new.id, "nothing changed"),
            Some(last) if lossless && last.kind == SnapshotKind::Edit => *last = new,
            _ => versions.push(new),
        }
    }
}
