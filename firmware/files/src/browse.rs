//! Looking: sources, folders page by page, one entry, a file's bytes piece by piece.
//!
//! Reads only, and never holds the vault for more than a page or a piece. Start at [`Files::list`] and
//! [`Files::open`].

use format::entry::{Entry, EntryKind, FileTime};
use tree::Tag;
use types::{ObjectId, SourceId, SpaceId, UnixTime};
use vault::{SnapshotInfo, Vault};

use crate::error::FilesError;
use crate::media::FAULT_XATTR;
use crate::names::check_looked_at;
use crate::{Files, Place};

/// Entries in a page at most.
const PAGE_MAX: usize = 1_000;
/// The longest word about a file that is shown, in bytes: a page of them stays small.
const WORD_LEN_MAX: usize = 1 << 10;
/// The most bytes that one read gives: the vault is lent for no longer.
pub const PIECE_MAX: usize = 1 << 20;

/// Which version is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// The newest.
    #[default]
    Newest,
    /// One that was listed, by its id.
    Version(String),
}

/// A version of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: ObjectId,
    /// When the vault received it.
    pub received: UnixTime,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link.
    Link,
    /// A pipe, socket or device.
    Other,
}

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: FileKind,
    /// A file's length.
    pub size: u64,
    /// Last modification.
    pub mtime: FileTime,
    /// Permissions.
    pub mode: u32,
    /// A link's target.
    pub target: Option<Vec<u8>>,
    /// What it holds, as one value.
    pub tag: Tag,
    /// Its type, where its sender said one.
    pub mime: Option<String>,
    /// What is wrong with a picture, film or archive, as one sentence.
    pub fault: Option<String>,
}

/// A source as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceShown {
    /// Its id.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// How many versions are kept.
    pub versions: usize,
}

/// A page of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The version that was looked at: name it to see the next page of the same.
    pub version: Version,
    /// The folder itself, or the one entry that is none.
    pub top: Shown,
    /// What is in it, in the order of their names as bytes.
    pub entries: Vec<Shown>,
    /// The first name of the next page.
    pub next: Option<Vec<u8>>,
}

/// A file that is read; nothing is held for it.
#[derive(Clone, Debug)]
pub struct OpenFile {
    /// Its space.
    pub space: SpaceId,
    /// The version it was found in.
    pub version: Version,
    /// The file.
    pub shown: Shown,
    pub(crate) entry: Entry,
}

impl Files {
    /// The sources of a space, by name.
    pub fn sources(&self, space: SpaceId) -> Result<Vec<SourceShown>, FilesError> {
        let all = self.lend()?.sources().into_iter().filter(|(_, _, of, _)| *of == space);
        let mut shown: Vec<_> =
            all.map(|(id, name, _, versions)| SourceShown { id, name, versions }).collect();
        shown.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(shown)
    }

    /// A page of a folder, from the name `from` on.
    pub fn list(
        &self,
        place: &Place,
        at: &At,
        path: &[u8],
        from: Option<&[u8]>,
        limit: usize,
    ) -> Result<Listing, FilesError> {
        let vault = self.lend()?;
        let (version, entry) = find(&vault, place, at, path)?;
        let (mut entries, mut next) = (Vec::new(), None);
        let limit = limit.clamp(1, PAGE_MAX);
        if entry.kind == EntryKind::Folder {
            vault.list_from(place.space, &entry, from.unwrap_or_default(), &mut |entry| {
                if entries.len() == limit {
                    next = Some(entry.name.to_vec());
                    return false;
                }
                entries.push(shown(&entry));
                true
            })?;
        }
        Ok(Listing { version, top: shown(&entry), entries, next })
    }

    /// One file, to be read.
    pub fn open(&self, place: &Place, at: &At, path: &[u8]) -> Result<OpenFile, FilesError> {
        let vault = self.lend()?;
        let (version, entry) = find(&vault, place, at, path)?;
        if entry.kind != EntryKind::File {
            return Err(FilesError::NotA { path: path.to_vec(), wanted: "file" });
        }
        Ok(OpenFile { space: place.space, version, shown: shown(&entry), entry })
    }

    /// Bytes of a file from `offset` on: `len`, [`PIECE_MAX`], or what there is.
    pub fn read(&self, file: &OpenFile, offset: u64, len: usize) -> Result<Vec<u8>, FilesError> {
        self.read_entry(file.space, &file.entry, offset, len)
    }

    pub(crate) fn read_entry(
        &self,
        space: SpaceId,
        entry: &Entry,
        offset: u64,
        len: usize,
    ) -> Result<Vec<u8>, FilesError> {
        let vault = self.lend()?;
        let mut bytes = Vec::new();
        let len = len.min(PIECE_MAX) as u64;
        vault.visit_range(space, entry, offset, len, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }
}

/// The id of a place's source.
pub(crate) fn source_of(vault: &Vault, place: &Place) -> Result<SourceId, FilesError> {
    let known = vault.source_in(place.space, &place.source);
    known.ok_or_else(|| FilesError::NoSource { name: place.source.clone() })
}

/// The version that is meant.
pub(crate) fn version_of(
    vault: &Vault,
    place: &Place,
    at: &At,
) -> Result<SnapshotInfo, FilesError> {
    let mut all = vault.snapshots_of(source_of(vault, place)?);
    let found = match at {
        At::Newest => all.pop(),
        At::Version(id) => all.into_iter().find(|one| one.id.to_string() == *id),
    };
    let version = match at {
        At::Newest => "newest".to_owned(),
        At::Version(id) => id.chars().take(80).collect(),
    };
    found.ok_or(FilesError::NoVersion { version })
}

/// What stands at a path.
pub(crate) fn find(
    vault: &Vault,
    place: &Place,
    at: &At,
    path: &[u8],
) -> Result<(Version, Entry), FilesError> {
    check_looked_at(path).map_err(|fault| FilesError::name(path, fault))?;
    let info = version_of(vault, place, at)?;
    let root = vault.read_snapshot(&info)?.root;
    let entry = vault.entry_below(place.space, &root, path)?;
    Ok((Version { id: info.id, received: info.received }, entry))
}

/// What stands at a path of the newest version; none where nothing does.
pub(crate) fn newest(
    vault: &Vault,
    place: &Place,
    path: &[u8],
) -> Result<Option<Entry>, FilesError> {
    use crate::Kind;
    match find(vault, place, &At::Newest, path) {
        Ok((_, entry)) => Ok(Some(entry)),
        Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Conflict) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) fn shown(entry: &Entry) -> Shown {
    let word = |name: &str| {
        let mut all = entry.attrs.xattrs.iter();
        let found = all.find(|xattr| xattr.name.as_slice() == name.as_bytes())?;
        // One that is longer is none of ours: a computer brought it.
        let found = Some(found).filter(|xattr| xattr.value.len() <= WORD_LEN_MAX)?;
        Some(String::from_utf8_lossy(&found.value).into_owned())
    };
    Shown {
        name: entry.name.to_vec(),
        kind: match entry.kind {
            EntryKind::File => FileKind::File,
            EntryKind::Folder => FileKind::Folder,
            EntryKind::Symlink => FileKind::Link,
            EntryKind::Fifo
            | EntryKind::Socket
            | EntryKind::CharDevice
            | EntryKind::BlockDevice => FileKind::Other,
        },
        size: entry.size,
        mtime: entry.attrs.mtime,
        mode: entry.attrs.mode,
        target: entry.target.as_ref().map(|target| target.to_vec()),
        tag: tree::tag(entry),
        mime: word(crate::placing::MIME_XATTR),
        fault: word(FAULT_XATTR),
    }
}
