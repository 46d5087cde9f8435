//! A snapshot by what people call it: an id, the front of one, or the newest.
//!
//! Nothing of another space is found, by whatever name. Start at [`Vault::find_snapshot_in`].

use types::SpaceId;

use crate::Vault;
use crate::error::VaultError;
use crate::snapshots::{Found, SnapshotInfo};

impl Vault {
    /// The snapshot behind `name`: an id, a unique front of one, `latest`, or `latest:SOURCE`.
    pub fn find_snapshot(&self, name: &str) -> Result<Found, VaultError> {
        self.find_snapshot_in(None, name)
    }

    /// The snapshot behind `name` in a space, or in all when none. Nothing of another space is found,
    /// by whatever name.
    pub fn find_snapshot_in(
        &self,
        space: Option<SpaceId>,
        name: &str,
    ) -> Result<Found, VaultError> {
        let info = self.resolve(space, name)?;
        let snapshot = self.read_snapshot(&info)?;
        Ok(Found { info, snapshot })
    }

    fn resolve(&self, space: Option<SpaceId>, name: &str) -> Result<SnapshotInfo, VaultError> {
        let missing = || VaultError::NotFound { what: "snapshot", name: name.to_owned() };
        if name == "latest" {
            return self.snapshots_in(space, None)?.pop().ok_or_else(missing);
        }
        if let Some(source) = name.strip_prefix("latest:") {
            let mut all = self.snapshots_in(space, Some(source))?;
            // Two people may each have a source of that name.
            if all.iter().any(|one| Some(one.source) != all.last().map(|last| last.source)) {
                return Err(VaultError::SeveralSources { name: source.to_owned() });
            }
            return all.pop().ok_or_else(missing);
        }
        let is_hex = name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hex {
            return Err(missing());
        }
        let wanted = name.to_ascii_lowercase();
        let mut hits = self.snapshots_in(space, None)?;
        hits.retain(|snapshot| snapshot.id.to_string().starts_with(&wanted));
        match hits.len() {
            0 => Err(missing()),
            1 => Ok(hits.remove(0)),
            count => Err(VaultError::Ambiguous { name: name.to_owned(), count }),
        }
    }
}
