//! Bringing the catalog in line with what the volumes hold. Reads volumes, writes the catalog.
//!
//! The catalog is a cache: whatever it says of attached volumes is replaced by what their folders
//! list. Packs it does not know are indexed from their trailers, metadata first, because the
//! vault's state is read from there. Start at [`Listing::take`].

use std::collections::{HashMap, HashSet};

use catalog::{PackInfo, PackNo, PackState};
use format::pack::{FrameType, PackKind, Trailer};
use format::record::PackEntry;
use seal::Codecs;
use types::sabotage::{self, Bug};
use types::{Bytes, PackId, SpaceId, VolumeId};

use crate::Vault;
use crate::error::VaultError;
use crate::index::index_pack;
use crate::reader::open_sealed;

/// A pack file that at least one attached volume lists.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) kind: PackKind,
    pub(crate) on: Vec<VolumeId>,
}

/// What the attached volumes list.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) packs: HashMap<PackId, Listed>,
}

/// A commit record found in a pack.
#[derive(Clone, Debug)]
pub(crate) struct FoundCommit {
    pub(crate) cbor: Vec<u8>,
    /// In a pack that is sealed: it need not be written again.
    pub(crate) sealed: bool,
    pub(crate) on: Vec<VolumeId>,
}

impl Listing {
    /// Asks every attached volume; one that fails at it is demoted.
    pub(crate) fn take(vault: &Vault, findings: &mut Vec<String>) -> Result<Self, VaultError> {
        let mut listing = Self::default();
        let mut failed = Vec::new();
        for member in vault.members().attached.iter().filter(|member| member.failed.is_none()) {
            let (files, odd) = match member.volume.list_packs() {
                Ok(listed) => listed,
                Err(error) => {
                    failed.push((member.id(), error.into()));
                    continue;
                }
            };
            findings.extend(odd.iter().map(|found| format!("{}: {found}", member.label)));
            for file in files {
                let listed = listing
                    .packs
                    .entry(file.id)
                    .or_insert_with(|| Listed { kind: file.kind, on: Vec::new() });
                listed.on.push(member.id());
            }
        }
        crate::recover::shed(vault, failed, findings);
        Ok(listing)
    }

    /// Corrects what the catalog says of packs that it knows; returns those it does not.
    pub(crate) fn correct(&self, vault: &Vault) -> Result<Vec<PackId>, VaultError> {
        if sabotage::on(Bug::CatalogTrusted) {
            return Ok(Vec::new());
        }
        let mut known = Vec::new();
        vault.catalog.visit_packs(|no, info, presence| known.push((no, info.clone(), presence)))?;
        let members = vault.members();
        let attached: Vec<_> = members.attached.iter().map(|m| (m.id(), m.slot)).collect();
        drop(members);
        let mut unknown: HashMap<PackId, ()> = self.packs.keys().map(|id| (*id, ())).collect();
        let damaged = vault.damaged_copies()?;
        let mut batch = vault.catalog.batch()?;
        for (no, info, presence) in known {
            // One that was known by name only, while its disk was away, is read now.
            if info.objects > 0 {
                unknown.remove(&info.id);
            }
            let on = self.packs.get(&info.id).map_or(&[][..], |listed| &listed.on);
            for (volume, slot) in &attached {
                let holds = on.contains(volume) && !damaged.contains(&(info.id, *volume));
                if holds != (presence & slot.bit() != 0) {
                    batch.set_presence(no, *slot, holds)?;
                }
            }
            if info.state == PackState::Missing && !on.is_empty() {
                batch.set_state(no, PackState::Live)?;
            }
        }
        batch.commit(catalog::Durability::Relaxed)?;
        let mut unknown: Vec<_> = unknown.into_keys().collect();
        unknown.sort();
        Ok(unknown)
    }

    /// Drops packs from the catalog that no volume holds and no head counts on: they were removed,
    /// and a power cut took the catalog's note of it.
    pub(crate) fn drop_gone(&self, vault: &Vault, wanted: &[PackEntry]) -> Result<(), VaultError> {
        let wanted: HashSet<PackId> = wanted.iter().map(|entry| entry.id).collect();
        let mut gone = Vec::new();
        vault.catalog.visit_packs(|no, info, presence| {
            if presence == 0 && !wanted.contains(&info.id) {
                gone.push(no);
            }
        })?;
        let mut batch = vault.catalog.batch()?;
        for no in gone {
            batch.drop_pack(no)?;
        }
        batch.commit(catalog::Durability::Relaxed)?;
        Ok(())
    }

    /// Reads the trailers of `packs` into the catalog. Packs that cannot be read are findings.
    pub(crate) fn index(
        &self,
        vault: &Vault,
        packs: &[PackId],
        state: impl Fn(&PackId) -> PackState,
        findings: &mut Vec<String>,
    ) -> Result<(), VaultError> {
        let mut codecs = Codecs::new();
        for id in packs {
            let listed = &self.packs[id];
            let mut good = Vec::new();
            let mut known: Option<(SpaceId, Trailer, Bytes)> = None;
            for volume in &listed.on {
                match read_trailer(vault, *id, listed, *volume, &mut codecs) {
                    Ok(read) => {
                        good.push(*volume);
                        known.get_or_insert(read);
                    }
                    Err(error) => {
                        let label = label_of(vault, *volume);
                        findings
                            .push(format!("{label}: pack {} cannot be read: {error}", id.short()));
                    }
                }
            }
            // The length is that of a copy that can be read: another may be torn.
            if let Some((space, trailer, len)) = known {
                let entry = PackEntry { id: *id, kind: listed.kind, space, len };
                index_pack(&vault.catalog, &vault.members(), &entry, &trailer, &good, state(id))?;
            }
        }
        Ok(())
    }

    /// The commit records in sealed packs of the system space among `packs`.
    pub(crate) fn commits(
        &self,
        vault: &Vault,
        packs: &[PackId],
    ) -> Result<Vec<FoundCommit>, VaultError> {
        let mut codecs = Codecs::new();
        let mut found = Vec::new();
        for id in packs {
            let Some(no) = vault.catalog.pack_no(id)? else { continue };
            let Some(info) = vault.catalog.pack(no)? else { continue };
            if info.space != SpaceId::SYSTEM {
                continue;
            }
            let listed = &self.packs[id];
            for volume in &listed.on {
                if let Ok(commits) = read_commits(vault, &info, *volume, &mut codecs) {
                    let on = listed.on.clone();
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

/// A pack's trailer from one volume; forwards through the frames when the trailer has rotted.
fn read_trailer(
    vault: &Vault,
    id: PackId,
    listed: &Listed,
    volume: VolumeId,
    codecs: &mut Codecs,
) -> Result<(SpaceId, Trailer, Bytes), VaultError> {
    let volume = volume_of(vault, volume)?;
    let reader = volume.open_pack(id, listed.kind)?;
    let header = crate::reader::read_header(&reader)?;
    let decoded = format::pack::PackHeader::decode(&header)?;
    let opener = seal::PackOpener::new(&header, &vault.keys)
        .map_err(|error| VaultError::Tree(error.to_string()))?;
    let read =
        |offset: u64, buf: &mut [u8]| reader.read_at(offset, buf).map_err(std::io::Error::other);
    let trailer = opener
        .read_trailer(codecs, reader.len(), &read)
        .map_err(|error| VaultError::Tree(error.to_string()))?;
    Ok((decoded.space, trailer, Bytes(reader.len())))
}

fn read_commits(
    vault: &Vault,
    info: &PackInfo,
    volume: VolumeId,
    codecs: &mut Codecs,
) -> Result<Vec<Vec<u8>>, VaultError> {
    let volume = volume_of(vault, volume)?;
    let (reader, opener) = open_sealed(&volume, info, &vault.keys)?;
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

/// Enters packs that the vault counts on and no attached volume lists, as missing. One that is
/// tombstoned is waited for no more, so it is never missed: it may have left with its disk.
pub(crate) fn note_missing(
    vault: &Vault,
    wanted: &[PackEntry],
    is_dying: impl Fn(&PackId) -> bool,
) -> Result<Vec<PackId>, VaultError> {
    let mut missing = Vec::new();
    let mut batch = vault.catalog.batch()?;
    let attached: u64 = vault.members().attached.iter().fold(0, |all, m| all | m.slot.bit());
    for entry in wanted {
        let dying = is_dying(&entry.id);
        let state = if dying { PackState::Dying } else { PackState::Missing };
        let known: Option<PackNo> = vault.catalog.pack_no(&entry.id)?;
        match known {
            None => {
                let info = PackInfo {
                    id: entry.id,
                    kind: entry.kind.code(),
                    space: entry.space,
                    len: entry.len.0,
                    raw_len: 0,
                    objects: 0,
                    state,
                };
                batch.add_pack(info)?;
            }
            Some(no) if vault.catalog.presence(no)? & attached == 0 => {
                batch.set_state(no, state)?;
            }
            Some(_) => continue,
        }
        if !dying {
            missing.push(entry.id);
        }
    }
    batch.commit(catalog::Durability::Relaxed)?;
    Ok(missing)
}
