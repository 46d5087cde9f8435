//! Bringing the catalog in line with what the volumes hold. Reads volumes, writes the catalog.
//!
//! The catalog is a cache: whatever it says of attached volumes is replaced by what their folders
//! list. Packs it does not know are indexed from their trailers, metadata first, because the
//! vault's state is read from there. Start at [`Listing::correct`].

use catalog::{Durability, PackInfo, PackNo, PackState};
use format::pack::{FrameType, PackKind};
use format::record::PackEntry;
use seal::Codecs;
use types::sabotage::{self, Bug};
use types::{PackId, SpaceId, VolumeId};

use crate::Vault;
use crate::claims::{Claims, single_out};
use crate::counted::Counted;
use crate::error::VaultError;
use crate::index::enter_pack;
use crate::listing::{Listed, Listing};
use crate::reader::open_sealed;
use crate::wanted::Wanted;

/// A commit record found in a pack.
#[derive(Clone, Debug)]
pub(crate) struct FoundCommit {
    pub(crate) cbor: Vec<u8>,
    /// In a pack that is sealed: it need not be written again.
    pub(crate) sealed: bool,
    pub(crate) on: Vec<VolumeId>,
}

/// Packs that are entered in one commit of the catalog.
const BATCH_PACKS: usize = 256;
/// Commits of which one is durable.
const BATCHES_DURABLE: usize = 32;

impl Listing {
    /// Corrects what the catalog says of packs that it knows; returns those it does not, by their
    /// place in the listing.
    pub(crate) fn correct(&self, vault: &Vault) -> Result<Vec<u32>, VaultError> {
        if sabotage::on(Bug::CatalogTrusted) {
            return Ok(Vec::new());
        }
        let attached: Vec<_> = vault.members().attached.iter().map(|m| (m.id(), m.slot)).collect();
        let damaged = vault.damaged_copies()?;
        let mut known = vec![false; self.packs().len()];
        let (mut holds_now, mut back, mut vanished) = (Vec::new(), Vec::new(), Vec::new());
        vault.catalog.visit_packs(|no, info, presence| {
            let at = self.position(&info.id);
            // One that was known by name only, while its disk was away, is read now.
            if let Some(at) = at.filter(|_| info.objects > 0) {
                known[at] = true;
            }
            let listed = at.map(|at| &self.packs()[at]);
            let (mut gone, mut left) = (Vec::new(), presence);
            for (volume, slot) in &attached {
                let holds = listed.is_some_and(|listed| self.is_on(listed, *volume))
                    && !damaged.contains(&(info.id, *volume));
                if holds != (presence & slot.bit() != 0) {
                    holds_now.push((no, *slot, holds));
                    left = if holds { left | slot.bit() } else { left & !slot.bit() };
                    if !holds {
                        gone.push((info.id, *volume));
                    }
                }
            }
            // A copy that is not missed may have been taken away on purpose, just before a kill.
            if info.state == PackState::Live && !vault.members().hold_enough(left) {
                vanished.extend(gone);
            }
            if info.state == PackState::Missing && listed.is_some() {
                back.push(no);
            }
        })?;
        let mut batch = vault.catalog.batch()?;
        for (no, slot, holds) in holds_now {
            batch.set_presence(no, slot, holds)?;
        }
        for no in back {
            batch.set_state(no, PackState::Live)?;
        }
        batch.commit(Durability::Relaxed)?;
        if !vanished.is_empty() {
            vault.note_damaged(|all| all.extend(vanished))?;
        }
        Ok((0_u32..).zip(known).filter(|(_, known)| !known).map(|(at, _)| at).collect())
    }

    /// Reads the trailers of `packs` into the catalog. Packs that cannot be read are findings.
    pub(crate) fn index(
        &self,
        vault: &Vault,
        packs: &[u32],
        state: impl Fn(&PackId) -> PackState,
        findings: &mut Vec<String>,
    ) -> Result<(), VaultError> {
        let mut codecs = Codecs::new();
        let mut bad = Vec::new();
        for (n, together) in packs.chunks(BATCH_PACKS).enumerate() {
            let mut batch = vault.catalog.batch()?;
            for at in together {
                let listed = self.at(*at);
                let mut copies = self.read_trailers(vault, listed, &mut codecs, findings);
                bad.extend(single_out(vault, listed, &mut copies, findings));
                let good: Vec<VolumeId> = copies.iter().map(|copy| copy.on).collect();
                if let Some(Claims { space, trailer, len, .. }) = copies.into_iter().next() {
                    let id = listed.id;
                    let entry = PackEntry { id, kind: listed.kind, space, len };
                    let state = state(&id);
                    enter_pack(&mut batch, &vault.members(), &entry, &trailer, &good, state)?;
                }
            }
            // What is only relaxed is held in memory by the database, all of it.
            let lasts = n % BATCHES_DURABLE == BATCHES_DURABLE - 1;
            batch.commit(if lasts { Durability::Durable } else { Durability::Relaxed })?;
        }
        vault.note_damaged(|all| all.extend(bad))
    }

    /// The commit records in sealed packs of the system space among `packs`.
    pub(crate) fn commits<'p>(
        &self,
        vault: &Vault,
        packs: impl IntoIterator<Item = &'p Listed>,
    ) -> Result<Vec<FoundCommit>, VaultError> {
        let mut codecs = Codecs::new();
        let mut found = Vec::new();
        for listed in packs.into_iter().filter(|listed| listed.kind == PackKind::Meta) {
            let Some(no) = vault.catalog.pack_no(&listed.id)? else { continue };
            let Some(info) = vault.catalog.pack(no)? else { continue };
            if info.space != SpaceId::SYSTEM {
                continue;
            }
            let on = self.on(listed);
            for volume in &on {
                if let Ok(commits) = read_commits(vault, &info, *volume, &mut codecs) {
                    found.extend(commits.into_iter().map(|cbor| FoundCommit {
                        cbor,
                        sealed: true,
                        on: on.clone(),
                    }));
                    break;
                }
            }
        }
        Ok(found)
    }
}

pub(crate) fn label_of(vault: &Vault, id: VolumeId) -> String {
    vault.members().get(id).map_or_else(|| id.short(), |member| member.label.clone())
}

fn read_commits(
    vault: &Vault,
    info: &PackInfo,
    volume: VolumeId,
    codecs: &mut Codecs,
) -> Result<Vec<Vec<u8>>, VaultError> {
    let volume = volume_of(vault, volume)?;
    let (reader, opener) = open_sealed(&volume, info, &vault.keys.ring())?;
    let read =
        |offset: u64, buf: &mut [u8]| reader.read_at(offset, buf).map_err(std::io::Error::other);
    let failed = |error: seal::ReadError| VaultError::Tree(error.to_string());
    let trailer = opener.read_trailer(codecs, reader.len(), &read).map_err(failed)?;
    let mut commits = Vec::new();
    for frame in trailer.frames.iter().filter(|f| f.head.frame_type == FrameType::Commit) {
        let offset = u64::from(frame.offset);
        let opened = opener.read_frame(codecs, offset, frame.number, &read).map_err(failed)?;
        commits.push(opened.payload().to_vec());
    }
    Ok(commits)
}

pub(crate) fn volume_of(
    vault: &Vault,
    id: VolumeId,
) -> Result<std::sync::Arc<volume::Volume>, VaultError> {
    let members = vault.members();
    let member = members.get(id);
    member
        .map(|member| std::sync::Arc::clone(&member.volume))
        .ok_or_else(|| VaultError::NotFound { what: "attached volume", name: id.to_string() })
}

/// Enters packs that the vault counts on and no attached volume lists, as missing, and notes in
/// `counted` which there are. One that is tombstoned is waited for no more, so it is never missed:
/// it may have left with its disk.
pub(crate) fn note_missing(
    vault: &Vault,
    wanted: &Wanted,
    counted: &mut Counted<'_>,
    is_dying: impl Fn(&PackId) -> bool,
) -> Result<Vec<PackId>, VaultError> {
    let attached: u64 = vault.members().attached.iter().fold(0, |all, m| all | m.slot.bit());
    let mut absent: Vec<(Option<PackNo>, PackEntry)> = Vec::new();
    wanted.each(vault, |entry| {
        if let Some(at) = counted.listing.position(&entry.id) {
            counted.listed[at] = true;
        }
        let known = vault.catalog.pack_no(&entry.id)?;
        let on = known.map_or(Ok(0), |no| vault.catalog.presence(no))?;
        if on == 0 {
            counted.nowhere.insert(entry.id);
        }
        if on & attached == 0 {
            absent.push((known, *entry));
        }
        Ok(())
    })?;
    let mut missing = Vec::new();
    let mut batch = vault.catalog.batch()?;
    for (known, entry) in absent {
        let dying = is_dying(&entry.id);
        let state = if dying { PackState::Dying } else { PackState::Missing };
        match known {
            Some(no) => batch.set_state(no, state)?,
            None => {
                let (id, kind, space) = (entry.id, entry.kind.code(), entry.space);
                let len = entry.len.0;
                let info = PackInfo { id, kind, space, len, raw_len: 0, objects: 0, state };
                batch.add_pack(info)?;
            }
        }
        if !dying {
            missing.push(entry.id);
        }
    }
    batch.commit(Durability::Relaxed)?;
    missing.sort();
    Ok(missing)
}
