//! How volumes leave a vault: retired, replaced by another, or struck off.
//!
//! A volume is let go, and its disk called free, only after the others were proved to carry what is
//! needed without it: every file that makes each of them readable by itself, all metadata, and a
//! full number of copies of what the leaving one holds, each read to its last byte. What turns out
//! to be damaged meanwhile is copied anew before that. Start at [`Vault::retire`].

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{PackInfo, PackNo, PackState};
use format::head::VolumeState;
use format::pack::PackKind;
use types::sabotage::{self, Bug};
use types::{Bytes, PackId, VolumeId};
use volume::{Disk, PackVerdict, Volume};

use crate::check::BadCopy;
use crate::companions::Look;
use crate::error::VaultError;
use crate::rebuild::RebuildReport;
use crate::{OnProgress, Progress, Vault};

/// Copies found damaged are made anew, and all is looked at again, at most this many times: disks
/// that rot faster than that are not to be relied on.
const PROOFS_MAX: usize = 3;

/// A copy that is to be read: which, and where.
struct Claim {
    copy: BadCopy,
    len: u64,
    volume: Arc<Volume>,
}

impl Vault {
    /// Drains a volume: everything on it is copied elsewhere and verified, then it leaves the
    /// vault. Stopped or short of room, it stays `retiring` and can be resumed.
    pub fn retire(
        &self,
        id: VolumeId,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _upkeep = self.upkeep();
        let others =
            self.members().attached.iter().filter(|m| m.takes_writes() && m.id() != id).count();
        if others == 0 {
            let what = "the last volume cannot be retired".to_owned();
            return Err(VaultError::Bad { what });
        }
        if self.members().get(id).is_none() {
            let name = id.to_string();
            return Err(VaultError::NotFound { what: "attached volume", name });
        }
        self.drain(id, progress)
    }

    /// Puts a new disk in a volume's place. The old one may be there, failing, or gone; its packs
    /// are taken from wherever they are. After a kill the new disk may be a member already:
    /// [`Self::finish_replacing`] goes on.
    pub fn replace(
        &self,
        old: VolumeId,
        disk: Arc<dyn Disk>,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _upkeep = self.upkeep();
        self.is_known(old)?;
        self.attach_new(disk)?;
        self.drain(old, progress)
    }

    /// Goes on with a replacement that was cut short after the new disk had become a member.
    pub fn finish_replacing(
        &self,
        old: VolumeId,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _upkeep = self.upkeep();
        self.writer().close()?;
        if self.has_left(old) {
            // Only what came after was cut short.
            return self.rebuild_and_complete(progress);
        }
        self.is_known(old)?;
        self.drain(old, progress)
    }

    /// Takes a volume off the vault's list without copying anything. Refuses when it holds the only
    /// copy of something, unless `force`.
    pub fn remove(&self, id: VolumeId, force: bool) -> Result<(), VaultError> {
        self.writable()?;
        let _alone = self.alone();
        self.writer().close()?;
        let slots = self.catalog.slots()?;
        self.is_known(id)?;
        if self.members().attached.iter().filter(|m| m.takes_writes() && m.id() != id).count() == 0
        {
            let what = "the last volume cannot be removed".to_owned();
            return Err(VaultError::Bad { what });
        }
        let (mut count, mut bytes) = (0, 0);
        if let Some((slot, _)) = slots.iter().find(|(_, known)| *known == id) {
            // Nobody misses what waits to go, and nobody would copy it.
            let kept = |info: &PackInfo| info.state != PackState::Dying;
            self.catalog.visit_packs(|_, info, presence| {
                if kept(info) && presence & slot.bit() != 0 && presence & !slot.bit() == 0 {
                    count += 1;
                    bytes += info.len;
                }
            })?;
        }
        if !force && self.unsettled().contains(&id) {
            return Err(VaultError::Unsettled { volume: crate::reconcile::label_of(self, id) });
        }
        if count > 0 && !force {
            let volume = crate::reconcile::label_of(self, id);
            return Err(VaultError::OnlyCopy { volume, count, bytes: Bytes(bytes) });
        }
        self.complete_all(Look::Quick);
        self.leave(id)?;
        self.close()
    }

    fn is_known(&self, id: VolumeId) -> Result<(), VaultError> {
        let members = self.members();
        let left = |state: VolumeState| state == VolumeState::Removed;
        let known = members.registry.get(&id).is_some_and(|entry| !left(entry.state));
        if known || members.get(id).is_some() {
            return Ok(());
        }
        Err(VaultError::NotFound { what: "volume", name: id.to_string() })
    }

    /// Copies what is on a volume elsewhere, proves that nothing depends on it, and lets it go.
    fn drain(&self, id: VolumeId, progress: OnProgress<'_>) -> Result<RebuildReport, VaultError> {
        let answers = self.begin_retiring(id)?;
        let leaves = self.members().get(id).map(|member| Arc::clone(&member.volume));
        let mut all = RebuildReport::default();
        let mut read = BTreeSet::new();
        for _ in 0..PROOFS_MAX {
            let report = self.rebuild_noting(&mut read, progress)?;
            let copied = (all.copied + report.copied, all.bytes + report.bytes);
            all = RebuildReport { moved: all.moved + report.moved, ..report };
            (all.copied, all.bytes) = copied;
            // It may have failed since: then nothing says that it was drained.
            let slots = self.catalog.slots()?;
            let facts = self.members().facts(&slots);
            let still =
                |one: &plan::VolumeFacts| one.id == id && one.state == plan::VolumeState::Retiring;
            let safe = if answers && facts.iter().any(still) {
                all.drained
            } else {
                !self.may_hold_the_last(id, &all)?
            };
            if !safe || !all.failed.is_empty() {
                break;
            }
            let bad = self.disprove(id, &mut read, progress)?;
            all.failed = self.complete_all(Look::Close);
            if bad.is_empty() && all.failed.is_empty() {
                self.leave(id)?;
                break;
            }
            self.note_bad(&bad)?;
        }
        self.close()?;
        // One that failed meanwhile, or has the only copy of something, was not let go of.
        all.drained = self.has_left(id);
        if let Some(volume) = leaves.filter(|_| answers && self.members().get(id).is_none()) {
            // It has left in any case, and a full or failing disk may leave without this.
            drop(self.equip(&volume));
        }
        Ok(all)
    }

    /// From here on nothing new goes to the volume, and what was begun there is sealed: every plan
    /// sees all that is on it. Says whether it answers.
    fn begin_retiring(&self, id: VolumeId) -> Result<bool, VaultError> {
        // Held throughout: nothing may be begun after the sealing by who still thought it stays.
        let mut writer = self.writer();
        let answers = self.members_mut().get_mut(id).is_some_and(|member| {
            member.retiring = true;
            member.failed.is_none()
        });
        writer.head_due = true;
        if sabotage::on(Bug::OpenPacksForgotten) {
            writer.write_head()?;
        } else {
            writer.close()?;
        }
        Ok(answers)
    }

    /// Whether a volume that does not answer may be the only one to hold something.
    fn may_hold_the_last(&self, id: VolumeId, report: &RebuildReport) -> Result<bool, VaultError> {
        let slots = self.catalog.slots()?;
        let bit = slots.iter().find(|(_, known)| *known == id).map_or(0, |(slot, _)| slot.bit());
        for pack in report.away.iter().chain(&report.lost) {
            let Some(no) = self.catalog.pack_no(pack)? else { continue };
            let presence = self.catalog.presence(no)?;
            if presence & bit != 0 || (presence == 0 && self.may_be_away(*pack)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a pack that no volume here has, by all that is known, may be on one that is away: a
    /// catalog that was made anew knows nothing of those. One that was found damaged was here.
    pub(crate) fn may_be_away(&self, pack: PackId) -> Result<bool, VaultError> {
        let seen_here = self.damaged_copies()?.iter().any(|(damaged, _)| *damaged == pack);
        Ok(!seen_here && !self.members().absent().is_empty())
    }

    /// Reads what the other volumes would have to do with: all metadata, and every copy of what is
    /// on `leaving`. `read` are copies that were read already; good ones are added. Returns the
    /// others.
    fn disprove(
        &self,
        leaving: VolumeId,
        read: &mut BTreeSet<(PackId, VolumeId)>,
        progress: OnProgress<'_>,
    ) -> Result<Vec<BadCopy>, VaultError> {
        let claims = self.claims_without(leaving, read)?;
        let mut now = Progress {
            items_total: Some(claims.len() as u64),
            bytes_total: Some(claims.iter().map(|claim| claim.len).sum()),
            ..Progress::default()
        };
        let mut bad = Vec::new();
        for Claim { copy, len, volume } in claims {
            match volume.verify_pack(copy.pack, copy.kind, true) {
                Ok(PackVerdict::Good) => {
                    read.insert((copy.pack, copy.volume));
                }
                Ok(_) => bad.push(copy),
                // The disk, not the copy: nothing is known of what was not read.
                Err(error) => return Err(error.into()),
            }
            now.items += 1;
            now.bytes += len;
            if !progress(now) {
                return Err(VaultError::Stopped);
            }
        }
        Ok(bad)
    }

    fn claims_without(
        &self,
        leaving: VolumeId,
        read: &BTreeSet<(PackId, VolumeId)>,
    ) -> Result<Vec<Claim>, VaultError> {
        let (packs, names) = self.pack_facts(|_| true)?;
        let slots = self.catalog.slots()?;
        let old = slots.iter().find(|(_, id)| *id == leaving).map_or(0, |(slot, _)| slot.bit());
        let members = self.members();
        let mut claims = Vec::new();
        for pack in packs {
            let (id, kind, len) = names[&pack.no];
            if kind == PackKind::Data && pack.present.0 & old == 0 {
                continue;
            }
            let holders = members.attached.iter().filter(|m| {
                m.id() != leaving && m.failed.is_none() && pack.present.0 & m.slot.bit() != 0
            });
            for member in holders.filter(|m| !read.contains(&(id, m.id()))) {
                let copy = BadCopy { no: PackNo(pack.no), pack: id, kind, volume: member.id() };
                claims.push(Claim { copy, len, volume: Arc::clone(&member.volume) });
            }
        }
        Ok(claims)
    }
}
