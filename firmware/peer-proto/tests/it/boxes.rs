//! Keys of boxes and their owners that tests control.

use ed25519_dalek::{Signer as _, SigningKey};
use peer_proto::pact::{Keeping, Pact, Part, Side, SignedPact, Terms};
use peer_proto::wire::Text;
use types::{Bytes, EndpointId, InviteId, Signer, UnixTime, VaultId};

/// Noon of a day in 2026.
pub(crate) const NOON: UnixTime = UnixTime(1_796_040_000_000);

/// A key that signs.
#[derive(Debug)]
pub(crate) struct Key(SigningKey);

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
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

/// A box with all its keys.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) key: Key,
    pub(crate) recovery: Key,
    pub(crate) side: Side,
}

impl Person {
    pub(crate) fn new(seed: u8, label: &str) -> Self {
        let (key, recovery) = (Key::new(seed), Key::new(seed + 1));
        let side = Side {
            endpoint: EndpointId(key.public()),
            vault: VaultId([seed; 16]),
            recovery: recovery.public(),
            writer: Key::new(seed + 2).public(),
            label: Text::new(label).unwrap(),
        };
        Self { key, recovery, side }
    }

    /// The key with which its vault signs heads.
    pub(crate) fn writer(&self) -> Key {
        Key::new(self.side.vault.0[0] + 2)
    }

    pub(crate) fn id(&self) -> EndpointId {
        self.side.endpoint
    }
}

pub(crate) fn anna() -> Person {
    Person::new(10, "Anna")
}

pub(crate) fn bo() -> Person {
    Person::new(20, "Bo")
}

pub(crate) fn terms(bytes: u64) -> Terms {
    let keeping = Keeping::usual(Bytes(bytes));
    Terms { by_inviter: keeping, by_invitee: keeping, notice_days: 30 }
}

/// A pact that Anna offered and Bo took.
pub(crate) fn pact(terms: Terms) -> SignedPact {
    let (anna, bo) = (anna(), bo());
    let pact = Pact {
        id: InviteId([5; 16]),
        seq: 1,
        inviter: anna.side.clone(),
        invitee: bo.side.clone(),
        terms,
        made: NOON,
    };
    let (ours, theirs) = (pact.sign(&anna.key), pact.sign(&bo.key));
    SignedPact::joined(pact, (Part::Inviter, ours), theirs)
}
