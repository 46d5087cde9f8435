//! Disks that die, go away, and come back, and what the machines are told of them.
//! Start at [`World::lose_disk`].

use std::collections::BTreeMap;

use peer_proto::host::HostEvent;

use crate::Event;
use crate::shelf::File;
use crate::world::World;

impl World {
    /// A disk that was given up is found to work, and pushed in again.
    pub(crate) fn late_disks(&mut self, house: usize) {
        let has_one = self.houses[house].shelves.iter().any(|shelf| !shelf.attic.is_empty());
        if !has_one || !self.comes(40) || !self.houses[house].is_up(self.day) {
            return;
        }
        let Some(disk) = self.houses[house].disks.iter().find(|disk| disk.alive) else { return };
        let serial = disk.serial;
        for shelf in &mut self.houses[house].shelves {
            for (root, file) in std::mem::take(&mut shelf.attic) {
                let file = File { disk: serial, ..file };
                shelf.files.entry(root).or_insert(file);
            }
        }
        self.tally.note(Event::StaleDisk);
        self.boot(house);
    }

    /// What lay on a disk is gone: what was here, and what was kept for others.
    pub(crate) fn lose_disk(&mut self, house: usize, disk: usize, comes_back_late: bool) {
        let lost = &mut self.houses[house].disks[disk];
        let serial = lost.serial;
        (lost.alive, lost.away, lost.has, lost.rotten) = (false, false, 0, 0);
        self.disk_is_gone(house, serial);
        for shelf in &mut self.houses[house].shelves {
            let here: Vec<_> = shelf
                .files
                .iter()
                .filter(|(_, file)| file.disk == serial)
                .map(|(r, f)| (*r, *f))
                .collect();
            for (root, file) in here {
                shelf.files.remove(&root);
                shelf.excused.insert(root);
                if comes_back_late {
                    shelf.attic.push((root, file));
                }
            }
            shelf.parts.retain(|_, (disk, _)| *disk != serial);
        }
    }

    /// The machines are told that a disk is not there.
    pub(crate) fn disk_is_gone(&mut self, house: usize, serial: u32) {
        for guest in 0..self.houses.len() {
            let files = self.houses[house].shelves[guest].files.iter();
            let on_it =
                files.filter(|(_, file)| file.disk == serial).map(|(root, _)| *root).collect();
            self.houses[house].shelves[guest].parts.retain(|_, (disk, _)| *disk != serial);
            self.host_on(house, guest, HostEvent::Away(on_it));
        }
    }

    /// A disk is there again with all that lay on it, or was given up.
    pub(crate) fn disk_is_settled(&mut self, house: usize, serial: u32, is_back: bool) {
        for guest in 0..self.houses.len() {
            let shelf = &self.houses[house].shelves[guest];
            let entry = |root: &types::PackId| shelf.files.get(root).filter(|_| is_back);
            let mut found: BTreeMap<_, _> = shelf
                .files
                .iter()
                .filter(|(_, file)| file.disk == serial)
                .map(|(root, file)| (*root, Some(file.len)))
                .collect();
            if !is_back {
                let gone = shelf.excused.iter().filter(|root| entry(root).is_none());
                found.extend(
                    gone.filter(|root| !shelf.files.contains_key(*root)).map(|root| (*root, None)),
                );
            }
            self.host_on(house, guest, HostEvent::Back(found));
        }
    }
}
