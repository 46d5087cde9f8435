//! Everybody who has to do with a box, as one value that is kept whole.
//!
//! Whatever changes it is made on a copy, kept, and then put in the place of the old one, by whoever
//! holds it. Start at [`House::new`]; who comes in is in `enter`, who is invited in `account`.

use serde::{Deserialize, Serialize};

use crate::Refusal;
use crate::code::{CodeHash, SpokenCode};
use crate::device::{Device, LetGo};
use crate::pairing::Pairing;
use crate::password::Cost;
use crate::person::{Person, PersonId, Role, same_name};
use crate::session::Session;
use crate::time::Now;
use crate::token::{Token, TokenHash};
use types::{Rng, UnixTime};

/// Everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct House {
    pub(crate) cost: Cost,
    pub(crate) people: Vec<Person>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) devices: Vec<Device>,
    /// Sources whose devices were taken back, the last ones.
    #[serde(default)]
    pub(crate) let_go: Vec<LetGo>,
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
            let_go: vec![],
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

    /// Whether nobody waits for a source: its device was taken back, no other stores to it, and nothing came to
    /// it since. `newest` is the time of its newest version.
    pub fn is_let_go(&self, of: PersonId, source: &str, newest: Option<UnixTime>) -> bool {
        let mut all = self.let_go.iter().filter(|one| one.person == of && one.source == source);
        let since = |one: &LetGo| newest.is_none_or(|newest| newest.0 <= one.at_ms);
        all.any(since) && !self.has_device_of(of, source)
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
