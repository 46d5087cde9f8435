//! The verdict: the vault's facts and the box's own, judged in one place.
//!
//! Facts about volumes and sources go to `plan::health`; what only the box knows (locked, a clock
//! that jumped, jobs that failed) is added here. Start at [`Supervisor::judge`].

use calls::{Event, Finding, Health, JobResult, JobState, Lock, Severity, Volume};
use plan::VolumeState;
use plan::fill::Look;
use plan::health::{HealthFacts, SourceHealth, VolumeHealth, findings};
use plan::power::Power;
use types::{Millis, UnixTime};
use vault::{Vault, VaultError, VolumeInfo};

use crate::show;
use crate::supervisor::Supervisor;

/// Versions of a source from which its rhythm is learned.
const RHYTHM_VERSIONS: usize = 8;
/// The rhythm of a source with one version.
const RHYTHM_UNKNOWN: Millis = Millis::from_days(1);

impl Supervisor {
    pub(crate) fn tell_volumes(&self, before: &Health, after: &Health) {
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
            single: 0,
            lost: shared.missing_packs,
            last_scrub: shared.memory.last_scrub(),
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

    /// What only the box knows.
    fn judge_box(&self, found: &mut Vec<Finding>) {
        let mut add = |severity, sentence: String, action: &str| {
            found.push(Finding { severity, sentence, action: action.to_owned() });
        };
        if self.vault.get().is_none() {
            let fault = show::no_vault();
            add(Severity::Notice, fault.sentence, &fault.advice);
        } else if self.keeper.lock() == Lock::Locked {
            let sentence = "The vault is locked: nothing is backed up until it is unlocked.";
            add(
                Severity::Warning,
                sentence.to_owned(),
                "Unlock it with the words or the password.",
            );
        }
        let shared = self.shared();
        if self.clock_jumped(&shared) {
            let sentence = "The clock jumped by more than a day, so nothing old is let go.";
            add(
                Severity::Warning,
                sentence.to_owned(),
                "Set the clock; if it is right, `holdfast --box default jobs trust-clock` says so.",
            );
        }
        if let Some(battery) = shared.battery {
            match battery.power {
                _ if battery.silent >= plan::power::SILENT_MAX => add(
                    Severity::Warning,
                    "Nobody says how full the battery is.".to_owned(),
                    "Check its cable and that `upsd` runs.",
                ),
                Power::Battery | Power::Ending => add(
                    Severity::Warning,
                    "The box runs on its battery.".to_owned(),
                    "See to the power; the box stops in order before the battery is empty.",
                ),
                Power::Wall | Power::Unclear => {}
            }
        }
        let mut checks = shared.book.jobs().rev().filter_map(|job| match job.result {
            Some(JobResult::Check(found)) => Some(found),
            _ => None,
        });
        if let Some(found) = checks.next().filter(|found| found.damaged > found.repaired) {
            let count = found.damaged - found.repaired;
            let copies =
                if count == 1 { "1 damaged copy" } else { &format!("{count} damaged copies") };
            let sentence = format!("The last check found {copies}, not mended yet.");
            let advice = "Unlock the box if it is locked, then run a check with repair.";
            add(Severity::Warning, sentence, advice);
        }
        // The newest job of each kind of work counts: what failed and then went well is no news.
        let mut seen = Vec::new();
        for job in shared.book.jobs().rev().filter(|job| job.state.is_over()) {
            if seen.contains(&&job.spec) {
                continue;
            }
            seen.push(&job.spec);
            if let Some(fault) = job.fault.as_ref().filter(|_| job.state == JobState::Failed) {
                let sentence = format!("Job {} failed: {}", job.id, fault.sentence);
                add(Severity::Warning, sentence, &fault.advice);
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

fn name_of(path: &str, id: &str) -> String {
    if path.is_empty() { format!("volume {}", id.get(..8).unwrap_or(id)) } else { path.to_owned() }
}

fn volume_health(info: &VolumeInfo, full_on: Option<UnixTime>) -> VolumeHealth {
    let state = match info.state {
        "member" => VolumeState::Member,
        "retiring" => VolumeState::Retiring,
        "read-only" => VolumeState::ReadOnly,
        _ => VolumeState::Absent,
    };
    VolumeHealth {
        name: name_of(&info.path, &info.id.to_string()),
        state,
        free: info.free,
        size: info.size.saturating_sub(volume::reserve(info.size)),
        serial_differs: false,
        cloned: false,
        drained: false,
        full_on,
    }
}

fn shown(info: &VolumeInfo) -> Volume {
    Volume {
        id: info.id.to_string(),
        path: info.path.clone(),
        state: info.state.to_owned(),
        size: info.size.0,
        free: info.free.0,
        packs: Some(info.packs),
        detail: info.detail.clone(),
    }
}

/// A source's newest version and how long it usually is between two: the middle one of the last gaps.
fn source_health(name: String, times: &[UnixTime]) -> SourceHealth {
    let recent = &times[times.len().saturating_sub(RHYTHM_VERSIONS)..];
    let mut gaps: Vec<Millis> = recent.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    gaps.sort_unstable();
    let rhythm = gaps.get(gaps.len() / 2).copied().unwrap_or(RHYTHM_UNKNOWN);
    SourceHealth { name, last: times.last().copied(), rhythm }
}
