//! A disk copied bit by bit, as people do it with a docking station: two disks, one content.
//!
//! Start at [`Machine::clone_disk`].

use std::fs;
use std::path::Path;

use crate::error::{At, SimError};
use crate::hardware::NewDisk;
use crate::machine::Machine;

impl Machine {
    /// Makes a disk with the same content as `from`. It lies on the table and says of itself what
    /// `disk` says, which may be the very same serial.
    pub fn clone_disk(&self, from: &str, disk: &NewDisk) -> Result<(), SimError> {
        let original = self.medium(from)?;
        let mut facts = disk.facts();
        facts.file_system = original.state().facts.file_system.clone();
        self.add(&disk.name, facts, |content| copy(&original.own_root(), content))
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), SimError> {
    for entry in fs::read_dir(from).at("list", &from.display())? {
        let entry = entry.at("list", &from.display())?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().at("look at", &source.display())?.is_dir() {
            fs::create_dir(&target).at("make the folder", &target.display())?;
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).at("copy", &source.display())?;
        }
    }
    Ok(())
}
