//! The log of what was done, as it is kept: in pieces, the newest of which is written anew with each
//! entry. What the chain is, is in `people`.
//!
//! A log that was changed or damaged is told, kept beside the new one as far as it can be, and gone on
//! with: the box does not stop for it, and nobody is kept out by it. Start at [`Audit::load`].

use std::io;

use people::{Entry, Link, Log, SEGMENT_ENTRIES, Told};
use types::UnixTime;

use crate::keeper::Store;

/// Pieces that are kept: some years of a quiet house, and two weeks of one with somebody who does all that
/// one person may be noted for.
const SEGMENTS_MAX: u64 = 256;
/// Where the number of the newest piece cannot be read, it is looked for among so many.
const PROBED_MAX: u64 = 1 << 16;

/// The log.
#[derive(Debug)]
pub(crate) struct Audit {
    log: Log,
    newest: Vec<Entry>,
}

fn name(segment: u64) -> String {
    format!("web/audit-{segment:08}.json")
}

/// Where a piece is put that nobody can read.
fn aside(segment: u64) -> String {
    format!("web/audit-{segment:08}.damaged")
}

fn read(store: &dyn Store, segment: u64) -> io::Result<Option<Vec<Entry>>> {
    let Some(bytes) = store.read(&name(segment))? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The number of the newest piece.
const LAST: &str = "web/audit-last";

impl Audit {
    /// Reads the newest piece and checks it; and what is wrong with it, a sentence each. Nobody is kept out
    /// because of the log.
    pub(crate) fn load(store: &dyn Store, at: UnixTime) -> (Self, Vec<String>) {
        let mut found = Vec::new();
        let segment = newest_of(store, &mut found);
        let (log, newest) = match read(store, segment) {
            Ok(newest) => followed(newest.unwrap_or_default(), &mut found),
            Err(error) => {
                set_aside(store, segment, &error, &mut found);
                // In a new piece, and the chain begins anew: that there is a break stays to be seen.
                let next = (segment + 1) * SEGMENT_ENTRIES;
                (Log { next, last: Link::first() }, Vec::new())
            }
        };
        let mut audit = Self { log, newest };
        if !found.is_empty() {
            let told = Told { act: "log-damaged", what: found.join(" "), ..Told::default() };
            if let Err(error) = audit.add(store, told, at) {
                tracing::error!(%error, "that the log is damaged cannot be noted in it");
            }
        }
        (audit, found)
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
                store.remove(&aside(old))?;
            }
        }
        (self.log, self.newest) = (log, newest);
        Ok(())
    }

    /// The newest entries, the newest first, before a number if one is given; and whether all that were
    /// read fit together. A piece that cannot be read, or is not there, is passed over and breaks that.
    pub(crate) fn read(
        &self,
        store: &dyn Store,
        before: Option<u64>,
        count: usize,
    ) -> (Vec<Entry>, bool) {
        let end = before.unwrap_or(self.log.next).min(self.log.next);
        let mut found: Vec<Entry> = Vec::new();
        let mut readable = true;
        let first = end.saturating_sub(1) / SEGMENT_ENTRIES;
        let oldest =
            (self.log.next.saturating_sub(1) / SEGMENT_ENTRIES).saturating_sub(SEGMENTS_MAX);
        for segment in (oldest..=first).rev() {
            if found.len() >= count {
                break;
            }
            let piece = read(store, segment);
            readable &= piece.is_ok();
            let mut piece = piece.ok().flatten().unwrap_or_default();
            piece.retain(|entry| entry.number < end);
            piece.append(&mut found);
            found = piece;
        }
        let mut log = found.first().map_or_else(Log::default, Log::before);
        let whole = found.iter().all(|entry| log.follow(entry).is_ok());
        let ends = before.is_some() || log == self.log || found.is_empty();
        found.reverse();
        found.truncate(count);
        (found, readable && whole && ends)
    }
}

/// Follows the chain through a piece, and goes on after a break, so that it stays to be seen.
fn followed(newest: Vec<Entry>, found: &mut Vec<String>) -> (Log, Vec<Entry>) {
    let mut log = newest.first().map_or_else(Log::default, Log::before);
    let mut is_told = false;
    for entry in &newest {
        if let Err(broken) = log.follow(entry) {
            tracing::error!(%broken, "the log of what was done was changed by somebody");
            if !std::mem::replace(&mut is_told, true) {
                found.push(format!(
                    "The log of what was done was changed at entry {}.",
                    broken.number
                ));
            }
            log = Log { next: entry.number + 1, last: entry.hash };
        }
    }
    (log, newest)
}

/// The number of the newest piece; looked for where its record cannot be read.
fn newest_of(store: &dyn Store, found: &mut Vec<String>) -> u64 {
    let is_there = |segment: u64| !matches!(store.read(&name(segment)), Ok(None));
    let last = match store.read(LAST) {
        Ok(None) => 0,
        Ok(Some(bytes)) => {
            match std::str::from_utf8(&bytes).ok().and_then(|t| t.trim().parse().ok()) {
                Some(last) if last < PROBED_MAX => last,
                _ => looked_for(&is_there, found),
            }
        }
        Err(_) => looked_for(&is_there, found),
    };
    // Written after the piece: one more may be there.
    if is_there(last + 1) { last + 1 } else { last }
}

fn looked_for(is_there: &dyn Fn(u64) -> bool, found: &mut Vec<String>) -> u64 {
    found.push(
        "Where the log of what was done ends could not be read; it was looked for.".to_owned(),
    );
    (0..PROBED_MAX).rev().find(|segment| is_there(*segment)).unwrap_or(0)
}

fn set_aside(store: &dyn Store, segment: u64, error: &io::Error, found: &mut Vec<String>) {
    let (from, to) = (name(segment), aside(segment));
    tracing::error!(%error, from, to, "a piece of the log of what was done is damaged");
    found.push("A piece of the log of what was done is damaged and was set aside.".to_owned());
    let moved = store.read(&from).and_then(|bytes| {
        store.write(&to, &bytes.unwrap_or_default())?;
        store.remove(&from)
    });
    if let Err(error) = moved {
        tracing::error!(%error, "it stays where it is");
    }
}
