//! Looking at large folders and large files piece by piece, so that nobody holds the vault for long.
//!
//! Reads only. Start at [`Vault::list_from`], [`Vault::walk_from`] and [`Vault::visit_range`].

use std::cmp::Ordering;

use format::entry::{Entry, EntryKind};
use types::{SourceId, SpaceId};

use crate::Vault;
use crate::error::VaultError;
use crate::snapshots::{ListedEntry, SnapshotInfo, info, trim};
use crate::store::SpaceStore;

/// How a walk goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalkOn {
    /// With what comes next, below a folder first.
    Next,
    /// Without what lies below the folder that was just shown.
    Skip,
    /// Not at all.
    Stop,
}

impl Vault {
    /// The snapshots of one source, oldest first.
    pub fn snapshots_of(&self, source: SourceId) -> Vec<SnapshotInfo> {
        let writer = self.writer();
        let known = writer.state.sources.get(&source);
        known.map_or_else(Vec::new, |one| {
            one.snapshots.iter().map(|snapshot| info(source, one, snapshot)).collect()
        })
    }

    /// The source of that name in a space. A bench is nobody's to look at by its name: what lies there
    /// is known to whoever put it.
    pub fn source_in(&self, space: SpaceId, name: &str) -> Option<SourceId> {
        if crate::bench::is_bench(name) {
            return None;
        }
        self.writer().state.source_named(space, name)
    }

    /// The entry at a path below a folder of a space.
    pub fn entry_below(
        &self,
        space: SpaceId,
        root: &Entry,
        path: &[u8],
    ) -> Result<Entry, VaultError> {
        Ok(tree::lookup(&SpaceStore { vault: self, space }, root, trim(path))?)
    }

    /// Shows a folder's entries in the order of their names, from the first name on that is not less
    /// than `from`. `visit` returns false to stop.
    pub fn list_from(
        &self,
        space: SpaceId,
        folder: &Entry,
        from: &[u8],
        visit: &mut dyn FnMut(Entry) -> bool,
    ) -> Result<(), VaultError> {
        let store = SpaceStore { vault: self, space };
        for entry in tree::entries_from(&store, folder.node, from)? {
            if !visit(entry?) {
                break;
            }
        }
        Ok(())
    }

    /// Shows all that lies below a folder, each folder before what is in it, from behind the path
    /// `after` on, or from the first.
    pub fn walk_from(
        &self,
        space: SpaceId,
        folder: &Entry,
        after: Option<&[u8]>,
        visit: &mut dyn FnMut(ListedEntry) -> WalkOn,
    ) -> Result<(), VaultError> {
        let store = SpaceStore { vault: self, space };
        let mut walk = tree::walk(&store, folder);
        while let Some(walked) = walk.next() {
            let walked = walked?;
            if let Some(after) = after
                && walk_order(&walked.path, after) != Ordering::Greater
            {
                if walked.entry.kind == EntryKind::Folder && !is_at_or_above(&walked.path, after) {
                    walk.skip_folder();
                }
                continue;
            }
            match visit(ListedEntry { path: walked.path, entry: walked.entry }) {
                WalkOn::Next => {}
                WalkOn::Skip => walk.skip_folder(),
                WalkOn::Stop => break,
            }
        }
        Ok(())
    }

    /// Hands on a file's bytes from `offset` on, `len` at most, in order. Holes come as zeros.
    pub fn visit_range(
        &self,
        space: SpaceId,
        file: &Entry,
        offset: u64,
        len: u64,
        visit: &mut dyn FnMut(&[u8]) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        self.visit_bytes(space, file, offset, len, visit)
    }
}

/// Whether a walk meets `path` before it meets `other`: name by name, a folder before what it holds.
fn walk_order(path: &[u8], other: &[u8]) -> Ordering {
    path.split(|byte| *byte == b'/').cmp(other.split(|byte| *byte == b'/'))
}

fn is_at_or_above(folder: &[u8], path: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}
