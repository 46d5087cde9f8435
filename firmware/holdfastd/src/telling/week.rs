//! What the weekly letter and a monitor are told of the box.
//!
//! Start at [`Supervisor::week`].

use calls::{Answer, Job};
use plan::health::Finding;
use tell::metrics::{Facts, render};
use tell::words::{Backed, Kept, Week};
use types::{Bytes, UnixTime};

use crate::answer::status;
use crate::facts::name_of;
use crate::housemates::called;
use crate::supervisor::Supervisor;

impl Supervisor {
    /// What the letter is written from.
    pub(crate) fn week(&self, findings: &[Finding]) -> Week {
        let sources = self.backed();
        let volumes = self.shared().health.volumes.clone();
        let disks = volumes.iter().map(|volume| Kept {
            name: name_of(&volume.path, &volume.id),
            size: Bytes(volume.size),
            free: Bytes(volume.free),
            works: volume.state == "member" || volume.state == "sealed",
        });
        Week {
            findings: findings.to_vec(),
            locked: sources.is_none(),
            sources: sources.unwrap_or_default(),
            disks: disks.collect(),
        }
    }

    /// Numbers for Prometheus.
    pub(crate) fn metrics(&self) -> Answer {
        let sources = self.backed().unwrap_or_default();
        let sources: Vec<_> = sources
            .into_iter()
            .map(|one| (one.name, one.versions, one.last.map(|last| last.0)))
            .collect();
        let (status, shared) = (status(self), self.shared());
        let (health, jobs) = (shared.health.clone(), shared.book.jobs().cloned());
        let jobs: Vec<Job> = jobs.collect();
        drop(shared);
        let facts = Facts { status: &status, health: &health, jobs: &jobs, sources: &sources };
        Answer::Metrics { text: render(&facts) }
    }

    /// Every source; none while the box is locked.
    fn backed(&self) -> Option<Vec<Backed>> {
        let vault = self.keeper.vault_now()?;
        let snapshots = vault.snapshots(None).unwrap_or_default();
        let mut all: Vec<Backed> = vault
            .sources()
            .into_iter()
            .map(|(id, name, space, versions)| {
                let name = called(&vault, &name, id, space);
                let times = snapshots.iter().filter(|one| one.source == id);
                let last: Option<UnixTime> = times.map(|one| one.received).max();
                Backed { name, last, versions: versions as u64 }
            })
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Some(all)
    }
}
