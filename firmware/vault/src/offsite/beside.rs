//! What is known of friends, sealed beside the packs: for a box that lost its own disk and not its volumes.
//!
//! Whoever keeps it knows what is in it; here it is bytes. Start at [`Vault::keep_beside`].

use seal::{open_beside, seal_beside};
use zeroize::Zeroizing;

use crate::Vault;
use crate::error::VaultError;

impl Vault {
    /// Keeps these bytes on every volume that takes writes, in place of what was kept: how many have them now.
    /// An error when none has.
    pub fn keep_beside(&self, bytes: &[u8]) -> Result<usize, VaultError> {
        self.writable()?;
        let sealed = seal_beside(&self.keys.ring(), bytes, &*self.env.rng);
        let (mut written, mut failed) = (0, None);
        for (_, volume) in self.volumes_where(|member| member.takes_writes() && !member.retiring) {
            match volume.write_friends(&sealed) {
                Ok(()) => written += 1,
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if written == 0 => Err(error.into()),
            _ => Ok(written),
        }
    }

    /// What the volumes keep so and this vault's keys open. They need not be the same: a disk may have been away.
    pub fn kept_beside(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let ring = self.keys.ring();
        let volumes = self.volumes_where(|_| true).into_iter();
        let read = volumes.filter_map(|(_, volume)| volume.read_friends().ok().flatten());
        read.filter_map(|sealed| open_beside(&ring, &sealed)).collect()
    }
}
