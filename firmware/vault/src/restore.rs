//! Writing a snapshot, or part of one, back as plain files.
//!
//! Nothing is written outside the target folder. A file whose pieces are not all there is left
//! out and named; everything else is restored. Start at [`Vault::restore`].

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use filetree::{Existing, FileWriter, Shortfall, Target, TargetFolder, TargetOptions};
use format::entry::{Attrs, Entry, EntryKind};

use crate::error::VaultError;
use crate::off_limits::{NO_PLACE, is_volume, outside_volumes};
use crate::pieces::Pieces;
use crate::snapshots::{Found, range_of};
use crate::store::SpaceStore;
use crate::{OnProgress, Progress, Vault};

/// Things that went less than well that are named; more are counted.
const NAMED_MAX: usize = 10_000;

/// How to restore.
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreOptions {
    /// Take the place of files that are there already.
    pub overwrite: bool,
}

/// What a restore did.
#[derive(Clone, Debug, Default)]
pub struct RestoreReport {
    /// Files written.
    pub files: u64,
    /// Folders made or reused.
    pub folders: u64,
    /// Links, pipes, sockets, devices made.
    pub others: u64,
    /// Bytes of files, holes included.
    pub bytes: u64,
    /// Paths that could not be restored, each with its reason.
    pub lost: Vec<(Vec<u8>, String)>,
    /// Attributes that could not be restored, one sentence each.
    pub shortfalls: Vec<(Vec<u8>, String)>,
    /// How many of both there were, named or not.
    pub lost_count: u64,
    /// How many attributes.
    pub shortfall_count: u64,
}

impl Vault {
    /// Restores what stands at `path` of a snapshot into the folder `to`: a folder's content
    /// directly, anything else by its name.
    pub fn restore(
        &self,
        found: &Found,
        path: &[u8],
        to: &Path,
        options: RestoreOptions,
        progress: OnProgress<'_>,
    ) -> Result<RestoreReport, VaultError> {
        let top = self.entry(found, path)?;
        let store = SpaceStore { vault: self, space: found.info.space };
        restore_from(&store, &top, to, options, progress)
    }
}

/// Restores an entry of a tree into the folder `to`: a folder's content directly, anything else by its
/// name.
pub fn restore_from<P: Pieces>(
    store: &P,
    top: &Entry,
    to: &Path,
    options: RestoreOptions,
    progress: OnProgress<'_>,
) -> Result<RestoreReport, VaultError> {
    outside_volumes(to)?;
    // A folder in use keeps the mode and the owner that it has.
    let keeps_own = to.read_dir().is_ok_and(|mut names| names.next().is_some());
    let existing = if options.overwrite { Existing::Overwrite } else { Existing::Refuse };
    let target = Target::open(to, TargetOptions { existing, ..TargetOptions::default() })?;
    let mut restorer = Restorer {
        store,
        links: HashMap::new(),
        report: RestoreReport::default(),
        progress,
        path: Vec::new(),
        to,
        keeps_own,
    };
    if top.kind == EntryKind::Folder {
        restorer.tree(target.folder(), top.clone())?;
    } else {
        restorer.path = top.name.to_vec();
        restorer.leaf(&target.folder(), top)?;
    }
    Ok(restorer.report)
}

/// Whether a root is no folder that ever was: it holds files that were backed up by themselves, and
/// says nothing of the folder that they are restored to.
fn is_made_up(root: &Entry) -> bool {
    root.attrs == Attrs { mode: root.attrs.mode, ..Attrs::default() }
}

struct Level<'s, P> {
    folder: TargetFolder,
    entry: Entry,
    entries: tree::Entries<'s, P>,
    path_len: usize,
}

struct Restorer<'v, 'p, P> {
    store: &'v P,
    /// Where the first name of each hard-linked file was restored.
    links: HashMap<u64, Vec<Vec<u8>>>,
    report: RestoreReport,
    progress: OnProgress<'p>,
    path: Vec<u8>,
    to: &'v Path,
    keeps_own: bool,
}

impl<P: Pieces> Restorer<'_, '_, P> {
    /// Whether a volume stands where the folder at the current path is to go.
    fn is_at_volume(&self) -> bool {
        is_volume(&self.to.join(OsStr::from_bytes(&self.path)))
    }

    /// A folder and everything below it, on a stack of its own.
    fn tree(&mut self, folder: TargetFolder, top: Entry) -> Result<(), VaultError> {
        let store = self.store;
        let entries = tree::entries(store, top.node);
        let mut stack = vec![Level { folder, entry: top, entries, path_len: 0 }];
        while let Some(level) = stack.last_mut() {
            self.path.truncate(level.path_len);
            match level.entries.next() {
                None => {
                    let level = stack.pop().expect("it was there a line above");
                    self.report.folders += 1;
                    if stack.is_empty() && (self.keeps_own || is_made_up(&level.entry)) {
                        continue;
                    }
                    // After its content: making files changes a folder's time, and its mode may
                    // forbid making any.
                    let missed = level.folder.set_own_attrs(&level.entry);
                    self.shortfalls(missed.iter().map(ToString::to_string));
                }
                Some(Err(error)) => {
                    self.lost(format!("part of the folder cannot be read: {error}"));
                }
                Some(Ok(entry)) => {
                    if !self.path.is_empty() {
                        self.path.push(b'/');
                    }
                    self.path.extend_from_slice(&entry.name);
                    if entry.kind == EntryKind::Folder && self.is_at_volume() {
                        self.lost(format!("{NO_PLACE}, and nothing is written there"));
                    } else if entry.kind == EntryKind::Folder {
                        match level.folder.make_folder(&entry.name) {
                            Ok(folder) => {
                                let entries = tree::entries(store, entry.node);
                                let path_len = self.path.len();
                                stack.push(Level { folder, entry, entries, path_len });
                            }
                            Err(error) => self.lost(error.to_string()),
                        }
                    } else {
                        self.leaf(&level.folder, &entry)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Anything but a folder.
    fn leaf(&mut self, folder: &TargetFolder, entry: &Entry) -> Result<(), VaultError> {
        if let Some(first) = entry.link.and_then(|link| self.links.get(&link)) {
            let first: Vec<&[u8]> = first.iter().map(Vec::as_slice).collect();
            match folder.hard_link(&entry.name, &first) {
                Ok(()) => {
                    self.report.files += 1;
                    return self.tell();
                }
                // Where links cannot be made, a second file is better than none.
                Err(filetree::WriteError::Unsupported { .. }) => {
                    self.shortfalls(["it is a file of its own instead of a hard link".to_owned()]);
                }
                Err(error) => {
                    self.lost(error.to_string());
                    return self.tell();
                }
            }
        }
        let made = if entry.kind == EntryKind::File {
            self.file(folder, entry)
        } else {
            let made = folder.special(entry).map_err(VaultError::from);
            made.map(|()| folder.set_attrs(&entry.name, entry))
        };
        match made {
            Ok(missed) => {
                self.shortfalls(missed.iter().map(ToString::to_string));
                if entry.unsettled {
                    self.shortfalls(["it was changing while it was backed up".to_owned()]);
                }
                if let Some(link) = entry.link {
                    let parts = self.path.split(|byte| *byte == b'/').map(<[u8]>::to_vec);
                    self.links.entry(link).or_insert_with(|| parts.collect());
                }
                if entry.kind == EntryKind::File {
                    self.report.files += 1;
                } else {
                    self.report.others += 1;
                }
            }
            Err(VaultError::Stopped) => return Err(VaultError::Stopped),
            Err(VaultError::Write(error @ filetree::WriteError::Full { .. })) => {
                return Err(error.into());
            }
            Err(error) => self.lost(error.to_string()),
        }
        self.tell()
    }

    /// Writes a file; answers which attributes it lacks.
    fn file(&mut self, folder: &TargetFolder, entry: &Entry) -> Result<Vec<Shortfall>, VaultError> {
        let mut file = folder.create_file(&entry.name)?;
        if let Some(content) = &entry.content {
            for placed in tree::extents(self.store, content) {
                self.extent(&mut file, placed?.extent)?;
            }
        }
        if file.len() != entry.size {
            let (path, wanted) = (tree::shown(&self.path).to_string(), entry.size);
            let what = format!("{path} has {} bytes in the vault, not {wanted}", file.len());
            return Err(VaultError::Tree(what));
        }
        Ok(file.finish_as(entry)?)
    }

    fn extent(
        &mut self,
        file: &mut FileWriter,
        extent: format::entry::Extent,
    ) -> Result<(), VaultError> {
        match extent.chunk {
            None => file.hole(extent.len)?,
            Some(id) => {
                let bytes = self.store.piece(&id)?;
                file.append(range_of(&bytes, &id, extent.offset, extent.len)?)?;
            }
        }
        // Holes cost their sender nothing: a few make more bytes than can be counted.
        self.report.bytes = self.report.bytes.saturating_add(extent.len);
        self.tell()
    }

    fn lost(&mut self, why: String) {
        self.report.lost_count += 1;
        if self.report.lost.len() < NAMED_MAX {
            self.report.lost.push((self.path.clone(), why));
        }
    }

    fn shortfalls(&mut self, missed: impl IntoIterator<Item = String>) {
        for why in missed {
            self.report.shortfall_count += 1;
            if self.report.shortfalls.len() < NAMED_MAX {
                self.report.shortfalls.push((self.path.clone(), why));
            }
        }
    }

    fn tell(&mut self) -> Result<(), VaultError> {
        let (items, bytes) = (self.report.files, self.report.bytes);
        let now = Progress { items, items_total: None, bytes, bytes_total: None };
        if (self.progress)(now) { Ok(()) } else { Err(VaultError::Stopped) }
    }
}
