//! A box on a desk: a simulated machine, a vault in its seat, a caretaker, and files to back up.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use board::{Board, DiskContent, DiskIdentity, MountAs, PrepareOrder};
use board_sim::{Machine, NewDisk};
use disks::{Caretaker, DisksError, Done, PATIENCE, Parts, Seat, Work};
use plan::disk::{Action, News};
use seal::Words;
use testkit::env::{ManualClock, SeededRng};
use types::{Bytes, UnixTime, VaultId, VolumeId};
use vault::{Access, BackupSpec, CreateSpec, Env, OnProgress, Options, Secrets, Vault, VaultError};
use volume::Disk;

pub(crate) const SIZE: Bytes = Bytes(1_000_000_000);

#[derive(Debug)]
struct Desk {
    env: Env,
    options: Options,
    words: String,
    vault: Mutex<Option<Arc<Vault>>>,
    works: Mutex<Vec<Work>>,
}

impl Desk {
    fn seat(&self) -> MutexGuard<'_, Option<Arc<Vault>>> {
        self.vault.lock().expect("no test panics while it holds the seat")
    }

    fn works(&self) -> MutexGuard<'_, Vec<Work>> {
        self.works.lock().expect("no test panics while it holds the works")
    }

    /// What a box does as jobs. One that fails is over, too.
    fn do_works(&self, progress: OnProgress<'_>) -> Result<(), VaultError> {
        loop {
            let next = self.works().first().copied();
            let (Some(work), Some(vault)) = (next, self.vault()) else { return Ok(()) };
            let listed = |volume| {
                vault.volumes().map(|all| all.iter().any(|v| v.id == volume && !v.path.is_empty()))
            };
            let ended = match work {
                Work::Copy => vault.rebuild(progress),
                Work::Drain(volume) if listed(volume)? => vault.retire(volume, progress),
                Work::Drain(volume) => vault.finish_replacing(volume, progress),
            };
            self.works().remove(0);
            ended?;
        }
    }
}

impl Seat for Desk {
    fn vault(&self) -> Option<Arc<Vault>> {
        self.seat().clone()
    }

    fn reopen(&self, disks: Vec<Arc<dyn Disk>>) -> Result<(), DisksError> {
        let mut seat = self.seat();
        if let Some(old) = seat.take() {
            assert_eq!(Arc::strong_count(&old), 1, "somebody still works with it");
            // Its disks may be gone: then there is nothing to put in order.
            drop(old.close());
        }
        if disks.is_empty() {
            return Ok(());
        }
        let words = Words::parse(&self.words).expect("they are the vault's");
        let (env, options) = (self.env.clone(), self.options.clone());
        let secret = Secrets::Words(&words);
        let (vault, _) = Vault::open(env, options, Access::ReadWrite, disks, None, secret)?;
        *seat = Some(Arc::new(vault));
        Ok(())
    }

    fn keep_in_mind(&self, _: Vec<Arc<dyn Disk>>) {}

    fn begin(&self, work: Work) -> Result<(), DisksError> {
        self.works().push(work);
        Ok(())
    }

    fn give_up(&self, work: Work) {
        self.works().retain(|one| *one != work);
    }

    fn under_way(&self) -> Vec<Work> {
        self.works().clone()
    }
}

pub(crate) struct Rig {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) machine: Machine,
    pub(crate) caretaker: Caretaker,
    seat: Arc<Desk>,
    vault: VaultId,
    boots: u64,
}

fn env(boots: u64) -> Env {
    // Each start is an hour later: versions are told apart by their time.
    let hours = i64::try_from(boots).expect("few starts");
    let clock = ManualClock::at(UnixTime(1_800_000_000_000 + 3_600_000 * hours));
    Env { clock: Arc::new(clock), rng: Arc::new(SeededRng::new(7 + boots)) }
}

/// A box with a vault of two copies on these disks, in bays 1, 2 and so on.
pub(crate) fn rig(names: &[&str]) -> Rig {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let machine = Machine::open(&folder.path().join("machine")).expect("a new machine");
    let mut disks: Vec<Arc<dyn Disk>> = Vec::new();
    for (number, name) in names.iter().enumerate() {
        machine.create(&NewDisk::sata(name, &format!("SN-{name}"), SIZE)).expect("a new disk");
        machine.insert(name, &format!("bay-{}", number + 1)).expect("a free bay");
        let disk = identity(&machine, name);
        let (expects, label) = (DiskContent::Blank, "hf-first".to_owned());
        let order = PrepareOrder { expects, attached: 0, label, keeps: false };
        machine.prepare(&disk, &order).expect("it is blank");
        disks.push(machine.mount(&disk, MountAs::NewVolume).expect("it is empty").disk);
    }
    let env = env(0);
    let words = Words::generate(&*env.rng);
    let spec = CreateSpec { disks, copies: 2, words: &words, password: None };
    let options = options(folder.path());
    let vault = Vault::create(env.clone(), options.clone(), spec).expect("empty disks");
    let id = vault.id();
    drop(vault);
    let words = words.phrase().as_str().to_owned();
    for name in names {
        let disk = identity(&machine, name);
        machine.unmount(&disk).expect("nobody uses it");
    }
    // Randomness that repeats itself would make the same volume twice.
    start(folder, machine, words, id, (1, PATIENCE))
}

fn options(folder: &Path) -> Options {
    Options { catalog: Some(folder.join("catalog")), ..Options::default() }
}

fn start(
    folder: tempfile::TempDir,
    machine: Machine,
    words: String,
    vault: VaultId,
    (boots, patience): (u64, Duration),
) -> Rig {
    let env = env(boots);
    let rng = Arc::clone(&env.rng);
    let options = options(folder.path());
    let seat =
        Arc::new(Desk { env, options, words, vault: Mutex::default(), works: Mutex::default() });
    let parts =
        Parts { board: Arc::new(machine.clone()), seat: seat.clone(), rng, vault, patience };
    let mut caretaker = Caretaker::open(parts, folder.path()).expect("the roster can be read");
    caretaker.look().expect("disks can be listed");
    caretaker.take_news();
    Rig { folder, machine, caretaker, seat, vault, boots }
}

pub(crate) fn identity(machine: &Machine, name: &str) -> DiskIdentity {
    let mut disks = machine.disks().expect("disks can be listed").into_iter();
    disks.find(|disk| disk.node == name).expect("it is plugged in").identity
}

impl Rig {
    pub(crate) fn identity(&self, name: &str) -> DiskIdentity {
        identity(&self.machine, name)
    }

    /// The box after its process was killed and began again.
    pub(crate) fn killed(self) -> Self {
        self.killed_and_patient(PATIENCE)
    }

    /// The same, with disks that are not waited for as long.
    pub(crate) fn killed_and_patient(self, patience: Duration) -> Self {
        let Self { folder, machine, caretaker, seat, vault, boots } = self;
        let words = seat.words.clone();
        let root = folder.path().join("machine");
        drop((caretaker, seat, machine));
        let machine = Machine::open(&root).expect("nobody else has it");
        start(folder, machine, words, vault, (boots + 1, patience))
    }

    /// Everything that needs nobody's word, and what was done.
    pub(crate) fn work(&mut self) -> Vec<Action> {
        let mut all = Vec::new();
        for _ in 0..50 {
            match self.caretaker.step().expect("nothing fails here") {
                Done::Idle => return all,
                Done::Did(action) => all.push(action),
            }
            self.works(&mut |_| true).expect("nothing fails here");
        }
        panic!("it never comes to an end: {all:?}");
    }

    /// Does what was begun.
    pub(crate) fn works(&self, progress: OnProgress<'_>) -> Result<(), VaultError> {
        self.seat.do_works(progress)
    }

    /// All that happened to the hardware since, told to the caretaker.
    pub(crate) fn events(&mut self) -> Vec<News> {
        while let Some(event) = self.machine.next_event(Duration::ZERO).expect("events") {
            self.caretaker.on_event(&event).expect("disks can be listed");
        }
        self.caretaker.take_news()
    }

    pub(crate) fn insert(&mut self, name: &str, port: &str) -> Vec<News> {
        self.machine.insert(name, port).expect("a free bay");
        self.events()
    }

    pub(crate) fn pull(&mut self, name: &str) -> Vec<News> {
        self.machine.pull(name).expect("it is plugged in");
        self.events()
    }

    pub(crate) fn vault(&self) -> Arc<Vault> {
        self.seat.vault().expect("the vault is open")
    }

    /// The volume on a disk that is plugged in.
    pub(crate) fn volume(&self, name: &str) -> VolumeId {
        match self.machine.probe(&self.identity(name)).expect("it can be read") {
            DiskContent::Volume(mark) => mark.volume,
            other => panic!("{name}: {other:?}"),
        }
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    /// Adds a file to the source and backs it up.
    pub(crate) fn back_up(&self, name: &str, len: usize) {
        self.try_back_up(name, len).expect("a disk takes it");
    }

    /// The same, where no disk may take it: then the file is gone from the source, too.
    pub(crate) fn try_back_up(&self, name: &str, len: usize) -> Result<(), VaultError> {
        // As the box does when it stops: what is open is sealed.
        let done = self.back_up_unsealed(name, len).and_then(|()| self.vault().close());
        if done.is_err() {
            fs::remove_file(self.source().join(name)).expect("it was made here");
        }
        done
    }

    /// A version that is acknowledged, and that only its disks know of.
    pub(crate) fn back_up_unsealed(&self, name: &str, len: usize) -> Result<(), VaultError> {
        fs::create_dir_all(self.source()).expect("a folder");
        let noise = testkit::env::noise((name.len() + len) as u64, len);
        let mut file = fs::File::create(self.source().join(name)).expect("a file");
        std::io::Write::write_all(&mut file, &noise).expect("room");
        let spec = BackupSpec {
            source: "desk".to_owned(),
            paths: vec![self.source()],
            host: "desk".to_owned(),
            ..BackupSpec::default()
        };
        self.vault().backup(&spec, &mut |_| true).map(drop)
    }

    pub(crate) fn has_vault(&self) -> bool {
        self.seat.vault().is_some()
    }
}
