//! One box in its own house: packs are stored and pruned, disks are replaced, read and mended. Start at
//! [`World::keep_house`].

use plan::placement::choose_targets;
use plan::repair::{PackFacts, RepairAction, repair};
use plan::{PackKind, VolumeFacts, VolumeSet, VolumeState};
use types::{Bytes, VolumeId};

use crate::Sabotage;
use crate::world::{Disk, House, PACKS, Pack, World, bit};

/// Local disks are large here: what is scarce is room at friends.
const DISK_ROOM: Bytes = Bytes(1 << 40);
/// Packs that a house begins with.
const PACKS_AT_FIRST: usize = 20;
/// A pack is stored on one day of so many, and one is pruned.
const STORES: u32 = 3;
const PRUNES: u32 = 12;
/// Days between two scrubs, of one's own packs and of those of guests.
const SCRUB_DAYS: u32 = 30;
/// Days between pruning and unlinking.
const GRACE_DAYS: u32 = 37;

impl World {
    pub(crate) fn keep_house(&mut self, number: usize) {
        for disk in 0..self.houses[number].disks.len() {
            let old = &self.houses[number].disks[disk];
            if !old.alive && old.replaced_on <= self.day {
                self.houses[number].disks[disk] = self.new_disk();
            }
        }
        if self.is_rough {
            // A disk may have died on the very first day.
            for _ in 0..if self.day == 0 { PACKS_AT_FIRST } else { 0 } {
                self.store(number);
            }
            if self.dice.once_in(STORES) {
                self.store(number);
            }
            if self.dice.once_in(PRUNES) {
                self.prune(number);
            }
        }
        let (day, sabotage) = (self.day, self.sabotage);
        let house = &mut self.houses[number];
        let over = house.pruned_before(day.saturating_sub(GRACE_DAYS));
        let scrubs = day - house.scrubbed >= SCRUB_DAYS;
        if scrubs {
            // What was kept for others is read with the rest, and what rotted is not called whole any more.
            house.scrubbed = day;
            house.shelves.iter_mut().for_each(|shelf| shelf.rotten = 0);
        }
        for disk in &mut house.disks {
            disk.has &= !over;
            if scrubs {
                disk.has &= !disk.rotten;
            }
            disk.rotten &= disk.has;
        }
        if sabotage != Sabotage::NoRepair {
            mend(house);
        }
    }

    /// Stores one pack, if a disk is there and a number is free.
    fn store(&mut self, number: usize) {
        let len = Bytes(u64::from(self.dice.within(1, 65)) * 256 * Bytes::KIB);
        let kind = if self.dice.once_in(6) { PackKind::Meta } else { PackKind::Data };
        let Ok(targets) = choose_targets(&volumes(&self.houses[number]), 2, len) else { return };
        let Some(no) = self.free_number(number) else { return };
        let (pack, stored) = (Pack { kind, len, sealed: self.day, pruned: None }, 1_u128 << no);
        let house = &mut self.houses[number];
        match house.packs.get_mut(no) {
            Some(old) => *old = pack,
            None => house.packs.push(pack),
        }
        house.neglected[no] = 0;
        house.truly_lost &= !stored;
        house.sent &= !stored;
        for view in &mut house.views {
            (view.lost, view.begun) = (view.lost & !stored, view.begun & !stored);
        }
        for (slot, disk) in (0..).zip(&mut house.disks) {
            if targets.ids.contains(&volume_id(slot)) {
                disk.has |= stored;
            }
        }
        self.tally.packs += 1;
    }

    /// A number that nobody has anything of any more.
    fn free_number(&self, number: usize) -> Option<usize> {
        let house = &self.houses[number];
        if house.packs.len() < PACKS {
            return Some(house.packs.len());
        }
        let mut taken = house.needed();
        house.disks.iter().for_each(|disk| taken |= disk.has);
        house.views.iter().for_each(|view| taken |= view.at);
        self.houses.iter().for_each(|host| {
            let shelf = &host.shelves[number];
            taken |= shelf.claimed() | shelf.betrayed;
        });
        (0..PACKS).find(|no| taken & 1 << no == 0)
    }

    fn prune(&mut self, number: usize) {
        let house = &mut self.houses[number];
        let chosen = self.dice.index(house.packs.len());
        if let Some(pack) = house.packs.get_mut(chosen) {
            pack.pruned.get_or_insert(self.day);
        }
    }
}

impl House {
    /// Packs that were pruned on that day or before.
    fn pruned_before(&self, day: u32) -> u128 {
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
