//! How each step of a workload is done: what is about to happen is noted, then done, then entered.
//!
//! It decides nothing about what a power cut may leave. Start at `Work::step`, which calls these.

use std::collections::BTreeSet;
use std::sync::Arc;

use crash::model::{BACKED_UP, EDITED, Node, Tree, Version};
use types::{Millis, ObjectId, VolumeId};
use vault::{BackupSpec, CheckOptions, EditReceipt, NewFile, PruneOptions, Vault, VaultError};

use crate::work::Work;
use crate::world::World;

fn quiet(_: vault::Progress) -> bool {
    true
}

impl Work {
    pub(crate) fn some_file(&self, n: usize) -> Option<String> {
        let newest = &self.ledger.model.newest;
        let is_file = |node: &Node| matches!(node, Node::File(_));
        let files: Vec<&Vec<u8>> =
            newest.iter().filter(|(_, node)| is_file(node)).map(|(path, _)| path).collect();
        let path = files.get(n % files.len().max(1))?;
        Some(String::from_utf8_lossy(path).into_owned())
    }

    pub(crate) fn put(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), VaultError> {
        let is_new = !self.ledger.model.newest.contains_key(path.as_bytes());
        let content = Arc::new(bytes);
        let mut tree = (*self.ledger.model.newest).clone();
        tree.insert(path.as_bytes().to_vec(), Node::File(Arc::clone(&content)));
        self.edit(tree, is_new, |vault| {
            let editor = vault.editor(None, EDITED)?;
            editor.put(path.as_bytes(), NewFile::default(), &mut content.as_slice())
        })
    }

    pub(crate) fn delete(&mut self, n: usize) -> Result<(), VaultError> {
        let Some(path) = self.some_file(n) else { return Ok(()) };
        let mut tree = (*self.ledger.model.newest).clone();
        tree.remove(path.as_bytes());
        self.edit(tree, false, |vault| vault.editor(None, EDITED)?.delete(path.as_bytes(), false))
    }

    /// An edit; `gentle` when nothing is lost by it, so that it may take the place of the version
    /// before it.
    fn edit(
        &mut self,
        tree: Tree,
        gentle: bool,
        act: impl FnOnce(&Vault) -> Result<EditReceipt, VaultError>,
    ) -> Result<(), VaultError> {
        let tree = Arc::new(tree);
        let version = Version { source: EDITED, tree: Arc::clone(&tree) };
        let newest = self.newest_edit();
        self.begins(Some(version.clone()), newest.filter(|_| gentle).into_iter().collect());
        let receipt = act(self.vault())?;
        self.ledger.model.newest = tree;
        self.landed(Some((receipt.snapshot, version)), Some(receipt.receipt))
    }

    /// None before the first edit: there is no such source then.
    fn newest_edit(&self) -> Option<ObjectId> {
        self.vault().snapshots(Some(EDITED)).unwrap_or_default().last().map(|info| info.id)
    }

    pub(crate) fn backup(&mut self, n: usize) -> Result<(), VaultError> {
        let world = Arc::clone(&self.world);
        let (path, tree) = world.folder(n);
        let version = Version { source: BACKED_UP, tree: Arc::clone(tree) };
        self.begins(Some(version.clone()), BTreeSet::new());
        let spec = BackupSpec {
            source: BACKED_UP.to_owned(),
            paths: vec![path.to_owned()],
            host: "host".to_owned(),
            ..BackupSpec::default()
        };
        let report = self.vault().backup(&spec, &mut quiet)?;
        self.landed(Some((report.snapshot, version)), Some(report.receipt))
    }

    pub(crate) fn forget(&mut self) -> Result<(), VaultError> {
        let all = self.vault().snapshots(None)?;
        let newest = self.newest_edit();
        let oldest = all.into_iter().find(|info| Some(info.id) != newest);
        let Some(oldest) = oldest else { return Ok(()) };
        self.begins(None, BTreeSet::from([oldest.id]));
        self.vault().forget(&[oldest])?;
        self.landed(None, None)
    }

    pub(crate) fn prune(&mut self) -> Result<(), VaultError> {
        // A catalog that was made anew is checked before anything goes.
        self.vault().check(CheckOptions::default(), &mut quiet)?;
        let options = PruneOptions { grace: Some(Millis(0)), ..PruneOptions::default() };
        self.vault().prune(options, &mut quiet).map(drop)
    }

    /// The disks that are attached, with their volumes' ids.
    pub(crate) fn attached(&self) -> Vec<(usize, VolumeId)> {
        let volumes = self.vault().volumes().unwrap_or_default();
        let here = volumes.iter().filter(|volume| volume.state != "absent");
        let mut found: Vec<_> =
            here.filter_map(|volume| Some((World::disk_of(&volume.serial)?, volume.id))).collect();
        found.sort_unstable();
        found
    }

    pub(crate) fn add(&mut self, in_place_of: Option<(usize, VolumeId)>) -> Result<(), VaultError> {
        let spare = (0..self.homes.len()).find(|n| !self.joined.contains(n));
        let Some(spare) = spare else { return Ok(()) };
        let disk = self.world.new_disk(spare, &self.homes[spare])?;
        // From here on the disk may be part of the vault.
        self.joined.insert(spare);
        let Some((old, id)) = in_place_of else {
            return self.vault().add_volume(disk, &mut quiet).map(drop);
        };
        let report = self.vault().replace(id, disk, &mut quiet)?;
        if report.drained && report.failed.is_empty() {
            self.ledger.model.left.insert(old);
            self.note();
        }
        Ok(())
    }

    pub(crate) fn retire(&mut self) -> Result<(), VaultError> {
        let attached = self.attached();
        let Some((last, id)) = attached.last().copied().filter(|_| attached.len() > 1) else {
            return Ok(());
        };
        let report = self.vault().retire(id, &mut quiet)?;
        if report.drained && report.failed.is_empty() {
            self.ledger.model.left.insert(last);
            self.note();
        }
        Ok(())
    }
}
