//! The state of a tree in the middle of a batch of edits: the stored folders, and what changed.
//!
//! A folder that was never met is only its entry. A folder on the path of an edit is *open*: it has
//! a list of changes on top of its stored node. Folders stand in one list and name each other by
//! their place in it, so that depth costs no stack. An edit first looks at everything it needs and
//! changes something only when nothing can fail any more.

mod guard;

use std::collections::BTreeMap;

use format::entry::{Entry, EntryKind, FileTime};
use minicbor::bytes::ByteVec;

use crate::check::entry_fault;
use crate::edit::{Edit, EditOutcome};
use crate::error::{EditError, TreeError};
use crate::folder::encode_into;
use crate::node::{entries, find};
use crate::path::{PATH_DEPTH_MAX, components, is_name};
use crate::rewrite::{Changes, rewrite};
use crate::split::{ENTRY_LEN_MAX, Split};
use crate::{ObjectReader, ObjectWriter};

/// Place of an open folder in the list.
type FolderAt = usize;

/// An open folder.
#[derive(Debug)]
struct Open {
    /// As stored; its node does not know the changes.
    entry: Entry,
    /// By name; none where it is gone.
    changes: BTreeMap<Vec<u8>, Option<Slot>>,
    /// A name in it came, went or was replaced.
    is_edited: bool,
    /// Made by this batch.
    is_fresh: bool,
}

/// What a name stands for, in place of what is stored.
#[derive(Clone, Debug)]
enum Slot {
    Entry { entry: Box<Entry>, is_fresh: bool },
    Open(FolderAt),
}

/// Why an edit stops: for itself, or the whole batch.
enum Stop<E: std::error::Error + Send + Sync + 'static> {
    Edit(EditError),
    Batch(TreeError<E>),
}

impl<E: std::error::Error + Send + Sync + 'static> From<EditError> for Stop<E> {
    fn from(error: EditError) -> Self {
        Self::Edit(error)
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<TreeError<E>> for Stop<E> {
    fn from(error: TreeError<E>) -> Self {
        Self::Batch(error)
    }
}

type Tried<T, R> = Result<T, Stop<<R as ObjectReader>::Error>>;

/// A path that was taken apart: the folder's components and the last one.
struct Target<'p> {
    path: &'p [u8],
    parents: Vec<&'p [u8]>,
    name: &'p [u8],
}

#[derive(Debug)]
pub(crate) struct Overlay {
    open: Vec<Open>,
    is_lossless: bool,
}

const ROOT: FolderAt = 0;

impl Overlay {
    pub(crate) fn new(root: &Entry) -> Self {
        let root = Open {
            entry: root.clone(),
            changes: BTreeMap::new(),
            is_edited: false,
            is_fresh: false,
        };
        Self { open: vec![root], is_lossless: true }
    }

    pub(crate) fn is_lossless(&self) -> bool {
        self.is_lossless
    }

    /// Tries one edit.
    pub(crate) fn edit<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        edit: Edit,
        now: FileTime,
    ) -> Result<Result<EditOutcome, EditError>, TreeError<R::Error>> {
        let edit = match self.guarded(reader, edit) {
            Ok(edit) => edit,
            Err(Stop::Edit(error)) => return Ok(Err(error)),
            Err(Stop::Batch(error)) => return Err(error),
        };
        let tried = match edit {
            Edit::If { path, .. } => Err(EditError::Changed { path }.into()),
            Edit::Put { path, entry, make_parents } => {
                self.put(reader, &path, entry, make_parents, now)
            }
            Edit::MakeFolder { path } => self.make_folder(reader, &path, now),
            Edit::Rename { from, to, replace } => self.rename(reader, &from, &to, replace),
            Edit::Delete { path, recursive } => self.delete(reader, &path, recursive),
        };
        match tried {
            Ok(outcome) => Ok(Ok(outcome)),
            Err(Stop::Edit(error)) => Ok(Err(error)),
            Err(Stop::Batch(error)) => Err(error),
        }
    }

    fn put<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        path: &[u8],
        mut entry: Box<Entry>,
        make_parents: bool,
        now: FileTime,
    ) -> Tried<EditOutcome, R> {
        let target = target(path)?;
        entry.name = ByteVec::from(target.name.to_vec());
        check_entry(path, &entry)?;
        let (mut folder, missing) = self.descend(reader, &target)?;
        if !missing.is_empty() {
            if !make_parents {
                return Err(not_found(&target, missing.len()).into());
            }
            for name in missing {
                folder = self.add_folder(folder, name, now);
            }
        }
        let old = self.child(reader, folder, target.name)?;
        match &old {
            Some(Slot::Entry { entry: old, .. }) if old == &entry => {
                return Ok(EditOutcome::AlreadyThere);
            }
            Some(old) => match (self.is_folder(old), entry.kind == EntryKind::Folder) {
                (false, false) => {}
                (true, false) => return Err(EditError::IsAFolder { path: path.to_vec() }.into()),
                (_, true) => return Err(EditError::Exists { path: path.to_vec() }.into()),
            },
            None => {}
        }
        let outcome = match old {
            Some(old) => EditOutcome::Replaced(self.lose(&old)),
            None => EditOutcome::Created,
        };
        self.set(folder, target.name, Some(Slot::Entry { entry, is_fresh: true }));
        Ok(outcome)
    }

    fn make_folder<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        path: &[u8],
        now: FileTime,
    ) -> Tried<EditOutcome, R> {
        if path.is_empty() {
            return Ok(EditOutcome::AlreadyThere);
        }
        let target = target(path)?;
        let folder = self.parent(reader, &target)?;
        match self.child(reader, folder, target.name)? {
            Some(old) if self.is_folder(&old) => Ok(EditOutcome::AlreadyThere),
            Some(_) => Err(EditError::Exists { path: path.to_vec() }.into()),
            None => {
                self.add_folder(folder, target.name, now);
                Ok(EditOutcome::Created)
            }
        }
    }

    fn rename<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        from: &[u8],
        to: &[u8],
        replace: bool,
    ) -> Tried<EditOutcome, R> {
        let source = target(from)?;
        let goal = target(to)?;
        let source_folder = self.parent(reader, &source)?;
        let Some(moved) = self.child(reader, source_folder, source.name)? else {
            return Err(EditError::NotFound { path: from.to_vec() }.into());
        };
        if from == to {
            return Ok(EditOutcome::AlreadyThere);
        }
        if to.starts_with(from) && to.get(from.len()) == Some(&b'/') && self.is_folder(&moved) {
            return Err(EditError::IntoItself { path: from.to_vec() }.into());
        }
        let goal_folder = self.parent(reader, &goal)?;
        let old = self.child(reader, goal_folder, goal.name)?;
        if let Some(old) = &old {
            if !replace {
                return Err(EditError::Exists { path: to.to_vec() }.into());
            }
            match (self.is_folder(&moved), self.is_folder(old)) {
                (false, false) => {}
                (true, false) => return Err(EditError::NotAFolder { path: to.to_vec() }.into()),
                (false, true) => return Err(EditError::IsAFolder { path: to.to_vec() }.into()),
                (true, true) if self.is_empty(reader, old)? => {}
                (true, true) => return Err(EditError::NotEmpty { path: to.to_vec() }.into()),
            }
        }
        let moved = self.renamed(moved, &goal)?;
        let outcome = match old {
            Some(old) => EditOutcome::Replaced(self.lose(&old)),
            None => EditOutcome::Moved,
        };
        self.set(source_folder, source.name, None);
        self.set(goal_folder, goal.name, Some(moved));
        Ok(outcome)
    }

    fn delete<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        path: &[u8],
        recursive: bool,
    ) -> Tried<EditOutcome, R> {
        let target = target(path)?;
        let folder = self.parent(reader, &target)?;
        let Some(old) = self.child(reader, folder, target.name)? else {
            return Err(EditError::NotFound { path: path.to_vec() }.into());
        };
        if self.is_folder(&old) && !self.is_empty(reader, &old)? {
            if !recursive {
                return Err(EditError::NotEmpty { path: path.to_vec() }.into());
            }
            // A folder of this batch may hold what was moved into it.
            self.is_lossless = false;
        }
        let removed = self.lose(&old);
        self.set(folder, target.name, None);
        Ok(EditOutcome::Removed(removed))
    }

    /// The open folder that holds the target.
    fn parent<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        target: &Target<'_>,
    ) -> Tried<FolderAt, R> {
        let (folder, missing) = self.descend(reader, target)?;
        if missing.is_empty() { Ok(folder) } else { Err(not_found(target, missing.len()).into()) }
    }

    /// Opens folders along the target's parents as far as they exist; the names that are missing.
    fn descend<'t, R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        target: &'t Target<'_>,
    ) -> Tried<(FolderAt, &'t [&'t [u8]]), R> {
        let mut folder = ROOT;
        for (depth, name) in target.parents.iter().enumerate() {
            match self.child(reader, folder, name)? {
                None => return Ok((folder, &target.parents[depth..])),
                Some(Slot::Open(next)) => folder = next,
                Some(Slot::Entry { entry, is_fresh }) if entry.kind == EntryKind::Folder => {
                    let next = self.begin(*entry, is_fresh);
                    // The same entry under the same name: this alone changes nothing.
                    self.open[folder].changes.insert(name.to_vec(), Some(Slot::Open(next)));
                    folder = next;
                }
                Some(_) => {
                    let path = target.parents[..=depth].join(&b'/');
                    return Err(EditError::NotAFolder { path }.into());
                }
            }
        }
        Ok((folder, &[]))
    }

    /// What a name in an open folder stands for now.
    fn child<R: ObjectReader + ?Sized>(
        &self,
        reader: &R,
        folder: FolderAt,
        name: &[u8],
    ) -> Result<Option<Slot>, TreeError<R::Error>> {
        let open = &self.open[folder];
        match open.changes.get(name) {
            Some(slot) => Ok(slot.clone()),
            None => {
                let stored = find(reader, open.entry.node, name)?;
                Ok(stored.map(|entry| Slot::Entry { entry: Box::new(entry), is_fresh: false }))
            }
        }
    }

    fn entry_of<'s>(&'s self, slot: &'s Slot) -> &'s Entry {
        match slot {
            Slot::Entry { entry, .. } => entry,
            Slot::Open(folder) => &self.open[*folder].entry,
        }
    }

    fn is_folder(&self, slot: &Slot) -> bool {
        self.entry_of(slot).kind == EntryKind::Folder
    }

    fn is_empty<R: ObjectReader + ?Sized>(
        &self,
        reader: &R,
        slot: &Slot,
    ) -> Result<bool, TreeError<R::Error>> {
        let open = match slot {
            Slot::Open(folder) => &self.open[*folder],
            Slot::Entry { entry, .. } => return Ok(entry.node.is_none()),
        };
        if open.changes.values().any(Option::is_some) {
            return Ok(false);
        }
        for entry in entries(reader, open.entry.node) {
            if !open.changes.contains_key(entry?.name.as_slice()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Notes that something gives way, and hands it out.
    fn lose(&mut self, slot: &Slot) -> Box<Entry> {
        self.is_lossless &= match slot {
            Slot::Entry { is_fresh, .. } => *is_fresh,
            Slot::Open(folder) => self.open[*folder].is_fresh,
        };
        Box::new(self.entry_of(slot).clone())
    }

    /// The same thing under the goal's name.
    fn renamed(&mut self, slot: Slot, goal: &Target<'_>) -> Result<Slot, EditError> {
        let name = ByteVec::from(goal.name.to_vec());
        match slot {
            Slot::Entry { mut entry, is_fresh } => {
                entry.name = name;
                check_entry(goal.path, &entry)?;
                Ok(Slot::Entry { entry, is_fresh })
            }
            Slot::Open(folder) => {
                let mut entry = self.open[folder].entry.clone();
                entry.name = name;
                check_entry(goal.path, &entry)?;
                self.open[folder].entry = entry;
                Ok(Slot::Open(folder))
            }
        }
    }

    fn begin(&mut self, entry: Entry, is_fresh: bool) -> FolderAt {
        self.open.push(Open { entry, changes: BTreeMap::new(), is_edited: false, is_fresh });
        self.open.len() - 1
    }

    /// Makes an empty folder in an open one, and opens it.
    fn add_folder(&mut self, folder: FolderAt, name: &[u8], now: FileTime) -> FolderAt {
        let above = &self.open[folder].entry.attrs;
        let mut entry = Entry::new(name, EntryKind::Folder);
        entry.attrs = above.clone();
        entry.attrs.xattrs = Vec::new();
        entry.attrs.mtime = now;
        let made = self.begin(entry, true);
        self.set(folder, name, Some(Slot::Open(made)));
        made
    }

    fn set(&mut self, folder: FolderAt, name: &[u8], slot: Option<Slot>) {
        let open = &mut self.open[folder];
        open.changes.insert(name.to_vec(), slot);
        open.is_edited = true;
    }

    /// Writes every folder that changed, each once, and gives the new root.
    pub(crate) fn write<W: ObjectWriter + ?Sized>(
        mut self,
        split: Split,
        store: &mut W,
        now: FileTime,
    ) -> Result<Entry, TreeError<W::Error>> {
        let mut is_changed = vec![false; self.open.len()];
        for folder in self.children_first() {
            let slots = std::mem::take(&mut self.open[folder].changes);
            let has_changed =
                |slot: &Option<Slot>| matches!(slot, Some(Slot::Open(at)) if is_changed[*at]);
            let is_edited = self.open[folder].is_edited;
            if !is_edited && !slots.values().any(has_changed) {
                continue;
            }
            let changes: Changes = slots
                .into_iter()
                .map(|(name, slot)| (name, slot.map(|slot| self.entry_of(&slot).clone())))
                .collect();
            let entry = &mut self.open[folder].entry;
            entry.node = rewrite(split, store, entry.node, changes)?;
            if is_edited {
                entry.attrs.mtime = now;
            }
            is_changed[folder] = true;
        }
        Ok(self.open.swap_remove(ROOT).entry)
    }

    /// All open folders that still hang on the root, each after those in it.
    fn children_first(&self) -> Vec<FolderAt> {
        let mut order = Vec::new();
        let mut stack = vec![ROOT];
        while let Some(folder) = stack.pop() {
            order.push(folder);
            stack.extend(self.open[folder].changes.values().filter_map(|slot| match slot {
                Some(Slot::Open(at)) => Some(*at),
                Some(Slot::Entry { .. }) | None => None,
            }));
        }
        order.reverse();
        order
    }
}

fn target(path: &[u8]) -> Result<Target<'_>, EditError> {
    let mut parents: Vec<&[u8]> = components(path).collect();
    let name = parents.pop().ok_or(EditError::TopFolder)?;
    if parents.len() >= PATH_DEPTH_MAX {
        return Err(EditError::TooDeep { path: path.to_vec() });
    }
    if !is_name(name) || !parents.iter().all(|name| is_name(name)) {
        return Err(EditError::BadName { path: path.to_vec() });
    }
    Ok(Target { path, parents, name })
}

fn not_found(target: &Target<'_>, missing: usize) -> EditError {
    let found = target.parents.len() - missing;
    EditError::NotFound { path: target.parents[..=found].join(&b'/') }
}

fn check_entry(path: &[u8], entry: &Entry) -> Result<(), EditError> {
    if let Some(why) = entry_fault(entry) {
        return Err(EditError::BadEntry { path: path.to_vec(), why });
    }
    let mut cbor = Vec::new();
    encode_into(&mut cbor, entry);
    if cbor.len() > ENTRY_LEN_MAX {
        return Err(EditError::EntryTooBig { path: path.to_vec(), len: cbor.len() });
    }
    Ok(())
}
