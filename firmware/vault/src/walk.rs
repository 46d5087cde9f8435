//! Walking what is to be backed up: folder by folder, beside the last version of the same tree.
//!
//! Decides for each name whether it is unchanged, read again, or left out, and builds the new tree
//! from the leaves up. Keeps one open folder for each level. Start at [`Walker::roots`].

use std::collections::{HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use filetree::{Folder, Found, ReadError};
use format::entry::{Content, Entry, EntryKind};
use format::record::{SKIPPED_NAMED_MAX, SnapshotStats};
use seal::Chunker;
use tree::{Entries, FolderBuilder, ObjectReader};
use types::ObjectId;

use crate::backup::BackupSpec;
use crate::content::Cutter;
use crate::error::VaultError;
use crate::excludes::Excludes;
use crate::left_out::{LeftOut, is_volume, too_far_down};
use crate::sink::Sink;
use crate::unchanged::{is_racy, unchanged};
use crate::walked::Walked;
use crate::{OnProgress, Progress};

/// A file that changes while it is read is read again this often, then kept and marked.
const READ_TRIES: usize = 3;

/// Walks all that a backup names, beside the last version of the same tree, whose objects `store` has;
/// chunks and objects that may be new go to `sink`.
pub fn walk_source<S: Sink, R: ObjectReader<Error = VaultError>>(
    spec: &BackupSpec,
    chunker: Chunker,
    (sink, store): (&mut S, &R),
    before: Option<&Entry>,
    progress: OnProgress<'_>,
) -> Result<Walked, VaultError> {
    let mut walker = Walker::new(spec, chunker, sink, store, progress)?;
    let root = walker.roots(&spec.paths, before)?;
    Ok(walker.done(root))
}

/// A folder that is being walked.
struct Level<'s, R: ObjectReader> {
    folder: Folder,
    entry: Entry,
    names: std::vec::IntoIter<Vec<u8>>,
    builder: FolderBuilder,
    before: Before<'s, R>,
    path_len: usize,
    /// It was told that something in it lies too far down.
    is_told: bool,
}

/// The last version of a folder, read along in the same order.
struct Before<'s, R: ObjectReader> {
    entries: Option<std::iter::Peekable<Entries<'s, R>>>,
}

impl<'s, R: ObjectReader<Error = VaultError>> Before<'s, R> {
    fn of(store: &'s R, node: Option<ObjectId>) -> Self {
        Self { entries: node.map(|node| tree::entries(store, Some(node)).peekable()) }
    }

    /// The entry of that name. Names must be asked for in order. Damage reads as "not there".
    fn find(&mut self, name: &[u8]) -> Option<Entry> {
        let entries = self.entries.as_mut()?;
        loop {
            match entries.peek()? {
                Err(_) => {
                    self.entries = None;
                    return None;
                }
                Ok(entry) if entry.name.as_slice() < name => {
                    entries.next();
                }
                Ok(entry) if entry.name.as_slice() == name => return entries.next()?.ok(),
                Ok(_) => return None,
            }
        }
    }
}

/// One file of several names.
struct Linked {
    number: u64,
    content: Option<Content>,
    size: u64,
    unsettled: bool,
}

struct Walker<'w, 's, S, R> {
    sink: &'w mut S,
    store: &'s R,
    cutter: Cutter,
    excludes: Excludes,
    never: HashSet<(u64, u64)>,
    links: HashMap<(u64, u64), Linked>,
    stats: SnapshotStats,
    left_out: LeftOut,
    unsettled: u64,
    unsettled_paths: Vec<Vec<u8>>,
    /// Some packs are lost, or on fewer volumes than they could be: a file that is unchanged is
    /// read again if it relies on one.
    doubtful: bool,
    progress: OnProgress<'w>,
    path: Vec<u8>,
}

impl<'w, 's, S: Sink, R: ObjectReader<Error = VaultError>> Walker<'w, 's, S, R> {
    fn new(
        spec: &BackupSpec,
        chunker: Chunker,
        sink: &'w mut S,
        store: &'s R,
        progress: OnProgress<'w>,
    ) -> Result<Self, VaultError> {
        Ok(Self {
            doubtful: sink.is_doubtful()?,
            sink,
            store,
            cutter: Cutter::new(chunker),
            excludes: Excludes::new(&spec.excludes)?,
            never: spec.never.iter().copied().collect(),
            links: HashMap::new(),
            stats: SnapshotStats::default(),
            left_out: LeftOut::default(),
            unsettled: 0,
            unsettled_paths: Vec::new(),
            progress,
            path: Vec::new(),
        })
    }

    fn done(self, root: Entry) -> Walked {
        Walked {
            root,
            stats: self.stats,
            skipped: self.left_out.named,
            unsettled: self.unsettled,
            unsettled_paths: self.unsettled_paths,
        }
    }

    /// The snapshot's root from the paths that were asked for.
    fn roots(&mut self, paths: &[PathBuf], before: Option<&Entry>) -> Result<Entry, VaultError> {
        let [only] = paths else { return self.several(paths, before) };
        let is_folder = std::fs::metadata(only).is_ok_and(|meta| meta.is_dir());
        if !is_folder {
            return self.several(paths, before);
        }
        let folder = Folder::open(only)?;
        let mut found = folder.stat_self()?;
        self.detail(&folder, &mut found);
        self.folder(folder, found.entry, before.and_then(|entry| entry.node))
    }

    /// A made-up root that holds each path by its last component.
    fn several(&mut self, paths: &[PathBuf], before: Option<&Entry>) -> Result<Entry, VaultError> {
        let mut named = Vec::new();
        for path in paths {
            let whole = path
                .canonicalize()
                .map_err(|source| VaultError::Path { path: path.display().to_string(), source })?;
            let (Some(parent), Some(real)) = (whole.parent(), whole.file_name()) else {
                return Err(VaultError::Bad { what: format!("{} has no name", path.display()) });
            };
            // A link that was named is followed, and what it leads to keeps the name it was given.
            let name = path.file_name().unwrap_or(real);
            named.push((name.as_bytes().to_vec(), parent.to_owned(), real.as_bytes().to_vec()));
        }
        named.sort();
        if named.is_empty() {
            return Err(VaultError::Bad { what: "there is nothing to back up".to_owned() });
        }
        if let Some(twice) = named.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let name = String::from_utf8_lossy(&twice[0].0).into_owned();
            return Err(VaultError::Bad { what: format!("two paths end in {name:?}") });
        }
        let mut root = Entry::new(Vec::new(), EntryKind::Folder);
        root.attrs.mode = 0o755;
        let mut builder = FolderBuilder::new();
        let mut old = Before::of(self.store, before.and_then(|entry| entry.node));
        for (name, parent, real) in named {
            let parent = Folder::open(&parent)?;
            let before = old.find(&name);
            let found = parent.stat(&real)?;
            self.path = name.clone();
            let entry = match found.entry.kind {
                EntryKind::Folder => {
                    let mut found = found;
                    self.detail(&parent, &mut found);
                    let folder = parent.child(&real)?;
                    let node = before.and_then(|entry| entry.node);
                    self.stats.folders += 1;
                    Some(self.folder(folder, found.entry, node)?)
                }
                _ => self.leaf(&parent, found, before)?,
            };
            self.path.clear();
            if let Some(mut entry) = entry {
                entry.name = name.into();
                builder.push(self.sink, &entry)?;
            }
        }
        root.node = builder.finish(self.sink)?;
        Ok(root)
    }

    /// A folder and everything below it. Works on its own stack: depth is no one's promise.
    fn folder(
        &mut self,
        folder: Folder,
        entry: Entry,
        before: Option<ObjectId>,
    ) -> Result<Entry, VaultError> {
        let top = self.level(folder, entry, before)?;
        let mut stack = vec![top];
        loop {
            let level = stack.last_mut().expect("the top level is popped below, and returned");
            let Some(name) = level.names.next() else {
                let mut level = stack.pop().expect("it was there a line above");
                level.entry.node = level.builder.finish(self.sink)?;
                self.path.truncate(level.path_len);
                let Some(parent) = stack.last_mut() else { return Ok(level.entry) };
                parent.builder.push(self.sink, &level.entry)?;
                self.path.truncate(parent.path_len);
                continue;
            };
            let path_len = self.path.len();
            if path_len > 0 {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(&name);
            if let Some(next) = self.step(level, &name)? {
                stack.push(next);
            } else {
                self.path.truncate(path_len);
            }
        }
    }

    fn level(
        &mut self,
        folder: Folder,
        entry: Entry,
        before: Option<ObjectId>,
    ) -> Result<Level<'s, R>, VaultError> {
        let names = folder.names()?.into_iter();
        let before = Before::of(self.store, before);
        let (builder, path_len) = (FolderBuilder::new(), self.path.len());
        Ok(Level { folder, entry, names, builder, before, path_len, is_told: false })
    }

    /// One name of a folder; a folder below becomes the next level.
    fn step(
        &mut self,
        level: &mut Level<'s, R>,
        name: &[u8],
    ) -> Result<Option<Level<'s, R>>, VaultError> {
        if self.excludes.hit(&self.path, name) {
            return Ok(None);
        }
        if let Some(why) = too_far_down(&self.path) {
            self.skip_far(level, name, why);
            return self.tell().map(|()| None);
        }
        let mut found = match level.folder.stat(name) {
            Ok(found) => found,
            Err(error) => return self.skip(&error).map(|()| None),
        };
        let origin = found.entry.origin.unwrap_or_default();
        if self.never.contains(&(origin.dev, origin.ino)) {
            self.skip_because("the box itself lives on it".to_owned());
            return Ok(None);
        }
        let before = level.before.find(name);
        if found.entry.kind != EntryKind::Folder {
            if let Some(entry) = self.leaf(&level.folder, found, before)? {
                level.builder.push(self.sink, &entry)?;
            }
            return Ok(None);
        }
        self.detail(&level.folder, &mut found);
        let node = before.filter(|b| b.kind == EntryKind::Folder).and_then(|b| b.node);
        let below = level.folder.child(name);
        let opened = match below {
            Ok(folder) if is_volume(name, &folder) => {
                self.skip_because("it is a volume of a Holdfast vault".to_owned());
                return Ok(None);
            }
            Ok(folder) => match folder.names() {
                Ok(_) => Ok(folder),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match opened {
            Ok(folder) => {
                self.stats.folders += 1;
                self.level(folder, found.entry, node).map(Some)
            }
            Err(error) => self.skip(&error).map(|()| None),
        }
    }

    /// Anything but a folder.
    fn leaf(
        &mut self,
        folder: &Folder,
        mut found: Found,
        before: Option<Entry>,
    ) -> Result<Option<Entry>, VaultError> {
        if found.entry.kind != EntryKind::File {
            self.detail(folder, &mut found);
            self.stats.others += 1;
            return self.tell().map(|()| Some(found.entry));
        }
        let origin = found.entry.origin.unwrap_or_default();
        if found.links > 1
            && let Some(linked) = self.links.get(&(origin.dev, origin.ino))
        {
            let mut entry = found.entry.clone();
            entry.content.clone_from(&linked.content);
            (entry.size, entry.link) = (linked.size, Some(linked.number));
            entry.unsettled = linked.unsettled;
            found.entry = entry;
            self.detail(folder, &mut found);
            self.stats.files += 1;
            return self.tell().map(|()| Some(found.entry));
        }
        let links = found.links;
        let known = before.as_ref().filter(|before| unchanged(before, &found.entry));
        let mut entry = match known.filter(|before| !self.doubtful || self.is_safe(before)) {
            Some(before) => {
                self.add_bytes(before.size);
                Entry { link: None, origin: found.entry.origin, ..before.clone() }
            }
            None => match self.read(folder, found, before.as_ref())? {
                Some(entry) => entry,
                None => return Ok(None),
            },
        };
        if links > 1 {
            let number = self.links.len() as u64 + 1;
            entry.link = Some(number);
            let (content, size, unsettled) = (entry.content.clone(), entry.size, entry.unsettled);
            let linked = Linked { number, content, size, unsettled };
            self.links.insert((origin.dev, origin.ino), linked);
        }
        self.stats.files += 1;
        self.tell()?;
        Ok(Some(entry))
    }

    /// Whether everything that a file's content is made of is where a new copy would be.
    fn is_safe(&self, entry: &Entry) -> bool {
        match &entry.content {
            None => true,
            Some(Content::Inline(extents)) => {
                extents.iter().all(|extent| extent.chunk.is_none_or(|id| self.sink.is_safe(&id)))
            }
            // Its nodes would have to be looked at as well: reading the file again is simpler.
            Some(Content::Manifest(_)) => false,
        }
    }

    /// Reads a file's bytes; none when it cannot be read.
    fn read(
        &mut self,
        folder: &Folder,
        mut found: Found,
        before: Option<&Entry>,
    ) -> Result<Option<Entry>, VaultError> {
        for attempt in 1..=READ_TRIES {
            match self.read_once(folder, &mut found, before) {
                Ok(true) => return Ok(Some(found.entry)),
                Ok(false) if attempt < READ_TRIES => {}
                Ok(false) => {
                    found.entry.unsettled = true;
                    self.add_bytes(found.entry.size);
                    self.unsettled += 1;
                    if self.unsettled_paths.len() < SKIPPED_NAMED_MAX {
                        self.unsettled_paths.push(self.path.clone());
                    }
                    return Ok(Some(found.entry));
                }
                Err(VaultError::Read(ReadError::Replaced { .. })) if attempt < READ_TRIES => {}
                Err(VaultError::Read(error)) => return self.skip(&error).map(|()| None),
                Err(error) => return Err(error),
            }
            match folder.stat(&found.entry.name) {
                Ok(again) if again.entry.kind == EntryKind::File => found = again,
                Ok(_) => return Ok(None),
                Err(error) => return self.skip(&error).map(|()| None),
            }
        }
        Ok(None)
    }

    /// Files that are all holes may come to more bytes than can be counted.
    fn add_bytes(&mut self, len: u64) {
        self.stats.bytes = self.stats.bytes.saturating_add(len);
    }

    /// One reading; false when the file changed meanwhile.
    fn read_once(
        &mut self,
        folder: &Folder,
        found: &mut Found,
        before: Option<&Entry>,
    ) -> Result<bool, VaultError> {
        let mut file = folder.open_file(found)?;
        file.refresh(&mut found.entry);
        let detailed = folder.details_of(found, &file);
        self.note(detailed);
        let old = before
            .filter(|b| b.kind == EntryKind::File && b.size == file.size() && !b.unsettled)
            .and_then(|b| b.content.as_ref());
        let (items, items_total) = (self.stats.files, None);
        let base = self.stats.bytes;
        let mut done = 0_u64;
        let progress = &mut *self.progress;
        let mut on_bytes = |len: u64| {
            done = done.saturating_add(len);
            let bytes = base.saturating_add(done);
            let now = Progress { items, items_total, bytes, bytes_total: None };
            if progress(now) { Ok(()) } else { Err(VaultError::Stopped) }
        };
        let cut = self.cutter.cut_file(&mut file, old, (self.sink, self.store), &mut on_bytes)?;
        let settled = file.settled()? && cut.size == found.entry.size;
        (found.entry.content, found.entry.size) = (cut.content, cut.size);
        let now = self.sink.now();
        if found.entry.origin.is_some_and(|origin| is_racy(origin.ctime, now)) {
            found.entry.origin = None;
        }
        if settled {
            self.add_bytes(cut.size);
        }
        Ok(settled)
    }

    /// Reads an entry's remaining attributes; those that cannot be read are listed.
    fn detail(&mut self, folder: &Folder, found: &mut Found) {
        let detailed = folder.details(found);
        self.note(detailed);
    }

    fn note(&mut self, detailed: Result<(), ReadError>) {
        if let Err(error) = detailed
            && !error.is_vanished()
        {
            self.skip_because(error.to_string());
        }
    }

    /// Leaves the current path out. A file that is gone was deleted; that is no fault.
    fn skip(&mut self, error: &ReadError) -> Result<(), VaultError> {
        if !error.is_vanished() {
            self.skip_because(error.to_string());
        }
        self.tell()
    }

    /// Leaves out what no version can hold. Told once for a folder and by its path, which can be listed.
    fn skip_far(&mut self, level: &mut Level<'s, R>, name: &[u8], why: &str) {
        if std::mem::replace(&mut level.is_told, true) {
            self.stats.skipped += 1;
            return;
        }
        let folder = self.path.get(..level.path_len).unwrap_or_default().to_vec();
        self.skip_at(folder, format!("{} in it is left out: {why}", tree::shown(name)));
    }

    fn skip_because(&mut self, reason: String) {
        self.skip_at(self.path.clone(), reason);
    }

    fn skip_at(&mut self, path: Vec<u8>, reason: String) {
        self.stats.skipped += 1;
        self.left_out.name(path, reason);
    }

    fn tell(&mut self) -> Result<(), VaultError> {
        let (items, bytes) = (self.stats.files, self.stats.bytes);
        let now = Progress { items, items_total: None, bytes, bytes_total: None };
        if (self.progress)(now) { Ok(()) } else { Err(VaultError::Stopped) }
    }
}
