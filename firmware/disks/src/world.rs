//! The facts that decisions about disks rest on, asked of the vault and the board.
//!
//! Start at [`Caretaker::world`].

use std::collections::BTreeMap;

use plan::disk::{VolumeNeeds, World};
use types::VolumeId;
use vault::Vault;

use crate::caretaker::Caretaker;
use crate::error::DisksError;

impl Caretaker {
    pub(crate) fn world(&self) -> Result<World, DisksError> {
        let held = self.held.iter().map(|(disk, held)| (disk.clone(), held.how));
        let mounted = held.chain(self.leaving.clone()).collect();
        let mut world =
            World { mounted, free_bay: self.free_bay(), has_room: true, ..World::default() };
        world.is_copying = !self.parts.seat.under_way().is_empty();
        if let Some(vault) = self.parts.seat.vault() {
            world.under_copied = vault.under_copied()?;
            let gone = |volume| !self.is_held(volume);
            world.volumes = needs(&vault, world.under_copied, gone)?;
            world.has_room = self.stuck != Some(world.under_copied) && vault.can_be_copied()? > 0;
        }
        Ok(world)
    }

    fn is_held(&self, volume: VolumeId) -> bool {
        self.roster.member(volume).is_some_and(|member| self.held.contains_key(&member.identity))
    }

    fn free_bay(&self) -> Option<String> {
        let taken = |bay: &str| {
            let mut here = self.roster.entries().iter().filter(|entry| entry.life.is_here());
            here.any(|entry| entry.bay.as_deref() == Some(bay))
        };
        let mut bays = self.parts.board.profile().bays.iter();
        bays.find(|bay| !taken(&bay.name)).map(|bay| bay.name.clone())
    }
}

fn needs(
    vault: &Vault,
    under_copied: u64,
    gone: impl Fn(VolumeId) -> bool,
) -> Result<BTreeMap<VolumeId, VolumeNeeds>, DisksError> {
    let (only, unsettled) = (vault.only_on(gone)?, vault.unsettled());
    let mut all = BTreeMap::new();
    for volume in vault.volumes()? {
        let only_here = only.get(&volume.id).copied().unwrap_or(0);
        // One that is here is let go by `retire`, which reads the other copies first; one that is
        // away does not count as a copy already.
        let away = matches!(volume.state, "absent" | "failed");
        let is_spare = away && only_here == 0 && under_copied == 0;
        let is_unsettled = unsettled.contains(&volume.id);
        let only_here = if is_unsettled { u64::MAX } else { only_here };
        let takes_packs = volume.state == "member" && volume.free >= plan::health::FULL_BELOW;
        all.insert(volume.id, VolumeNeeds { only_here, takes_packs, is_spare, is_unsettled });
    }
    Ok(all)
}
