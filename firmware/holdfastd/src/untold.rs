//! The words of a vault that was just made, until somebody has them.
//!
//! Whoever asked for the vault may be gone when it is ready. Until the words were handed over the vault
//! takes nothing, asking again gives the same words, and at the next start it is thrown away: it is
//! empty. The words are in memory only. Start at [`Untold`].

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calls::{Answer, Fault, FaultCode, SecretText};
use types::VaultId;

use crate::error::StartError;
use crate::setup::Setup;
use crate::state::StateFolder;
use crate::supervisor::{Shared, Supervisor};

/// The roster of a box that has no vault.
pub(crate) const NEW_ROSTER: &str = "new/disks.toml";
/// There while the words of the vault were told to nobody.
const FILE: &str = "untold";

/// Whoever has the words may ask for something before it is noted that he has.
const HANDED_OVER_MAX: Duration = Duration::from_secs(3);

/// The vault and its words.
#[derive(Debug, Default)]
pub(crate) struct Untold(Mutex<Option<(VaultId, SecretText)>>);

impl Untold {
    fn held(&self) -> MutexGuard<'_, Option<(VaultId, SecretText)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The words that wait to be handed over.
    pub(crate) fn answer(&self) -> Option<Answer> {
        let held = self.held();
        let (vault, words) = held.as_ref()?;
        Some(Answer::Created { vault: vault.to_string(), words: words.clone() })
    }
}

impl Supervisor {
    /// Notes that a vault is about to be made, before anything says that there is one.
    pub(crate) fn begin_untold(&self) -> Result<(), Fault> {
        self.folder.put(FILE, b"").map_err(|error| crate::show::record(&error))
    }

    /// Keeps the words until they were handed over.
    pub(crate) fn hold_words(&self, vault: VaultId, words: SecretText) {
        *self.untold.held() = Some((vault, words));
        self.judge_soon();
    }

    /// Somebody has the words: from now on the vault is one like any other.
    pub(crate) fn words_are_told(&self) {
        match self.folder.remove(FILE) {
            Ok(()) => {
                *self.untold.held() = None;
                self.judge_soon();
                self.changed.notify_all();
            }
            // It takes nothing as long as the next start would throw it away.
            Err(error) => tracing::error!(%error, "the new vault cannot be taken into use"),
        }
    }

    /// Waits a moment for an answer that is just being handed over; the words if nobody has them then.
    pub(crate) fn untold_words(&self) -> Option<Answer> {
        let waits = |_: &mut Shared| self.untold.held().is_some();
        drop(self.changed.wait_timeout_while(self.shared(), HANDED_OVER_MAX, waits));
        self.untold.answer()
    }

    /// Refuses to store in a vault whose words nobody has.
    pub(crate) fn must_be_told(&self) -> Result<(), Fault> {
        if self.untold_words().is_none() {
            return Ok(());
        }
        let sentence = "The words of the new vault were handed to nobody yet.";
        let advice = "Ask for them with the same `holdfast --box default create ...` as before.";
        Err(Fault::new(FaultCode::WrongState, sentence, advice))
    }
}

/// Throws away a vault whose words were never told: nothing was stored in it.
pub(crate) fn throw_away(folder: &StateFolder, setup: &Setup) -> Result<(), StartError> {
    let path = folder.path().to_owned();
    let failed = |source| StartError::State { path: path.clone(), source };
    if setup.hardware.is_none() || folder.get(FILE).map_err(failed)?.is_none() {
        return Ok(());
    }
    let gone = |done: std::io::Result<()>| match done {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    gone(std::fs::remove_file(&setup.config.vault)).map_err(failed)?;
    folder.disown()?;
    // The disks that were formatted for it are looked at anew: an empty vault that nobody can open.
    folder.remove(NEW_ROSTER)?;
    folder.remove(FILE)?;
    tracing::warn!("a vault was made whose words nobody has; it was empty, and is thrown away");
    Ok(())
}
