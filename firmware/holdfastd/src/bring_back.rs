//! The job that brings data back from friends, and what is said of it until all of it is here.
//!
//! It ends when nothing is lacking, or when every friend answers and none has what lacks. As long as one is away
//! it waits: a house that burned has time. Killed, it goes on with what is still lacking, since what came is
//! durable, pack by pack. The box is not called healthy before. Start at [`perform`].

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use calls::{BroughtBack, Fault, Finding, Job, JobSpec, JobState, Nameless, Severity, first_wrong};
use types::Bytes;
use vault::{Hold, OnProgress, Progress, Vault, VaultError};

use crate::book::Begun;
use crate::friends_hold::{FriendHold, TRIES_OF_ROUND};
use crate::jobs::Halted;
use crate::show;
use crate::supervisor::{Shared, Supervisor};

/// After a round in which something did not come, the next one begins this much later.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// How often it is looked meanwhile whether the job is to stop.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Rounds in a row in which every friend answered and nothing came, before what lacks is called lacking.
const IDLE_MAX: u32 = 3;

/// Brings back what no disk has.
pub(crate) fn perform(
    supervisor: &Supervisor,
    vault: &Vault,
    begun: &Begun,
    progress: OnProgress<'_>,
) -> Result<BroughtBack, Halted> {
    let fault = |error: &VaultError| Halted::from(show::fault(error));
    let mut result = BroughtBack::default();
    let mut last = Progress::default();
    let mut idle = 0;
    loop {
        result.lacking = supervisor.count_lacking(vault).map_err(|error| fault(&error))?;
        if result.lacking == 0 || idle >= IDLE_MAX {
            break;
        }
        let friends = supervisor.holds(&begun.halt)?;
        let friends: Vec<FriendHold<'_>> =
            friends.into_iter().map(|one| one.within(TRIES_OF_ROUND)).collect();
        let holds: Vec<&dyn Hold> = friends.iter().map(|one| one as &dyn Hold).collect();
        let mut tick = |now: Progress| {
            last = now;
            progress(now)
        };
        let came = match vault.fetch_lacking(&holds, &mut tick) {
            Ok(report) => {
                result.packs += report.fetched;
                result.bytes += report.bytes.0;
                result.wrong = first_wrong(report.findings);
                report.fetched > 0
            }
            // Nobody answered.
            Err(VaultError::HoldsLack { .. }) => false,
            Err(error) => return Err(fault(&error)),
        };
        result.lacking = supervisor.count_lacking(vault).map_err(|error| fault(&error))?;
        if result.lacking == 0 {
            break;
        }
        // Whatever was not to be had just now may be had later.
        let may_come = friends.iter().any(FriendHold::is_unsure);
        idle = if came || may_come { 0 } else { idle + 1 };
        supervisor.waits_with(begun, AGAIN_AFTER, &mut || progress(last))?;
    }
    // What is entered and not closed yet would be brought once more.
    vault.close().map_err(|error| fault(&error))?;
    Ok(result)
}

impl Supervisor {
    /// Everybody that can be asked for what is kept there.
    pub(crate) fn holds<'s>(&'s self, halt: &'s AtomicBool) -> Result<Vec<FriendHold<'s>>, Fault> {
        let service = self.friends()?;
        let hold = |one| FriendHold::new(self, service, one, halt);
        Ok(service.askable().into_iter().map(hold).collect())
    }

    /// How many packs no disk has; the verdict and friends go by it.
    pub(crate) fn count_lacking(&self, vault: &Vault) -> Result<u64, VaultError> {
        let lacking = vault.packs_to_fetch()?.len() as u64;
        self.shared().missing_packs = lacking;
        Ok(lacking)
    }

    /// Waits so long, unless the job is to stop.
    fn waits_with(
        &self,
        begun: &Begun,
        span: Duration,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<(), Halted> {
        let mut waited = Duration::ZERO;
        while waited < span {
            if self.rests(LOOK_EVERY) || !goes_on() {
                tracing::debug!(job = begun.id.0, "the bringing back stops for now");
                return Err(show::fault(&VaultError::Stopped).into());
            }
            waited += LOOK_EVERY;
        }
        Ok(())
    }

    /// Whether data is being brought back, or waits to be: then nobody fetches packs one by one, and what is
    /// lacking is not called lost.
    pub(crate) fn brings_back(&self) -> bool {
        is_under_way(&self.shared())
    }

    /// What is still elsewhere.
    pub(crate) fn judge_bringing(&self, vault: &Vault) -> Result<Option<Finding>, VaultError> {
        if !self.brings_back() {
            return Ok(None);
        }
        let lacking = vault.packs_to_fetch()?;
        if lacking.is_empty() {
            return Ok(None);
        }
        let left = Bytes(lacking.iter().map(|pack| pack.len.0).sum());
        let all = vault.offsite_packs(|_| vault::OffsiteWish::default())?;
        let whole = Bytes(all.iter().map(|pack| pack.facts.len.0).sum());
        let service = self.friendship.service();
        let names: Vec<String> = service
            .map(|service| service.everybody().into_iter().map(|(_, name)| name).collect())
            .unwrap_or_default();
        let count = (lacking.len(), all.len());
        let action = "Wait: the newest versions come first, and it goes on by itself; \
                      `holdfast --box default jobs` shows how far it is.";
        let at = if names.is_empty() { "friends".to_owned() } else { names.join(", ") };
        let nameless = Nameless {
            sentence: still_at((left, whole), count, "friends"),
            action: action.to_owned(),
        };
        Ok(Some(Finding {
            severity: Severity::Warning,
            sentence: still_at((left, whole), count, &at),
            action: action.to_owned(),
            nameless: Some(nameless),
        }))
    }
}

fn still_at((left, whole): (Bytes, Bytes), (lacking, all): (usize, usize), at: &str) -> String {
    format!(
        "Everything can be browsed; {left} of {whole} ({lacking} of {all} packs) are still at {at}."
    )
}

/// A job that brings data back, and has not ended or been paused.
pub(crate) fn is_under_way(shared: &Shared) -> bool {
    let goes_on = |job: &Job| !job.state.is_over() && job.state != JobState::Paused;
    let is_it = |job: &Job| job.spec == (JobSpec::BringBack {}) && goes_on(job);
    shared.book.jobs().any(is_it)
}
