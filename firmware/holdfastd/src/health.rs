//! The verdict: the vault's facts and the box's own, judged in one place.
//!
//! Facts about volumes and sources go to `plan::health`; what only the box knows is in `findings`. Start at [`Supervisor::judge`].

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calls::{Event, Finding, Health, Severity, Volume};
use plan::fill::Look;
use plan::health::{HealthFacts, findings};
use types::UnixTime;
use vault::{Vault, VaultError, VolumeInfo};

use crate::facts::{name_of, shown, source_health, volume_health};
use crate::show;
use crate::supervisor::Supervisor;

/// A caller who wants to know how things are waits for the verdict that is being made, but not for a
/// disk that hangs: then what was last known is said.
const WAITED_FOR: Duration = Duration::from_secs(3);

/// Who makes the verdict: one thread at a time, never a caller's.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    state: Mutex<Judging>,
    made: Condvar,
}

#[derive(Debug, Default)]
struct Judging {
    /// A thread is at it.
    running: bool,
    /// Something happened since it began.
    again: bool,
    /// Verdicts that were begun, and those that were made.
    begun: u64,
    done: u64,
}

impl Judge {
    fn state(&self) -> MutexGuard<'_, Judging> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the thread has to make another one.
    fn goes_on(&self) -> bool {
        let mut state = self.state();
        state.done = state.begun;
        state.running = std::mem::take(&mut state.again);
        state.begun += u64::from(state.running);
        self.made.notify_all();
        state.running
    }
}

impl Supervisor {
    /// Has the verdict made anew, and waits for it as long as that makes sense.
    pub(crate) fn look_after_health(&self) {
        let wanted = self.judge_soon();
        let not_made = |state: &mut Judging| state.done < wanted;
        drop(self.judge.made.wait_timeout_while(self.judge.state(), WAITED_FOR, not_made));
    }

    /// Has the verdict made anew by a thread of its own: a disk that hangs is waited for there, and
    /// by nobody else. Returns the number of a verdict that knows all that happened so far.
    pub(crate) fn judge_soon(&self) -> u64 {
        let mut state = self.judge.state();
        if state.running {
            state.again = true;
            return state.begun + 1;
        }
        let Some(this) = self.me() else { return 0 };
        (state.running, state.begun) = (true, state.begun + 1);
        let begun = state.begun;
        drop(state);
        let named = std::thread::Builder::new().name("health".to_owned());
        let spawned = named.spawn(move || {
            loop {
                this.make_verdict();
                if !this.judge.goes_on() {
                    return;
                }
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread for the verdict");
            self.judge.goes_on();
        }
        begun
    }

    /// Makes the verdict, and tells whoever watches when it changed.
    fn make_verdict(&self) {
        let health = self.judge();
        let mut shared = self.shared();
        if shared.health != health {
            for finding in &health.findings {
                tracing::info!(severity = ?finding.severity, finding.sentence, "finding");
            }
            let before = std::mem::replace(&mut shared.health, health.clone());
            drop(shared);
            self.tell_volumes(&before, &health);
            self.hub.tell(&Event::Health(health));
        }
    }

    fn tell_volumes(&self, before: &Health, after: &Health) {
        for volume in &after.volumes {
            let was = before.volumes.iter().find(|one| one.id == volume.id);
            if was.is_none_or(|was| was.state != volume.state) {
                let (name, state) = (name_of(&volume.path, &volume.id), volume.state.clone());
                self.hub.tell(&Event::Volume { name, state });
            }
        }
    }

    /// What is wrong now.
    pub(crate) fn judge(&self) -> Health {
        let mut health = match self.keeper.vault() {
            _ if self.vault.get().is_none() => Health::default(),
            Ok(vault) => self.judge_vault(&vault).unwrap_or_else(|error| {
                let finding = Finding {
                    severity: Severity::Warning,
                    sentence: show::whole(&error),
                    action: error.advice(),
                };
                Health { findings: vec![finding], volumes: Vec::new() }
            }),
            Err(_) => self.judge_locked(),
        };
        self.judge_box(&mut health.findings);
        self.judge_disks(&mut health);
        health.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        health
    }

    fn judge_vault(&self, vault: &Vault) -> Result<Health, VaultError> {
        let volumes = vault.volumes()?;
        let snapshots = vault.snapshots(None)?;
        let sources = vault.sources().into_iter().map(|(id, name, ..)| {
            let times = snapshots.iter().filter(|one| one.source == id).map(|one| one.received);
            source_health(name, &times.collect::<Vec<_>>())
        });
        let mut serials: Vec<_> = volumes
            .iter()
            .filter(|one| matches!(one.state, "member" | "read-only"))
            .map(|one| one.serial.as_str())
            .collect();
        serials.sort_unstable();
        serials.dedup();
        let (copies, under_copied) = (vault.copies(), vault.under_copied()?);
        let single = vault.copies_here()?.single;
        let now = self.now();
        let mut shared = self.shared();
        let memory = &mut shared.memory;
        let health = |info: &VolumeInfo| {
            let look = Look { at: now, free: info.free };
            // What is not here has no room that could be looked at.
            let here = !info.path.is_empty() && info.detail.is_none();
            let full_on = here.then(|| memory.look_at_room(info.id.to_string(), look)).flatten();
            volume_health(info, full_on)
        };
        let facts = HealthFacts {
            now,
            volumes: volumes.iter().map(health).collect(),
            copies,
            disks: serials.len(),
            under_copied,
            single,
            lost: shared.missing_packs,
            last_scrub: shared.memory.last_scrub(),
            scrubbed_in_part: shared.memory.scrubbed_in_part(),
            created: UnixTime(shared.memory.first_ms),
            sources: sources.collect(),
        };
        let oddities = shared.oddities.clone();
        drop(shared);
        let mut found: Vec<Finding> = findings(&facts)
            .into_iter()
            .map(|one| Finding {
                severity: show::severity(one.severity),
                sentence: one.sentence,
                action: one.action,
            })
            .collect();
        found.extend(oddities.into_iter().map(|sentence| Finding {
            severity: Severity::Notice,
            sentence,
            action: "See to it when it suits you, then lock and unlock the box.".to_owned(),
        }));
        Ok(Health { findings: found, volumes: volumes.iter().map(shown).collect() })
    }

    /// What can be seen without keys: which volumes are there.
    fn judge_locked(&self) -> Health {
        let mut health = Health::default();
        let expected = match self.setup.source.gather() {
            Ok(gathered) => gathered.expected,
            Err(error) => {
                health.findings.push(Finding {
                    severity: Severity::Warning,
                    sentence: show::whole(&error),
                    action: error.advice().to_owned(),
                });
                return health;
            }
        };
        for (id, path, why) in expected {
            let name = path.display().to_string();
            if why.is_some() {
                health.findings.push(Finding {
                    severity: Severity::Warning,
                    sentence: format!("{name} is not here."),
                    action: "Connect it, or replace it.".to_owned(),
                });
            }
            health.volumes.push(Volume {
                id: id.to_string(),
                path: if why.is_some() { String::new() } else { name },
                state: if why.is_some() { "absent" } else { "sealed" }.to_owned(),
                size: 0,
                free: 0,
                packs: None,
                detail: why,
            });
        }
        health
    }

    /// What the caretaker of the disks found, with disks called by their places.
    fn judge_disks(&self, health: &mut Health) {
        let Some(care) = &self.care else { return };
        let shown = care.shown();
        health.findings.extend(shown.findings.iter().cloned());
        for volume in &mut health.volumes {
            let known = volume.id.parse().ok().and_then(|id| shown.places.get(&id));
            if let Some(place) = known.filter(|_| !volume.path.is_empty()) {
                volume.path.clone_from(place);
            }
        }
    }
}

/// What is said before anybody has looked: that all is well is for later.
pub(crate) fn at_start() -> Health {
    let finding = Finding {
        severity: Severity::Notice,
        sentence: "The box has just started and still looks at its disks.".to_owned(),
        action: "Ask again in a moment.".to_owned(),
    };
    Health { findings: vec![finding], volumes: Vec::new() }
}

/// Whether no disk takes another pack.
pub(crate) fn is_full(vault: &Vault) -> bool {
    let volumes = vault.volumes().unwrap_or_default();
    let mut members = volumes.iter().filter(|one| one.state == "member").peekable();
    members.peek().is_some() && members.all(|one| one.free < plan::health::FULL_BELOW)
}
