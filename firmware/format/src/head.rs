//! The head: a signed, hash-chained record of the newest state, one small file on every volume.
//!
//! The envelope is in the clear, so that holders without keys (friends) can check the signature
//! and that each head names the one before; the payload is sealed. Drawn in
//! `docs/formats/head.md`.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use types::{Bytes, HeadHash, ObjectId, OwnerKey, UnixTime, VaultId, VolumeId};

use crate::record::PackEntry;
use crate::{FormatError, from_cbor, to_cbor};

/// The version this module writes.
pub const VERSION: u16 = 1;
/// What the signature covers begins with this.
pub const SIGNATURE_CONTEXT: &[u8] = b"holdfast head v1\0";
/// The longest envelope; a longer file is not read.
pub const ENVELOPE_LEN_MAX: u64 = 4 * Bytes::MIB;

/// A head as stored, and as friends see it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Envelope {
    /// [`VERSION`].
    #[n(0)]
    pub version: u16,
    /// The vault.
    #[n(1)]
    pub vault: VaultId,
    /// Counts the vault's heads from 1.
    #[n(2)]
    pub seq: u64,
    /// Hash of the head before; zeros for the first.
    #[n(3)]
    pub previous: HeadHash,
    /// Ed25519 public key of the device that wrote it.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub writer: [u8; 32],
    /// The sealed [`HeadPayload`].
    #[n(5)]
    pub payload: ByteVec,
    /// Ed25519 over [`Self::signed_bytes`].
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

impl Envelope {
    /// What the signature covers: the context, then the envelope with a signature of zeros.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Self { signature: [0; 64], ..self.clone() };
        [SIGNATURE_CONTEXT, &to_cbor(&unsigned)].concat()
    }

    /// The envelope's name in the chain.
    pub fn hash(&self) -> HeadHash {
        HeadHash(*blake3::hash(&to_cbor(self)).as_bytes())
    }

    /// The authenticated data of the sealed payload.
    pub fn associated_data(&self) -> Vec<u8> {
        let mut out = b"holdfast head payload v1\0".to_vec();
        out.extend_from_slice(&self.vault.0);
        out.extend_from_slice(&self.seq.to_le_bytes());
        out.extend_from_slice(&self.previous.0);
        out
    }

    /// Reads an envelope and checks its version.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let envelope: Self = from_cbor("head", bytes)?;
        if envelope.version != VERSION {
            let found = envelope.version;
            return Err(FormatError::Version { what: "head", found, known: VERSION });
        }
        Ok(envelope)
    }
}

/// What a volume is to the vault, as a head records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum VolumeState {
    /// Takes part.
    #[n(0)]
    Member,
    /// Is being drained, so that it can be pulled.
    #[n(1)]
    Retiring,
    /// Was not there, or failed, when the head was written.
    #[n(2)]
    Absent,
    /// Left the vault: its packs are candidates, never an authority.
    #[n(3)]
    Removed,
}

/// One volume in the registry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RegisteredVolume {
    /// The volume.
    #[n(0)]
    pub id: VolumeId,
    /// What it is to the vault.
    #[n(1)]
    pub state: VolumeState,
    /// Its superblock's generation when the head was written.
    #[n(2)]
    pub generation: u64,
    /// Its disk's serial.
    #[n(3)]
    pub serial: String,
}

/// How long versions are kept how finely, in days: a rule that the owner chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Keep {
    /// Every version, so long.
    #[n(0)]
    pub all_days: u32,
    /// One an hour up to this age.
    #[n(1)]
    pub hourly_days: u32,
    /// One a day up to this age.
    #[n(2)]
    pub daily_days: u32,
    /// One a week up to this age; one a month after.
    #[n(3)]
    pub weekly_days: u32,
}

/// What a head says, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HeadPayload {
    /// The last commit that `state` includes.
    #[n(0)]
    pub commit_seq: u64,
    /// BLAKE3 of that commit's CBOR.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub commit_hash: [u8; 32],
    /// The [`State`](crate::record::State) object, in the system space; none before the first.
    #[n(2)]
    pub state: Option<ObjectId>,
    /// Sealed packs that the state's list lacks.
    #[n(3)]
    pub recent: Vec<PackEntry>,
    /// Packs in the state's list that are gone since.
    #[n(4)]
    #[cbor(default)]
    pub gone: Vec<types::PackId>,
    /// All volumes.
    #[n(5)]
    pub volumes: Vec<RegisteredVolume>,
    /// Copies that the owner wants of each data pack.
    #[n(6)]
    pub copies: u8,
    /// No snapshot received after this time may be missing from the state.
    #[n(7)]
    pub retention_floor: UnixTime,
    /// When the head was written.
    #[n(8)]
    pub time: UnixTime,
    /// How long versions are kept; none while nobody chose, and in heads that are older than the choice.
    #[n(9)]
    pub keep: Option<Keep>,
    /// The public half of the recovery key of the words that open the vault: friends know the owner by it.
    /// None in heads that are older than this field.
    #[n(10)]
    pub recovery: Option<OwnerKey>,
}
