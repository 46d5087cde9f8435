//! What the disks do for one friend: promises and looks. Which disk is decided in
//! `crate::shelf`.
//!
//! A disk that fails is given nothing more, and what lies on it is away, until the house says that its
//! disks have changed. Start at [`Friend::promise_and_room`] and [`Friend::look`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use peer_proto::host::{HostEvent, StreamId};
use peer_proto::pact::Phase;
use peer_proto::wire::Put;
use tokio::task::spawn_blocking;
use types::{Bytes, OwnerKey, PackId, VolumeId};
use verified::Told;
use volume::Volume;
use volume::hosted::{Begun, Hosted, HostedError};

use super::events::{Event, Found};
use super::{Friend, Step};
use crate::core::Core;
use crate::holds::{Held, Holds};
use crate::house::Shelf;
use crate::news::FriendNews;
use crate::pacts::Share;
use crate::record::Record;
use crate::shelf::{self, ShelfFacts};

/// Names that are read of a disk at once.
const PAGE: usize = 4_096;
/// Outboards take this part of what is kept, and names a little.
const OUTBOARD_PART: u64 = 257;

/// A disk that hosts.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) id: VolumeId,
    volume: Arc<Volume>,
    holds: Arc<Holds>,
    pub(super) takes: bool,
    failed: bool,
}

impl Disk {
    pub(super) fn hosted(&self) -> Held<Hosted> {
        Held::new(self.volume.hosted(), self.holds.hold())
    }
}

/// Those that may be used now.
pub(super) fn disks(core: &Core) -> Vec<Disk> {
    let disk = |Shelf { volume, takes }| {
        let (takes, holds) = (takes && !volume.is_read_only(), Arc::clone(&core.disks));
        Disk { id: volume.id(), volume, holds, takes, failed: false }
    };
    core.shelves().into_iter().map(disk).collect()
}

/// What lies where, by name and length; where each lies is noted in `lies`, parts among it. A disk that
/// cannot be read counts as one that is not there, never as one on which nothing is.
pub(super) fn files(
    disks: &mut [Disk],
    owner: OwnerKey,
    lies: &mut BTreeMap<PackId, VolumeId>,
) -> BTreeMap<PackId, u64> {
    let mut files = BTreeMap::new();
    for disk in disks {
        disk.failed = list_disk(disk, owner, lies, &mut files).is_err();
    }
    files
}

fn list_disk(
    disk: &Disk,
    owner: OwnerKey,
    lies: &mut BTreeMap<PackId, VolumeId>,
    files: &mut BTreeMap<PackId, u64>,
) -> Result<(), HostedError> {
    let hosted = disk.hosted();
    hosted.totals(owner)?;
    let mut after = None;
    loop {
        let page = hosted.list(owner, after, PAGE)?;
        for pack in &page {
            files.entry(pack.id).or_insert(pack.len.0);
            lies.insert(pack.id, disk.id);
        }
        after = page.last().map(|pack| pack.id);
        if page.len() < PAGE {
            break;
        }
    }
    for part in hosted.list_incoming(owner)? {
        lies.entry(part.id).or_insert(disk.id);
    }
    Ok(())
}

/// What lies on disks that are not there.
pub(super) fn away(disks: &[Disk], lies: &BTreeMap<PackId, VolumeId>) -> BTreeSet<PackId> {
    let there = |volume: &VolumeId| disks.iter().any(|disk| disk.id == *volume && !disk.failed);
    lies.iter().filter(|(_, volume)| !there(volume)).map(|(root, _)| *root).collect()
}

impl Friend {
    pub(super) fn usable(&self) -> impl Iterator<Item = &Disk> {
        self.disks.iter().filter(|disk| !disk.failed)
    }

    /// The disk on which a pack lies, when it is there.
    pub(super) fn disk_of(&self, root: PackId) -> Option<&Disk> {
        let volume = self.m.lies.get(&root)?;
        self.usable().find(|disk| disk.id == *volume)
    }

    fn facts(&self) -> Vec<ShelfFacts> {
        let owner = self.owner_key();
        let one = |disk: &Disk| {
            let totals = disk.hosted().totals(owner).ok()?;
            let free = disk.volume.free().ok()?;
            let own = totals.promised.saturating_sub(totals.held());
            let own_with_outboards = own.0.saturating_add(own.0.div_ceil(OUTBOARD_PART - 1));
            let room = free.0.saturating_add(own_with_outboards);
            Some(ShelfFacts {
                id: disk.id,
                room: Bytes(room / OUTBOARD_PART * (OUTBOARD_PART - 1)),
                promised: totals.promised,
                held: totals.held(),
                takes: disk.takes,
            })
        };
        self.usable().filter_map(one).collect()
    }

    /// Reserves on the disks what the pact says, and tells the machine what room that makes.
    pub(super) fn promise_and_room(&mut self) -> Step {
        if self.core.pacts.share(self.id) != Share::Own {
            // The promise on the disks is another pact's with the same owner.
            return self.host_step(HostEvent::Room(Bytes(0)));
        }
        let owner = self.owner_key();
        let total = match self.m.life.phase() {
            Phase::Over => Bytes(0),
            Phase::Standing | Phase::Ending(_) => {
                self.m.life.pact().terms.by(self.m.life.part()).bytes
            }
        };
        let facts = self.facts();
        let away = self.m.lies.keys().filter(|root| self.disk_of(**root).is_none());
        let away = away.filter_map(|root| self.m.host.entry(*root)).map(|entry| entry.size).sum();
        for (id, promised) in shelf::promises(&facts, total, Bytes(away)) {
            let is_so = facts.iter().any(|shelf| shelf.id == id && shelf.promised == promised);
            let Some(disk) = self.disks.iter().find(|disk| disk.id == id).filter(|_| !is_so) else {
                continue;
            };
            if let Err(error) = disk.hosted().promise(owner, promised) {
                self.shelf_failed(id, &error)?;
            }
        }
        let room = self.facts().iter().map(|shelf| shelf.left().0).sum();
        self.host_step(HostEvent::Room(Bytes(room)))
    }

    /// What is promised and not used.
    pub(super) fn room(&self) -> Bytes {
        self.facts().iter().map(ShelfFacts::left).sum()
    }

    /// Sees what of a pack is on which disk, beside the thread.
    pub(super) fn look(&self, stream: StreamId, put: Put) {
        let (owner, begun_on) = (self.owner_key(), self.m.lies.get(&put.root).copied());
        let order = shelf::order(&self.facts(), Bytes(put.size), begun_on);
        let hosts: Vec<(VolumeId, Held<Hosted>)> = order
            .into_iter()
            .filter_map(|id| self.usable().find(|disk| disk.id == id))
            .map(|disk| (disk.id, disk.hosted()))
            .collect();
        let inbox = self.inbox.clone();
        self.core.runtime.spawn(async move {
            let looked = spawn_blocking(move || begin(&hosts, owner, put)).await;
            let (found, failed) = looked.unwrap_or((Found::Nowhere, Vec::new()));
            inbox.send(Event::Looked { stream, put, found, failed });
        });
    }

    /// A disk could not do what it should. One that is only full or busy goes on.
    pub(super) fn shelf_failed(&mut self, id: VolumeId, error: &HostedError) -> Step {
        let is_fault = error.is_disk_fault();
        self.noted_error(error.to_string());
        let Some(disk) = self.disks.iter_mut().find(|disk| disk.id == id && !disk.failed) else {
            return Ok(());
        };
        if !is_fault {
            return Ok(());
        }
        disk.failed = true;
        self.tell(FriendNews::ShelfFailed { volume: id, why: error.to_string() });
        let there = self.m.lies.iter().filter(|(_, volume)| **volume == id);
        let away = there.map(|(root, _)| *root).collect();
        self.host_step(HostEvent::Away(away))
    }

    /// The house has other disks than before.
    pub(super) fn shelves_changed(&mut self) -> Step {
        let owner = self.owner_key();
        let mut lies = self.m.lies.clone();
        let before = away(&self.disks, &lies);
        let new = disks(&self.core);
        let stays = |old: &Disk| new.iter().any(|disk| Arc::ptr_eq(&disk.volume, &old.volume));
        if !self.disks.iter().all(stays) {
            self.cut_streams();
            self.stop_sending()?;
        }
        let mut there = BTreeMap::new();
        let mut kept = Vec::new();
        for disk in new {
            match list_disk(&disk, owner, &mut lies, &mut there) {
                Ok(()) => kept.push(disk),
                Err(error) => {
                    self.noted_error(error.to_string());
                    self.tell(FriendNews::ShelfFailed { volume: disk.id, why: error.to_string() });
                }
            }
        }
        self.disks = kept;
        let now_away = away(&self.disks, &lies);
        if self.core.pacts.share(self.id) != Share::Own {
            lies.retain(|root, _| self.m.host.entry(*root).is_some());
        }
        self.m.lies = lies;
        let back = before.difference(&now_away);
        let back = back.map(|root| (*root, there.get(root).copied())).collect();
        self.host_step(HostEvent::Back(back))?;
        self.host_step(HostEvent::Away(now_away))?;
        self.promise_and_room()
    }

    /// Ends what the friend asks for here: it holds a disk, or is about to. The friend asks again.
    fn cut_streams(&mut self) {
        self.streams.clear();
        self.found.clear();
    }

    /// The box wants its disks back: nothing here uses one when this is done, and what runs beside the
    /// thread ends.
    pub(crate) fn let_go_of_shelves(&mut self) {
        self.cut_streams();
        // What cannot be written down breaks the friend off, which ends everything, too.
        drop(self.durably(|friend| {
            friend.stop_sending()?;
            friend.shelves_changed()
        }));
        if self.core.disks.is_shut() {
            self.disks.clear();
        }
    }

    /// Notes on which disk a pack lies.
    pub(super) fn note_lies(&mut self, root: PackId, volume: VolumeId) -> Step {
        if self.m.lies.insert(root, volume) == Some(volume) {
            return Ok(());
        }
        self.keep(&[Record::Lies(root, volume)])
    }
}

/// The first disk that takes it, and what those before it said.
fn begin(
    hosts: &[(VolumeId, Held<Hosted>)],
    owner: OwnerKey,
    put: Put,
) -> (Found, Vec<(VolumeId, HostedError)>) {
    let mut failed = Vec::new();
    let Some(told) = Told::new(put.root, Bytes(put.size)) else { return (Found::Nowhere, failed) };
    for (id, hosted) in hosts {
        match hosted.begin(owner, told) {
            Ok(Begun::AlreadyThere(_)) => return (Found::Whole(*id), failed),
            Ok(Begun::Wanted(incoming)) => {
                return (Found::Part(*id, hosted.with(incoming)), failed);
            }
            Err(HostedError::Busy { .. }) => return (Found::Busy, failed),
            Err(error) => failed.push((*id, error)),
        }
    }
    (Found::Nowhere, failed)
}
