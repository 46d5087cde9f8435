//! The files of the box behind its web door: the vault is lent for one step at a time, and what uploads
//! have left is swept once an hour.
//!
//! Start at [`files`] and [`space`].

use std::sync::{Arc, Weak};
use std::time::Duration;

use api::{Reach, Who};
use calls::{Fault, FaultCode};
use files::{Files, Lender, NotOpen};
use people::Role;
use pictures::Worker;
use types::{Millis, SpaceId};
use vault::Vault;

use crate::show;
use crate::supervisor::Supervisor;
use crate::web_view::View;

/// How often uploads are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// What a computer sent and never finished is kept so long for it to go on.
const RUNS_KEPT: Millis = Millis::from_days(30);

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

    fn is_at_rest(&self) -> bool {
        self.0.upgrade().is_some_and(|supervisor| {
            let shared = supervisor.shared();
            !shared.stopping && shared.book.running().is_empty()
        })
    }
}

/// The files of this box.
pub(crate) fn files(supervisor: &Arc<Supervisor>) -> Files {
    let env = &supervisor.setup.env;
    let lender = Arc::new(Lent(Arc::downgrade(supervisor)));
    let files = Files::new(lender, Arc::clone(&env.clock), Arc::clone(&env.rng));
    let eyes = Worker::ourselves(Arc::clone(&env.clock));
    files.looking(Arc::new(eyes), supervisor.zone().time_zone())
}

/// The space that is meant: the one that is named, or one's own. Nobody reaches another's, and a device
/// only its person's. One's own is made when something is first stored in it.
pub(crate) fn space(
    vault: &Vault,
    who: &Who,
    named: Option<&str>,
    reach: Reach,
) -> Result<(SpaceId, String), Fault> {
    if who.role == Role::Helper {
        let sentence = "Who looks after the box sees no files.";
        return Err(Fault::new(FaultCode::Denied, sentence, "Ask somebody who lives here."));
    }
    let name = named.unwrap_or(&who.space);
    let known = vault.space_named(name).filter(|_| View::of(who, None).sees_space(name));
    let found = match (known, reach) {
        (None, Reach::Store) if name == who.space => {
            let made = vault.space_or_new(name).map_err(|error| show::fault(&error))?;
            tracing::info!(space = name, "a space was made for who stores in it first");
            Some(made)
        }
        (known, _) => known,
    };
    found.map(|id| (id, name.to_owned())).ok_or_else(|| match named {
        Some(name) if name != who.space => {
            let sentence = "You have no space of that name.";
            let advice = "Name the one that everybody shares: `space=everyone`.";
            Fault::new(FaultCode::NotFound, sentence, advice)
        }
        _ => {
            let sentence = "You have stored nothing in your own space yet.";
            let advice = "Look into the one that everybody shares: `space=everyone`.";
            Fault::new(FaultCode::NotFound, sentence, advice)
        }
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
    if trusted {
        match files.tidy_runs(supervisor.now().minus(RUNS_KEPT)) {
            Ok(0) => {}
            Ok(sources) => tracing::info!(sources, "what computers never finished was let go"),
            Err(error) => tracing::warn!(%error, "what computers never finished stays"),
        }
    }
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
