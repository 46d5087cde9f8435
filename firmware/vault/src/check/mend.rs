//! Mending what a check found: damaged copies from good ones, missing copies, what is left of lost
//! packs.
//!
//! A damaged file is put aside before the good one comes, never overwritten. Start at `mend`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{PackNo, PackState};
use types::{PackId, VolumeId};

use super::{BadCopy, CheckReport};
use crate::copy::Route;
use crate::error::VaultError;
use crate::{OnProgress, Vault};

impl Vault {
    /// Replaces damaged copies from good ones, saves what it can where there is none, then makes
    /// whatever copies are still missing.
    pub(super) fn mend(
        &self,
        bad: &[BadCopy],
        report: &mut CheckReport,
        progress: OnProgress<'_>,
    ) -> Result<(), VaultError> {
        let mut by_pack: BTreeMap<PackId, Vec<BadCopy>> = BTreeMap::new();
        for copy in bad {
            by_pack.entry(copy.pack).or_default().push(*copy);
        }
        for (pack, copies) in by_pack {
            let mended = self.mend_pack(pack, &copies)?;
            self.note_damaged(|all| all.retain(|(p, v)| *p != pack || !mended.contains(v)))?;
            let members = self.members();
            for copy in copies.iter().filter(|copy| mended.contains(&copy.volume)) {
                report.repaired += 1;
                let label = members.get(copy.volume).map(|member| member.label.as_str());
                for damage in &mut report.damaged {
                    if damage.pack == Some(pack) && Some(damage.volume.as_str()) == label {
                        damage.repaired = true;
                    }
                }
            }
        }
        self.writer().close()?;
        let rebuilt = self.rebuild_now(progress)?;
        report.repaired += rebuilt.copied;
        report.copied = rebuilt.copied;
        report.failed.extend(rebuilt.failed);
        let let_go = self.let_go_of_lost()?;
        self.note_damaged(|all| all.retain(|(pack, _)| !let_go.contains(pack)))?;
        for damage in report.damaged.iter_mut().filter(|damage| !damage.repaired) {
            if damage.pack.is_some_and(|pack| let_go.contains(&pack)) {
                damage.repaired = true;
                damage.what.push_str("; nothing needs it any more");
            }
        }
        self.close()
    }

    /// Packs that are lost and that nothing refers to are no longer counted on. When something that
    /// is needed cannot even be looked up, all stay on the list.
    /// Returns those.
    fn let_go_of_lost(&self) -> Result<BTreeSet<PackId>, VaultError> {
        let Ok(mark) = self.mark() else { return Ok(BTreeSet::new()) };
        let (packs, names) = self.pack_facts(|_| true)?;
        let facts = self.members().facts(&self.catalog.slots()?);
        let lost = plan::repair::repair(&packs, &facts).lost;
        let unneeded: Vec<_> =
            lost.into_iter().filter(|no| mark.live_in(PackNo(*no)) == 0).collect();
        let gone: BTreeSet<PackId> = unneeded.iter().map(|no| names[no].0).collect();
        if unneeded.is_empty() {
            return Ok(gone);
        }
        let mut batch = self.catalog.batch()?;
        unneeded.iter().try_for_each(|no| batch.drop_pack(PackNo(*no)))?;
        batch.commit(catalog::Durability::Relaxed)?;
        let mut writer = self.writer();
        unneeded.iter().for_each(|no| writer.strike(names[no].0));
        writer.write_head()?;
        Ok(gone)
    }

    /// Mends one pack; returns the volumes on which its damage is dealt with.
    pub(crate) fn mend_pack(
        &self,
        pack: PackId,
        copies: &[BadCopy],
    ) -> Result<Vec<VolumeId>, VaultError> {
        let Some(first) = copies.first() else { return Ok(Vec::new()) };
        let presence = self.catalog.presence(first.no)?;
        let good: Vec<VolumeId> = {
            let members = self.members();
            let holds = members.attached.iter().filter(|m| presence & m.slot.bit() != 0);
            holds.map(crate::members::Member::id).collect()
        };
        let mut mended = Vec::new();
        if good.is_empty() {
            let volumes: Vec<_> = copies.iter().map(|copy| copy.volume).collect();
            // Of one that waits to go, nothing is missed.
            let dying = self.catalog.pack_state(first.no) == Some(PackState::Dying);
            if self.salvage(first.no, pack, first.kind, &volumes)? || dying {
                mended = volumes;
            }
            return Ok(mended);
        }
        for copy in copies {
            let (route, volume) = {
                let members = self.members();
                let member = members.get(copy.volume).filter(|member| member.takes_writes());
                let Some(member) = member else { continue };
                (Route::of(&members, &good, copy.volume)?, Arc::clone(&member.volume))
            };
            // The damaged file is put aside first: its name must be free for the good one.
            if volume.has_pack(pack, copy.kind)? {
                volume.delete_damaged(pack, copy.kind)?;
            }
            if route.copy(pack, copy.kind).is_ok() {
                // The good copy is back: what was put aside is of no more use.
                volume.delete_put_aside(pack)?;
                self.set_presence(copy.no, route.slot, true)?;
                mended.push(copy.volume);
            }
        }
        Ok(mended)
    }
}
