//! How a volume joins a vault: made on an empty disk, known and written to from then on.
//!
//! It joins in a moment, and copies nothing: from then on everything new goes to it as well, and
//! what was there before comes with the next rebuild. Until that is done it is a member that is not
//! readable by itself, which [`VolumeInfo::lacks`](crate::VolumeInfo) tells. Start at
//! [`Vault::join_volume`].

use std::sync::Arc;

use types::VolumeId;
use volume::Disk;

use crate::error::VaultError;
use crate::open::{make_member, make_volume};
use crate::rebuild::RebuildReport;
use crate::{OnProgress, Vault};

impl Vault {
    /// Makes a volume on an empty disk and lets it take part. Returns when it is a member and a head
    /// says so: [`Self::rebuild`] then copies to it what it lacks. Waits for nothing but a pruning.
    pub fn join_volume(&self, disk: Arc<dyn Disk>) -> Result<VolumeId, VaultError> {
        self.writable()?;
        let _no_pruning = self.beside_storing();
        self.attach_new(disk)
    }

    /// [`Self::join_volume`], then [`Self::rebuild`]: all metadata is copied to it at once, and
    /// whatever has fewer copies than promised; packs move to it while the other disks are full.
    pub fn add_volume(
        &self,
        disk: Arc<dyn Disk>,
        progress: OnProgress<'_>,
    ) -> Result<(VolumeId, RebuildReport), VaultError> {
        self.writable()?;
        let _upkeep = self.upkeep();
        let id = self.attach_new(disk)?;
        Ok((id, self.rebuild_and_complete(progress)?))
    }

    pub(crate) fn attach_new(&self, disk: Arc<dyn Disk>) -> Result<VolumeId, VaultError> {
        let _membership = self.membership();
        // A vault that cannot store must not spend a disk.
        self.writer().close()?;
        if let Some(twin) = self.members().attached.iter().find(|m| m.serial == disk.serial()) {
            let what = format!("{} is on the same disk as {}", disk.label(), twin.label);
            return Err(VaultError::Bad { what });
        }
        let vault = self.id();
        let candidate = make_volume(&self.env, &self.options, disk, vault, &self.keys.file())?;
        let id = candidate.volume.id();
        let mut batch = self.catalog.batch()?;
        let slot = batch.slot_for(id)?;
        batch.commit(catalog::Durability::Relaxed)?;
        let member = make_member(candidate, slot, self.access, &self.options, &self.members())?;
        // What others began meanwhile is sealed, and so in the next plan; with the writer held,
        // nothing is begun between that and the new member: it has all that comes later.
        let mut writer = self.writer();
        writer.close()?;
        let before = {
            let mut members = self.members_mut();
            let before = members.attached.iter().filter(|member| member.takes_writes()).count();
            members.attached.push(member);
            before
        };
        writer.is_noted = false;
        writer.promise_at_most(before);
        writer.head_due = true;
        writer.write_head()?;
        Ok(id)
    }
}
