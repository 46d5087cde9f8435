//! Taking back a disk that had left the vault: its copies count again, without a byte moved.
//!
//! It comes back as another volume: that the old one has left may stand in heads on disks that are
//! away, and must stay true. Its id is changed last; the next opening finds a volume that nobody has
//! listed yet, lists it, and sees what is on it, as with one that was away. Start at
//! [`Vault::readmit`].

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::PackState;
use format::head::VolumeState;
use format::pack::PackKind;
use types::{HeadHash, PackId, VaultId, VolumeId};
use volume::{Disk, Volume};

use crate::Vault;
use crate::error::VaultError;

impl Vault {
    /// Makes a volume that has left into one that may join: the next opening with this disk takes it
    /// in as `id`. It is given the newest head and the keys first, so that it can be told what it
    /// missed.
    pub fn readmit(&self, disk: Arc<dyn Disk>, id: VolumeId) -> Result<(), VaultError> {
        self.writable()?;
        let volume = claimed(disk, self.id())?;
        let old = volume.id();
        let registered = self.members().registry.get(&old).map(|entry| entry.state);
        let stays = registered.is_some_and(|state| state != VolumeState::Removed);
        if stays || self.members().get(old).is_some() {
            let what = format!("{} takes part: it need not be taken back", volume.name());
            return Err(VaultError::Bad { what });
        }
        self.keys.now().write_to(&volume)?;
        let (seq, hash, head) = self.newest_head();
        volume.write_head(seq, hash, &head)?;
        Ok(volume.rename(id)?)
    }
}

/// The same without an open vault, for when no other disk is left that could be opened: what the
/// disk says itself is all that there is.
pub fn readmit_alone(disk: Arc<dyn Disk>, vault: VaultId, id: VolumeId) -> Result<(), VaultError> {
    Ok(claimed(disk, vault)?.rename(id)?)
}

fn claimed(disk: Arc<dyn Disk>, vault: VaultId) -> Result<Volume, VaultError> {
    let label = disk.label();
    let (volume, _) = Volume::open(disk)?;
    if volume.vault() != vault {
        return Err(VaultError::OtherVault { label, found: volume.vault(), wanted: vault });
    }
    volume.lock_for_writing()?;
    Ok(volume)
}

impl Vault {
    /// What a volume that has just left needs to be read by itself: the metadata that came since it
    /// took no more, and the head that says that it left. Without it the newest head there would name
    /// what is on other disks only.
    pub(crate) fn equip(&self, left: &Volume) -> Result<(), VaultError> {
        // No volume has a pack of a space that its keys do not name.
        self.keys.now().write_to(left)?;
        let there: BTreeSet<PackId> = left.list_packs()?.0.iter().map(|pack| pack.id).collect();
        let mut missing = Vec::new();
        self.catalog.visit_packs(|_, info, presence| {
            let Some(kind) = PackKind::from_code(info.kind) else { return };
            if kind != PackKind::Data && info.state == PackState::Live && !there.contains(&info.id)
            {
                missing.push((info.id, kind, presence));
            }
        })?;
        for (id, kind, presence) in missing {
            let sources: Vec<Arc<Volume>> = {
                let members = self.members();
                let holders = members.attached.iter().filter(|m| presence & m.slot.bit() != 0);
                holders.map(|member| Arc::clone(&member.volume)).collect()
            };
            for source in sources {
                let bytes = crate::copy::read_whole(&source, id, kind);
                if let Ok(bytes) = bytes
                    && left.import_pack(kind, id, &mut bytes.as_slice()).is_ok()
                {
                    break;
                }
            }
        }
        let (seq, hash, head) = self.newest_head();
        Ok(left.write_head(seq, hash, &head)?)
    }

    fn newest_head(&self) -> (u64, HeadHash, Arc<Vec<u8>>) {
        let writer = self.writer();
        (writer.chain.head_seq, writer.chain.head_hash, Arc::clone(&writer.chain.head))
    }
}
