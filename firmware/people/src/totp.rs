//! Codes of six digits that change every half minute (RFC 6238, with SHA-1 as all apps take it).
//!
//! A code is taken once, and one half minute early or late. Start at [`TotpSecret::fresh`].

use ring::hmac;
use serde::{Deserialize, Serialize};
use types::{Rng, UnixTime};
use zeroize::{Zeroize, Zeroizing};

const STEP_SECONDS: i64 = 30;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that box and app share. It has to be kept as it is, or no code could be worked out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TotpSecret([u8; 20]);

impl Drop for TotpSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

/// A second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Totp {
    pub(crate) secret: TotpSecret,
    /// Its owner has shown a first code: from then on one is asked for.
    pub(crate) is_confirmed: bool,
    /// The newest half minute whose code was taken: it and older ones are taken no more.
    pub(crate) last_step: i64,
}

impl TotpSecret {
    /// A new one.
    pub fn fresh(rng: &dyn Rng) -> Self {
        Self(rng.array())
    }

    /// As it is typed into an app: 32 letters.
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(32));
        for five in self.0.chunks_exact(5) {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for at in (0..8).rev() {
                let letter = usize::try_from(bits >> (at * 5) & 31).unwrap_or(0);
                text.push(char::from(BASE32[letter]));
            }
        }
        text
    }

    /// The same for a picture that an app reads.
    pub fn uri(&self, name: &str) -> Zeroizing<String> {
        let plain = |letter: &char| letter.is_ascii_alphanumeric();
        let name: String = name.chars().filter(plain).collect();
        Zeroizing::new(format!(
            "otpauth://totp/Holdfast:{name}?secret={}&issuer=Holdfast",
            self.text().as_str()
        ))
    }
}

/// The code of a half minute.
pub fn code_at(secret: &TotpSecret, step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret.0);
    // The standard's byte order, written out.
    let step = u64::try_from(step).unwrap_or(0);
    let byte = |at: u32| u8::try_from(step >> (at * 8) & 0xff).unwrap_or(0);
    let counter: Vec<u8> = (0..8).rev().map(byte).collect();
    let tag = hmac::sign(&key, &counter);
    let bytes = tag.as_ref();
    let from = usize::from(bytes[19] & 15);
    let bits = bytes[from..from + 4].iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
    format!("{:06}", (bits & 0x7fff_ffff) % 1_000_000)
}

impl Totp {
    pub(crate) fn new(secret: TotpSecret) -> Self {
        Self { secret, is_confirmed: false, last_step: i64::MIN }
    }

    /// Takes a code, once.
    pub(crate) fn take(&mut self, typed: &str, now: UnixTime) -> bool {
        let typed: String = typed.chars().filter(|letter| *letter != ' ').collect();
        let step = now.0.div_euclid(STEP_SECONDS * 1_000);
        let hit = (step - 1..=step + 1)
            .filter(|step| *step > self.last_step)
            .find(|step| same(&code_at(&self.secret, *step), &typed));
        self.last_step = hit.unwrap_or(self.last_step);
        hit.is_some()
    }
}

/// Compares in a time that says nothing.
fn same(one: &str, other: &str) -> bool {
    blake3::hash(one.as_bytes()) == blake3::hash(other.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the standard, its last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = TotpSecret(*b"12345678901234567890");
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")]
        {
            assert_eq!(code_at(&secret, seconds / STEP_SECONDS), code);
        }
        assert_eq!(&*secret.text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_is_taken_once_and_an_older_one_never_after_a_newer() {
        let secret = TotpSecret(*b"12345678901234567890");
        let mut totp = Totp::new(secret.clone());
        let now = UnixTime(1_000_000_000_000);
        let step = now.0 / 30_000;
        assert!(!totp.take(&code_at(&secret, step - 2), now), "a minute late");
        assert!(totp.take(&code_at(&secret, step), now));
        assert!(!totp.take(&code_at(&secret, step), now), "once");
        assert!(!totp.take(&code_at(&secret, step - 1), now), "none older than it");
        assert!(totp.take(&code_at(&secret, step + 1), now), "half a minute early");
    }
}
