//! What a host writes down, and how it goes on after a crash.
//!
//! A pack is written down before its first byte comes, so a file without a record is one whose
//! record was lost with a disk: it is a friend's, and kept. Start at [`Host::resume`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use types::{Bytes, Millis, PackId, UnixTime};

use super::Host;
use super::events::{HostAction, HostNews};
use crate::clock::{ClockMark, ClockWatch, Now};
use crate::heads::Witness;
use crate::limits::{PACK_LEN_MAX, charge};
use crate::rate::Asks;
use crate::wire::{Figures, Kind};

/// One line of the record; a later one of the same thing takes the earlier one's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// A pack.
    Entry(Entry),
    /// A pack that is no more.
    Forget(PackId),
    /// Which heads were seen.
    Witness(Witness),
    /// The clock.
    Clock(ClockMark),
    /// When the owner was last heard.
    Seen(UnixTime),
    /// Everything may go so long after the clock is sure again; none when that has been noted.
    Release(Option<Millis>),
}

/// One pack of a friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub root: PackId,
    /// Its length.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
    /// How far it is.
    pub stage: Stage,
}

/// How far a pack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// On its way.
    Coming {
        /// When it was last begun or resumed.
        since: UnixTime,
    },
    /// Whole and durable.
    Kept,
    /// The same, and its deletion was asked for.
    Doomed {
        /// It goes then, by this box's clock.
        until: UnixTime,
        /// Somebody who knows has said since that the clock is right. Until then `until` may be too early:
        /// the clock may stand still while the box is off, and is believed after it.
        agreed: bool,
    },
}

impl Host {
    /// Goes on with what was written down and the files that are there, by name and length. `away` is what
    /// lies on disks that are not there.
    pub fn resume(
        records: Vec<Record>,
        files: &BTreeMap<PackId, u64>,
        mut away: BTreeSet<PackId>,
        now: Now,
    ) -> (Self, Vec<HostAction>) {
        let (mut entries, mut witness, mut mark) = (BTreeMap::new(), Witness::default(), None);
        let (mut seen, mut release) = (now.wall, None);
        for record in records {
            match record {
                Record::Entry(entry) => {
                    entries.insert(entry.root, entry);
                }
                Record::Forget(root) => {
                    entries.remove(&root);
                }
                Record::Witness(newer) => witness = newer,
                Record::Clock(newer) => mark = Some(newer),
                Record::Seen(newer) => seen = newer,
                Record::Release(newer) => release = newer,
            }
        }
        away.retain(|root| entries.contains_key(root) && !files.contains_key(root));
        let mut done = joined(&mut entries, files, &away);
        let clock = ClockWatch::at_start(mark, now);
        done.push(HostAction::Keep(Record::Clock(clock.mark(now))));
        let mut host = Self {
            entries: BTreeMap::new(),
            kept: Figures::default(),
            coming: Figures::default(),
            unfinished: BTreeMap::new(),
            bringing: BTreeMap::new(),
            away,
            removing: BTreeSet::new(),
            release,
            witness,
            clock,
            marked: now.uptime,
            seen,
            told_silent: false,
            told_unsure: false,
            room: Bytes(0),
            line: None,
            streams: BTreeSet::new(),
            heads: BTreeMap::new(),
            asks: Asks::new(now.uptime),
        };
        for entry in entries.into_values() {
            host.put_entry(entry);
        }
        (host, done)
    }

    /// Puts an entry in and counts it.
    pub(super) fn put_entry(&mut self, entry: Entry) {
        self.take_entry(entry.root);
        let figures = self.figures_of(entry.stage);
        figures.packs = figures.packs.saturating_add(1);
        figures.bytes = Bytes(figures.bytes.0.saturating_add(charge(entry.size).0));
        if let Stage::Coming { since } = entry.stage {
            self.unfinished.insert(entry.root, since);
        }
        self.entries.insert(entry.root, entry);
    }

    /// Takes an entry out and counts it no more.
    pub(super) fn take_entry(&mut self, root: PackId) -> Option<Entry> {
        let entry = self.entries.remove(&root)?;
        self.unfinished.remove(&root);
        let figures = self.figures_of(entry.stage);
        figures.packs = figures.packs.saturating_sub(1);
        figures.bytes = figures.bytes.saturating_sub(charge(entry.size));
        Some(entry)
    }

    fn figures_of(&mut self, stage: Stage) -> &mut Figures {
        match stage {
            Stage::Coming { .. } => &mut self.coming,
            Stage::Kept | Stage::Doomed { .. } => &mut self.kept,
        }
    }
}

/// Makes the entries say what the files say.
pub(super) fn joined(
    entries: &mut BTreeMap<PackId, Entry>,
    files: &BTreeMap<PackId, u64>,
    away: &BTreeSet<PackId>,
) -> Vec<HostAction> {
    let mut done = Vec::new();
    let mut lost = Vec::new();
    for entry in entries.values_mut().filter(|entry| !away.contains(&entry.root)) {
        let is_there = files.get(&entry.root) == Some(&entry.size);
        match entry.stage {
            Stage::Coming { .. } if is_there => {
                entry.stage = Stage::Kept;
                done.push(HostAction::Keep(Record::Entry(*entry)));
            }
            Stage::Coming { .. } => {}
            Stage::Kept | Stage::Doomed { .. } if is_there => {}
            Stage::Kept | Stage::Doomed { .. } => lost.push(*entry),
        }
    }
    for entry in lost {
        entries.remove(&entry.root);
        done.push(HostAction::Keep(Record::Forget(entry.root)));
        // A deletion that was cut between file and record is no loss.
        if entry.stage == Stage::Kept {
            done.push(HostAction::Tell(HostNews::Lost(entry.root)));
        }
    }
    // What is longer than any pack is none, whoever laid it there.
    for (root, size) in files.iter().filter(|(_, size)| **size <= PACK_LEN_MAX) {
        entries.entry(*root).or_insert_with(|| {
            let entry =
                Entry { root: *root, size: *size, kind: Kind::Unknown(0), stage: Stage::Kept };
            done.push(HostAction::Keep(Record::Entry(entry)));
            entry
        });
    }
    done
}
