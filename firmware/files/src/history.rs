//! When something changed: what a slider through time stops at, and the versions of one file.
//!
//! Reads only; one call looks at a bounded number of versions and says where to go on. Start at
//! [`Files::history`].

use format::entry::Entry;
use types::UnixTime;
use vault::{SnapshotInfo, Vault, VaultError};

use crate::browse::{Shown, Version, shown, source_of};
use crate::error::FilesError;
use crate::names::check_looked_at;
use crate::{Files, Place};

/// Moments in one answer at most.
const MOMENTS_MAX: usize = 1_000;
/// Versions that one call looks at: each costs a read of a record and one node a level.
const EXAMINED_MAX: usize = 500;

/// A time during which something stayed the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The newest version that has it so: name it to look at it.
    pub version: Version,
    /// When it became so, as far as this answer looked.
    pub since: UnixTime,
    /// What stood there; none while nothing did.
    pub entry: Option<Shown>,
}

/// Part of the history of a path, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The moments.
    pub moments: Vec<Moment>,
    /// The id to ask for the rest with.
    pub next: Option<String>,
}

impl Files {
    /// When what stands at `path` changed: newest first, `limit` moments at most, from the version
    /// `from` on.
    pub fn history(
        &self,
        place: &Place,
        path: &[u8],
        from: Option<&str>,
        limit: usize,
    ) -> Result<History, FilesError> {
        check_looked_at(path).map_err(|fault| FilesError::name(path, fault))?;
        let vault = self.lend()?;
        let mut all = vault.snapshots_of(source_of(&vault, place)?);
        all.reverse();
        let begin = match from {
            None => 0,
            Some(id) => all
                .iter()
                .position(|one| one.id.to_string() == id)
                .ok_or_else(|| FilesError::NoVersion { version: id.chars().take(80).collect() })?,
        };
        let limit = limit.clamp(1, MOMENTS_MAX);
        let mut history = History::default();
        for (examined, info) in all[begin..].iter().enumerate() {
            let entry = entry_then(&vault, info, path)?.map(|entry| shown(&entry));
            if let Some(last) = history.moments.last_mut()
                && same(last.entry.as_ref(), entry.as_ref())
                && examined < EXAMINED_MAX
            {
                last.since = info.received;
                continue;
            }
            if history.moments.len() == limit || examined >= EXAMINED_MAX {
                history.next = Some(info.id.to_string());
                break;
            }
            let version = Version { id: info.id, received: info.received };
            history.moments.push(Moment { version, since: info.received, entry });
        }
        // Before it was first there is no moment of its own.
        if history.next.is_none() && history.moments.last().is_some_and(|m| m.entry.is_none()) {
            history.moments.pop();
        }
        Ok(history)
    }
}

fn entry_then(
    vault: &Vault,
    info: &SnapshotInfo,
    path: &[u8],
) -> Result<Option<Entry>, FilesError> {
    let root = vault.read_snapshot(info)?.root;
    match vault.entry_below(info.space, &root, path) {
        Ok(entry) => Ok(Some(entry)),
        Err(VaultError::NotFound { .. } | VaultError::NotA { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn same(a: Option<&Shown>, b: Option<&Shown>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.tag == b.tag && a.mtime == b.mtime,
        _ => false,
    }
}
