//! What truly lies at a host for an owner, and the machine that keeps it. Start at [`Shelf`].

use std::collections::{BTreeMap, BTreeSet};

use peer_proto::clock::Now;
use peer_proto::host::{Host, HostAction, Record, StreamId};
use peer_proto::wire::{ByteRange, Put};
use types::{HeadHash, PackId};

use crate::sets::{Set, bit, number};

/// How a file truly is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Good,
    Rotten,
    /// Thrown away; the box says that it is there.
    Feigned,
}

/// A friend's pack on a disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    pub(crate) disk: u32,
    pub(crate) len: u64,
    pub(crate) is: Truth,
    /// A power cut leaves it: always, unless sabotaged.
    pub(crate) durable: bool,
}

/// What a host wrote down: the last word on each thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostBook {
    entries: BTreeMap<PackId, Record>,
    others: [Option<Record>; 4],
}

impl HostBook {
    pub(crate) fn keep(&mut self, record: Record) {
        let slot = match record {
            Record::Entry(entry) => {
                self.entries.insert(entry.root, record);
                return;
            }
            Record::Forget(root) => {
                self.entries.remove(&root);
                return;
            }
            Record::Witness(_) => 0,
            Record::Clock(_) => 1,
            Record::Seen(_) => 2,
            Record::Release(_) => 3,
        };
        self.others[slot] = Some(record);
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.entries.values().chain(self.others.iter().flatten()).cloned().collect()
    }
}

/// What one box keeps for another.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) machine: Host,
    pub(crate) book: HostBook,
    pub(crate) files: BTreeMap<PackId, File>,
    /// First bytes of packs that did not come whole, and on which disk.
    pub(crate) parts: BTreeMap<PackId, (u32, u64)>,
    pub(crate) receiving: BTreeMap<PackId, StreamId>,
    pub(crate) heads: BTreeMap<HeadHash, Vec<u8>>,
    /// What lies on a disk that was given up and may come back.
    pub(crate) attic: Vec<(PackId, File)>,
    /// When a deletion was first noted since the pack was last wanted, by a clock that nothing moves.
    pub(crate) told: BTreeMap<PackId, u64>,
    /// What disks lost, or somebody threw away: whoever counts it is not to blame.
    pub(crate) excused: BTreeSet<PackId>,
    /// Let go sooner than was promised: never, unless sabotaged.
    pub(crate) betrayed: Set,
}

impl Shelf {
    pub(crate) fn new(now: Now) -> Self {
        let (machine, first) = Host::new(now);
        let mut book = HostBook::default();
        for action in first {
            if let HostAction::Keep(record) = action {
                book.keep(record);
            }
        }
        Self {
            machine,
            book,
            files: BTreeMap::new(),
            parts: BTreeMap::new(),
            receiving: BTreeMap::new(),
            heads: BTreeMap::new(),
            attic: Vec::new(),
            told: BTreeMap::new(),
            excused: BTreeSet::new(),
            betrayed: 0,
        }
    }

    /// What is truly there and right.
    pub(crate) fn good(&self) -> Set {
        let good = self.files.iter().filter(|(_, file)| file.is == Truth::Good);
        good.fold(0, |set, (root, _)| set | bit(number(*root)))
    }

    /// Numbers of which anything is left in any way.
    pub(crate) fn traces(&self) -> Set {
        let files = self.files.keys().chain(self.parts.keys());
        let all =
            files.chain(self.attic.iter().map(|(root, _)| root)).chain(self.book.entries.keys());
        all.fold(self.betrayed, |set, root| set | bit(number(*root)))
    }
}

impl Shelf {
    /// What of a pack is not on a disk.
    pub(crate) fn missing(&self, put: Put) -> Vec<ByteRange> {
        let have = self.parts.get(&put.root).map_or(0, |(_, have)| *have);
        let is_whole = self.files.contains_key(&put.root) || have >= put.size;
        if is_whole { Vec::new() } else { vec![ByteRange { from: have, to: put.size }] }
    }
}
