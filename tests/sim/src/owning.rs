//! One box as an owner: its machine's actions carried out, and what it learns of each friend.
//! Start at [`World::owner_on`].

use std::collections::BTreeMap;

use peer_proto::host::{HostEvent, LineId, StreamId};
use peer_proto::owner::{
    CopyRecord, CopyStage, LostWhy, Outcome, Owner, OwnerAction, OwnerEvent, OwnerNews,
};
use peer_proto::wire::{Get, List, PackAsk, Why};
use plan::offsite::score::{Answer, Answered, Day, keep};
use types::{PackId, UnixTime};

use crate::hosting::FETCHES;
use crate::line::What;
use crate::sets::{Set, bit, index, number};
use crate::world::{Fetch, World};
use crate::{Event, Wrong};

/// Pieces in which a pack goes over the line, so that it can be cut between them.
const PIECE: u64 = 6 << 20;

/// What an owner's box knows of a friend.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) machine: Owner,
    /// What is written down of copies: the last word on each.
    pub(crate) book: BTreeMap<PackId, CopyRecord>,
    /// Since when nothing there counts.
    pub(crate) distrusted: Option<u32>,
    /// Its owner ended it, since nothing was kept there.
    pub(crate) given_up: bool,
    pub(crate) last_seen: UnixTime,
    pub(crate) lost: Set,
    pub(crate) unproved: Set,
    pub(crate) proved: Vec<UnixTime>,
    pub(crate) proved_any: UnixTime,
    /// Since when it was offered packs and took none.
    pub(crate) offered: Option<UnixTime>,
    pub(crate) history: Vec<Day>,
}

impl View {
    pub(crate) fn new(now: UnixTime) -> Self {
        Self {
            machine: Owner::new(),
            book: BTreeMap::new(),
            distrusted: None,
            given_up: false,
            last_seen: now,
            lost: 0,
            unproved: 0,
            proved: vec![now; crate::sets::PACKS],
            proved_any: now,
            offered: None,
            history: Vec::new(),
        }
    }

    /// What counts there, and of that, what is to go.
    pub(crate) fn counted(&self, is_mine: impl Fn(PackId) -> bool) -> (Set, Set) {
        let (mut at, mut going) = (0, 0);
        let mine = self.machine.copies().filter(|copy| copy.counts() && is_mine(copy.root));
        for copy in mine {
            at |= bit(number(copy.root));
            if copy.stage != CopyStage::Held {
                going |= bit(number(copy.root));
            }
        }
        (at, going)
    }
}

impl World {
    /// An event at an owner, and everything that follows.
    pub(crate) fn owner_on(&mut self, owner: usize, host: usize, event: OwnerEvent) {
        if self.houses[owner].crashed {
            return;
        }
        let now = self.now(owner);
        let house = &mut self.houses[owner];
        let Some(bond) = &house.bonds[host] else { return };
        for action in house.views[host].machine.step(now, &bond.life, event) {
            if !self.carries_on(owner) {
                return;
            }
            self.do_at_owner(owner, host, action);
        }
    }

    fn do_at_owner(&mut self, owner: usize, host: usize, action: OwnerAction) {
        match action {
            OwnerAction::Keep(record) => {
                let book = &mut self.houses[owner].views[host].book;
                match record {
                    CopyRecord::Copy(copy) => drop(book.insert(copy.root, record)),
                    CopyRecord::Forget(root) => drop(book.remove(&root)),
                    CopyRecord::Cleared => book.clear(),
                }
            }
            OwnerAction::Ask { ask, what } => self.send(owner, host, What::Ask(ask.0, what)),
            OwnerAction::Send { ask, root, missing } => {
                let mut left: u64 =
                    missing.items().iter().map(|part| part.to.saturating_sub(part.from)).sum();
                let can_read = self.houses[owner].can_read(number(root));
                if !can_read || self.root(owner, number(root)) != root {
                    self.end_stream(owner, host, ask.0);
                    return self.owner_on(owner, host, OwnerEvent::Broken(ask));
                }
                while left > 0 {
                    let piece = left.min(PIECE);
                    left -= piece;
                    self.send(owner, host, What::Body(ask, root, piece));
                }
            }
            OwnerAction::SendHead { ask, point } => {
                let chain = &self.houses[owner].chain;
                let head = chain.iter().find(|head| head.own.point == point);
                if let Some(bytes) = head.map(|head| head.bytes.clone()) {
                    self.send(owner, host, What::HeadBody(ask, bytes));
                }
            }
            // What is verified stands behind the answer, on the same stream.
            OwnerAction::Verify { .. } => {}
            OwnerAction::Cancel(ask) => {
                self.forget_stream(owner, host, ask.0);
                self.end_stream(owner, host, ask.0);
            }
            OwnerAction::Link { from, to } => self.link(owner, host, from, to),
            OwnerAction::ShowHead(point) => {
                self.fetch(owner, host, PackId(point.hash.0), Fetch::Head(point));
            }
            OwnerAction::Tell(news) => self.hear_news(owner, host, news),
        }
    }

    /// The host sees a stream end.
    fn end_stream(&mut self, owner: usize, host: usize, number: u64) {
        let line = LineId(self.line(owner, host).number);
        self.houses[host].shelves[owner]
            .receiving
            .retain(|_, stream| *stream != StreamId { line, number });
        if self.line(owner, host).open {
            self.host_on(host, owner, HostEvent::Ended(StreamId { line, number }));
        }
    }

    /// Asks for something outside the machine: a whole pack, or a head.
    pub(crate) fn fetch(&mut self, owner: usize, host: usize, root: PackId, what: Fetch) {
        if !self.line(owner, host).open {
            return;
        }
        self.fetch_count += 1;
        let number = FETCHES + self.fetch_count;
        self.houses[owner].fetches.insert(number, what);
        let get = PackAsk::Get(Get { root, ranges: List::first([]) });
        self.send(owner, host, What::Ask(number, Box::new(get)));
    }

    /// What was asked for comes, or does not.
    pub(crate) fn served(&mut self, owner: usize, host: usize, (no, came): (u64, Option<Vec<u8>>)) {
        match self.houses[owner].fetches.remove(&no) {
            None => {}
            Some(Fetch::Head(point)) => {
                let event = OwnerEvent::HeadShown { point, bytes: came, writers: Vec::new() };
                self.owner_on(owner, host, event);
            }
            Some(Fetch::Pack(pack)) if came == Some(vec![1]) => {
                if self.houses[owner].put_back(pack) {
                    self.tally.note(Event::Fetched);
                }
                self.hear(owner, host, pack, Answer::Proved);
            }
            // A copy that could not be fetched is looked at: an audit says whether it is lost.
            Some(Fetch::Pack(pack)) => {
                self.houses[owner].views[host].lost |= bit(pack);
                self.ask_for_proof(owner, host, pack, (0, 16 << 10));
            }
        }
    }

    fn hear_news(&mut self, owner: usize, host: usize, news: OwnerNews) {
        let is_mine = |root: PackId| self.root(owner, number(root)) == root;
        match news {
            OwnerNews::Held(root) if is_mine(root) => self.took(owner, host, number(root)),
            OwnerNews::Lost { root, why } if is_mine(root) => {
                let is_excused = self.houses[host].shelves[owner].excused.contains(&root);
                if self.is_honest(host) && !is_excused && why != LostWhy::Stopped {
                    self.tally.wrong(Wrong::Unkept, 1);
                }
                let answer = match why {
                    LostWhy::Mismatch => Answer::Mismatch,
                    LostWhy::Missing => Answer::Missing,
                    LostWhy::Stopped => return,
                };
                self.hear(owner, host, number(root), answer);
            }
            OwnerNews::Audited { root, outcome } if is_mine(root) => {
                let answer = match outcome {
                    Outcome::Passed => Answer::Proved,
                    Outcome::NotAnswered => Answer::TimedOut,
                    Outcome::Refused(_) => Answer::Refused,
                    Outcome::Mismatch | Outcome::Missing => return,
                };
                self.hear(owner, host, number(root), answer);
            }
            OwnerNews::Stalled(refused) if matches!(refused.why, Why::OverQuota | Why::NoRoom) => {
                let machine = &self.houses[owner].views[host].machine;
                // What is on its way counts already, and may come to nothing.
                let is_quiet = machine.used() == machine.held().bytes;
                let is_honest = is_quiet && self.is_honest(host);
                self.tally.wrong(Wrong::Refused, u64::from(is_honest));
            }
            OwnerNews::WentBack { friend, .. } => {
                self.tally.note(Event::WentBack);
                self.comes_forward(owner, host, friend);
            }
            OwnerNews::Forked { friend } => self.begins_again(owner, host, friend),
            OwnerNews::HeadNotShown { .. } => self.tally.note(Event::HeadNotShown),
            OwnerNews::Witnessed(_) => self.tally.note(Event::Witnessed),
            _ => {}
        }
    }

    /// A friend says that it has a pack, durably.
    fn took(&mut self, owner: usize, host: usize, pack: u32) {
        self.tally.note(Event::Held);
        let now = self.now(owner).wall;
        self.houses[owner].sent |= bit(pack);
        let view = &mut self.houses[owner].views[host];
        if view.machine.held().packs == 1 {
            view.proved_any = now;
        }
        view.offered = None;
        view.unproved |= bit(pack);
        view.proved[index(pack)] = now;
    }

    /// Notes an answer.
    fn hear(&mut self, owner: usize, host: usize, pack: u32, answer: Answer) {
        let now = self.now(owner).wall;
        let view = &mut self.houses[owner].views[host];
        let proved = view.proved[index(pack)];
        keep(&mut view.history, Answered { answer, proved }, now);
        if answer == Answer::Proved {
            (view.proved[index(pack)], view.proved_any) = (now, now);
            view.unproved &= !bit(pack);
        } else if answer.is_lost() {
            view.lost |= bit(pack);
            // What else was lost by the same cause is looked for at once.
            view.unproved = Set::MAX;
            self.tally.note(Event::FoundLost);
        }
    }
}
