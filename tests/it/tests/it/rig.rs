//! A box for tests: disks, words, a clock that is set by hand, a catalog that can be spoilt.
//!
//! Disks are named by their serial; one that is not handed to [`Rig::open`] was pulled. Start there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use format::entry::EntryKind;
use seal::Words;
pub(crate) use testkit::env::noise;
use testkit::env::{ManualClock, SeededRng};
use testkit::simdisk::SimDisk;
use types::{Bytes, Millis, UnixTime, VolumeId};
use vault::{
    Access, BackupReport, BackupSpec, CheckOptions, CheckReport, CreateSpec, EditReceipt, Env,
    Found, NewFile, OpenReport, Options, PruneOptions, PruneReport, Secrets, Vault, VaultError,
    WriterMode,
};
use volume::{Disk, FsDisk, VolumeError};

/// Where disks come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiskKind {
    /// In memory.
    Memory,
    /// A temporary folder each.
    Folder,
}

/// One disk.
#[derive(Clone, Debug)]
pub(crate) enum TestDisk {
    Memory(SimDisk),
    Folder { serial: String, at: PathBuf },
}

impl TestDisk {
    pub(crate) fn sim(&self) -> &SimDisk {
        match self {
            Self::Memory(disk) => disk,
            Self::Folder { at, .. } => panic!("{} is no disk in memory", at.display()),
        }
    }

    /// The disk as a vault gets it; `folder` makes or opens one that is a folder.
    fn handle(
        &self,
        folder: fn(&Path, Option<String>) -> Result<FsDisk, VolumeError>,
    ) -> Arc<dyn Disk> {
        match self {
            Self::Memory(disk) => Arc::new(disk.clone()),
            Self::Folder { serial, at } => Arc::new(folder(at, Some(serial.clone())).unwrap()),
        }
    }

    /// Packs, finished and not: paths and lengths.
    pub(crate) fn packs(&self) -> Vec<(String, u64)> {
        let is_pack = |path: &String| {
            path.starts_with("data/") || path.starts_with("meta/") || path.starts_with("open/")
        };
        let mut all: Vec<_> = match self {
            Self::Memory(disk) => {
                let files = disk.files().into_iter();
                files.map(|(path, bytes)| (path, bytes.len() as u64)).collect()
            }
            Self::Folder { at, .. } => files_below(&Self::top(at)),
        };
        all.retain(|(path, len)| is_pack(path) && *len > 0);
        all.sort();
        all
    }

    fn top(at: &Path) -> PathBuf {
        at.join("holdfast")
    }

    /// Flips all bits of one byte.
    pub(crate) fn flip(&self, path: &str, offset: u64) {
        match self {
            Self::Memory(disk) => disk.flip_byte(path, offset),
            Self::Folder { at, .. } => {
                let file = Self::top(at).join(path);
                let mut bytes = std::fs::read(&file).unwrap();
                let at = usize::try_from(offset).unwrap();
                bytes[at] = !bytes[at];
                std::fs::write(&file, bytes).unwrap();
            }
        }
    }
}

fn files_below(top: &Path) -> Vec<(String, u64)> {
    let (mut all, mut folders) = (Vec::new(), vec![top.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let meta = entry.metadata().unwrap();
            if meta.is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path().strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                all.push((path, meta.len()));
            }
        }
    }
    all
}

/// A box.
#[derive(Debug)]
pub(crate) struct Rig {
    pub dir: tempfile::TempDir,
    pub disks: BTreeMap<String, TestDisk>,
    pub words: Words,
    pub clock: Arc<ManualClock>,
    pub env: Env,
    pub writers: WriterMode,
    kind: DiskKind,
}

/// Any room that these tests want on a disk, unless they say otherwise.
const ROOMY: Bytes = Bytes(4 * Bytes::GIB);

pub(crate) fn quiet(_: vault::Progress) -> bool {
    true
}

impl Rig {
    pub(crate) fn new(kind: DiskKind, writers: WriterMode, seed: u64) -> Self {
        let clock = Arc::new(ManualClock::at(UnixTime(1_800_000_000_000)));
        let rng = Arc::new(SeededRng::new(seed));
        let words = Words::generate(&*rng);
        let env = Env { clock: Arc::clone(&clock) as _, rng };
        let dir = tempfile::tempdir().unwrap();
        Self { dir, disks: BTreeMap::new(), words, clock, env, writers, kind }
    }

    /// Disks in memory, written in the same order every time.
    pub(crate) fn inline(disks: &[&str]) -> Self {
        let mut rig = Self::new(DiskKind::Memory, WriterMode::Inline, 7);
        for serial in disks {
            rig.add_disk(serial, ROOMY);
        }
        rig
    }

    /// Disks in memory, a thread each.
    pub(crate) fn threaded(disks: &[&str]) -> Self {
        let mut rig = Self::inline(disks);
        rig.writers = WriterMode::Threads;
        rig
    }

    /// A new, empty disk, not part of any vault yet.
    pub(crate) fn add_disk(&mut self, serial: &str, size: Bytes) -> TestDisk {
        let disk = match self.kind {
            DiskKind::Memory => TestDisk::Memory(SimDisk::new(serial, size)),
            DiskKind::Folder => {
                let at = self.dir.path().join(serial);
                std::fs::create_dir(&at).unwrap();
                TestDisk::Folder { serial: serial.to_owned(), at }
            }
        };
        self.disks.insert(serial.to_owned(), disk.clone());
        disk
    }

    /// A new disk, for a vault that is to take it in.
    pub(crate) fn empty_disk(&mut self, serial: &str) -> Arc<dyn Disk> {
        self.add_disk(serial, ROOMY).handle(FsDisk::create)
    }

    pub(crate) fn sim(&self, serial: &str) -> &SimDisk {
        self.disks[serial].sim()
    }

    pub(crate) fn catalog(&self) -> PathBuf {
        self.dir.path().join("catalog.redb")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn options(&self) -> Options {
        let cache = Bytes(4 << 20);
        Options {
            writers: self.writers,
            catalog: Some(self.catalog()),
            catalog_cache: cache,
            frame_cache: cache,
            ..Options::default()
        }
    }

    /// Makes a vault on all disks there are.
    pub(crate) fn create(&self, copies: u8) -> Vault {
        let disks = self.disks.values().map(|disk| disk.handle(FsDisk::create)).collect();
        let spec = CreateSpec { disks, copies, words: &self.words, password: None };
        Vault::create(self.env.clone(), self.options(), spec).unwrap()
    }

    pub(crate) fn handles(&self, serials: &[&str]) -> Vec<Arc<dyn Disk>> {
        serials.iter().map(|serial| self.disks[*serial].handle(FsDisk::open)).collect()
    }

    pub(crate) fn try_open_with(
        &self,
        disks: Vec<Arc<dyn Disk>>,
        access: Access,
    ) -> Result<(Vault, OpenReport), VaultError> {
        let secret = Secrets::Words(&self.words);
        Vault::open(self.env.clone(), self.options(), access, disks, None, secret)
    }

    pub(crate) fn try_open(&self, serials: &[&str]) -> Result<(Vault, OpenReport), VaultError> {
        self.try_open_with(self.handles(serials), Access::ReadWrite)
    }

    pub(crate) fn open(&self, serials: &[&str]) -> (Vault, OpenReport) {
        self.try_open(serials).unwrap()
    }

    /// Throws the catalog away, as when the system disk died.
    pub(crate) fn lose_catalog(&self) {
        std::fs::remove_file(self.catalog()).unwrap();
    }

    pub(crate) fn pass_days(&self, days: u64) {
        self.clock.pass(Millis::from_days(days));
    }
}

pub(crate) fn put(vault: &Vault, source: &str, path: &str, bytes: &[u8]) -> EditReceipt {
    try_put(vault, source, path, bytes).unwrap()
}

pub(crate) fn try_put(
    vault: &Vault,
    source: &str,
    path: &str,
    mut bytes: &[u8],
) -> Result<EditReceipt, VaultError> {
    let file = NewFile { make_parents: true, ..NewFile::default() };
    vault.editor(None, source)?.put(path.as_bytes(), file, &mut bytes)
}

pub(crate) fn backup(vault: &Vault, source: &str, path: &Path) -> BackupReport {
    try_backup(vault, source, path).unwrap()
}

pub(crate) fn try_backup(
    vault: &Vault,
    source: &str,
    path: &Path,
) -> Result<BackupReport, VaultError> {
    let (source, paths) = (source.to_owned(), vec![path.to_owned()]);
    vault.backup(&BackupSpec { source, paths, ..BackupSpec::default() }, &mut quiet)
}

pub(crate) fn check(vault: &Vault, read_data: bool, repair: bool) -> CheckReport {
    vault.check(CheckOptions { read_data, repair }, &mut quiet).unwrap()
}

/// Prunes without waiting.
pub(crate) fn prune_now(vault: &Vault) -> Result<PruneReport, VaultError> {
    let grace = Some(Millis(0));
    vault.prune(PruneOptions { grace, allow_large: true, ..PruneOptions::default() }, &mut quiet)
}

/// A whole file of the newest version of a source.
pub(crate) fn get(vault: &Vault, source: &str, path: &str) -> Result<Vec<u8>, VaultError> {
    let found = vault.find_snapshot(&format!("latest:{source}"))?;
    get_of(vault, &found, path)
}

pub(crate) fn get_of(vault: &Vault, found: &Found, path: &str) -> Result<Vec<u8>, VaultError> {
    vault.read_range(found, path.as_bytes(), 0, usize::MAX)
}

/// All paths of the newest version of a source, folders with a slash behind.
pub(crate) fn names(vault: &Vault, source: &str) -> Vec<String> {
    let found = vault.find_snapshot(&format!("latest:{source}")).unwrap();
    let mut all = Vec::new();
    let mut take = |listed: vault::ListedEntry| {
        let mut path = String::from_utf8(listed.path).unwrap();
        if listed.entry.kind == EntryKind::Folder {
            path.push('/');
        }
        all.push(path);
        true
    };
    vault.list(&found, b"", true, &mut take).unwrap();
    all
}

pub(crate) fn volume_id(vault: &Vault, serial: &str) -> VolumeId {
    let all = vault.volumes().unwrap();
    all.into_iter().find(|volume| volume.serial == serial).unwrap().id
}
