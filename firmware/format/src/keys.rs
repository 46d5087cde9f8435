//! The key file: ways to open the vault, and the wrapped keys behind them. Two copies on every
//! volume.
//!
//! Every secret in it is sealed; the file itself is ciphertext to a thief. Drawn in
//! `docs/formats/keys.md`.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use types::{Bytes, SpaceId, VaultId};

use crate::{FormatError, from_cbor, to_cbor};

/// First eight bytes.
pub const MAGIC: [u8; 8] = *b"HFKEYS\r\n";
/// The version this module writes.
pub const VERSION: u16 = 1;
/// The longest key file; a longer one is not read.
pub const LEN_MAX: u64 = Bytes::MIB;

/// Bytes sealed under a key that was made for them alone: the salt makes the key, the commitment
/// proves it is the right one, the nonce is zero.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SealedBox {
    /// Fresh randomness.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub salt: [u8; 32],
    /// Commitment to the key.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub commitment: [u8; 32],
    /// Ciphertext and tag.
    #[n(2)]
    pub sealed: ByteVec,
}

/// What opens a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub enum SlotKind {
    /// The 24 words.
    #[n(0)]
    Words,
    /// A password, stretched by Argon2id with these parameters.
    #[n(1)]
    Password {
        /// Memory in KiB.
        #[n(0)]
        memory_kib: u32,
        /// Passes.
        #[n(1)]
        passes: u32,
        /// Lanes.
        #[n(2)]
        lanes: u32,
    },
    /// A file of 32 random bytes on the system disk. Never on a volume.
    #[n(2)]
    Device,
    /// A file of 32 random bytes on a USB stick.
    #[n(3)]
    UsbKey,
}

/// One way to open the vault: the master key, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Slot {
    /// What opens it.
    #[n(0)]
    pub kind: SlotKind,
    /// The master key.
    #[n(1)]
    pub master: SealedBox,
}

/// A space's key and name, sealed under the master key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct WrappedSpace {
    /// The space.
    #[n(0)]
    pub id: SpaceId,
    /// The key epoch; 0 in version 1.
    #[n(1)]
    pub epoch: u32,
    /// The sealed [`SpaceSecret`].
    #[n(2)]
    pub secret: SealedBox,
}

/// What a [`WrappedSpace`] holds.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SpaceSecret {
    /// The space's key.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// Its name.
    #[n(1)]
    pub name: String,
}

impl std::fmt::Debug for SpaceSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SpaceSecret(..)")
    }
}

/// A device that may write heads: its signing seed, sealed under the master key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct WrappedWriter {
    /// Ed25519 public key.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub public: [u8; 32],
    /// The sealed 32-byte seed.
    #[n(1)]
    pub seed: SealedBox,
}

/// The key file's record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeyFile {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// Counts the file's changes from 1; the highest on any volume is the newest.
    #[n(1)]
    pub generation: u64,
    /// Ways in.
    #[n(2)]
    pub slots: Vec<Slot>,
    /// All spaces.
    #[n(3)]
    pub spaces: Vec<WrappedSpace>,
    /// All devices that may write heads.
    #[n(4)]
    pub writers: Vec<WrappedWriter>,
    /// Proof under the master key that everything above belongs together.
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
    pub mac: [u8; 32],
}

impl KeyFile {
    /// What [`Self::mac`] covers: the record with a mac of zeros.
    pub fn mac_bytes(&self) -> Vec<u8> {
        to_cbor(&Self { mac: [0; 32], ..self.clone() })
    }

    /// The file: magic, version, CBOR, BLAKE3 of all before.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&to_cbor(self));
        let sum = blake3::hash(&out);
        out.extend_from_slice(sum.as_bytes());
        out
    }

    /// Reads the file. The checksum finds rot, not forgery: that is what `mac` is for.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "key file";
        let Some((body, sum)) = bytes.split_last_chunk::<32>().filter(|(b, _)| b.len() >= 10)
        else {
            return Err(FormatError::Length { what: WHAT, wanted: 42, found: bytes.len() });
        };
        if body[..8] != MAGIC {
            return Err(FormatError::Magic { what: WHAT });
        }
        if blake3::hash(body).as_bytes() != sum {
            return Err(FormatError::Checksum { what: WHAT });
        }
        let found = u16::from_le_bytes([body[8], body[9]]);
        if found != VERSION {
            return Err(FormatError::Version { what: WHAT, found, known: VERSION });
        }
        from_cbor(WHAT, &body[10..])
    }
}
