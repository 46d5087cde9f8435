//! Passwords: made expensive to guess, and never kept.
//!
//! Checking one takes a third of a second on purpose; whoever asks holds no lock meanwhile.
//! Start at [`Verifier::of`].

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use types::Rng;
use zeroize::Zeroizing;

use crate::Refusal;
use crate::token::TokenHash;

/// Shorter ones are refused, in letters.
pub const PASSWORD_LEN_MIN: usize = 10;
/// Longer ones are slips, in bytes.
pub const PASSWORD_LEN_MAX: usize = 1_024;

const OF_PASSWORD: &str = "holdfast 2026 what argon2id made of a password";

/// What one guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// What a box uses: fits a computer with a gigabyte of memory.
    pub const USUAL: Self = Self { memory_kib: 64 << 10, passes: 3 };
}

/// What is kept of a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verifier {
    salt: [u8; 16],
    cost: Cost,
    hash: TokenHash,
}

impl Verifier {
    /// Of a new password. Takes a while.
    pub fn of(password: &str, cost: Cost, rng: &dyn Rng) -> Result<Self, Refusal> {
        if password.chars().count() < PASSWORD_LEN_MIN {
            return Err(Refusal::PasswordTooShort);
        }
        if password.len() > PASSWORD_LEN_MAX {
            return Err(Refusal::PasswordTooLong);
        }
        let salt = rng.array();
        let hash = stretched(password, &salt, cost).ok_or(Refusal::CannotCheck)?;
        Ok(Self { salt, cost, hash })
    }

    /// One that no password fits and that takes as long: for names that nobody has.
    pub fn of_nobody(cost: Cost, rng: &dyn Rng) -> Self {
        Self { salt: rng.array(), cost, hash: TokenHash::of(OF_PASSWORD, &rng.array::<32>()) }
    }

    /// Whether this is the password. Takes a while.
    pub fn matches(&self, password: &str) -> bool {
        password.len() <= PASSWORD_LEN_MAX
            && stretched(password, &self.salt, self.cost).is_some_and(|hash| hash == self.hash)
    }
}

fn stretched(password: &str, salt: &[u8], cost: Cost) -> Option<TokenHash> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).ok()?;
    let mut out = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, out.as_mut_slice())
        .ok()?;
    Some(TokenHash::of(OF_PASSWORD, out.as_slice()))
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("cost", &self.cost).finish_non_exhaustive()
    }
}
