//! What happens to houses, disks, clocks and people, by lot. Each chance is far above that of real life, so
//! that a few years hold what otherwise decades would. Start at [`World::strike`].

use peer_proto::host::{HostEvent, LineId, StreamId};
use peer_proto::pact::PactEvent;
use peer_proto::wire::PackAsk;

use crate::Event;
use crate::Sabotage;
use crate::hosting::THIEVES;
use crate::owning::View;
use crate::sets::{bit, number};
use crate::shelf::{Shelf, Truth};
use crate::world::{Character, World, at};

/// Days on which something happens to one house or disk, one in so many.
const DISK_DIES: u32 = 400;
const DISK_GOES_AWAY: u32 = 150;
const DISK_COMES_BACK_LATE: u32 = 3;
const PACK_ROTS: u32 = 50;
const GUESTS_PACK_ROTS: u32 = 60;
const GOES_OFF: u32 = 40;
const GOES_ON_HOLIDAY: u32 = 250;
const VANISHES: u32 = 4_000;
const BURNS: u32 = 800;
const IS_TAKEN_OVER: u32 = 900;
const GIVES_NOTICE: u32 = 1_200;
const PAUSES: u32 = 100;
const THROWS_AWAY: u32 = 12;
const CRASHES: u32 = 25;
const CLOCK_JUMPS: u32 = 300;
const WANTS_OTHER_TERMS: u32 = 400;
const WRITES_HEAD: u32 = 40;

impl World {
    /// Whether something that happens on one of so many days happens in this step.
    pub(crate) fn comes(&mut self, days: u32) -> bool {
        let stride = self.stride;
        self.dice.roll(days) < stride
    }

    /// The misfortunes of a step.
    pub(crate) fn strike(&mut self) {
        for house in 0..self.houses.len() {
            self.houses[house].line_left = self.line_in_a_step();
            self.come_back(house);
            self.throw_away(house);
            self.set_clock_right(house);
            if !self.is_rough || self.houses[house].gone {
                continue;
            }
            self.wear(house);
            if self.houses[house].reborn_on.is_none() {
                self.ruin(house);
                self.shake(house);
                self.change_minds(house);
            }
        }
    }

    /// Nothing more happens, and everybody who can comes home.
    pub(crate) fn calm_down(&mut self) {
        self.is_rough = false;
        for house in &mut self.houses {
            house.off_until = 0;
            house.dies_in = None;
            house.reborn_on = house.reborn_on.map(|on| on.min(self.day + 1));
            house.clock_right_on = house.clock_right_on.map(|on| on.min(self.day + 1));
            for disk in &mut house.disks {
                disk.back_on = disk.back_on.min(self.day + 1);
            }
        }
        for house in 0..self.houses.len() {
            for friend in 0..self.houses.len() {
                self.pact_on(house, friend, PactEvent::Resume);
            }
        }
    }

    /// Somebody with the words sets up a fresh box.
    fn come_back(&mut self, house: usize) {
        if self.houses[house].reborn_on.is_none_or(|on| on > self.day) {
            return;
        }
        let fresh = [self.new_disk(), self.new_disk()];
        let me = &mut self.houses[house];
        (me.reborn_on, me.disks) = (None, fresh.to_vec());
        (me.clock_off, me.clock_right_on) = (0, None);
        (0..self.houses.len()).for_each(|friend| self.come_back_to(house, friend));
        self.boot(house);
    }

    fn wear(&mut self, house: usize) {
        for disk in 0..self.houses[house].disks.len() {
            let after = self.dice.within(1, 20);
            if self.comes(DISK_DIES) && self.houses[house].disks[disk].alive {
                let late = self.dice.once_in(DISK_COMES_BACK_LATE);
                self.lose_disk(house, disk, late);
                self.houses[house].disks[disk].back_on = self.day + after;
                self.tally.note(Event::DiskDied);
            }
            if self.comes(DISK_GOES_AWAY) && self.houses[house].disks[disk].alive {
                let away = &mut self.houses[house].disks[disk];
                (away.alive, away.away, away.back_on) = (false, true, self.day + after);
                let serial = away.serial;
                self.disk_is_gone(house, serial);
                self.tally.note(Event::DiskAway);
            }
        }
        if self.comes(PACK_ROTS) {
            let me = &mut self.houses[house];
            let (disk, pack) = (self.dice.index(me.disks.len()), self.dice.within(0, 64));
            if let Some(disk) = me.disks.get_mut(disk) {
                disk.rotten |= disk.has & bit(pack);
            }
        }
        if self.comes(GUESTS_PACK_ROTS) {
            let guest = self.dice.index(self.houses.len());
            let shelf = &mut self.houses[house].shelves[guest];
            let pick = self.dice.index(shelf.files.len());
            if let Some((root, file)) = shelf.files.iter_mut().nth(pick) {
                shelf.excused.insert(*root);
                if file.is == Truth::Good {
                    file.is = Truth::Rotten;
                }
            }
        }
        self.late_disks(house);
    }

    fn ruin(&mut self, house: usize) {
        if self.comes(GOES_OFF) {
            self.houses[house].off_until = self.day + self.dice.within(1, 7);
        }
        if self.comes(GOES_ON_HOLIDAY) {
            self.houses[house].off_until = self.day + self.dice.within(7, 45);
        }
        if self.comes(VANISHES) {
            self.houses[house].gone = true;
            self.tally.note(Event::Vanished);
        }
        let is_burned = self.comes(BURNS);
        let is_taken_over = self.comes(IS_TAKEN_OVER);
        if !is_burned && !is_taken_over {
            return;
        }
        if is_taken_over {
            self.rob(house);
        }
        let dark = if is_burned { self.dice.within(10, 300) } else { self.dice.within(3, 25) };
        for disk in 0..self.houses[house].disks.len() {
            self.lose_disk(house, disk, false);
        }
        self.tally.note(if is_burned { Event::Burned } else { Event::TakenOver });
        let (now, count, day) = (self.now(house), self.houses.len(), self.day);
        let me = &mut self.houses[house];
        me.reborn_on = Some(day + dark);
        me.old_chain = std::mem::take(&mut me.chain);
        for shelf in &mut me.shelves {
            let excused = std::mem::take(&mut shelf.excused);
            *shelf = Shelf { excused, ..Shelf::new(now) };
        }
        me.views = (0..count).map(|_| View::new(at(day))).collect();
        for friend in 0..count {
            self.cut(house, friend, false);
        }
    }

    /// Whoever has the box says to every friend what the box could say: delete everything, and sometimes
    /// that it is over. What it lacks are the words.
    fn rob(&mut self, house: usize) {
        let ends = self.dice.once_in(3);
        for host in 0..self.houses.len() {
            if !self.houses[host].is_up(self.day) || self.houses[host].crashed {
                continue;
            }
            self.wants_other_terms(house, host, false);
            self.cut(house, host, true);
            self.line_count += 1;
            let line = LineId(self.line_count);
            self.host_on(host, house, HostEvent::Opened(line));
            let roots: Vec<_> = self.houses[host].shelves[house].files.keys().copied().collect();
            for root in roots {
                self.fetch_count += 1;
                let stream = StreamId { line, number: THIEVES + self.fetch_count };
                let ask = PackAsk::Delete(root);
                self.host_on(host, house, HostEvent::Asked { stream, ask });
                self.host_on(host, house, HostEvent::Ended(stream));
            }
            self.host_on(host, house, HostEvent::Closed(line));
            if ends {
                self.thief_ends(house, host);
            }
            self.start_again(host);
        }
    }

    fn shake(&mut self, house: usize) {
        if self.comes(CRASHES) {
            self.houses[house].dies_in = Some(self.dice.roll(80));
        }
        if self.comes(CLOCK_JUMPS) && self.houses[house].clock_off == 0 {
            let far = i64::from(self.dice.within(0, 3_650));
            let near = i64::from(self.dice.within(0, 40));
            let days = if self.dice.once_in(2) { far } else { near };
            let sign = if self.dice.once_in(2) { 1 } else { -1 };
            let me = &mut self.houses[house];
            me.clock_off = sign * days * 86_400_000;
            me.clock_right_on = Some(self.day + self.dice.within(1, 30));
            self.tally.note(Event::ClockJumped);
            if self.sabotage == Sabotage::BelievesAnyClock {
                self.clock_agreed(house);
            }
        }
    }

    fn set_clock_right(&mut self, house: usize) {
        if self.houses[house].clock_right_on.is_some_and(|on| on <= self.day) {
            (self.houses[house].clock_off, self.houses[house].clock_right_on) = (0, None);
        }
        // A time server is heard daily, while the clock is right.
        if self.houses[house].clock_off == 0 && self.houses[house].is_up(self.day) {
            self.clock_agreed(house);
        }
    }

    fn clock_agreed(&mut self, house: usize) {
        let now = self.now(house);
        for guest in 0..self.houses.len() {
            let machine = &self.houses[house].shelves[guest].machine;
            // Every other day nothing is heard that was not needed.
            if !machine.clock_is_sure(now) || self.day.is_multiple_of(2) {
                let behind = machine.behind(now);
                self.pact_on(house, guest, PactEvent::ClockAgreed(behind));
                self.host_on(house, guest, HostEvent::ClockAgreed);
            }
            let view = &mut self.houses[house].views[guest];
            view.proved_any = view.proved_any.min(now.wall);
            view.last_seen = view.last_seen.min(now.wall);
        }
    }

    fn change_minds(&mut self, house: usize) {
        let other = self.dice.index(self.houses.len());
        if self.houses[house].is_up(self.day) && self.comes(WRITES_HEAD) {
            self.new_head(house);
        }
        if self.comes(GIVES_NOTICE) && self.may_give_notice(house, other) {
            self.pact_on(house, other, PactEvent::GiveNotice);
            if let Some(bond) = &mut self.houses[house].bonds[other] {
                bond.left = true;
            }
        }
        if self.comes(PAUSES) {
            let pauses = self.dice.once_in(2);
            let event = if pauses { PactEvent::Pause(None) } else { PactEvent::Resume };
            self.pact_on(house, other, event);
        }
        if self.comes(WANTS_OTHER_TERMS) {
            let with_words = !self.dice.once_in(3);
            self.wants_other_terms(house, other, with_words);
        }
        self.answers_friends(house);
        self.start_again(house);
    }

    fn throw_away(&mut self, house: usize) {
        let throws = matches!(
            self.behaves(house),
            Character::Liar | Character::Staller | Character::Dropper
        );
        if !throws {
            return;
        }
        for guest in 0..self.houses.len() {
            if !self.comes(THROWS_AWAY) {
                continue;
            }
            let chosen = self.dice.half(u128::MAX);
            let shelf = &mut self.houses[house].shelves[guest];
            let mut away = 0;
            for (root, file) in &mut shelf.files {
                if file.is == Truth::Good && chosen & bit(number(*root)) != 0 {
                    file.is = Truth::Feigned;
                    shelf.excused.insert(*root);
                    away += 1;
                }
            }
            self.tally.notes(Event::Feigned, away);
        }
    }
}
