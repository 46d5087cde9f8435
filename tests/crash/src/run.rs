//! Drives one vault through a workload and keeps the ledger of what it acknowledged.
//!
//! What a step does follows from its number and from what the vault holds, so a workload is named
//! by its steps alone. Start at [`Run::step`].

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use testkit::env::noise;
use testkit::simdisk::SimDisk;
use types::{Millis, ObjectId, VolumeId};
use vault::{
    BackupSpec, CheckOptions, EditReceipt, NewFile, PruneOptions, Receipt, SnapshotInfo, Vault,
    VaultError, WriterMode,
};

use crate::model::{BACKED_UP, EDITED, Flight, IMAGE, Ledger, Node, Tree, Version, chain_of};
use crate::rig::{Rig, Shape, blank_disk};
use crate::salts::Salts;
use crate::tap::Tap;

/// More than a frame holds.
const BIG_LEN: usize = 1_300_000;

/// One thing that a workload does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A new small file in the edited source.
    Put,
    /// A new file of more than one frame.
    PutBig,
    /// Other bytes in place of a file's.
    Overwrite,
    /// A file goes.
    Delete,
    /// A file gets another name.
    Rename,
    /// A new folder.
    MakeFolder,
    /// A real folder is backed up.
    Backup,
    /// A disk image that was rewritten in place is backed up: only its new blocks are stored.
    BackupImage,
    /// The oldest version that is not the newest of the edited source goes.
    Forget,
    /// What nothing needs goes, at once.
    Prune,
    /// The last disk leaves the vault.
    Retire,
    /// A new disk joins.
    Add,
    /// A new disk takes the place of the first.
    Replace,
    /// Everything gets its promised copies.
    Rebuild,
    /// Everything is read, and mended.
    Check,
    /// What is open is sealed.
    Close,
    /// The program is killed and started again; the disks keep their power.
    Kill,
    /// Closed, and opened again without the first disk.
    OpenWithout,
    /// Closed, and opened again with every disk.
    OpenAll,
}

/// Why a workload stopped.
#[derive(Clone, Debug)]
pub enum Stop {
    /// The vault said no, or the power went.
    Refused(String),
    /// What it said is not so.
    Broken(String),
}

impl Stop {
    fn refused(error: &VaultError) -> Self {
        Self::Refused(chain_of(error))
    }
}

/// A vault under way.
pub struct Run {
    rig: Arc<Rig>,
    /// All disks, those that left the vault too.
    pub disks: Vec<SimDisk>,
    /// Its tap.
    pub tap: Arc<Tap>,
    salts: Arc<Salts>,
    ledger: Arc<Mutex<Ledger>>,
    vault: Option<Vault>,
    without: BTreeSet<usize>,
    number: usize,
    copies: u8,
    mode: WriterMode,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("number", &self.number).finish_non_exhaustive()
    }
}

fn quiet(_: vault::Progress) -> bool {
    true
}

impl Run {
    /// A new vault of that shape, with two more disks beside it, and not opened yet.
    pub fn new(rig: &Arc<Rig>, shape: Shape) -> Self {
        let (mut disks, salts) = rig.fresh(shape);
        disks.extend((shape.disks..shape.disks + 2).map(blank_disk));
        let ledger = Ledger { history: vec![Default::default()], ..Ledger::default() };
        let mut run = Self::resume(rig, disks, salts, ledger);
        run.without = (shape.disks..shape.disks + 2).collect();
        run.copies = shape.copies;
        run
    }

    /// Goes on with disks and a ledger from elsewhere.
    pub fn resume(rig: &Arc<Rig>, disks: Vec<SimDisk>, salts: Arc<Salts>, ledger: Ledger) -> Self {
        let ledger = Arc::new(Mutex::new(ledger));
        let (tap, without) = (Tap::new(Arc::clone(&salts)), BTreeSet::new());
        let mode = WriterMode::Inline;
        let rig = Arc::clone(rig);
        Self { rig, disks, tap, salts, ledger, vault: None, without, number: 0, copies: 0, mode }
    }

    /// Uses a thread for each volume, with a short deadline.
    pub fn threaded(&mut self) {
        self.mode = WriterMode::Threads;
    }

    /// What was acknowledged.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ledger, for a watcher.
    pub fn shared_ledger(&self) -> Arc<Mutex<Ledger>> {
        Arc::clone(&self.ledger)
    }

    /// The open vault.
    pub fn vault(&self) -> &Vault {
        self.vault.as_ref().expect("the caller opened it")
    }

    /// Forgets the program, as a kill does; the disks stay as they are.
    pub fn kill(&mut self) {
        self.vault = None;
    }

    /// Every disk takes part from the next opening on.
    pub fn bring_back_all(&mut self) {
        self.without.clear();
    }

    /// Leaves a disk out from the next opening on.
    pub fn leave_out(&mut self, disk: usize) {
        self.without.insert(disk);
    }

    /// Opens the vault from the disks that take part.
    pub fn open(&mut self) -> Result<vault::OpenReport, Stop> {
        self.vault = None;
        let left = self.ledger().model.left.clone();
        let here = self.disks.iter().enumerate();
        let here: Vec<_> = here
            .filter(|(n, _)| !self.without.contains(n) && !left.contains(n))
            .map(|(_, disk)| disk)
            .collect();
        let opened = self.rig.open(&self.tap, &here, self.mode);
        let (vault, report) = opened.map_err(|error| Stop::refused(&error))?;
        self.vault = Some(vault);
        Ok(report)
    }

    /// Does one step. When it returns `Ok`, the ledger has it.
    pub fn step(&mut self, step: Step) -> Result<(), Stop> {
        self.number += 1;
        let n = self.number;
        match step {
            Step::Put => self.put(format!("file-{n}"), noise(n as u64, 200 + 700 * n)),
            Step::PutBig => self.put(format!("big-{n}"), noise(n as u64, BIG_LEN)),
            Step::Overwrite => match self.some_file(n) {
                Some(path) => self.put(path, noise(50 + n as u64, 500 + 300 * n)),
                None => self.put(format!("file-{n}"), noise(n as u64, 900)),
            },
            Step::Delete => match self.some_file(n) {
                Some(path) => self.edit(
                    |tree| {
                        tree.remove(path.as_bytes());
                    },
                    false,
                    |vault| vault.editor(None, EDITED)?.delete(path.as_bytes(), false),
                ),
                None => Ok(()),
            },
            Step::Rename => match self.some_file(n) {
                Some(path) => self.rename(&path, &format!("moved-{n}")),
                None => Ok(()),
            },
            Step::MakeFolder => {
                let path = format!("folder-{n}");
                self.edit(
                    |tree| {
                        tree.insert(path.clone().into_bytes(), Node::Folder);
                    },
                    true,
                    |vault| vault.editor(None, EDITED)?.make_folder(path.as_bytes()),
                )
            }
            Step::Backup => self.backup(n, BACKED_UP),
            Step::BackupImage => self.backup(n, IMAGE),
            Step::Forget => self.forget(),
            Step::Prune => self.work(|vault| {
                // A catalog that was made anew is checked before anything goes.
                vault.check(CheckOptions::default(), &mut quiet)?;
                let grace = Some(Millis(0));
                vault.prune(PruneOptions { grace, ..PruneOptions::default() }, &mut quiet).map(drop)
            }),
            Step::Retire => self.retire(),
            Step::Add => self.add(None),
            Step::Replace => self.add(Some(0)),
            Step::Rebuild => self.work(|vault| vault.rebuild(&mut quiet).map(drop)),
            Step::Check => self.check(),
            Step::Close => self.work(Vault::close),
            Step::Kill => {
                self.kill();
                self.open().map(drop)
            }
            Step::OpenWithout => {
                self.work(Vault::close)?;
                self.without.insert(0);
                self.open().map(drop)
            }
            Step::OpenAll => {
                self.work(Vault::close)?;
                self.without.remove(&0);
                self.open().map(drop)
            }
        }
    }

    fn work(&mut self, act: impl FnOnce(&Vault) -> Result<(), VaultError>) -> Result<(), Stop> {
        act(self.vault()).map_err(|error| Stop::refused(&error))
    }

    /// One of the edited source's files.
    fn some_file(&self, n: usize) -> Option<String> {
        let newest = Arc::clone(&self.ledger().model.newest);
        let files: Vec<_> = newest
            .iter()
            .filter(|(_, node)| matches!(node, Node::File(_)))
            .map(|(p, _)| p)
            .collect();
        let path = files.get(n % files.len().max(1))?;
        Some(String::from_utf8_lossy(path).into_owned())
    }

    fn put(&mut self, path: String, bytes: Vec<u8>) -> Result<(), Stop> {
        let is_new = !self.ledger().model.newest.contains_key(path.as_bytes());
        let content = Arc::new(bytes);
        self.edit(
            |tree| {
                tree.insert(path.clone().into_bytes(), Node::File(Arc::clone(&content)));
            },
            is_new,
            |vault| {
                let editor = vault.editor(None, EDITED)?;
                editor.put(path.as_bytes(), NewFile::default(), &mut content.as_slice())
            },
        )
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), Stop> {
        self.edit(
            |tree| {
                let node = tree.remove(from.as_bytes()).expect("it was chosen from the tree");
                tree.insert(to.as_bytes().to_vec(), node);
            },
            true,
            |vault| vault.editor(None, EDITED)?.rename(from.as_bytes(), to.as_bytes(), false),
        )
    }

    /// An edit; `gentle` when nothing is lost by it, so that it may take the place of the version
    /// before it.
    fn edit(
        &mut self,
        change: impl FnOnce(&mut Tree),
        gentle: bool,
        act: impl FnOnce(&Vault) -> Result<EditReceipt, VaultError>,
    ) -> Result<(), Stop> {
        let mut tree = (*self.ledger().model.newest).clone();
        change(&mut tree);
        let tree = Arc::new(tree);
        let version = Version { source: EDITED, tree: Arc::clone(&tree) };
        let replaced = self.newest_edit().filter(|_| gentle);
        self.takes_off(Some(version.clone()), replaced.into_iter().collect());
        let receipt = act(self.vault()).map_err(|error| Stop::refused(&error))?;
        self.ledger().model.newest = tree;
        self.landed(Some((receipt.snapshot, version)), Some(receipt.receipt))
    }

    fn newest_edit(&self) -> Option<ObjectId> {
        let all = self.vault().snapshots(Some(EDITED)).unwrap_or_default();
        all.last().map(|info| info.id)
    }

    fn backup(&mut self, n: usize, source: &'static str) -> Result<(), Stop> {
        let rig = Arc::clone(&self.rig);
        let (path, tree) = if source == IMAGE { rig.image(n) } else { rig.folder(n) };
        let version = Version { source, tree: Arc::clone(tree) };
        self.takes_off(Some(version.clone()), BTreeSet::new());
        let spec = BackupSpec {
            source: source.to_owned(),
            paths: vec![path.to_owned()],
            host: "host".to_owned(),
            ..BackupSpec::default()
        };
        let done = self.vault().backup(&spec, &mut quiet);
        let report = done.map_err(|error| Stop::refused(&error))?;
        if !report.skipped.is_empty() || report.unsettled > 0 {
            return Err(Stop::Broken(format!("the backup left out {:?}", report.skipped)));
        }
        self.landed(Some((report.snapshot, version)), Some(report.receipt))
    }

    fn forget(&mut self) -> Result<(), Stop> {
        let all = self.vault().snapshots(None).map_err(|error| Stop::refused(&error))?;
        let newest = self.newest_edit();
        let Some(oldest) = all.into_iter().find(|info| Some(info.id) != newest) else {
            return Ok(());
        };
        self.takes_off(None, BTreeSet::from([oldest.id]));
        self.work(|vault| vault.forget(&[oldest]).map(drop))?;
        self.landed(None, None)
    }

    fn retire(&mut self) -> Result<(), Stop> {
        let attached = self.attached();
        let Some((last, id)) = attached.last().copied().filter(|_| attached.len() > 1) else {
            return Ok(());
        };
        let report = self.vault().retire(id, &mut quiet);
        let report = report.map_err(|error| Stop::refused(&error))?;
        if report.drained && report.failed.is_empty() {
            let mut ledger = self.ledger();
            ledger.model.left.insert(last);
            let now = ledger.model.clone();
            ledger.history.push(now);
        }
        Ok(())
    }

    fn add(&mut self, in_place_of: Option<usize>) -> Result<(), Stop> {
        let attached = self.attached();
        let Some(spare) = self.without.iter().copied().find(|n| *n > 0) else { return Ok(()) };
        let disk = self.tap.disk(&self.disks[spare]);
        let old = in_place_of.and_then(|n| attached.get(n)).copied();
        // From here on the disk may be part of the vault.
        self.without.remove(&spare);
        let Some((old, id)) = old else {
            return self.work(|vault| vault.add_volume(disk, &mut quiet).map(drop));
        };
        let report = self.vault().replace(id, disk, &mut quiet);
        let report = report.map_err(|error| Stop::refused(&error))?;
        if report.drained && report.failed.is_empty() {
            self.ledger().model.left.insert(old);
        }
        Ok(())
    }

    /// The disks that are attached, with their volumes' ids.
    fn attached(&self) -> Vec<(usize, VolumeId)> {
        let volumes = self.vault().volumes().unwrap_or_default();
        let mut found: Vec<_> = volumes
            .iter()
            .filter(|volume| volume.state != "absent")
            .filter_map(|volume| {
                let number = volume.serial.strip_prefix("disk-")?.parse().ok()?;
                Some((number, volume.id))
            })
            .collect();
        found.sort_unstable();
        found
    }

    fn check(&mut self) -> Result<(), Stop> {
        let options = CheckOptions { read_data: true, repair: true };
        let report = self.vault().check(options, &mut quiet);
        let report = report.map_err(|error| Stop::refused(&error))?;
        let lost = report.lost_packs.len() as u64 + report.lost_chunks + report.lost_file_count;
        if lost > 0 && self.without.iter().all(|n| *n >= self.disks.len() - 2) {
            return Err(Stop::Broken(format!("a check says: {report:?}")));
        }
        Ok(())
    }

    fn takes_off(&self, adds: Option<Version>, drops: BTreeSet<ObjectId>) {
        self.ledger().flight = Flight { adds, drops };
    }

    /// Enters what was acknowledged, after a look at the list: only what the step may drop is gone.
    fn landed(
        &mut self,
        added: Option<(ObjectId, Version)>,
        receipt: Option<Receipt>,
    ) -> Result<(), Stop> {
        let listed: Vec<SnapshotInfo> =
            self.vault().snapshots(None).map_err(|error| Stop::refused(&error))?;
        let listed: BTreeSet<ObjectId> = listed.iter().map(|info| info.id).collect();
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let flight = std::mem::take(&mut ledger.flight);
        let model = &mut ledger.model;
        model.versions.extend(added);
        for id in model.versions.keys() {
            if !listed.contains(id) && !flight.drops.contains(id) {
                return Err(Stop::Broken(format!("version {} left the list", id.short())));
            }
        }
        model.versions.retain(|id, _| listed.contains(id));
        if let Some(receipt) = receipt {
            if self.copies > 0 && receipt.wanted != self.copies {
                return Err(Stop::Broken(format!("{receipt:?} in a vault of {}", self.copies)));
            }
            let fewest = model.fewest_copies.unwrap_or(u8::MAX);
            model.fewest_copies = Some(fewest.min(receipt.copies));
        }
        let now = model.clone();
        ledger.history.push(now);
        Ok(())
    }

    /// The witness of this world.
    pub fn salts(&self) -> Arc<Salts> {
        Arc::clone(&self.salts)
    }
}
