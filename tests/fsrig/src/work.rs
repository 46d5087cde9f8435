//! Drives a real vault through a workload, and notes the moment of each acknowledgement.
//!
//! What a step does follows from its number and from what the vault holds. The reference is the
//! crash simulator's: plain maps. How each step is done stands in `acts`. Start at [`Work::step`].

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crash::model::{EDITED, Flight, Ledger, Version, chain_of};
use testkit::env::noise;
use types::ObjectId;
use vault::{Access, CreateSpec, Receipt, Secrets, Vault, VaultError, WriterMode};
use volume::Disk;

use crate::outside;
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
    pub(crate) world: Arc<World>,
    pub(crate) homes: Vec<PathBuf>,
    /// Disks that are part of the vault, or may be.
    pub(crate) joined: BTreeSet<usize>,
    mode: WriterMode,
    number: usize,
    vault: Option<Vault>,
    /// What the last opening found.
    pub findings: Vec<String>,
    /// What is promised.
    pub ledger: Ledger,
    /// What was promised when.
    pub timeline: Timeline<Ledger>,
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
        let (number, vault, findings, timeline) = (0, None, Vec::new(), Timeline::default());
        Self { world, homes, joined, mode, number, vault, findings, ledger, timeline }
    }

    /// The open vault.
    pub fn vault(&self) -> &Vault {
        self.vault.as_ref().expect("the caller opened it")
    }

    /// Opens the vault from the disks that take part and have a volume.
    pub fn open(&mut self) -> Result<(), String> {
        self.vault = None;
        // A program that another thread is starting shares our open folders, and the locks on
        // them, until it begins.
        drop(outside::nothing_starts());
        let here = self.joined.difference(&self.ledger.model.left);
        let disks: Vec<Arc<dyn Disk>> =
            here.filter_map(|n| self.world.disk(*n, &self.homes[*n]).ok()).collect();
        let secret = Secrets::Words(&self.world.words);
        let options = World::options(self.mode);
        let opened =
            Vault::open(self.world.boot(), options, Access::ReadWrite, disks, None, secret);
        let (vault, report) = opened.map_err(|error| said(&error))?;
        (self.vault, self.findings) = (Some(vault), report.findings);
        Ok(())
    }

    /// Forgets the program, as a kill does.
    pub fn kill(&mut self) {
        self.vault = None;
    }

    pub(crate) fn note(&mut self) {
        self.timeline.from(self.world.moments.now(), self.ledger.clone());
    }

    pub(crate) fn begins(&mut self, adds: Option<Version>, drops: BTreeSet<ObjectId>) {
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

    /// Enters what was acknowledged.
    pub(crate) fn landed(
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
