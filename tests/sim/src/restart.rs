//! A box that loses its power between two actions, and starts again from what is durable.
//! Start at [`World::carries_on`].

use std::collections::{BTreeMap, BTreeSet};

use peer_proto::host::{Host, HostAction, HostEvent};
use peer_proto::owner::Owner;
use peer_proto::pact::PactEvent;
use types::PackId;

use crate::Event;
use crate::hosting::ROOM;
use crate::world::World;

impl World {
    /// Whether the next action is still carried out. A box that is to lose its power does so before it.
    pub(crate) fn carries_on(&mut self, house: usize) -> bool {
        let house = &mut self.houses[house];
        match &mut house.dies_in {
            _ if house.crashed => false,
            Some(0) => {
                (house.crashed, house.dies_in) = (true, None);
                false
            }
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    /// Starts a box again that lost its power.
    pub(crate) fn start_again(&mut self, house: usize) {
        if !self.houses[house].crashed {
            return;
        }
        self.tally.note(Event::Crashed);
        self.boot(house);
    }

    /// A box starts, with what is durable and the disks that are there.
    pub(crate) fn boot(&mut self, house: usize) {
        let elapsed = self.elapsed();
        let me = &mut self.houses[house];
        (me.crashed, me.dies_in, me.booted) = (false, None, elapsed);
        me.fetches.clear();
        for friend in 0..self.houses.len() {
            // Its own machines are gone already; what the friend's say of the cut does not reach them.
            self.houses[house].crashed = true;
            self.cut(house, friend, true);
            self.houses[house].crashed = false;
            self.resume(house, friend);
        }
    }

    fn resume(&mut self, house: usize, friend: usize) {
        let now = self.now(house);
        let me = &mut self.houses[house];
        if let Some(bond) = &mut me.bonds[friend] {
            bond.life = bond.kept.clone();
        }
        let view = &mut me.views[friend];
        view.machine = Owner::resume(view.book.values().copied().collect());
        let here: BTreeSet<u32> =
            me.disks.iter().filter(|disk| disk.alive).map(|disk| disk.serial).collect();
        let shelf = &mut me.shelves[friend];
        shelf.files.retain(|_, file| file.durable);
        shelf.receiving.clear();
        let there = shelf.files.iter().filter(|(_, file)| here.contains(&file.disk));
        let files: BTreeMap<PackId, u64> = there.map(|(root, file)| (*root, file.len)).collect();
        let away = shelf.files.iter().filter(|(_, file)| !here.contains(&file.disk));
        let away: BTreeSet<PackId> = away.map(|(root, _)| *root).collect();
        let (machine, done) = Host::resume(shelf.book.records(), &files, away, now);
        shelf.machine = machine;
        for action in done {
            if let HostAction::Keep(record) = action {
                shelf.book.keep(record);
            }
        }
        self.host_on(house, friend, HostEvent::Room(ROOM));
        self.pact_on(house, friend, PactEvent::Started);
        self.offer_newest(house, friend);
    }
}
