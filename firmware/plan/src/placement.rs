//! Where a new pack goes: the volumes with most room, on distinct disks.
//!
//! Most room first fills disks of any mix of sizes to the last pack (in simulation; weighted
//! rendezvous hashing reaches nine tenths). Targets are fixed when a pack is opened, so `need` is
//! the length a pack may reach. Start reading at [`choose_targets`].

use std::cmp::Reverse;

use thiserror::Error;
use types::sabotage::{self, Bug};
use types::{Bytes, VolumeId};

use crate::volumes::VolumeFacts;

/// Where to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// The volumes, most room first.
    pub ids: Vec<VolumeId>,
    /// How many were wanted.
    pub wanted: usize,
    /// How many there are: fewer than wanted must be said wherever the data is called stored.
    pub got: usize,
}

/// Why nothing can be written.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlacementError {
    /// No volume is there that takes writes.
    #[error("none of {known} known volumes is there and takes writes")]
    NoVolume {
        /// Volumes known, in whatever state.
        known: usize,
    },
    /// No volume has room.
    #[error("{need} are needed, and the emptiest disk ({serial}, {volume}) has {free} left")]
    NoRoom {
        /// The volume with most room.
        volume: VolumeId,
        /// Its disk.
        serial: String,
        /// Its room, the reserve taken off.
        free: Bytes,
        /// What was needed.
        need: Bytes,
    },
}

impl PlacementError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoVolume { .. } => "Connect a disk of this vault, or add a new one.",
            Self::NoRoom { .. } => "Add a disk, or let older versions go.",
        }
    }
}

/// The `copies` volumes with most room for `need`, no two on one disk. Fewer when there are fewer.
pub fn choose_targets(
    volumes: &[VolumeFacts],
    copies: u8,
    need: Bytes,
) -> Result<Targets, PlacementError> {
    let wanted = usize::from(copies.max(1));
    let mut ids = Vec::new();
    let mut serials: Vec<&str> = Vec::new();
    for volume in with_room(volumes, need)? {
        let apart = !serials.contains(&volume.serial.as_str()) || sabotage::on(Bug::SameDiskTwice);
        if ids.len() < wanted && apart {
            serials.push(&volume.serial);
            ids.push(volume.id);
        }
    }
    Ok(Targets { wanted, got: ids.len(), ids })
}

/// Every volume that takes writes and has room for `need`: where metadata goes.
pub fn all_members(volumes: &[VolumeFacts], need: Bytes) -> Result<Targets, PlacementError> {
    let ids: Vec<_> = with_room(volumes, need)?.iter().map(|volume| volume.id).collect();
    let wanted = volumes.iter().filter(|volume| volume.writable()).count();
    Ok(Targets { wanted, got: ids.len(), ids })
}

/// Writable volumes with room, first those on the disk with most of it; the id decides between
/// equals. Several volumes on one disk compete for copies as that one disk.
fn with_room(volumes: &[VolumeFacts], need: Bytes) -> Result<Vec<&VolumeFacts>, PlacementError> {
    let mut members: Vec<_> = volumes.iter().filter(|volume| volume.writable()).collect();
    let Some(emptiest) = members.iter().max_by_key(|volume| (volume.free, Reverse(volume.id)))
    else {
        return Err(PlacementError::NoVolume { known: volumes.len() });
    };
    if emptiest.free < need {
        let (volume, serial, free) = (emptiest.id, emptiest.serial.clone(), emptiest.free);
        return Err(PlacementError::NoRoom { volume, serial, free, need });
    }
    let on_disk = |serial: &str| -> Bytes {
        volumes.iter().filter(|v| v.writable() && v.serial == serial).map(|v| v.free).sum()
    };
    members.retain(|volume| volume.free >= need);
    members.sort_by_cached_key(|volume| {
        (Reverse(on_disk(&volume.serial)), Reverse(volume.free), volume.id)
    });
    Ok(members)
}
