//! Disks that say that they are members: which one is believed, and what is said of the others.
//!
//! A member that is here has no second: whatever else claims its volume is a clone. Of claimants of
//! one that is away, at most one is believed, and only when nothing contradicts. What is in
//! quarantine gets out by its owner's word alone, or by being plugged in again.
//! Start at [`Roster::notice_claims`].

use types::{Agreement, DiskContent, DiskIdentity, VolumeId};

use super::joining::Joining;
use super::life::{Doubt, Life};
use super::news::News;
use super::roster::{Entry, Roster, Seen, entry, generation};

impl Roster {
    /// Disks that are new here and say that they are members.
    pub(super) fn notice_claims(&mut self, seen: &[Seen], news: &mut Vec<News>) {
        let volumes: Vec<VolumeId> = self
            .entries
            .iter()
            .filter(|e| e.life.standing().is_some())
            .filter_map(|e| e.volume)
            .collect();
        for volume in volumes {
            let new: Vec<&Seen> = seen
                .iter()
                .filter(|disk| self.claims(&disk.content) == Some(volume))
                .filter(|disk| self.here(&disk.identity).is_none())
                .collect();
            let believed = self.believed(volume, &new);
            for disk in new {
                if Some(&disk.identity) == believed.as_ref() {
                    self.take_back(volume, disk, news);
                    continue;
                }
                // Which doubt it is, is settled when all have been seen.
                let life = Life::Quarantined(Doubt::Clone, Joining::No);
                news.push(News::Quarantined { place: disk.place.clone() });
                self.entries.push(Entry { volume: Some(volume), ..entry(disk, life) });
            }
        }
    }

    fn claims(&self, content: &DiskContent) -> Option<VolumeId> {
        match content {
            DiskContent::Volume(mark) if mark.vault == self.vault => Some(mark.volume),
            _ => None,
        }
    }

    /// Which of the new claimants is the member that is away; none when it is here or in doubt.
    fn believed(&self, volume: VolumeId, new: &[&Seen]) -> Option<DiskIdentity> {
        let member = self.member(volume).filter(|member| !member.life.is_here())?;
        let fit: Vec<&&Seen> = new.iter().filter(|disk| fits(member, disk)).collect();
        match fit.as_slice() {
            [] => None,
            [one] => Some(one.identity.clone()),
            // Docks give all disks one serial: then only the port is left to go by.
            _ => fit
                .iter()
                .find(|disk| disk.identity.port == member.identity.port)
                .map(|disk| disk.identity.clone()),
        }
    }

    fn take_back(&mut self, volume: VolumeId, disk: &Seen, news: &mut Vec<News>) {
        let Some(at) = self.member_at(volume) else { return };
        let member = &self.entries[at];
        let Ok(life) = member.life.returned() else { return };
        news.push(News::Returned { place: disk.place.clone(), away: member.away });
        let generation = member.generation.max(generation(&disk.content));
        self.entries[at] = Entry { volume: Some(volume), generation, ..entry(disk, life) };
    }

    /// Says of each disk in quarantine what the doubt is now. None leaves it by itself.
    pub(super) fn doubt_again(&mut self) {
        for at in 0..self.entries.len() {
            let (Life::Quarantined(_, joining), Some(volume)) =
                (self.entries[at].life, self.entries[at].volume)
            else {
                continue;
            };
            let doubt = self.doubt(volume, &self.entries[at].content);
            self.entries[at].life = match doubt {
                Some(doubt) => Life::Quarantined(doubt, joining),
                None => Life::Foreign(joining),
            };
        }
    }

    fn doubt(&self, volume: VolumeId, content: &DiskContent) -> Option<Doubt> {
        let member = self.member(volume)?;
        let in_doubt =
            |e: &&Entry| e.volume == Some(volume) && matches!(e.life, Life::Quarantined(..));
        Some(if member.life.is_here() {
            Doubt::Clone
        } else if generation(content) < member.generation {
            Doubt::Stale
        } else if self.entries.iter().filter(in_doubt).count() > 1 {
            Doubt::Undecided
        } else {
            Doubt::Moved
        })
    }
}

/// Whether a claimant may be the member: not older, and the same hardware; where nothing proves the
/// hardware, the port has to be the same.
fn fits(member: &Entry, disk: &Seen) -> bool {
    let hardware = match member.identity.agrees(&disk.identity) {
        Agreement::Same => true,
        Agreement::Unproved => member.identity.port == disk.identity.port,
        Agreement::Other => false,
    };
    hardware && generation(&disk.content) >= member.generation
}
