//! The folder of one run: two volumes, the store of bodiless packs, the catalog; and opening the
//! vault in it.
//!
//! Start at [`Place::open_vault`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use seal::Words;
use testkit::env::{ManualClock, SeededRng};
use types::UnixTime;
use vault::{Access, Env, OpenReport, Options, Secrets, Vault};
use volume::Disk;

use crate::Outcome;
use crate::disk::ScaleDisk;
use crate::store::Store;

/// The time at which every run begins.
const BEGIN: i64 = 1_800_000_000_000;
/// Time between two acts: an hour.
const STEP: i64 = 3_600_000;

/// Where a run lies.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its folder.
    pub(crate) dir: PathBuf,
    /// Which act this is: sets time and randomness.
    pub(crate) act: u32,
}

impl Place {
    /// Volumes of the vault, and copies of each pack.
    pub(crate) const VOLUMES: u8 = 2;

    /// The words, the same each time.
    pub(crate) fn words() -> Words {
        Words::generate(&SeededRng::new(1))
    }

    /// Time and randomness of this act.
    pub(crate) fn env(&self) -> Env {
        let now = UnixTime(BEGIN + STEP * i64::from(self.act));
        let rng = SeededRng::new(1_000 + u64::from(self.act));
        Env { clock: Arc::new(ManualClock::at(now)), rng: Arc::new(rng) }
    }

    /// The catalog's file.
    pub(crate) fn catalog(&self) -> PathBuf {
        self.dir.join("catalog.redb")
    }

    /// A volume's folder.
    pub(crate) fn volume_dir(&self, number: u8) -> PathBuf {
        self.dir.join(format!("volume-{number}"))
    }

    /// The disks, with the bodiless packs in them when there is a store.
    pub(crate) fn disks(&self, with_store: bool) -> Outcome<Vec<Arc<ScaleDisk>>> {
        let store = with_store.then(|| Store::open(&self.dir)).transpose()?.map(Arc::new);
        let open = |n| {
            let serial = format!("scale-{n}");
            ScaleDisk::open(&self.volume_dir(n), &serial, store.clone()).map(Arc::new)
        };
        (0..Self::VOLUMES).map(open).collect()
    }

    /// Settings: the product's own, with the catalog in this folder.
    pub(crate) fn options(&self) -> Options {
        Options { catalog: Some(self.catalog()), ..Options::default() }
    }

    /// Opens the vault.
    pub(crate) fn open_vault(&self, disks: &[Arc<ScaleDisk>]) -> Outcome<(Vault, OpenReport)> {
        let disks = disks.iter().map(|disk| Arc::clone(disk) as Arc<dyn Disk>).collect();
        let words = Self::words();
        let secret = Secrets::Words(&words);
        Ok(Vault::open(self.env(), self.options(), Access::ReadWrite, disks, None, secret)?)
    }
}

/// Bytes that a folder takes on the disk.
pub(crate) fn taken(dir: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let mut sum = 0;
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        match std::fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_dir() => sum += taken(&path),
            Ok(meta) => sum += meta.blocks() * 512,
            Err(_) => {}
        }
    }
    sum
}
