//! Creating and opening a vault: which volumes, which keys, which history, and what a crash left.
//!
//! Order matters: volumes, keys, heads, unfinished packs, catalog, state, journal. Nothing is
//! written to a volume before all of that was read and agreed. Start at [`Vault::open`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, RwLock};

use catalog::{Catalog, Opened, VolumeSlot};
use format::head::VolumeState;
use format::superblock::Superblock;
use seal::{KeyRing, Words};
use types::sabotage::{self, Bug};
use types::{OwnerKey, PackId, VaultId, VolumeId};
use volume::{Disk, PatientDisk, Volume, VolumeWriter};

use crate::edit::Queue;
use crate::env::{Env, Options, WriterMode};
use crate::error::VaultError;
use crate::held::HeldKeys;
use crate::history::{self, History};
use crate::keys::{self, Keys};
use crate::members::{Member, Members};
use crate::reader::Reader;
use crate::state::State;
use crate::writer::{Chain, Writer};
use crate::{Vault, keeping, offsite, recover, unsettled};

/// Whether a vault may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read and write; what a crash left is put in order.
    ReadWrite,
    /// Nothing on any volume is written.
    ReadOnly,
}

/// Whether commits that are newer than the newest head count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Journal {
    /// As ever: they were acknowledged.
    Replayed,
    /// The owner begins from a head on purpose: what came after it is not wanted.
    LeftOut,
}

/// What opens a vault.
#[derive(Clone, Copy, Debug)]
pub enum Secrets<'a> {
    /// The recovery kit.
    Words(&'a Words),
    /// The password.
    Password(&'a [u8]),
    /// The keys of the same vault, which was open a moment ago with other disks.
    Held(&'a HeldKeys),
}

/// What a new vault is to be.
#[derive(Debug)]
pub struct CreateSpec<'a> {
    /// Folders for its volumes, prepared and empty.
    pub disks: Vec<Arc<dyn Disk>>,
    /// Copies of each data pack, 1 to 8.
    pub copies: u8,
    /// The recovery kit.
    pub words: &'a Words,
    /// A password that opens it too.
    pub password: Option<&'a [u8]>,
}

/// What opening a vault found and did.
#[derive(Clone, Debug, Default)]
pub struct OpenReport {
    /// Oddities, one sentence each.
    pub findings: Vec<String>,
    /// Packs that a crash had left open and that were put in order.
    pub recovered_packs: usize,
    /// Commits that the newest head did not know yet.
    pub replayed_commits: usize,
    /// Packs that the vault counts on and that no attached volume has.
    pub missing_packs: Vec<PackId>,
    /// Why the catalog was made anew, if it was.
    pub catalog_discarded: Option<String>,
}

/// A volume that was opened, before the vault is.
pub(crate) struct Candidate {
    pub(crate) volume: Arc<Volume>,
    pub(crate) serial: String,
    pub(crate) label: String,
    matches: bool,
}

impl Vault {
    /// Makes a new vault on empty volumes.
    pub fn create(env: Env, options: Options, spec: CreateSpec<'_>) -> Result<Self, VaultError> {
        if spec.disks.is_empty() {
            return Err(VaultError::Bad { what: "a vault needs at least one volume".to_owned() });
        }
        if !(1..=8).contains(&spec.copies) {
            return Err(VaultError::Bad { what: format!("{} copies is not 1 to 8", spec.copies) });
        }
        for (n, disk) in spec.disks.iter().enumerate() {
            if spec.disks[..n].iter().any(|other| other.serial() == disk.serial()) {
                return Err(VaultError::Bad { what: format!("{} was named twice", disk.label()) });
            }
        }
        let id = VaultId(env.rng.array());
        let (file, keys) = KeyRing::create(id, spec.words, spec.password, &*env.rng);
        let key_bytes = file.encode();
        let mut candidates = Vec::new();
        for disk in spec.disks {
            let volume = make_volume(&env, &options, disk, id, &key_bytes)?;
            candidates.push(volume);
        }
        let recovery = Some(OwnerKey(spec.words.recovery_public()));
        let chain = Chain { copies: spec.copies, recovery, ..Chain::default() };
        let catalog = open_catalog(&options, &keys)?;
        let (vault, _) = assemble(
            env,
            options,
            Access::ReadWrite,
            Keys::new(keys, &file),
            candidates,
            Registry::default(),
            chain,
            catalog,
        )?;
        vault.writer().write_head()?;
        vault.close()?;
        Ok(vault)
    }

    /// Opens a vault from whichever of its volumes are there.
    ///
    /// `wanted` is the vault's id where it is known, so that a stranger's volume is named as such.
    pub fn open(
        env: Env,
        options: Options,
        access: Access,
        disks: Vec<Arc<dyn Disk>>,
        wanted: Option<VaultId>,
        secret: Secrets<'_>,
    ) -> Result<(Self, OpenReport), VaultError> {
        Self::open_by(env, options, access, disks, wanted, secret, Journal::Replayed)
    }

    pub(crate) fn open_by(
        env: Env,
        options: Options,
        access: Access,
        disks: Vec<Arc<dyn Disk>>,
        wanted: Option<VaultId>,
        secret: Secrets<'_>,
        journal: Journal,
    ) -> Result<(Self, OpenReport), VaultError> {
        let mut report = OpenReport::default();
        let wanted = match secret {
            Secrets::Held(held) => Some(held.vault()),
            Secrets::Words(_) | Secrets::Password(_) => wanted,
        };
        let candidates = open_volumes(disks, wanted, access, &options, &mut report)?;
        let (file, keys) = keys::unlock(&candidates, secret, &*env.rng)?;
        let catalog = open_catalog(&options, &keys)?;
        let struck_off = crate::struck_off::all(&catalog.0)?;
        let history = history::read(&keys, &candidates, struck_off, &mut report)?;
        let registry = Registry::of(&history);
        // Reading believes nobody and may take whatever is there, also from a disk that has left.
        let candidates = match access {
            Access::ReadWrite => without_removed(candidates, &registry, &mut report)?,
            Access::ReadOnly => candidates,
        };
        let mut chain = chain_of(&history);
        let wants_more = keeping::take_the_most(&mut chain, &history, &mut report);
        let knows_more = offsite::note_recovery(&mut chain, secret, &file);
        let suspects = unsettled::suspects(&catalog.0, registry.remaining())?;
        let (mut vault, opened) = assemble(
            env,
            options,
            access,
            Keys::new(keys, &file),
            candidates,
            registry,
            chain,
            catalog,
        )?;
        if let Opened::Discarded { why } = &opened {
            report.catalog_discarded = Some(why.clone());
        }
        if !matches!(opened, Opened::Existing) {
            let mut batch = vault.catalog.batch()?;
            batch.set_note(crate::prune::NOTE_UNCHECKED, b"1")?;
            batch.commit(catalog::Durability::Relaxed)?;
        }
        vault.members_mut().note_apart(&history.apart);
        if access == Access::ReadWrite {
            vault.spread_keys()?;
            vault.writer().head_due = wants_more || knows_more;
        }
        vault.unsettled = recover::run(&vault, &history, &suspects, journal, &mut report)?;
        Ok((vault, report))
    }
}

/// The registry of volumes that the newest head carries.
#[derive(Default)]
pub(crate) struct Registry(pub(crate) BTreeMap<VolumeId, format::head::RegisteredVolume>);

impl Registry {
    fn of(history: &History) -> Self {
        let listed = history.main.payload.volumes.iter();
        let mut all: BTreeMap<_, _> = listed.map(|v| (v.id, v.clone())).collect();
        for gone in &history.removed {
            if let Some(entry) = all.get_mut(gone) {
                entry.state = VolumeState::Removed;
            }
        }
        Self(all)
    }
}

impl Registry {
    fn remaining(&self) -> impl Iterator<Item = VolumeId> {
        let remain = self.0.values().filter(|one| one.state != VolumeState::Removed);
        remain.map(|one| one.id)
    }
}

fn chain_of(history: &History) -> Chain {
    let main = &history.main;
    Chain {
        head_seq: main.seq,
        head_hash: main.hash,
        head: Arc::clone(&main.bytes),
        commit_seq: main.payload.commit_seq,
        commit_hash: main.payload.commit_hash,
        recent: main.payload.recent.clone(),
        gone: main.payload.gone.clone(),
        floor: main.payload.retention_floor,
        last_time: main.payload.time,
        state: main.payload.state,
        copies: main.payload.copies,
        keep: main.payload.keep,
        recovery: main.payload.recovery,
        ..Chain::default()
    }
}

/// Makes one more volume of a vault on an empty disk. Its superblocks come last: what was cut
/// short before them is no volume, and what has them can be read by itself.
pub(crate) fn make_volume(
    env: &Env,
    options: &Options,
    disk: Arc<dyn Disk>,
    vault: VaultId,
    key_bytes: &[u8],
) -> Result<Candidate, VaultError> {
    let (serial, label) = (disk.serial(), disk.label());
    let superblock = Superblock {
        compat: 0,
        ro_compat: 0,
        incompat: 0,
        vault,
        volume: VolumeId(env.rng.array()),
        generation: 1,
        created: env.clock.now(),
        serial: serial.clone(),
    };
    let volume = Volume::prepare(patient(disk, options), superblock)?;
    volume.lock_for_writing()?;
    volume.write_keys(key_bytes)?;
    options.on_volume.write_to(&volume)?;
    volume.write_superblocks()?;
    Ok(Candidate { volume: Arc::new(volume), serial, label, matches: true })
}

fn open_catalog(options: &Options, keys: &KeyRing) -> Result<(Catalog, Opened), VaultError> {
    let cache = usize::try_from(options.catalog_cache.0).unwrap_or(usize::MAX);
    Ok(Catalog::open(options.catalog.as_deref(), keys.vault(), cache)?)
}

/// Puts the parts of a vault together and starts its writers.
#[expect(clippy::too_many_arguments, reason = "called twice, and each part is of its own type")]
fn assemble(
    env: Env,
    options: Options,
    access: Access,
    keys: Keys,
    candidates: Vec<Candidate>,
    registry: Registry,
    chain: Chain,
    (catalog, opened): (Catalog, Opened),
) -> Result<(Vault, Opened), VaultError> {
    let mut members = Members { attached: Vec::new(), copies: chain.copies, registry: registry.0 };
    let mut batch = catalog.batch()?;
    // Absent volumes count too, also in a catalog that was made a moment ago.
    for known in members.registry.values().filter(|v| v.state != VolumeState::Removed) {
        batch.slot_for(known.id)?;
    }
    for candidate in candidates {
        let slot = batch.slot_for(candidate.volume.id())?;
        let member = make_member(candidate, slot, access, &options, &members)?;
        members.attached.push(member);
    }
    batch.commit(catalog::Durability::Relaxed)?;
    let (keys, catalog) = (Arc::new(keys), Arc::new(catalog));
    let members = Arc::new(RwLock::new(members));
    let reader = Reader::new(
        Arc::clone(&keys),
        Arc::clone(&catalog),
        Arc::clone(&members),
        options.frame_cache,
    );
    let writer = Writer::new(
        env.clone(),
        Arc::clone(&keys),
        Arc::clone(&catalog),
        Arc::clone(&members),
        State::default(),
        chain,
    );
    let vault = Vault {
        env,
        options,
        access,
        keys,
        catalog,
        members,
        reader,
        writer: Mutex::new(writer),
        locks: crate::locks::Locks::default(),
        queue: Queue::default(),
        owned: crate::owned::Owned::default(),
        unsettled: BTreeSet::new(),
    };
    Ok((vault, opened))
}

/// A member from a volume that was opened; starts its writer unless nothing may be written.
pub(crate) fn make_member(
    candidate: Candidate,
    slot: VolumeSlot,
    access: Access,
    options: &Options,
    members: &Members,
) -> Result<Member, VaultError> {
    let Candidate { volume, serial, label, .. } = candidate;
    let writer = match (access, options.writers) {
        (Access::ReadOnly, _) => None,
        (Access::ReadWrite, _) if volume.is_read_only() => None,
        (Access::ReadWrite, WriterMode::Inline) => {
            Some(Arc::new(VolumeWriter::inline(Arc::clone(&volume))))
        }
        (Access::ReadWrite, WriterMode::Threads) => {
            Some(Arc::new(VolumeWriter::spawn(Arc::clone(&volume), options.io_deadline)?))
        }
    };
    let known = members.registry.get(&volume.id()).map(|entry| entry.state);
    let retiring = known == Some(VolumeState::Retiring);
    let (leaving, apart, failed) = (false, false, None);
    Ok(Member { volume, writer, slot, serial, label, retiring, leaving, apart, failed })
}

/// A disk as the vault uses it: none is waited for without end.
pub(crate) fn patient(disk: Arc<dyn Disk>, options: &Options) -> Arc<dyn Disk> {
    match options.writers {
        WriterMode::Threads => Arc::new(PatientDisk::around(disk, options.read_deadline)),
        WriterMode::Inline => disk,
    }
}

/// Opens every disk; those that cannot be opened are findings unless none is left.
fn open_volumes(
    disks: Vec<Arc<dyn Disk>>,
    wanted: Option<VaultId>,
    access: Access,
    options: &Options,
    report: &mut OpenReport,
) -> Result<Vec<Candidate>, VaultError> {
    let mut open: Vec<Candidate> = Vec::new();
    let mut detail = String::new();
    for disk in disks {
        let (serial, label) = (disk.serial(), disk.label());
        let (volume, findings) = match Volume::open(patient(disk, options)) {
            Ok(opened) => opened,
            Err(error) => {
                detail.push_str(&format!("\n  {error}"));
                report.findings.push(format!("{error}. {}", error.advice()));
                continue;
            }
        };
        let mine = wanted.or_else(|| open.first().map(|first| first.volume.vault()));
        if let Some(mine) = mine.filter(|mine| *mine != volume.vault()) {
            return Err(VaultError::OtherVault { label, found: volume.vault(), wanted: mine });
        }
        report.findings.extend(findings.iter().map(|found| format!("{label}: {found}")));
        match access {
            Access::ReadOnly => volume.quarantine(),
            Access::ReadWrite if volume.is_read_only() => {
                report.findings.push(format!("{label} is read-only: nothing can be stored on it"));
            }
            Access::ReadWrite => volume.lock_for_writing()?,
        }
        let matches = volume.identity().serial_matches;
        let candidate = Candidate { volume: Arc::new(volume), serial, label, matches };
        place_candidate(&mut open, candidate, report)?;
    }
    if open.is_empty() {
        return Err(VaultError::NoVolume { detail });
    }
    Ok(open)
}

/// Adds a volume unless it is there already, under another name or as a clone.
fn place_candidate(
    open: &mut Vec<Candidate>,
    candidate: Candidate,
    report: &mut OpenReport,
) -> Result<(), VaultError> {
    let id = candidate.volume.id();
    let twin = open.iter().position(|other| other.volume.id() == id);
    let Some(place) = twin.filter(|_| !sabotage::on(Bug::CloneAccepted)) else {
        open.push(candidate);
        return Ok(());
    };
    if open[place].serial == candidate.serial {
        return Err(VaultError::SameVolumeTwice {
            first: open[place].label.clone(),
            second: candidate.label,
            volume: id,
        });
    }
    // Of two with one id, the true one still lies on the disk that it was made on.
    let (original, clone) = match (open[place].matches, candidate.matches) {
        (true, _) => (open[place].label.clone(), candidate),
        (false, true) => {
            let label = candidate.label.clone();
            (label, std::mem::replace(&mut open[place], candidate))
        }
        (false, false) => {
            return Err(VaultError::Clone {
                clone: candidate.label,
                original: open[place].label.clone(),
                volume: id,
            });
        }
    };
    clone.volume.quarantine();
    let said = VaultError::Clone { clone: clone.label, original, volume: id };
    report.findings.push(said.to_string());
    Ok(())
}

/// Leaves out volumes that the newest head says have left the vault.
fn without_removed(
    candidates: Vec<Candidate>,
    registry: &Registry,
    report: &mut OpenReport,
) -> Result<Vec<Candidate>, VaultError> {
    let mut detail = String::new();
    let mut kept = Vec::new();
    for candidate in candidates {
        let state = registry.0.get(&candidate.volume.id()).map(|entry| entry.state);
        if state == Some(VolumeState::Removed) {
            let said = format!("{} was removed from this vault and is left alone", candidate.label);
            detail.push_str(&format!("\n  {said}"));
            report.findings.push(said);
        } else {
            kept.push(candidate);
        }
    }
    if kept.is_empty() {
        return Err(VaultError::NoVolume { detail });
    }
    Ok(kept)
}
