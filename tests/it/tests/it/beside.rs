//! Storing goes on while disks join, fill, are emptied and leave.
//!
//! Here two threads meet at a disk that holds one copy up until the other has been told that its work
//! is stored: neither luck nor a clock decides. `within` runs every act inside a backup on one
//! thread, at every step of both; `soak` draws both at random. Start at [`Gate`].

mod soak;
mod within;

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use testkit::simdisk::SimDisk;
use testkit::twist::{Twist, Twisted};
use types::Bytes;
use vault::{Access, CreateSpec, Vault, WriterMode};
use volume::{Disk, DiskFile};

use crate::rig::{Rig, backup, check, get, names, noise, put, quiet, volume_id};

/// Longer than anything here takes, shorter than a disk is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Holds up the first data pack that is opened after it was closed, until it is opened again.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum GateState {
    #[default]
    Open,
    Closed,
    Holding,
}

impl Gate {
    fn set(&self, state: GateState) {
        *self.state.lock().unwrap() = state;
        self.changed.notify_all();
    }

    /// Waits until somebody stands before it.
    fn holds(&self) -> bool {
        let state = self.state.lock().unwrap();
        let not_yet = |state: &mut GateState| *state != GateState::Holding;
        let waited = self.changed.wait_timeout_while(state, PATIENCE, not_yet).unwrap();
        !waited.1.timed_out()
    }
}

/// A disk with a gate before its data packs.
#[derive(Clone, Debug)]
struct Gated(Arc<Gate>);

impl Twist for Gated {
    fn open(&self, below: &dyn Disk, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.state.lock().unwrap();
        if path.starts_with("data/") && *state == GateState::Closed {
            *state = GateState::Holding;
            self.0.changed.notify_all();
            let held = |state: &mut GateState| *state == GateState::Holding;
            let passed = self.0.changed.wait_timeout_while(state, 2 * PATIENCE, held).unwrap();
            drop(passed);
        }
        below.open(path)
    }
}

/// What was acknowledged: source and path, and the bytes.
type Stored = BTreeMap<(String, String), Vec<u8>>;

fn store(vault: &Vault, stored: &mut Stored, source: &str, path: &str, bytes: Vec<u8>) -> u8 {
    let receipt = put(vault, source, path, &bytes);
    stored.insert((source.to_owned(), path.to_owned()), bytes);
    receipt.receipt.copies
}

fn all_there(vault: &Vault, stored: &Stored, place: &str) {
    for ((source, path), bytes) in stored {
        let found = get(vault, source, path);
        let found = found.unwrap_or_else(|why| panic!("{place}: {source}/{path} is lost: {why}"));
        assert!(&found == bytes, "{place}: {source}/{path} has other bytes");
    }
}

/// Nothing is left to copy, every byte is right, each volume is readable by itself, and as many
/// volumes as the copies allow can be missing; with the catalog and without.
fn must_be_whole(rig: &Rig, vault: Vault, stored: &Stored, copies: usize) {
    let again = vault.rebuild(&mut quiet).unwrap();
    assert_eq!(
        (again.copied, again.still_under_copied),
        (0, 0),
        "a rebuild leaves work: {again:?}"
    );
    assert_eq!(vault.under_copied().unwrap(), 0);
    let volumes = vault.volumes().unwrap();
    assert!(volumes.iter().all(|one| one.state == "member" && one.lacks == 0), "{volumes:?}");
    let found = check(&vault, true, false);
    assert!(found.is_clean() && found.damaged.is_empty(), "{found:?}");
    all_there(&vault, stored, "open");
    let all: Vec<String> = volumes.into_iter().map(|volume| volume.serial).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    drop(vault);
    for serial in &all {
        rig.lose_catalog();
        let (alone, _) = rig.try_open_with(rig.handles(&[serial]), Access::ReadOnly).unwrap();
        for (source, path) in stored.keys() {
            let listed = names(&alone, source);
            assert!(listed.contains(path), "{serial} alone knows no {source}/{path}: {listed:?}");
        }
        if copies >= all.len() {
            all_there(&alone, stored, serial);
        }
    }
    if copies == 2 {
        for gone in &all {
            let rest: Vec<&str> = all.iter().copied().filter(|one| one != gone).collect();
            rig.lose_catalog();
            let (vault, _) = rig.try_open_with(rig.handles(&rest), Access::ReadOnly).unwrap();
            all_there(&vault, stored, &format!("without {gone}"));
        }
    }
    rig.lose_catalog();
    let (vault, _) = rig.open(&all);
    all_there(&vault, stored, "with a new catalog");
    let found = check(&vault, true, false);
    assert!(found.is_clean(), "with a new catalog: {found:?}");
}

/// What is done to the disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// c joined before; it is filled now.
    Rebuild,
    /// c joins and is filled.
    Add,
    /// a is emptied and leaves.
    Retire,
    /// c takes the place of a.
    Replace,
    /// Two copies instead of one.
    Copies,
}

const ACTS: [Act; 5] = [Act::Rebuild, Act::Add, Act::Retire, Act::Replace, Act::Copies];

impl Act {
    /// Disks that the vault begins with, and how many copies.
    fn begins_with(self) -> (&'static [&'static str], u8) {
        match self {
            Self::Rebuild | Self::Add => (&["a"], 2),
            Self::Retire | Self::Copies => (&["a", "b"], 1),
            Self::Replace => (&["a", "b"], 2),
        }
    }

    fn copies_at_the_end(self) -> usize {
        if self == Self::Retire { 1 } else { 2 }
    }

    /// Runs it to its end.
    fn run(
        self,
        vault: &Vault,
        new: Arc<dyn Disk>,
        progress: vault::OnProgress<'_>,
    ) -> vault::RebuildReport {
        let a = || volume_id(vault, "a");
        let report = match self {
            Self::Rebuild => vault.rebuild(progress),
            Self::Add => vault.add_volume(new, progress).map(|(_, report)| report),
            Self::Retire => vault.retire(a(), progress),
            Self::Replace => vault.replace(a(), new, progress),
            Self::Copies => vault.set_copies(2, progress),
        };
        let report = report.unwrap_or_else(|why| panic!("{self:?}: {why}"));
        let left = vault.volumes().unwrap().iter().all(|volume| volume.serial != "a");
        assert_eq!(left, matches!(self, Self::Retire | Self::Replace), "{self:?}: {report:?}");
        assert_eq!(report.failed, [""; 0], "{self:?}");
        report
    }
}

/// A vault on `a` and perhaps `b`, with a gate before both, and several packs on each.
fn gated(rig: &mut Rig, act: Act, gate: &Arc<Gate>) -> (Vault, Stored) {
    let (serials, copies) = act.begins_with();
    let mut disks: Vec<Arc<dyn Disk>> = Vec::new();
    for serial in serials {
        // Most new packs go where most room is: to the one that is emptied.
        let size = if *serial == "a" { 4 * Bytes::GIB } else { 2 * Bytes::GIB };
        let below: SimDisk = rig.add_disk(serial, Bytes(size)).sim().clone();
        disks.push(Arc::new(Twisted { below, twist: Gated(Arc::clone(gate)) }));
    }
    let spec = CreateSpec { disks, copies, words: &rig.words, password: None };
    let vault = Vault::create(rig.env.clone(), rig.options(), spec).unwrap();
    let mut stored = Stored::new();
    for n in 0..4 {
        store(&vault, &mut stored, "old", &format!("{n}"), noise(n, 60_000));
        vault.close().unwrap();
    }
    (vault, stored)
}

#[test]
fn backups_edits_restores_and_forgetting_are_done_before_a_copy_that_began_before_them() {
    for act in ACTS {
        let gate = Arc::new(Gate::default());
        let mut rig = Rig::new(crate::rig::DiskKind::Memory, WriterMode::Threads, 7);
        let (vault, mut stored) = gated(&mut rig, act, &gate);
        let folder = rig.path("tree");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("file"), noise(50, 70_000)).unwrap();
        backup(&vault, "tree", &folder);
        let new = rig.empty_disk("c");
        if act == Act::Rebuild {
            vault.join_volume(Arc::clone(&new)).unwrap();
        }
        gate.set(GateState::Closed);
        std::thread::scope(|scope| {
            let copying = scope.spawn(|| act.run(&vault, new, &mut quiet));
            let holding = gate.holds();
            let (told, hear) = channel();
            let (vault, folder) = (&vault, &folder);
            let storing = scope.spawn(move || {
                let mut mine = Stored::new();
                store(vault, &mut mine, "new", "edit", noise(60, 80_000));
                std::fs::write(folder.join("more"), noise(61, 80_000)).unwrap();
                backup(vault, "tree", folder);
                for name in ["file", "more"] {
                    let bytes = std::fs::read(folder.join(name)).unwrap();
                    mine.insert(("tree".into(), name.into()), bytes);
                }
                all_there(vault, &mine, "meanwhile");
                let tree = vault.snapshots(Some("tree")).unwrap();
                vault.forget(&tree[..1]).unwrap();
                told.send(()).unwrap();
                mine
            });
            let in_time = hear.recv_timeout(PATIENCE).is_ok();
            gate.set(GateState::Open);
            assert!(holding, "{act:?} copies nothing");
            assert!(in_time, "{act:?}: who stores something waits until it is over");
            stored.extend(storing.join().unwrap());
            assert!(copying.join().unwrap().copied > 0);
        });
        must_be_whole(&rig, vault, &stored, act.copies_at_the_end());
    }
}

/// The caretaker of the disks lets one join while another is being filled.
#[test]
fn a_disk_joins_while_another_fills_and_is_filled_with_it() {
    let gate = Arc::new(Gate::default());
    let mut rig = Rig::new(crate::rig::DiskKind::Memory, WriterMode::Threads, 7);
    let (vault, mut stored) = gated(&mut rig, Act::Rebuild, &gate);
    vault.join_volume(rig.empty_disk("c")).unwrap();
    let late = rig.empty_disk("d");
    gate.set(GateState::Closed);
    std::thread::scope(|scope| {
        let filling = scope.spawn(|| vault.rebuild(&mut quiet).unwrap());
        let holding = gate.holds();
        let (told, hear) = channel();
        let vault = &vault;
        scope.spawn(move || told.send(vault.join_volume(late).unwrap()).unwrap());
        let joined = hear.recv_timeout(PATIENCE);
        let incomplete = |vault: &Vault| {
            vault.volumes().unwrap().iter().filter(|volume| volume.lacks > 0).count()
        };
        let lacking = incomplete(vault);
        store(vault, &mut stored, "new", "edit", noise(60, 80_000));
        gate.set(GateState::Open);
        assert!(holding && joined.is_ok(), "the second disk waits for the first");
        assert!(lacking > 0, "a disk that joined has everything at once");
        filling.join().unwrap();
        assert_eq!(incomplete(vault), 0, "the running rebuild left the new disk out");
    });
    must_be_whole(&rig, vault, &stored, 2);
}
