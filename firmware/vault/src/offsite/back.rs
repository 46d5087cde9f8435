//! Taking packs back from friends: a friend heals a disk as another disk would.
//!
//! A pack is checked against its name before a byte of it is written, and read back from each disk
//! before it counts. Anything of it that a cut leaves is no pack. The same pack may be brought any
//! number of times. Start at [`Vault::packs_to_fetch`], then [`Vault::take_back`].

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use catalog::{PackInfo, PackNo, PackState};
use format::pack::PackKind;
use format::record::PackEntry;
use plan::placement::PlacementError;
use plan::volumes::VolumeFacts;
use seal::Codecs;
use types::{Bytes, PackId, VolumeId};
use volume::Volume;

use crate::Vault;
use crate::check::BadCopy;
use crate::claims::trailer_of;
use crate::error::VaultError;
use crate::index::enter_pack;

/// A pack that is needed and that no volume of this house, here or away, has whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackToFetch {
    /// The number that [`Vault::offsite_packs`](crate::Vault::offsite_packs) has for it.
    pub no: u32,
    /// Its name.
    pub id: PackId,
    /// What it holds.
    pub kind: PackKind,
    /// Length of the file.
    pub len: Bytes,
    /// Whether it is known what is in it.
    pub is_indexed: bool,
}

/// What became of a pack that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenBack {
    /// It is here, on so many volumes.
    Here {
        /// How many.
        copies: u8,
    },
    /// It is about to be pruned: nothing needs it.
    NotNeeded,
}

/// A pack that was brought, and what is known of it.
struct Brought {
    no: PackNo,
    info: PackInfo,
    kind: PackKind,
    bytes: Arc<Vec<u8>>,
}

impl Vault {
    /// The packs to ask friends for: of which no good copy is known in this house. Copies that failed while
    /// they were read since the vault was opened are looked at first, so that what cannot be restored now
    /// is found before the next scrub.
    pub fn packs_to_fetch(&self) -> Result<Vec<PackToFetch>, VaultError> {
        for (pack, volume) in self.reader.damaged() {
            // A disk that does not answer says nothing of its copies.
            let _found = self.found_rotten(pack, volume);
        }
        let mut wanted = Vec::new();
        self.catalog.visit_packs(|no, info, presence| {
            let Some(kind) = PackKind::from_code(info.kind) else { return };
            if presence == 0 && info.state != PackState::Dying {
                let (id, len, is_indexed) = (info.id, Bytes(info.len), info.objects > 0);
                wanted.push(PackToFetch { no: no.0, id, kind, len, is_indexed });
            }
        })?;
        Ok(wanted)
    }

    /// Takes a pack back: `source` gives its file from the beginning. When it returns, the pack is durable on
    /// as many disks as there are to be copies, as far as there is room, was read back from each, and counts;
    /// copies that were found damaged are replaced by it. What is not that pack is refused, and nothing is
    /// written. Goes on beside backups, repair and restoring; waits for pruning.
    pub fn take_back(&self, id: PackId, source: &mut dyn Read) -> Result<TakenBack, VaultError> {
        self.writable()?;
        // Neither may it be pruned meanwhile, nor may its volumes leave.
        let _no_pruning = self.beside_storing();
        let _membership = self.membership();
        let missing = || VaultError::NotFound { what: "pack in this vault", name: id.to_string() };
        let no = self.catalog.pack_no(&id)?.ok_or_else(missing)?;
        let info = self.catalog.pack(no)?.ok_or_else(missing)?;
        let kind = PackKind::from_code(info.kind).ok_or_else(missing)?;
        if info.state == PackState::Dying {
            return Ok(TakenBack::NotNeeded);
        }
        let bytes = Arc::new(read_checked(id, info.len, source)?);
        let brought = Brought { no, info, kind, bytes };
        let good = self.store_brought(&brought)?;
        self.enter_brought(&brought, &good)?;
        self.reader.forget_all();
        let bad = self.damaged_copies()?.into_iter().filter(|(pack, _)| *pack == id);
        let bad: Vec<_> = bad.map(|(pack, volume)| BadCopy { no, pack, kind, volume }).collect();
        let mended = self.mend_pack(id, &bad)?;
        self.note_damaged(|all| all.retain(|(pack, v)| *pack != id || !mended.contains(v)))?;
        let copies = self.catalog.presence(no)?.count_ones();
        Ok(TakenBack::Here { copies: u8::try_from(copies).unwrap_or(u8::MAX) })
    }

    /// Writes it where `plan` wants it; answers where it is whole now. Fails when that is nowhere.
    fn store_brought(&self, brought: &Brought) -> Result<Vec<VolumeId>, VaultError> {
        let presence = self.catalog.presence(brought.no)?;
        let targets = self.targets_of_brought(brought, presence);
        let mut good = Vec::new();
        let mut failed = None;
        for to in targets.as_deref().unwrap_or_default() {
            let writer = self.members().get(*to).and_then(|member| member.writer.clone());
            let Some(writer) = writer else { continue };
            let (kind, id, bytes) = (brought.kind, brought.info.id, Arc::clone(&brought.bytes));
            let import = move |volume: &Volume| volume.import_pack(kind, id, &mut bytes.as_slice());
            match writer.run(import).wait() {
                Ok(_) => good.push(*to),
                Err(error) => failed = Some(error),
            }
        }
        if good.is_empty() && presence == 0 {
            targets?;
            return Err(failed.map_or(VaultError::NoWriter { detail: String::new() }, Into::into));
        }
        Ok(good)
    }

    /// The volumes that are to have a copy and have none. Repair may use the reserve.
    fn targets_of_brought(
        &self,
        brought: &Brought,
        presence: u64,
    ) -> Result<Vec<VolumeId>, VaultError> {
        let copies = usize::from(self.copies());
        let members = self.members();
        let mut room = members.room(true);
        let has = |facts: &VolumeFacts| facts.counts() && presence & (1 << facts.slot) != 0;
        let taken: BTreeSet<String> =
            room.iter().filter(|facts| has(facts)).map(|facts| facts.serial.clone()).collect();
        let need = Bytes(brought.info.len);
        let targets = match brought.kind {
            PackKind::Data => {
                let lacks = copies.saturating_sub(taken.len());
                room.retain(|facts| !taken.contains(&facts.serial));
                if lacks == 0 || (room.is_empty() && !taken.is_empty()) {
                    return Ok(Vec::new());
                }
                plan::placement::choose_targets(&room, u8::try_from(lacks).unwrap_or(u8::MAX), need)
            }
            PackKind::Meta | PackKind::Index => {
                room.retain(|facts| presence & (1 << facts.slot) == 0);
                if room.is_empty() {
                    return Ok(Vec::new());
                }
                plan::placement::all_members(&room, need)
            }
        };
        match targets {
            Ok(targets) => Ok(targets.ids),
            Err(PlacementError::NoRoom { volume, free, need, .. }) => {
                let label = members.get(volume).map_or_else(String::new, |m| m.label.clone());
                Err(VaultError::Full { label, free, need })
            }
            Err(_) => Err(VaultError::NoWriter { detail: String::new() }),
        }
    }

    /// Enters it in the catalog, with what is in it: of a pack that nobody here ever had, that is not known,
    /// and what is known of one that a friend told of was the friend's word.
    fn enter_brought(&self, brought: &Brought, good: &[VolumeId]) -> Result<(), VaultError> {
        let Some(first) = good.first() else { return Ok(()) };
        let Brought { info, kind, .. } = brought;
        let volume = crate::reconcile::volume_of(self, *first)?;
        let mut codecs = Codecs::new();
        let ring = self.keys.ring();
        let claims = trailer_of(&volume, (info.id, *kind), *first, &ring, &mut codecs)?;
        let entry =
            PackEntry { id: info.id, kind: *kind, space: claims.space, len: Bytes(info.len) };
        let mut batch = self.catalog.batch()?;
        enter_pack(&mut batch, &self.members(), &entry, &claims.trailer, good, PackState::Live)?;
        batch.commit(catalog::Durability::Durable)?;
        self.note_damaged(|all| all.retain(|(pack, v)| *pack != info.id || !good.contains(v)))
    }
}

/// The file of a pack, if it is that pack.
fn read_checked(id: PackId, len: u64, source: &mut dyn Read) -> Result<Vec<u8>, VaultError> {
    let mut bytes = Vec::new();
    let limit = len.min(format::pack::SIZE_MAX) + 1;
    let read = source.take(limit).read_to_end(&mut bytes);
    read.map_err(|source| VaultError::Stream { source })?;
    if bytes.len() as u64 != len || *blake3::hash(&bytes).as_bytes() != id.0 {
        return Err(VaultError::NotThatPack { pack: id });
    }
    Ok(bytes)
}
