//! A volume: who it is, its key files and heads. Packs are in `packs`, `open` and `trash`.
//!
//! Every writing verb first asks whether the volume may be written at all (quarantine, read-only
//! mount, newer features), then goes through [`crate::durable`].

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use format::superblock::Superblock;
use types::{Bytes, HeadHash, PackId, VaultId, VolumeId};

use crate::disk::{Disk, DiskFile, EntryKind, Listed, Space};
use crate::durable::{self, At, IoFailure};
use crate::error::{Finding, VolumeError, VolumeName};
use crate::layout::{self, COPIES_OF_KEYS, COPIES_OF_SUPERBLOCK, FOLDERS, HEADS, HeadFile};
use crate::space;
use crate::superblocks::{self, Identity};

/// One disk's share of the vault.
#[derive(Debug)]
pub struct Volume {
    pub(crate) core: Arc<Core>,
    superblock: Mutex<Superblock>,
    /// Held while the copies are rewritten, so that `superblock` is never locked during I/O: who
    /// a hung disk is must still be known.
    rewriting: Mutex<()>,
    /// Packs that are being imported now.
    pub(crate) importing: Mutex<HashSet<PackId>>,
    /// Read buffers not in use.
    pub(crate) buffers: Mutex<Vec<Vec<u8>>>,
}

/// What a volume shares with its open files.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) name: VolumeName,
    read_only: AtomicBool,
    /// Pack folders known to be durable, so that each is synced into being once.
    folders: Mutex<HashSet<String>>,
}

impl Volume {
    /// Makes a volume in an empty folder. The superblock's serial becomes the disk's.
    pub fn create(disk: Arc<dyn Disk>, superblock: Superblock) -> Result<Self, VolumeError> {
        let place = VolumeName::new(&disk.label());
        let superblock = Superblock { serial: superblocks::storable_serial(&*disk), ..superblock };
        let core = Core::new(disk, &superblock);
        let disk = &*core.disk;
        let occupied = is_occupied(disk).at("list", ".");
        if occupied.map_err(|failure| core.fault(failure))? {
            return Err(VolumeError::Exists { volume: place });
        }
        // The superblocks come last: before the first of them nothing here is a volume yet, and a
        // power cut leaves a folder in which this can be tried again.
        core.run(FOLDERS.iter().try_for_each(|folder| durable::make_folder(disk, folder)))?;
        core.run(superblocks::store(disk, &superblock, 0..COPIES_OF_SUPERBLOCK))?;
        Ok(Self::with(core, superblock))
    }

    /// Opens a volume. What is odd but stops nothing comes back as findings.
    ///
    /// Copies of the superblock are healed only where the volume may be written and is on the disk
    /// it was made on: a clone is evidence, not to be touched.
    pub fn open(disk: Arc<dyn Disk>) -> Result<(Self, Vec<Finding>), VolumeError> {
        let loaded = superblocks::load(&*disk, &VolumeName::new(&disk.label()))?;
        let core = Core::new(disk, &loaded.best);
        let mut findings = superblocks::oddities(&loaded.best, &*core.disk);
        if core.disk.read_only() || findings.contains(&Finding::NewerFeatures) {
            core.read_only.store(true, Ordering::Release);
        }
        let mut repaired = core.writable().is_ok() && findings.is_empty();
        if repaired {
            let unequal = loaded.unequal.iter().copied();
            let stored = core.run(superblocks::store(&*core.disk, &loaded.best, unequal));
            // A disk that cannot be written can still be read, and a full one emptied.
            repaired = stored.is_ok();
            if stored.is_err_and(|error| error.is_disk_fault()) {
                core.read_only.store(true, Ordering::Release);
            }
        }
        let copies = loaded.unequal.into_iter();
        findings.extend(copies.map(|copy| Finding::SuperblockCopy { copy, repaired }));
        Ok((Self::with(core, loaded.best), findings))
    }

    fn with(core: Core, superblock: Superblock) -> Self {
        Self {
            core: Arc::new(core),
            superblock: Mutex::new(superblock),
            rewriting: Mutex::default(),
            importing: Mutex::default(),
            buffers: Mutex::default(),
        }
    }

    /// What messages call it.
    pub fn name(&self) -> VolumeName {
        self.core.name.clone()
    }

    /// Its id.
    pub fn id(&self) -> VolumeId {
        lock(&self.superblock).volume
    }

    /// The vault it belongs to.
    pub fn vault(&self) -> VaultId {
        lock(&self.superblock).vault
    }

    /// Who it is, and whether the disk below is the one it was made on.
    pub fn identity(&self) -> Identity {
        let superblock = lock(&self.superblock).clone();
        let serial_matches = superblock.serial == superblocks::storable_serial(&*self.core.disk);
        Identity { superblock, serial_matches }
    }

    /// The superblock as it stands.
    pub fn superblock(&self) -> Superblock {
        lock(&self.superblock).clone()
    }

    /// Claims the volume for this process, for as long as it is open.
    pub fn lock_for_writing(&self) -> Result<(), VolumeError> {
        if self.core.run(self.core.disk.try_lock().at("lock", "."))? {
            return Ok(());
        }
        Err(VolumeError::InUse { volume: self.name() })
    }

    /// Counts one more opening for writing; returns the new generation.
    pub fn bump_generation(&self) -> Result<u64, VolumeError> {
        self.rewrite(|superblock| superblock.generation += 1)
    }

    /// Takes the disk below as this volume's own from now on: for the owner who moved it to
    /// another disk on purpose. Counts a generation, so that the old disk is the stale one.
    pub fn adopt_disk(&self) -> Result<u64, VolumeError> {
        let serial = superblocks::storable_serial(&*self.core.disk);
        self.rewrite(|superblock| {
            superblock.generation += 1;
            superblock.serial = serial;
        })
    }

    fn rewrite(&self, change: impl FnOnce(&mut Superblock)) -> Result<u64, VolumeError> {
        self.core.writable()?;
        let _one_at_a_time = lock(&self.rewriting);
        let mut next = lock(&self.superblock).clone();
        change(&mut next);
        let stored = superblocks::store(&*self.core.disk, &next, 0..COPIES_OF_SUPERBLOCK);
        self.core.run(stored)?;
        let generation = next.generation;
        *lock(&self.superblock) = next;
        Ok(generation)
    }

    /// Makes durable whatever can be seen here. To be called once before what is listed counts as
    /// stored: a program that was killed may have left names that its folder syncs never reached,
    /// and they look like any others until the power goes.
    pub fn settle(&self) -> Result<(), VolumeError> {
        self.core.writable()?;
        self.core.run(self.core.disk.sync_all().at("sync", "."))
    }

    /// Refuses every write from now on (a clone, a disk that failed). Reads go on.
    pub fn quarantine(&self) {
        self.core.read_only.store(true, Ordering::Release);
    }

    /// True when nothing may be written.
    pub fn is_read_only(&self) -> bool {
        self.core.read_only.load(Ordering::Acquire)
    }

    /// The disk's size and free room, the reserve included.
    pub fn space(&self) -> Result<Space, VolumeError> {
        self.core.run(self.core.disk.space().at("measure", "."))
    }

    /// What may still be filled: free room less the [reserve](space::reserve).
    pub fn free(&self) -> Result<Bytes, VolumeError> {
        self.space().map(space::to_spare)
    }

    /// Refuses when `need` would eat into the reserve. Repair and deletion need not ask.
    pub fn room_for(&self, need: Bytes) -> Result<(), VolumeError> {
        let free = self.free()?;
        if free < need {
            return Err(VolumeError::Full { volume: self.name(), free, need });
        }
        Ok(())
    }

    /// The copies of the key file that can be read, unchecked: what is in them is not for us.
    pub fn read_keys(&self) -> Result<Vec<Vec<u8>>, VolumeError> {
        let mut found = Vec::new();
        let mut failed = None;
        for copy in 0..COPIES_OF_KEYS {
            match self.core.read_small(&layout::keys(copy), Bytes(format::keys::LEN_MAX)) {
                Ok(bytes) => found.extend(bytes),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if found.is_empty() => Err(error),
            _ => Ok(found),
        }
    }

    /// Replaces the key file, one copy after the other.
    pub fn write_keys(&self, bytes: &[u8]) -> Result<(), VolumeError> {
        (0..COPIES_OF_KEYS).try_for_each(|copy| self.core.replace(&layout::keys(copy), bytes))
    }

    /// All heads here, oldest first. Files with other names are left out.
    pub fn list_heads(&self) -> Result<Vec<HeadFile>, VolumeError> {
        let files = self.core.list(HEADS)?.into_iter();
        let files = files.filter(|entry| entry.kind == EntryKind::File);
        let mut heads: Vec<_> = files.filter_map(|entry| HeadFile::parse(&entry.name)).collect();
        heads.sort();
        Ok(heads)
    }

    /// A head's envelope, unchecked. `name` is one that [`Self::list_heads`] gave.
    pub fn read_head(&self, name: &str) -> Result<Vec<u8>, VolumeError> {
        let limit = Bytes(format::head::ENVELOPE_LEN_MAX);
        let head = HeadFile::parse(name);
        let bytes = head.map(|head| self.core.read_small(&head.path(), limit)).transpose()?;
        bytes.flatten().ok_or_else(|| self.core.missing("head", name))
    }

    /// Stores a head. Storing it again changes nothing; a damaged file of that name is replaced.
    pub fn write_head(&self, seq: u64, hash: HeadHash, bytes: &[u8]) -> Result<(), VolumeError> {
        self.core.replace(&HeadFile::new(seq, hash).path(), bytes)
    }

    /// Removes one head: a damaged one that no other volume has a sound copy of. `name` is one that
    /// [`Self::list_heads`] gave.
    pub fn remove_head(&self, name: &str) -> Result<(), VolumeError> {
        self.core.writable()?;
        let Some(head) = HeadFile::parse(name) else {
            return Err(self.core.missing("head", name));
        };
        self.core.run(durable::remove_file(&*self.core.disk, &head.path())).map(drop)
    }

    /// Removes heads older than the newest `keep` numbers (at least one stays; of a fork, all
    /// branches at a kept number). Returns how many went.
    pub fn prune_heads(&self, keep: usize) -> Result<usize, VolumeError> {
        self.core.writable()?;
        let heads = self.list_heads()?;
        let numbers: BTreeSet<u64> = heads.iter().map(|head| head.seq).collect();
        let Some(oldest_kept) = numbers.iter().rev().nth(keep.max(1) - 1) else {
            return Ok(0);
        };
        let old: Vec<_> = heads.iter().filter(|head| head.seq < *oldest_kept).collect();
        for head in &old {
            self.core.run(durable::remove_file(&*self.core.disk, &head.path()))?;
        }
        Ok(old.len())
    }
}

impl Core {
    fn new(disk: Arc<dyn Disk>, superblock: &Superblock) -> Self {
        let name = format!("volume {} ({})", superblock.volume.short(), disk.label());
        let name = VolumeName::new(&name);
        Self { disk, name, read_only: AtomicBool::new(false), folders: Mutex::default() }
    }

    pub(crate) fn writable(&self) -> Result<(), VolumeError> {
        if self.read_only.load(Ordering::Acquire) {
            return Err(VolumeError::ReadOnly { volume: self.name.clone() });
        }
        Ok(())
    }

    pub(crate) fn fault(&self, failure: IoFailure) -> VolumeError {
        VolumeError::io(self.name.clone(), failure.doing, failure.path, failure.source)
    }

    pub(crate) fn run<T>(&self, result: Result<T, IoFailure>) -> Result<T, VolumeError> {
        result.map_err(|failure| self.fault(failure))
    }

    pub(crate) fn missing(&self, what: &'static str, name: &str) -> VolumeError {
        VolumeError::Missing { volume: self.name.clone(), what, name: name.to_owned() }
    }

    pub(crate) fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), VolumeError> {
        self.writable()?;
        // A volume that lost an empty folder (some copying tools drop them) gets it back.
        self.ensure_folder(durable::parent(path))?;
        self.run(durable::replace_file(&*self.disk, path, bytes))
    }

    /// Makes a folder and its name last, once per folder and process.
    pub(crate) fn ensure_folder(&self, path: &str) -> Result<(), VolumeError> {
        if path.is_empty() || lock(&self.folders).contains(path) {
            return Ok(());
        }
        self.ensure_folder(durable::parent(path))?;
        self.run(durable::make_folder(&*self.disk, path))?;
        lock(&self.folders).insert(path.to_owned());
        Ok(())
    }

    /// What a folder holds, in order of name; nothing when it is not there.
    pub(crate) fn list(&self, path: &str) -> Result<Vec<Listed>, VolumeError> {
        let mut entries = match self.disk.list(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => self.run(other.at("list", path))?,
        };
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Opens a file; none when it is not there.
    pub(crate) fn open(&self, path: &str) -> Result<Option<Box<dyn DiskFile>>, VolumeError> {
        match self.disk.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            other => self.run(other.at("open", path)).map(Some),
        }
    }

    /// A whole small file; none when it is not there.
    pub(crate) fn read_small(
        &self,
        path: &str,
        limit: Bytes,
    ) -> Result<Option<Vec<u8>>, VolumeError> {
        let Some(file) = self.open(path)? else { return Ok(None) };
        let len = self.run(file.len().at("measure", path))?;
        let fits = usize::try_from(len).ok().filter(|_| len <= limit.0);
        let Some(len) = fits else {
            let (volume, path) = (self.name.clone(), path.to_owned());
            return Err(VolumeError::TooLong { volume, path, limit });
        };
        let mut bytes = vec![0; len];
        let read = self.run(file.read_at(0, &mut bytes).at("read", path))?;
        bytes.truncate(read);
        Ok(Some(bytes))
    }
}

/// Locks; a panic elsewhere does not spread, since no lock here guards a half-made change.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// True when a folder holds anything but what an interrupted creation leaves behind.
fn is_occupied(disk: &dyn Disk) -> io::Result<bool> {
    for entry in disk.list("")? {
        let ours = match entry.kind {
            EntryKind::File => entry.name.ends_with(durable::TEMPORARY),
            EntryKind::Folder => {
                FOLDERS.contains(&entry.name.as_str()) && disk.list(&entry.name)?.is_empty()
            }
            EntryKind::Other => false,
        };
        if !ours {
            return Ok(true);
        }
    }
    Ok(false)
}
