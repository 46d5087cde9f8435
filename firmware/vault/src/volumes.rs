//! The volumes of a vault as its owner deals with them: a list, how many copies are wanted, what is
//! known of each pack. How volumes join is in `joining`, how they leave in `leaving`, and how packs
//! get their copies in `rebuild`. Start at [`Vault::volumes`].

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::PackState;
use format::pack::PackKind;
use plan::VolumeSet;
use plan::repair::PackFacts;
use types::{Bytes, PackId, VolumeId};
use volume::Volume;

use crate::error::VaultError;
use crate::rebuild::RebuildReport;
use crate::{OnProgress, Vault};

/// A volume in a listing.
#[derive(Clone, Debug)]
pub struct VolumeInfo {
    /// The volume.
    pub id: VolumeId,
    /// Where it is attached; empty when it is not.
    pub path: String,
    /// `member`, `retiring`, `read-only`, `failed` or `absent`.
    pub state: &'static str,
    /// Its disk's serial.
    pub serial: String,
    /// The disk's size; 0 when it is not attached.
    pub size: Bytes,
    /// Room left, the reserve taken off.
    pub free: Bytes,
    /// Packs on it.
    pub packs: u64,
    /// Packs of metadata that a member should have and has not yet: with any, it cannot be read by
    /// itself. So is one that joined a moment ago, until a rebuild is done.
    pub lacks: u64,
    /// Why it failed.
    pub detail: Option<String>,
}

impl Vault {
    /// How many packs have fewer copies now than the owner wants, because there is no disk or no
    /// room for them, or because nobody has made them yet.
    pub fn under_copied(&self) -> Result<u64, VaultError> {
        let (packs, _) = self.pack_facts(|_| true)?;
        let facts = self.members().facts(&self.catalog.slots()?);
        Ok(plan::repair::repair(&packs, &facts).below().len() as u64)
    }

    /// All volumes that belong to the vault, attached or not.
    pub fn volumes(&self) -> Result<Vec<VolumeInfo>, VaultError> {
        let (mut packs, mut meta): (BTreeMap<u8, u64>, BTreeMap<u8, u64>) = Default::default();
        let mut meta_total = 0;
        self.catalog.visit_packs(|_, info, presence| {
            let is_meta = info.kind != PackKind::Data.code() && info.state != PackState::Dying;
            meta_total += u64::from(is_meta);
            for slot in (0..64).filter(|slot| presence & (1 << slot) != 0) {
                *packs.entry(slot).or_default() += 1;
                *meta.entry(slot).or_default() += u64::from(is_meta);
            }
        })?;
        let slots = self.catalog.slots()?;
        let members = self.members();
        let mut all = Vec::new();
        for facts in members.facts(&slots) {
            let member = members.get(facts.id);
            let detail = member.and_then(|m| m.failed.clone());
            let state = match (facts.state, member) {
                (_, Some(member)) if member.failed.is_some() => "failed",
                (plan::VolumeState::Member, _) => "member",
                (plan::VolumeState::Retiring, _) => "retiring",
                (plan::VolumeState::ReadOnly, _) => "read-only",
                (plan::VolumeState::Absent, _) => "absent",
            };
            all.push(VolumeInfo {
                id: facts.id,
                path: member.map_or_else(String::new, |m| m.label.clone()),
                state,
                serial: facts.serial,
                size: facts.size,
                free: facts.free,
                packs: packs.get(&facts.slot).copied().unwrap_or(0),
                lacks: match facts.state {
                    plan::VolumeState::Member => {
                        meta_total - meta.get(&facts.slot).copied().unwrap_or(0)
                    }
                    _ => 0,
                },
                detail,
            });
        }
        Ok(all)
    }

    /// Every pack that is meant to be kept and that `wanted` wants, as `plan` wants to know it.
    #[expect(clippy::type_complexity, reason = "the names stand beside the facts, for two callers")]
    pub(crate) fn pack_facts(
        &self,
        wanted: impl Fn(&PackFacts) -> bool,
    ) -> Result<(Vec<PackFacts>, BTreeMap<u32, (PackId, PackKind, u64)>), VaultError> {
        let copies = self.copies();
        let (mut facts, mut names) = (Vec::new(), BTreeMap::new());
        self.catalog.visit_packs(|no, info, presence| {
            let Some(kind) = PackKind::from_code(info.kind) else { return };
            if info.state == PackState::Dying {
                return;
            }
            let planned = match kind {
                PackKind::Data => plan::PackKind::Data,
                PackKind::Meta | PackKind::Index => plan::PackKind::Meta,
            };
            let pack = PackFacts {
                no: no.0,
                kind: planned,
                len: Bytes(info.len),
                present: VolumeSet(presence),
                wanted: copies,
                pinned: false,
            };
            if wanted(&pack) {
                facts.push(pack);
                names.insert(no.0, (info.id, kind, info.len));
            }
        })?;
        Ok((facts, names))
    }

    /// Volumes that it was opened with and that have not left since.
    pub fn attached(&self) -> Vec<VolumeId> {
        self.members().attached.iter().map(crate::members::Member::id).collect()
    }

    /// The volumes that answer, and whether each takes new packs: where those of friends lie. Whoever holds one
    /// lets go of it before the vault is opened anew.
    pub fn hosting(&self) -> Vec<(Arc<Volume>, bool)> {
        let members = self.members();
        let answer = members.attached.iter().filter(|member| member.failed.is_none());
        let takes = |member: &crate::members::Member| {
            member.takes_writes() && !member.retiring && !member.leaving
        };
        answer.map(|member| (Arc::clone(&member.volume), takes(member))).collect()
    }

    /// Attached volumes that are to be emptied and let go.
    pub fn volumes_that_leave(&self) -> Vec<VolumeId> {
        let members = self.members();
        let leave = members.attached.iter().filter(|member| member.retiring || member.leaving);
        leave.map(crate::members::Member::id).collect()
    }

    /// Undoes [`Self::retire`] before it is done.
    pub fn keep(&self, id: VolumeId) -> Result<(), VaultError> {
        self.writable()?;
        let _upkeep = self.upkeep();
        let mut members = self.members_mut();
        if let Some(member) = members.get_mut(id) {
            member.retiring = false;
        }
        drop(members);
        self.writer().write_head()
    }

    /// Changes how many copies the owner wants of each pack, and makes them.
    pub fn set_copies(
        &self,
        copies: u8,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _upkeep = self.upkeep();
        self.promise(copies)?;
        let report = self.rebuild_now(progress)?;
        self.close()?;
        Ok(report)
    }
}
