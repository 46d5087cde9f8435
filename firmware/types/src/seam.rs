//! The seams that make every other crate testable: time and randomness arrive as arguments, and
//! whoever has to sign never sees the key.

use std::fmt::Debug;

use crate::{Millis, UnixTime};

/// Where the time comes from. Tests bring their own.
pub trait Clock: Send + Sync + Debug {
    /// Wall-clock time. May jump, in both directions.
    fn now(&self) -> UnixTime;
    /// Time since an arbitrary start. Never goes back.
    fn uptime(&self) -> Millis;
}

/// Where randomness comes from. The box uses the kernel's; tests use a seeded one.
///
/// Salts are drawn through this: an implementation that repeats itself breaks the encryption.
pub trait Rng: Send + Sync + Debug {
    /// Fills `out` with bytes nobody can predict.
    fn fill(&self, out: &mut [u8]);
}

/// Who signs. The code that speaks with friends has this and no key.
pub trait Signer: Send + Sync + Debug {
    /// The Ed25519 public key against which the signatures hold.
    fn public(&self) -> [u8; 32];
    /// An Ed25519 signature over exactly these bytes.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

impl dyn Rng + '_ {
    /// `N` fresh random bytes.
    pub fn array<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}
