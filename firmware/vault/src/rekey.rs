//! New words, or another password, for a vault that is open: those before open it no longer.
//!
//! The keys stay, only the way to them is another one: nothing is sealed anew, and whoever kept a copy of a
//! disk from before still opens that copy with the old words. Start at [`Vault::put_words`].

use std::sync::Arc;

use format::keys::KeyFile;
use seal::{Secret, Words};
use types::OwnerKey;

use crate::Vault;
use crate::error::VaultError;
use crate::keys::KeysNow;

impl Vault {
    /// Lets these words open the vault in the place of those before. When it returns, every attached volume
    /// that takes writes has them; volumes that are away get them when they come back.
    pub fn put_words(&self, words: &Words) -> Result<(), VaultError> {
        self.put_secret(Secret::Words(words))?;
        let mut writer = self.writer();
        writer.chain.recovery = Some(OwnerKey(words.recovery_public()));
        writer.write_head()
    }

    /// The same for a password; a vault that was reborn from its words has none before.
    pub fn put_password(&self, password: &[u8]) -> Result<(), VaultError> {
        self.put_secret(Secret::Password(password))
    }

    fn put_secret(&self, secret: Secret<'_>) -> Result<(), VaultError> {
        self.writable()?;
        let _membership = self.membership();
        self.writer().whole()?;
        let now = self.keys.now();
        let mut file = KeyFile::decode(&now.file)?;
        let put = now.ring.replace_slots(&mut file, secret, &*self.env.rng);
        put.map_err(|error| VaultError::Bad { what: error.to_string() })?;
        let new = KeysNow { ring: Arc::clone(&now.ring), file: Arc::new(file.encode()) };
        let some_failed = self.put_keys(&new, true)?;
        self.keys.turn_to(new);
        if some_failed {
            self.writer().refill_all()?;
        }
        Ok(())
    }
}
