//! Signatures as they travel, and the one function that checks them.
//!
//! Each kind of statement begins with its own context, so that a signature under one is worth
//! nothing under another. Nothing here holds a key: who signs is a [`types::Signer`]. Start at [`holds`].

use std::fmt;

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use types::Signer;

/// An Ed25519 signature; 64 bytes on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature([[u8; 32]; 2]);

impl Signature {
    /// The signature in these bytes.
    pub fn of(bytes: [u8; 64]) -> Self {
        let mut halves = [[0; 32]; 2];
        for (half, part) in halves.iter_mut().zip(bytes.chunks_exact(32)) {
            half.copy_from_slice(part);
        }
        Self(halves)
    }

    /// Its bytes.
    pub fn bytes(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..32].copy_from_slice(&self.0[0]);
        out[32..].copy_from_slice(&self.0[1]);
        out
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({:02x}{:02x}..)", self.0[0][0], self.0[0][1])
    }
}

/// What a signature is about. The texts are part of the protocol and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// The terms of a pact, by a box.
    Pact,
    /// Terms that keep an owner's data for a shorter time, by that owner's recovery key.
    Shorten,
    /// That a head follows an older one although heads between them are not shown, by their writer.
    Link,
    /// That heads begin again from one, whatever a witness saw before, by the recovery key.
    Anew,
    /// That a device writes heads of a vault, by the recovery key.
    Writer,
    /// That a new box is the old one's owner, by the recovery key.
    Return,
    /// The end of a pact, by a box.
    End,
    /// A message, by the box of its author.
    Note,
}

impl Statement {
    fn context(self) -> &'static [u8] {
        match self {
            Self::Pact => b"holdfast pact v1\0",
            Self::Shorten => b"holdfast shorter pact v1\0",
            Self::Link => b"holdfast head link v1\0",
            Self::Anew => b"holdfast heads anew v1\0",
            Self::Writer => b"holdfast head writer v1\0",
            Self::Return => b"holdfast return v1\0",
            Self::End => b"holdfast pact end v1\0",
            Self::Note => b"holdfast note v1\0",
        }
    }

    /// Exactly what is signed.
    pub fn bytes(self, said: &[u8]) -> Vec<u8> {
        [self.context(), said].concat()
    }

    /// Signs.
    pub fn sign(self, said: &[u8], signer: &dyn Signer) -> Signature {
        Signature::of(signer.sign(&self.bytes(said)))
    }
}

/// Whether `public` signed that statement. Weak keys and malleable signatures do not count.
#[must_use]
pub fn holds(statement: Statement, said: &[u8], signature: &Signature, public: &[u8; 32]) -> bool {
    holds_over(&statement.bytes(said), &signature.bytes(), public)
}

/// Whether `public` signed exactly these bytes.
#[must_use]
pub(crate) fn holds_over(bytes: &[u8], signature: &[u8; 64], public: &[u8; 32]) -> bool {
    VerifyingKey::from_bytes(public).is_ok_and(|key| {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        key.verify_strict(bytes, &signature).is_ok()
    })
}
