//! A disk in memory that can lose power, fail, fill up, hang and lie.
//!
//! It keeps what a program sees (the live view) apart from what a power cut leaves (the durable
//! view), with the rules of the worst file system we would run on:
//! - Bytes last once their file was synced. Unsynced appends may be there, missing, torn at a
//!   boundary of 512 bytes or of 4 KiB, or zeros, each for itself, in any order.
//! - Names last once their folder was synced: the folder of the new name for a rename. Unsynced
//!   creations, renames and removals are kept or lost independently of each other; a rename is
//!   atomic. Synced bytes do not save a name, nor a name bytes, nor a folder's names the folder.
//! - On a disk that lies about syncs, a file that was not written may show another file's bytes.
//! - After a failed sync the bytes are never written, and later syncs do not say so.
//!
//! Everything is deterministic: [`SimDisk::crash`] draws its choices from the caller. Start there.

mod faults;
mod file;
mod left;
mod names;
mod overwritten;
mod state;

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use types::Bytes;
use volume::{Disk, DiskFile, Listed, Space};

use faults::Faults;
pub use faults::{Fault, Kind, Lasting};
pub use left::Left;
use state::State;

/// A handle on a simulated disk; clones are handles on the same disk.
#[derive(Clone, Debug)]
pub struct SimDisk {
    shared: Arc<Shared>,
}

/// How long an operation is waited for that a disk is to hold up: only a failure takes so long.
const HELD_PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Shared {
    serial: String,
    machine: Mutex<Machine>,
    held: Condvar,
    released: Condvar,
}

#[derive(Debug)]
struct Machine {
    state: State,
    faults: Faults,
    /// Operations that wait.
    held: u32,
}

impl SimDisk {
    /// An empty disk of `total` bytes.
    pub fn new(serial: &str, total: Bytes) -> Self {
        Self::with(serial, State::new(total.0))
    }

    fn with(serial: &str, state: State) -> Self {
        let machine = Mutex::new(Machine { state, faults: Faults::default(), held: 0 });
        let (held, released) = (Condvar::new(), Condvar::new());
        let shared = Shared { serial: serial.to_owned(), machine, held, released };
        Self { shared: Arc::new(shared) }
    }

    /// The disk after a power cut now, as a new disk without faults. `choice(n)` picks below `n`.
    pub fn crash(&self, choice: &mut dyn FnMut(u32) -> u32) -> Self {
        self.crash_and_tell(choice).0
    }

    /// The same, and what the power cut took.
    pub fn crash_and_tell(&self, choice: &mut dyn FnMut(u32) -> u32) -> (Self, Left) {
        let mut left = Left::default();
        let machine = self.machine();
        let lied = machine.faults.ignore_data_syncs;
        let state = machine.state.after_power_cut(choice, &mut left, lied);
        drop(machine);
        (Self::with(&self.shared.serial, state), left)
    }

    /// Another disk with the same files, as `dd` of a cleanly unmounted one would make it.
    pub fn image(&self, serial: &str) -> Self {
        Self::with(serial, self.machine().state.after_clean_unmount())
    }

    /// Lets the `nth` operation from now (1 is the next) fail, or the first after it that can fail
    /// this way. Replaces an earlier plan.
    pub fn fail_after(&self, nth: u64, fault: Fault, lasting: Lasting) {
        self.machine().faults.plan(nth, fault, lasting);
    }

    /// Forgets planned and lasting faults, and gives the power back with nothing lost: what
    /// [`Self::cut_after`] did was then to kill the program, not the machine.
    pub fn heal(&self) {
        self.machine().faults.heal();
    }

    /// Lets `count` more changing operations through; then the power is gone, and everything fails.
    pub fn cut_after(&self, count: u64) {
        self.machine().faults.cut_after(count);
    }

    /// Refuses anything that takes room.
    pub fn set_full(&self, full: bool) {
        self.machine().faults.full = full;
    }

    /// Refuses every change, as after a remount.
    pub fn set_read_only(&self, read_only: bool) {
        self.machine().faults.read_only = read_only;
    }

    /// A disk that says "synced" and does nothing.
    pub fn lying(&self, lying: bool) {
        self.machine().faults.ignore_data_syncs = lying;
        self.machine().faults.ignore_folder_syncs = lying;
    }

    /// Sabotage: a program that leaves out the folder syncs.
    pub fn ignore_folder_syncs(&self, ignore: bool) {
        self.machine().faults.ignore_folder_syncs = ignore;
    }

    /// From now on every operation waits for [`Self::release`].
    pub fn hang(&self) {
        self.machine().faults.hanging = true;
    }

    /// Waits until an operation waits for [`Self::release`]. Whoever lets a disk hang is to go on only then:
    /// the thread that is to be caught may not have run yet.
    pub fn wait_until_held(&self) {
        let free = |machine: &mut Machine| machine.held == 0;
        let held = self.shared.held.wait_timeout_while(self.machine(), HELD_PATIENCE, free);
        let held = held.unwrap_or_else(PoisonError::into_inner).1;
        assert!(!held.timed_out(), "nobody asks the disk that hangs");
    }

    /// Lets the waiting operations go on.
    pub fn release(&self) {
        self.machine().faults.hanging = false;
        self.shared.released.notify_all();
    }

    /// Operations so far, failed ones included.
    pub fn op_count(&self) -> u64 {
        self.machine().faults.operations
    }

    /// Notes the kind of each operation from now on.
    pub fn note_operations(&self) {
        self.machine().faults.noted = Some(Vec::new());
    }

    /// The kinds of the operations that were noted.
    pub fn noted_operations(&self) -> Vec<Kind> {
        self.machine().faults.noted.clone().unwrap_or_default()
    }

    /// Changing operations so far (what [`Self::cut_after`] counts).
    pub fn change_count(&self) -> u64 {
        self.machine().faults.changes
    }

    /// Flips all bits of one byte, on the medium and in the cache. Panics when it is not there:
    /// a test that damages nothing proves nothing.
    pub fn flip_byte(&self, path: &str, offset: u64) {
        let mut machine = self.machine();
        let file = machine.state.file_at(path).expect("the file to damage is there");
        let offset = usize::try_from(offset).expect("files here fit memory");
        assert!(file.flip(offset), "the byte to damage is there");
    }

    /// Names and lengths of the files in one folder, asked past all faults.
    pub fn lengths(&self, folder: &str) -> Vec<(String, u64)> {
        self.machine().state.lengths(folder)
    }

    /// All files with their bytes, by path.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.machine().state.files()
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.shared.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the operation, waits while the disk hangs, and lets the faults have their say.
    fn begin(&self, operation: Kind) -> Result<MutexGuard<'_, Machine>, Refused<'_>> {
        let mut machine = self.machine();
        let verdict = machine.faults.admit(operation);
        let hanging = |machine: &mut Machine| machine.faults.hanging;
        if machine.faults.hanging {
            machine.held += 1;
            self.shared.held.notify_all();
            let waited = self.shared.released.wait_while(machine, hanging);
            machine = waited.unwrap_or_else(PoisonError::into_inner);
            machine.held -= 1;
        }
        match verdict {
            Ok(()) => Ok(machine),
            Err(fault) => Err(Refused { machine, fault }),
        }
    }
}

/// An operation that failed, with the disk still locked: some failures leave traces.
struct Refused<'a> {
    machine: MutexGuard<'a, Machine>,
    fault: Fault,
}

impl Refused<'_> {
    /// False when the operation never reached the disk.
    fn is_by_the_disk(&self) -> bool {
        !self.machine.faults.power_gone
    }
}

impl From<Refused<'_>> for io::Error {
    fn from(refused: Refused<'_>) -> Self {
        refused.fault.error()
    }
}

impl Disk for SimDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut machine = self.begin(Kind::Allocate)?;
        let inode = machine.state.create(path)?;
        Ok(Box::new(SimFile { disk: self.clone(), inode, writable: true }))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut machine = self.begin(Kind::Read)?;
        let inode = machine.state.open(path)?;
        Ok(Box::new(SimFile { disk: self.clone(), inode, writable: false }))
    }

    fn open_for_writing(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut machine = self.begin(Kind::Read)?;
        let inode = machine.state.open(path)?;
        Ok(Box::new(SimFile { disk: self.clone(), inode, writable: true }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.begin(Kind::Change)?.state.rename(from, to)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.begin(Kind::Change)?.state.unlink(path)
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.begin(Kind::Allocate)?.state.make_folder(path)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        match self.begin(Kind::Sync) {
            Ok(mut machine) => {
                let folder = machine.state.folder(path)?;
                if !machine.faults.ignore_folder_syncs {
                    machine.state.sync_folder(folder);
                }
                Ok(())
            }
            Err(mut refused) => {
                if let Ok(folder) = refused.machine.state.folder(path)
                    && refused.is_by_the_disk()
                {
                    refused.machine.state.lose_unsynced_names(folder);
                }
                Err(refused.into())
            }
        }
    }

    fn sync_all(&self) -> io::Result<()> {
        match self.begin(Kind::Sync) {
            Ok(mut machine) => {
                let (names, bytes) = {
                    let faults = &machine.faults;
                    (!faults.ignore_folder_syncs, !faults.ignore_data_syncs)
                };
                machine.state.sync_all(names, bytes);
                Ok(())
            }
            Err(mut refused) => {
                if refused.is_by_the_disk() {
                    refused.machine.state.lose_all_unsynced();
                }
                Err(refused.into())
            }
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.begin(Kind::Read)?.state.list(path)
    }

    fn space(&self) -> io::Result<Space> {
        let machine = self.begin(Kind::Read)?;
        let total = machine.state.total;
        let free = if machine.faults.full { 0 } else { machine.state.free() };
        Ok(Space { total: Bytes(total), free: Bytes(free) })
    }

    fn serial(&self) -> String {
        self.shared.serial.clone()
    }

    fn label(&self) -> String {
        format!("simulated disk {}", self.shared.serial)
    }

    fn read_only(&self) -> bool {
        self.machine().faults.read_only
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    inode: u64,
    writable: bool,
}

impl SimFile {
    /// Writes `bytes` by `how`, as far as the faults let it.
    fn write(
        &self,
        bytes: &[u8],
        how: impl Fn(&mut State, u64, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        if !self.writable {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        match self.disk.begin(Kind::Append) {
            Ok(mut machine) => how(&mut machine.state, self.inode, bytes),
            Err(mut refused) => {
                if refused.fault == Fault::ShortWrite {
                    let half = &bytes[..bytes.len() / 2];
                    how(&mut refused.machine.state, self.inode, half)?;
                }
                Err(refused.into())
            }
        }
    }
}

impl DiskFile for SimFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes, |state, inode, bytes| state.append(inode, bytes.into()))
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes, |state, inode, bytes| state.write_at(inode, offset, bytes.into()))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        match self.disk.begin(Kind::Sync) {
            Ok(mut machine) => {
                if !machine.faults.ignore_data_syncs {
                    machine.state.file(self.inode).sync();
                }
                Ok(())
            }
            Err(mut refused) => {
                if refused.is_by_the_disk() {
                    refused.machine.state.file(self.inode).lose_unsynced();
                }
                Err(refused.into())
            }
        }
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut machine = self.disk.begin(Kind::Read)?;
        Ok(machine.state.file(self.inode).read_at(offset, buf))
    }

    fn len(&self) -> io::Result<u64> {
        let mut machine = self.disk.begin(Kind::Read)?;
        Ok(machine.state.file(self.inode).len() as u64)
    }

    fn forget_cache(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        self.disk.machine().state.close(self.inode);
    }
}
