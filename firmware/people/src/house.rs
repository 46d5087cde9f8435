//! Everybody who has to do with a box, as one value that is kept whole.
//!
//! Whatever changes it is made on a copy, kept, and then put in the place of the old one, by whoever
//! holds it. Start at [`House::new`]; who comes in is in `enter`, who is invited in `account`.

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::code::{CodeHash, SpokenCode};
use crate::device::Device;
use crate::pairing::Pairing;
use crate::password::Cost;
use crate::person::{Person, PersonId, Role, same_name};
use crate::session::Session;
use crate::time::Now;
use crate::token::{Token, TokenHash};
use types::Rng;

/// Everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct House {
    pub(crate) cost: Cost,
    pub(crate) people: Vec<Person>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) devices: Vec<Device>,
    /// The code of the first start: a new one each time, and never kept.
    #[serde(skip)]
    pub(crate) claim: Option<CodeHash>,
    /// Codes for computers: short-lived, and never kept.
    #[serde(skip)]
    pub(crate) pairings: Vec<Pairing>,
}

impl House {
    /// Of a box that nobody has claimed. `cost` is that of the passwords to come.
    pub fn new(cost: Cost) -> Self {
        Self {
            cost,
            people: vec![],
            sessions: vec![],
            devices: vec![],
            claim: None,
            pairings: vec![],
        }
    }

    /// Whether somebody owns the box.
    pub fn is_claimed(&self) -> bool {
        self.people.iter().any(|person| person.role == Role::Owner)
    }

    /// A new code for the first start, in the place of any before; none when it is claimed.
    pub fn new_claim(&mut self, rng: &dyn Rng) -> Option<SpokenCode> {
        if self.is_claimed() {
            return None;
        }
        let code = SpokenCode::fresh(rng);
        self.claim = Some(code.hash());
        Some(code)
    }

    /// What passwords cost here.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Everybody, in the order in which they came.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// One person.
    pub fn person(&self, id: PersonId) -> Result<&Person, Refusal> {
        self.people.iter().find(|person| person.id == id).ok_or(Refusal::NotFound)
    }

    pub(crate) fn person_mut(&mut self, id: PersonId) -> Result<&mut Person, Refusal> {
        self.people.iter_mut().find(|person| person.id == id).ok_or(Refusal::NotFound)
    }

    /// The person of this name.
    pub fn named(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| same_name(&person.name, name))
    }

    /// Whether somebody has this name.
    pub fn is_known(&self, name: &str) -> bool {
        self.named(name).is_some()
    }

    /// A person's sessions that are not over.
    pub fn sessions(&self, of: PersonId, now: Now) -> impl Iterator<Item = &Session> {
        let own = move |one: &&Session| one.person == of && !one.is_over(now.wall);
        self.sessions.iter().filter(own)
    }

    /// A person's devices.
    pub fn devices(&self, of: PersonId) -> impl Iterator<Item = &Device> {
        self.devices.iter().filter(move |one| one.person == of)
    }

    /// The session of a token and whose it is.
    pub fn session(&self, token: &Token, now: Now) -> Result<(&Session, &Person), Refusal> {
        let hash = token.hash();
        let session = self.sessions.iter().find(|one| one.token == hash);
        let session = session.filter(|one| !one.is_over(now.wall)).ok_or(Refusal::NoSession)?;
        let person = self.person(session.person).map_err(|_| Refusal::NoSession)?;
        if person.is_over(now.wall) {
            return Err(Refusal::NoSession);
        }
        Ok((session, person))
    }

    /// The device of a token and whose it is.
    pub fn device(&self, token: &Token, now: Now) -> Result<(&Device, &Person), Refusal> {
        let hash = token.hash();
        let device = self.devices.iter().find(|one| one.token == hash).ok_or(Refusal::NoToken)?;
        let person = self.person(device.person).map_err(|_| Refusal::NoToken)?;
        // A helper has no data, so none of its devices has any.
        if person.is_over(now.wall) || person.role == Role::Helper {
            return Err(Refusal::NoToken);
        }
        Ok((device, person))
    }

    /// Whether it would be worth noting that a token is used now.
    pub fn is_worth_noting(&self, token: &Token, now: Now) -> bool {
        let hash = token.hash();
        let session = self.sessions.iter().find(|one| one.token == hash);
        let device = self.devices.iter().find(|one| one.token == hash);
        session.is_some_and(|one| one.clone().is_used(now.wall))
            || device.is_some_and(|one| one.clone().is_used(now.wall))
    }

    /// Notes that a token is used; says whether that is worth being kept.
    pub fn is_used(&mut self, token: &Token, now: Now) -> bool {
        let hash: TokenHash = token.hash();
        let session = self.sessions.iter_mut().find(|one| one.token == hash);
        let device = self.devices.iter_mut().find(|one| one.token == hash);
        session.is_some_and(|one| one.is_used(now.wall))
            || device.is_some_and(|one| one.is_used(now.wall))
    }
}
