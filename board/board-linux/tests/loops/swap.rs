//! The caretaker of the disks, a real vault and real files on this board: a worrying disk is
//! replaced by a smaller one and pulled, and everything can be restored.
//!
//! What it decides and when is tried on simulated disks; here it is about the board below it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use board::{Board, DiskContent, Event, MountAs};
use board_linux::LinuxBoard;
use disks::{Caretaker, DisksError, Done, Parts, Seat, Work};
use plan::disk::{Action, Aim, Grade, News};
use seal::Words;
use testkit::env::{ManualClock, SeededRng};
use types::{UnixTime, VolumeId};
use vault::{
    Access, BackupSpec, CreateSpec, Env, Options, RestoreOptions, Secrets, Vault, VaultError,
};
use volume::Disk;

use crate::rig::{Loop, Rig, order, settings};

#[derive(Debug)]
struct Desk {
    options: Options,
    words: String,
    vault: Mutex<Option<Arc<Vault>>>,
    works: Mutex<Vec<Work>>,
}

/// Randomness that repeats itself would make the same volume twice.
fn env(seed: u64) -> Env {
    let clock = ManualClock::at(UnixTime(1_800_000_000_000));
    Env { clock: Arc::new(clock), rng: Arc::new(SeededRng::new(seed)) }
}

impl Desk {
    fn seat(&self) -> MutexGuard<'_, Option<Arc<Vault>>> {
        self.vault.lock().unwrap()
    }

    fn works(&self) -> MutexGuard<'_, Vec<Work>> {
        self.works.lock().unwrap()
    }

    /// What a box does as jobs. One that fails is over, too.
    fn do_works(&self) -> Result<(), VaultError> {
        loop {
            let next = self.works().first().copied();
            let (Some(work), Some(vault)) = (next, self.vault()) else { return Ok(()) };
            let listed = |volume| {
                vault.volumes().map(|all| all.iter().any(|v| v.id == volume && !v.path.is_empty()))
            };
            let ended = match work {
                Work::Copy => vault.rebuild(&mut |_| true),
                Work::Drain(volume) if listed(volume)? => vault.retire(volume, &mut |_| true),
                Work::Drain(volume) => vault.finish_replacing(volume, &mut |_| true),
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
            drop(old.close());
        }
        if disks.is_empty() {
            return Ok(());
        }
        let words = Words::parse(&self.words).unwrap();
        let (options, secret) = (self.options.clone(), Secrets::Words(&words));
        let (vault, _) = Vault::open(env(8), options, Access::ReadWrite, disks, None, secret)?;
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

struct Home {
    rig: Rig,
    board: Arc<LinuxBoard>,
    caretaker: Caretaker,
    desk: Arc<Desk>,
}

impl Home {
    /// A vault of two copies on these disks.
    fn new(rig: Rig, serials: &[&str]) -> Self {
        let mut disks: Vec<Arc<dyn Disk>> = Vec::new();
        for serial in serials {
            let disk = rig.identity(serial);
            rig.board
                .prepare(&disk, &order(&rig.board, &disk, DiskContent::Blank, "hf-first"))
                .unwrap();
            disks.push(rig.board.mount(&disk, MountAs::NewVolume).unwrap().disk);
        }
        let words = Words::generate(&*env(7).rng);
        let spec = CreateSpec { disks, copies: 2, words: &words, password: None };
        let catalog = Some(rig.path().join("catalog"));
        let options = Options { catalog, ..Options::default() };
        let vault = Vault::create(env(7), options.clone(), spec).unwrap();
        let id = vault.id();
        drop(vault);
        for serial in serials {
            rig.board.unmount(&rig.identity(serial)).unwrap();
        }
        let words = words.phrase().as_str().to_owned();
        let desk =
            Arc::new(Desk { options, words, vault: Mutex::default(), works: Mutex::default() });
        let desk_profile = board::profile::by_id("desk").unwrap();
        let board = Arc::new(LinuxBoard::new(settings(rig.path()), desk_profile).unwrap());
        let seat = Arc::clone(&desk) as Arc<dyn Seat>;
        let (rng, patience) = (env(9).rng, disks::PATIENCE);
        let parts = Parts { board: board.clone(), seat, rng, vault: id, patience };
        let mut caretaker = Caretaker::open(parts, rig.path()).unwrap();
        caretaker.look().unwrap();
        caretaker.take_news();
        Self { rig, board, caretaker, desk }
    }

    fn work(&mut self) -> Vec<Action> {
        let mut all = Vec::new();
        for _ in 0..50 {
            match self.caretaker.step().unwrap() {
                Done::Idle => return all,
                Done::Did(action) => all.push(action),
            }
            self.desk.do_works().unwrap();
        }
        panic!("it never comes to an end: {all:?}");
    }

    /// Tells the caretaker of events until one is of this kind. All that it had to say: it looks at
    /// everything each time, so an event before may have told it the same.
    fn event(&mut self, wanted: impl Fn(&Event) -> bool) -> Vec<News> {
        let mut all = Vec::new();
        for _ in 0..60 {
            if let Some(event) = self.board.next_event(Duration::from_secs(1)).unwrap() {
                self.caretaker.on_event(&event).unwrap();
                all.extend(self.caretaker.take_news());
                if wanted(&event) {
                    return all;
                }
            }
        }
        panic!("the event did not come");
    }

    fn volume(&self, serial: &str) -> VolumeId {
        match self.board.probe(&self.rig.identity(serial)).unwrap() {
            DiskContent::Volume(mark) => mark.volume,
            other => panic!("{serial}: {other:?}"),
        }
    }

    fn source(&self) -> PathBuf {
        self.rig.path().join("source")
    }

    fn back_up(&self, name: &str, len: usize) {
        fs::create_dir_all(self.source()).unwrap();
        let mut noise = vec![0; len];
        types::Rng::fill(&SeededRng::new(len as u64), &mut noise);
        fs::write(self.source().join(name), noise).unwrap();
        let paths = vec![self.source()];
        let (source, host) = ("desk".to_owned(), "desk".to_owned());
        let spec = BackupSpec { source, paths, host, ..BackupSpec::default() };
        let vault = self.desk.vault().unwrap();
        vault.backup(&spec, &mut |_| true).unwrap();
        vault.close().unwrap();
    }

    /// The newest version is what was backed up, to the last byte.
    fn is_whole(&self) {
        let target = self.rig.path().join("out");
        let vault = self.desk.vault().unwrap();
        let found = vault.find_snapshot("latest").unwrap();
        vault.restore(&found, b"", &target, RestoreOptions::default(), &mut |_| true).unwrap();
        let restored = files(&target);
        assert!(!restored.is_empty() && restored == files(&self.source()));
    }
}

/// Names and bytes of all files below a folder, wherever they stand.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.file_name().to_string_lossy().into_owned();
                all.push((name, fs::read(entry.path()).unwrap()));
            }
        }
    }
    all.sort();
    all
}

fn disk(rig: &Rig, bay: &str, serial: &str, size: u64) -> Loop {
    let image = rig.image(bay, serial);
    File::options().write(true).open(&image).unwrap().set_len(size).unwrap();
    Loop::attach(&image, &[])
}

pub(crate) fn a_smaller_disk() {
    let rig = Rig::new();
    let _left = disk(&rig, "bay-1", "left", 400 << 20);
    let right = disk(&rig, "bay-2", "right", 400 << 20);
    let mut home = Home::new(rig, &["left", "right"]);
    home.work();
    home.back_up("letters", 5_000_000);
    let old = home.volume("right");
    home.caretaker.judged(old, Grade::ReplaceSoon).unwrap();
    home.caretaker.replace(old).unwrap();
    home.work();
    let insert = Action::AskInsert { bay: Some("3".to_owned()), replaces: old };
    assert_eq!(home.caretaker.open_questions().unwrap(), [insert]);

    let _small = disk(&home.rig, "bay-3", "small", 200 << 20);
    home.event(|event| matches!(event, Event::Inserted(_)));
    let small = home.rig.identity("small");
    home.caretaker.adopt(&small, Aim::Member { replaces: Some(old) }).unwrap();
    home.work();
    let pull = Action::AskPull { disk: home.rig.identity("right") };
    assert_eq!(home.caretaker.open_questions().unwrap(), [pull]);

    // Nothing holds it any more, or the device would stay when its last handle is closed.
    drop(right);
    let news = home.event(|event| matches!(event, Event::Removed(_)));
    assert_eq!(news, [News::RightPulled { place: "bay 2".to_owned() }]);
    let vault = home.desk.vault().unwrap();
    assert_eq!((vault.under_copied().unwrap(), vault.volumes().unwrap().len()), (0, 2));
    drop(vault);
    home.back_up("later", 1_000_000);
    home.is_whole();
}
