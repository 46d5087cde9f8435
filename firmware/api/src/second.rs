//! What is shown beside the password: a code, a key that is plugged into the box, or the vault's words.
//!
//! A key is looked for only after the password was found right, by one request at a time; whoever waits for
//! one takes no thread. Start at [`shown`].

use std::time::Duration;

use calls::{Call, Secret, SecretText};
use people::{Checked, Factor, KeyFile, PersonId, Refusal, Told, Turn};

use crate::problem::Problem;
use crate::shared::{Shared, State};
use crate::sticks::{Found, Sticks};
use crate::supervise::Who;

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

/// The same try, with the key that was turned or the words that were found right. A try that was no guess is
/// given back.
pub(crate) async fn shown(
    state: &State,
    checked: Checked,
    beside: Beside,
    from: &str,
) -> Result<Checked, Problem> {
    let person = state.keeper.house().whose(&checked)?;
    if let Some(words) = beside.words {
        words_are_right(state, person, words).await?;
        return Ok(checked.with_words());
    }
    let Some(seconds) = beside.key_seconds else { return Ok(checked) };
    let house = state.keeper.house();
    let whose = house.person(person)?;
    if !whose.has_second_factor() {
        return Ok(checked);
    }
    let read = match whose.key() {
        Some(key) => wait(state, person, &key.file_name(), (seconds, from)).await,
        None => Err(Refusal::NoKey.into()),
    };
    if read.is_err() {
        checked.was_no_guess(&mut state.keeper.tries());
    }
    Ok(checked.with_key(read?))
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
    (seconds, from): (u8, &str),
) -> Result<KeyFile, Problem> {
    let mut looked = None;
    for left in (0..=LOOKS_A_SECOND * u32::from(seconds.min(WAIT_MAX))).rev() {
        let arrivals = sticks(state)?.arrivals();
        if looked != Some(arrivals) {
            looked = Some(arrivals);
            let turn = state.keys.acquire().await.map_err(|_| Problem::busy())?;
            let (name, from) = (name.to_owned(), from.to_owned());
            let turned = state.blocking(move |shared| turn_key(shared, person, &name, from)).await;
            drop(turn);
            if let Some(read) = turned? {
                return Ok(read);
            }
        }
        if left > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Err(Refusal::KeyNotHere.into())
}

/// Looks for the key, and puts a new file on it; what was read back. None when it is not here.
fn turn_key(
    shared: &Shared,
    person: PersonId,
    name: &str,
    from: String,
) -> Result<Option<KeyFile>, Problem> {
    let found = sticks(shared)?.read(name)?;
    let read = |one: Found| Some((KeyFile::parse(&one.bytes)?, one.stick, one.is_beside));
    let found: Vec<_> = found.into_iter().filter_map(read).collect();
    if found.is_empty() {
        return Ok(None);
    }
    let files: Vec<KeyFile> = found.iter().map(|(file, ..)| file.clone()).collect();
    let (now, rng) = (shared.keeper.now(), &*shared.env.rng);
    let turned = shared.keeper.change(None, |house| house.turn_key(person, &files, now, rng))?;
    match turned {
        Turn::NotHere => Ok(None),
        Turn::Copied => {
            let who = shared.keeper.house().person(person)?.name.clone();
            let told = Told { who, act: "key-was-copied", what: String::new(), from };
            shared.keeper.note(told)?;
            shared.supervisor.people_changed();
            Err(Refusal::KeyCopied.into())
        }
        Turn::Next { which, file } => {
            let (_, stick, is_beside) = &found[which];
            let put = sticks(shared)?.write(stick, *is_beside, name, &file.text());
            let put = put.inspect_err(|fault| tracing::warn!("a key was not written to: {fault}"));
            let read = put.ok().and_then(|bytes| KeyFile::parse(&bytes));
            read.map(Some).ok_or_else(|| Refusal::KeyNotWritten.into())
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
