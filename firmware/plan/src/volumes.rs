//! The facts about volumes that several decisions share. Start at [`VolumeFacts`].

use std::collections::BTreeMap;

use types::{Bytes, VolumeId};

/// What a pack holds, as far as decisions care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackKind {
    /// Every volume holds all of these.
    Meta,
    /// Pieces of files, on as many volumes as the owner wants copies.
    Data,
}

/// What may be done with a volume now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VolumeState {
    /// Takes part.
    Member,
    /// There, whole, but takes no writes: its copies count.
    ReadOnly,
    /// Being drained: a source, never a target, and its copies do not count.
    Retiring,
    /// Not there.
    Absent,
}

/// One volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeFacts {
    /// The volume.
    pub id: VolumeId,
    /// Its bit in a [`VolumeSet`], 0 to 63; no two volumes share one.
    pub slot: u8,
    /// The serial of its disk. Two volumes with one serial die together.
    pub serial: String,
    /// What may be done with it.
    pub state: VolumeState,
    /// Room for packs: what is free less the reserve.
    pub free: Bytes,
    /// All it can hold.
    pub size: Bytes,
}

impl VolumeFacts {
    /// Whether copies on it are worth what a copy promises.
    pub fn counts(&self) -> bool {
        matches!(self.state, VolumeState::Member | VolumeState::ReadOnly)
    }

    /// Whether its packs can be read now.
    pub fn readable(&self) -> bool {
        self.state != VolumeState::Absent
    }

    /// Whether packs may be written to it.
    pub fn writable(&self) -> bool {
        self.state == VolumeState::Member
    }
}

slots! {
    /// Some volumes, as bits by slot.
    VolumeSet
}

/// How many distinct disks hold one of the volumes for which `of` is true.
pub(crate) fn disks(volumes: &[VolumeFacts], of: impl Fn(&VolumeFacts) -> bool) -> usize {
    let mut serials: Vec<&str> =
        volumes.iter().filter(|volume| of(volume)).map(|volume| volume.serial.as_str()).collect();
    serials.sort_unstable();
    serials.dedup();
    serials.len()
}

/// How much more data fits if each piece of it goes to `copies` distinct disks, in the best case.
///
/// Of `x` bytes of data no disk can hold more than `x`; so `x` fits as long as the disks, each
/// counted up to `x`, hold `copies` times `x`.
pub fn placeable(volumes: &[VolumeFacts], copies: u8) -> Bytes {
    let mut free = BTreeMap::<&str, u128>::new();
    for volume in volumes.iter().filter(|volume| volume.writable()) {
        *free.entry(&volume.serial).or_default() += u128::from(volume.free.0);
    }
    let copies = u128::from(copies.max(1));
    let (mut fits, mut too_much) = (0, free.values().sum::<u128>() / copies + 1);
    while fits + 1 < too_much {
        let middle = u128::midpoint(fits, too_much);
        if free.values().map(|room| middle.min(*room)).sum::<u128>() >= copies * middle {
            fits = middle;
        } else {
            too_much = middle;
        }
    }
    Bytes(u64::try_from(fits).unwrap_or(u64::MAX))
}
