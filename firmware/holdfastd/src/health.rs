//! The verdict: the vault's facts and the box's own, judged in one place.
//!
//! Facts about volumes, sources and devices go to `plan::health`; what only the box knows is in `findings`. Start at [`Supervisor::judge`].

use std::collections::{BTreeMap, BTreeSet};

use calls::{Event, Fault, Finding, Health, Severity, Volume};
use plan::fill::Look;
use plan::health::{HealthFacts, findings};
use plan::rhythm::Visits;
use types::{Millis, SourceId, SpaceId, UnixTime, VolumeId};
use vault::{SnapshotInfo, Vault, VaultError, VolumeInfo};

use crate::bring_back::is_under_way;
use crate::facts::{name_of, shown, volume_health};
use crate::freshness::{Came, judged};
use crate::housemates::{called, house};
use crate::show;
use crate::supervisor::Supervisor;

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
                    nameless: None,
                };
                Health { findings: vec![finding], volumes: Vec::new() }
            }),
            Err(_) => self.judge_locked(),
        };
        self.judge_box(&mut health.findings);
        self.judge_friends(&mut health.findings);
        self.judge_disks(&mut health);
        health.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        health
    }

    fn judge_vault(&self, vault: &Vault) -> Result<Health, VaultError> {
        let volumes = vault.volumes()?;
        let snapshots = vault.snapshots(None)?;
        let (now, mut came) = (self.now(), came(vault, &snapshots));
        let whole = Millis::from_days(vault.keeping().daily.into());
        self.shared().memory.note_what_came(&mut came, now, whole);
        let house = house(self);
        let known = house.as_ref().ok().and_then(Option::as_ref);
        let (sources, devices) = judged(&came, known, now);
        let (copies, under_copied) = (vault.copies(), vault.under_copied()?);
        let single = vault.copies_here()?.single;
        let Known { names, told, leaving, given_up, plugged } = self.known_of_disks();
        let unsettled = vault.unsettled();
        let may_have_more =
            |info: &VolumeInfo| unsettled.contains(&info.id) && !given_up.contains(&info.id);
        // What the caretaker of the disks has said already is not said again in other words, and a
        // disk that was let go of to be pulled is not missed.
        let is_told = |info: &VolumeInfo| {
            may_have_more(info)
                || matches!(info.state, "failed" | "absent") && told.contains(&info.id)
                || info.state == "absent" && leaving.contains(&info.id)
        };
        let coming = self.judge_bringing(vault)?;
        let mut shared = self.shared();
        let memory = &mut shared.memory;
        let health = |info: &VolumeInfo| {
            let look = Look { at: now, free: info.free };
            // What is not here has no room that could be looked at.
            let here = !info.path.is_empty() && info.detail.is_none();
            let full_on = here.then(|| memory.look_at_room(info.id.to_string(), look)).flatten();
            let mut health = volume_health(info, full_on);
            health.plugged = plugged.contains(&info.id);
            if let Some(name) = names.get(&info.id) {
                health.name.clone_from(name);
            }
            health
        };
        let facts = HealthFacts {
            now,
            volumes: volumes.iter().filter(|info| !is_told(info)).map(health).collect(),
            copies,
            disks: disks_of(&volumes),
            under_copied,
            single,
            // What is on its way is not lost.
            lost: if is_under_way(&shared) { 0 } else { shared.missing_packs },
            last_scrub: shared.memory.last_scrub(),
            scrubbed_in_part: shared.memory.scrubbed_in_part(),
            created: UnixTime(shared.memory.first_ms),
            sources,
            devices,
        };
        let oddities = shared.oddities.clone();
        drop(shared);
        let mut found: Vec<Finding> = findings(&facts)
            .into_iter()
            .map(|one| Finding {
                severity: show::severity(one.severity),
                sentence: one.sentence,
                action: one.action,
                nameless: None,
            })
            .collect();
        found.extend(coming);
        let more = volumes.iter().filter(|info| may_have_more(info));
        let cared = self.care.is_some();
        found.extend(
            more.map(|info| {
                newest_away(names.get(&info.id), info, plugged.contains(&info.id), cared)
            }),
        );
        found.extend(house.err().map(nobody_known));
        found.extend(vault.trouble().as_deref().map(takes_nothing));
        found.extend(oddities.into_iter().map(odd));
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
                    nameless: None,
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
                    nameless: None,
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

    /// A volume failed: its disk is asked now how it is, and not in half an hour.
    pub(crate) fn judge_disks_now(&self) {
        if let Some(care) = &self.care {
            care.act(Box::new(|carer| carer.judge_disks()));
        }
    }

    fn known_of_disks(&self) -> Known {
        let Some(care) = &self.care else { return Known::default() };
        let shown = care.shown();
        let (names, told) = (shown.names.clone(), shown.told.clone());
        let (leaving, given_up) = (shown.leaving.clone(), shown.given_up.clone());
        Known { names, told, leaving, given_up, plugged: shown.plugged.clone() }
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

/// What the caretaker of the disks knows of members.
#[derive(Debug, Default)]
struct Known {
    /// What it calls each.
    names: BTreeMap<VolumeId, String>,
    /// Of which it has something to say.
    told: BTreeSet<VolumeId>,
    /// Which are on their way out.
    leaving: BTreeSet<VolumeId>,
    /// Which were given up while they were away.
    given_up: BTreeSet<VolumeId>,
    /// Which are plugged in.
    plugged: BTreeSet<VolumeId>,
}

/// How many disks hold what can be read now: two volumes may share one.
fn disks_of(volumes: &[VolumeInfo]) -> usize {
    let readable = volumes.iter().filter(|one| matches!(one.state, "member" | "read-only"));
    readable.map(|one| one.serial.as_str()).collect::<BTreeSet<_>>().len()
}

/// A disk that may alone have the newest versions: it was in use when the box was cut off, and is away
/// since, or cannot be read.
fn newest_away(name: Option<&String>, info: &VolumeInfo, plugged: bool, cared: bool) -> Finding {
    let name = name.cloned().unwrap_or_else(|| format!("The disk of volume {}", info.id));
    let how = if plugged { "could not be read" } else { "is away" };
    let id = format!("{:.12}", info.id.to_string());
    let action = match (cared, plugged) {
        (true, false) => format!(
            "Plug it in. If it is gone for good, say so: `holdfast --box default disk retire {id}`."
        ),
        (true, true) => format!(
            "Try another port. If it is beyond help, pull it and then say so: \
             `holdfast --box default disk retire {id}`."
        ),
        (false, _) => format!(
            "Attach it. If it is gone for good, stop the box and say so: \
             `holdfast volume remove {id} --force`."
        ),
    };
    let sentence = format!(
        "{name} was in use when the box stopped suddenly, and {how} since: the newest versions may \
         be on it alone."
    );
    Finding { severity: Severity::Warning, sentence, action, nameless: None }
}

/// Every source, and when its versions came.
fn came(vault: &Vault, snapshots: &[SnapshotInfo]) -> Vec<Came> {
    let one = |(id, name, space, _): (SourceId, String, SpaceId, usize)| {
        let called = called(vault, &name, id, space);
        let versions = snapshots.iter().filter(|one| one.source == id);
        let versions = versions.map(|one| (one.received, one.kind)).collect();
        let space = vault.space_name(space).unwrap_or_default();
        let (visits, backups) = (Visits::default(), Visits::default());
        Came { id, name, called, space, versions, visits, backups }
    };
    vault.sources().into_iter().map(one).collect()
}

/// Without the list of people no device is missed.
fn nobody_known(fault: Fault) -> Finding {
    Finding {
        severity: Severity::Warning,
        sentence: fault.sentence,
        action: fault.advice,
        nameless: None,
    }
}

/// What is said before anybody has looked: that all is well is for later.
pub(crate) fn at_start() -> Health {
    let finding = Finding {
        severity: Severity::Notice,
        sentence: "The box has just started and still looks at its disks.".to_owned(),
        action: "Ask again in a moment.".to_owned(),
        nameless: None,
    };
    Health { findings: vec![finding], volumes: Vec::new() }
}

/// Whether no disk takes another pack.
pub(crate) fn is_full(vault: &Vault) -> bool {
    let volumes = vault.volumes().unwrap_or_default();
    let mut members = volumes.iter().filter(|one| one.state == "member").peekable();
    members.peek().is_some() && members.all(|one| one.free < plan::health::FULL_BELOW)
}

fn takes_nothing(why: &str) -> Finding {
    let action = "Make room: it goes on by itself then. If the disks are not full, see to them, then \
                  lock and unlock the box.";
    Finding {
        severity: Severity::Alarm,
        sentence: format!("The vault takes nothing more: {why}. What was acknowledged is kept."),
        action: action.to_owned(),
        nameless: None,
    }
}

fn odd(sentence: String) -> Finding {
    let action = "See to it when it suits you, then lock and unlock the box.".to_owned();
    Finding { severity: Severity::Notice, sentence, action, nameless: None }
}
