//! The line between two boxes: frames in their order, until it is cut, anywhere. Start at [`World::meet`].

use std::collections::VecDeque;

use peer_proto::host::{HostEvent, LineId, StreamId};
use peer_proto::owner::{AskId, OwnerEvent, Verdict};
use peer_proto::pact::{PactEvent, Phase};
use peer_proto::wire::{CtlAsk, HeadPoint, PackAsk, PackSay};
use types::PackId;

use crate::world::{Character, World};
use crate::{Event, Sabotage};

/// Of the times that two boxes meet, one in so many is cut off after a few frames.
const IS_CUT: u32 = 8;
/// Frames that then still arrive, at most.
const FRAMES_BEFORE: u32 = 60;
/// Frames of one meeting at most: a machine that never came to rest would be seen by it.
const FRAMES_MAX: u32 = 20_000;

/// What goes over it.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Ask(u64, Box<PackAsk>),
    Body(AskId, PackId, u64),
    HeadBody(AskId, Vec<u8>),
    Say(AskId, PackSay),
    /// The bytes of a proof, and what verifying them comes to.
    Proof(AskId, Verdict),
    /// What was asked for outside the machines.
    Served(u64, Option<Vec<u8>>),
    Hello(Option<HeadPoint>),
    Ctl(Box<CtlAsk>),
}

/// A frame on its way.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    to: usize,
    from: usize,
    what: What,
}

/// Between two boxes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) open: bool,
    /// Later ones have higher numbers, in the whole world.
    pub(crate) number: u64,
    frames: VecDeque<Frame>,
}

impl World {
    pub(crate) fn line(&self, one: usize, other: usize) -> &Line {
        &self.lines[one.min(other) * self.houses.len() + one.max(other)]
    }

    fn line_mut(&mut self, one: usize, other: usize) -> &mut Line {
        let houses = self.houses.len();
        &mut self.lines[one.min(other) * houses + one.max(other)]
    }

    /// Puts a frame on the line, if there is one. Who forges says everything twice.
    pub(crate) fn send(&mut self, from: usize, to: usize, what: What) {
        if !self.line(from, to).open {
            return;
        }
        let may_repeat = matches!(what, What::Ask(..) | What::Say(..) | What::Ctl(_));
        let twice = may_repeat && self.behaves(from) == Character::Forger && self.dice.once_in(4);
        let frame = Frame { to, from, what };
        let line = self.line_mut(from, to);
        if twice {
            line.frames.push_back(frame.clone());
        }
        line.frames.push_back(frame);
        self.tally.notes(Event::Replayed, u64::from(twice));
    }

    /// Of one stream nothing more arrives.
    pub(crate) fn forget_stream(&mut self, one: usize, other: usize, number: u64) {
        let is_other = |frame: &Frame| match &frame.what {
            What::Ask(ask, _) | What::Served(ask, _) => *ask != number,
            What::Body(ask, ..) | What::HeadBody(ask, _) | What::Say(ask, _) => ask.0 != number,
            What::Proof(ask, _) => ask.0 != number,
            What::Hello(_) | What::Ctl(_) => true,
        };
        self.line_mut(one, other).frames.retain(|frame| {
            is_other(frame) || !matches!((frame.from, frame.to), (a, b) if a == one || b == one)
        });
    }

    fn both_up(&self, one: usize, other: usize) -> bool {
        let up = |house: usize| self.houses[house].is_up(self.day) && !self.houses[house].crashed;
        up(one) && up(other)
    }

    fn may_speak(&self, one: usize, other: usize) -> bool {
        let stands = |a: usize, b: usize| {
            let bond = self.houses[a].bonds[b].as_ref();
            bond.is_some_and(|bond| bond.life.phase() != Phase::Over)
        };
        stands(one, other) && stands(other, one)
    }

    /// All boxes that are up speak with one another until nothing is left to be said.
    pub(crate) fn meet(&mut self) {
        for one in 0..self.houses.len() {
            for other in 0..one {
                if !self.both_up(one, other) {
                    self.cut(other, one, true);
                    continue;
                }
                let is_cut = self.is_rough && self.dice.once_in(IS_CUT);
                let frames = if is_cut { self.dice.roll(FRAMES_BEFORE) } else { FRAMES_MAX };
                self.speak(other, one, frames);
                if is_cut || self.houses[one].crashed || self.houses[other].crashed {
                    self.start_again(one);
                    self.start_again(other);
                    // A few minutes later they have found each other again.
                    self.ms += 600_000;
                    let again = self.dice.once_in(2);
                    self.speak(other, one, if again { FRAMES_MAX } else { 0 });
                    self.start_again(one);
                    self.start_again(other);
                }
            }
        }
        self.ms += 3_600_000;
    }

    /// Frames arrive, so many at most; then the line is cut.
    fn speak(&mut self, one: usize, other: usize, frames: u32) {
        if frames > 0 && !self.line(one, other).open && self.may_speak(one, other) {
            self.connect(one, other);
        }
        for _ in 0..frames {
            let Some(frame) = self.line_mut(one, other).frames.pop_front() else { return };
            self.arrive(frame);
            if self.houses[one].crashed || self.houses[other].crashed {
                break;
            }
        }
        self.cut(one, other, self.day.is_multiple_of(2));
    }

    fn connect(&mut self, one: usize, other: usize) {
        self.line_count += 1;
        let number = self.line_count;
        *self.line_mut(one, other) = Line { open: true, number, frames: VecDeque::new() };
        for (host, owner) in [(one, other), (other, one)] {
            let wall = self.now(owner).wall;
            self.houses[owner].views[host].last_seen = wall;
            self.host_on(host, owner, HostEvent::Opened(LineId(number)));
            self.owner_on(owner, host, OwnerEvent::Opened);
            self.pact_on(host, owner, PactEvent::Connected);
            let saw = self.says_it_saw(host, owner);
            self.send(host, owner, What::Hello(saw));
        }
    }

    /// The line is gone, with everything on it. Whether the host hears of it at once is open.
    pub(crate) fn cut(&mut self, one: usize, other: usize, host_hears: bool) {
        let line = self.line_mut(one, other);
        if !line.open {
            return;
        }
        let number = LineId(line.number);
        let was_busy = !line.frames.is_empty();
        // Half of what was under way had arrived.
        let half = line.frames.iter().find_map(|frame| match frame.what {
            What::Body(ask, root, more) => Some((frame.to, frame.from, (ask, root), more / 2)),
            _ => None,
        });
        line.frames.clear();
        if let Some((to, from, what, more)) = half {
            self.body(to, from, what, more);
            self.line_mut(one, other).frames.clear();
        }
        self.line_mut(one, other).open = false;
        self.tally.notes(Event::Cut, u64::from(was_busy));
        for (host, owner) in [(one, other), (other, one)] {
            self.houses[host].shelves[owner].receiving.clear();
            if host_hears {
                self.host_on(host, owner, HostEvent::Closed(number));
            }
            self.owner_on(owner, host, OwnerEvent::Closed);
        }
    }

    fn arrive(&mut self, Frame { to, from, what }: Frame) {
        let line = LineId(self.line(to, from).number);
        match what {
            What::Ask(_, ask)
                if self.sabotage == Sabotage::NoLists && matches!(*ask, PackAsk::List(_)) => {}
            What::Ask(number, ask) => {
                let stream = StreamId { line, number };
                self.host_on(to, from, HostEvent::Asked { stream, ask: *ask });
            }
            What::Body(ask, root, more) => self.body(to, from, (ask, root), more),
            What::HeadBody(ask, bytes) => {
                let stream = StreamId { line, number: ask.0 };
                self.host_on(to, from, HostEvent::HeadArrived { stream, bytes });
            }
            What::Say(ask, say) => self.owner_on(to, from, OwnerEvent::Said { ask, say }),
            What::Proof(ask, verdict) => {
                self.owner_on(to, from, OwnerEvent::Verified { ask, verdict });
            }
            What::Served(number, bytes) => self.served(to, from, (number, bytes)),
            What::Hello(head) => self.hear_hello(to, from, head),
            What::Ctl(ask) => self.pact_on(to, from, PactEvent::Heard(ask)),
        }
    }
}
