//! What lies beside the packs for whoever finds the disk: the format description and a program.
//!
//! Neither is needed by a running vault, so damage to them shows only on the day when nothing else
//! is left; a check compares them for that reason. Nothing here is ever secret. After a crash each
//! is the old one or the new one, whole. Start at [`Volume::write_rescue_program`].

use std::io::Read;

use types::Bytes;

use crate::durable::{self, At, TEMPORARY};
use crate::error::VolumeError;
use crate::layout;
use crate::volume::Volume;

/// What is read of a program at once.
const PART: usize = 1 << 20;

impl Volume {
    /// Puts the format description beside the packs, for whoever finds the disk.
    pub fn write_format_text(&self, text: &str) -> Result<(), VolumeError> {
        self.core.replace(layout::FORMAT_TEXT, text.as_bytes())
    }

    /// True when the format description here is this one.
    pub fn format_text_is(&self, text: &str) -> Result<bool, VolumeError> {
        let Some(file) = self.core.open(layout::FORMAT_TEXT)? else { return Ok(false) };
        let len = self.core.run(file.len().at("measure", layout::FORMAT_TEXT))?;
        if len != text.len() as u64 {
            return Ok(false);
        }
        let found = self.core.read_small(layout::FORMAT_TEXT, Bytes(len))?;
        Ok(found.is_some_and(|found| found == text.as_bytes()))
    }

    /// Puts a program beside the packs that can read them without anything else. `bytes` gives it
    /// from its beginning.
    pub fn write_rescue_program(&self, bytes: &mut dyn Read) -> Result<(), VolumeError> {
        self.core.writable()?;
        let disk = &*self.core.disk;
        let temporary = format!("{}{TEMPORARY}", layout::RESCUE_PROGRAM);
        let mut file = self.core.run(durable::create_over_leftover(disk, &temporary))?;
        let mut buffer = vec![0; PART];
        loop {
            let read = bytes.read(&mut buffer);
            let read = self.core.run(read.at("read for", layout::RESCUE_PROGRAM))?;
            if read == 0 {
                break;
            }
            self.core.run(file.append(&buffer[..read]).at("write", &temporary))?;
        }
        self.core.run(file.sync_data().at("sync", &temporary))?;
        self.core.run(durable::move_file(disk, &temporary, layout::RESCUE_PROGRAM))
    }

    /// True when the program here is this one of this length, every byte compared.
    pub fn rescue_program_is(&self, bytes: &mut dyn Read, len: u64) -> Result<bool, VolumeError> {
        let path = layout::RESCUE_PROGRAM;
        let Some(file) = self.core.open(path)? else { return Ok(false) };
        if self.core.run(file.len().at("measure", path))? != len {
            return Ok(false);
        }
        let (mut wanted, mut found) = (vec![0; PART], vec![0; PART]);
        let mut place = 0;
        loop {
            let read = self.core.run(bytes.read(&mut wanted).at("read for", path))?;
            if read == 0 {
                return Ok(place == len);
            }
            let here = self.core.run(file.read_at(place, &mut found[..read]).at("read", path))?;
            if here != read || found[..read] != wanted[..read] {
                return Ok(false);
            }
            place += read as u64;
        }
    }
}
