//! How often a secret may be tried: each place has an allowance, all strange places together have one,
//! and whoever was here before has one of their own.
//!
//! So whoever guesses gets nowhere, however many addresses they guess from, and does not use up what the
//! owner's browser has. Nothing of it is kept over a restart. Start at [`Tries::take`].

use core::net::IpAddr;
use std::collections::BTreeMap;

use types::Millis;

use crate::Refusal;
use crate::password::Verifier;
use crate::person::PersonId;
use crate::session::SessionId;

/// Tries that a place, a browser or a session has in an hour.
pub const TRIES_AN_HOUR: u32 = 10;
/// Tries that all strange places have together in an hour: what a house needs on its worst day.
pub const TRIES_OF_ALL_AN_HOUR: u32 = 60;
/// How often in an hour a right password alone costs nothing: whoever waits for a key asks every ten seconds.
pub const HALVES_AN_HOUR: u32 = 120;
/// Places that are remembered. One that is forgotten had used up least; all together are bounded anyway.
pub const PLACES_MAX: usize = 4_096;

const HOUR: Millis = Millis::from_secs(3_600);

/// Where somebody is who tries: an address, or the network that one household has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place([u8; 8]);

impl From<IpAddr> for Place {
    fn from(address: IpAddr) -> Self {
        let mut front = [0; 8];
        match address.to_canonical() {
            IpAddr::V4(four) => {
                front[..4].copy_from_slice(&four.octets());
                front[7] = 4;
            }
            // Whoever has one address of version 6 has a whole network of them.
            IpAddr::V6(six) => front.copy_from_slice(&six.octets()[..8]),
        }
        Self(front)
    }
}

/// Whose allowance a try is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Lane {
    /// A place where nobody is known.
    Strange(Place),
    /// A browser that the person was signed in with.
    Browser([u8; 8]),
    /// Somebody who is signed in.
    Session([u8; 8]),
    /// Somebody who showed a code of the printed sheet.
    Sheet(PersonId),
    /// Whoever knows a password and lacks the second factor.
    Second(PersonId),
    /// Right passwords alone, from wherever nobody is known.
    Half(PersonId),
    /// The same from a browser, or a session, that is known.
    HalfHere([u8; 8]),
}

impl Lane {
    /// From what is taken how often a right password alone costs nothing.
    pub(crate) fn half(self, person: PersonId) -> Self {
        match self {
            Self::Browser(front) | Self::Session(front) => Self::HalfHere(front),
            _ => Self::Half(person),
        }
    }

    fn an_hour(self) -> u32 {
        match self {
            Self::Half(_) | Self::HalfHere(_) => HALVES_AN_HOUR,
            _ => TRIES_AN_HOUR,
        }
    }
}

/// What was tried of late.
#[derive(Debug)]
pub struct Tries {
    lanes: BTreeMap<Lane, Bucket>,
    all: Bucket,
    /// Checked in the place of somebody who is not known, so that it takes as long.
    pub(crate) nobody: Verifier,
}

/// Tries that are left; they come back one after the other.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Milliseconds' worth: a try costs an hour divided by how many there are in it.
    filled: Millis,
    at: Millis,
}

impl Bucket {
    fn full(now: Millis) -> Self {
        Self { filled: HOUR, at: now }
    }

    fn fill(&mut self, now: Millis) {
        let passed = now.0.saturating_sub(self.at.0);
        *self = Self { filled: Millis(HOUR.0.min(self.filled.0.saturating_add(passed))), at: now };
    }

    /// How long until there is one; zero when there is.
    fn wait(&self, an_hour: u32) -> Millis {
        Millis(price(an_hour).0.saturating_sub(self.filled.0))
    }
}

fn price(an_hour: u32) -> Millis {
    Millis(HOUR.0 / u64::from(an_hour.max(1)))
}

impl Tries {
    /// Nobody has tried yet. `nobody` is checked for names that nobody has.
    pub fn new(nobody: Verifier, now: Millis) -> Self {
        Self { lanes: BTreeMap::new(), all: Bucket::full(now), nobody }
    }

    /// Takes a try, or says how long to wait. One that is refused costs nothing.
    pub(crate) fn take(&mut self, lane: Lane, now: Millis) -> Result<(), Refusal> {
        let mut own = self.lanes.get(&lane).copied().unwrap_or(Bucket::full(now));
        own.fill(now);
        self.all.fill(now);
        let of_all = match lane {
            Lane::Strange(_) => self.all.wait(TRIES_OF_ALL_AN_HOUR),
            _ => Millis(0),
        };
        let wait = own.wait(lane.an_hour()).max(of_all);
        if wait > Millis(0) {
            return Err(Refusal::TooOften { wait });
        }
        own.filled = Millis(own.filled.0 - price(lane.an_hour()).0);
        if let Lane::Strange(_) = lane {
            self.all.filled = Millis(self.all.filled.0 - price(TRIES_OF_ALL_AN_HOUR).0);
        }
        self.lanes.insert(lane, own);
        if self.lanes.len() > PLACES_MAX {
            self.forget_one(now);
        }
        Ok(())
    }

    /// Takes a try of a place for a code, as for a password.
    pub fn take_strange(&mut self, place: Place, now: Millis) -> Result<(), Refusal> {
        self.take(Lane::Strange(place), now)
    }

    /// Whether a place has a try left of its own. What other places used up does not count: else they kept
    /// everybody out.
    pub fn has_strange(&self, place: Place, now: Millis) -> Result<(), Refusal> {
        let own = self.lanes.get(&Lane::Strange(place));
        let mut own = own.copied().unwrap_or(Bucket::full(now));
        own.fill(now);
        match own.wait(TRIES_AN_HOUR) {
            Millis(0) => Ok(()),
            wait => Err(Refusal::TooOften { wait }),
        }
    }

    /// Gives a try back: it was no guess.
    pub(crate) fn give_back(&mut self, lane: Lane) {
        let plus = |bucket: &mut Bucket, an_hour| {
            bucket.filled = Millis(HOUR.0.min(bucket.filled.0 + price(an_hour).0));
        };
        if let Some(own) = self.lanes.get_mut(&lane) {
            plus(own, TRIES_AN_HOUR);
        }
        if let Lane::Strange(_) = lane {
            plus(&mut self.all, TRIES_OF_ALL_AN_HOUR);
        }
    }

    /// Takes a try of somebody who is signed in.
    pub fn take_session(&mut self, session: SessionId, now: Millis) -> Result<(), Refusal> {
        self.take(Lane::Session(session.0), now)
    }

    /// Gives it back.
    pub fn give_back_session(&mut self, session: SessionId) {
        self.give_back(Lane::Session(session.0));
    }

    /// Forgets who has most left.
    fn forget_one(&mut self, now: Millis) {
        let left = |bucket: &Bucket| {
            let mut bucket = *bucket;
            bucket.fill(now);
            bucket.filled
        };
        let fullest = self.lanes.iter().max_by_key(|(_, bucket)| left(bucket));
        if let Some(lane) = fullest.map(|(lane, _)| *lane) {
            self.lanes.remove(&lane);
        }
    }
}
