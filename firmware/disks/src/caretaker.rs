//! The caretaker of the box's disks: what it holds, and how it looks.
//!
//! Probing wakes a disk, so only what is new or was touched is probed; the rest is remembered.
//! Start at [`Caretaker::open`], then [`Caretaker::look`]; what is done is in `work`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use board::{Board, DiskInfo, Event, Mounted};
use plan::disk::{Entry, How, Life, News, Roster, Seen, Standing, Wish};
use types::{DiskContent, DiskIdentity, Light, Millis, Rng, VaultId, VolumeId};
use volume::FsDisk;

use crate::error::DisksError;
use crate::file::{self, Labels};
use crate::seat::Seat;

/// What a caretaker works with.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The hardware.
    pub board: Arc<dyn Board>,
    /// Where the vault sits.
    pub seat: Arc<dyn Seat>,
    /// For labels of new file systems.
    pub rng: Arc<dyn Rng>,
    /// The vault that the box is for.
    pub vault: VaultId,
}

/// A disk that is mounted for the vault.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) mounted: Mounted,
    pub(crate) how: How,
}

/// The caretaker. One at a time; its steps may take long, and say how far they are.
#[derive(Debug)]
pub struct Caretaker {
    pub(crate) parts: Parts,
    pub(crate) folder: FsDisk,
    pub(crate) roster: Roster,
    pub(crate) labels: Labels,
    /// What was found on each disk that is plugged in.
    pub(crate) contents: BTreeMap<DiskIdentity, DiskContent>,
    pub(crate) held: BTreeMap<DiskIdentity, Held>,
    /// Disks that could not be mounted; tried again when something happens to them.
    pub(crate) refused: BTreeSet<DiskIdentity>,
    /// Copying got nowhere with these disks; tried again when something changes.
    pub(crate) stuck: bool,
    pub(crate) lights: BTreeMap<String, Light>,
    /// What is mounted has changed since the vault was opened.
    pub(crate) reopen_due: bool,
    /// No roster was kept so far: the vault's disks are met for the first time.
    first: bool,
}

impl Caretaker {
    /// Takes up what was kept in a folder. Nothing is mounted until the first step.
    pub fn open(parts: Parts, folder: &Path) -> Result<Self, DisksError> {
        let folder = file::folder(folder)?;
        let kept = file::read(&folder, parts.vault)?;
        let first = kept.is_none();
        let (roster, labels) =
            kept.unwrap_or_else(|| (Roster::new(parts.vault), Labels::default()));
        Ok(Self {
            parts,
            folder,
            roster,
            labels,
            contents: BTreeMap::new(),
            held: BTreeMap::new(),
            refused: BTreeSet::new(),
            stuck: false,
            lights: BTreeMap::new(),
            reopen_due: false,
            first,
        })
    }

    /// All disks that are known, and the life of each.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Looks at what is plugged in and says what is new.
    pub fn look(&mut self) -> Result<Vec<News>, DisksError> {
        let disks = self.parts.board.disks()?;
        self.take_in(&disks)
    }

    /// Something happened to the hardware: looks again. A disk that went and came back between two
    /// looks is seen to have gone, because what was mounted from it is dead.
    pub fn on_event(&mut self, event: &Event) -> Result<Vec<News>, DisksError> {
        let mut disks = self.parts.board.disks()?;
        let mut gone = BTreeSet::new();
        match event {
            Event::Removed(disk) => _ = gone.insert(disk.clone()),
            Event::Inserted(info) | Event::Changed(info) => {
                self.contents.remove(&info.identity);
                self.refused.remove(&info.identity);
            }
            Event::Overflow => {
                self.refused.clear();
                let dead = self.held.iter().filter(|(_, held)| held.mounted.disk.space().is_err());
                gone.extend(dead.map(|(disk, _)| disk.clone()));
            }
            Event::Button(_) => return Ok(Vec::new()),
        }
        let mut news = Vec::new();
        if disks.iter().any(|disk| gone.contains(&disk.identity)) {
            let rest: Vec<DiskInfo> =
                disks.iter().filter(|disk| !gone.contains(&disk.identity)).cloned().collect();
            news = self.take_in(&rest)?;
        }
        disks.sort_by(|one, two| one.identity.cmp(&two.identity));
        news.extend(self.take_in(&disks)?);
        Ok(news)
    }

    fn take_in(&mut self, disks: &[DiskInfo]) -> Result<Vec<News>, DisksError> {
        let is_here = |identity: &DiskIdentity| disks.iter().any(|disk| disk.identity == *identity);
        self.contents.retain(|identity, _| is_here(identity));
        self.held.retain(|identity, _| is_here(identity));
        self.refused.retain(is_here);
        for disk in disks
            .iter()
            .filter(|disk| !self.contents.contains_key(&disk.identity))
            .collect::<Vec<_>>()
        {
            // A disk that cannot be read is shown as such; it is no reason not to see the others.
            let found = self.parts.board.probe(&disk.identity).unwrap_or(DiskContent::Unknown);
            self.contents.insert(disk.identity.clone(), found);
        }
        let seen: Vec<Seen> = disks.iter().map(|disk| self.seen(disk)).collect();
        self.meet(&seen);
        let news = self.roster.look(&seen);
        if !news.is_empty() {
            self.stuck = false;
        }
        self.keep()?;
        Ok(news)
    }

    fn seen(&self, disk: &DiskInfo) -> Seen {
        let content = self.contents.get(&disk.identity).cloned().unwrap_or(DiskContent::Unknown);
        Seen {
            identity: disk.identity.clone(),
            place: disk.place.to_string(),
            bay: disk.place.bay().map(str::to_owned),
            content,
        }
    }

    /// The first look of a box whose vault was made before it had a caretaker: each of the vault's
    /// volumes is a member where it lies, if it lies on one disk alone.
    fn meet(&mut self, seen: &[Seen]) {
        if !std::mem::take(&mut self.first) {
            return;
        }
        let claims = |disk: &Seen| match &disk.content {
            DiskContent::Volume(mark) if mark.vault == self.parts.vault => Some(mark.volume),
            _ => None,
        };
        for disk in seen {
            let Some(volume) = claims(disk) else { continue };
            if seen.iter().filter(|other| claims(other) == Some(volume)).count() == 1 {
                self.roster.enrol(member(disk, volume));
            }
        }
    }

    /// Time passed, as a clock counts it that cannot be set. Called every minute or so.
    pub fn passed(&mut self, span: Millis) -> Result<(), DisksError> {
        self.roster.passed(span);
        self.keep()
    }

    /// Keeps the roster.
    pub(crate) fn keep(&self) -> Result<(), DisksError> {
        file::write(&self.folder, self.parts.vault, &self.roster, &self.labels)
    }
}

/// A member that the next look finds.
pub(crate) fn member(disk: &Seen, volume: VolumeId) -> Entry {
    let generation = match &disk.content {
        DiskContent::Volume(mark) => mark.generation,
        _ => 0,
    };
    Entry {
        identity: disk.identity.clone(),
        place: disk.place.clone(),
        bay: disk.bay.clone(),
        volume: Some(volume),
        generation,
        content: disk.content.clone(),
        life: Life::OursAbsent { was: Standing::Member, wish: Wish::Stay },
        away: Millis(0),
        pull_asked: false,
    }
}
