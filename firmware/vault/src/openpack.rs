//! One open pack: objects gather into frames, frames are sealed and appended, the same bytes, to
//! every target volume.
//!
//! It never decides where a pack goes or when it is synced; [`crate::writer`] does. A frame is
//! handed to the volumes only after `seal` has opened it again and found it right.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use format::pack::{FRAME_OVERHEAD, PackKind};
use seal::{Codecs, FinishedPack, PackIdentity, PackSealer, SpaceKeys};
use types::sabotage::{self, Bug};
use types::{ChunkId, Rng, SpaceId, VolumeId};
use volume::{Ticket, VolumeError};

use crate::error::VaultError;
use crate::members::Members;

/// A frame is closed when this much plaintext has gathered; see `docs/defaults.md`.
pub(crate) const FRAME_RAW_LEN: usize = 1 << 20;
/// A longer object is a frame of its own at once: nothing of its size would fit beside it.
const OWN_FRAME_OVER_LEN: usize = FRAME_RAW_LEN / 2;

/// What is gathering and the object that is asked about may become two frames: what the second
/// takes beside its objects, in the file and in the trailer.
const SECOND_FRAME: usize = 2 * FRAME_OVERHEAD;

/// Where an object lies in an open pack.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InPack {
    /// In the frame that is still gathering, at this range of its buffer.
    Gathering { from: usize, len: usize },
    /// In a sealed frame.
    Framed(Placed),
}

/// An object's place in a sealed frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) frame: u32,
    pub(crate) frame_offset: u32,
    pub(crate) raw_offset: u32,
    pub(crate) len: u32,
}

/// A pack that still grows.
#[derive(Debug)]
pub(crate) struct OpenPack {
    pub(crate) space: SpaceId,
    pub(crate) kind: PackKind,
    pub(crate) name: [u8; 16],
    pub(crate) header: Vec<u8>,
    sealer: PackSealer,
    /// Volumes that have every byte so far, or will once their queue is drained.
    pub(crate) targets: Vec<VolumeId>,
    /// Volumes that had every byte once.
    pub(crate) held: Vec<VolumeId>,
    gathering: Vec<(ChunkId, usize, usize)>,
    buffer: Vec<u8>,
    pub(crate) index: HashMap<ChunkId, InPack>,
    /// Bytes were appended since the last sync.
    pub(crate) unsynced: bool,
    /// Bytes handed to the volumes.
    pub(crate) len: u64,
    /// Targets that said no, for the writer to deal with.
    pub(crate) refused: Vec<(VolumeId, VolumeError)>,
}

impl OpenPack {
    /// Creates the file on every volume of `targets` and appends the header.
    pub(crate) fn create(
        identity: PackIdentity,
        keys: &SpaceKeys,
        rng: &dyn Rng,
        targets: Vec<VolumeId>,
        members: &Members,
    ) -> Self {
        let (space, kind) = (identity.space, identity.kind);
        let (sealer, header) = PackSealer::new(identity, keys, rng);
        let mut pack = Self {
            space,
            kind,
            name: rng.array(),
            header: header.to_vec(),
            sealer,
            held: targets.clone(),
            targets,
            gathering: Vec::new(),
            buffer: Vec::new(),
            index: HashMap::new(),
            unsynced: false,
            len: 0,
            refused: Vec::new(),
        };
        for id in pack.targets.clone() {
            let opened = members.get(id).and_then(|member| member.writer.as_ref());
            if let Some(Err(error)) = opened.map(|writer| writer.open(pack.name).wait()) {
                pack.refused.push((id, error));
            }
        }
        pack.drop_refused();
        pack.append(members, header.to_vec());
        pack
    }

    fn drop_refused(&mut self) {
        let refused: Vec<_> = self.refused.iter().map(|(id, _)| *id).collect();
        self.targets.retain(|id| !refused.contains(id));
    }

    fn append(&mut self, members: &Members, bytes: Vec<u8>) {
        self.len += bytes.len() as u64;
        self.unsynced = true;
        let bytes = Arc::new(bytes);
        for id in &self.targets {
            let Some(writer) = members.get(*id).and_then(|member| member.writer.as_ref()) else {
                continue;
            };
            if let Err(error) = writer.append(self.name, Arc::clone(&bytes)) {
                self.refused.push((*id, error));
            }
        }
        self.drop_refused();
    }

    /// Whether one more object of `len` bytes surely fits, what is gathering counted.
    pub(crate) fn has_room(&self, len: usize) -> bool {
        self.sealer.room_for(self.buffer.len() + len + SECOND_FRAME, self.gathering.len() + 1)
    }

    /// Takes in an object; seals a frame when enough has gathered.
    pub(crate) fn put(
        &mut self,
        id: ChunkId,
        bytes: &[u8],
        codecs: &mut Codecs,
        members: &Members,
    ) -> Result<(), VaultError> {
        if self.buffer.len() + bytes.len() > FRAME_RAW_LEN {
            self.flush(codecs, members)?;
        }
        if self.gathering.is_empty() && bytes.len() > OWN_FRAME_OVER_LEN {
            return self.frame(&[(id, bytes)], codecs, members);
        }
        let from = self.buffer.len();
        self.buffer.extend_from_slice(bytes);
        self.gathering.push((id, from, bytes.len()));
        self.index.insert(id, InPack::Gathering { from, len: bytes.len() });
        if self.buffer.len() >= FRAME_RAW_LEN {
            self.flush(codecs, members)?;
        }
        Ok(())
    }

    /// Seals what has gathered and appends it. On an error nothing of it is stored, and all of it is
    /// still gathered: others may have put some of it, and are told that it is durable after the next.
    pub(crate) fn flush(
        &mut self,
        codecs: &mut Codecs,
        members: &Members,
    ) -> Result<(), VaultError> {
        if self.gathering.is_empty() {
            return Ok(());
        }
        let gathering = std::mem::take(&mut self.gathering);
        let mut buffer = std::mem::take(&mut self.buffer);
        let objects = gathering.iter().map(|(id, from, len)| (*id, &buffer[*from..*from + *len]));
        let framed = self.frame(&objects.collect::<Vec<_>>(), codecs, members);
        if framed.is_err() {
            (self.gathering, self.buffer) = (gathering, buffer);
            return framed;
        }
        buffer.clear();
        self.buffer = buffer;
        framed
    }

    /// Seals one frame of these objects, indexes them and appends it.
    fn frame(
        &mut self,
        objects: &[(ChunkId, &[u8])],
        codecs: &mut Codecs,
        members: &Members,
    ) -> Result<(), VaultError> {
        let mut out = Vec::new();
        let sealed = self.sealer.add_objects(objects, codecs, &mut out)?;
        let mut from = 0;
        for (id, bytes) in objects {
            let placed = Placed {
                frame: sealed.number,
                frame_offset: sealed.offset,
                raw_offset: u32::try_from(from).expect("a frame is a few MiB"),
                len: u32::try_from(bytes.len()).expect("a chunk is 4 MiB at most"),
            };
            self.index.insert(*id, InPack::Framed(placed));
            from += bytes.len();
        }
        self.append(members, out);
        Ok(())
    }

    /// Appends a commit record as a frame of its own.
    pub(crate) fn commit(
        &mut self,
        cbor: &[u8],
        codecs: &mut Codecs,
        members: &Members,
    ) -> Result<(), VaultError> {
        let mut out = Vec::new();
        self.sealer.add_commit(cbor, codecs, &mut out)?;
        self.append(members, out);
        Ok(())
    }

    /// The bytes of an object that is still gathering.
    pub(crate) fn gathering(&self, from: usize, len: usize) -> &[u8] {
        &self.buffer[from..from + len]
    }

    /// Asks every target to sync; the tickets tell when.
    pub(crate) fn sync(&mut self, members: &Members) -> BTreeMap<VolumeId, Ticket> {
        let mut tickets = BTreeMap::new();
        for id in &self.targets {
            if !tickets.is_empty() && sabotage::on(Bug::EarlyQuorum) {
                break;
            }
            if let Some(writer) = members.get(*id).and_then(|member| member.writer.as_ref()) {
                tickets.insert(*id, writer.sync(self.name));
            }
        }
        self.unsynced = false;
        tickets
    }

    /// Whether there is anything in it worth keeping.
    pub(crate) fn is_empty(&self) -> bool {
        self.len <= self.header.len() as u64 && self.gathering.is_empty()
    }

    /// Closes the pack: trailer, sync, rename, folder sync, on every target.
    pub(crate) fn seal(
        mut self,
        codecs: &mut Codecs,
        members: &Members,
    ) -> Result<Sealing, VaultError> {
        self.flush(codecs, members)?;
        let mut out = Vec::new();
        let sealer = self.sealer;
        let finished = sealer.finish(codecs, &mut out)?;
        let bytes = Arc::new(out);
        let mut tickets = BTreeMap::new();
        for id in &self.targets {
            let Some(writer) = members.get(*id).and_then(|member| member.writer.as_ref()) else {
                continue;
            };
            if let Err(error) = writer.append(self.name, Arc::clone(&bytes)) {
                self.refused.push((*id, error));
                continue;
            }
            tickets.insert(*id, writer.seal(self.name, finished.id, self.kind));
        }
        let Self { space, kind, name, header, held, refused, .. } = self;
        Ok(Sealing { space, kind, name, header, held, finished, tickets, refused })
    }
}

/// A pack whose last bytes and rename are on their way.
#[derive(Debug)]
pub(crate) struct Sealing {
    pub(crate) space: SpaceId,
    pub(crate) kind: PackKind,
    pub(crate) name: [u8; 16],
    pub(crate) header: Vec<u8>,
    pub(crate) held: Vec<VolumeId>,
    pub(crate) finished: FinishedPack,
    pub(crate) tickets: BTreeMap<VolumeId, Ticket>,
    pub(crate) refused: Vec<(VolumeId, VolumeError)>,
}

#[cfg(test)]
mod tests;
