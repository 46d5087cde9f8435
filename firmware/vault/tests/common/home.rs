//! A house that burns: a vault with two people's versions in it, a friend who kept everything, and what
//! it is to be like afterwards. Start at [`Home::new`].

use std::sync::Arc;

use vault::{
    BackupSpec, FetchReport, Hold, RebornReport, RebornSpec, RestoreOptions, Vault, VaultError,
};
use volume::{Disk, FsDisk};

use super::friend::Friend;
use super::{Rig, noise, put, quiet, same, small_tree};

/// What there was before the fire.
pub(crate) struct Home {
    pub(crate) rig: Rig,
    pub(crate) friend: Friend,
    /// Versions, and the folder with what each has to have.
    pub(crate) versions: Vec<(String, std::path::PathBuf)>,
    /// The vault that burned: its id and its last head.
    pub(crate) vault: types::VaultId,
    pub(crate) head: peer_proto::wire::HeadPoint,
}

impl Home {
    /// Two disks with versions of two people's sources, all of it at a friend's; then only the friend and
    /// the words are left.
    pub(crate) fn new() -> Self {
        let rig = Rig::new(2);
        let vault = rig.create(2);
        let ann = vault.add_space("ann").unwrap();
        let mut versions = Vec::new();
        for (n, (source, space)) in
            [("tree", None), ("tree", None), ("photos", Some(ann))].into_iter().enumerate()
        {
            let tree = rig.path(source);
            let seed = n as u64;
            if !tree.exists() {
                small_tree(&tree, seed);
            }
            put(&tree.join(format!("large-{n}")), &noise(seed + 9, 700_000));
            put(&tree.join("changing"), &noise(seed + 90, 600_000));
            let paths = vec![tree.clone()];
            let source = source.to_owned();
            let spec = BackupSpec { source, paths, space, ..BackupSpec::default() };
            let report = vault.backup(&spec, &mut quiet).unwrap();
            vault.close().unwrap();
            let kept = rig.path(&format!("kept-{n}"));
            let found = vault.find_snapshot(&report.snapshot.to_string()).unwrap();
            vault.restore(&found, b"", &kept, RestoreOptions::default(), &mut quiet).unwrap();
            same(&tree, &kept);
            versions.push((report.snapshot.to_string(), kept));
        }
        vault.close().unwrap();
        let mut friend = Friend::at(rig.path("friend"));
        friend.keep_all(&vault);
        let (id, head) = (vault.id(), vault.own_head().unwrap().point);
        drop(vault);
        rig.volumes.iter().for_each(|folder| std::fs::remove_dir_all(folder).unwrap());
        std::fs::remove_file(rig.catalog()).unwrap();
        Self { rig, friend, versions, vault: id, head }
    }

    /// New, empty disks.
    pub(crate) fn disks(&self, names: &[&str]) -> Vec<Arc<dyn Disk>> {
        names.iter().map(|name| self.rig.new_disk(name)).collect()
    }

    /// The same disks once more, as the next start finds them.
    pub(crate) fn again(&self, names: &[&str]) -> Vec<Arc<dyn Disk>> {
        let open = |name: &&str| {
            let at = self.rig.path(name);
            let there = FsDisk::open(&at, None).or_else(|_| FsDisk::create(&at, None));
            Arc::new(there.unwrap()) as _
        };
        names.iter().map(open).collect()
    }

    pub(crate) fn reborn(
        &self,
        disks: Vec<Arc<dyn Disk>>,
        holds: &[&dyn Hold],
    ) -> Result<(Vault, RebornReport), VaultError> {
        let words = &self.rig.words;
        let spec = RebornSpec { disks, words, holds, head: None, go_on_without: false };
        Vault::reborn(self.rig.env.clone(), self.rig.options(), spec, &mut quiet)
    }

    /// Restores every version and compares it byte for byte.
    pub(crate) fn all_is_back(&self, vault: &Vault, into: &str) {
        for (n, (version, kept)) in self.versions.iter().enumerate() {
            let to = self.rig.path(&format!("{into}-{n}"));
            let found = vault.find_snapshot(version).unwrap();
            let report =
                vault.restore(&found, b"", &to, RestoreOptions::default(), &mut quiet).unwrap();
            assert_eq!(report.lost, []);
            same(kept, &to);
            std::fs::remove_dir_all(&to).unwrap();
        }
    }
}

/// Everything that friends have.
pub(crate) fn fetch(vault: &Vault, holds: &[&dyn Hold]) -> FetchReport {
    vault.fetch_lacking(holds, &mut quiet).unwrap()
}
