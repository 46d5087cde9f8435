//! What one box keeps for one friend, and everything that it says no to.
//!
//! Nothing is acknowledged before its bytes and its record are durable; nothing goes before its time
//! by this box's own clock, however often it is told, nor while that clock is not sure; and nothing
//! ever goes because the owner is silent. The records hold after a crash: [`Host::resume`] joins them
//! with the files that are there. Start at [`Host::step`].

mod away;
mod events;
mod promise;
mod put;
mod record;
mod remove;
mod serve;

pub use events::{HostAction, HostEvent, HostNews, LineId, StreamId};
pub use promise::{GIVEN_MIN, Given, may_promise, reserved};
pub use record::{Entry, Record, Stage};

use std::collections::{BTreeMap, BTreeSet};

use types::{Bytes, Millis, PackId, UnixTime};

use crate::clock::{ClockMark, ClockWatch, Now};
use crate::heads::{Offer, Witness};
use crate::limits;
use crate::pact::{Keeping, PactLife, Side};
use crate::rate::{Asks, Over};
use crate::wire::{ByeWhy, Figures, PackAsk, PackSay, Refused, Why};

/// The machine.
#[derive(Clone, Debug)]
pub struct Host {
    entries: BTreeMap<PackId, Entry>,
    /// What is kept, deletions that wait among it.
    kept: Figures,
    /// What is on its way, as it will count.
    coming: Figures,
    /// Packs on their way, and since when.
    unfinished: BTreeMap<PackId, UnixTime>,
    /// Those that a stream brings, and which.
    bringing: BTreeMap<PackId, StreamId>,
    /// Those that lie on a disk that is not there: they count, and wait for it.
    away: BTreeSet<PackId>,
    /// Deletions that were handed to the driver and not reported back.
    removing: BTreeSet<PackId>,
    /// The pact has ended, and everything may go so long after the clock is sure again.
    release: Option<Millis>,
    witness: Witness,
    clock: ClockWatch,
    marked: Millis,
    /// When the owner was last heard.
    seen: UnixTime,
    told_silent: bool,
    told_unsure: bool,
    /// Room that this box has for friends.
    room: Bytes,
    line: Option<LineId>,
    streams: BTreeSet<StreamId>,
    heads: BTreeMap<StreamId, Offer>,
    asks: Asks,
}

impl Host {
    /// For a new pact, and what to write down first: a box that is started anew with a clock that jumped
    /// must find what it was before.
    pub fn new(now: Now) -> (Self, Vec<HostAction>) {
        Self::resume(Vec::new(), &BTreeMap::new(), BTreeSet::new(), now)
    }

    /// What is kept; both sides show these figures.
    pub fn kept(&self) -> Figures {
        self.kept
    }

    /// What counts against the pact: what is kept, what is on its way, and heads beside the newest.
    pub fn used(&self) -> Bytes {
        let parts = [self.kept.bytes, self.coming.bytes, self.witness.charged()];
        Bytes(parts.iter().fold(0, |sum, part| sum.saturating_add(part.0)))
    }

    /// What the records say of a pack.
    pub fn entry(&self, root: PackId) -> Option<&Entry> {
        self.entries.get(&root)
    }

    /// The newest head seen of this friend.
    pub fn witness(&self) -> &Witness {
        &self.witness
    }

    /// Whether this box believes its clock.
    pub fn clock_is_sure(&self, now: Now) -> bool {
        self.clock.is_sure(now)
    }

    /// What is to be written down of the clock.
    pub fn clock_mark(&self, now: Now) -> ClockMark {
        self.clock.mark(now)
    }

    /// How much time has passed that this box did not count, should its clock be right.
    pub fn behind(&self, now: Now) -> Millis {
        self.clock.behind(now)
    }

    /// Decides.
    pub fn step(&mut self, now: Now, pact: &PactLife, event: HostEvent) -> Vec<HostAction> {
        match event {
            HostEvent::Opened(line) => self.opened(pact, line),
            HostEvent::Closed(line) => self.closed(line),
            HostEvent::Asked { stream, ask } => self.asked(now, pact, stream, ask),
            HostEvent::Ended(stream) => {
                self.end_stream(stream);
                Vec::new()
            }
            HostEvent::Looked { stream, root, missing } => self.looked(stream, root, missing),
            HostEvent::Stored(root) => self.stored(root),
            HostEvent::StoreFailed(root) => self.store_failed(root),
            HostEvent::HeadArrived { stream, bytes } => {
                self.head_arrived(now, pact, stream, &bytes)
            }
            HostEvent::Removed(root) => self.removed(root),
            HostEvent::Rotten(root) => self.rotten(root),
            HostEvent::Away(packs) => self.went_away(packs),
            HostEvent::Back(found) => self.came_back(&found),
            HostEvent::Room(room) => {
                self.room = room;
                Vec::new()
            }
            HostEvent::ClockAgreed => self.clock_agreed(now),
            HostEvent::Release(at) => self.release(now, at),
            HostEvent::Revoked(why) => self.line.take().map_or_else(Vec::new, |line| {
                self.forget_line(line);
                vec![HostAction::Close { line, why }]
            }),
            HostEvent::Tick => self.tick(now, pact),
        }
    }

    /// The newest connection counts; what an older one still brings is not heard.
    fn opened(&mut self, pact: &PactLife, line: LineId) -> Vec<HostAction> {
        if let Err(refused) = pact.may_speak() {
            let why = if refused.why == Why::Blocked { ByeWhy::Blocked } else { ByeWhy::Ended };
            return vec![HostAction::Close { line, why }];
        }
        if self.line.is_some_and(|current| current >= line) {
            return vec![HostAction::Close { line, why: ByeWhy::Replaced }];
        }
        let old = self.line.replace(line);
        old.map_or_else(Vec::new, |old| {
            self.forget_line(old);
            vec![HostAction::Close { line: old, why: ByeWhy::Replaced }]
        })
    }

    fn closed(&mut self, line: LineId) -> Vec<HostAction> {
        self.forget_line(line);
        if self.line == Some(line) {
            self.line = None;
        }
        Vec::new()
    }

    fn forget_line(&mut self, line: LineId) {
        self.streams.retain(|stream| stream.line != line);
        self.heads.retain(|stream, _| stream.line != line);
        self.bringing.retain(|_, stream| stream.line != line);
        self.asks.begin_anew();
    }

    fn end_stream(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
        self.heads.remove(&stream);
        self.bringing.retain(|_, of| *of != stream);
    }

    fn asked(
        &mut self,
        now: Now,
        pact: &PactLife,
        stream: StreamId,
        ask: PackAsk,
    ) -> Vec<HostAction> {
        if self.line != Some(stream.line) {
            return vec![HostAction::Close { line: stream.line, why: ByeWhy::Replaced }];
        }
        if let Err(refused) = pact.may_speak() {
            return no(stream, refused);
        }
        if let Err(over) = self.asks.take(now.uptime) {
            return self.flooded(stream, over);
        }
        if self.streams.len() >= limits::STREAMS_MAX {
            let over = self.asks.over(1_000);
            return self.flooded(stream, over);
        }
        self.asks.heard();
        // A stream has one request.
        if !self.streams.insert(stream) {
            return Vec::new();
        }
        let mut done = self.heard(now);
        done.extend(match ask {
            PackAsk::Put(put) => self.put(now, pact, stream, put),
            PackAsk::Get(get) => self.get(stream, get),
            PackAsk::Audit(audit) => self.audit(stream, audit),
            PackAsk::List(cursor) => self.list(stream, cursor),
            PackAsk::Delete(root) => self.delete(now, pact, stream, root),
            PackAsk::Head(offer) => self.head(pact, stream, Offer::Next(*offer)),
            PackAsk::Anew(offer) => self.head(pact, stream, Offer::Anew(*offer)),
        });
        done
    }

    /// Whoever does not wait when told to is cut off, and may come again.
    fn flooded(&mut self, stream: StreamId, over: Over) -> Vec<HostAction> {
        if let Over::Wait(refused) = over {
            return no(stream, refused);
        }
        self.forget_line(stream.line);
        self.line = None;
        vec![
            HostAction::Tell(HostNews::Flooded),
            HostAction::Close { line: stream.line, why: ByeWhy::Flood },
        ]
    }

    /// The owner is there: noted now and then, for the silence clause.
    fn heard(&mut self, now: Now) -> Vec<HostAction> {
        let again = std::mem::take(&mut self.told_silent);
        if !again && now.wall.since(self.seen) < limits::MARK_EVERY && now.wall >= self.seen {
            return Vec::new();
        }
        self.seen = now.wall;
        vec![HostAction::Keep(Record::Seen(self.seen))]
    }
}

/// What this box promised to keep.
fn keeping(pact: &PactLife) -> &Keeping {
    pact.pact().terms.by(pact.part())
}

/// The friend whose packs these are.
fn owner(pact: &PactLife) -> &Side {
    pact.pact().side(pact.part().other())
}

fn say(stream: StreamId, say: PackSay) -> HostAction {
    HostAction::Answer { stream, say }
}

fn no(stream: StreamId, refused: Refused) -> Vec<HostAction> {
    vec![say(stream, PackSay::Refused(refused))]
}
