//! A small vault on simulated disks, for detectors that tell one story. Start at [`Home::new`].

use std::path::PathBuf;
use std::sync::Arc;

use crash::model::chain_of;
use seal::Words;
use testkit::env::{ManualClock, SeededRng};
use testkit::simdisk::SimDisk;
use types::{Bytes, Millis, UnixTime, VolumeId};
use vault::{
    Access, CheckOptions, CheckReport, CreateSpec, EditReceipt, Env, NewFile, OpenReport, Options,
    PruneOptions, PruneReport, Secrets, Vault, VaultError, WriterMode,
};
use volume::Disk;

pub(crate) use testkit::env::noise;

/// The source that all detectors edit.
pub(crate) const BOX: &str = "box";

/// A computer with disks.
pub(crate) struct Home {
    pub dir: tempfile::TempDir,
    pub disks: Vec<SimDisk>,
    pub words: Words,
    pub clock: Arc<ManualClock>,
    pub env: Env,
    /// Bytes of opened frames that the vault keeps.
    pub frame_cache: Bytes,
}

/// What an error says, with all its causes.
pub(crate) fn said<T>(doing: &str, result: Result<T, VaultError>) -> Result<T, String> {
    result.map_err(|error| format!("{doing}: {}", chain_of(&error)))
}

pub(crate) fn quiet(_: vault::Progress) -> bool {
    true
}

impl Home {
    /// Roomy disks with these serials, and no vault yet.
    pub(crate) fn new(serials: &[&str]) -> Self {
        Self::with_disks(serials.iter().map(|name| SimDisk::new(name, Bytes(4 * Bytes::GIB))))
    }

    pub(crate) fn with_disks(disks: impl IntoIterator<Item = SimDisk>) -> Self {
        let clock = Arc::new(ManualClock::at(UnixTime(1_800_000_000_000)));
        let rng = Arc::new(SeededRng::new(12));
        let words = Words::generate(&*rng);
        let env = Env { clock: Arc::clone(&clock) as _, rng };
        let dir = tempfile::tempdir().expect("a folder for temporary files is there");
        // Every read comes from a disk, unless a detector wants it otherwise.
        let frame_cache = Bytes(0);
        Self { dir, disks: disks.into_iter().collect(), words, clock, env, frame_cache }
    }

    pub(crate) fn catalog(&self) -> PathBuf {
        self.dir.path().join("catalog.redb")
    }

    pub(crate) fn lose_catalog(&self) -> Result<(), String> {
        std::fs::remove_file(self.catalog()).map_err(|error| format!("the catalog: {error}"))
    }

    fn options(&self) -> Options {
        Options {
            writers: WriterMode::Inline,
            catalog: Some(self.catalog()),
            catalog_cache: Bytes(4 << 20),
            frame_cache: self.frame_cache,
            ..Options::default()
        }
    }

    /// Makes a vault on all disks.
    pub(crate) fn create(&self, copies: u8) -> Result<Vault, String> {
        let all: Vec<usize> = (0..self.disks.len()).collect();
        self.create_on(&all, copies)
    }

    /// Makes a vault on some of the disks.
    pub(crate) fn create_on(&self, which: &[usize], copies: u8) -> Result<Vault, String> {
        let disk = |n: &usize| Arc::new(self.disks[*n].clone()) as Arc<dyn Disk>;
        let disks = which.iter().map(disk).collect();
        let spec = CreateSpec { disks, copies, words: &self.words, password: None };
        said("create", Vault::create(self.env.clone(), self.options(), spec))
    }

    /// Opens the vault from these of its disks.
    pub(crate) fn open(&self, which: &[usize]) -> Result<(Vault, OpenReport), String> {
        self.open_disks(which.iter().map(|n| self.disks[*n].clone()))
    }

    pub(crate) fn open_disks(
        &self,
        disks: impl IntoIterator<Item = SimDisk>,
    ) -> Result<(Vault, OpenReport), String> {
        self.open_any(disks.into_iter().map(|disk| Arc::new(disk) as Arc<dyn Disk>).collect())
    }

    pub(crate) fn open_any(
        &self,
        disks: Vec<Arc<dyn Disk>>,
    ) -> Result<(Vault, OpenReport), String> {
        let (secret, access) = (Secrets::Words(&self.words), Access::ReadWrite);
        said("open", Vault::open(self.env.clone(), self.options(), access, disks, None, secret))
    }

    pub(crate) fn pass_days(&self, days: u64) {
        self.clock.pass(Millis::from_days(days));
    }
}

pub(crate) fn put(vault: &Vault, path: &str, bytes: &[u8]) -> Result<EditReceipt, String> {
    said("put", try_put(vault, path, bytes))
}

pub(crate) fn try_put(vault: &Vault, path: &str, bytes: &[u8]) -> Result<EditReceipt, VaultError> {
    put_in(vault, BOX, path, bytes)
}

/// Stores a file in a source of that name.
pub(crate) fn put_in(
    vault: &Vault,
    source: &str,
    path: &str,
    mut bytes: &[u8],
) -> Result<EditReceipt, VaultError> {
    let file = NewFile { make_parents: true, ..NewFile::default() };
    vault.editor(None, source)?.put(path.as_bytes(), file, &mut bytes)
}

/// A whole file of the newest version.
pub(crate) fn get(vault: &Vault, path: &str) -> Result<Vec<u8>, String> {
    let found = vault.find_snapshot(&format!("latest:{BOX}"));
    let read = found.and_then(|found| vault.read_range(&found, path.as_bytes(), 0, usize::MAX));
    said("read", read)
}

/// Complains unless a file can be read and is what was stored.
pub(crate) fn must_be(vault: &Vault, path: &str, wanted: &[u8]) -> Result<(), String> {
    let found = get(vault, path).map_err(|why| format!("{path} is lost: {why}"))?;
    if found == wanted { Ok(()) } else { Err(format!("{path} holds other bytes")) }
}

pub(crate) fn check(vault: &Vault, repair: bool) -> Result<CheckReport, String> {
    said("check", vault.check(CheckOptions { read_data: true, repair }, &mut quiet))
}

/// Prunes with the usual grace.
pub(crate) fn prune(vault: &Vault) -> Result<PruneReport, String> {
    let options = PruneOptions { allow_large: true, ..PruneOptions::default() };
    said("prune", vault.prune(options, &mut quiet))
}

/// Prunes without waiting.
pub(crate) fn prune_now(vault: &Vault) -> Result<PruneReport, String> {
    let options = PruneOptions { grace: Some(Millis(0)), allow_large: true, dry_run: false };
    said("prune", vault.prune(options, &mut quiet))
}

pub(crate) fn forget_all(vault: &Vault) -> Result<(), String> {
    let all = said("list", vault.snapshots(None))?;
    said("forget", vault.forget(&all)).map(drop)
}

pub(crate) fn close(vault: Vault) -> Result<(), String> {
    said("close", vault.close())
}

pub(crate) fn volume_on(vault: &Vault, serial: &str) -> Result<VolumeId, String> {
    let all = said("list", vault.volumes())?;
    let found = all.into_iter().find(|volume| volume.serial == serial);
    found.map(|volume| volume.id).ok_or_else(|| format!("no volume on {serial}"))
}
