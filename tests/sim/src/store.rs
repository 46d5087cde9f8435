//! One box in its own house: packs are stored and pruned, disks are replaced, read and mended. Start at
//! [`World::keep_house`].

use plan::placement::choose_targets;
use plan::repair::{PackFacts, RepairAction, repair};
use plan::{PackKind, VolumeFacts, VolumeSet, VolumeState};
use types::{Bytes, VolumeId};

use crate::sets::{PACKS, Set, bit, number};
use crate::world::{Disk, House, Pack, World};
use crate::{Event, Sabotage};

/// Local disks are large here: what is scarce is room at friends.
const DISK_ROOM: Bytes = Bytes(1 << 40);
/// Packs that a house begins with.
const PACKS_AT_FIRST: usize = 20;
/// A pack is stored on one day of so many, and one is pruned.
const STORES: u32 = 3;
const PRUNES: u32 = 12;
/// Days between two scrubs, of one's own packs and of those of guests.
pub(crate) const SCRUB_DAYS: u32 = 30;
/// Days between pruning and unlinking.
const GRACE_DAYS: u32 = 37;

impl World {
    pub(crate) fn keep_house(&mut self, house: usize) {
        for disk in 0..self.houses[house].disks.len() {
            let old = &self.houses[house].disks[disk];
            if old.alive || old.back_on > self.day {
                continue;
            }
            let (serial, is_back) = (old.serial, old.away);
            if is_back {
                let disk = &mut self.houses[house].disks[disk];
                (disk.alive, disk.away) = (true, false);
            } else {
                self.houses[house].disks[disk] = self.new_disk();
            }
            self.disk_is_settled(house, serial, is_back);
        }
        if self.is_rough {
            // A disk may have died on the very first day.
            let is_new = self.houses[house].packs.is_empty();
            (0..if is_new { PACKS_AT_FIRST } else { 0 }).for_each(|_| self.store(house));
            for _ in 0..self.stride {
                if self.dice.once_in(STORES) {
                    self.store(house);
                }
                if self.dice.once_in(PRUNES) {
                    self.prune(house);
                }
            }
        }
        let (day, sabotage) = (self.day, self.sabotage);
        let house = &mut self.houses[house];
        let over = house.pruned_before(day.saturating_sub(GRACE_DAYS));
        let scrubs = day - house.scrubbed >= SCRUB_DAYS;
        for disk in &mut house.disks {
            disk.has &= !over;
            if scrubs && disk.alive {
                disk.has &= !disk.rotten;
            }
            disk.rotten &= disk.has;
        }
        if sabotage != Sabotage::NoRepair {
            mend(house);
        }
    }

    /// Stores one pack, if a disk is there and a number is free.
    fn store(&mut self, house: usize) {
        let len = Bytes(u64::from(self.dice.within(1, 65)) * 256 * Bytes::KIB);
        let kind = if self.dice.once_in(6) { PackKind::Meta } else { PackKind::Data };
        let Ok(targets) = choose_targets(&volumes(&self.houses[house]), 2, len) else { return };
        let Some(no) = self.free_number(house) else { return };
        let (sealed, stored) = (self.day, 1_u128 << no);
        let house = &mut self.houses[house];
        match house.packs.get_mut(no) {
            Some(old) => {
                *old = Pack { kind, len, sealed, pruned: None, again: old.again + 1 };
            }
            None => house.packs.push(Pack { kind, len, sealed, pruned: None, again: 0 }),
        }
        house.neglected[no] = 0;
        house.truly_lost &= !stored;
        house.sent &= !stored;
        for view in &mut house.views {
            view.lost &= !stored;
        }
        for (slot, disk) in (0..).zip(&mut house.disks) {
            if targets.ids.contains(&volume_id(slot)) {
                disk.has |= stored;
            }
        }
        self.tally.note(Event::Stored);
    }

    /// A number of which nobody has anything any more.
    fn free_number(&self, house: usize) -> Option<usize> {
        let me = &self.houses[house];
        if me.packs.len() < PACKS {
            return Some(me.packs.len());
        }
        let mut taken = me.needed();
        me.disks.iter().for_each(|disk| taken |= disk.has);
        for view in &me.views {
            view.machine.copies().for_each(|copy| taken |= bit(number(copy.root)));
        }
        for host in &self.houses {
            taken |= host.shelves[house].traces();
        }
        (0..PACKS).find(|no| taken & 1 << no == 0)
    }

    fn prune(&mut self, house: usize) {
        let house = &mut self.houses[house];
        let chosen = self.dice.index(house.packs.len());
        if let Some(pack) = house.packs.get_mut(chosen) {
            pack.pruned.get_or_insert(self.day);
        }
    }
}

impl House {
    /// Packs that were pruned on that day or before.
    fn pruned_before(&self, day: u32) -> Set {
        let over = |pack: &Pack| pack.pruned.is_some_and(|pruned| pruned <= day);
        (0..)
            .zip(&self.packs)
            .fold(0, |set, (no, pack)| if over(pack) { set | bit(no) } else { set })
    }

    /// Puts a pack that came back from a friend on the disk with fewest.
    pub(crate) fn put_back(&mut self, pack: u32) -> bool {
        let alive = self.disks.iter_mut().filter(|disk| disk.alive);
        let Some(disk) = alive.min_by_key(|disk| (disk.has.count_ones(), disk.serial)) else {
            return false;
        };
        disk.has |= bit(pack);
        disk.rotten &= !bit(pack);
        true
    }

    /// A pack is read to be sent: whatever copy is rotten is found by it. False when there is no good one.
    pub(crate) fn can_read(&mut self, pack: u32) -> bool {
        let is_good = self.good_here() & bit(pack) != 0;
        if !is_good {
            let alive = self.disks.iter_mut().filter(|disk| disk.alive);
            alive.for_each(|disk| disk.has &= !(bit(pack) & disk.rotten));
        }
        is_good
    }
}

fn volume_id(slot: u8) -> VolumeId {
    VolumeId([slot; 16])
}

/// The disks as `plan` sees them.
fn volumes(house: &House) -> Vec<VolumeFacts> {
    let facts = |(slot, disk): (u8, &Disk)| VolumeFacts {
        id: volume_id(slot),
        slot,
        serial: disk.serial.to_string(),
        state: if disk.alive { VolumeState::Member } else { VolumeState::Absent },
        free: Bytes(DISK_ROOM.0 - u64::from(disk.has.count_ones()) * 16 * Bytes::MIB),
        size: DISK_ROOM,
    };
    (0..).zip(&house.disks).map(facts).collect()
}

/// Copies what lacks a copy on a disk. Each copy is verified: a rotten one is found when it is read.
fn mend(house: &mut House) {
    let volumes = volumes(house);
    let (over, needed) = (house.disks.iter().fold(0, |set, disk| set | disk.has), house.needed());
    let facts = |(no, pack): (u32, &Pack)| {
        let holds = (0..).zip(&house.disks).filter(|(_, disk)| disk.has & bit(no) != 0);
        let present = holds.fold(VolumeSet::default(), |set, (slot, _)| set.with(slot));
        PackFacts { no, kind: pack.kind, len: pack.len, present, wanted: 2, pinned: no % 7 == 0 }
    };
    let numbered = (0..).zip(&house.packs).filter(|(no, _)| over & needed & bit(*no) != 0);
    let packs: Vec<_> = numbered.map(facts).collect();
    for action in repair(&packs, &volumes).actions {
        let RepairAction::Copy { pack, from, to } = action else { continue };
        let place = |id: VolumeId| usize::from(id.0[0]);
        let source = &mut house.disks[place(from)];
        if source.rotten & bit(pack) != 0 {
            source.has &= !bit(pack);
            source.rotten &= !bit(pack);
        } else {
            house.disks[place(to)].has |= bit(pack);
        }
    }
}
