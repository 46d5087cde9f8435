//! Random tokens of 256 bits: given once, kept as a hash.
//!
//! A token has so much chance in it that a plain hash is enough, and comparing hashes takes the same
//! time whatever is compared. Start at [`Token::fresh`].

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use types::Rng;
use zeroize::Zeroizing;

const OF_TOKEN: &str = "holdfast 2026 token of a session, a browser or a device";
const OF_WORD: &str = "holdfast 2026 word that belongs to a session's token";

/// A token as its holder has it.
pub struct Token(Zeroizing<[u8; 32]>);

/// What is kept of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHash(blake3::Hash);

impl Token {
    /// A new one.
    pub fn fresh(rng: &dyn Rng) -> Self {
        Self(Zeroizing::new(rng.array()))
    }

    /// Reads one: 64 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = blake3::Hash::from_hex(text).ok()?;
        Some(Self(Zeroizing::new(*bytes.as_bytes())))
    }

    /// As its holder keeps it.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(blake3::Hash::from_bytes(*self.0).to_hex().as_str().to_owned())
    }

    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(OF_TOKEN, &*self.0)
    }

    /// A word that only the holder of the token can be told: it shows that a request was made by a page
    /// that could read an answer, and not only by a browser that sends cookies along.
    pub fn page_word(&self) -> TokenHash {
        TokenHash::of(OF_WORD, &*self.0)
    }
}

impl TokenHash {
    pub(crate) fn of(context: &str, secret: &[u8]) -> Self {
        Self(blake3::Hash::from_bytes(blake3::derive_key(context, secret)))
    }

    /// As text: 64 hex digits.
    pub fn text(&self) -> String {
        self.0.to_hex().as_str().to_owned()
    }

    /// Whether this text says the same; takes as long for any that is well formed.
    pub fn is(&self, text: &str) -> bool {
        blake3::Hash::from_hex(text).is_ok_and(|said| said == self.0)
    }

    /// Its first bytes, to name what it belongs to without telling it.
    pub(crate) fn front(&self) -> [u8; 8] {
        let mut front = [0; 8];
        front.copy_from_slice(&self.0.as_bytes()[..8]);
        front
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash = blake3::Hash::from_hex(&text).map_err(|_| D::Error::custom("no hash"))?;
        Ok(Self(hash))
    }
}
