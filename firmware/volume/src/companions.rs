//! What makes a volume readable by itself: key files, the format's description, a rescue program,
//! and that all its superblocks are whole. Heads are in `volume`.
//!
//! Each file is replaced whole. Whether it says the right thing is for the vault to know; here it
//! is only compared, byte by byte. Start at [`Volume::read_keys`].

use std::io::Read;

use types::Bytes;

use crate::durable::{self, At, TEMPORARY};
use crate::error::{VolumeError, VolumeName};
use crate::layout::{self, COPIES_OF_KEYS};
use crate::superblocks;
use crate::volume::Volume;

/// Bytes of the rescue program that are read and written at a time.
const STEP: usize = 1 << 20;
/// Longest file about friends: 64 of them with all the messages that may wait.
const FRIENDS_LEN_MAX: Bytes = Bytes(64 << 20);

/// How a file of a volume compares with what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Companion {
    /// The same.
    Right,
    /// Other bytes, or bytes that cannot be read.
    Differs,
    /// No such file.
    Missing,
}

impl Volume {
    /// The copies of the key file that can be read, unchecked: what is in them is not for us.
    pub fn read_keys(&self) -> Result<Vec<Vec<u8>>, VolumeError> {
        let mut found = Vec::new();
        let mut failed = None;
        for copy in 0..COPIES_OF_KEYS {
            match self.core.read_small(&layout::keys(copy), Bytes(format::keys::LEN_MAX)) {
                Ok(bytes) => found.extend(bytes),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if found.is_empty() => Err(error),
            _ => Ok(found),
        }
    }

    /// Replaces the key file, one copy after the other.
    pub fn write_keys(&self, bytes: &[u8]) -> Result<(), VolumeError> {
        (0..COPIES_OF_KEYS).try_for_each(|copy| self.core.replace(&layout::keys(copy), bytes))
    }

    /// What is kept about friends, sealed, for a box that lost its own disk; none when there is nothing.
    pub fn read_friends(&self) -> Result<Option<Vec<u8>>, VolumeError> {
        self.core.read_small(layout::FRIENDS_BESIDE, FRIENDS_LEN_MAX)
    }

    /// Replaces it. What would not be read again is refused.
    pub fn write_friends(&self, sealed: &[u8]) -> Result<(), VolumeError> {
        let (path, limit) = (layout::FRIENDS_BESIDE, FRIENDS_LEN_MAX);
        if sealed.len() as u64 > limit.0 {
            let (volume, path) = (self.name(), path.to_owned());
            return Err(VolumeError::TooLong { volume, path, limit });
        }
        self.core.replace(path, sealed)
    }

    /// Puts the format description beside the packs, for whoever finds the disk.
    pub fn write_format_text(&self, text: &str) -> Result<(), VolumeError> {
        self.core.replace(layout::FORMAT_TEXT, text.as_bytes())
    }

    /// How the format description here compares with `text`.
    pub fn compare_format_text(&self, text: &str) -> Companion {
        match self.core.read_small(layout::FORMAT_TEXT, Bytes(text.len() as u64)) {
            Ok(None) => Companion::Missing,
            Ok(Some(found)) if found == text.as_bytes() => Companion::Right,
            Ok(Some(_)) | Err(_) => Companion::Differs,
        }
    }

    /// Puts a program beside the packs that can read them without anything else. `bytes` gives it
    /// from its beginning.
    pub fn write_rescue_program(&self, bytes: &mut dyn Read) -> Result<(), VolumeError> {
        self.core.writable()?;
        let disk = &*self.core.disk;
        let temporary = format!("{}{TEMPORARY}", layout::RESCUE_PROGRAM);
        let mut file = self.core.run(durable::create_over_leftover(disk, &temporary))?;
        let mut buffer = vec![0; STEP];
        loop {
            let read = bytes.read(&mut buffer);
            let read = self.core.run(read.at("read for", layout::RESCUE_PROGRAM))?;
            if read == 0 {
                break;
            }
            self.core.run(file.append(&buffer[..read]).at("write", &temporary))?;
        }
        self.core.run(file.sync_data().at("sync", &temporary))?;
        self.core.unobstructed(layout::RESCUE_PROGRAM, || {
            durable::move_file(disk, &temporary, layout::RESCUE_PROGRAM)
        })
    }

    /// How the program here compares with one of `len` bytes: by its length alone, or with `bytes`
    /// by each of them, read from the medium.
    pub fn compare_rescue_program(
        &self,
        len: u64,
        bytes: Option<&mut dyn Read>,
    ) -> Result<Companion, VolumeError> {
        let Some(file) = self.core.open(layout::RESCUE_PROGRAM)? else {
            return Ok(Companion::Missing);
        };
        if file.len().is_ok_and(|found| found != len) {
            return Ok(Companion::Differs);
        }
        let Some(bytes) = bytes else { return Ok(Companion::Right) };
        self.core.run(file.forget_cache().at("read", layout::RESCUE_PROGRAM))?;
        let (mut wanted, mut found) = (vec![0; STEP], vec![0; STEP]);
        let mut at = 0;
        loop {
            let read = bytes.read(&mut wanted);
            let read = self.core.run(read.at("read for", layout::RESCUE_PROGRAM))?;
            if read == 0 {
                return Ok(if at == len { Companion::Right } else { Companion::Differs });
            }
            match file.read_at(at, &mut found[..read]) {
                Ok(same) if found[..same] == wanted[..read] => at += read as u64,
                Ok(_) | Err(_) => return Ok(Companion::Differs),
            }
        }
    }

    /// Whether every copy of the superblock reads as it should.
    pub fn superblocks_are_whole(&self) -> bool {
        let name = VolumeName::new(&self.core.disk.label());
        let loaded = superblocks::load(&*self.core.disk, &name);
        loaded.is_ok_and(|loaded| loaded.unequal.is_empty() && loaded.best == self.superblock())
    }
}
