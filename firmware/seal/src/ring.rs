//! The key ring: what an unlocked vault holds in memory, and the key file it came from.
//!
//! A key file is believed only when its mac proves that slots, spaces and writers belong together;
//! every change checks that first, so that a tampered file is never blessed with a fresh mac.
//! Start reading at [`KeyRing::create`] and [`KeyRing::unlock`].

mod absorb;

use std::collections::BTreeMap;
use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use format::keys::{KeyFile, SpaceSecret, WrappedSpace, WrappedWriter};
use format::to_cbor;
use thiserror::Error;
use types::{Rng, SpaceId, VaultId};
use zeroize::{Zeroize, Zeroizing};

use crate::{MasterKey, Secret, SlotName, SpaceKeys, Words, contexts, sealed_box, slots};

/// The name of the space that every vault begins with.
pub const FIRST_SPACE_NAME: &str = "everyone";
/// The only key epoch of version 1.
pub(crate) const EPOCH: u32 = 0;

/// Why a vault stays locked.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnlockError {
    /// This way in was never set up, or was removed.
    #[error("this vault has no {wanted} slot")]
    NoSlot {
        /// What was brought.
        wanted: SlotName,
    },
    /// The secret fits no slot of its kind.
    #[error("wrong {tried} for this vault")]
    WrongSecret {
        /// What was brought.
        tried: SlotName,
    },
    /// A password slot asks for more memory or time than any Holdfast would set.
    #[error("the password slot asks for more work than this box will do")]
    Costly,
    /// The secret is right and the file is not as it was written.
    #[error("the key file is forged or damaged: its {part} does not hold")]
    Forged {
        /// The part that failed.
        part: &'static str,
    },
    /// Written by a Holdfast that can change keys.
    #[error("space {space} uses key epoch {epoch}, which this Holdfast does not know")]
    UnknownEpoch {
        /// The space.
        space: SpaceId,
        /// Its epoch.
        epoch: u32,
    },
}

impl UnlockError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoSlot { .. } => "Use the 24 words of the recovery kit.",
            Self::WrongSecret { tried: SlotName::Words } => {
                "Check that the recovery kit is this vault's and not an older or another one's."
            }
            Self::WrongSecret { .. } => "Try again, or use the 24 words of the recovery kit.",
            Self::Costly | Self::Forged { .. } => "Use the key file of another disk.",
            Self::UnknownEpoch { .. } => "Update Holdfast, then try again.",
        }
    }
}

/// Why a key file was not changed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file's mac is not this vault's.
    #[error("the key file does not belong to the unlocked vault, or was changed")]
    NotOurs,
    /// Nothing would open the vault any more.
    #[error("the {slot} slot is the last way into the vault")]
    LastSlot {
        /// What was to be removed.
        slot: SlotName,
    },
    /// Spaces are told apart by name.
    #[error("there is a space named \"{name}\" already")]
    NameTaken {
        /// The name.
        name: String,
    },
}

impl KeyFileError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotOurs => "Use the key file of another disk.",
            Self::LastSlot { .. } => "Add another way in first.",
            Self::NameTaken { .. } => "Choose another name.",
        }
    }
}

/// One space, unlocked.
#[derive(Clone, Debug)]
pub struct Space {
    /// Its name; empty for the system space.
    pub name: String,
    /// Its keys.
    pub keys: SpaceKeys,
}

/// All keys of an unlocked vault.
#[derive(Clone)]
pub struct KeyRing {
    vault: VaultId,
    master: MasterKey,
    /// With the system space.
    spaces: BTreeMap<SpaceId, Space>,
    /// Oldest first; the newest writes.
    writers: Vec<SigningKey>,
}

impl KeyRing {
    /// Keys for a new vault: one space named [`FIRST_SPACE_NAME`], one writer, a slot for the words
    /// and, where given, one for a password.
    pub fn create(
        vault: VaultId,
        words: &Words,
        password: Option<&[u8]>,
        rng: &dyn Rng,
    ) -> (KeyFile, Self) {
        let mut ring = Self::bare(vault, MasterKey::generate(rng));
        let mut file = KeyFile {
            vault,
            generation: 1,
            slots: vec![slots::make(vault, &ring.master, &Secret::Words(words), rng)],
            spaces: Vec::new(),
            writers: Vec::new(),
            mac: [0; 32],
        };
        if let Some(password) = password {
            file.slots.push(slots::make(vault, &ring.master, &Secret::Password(password), rng));
        }
        ring.new_space(&mut file, FIRST_SPACE_NAME, rng);
        ring.new_writer(&mut file, rng);
        file.mac = ring.mac(&file);
        (file, ring)
    }

    /// Opens a key file with one secret.
    pub fn unlock(file: &KeyFile, secret: Secret<'_>) -> Result<Self, UnlockError> {
        Self::opened(file, slots::open(file.vault, &file.slots, &secret)?)
    }

    fn opened(file: &KeyFile, master: MasterKey) -> Result<Self, UnlockError> {
        let mut ring = Self::bare(file.vault, master);
        if !ring.owns(file) {
            return Err(UnlockError::Forged { part: "mac" });
        }
        for wrapped in &file.spaces {
            let space = ring.open_space(wrapped)?;
            if ring.spaces.insert(wrapped.id, space).is_some() {
                return Err(UnlockError::Forged { part: "list of spaces" });
            }
        }
        for wrapped in &file.writers {
            ring.writers.push(ring.open_writer(wrapped)?);
        }
        if ring.writers.is_empty() {
            return Err(UnlockError::Forged { part: "list of writers" });
        }
        Ok(ring)
    }

    /// The vault.
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// The keys of a space; the system space is always there.
    pub fn space(&self, id: SpaceId) -> Option<&SpaceKeys> {
        self.spaces.get(&id).map(|space| &space.keys)
    }

    /// The keys of the vault's own space.
    pub fn system(&self) -> &SpaceKeys {
        self.space(SpaceId::SYSTEM).expect("a ring is made with the system space")
    }

    /// People's spaces, without the system space.
    pub fn spaces(&self) -> impl Iterator<Item = (SpaceId, &Space)> {
        let all = self.spaces.iter().map(|(id, space)| (*id, space));
        all.filter(|(id, _)| *id != SpaceId::SYSTEM)
    }

    /// The space with this name.
    pub fn space_named(&self, name: &str) -> Option<SpaceId> {
        self.spaces().find(|(_, space)| space.name == name).map(|(id, _)| id)
    }

    /// The Ed25519 public key that new heads are signed with.
    pub fn writer_public(&self) -> [u8; 32] {
        self.writer().verifying_key().to_bytes()
    }

    /// The public keys of all devices that may write heads, oldest first.
    pub fn writers_public(&self) -> Vec<[u8; 32]> {
        self.writers.iter().map(|writer| writer.verifying_key().to_bytes()).collect()
    }

    /// Signs as the device that writes new heads.
    pub fn writer_signer(&self) -> WriterSigner<'_> {
        WriterSigner(self)
    }

    /// Whether a device with this public key may write heads.
    pub fn is_writer(&self, public: &[u8; 32]) -> bool {
        self.writers.iter().any(|writer| writer.verifying_key().as_bytes() == public)
    }

    /// Adds a way in. Others of its kind stay.
    pub fn add_slot(
        &self,
        file: &mut KeyFile,
        secret: Secret<'_>,
        rng: &dyn Rng,
    ) -> Result<(), KeyFileError> {
        self.check(file)?;
        file.slots.push(slots::make(self.vault, &self.master, &secret, rng));
        self.changed(file);
        Ok(())
    }

    /// Puts `secret` in the place of all slots of its kind: a new password, new words.
    pub fn replace_slots(
        &self,
        file: &mut KeyFile,
        secret: Secret<'_>,
        rng: &dyn Rng,
    ) -> Result<(), KeyFileError> {
        self.check(file)?;
        file.slots.retain(|slot| SlotName::of(slot.kind) != secret.slot_name());
        file.slots.push(slots::make(self.vault, &self.master, &secret, rng));
        absorb::begin_turn(file);
        self.changed(file);
        Ok(())
    }

    /// Removes all slots of a kind and says how many there were. Never removes the last way in.
    pub fn remove_slots(&self, file: &mut KeyFile, kind: SlotName) -> Result<usize, KeyFileError> {
        self.check(file)?;
        let left = file.slots.iter().filter(|slot| SlotName::of(slot.kind) != kind).count();
        let removed = file.slots.len() - left;
        if left == 0 {
            return Err(KeyFileError::LastSlot { slot: kind });
        }
        if removed > 0 {
            file.slots.retain(|slot| SlotName::of(slot.kind) != kind);
            absorb::begin_turn(file);
            self.changed(file);
        }
        Ok(removed)
    }

    /// The same file with only these kinds of slots: a volume gets no device slot, a friend the
    /// words alone. The generation stays: it is the same state of the vault.
    pub fn with_slots(&self, file: &KeyFile, keep: &[SlotName]) -> Result<KeyFile, KeyFileError> {
        self.check(file)?;
        let mut copy = file.clone();
        copy.slots.retain(|slot| keep.contains(&SlotName::of(slot.kind)));
        copy.mac = self.mac(&copy);
        Ok(copy)
    }

    /// Adds a space with a key of its own.
    pub fn add_space(
        &mut self,
        file: &mut KeyFile,
        name: &str,
        rng: &dyn Rng,
    ) -> Result<SpaceId, KeyFileError> {
        self.check(file)?;
        if self.space_named(name).is_some() {
            return Err(KeyFileError::NameTaken { name: name.to_owned() });
        }
        let id = self.new_space(file, name, rng);
        self.changed(file);
        Ok(id)
    }

    /// Adds a device that writes heads from now on; heads of the others stay valid.
    pub fn add_writer(&mut self, file: &mut KeyFile, rng: &dyn Rng) -> Result<(), KeyFileError> {
        self.check(file)?;
        self.new_writer(file, rng);
        self.changed(file);
        Ok(())
    }

    pub(crate) fn master(&self) -> &MasterKey {
        &self.master
    }

    pub(crate) fn sign_as_writer(&self, message: &[u8]) -> [u8; 64] {
        self.writer().sign(message).to_bytes()
    }

    fn bare(vault: VaultId, master: MasterKey) -> Self {
        let key = Zeroizing::new(blake3::derive_key(contexts::SYSTEM_SPACE, master.bytes()));
        let system = Space { name: String::new(), keys: SpaceKeys::derive(&key) };
        let spaces = BTreeMap::from([(SpaceId::SYSTEM, system)]);
        Self { vault, master, spaces, writers: Vec::new() }
    }

    fn writer(&self) -> &SigningKey {
        self.writers.last().expect("a ring is made with a writer")
    }

    fn mac(&self, file: &KeyFile) -> [u8; 32] {
        let key = Zeroizing::new(blake3::derive_key(contexts::KEY_FILE_MAC, self.master.bytes()));
        *blake3::keyed_hash(&key, &file.mac_bytes()).as_bytes()
    }

    fn owns(&self, file: &KeyFile) -> bool {
        // blake3::Hash compares in constant time.
        file.vault == self.vault && blake3::Hash::from_bytes(self.mac(file)) == file.mac
    }

    fn check(&self, file: &KeyFile) -> Result<(), KeyFileError> {
        if self.owns(file) { Ok(()) } else { Err(KeyFileError::NotOurs) }
    }

    fn changed(&self, file: &mut KeyFile) {
        file.generation = file.generation.saturating_add(1);
        file.mac = self.mac(file);
    }

    fn new_space(&mut self, file: &mut KeyFile, name: &str, rng: &dyn Rng) -> SpaceId {
        let id = SpaceId(rng.array());
        let mut secret = SpaceSecret { key: rng.array(), name: name.to_owned() };
        let keys = SpaceKeys::derive(&secret.key);
        let cbor = Zeroizing::new(to_cbor(&secret));
        secret.key.zeroize();
        let (master, bound) = (self.master.bytes(), self.space_bound(id, EPOCH));
        let secret = sealed_box::seal(contexts::SPACE_SECRET, master, &bound, &cbor, rng);
        file.spaces.push(WrappedSpace { id, epoch: EPOCH, secret });
        self.spaces.insert(id, Space { name: name.to_owned(), keys });
        id
    }

    fn new_writer(&mut self, file: &mut KeyFile, rng: &dyn Rng) {
        let seed = Zeroizing::new(rng.array::<32>());
        let writer = SigningKey::from_bytes(&seed);
        let public = writer.verifying_key().to_bytes();
        let (master, bound) = (self.master.bytes(), self.writer_bound(&public));
        let seed = sealed_box::seal(contexts::WRITER_SEED, master, &bound, seed.as_slice(), rng);
        file.writers.push(WrappedWriter { public, seed });
        self.writers.push(writer);
    }

    fn open_space(&self, wrapped: &WrappedSpace) -> Result<Space, UnlockError> {
        let mut secret = self.open_secret(wrapped)?;
        let keys = SpaceKeys::derive(&secret.key);
        secret.key.zeroize();
        Ok(Space { name: secret.name, keys })
    }

    fn open_writer(&self, wrapped: &WrappedWriter) -> Result<SigningKey, UnlockError> {
        let forged = UnlockError::Forged { part: "writer" };
        let (master, bound) = (self.master.bytes(), self.writer_bound(&wrapped.public));
        let seed = sealed_box::open(contexts::WRITER_SEED, master, &bound, &wrapped.seed)
            .map_err(|_| forged)?;
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| forged)?;
        let writer = SigningKey::from_bytes(seed);
        if *writer.verifying_key().as_bytes() == wrapped.public { Ok(writer) } else { Err(forged) }
    }

    fn space_bound(&self, id: SpaceId, epoch: u32) -> Vec<u8> {
        [&self.vault.0[..], &id.0, &epoch.to_le_bytes()].concat()
    }

    fn writer_bound(&self, public: &[u8; 32]) -> Vec<u8> {
        [&self.vault.0[..], public].concat()
    }
}

/// The device that writes heads, as one who signs.
#[derive(Debug)]
pub struct WriterSigner<'r>(&'r KeyRing);

impl types::Signer for WriterSigner<'_> {
    fn public(&self) -> [u8; 32] {
        self.0.writer_public()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign_as_writer(message)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing(vault {}, ..)", self.vault.short())
    }
}
