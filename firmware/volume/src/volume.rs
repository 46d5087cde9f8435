//! A volume: who it is, and its heads. Packs are in `packs`, `open` and `trash`, what else makes it
//! readable by itself in `companions`.
//!
//! Every writing verb first asks whether the volume may be written at all (quarantine, read-only
//! mount, newer features), then goes through [`crate::durable`].

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use format::superblock::Superblock;
use types::{Bytes, HeadHash, PackId, VaultId, VolumeId};

use crate::disk::{Disk, DiskFile, EntryKind, Listed, Space};
use crate::durable::{self, At, IoFailure};
use crate::error::{Finding, VolumeError, VolumeName};
use crate::hosted::accounts::Hosting;
use crate::layout::{self, COPIES_OF_SUPERBLOCK, FOLDERS, HEADS, HeadFile};
use crate::space;
use crate::superblocks::{self, Identity};

/// How often a volume that is in use is asked for again, and how long between: a second in all.
const LOCK_TRIES: usize = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

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
    /// What it knows of what is kept here for friends.
    pub(crate) hosting: Hosting,
}

impl Volume {
    /// Makes a volume in an empty folder: [`Self::prepare`] and [`Self::write_superblocks`] in
    /// one, for a volume that carries nothing beside its packs.
    pub fn create(disk: Arc<dyn Disk>, superblock: Superblock) -> Result<Self, VolumeError> {
        let made = Self::prepare(disk, superblock)?;
        made.write_superblocks()?;
        Ok(made)
    }

    /// Begins a volume in an empty folder: everything but its superblocks, so that nothing here is
    /// a volume yet. What it needs to be readable by itself is written before [`Self::write_superblocks`]; a
    /// power cut until then leaves a folder in which this can be tried again. The superblock's
    /// serial becomes the disk's.
    pub fn prepare(disk: Arc<dyn Disk>, superblock: Superblock) -> Result<Self, VolumeError> {
        let place = VolumeName::new(&disk.label());
        let superblock = Superblock { serial: superblocks::storable_serial(&*disk), ..superblock };
        let core = Core::new(disk, &superblock);
        let disk = &*core.disk;
        let occupied = is_occupied(disk).at("list", ".");
        if occupied.map_err(|failure| core.fault(failure))? {
            return Err(VolumeError::Exists { volume: place });
        }
        core.run(FOLDERS.iter().try_for_each(|folder| durable::make_folder(disk, folder)))?;
        Ok(Self::with(core, superblock))
    }

    /// Writes every copy of the superblock, as it stands: from the first of them on, the folder is
    /// a volume.
    pub fn write_superblocks(&self) -> Result<(), VolumeError> {
        self.core.writable()?;
        let _one_at_a_time = lock(&self.rewriting);
        let superblock = self.superblock();
        let disk = &*self.core.disk;
        self.core.run(superblocks::store(disk, &superblock, 0..COPIES_OF_SUPERBLOCK))
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

    /// Claims the volume for this process, for as long as it is open. Waits a second for one that
    /// is just letting go: a program that was stopped, a thread that closes its last file, a child
    /// that shares our open folders until it begins.
    pub fn lock_for_writing(&self) -> Result<(), VolumeError> {
        for pause in std::iter::repeat_n(LOCK_PAUSE, LOCK_TRIES) {
            if self.core.run(self.core.disk.try_lock().at("lock", "."))? {
                return Ok(());
            }
            std::thread::sleep(pause);
        }
        Err(VolumeError::InUse { volume: self.name() })
    }

    /// Counts one more opening for writing; returns the new generation.
    pub fn bump_generation(&self) -> Result<u64, VolumeError> {
        self.rewrite(count_one)
    }

    /// Takes the disk below as this volume's own from now on: for the owner who moved it to
    /// another disk on purpose. Counts a generation, so that the old disk is the stale one.
    pub fn adopt_disk(&self) -> Result<u64, VolumeError> {
        let serial = superblocks::storable_serial(&*self.core.disk);
        self.rewrite(|superblock| {
            count_one(superblock);
            superblock.serial = serial;
        })
    }

    /// Gives it another id. A cut leaves the old one or the new one, never both: all copies but one go
    /// first.
    pub fn rename(&self, id: VolumeId) -> Result<(), VolumeError> {
        self.core.writable()?;
        let _one_at_a_time = lock(&self.rewriting);
        let mut next = lock(&self.superblock).clone();
        next.volume = id;
        count_one(&mut next);
        let renamed = superblocks::rename(&*self.core.disk, &next);
        self.core.run(renamed)?;
        *lock(&self.superblock) = next;
        Ok(())
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

    /// Whether its disk is late with an answer that somebody else did not wait for.
    pub fn is_late(&self) -> bool {
        self.core.disk.is_late()
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

    /// What may still be filled: free room less the [reserve](space::reserve) and what friends were
    /// promised and have not used.
    pub fn free(&self) -> Result<Bytes, VolumeError> {
        let spare = self.space().map(space::to_spare)?;
        // Folders of friends that cannot be read do not keep the vault from its own work.
        let promised = self.core.promised_but_for(None).unwrap_or_default();
        Ok(spare.saturating_sub(promised))
    }

    /// Refuses when `need` would eat into the reserve. Repair and deletion need not ask.
    pub fn room_for(&self, need: Bytes) -> Result<(), VolumeError> {
        let free = self.free()?;
        if free < need {
            return Err(VolumeError::Full { volume: self.name(), free, need });
        }
        Ok(())
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

    /// What the file of a head is called.
    pub fn head_name(seq: u64, hash: HeadHash) -> String {
        HeadFile::new(seq, hash).name
    }

    /// Removes a head that is no good; says whether it was there.
    pub fn delete_head(&self, name: &str) -> Result<bool, VolumeError> {
        self.core.writable()?;
        let Some(head) = HeadFile::parse(name) else { return Ok(false) };
        self.core.run(durable::remove_file(&*self.core.disk, &head.path()))
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
        let (read_only, folders) = (AtomicBool::new(false), Mutex::default());
        Self { disk, name, read_only, folders, hosting: Hosting::default() }
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
        result.map_err(|failure| {
            if failure.doing == durable::SYNCING_FOLDER {
                self.hosting.give_up();
            }
            self.fault(failure)
        })
    }

    pub(crate) fn missing(&self, what: &'static str, name: &str) -> VolumeError {
        VolumeError::Missing { volume: self.name.clone(), what, name: name.to_owned() }
    }

    pub(crate) fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), VolumeError> {
        self.writable()?;
        // A volume that lost an empty folder (some copying tools drop them) gets it back.
        self.ensure_folder(durable::parent(path))?;
        self.unobstructed(path, || durable::replace_file(&*self.disk, path, bytes))
    }

    /// Does something that ends with a file at `path`. When a folder or a link stands there, which
    /// nothing of ours ever is, that is put aside and the whole is done once more.
    pub(crate) fn unobstructed(
        &self,
        path: &str,
        act: impl Fn() -> Result<(), IoFailure>,
    ) -> Result<(), VolumeError> {
        match act() {
            Err(_) if self.is_obstructed(path) => {
                self.put_stray_aside(path)?;
                self.run(act())
            }
            other => self.run(other),
        }
    }

    /// Whether something other than a file stands where a file should.
    fn is_obstructed(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let listed = self.disk.list(durable::parent(path)).unwrap_or_default();
        listed.iter().any(|entry| entry.name == name && entry.kind != EntryKind::File)
    }

    fn put_stray_aside(&self, path: &str) -> Result<(), VolumeError> {
        self.ensure_folder(layout::TRASH)?;
        let taken: HashSet<String> =
            self.list(layout::TRASH)?.into_iter().map(|entry| entry.name).collect();
        let to = (0..).map(|n| layout::stray(path, n)).find(|to| {
            !taken.contains(to.trim_start_matches(layout::TRASH).trim_start_matches('/'))
        });
        let to = to.expect("a folder holds fewer names than there are numbers");
        self.run(durable::move_file(&*self.disk, path, &to))
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

    /// Opens a file; none when it is not there, or when what is there is no file.
    pub(crate) fn open(&self, path: &str) -> Result<Option<Box<dyn DiskFile>>, VolumeError> {
        match self.disk.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) if self.is_obstructed(path) => Ok(None),
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

/// Counts a generation. A superblock holds no secret, so whoever has the disk can write any number
/// into it: the last one there is stays, and ends nothing.
fn count_one(superblock: &mut Superblock) {
    superblock.generation = superblock.generation.saturating_add(1);
}

/// Locks; a panic elsewhere does not spread, since no lock here guards a half-made change.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// True when a folder holds anything but what an interrupted creation leaves behind.
fn is_occupied(disk: &dyn Disk) -> io::Result<bool> {
    for entry in disk.list("")? {
        let ours = match entry.kind {
            EntryKind::File => {
                entry.name.ends_with(durable::TEMPORARY) || layout::is_companion(&entry.name)
            }
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
