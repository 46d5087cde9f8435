//! All keys of a test's box, from one seed: what a real box keeps in three places.
//!
//! Never for anything but tests: they are known to whoever knows the seed. Start at [`Keys::of`].

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use federation::EndpointSecret;
use peer_proto::pact::Side;
use peer_proto::wire::Text;
use types::{EndpointId, Signer, VaultId};

/// A key that signs.
pub struct Key(SigningKey);

impl Key {
    fn of(seed: &[u8; 32], what: &str) -> Self {
        Self(SigningKey::from_bytes(&derived(seed, what)))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Signer for Key {
    fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// The keys of one box and its owner.
#[derive(Debug)]
pub struct Keys {
    /// The box's own.
    pub endpoint: Key,
    /// What the 24 words give.
    pub recovery: Key,
    /// What signs heads.
    pub writer: Key,
    secret: EndpointSecret,
    vault: VaultId,
}

impl Keys {
    /// The keys that follow from a seed.
    pub fn of(seed: &[u8; 32]) -> Self {
        let mut vault = [0; 16];
        vault.copy_from_slice(&derived(seed, "vault")[..16]);
        Self {
            endpoint: Key::of(seed, "endpoint"),
            recovery: Key::of(seed, "recovery"),
            writer: Key::of(seed, "writer"),
            secret: EndpointSecret::of(derived(seed, "endpoint")),
            vault: VaultId(vault),
        }
    }

    /// What a federation is started with.
    pub fn secret(&self) -> EndpointSecret {
        self.secret.clone()
    }

    /// The vault that this box says it has.
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// Who the box is in a pact. A label that may not be shown becomes an empty one.
    pub fn side(&self, label: &str) -> Side {
        Side {
            endpoint: EndpointId(self.endpoint.public()),
            vault: self.vault,
            recovery: self.recovery.public(),
            writer: self.writer.public(),
            label: Text::new(label).unwrap_or_default(),
        }
    }
}

fn derived(seed: &[u8; 32], what: &str) -> [u8; 32] {
    let context = format!("holdfast test peer {what} key");
    blake3::derive_key(&context, seed)
}
