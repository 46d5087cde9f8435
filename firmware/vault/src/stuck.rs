//! When no volume took what was to be stored: what was acknowledged is still read from where it lies,
//! and nothing more is taken until the vault is opened anew.
//!
//! What is durable of an open pack is then known only by reading it, which opening does. When the disks
//! were only full, that is said, and [`Vault::may_go_on`] tells when opening anew is worth it. Start at
//! [`Writer::no_more`].

use std::collections::HashMap;

use format::pack::PackKind;
use types::{Bytes, ChunkId, SpaceId, VolumeId};

use crate::Vault;
use crate::error::VaultError;
use crate::fresh::Fresh;
use crate::members::{Member, Members};
use crate::openpack::{InPack, OpenPack, Placed, Sealing};
use crate::writer::{FRUGAL_ROOM, Writer};

/// Why nothing more is taken.
#[derive(Debug)]
pub(crate) struct Broken {
    why: &'static str,
    /// There were disks that could be written, and none of them had room.
    full: bool,
}

/// A pack that no volume could go on with, or finish.
#[derive(Debug)]
pub(crate) struct Stuck {
    space: SpaceId,
    kind: PackKind,
    name: [u8; 16],
    header: Vec<u8>,
    objects: HashMap<ChunkId, Placed>,
    /// Every volume that has a front of it.
    on: Vec<VolumeId>,
}

impl Stuck {
    pub(crate) fn open(pack: OpenPack) -> Self {
        let framed = |(id, place)| match place {
            InPack::Framed(placed) => Some((id, placed)),
            // Nobody was told that it is stored.
            InPack::Gathering { .. } => None,
        };
        let objects = pack.index.into_iter().filter_map(framed).collect();
        let OpenPack { space, kind, name, header, held: on, .. } = pack;
        Self { space, kind, name, header, objects, on }
    }

    pub(crate) fn sealing(sealing: Sealing) -> Self {
        let Sealing { space, kind, name, header, held: on, finished, .. } = sealing;
        let mut objects = HashMap::new();
        for frame in &finished.trailer.frames {
            let mut raw_offset = 0;
            for object in &frame.objects {
                let (number, frame_offset, len) = (frame.number, frame.offset, object.len);
                let placed = Placed { frame: number, frame_offset, raw_offset, len };
                objects.insert(object.id, placed);
                raw_offset += len;
            }
        }
        Self { space, kind, name, header, objects, on }
    }
}

impl Writer {
    /// Something could not be made durable anywhere: nothing more is taken. The reason that is given is
    /// the first; the error is what is the case now.
    pub(crate) fn no_more(&mut self, why: &'static str) -> VaultError {
        let full = fullest(&self.members());
        self.broken.get_or_insert(Broken { why, full: full.is_some() });
        full.unwrap_or_else(|| self.no_writer(&self.members()))
    }

    /// What whoever wants to store something is told, if nothing more is taken.
    pub(crate) fn why_no_more(&self) -> Option<VaultError> {
        let Broken { why, full } = self.broken.as_ref()?;
        let full = full.then(|| fullest(&self.members())).flatten();
        Some(full.unwrap_or_else(|| VaultError::NoWriter { detail: format!(": {why}") }))
    }

    /// The same for its owner.
    fn trouble(&self) -> Option<String> {
        let Broken { why, full } = self.broken.as_ref()?;
        let full = if *full { "the disks are full, and " } else { "" };
        Some(format!("{full}{why}"))
    }

    /// Whether disks that were full have room for what opening the vault anew needs.
    fn has_room_again(&self) -> bool {
        let facts = self.members().room(true);
        self.broken.as_ref().is_some_and(|broken| broken.full)
            && plan::placement::all_members(&facts, Bytes(FRUGAL_ROOM)).is_ok()
    }

    /// The volumes that have a piece of content which is in no sealed pack yet; none when it is in one, or
    /// nowhere.
    pub(crate) fn unsealed_on(&self, space: SpaceId, id: &ChunkId) -> Option<Vec<VolumeId>> {
        let open = self.open.get(&(space, PackKind::Data));
        if let Some(pack) = open.filter(|pack| pack.index.contains_key(id)) {
            return Some(pack.targets.clone());
        }
        let has = |one: &&Sealing| {
            one.finished.trailer.frames.iter().any(|f| f.objects.iter().any(|o| o.id == *id))
        };
        if let Some(sealing) = self.sealing.iter().find(has) {
            return Some(sealing.tickets.keys().copied().collect());
        }
        let stuck = self.stuck.iter().find(|pack| pack.objects.contains_key(id));
        stuck.map(|pack| pack.on.clone())
    }

    /// Where an object of a pack lies that no volume could go on with.
    pub(crate) fn fresh_stuck(
        &self,
        space: SpaceId,
        kind: PackKind,
        id: &ChunkId,
    ) -> Option<Fresh> {
        let mine = self.stuck.iter().filter(|pack| (pack.space, pack.kind) == (space, kind));
        mine.rev().find_map(|pack| {
            let (placed, name, header) = (*pack.objects.get(id)?, pack.name, pack.header.clone());
            let all = self.members();
            let on = all.attached.iter().map(Member::id).filter(|id| pack.on.contains(id));
            Some(Fresh::InOpen { name, header, placed, on: on.collect() })
        })
    }
}

/// That there is no room, in the words of the disk with most of it; none when no disk can be written.
pub(crate) fn fullest(members: &Members) -> Option<VaultError> {
    let takers = members.attached.iter().filter(|m| m.takes_writes() && !m.retiring && !m.leaving);
    let room = |member: &Member| member.volume.free().unwrap_or(Bytes(0));
    let (free, label) = takers.map(|member| (room(member), member.label.clone())).max()?;
    Some(VaultError::Full { label, free, need: Bytes(format::pack::SIZE_MAX) })
}

impl Vault {
    /// Why it takes nothing more until it is opened anew, if that is so: something could not be made
    /// durable on any volume, and what is durable is then found only by opening it. What was
    /// acknowledged is read as before.
    pub fn trouble(&self) -> Option<String> {
        self.writer().trouble()
    }

    /// Whether it takes nothing more because its disks were full, and they have room again: opened
    /// anew, with [`Vault::held_keys`], it goes on.
    pub fn may_go_on(&self) -> bool {
        self.writer().has_room_again()
    }
}
