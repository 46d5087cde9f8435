//! What happens to houses, disks and people, by lot. Each chance is far above that of real life, so that a
//! few years hold what otherwise decades would. Start at [`World::strike`].

use crate::world::{Character, House, World, at, bit, index, members};

/// Days on which something happens to one house or disk, one in so many.
const DISK_DIES: u32 = 400;
const PACK_ROTS: u32 = 50;
const GUESTS_PACK_ROTS: u32 = 60;
const GOES_OFF: u32 = 40;
const GOES_ON_HOLIDAY: u32 = 250;
const VANISHES: u32 = 4_000;
const BURNS: u32 = 800;
const IS_TAKEN_OVER: u32 = 900;
const GIVES_NOTICE: u32 = 1_200;
const PAUSES: u32 = 100;
const LIAR_THROWS_AWAY: u32 = 12;

impl World {
    /// The misfortunes of a day.
    pub(crate) fn strike(&mut self) {
        for house in 0..self.houses.len() {
            self.come_back(house);
            self.throw_away(house);
            if !self.is_rough || self.houses[house].gone {
                continue;
            }
            self.wear(house);
            if self.houses[house].reborn_on.is_none() {
                self.ruin(house);
                self.change_minds(house);
            }
        }
    }

    /// Nothing more happens, and everybody who can comes home.
    pub(crate) fn calm_down(&mut self) {
        self.is_rough = false;
        for house in &mut self.houses {
            house.off_until = 0;
            house.reborn_on = house.reborn_on.map(|on| on.min(self.day + 1));
            for disk in &mut house.disks {
                disk.replaced_on = disk.replaced_on.min(self.day + 1);
            }
        }
    }

    /// Somebody with the words sets up a fresh box.
    fn come_back(&mut self, house: usize) {
        if self.houses[house].reborn_on != Some(self.day) {
            return;
        }
        let fresh = [self.new_disk(), self.new_disk()];
        let house = &mut self.houses[house];
        (house.reborn_on, house.disks) = (None, fresh.to_vec());
    }

    fn wear(&mut self, number: usize) {
        for disk in 0..self.houses[number].disks.len() {
            let (dies, after) = (self.dice.once_in(DISK_DIES), self.dice.within(1, 20));
            let house = &mut self.houses[number];
            if dies && house.disks[disk].alive {
                let disks = house.disks.len();
                lose_disk(house, disk, disks);
                house.disks[disk].replaced_on = self.day + after;
                self.tally.disks_died += 1;
            }
        }
        if self.dice.once_in(PACK_ROTS) {
            let house = &mut self.houses[number];
            let (disk, pack) = (self.dice.index(house.disks.len()), self.dice.within(0, 64));
            if let Some(disk) = house.disks.get_mut(disk) {
                disk.rotten |= disk.has & bit(pack);
            }
        }
        if self.dice.once_in(GUESTS_PACK_ROTS) {
            let (guest, pack) = (self.dice.index(self.houses.len()), self.dice.within(0, 64));
            let shelf = &mut self.houses[number].shelves[guest];
            let rots = shelf.good & bit(pack);
            shelf.good &= !rots;
            shelf.rotten |= rots;
        }
    }

    fn ruin(&mut self, number: usize) {
        if self.dice.once_in(GOES_OFF) {
            self.houses[number].off_until = self.day + self.dice.within(1, 7);
        }
        if self.dice.once_in(GOES_ON_HOLIDAY) {
            self.houses[number].off_until = self.day + self.dice.within(7, 45);
        }
        if self.dice.once_in(VANISHES) {
            self.houses[number].gone = true;
            self.tally.vanished += 1;
        }
        let is_burned = self.dice.once_in(BURNS);
        let is_taken_over = self.dice.once_in(IS_TAKEN_OVER);
        if is_burned || is_taken_over {
            let dark = if is_burned { self.dice.within(10, 300) } else { self.dice.within(3, 25) };
            let house = &mut self.houses[number];
            let disks = house.disks.len();
            (0..disks).for_each(|disk| lose_disk(house, disk, 1));
            house.reborn_on = Some(self.day + dark);
            self.tally.burned += u64::from(is_burned);
        }
        if is_taken_over {
            // Whoever did it has the box's keys, and says to every friend what the box could say.
            for host in 0..self.houses.len() {
                let (day, is_up) = (self.day, self.houses[host].is_up(self.day));
                let shelf = &mut self.houses[host].shelves[number];
                for pack in members(if is_up { shelf.claimed() } else { 0 }) {
                    shelf.asked[index(pack)].get_or_insert(day);
                }
            }
            self.tally.taken_over += 1;
        }
    }

    fn change_minds(&mut self, number: usize) {
        let other = self.dice.index(self.houses.len());
        if self.dice.once_in(GIVES_NOTICE) {
            let guest = &mut self.houses[number].shelves[other].guest;
            guest.notice.get_or_insert(at(self.day));
        }
        if self.dice.once_in(PAUSES) {
            let view = &mut self.houses[number].views[other];
            view.is_paused = !view.is_paused;
        }
    }

    fn throw_away(&mut self, number: usize) {
        if self.houses[number].behaves(self.day) == Character::Honest {
            return;
        }
        for guest in 0..self.houses.len() {
            if self.dice.once_in(LIAR_THROWS_AWAY) {
                let shelf = &mut self.houses[number].shelves[guest];
                let away = self.dice.half(shelf.good);
                shelf.good &= !away;
                shelf.feigned |= away;
                self.tally.feigned += u64::from(away.count_ones());
            }
        }
    }
}

/// What lay on a disk is gone: what was here, and what was kept for others, spread evenly.
fn lose_disk(house: &mut House, disk: usize, disks: usize) {
    let lost = &mut house.disks[disk];
    (lost.alive, lost.has, lost.rotten) = (false, 0, 0);
    let there = (0..128).filter(|pack| pack % disks == disk % disks);
    let there = there.fold(0, |set, pack| set | 1_u128 << pack);
    for shelf in &mut house.shelves {
        shelf.good &= !there;
        shelf.rotten &= !there;
    }
}
