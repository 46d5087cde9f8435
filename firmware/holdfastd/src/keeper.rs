//! Who holds the keys: the vault while it is open, nothing while it is locked.
//!
//! Only here is a secret used, and only for as long as the vault takes to open. Start at
//! [`Keeper::open`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use calls::{Fault, FaultCode, Lock};
use vault::Vault;

/// Who holds the keys.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    held: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Held,
    /// How often somebody wanted it locked.
    locks: u64,
}

#[derive(Debug, Default)]
enum Held {
    #[default]
    Nothing,
    OnTheWay,
    Open(Arc<Vault>),
}

impl Keeper {
    fn state(&self) -> MutexGuard<'_, State> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the keys are there.
    pub(crate) fn lock(&self) -> Lock {
        match self.state().held {
            Held::Nothing => Lock::Locked,
            Held::OnTheWay => Lock::Opening,
            Held::Open(_) => Lock::Unlocked,
        }
    }

    /// The open vault.
    pub(crate) fn vault(&self) -> Result<Arc<Vault>, Fault> {
        match &self.state().held {
            Held::Open(vault) => Ok(Arc::clone(vault)),
            Held::Nothing | Held::OnTheWay => Err(Fault::new(
                FaultCode::Locked,
                "The vault is locked.",
                "Unlock it: `holdfast --box default unlock`.",
            )),
        }
    }

    /// How often somebody wanted it locked: who unlocks by itself stops when that changes.
    pub(crate) fn locks(&self) -> u64 {
        self.state().locks
    }

    /// Opens the vault; one caller at a time. Nothing changes when it is open already, and what was
    /// opened is closed again when somebody wanted it locked meanwhile.
    pub(crate) fn open(&self, opening: impl FnOnce() -> Result<Vault, Fault>) -> Result<(), Fault> {
        let before = {
            let mut state = self.state();
            match state.held {
                Held::Open(_) => return Ok(()),
                Held::OnTheWay => {
                    let sentence = "The vault is being opened already.";
                    return Err(Fault::new(FaultCode::Busy, sentence, "Wait a moment."));
                }
                Held::Nothing => state.held = Held::OnTheWay,
            }
            state.locks
        };
        let opened = opening();
        let mut state = self.state();
        state.held = Held::Nothing;
        let vault = opened?;
        if state.locks == before {
            state.held = Held::Open(Arc::new(vault));
            return Ok(());
        }
        drop(state);
        if let Err(error) = vault.close() {
            tracing::error!(%error, "a vault that was locked while it was opened did not close");
        }
        let sentence = "The vault was locked while it was being opened.";
        Err(Fault::new(FaultCode::Locked, sentence, "Unlock it again, if it is to be open."))
    }

    /// Gives the vault away; nobody is handed it any more. One that is on its way will be closed.
    pub(crate) fn take(&self) -> Option<Arc<Vault>> {
        let mut state = self.state();
        state.locks += 1;
        match std::mem::take(&mut state.held) {
            Held::Open(vault) => Some(vault),
            Held::OnTheWay => {
                state.held = Held::OnTheWay;
                None
            }
            Held::Nothing => None,
        }
    }
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
