//! The keys of an open vault, shared by all that reads and writes: a space may be added while they work.
//!
//! The ring and the key file change together, and only grow. Whoever holds a ring that is older than
//! the newest one lacks a space that nothing was stored in when it was taken. Start at [`Keys`].

use std::sync::{Arc, PoisonError, RwLock};

use format::FormatError;
use format::keys::KeyFile;
use seal::{KeyRing, Secret, UnlockError};
use types::Rng;
use types::sabotage::{self, Bug};
use volume::Volume;

use crate::error::VaultError;
use crate::open::{Candidate, Secrets};

/// The newest keys. Never written anywhere, never shown.
#[derive(Debug)]
pub(crate) struct Keys(RwLock<KeysNow>);

/// The keys as they are at one moment.
#[derive(Clone, Debug)]
pub(crate) struct KeysNow {
    pub(crate) ring: Arc<KeyRing>,
    /// The key file as it has to stand on every volume.
    pub(crate) file: Arc<Vec<u8>>,
}

impl Keys {
    pub(crate) fn new(ring: KeyRing, file: &KeyFile) -> Self {
        let (ring, file) = (Arc::new(ring), Arc::new(file.encode()));
        Self(RwLock::new(KeysNow { ring, file }))
    }

    pub(crate) fn now(&self) -> KeysNow {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        self.now().ring
    }

    pub(crate) fn file(&self) -> Arc<Vec<u8>> {
        self.now().file
    }

    pub(crate) fn turn_to(&self, now: KeysNow) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl KeysNow {
    /// Writes the key file to a volume, unless what is there may be newer than what was read of it: it
    /// could not be read, or another program wrote it. Two copies, one after the other.
    pub(crate) fn write_to(&self, volume: &Volume) -> Result<(), VaultError> {
        let ours = KeyFile::decode(&self.file)?;
        for bytes in volume.read_keys()? {
            let more = match KeyFile::decode(&bytes) {
                Ok(theirs) => self.ring.lacks_some_of(&ours, &theirs),
                Err(FormatError::Version { .. }) => true,
                // Damaged: nobody opens it any more.
                Err(_) => false,
            };
            if more && !sabotage::on(Bug::NewerKeysReplaced) {
                return Err(VaultError::NewerKeys { label: volume.name().to_string() });
            }
        }
        Ok(volume.write_keys(&self.file)?)
    }
}

/// Opens the newest key file that the secret opens, from any volume, and takes in the spaces that
/// others name: disks that were apart may each have been given one.
pub(crate) fn unlock(
    candidates: &[Candidate],
    secret: Secrets<'_>,
    rng: &dyn Rng,
) -> Result<(KeyFile, KeyRing), VaultError> {
    let mut files = Vec::new();
    for candidate in candidates {
        for bytes in candidate.volume.read_keys().unwrap_or_default() {
            files.extend(KeyFile::decode(&bytes).ok());
        }
    }
    unlock_files(files, secret, rng)
}

/// The same for key files that came from wherever.
pub(crate) fn unlock_files(
    mut files: Vec<KeyFile>,
    secret: Secrets<'_>,
    rng: &dyn Rng,
) -> Result<(KeyFile, KeyRing), VaultError> {
    if let Secrets::Held(held) = secret {
        files.push(held.file()?);
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.generation));
    files.dedup();
    let opened = |file: &KeyFile| match secret {
        Secrets::Words(words) => KeyRing::unlock(file, Secret::Words(words)),
        Secrets::Password(password) => KeyRing::unlock(file, Secret::Password(password)),
        Secrets::Held(held) => held.ring().turned_to(file),
    };
    let (mut file, mut ring) = first_opened(&files, opened)?;
    let parted = if sabotage::on(Bug::PartedKeysDropped) { &[] } else { &files[..] };
    for other in parted {
        // What is no key file of this vault says nothing.
        let _absorbed = ring.absorb(&mut file, other, rng);
    }
    Ok((file, ring))
}

fn first_opened(
    files: &[KeyFile],
    opened: impl Fn(&KeyFile) -> Result<KeyRing, UnlockError>,
) -> Result<(KeyFile, KeyRing), VaultError> {
    let mut refused = None;
    for file in files {
        match opened(file) {
            Ok(ring) => return Ok((file.clone(), ring)),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.map_or(VaultError::NoKeys, Into::into))
}
