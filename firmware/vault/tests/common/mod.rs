//! What the vault's tests share: a box with volumes in temporary folders, and small trees.
#![expect(dead_code, reason = "each test binary uses its own part")]
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test's own files; it stops")]

pub(crate) mod friend;
pub(crate) mod home;
pub(crate) mod witness;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use seal::Words;
pub(crate) use testkit::env::noise;
use testkit::env::{ManualClock, SeededRng};
use types::UnixTime;
use vault::{
    Access, BackupReport, BackupSpec, CreateSpec, Env, OpenReport, Options, Secrets, Vault,
};
use vault::{RestoreOptions, RestoreReport, VaultError};
use volume::{Disk, FsDisk};

/// A box: volumes, words, a clock.
pub(crate) struct Rig {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) volumes: Vec<PathBuf>,
    pub(crate) words: Words,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) env: Env,
}

pub(crate) fn quiet(_: vault::Progress) -> bool {
    true
}

impl Rig {
    /// Folders for `volumes` volumes, and nothing in them.
    pub(crate) fn new(volumes: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(UnixTime(1_800_000_000_000)));
        let rng = Arc::new(SeededRng::new(7));
        let words = Words::generate(&*rng);
        let env = Env { clock: Arc::clone(&clock) as _, rng };
        let volumes = (1..=volumes).map(|n| dir.path().join(format!("disk{n}"))).collect();
        let rig = Self { dir, volumes, words, clock, env };
        rig.volumes.iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
        rig
    }

    pub(crate) fn options(&self) -> Options {
        Options { catalog: Some(self.catalog()), ..Options::default() }
    }

    pub(crate) fn catalog(&self) -> PathBuf {
        self.dir.path().join("catalog.redb")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn disk(folder: &Path) -> Arc<dyn Disk> {
        Arc::new(FsDisk::open(folder, None).unwrap())
    }

    pub(crate) fn new_disk(&self, name: &str) -> Arc<dyn Disk> {
        let folder = self.path(name);
        std::fs::create_dir_all(&folder).unwrap();
        Arc::new(FsDisk::create(&folder, None).unwrap())
    }

    pub(crate) fn create(&self, copies: u8) -> Vault {
        let disks: Vec<Arc<dyn Disk>> = self
            .volumes
            .iter()
            .map(|folder| Arc::new(FsDisk::create(folder, None).unwrap()) as _)
            .collect();
        let spec = CreateSpec { disks, copies, words: &self.words, password: None };
        Vault::create(self.env.clone(), self.options(), spec).unwrap()
    }

    pub(crate) fn try_open(
        &self,
        volumes: &[PathBuf],
        access: Access,
    ) -> Result<(Vault, OpenReport), VaultError> {
        let disks = volumes
            .iter()
            .filter_map(|folder| FsDisk::open(folder, None).ok())
            .map(|disk| Arc::new(disk) as _)
            .collect();
        let secret = Secrets::Words(&self.words);
        Vault::open(self.env.clone(), self.options(), access, disks, None, secret)
    }

    pub(crate) fn open(&self) -> (Vault, OpenReport) {
        self.try_open(&self.volumes, Access::ReadWrite).unwrap()
    }

    /// Packs of data on one of the volumes.
    pub(crate) fn packs(&self, volume: usize) -> Vec<PathBuf> {
        testkit::files::below(&self.volumes[volume].join("holdfast/data"), ".pack")
    }
}

pub(crate) fn backup(vault: &Vault, source: &str, path: &Path) -> BackupReport {
    let spec = BackupSpec {
        source: source.to_owned(),
        paths: vec![path.to_owned()],
        host: "host".to_owned(),
        ..BackupSpec::default()
    };
    vault.backup(&spec, &mut quiet).unwrap()
}

pub(crate) fn restore(vault: &Vault, name: &str, to: &Path) -> RestoreReport {
    let found = vault.find_snapshot(name).unwrap();
    vault.restore(&found, b"", to, RestoreOptions::default(), &mut quiet).unwrap()
}

pub(crate) fn same(a: &Path, b: &Path) {
    let differences = filetree::compare(a, b, &filetree::Compare::default());
    let shown: Vec<_> = differences.iter().map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{shown:#?}");
}

/// One file, with this in it.
pub(crate) fn put(path: &Path, content: &[u8]) {
    std::fs::write(path, content).unwrap();
}

/// A file or folder at another place.
pub(crate) fn move_to(from: &Path, to: &Path) {
    std::fs::rename(from, to).unwrap();
}

/// A small tree with something of everything that needs no special rights.
pub(crate) fn small_tree(at: &Path, seed: u64) {
    use std::os::unix::fs::symlink;
    std::fs::create_dir_all(at.join("docs/deep/er")).unwrap();
    std::fs::create_dir_all(at.join("empty")).unwrap();
    for n in 0..40 {
        let text = format!("file {n} of {seed}\n").repeat(50 + n);
        std::fs::write(at.join(format!("docs/note-{n:02}.txt")), text).unwrap();
    }
    std::fs::write(at.join("docs/deep/er/photo.jpg"), noise(seed, 3_000_000)).unwrap();
    std::fs::write(at.join("docs/deep/er/none"), b"").unwrap();
    symlink("../note-01.txt", at.join("docs/deep/link")).unwrap();
    std::fs::hard_link(at.join("docs/note-02.txt"), at.join("docs/deep/hard")).unwrap();
}

/// Stores these files as the next version; what was there and is not named goes.
pub(crate) fn store(rig: &Rig, vault: &Vault, files: &[(&str, Vec<u8>)]) {
    let tree = rig.path("tree");
    let _first = std::fs::remove_dir_all(&tree);
    std::fs::create_dir_all(&tree).unwrap();
    for (name, content) in files {
        put(&tree.join(name), content);
    }
    backup(vault, "tree", &tree);
    vault.close().unwrap();
}

/// Bytes of all packs on all volumes.
pub(crate) fn used(vault: &Vault) -> u64 {
    fn below(folder: &Path) -> u64 {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        entries
            .map(|entry| match entry.file_type().unwrap().is_dir() {
                true => below(&entry.path()),
                false => entry.metadata().unwrap().len(),
            })
            .sum()
    }
    vault.volumes().unwrap().iter().map(|one| below(Path::new(&one.path))).sum()
}

/// Lets go what the rule lets go, and prunes without a grace.
pub(crate) fn let_go(vault: &Vault) {
    vault.forget(&vault.expired_by_policy(None).unwrap()).unwrap();
    let now =
        vault::PruneOptions { grace: Some(types::Millis(0)), allow_large: true, dry_run: false };
    vault.prune(now, &mut quiet).unwrap();
}
