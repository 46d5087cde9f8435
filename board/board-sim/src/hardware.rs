//! What a hand does to the machine: makes disks, plugs them in, pulls them, spoils them, presses the
//! button, and looks at the lights.
//!
//! Everything is kept at once, and the box hears of it through its events. Start at
//! [`Machine::insert`] and [`Machine::pull`].

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use board::{Event, Light, Place, Press, SmartFacts, Transport};
use types::Bytes;

use crate::error::{At, SimError};
use crate::facts::{Counts, Facts, Faults, FileSystem, Smart};
use crate::machine::Machine;
use crate::medium::Medium;

/// Longest name of a disk.
const NAME_LEN_MAX: usize = 32;

/// A disk to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDisk {
    /// Its name in the machine: 1 to 32 small letters, digits and hyphens.
    pub name: String,
    /// What it reports as its model.
    pub model: String,
    /// What it reports as its serial. Two disks may report the same.
    pub serial: Option<String>,
    /// How it says that it is attached.
    pub transport: Transport,
    /// Its size.
    pub size: Bytes,
}

impl NewDisk {
    /// A turning SATA disk.
    pub fn sata(name: &str, serial: &str, size: Bytes) -> Self {
        Self {
            name: name.to_owned(),
            model: "Desk Disk".to_owned(),
            serial: Some(serial.to_owned()),
            transport: Transport::Sata,
            size,
        }
    }

    /// A USB stick.
    pub fn usb(name: &str, serial: Option<&str>, size: Bytes) -> Self {
        Self {
            name: name.to_owned(),
            model: "Desk Stick".to_owned(),
            serial: serial.map(str::to_owned),
            transport: Transport::Usb,
            size,
        }
    }

    pub(crate) fn facts(&self) -> Facts {
        let usb = self.transport == Transport::Usb;
        Facts {
            model: self.model.clone(),
            serial: self.serial.clone(),
            wwn: None,
            transport: self.transport.word().to_owned(),
            size: self.size.0,
            rotational: (!usb).then_some(self.transport == Transport::Sata),
            removable: usb,
            port: None,
            file_system: None,
            before: None,
            unfinished: None,
            faults: Faults::default(),
            counts: Counts::default(),
            smart: Smart::default(),
        }
    }
}

impl Machine {
    /// Makes a blank disk that lies on the table.
    pub fn create(&self, disk: &NewDisk) -> Result<(), SimError> {
        self.add(&disk.name, disk.facts(), |_| Ok(()))
    }

    /// Adds a disk. Its facts come last: without them it is none.
    pub(crate) fn add(
        &self,
        name: &str,
        facts: Facts,
        fill: impl FnOnce(&Path) -> Result<(), SimError>,
    ) -> Result<(), SimError> {
        let fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=NAME_LEN_MAX).contains(&name.len()) || !name.bytes().all(fit) {
            return Err(SimError::Name { name: name.to_owned() });
        }
        let mut disks = self.inner.disks();
        if disks.contains_key(name) {
            return Err(SimError::Exists { name: name.to_owned() });
        }
        let folder = self.inner.root.join("disks").join(name);
        let content = folder.join("content");
        if folder.exists() {
            fs::remove_dir_all(&folder).at("remove what was left of", &folder.display())?;
        }
        fs::create_dir_all(&content).at("make the folder", &content.display())?;
        fill(&content)?;
        facts.store(&folder)?;
        disks.insert(name.to_owned(), Arc::new(Medium::new(name.to_owned(), folder, facts)));
        Ok(())
    }

    /// Plugs a disk in: `bay-1` to `bay-4`, `usb-front` or `usb-back`, and behind a hub or in a dock
    /// `usb-front.1`, `usb-front.2` and so on.
    pub fn insert(&self, name: &str, port: &str) -> Result<(), SimError> {
        let path = format!("desk/{port}");
        if matches!(self.inner.profile.place(&path), Place::Port(_)) {
            return Err(SimError::NoPort { port: port.to_owned() });
        }
        let disks = self.inner.disks();
        let there = |medium: &&Arc<Medium>| medium.state().facts.port.as_ref() == Some(&path);
        if let Some(other) = disks.values().find(there) {
            return Err(SimError::Taken { port: port.to_owned(), by: other.name.clone() });
        }
        let medium = disks.get(name).ok_or_else(|| SimError::NoDisk { name: name.to_owned() })?;
        if let Some(port) = medium.state().facts.port.clone() {
            return Err(SimError::Plugged { name: name.to_owned(), port });
        }
        medium.change(|state| {
            state.facts.port = Some(path);
            state.facts.counts.asleep = false;
        })?;
        let info = self.info(medium);
        drop(disks);
        info.into_iter().for_each(|info| self.inner.events.tell(Event::Inserted(info)));
        Ok(())
    }

    /// Pulls a disk. Whoever has it open gets EIO from now on, also whoever waits for it. What was
    /// written and not synced is gone.
    pub fn pull(&self, name: &str) -> Result<(), SimError> {
        let medium = self.medium(name)?;
        let identity = medium.state().facts.identity();
        let identity = identity.ok_or_else(|| SimError::NotPlugged { name: name.to_owned() })?;
        let mut cut = Ok(());
        medium.change(|state| {
            state.facts.port = None;
            state.session += 1;
            state.mounted = None;
            cut = state.unsynced.cut();
        })?;
        remove_link(&self.inner.mount_point(name))?;
        self.inner.events.tell(Event::Removed(identity));
        cut.at("forget what was not synced on", &name)
    }

    /// What is wrong with a disk from now on.
    pub fn set_faults(&self, name: &str, faults: Faults) -> Result<(), SimError> {
        let medium = self.medium(name)?;
        let before = medium.state().facts.faults;
        medium.change(|state| state.facts.faults = faults)?;
        if before.read_only != faults.read_only
            && let Some(info) = self.info(&medium)
        {
            self.inner.events.tell(Event::Changed(info));
        }
        Ok(())
    }

    /// What is wrong with a disk now.
    pub fn faults(&self, name: &str) -> Result<Faults, SimError> {
        Ok(self.medium(name)?.state().facts.faults)
    }

    /// What a disk says about its health from now on.
    pub fn set_smart(&self, name: &str, smart: SmartFacts) -> Result<(), SimError> {
        self.medium(name)?.change(|state| state.facts.smart = smart.into())
    }

    /// How often it slept and woke.
    pub fn counts(&self, name: &str) -> Result<Counts, SimError> {
        Ok(self.medium(name)?.state().facts.counts)
    }

    /// Puts an empty file system on a disk that lies on the table, as it comes from a shop. Unlike a
    /// folder that is shown, it can be written when the box is told to.
    pub fn put_file_system(&self, name: &str, kind: &str) -> Result<(), SimError> {
        let medium = self.medium(name)?;
        if let Some(port) = medium.state().facts.port.clone() {
            return Err(SimError::Plugged { name: name.to_owned(), port });
        }
        let content = medium.own_root();
        if content.exists() {
            fs::remove_dir_all(&content).at("remove", &content.display())?;
        }
        fs::create_dir_all(&content).at("make the folder", &content.display())?;
        let file_system = FileSystem { kind: kind.to_owned(), label: None, shows: None };
        medium.change(|state| state.facts.file_system = Some(file_system))
    }

    /// Lets a disk that lies on the table show a folder of somebody's files as its content. They are
    /// never written: when the box erases the disk, it shows them no more.
    pub fn show_folder(&self, name: &str, kind: &str, folder: &Path) -> Result<(), SimError> {
        let medium = self.medium(name)?;
        if let Some(port) = medium.state().facts.port.clone() {
            return Err(SimError::Plugged { name: name.to_owned(), port });
        }
        let shows = folder.canonicalize().at("find", &folder.display())?;
        let label = shows.file_name().map(|name| name.to_string_lossy().into_owned());
        let file_system = FileSystem { kind: kind.to_owned(), label, shows: Some(shows) };
        medium.change(|state| state.facts.file_system = Some(file_system))
    }

    /// Where the files of a disk lie: to look at from outside the box, or to change behind its back.
    pub fn content(&self, name: &str) -> Result<PathBuf, SimError> {
        Ok(self.medium(name)?.root())
    }

    /// The serial that a disk reports, and its size.
    pub fn about(&self, name: &str) -> Result<(String, Bytes), SimError> {
        let medium = self.medium(name)?;
        let state = medium.state();
        Ok((state.facts.serial.clone().unwrap_or_default(), Bytes(state.facts.size)))
    }

    /// Where a disk is plugged in, as [`Machine::insert`] takes it.
    pub fn port(&self, name: &str) -> Result<Option<String>, SimError> {
        let port = self.medium(name)?.state().facts.port.clone();
        Ok(port.map(|port| port.trim_start_matches("desk/").to_owned()))
    }

    /// Presses the button.
    pub fn press(&self, how: Press) {
        self.inner.events.tell(Event::Button(how));
    }

    /// What the light beside a bay shows.
    pub fn lit(&self, bay: &str) -> Light {
        self.inner.lights().get(bay).copied().unwrap_or(Light::Off)
    }
}

/// Removes a mount point; one that is not there is no error.
pub(crate) fn remove_link(path: &Path) -> Result<(), SimError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).at("remove", &path.display())
        }
        _ => Ok(()),
    }
}
