//! A pack's own key: made from the space's key and the pack's salt, used for this pack only.
//!
//! Nonces are domain and frame number. They do not repeat because a salt is drawn for every pack,
//! a sealer counts its frames, and no pack is ever continued after its sealer is gone.

use format::pack::{FOOTER_TYPE_CODE, FrameType, NonceDomain, PackHeader, TAG_LEN, nonce};
use types::sabotage::{self, Bug};
use zeroize::Zeroizing;

use crate::cipher::{Bulk, Unauthentic};
use crate::{SpaceKeys, contexts};

/// A sealed part of a pack: decides nonce and associated data.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Head(u32),
    Body(FrameType, u32),
    Footer,
}

/// The key of one pack, with the header that its associated data repeats.
pub(super) struct PackKey {
    pub(super) header: PackHeader,
    cipher: Bulk,
}

impl PackKey {
    /// The key of the pack with this header, and the commitment that its header must carry.
    pub(super) fn derive(header: PackHeader, keys: &SpaceKeys) -> (Self, blake3::Hash) {
        let key = blake3::keyed_hash(keys.pack_key(header.kind), &header.salt);
        let key = Zeroizing::new(*key.as_bytes());
        let commitment = blake3::derive_key(contexts::PACK_COMMITMENT, key.as_slice());
        (Self { header, cipher: Bulk::new(&key) }, blake3::Hash::from_bytes(commitment))
    }

    pub(super) fn seal(&self, part: Part, bytes: &mut [u8]) -> [u8; TAG_LEN] {
        let (nonce, associated) = self.inputs(part);
        self.cipher.seal(&nonce, &associated, bytes)
    }

    pub(super) fn open(
        &self,
        part: Part,
        bytes: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Unauthentic> {
        let (nonce, associated) = self.inputs(part);
        self.cipher.open(&nonce, &associated, bytes, tag)
    }

    /// Opens `sealed`, its tag last, and leaves only the plaintext in it.
    pub(super) fn open_vec(&self, part: Part, sealed: &mut Vec<u8>) -> Result<(), Unauthentic> {
        let (body, tag) = sealed.split_last_chunk_mut::<TAG_LEN>().ok_or(Unauthentic)?;
        self.open(part, body, tag)?;
        sealed.truncate(sealed.len() - TAG_LEN);
        Ok(())
    }

    fn inputs(&self, part: Part) -> ([u8; 12], [u8; format::pack::ASSOCIATED_LEN]) {
        let (domain, code, number) = match part {
            Part::Head(number) => (NonceDomain::Head, 0, number),
            Part::Body(frame_type, number) => (NonceDomain::Body, frame_type.code(), number),
            Part::Footer => (NonceDomain::Footer, FOOTER_TYPE_CODE, 0),
        };
        let number = u64::from(number);
        let counted = if sabotage::on(Bug::NonceReused) { 0 } else { number };
        (nonce(domain, counted), self.header.associated_data(code, number))
    }
}
