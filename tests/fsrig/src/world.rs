//! What all boots of one recorded world share: keys, a clock, folders to back up, the moments.
//!
//! It knows nothing of what was acknowledged. Start at [`World::new`].

use std::fs::{File, create_dir_all};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crash::model::{Node, Tree};
use seal::Words;
use testkit::env::{ManualClock, SeededRng, noise};
use testkit::twist::Twisted;
use types::UnixTime;
use vault::{Env, Options, WriterMode};
use volume::{Disk, FsDisk, VolumeError};

use crate::faulty::NoFolderSyncs;
use crate::serve::Moments;

/// Different folders to back up.
const FOLDERS: usize = 3;

/// What several boots share.
#[derive(Debug)]
pub struct World {
    /// Everything that is chosen follows from it.
    pub seed: u64,
    /// Counts what reaches the disks.
    pub moments: Arc<Moments>,
    /// Sabotage: folder syncs are left out.
    pub no_folder_syncs: bool,
    /// Opens the vault.
    pub words: Words,
    boots: AtomicU64,
    folders: Vec<(PathBuf, Arc<Tree>)>,
}

impl World {
    /// A world whose folders to back up are made below `place`.
    pub fn new(seed: u64, no_folder_syncs: bool, place: &Path) -> std::io::Result<Self> {
        Ok(Self {
            seed,
            moments: Arc::default(),
            no_folder_syncs,
            words: Words::generate(&SeededRng::new(seed)),
            boots: AtomicU64::new(0),
            folders: (0..FOLDERS).map(|n| make_folder(place, n)).collect::<Result<_, _>>()?,
        })
    }

    /// A folder to back up, and what is in it.
    pub fn folder(&self, n: usize) -> (&Path, &Arc<Tree>) {
        let (path, tree) = &self.folders[n % FOLDERS];
        (path, tree)
    }

    /// Time and randomness of one more boot: no boot may draw what another drew.
    pub fn boot(&self) -> Env {
        let boot = self.boots.fetch_add(1, Ordering::Relaxed);
        let minutes = i64::try_from(boot).expect("few boots");
        let clock = ManualClock::at(UnixTime(1_800_000_000_000 + minutes * 60_000));
        let stream = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(boot);
        Env { clock: Arc::new(clock), rng: Arc::new(SeededRng::new(stream)) }
    }

    /// The product's own settings, but for the catalog: it is a cache, and kept in memory.
    pub fn options(mode: WriterMode) -> Options {
        Options { writers: mode, catalog: None, ..Options::default() }
    }

    fn serial(disk: usize) -> Option<String> {
        Some(format!("rig-{disk}"))
    }

    /// The number of the disk with that serial.
    pub fn disk_of(serial: &str) -> Option<usize> {
        serial.strip_prefix("rig-")?.parse().ok()
    }

    /// A disk for a new volume.
    pub fn new_disk(&self, n: usize, home: &Path) -> Result<Arc<dyn Disk>, VolumeError> {
        FsDisk::create(home, Self::serial(n)).map(|disk| self.spoiled(disk))
    }

    /// A disk with a volume.
    pub fn disk(&self, n: usize, home: &Path) -> Result<Arc<dyn Disk>, VolumeError> {
        FsDisk::open(home, Self::serial(n)).map(|disk| self.spoiled(disk))
    }

    fn spoiled(&self, disk: FsDisk) -> Arc<dyn Disk> {
        if !self.no_folder_syncs {
            return Arc::new(disk);
        }
        Arc::new(Twisted { below: disk, twist: NoFolderSyncs })
    }
}

fn make_folder(place: &Path, n: usize) -> std::io::Result<(PathBuf, Arc<Tree>)> {
    let folder = place.join(format!("folder-{n}"));
    let mut tree = Tree::new();
    for name in ["letters", "letters/old"] {
        create_dir_all(folder.join(name))?;
        tree.insert(name.as_bytes().to_vec(), Node::Folder);
    }
    let seed = n as u64;
    let files = [
        // The same in every folder: what is known is not stored again.
        ("letters/old/same", noise(1, 5_000)),
        ("letters/text", format!("line {n}\n").repeat(300).into_bytes()),
        ("empty", Vec::new()),
        ("picture", noise(200 + seed, 40_000 + n * 3_000)),
    ];
    for (name, bytes) in files {
        File::create(folder.join(name))?.write_all(&bytes)?;
        tree.insert(name.as_bytes().to_vec(), Node::File(Arc::new(bytes)));
    }
    Ok((folder, Arc::new(tree)))
}
