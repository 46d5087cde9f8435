//! How accounts come and go: the claim of a new box, invitations, second factors, devices, leaving.
//!
//! Nobody but its person ever knows a password: whoever is invited chooses one. Start at
//! [`House::claim`].

use types::{Millis, Rng, UnixTime};

use crate::code::SpokenCode;
use crate::device::{DEVICES_MAX, Device, LetGo, NewDevice, Scope};
use crate::house::House;
use crate::password::Verifier;
use crate::person::{HELPER_MAX, Person, PersonId, Proof, Role, good_name};
use crate::quota::good_quota;
use crate::session::SessionId;
use crate::sheet::Sheet;
use crate::time::Now;
use crate::token::Token;
use crate::totp::{Totp, TotpSecret};
use crate::{DeviceId, Refusal};

/// People in a house.
const PEOPLE_MAX: usize = 64;
/// Sources that are remembered as let go; of an older one it is said again that nothing comes.
const LET_GO_MAX: usize = 512;

/// Somebody who was invited, and the code that is told once.
#[derive(Debug)]
pub struct Invited {
    /// Who.
    pub person: PersonId,
    /// The code with which they choose their password.
    pub code: SpokenCode,
}

impl House {
    /// Whether this is the code of the first start.
    pub fn may_claim(&self, code: &str) -> Result<(), Refusal> {
        if self.is_claimed() {
            return Err(Refusal::Claimed);
        }
        match &self.claim {
            Some(claim) if claim.is(code) => Ok(()),
            _ => Err(Refusal::WrongCode),
        }
    }

    /// Makes the first owner. The code works once.
    pub fn claim(
        &mut self,
        code: &str,
        name: &str,
        password: Verifier,
        now: Now,
        rng: &dyn Rng,
    ) -> Result<PersonId, Refusal> {
        self.may_claim(code)?;
        let name = self.free_name(name, None)?;
        self.claim = None;
        Ok(self.put(name, Role::Owner, None, Proof::Password(password), now.wall, rng))
    }

    /// Whether a person may have this name.
    pub fn free_name(&self, name: &str, except: Option<PersonId>) -> Result<String, Refusal> {
        let name = good_name(name)?;
        match self.named(&name) {
            Some(other) if Some(other.id) != except => Err(Refusal::NameTaken),
            _ => Ok(name),
        }
    }

    /// Invites somebody. A helper's time ends after `helps_for`.
    pub fn invite(
        &mut self,
        name: &str,
        role: Role,
        helps_for: Option<Millis>,
        now: Now,
        rng: &dyn Rng,
    ) -> Result<Invited, Refusal> {
        let name = self.free_name(name, None)?;
        if self.people.len() >= PEOPLE_MAX {
            return Err(Refusal::TooMany);
        }
        let until = match (role, helps_for) {
            (Role::Helper, Some(span)) if span.0 > 0 && span <= HELPER_MAX => {
                Some(now.wall.plus(span).0)
            }
            (Role::Helper, _) => return Err(Refusal::HelperTime),
            (Role::Owner | Role::Member, _) => None,
        };
        let code = SpokenCode::fresh(rng);
        let person = self.put(name, role, until, Proof::Invited(code.hash()), now.wall, rng);
        Ok(Invited { person, code })
    }

    /// Who was invited by this name and this code.
    pub fn invited(&self, name: &str, code: &str, now: Now) -> Result<PersonId, Refusal> {
        let person = self.named(name).filter(|one| !one.is_over(now.wall));
        match person.map(|one| (one.id, &one.proof)) {
            Some((id, Proof::Invited(hash))) if hash.is(code) => Ok(id),
            _ => Err(Refusal::WrongCode),
        }
    }

    /// Whoever was invited has chosen a password. The code works once.
    pub fn join(
        &mut self,
        name: &str,
        code: &str,
        password: Verifier,
        now: Now,
    ) -> Result<PersonId, Refusal> {
        let id = self.invited(name, code, now)?;
        self.person_mut(id)?.proof = Proof::Password(password);
        Ok(id)
    }

    /// Signs somebody in who has just chosen a password: a session, and a token for the browser.
    pub fn welcome(
        &mut self,
        id: PersonId,
        agent: &str,
        now: Now,
        rng: &dyn Rng,
    ) -> Result<crate::SignedIn, Refusal> {
        let browser = Token::fresh(rng);
        self.person_mut(id)?.browsers.push(browser.hash());
        let (session, token) = self.begin_session(id, agent, now, rng);
        let browser = Some(browser);
        Ok(crate::SignedIn { person: id, id: session, session: token, browser })
    }

    fn put(
        &mut self,
        name: String,
        role: Role,
        until_ms: Option<i64>,
        proof: Proof,
        now: UnixTime,
        rng: &dyn Rng,
    ) -> PersonId {
        let id = PersonId::fresh(rng);
        let (sheet, browsers) = (Sheet::default(), Vec::new());
        let created_ms = now.0;
        let (totp, key, quota, stored) = (None, None, None, 0);
        self.people.push(Person {
            id,
            name,
            role,
            until_ms,
            created_ms,
            quota,
            stored,
            proof,
            totp,
            key,
            sheet,
            browsers,
        });
        id
    }

    /// Removes somebody: their sessions and devices end, and what they stored stays.
    pub fn remove(&mut self, id: PersonId) -> Result<(), Refusal> {
        let person = self.person(id)?;
        let owns = |one: &&Person| one.role == Role::Owner && one.has_joined();
        if owns(&person) && self.people.iter().filter(owns).count() == 1 {
            return Err(Refusal::LastOwner);
        }
        self.people.retain(|one| one.id != id);
        self.sessions.retain(|one| one.person != id);
        self.devices.retain(|one| one.person != id);
        self.let_go.retain(|one| one.person != id);
        Ok(())
    }

    /// A new password. All other sessions end, and browsers that were known are strange again.
    pub fn set_password(
        &mut self,
        id: PersonId,
        password: Verifier,
        stays: SessionId,
    ) -> Result<(), Refusal> {
        let person = self.person_mut(id)?;
        person.proof = Proof::Password(password);
        person.browsers.clear();
        if let Some(key) = &mut person.key {
            // Whoever waited for it had the old one only.
            key.wanted_ms = None;
        }
        self.sessions.retain(|one| one.person != id || one.id() == stays);
        Ok(())
    }

    /// Ends one of somebody's sessions.
    pub fn end_session(&mut self, of: PersonId, id: &str) -> Result<(), Refusal> {
        let before = self.sessions.len();
        self.sessions.retain(|one| one.person != of || one.id().to_string() != id);
        if self.sessions.len() == before { Err(Refusal::NotFound) } else { Ok(()) }
    }

    /// A secret for an app; it counts once a first code was shown.
    pub fn new_totp(&mut self, id: PersonId, rng: &dyn Rng) -> Result<TotpSecret, Refusal> {
        let secret = TotpSecret::fresh(rng);
        let person = self.person_mut(id)?;
        if person.has_totp() {
            return Err(Refusal::TooMany);
        }
        person.totp = Some(Totp::new(secret.clone()));
        Ok(secret)
    }

    /// The app's first code: from now on one is asked for.
    pub fn confirm_totp(&mut self, id: PersonId, code: &str, now: Now) -> Result<(), Refusal> {
        let totp = self.person_mut(id)?.totp.as_mut().ok_or(Refusal::NotFound)?;
        if !totp.take(code, now.wall) {
            return Err(Refusal::WrongCode);
        }
        totp.is_confirmed = true;
        Ok(())
    }

    /// The app counts no more. Where it is all that there is beside a key it stays: that can be lost.
    pub fn drop_totp(&mut self, id: PersonId) -> Result<(), Refusal> {
        let person = self.person_mut(id)?;
        if person.key.is_some() && person.codes_left() == 0 {
            return Err(Refusal::NoOtherWay);
        }
        person.totp = None;
        Ok(())
    }

    /// A new printed sheet in the place of the old one.
    pub fn new_sheet(&mut self, id: PersonId, rng: &dyn Rng) -> Result<Vec<SpokenCode>, Refusal> {
        let (sheet, codes) = Sheet::fresh(rng);
        self.person_mut(id)?.sheet = sheet;
        Ok(codes)
    }

    /// A token for a device.
    pub fn new_device(
        &mut self,
        of: PersonId,
        (name, scope, quota): (&str, Scope, Option<u64>),
        now: Now,
        rng: &dyn Rng,
    ) -> Result<NewDevice, Refusal> {
        if self.person(of)?.role == Role::Helper {
            return Err(Refusal::NotAllowed);
        }
        let (name, quota) = (good_name(name)?, good_quota(quota)?);
        if self.devices(of).count() >= DEVICES_MAX {
            return Err(Refusal::TooMany);
        }
        if self.devices(of).any(|one| one.name == name) {
            return Err(Refusal::NameTaken);
        }
        let token = Token::fresh(rng);
        let device = Device {
            token: token.hash(),
            person: of,
            name,
            scope,
            quota,
            stored: 0,
            since_ms: now.wall.0,
            used_ms: None,
            visits_ms: Vec::new(),
        };
        self.devices.push(device.clone());
        Ok(NewDevice { device, token })
    }

    /// Takes a device's token back.
    pub fn remove_device(&mut self, of: PersonId, id: &str, now: Now) -> Result<DeviceId, Refusal> {
        let found = self.devices(of).find(|one| one.id().to_string() == id);
        let found = found.ok_or(Refusal::NotFound)?;
        let (found, source) = (found.id(), found.stores_to().map(str::to_owned));
        self.devices.retain(|one| one.person != of || one.id() != found);
        if let Some(source) = source {
            self.let_go.retain(|one| one.person != of || one.source != source);
            self.let_go.push(LetGo { person: of, source, at_ms: now.wall.0 });
            let more = self.let_go.len().saturating_sub(LET_GO_MAX);
            self.let_go.drain(..more);
        }
        Ok(found)
    }
}
