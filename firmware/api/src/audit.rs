//! The log of what was done, as it is kept: in pieces, the newest of which is written anew with each
//! entry. What the chain is, is in `people`.
//!
//! A log that was changed is told, kept beside the new one as far as it can be, and gone on with: the
//! box does not stop for it. Start at [`Audit::load`].

use std::io;

use people::{Entry, Log, SEGMENT_ENTRIES, Told};
use types::UnixTime;

use crate::keeper::Store;

/// Pieces that are kept: some years of a quiet house.
const SEGMENTS_MAX: u64 = 64;

/// The log.
#[derive(Debug)]
pub(crate) struct Audit {
    log: Log,
    newest: Vec<Entry>,
}

fn name(segment: u64) -> String {
    format!("web/audit-{segment:08}.json")
}

fn read(store: &dyn Store, segment: u64) -> io::Result<Option<Vec<Entry>>> {
    let Some(bytes) = store.read(&name(segment))? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The number of the newest piece.
const LAST: &str = "web/audit-last";

impl Audit {
    /// Reads the newest piece and checks it.
    pub(crate) fn load(store: &dyn Store) -> io::Result<Self> {
        let last = store.read(LAST)?.and_then(|bytes| String::from_utf8(bytes).ok());
        let last: u64 = last.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        // Written after the piece: one more may be there.
        let newest = match last.checked_add(1).map_or(Ok(None), |newer| read(store, newer))? {
            Some(newer) => Some(newer),
            None => read(store, last)?,
        };
        let newest = newest.unwrap_or_default();
        let mut log = newest.first().map_or_else(Log::default, Log::before);
        for entry in &newest {
            if let Err(broken) = log.follow(entry) {
                tracing::error!(%broken, "the log of what was done was changed by somebody");
                // Goes on after it, so that the break stays to be seen.
                log = Log { next: entry.number + 1, last: entry.hash };
            }
        }
        Ok(Self { log, newest })
    }

    /// Adds an entry, durably.
    pub(crate) fn add(&mut self, store: &dyn Store, told: Told, at: UnixTime) -> io::Result<()> {
        let mut log = self.log;
        let entry = log.add(told, at);
        let segment = entry.number / SEGMENT_ENTRIES;
        let mut newest = self.newest.clone();
        if entry.number.is_multiple_of(SEGMENT_ENTRIES) {
            newest.clear();
        }
        newest.push(entry);
        let bytes = serde_json::to_vec(&newest).map_err(io::Error::other)?;
        store.write(&name(segment), &bytes)?;
        if newest.len() == 1 {
            store.write(LAST, segment.to_string().as_bytes())?;
            if let Some(old) = segment.checked_sub(SEGMENTS_MAX) {
                store.remove(&name(old))?;
            }
        }
        (self.log, self.newest) = (log, newest);
        Ok(())
    }

    /// The newest entries, the newest first, before a number if one is given; and whether all that were
    /// read fit together.
    pub(crate) fn read(
        &self,
        store: &dyn Store,
        before: Option<u64>,
        count: usize,
    ) -> io::Result<(Vec<Entry>, bool)> {
        let end = before.unwrap_or(self.log.next).min(self.log.next);
        let mut found: Vec<Entry> = Vec::new();
        let mut segment = end.saturating_sub(1) / SEGMENT_ENTRIES;
        while found.len() < count {
            let Some(mut piece) = read(store, segment)? else { break };
            piece.retain(|entry| entry.number < end);
            piece.append(&mut found);
            found = piece;
            let Some(older) = segment.checked_sub(1) else { break };
            segment = older;
        }
        let mut log = found.first().map_or_else(Log::default, Log::before);
        let whole = found.iter().all(|entry| log.follow(entry).is_ok());
        let ends = before.is_some() || log == self.log || found.is_empty();
        found.reverse();
        found.truncate(count);
        Ok((found, whole && ends))
    }
}
