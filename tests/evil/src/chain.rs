//! Keys and heads as somebody who means harm makes them: signed by whom one likes.
//!
//! Start at [`Key`] and [`head`].

use format::head::{Envelope, VERSION};
use iroh::SecretKey;
use peer_proto::wire::HeadPoint;
use types::{HeadHash, Signer, VaultId};

/// An Ed25519 key of a box, a writer, or 24 words.
#[derive(Clone, Debug)]
pub struct Key(pub SecretKey);

impl Key {
    /// The key of this number.
    pub fn of(seed: u64) -> Self {
        let bytes =
            blake3::Hasher::new().update(b"evil key").update(&seed.to_le_bytes()).finalize();
        Self(SecretKey::from_bytes(bytes.as_bytes()))
    }
}

impl Signer for Key {
    fn public(&self) -> [u8; 32] {
        *self.0.public().as_bytes()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// A head and its bytes.
pub fn head(
    vault: VaultId,
    seq: u64,
    previous: HeadHash,
    writer: &dyn Signer,
) -> (HeadPoint, Vec<u8>) {
    let mut envelope = Envelope {
        version: VERSION,
        vault,
        seq,
        previous,
        writer: writer.public(),
        payload: b"sealed".to_vec().into(),
        signature: [0; 64],
    };
    envelope.signature = writer.sign(&envelope.signed_bytes());
    (HeadPoint { seq, hash: envelope.hash() }, format::to_cbor(&envelope))
}
