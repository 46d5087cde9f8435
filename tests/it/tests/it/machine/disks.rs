//! What happens to disks and catalogs, and what must hold after it.
//!
//! Before a disk is taken away every pack gets its promised copies, so that the model knows the
//! answer: nothing may be missing.

use std::io::Read;
use std::sync::Arc;

use testkit::dice::Dice;
use testkit::simdisk::{Fault, Lasting};
use vault::RebuildReport;

use super::{Away, DISKS_MAX, Machine};
use crate::ops::Catalog;
use crate::rig::{TestDisk, check, quiet, volume_id};

impl Machine {
    pub(super) fn check(&mut self, read_data: bool) {
        if self.is_failing() {
            return;
        }
        let report = check(self.vault(), read_data, false);
        assert!(report.lost_files.is_empty() && report.lost_chunks == 0, "{report:?}");
        assert!(report.lost_packs.is_empty() && report.damaged.is_empty(), "{report:?}");
        self.unchecked = false;
    }

    pub(super) fn expect_rebuilt(&self, report: &RebuildReport) {
        assert!(report.lost.is_empty(), "{report:?}");
        // What cannot be written to a disk that is failing is said.
        assert!(report.failed.is_empty() || self.is_failing(), "{report:?}");
        if self.away.is_none() && self.attached.len() >= usize::from(self.copies) {
            assert_eq!(report.still_under_copied, 0, "{report:?}");
        }
    }

    pub(super) fn rebuild(&mut self) {
        let report = self.vault().rebuild(&mut quiet).unwrap();
        self.expect_rebuilt(&report);
    }

    pub(super) fn reopen(&mut self, catalog: Catalog, killed: bool, with_former: bool) {
        if !killed {
            self.vault().close().unwrap();
        }
        self.vault = None;
        self.away.iter_mut().for_each(|away| away.failing = false);
        let away = self.away.as_ref().map(|away| away.serial.clone());
        self.attached.retain(|serial| Some(serial) != away.as_ref());
        match catalog {
            Catalog::Kept => {}
            Catalog::Deleted => self.rig.lose_catalog(),
            Catalog::Garbage => spoil(&self.rig.catalog()),
        }
        let mut serials: Vec<&str> = self.attached.iter().map(String::as_str).collect();
        if with_former {
            serials.extend(self.former.last().map(String::as_str));
        }
        let (vault, _) = self.rig.open(&serials);
        self.vault = Some(vault);
        self.unchecked |= !matches!(catalog, Catalog::Kept);
        self.compare_all();
    }

    pub(super) fn new_disk(&mut self) -> (String, Arc<dyn volume::Disk>) {
        self.disks_made += 1;
        let serial = format!("disk-{}", self.disks_made);
        let disk = self.rig.empty_disk(&serial);
        (serial, disk)
    }

    pub(super) fn add_volume(&mut self) {
        if self.attached.len() >= DISKS_MAX || self.is_failing() {
            return;
        }
        let (serial, disk) = self.new_disk();
        self.vault().add_volume(disk, &mut quiet).unwrap();
        self.attached.push(serial);
    }

    pub(super) fn nth(&self, disk: u8) -> String {
        self.attached[usize::from(disk) % self.attached.len()].clone()
    }

    pub(super) fn left(&mut self, serial: &str) {
        self.attached.retain(|attached| attached != serial);
        self.former.push(serial.to_owned());
        self.compare_all();
    }

    pub(super) fn retire(&mut self, disk: u8) {
        if self.away.is_some() || self.attached.len() < 2 {
            return;
        }
        let serial = self.nth(disk);
        let report = self.vault().retire(volume_id(self.vault(), &serial), &mut quiet).unwrap();
        assert!(report.drained && report.failed.is_empty(), "{report:?}");
        self.left(&serial);
    }

    pub(super) fn replace(&mut self, disk: u8) {
        if self.is_failing() {
            return;
        }
        let old = match &self.away {
            Some(away) => away.serial.clone(),
            None => self.nth(disk),
        };
        let old_id = volume_id(self.vault(), &old);
        let (serial, disk) = self.new_disk();
        let report = self.vault().replace(old_id, disk, &mut quiet).unwrap();
        assert!(report.failed.is_empty() && report.lost.is_empty(), "{report:?}");
        self.away = None;
        self.attached.push(serial);
        self.left(&old);
    }

    pub(super) fn remove(&mut self, disk: u8) {
        if self.away.is_some() || self.attached.len() < 2 || self.copies < 2 {
            return;
        }
        self.rebuild();
        let serial = self.nth(disk);
        self.vault().remove(volume_id(self.vault(), &serial), false).unwrap();
        self.left(&serial);
        self.rebuild();
    }

    pub(super) fn yank(&mut self, disk: u8, killed: bool, while_open: bool) {
        if self.away.is_some() || self.attached.len() < 2 || self.copies < 2 {
            return;
        }
        self.rebuild();
        let serial = self.nth(disk);
        let failing = while_open && matches!(self.rig.disks[&serial], TestDisk::Memory(_));
        if failing {
            self.rig.sim(&serial).fail_after(1, Fault::Eio, Lasting::Forever);
        }
        self.away = Some(Away { serial, failing });
        if !failing {
            self.reopen(Catalog::Kept, killed, false);
        }
    }

    pub(super) fn bring_back(&mut self, killed: bool) {
        let Some(away) = self.away.take() else { return };
        if !killed {
            self.vault().close().unwrap();
        }
        self.vault = None;
        if let TestDisk::Memory(disk) = &self.rig.disks[&away.serial] {
            disk.heal();
        }
        if !self.attached.contains(&away.serial) {
            self.attached.push(away.serial);
        }
        let serials: Vec<&str> = self.attached.iter().map(String::as_str).collect();
        self.vault = Some(self.rig.open(&serials).0);
        self.compare_all();
    }

    pub(super) fn rot(&mut self, disk: u8, seed: u8, reopen: Option<Catalog>) {
        if self.away.is_some() || self.attached.len() < 2 || self.copies < 2 {
            return;
        }
        self.rebuild();
        let disk = self.rig.disks[&self.nth(disk)].clone();
        let mut dice = Dice::new(seed.into());
        for (path, len) in disk.packs() {
            for _ in 0..dice.roll(3) {
                let offset = dice.roll(u32::try_from(len).unwrap());
                disk.flip(&path, offset.into());
            }
        }
        self.compare_all();
        if let Some(catalog) = reopen {
            self.reopen(catalog, true, false);
        }
        let report = check(self.vault(), true, true);
        assert!(report.lost_files.is_empty() && report.lost_packs.is_empty(), "{report:?}");
        assert!(report.damaged.iter().all(|damage| damage.repaired), "{report:?}");
        self.unchecked = false;
        self.check(true);
        self.compare_all();
    }

    /// Spoils a byte of every data pack on every disk, as no single fault does.
    pub(crate) fn spoil_everywhere(&self) {
        self.vault().close().unwrap();
        for disk in self.rig.disks.values() {
            for (path, len) in disk.packs().iter().filter(|(path, _)| path.starts_with("data/")) {
                (0..len / 1_000).for_each(|n| disk.flip(path, n * 1_000));
            }
        }
    }
}

/// Writes nonsense over the middle of a file and cuts its end off.
fn spoil(path: &std::path::Path) {
    let mut bytes = Vec::new();
    std::fs::File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle + 1_000);
    bytes.iter_mut().step_by(7).for_each(|byte| *byte ^= 0x5a);
    std::fs::write(path, bytes).unwrap();
}
