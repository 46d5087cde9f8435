//! Looking at what the vault holds: sources, snapshots, folders, byte ranges, versions, differences.
//!
//! Reads only. Start at [`Vault::find_snapshot`] and [`Vault::list`].

use format::entry::{Entry, EntryKind};
use format::from_cbor;
use format::pack::PackKind;
use format::record::{Snapshot, SnapshotKind, SnapshotRef};
use tree::ObjectReader;
use types::{ObjectId, SourceId, SpaceId, UnixTime};

use crate::Vault;
use crate::bench::is_bench;
use crate::error::VaultError;
use crate::store::SpaceStore;

/// A snapshot in a listing.
#[derive(Clone, Debug)]
pub struct SnapshotInfo {
    /// The snapshot.
    pub id: ObjectId,
    /// Its source.
    pub source: SourceId,
    /// The source's name.
    pub source_name: String,
    /// The source's space.
    pub space: SpaceId,
    /// When the vault received it.
    pub received: UnixTime,
    /// How it came to be.
    pub kind: SnapshotKind,
}

/// A snapshot that was asked for by name, and read.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it stands.
    pub info: SnapshotInfo,
    /// What it says.
    pub snapshot: Snapshot,
}

/// An entry of a listing, with its path below the snapshot's root.
#[derive(Clone, Debug)]
pub struct ListedEntry {
    /// Path, components joined by `/`.
    pub path: Vec<u8>,
    /// The entry.
    pub entry: Entry,
}

impl Vault {
    /// Every source: id, name, space, number of versions.
    pub fn sources(&self) -> Vec<(SourceId, String, SpaceId, usize)> {
        let writer = self.writer();
        let all = writer.state.sources.iter();
        let seen = all.filter(|(_, source)| !is_bench(&source.name));
        seen.map(|(id, s)| (*id, s.name.clone(), s.space, s.snapshots.len())).collect()
    }

    /// Every snapshot of one source or of all, oldest first. What is still being uploaded is in none.
    pub fn snapshots(&self, source: Option<&str>) -> Result<Vec<SnapshotInfo>, VaultError> {
        let mut all = self.snapshots_kept(source)?;
        all.retain(|snapshot| !is_bench(&snapshot.source_name));
        Ok(all)
    }

    /// Every snapshot of one source or of all in a space, or in all when none, oldest first.
    pub fn snapshots_in(
        &self,
        space: Option<SpaceId>,
        source: Option<&str>,
    ) -> Result<Vec<SnapshotInfo>, VaultError> {
        let mut all = self.snapshots(source)?;
        let Some(space) = space else { return Ok(all) };
        all.retain(|snapshot| snapshot.space == space);
        let is_known =
            |name: &str| self.sources().iter().any(|(_, n, s, _)| *s == space && n == name);
        if let Some(name) = source.filter(|name| all.is_empty() && !is_known(name)) {
            return Err(VaultError::NotFound { what: "source", name: name.to_owned() });
        }
        Ok(all)
    }

    /// Everything that must not be let go: the snapshots, and what is still being uploaded.
    pub(crate) fn snapshots_kept(
        &self,
        source: Option<&str>,
    ) -> Result<Vec<SnapshotInfo>, VaultError> {
        let writer = self.writer();
        let mut all = Vec::new();
        let mut known = source.is_none();
        for (id, one) in &writer.state.sources {
            if source.is_some_and(|name| name != one.name) {
                continue;
            }
            known = true;
            all.extend(one.snapshots.iter().map(|snapshot| info(*id, one, snapshot)));
        }
        drop(writer);
        if !known {
            let name = source.unwrap_or_default().to_owned();
            return Err(VaultError::NotFound { what: "source", name });
        }
        all.sort_by_key(|snapshot| (snapshot.received, snapshot.id));
        Ok(all)
    }

    /// Reads a snapshot's record.
    pub fn read_snapshot(&self, info: &SnapshotInfo) -> Result<Snapshot, VaultError> {
        let bytes = self.object(info.space, PackKind::Meta, &info.id)?;
        Ok(from_cbor("snapshot", &bytes)?)
    }

    /// The entry at a path of a snapshot; the root for an empty path.
    pub fn entry(&self, found: &Found, path: &[u8]) -> Result<Entry, VaultError> {
        let store = SpaceStore { vault: self, space: found.info.space };
        Ok(tree::lookup(&store, &found.snapshot.root, trim(path))?)
    }

    /// Lists a folder of a snapshot, or the one entry that is no folder. `visit` returns false to
    /// stop. With `deep`, everything below.
    pub fn list(
        &self,
        found: &Found,
        path: &[u8],
        deep: bool,
        visit: &mut dyn FnMut(ListedEntry) -> bool,
    ) -> Result<(), VaultError> {
        let store = SpaceStore { vault: self, space: found.info.space };
        list_below(&store, &found.snapshot.root, path, deep, visit)
    }

    /// Reads up to `len` bytes of a file of a snapshot from `offset` on; fewer only at its end.
    pub fn read_range(
        &self,
        found: &Found,
        path: &[u8],
        offset: u64,
        len: usize,
    ) -> Result<Vec<u8>, VaultError> {
        let entry = self.entry(found, path)?;
        if entry.kind != EntryKind::File {
            let path = String::from_utf8_lossy(path).into_owned();
            return Err(VaultError::NotA { path, wanted: "file" });
        }
        let mut out = Vec::new();
        self.visit_bytes(found.info.space, &entry, offset, len as u64, &mut |piece| {
            out.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(out)
    }

    /// Hands on all bytes of a file that a listing of this snapshot gave, in order; holes as zeros,
    /// 64 KiB at a time at most. Ends with the first error, its own or that of `visit`.
    pub fn visit_file(
        &self,
        found: &Found,
        entry: &Entry,
        visit: &mut dyn FnMut(&[u8]) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        self.visit_bytes(found.info.space, entry, 0, entry.size, visit)
    }

    /// Hands on the bytes of a file in order. Holes come as zeros, 64 KiB at a time at most.
    pub(crate) fn visit_bytes(
        &self,
        space: SpaceId,
        entry: &Entry,
        offset: u64,
        len: u64,
        visit: &mut dyn FnMut(&[u8]) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
        let Some(content) = &entry.content else { return Ok(()) };
        let store = SpaceStore { vault: self, space };
        let len = len.min(entry.size.saturating_sub(offset));
        for placed in tree::extents_in(&store, content, offset, len) {
            let extent = placed?.extent;
            match extent.chunk {
                None => {
                    let mut left = extent.len;
                    while left > 0 {
                        let step = usize::try_from(left).unwrap_or(ZEROS.len()).min(ZEROS.len());
                        visit(&ZEROS[..step])?;
                        left -= step as u64;
                    }
                }
                Some(id) => {
                    let bytes = self.object(space, PackKind::Data, &id)?;
                    visit(range_of(&bytes, &id, extent.offset, extent.len)?)?;
                }
            }
        }
        Ok(())
    }

    /// What differs between two snapshots, or two folders of them, in path order. `visit` returns
    /// false to stop.
    pub fn diff(
        &self,
        a: &Found,
        b: &Found,
        visit: &mut dyn FnMut(tree::Change) -> bool,
    ) -> Result<(), VaultError> {
        if a.info.space != b.info.space {
            let what = "snapshots of different spaces cannot be compared".to_owned();
            return Err(VaultError::Bad { what });
        }
        let store = SpaceStore { vault: self, space: a.info.space };
        for change in tree::diff(&store, &a.snapshot.root, &b.snapshot.root) {
            if !visit(change?) {
                break;
            }
        }
        Ok(())
    }
}

/// The part of a chunk that an extent stands for.
pub(crate) fn range_of<'b>(
    bytes: &'b [u8],
    id: &types::ChunkId,
    offset: u32,
    len: u64,
) -> Result<&'b [u8], VaultError> {
    let from = offset as usize;
    usize::try_from(len).ok().and_then(|len| bytes.get(from..from.checked_add(len)?)).ok_or_else(
        || VaultError::Lost {
            chunk: *id,
            detail: "; it is shorter than the file that uses it says".to_owned(),
        },
    )
}

pub(crate) fn info(
    id: SourceId,
    source: &crate::state::Source,
    snapshot: &SnapshotRef,
) -> SnapshotInfo {
    SnapshotInfo {
        id: snapshot.id,
        source: id,
        source_name: source.name.clone(),
        space: source.space,
        received: snapshot.received,
        kind: snapshot.kind,
    }
}

/// A path without slashes at its ends.
pub(crate) fn trim(path: &[u8]) -> &[u8] {
    let start = path.iter().position(|byte| *byte != b'/').unwrap_or(path.len());
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(start, |last| last + 1);
    &path[start..end]
}

/// Lists what is at a path below `root`, wherever its objects come from: the folder's entries, or all below
/// it, or the one entry that is no folder. `visit` returns false to stop.
pub fn list_below(
    store: &impl ObjectReader<Error = VaultError>,
    root: &Entry,
    path: &[u8],
    deep: bool,
    visit: &mut dyn FnMut(ListedEntry) -> bool,
) -> Result<(), VaultError> {
    let path = trim(path);
    let top = tree::lookup(store, root, path)?;
    if top.kind != EntryKind::Folder {
        visit(ListedEntry { path: path.to_vec(), entry: top });
        return Ok(());
    }
    let mut shown = |name: &[u8], entry| visit(ListedEntry { path: tree::join(path, name), entry });
    if deep {
        for walked in tree::walk(store, &top) {
            let walked = walked?;
            if !shown(&walked.path, walked.entry) {
                break;
            }
        }
    } else {
        for entry in tree::entries(store, top.node) {
            let entry = entry?;
            let name = entry.name.clone();
            if !shown(&name, entry) {
                break;
            }
        }
    }
    Ok(())
}
