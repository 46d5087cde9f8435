//! The machine as the box sees it: [`Board`] for [`Machine`].
//!
//! Each call finds its disk by the whole identity, in one place, so that none can forget to check.
//! Start at [`Machine::target`].

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use board::{
    Board, BoardError, BurnOrder, Burnt, DiskContent, DiskIdentity, DiskInfo, Event, Light,
    MountAs, Mounted, Power, PrepareOrder, Prepared, Profile, PutBackOrder, SmartFacts,
};

use crate::machine::Machine;
use crate::medium::{Kind, Medium};
use crate::mount::{self, Wish};
use crate::{burn, look, prepare};

impl Machine {
    /// The disk of exactly this identity, and the session it is plugged in for.
    fn target(&self, disk: &DiskIdentity) -> Result<(Arc<Medium>, u64), BoardError> {
        let disks = self.inner.disks();
        let found = disks.values().find_map(|medium| {
            let state = medium.state();
            let same = state.facts.identity().as_ref() == Some(disk);
            same.then(|| (Arc::clone(medium), state.session))
        });
        found.ok_or_else(|| BoardError::not_there(disk))
    }

    /// What is said of a disk that is plugged in.
    pub(crate) fn info(&self, medium: &Medium) -> Option<DiskInfo> {
        let state = medium.state();
        let identity = state.facts.identity()?;
        let asleep = state.facts.counts.asleep;
        Some(DiskInfo {
            place: self.inner.profile.place(&identity.port),
            attached: state.session,
            node: medium.name.clone(),
            removable: state.facts.removable,
            rotational: state.facts.rotational,
            read_only: state.facts.faults.read_only,
            power: if asleep { Power::Asleep } else { Power::Awake },
            identity,
        })
    }

    /// What a mounted disk says as its serial. The vault takes two disks with one serial for one
    /// disk; in a dock they are two, and the port tells them apart.
    fn serial_of(&self, disk: &DiskIdentity) -> String {
        let serial = disk.serial.as_ref().or(disk.wwn.as_ref());
        let Some(serial) = serial else { return format!("port:{}", disk.port) };
        let twin = |medium: &Arc<Medium>| {
            let other = medium.state().facts.identity();
            other.is_some_and(|other| other != *disk && other.serial == disk.serial)
        };
        if self.inner.disks().values().any(twin) {
            return format!("{serial}@{}", disk.port);
        }
        serial.clone()
    }
}

impl Board for Machine {
    fn profile(&self) -> &Profile {
        &self.inner.profile
    }

    fn disks(&self) -> Result<Vec<DiskInfo>, BoardError> {
        let disks = self.inner.disks();
        let mut found: Vec<_> = disks.values().filter_map(|medium| self.info(medium)).collect();
        found.sort_by(|one, two| one.identity.port.cmp(&two.identity.port));
        Ok(found)
    }

    fn next_event(&self, wait: Duration) -> Result<Option<Event>, BoardError> {
        Ok(self.inner.events.next(wait))
    }

    fn smart(&self, disk: &DiskIdentity) -> Result<SmartFacts, BoardError> {
        let (medium, session) = self.target(disk)?;
        if medium.state().facts.counts.asleep {
            return Err(BoardError::Asleep { disk: Box::new(disk.clone()) });
        }
        // A disk whose medium fails still talks about itself; one that hangs does not.
        match medium.pass(session, Kind::Read) {
            Err(error) if medium.state().session != session => {
                Err(BoardError::io("ask", disk, error))
            }
            _ => Ok(medium.state().facts.smart.clone().into()),
        }
    }

    fn probe(&self, disk: &DiskIdentity) -> Result<DiskContent, BoardError> {
        let (medium, session) = self.target(disk)?;
        look::content(&medium, session).map_err(|error| BoardError::io("look at", disk, error))
    }

    fn prepare(&self, disk: &DiskIdentity, order: &PrepareOrder) -> Result<Prepared, BoardError> {
        let (medium, session) = self.target(disk)?;
        prepare::prepare(&medium, session, disk, order)
    }

    fn put_back(&self, disk: &DiskIdentity, order: &PutBackOrder) -> Result<(), BoardError> {
        let (medium, session) = self.target(disk)?;
        prepare::put_back(&medium, session, disk, order)
    }

    fn keep_only(&self, labels: &BTreeSet<String>) -> Result<(), BoardError> {
        let io = |error| BoardError::io("let go of", "what was kept", error);
        // Kept beside the disk here, it lies with the box: also of a disk that is not plugged in.
        let media: Vec<_> = self.inner.disks().values().cloned().collect();
        media.iter().try_for_each(|medium| prepare::keep_only(medium, labels)).map_err(io)
    }

    fn burn(&self, disk: &DiskIdentity, order: &BurnOrder) -> Result<Burnt, BoardError> {
        let (medium, session) = self.target(disk)?;
        burn::burn(&medium, session, disk, order)
    }

    fn pulse(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        let (medium, session) = self.target(disk)?;
        medium.pass(session, Kind::Read).map_err(|error| BoardError::io("read", disk, error))?;
        let noted = medium.change(|state| state.facts.counts.pulses += 1);
        noted.map_err(|error| BoardError::io("read", disk, io::Error::other(error)))
    }

    fn mount(&self, disk: &DiskIdentity, how: MountAs) -> Result<Mounted, BoardError> {
        let (medium, session) = self.target(disk)?;
        let point = self.inner.mount_point(&medium.name);
        let label = self.inner.profile.place(&disk.port).to_string();
        let serial = self.serial_of(disk);
        let wish = Wish { disk, how, session, point: &point, serial, label };
        mount::mount(&medium, wish)
    }

    fn unmount(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        let (medium, _) = self.target(disk)?;
        mount::unmount(&medium, disk, &self.inner.mount_point(&medium.name))
    }

    fn light(&self, bay: &str, light: Light) -> Result<(), BoardError> {
        if self.inner.profile.bay(bay).is_none() {
            return Err(BoardError::NoBay { bay: bay.to_owned() });
        }
        self.inner.lights().insert(bay.to_owned(), light);
        Ok(())
    }

    fn sleep(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        let (medium, _) = self.target(disk)?;
        let slept = medium.change(|state| {
            if !state.facts.counts.asleep {
                state.facts.counts.asleep = true;
                state.facts.counts.sleeps += 1;
            }
        });
        slept.map_err(|error| BoardError::io("send to sleep", disk, io::Error::other(error)))
    }
}
