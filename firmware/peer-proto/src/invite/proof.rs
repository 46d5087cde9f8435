//! Proofs of the invite's secret, and the words that both screens show.
//!
//! Nothing here draws a secret: random bytes arrive as arguments. Start at [`Session::proof`].

use std::fmt;

use bip39::Language;
use serde::{Deserialize, Serialize};
use types::{EndpointId, InviteId, Millis, UnixTime};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::limits::CHECK_WORDS;
use crate::pact::Part;

/// Under this label, and an empty context, keying material is exported from the connection.
pub const EXPORT_LABEL: &[u8] = b"holdfast pair 1";

const OF_SECRET: &str = "holdfast 2026 v1 invite proof key";
const OF_WORDS: &str = "holdfast 2026 v1 check words";

/// The secret of a ticket. Wiped when dropped, never shown.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// These random bytes.
    pub fn of(random: [u8; 32]) -> Self {
        Self(random)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What proofs are made with.
    pub fn key(&self) -> InviteKey {
        InviteKey(blake3::derive_key(OF_SECRET, &self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A hash of the secret: all that an inviter keeps. No ticket can be made of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct InviteKey([u8; 32]);

impl fmt::Debug for InviteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteKey(..)")
    }
}

/// One connection between the two, as its driver knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Keying material of this connection, exported under [`EXPORT_LABEL`].
    pub exported: [u8; 32],
    /// Who is dialled, as the connection proved it.
    pub inviter: EndpointId,
    /// Who dialled, as the connection proved it.
    pub invitee: EndpointId,
}

impl Session {
    /// The proof of the side that plays this part.
    pub fn proof(&self, part: Part, key: &InviteKey) -> [u8; 32] {
        let role: &[u8] = match part {
            Part::Inviter => b"inviter\0",
            Part::Invitee => b"invitee\0",
        };
        let said = Zeroizing::new([role, &self.all()].concat());
        *blake3::keyed_hash(&key.0, &said).as_bytes()
    }

    /// Whether that side's proof is right; takes as long for any that is wrong.
    #[must_use]
    pub fn is_proved(&self, part: Part, key: &InviteKey, shown: [u8; 32]) -> bool {
        blake3::Hash::from_bytes(self.proof(part, key)) == blake3::Hash::from_bytes(shown)
    }

    /// The words of this connection.
    pub fn words(&self, invite: InviteId) -> CheckWords {
        let said = Zeroizing::new([&self.all()[..], &invite.0].concat());
        let hash = blake3::derive_key(OF_WORDS, &said);
        let mut bits = u64::from_le_bytes(hash.first_chunk().copied().unwrap_or_default());
        let list = Language::English.word_list();
        CheckWords(std::array::from_fn(|_| {
            let word = list[usize::try_from(bits % 2048).unwrap_or_default()];
            bits /= 2048;
            word
        }))
    }

    pub(crate) fn all(&self) -> Vec<u8> {
        [self.exported, self.inviter.0, self.invitee.0].concat()
    }
}

/// Three words of the BIP-39 English list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckWords(pub [&'static str; CHECK_WORDS]);

impl fmt::Display for CheckWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// How far two clocks are apart.
pub fn clock_difference(one: UnixTime, other: UnixTime) -> Millis {
    Millis(one.since(other).0.max(other.since(one).0))
}
