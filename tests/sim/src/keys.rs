//! The keys of a house. They follow from its seed. Start at [`Keys::new`].

use ed25519_dalek::{Signer as _, SigningKey};
use peer_proto::pact::Side;
use peer_proto::wire::Text;
use types::{EndpointId, Signer, VaultId};

/// A key that signs.
#[derive(Clone, Debug)]
pub(crate) struct Key(SigningKey, [u8; 32]);

impl Key {
    fn new(seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        let public = key.verifying_key().to_bytes();
        Self(key, public)
    }
}

impl Signer for Key {
    fn public(&self) -> [u8; 32] {
        self.1
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// All keys of a house, and what a pact says of it.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// The box's.
    pub(crate) device: Key,
    /// What the 24 words prove.
    pub(crate) recovery: Key,
    /// Signs heads.
    pub(crate) writer: Key,
    pub(crate) side: Side,
}

impl Keys {
    /// The keys of a house of a world.
    pub(crate) fn new(house: usize, seed: [u8; 32]) -> Self {
        let of = |use_of: u8| {
            let mut seed = seed;
            seed[31] = use_of;
            Key::new(seed)
        };
        let (device, recovery, writer) = (of(1), of(2), of(3));
        let side = Side {
            endpoint: EndpointId(device.public()),
            vault: VaultId([u8::try_from(house).unwrap_or(0) + 1; 16]),
            recovery: recovery.public(),
            writer: writer.public(),
            label: Text::new("a house").expect("it is short and plain"),
        };
        Self { device, recovery, writer, side }
    }
}
