//! What is restored: the sources, which snapshot of each, and the walk through them that gives
//! every entry its place on a drive.
//!
//! Reads metadata alone, one folder at a time, the same order every time. Start at [`chosen`] and
//! [`Walk::part`].

use std::collections::HashSet;

use format::entry::{Entry, EntryKind};
use types::{SourceId, UnixTime};
use vault::{Found, Vault, VaultError};

use crate::error::RestoreError;
use crate::names::{Clashes, Naming};
use crate::set::PartRecord;

/// What to restore.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only these sources, by name or by id; all when there are none.
    pub sources: Vec<String>,
    /// Only what stands at this path of each; everything when it is empty.
    pub path: Vec<u8>,
    /// The newest version that is not younger than this; the newest of all when not given.
    pub at: Option<UnixTime>,
    /// That time as its owner said it: the same words again mean the same restore.
    pub at_said: String,
}

impl Choice {
    /// The wish in one line, to tell whether an unfinished restore is of the same.
    pub(crate) fn wish(&self) -> String {
        let mut sources = self.sources.clone();
        sources.sort();
        sources.dedup();
        format!("{sources:?} {} {:?}", hex(&self.path), self.at_said)
    }
}

/// What cannot be had: a source's name and the reason.
pub(crate) type Missed = Vec<(String, String)>;

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

/// The snapshots of a choice, in the order of the sources' names, and what of it cannot be had.
pub(crate) fn chosen(
    vault: &Vault,
    choice: &Choice,
    naming: Naming,
) -> Result<(Vec<PartRecord>, Missed), RestoreError> {
    let not_found = |what, name: &str| VaultError::NotFound { what, name: name.to_owned() };
    let mut sources: Vec<(String, SourceId)> =
        vault.sources().into_iter().map(|(id, name, ..)| (name, id)).collect();
    // By name, or by id where two have one name.
    let is_called =
        |(name, id): &(String, SourceId), said: &str| name == said || id.to_string() == said;
    for said in &choice.sources {
        if !sources.iter().any(|one| is_called(one, said)) {
            return Err(not_found("source", said).into());
        }
    }
    let is_chosen = |one: &(String, SourceId)| choice.sources.iter().any(|s| is_called(one, s));
    sources.retain(|one| choice.sources.is_empty() || is_chosen(one));
    sources.sort();
    let all = vault.snapshots(None)?;
    let (mut parts, mut missed, mut taken) = (Vec::new(), Vec::new(), HashSet::new());
    for (name, source) in sources {
        let versions = all.iter().rev().filter(|one| one.source == source);
        let mut why = "it has no version from that time".to_owned();
        let mut found = None;
        for info in versions.filter(|one| choice.at.is_none_or(|at| one.received <= at)) {
            let read = vault.read_snapshot(info).and_then(|snapshot| {
                let found = Found { info: info.clone(), snapshot };
                vault.entry(&found, &choice.path).map(|_| found)
            });
            match read {
                Ok(read) => found = Some(read),
                Err(error) => {
                    why = format!("version {}: {error}", info.id.short());
                    let elsewhere = matches!(error, VaultError::NotFound { .. });
                    missed.extend((!elsewhere).then(|| (name.clone(), why.clone())));
                    if !elsewhere {
                        // The one before may be whole.
                        continue;
                    }
                }
            }
            break;
        }
        let Some(found) = found else {
            missed.push((name, why));
            continue;
        };
        let folder = folder_of(&name, source, naming, &mut taken);
        let (snapshot, path_hex) = (found.info.id.to_string(), hex(&choice.path));
        parts.push(PartRecord { folder, snapshot, path_hex });
    }
    if parts.is_empty() {
        let why = missed.first().map_or("there is no source", |(_, why)| why);
        return Err(not_found("version to restore:", why).into());
    }
    Ok((parts, missed))
}

/// A source's folder on the drive: its name, or, where that is taken or is none, with its id.
fn folder_of(name: &str, source: SourceId, naming: Naming, taken: &mut HashSet<String>) -> String {
    let mut plain = name.replace('/', "_").into_bytes();
    if filetree::check_name(&plain).is_err() {
        plain = source.to_string().into_bytes();
    }
    let mapped = naming.map(&plain, &Clashes::default());
    let mut folder = String::from_utf8_lossy(&mapped).into_owned();
    // Capitals alone keep no two apart on every drive.
    if !taken.insert(folder.to_lowercase()) {
        folder = format!("{folder}-{}", source.short());
        taken.insert(folder.to_lowercase());
    }
    folder
}

/// Finds a record's snapshot again; none when the vault has it no more.
pub(crate) fn found(vault: &Vault, record: &PartRecord) -> Result<Option<Part>, VaultError> {
    let found = match vault.find_snapshot(&record.snapshot) {
        Ok(found) => found,
        Err(VaultError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    // The folder's name came back from a drive: it stays one name.
    let is_name = filetree::check_name(record.folder.as_bytes()).is_ok();
    let path = unhex(&record.path_hex).filter(|_| is_name);
    Ok(path.map(|path| Part { found, path, folder: record.folder.clone() }))
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
        let renamed = part.folder.as_bytes() != source;
        let spot = Spot { folder: String::new(), name: part.folder.clone(), path, renamed };
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
