//! Coming in: name, password, and a second factor where one is wanted.
//!
//! In three steps, because the middle one takes a third of a second and nobody may wait for it:
//! [`House::may_try`], [`Attempt::check`], [`House::sign_in`]. Whether a name is known can be told
//! neither from the answer nor from how long it takes. Start at [`House::may_try`].

use types::Rng;

use crate::Refusal;
use crate::house::House;
use crate::key_file::KeyFile;
use crate::password::Verifier;
use crate::person::{BROWSERS_MAX, Person, PersonId, Proof};
use crate::session::{ELEVATED_FOR, SESSIONS_MAX, Session, SessionId};
use crate::time::Now;
use crate::token::Token;
use crate::tries::{Lane, Place, Tries};

/// What is shown beside the password.
#[derive(Clone, Debug, Default)]
pub struct Factor {
    /// From an app, or from the printed sheet.
    pub code: Option<String>,
    /// The file of their key, as it was read back after [`House::turn_key`].
    pub key: Option<KeyFile>,
    /// They showed the vault's words, and these are right: whoever has them has everything.
    pub words: bool,
}

/// A try that is allowed and not checked yet.
#[derive(Debug)]
pub struct Attempt {
    verifier: Verifier,
    person: Option<PersonId>,
    lane: Lane,
    factor: Factor,
}

/// A try whose password was checked.
#[derive(Debug)]
pub struct Checked {
    person: Option<PersonId>,
    /// What the password was checked against.
    verifier: Verifier,
    lane: Lane,
    /// The try was not given back yet.
    owes: bool,
    factor: Factor,
    fits: bool,
}

/// Somebody is in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub person: PersonId,
    /// The session's name.
    pub id: SessionId,
    /// Its token.
    pub session: Token,
    /// A token by which this browser is known from now on; none when it was known before.
    pub browser: Option<Token>,
}

impl Attempt {
    /// Checks the password. Takes a while, and as long for a name that nobody has.
    pub fn check(self, password: &str) -> Checked {
        let fits = self.verifier.matches(password) && self.person.is_some();
        let Self { verifier, person, lane, factor } = self;
        Checked { person, verifier, lane, owes: true, factor, fits }
    }
}

impl Checked {
    /// The same with a key that was turned.
    #[must_use]
    pub fn with_key(mut self, read: KeyFile) -> Self {
        self.factor.key = Some(read);
        self
    }

    /// The same with words that were found to be right.
    #[must_use]
    pub fn with_words(mut self) -> Self {
        self.factor.words = true;
        self
    }

    /// Gives the try back: the password was right, and nothing was guessed. That is done so often in an hour and
    /// no more: from then on a right password without what is asked for beside it costs what a wrong one does.
    pub fn was_no_guess(&mut self, tries: &mut Tries, now: Now) {
        let Some(person) = self.person.filter(|_| self.fits && self.owes) else { return };
        if tries.take(self.lane.half(person), now.uptime).is_ok() {
            self.gives_back(tries);
        }
    }

    fn gives_back(&mut self, tries: &mut Tries) {
        if self.owes {
            tries.give_back(self.lane);
            self.owes = false;
        }
    }
}

impl House {
    /// Whose password it was; none is told before it is right.
    pub fn whose(&self, checked: &Checked) -> Result<PersonId, Refusal> {
        checked.person.filter(|_| checked.fits).ok_or(Refusal::WrongSecret)
    }

    /// Whether somebody may try a password now. `browser` is what the browser was given when somebody
    /// signed in with it before.
    pub fn may_try(
        &self,
        tries: &mut Tries,
        name: &str,
        factor: Factor,
        (place, browser): (Place, Option<&Token>),
        now: Now,
    ) -> Result<Attempt, Refusal> {
        if !self.is_claimed() {
            return Err(Refusal::Unclaimed);
        }
        let person = self.named(name).filter(|one| !one.is_over(now.wall));
        let lane = person.map_or(Lane::Strange(place), |one| lane(one, &factor, place, browser));
        tries.take(lane, now.uptime)?;
        let known = person.and_then(|one| match &one.proof {
            Proof::Password(verifier) => Some((one.id, verifier.clone())),
            Proof::Invited(_) => None,
        });
        let (person, verifier) = match known {
            Some((id, verifier)) => (Some(id), verifier),
            None => (None, tries.nobody.clone()),
        };
        Ok(Attempt { verifier, person, lane, factor })
    }

    /// Lets somebody in, or says why not. `agent` is what the browser says it is.
    pub fn sign_in(
        &mut self,
        tries: &mut Tries,
        checked: Checked,
        (browser, agent): (Option<&Token>, &str),
        now: Now,
        rng: &dyn Rng,
    ) -> Result<SignedIn, Refusal> {
        let id = self.is_right(tries, checked, now)?;
        let known = browser.map(Token::hash);
        let person = self.person_mut(id)?;
        let is_known = known.is_some_and(|hash| person.browsers.contains(&hash));
        let browser = (!is_known).then(|| Token::fresh(rng));
        if let Some(token) = &browser {
            person.browsers.push(token.hash());
            let too_many = person.browsers.len().saturating_sub(BROWSERS_MAX);
            person.browsers.drain(..too_many);
        }
        let (session, token) = self.begin_session(id, agent, now, rng);
        Ok(SignedIn { person: id, id: session, session: token, browser })
    }

    /// Whether somebody who is signed in may try their password once more.
    pub fn may_elevate(
        &self,
        tries: &mut Tries,
        token: &Token,
        factor: Factor,
        now: Now,
    ) -> Result<Attempt, Refusal> {
        let (session, person) = self.session(token, now)?;
        let Proof::Password(verifier) = &person.proof else { return Err(Refusal::NoSession) };
        let lane = Lane::Session(session.id().0);
        tries.take(lane, now.uptime)?;
        Ok(Attempt { verifier: verifier.clone(), person: Some(person.id), lane, factor })
    }

    /// Raises the rights of a session for a quarter of an hour.
    pub fn elevate(
        &mut self,
        tries: &mut Tries,
        checked: Checked,
        token: &Token,
        now: Now,
    ) -> Result<(), Refusal> {
        let id = self.is_right(tries, checked, now)?;
        let hash = token.hash();
        let session = self.sessions.iter_mut().find(|one| one.token == hash && one.person == id);
        let until = types::Millis(now.uptime.0.saturating_add(ELEVATED_FOR.0));
        session.ok_or(Refusal::NoSession)?.elevated_until = Some(until);
        Ok(())
    }

    pub(crate) fn begin_session(
        &mut self,
        person: PersonId,
        agent: &str,
        now: Now,
        rng: &dyn Rng,
    ) -> (SessionId, Token) {
        let token = Token::fresh(rng);
        let agent = agent.chars().filter(|letter| !letter.is_control()).take(80).collect();
        let session = Session {
            token: token.hash(),
            person,
            since_ms: now.wall.0,
            used_ms: now.wall.0,
            agent,
            elevated_until: None,
        };
        let id = session.id();
        self.sessions.retain(|one| !one.is_over(now.wall));
        let own = |one: &&Session| one.person == person;
        if self.sessions.iter().filter(own).count() >= SESSIONS_MAX {
            let oldest = self.sessions.iter().filter(own).min_by_key(|one| one.used_ms);
            if let Some(oldest) = oldest.map(Session::id) {
                self.sessions.retain(|one| one.id() != oldest);
            }
        }
        self.sessions.push(session);
        (id, token)
    }

    /// Whether password and second factor are right; a try that was no guess is given back.
    fn is_right(
        &mut self,
        tries: &mut Tries,
        mut checked: Checked,
        now: Now,
    ) -> Result<PersonId, Refusal> {
        let (Some(id), true) = (checked.person, checked.fits) else {
            return Err(Refusal::WrongSecret);
        };
        // They may have been removed while the password was checked, or have another one by now.
        let person = self.person_mut(id).map_err(|_| Refusal::WrongSecret)?;
        if person.proof != Proof::Password(checked.verifier.clone()) {
            return Err(Refusal::WrongSecret);
        }
        if person.is_over(now.wall) {
            return Err(Refusal::WrongSecret);
        }
        if person.has_second_factor() {
            second_factor(person, tries, &mut checked, now)?;
        } else if let (Lane::Sheet(_), Some(code)) = (checked.lane, &checked.factor.code) {
            person.sheet.take(code);
        }
        checked.gives_back(tries);
        Ok(id)
    }
}

/// Whether what is shown beside the password is right.
fn second_factor(
    person: &mut Person,
    tries: &mut Tries,
    checked: &mut Checked,
    now: Now,
) -> Result<(), Refusal> {
    let (lane, factor) = (checked.lane, checked.factor.clone());
    if factor.words {
        return Ok(());
    }
    if let Some(read) = &factor.key {
        // 256 bits that the box drew itself are not guessed: no allowance is taken.
        let is_it = person.key.as_mut().is_some_and(|key| key.settle(read, now.wall));
        return if is_it { Ok(()) } else { Err(Refusal::WrongSecret) };
    }
    let Some(code) = factor.code.filter(|code| !code.trim().is_empty()) else {
        checked.was_no_guess(tries, now);
        let has_key = person.key().is_some();
        return Err(if has_key { Refusal::CodeOrKey } else { Refusal::SecondFactor });
    };
    let second = match lane {
        Lane::Strange(_) => Lane::Second(person.id),
        known => known,
    };
    // Strange places share an allowance for the codes of one person: there are only a million.
    if second != lane {
        tries.take(second, now.uptime)?;
    }
    let totp = person.totp.as_mut().is_some_and(|totp| totp.take(&code, now.wall));
    if !totp && !person.sheet.take(&code) {
        return Err(Refusal::WrongSecret);
    }
    if second != lane {
        tries.give_back(second);
    }
    Ok(())
}

/// Whose allowance a try is taken from: a code of the sheet cannot be guessed, and a browser that was
/// here before is not the attacker's.
fn lane(person: &Person, factor: &Factor, place: Place, browser: Option<&Token>) -> Lane {
    if factor.code.as_deref().is_some_and(|code| person.sheet.has(code)) {
        return Lane::Sheet(person.id);
    }
    match browser.map(Token::hash).filter(|hash| person.browsers.contains(hash)) {
        Some(hash) => Lane::Browser(hash.front()),
        None => Lane::Strange(place),
    }
}
