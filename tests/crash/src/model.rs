//! The reference: what the vault has acknowledged, as plain maps.
//!
//! It knows nothing of packs, heads or disks. What is under way when the power goes may be there
//! whole or not at all; everything before it must be there. Start at [`Ledger`] and [`verify`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use format::entry::EntryKind;
use types::ObjectId;
use vault::{SnapshotInfo, Vault, VaultError};

/// Something in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A folder.
    Folder,
    /// A file and its bytes.
    File(Arc<Vec<u8>>),
}

/// A source's content, by path.
pub type Tree = BTreeMap<Vec<u8>, Node>;

/// The source that is edited in place.
pub const EDITED: &str = "desk";
/// The source that is backed up.
pub const BACKED_UP: &str = "laptop";
/// The source whose one file is rewritten in place between its backups.
pub const IMAGE: &str = "machine";

/// A listed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its source.
    pub source: &'static str,
    /// What it holds.
    pub tree: Arc<Tree>,
}

/// What was acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Every version that is listed.
    pub versions: BTreeMap<ObjectId, Version>,
    /// The newest content of the edited source.
    pub newest: Arc<Tree>,
    /// The fewest copies that any receipt promised so far.
    pub fewest_copies: Option<u8>,
    /// Disks that have left the vault.
    pub left: BTreeSet<usize>,
}

/// What an operation that is under way may come to.
#[derive(Clone, Debug, Default)]
pub struct Flight {
    /// The version that it adds.
    pub adds: Option<Version>,
    /// Versions that it may take off the list.
    pub drops: BTreeSet<ObjectId>,
}

/// What was acknowledged, ever, and what is under way.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// As it stands.
    pub model: Model,
    /// What the vault is doing now.
    pub flight: Flight,
    /// All that was true once, oldest first.
    pub history: Vec<Model>,
    /// Versions whose place another took while a disk was missing that is back now. It went on from
    /// a moment when they were listed, so they may be again: a version too many is no loss.
    pub returned: BTreeMap<ObjectId, Version>,
}

/// How what is found differs from what was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The vault said an error: the loss is named.
    Refused(String),
    /// A version is not listed.
    Unlisted(String),
    /// A version has other content than it had: never to be forgiven.
    Content(String),
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(what) => write!(f, "refused: {what}"),
            Self::Unlisted(what) => write!(f, "not listed: {what}"),
            Self::Content(what) => write!(f, "other content: {what}"),
        }
    }
}

/// An error with all its causes.
pub fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

fn refused(doing: &str, error: &VaultError) -> Wrong {
    Wrong::Refused(format!("{doing}: {}", chain_of(error)))
}

/// Reads a version from the vault.
pub fn read_tree(vault: &Vault, info: &SnapshotInfo) -> Result<Tree, VaultError> {
    let found = vault.find_snapshot(&info.id.to_string())?;
    let mut entries = Vec::new();
    vault.list(&found, b"", true, &mut |listed| {
        entries.push(listed);
        true
    })?;
    let mut tree = Tree::new();
    for listed in entries {
        if listed.path.is_empty() {
            continue;
        }
        let node = if listed.entry.kind == EntryKind::Folder {
            Node::Folder
        } else {
            let len = usize::try_from(listed.entry.size).unwrap_or(usize::MAX);
            Node::File(Arc::new(vault.read_range(&found, &listed.path, 0, len)?))
        };
        tree.insert(listed.path, node);
    }
    Ok(tree)
}

/// Compares a vault with the ledger: every version that must be there is, and nothing is there
/// that never was. With `diverged`, the newest content may be any that is listed: a disk that was
/// away has come back.
pub fn verify(vault: &Vault, ledger: &Ledger, diverged: bool) -> Result<(), Wrong> {
    let Ledger { model, flight, returned, .. } = ledger;
    let listed = vault.snapshots(None).map_err(|error| refused("list", &error))?;
    let ids: BTreeSet<ObjectId> = listed.iter().map(|info| info.id).collect();
    for (id, version) in &model.versions {
        if !ids.contains(id) && !flight.drops.contains(id) {
            return Err(Wrong::Unlisted(format!("version {} of {}", id.short(), version.source)));
        }
    }
    let mut newest = None;
    for info in &listed {
        let tree = read_tree(vault, info).map_err(|error| refused("read a version", &error))?;
        let listed_before = || returned.get(&info.id).or(flight.adds.as_ref());
        let expected = model.versions.get(&info.id).or_else(listed_before);
        let right = expected
            .is_some_and(|version| version.source == info.source_name && *version.tree == tree);
        if !right {
            let text = describe(&tree, expected.map(|version| &*version.tree));
            return Err(Wrong::Content(format!("version {}: {text}", info.id.short())));
        }
        if info.source_name == EDITED {
            newest = Some(tree);
        }
    }
    let newest = newest.unwrap_or_default();
    let planned = flight.adds.as_ref().filter(|version| version.source == EDITED);
    let is_right = newest == *model.newest || planned.is_some_and(|v| *v.tree == newest);
    if is_right || diverged {
        return Ok(());
    }
    Err(Wrong::Unlisted(format!("the newest: {}", describe(&newest, Some(&model.newest)))))
}

fn describe(found: &Tree, wanted: Option<&Tree>) -> String {
    let names = |tree: &Tree| -> Vec<String> {
        let name = |(path, node): (&Vec<u8>, &Node)| {
            let len = match node {
                Node::Folder => "/".to_owned(),
                Node::File(bytes) => format!("={}", bytes.len()),
            };
            format!("{}{len}", String::from_utf8_lossy(path))
        };
        tree.iter().map(name).collect()
    };
    match wanted {
        Some(wanted) => format!("{:?} instead of {:?}", names(found), names(wanted)),
        None => format!("{:?}, which never was", names(found)),
    }
}
