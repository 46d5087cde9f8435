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
        let mounted = self.held.iter().map(|(disk, held)| (disk.clone(), held.how)).collect();
        let mut world =
            World { mounted, free_bay: self.free_bay(), has_room: true, ..World::default() };
        world.is_copying = !self.parts.seat.under_way().is_empty();
        if let Some(vault) = self.parts.seat.vault() {
            world.under_copied = vault.under_copied()?;
            world.volumes = needs(&vault, world.under_copied)?;
            world.has_room = self.stuck != Some(world.under_copied) && vault.can_be_copied()? > 0;
        }
        Ok(world)
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

fn needs(vault: &Vault, under_copied: u64) -> Result<BTreeMap<VolumeId, VolumeNeeds>, DisksError> {
    let only = vault.only_on()?;
    let mut all = BTreeMap::new();
    for volume in vault.volumes()? {
        let only_here = only.get(&volume.id).copied().unwrap_or(0);
        // One that is here is let go by `retire`, which reads the other copies first; one that is
        // away does not count as a copy already.
        let away = matches!(volume.state, "absent" | "failed");
        let is_spare = away && only_here == 0 && under_copied == 0;
        all.insert(volume.id, VolumeNeeds { only_here, is_spare });
    }
    Ok(all)
}
