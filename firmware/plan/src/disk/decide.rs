//! What is to be done next, for each disk: a list that is empty when all is as it should be.
//!
//! Carrying an action out, or finding it done, removes it from the next list; so the hands may stop
//! anywhere and begin anew. Nothing is formatted but what its owner named, nothing is mounted but
//! members, and nobody is asked to pull what others still need. Start at [`Roster::decide`].

use std::collections::BTreeMap;

use types::{DiskIdentity, Millis, Transport, VolumeId};

use super::joining::{Aim, Joining};
use super::life::{Doubt, Life, Standing, Wish};
use super::roster::{Entry, Roster};

/// A member that is away this long is not waited for any more: what it alone kept twice is copied
/// from the others. Long enough to push back what was pulled by mistake, and to swap a cable.
pub const ABSENT_GRACE: Millis = Millis::from_secs(10 * 60);

/// How a disk is mounted, or is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// To be written.
    ReadWrite,
    /// To be read only.
    ReadOnly,
}

/// What the vault says of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolumeNeeds {
    /// Packs that no other disk here has.
    pub only_here: u64,
    /// It takes new packs: not full, not failed, and here.
    pub takes_packs: bool,
    /// Nothing depends on it: its copies are all elsewhere, as often as promised.
    pub is_spare: bool,
    /// It is away, and what is on it is not all known: the vault was not closed since it was here.
    pub is_unsettled: bool,
}

/// Everything else that decisions rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// Disks that are mounted for the vault.
    pub mounted: BTreeMap<DiskIdentity, How>,
    /// What the vault says of its volumes. One that is missing is taken for needed.
    pub volumes: BTreeMap<VolumeId, VolumeNeeds>,
    /// Packs with fewer copies than promised.
    pub under_copied: u64,
    /// Packs are being copied now.
    pub is_copying: bool,
    /// The other disks have room for the copies that are missing.
    pub has_room: bool,
    /// A bay with nothing in it.
    pub free_bay: Option<String>,
}

/// What a disk is offered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offer {
    /// It is blank: one click, and it takes part.
    Adopt {
        /// In whose place.
        replaces: Option<VolumeId>,
    },
    /// Something is on it: import, use as a drive, or erase.
    Erase {
        /// In whose place.
        replaces: Option<VolumeId>,
    },
    /// Files are on it, and it comes and goes: restore onto it, and erase it only for a good reason.
    Drive,
    /// It had left the vault, and what it holds is still there: take it back, erase it or pull it.
    TakeBack,
    /// It claims to be a member: confirm it, erase it or pull it.
    Settle {
        /// Why it is not believed.
        doubt: Doubt,
    },
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Mount a member's disk and let it take part.
    Mount {
        /// The disk.
        disk: DiskIdentity,
        /// The member.
        volume: VolumeId,
        /// How.
        how: How,
    },
    /// Unmount what takes part no more.
    Unmount {
        /// The disk.
        disk: DiskIdentity,
    },
    /// Erase and format a disk that its owner named.
    Format {
        /// The disk.
        disk: DiskIdentity,
    },
    /// Put back what was on a disk before it was formatted.
    PutBack {
        /// The disk.
        disk: DiskIdentity,
    },
    /// Make a formatted disk what it was formatted for.
    Join {
        /// The disk.
        disk: DiskIdentity,
        /// What for.
        aim: Aim,
    },
    /// Make the copies that are missing.
    Copy,
    /// Copy away what a member still holds alone.
    Drain {
        /// The member.
        volume: VolumeId,
    },
    /// Take a member off the vault's list: nothing depends on it.
    StrikeOff {
        /// The member.
        volume: VolumeId,
    },
    /// Ask the owner to pull a disk: it is safe now.
    AskPull {
        /// The disk.
        disk: DiskIdentity,
    },
    /// Tell the owner not to pull a disk that he was asked to pull: it is needed after all.
    WithdrawPull {
        /// The disk.
        disk: DiskIdentity,
    },
    /// Ask the owner for a new disk, in this bay or at any port, before any is pulled.
    AskInsert {
        /// The bay.
        bay: Option<String>,
        /// The member that it is to replace.
        replaces: VolumeId,
    },
    /// Offer a disk to the owner.
    Offer {
        /// The disk.
        disk: DiskIdentity,
        /// What for.
        offer: Offer,
    },
}

/// Whether somebody's files came in on something that is made to be carried about: nobody means them
/// to go who does not say so.
pub(super) fn is_drive(entry: &Entry) -> bool {
    let carried = matches!(entry.identity.transport, Transport::Usb | Transport::Card);
    carried && entry.life == Life::Foreign(Joining::No)
}

impl Roster {
    /// Everything that is to be done now.
    pub fn decide(&self, world: &World) -> Vec<Action> {
        // First of all, because somebody may stand before the box already.
        let mut actions: Vec<Action> = self.withdrawn(world).collect();
        for entry in &self.entries {
            self.mounting(entry, world, &mut actions);
            match entry.life {
                Life::Blank(joining) | Life::Foreign(joining) | Life::Quarantined(_, joining) => {
                    actions.extend(self.joining(entry, joining));
                }
                _ => actions.extend(self.leaving(entry, world)),
            }
        }
        if world.under_copied > 0 && !world.is_copying && world.has_room && !self.waits() {
            actions.push(Action::Copy);
        }
        actions
    }

    fn mounting(&self, entry: &Entry, world: &World, actions: &mut Vec<Action>) {
        let disk = entry.identity.clone();
        let wanted = match (entry.life.is_here(), entry.life.standing()) {
            _ if self.lets_go(entry, world) => None,
            (true, Some(Standing::Failed)) => Some(How::ReadOnly),
            (true, Some(_)) => Some(How::ReadWrite),
            _ => None,
        };
        let is = world.mounted.get(&disk).copied();
        // Drives are mounted for their own jobs, which know when they are done.
        let is_drive = matches!(entry.life, Life::Rescue | Life::Courier);
        match (wanted, entry.volume) {
            _ if is == wanted || is_drive || !entry.life.is_here() => {}
            // The vault writes no more to a member that failed, however it is mounted.
            (Some(How::ReadOnly), _) if is.is_some() => {}
            (Some(how), Some(volume)) if is.is_none() => {
                actions.push(Action::Mount { disk, volume, how });
            }
            _ => actions.push(Action::Unmount { disk }),
        }
    }

    fn joining(&self, entry: &Entry, joining: Joining) -> Option<Action> {
        let disk = entry.identity.clone();
        match joining {
            Joining::Waiting { .. } | Joining::Kept { .. } => None,
            Joining::PuttingBack => Some(Action::PutBack { disk }),
            Joining::Ready { .. } | Joining::Formatting { .. } => Some(Action::Format { disk }),
            Joining::Formatted { aim } => Some(Action::Join { disk, aim }),
            Joining::No => {
                let replaces = self.wants_replacement().and_then(|entry| entry.volume);
                let offer = match entry.life {
                    Life::Blank(_) => Offer::Adopt { replaces },
                    Life::Quarantined(doubt, _) => Offer::Settle { doubt },
                    _ if self.has_left(entry) => Offer::TakeBack,
                    _ if is_drive(entry) => Offer::Drive,
                    _ => Offer::Erase { replaces },
                };
                Some(Action::Offer { disk, offer })
            }
        }
    }

    fn leaving(&self, entry: &Entry, world: &World) -> Option<Action> {
        let volume = entry.volume?;
        let needs = world.volumes.get(&volume);
        // What nobody here knows of is given up by the owner alone, and by no wish from before.
        let is_settled = |needs: &VolumeNeeds| !needs.is_unsettled || entry.given_up;
        let is_spare = needs.is_some_and(|needs| needs.is_spare && is_settled(needs));
        let disk = entry.identity.clone();
        match entry.life {
            Life::Retiring { .. } if is_spare => Some(Action::StrikeOff { volume }),
            Life::Retiring { .. } => (!world.is_copying).then_some(Action::Drain { volume }),
            Life::OursAbsent { .. } => (is_spare && entry.life.strike_off().is_ok())
                .then_some(Action::StrikeOff { volume }),
            // Asked to be pulled, it would be missed.
            Life::Drained if self.is_wanted_back(entry) => {
                Some(Action::Offer { disk, offer: Offer::TakeBack })
            }
            Life::Drained => {
                let asks = !entry.pull_asked && !world.mounted.contains_key(&disk);
                asks.then_some(Action::AskPull { disk })
            }
            _ if entry.life.wish() == Wish::Replace => self.replacing(entry, world, volume),
            _ => None,
        }
    }

    /// A member that is here and is to be replaced, while no new disk has joined for it.
    fn replacing(&self, entry: &Entry, world: &World, volume: VolumeId) -> Option<Action> {
        // A candidate is offered already: nothing has to be moved for it.
        if entry.pull_asked || self.is_served(volume) {
            return None;
        }
        if world.free_bay.is_some() {
            return Some(Action::AskInsert { bay: world.free_bay.clone(), replaces: volume });
        }
        // With room elsewhere the copies are made there first; without, only another port is left.
        let spreads = world.is_copying || world.has_room && world.under_copied > 0;
        if spreads {
            return None;
        }
        if self.is_spared(entry, world) {
            let disk = entry.identity.clone();
            return self.is_safe(entry, world).then_some(Action::AskPull { disk });
        }
        Some(Action::AskInsert { bay: None, replaces: volume })
    }

    /// Whether a member was gone for so short that it is waited for.
    fn waits(&self) -> bool {
        self.entries.iter().any(|entry| {
            matches!(entry.life, Life::OursAbsent { was, wish: Wish::Stay }
                if was != Standing::Retiring)
                && entry.away < ABSENT_GRACE
        })
    }
}
