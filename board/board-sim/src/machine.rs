//! The machine as a whole: opened from its folder, one process at a time.
//!
//! What the hand does to it is in `hardware`, what the box does in `board_face`. Start at
//! [`Machine::open`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use board::{Light, Profile, profile};
use volume::{Disk, FsDisk};

use crate::error::{At, SimError};
use crate::events::Events;
use crate::facts::{FILE, Facts};
use crate::medium::Medium;

/// The profile that a simulated machine has.
const PROFILE: &str = "desk";

/// A simulated machine. Clones are the same machine.
#[derive(Clone, Debug)]
pub struct Machine {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) root: PathBuf,
    pub(crate) profile: Profile,
    pub(crate) events: Events,
    disks: Mutex<BTreeMap<String, Arc<Medium>>>,
    lights: Mutex<BTreeMap<String, Light>>,
    /// Keeps other processes out for as long as it lives.
    _lock: FsDisk,
}

impl Machine {
    /// Opens the machine in a folder; makes an empty one where there is none.
    pub fn open(root: &Path) -> Result<Self, SimError> {
        for folder in [root.to_path_buf(), root.join("disks"), root.join("mnt")] {
            fs::create_dir_all(&folder).at("make the folder", &folder.display())?;
        }
        let root = root.canonicalize().at("find", &root.display())?;
        let lock = FsDisk::plain_folder(&root).at("open", &root.display())?;
        if !lock.try_lock().at("lock", &root.display())? {
            return Err(SimError::InUse { folder: root.display().to_string() });
        }
        unmount_all(&root.join("mnt"))?;
        let profile = profile::by_id(PROFILE).map_err(|error| SimError::Record {
            file: PROFILE.to_owned(),
            what: error.to_string(),
        })?;
        let disks = Mutex::new(load(&root.join("disks"))?);
        let (events, lights) = (Events::default(), Mutex::default());
        let inner = Inner { root, profile, events, disks, lights, _lock: lock };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The names of all its disks, plugged in or not.
    pub fn names(&self) -> Vec<String> {
        self.inner.disks().keys().cloned().collect()
    }

    pub(crate) fn medium(&self, name: &str) -> Result<Arc<Medium>, SimError> {
        let found = self.inner.disks().get(name).cloned();
        found.ok_or_else(|| SimError::NoDisk { name: name.to_owned() })
    }
}

impl Inner {
    pub(crate) fn disks(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Medium>>> {
        self.disks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lights(&self) -> MutexGuard<'_, BTreeMap<String, Light>> {
        self.lights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn mount_point(&self, name: &str) -> PathBuf {
        self.root.join("mnt").join(name)
    }
}

/// A machine that starts has nothing mounted, whatever the last one left.
fn unmount_all(folder: &Path) -> Result<(), SimError> {
    for entry in fs::read_dir(folder).at("list", &folder.display())? {
        let path = entry.at("list", &folder.display())?.path();
        if path.is_symlink() {
            fs::remove_file(&path).at("remove", &path.display())?;
        }
    }
    Ok(())
}

fn load(folder: &Path) -> Result<BTreeMap<String, Arc<Medium>>, SimError> {
    let mut disks = BTreeMap::new();
    for entry in fs::read_dir(folder).at("list", &folder.display())? {
        let path = entry.at("list", &folder.display())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A disk whose making was cut short has no facts yet, and so is none.
        if path.join(FILE).is_file() {
            let facts = Facts::load(&path)?;
            disks.insert(name.clone(), Arc::new(Medium::new(name, path, facts)));
        }
    }
    Ok(disks)
}
