//! What somebody who holds a vault's words could write: every sealed layout with any content.
//!
//! Written from `docs/formats/keys.md`, `pack.md` and `head.md` and not from `seal`, because `seal`
//! only ever seals what is well-formed; a fuzzer has to get wrong things past the ciphers. Nothing
//! here is secret or random: salts repeat, which no real vault's may. Start at [`Forge::of`].

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use ed25519_dalek::{Signer, SigningKey};
use format::head::Envelope;
use format::keys::{KeyFile, SealedBox, SlotKind, SpaceSecret};
use format::pack::{PackHeader, PackKind, TAG_LEN};
use format::{from_cbor, to_cbor};
use minicbor::bytes::ByteVec;
use seal::{KeyRing, Secret, Words, contexts};
use types::{HeadHash, Rng, SpaceId, VaultId};

/// The entropy behind the words of every vault that is made here.
pub const ENTROPY: [u8; 32] = [7; 32];

/// A source of "randomness" that always gives [`ENTROPY`]: makes the words known.
#[derive(Debug)]
struct Known;

impl Rng for Known {
    fn fill(&self, out: &mut [u8]) {
        out.fill(ENTROPY[0]);
    }
}

/// The words whose entropy is [`ENTROPY`].
pub fn words() -> Words {
    Words::generate(&Known)
}

/// The keys of one vault, in the clear.
#[derive(Debug)]
pub struct Forge {
    /// The vault.
    pub vault: VaultId,
    /// Its key file as it was made.
    pub file: KeyFile,
    /// The same keys as the product opens them.
    pub ring: KeyRing,
    /// The people's space that comes first in the key file.
    pub space: SpaceId,
    master: [u8; 32],
    space_key: [u8; 32],
    signing: SigningKey,
}

impl Forge {
    /// Takes a key file apart that [`words`] open.
    pub fn of(file: KeyFile) -> Self {
        const OURS: &str = "the key file was made here, for these words";
        let vault = file.vault;
        let slot = file.slots.iter().find(|slot| slot.kind == SlotKind::Words).expect(OURS);
        let master = open_box(contexts::SLOT_WORDS, &ENTROPY, &vault.0, &slot.master);
        let master: [u8; 32] = master.try_into().expect(OURS);
        let wrapped = file.spaces.first().expect(OURS);
        let bound = [&vault.0[..], &wrapped.id.0, &wrapped.epoch.to_le_bytes()].concat();
        let secret = open_box(contexts::SPACE_SECRET, &master, &bound, &wrapped.secret);
        let secret: SpaceSecret = from_cbor("space secret", &secret).expect(OURS);
        let writer = file.writers.last().expect(OURS);
        let bound = [&vault.0[..], &writer.public].concat();
        let seed = open_box(contexts::WRITER_SEED, &master, &bound, &writer.seed);
        let signing = SigningKey::from_bytes(&seed.try_into().expect(OURS));
        let ring = KeyRing::unlock(&file, Secret::Words(&words())).expect(OURS);
        let space = wrapped.id;
        Self { vault, file, ring, space, master, space_key: secret.key, signing }
    }

    /// The system space, or the first of the people's.
    pub fn space_of(&self, system: bool) -> SpaceId {
        if system { SpaceId::SYSTEM } else { self.space }
    }

    /// The key of a pack with this header, and the commitment that belongs into it.
    pub fn pack_key(&self, header: &PackHeader) -> ([u8; 32], [u8; 32]) {
        let space_key = if header.space == SpaceId::SYSTEM {
            blake3::derive_key(contexts::SYSTEM_SPACE, &self.master)
        } else {
            self.space_key
        };
        let context = match header.kind {
            PackKind::Data => contexts::DATA_PACKS,
            PackKind::Meta => contexts::META_PACKS,
            PackKind::Index => contexts::INDEX_PACKS,
        };
        let kind_key = blake3::derive_key(context, &space_key);
        let key = *blake3::keyed_hash(&kind_key, &header.salt).as_bytes();
        (key, blake3::derive_key(contexts::PACK_COMMITMENT, &key))
    }

    /// The key file with a mac that holds, whatever else it says.
    pub fn bless(&self, mut file: KeyFile) -> KeyFile {
        let key = blake3::derive_key(contexts::KEY_FILE_MAC, &self.master);
        file.mac = *blake3::keyed_hash(&key, &file.mac_bytes()).as_bytes();
        file
    }

    /// A box under the master key: a wrapped space, a writer's seed.
    pub fn master_box(&self, context: &str, bound: &[u8], secret: &[u8]) -> SealedBox {
        let associated = [context.as_bytes(), bound].concat();
        seal_box(context, &self.master, &associated, secret)
    }

    /// A signed head with any bytes for a payload.
    pub fn head(&self, seq: u64, previous: HeadHash, payload: &[u8]) -> Envelope {
        let mut envelope = Envelope {
            version: format::head::VERSION,
            vault: self.vault,
            seq,
            previous,
            writer: self.signing.verifying_key().to_bytes(),
            payload: ByteVec::from(Vec::new()),
            signature: [0; 64],
        };
        let associated = envelope.associated_data();
        let sealed = seal_box(contexts::HEAD_PAYLOAD, &self.master, &associated, payload);
        envelope.payload = ByteVec::from(to_cbor(&sealed));
        self.sign(&mut envelope);
        envelope
    }

    /// Signs an envelope as it stands.
    pub fn sign(&self, envelope: &mut Envelope) {
        envelope.signature = self.signing.sign(&envelope.signed_bytes()).to_bytes();
    }
}

/// AES-256-GCM: ciphertext, then tag.
pub fn encrypt(key: &[u8; 32], nonce: &[u8; 12], associated: &[u8], plain: &[u8]) -> Vec<u8> {
    let nonce: &Nonce<_> = nonce.into();
    let mut out = plain.to_vec();
    let tag = Aes256Gcm::new(key.into())
        .encrypt_inout_detached(nonce, associated, out.as_mut_slice().into())
        .expect("far below the cipher's limit");
    out.extend_from_slice(&tag);
    out
}

fn box_keys(context: &str, secret: &[u8; 32], salt: &[u8; 32]) -> ([u8; 32], [u8; 32]) {
    let wrapping = blake3::derive_key(context, secret);
    let key = *blake3::keyed_hash(&wrapping, salt).as_bytes();
    (key, blake3::derive_key(contexts::BOX_COMMITMENT, &key))
}

fn seal_box(context: &str, secret: &[u8; 32], associated: &[u8], plain: &[u8]) -> SealedBox {
    let salt = *blake3::hash(plain).as_bytes();
    let (key, commitment) = box_keys(context, secret, &salt);
    let sealed = ByteVec::from(encrypt(&key, &[0; 12], associated, plain));
    SealedBox { salt, commitment, sealed }
}

fn open_box(context: &str, secret: &[u8; 32], bound: &[u8], sealed: &SealedBox) -> Vec<u8> {
    let (key, _) = box_keys(context, secret, &sealed.salt);
    let associated = [context.as_bytes(), bound].concat();
    let (body, tag) = sealed.sealed.split_last_chunk::<TAG_LEN>().expect("a box has a tag");
    let mut plain = body.to_vec();
    let nonce: &Nonce<_> = (&[0; 12]).into();
    Aes256Gcm::new((&key).into())
        .decrypt_inout_detached(nonce, &associated, plain.as_mut_slice().into(), tag.into())
        .expect("the box was made for this secret");
    plain
}
