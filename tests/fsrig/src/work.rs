//! Drives a real vault through a workload, and notes the moment of each acknowledgement.
//!
//! What a step does follows from its number and from what the vault holds. The reference is the
//! crash simulator's: plain maps. Start at [`Work::step`].

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crash::model::{BACKED_UP, EDITED, Flight, Ledger, Node, Tree, Version, chain_of};
use crash::rig::noise;
use types::{Millis, ObjectId, VolumeId};
use vault::{
    Access, BackupSpec, CheckOptions, CreateSpec, EditReceipt, NewFile, PruneOptions, Receipt,
    Secrets, Vault, VaultError, WriterMode,
};
use volume::Disk;

use crate::story::Timeline;
use crate::world::World;

/// More than a frame holds.
const BIG_LEN: usize = 1_300_000;

/// One thing that a workload does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new small file in the edited source.
    Put,
    /// A new file of more than one frame.
    PutBig,
    /// Other bytes in place of a file's.
    Overwrite,
    /// A file goes.
    Delete,
    /// A real folder is backed up.
    Backup,
    /// The oldest version that is not the newest of the edited source goes.
    Forget,
    /// What nothing needs goes, at once.
    Prune,
    /// What is open is sealed.
    Close,
    /// The program is killed and started again; the disks keep their power.
    Kill,
    /// A new disk joins.
    Add,
    /// A new disk takes the place of the first that is there.
    Replace,
    /// The last disk leaves.
    Retire,
}

/// A vault under way.
#[derive(Debug)]
pub struct Work {
    world: Arc<World>,
    homes: Vec<PathBuf>,
    /// Disks that are part of the vault, or may be.
    joined: BTreeSet<usize>,
    mode: WriterMode,
    number: usize,
    vault: Option<Vault>,
    /// What is promised.
    pub ledger: Ledger,
    /// What was promised when.
    pub timeline: Timeline<Ledger>,
}

fn quiet(_: vault::Progress) -> bool {
    true
}

/// An error of the vault in words.
pub fn said(error: &VaultError) -> String {
    chain_of(error)
}

impl Work {
    /// A new vault on the first disks; the others are spares.
    pub fn create(
        world: Arc<World>,
        homes: Vec<PathBuf>,
        members: usize,
        copies: u8,
        mode: WriterMode,
    ) -> Result<Self, String> {
        let disks: Result<Vec<Arc<dyn Disk>>, _> = homes
            .iter()
            .take(members)
            .enumerate()
            .map(|(n, home)| world.new_disk(n, home))
            .collect();
        let disks = disks.map_err(|error| chain_of(&error))?;
        let spec = CreateSpec { disks, copies, words: &world.words, password: None };
        let vault = Vault::create(world.boot(), World::options(mode), spec);
        drop(vault.map_err(|error| said(&error))?);
        let joined = (0..members).collect();
        let mut work = Self::resume(world, homes, joined, mode, Ledger::default());
        work.note();
        Ok(work)
    }

    /// Goes on with disks and a ledger from elsewhere.
    pub fn resume(
        world: Arc<World>,
        homes: Vec<PathBuf>,
        joined: BTreeSet<usize>,
        mode: WriterMode,
        ledger: Ledger,
    ) -> Self {
        let (number, vault, timeline) = (0, None, Timeline::default());
        Self { world, homes, joined, mode, number, vault, ledger, timeline }
    }

    /// The open vault.
    pub fn vault(&self) -> &Vault {
        self.vault.as_ref().expect("the caller opened it")
    }

    /// Opens the vault from the disks that take part and have a volume.
    pub fn open(&mut self) -> Result<(), String> {
        self.vault = None;
        let here = self.joined.difference(&self.ledger.model.left);
        let disks: Vec<Arc<dyn Disk>> =
            here.filter_map(|n| self.world.disk(*n, &self.homes[*n]).ok()).collect();
        let secret = Secrets::Words(&self.world.words);
        let options = World::options(self.mode);
        let opened =
            Vault::open(self.world.boot(), options, Access::ReadWrite, disks, None, secret);
        self.vault = Some(opened.map_err(|error| said(&error))?.0);
        Ok(())
    }

    /// Forgets the program, as a kill does.
    pub fn kill(&mut self) {
        self.vault = None;
    }

    fn note(&mut self) {
        self.timeline.from(self.world.moments.now(), self.ledger.clone());
    }

    fn begins(&mut self, adds: Option<Version>, drops: BTreeSet<ObjectId>) {
        self.ledger.flight = Flight { adds, drops };
        self.note();
    }

    /// Does one step. When it returns `Ok`, the ledger has it.
    pub fn step(&mut self, step: Step) -> Result<(), String> {
        self.number += 1;
        let n = self.number;
        let stir = self.world.seed.wrapping_mul(1_000).wrapping_add(n as u64);
        let done = match step {
            Step::Put => self.put(&format!("file-{n}"), noise(stir, 200 + 700 * n)),
            Step::PutBig => self.put(&format!("big-{n}"), noise(stir, BIG_LEN)),
            Step::Overwrite => match self.some_file(n) {
                Some(path) => self.put(&path, noise(stir, 500 + 300 * n)),
                None => self.put(&format!("file-{n}"), noise(stir, 900)),
            },
            Step::Delete => self.delete(n),
            Step::Backup => self.backup(n),
            Step::Forget => self.forget(),
            Step::Prune => self.prune(),
            Step::Close => self.vault().close(),
            Step::Kill => return self.open(),
            Step::Add => self.add(None),
            Step::Replace => self.add(self.attached().first().copied()),
            Step::Retire => self.retire(),
        };
        done.map_err(|error| format!("step {n}, {step:?}: {}", said(&error)))
    }

    fn some_file(&self, n: usize) -> Option<String> {
        let newest = &self.ledger.model.newest;
        let is_file = |node: &Node| matches!(node, Node::File(_));
        let files: Vec<&Vec<u8>> =
            newest.iter().filter(|(_, node)| is_file(node)).map(|(path, _)| path).collect();
        let path = files.get(n % files.len().max(1))?;
        Some(String::from_utf8_lossy(path).into_owned())
    }

    fn put(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), VaultError> {
        let is_new = !self.ledger.model.newest.contains_key(path.as_bytes());
        let content = Arc::new(bytes);
        let mut tree = (*self.ledger.model.newest).clone();
        tree.insert(path.as_bytes().to_vec(), Node::File(Arc::clone(&content)));
        self.edit(tree, is_new, |vault| {
            let editor = vault.editor(None, EDITED)?;
            editor.put(path.as_bytes(), NewFile::default(), &mut content.as_slice())
        })
    }

    fn delete(&mut self, n: usize) -> Result<(), VaultError> {
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

    fn backup(&mut self, n: usize) -> Result<(), VaultError> {
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

    fn forget(&mut self) -> Result<(), VaultError> {
        let all = self.vault().snapshots(None)?;
        let newest = self.newest_edit();
        let oldest = all.into_iter().find(|info| Some(info.id) != newest);
        let Some(oldest) = oldest else { return Ok(()) };
        self.begins(None, BTreeSet::from([oldest.id]));
        self.vault().forget(&[oldest])?;
        self.landed(None, None)
    }

    fn prune(&mut self) -> Result<(), VaultError> {
        // A catalog that was made anew is checked before anything goes.
        self.vault().check(CheckOptions::default(), &mut quiet)?;
        let options = PruneOptions { grace: Some(Millis(0)), ..PruneOptions::default() };
        self.vault().prune(options, &mut quiet).map(drop)
    }

    /// The disks that are attached, with their volumes' ids.
    fn attached(&self) -> Vec<(usize, VolumeId)> {
        let volumes = self.vault().volumes().unwrap_or_default();
        let here = volumes.iter().filter(|volume| volume.state != "absent");
        let mut found: Vec<_> =
            here.filter_map(|volume| Some((World::disk_of(&volume.serial)?, volume.id))).collect();
        found.sort_unstable();
        found
    }

    fn add(&mut self, in_place_of: Option<(usize, VolumeId)>) -> Result<(), VaultError> {
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

    fn retire(&mut self) -> Result<(), VaultError> {
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

    /// Enters what was acknowledged.
    fn landed(
        &mut self,
        added: Option<(ObjectId, Version)>,
        receipt: Option<Receipt>,
    ) -> Result<(), VaultError> {
        // The list is read after the moment is taken: an acknowledgement holds from its return on.
        let moment = self.world.moments.now();
        let listed = self.vault().snapshots(None)?;
        let listed: BTreeSet<ObjectId> = listed.iter().map(|info| info.id).collect();
        let flight = std::mem::take(&mut self.ledger.flight);
        let model = &mut self.ledger.model;
        model.versions.extend(added);
        model.versions.retain(|id, _| listed.contains(id) || !flight.drops.contains(id));
        if let Some(receipt) = receipt {
            let fewest = model.fewest_copies.unwrap_or(u8::MAX);
            model.fewest_copies = Some(fewest.min(receipt.copies));
        }
        self.timeline.from(moment, self.ledger.clone());
        Ok(())
    }

    /// Takes over what a vault came back with: what was under way has now happened, or never will.
    pub fn settle(&mut self) -> Result<(), String> {
        let listed = self.vault().snapshots(None).map_err(|error| said(&error))?;
        let newest = listed.iter().rfind(|info| info.source_name == EDITED);
        let newest = newest.map(|info| crash::model::read_tree(self.vault(), info)).transpose();
        let newest = newest.map_err(|error| said(&error))?.unwrap_or_default();
        let flight = std::mem::take(&mut self.ledger.flight);
        let model = &mut self.ledger.model;
        model.newest = Arc::new(newest);
        let ids: BTreeSet<ObjectId> = listed.iter().map(|info| info.id).collect();
        if let Some(added) = flight.adds {
            for id in ids
                .iter()
                .filter(|id| !model.versions.contains_key(id))
                .copied()
                .collect::<Vec<_>>()
            {
                model.versions.insert(id, added.clone());
            }
        }
        model.versions.retain(|id, _| ids.contains(id));
        Ok(())
    }
}
