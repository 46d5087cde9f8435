//! A tree as a plain map from path to entry: what the real one is compared with. For tests only.

use std::collections::BTreeMap;

use format::entry::{Content, Entry, EntryKind, Extent, FileTime};
use types::ChunkId;

use crate::folder::FolderBuilder;
use crate::split::Split;
use crate::test_store::MemoryStore;
use crate::{Edit, EditError, EditOutcome, Expected, tag, walk};

/// Entries by path; the top folder is the empty path. No entry has a node.
pub(crate) type Model = BTreeMap<Vec<u8>, Entry>;

pub(crate) fn folder() -> Entry {
    Entry::new("", EntryKind::Folder)
}

/// A file whose bytes are told by one number; 0 is an empty one.
pub(crate) fn file(seed: u8) -> Entry {
    let mut entry = Entry::new("", EntryKind::File);
    entry.size = seed.into();
    entry.content = match seed {
        0 => None,
        1 => Some(Content::Inline(vec![Extent::hole(1)])),
        _ => Some(Content::Inline(vec![Extent::chunk(ChunkId([seed; 32]), seed.into())])),
    };
    entry
}

pub(crate) fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

fn folder_of(path: &[u8]) -> Option<&[u8]> {
    if path.is_empty() {
        return None;
    }
    Some(path.iter().rposition(|byte| *byte == b'/').map_or(b"", |at| &path[..at]))
}

fn is_below(path: &[u8], folder: &[u8]) -> bool {
    path.len() > folder.len()
        && (folder.is_empty() || path.starts_with(folder) && path[folder.len()] == b'/')
}

/// Puts an entry into a model, the folders above it too.
pub(crate) fn plant(model: &mut Model, path: &[u8], mut entry: Entry) {
    if let Some(above) = folder_of(path)
        && !model.contains_key(above)
    {
        plant(model, above, folder());
    }
    entry.name = name_of(path).to_vec().into();
    model.insert(path.to_vec(), entry);
}

/// Builds a model's tree from the leaves up.
pub(crate) fn build(split: Split, store: &mut MemoryStore, model: &Model) -> Entry {
    build_at(split, store, model, b"")
}

fn build_at(split: Split, store: &mut MemoryStore, model: &Model, path: &[u8]) -> Entry {
    let mut entry = model[path].clone();
    if entry.kind == EntryKind::Folder {
        let names: BTreeMap<&[u8], &[u8]> = model
            .keys()
            .filter(|child| folder_of(child) == Some(path))
            .map(|child| (name_of(child), child.as_slice()))
            .collect();
        let mut builder = FolderBuilder::with_split(split);
        for child in names.into_values() {
            let child = build_at(split, store, model, child);
            builder.push(store, &child).unwrap();
        }
        entry.node = builder.finish(store).unwrap();
    }
    entry
}

/// Reads a tree into a model.
pub(crate) fn flatten(store: &MemoryStore, root: &Entry) -> Model {
    let mut model = Model::new();
    model.insert(Vec::new(), Entry { node: None, ..root.clone() });
    for walked in walk(store, root) {
        let walked = walked.unwrap();
        model.insert(walked.path, Entry { node: None, ..walked.entry });
    }
    model
}

/// What an edit does, said as plainly as can be.
pub(crate) fn edit(model: &mut Model, edit: &Edit, now: i64) -> Result<EditOutcome, EditError> {
    let now = FileTime { secs: now, nanos: 0 };
    match edit {
        Edit::Put { path, entry, make_parents } => put(model, path, entry, *make_parents, now),
        Edit::MakeFolder { path } if path.is_empty() => Ok(EditOutcome::AlreadyThere),
        Edit::MakeFolder { path } => {
            parents(model, path)?;
            match model.get(path) {
                Some(old) if old.kind == EntryKind::Folder => Ok(EditOutcome::AlreadyThere),
                Some(_) => Err(EditError::Exists { path: path.clone() }),
                None => {
                    plant(model, path, Entry::new("", EntryKind::Folder));
                    touch(model, path, now);
                    model.get_mut(path).expect("just made").attrs.mtime = now;
                    Ok(EditOutcome::Created)
                }
            }
        }
        Edit::If { path, expected, edit: inner } => {
            let found = match parents(model, path) {
                Err(EditError::NotFound { .. }) => None,
                Err(error) => return Err(error),
                Ok(_) => model.get(path),
            };
            let holds = match expected {
                Expected::Nothing => found.is_none(),
                // Only files' tags are drawn: a model's folders have no nodes.
                Expected::Tag(wanted) => found.is_some_and(|found| tag(found) == *wanted),
            };
            if holds {
                self::edit(model, inner, now.secs)
            } else {
                Err(EditError::Changed { path: path.clone() })
            }
        }
        Edit::Rename { from, to, replace } => rename(model, from, to, *replace, now),
        Edit::Delete { path, recursive } => {
            parents(model, path)?;
            let old = model.get(path).cloned();
            let old = old.ok_or_else(|| EditError::NotFound { path: path.clone() })?;
            if !recursive && has_children(model, path) {
                return Err(EditError::NotEmpty { path: path.clone() });
            }
            model.retain(|other, _| other != path && !is_below(other, path));
            touch(model, path, now);
            Ok(EditOutcome::Removed(Box::new(old)))
        }
    }
}

fn has_children(model: &Model, path: &[u8]) -> bool {
    model.keys().any(|other| is_below(other, path))
}

fn touch(model: &mut Model, path: &[u8], now: FileTime) {
    let above = folder_of(path).expect("not the top folder");
    model.get_mut(above).expect("the folder exists").attrs.mtime = now;
}

fn checked(path: &[u8]) -> Result<(), EditError> {
    if path.is_empty() {
        return Err(EditError::TopFolder);
    }
    let is_bad = |name: &[u8]| name.is_empty() || name == b".." || name.contains(&0);
    if path.split(|byte| *byte == b'/').any(is_bad) {
        return Err(EditError::BadName { path: path.to_vec() });
    }
    Ok(())
}

/// All folders above are there.
fn parents(model: &Model, path: &[u8]) -> Result<(), EditError> {
    checked(path)?;
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    for end in ends {
        match model.get(&path[..end]) {
            None => return Err(EditError::NotFound { path: path[..end].to_vec() }),
            Some(entry) if entry.kind == EntryKind::Folder => {}
            Some(_) => return Err(EditError::NotAFolder { path: path[..end].to_vec() }),
        }
    }
    Ok(())
}

fn put(
    model: &mut Model,
    path: &[u8],
    entry: &Entry,
    make_parents: bool,
    now: FileTime,
) -> Result<EditOutcome, EditError> {
    match parents(model, path) {
        Err(EditError::NotFound { path: missing }) if make_parents => {
            let above = folder_of(path).expect("a path with a missing parent has one").to_vec();
            let mut made = folder_of(&missing).expect("a missing folder has one above").len();
            model.get_mut(&missing[..made]).expect("it exists").attrs.mtime = now;
            plant(model, &above, folder());
            while made < above.len() {
                let rest = &above[made + 1..];
                made += 1 + rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
                model.get_mut(&above[..made]).expect("just made").attrs.mtime = now;
            }
        }
        other => other?,
    }
    let mut entry = entry.clone();
    entry.name = name_of(path).to_vec().into();
    let old = model.get(path).cloned();
    let outcome = match old {
        Some(old) if old == entry => return Ok(EditOutcome::AlreadyThere),
        Some(old) if old.kind == EntryKind::Folder => {
            return Err(EditError::IsAFolder { path: path.to_vec() });
        }
        Some(old) => EditOutcome::Replaced(Box::new(old)),
        None => EditOutcome::Created,
    };
    model.insert(path.to_vec(), entry);
    touch(model, path, now);
    Ok(outcome)
}

fn rename(
    model: &mut Model,
    from: &[u8],
    to: &[u8],
    replace: bool,
    now: FileTime,
) -> Result<EditOutcome, EditError> {
    checked(from)?;
    checked(to)?;
    parents(model, from)?;
    let moved = model.get(from).ok_or_else(|| EditError::NotFound { path: from.to_vec() })?;
    let is_folder = moved.kind == EntryKind::Folder;
    if from == to {
        return Ok(EditOutcome::AlreadyThere);
    }
    if is_folder && is_below(to, from) {
        return Err(EditError::IntoItself { path: from.to_vec() });
    }
    parents(model, to)?;
    let outcome = match model.get(to) {
        None => EditOutcome::Moved,
        Some(_) if !replace => return Err(EditError::Exists { path: to.to_vec() }),
        Some(old) => match (is_folder, old.kind == EntryKind::Folder) {
            (true, false) => return Err(EditError::NotAFolder { path: to.to_vec() }),
            (false, true) => return Err(EditError::IsAFolder { path: to.to_vec() }),
            (true, true) if has_children(model, to) => {
                return Err(EditError::NotEmpty { path: to.to_vec() });
            }
            _ => EditOutcome::Replaced(Box::new(old.clone())),
        },
    };
    let paths: Vec<_> =
        model.keys().filter(|path| *path == from || is_below(path, from)).cloned().collect();
    for path in paths {
        let mut entry = model.remove(&path).expect("listed");
        let path = [to, &path[from.len()..]].concat();
        entry.name = name_of(&path).to_vec().into();
        model.insert(path, entry);
    }
    touch(model, from, now);
    touch(model, to, now);
    Ok(outcome)
}

/// A top folder with enough names for nodes on three levels, and some folders.
pub(crate) fn big_model() -> Model {
    let mut model = Model::new();
    model.insert(Vec::new(), folder());
    for number in 0..150_u8 {
        plant(&mut model, format!("f{number:03}").as_bytes(), file(number));
        plant(&mut model, format!("a/f{number:03}").as_bytes(), file(number / 2));
        if number % 5 == 0 {
            plant(&mut model, format!("b/c/f{number:03}").as_bytes(), file(number));
        }
    }
    model
}
