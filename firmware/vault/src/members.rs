//! The volumes of an open vault: who takes part, who failed, and the facts that `plan` wants.
//!
//! Only this crate knows several volumes. A member that fails is demoted for as long as the vault
//! stays open; its packs remain candidates for reading.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::VolumeSlot;
use format::head::{RegisteredVolume, VolumeState};
use plan::VolumeFacts;
use types::sabotage::{self, Bug};
use types::{Bytes, VolumeId};
use volume::{Volume, VolumeWriter};

/// One attached volume.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) volume: Arc<Volume>,
    /// None when the vault is open for reading only.
    pub(crate) writer: Option<Arc<VolumeWriter>>,
    pub(crate) slot: VolumeSlot,
    pub(crate) serial: String,
    pub(crate) label: String,
    pub(crate) retiring: bool,
    /// The next head is the last that it gets, and says that it has left.
    pub(crate) leaving: bool,
    /// Its newest head is of a history that parted from the main one. What that one has was taken
    /// in; until it gets a head that says so, it is taken in again at every opening.
    pub(crate) apart: bool,
    /// Why it takes no more writes.
    pub(crate) failed: Option<String>,
}

impl Member {
    pub(crate) fn id(&self) -> VolumeId {
        self.volume.id()
    }

    /// Why it takes no writes, after a line break and two spaces; none when it does.
    pub(crate) fn refusal(&self) -> Option<String> {
        match (&self.failed, &self.writer) {
            (Some(why), _) => Some(format!("\n  {}: {why}", self.label)),
            (None, None) => Some(format!("\n  {} is read-only", self.label)),
            (None, Some(_)) => None,
        }
    }

    /// Whether new packs may go there.
    pub(crate) fn takes_writes(&self) -> bool {
        self.writer.is_some() && self.failed.is_none()
    }
}

/// All attached volumes, and what the registry says of the others.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) attached: Vec<Member>,
    /// Copies that the owner wants of each data pack.
    pub(crate) copies: u8,
    /// As the last head had it, attached ones included.
    pub(crate) registry: BTreeMap<VolumeId, RegisteredVolume>,
}

impl Members {
    pub(crate) fn get(&self, id: VolumeId) -> Option<&Member> {
        self.attached.iter().find(|member| member.id() == id)
    }

    pub(crate) fn get_mut(&mut self, id: VolumeId) -> Option<&mut Member> {
        self.attached.iter_mut().find(|member| member.id() == id)
    }

    /// No more writes to `id` until the vault is opened anew.
    pub(crate) fn demote(&mut self, id: VolumeId, why: &dyn std::fmt::Display) {
        if let Some(member) = self.get_mut(id) {
            member.failed.get_or_insert_with(|| why.to_string());
        }
    }

    /// What `plan` wants to know of every volume that is attached or registered. `slots` is the
    /// catalog's; a volume it does not know has no packs to speak of.
    pub(crate) fn facts(&self, slots: &[(VolumeSlot, VolumeId)]) -> Vec<VolumeFacts> {
        let mut facts: Vec<_> = self.attached.iter().map(facts_of).collect();
        for known in self.registry.values() {
            let slot = slots.iter().find(|(_, id)| *id == known.id).map(|(slot, _)| slot.0);
            if let Some(slot) = slot
                && self.get(known.id).is_none()
                && known.state != VolumeState::Removed
            {
                facts.push(VolumeFacts {
                    id: known.id,
                    slot,
                    serial: known.serial.clone(),
                    state: plan::VolumeState::Absent,
                    free: Bytes(0),
                    size: Bytes(0),
                });
            }
        }
        facts
    }

    /// Where something may be written: the attached volumes, with the reserve counted as room
    /// when deletion or repair asks.
    pub(crate) fn room(&self, with_reserve: bool) -> Vec<VolumeFacts> {
        let mut facts: Vec<_> = self.attached.iter().map(facts_of).collect();
        for fact in &mut facts {
            if fact.state == plan::VolumeState::Retiring && sabotage::on(Bug::RetiringStillFilled) {
                fact.state = plan::VolumeState::Member;
            }
        }
        if with_reserve {
            for (fact, member) in facts.iter_mut().zip(&self.attached) {
                fact.free = member.volume.space().map_or(Bytes(0), |space| space.free);
            }
        }
        facts
    }

    /// The registry for the next head.
    pub(crate) fn registered(&self) -> Vec<RegisteredVolume> {
        let mut all = self.registry.clone();
        for known in all.values_mut() {
            // One that was being drained when it went away is still to be drained.
            if !matches!(known.state, VolumeState::Removed | VolumeState::Retiring) {
                known.state = VolumeState::Absent;
            }
        }
        for member in &self.attached {
            let state = match (&member.failed, member.retiring) {
                (Some(_), _) => VolumeState::Absent,
                (None, true) => VolumeState::Retiring,
                (None, false) => VolumeState::Member,
            };
            let state = if member.leaving { VolumeState::Removed } else { state };
            let block = member.volume.superblock();
            let entry = RegisteredVolume {
                id: member.id(),
                state,
                generation: block.generation,
                serial: block.serial,
            };
            all.insert(member.id(), entry);
        }
        all.into_values().collect()
    }

    /// Whether the next head would tell of the volumes otherwise than the last one did.
    pub(crate) fn differ_from_registry(&self) -> bool {
        let now = self.registered();
        let state = |id| self.registry.get(id).map(|known| known.state);
        now.iter().any(|volume| state(&volume.id) != Some(volume.state))
    }

    /// Whether a pack on the volumes of `presence` is as safe as a new one would be: what is
    /// acknowledged may rely on it.
    pub(crate) fn hold_enough(&self, presence: u64) -> bool {
        if sabotage::on(Bug::FewCopiesReused) {
            return presence != 0;
        }
        let healthy = || self.attached.iter().filter(|member| member.failed.is_none());
        let holders = healthy().filter(|member| presence & member.slot.bit() != 0).count();
        let writable = healthy().filter(|member| member.writer.is_some()).count();
        holders >= usize::from(self.copies).min(writable).max(1)
    }

    /// Volumes that the vault counts on and that are not attached, or failed since they were: what
    /// is on them is unknown now.
    pub(crate) fn absent(&self) -> Vec<VolumeId> {
        let answers = |id| self.get(id).is_some_and(|member| member.failed.is_none());
        let registered = self.registry.values().filter(|v| v.state != VolumeState::Removed);
        registered.map(|known| known.id).filter(|id| !answers(*id)).collect()
    }

    /// Notes that a volume leaves, or stays after all; returns what the registry said of it before.
    pub(crate) fn set_leaving(
        &mut self,
        id: VolumeId,
        leaving: bool,
        state: VolumeState,
    ) -> Option<VolumeState> {
        if let Some(member) = self.get_mut(id) {
            member.leaving = leaving;
        }
        let entry = self.registry.get_mut(&id)?;
        Some(std::mem::replace(&mut entry.state, state))
    }

    /// Notes whose newest heads are of branches.
    pub(crate) fn note_apart(&mut self, apart: &BTreeSet<VolumeId>) {
        self.attached.iter_mut().for_each(|member| member.apart = apart.contains(&member.id()));
    }

    /// Attached volumes that cannot be told, or were not, what the vault is now. When they can be
    /// written again they bring back what was taken in from them before, and what unfinished packs
    /// of theirs say: nothing that it refers to may be gone by then.
    pub(crate) fn behind(&self) -> Vec<String> {
        let behind = |member: &&Member| {
            member.failed.is_none() && !member.leaving && (member.writer.is_none() || member.apart)
        };
        self.attached.iter().filter(behind).map(|member| member.label.clone()).collect()
    }
}

fn facts_of(member: &Member) -> VolumeFacts {
    // A disk that failed is not asked again: it may never answer. One that cannot even say how much
    // room it has gets nothing new; taken for a full one, it would have writes refused.
    let answers = member.failed.is_none();
    let space = answers.then(|| member.volume.space().ok()).flatten();
    let free = answers.then(|| member.volume.free().ok()).flatten();
    let state = match (space.and(free), &member.writer) {
        (None, _) => plan::VolumeState::Absent,
        (Some(_), _) if member.leaving || member.retiring => plan::VolumeState::Retiring,
        (Some(_), None) => plan::VolumeState::ReadOnly,
        (Some(_), Some(_)) => plan::VolumeState::Member,
    };
    VolumeFacts {
        id: member.id(),
        slot: member.slot.0,
        serial: member.serial.clone(),
        state,
        free: free.unwrap_or(Bytes(0)),
        size: space.map_or(Bytes(0), |space| space.total),
    }
}
