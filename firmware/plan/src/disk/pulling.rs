//! When a disk is safe to pull, and when that is not true any more.
//!
//! A member without a free bay leaves in this order: what it alone has is copied elsewhere, the vault
//! lets go of it and it is unmounted, what then lacks a copy gets one where there is room, and only
//! then is its owner asked. From there on it takes no write, so it cannot become needed by what comes
//! later; by the loss of another disk it can, and then the asking is taken back. Never answers from
//! what was true before: each question brings its facts. Start at [`Roster::safe_to_pull`].

use types::{DiskIdentity, VolumeId};

use super::decide::{Action, World, is_drive};
use super::joining::Joining;
use super::life::{Life, Standing, Wish, replaced_by};
use super::roster::{Entry, Roster};

impl Roster {
    /// The disks that their owner was asked to pull, as far as that is safe now: all that may be
    /// called so.
    pub fn safe_to_pull(&self, world: &World) -> Vec<DiskIdentity> {
        let safe = self.entries.iter().filter(|entry| entry.pull_asked);
        let safe = safe.filter(|entry| self.is_safe(entry, world));
        safe.map(|entry| entry.identity.clone()).collect()
    }

    /// What was asked and is not true any more.
    pub(super) fn withdrawn(&self, world: &World) -> impl Iterator<Item = Action> {
        let asked = self.entries.iter().filter(|e| e.pull_asked && e.life.is_here());
        let untrue = asked.filter(|entry| !self.is_safe(entry, world));
        untrue.map(|entry| Action::WithdrawPull { disk: entry.identity.clone() })
    }

    /// Whether a disk can go this moment: nobody has it open, and nothing depends on it.
    pub(super) fn is_safe(&self, entry: &Entry, world: &World) -> bool {
        let is_idle = entry.life.is_here() && !world.mounted.contains_key(&entry.identity);
        let is_empty = entry.life == Life::Drained && !self.is_wanted_back(entry);
        is_idle && (is_empty || self.is_spared(entry, world))
    }

    /// Whether a disk that had left, and is still here with what was on it, had better come back: one of
    /// those that stayed failed since, or went away. Whatever is said of such a disk comes from here.
    pub fn is_wanted_back(&self, entry: &Entry) -> bool {
        let fails = |other: &Entry| match other.life.standing() {
            Some(Standing::Failed) => true,
            Some(Standing::Member | Standing::Watch) => {
                !other.life.is_here() && other.life.wish() == Wish::Stay
            }
            Some(Standing::Retiring) | None => false,
        };
        self.has_left(entry) && self.entries.iter().any(fails)
    }

    /// Whether everything that a member has can be read without it, as far as the vault says. What
    /// it says nothing about is taken for needed, and so is all when no other member is open.
    pub(super) fn is_spared(&self, entry: &Entry, world: &World) -> bool {
        let leaves = entry.life.wish() == Wish::Replace
            && !matches!(entry.life.standing(), None | Some(Standing::Retiring));
        let needs = entry.volume.and_then(|volume| world.volumes.get(&volume));
        let others = self.entries.iter().filter(|other| {
            other.volume != entry.volume
                && other.life.is_here()
                && other.life.standing().is_some()
                && world.mounted.contains_key(&other.identity)
                // With full ones alone the vault could not even be opened.
                && other.volume.and_then(|id| world.volumes.get(&id)).is_none_or(|n| n.takes_packs)
        });
        leaves && needs.is_some_and(|needs| needs.only_here == 0) && others.count() > 0
    }

    /// Whether the vault is to go on without a member that is here, so that it can be pulled. One that
    /// its owner was asked to pull stays out as long as that is safe, whatever is plugged in
    /// meanwhile: his hand may be on it.
    pub(super) fn lets_go(&self, entry: &Entry, world: &World) -> bool {
        let Some(volume) = entry.volume.filter(|_| entry.life.is_here()) else { return false };
        let no_other_way = world.free_bay.is_none() && !self.is_served(volume);
        self.is_spared(entry, world) && (entry.pull_asked || no_other_way)
    }

    /// Whether a disk that could take a member's place is here already.
    pub(super) fn is_served(&self, volume: VolumeId) -> bool {
        let is_candidate = |e: &Entry| match e.life {
            Life::Blank(Joining::No) => true,
            Life::Foreign(Joining::No) => !is_drive(e) && !self.has_left(e),
            _ => false,
        };
        self.entries.iter().any(|e| replaced_by(&e.life) == Some(volume) || is_candidate(e))
    }
}
