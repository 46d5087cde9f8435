//! The keys of an open vault, held while its disks change: it is opened anew with other disks, and
//! nobody is asked for a secret that was given a moment ago.
//!
//! Never written anywhere, never shown. Start at [`Vault::held_keys`].

use std::fmt;

use format::keys::KeyFile;
use seal::{KeyRing, Secret};
use types::VaultId;

use crate::Vault;
use crate::error::VaultError;
use crate::keys::KeysNow;
use crate::open::Secrets;

/// What keeps a vault unlocked while it is closed for a moment. Wiped when the last clone goes.
#[derive(Clone)]
pub struct HeldKeys {
    now: KeysNow,
}

impl HeldKeys {
    /// Whose they are.
    pub fn vault(&self) -> VaultId {
        self.now.ring.vault()
    }

    /// Whether this secret opens that vault, too: whoever gives one while it is open wants to know.
    pub fn accepts(&self, secret: Secrets<'_>) -> Result<(), VaultError> {
        let secret = match secret {
            Secrets::Words(words) => Secret::Words(words),
            Secrets::Password(password) => Secret::Password(password),
            Secrets::Held(_) => return Ok(()),
        };
        KeyRing::unlock(&KeyFile::decode(&self.now.file)?, secret)?;
        Ok(())
    }

    pub(crate) fn file(&self) -> Result<KeyFile, VaultError> {
        Ok(KeyFile::decode(&self.now.file)?)
    }

    pub(crate) fn ring(&self) -> &KeyRing {
        &self.now.ring
    }
}

impl fmt::Debug for HeldKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldKeys").field("vault", &self.vault()).finish_non_exhaustive()
    }
}

impl Vault {
    /// The keys, for opening this vault anew with other disks: see
    /// [`Secrets::Held`](crate::Secrets::Held).
    pub fn held_keys(&self) -> HeldKeys {
        HeldKeys { now: self.keys.now() }
    }
}
