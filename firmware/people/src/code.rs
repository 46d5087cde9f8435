//! Codes that people read from a screen or paper and type: twelve letters and digits, in threes of four.
//!
//! 60 bits: too many to guess a few times an hour, and too many for whoever holds the hash. No letter
//! looks like another; small letters, spaces and dashes do not matter. Start at [`SpokenCode::fresh`].

use std::fmt;

use serde::{Deserialize, Serialize};
use types::Rng;
use zeroize::Zeroizing;

use crate::token::TokenHash;

/// Neither I, L, O nor U: what looks like another is read as that other.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LEN: usize = 12;
const OF_CODE: &str = "holdfast 2026 code that a person types";

/// A code as it is told once.
pub struct SpokenCode(Zeroizing<String>);

/// What is kept of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CodeHash(TokenHash);

impl SpokenCode {
    /// A new one.
    pub fn fresh(rng: &dyn Rng) -> Self {
        let bytes: Zeroizing<[u8; LEN]> = Zeroizing::new(rng.array());
        let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        Self(Zeroizing::new(letters.collect()))
    }

    /// As it is printed: `ABCD-EFGH-JKMN`.
    pub fn text(&self) -> Zeroizing<String> {
        let parts = [&self.0[..4], &self.0[4..8], &self.0[8..]];
        Zeroizing::new(parts.join("-"))
    }

    pub(crate) fn hash(&self) -> CodeHash {
        CodeHash::of(&self.0)
    }
}

impl CodeHash {
    fn of(normal: &str) -> Self {
        Self(TokenHash::of(OF_CODE, normal.as_bytes()))
    }

    /// Whether somebody typed this code.
    pub(crate) fn is(&self, typed: &str) -> bool {
        normal(typed).is_some_and(|typed| Self::of(&typed) == *self)
    }
}

/// What was typed, as it is compared; none when it cannot be a code.
pub fn normal(typed: &str) -> Option<Zeroizing<String>> {
    let mut letters = Zeroizing::new(String::with_capacity(LEN));
    for letter in typed.chars().filter(|letter| !matches!(letter, '-' | ' ')) {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            'U' => 'V',
            other => other,
        };
        if letters.len() == LEN || !LETTERS.contains(&u8::try_from(letter).ok()?) {
            return None;
        }
        letters.push(letter);
    }
    (letters.len() == LEN).then_some(letters)
}

impl fmt::Debug for SpokenCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpokenCode(..)")
    }
}
