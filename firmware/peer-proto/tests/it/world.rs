//! Two boxes, their disks and a line between them that loses, repeats, reorders and cuts.
//!
//! Bo's box (the owner) keeps packs at Anna's (the host). Everything a machine wants done is done here as
//! a driver would, one action after the other, and a crash may come between any two of them: what was not
//! durable is gone. The disks' own books are kept apart from the machines, and compared after each step.

use std::collections::{BTreeMap, BTreeSet};

use peer_proto::clock::Now;
use peer_proto::host::{Host, HostEvent, LineId, Record, StreamId};
use peer_proto::limits::charge;
use peer_proto::owner::{AskId, CopyRecord, CopyStage, Item, Owner, OwnerEvent, OwnerNews};
use peer_proto::pact::{PactLife, Part};
use peer_proto::wire::{Kind, PackAsk, PackSay};
use types::{Bytes, Millis, PackId};

use crate::boxes::{NOON, pact, terms};

/// Every pack of the world has this length.
pub(crate) const SIZE: u64 = 1 << 20;
pub(crate) const GROUP: u64 = SIZE / 4;
pub(crate) fn root(of: u8) -> PackId {
    PackId([of; 32])
}

/// What is on the line.
#[derive(Clone, Debug)]
pub(crate) enum Frame {
    Ask(PackAsk),
    /// A quarter of a pack; the last one that was asked for, or not.
    Body(PackId, u64, bool),
    Say(PackSay),
}

#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) line: u64,
    pub(crate) ask: AskId,
    pub(crate) frame: Frame,
}

/// What is written on Anna's disk.
#[derive(Debug, Default)]
pub(crate) struct HostDisk {
    pub(crate) records: Vec<Record>,
    pub(crate) files: BTreeMap<PackId, u64>,
    pub(crate) parts: BTreeMap<PackId, BTreeSet<u64>>,
    /// When a deletion was first noted since the pack was last wanted, by a clock that nothing moves.
    pub(crate) told: BTreeMap<PackId, Millis>,
}

/// The world.
pub(crate) struct World {
    pub(crate) host: Host,
    pub(crate) host_pact: PactLife,
    pub(crate) host_disk: HostDisk,
    pub(crate) owner: Owner,
    pub(crate) owner_pact: PactLife,
    pub(crate) owner_records: Vec<CopyRecord>,
    /// The line that the owner has open, and the one that the host knows of.
    pub(crate) line: Option<u64>,
    lines: u64,
    pub(crate) to_host: Vec<Sent>,
    pub(crate) to_owner: Vec<Sent>,
    pub(crate) now: Now,
    /// Actions until the next crash of each.
    pub(crate) host_dies_in: Option<usize>,
    pub(crate) owner_dies_in: Option<usize>,
    pub(crate) quota: Bytes,
    pub(crate) wanted: BTreeSet<PackId>,
    pub(crate) news: Vec<OwnerNews>,
    pub(crate) bodies_sent: u64,
}

impl World {
    pub(crate) fn new(quota: u64) -> Self {
        let now = Now { wall: NOON, uptime: Millis(0) };
        let signed = pact(terms(quota));
        let life = |part| PactLife::new(part, signed.clone()).unwrap();
        let (host, first) = Host::new(now);
        let mut world = Self {
            host,
            host_pact: life(Part::Inviter),
            host_disk: HostDisk::default(),
            owner: Owner::new(),
            owner_pact: life(Part::Invitee),
            owner_records: Vec::new(),
            line: None,
            lines: 0,
            to_host: Vec::new(),
            to_owner: Vec::new(),
            now,
            host_dies_in: None,
            owner_dies_in: None,
            quota: Bytes(quota),
            wanted: BTreeSet::new(),
            news: Vec::new(),
            bodies_sent: 0,
        };
        first.into_iter().for_each(|action| world.do_at_host(action));
        world.at_host(HostEvent::Room(Bytes(1 << 50)));
        world
    }

    pub(crate) fn figures(&self) -> (peer_proto::wire::Figures, peer_proto::wire::Figures) {
        (self.host.kept(), self.owner.held())
    }

    pub(crate) fn is_held(&self, root: PackId) -> bool {
        self.owner.copy(root).is_some_and(|copy| copy.stage == CopyStage::Held)
    }

    pub(crate) fn files(&self) -> usize {
        self.host_disk.files.len()
    }

    pub(crate) fn host_dies_in(&mut self, actions: usize) {
        self.host_dies_in = Some(actions);
    }

    pub(crate) fn owner_dies_in(&mut self, actions: usize) {
        self.owner_dies_in = Some(actions);
    }

    pub(crate) fn want(&mut self, packs: impl IntoIterator<Item = u8>) {
        self.wanted.extend(packs.into_iter().map(root));
        let missing = self.wanted.iter().filter(|root| !self.is_held(**root));
        let item = |root: &PackId| Item { root: *root, size: SIZE, kind: Kind::Data };
        let items = missing.map(item).collect();
        self.at_owner(OwnerEvent::Want(items));
    }

    pub(crate) fn unwant(&mut self, packs: impl IntoIterator<Item = u8>) {
        let roots: Vec<PackId> = packs.into_iter().map(root).collect();
        self.wanted.retain(|root| !roots.contains(root));
        self.at_owner(OwnerEvent::Unwant(roots));
    }

    /// A disk of Anna's loses a pack without a word.
    pub(crate) fn rot(&mut self, of: u8) {
        if self.host_disk.files.remove(&root(of)).is_some() {
            self.host_disk.told.remove(&root(of));
            self.at_host(HostEvent::Rotten(root(of)));
        }
    }

    pub(crate) fn connect(&mut self) {
        self.lines += 1;
        self.line = Some(self.lines);
        self.to_owner.clear();
        // The host hears of the new line; that the old one is gone it may hear late or never.
        self.at_host(HostEvent::Opened(LineId(self.lines)));
        self.at_owner(OwnerEvent::Opened);
    }

    pub(crate) fn cut(&mut self, host_hears: bool) {
        let Some(line) = self.line.take() else { return };
        self.to_owner.clear();
        if host_hears {
            self.at_host(HostEvent::Closed(LineId(line)));
        }
        self.at_owner(OwnerEvent::Closed);
    }

    pub(crate) fn pass(&mut self, span: Millis) {
        self.now.wall = self.now.wall.plus(span);
        self.now.uptime = Millis(self.now.uptime.0 + span.0);
        self.at_host(HostEvent::Tick);
        self.at_owner(OwnerEvent::Tick);
    }

    /// The host's clock alone jumps.
    pub(crate) fn jump(&mut self, days: i64) {
        self.now.wall.0 += days * 86_400_000;
        self.at_host(HostEvent::Tick);
    }

    pub(crate) fn clock_agreed(&mut self) {
        self.now.wall = NOON.plus(self.now.uptime);
        self.at_host(HostEvent::ClockAgreed);
    }

    /// One frame arrives: any of those on the way, so that streams overtake each other; a second time
    /// too, while its stream is open. Frames of one stream keep their order.
    pub(crate) fn deliver(&mut self, pick: usize, twice: bool) -> bool {
        let all = self.to_host.len() + self.to_owner.len();
        if all == 0 {
            return false;
        }
        let pick = pick % all;
        if pick < self.to_host.len() {
            let sent = take_first_of_stream(&mut self.to_host, pick);
            self.arrive_at_host(sent.clone());
            if twice && matches!(sent.frame, Frame::Ask(_)) {
                self.arrive_at_host(sent);
            }
        } else {
            let pick = pick - self.to_host.len();
            let sent = take_first_of_stream(&mut self.to_owner, pick);
            if self.line == Some(sent.line)
                && let Frame::Say(say) = sent.frame
            {
                self.at_owner(OwnerEvent::Said { ask: sent.ask, say });
            }
        }
        true
    }

    /// A stream breaks: whatever of it is on the way is lost, and both sides hear of it.
    pub(crate) fn lose(&mut self, pick: usize) {
        let all: Vec<(u64, AskId)> =
            self.to_host.iter().chain(&self.to_owner).map(|sent| (sent.line, sent.ask)).collect();
        let Some((line, ask)) = all.get(pick % all.len().max(1)).copied() else { return };
        let is_other = |sent: &Sent| (sent.line, sent.ask) != (line, ask);
        self.to_host.retain(is_other);
        self.to_owner.retain(is_other);
        self.at_host(HostEvent::Ended(stream(line, ask)));
        if self.line == Some(line) {
            self.at_owner(OwnerEvent::Broken(ask));
        }
    }

    /// What must be so at every moment.
    pub(crate) fn check(&self) {
        let on_disk: u64 = self.host_disk.files.values().map(|size| charge(*size).0).sum();
        assert!(Bytes(on_disk) <= self.quota, "more on the disk than was agreed");
        assert!(self.host.used() <= self.quota, "more counted than was agreed");
        assert!(self.owner.held().bytes <= self.quota, "more believed than was agreed");
    }

    /// Of what the owner relies on, every copy is a file, unless a disk lost it.
    pub(crate) fn check_held(&self) {
        for copy in self.owner.copies().filter(|copy| copy.stage == CopyStage::Held) {
            assert!(self.host_disk.files.contains_key(&copy.root), "{} counts", copy.root);
        }
    }

    /// Everything arrives, nothing is cut, and a few days pass: both must come to rest.
    pub(crate) fn settle(&mut self) {
        (self.host_dies_in, self.owner_dies_in) = (None, None);
        self.clock_agreed();
        for _ in 0..4 {
            self.connect();
            for _ in 0..3 {
                self.want([]);
                while self.deliver(0, false) {}
                self.pass(Millis::from_secs(7_200));
                while self.deliver(0, false) {}
            }
            self.pass(Millis::from_days(1));
            while self.deliver(0, false) {}
        }
    }
}

pub(crate) fn stream(line: u64, ask: AskId) -> StreamId {
    StreamId { line: LineId(line), number: ask.0 }
}

/// The oldest frame of the stream of the picked one.
fn take_first_of_stream(frames: &mut Vec<Sent>, pick: usize) -> Sent {
    let (line, ask) = (frames[pick].line, frames[pick].ask);
    let first = frames.iter().position(|sent| (sent.line, sent.ask) == (line, ask));
    frames.remove(first.unwrap_or(pick))
}
