//! Old heads go to every volume: by them it is told where two histories parted.
//!
//! A volume that was alone for a while has heads that no other one has. When it leaves, those who stay could
//! not follow the chain back any more, and a third one that went on alone too could never be joined again:
//! the vault would not open with all its disks. Nothing depends on one that is not copied, so what fails is
//! left for the next time. Start at [`Vault::share_heads`].

use std::collections::BTreeMap;
use std::sync::Arc;

use volume::Volume;

use crate::Vault;
use crate::history::sound_head;

/// As far back as this: each is a small file that is synced, and a disk that joins gets all of them.
const SHARED: u64 = 512;

impl Vault {
    /// Gives each volume that takes writes the heads that only others have.
    pub(crate) fn share_heads(&self) {
        let newest = self.writer().chain.head_seq;
        let told = self.volumes_where(|member| member.failed.is_none());
        let mut all: BTreeMap<String, Arc<Volume>> = BTreeMap::new();
        for (_, volume) in &told {
            let heads = volume.list_heads().unwrap_or_default().into_iter();
            // The newest is each volume's own business: it says that all of its state is there.
            let old = heads.filter(|head| head.seq < newest && head.seq + SHARED >= newest);
            all.extend(old.map(|head| (head.name, Arc::clone(volume))));
        }
        for (_, volume) in self.volumes_where(|member| member.takes_writes() && !member.retiring) {
            let Ok(own) = volume.list_heads() else { continue };
            if own.last().is_none_or(|head| head.seq < newest) {
                continue;
            }
            let lacks =
                all.iter().rev().filter(|(name, _)| own.iter().all(|one| one.name != **name));
            for (name, from) in lacks {
                let Some(head) = sound_head(&self.keys.ring(), from, name) else { continue };
                if volume.write_head(head.seq, head.hash, &head.bytes).is_err() {
                    break;
                }
            }
        }
    }
}
