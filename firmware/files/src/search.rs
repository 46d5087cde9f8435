//! Searching by name and time: the newest version, and what was deleted from it.
//!
//! Reads only. One call looks at a bounded number of entries and says where to go on; what was deleted
//! is found by comparing versions, which costs as much as differs between them. Start at
//! [`Files::search`].

use format::entry::{Entry, EntryKind};
use tree::Difference;
use vault::{Found, SnapshotInfo, Vault, WalkOn};

use crate::browse::{Shown, Version, shown, source_of};
use crate::error::FilesError;
use crate::names::name_of;
use crate::tag::{from_hex, hex};
use crate::{Files, Place};

/// Hits in one page at most.
const HITS_MAX: usize = 500;
/// Entries that one call looks at.
const EXAMINED_MAX: usize = 50_000;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Part of the name, upper and lower case alike; every name when empty.
    pub name: String,
    /// Modified at this second since 1970 or later.
    pub from_secs: Option<i64>,
    /// Modified before this second since 1970.
    pub until_secs: Option<i64>,
    /// Also what was deleted.
    pub deleted: bool,
    /// Hits in a page.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// Its path.
    pub path: Vec<u8>,
    /// The entry.
    pub entry: Shown,
    /// The version that has it: the newest, or the last before it was deleted.
    pub version: Version,
    /// Whether it is gone from the newest version of that path's time.
    pub deleted: bool,
}

/// A page of hits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPage {
    /// The hits.
    pub hits: Vec<SearchHit>,
    /// How many entries were looked at.
    pub examined: usize,
    /// Where to go on; a page may be empty and have a next one.
    pub next: Option<String>,
}

/// Where a search stands.
enum Cursor {
    Newest { after: Vec<u8> },
    Deleted { older: String, after: Vec<u8> },
}

impl Files {
    /// A page of what matches.
    pub fn search(&self, place: &Place, query: &Query) -> Result<SearchPage, FilesError> {
        let cursor = query.cursor.as_deref().map(Cursor::read).transpose()?;
        let vault = self.lend()?;
        let all = vault.snapshots_of(source_of(&vault, place)?);
        let needle = query.name.to_lowercase();
        let limit = query.limit.clamp(1, HITS_MAX);
        let mut search = Search { query, needle, limit, page: SearchPage::default() };
        let Some(newest) = all.last() else { return Ok(search.page) };
        if !matches!(cursor, Some(Cursor::Deleted { .. })) {
            let after = match &cursor {
                Some(Cursor::Newest { after }) => Some(after.as_slice()),
                _ => None,
            };
            search.newest(&vault, newest, after)?;
        }
        if query.deleted && search.page.next.is_none() {
            let from = match cursor {
                Some(Cursor::Deleted { older, after }) => Some((older, after)),
                _ => None,
            };
            search.deleted(&vault, &all, from)?;
        }
        Ok(search.page)
    }
}

struct Search<'q> {
    query: &'q Query,
    needle: String,
    limit: usize,
    page: SearchPage,
}

impl Search<'_> {
    fn is_full(&self) -> bool {
        self.page.hits.len() >= self.limit || self.page.examined >= EXAMINED_MAX
    }

    fn matches(&self, path: &[u8], entry: &Entry) -> bool {
        let secs = entry.attrs.mtime.secs;
        self.query.from_secs.is_none_or(|from| secs >= from)
            && self.query.until_secs.is_none_or(|until| secs < until)
            && (self.needle.is_empty()
                || String::from_utf8_lossy(name_of(path)).to_lowercase().contains(&self.needle))
    }

    fn take(&mut self, path: &[u8], entry: &Entry, info: &SnapshotInfo, deleted: bool) {
        self.page.examined += 1;
        if self.matches(path, entry) {
            let version = Version { id: info.id, received: info.received };
            let (path, entry) = (path.to_vec(), shown(entry));
            self.page.hits.push(SearchHit { path, entry, version, deleted });
        }
    }

    fn newest(
        &mut self,
        vault: &Vault,
        info: &SnapshotInfo,
        after: Option<&[u8]>,
    ) -> Result<(), FilesError> {
        let root = vault.read_snapshot(info)?.root;
        let mut last = Vec::new();
        vault.walk_from(info.space, &root, after, &mut |listed| {
            if self.is_full() {
                self.page.next = Some(Cursor::Newest { after: std::mem::take(&mut last) }.write());
                return WalkOn::Stop;
            }
            self.take(&listed.path, &listed.entry, info, false);
            last = listed.path;
            WalkOn::Next
        })?;
        Ok(())
    }

    fn deleted(
        &mut self,
        vault: &Vault,
        all: &[SnapshotInfo],
        mut from: Option<(String, Vec<u8>)>,
    ) -> Result<(), FilesError> {
        for pair in all.windows(2).rev() {
            let [older, newer] = pair else { continue };
            let after = match &from {
                Some((id, _)) if older.id.to_string() != *id => continue,
                _ => from.take().map(|(_, after)| after).unwrap_or_default(),
            };
            if self.is_full() {
                let older = older.id.to_string();
                self.page.next = Some(Cursor::Deleted { older, after }.write());
                return Ok(());
            }
            let found = |info: &SnapshotInfo| -> Result<Found, FilesError> {
                Ok(Found { info: info.clone(), snapshot: vault.read_snapshot(info)? })
            };
            let (a, b) = (found(older)?, found(newer)?);
            let mut passed = after.is_empty();
            let mut last = after.clone();
            // Versions are compared in one certain order: what was shown comes again first.
            vault.diff(&a, &b, &mut |change| {
                if !passed {
                    passed = change.path == after;
                    return true;
                }
                if self.is_full() {
                    let (older, after) = (older.id.to_string(), std::mem::take(&mut last));
                    self.page.next = Some(Cursor::Deleted { older, after }.write());
                    return false;
                }
                match &change.difference {
                    Difference::Removed(entry) if entry.kind != EntryKind::Folder => {
                        self.take(&change.path, entry, older, true);
                    }
                    _ => self.page.examined += 1,
                }
                last = change.path;
                true
            })?;
            if self.page.next.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Cursor {
    fn write(&self) -> String {
        match self {
            Self::Newest { after } => format!("n.{}", hex(after)),
            Self::Deleted { older, after } => format!("d.{older}.{}", hex(after)),
        }
    }

    fn read(text: &str) -> Result<Self, FilesError> {
        let mut parts = text.split('.');
        let read = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("n"), Some(after), None, None) => {
                from_hex(after).map(|after| Self::Newest { after })
            }
            (Some("d"), Some(older), Some(after), None) => {
                from_hex(after).map(|after| Self::Deleted { older: older.to_owned(), after })
            }
            _ => None,
        };
        read.ok_or_else(|| FilesError::bad("the cursor is not one that a page gave"))
    }
}
