//! Who holds the keys: the vault while it is open, nothing while it is locked.
//!
//! Only here is a secret used, and only for as long as the vault takes to open. Start at
//! [`Keeper::open`].

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calls::{Fault, FaultCode, Lock};
use vault::{HeldKeys, Vault};

/// Whoever wants the vault while its disks change waits for it, but not longer than this.
const CHANGE_MAX: Duration = Duration::from_secs(60);
/// Those who still look at a vault that is to be closed are waited for, but not longer than this.
const LOOKING_MAX: Duration = Duration::from_secs(20);
/// And looked for this often: they have no way to say that they are done.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Who holds the keys.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    held: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    held: Held,
    /// How often somebody wanted it locked.
    locks: u64,
    /// Why it could not be opened with the disks that are here, when it was last tried.
    trouble: Option<Fault>,
}

#[derive(Debug, Default)]
enum Held {
    #[default]
    Nothing,
    /// Somebody who gave a secret waits for it to open.
    OnTheWay,
    /// It is closed for a moment, and opened with other disks by keys that were there.
    Changing,
    /// The keys are there, and no disk is.
    Without(HeldKeys),
    Open(Arc<Vault>),
}

impl Keeper {
    fn state(&self) -> MutexGuard<'_, State> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state once no disks are being changed.
    fn settled(&self) -> MutexGuard<'_, State> {
        let changes = |state: &mut State| matches!(state.held, Held::Changing);
        let waited = self.changed.wait_timeout_while(self.state(), CHANGE_MAX, changes);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Whether the keys are there.
    pub(crate) fn lock(&self) -> Lock {
        match self.state().held {
            Held::Nothing => Lock::Locked,
            Held::OnTheWay => Lock::Opening,
            Held::Changing | Held::Without(_) | Held::Open(_) => Lock::Unlocked,
        }
    }

    /// The open vault. While its disks change it is waited for.
    pub(crate) fn vault(&self) -> Result<Arc<Vault>, Fault> {
        let no = |code, sentence: &str, advice: &str| Err(Fault::new(code, sentence, advice));
        let state = self.settled();
        match &state.held {
            Held::Open(vault) => Ok(Arc::clone(vault)),
            Held::Nothing | Held::OnTheWay => no(
                FaultCode::Locked,
                "The vault is locked.",
                "Unlock it: `holdfast --box default unlock`.",
            ),
            Held::Changing => no(
                FaultCode::Busy,
                "The vault is being opened with other disks.",
                "Try again in a moment.",
            ),
            Held::Without(_) => state.trouble.clone().map_or_else(nothing_usable, Err),
        }
    }

    /// What stands in the way when the keys are there and the vault is not open.
    pub(crate) fn trouble(&self) -> Option<Fault> {
        let state = self.state();
        matches!(state.held, Held::Without(_)).then(|| state.trouble.clone()).flatten()
    }

    /// The open vault if it is open this very moment.
    pub(crate) fn vault_now(&self) -> Option<Arc<Vault>> {
        match &self.state().held {
            Held::Open(vault) => Some(Arc::clone(vault)),
            _ => None,
        }
    }

    /// The keys, if they are there.
    pub(crate) fn keys(&self) -> Option<HeldKeys> {
        match &self.settled().held {
            Held::Open(vault) => Some(vault.held_keys()),
            Held::Without(keys) => Some(keys.clone()),
            Held::Nothing | Held::OnTheWay | Held::Changing => None,
        }
    }

    /// Keys of a vault that was just made, whose disks come in a moment.
    pub(crate) fn keep(&self, keys: HeldKeys) {
        self.state().held = Held::Without(keys);
    }

    /// How often somebody wanted it locked: who unlocks by itself stops when that changes.
    pub(crate) fn locks(&self) -> u64 {
        self.state().locks
    }

    /// Opens the vault; one caller at a time. Nothing changes when it is open already, and what was
    /// opened is closed again when somebody wanted it locked meanwhile.
    pub(crate) fn open(&self, opening: impl FnOnce() -> Result<Vault, Fault>) -> Result<(), Fault> {
        let before = {
            let mut state = self.settled();
            match state.held {
                Held::Open(_) | Held::Without(_) => return Ok(()),
                Held::OnTheWay | Held::Changing => {
                    let sentence = "The vault is being opened already.";
                    return Err(Fault::new(FaultCode::Busy, sentence, "Wait a moment."));
                }
                Held::Nothing => state.held = Held::OnTheWay,
            }
            state.locks
        };
        let opened = opening().map(|vault| Held::Open(Arc::new(vault)));
        match opened {
            Ok(open) => self.put(open, before),
            Err(fault) => {
                self.state().held = Held::Nothing;
                Err(fault)
            }
        }
    }

    /// Closes the vault and opens it with other disks; `opening` gives none where there is no disk.
    /// Nobody is handed the old one any more, and whoever still looks at it is waited for, since the
    /// two share a catalog. What cannot be opened is tried again by whoever called.
    pub(crate) fn change(
        &self,
        keys: HeldKeys,
        opening: impl FnOnce() -> Result<Option<Vault>, Fault>,
    ) -> Result<(), Fault> {
        let before = {
            let mut state = self.settled();
            match std::mem::replace(&mut state.held, Held::Changing) {
                Held::Open(vault) => {
                    let locks = state.locks;
                    drop(state);
                    if let Err(vault) = close(vault) {
                        self.state().held = Held::Open(vault);
                        self.changed.notify_all();
                        let sentence = "The vault is in use and cannot change its disks now.";
                        let advice = "It is tried again in a moment.";
                        return Err(Fault::new(FaultCode::Busy, sentence, advice));
                    }
                    locks
                }
                Held::Without(_) => state.locks,
                other => {
                    // Somebody locked it meanwhile.
                    state.held = other;
                    return Ok(());
                }
            }
        };
        let opened = opening();
        self.state().trouble = opened.as_ref().err().cloned();
        let (held, ended) = match opened {
            Ok(Some(vault)) => (Held::Open(Arc::new(vault)), Ok(())),
            Ok(None) => (Held::Without(keys), Ok(())),
            Err(fault) => (Held::Without(keys), Err(fault)),
        };
        let put = self.put(held, before);
        self.changed.notify_all();
        put.and(ended)
    }

    /// Takes what was opened, unless somebody wanted it locked since.
    fn put(&self, held: Held, locks: u64) -> Result<(), Fault> {
        let mut state = self.state();
        if state.locks == locks {
            state.held = held;
            return Ok(());
        }
        state.held = Held::Nothing;
        drop(state);
        if let Held::Open(vault) = held
            && let Err(error) = vault.close()
        {
            tracing::error!(%error, "a vault that was locked while it was opened did not close");
        }
        let sentence = "The vault was locked while it was being opened.";
        Err(Fault::new(FaultCode::Locked, sentence, "Unlock it again, if it is to be open."))
    }

    /// Gives the vault away; nobody is handed it any more. One that is on its way will be closed.
    pub(crate) fn take(&self) -> Option<Arc<Vault>> {
        let mut state = self.settled();
        state.locks += 1;
        match std::mem::take(&mut state.held) {
            Held::Open(vault) => Some(vault),
            Held::OnTheWay => {
                state.held = Held::OnTheWay;
                None
            }
            Held::Changing => {
                state.held = Held::Changing;
                None
            }
            Held::Without(_) | Held::Nothing => None,
        }
    }
}

fn nothing_usable<T>() -> Result<T, Fault> {
    Err(Fault::new(
        FaultCode::Volumes,
        "No disk of the vault can be used now.",
        "Plug its disks in: `holdfast --box default disks` says what is wrong.",
    ))
}

/// Closes a vault once nobody looks at it any more; gives it back when somebody still does.
fn close(vault: Arc<Vault>) -> Result<(), Arc<Vault>> {
    let mut waited = Duration::ZERO;
    while Arc::strong_count(&vault) > 1 {
        if waited >= LOOKING_MAX {
            return Err(vault);
        }
        std::thread::sleep(LOOK_EVERY);
        waited += LOOK_EVERY;
    }
    if let Err(error) = vault.close() {
        // Its disks may be gone. What was acknowledged is durable on those that are not.
        tracing::warn!(%error, "the vault was let go without being closed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vault::CreateSpec;
    use volume::{Disk, FsDisk};

    use super::*;

    fn vault(folder: &Path) -> Vault {
        let env = host::env();
        let words = seal::Words::generate(&*env.rng);
        let disk: Arc<dyn Disk> = Arc::new(FsDisk::create(folder, None).unwrap());
        let spec = CreateSpec { disks: vec![disk], copies: 1, words: &words, password: None };
        Vault::create(env, host::options(None, None), spec).unwrap()
    }

    /// A lock that came while the vault was being opened was once answered, and then the vault was
    /// open; a second opening beside the first could drop what the first had opened.
    #[test]
    fn a_vault_that_is_locked_while_it_is_opened_ends_locked_and_is_opened_once() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, made) = (Keeper::default(), vault(folder.path()));
        let opened = keeper.open(|| {
            assert!(keeper.take().is_none());
            assert_eq!(keeper.lock(), Lock::Opening, "it is on its way all the same");
            let second = keeper.open(|| panic!("two openings at once"));
            assert_eq!(second.unwrap_err().code, FaultCode::Busy);
            Ok(made)
        });
        assert_eq!(opened.unwrap_err().code, FaultCode::Locked);
        assert_eq!((keeper.lock(), keeper.locks()), (Lock::Locked, 1));
        assert!(keeper.vault().is_err());
        let folder = tempfile::tempdir().unwrap();
        keeper.open(|| Ok(vault(folder.path()))).unwrap();
        assert_eq!((keeper.lock(), keeper.locks()), (Lock::Unlocked, 1));
        assert!(keeper.take().is_some() && keeper.take().is_none());
    }
}
