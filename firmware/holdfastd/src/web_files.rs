//! The files of the box behind its web door: the vault is lent for one step at a time, and what uploads
//! have left is swept once an hour.
//!
//! Start at [`files`] and [`space`].

use std::sync::{Arc, Weak};
use std::time::Duration;

use api::Who;
use calls::{Fault, FaultCode};
use files::{Files, Lender, NotOpen};
use people::Role;
use types::SpaceId;
use vault::Vault;

use crate::supervisor::Supervisor;
use crate::web_view::EVERYBODYS;

/// How often uploads are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// Lends the box's vault, as long as the box is there.
#[derive(Debug)]
struct Lent(Weak<Supervisor>);

impl Lender for Lent {
    fn lend(&self) -> Result<Arc<Vault>, NotOpen> {
        let lent = match self.0.upgrade() {
            Some(supervisor) => supervisor.keeper.vault(),
            None => Err(crate::show::stopping()),
        };
        lent.map_err(|fault| NotOpen {
            locked: fault.code == FaultCode::Locked,
            sentence: fault.sentence,
            advice: fault.advice,
        })
    }
}

/// The files of this box.
pub(crate) fn files(supervisor: &Arc<Supervisor>) -> Files {
    let env = &supervisor.setup.env;
    let lender = Arc::new(Lent(Arc::downgrade(supervisor)));
    Files::new(lender, Arc::clone(&env.clock), Arc::clone(&env.rng))
}

/// The space that is meant: the one that is named, one's own, or the one that everybody shares.
pub(crate) fn space(
    vault: &Vault,
    who: &Who,
    named: Option<&str>,
) -> Result<(SpaceId, String), Fault> {
    if who.role == Role::Helper {
        let sentence = "Who looks after the box sees no files.";
        return Err(Fault::new(FaultCode::Denied, sentence, "Ask somebody who lives here."));
    }
    let spaces = vault.spaces();
    let find = |name: &str| spaces.iter().find(|(_, known)| known == name).cloned();
    let found = match named {
        Some(name) if name == EVERYBODYS || name == who.space => find(name),
        Some(_) => None,
        None => find(&who.space).or_else(|| {
            // What a member has is not shown to the others because they have no space yet.
            if who.role == Role::Owner { find(EVERYBODYS) } else { None }
        }),
    };
    found.ok_or_else(|| {
        let sentence = "You have no space of that name.";
        let advice = "Name the one that everybody shares: `space=everyone`.";
        Fault::new(FaultCode::NotFound, sentence, advice)
    })
}

/// Sweeps all spaces now and then, until the box stops.
pub(crate) fn sweep_now_and_then(supervisor: &Arc<Supervisor>, files: &Arc<Files>) {
    let (supervisor, files) = (Arc::downgrade(supervisor), Arc::downgrade(files));
    let named = std::thread::Builder::new().name("sweep".to_owned());
    let swept = named.spawn(move || {
        while let (Some(supervisor), Some(files)) = (supervisor.upgrade(), files.upgrade()) {
            sweep(&supervisor, &files);
            if supervisor.waits_to_stop(SWEEP_EVERY) {
                return;
            }
        }
    });
    if let Err(error) = swept {
        tracing::warn!(%error, "uploads that have expired are not swept");
    }
}

fn sweep(supervisor: &Supervisor, files: &Files) {
    let Some(spaces) = supervisor.keeper.vault_now().map(|vault| vault.spaces()) else { return };
    let trusted = !supervisor.clock_jumped(&supervisor.shared());
    for (space, name) in spaces {
        match files.sweep(space, trusted) {
            Ok(swept) if swept.expired + swept.finished > 0 => {
                tracing::info!(space = name, ?swept, "uploads were swept");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(space = name, %error, "uploads could not be swept"),
        }
    }
}
