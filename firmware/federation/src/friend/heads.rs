//! The friend's heads on this box's disks: kept twice, found by their hash, forgotten one by one.
//! Start at [`Friend::keep_head`].

use peer_proto::wire::HeadPoint;
use types::{HeadHash, VolumeId};
use volume::hosted::{Hosted, HostedError};

use super::shelves::Disk;
use super::{Friend, streams};
use crate::holds::Held;
use crate::pacts::Share;

/// Disks on which a head is kept.
const HEAD_COPIES: usize = 2;

impl Friend {
    /// Keeps a head's bytes: whether a disk took them, and which disks did not. Without any that did
    /// nothing that follows may be done.
    pub(super) fn keep_head(
        &self,
        point: HeadPoint,
        bytes: &[u8],
    ) -> (bool, Vec<(VolumeId, HostedError)>) {
        let owner = self.owner_key();
        let (mut copies, mut failed) = (0, Vec::new());
        for disk in self.usable().filter(|disk| disk.takes) {
            match disk.hosted().write_head(owner, point.seq, point.hash, bytes) {
                Ok(()) => copies += 1,
                Err(error) => failed.push((disk.id, error)),
            }
            if copies == HEAD_COPIES {
                break;
            }
        }
        (copies > 0, failed)
    }

    /// Whether a head could be kept.
    pub(super) fn takes_heads(&self) -> bool {
        self.usable().any(|disk| disk.takes)
    }

    /// Forgets one head, whatever came before and after it.
    pub(super) fn drop_head(&self, hash: HeadHash) {
        if self.core.pacts.share(self.id) != Share::Own {
            return;
        }
        let owner = self.owner_key();
        for (hosted, name) in self.heads_named(hash) {
            // What stays here is only bytes: no record speaks of it any more.
            drop(hosted.remove_head(owner, &name));
        }
    }

    /// A head's bytes, by its hash.
    pub(super) fn head_bytes(&self, hash: HeadHash) -> Option<Vec<u8>> {
        let owner = self.owner_key();
        let all = self.heads_named(hash);
        all.into_iter().find_map(|(hosted, name)| hosted.read_head(owner, &name).ok().flatten())
    }

    fn heads_named(&self, hash: HeadHash) -> Vec<(Held<Hosted>, String)> {
        let (owner, end) = (self.owner_key(), streams::name_of_hash(hash));
        let of = |disk: &Disk| {
            let heads = disk.hosted().list_heads(owner).unwrap_or_default();
            let named = heads.into_iter().filter(|head| head.name.ends_with(&end));
            named.map(|head| (disk.hosted(), head.name)).collect::<Vec<_>>()
        };
        self.usable().flat_map(of).collect()
    }
}
