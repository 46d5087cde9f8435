//! A key: a file on an ordinary stick that is plugged into the box by whoever signs in, besides the password.
//!
//! Kept is only what is needed to know the file again. Each use puts a new secret on the stick, in two steps:
//! [`House::turn_key`] says what to write, and both the old and the new one count until the new one was read
//! back from the stick. So a stick that is pulled at any moment still opens, and a copy that was made of an
//! older file does not: it is noticed, and from then on the key opens nothing. Start at [`House::new_key`].

use std::fmt;

use serde::{Deserialize, Serialize};
use types::{Rng, UnixTime};

use crate::Refusal;
use crate::house::House;
use crate::key_file::KeyFile;
use crate::person::PersonId;
use crate::time::Now;
use crate::token::TokenHash;

/// Letters of a stick's name that are kept.
const STICK_LEN_MAX: usize = 80;

/// What is kept of somebody's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsbKey {
    /// The name of its file begins with [`KeyFile::START`] and ends with this.
    pub name: String,
    /// What the stick says it is, for people.
    pub stick: String,
    /// When it was made, by the wall clock in milliseconds.
    pub made_ms: i64,
    /// When it was last used, likewise.
    pub used_ms: Option<i64>,
    /// When an older file of it was shown: since then it opens nothing.
    pub copied_ms: Option<i64>,
    /// When it was waited for from two places at once: since then it opens nothing until the password is
    /// another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted_ms: Option<i64>,
    /// Its file was read back from the stick: from then on it is asked for.
    pub(crate) is_confirmed: bool,
    /// Of what stays the same in all its files: whoever shows it has had one of them.
    root: TokenHash,
    /// Of the whole file that was last seen on the stick.
    held: TokenHash,
    /// Of the one that was to take its place, and may be there.
    next: Option<TokenHash>,
}

impl fmt::Debug for UsbKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UsbKey({}, {})", self.name, self.stick)
    }
}

/// What a file is to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// The one that is expected, or the one that it was about to become.
    Right,
    /// It was right once.
    Old,
    /// Nothing of this key.
    Strange,
}

/// What comes of the files that were found.
#[derive(Debug)]
pub enum Turn {
    /// The key is here.
    Next {
        /// Which of the files it is.
        which: usize,
        /// What takes its place on the stick.
        file: KeyFile,
    },
    /// Only older files are here: somebody made a copy. It was noted, and has to be kept.
    Copied,
    /// None of them is of this key.
    NotHere,
}

impl UsbKey {
    fn new(file: &KeyFile, stick: &str, now: UnixTime) -> Self {
        let plain = stick.chars().filter(|letter| !letter.is_control());
        Self {
            name: file.name(),
            stick: plain.take(STICK_LEN_MAX).collect(),
            made_ms: now.0,
            used_ms: None,
            copied_ms: None,
            wanted_ms: None,
            is_confirmed: false,
            root: file.root_hash(),
            held: file.hash(),
            next: None,
        }
    }

    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}{}", KeyFile::START, self.name)
    }

    fn sees(&self, file: &KeyFile) -> Seen {
        let hash = file.hash();
        if hash == self.held || self.next == Some(hash) {
            Seen::Right
        } else if file.root_hash() == self.root {
            Seen::Old
        } else {
            Seen::Strange
        }
    }

    /// Takes a file that was read back after it was written: the one before counts no more.
    pub(crate) fn settle(&mut self, file: &KeyFile, now: UnixTime) -> bool {
        let is_refused = self.copied_ms.is_some() || self.wanted_ms.is_some();
        let is_it = !is_refused && self.next == Some(file.hash());
        if is_it {
            (self.held, self.next, self.used_ms) = (file.hash(), None, Some(now.0));
        }
        is_it
    }
}

impl House {
    /// A new key for somebody; it counts once it was read back from the stick. `stick` is what that says it
    /// is. A stick can be lost: something else that lets them in has to be there first.
    pub fn new_key(
        &mut self,
        id: PersonId,
        stick: &str,
        now: Now,
        rng: &dyn Rng,
    ) -> Result<KeyFile, Refusal> {
        let person = self.person_mut(id)?;
        if person.key().is_some() {
            return Err(Refusal::TooMany);
        }
        if !person.has_totp() && person.codes_left() == 0 {
            return Err(Refusal::NoOtherWay);
        }
        let file = KeyFile::fresh(rng);
        person.key = Some(UsbKey::new(&file, stick, now.wall));
        Ok(file)
    }

    /// The new key's file was read back from the stick: from now on it is asked for.
    pub fn confirm_key(&mut self, id: PersonId, read: &KeyFile) -> Result<(), Refusal> {
        let key = self.person_mut(id)?.key.as_mut().ok_or(Refusal::NotFound)?;
        if key.held != read.hash() {
            return Err(Refusal::NotFound);
        }
        key.is_confirmed = true;
        Ok(())
    }

    /// The key opens nothing any more.
    pub fn drop_key(&mut self, id: PersonId) -> Result<(), Refusal> {
        self.person_mut(id)?.key = None;
        Ok(())
    }

    /// Looks for somebody's key among files that were found, and draws what takes its place. The caller keeps
    /// the house before it writes to the stick.
    pub fn turn_key(
        &mut self,
        id: PersonId,
        found: &[KeyFile],
        now: Now,
        rng: &dyn Rng,
    ) -> Result<Turn, Refusal> {
        let key = self.person_mut(id)?.key.as_mut().filter(|key| key.is_confirmed);
        let key = key.ok_or(Refusal::NoKey)?;
        if key.copied_ms.is_some() {
            return Err(Refusal::KeyCopied);
        }
        if key.wanted_ms.is_some() {
            return Err(Refusal::KeyWanted);
        }
        let seen: Vec<(usize, Seen)> =
            found.iter().map(|file| key.sees(file)).enumerate().collect();
        let right = seen.iter().filter(|(_, seen)| *seen == Seen::Right).map(|(at, _)| *at);
        // After a cut both may lie there, and only the newer one is sure to be whole.
        let which = right.max_by_key(|at| key.next == Some(found[*at].hash()));
        if let Some(which) = which {
            let file = found[which].turned(rng);
            (key.held, key.next) = (found[which].hash(), Some(file.hash()));
            return Ok(Turn::Next { which, file });
        }
        if seen.iter().any(|(_, seen)| *seen == Seen::Old) {
            key.copied_ms = Some(now.wall.0);
            key.next = None;
            return Ok(Turn::Copied);
        }
        Ok(Turn::NotHere)
    }

    /// Somebody's key was waited for from two places at once: one of them only has the password.
    pub fn key_is_wanted(&mut self, id: PersonId, now: Now) -> Result<(), Refusal> {
        let key = self.person_mut(id)?.key.as_mut().ok_or(Refusal::NoKey)?;
        key.wanted_ms = key.wanted_ms.or(Some(now.wall.0));
        Ok(())
    }

    /// Everybody whose key was waited for from two places at once.
    pub fn wanted_keys(&self) -> impl Iterator<Item = &str> {
        let is_wanted =
            |one: &&crate::Person| one.key.as_ref().is_some_and(|key| key.wanted_ms.is_some());
        self.people.iter().filter(is_wanted).map(|one| one.name.as_str())
    }

    /// Everybody of whose key somebody used a copy, with the time at which it was noticed.
    pub fn copied_keys(&self) -> impl Iterator<Item = (&str, UnixTime)> {
        let copied = |one: &crate::Person| one.key.as_ref()?.copied_ms;
        self.people.iter().filter_map(move |one| Some((one.name.as_str(), UnixTime(copied(one)?))))
    }
}
