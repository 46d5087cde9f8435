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
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
enum Held {
    #[default]
    Nothing,
    OnTheWay,
    Open(Arc<Vault>),
}

impl Keeper {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the keys are there.
    pub(crate) fn lock(&self) -> Lock {
        match *self.held() {
            Held::Nothing => Lock::Locked,
            Held::OnTheWay => Lock::Opening,
            Held::Open(_) => Lock::Unlocked,
        }
    }

    /// The open vault.
    pub(crate) fn vault(&self) -> Result<Arc<Vault>, Fault> {
        match &*self.held() {
            Held::Open(vault) => Ok(Arc::clone(vault)),
            Held::Nothing | Held::OnTheWay => Err(Fault::new(
                FaultCode::Locked,
                "The vault is locked.",
                "Unlock it: `holdfast --box default unlock`.",
            )),
        }
    }

    /// Opens the vault; one caller at a time. Nothing changes when it is open already.
    pub(crate) fn open(&self, opening: impl FnOnce() -> Result<Vault, Fault>) -> Result<(), Fault> {
        {
            let mut held = self.held();
            match *held {
                Held::Open(_) => return Ok(()),
                Held::OnTheWay => {
                    let sentence = "The vault is being opened already.";
                    return Err(Fault::new(FaultCode::Busy, sentence, "Wait a moment."));
                }
                Held::Nothing => *held = Held::OnTheWay,
            }
        }
        let opened = opening();
        let mut held = self.held();
        let (now, answer) = match opened {
            Ok(vault) => (Held::Open(Arc::new(vault)), Ok(())),
            Err(fault) => (Held::Nothing, Err(fault)),
        };
        *held = now;
        answer
    }

    /// Gives the vault away; nobody is handed it any more.
    pub(crate) fn take(&self) -> Option<Arc<Vault>> {
        match std::mem::take(&mut *self.held()) {
            Held::Open(vault) => Some(vault),
            Held::Nothing | Held::OnTheWay => None,
        }
    }
}
