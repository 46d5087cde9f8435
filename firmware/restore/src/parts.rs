//! What is restored: the sources, which snapshot of each, and the walk through them that gives
//! every entry its place on a drive.
//!
//! Reads metadata alone, one folder at a time, the same order every time. Start at [`chosen`] and
//! [`Walk::part`].

use format::entry::{Entry, EntryKind};
use types::UnixTime;
use vault::{Found, Vault, VaultError};

use crate::error::RestoreError;
use crate::names::{Clashes, Naming};
use crate::set::PartRecord;

/// What to restore.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only these sources; all when there are none.
    pub sources: Vec<String>,
    /// Only what stands at this path of each; everything when it is empty.
    pub path: Vec<u8>,
    /// The newest version that is not younger than this; the newest of all when not given.
    pub at: Option<UnixTime>,
}

impl Choice {
    /// The wish in one line, to tell whether an unfinished restore is of the same.
    pub(crate) fn wish(&self) -> String {
        let path: String = hex(&self.path);
        format!("{:?} {path} {:?}", self.sources, self.at.map(|time| time.0))
    }
}

/// One source's part.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) found: Found,
    pub(crate) path: Vec<u8>,
    /// Its folder below `files`, as its name stands on the drive.
    pub(crate) folder: String,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The snapshots of a choice, in the order of the sources' names.
pub(crate) fn chosen(
    vault: &Vault,
    choice: &Choice,
    naming: Naming,
) -> Result<Vec<PartRecord>, RestoreError> {
    let mut sources: Vec<String> = choice.sources.clone();
    if sources.is_empty() {
        sources = vault.sources().into_iter().map(|(_, name, ..)| name).collect();
    }
    sources.sort();
    sources.dedup();
    let mut clashes = Clashes::default();
    let as_name = |source: &str| source.replace('/', "_").into_bytes();
    sources.iter().for_each(|source| clashes.see(naming, &as_name(source)));
    let mut parts = Vec::new();
    for source in &sources {
        let mut versions = vault.snapshots(Some(source))?;
        versions.retain(|one| choice.at.is_none_or(|at| one.received <= at));
        let Some(info) = versions.last() else { continue };
        let mut name = as_name(source);
        if filetree::check_name(&name).is_err() {
            name = info.source.to_string().into_bytes();
        }
        let folder = String::from_utf8_lossy(&naming.map(&name, &clashes)).into_owned();
        let (snapshot, path_hex) = (info.id.to_string(), hex(&choice.path));
        parts.push(PartRecord { folder, snapshot, path_hex });
    }
    if parts.is_empty() {
        let name = choice.sources.join(", ");
        return Err(VaultError::NotFound { what: "version at that time of source", name }.into());
    }
    Ok(parts)
}

/// Finds a record's snapshot again.
pub(crate) fn found(vault: &Vault, record: &PartRecord) -> Option<Part> {
    let found = vault.find_snapshot(&record.snapshot).ok()?;
    // The folder's name came back from a drive: it stays one name.
    filetree::check_name(record.folder.as_bytes()).ok()?;
    Some(Part { found, path: unhex(&record.path_hex)?, folder: record.folder.clone() })
}

/// An entry's place on a drive.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// The folder below `files`.
    pub(crate) folder: String,
    /// The name there.
    pub(crate) name: String,
    /// The path in the vault, its source's name first.
    pub(crate) path: Vec<u8>,
    /// The name there is another than in the vault.
    pub(crate) renamed: bool,
}

impl Spot {
    /// The path below `files`.
    pub(crate) fn below(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }
}

/// What a walk meets.
pub(crate) enum Met<'e> {
    /// A folder; what is in it follows later.
    Folder(&'e Entry),
    /// Anything else.
    Leaf(&'e Entry),
    /// Part of a folder that cannot be read, and why.
    Unreadable(String),
}

/// Walks through parts.
pub(crate) struct Walk<'v> {
    pub(crate) vault: &'v Vault,
    pub(crate) naming: Naming,
}

type Visit<'a> = &'a mut dyn FnMut(&Spot, Met<'_>) -> Result<(), RestoreError>;

impl Walk<'_> {
    /// Everything of one part: the entries of a folder first, then its folders one by one.
    pub(crate) fn part(&self, part: &Part, visit: Visit<'_>) -> Result<(), RestoreError> {
        let top = self.vault.entry(&part.found, &part.path)?;
        let source = part.found.info.source_name.as_bytes();
        if top.kind != EntryKind::Folder {
            return self.leaf(part, top, visit);
        }
        let path = joined(source, &part.path);
        let spot = Spot { folder: String::new(), name: part.folder.clone(), path, renamed: false };
        visit(&spot, Met::Folder(&top))?;
        // Folders to do: path in the snapshot, path below `files`.
        let mut todo = vec![(part.path.clone(), part.folder.clone())];
        while let Some((path, below)) = todo.pop() {
            let first = todo.len();
            self.folder(part, &path, &below, &mut todo, visit)?;
            todo[first..].reverse();
        }
        Ok(())
    }

    fn leaf(&self, part: &Part, top: Entry, visit: Visit<'_>) -> Result<(), RestoreError> {
        let name = self.naming.map(&top.name, &Clashes::default());
        let spot = Spot {
            folder: part.folder.clone(),
            renamed: name != top.name.as_slice(),
            name: String::from_utf8_lossy(&name).into_owned(),
            path: joined(part.found.info.source_name.as_bytes(), &part.path),
        };
        visit(&spot, Met::Leaf(&top))
    }

    fn folder(
        &self,
        part: &Part,
        path: &[u8],
        below: &str,
        todo: &mut Vec<(Vec<u8>, String)>,
        visit: Visit<'_>,
    ) -> Result<(), RestoreError> {
        let source = part.found.info.source_name.as_bytes();
        let mut clashes = Clashes::default();
        if self.naming == Naming::Fat {
            // What cannot be read is said below, when it is read for its entries.
            let seen = self.vault.list(&part.found, path, false, &mut |listed| {
                clashes.see(self.naming, &listed.entry.name);
                true
            });
            drop(seen);
        }
        let mut failed = None;
        let listed = self.vault.list(&part.found, path, false, &mut |listed| {
            let entry = &listed.entry;
            let name = self.naming.map(&entry.name, &clashes);
            let spot = Spot {
                folder: below.to_owned(),
                renamed: name != entry.name.as_slice(),
                name: String::from_utf8_lossy(&name).into_owned(),
                path: joined(source, &listed.path),
            };
            let met = if entry.kind == EntryKind::Folder {
                todo.push((listed.path.clone(), spot.below()));
                Met::Folder(entry)
            } else {
                Met::Leaf(entry)
            };
            failed = visit(&spot, met).err();
            failed.is_none()
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if let Err(error) = listed {
            let (folder, name) = (below.to_owned(), String::new());
            let spot = Spot { folder, name, path: joined(source, path), renamed: false };
            visit(&spot, Met::Unreadable(error.to_string()))?;
        }
        Ok(())
    }
}

fn joined(front: &[u8], path: &[u8]) -> Vec<u8> {
    let mut whole = front.to_vec();
    if !path.is_empty() {
        whole.push(b'/');
        whole.extend_from_slice(path);
    }
    whole
}
