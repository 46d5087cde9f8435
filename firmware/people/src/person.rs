//! A person: a name, a role, a space of their own, and how they are known again.
//!
//! Start at [`Person`], then [`Role`].

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use types::{Millis, Rng, UnixTime};

use crate::Refusal;
use crate::code::CodeHash;
use crate::key::UsbKey;
use crate::password::Verifier;
use crate::sheet::Sheet;
use crate::token::TokenHash;
use crate::totp::Totp;

/// Letters in a name.
pub const NAME_LEN_MAX: usize = 64;
/// Browsers that a person is known by; the one that was used longest ago is forgotten first.
pub(crate) const BROWSERS_MAX: usize = 16;
/// How the name of each person's own space begins.
pub const SPACE_PREFIX: &str = "person-";
/// The longest that a helper may look.
pub(crate) const HELPER_MAX: Millis = Millis::from_days(30);

/// A person's number; drawn, and never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub [u8; 8]);

impl PersonId {
    pub(crate) fn fresh(rng: &dyn Rng) -> Self {
        Self(rng.array())
    }

    /// Reads one: 16 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 16 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut bytes = [0; 8];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for PersonId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PersonId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no person's id"))
    }
}

/// What somebody is to the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Cares for the box: disks, jobs, people. Sees no other person's names or files.
    Owner,
    /// Has a space on it.
    Member,
    /// Looks for a while how the box is, and sees nobody's data.
    Helper,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The number.
    pub id: PersonId,
    /// As they sign in.
    pub name: String,
    /// What they are to the box.
    pub role: Role,
    /// Until when, for a helper, by the wall clock in milliseconds.
    pub until_ms: Option<i64>,
    /// When the account was made, likewise.
    pub created_ms: i64,
    /// Bytes that they may store over the web door; none: as many as there is room for.
    #[serde(default)]
    pub quota: Option<u64>,
    /// Bytes that they have stored there since they have one.
    #[serde(default)]
    pub stored: u64,
    /// How they are known again.
    pub(crate) proof: Proof,
    /// Second factor, where they want one.
    pub(crate) totp: Option<Totp>,
    /// A key on a stick, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<UsbKey>,
    /// Printed codes.
    pub(crate) sheet: Sheet,
    /// Browsers that they signed in with, the newest last.
    pub(crate) browsers: Vec<TokenHash>,
}

/// How somebody is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Proof {
    /// They were invited, and come with this code.
    Invited(CodeHash),
    /// They chose a password.
    Password(Verifier),
}

impl Person {
    /// The name of their own space in the vault.
    pub fn space(&self) -> String {
        format!("{SPACE_PREFIX}{}", self.id)
    }

    /// Whether they have chosen a password yet.
    pub fn has_joined(&self) -> bool {
        matches!(self.proof, Proof::Password(_))
    }

    /// Whether a second factor is asked of them. A key of which somebody used a copy is one, too: else that
    /// copy would open what the key guards.
    pub fn has_second_factor(&self) -> bool {
        self.has_totp() || self.key().is_some()
    }

    /// Their key, when it counts.
    pub fn key(&self) -> Option<&UsbKey> {
        self.key.as_ref().filter(|key| key.is_confirmed)
    }

    /// Whether an app of theirs makes codes.
    pub fn has_totp(&self) -> bool {
        self.totp.as_ref().is_some_and(|totp| totp.is_confirmed)
    }

    /// Codes of the printed sheet that are left.
    pub fn codes_left(&self) -> usize {
        self.sheet.left()
    }

    /// Whether a helper's time is over.
    pub fn is_over(&self, now: UnixTime) -> bool {
        self.until_ms.is_some_and(|until| now.0 >= until)
    }
}

/// A name as it is kept.
pub(crate) fn good_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    let count = name.chars().count();
    if !(1..=NAME_LEN_MAX).contains(&count) || name.chars().any(is_hidden) {
        return Err(Refusal::NoName);
    }
    if is_of_space(name) {
        return Err(Refusal::NameOfSpace);
    }
    Ok(name.to_owned())
}

/// Whether a name is like one of a space: who had it could be taken for whose space that is.
fn is_of_space(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "everyone" || name.starts_with(SPACE_PREFIX)
}

/// Control signs, and those that turn the direction or take no room: two names must not look alike.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(u32::from(letter), 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff)
}

/// Whether two names are the same to a person who types one.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
