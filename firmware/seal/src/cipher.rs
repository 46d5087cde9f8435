//! AES-256-GCM in place, with the tag apart. The only file that names the cipher's crate.
//!
//! It knows nothing of nonces' uniqueness: each caller says why its nonces never repeat.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use format::pack::TAG_LEN;
use types::sabotage::{self, Bug};

/// The bytes were not sealed under this key, nonce and associated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unauthentic;

/// One AES-256-GCM key, expanded.
pub(crate) struct Cipher(Aes256Gcm);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts `bytes` where they lie and returns the tag.
    pub(crate) fn seal(&self, nonce: &[u8; 12], associated: &[u8], bytes: &mut [u8]) -> [u8; 16] {
        let nonce: &Nonce<_> = nonce.into();
        let tag = self
            .0
            .encrypt_inout_detached(nonce, associated, bytes.into())
            .expect("everything sealed here is far below the cipher's limit of 64 GiB");
        tag.into()
    }

    /// Checks the tag, then decrypts `bytes` where they lie. On an error they stay as they were.
    pub(crate) fn open(
        &self,
        nonce: &[u8; 12],
        associated: &[u8],
        bytes: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Unauthentic> {
        if sabotage::on(Bug::TagIgnored) {
            // In counter mode, to encrypt once more is to decrypt.
            self.seal(nonce, associated, bytes);
            return Ok(());
        }
        let (nonce, tag): (&Nonce<_>, &Tag) = (nonce.into(), tag.into());
        self.0.decrypt_inout_detached(nonce, associated, bytes.into(), tag).map_err(|_| Unauthentic)
    }
}
