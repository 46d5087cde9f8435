//! AES-256-GCM in place, with the tag apart, twice over. The only file that names the ciphers' crates.
//!
//! [`Bulk`] seals frames, three times as fast; [`Cipher`] seals key slots and heads, and wipes its
//! key when it is dropped. Both write the same bytes, which the tests below hold them to; why there
//! are two is in `docs/adr/0008-two-ciphers.md`. Neither knows anything of nonces' uniqueness: each
//! caller says why its nonces never repeat.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use format::pack::TAG_LEN;
use ring::aead;
use types::sabotage::{self, Bug};

/// The bytes were not sealed under this key, nonce and associated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unauthentic;

const SHORT: &str = "everything sealed here is far below the cipher's limit of 64 GiB";

/// One AES-256-GCM key, expanded; wiped when it is dropped.
pub(crate) struct Cipher(Aes256Gcm);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts `bytes` where they lie and returns the tag.
    pub(crate) fn seal(&self, nonce: &[u8; 12], associated: &[u8], bytes: &mut [u8]) -> [u8; 16] {
        let nonce: &Nonce<_> = nonce.into();
        self.0.encrypt_inout_detached(nonce, associated, bytes.into()).expect(SHORT).into()
    }

    /// Checks the tag, then decrypts `bytes` where they lie.
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

/// The same cipher for many bytes. Its key is not wiped: one pack's, and no better kept than the
/// pack's plaintext, which lies in the same memory.
pub(crate) struct Bulk(aead::LessSafeKey);

impl Bulk {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, key).expect("a key of 32 bytes");
        Self(aead::LessSafeKey::new(key))
    }

    /// Encrypts `bytes` where they lie and returns the tag.
    pub(crate) fn seal(&self, nonce: &[u8; 12], associated: &[u8], bytes: &mut [u8]) -> [u8; 16] {
        let nonce = aead::Nonce::assume_unique_for_key(*nonce);
        let associated = aead::Aad::from(associated);
        let tag = self.0.seal_in_place_separate_tag(nonce, associated, bytes).expect(SHORT);
        tag.as_ref().try_into().expect("a tag of 16 bytes")
    }

    /// Decrypts `bytes` where they lie and checks the tag. On an error their content is lost.
    pub(crate) fn open(
        &self,
        nonce: &[u8; 12],
        associated: &[u8],
        bytes: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Unauthentic> {
        if sabotage::on(Bug::TagIgnored) {
            self.seal(nonce, associated, bytes);
            return Ok(());
        }
        let nonce = aead::Nonce::assume_unique_for_key(*nonce);
        let (associated, tag) = (aead::Aad::from(associated), aead::Tag::from(*tag));
        let opened = self.0.open_in_place_separate_tag(nonce, associated, tag, bytes, 0..);
        opened.map(drop).map_err(|_| Unauthentic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths around every step that either library takes: nothing, a part of a block, blocks,
    /// the strides of the vector code, and a frame's.
    const LENGTHS: [usize; 14] =
        [0, 1, 15, 16, 17, 63, 64, 127, 128, 255, 256, 4097, 65_536, (1 << 20) + 36];

    fn noise(seed: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
        bytes
    }

    #[test]
    fn both_ciphers_write_the_same_bytes_and_read_each_other() {
        for (seed, len) in (0_u64..).zip(LENGTHS) {
            let key: [u8; 32] = noise(seed, 32).try_into().unwrap();
            let nonce: [u8; 12] = noise(seed + 100, 12).try_into().unwrap();
            for associated in [&b""[..], b"associated", &noise(seed, 101)] {
                let plain = noise(seed + 200, len);
                let (mut fast, mut wiped) = (plain.clone(), plain.clone());
                let tag = Bulk::new(&key).seal(&nonce, associated, &mut fast);
                let same = Cipher::new(&key).seal(&nonce, associated, &mut wiped);
                assert_eq!((tag, &fast), (same, &wiped), "{len} bytes");
                assert!(len < 16 || fast != plain);
                Bulk::new(&key).open(&nonce, associated, &mut wiped, &tag).unwrap();
                Cipher::new(&key).open(&nonce, associated, &mut fast, &tag).unwrap();
                assert_eq!((&fast, &wiped), (&plain, &plain));
            }
        }
    }

    #[test]
    fn both_refuse_whatever_was_changed() {
        let (key, nonce, associated) = ([7; 32], [9; 12], b"pack");
        let sealer = Bulk::new(&key);
        let mut sealed = noise(1, 300);
        let tag = sealer.seal(&nonce, associated, &mut sealed);
        let refused = |nonce: &[u8; 12], associated: &[u8], bytes: &[u8], tag: &[u8; 16]| {
            let fast = sealer.open(nonce, associated, &mut bytes.to_vec(), tag);
            let wiped = Cipher::new(&key).open(nonce, associated, &mut bytes.to_vec(), tag);
            assert_eq!(fast, wiped);
            fast == Err(Unauthentic)
        };
        assert!(!refused(&nonce, associated, &sealed, &tag));
        assert!(refused(&[8; 12], associated, &sealed, &tag));
        assert!(refused(&nonce, b"Pack", &sealed, &tag));
        assert!(refused(&nonce, associated, &sealed[1..], &tag));
        for bit in [0, 1000, 2399] {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&nonce, associated, &flipped, &tag));
        }
        for bit in 0..128 {
            let mut flipped = tag;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&nonce, associated, &sealed, &flipped));
        }
    }
}
