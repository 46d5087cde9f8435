//! The trait [`Board`] on Linux: each call to the module that does it.
//!
//! Holds no knowledge of its own but the last look for events. Start at [`LinuxBoard::new`].

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use board::{
    Board, BoardError, BurnOrder, Burnt, DiskContent, DiskIdentity, DiskInfo, Event, Light,
    MountAs, Mounted, PrepareOrder, Prepared, Profile, PutBackOrder, SmartFacts, Transport,
};

use crate::before;
use crate::button::Button;
use crate::events::Events;
use crate::hands::{Hands, node};
use crate::home;
use crate::light;
use crate::mount::Kept;
use crate::outside::programs::Program;
use crate::settings::Settings;
use crate::smart::{self, NoFacts};

/// The hardware of the computer that this runs on.
#[derive(Debug)]
pub struct LinuxBoard {
    hands: Hands,
    kept: Kept,
    events: Events,
}

impl LinuxBoard {
    /// Begins to listen for events. Nothing is mounted, and nothing is written but the box's own
    /// folder for mounts.
    pub fn new(settings: Settings, profile: Profile) -> Result<Self, BoardError> {
        home::make(&settings.home)
            .map_err(|error| BoardError::io("make", settings.home.display(), error))?;
        if let Some(place) = &settings.keeps_in {
            before::tidy(place);
        }
        let listen = |error| BoardError::io("listen to", "the kernel", error);
        let events = Events::listen(Button::open(&settings, &profile)).map_err(listen)?;
        let board = Self { hands: Hands::new(settings, profile), kept: Kept::default(), events };
        // Listed after listening began: what comes in between is told, if twice.
        board.events.know(board.disks()?);
        Ok(board)
    }

    fn ask_smartctl(&self, disk: &DiskIdentity, more: &[&str]) -> Result<SmartFacts, BoardError> {
        let io = |error| BoardError::io("read the health of", disk, error);
        let found = self.hands.find(disk)?;
        let standby = format!("standby,{}", smart::ASLEEP);
        let mut words = vec!["--json", "-a", "-l", "devstat", "-n", &standby];
        words.extend(more);
        words.push(node(&found));
        let answer = self.hands.programs().run(Program::Smartctl, &words, None).map_err(io)?;
        match smart::facts(answer.status.code(), &answer.said) {
            Ok(facts) => Ok(facts),
            Err(NoFacts::Asleep) => Err(BoardError::Asleep { disk: Box::new(disk.clone()) }),
            // Most bridges translate in the standard way, whatever name they go by.
            Err(NoFacts::UnknownBridge) if more.is_empty() => {
                self.ask_smartctl(disk, &["-d", "sat"])
            }
            Err(NoFacts::UnknownBridge) => Ok(SmartFacts::default()),
            Err(NoFacts::Refused(said)) => Err(io(io::Error::other(said))),
        }
    }
}

impl Board for LinuxBoard {
    fn profile(&self) -> &Profile {
        self.hands.profile()
    }

    fn disks(&self) -> Result<Vec<DiskInfo>, BoardError> {
        Ok(self.hands.list()?.into_iter().map(|found| found.info).collect())
    }

    fn next_event(&self, wait: Duration) -> Result<Option<Event>, BoardError> {
        let failed = |error| BoardError::io("listen to", "the kernel", error);
        self.events.next(wait, || self.disks(), failed)
    }

    fn smart(&self, disk: &DiskIdentity) -> Result<SmartFacts, BoardError> {
        match disk.transport {
            // A rehearsal whose own programs answer for its disks.
            Transport::Virtual if self.hands.programs().is_own(Program::Smartctl) => {
                self.ask_smartctl(disk, &[])
            }
            // They have nothing to say, and smartctl would call that a fault.
            Transport::Virtual | Transport::Card => {
                self.hands.find(disk).map(|_| SmartFacts::default())
            }
            Transport::Sata | Transport::Nvme | Transport::Usb | Transport::Other => {
                self.ask_smartctl(disk, &[])
            }
        }
    }

    fn probe(&self, disk: &DiskIdentity) -> Result<DiskContent, BoardError> {
        self.hands.probe(disk)
    }

    fn prepare(&self, disk: &DiskIdentity, order: &PrepareOrder) -> Result<Prepared, BoardError> {
        self.hands.prepare(disk, order)
    }

    fn put_back(&self, disk: &DiskIdentity, order: &PutBackOrder) -> Result<(), BoardError> {
        self.hands.put_back(disk, order)
    }

    fn keep_only(&self, labels: &BTreeSet<String>) -> Result<(), BoardError> {
        self.hands.keep_only(labels)
    }

    fn burn(&self, disk: &DiskIdentity, order: &BurnOrder) -> Result<Burnt, BoardError> {
        self.hands.burn(disk, order)
    }

    fn pulse(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        self.hands.pulse(disk)
    }

    fn mount(&self, disk: &DiskIdentity, how: MountAs) -> Result<Mounted, BoardError> {
        self.hands.mount(&self.kept, disk, how)
    }

    fn unmount(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        self.hands.unmount(&self.kept, disk)
    }

    fn light(&self, bay: &str, light: Light) -> Result<(), BoardError> {
        let profile = self.hands.profile();
        let place = profile.bay(bay).ok_or_else(|| BoardError::NoBay { bay: bay.to_owned() })?;
        let Some(led) = &place.led else { return Ok(()) };
        light::set(&self.hands.settings().sys, led, light)
            .map_err(|error| BoardError::io("set", led, error))
    }

    fn sleep(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        let found = self.hands.find(disk)?;
        // What does not turn saves nothing by it, and sleeps by itself.
        if !matches!(disk.transport, Transport::Sata | Transport::Usb)
            || found.info.rotational == Some(false)
        {
            return Ok(());
        }
        let asked = self.hands.programs().run(Program::Hdparm, &["-y", node(&found)], None);
        asked
            .and_then(|answer| answer.well(Program::Hdparm))
            .map(drop)
            .map_err(|error| BoardError::io("send to sleep", disk, error))
    }
}
