//! One box as a host: its machine's actions carried out, on disks that die, rot and go away, by a driver
//! that is honest or not. Start at [`World::host_on`].

use peer_proto::host::{HostAction, HostEvent, HostNews, LineId, Record, Stage, StreamId};
use peer_proto::owner::{AskId, Verdict};
use peer_proto::wire::{ByeWhy, HeadPoint, PackSay};
use types::{Bytes, HeadHash, PackId};

use crate::line::What;
use crate::sets::{bit, number};
use crate::shelf::{File, Truth};
use crate::world::{Character, World};
use crate::{Event, Sabotage, Wrong};

/// Room of a box for friends: what they may use is said in pacts.
pub(crate) const ROOM: Bytes = Bytes(1 << 50);
/// Days that must truly have passed before a deletion: those of the pact. A clock that is off by less than
/// a day is believed, and costs none of them.
const DAYS_MIN: u64 = 30;
/// The same for what goes with a pact that ends: a notice is counted by what the clock shows, which is off by
/// up to a day when it begins, and when it ends.
const NOTICE_DAYS_MIN: u64 = 28;
/// Numbers of streams that no machine of an owner opens: fetches, and from the second on thieves'.
pub(crate) const FETCHES: u64 = 1 << 40;
pub(crate) const THIEVES: u64 = 1 << 41;

impl World {
    /// An event at a host, and everything that follows.
    pub(crate) fn host_on(&mut self, host: usize, owner: usize, event: HostEvent) {
        if self.houses[host].crashed {
            return;
        }
        let now = self.now(host);
        let house = &mut self.houses[host];
        let Some(bond) = &house.bonds[owner] else { return };
        for action in house.shelves[owner].machine.step(now, &bond.life, event) {
            if !self.carries_on(host) {
                return;
            }
            self.do_at_host(host, owner, action);
        }
    }

    fn do_at_host(&mut self, host: usize, owner: usize, action: HostAction) {
        let shelf = &mut self.houses[host].shelves[owner];
        match action {
            HostAction::Keep(record) => self.keep_at_host(host, owner, record),
            HostAction::KeepHead { point, bytes } => drop(shelf.heads.insert(point.hash, bytes)),
            HostAction::DropHead(hash) => drop(shelf.heads.remove(&hash)),
            HostAction::Answer { stream, say } => self.answer(host, owner, stream, say),
            HostAction::Look { stream, put } => {
                let missing = shelf.missing(put);
                self.host_on(host, owner, HostEvent::Looked { stream, root: put.root, missing });
            }
            HostAction::Receive { stream, root, missing } => {
                if missing.items().is_empty() {
                    self.host_on(host, owner, HostEvent::Stored(root));
                } else {
                    shelf.receiving.insert(root, stream);
                }
            }
            HostAction::ReceiveHead { .. } => {}
            HostAction::Serve { stream, root, first, .. } => {
                self.serve(host, owner, (stream, root), first);
            }
            HostAction::Remove(root) => {
                self.remove(host, owner, root);
                self.host_on(host, owner, HostEvent::Removed(root));
            }
            HostAction::DropPart(root) => {
                shelf.parts.remove(&root);
                shelf.files.remove(&root);
            }
            HostAction::Close { line, why } => {
                if why != ByeWhy::Replaced && self.line(host, owner).number == line.0 {
                    self.cut(host, owner, true);
                }
            }
            HostAction::Tell(HostNews::RolledBack { .. } | HostNews::Forked { .. }) => {
                self.tally.note(Event::HeadTold);
            }
            HostAction::Tell(_) => {}
        }
    }

    fn keep_at_host(&mut self, host: usize, owner: usize, record: Record) {
        let since = self.elapsed();
        let shelf = &mut self.houses[host].shelves[owner];
        if let Record::Entry(entry) = &record {
            match entry.stage {
                Stage::Kept => drop(shelf.told.remove(&entry.root)),
                Stage::Doomed { .. } => drop(shelf.told.entry(entry.root).or_insert(since)),
                Stage::Coming { .. } => {}
            }
            let root = entry.root;
            let is_doomed = matches!(entry.stage, Stage::Doomed { .. });
            shelf.book.keep(record);
            if is_doomed && self.sabotage == Sabotage::DeletesAtOnce {
                self.remove(host, owner, root);
                self.host_on(host, owner, HostEvent::Removed(root));
            }
            return;
        }
        shelf.book.keep(record);
    }

    fn remove(&mut self, host: usize, owner: usize, root: PackId) {
        let (elapsed, is_honest) = (self.elapsed(), self.is_honest(host));
        let ends_since = self.houses[host].bonds[owner].as_ref().and_then(|bond| bond.ends_since);
        let shelf = &mut self.houses[host].shelves[owner];
        let Some(file) = shelf.files.remove(&root) else { return };
        let days = |since: Option<u64>| since.map_or(0, |since| (elapsed - since) / 86_400_000);
        let told = days(shelf.told.remove(&root));
        self.tally.note(Event::Removed);
        if is_honest && told < DAYS_MIN && days(ends_since) < NOTICE_DAYS_MIN {
            let shelf = &mut self.houses[host].shelves[owner];
            shelf.betrayed |= if file.is == Truth::Good { bit(number(root)) } else { 0 };
            self.tally.wrong(Wrong::Early, 1);
        }
    }

    /// An answer goes out. After the last one the stream is over.
    fn answer(&mut self, host: usize, owner: usize, stream: StreamId, say: PackSay) {
        let is_last = !matches!(say, PackSay::Accept(_));
        if self.behaves(host) != Character::Staller && stream.number < THIEVES {
            let what = if stream.number >= FETCHES {
                What::Served(stream.number, None)
            } else {
                What::Say(AskId(stream.number), say)
            };
            self.send(host, owner, what);
        }
        if is_last {
            self.host_on(host, owner, HostEvent::Ended(stream));
        }
    }

    /// Parts of a pack, or a head, are asked for: by an audit, or to have them back.
    fn serve(
        &mut self,
        host: usize,
        owner: usize,
        (stream, root): (StreamId, PackId),
        first: PackSay,
    ) {
        let character = self.behaves(host);
        let shelf = &self.houses[host].shelves[owner];
        let number = stream.number;
        if let Some(head) = shelf.heads.get(&HeadHash(root.0)) {
            let head = head.clone();
            self.send(host, owner, What::Served(number, Some(head)));
            return self.host_on(host, owner, HostEvent::Ended(stream));
        }
        let is = shelf.files.get(&root).map(|file| file.is);
        let is_audit = number < FETCHES;
        let proves = match (is, character) {
            (_, Character::Staller) => return self.host_on(host, owner, HostEvent::Ended(stream)),
            (Some(Truth::Good), _) => Some(Verdict::Matches),
            (Some(Truth::Feigned), Character::Liar) => Some(Verdict::Mismatch),
            (Some(Truth::Feigned | Truth::Rotten) | None, _) => None,
        };
        match proves {
            Some(verdict) if is_audit => {
                self.send(host, owner, What::Say(AskId(number), first));
                self.send(host, owner, What::Proof(AskId(number), verdict));
            }
            Some(verdict) => {
                let bytes = vec![u8::from(verdict == Verdict::Matches)];
                self.send(host, owner, What::Served(number, Some(bytes)));
            }
            None if is_audit => {
                self.send(host, owner, What::Say(AskId(number), PackSay::Missing));
            }
            None => self.send(host, owner, What::Served(number, None)),
        }
        self.host_on(host, owner, HostEvent::Ended(stream));
        if proves.is_none() {
            self.is_rotten(host, owner, root);
        }
    }

    /// A driver has seen that a pack is not what it should be.
    pub(crate) fn is_rotten(&mut self, host: usize, owner: usize, root: PackId) {
        self.houses[host].shelves[owner].files.remove(&root);
        self.host_on(host, owner, HostEvent::Rotten(root));
    }

    /// Bytes of a pack arrive.
    pub(crate) fn body(&mut self, to: usize, from: usize, (ask, root): (AskId, PackId), more: u64) {
        let stream = StreamId { line: LineId(self.line(to, from).number), number: ask.0 };
        let durable = self.sabotage != Sabotage::AcksEarly;
        let house = &mut self.houses[to];
        let alive = house.disks.iter().filter(|disk| disk.alive);
        let fewest = alive.min_by_key(|disk| (disk.has.count_ones(), disk.serial));
        let fewest = fewest.map(|disk| disk.serial);
        let shelf = &mut house.shelves[from];
        if house.crashed || shelf.receiving.get(&root) != Some(&stream) {
            return;
        }
        let Some(size) = shelf.machine.entry(root).map(|entry| entry.size) else { return };
        let (Some(disk), false) = (fewest, shelf.files.contains_key(&root)) else {
            shelf.receiving.remove(&root);
            return self.host_on(to, from, HostEvent::StoreFailed(root));
        };
        let part = shelf.parts.entry(root).or_insert((disk, 0));
        part.1 += more;
        let (disk, came) = *part;
        if came < size {
            return;
        }
        shelf.parts.remove(&root);
        shelf.receiving.remove(&root);
        shelf.files.insert(root, File { disk, len: size, is: Truth::Good, durable });
        shelf.excused.remove(&root);
        self.host_on(to, from, HostEvent::Stored(root));
    }

    pub(crate) fn behaves(&self, house: usize) -> Character {
        self.houses[house].behaves(self.day)
    }

    /// Whether a box keeps what it is given, whatever else it says.
    pub(crate) fn is_honest(&self, house: usize) -> bool {
        matches!(self.behaves(house), Character::Honest | Character::Forger)
    }

    /// The newest head that a host says it saw.
    pub(crate) fn says_it_saw(&mut self, host: usize, owner: usize) -> Option<HeadPoint> {
        let seen = self.houses[host].shelves[owner].machine.witness().newest();
        if self.behaves(host) == Character::Forger && self.dice.once_in(3) {
            let seq = seen.map_or(1, |seen| seen.seq + 5);
            return Some(HeadPoint { seq, hash: HeadHash(self.dice.seed()) });
        }
        seen
    }
}
