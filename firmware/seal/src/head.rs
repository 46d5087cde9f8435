//! Heads: sealed with the master key, signed by the device that writes them.
//!
//! Which head is the newest, and whether a chain is whole, is decided elsewhere: this only seals,
//! opens and checks one. Byte layout: `docs/formats/head.md`. Start reading at [`open_head`].

use ed25519_dalek::{Signature, VerifyingKey};
use format::head::{Envelope, HeadPayload, VERSION};
use format::keys::SealedBox;
use format::{FormatError, from_cbor, to_cbor};
use minicbor::bytes::ByteVec;
use thiserror::Error;
use types::sabotage::{self, Bug};
use types::{HeadHash, Rng, VaultId};

use crate::sealed_box::BoxError;
use crate::{KeyRing, contexts, sealed_box};

/// Why a head is not believed.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeadError {
    /// It belongs to another vault.
    #[error("the head is of vault {found}, not of {wanted}")]
    OtherVault {
        /// The head's vault.
        found: VaultId,
        /// Ours.
        wanted: VaultId,
    },
    /// The key file does not list its writer.
    #[error("head {seq} is signed by a device that does not belong to the vault")]
    UnknownWriter {
        /// The head's number.
        seq: u64,
    },
    /// The signature is not its writer's over these bytes.
    #[error("head {seq} has a signature that does not match")]
    BadSignature {
        /// The head's number.
        seq: u64,
    },
    /// Signed, and yet sealed under another key or changed.
    #[error("head {seq} cannot be opened with the vault's key")]
    Sealed {
        /// The head's number.
        seq: u64,
    },
    /// Opened, and not a record that this Holdfast reads.
    #[error("head {seq} opened, and what it holds cannot be read")]
    Malformed {
        /// The head's number.
        seq: u64,
        /// What is wrong with it.
        source: FormatError,
    },
}

impl HeadError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::OtherVault { .. } => "Check whether this disk belongs to another vault.",
            Self::UnknownWriter { .. } | Self::BadSignature { .. } | Self::Sealed { .. } => {
                "Use the head of another disk; if all are refused, do not write and ask for help."
            }
            Self::Malformed { .. } => "Update Holdfast: a newer one may have written this disk.",
        }
    }
}

/// Seals and signs a head that follows `previous`.
pub fn seal_head(
    keys: &KeyRing,
    seq: u64,
    previous: HeadHash,
    payload: &HeadPayload,
    rng: &dyn Rng,
) -> Envelope {
    let mut envelope = Envelope {
        version: VERSION,
        vault: keys.vault(),
        seq,
        previous,
        writer: keys.writer_public(),
        payload: ByteVec::from(Vec::new()),
        signature: [0; 64],
    };
    let sealed = sealed_box::seal_salted(
        contexts::HEAD_PAYLOAD,
        keys.master().bytes(),
        rng.array(),
        &envelope.associated_data(),
        &to_cbor(payload),
    );
    envelope.payload = ByteVec::from(to_cbor(&sealed));
    envelope.signature = keys.sign_as_writer(&envelope.signed_bytes());
    envelope
}

/// Checks vault, writer and signature, then opens the payload.
pub fn open_head(keys: &KeyRing, envelope: &Envelope) -> Result<HeadPayload, HeadError> {
    let seq = envelope.seq;
    if envelope.vault != keys.vault() {
        return Err(HeadError::OtherVault { found: envelope.vault, wanted: keys.vault() });
    }
    if !keys.is_writer(&envelope.writer) {
        return Err(HeadError::UnknownWriter { seq });
    }
    if !verify_signature(envelope, &envelope.writer) && !sabotage::on(Bug::SignatureIgnored) {
        return Err(HeadError::BadSignature { seq });
    }
    let malformed = |source| HeadError::Malformed { seq, source };
    let sealed: SealedBox = from_cbor("sealed head", &envelope.payload).map_err(malformed)?;
    let opened = sealed_box::open_associated(
        contexts::HEAD_PAYLOAD,
        keys.master().bytes(),
        &envelope.associated_data(),
        &sealed,
    );
    match opened {
        Ok(cbor) => from_cbor("head payload", &cbor).map_err(malformed),
        Err(BoxError::WrongKey | BoxError::Damaged) => Err(HeadError::Sealed { seq }),
    }
}

/// Whether `public` wrote and signed this envelope. Needs no vault keys: friends call it.
#[must_use]
pub fn verify_signature(envelope: &Envelope, public: &[u8; 32]) -> bool {
    envelope.writer == *public
        && VerifyingKey::from_bytes(public).is_ok_and(|key| {
            let signature = Signature::from_bytes(&envelope.signature);
            key.verify_strict(&envelope.signed_bytes(), &signature).is_ok()
        })
}
