//! Sealed boxes: small secrets, each under a key that was made for it alone.
//!
//! The fresh salt makes the key, so a zero nonce is used once per key. The commitment is compared
//! before anything is decrypted: AES-GCM alone does not bind a ciphertext to one key, and whoever
//! can plant a password slot could otherwise test many passwords with one try.

use format::keys::SealedBox;
use format::pack::TAG_LEN;
use minicbor::bytes::ByteVec;
use types::Rng;
use types::sabotage::{self, Bug};
use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::contexts;

const NONCE: [u8; 12] = [0; 12];

/// Why a box does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoxError {
    /// The commitment is another key's.
    WrongKey,
    /// The key is right and the content is not what was sealed.
    Damaged,
}

/// Seals `secret` for `context` under `key`. `bound` follows the context in the associated data.
pub(crate) fn seal(
    context: &str,
    key: &[u8; 32],
    bound: &[u8],
    secret: &[u8],
    rng: &dyn Rng,
) -> SealedBox {
    let associated = [context.as_bytes(), bound].concat();
    seal_salted(context, key, rng.array(), &associated, secret)
}

/// Like [`seal`], with the salt already drawn and the associated data spelled out.
pub(crate) fn seal_salted(
    context: &str,
    key: &[u8; 32],
    salt: [u8; 32],
    associated: &[u8],
    secret: &[u8],
) -> SealedBox {
    let box_key = box_key(context, key, &salt);
    let mut sealed = secret.to_vec();
    let tag = Cipher::new(&box_key).seal(&NONCE, associated, &mut sealed);
    sealed.extend_from_slice(&tag);
    SealedBox { salt, commitment: *commitment(&box_key).as_bytes(), sealed: ByteVec::from(sealed) }
}

/// Opens what [`seal`] sealed.
pub(crate) fn open(
    context: &str,
    key: &[u8; 32],
    bound: &[u8],
    sealed: &SealedBox,
) -> Result<Zeroizing<Vec<u8>>, BoxError> {
    let associated = [context.as_bytes(), bound].concat();
    open_associated(context, key, &associated, sealed)
}

/// Opens what [`seal_salted`] sealed.
pub(crate) fn open_associated(
    context: &str,
    key: &[u8; 32],
    associated: &[u8],
    sealed: &SealedBox,
) -> Result<Zeroizing<Vec<u8>>, BoxError> {
    let box_key = box_key(context, key, &sealed.salt);
    // blake3::Hash compares in constant time.
    if commitment(&box_key) != sealed.commitment && !sabotage::on(Bug::CommitmentUnchecked) {
        return Err(BoxError::WrongKey);
    }
    let (body, tag) = sealed.sealed.split_last_chunk::<TAG_LEN>().ok_or(BoxError::Damaged)?;
    let mut secret = Zeroizing::new(body.to_vec());
    Cipher::new(&box_key)
        .open(&NONCE, associated, &mut secret, tag)
        .map_err(|_| BoxError::Damaged)?;
    Ok(secret)
}

fn box_key(context: &str, key: &[u8; 32], salt: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let wrapping = Zeroizing::new(blake3::derive_key(context, key));
    Zeroizing::new(*blake3::keyed_hash(&wrapping, salt).as_bytes())
}

fn commitment(box_key: &[u8; 32]) -> blake3::Hash {
    blake3::Hash::from_bytes(blake3::derive_key(contexts::BOX_COMMITMENT, box_key))
}
