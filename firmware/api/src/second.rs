//! What is shown beside the password: a code, a key that is plugged into the box, or the vault's words.
//!
//! A key is looked for only after the password was found right, by one request at a time, and one plugging-in is
//! good for one sign-in; whoever waits for one takes no thread. Start at [`shown`].

use std::time::Duration;

use calls::{Call, Secret, SecretText};
use people::{Checked, Factor, KeyFile, PersonId, Refusal, SessionId, Told, Turn};
use tokio::sync::OwnedSemaphorePermit;

use crate::problem::Problem;
use crate::shared::{Shared, State, turn};
use crate::sticks::{Found, Sticks};
use crate::supervise::Who;
use crate::waiting::By;

/// The longest that one request waits for a key, in seconds: a browser waits half a minute for an answer.
pub(crate) const WAIT_MAX: u8 = 20;
/// Whether one was plugged in meanwhile is asked this often. Nothing is read for it.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const LOOKS_A_SECOND: u32 = 2;

/// What a request has beside the password.
#[derive(Debug)]
pub(crate) struct Beside {
    pub(crate) code: Option<SecretText>,
    pub(crate) key_seconds: Option<u8>,
    pub(crate) words: Option<SecretText>,
}

impl Beside {
    /// What `people` is told before the password is checked.
    pub(crate) fn factor(&self) -> Factor {
        let code = self.code.as_ref().map(|code| code.reveal().to_owned());
        Factor { code, ..Factor::default() }
    }

    /// For the log.
    pub(crate) fn what(&self) -> &'static str {
        match (&self.words, self.key_seconds) {
            (Some(_), _) => "with the words",
            (None, Some(_)) => "with a key",
            (None, None) => "",
        }
    }
}

/// A key that was turned, and the turn: nobody else turns one before it let somebody in.
#[derive(Debug)]
pub(crate) struct Turned {
    arrival: u64,
    _turn: OwnedSemaphorePermit,
}

impl Turned {
    /// It let this session in, and none other until it is plugged in again.
    pub(crate) fn lets_in(self, shared: &Shared, session: SessionId) {
        shared.waiting().uses(self.arrival, session);
    }
}

/// A request that waits; it does no more when that is dropped.
struct Ticket {
    state: State,
    number: u64,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.state.waiting().goes(self.number);
    }
}

/// The same try, with the key that was turned or the words that were found right. A try that was no guess is
/// given back.
pub(crate) async fn shown(
    state: &State,
    mut checked: Checked,
    beside: Beside,
    by: By,
) -> Result<(Checked, Option<Turned>), Problem> {
    let person = state.keeper.house().whose(&checked)?;
    if let Some(words) = beside.words {
        words_are_right(state, person, words).await?;
        return Ok((checked.with_words(), None));
    }
    let Some(seconds) = beside.key_seconds else { return Ok((checked, None)) };
    let house = state.keeper.house();
    let whose = house.person(person)?;
    if !whose.has_second_factor() {
        return Ok((checked, None));
    }
    // Before the waiting: whoever hangs up meanwhile has guessed nothing either.
    checked.was_no_guess(&mut state.keeper.tries(), state.env.now());
    let read = match whose.key() {
        Some(key) => wait(state, person, &key.file_name(), (seconds, by)).await,
        None => Err(Refusal::NoKey.into()),
    };
    let (read, turned) = read?;
    Ok((checked.with_key(read), Some(turned)))
}

/// Whoever has the words has everything: they open the vault, too, where that is locked.
async fn words_are_right(
    state: &State,
    person: PersonId,
    words: SecretText,
) -> Result<(), Problem> {
    let house = state.keeper.house();
    let one = house.person(person)?;
    let who =
        Who { person, name: one.name.clone(), role: one.role, space: one.space(), device: None };
    let secret = Secret::Words(words);
    let ask = move |shared: &Shared| Ok(shared.supervisor.call(&who, Call::Unlock { secret })?);
    state.checking(ask).await.map(drop)
}

/// Waits until the key is plugged in, and turns it.
async fn wait(
    state: &State,
    person: PersonId,
    name: &str,
    (seconds, by): (u8, By),
) -> Result<(KeyFile, Turned), Problem> {
    let number = state.waiting().comes(person, by.clone());
    let ticket = Ticket { state: State::clone(state), number };
    let mut looked = None;
    for left in (0..=LOOKS_A_SECOND * u32::from(seconds.min(WAIT_MAX))).rev() {
        let arrivals = sticks(state)?.arrivals();
        let is_crossed = state.waiting().is_crossed(ticket.number);
        if looked != Some(arrivals) || is_crossed {
            looked = Some(arrivals);
            let turn = turn(&state.keys).await?;
            let (name, by) = (name.to_owned(), by.clone());
            // The request may be gone before the stick is done: the turn goes with the work.
            let work = move |shared: &Shared| {
                let found = turn_key(shared, person, (&name, number), by)?;
                Ok(found.map(|(read, arrival)| (read, Turned { arrival, _turn: turn })))
            };
            if let Some(found) = state.blocking(work).await? {
                return Ok(found);
            }
        }
        if left > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Err(Refusal::KeyNotHere.into())
}

/// Somebody else waits for the same key: it opens for neither, and that is kept.
fn nobody_is_let_in(shared: &Shared, person: PersonId, by: By) -> Problem {
    let house = shared.keeper.house();
    let is_kept = |key: &people::UsbKey| key.wanted_ms.is_some();
    let one = house.person(person).ok().filter(|one| !one.key().is_some_and(is_kept));
    let Some(one) = one else { return Refusal::KeyWanted.into() };
    let told =
        Told { who: one.name.clone(), act: "key-is-wanted", what: String::new(), from: by.from };
    let now = shared.keeper.now();
    let kept = shared.keeper.change(None, |house| house.key_is_wanted(person, now));
    shared.supervisor.people_changed();
    let noted = kept.and_then(|()| shared.keeper.note(told));
    noted.err().unwrap_or_else(|| Refusal::KeyWanted.into())
}

/// Looks for the key, and puts a new file on it; what was read back, and of which plugging-in. None when it is
/// not here.
fn turn_key(
    shared: &Shared,
    person: PersonId,
    (name, ticket): (&str, u64),
    by: By,
) -> Result<Option<(KeyFile, u64)>, Problem> {
    let is_crossed = || shared.waiting().is_crossed(ticket);
    if is_crossed() {
        return Err(nobody_is_let_in(shared, person, by));
    }
    let found = sticks(shared)?.read(name)?;
    let read = |one: Found| Some((KeyFile::parse(&one.bytes)?, one));
    let mut found: Vec<_> = found.into_iter().filter_map(read).collect();
    if found.is_empty() {
        return Ok(None);
    }
    found.retain(|(_, one)| shared.waiting().may_use(one.arrival, by.session));
    if found.is_empty() {
        return Err(Refusal::KeyUsed.into());
    }
    let files: Vec<KeyFile> = found.iter().map(|(file, _)| file.clone()).collect();
    let (now, rng) = (shared.keeper.now(), &*shared.env.rng);
    let turned = shared.keeper.change(None, |house| house.turn_key(person, &files, now, rng))?;
    match turned {
        Turn::NotHere => Ok(None),
        Turn::Copied => {
            let who = shared.keeper.house().person(person)?.name.clone();
            let told = Told { who, act: "key-was-copied", what: String::new(), from: by.from };
            shared.keeper.note(told)?;
            shared.supervisor.people_changed();
            Err(Refusal::KeyCopied.into())
        }
        Turn::Next { which, file } => {
            let one = &found[which].1;
            let put = sticks(shared)?.write(&one.stick, one.is_beside, name, &file.text());
            let put = put.inspect_err(|fault| tracing::warn!("a key was not written to: {fault}"));
            let read = put.ok().and_then(|bytes| KeyFile::parse(&bytes));
            let read = read.ok_or(Refusal::KeyNotWritten)?;
            // Whoever came while it was written waits for it, too.
            if is_crossed() {
                return Err(nobody_is_let_in(shared, person, by));
            }
            Ok(Some((read, one.arrival)))
        }
    }
}

/// The box's sockets.
pub(crate) fn sticks(shared: &Shared) -> Result<&dyn Sticks, Problem> {
    shared.supervisor.sticks().ok_or_else(|| {
        let (detail, next) = ("This box has no socket for sticks.", "Use a code.");
        Problem::new(axum::http::StatusCode::CONFLICT, "wrong_state", detail, next)
    })
}
