//! Codes with which a computer becomes a device of a person: short-lived, good once, and never kept.
//!
//! They end with the program. Start at [`House::new_pairing`].

use types::{Millis, Rng};

use crate::Refusal;
use crate::code::{CodeHash, SpokenCode};
use crate::device::{NewDevice, Scope};
use crate::house::House;
use crate::person::{PersonId, Role};
use crate::quota::good_quota;
use crate::time::Now;

/// How long a code is good for.
pub const PAIRING_FOR: Millis = Millis(15 * 60 * 1_000);
/// Codes of one person at once.
const PAIRINGS_MAX: usize = 8;

/// A code that somebody was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pairing {
    code: CodeHash,
    person: PersonId,
    source: Option<String>,
    quota: Option<u64>,
    /// By the clock that only counts.
    until: Millis,
}

/// What a code is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairingFor {
    /// Whose device it makes.
    pub person: PersonId,
    /// The source that the device goes on with, if one was named.
    pub source: Option<String>,
}

impl House {
    /// A code for a computer of this person.
    pub fn new_pairing(
        &mut self,
        of: PersonId,
        (source, quota): (Option<String>, Option<u64>),
        now: Now,
        rng: &dyn Rng,
    ) -> Result<SpokenCode, Refusal> {
        if self.person(of)?.role == Role::Helper {
            return Err(Refusal::NotAllowed);
        }
        let quota = good_quota(quota)?;
        self.pairings.retain(|one| one.until > now.uptime);
        if self.pairings.iter().filter(|one| one.person == of).count() >= PAIRINGS_MAX {
            return Err(Refusal::TooMany);
        }
        let code = SpokenCode::fresh(rng);
        let until = Millis(now.uptime.0.saturating_add(PAIRING_FOR.0));
        self.pairings.push(Pairing { code: code.hash(), person: of, source, quota, until });
        Ok(code)
    }

    fn pairing(&self, code: &str, now: Now) -> Result<&Pairing, Refusal> {
        let is_it = |one: &&Pairing| one.until > now.uptime && one.code.is(code);
        let found = self.pairings.iter().find(is_it).ok_or(Refusal::WrongCode)?;
        // Who is gone has no devices.
        let person = self.person(found.person).map_err(|_| Refusal::WrongCode)?;
        if person.is_over(now.wall) { Err(Refusal::WrongCode) } else { Ok(found) }
    }

    /// What a code is good for.
    pub fn may_pair(&self, code: &str, now: Now) -> Result<PairingFor, Refusal> {
        let found = self.pairing(code, now)?;
        Ok(PairingFor { person: found.person, source: found.source.clone() })
    }

    /// Whether a device of this person stores to this source.
    pub fn has_device_of(&self, person: PersonId, name: &str) -> bool {
        self.devices(person).any(|one| one.stores_to() == Some(name))
    }

    /// Makes the device. The code works once. Unless it was made for that very source, no other device is of it.
    pub fn pair(
        &mut self,
        code: &str,
        (name, source): (&str, &str),
        now: Now,
        rng: &dyn Rng,
    ) -> Result<NewDevice, Refusal> {
        let found = self.pairing(code, now)?.clone();
        if found.source.is_none() && self.has_device_of(found.person, source) {
            return Err(Refusal::NameTaken);
        }
        let scope = Scope::Backup { source: source.to_owned() };
        let made = self.new_device(found.person, (name, scope, found.quota), now, rng)?;
        self.pairings.retain(|one| *one != found);
        Ok(made)
    }
}
