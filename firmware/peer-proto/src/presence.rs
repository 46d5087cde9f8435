//! Whether a friend's box is there, how it is reached, and when it is dialled again.
//!
//! The box with the smaller id dials, so that two boxes have one connection; who listens waits. After a
//! start it does not wait for ever: its friend holds the connection of before for alive, and a line that
//! says nothing any more is noticed late. It dials nobody by itself: it says when. Start at
//! [`Presence::step`].

use types::{EndpointId, Millis, UnixTime};

use crate::clock::Now;
use crate::limits;

/// What the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// There, with a line from box to box.
    Direct,
    /// There, through a relay: slower, and somebody carries the bytes.
    Relayed,
    /// Not there since a few minutes: a restart, a moved cable.
    Gone,
    /// Not there.
    Offline,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceEvent {
    /// There is a control connection, dialled by either.
    Connected {
        /// Whether it goes through a relay.
        relayed: bool,
    },
    /// It found a shorter way, or lost it.
    Path {
        /// Whether it goes through a relay now.
        relayed: bool,
    },
    /// The friend said something.
    Heard,
    /// The control connection is gone, or a dial failed.
    Lost {
        /// A random number from 0 to 1000: how long the next pause is within its bounds.
        jitter_per_mille: u16,
    },
    /// There is reason to hope: the friend was discovered, or the own or its address changed.
    Hope,
    /// The pact is over or the friend blocked, or that is taken back.
    Allowed(bool),
    /// The own clock is believed: nobody was seen later than now. One that was ahead for a while would
    /// otherwise let a friend seem to be there until it comes.
    ClockIsSure,
    /// Time passes. The same random number as with [`Self::Lost`], for a dial that never ends.
    Tick {
        /// 0 to 1000.
        jitter_per_mille: u16,
    },
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceAction {
    /// Dial, and come back with connected or lost.
    Dial,
    /// What the page shows has changed.
    Changed(Seen),
}

/// One friend's box as this box sees it.
#[derive(Clone, Debug)]
pub struct Presence {
    dials: bool,
    /// No connection was there since the start.
    fresh: bool,
    allowed: bool,
    line: Option<bool>,
    last_seen: Option<UnixTime>,
    /// By the clock that only counts; none after a start.
    gone_at: Option<Millis>,
    dialling: Option<Millis>,
    dial_at: Millis,
    pause: Millis,
    shown: Seen,
}

impl Presence {
    /// After a start: when the friend was last seen is what was written down.
    pub fn new(own: EndpointId, friend: EndpointId, last_seen: Option<UnixTime>, now: Now) -> Self {
        let mut new = Self {
            dials: own < friend,
            fresh: true,
            allowed: true,
            line: None,
            last_seen,
            gone_at: None,
            dialling: None,
            dial_at: now.uptime,
            pause: limits::REDIAL_FIRST,
            shown: Seen::Offline,
        };
        new.dial_at = new.turn(now);
        new
    }

    /// What the page shows.
    pub fn seen(&self, now: Now) -> Seen {
        match (self.line, self.gone_at) {
            (Some(false), _) => Seen::Direct,
            (Some(true), _) => Seen::Relayed,
            (None, Some(at)) if now.uptime.0.saturating_sub(at.0) < limits::GONE_FOR.0 => {
                Seen::Gone
            }
            (None, _) => Seen::Offline,
        }
    }

    /// When the friend was last there; to be written down now and then.
    pub fn last_seen(&self) -> Option<UnixTime> {
        self.last_seen
    }

    /// When the next dial is due, for a driver that sleeps; none while there is a line, or when the
    /// other side dials.
    pub fn next_dial(&self) -> Option<Millis> {
        let is_ours = self.dials || self.fresh;
        let waits = is_ours && self.allowed && self.line.is_none() && self.dialling.is_none();
        waits.then_some(self.dial_at)
    }

    /// Decides.
    pub fn step(&mut self, now: Now, event: PresenceEvent) -> Vec<PresenceAction> {
        match event {
            PresenceEvent::Connected { relayed } => {
                self.line = Some(relayed);
                self.fresh = false;
                self.last_seen = Some(now.wall);
                self.dialling = None;
                self.pause = limits::REDIAL_FIRST;
            }
            PresenceEvent::Path { relayed } => {
                if let Some(line) = &mut self.line {
                    *line = relayed;
                }
            }
            PresenceEvent::Heard => self.last_seen = Some(now.wall),
            PresenceEvent::Lost { jitter_per_mille } => self.lost(now, jitter_per_mille),
            PresenceEvent::Hope => {
                self.pause = limits::REDIAL_FIRST;
                self.dial_at = self.turn(now);
            }
            PresenceEvent::Allowed(allowed) => {
                self.allowed = allowed;
                self.dial_at = self.turn(now);
                if !allowed {
                    self.dialling = None;
                }
            }
            PresenceEvent::ClockIsSure => {
                self.last_seen = self.last_seen.map(|seen| seen.min(now.wall));
            }
            PresenceEvent::Tick { jitter_per_mille } => {
                let is_stuck =
                    |since: Millis| now.uptime.0.saturating_sub(since.0) >= limits::DIAL_WITHIN.0;
                if self.dialling.is_some_and(is_stuck) {
                    self.lost(now, jitter_per_mille);
                }
            }
        }
        self.outcome(now)
    }

    /// When to dial once there is reason to: who listens lets the friend be first, or two connections
    /// would cross, and each side end the other's.
    fn turn(&self, now: Now) -> Millis {
        let wait = if self.dials { 0 } else { limits::LISTENER_DIALS_AFTER.0 };
        Millis(now.uptime.0.saturating_add(wait))
    }

    fn lost(&mut self, now: Now, jitter_per_mille: u16) {
        if self.line.take().is_some() {
            self.gone_at = Some(now.uptime);
            self.last_seen = Some(now.wall);
        }
        self.dialling = None;
        // From half to the whole of the pause, so that two boxes after one power cut do not keep step.
        let share = 500 + u64::from(jitter_per_mille.min(1_000)) / 2;
        self.dial_at = Millis(now.uptime.0.saturating_add(self.pause.0 * share / 1_000));
        self.pause = Millis((self.pause.0 * 2).min(limits::REDIAL_MAX.0));
    }

    fn outcome(&mut self, now: Now) -> Vec<PresenceAction> {
        let mut done = Vec::new();
        if self.next_dial().is_some_and(|at| now.uptime >= at) {
            self.dialling = Some(now.uptime);
            done.push(PresenceAction::Dial);
        }
        let seen = self.seen(now);
        if std::mem::replace(&mut self.shown, seen) != seen {
            done.push(PresenceAction::Changed(seen));
        }
        done
    }
}
