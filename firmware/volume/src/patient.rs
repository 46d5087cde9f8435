//! A disk that is waited for no longer than a deadline: whoever reads from one that hangs gets an
//! error and goes on with another copy.
//!
//! Work is handed to a thread; a thread that does not come back in time is left to itself, and the
//! disk counts as gone from then on: every later request is refused at once. The thread of the
//! volume's own [writer](crate::VolumeWriter) works on the disk directly, since whoever asks the
//! writer waits with a deadline already. Start at [`PatientDisk::around`].

use std::cell::Cell;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use nix::errno::Errno;

mod file;
mod hurry;
mod threads;

use self::file::PatientFile;
pub use self::hurry::hurried;
use self::threads::{Order, Work, serve};
use crate::disk::{Disk, DiskFile, Listed, Space};
use crate::volume::lock;

/// Syncing a whole file system may take this many times as long as anything else.
const SYNC_ALL_FACTOR: u32 = 10;

thread_local! {
    /// The disk whose writer this thread is, by the address of what its handles share.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

/// A disk with a deadline on everything that is asked of it.
#[derive(Clone, Debug)]
pub struct PatientDisk {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    disk: Arc<dyn Disk>,
    deadline: Duration,
    gone: AtomicBool,
    /// Requests that somebody in a hurry did not wait for, and that have not come back.
    late: Arc<AtomicUsize>,
    /// Threads that wait for work.
    idle: Mutex<Vec<SyncSender<Order>>>,
}

impl PatientDisk {
    /// Puts a deadline on a disk.
    pub fn around(disk: Arc<dyn Disk>, deadline: Duration) -> Self {
        let (gone, idle) = (AtomicBool::new(false), Mutex::default());
        let late = Arc::default();
        Self { shared: Arc::new(Shared { disk, deadline, gone, late, idle }) }
    }

    fn file(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        let file = Some(Arc::new(RwLock::new(file)));
        Box::new(PatientFile { shared: Arc::clone(&self.shared), file })
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Disk) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let disk = Arc::clone(&self.shared.disk);
        self.shared.ask(self.shared.deadline, move || work(&*disk))
    }
}

impl Shared {
    /// It is not waited for any more; whoever counts such things is told, once.
    fn give_up(&self) {
        if !self.gone.swap(true, Ordering::AcqRel) {
            self.disk.give_up();
        }
    }

    fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        deadline: Duration,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        if self.gone.load(Ordering::Acquire) {
            return Err(Errno::ETIMEDOUT.into());
        }
        if OWN.get() == self.address() {
            return work();
        }
        let (answer, coming) = sync_channel(1);
        let hurry = hurry::patience(deadline);
        let request = hurry.map(|_| hurry::Request::of(&self.late));
        let mine = request.clone();
        self.hand_over(Box::new(move || {
            let done = work();
            if let Some(request) = mine {
                request.is_done();
            }
            // Nobody waits any more when it came too late.
            Box::new(move || drop(answer.try_send(done)))
        }))?;
        coming.recv_timeout(hurry.unwrap_or(deadline)).unwrap_or_else(|_| {
            match &request {
                Some(request) => request.is_late(),
                None => self.give_up(),
            }
            Err(Errno::ETIMEDOUT.into())
        })
    }

    fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Gives work to a thread that has none, or to a new one.
    fn hand_over(self: &Arc<Self>, work: Work) -> io::Result<()> {
        let mut work = work;
        loop {
            let known = lock(&self.idle).pop();
            let is_new = known.is_none();
            let back = match known {
                Some(thread) => thread,
                None => self.spawn()?,
            };
            match back.send(Order { work, back: back.clone() }) {
                Ok(()) => return Ok(()),
                Err(_) if is_new => return Err(io::Error::other("a new thread ended at once")),
                // That thread ended by a panic.
                Err(refused) => work = refused.0.work,
            }
        }
    }

    fn spawn(self: &Arc<Self>) -> io::Result<SyncSender<Order>> {
        let (sender, orders) = sync_channel(1);
        let shared = Arc::downgrade(self);
        let thread = std::thread::Builder::new().name("disk".to_owned());
        thread.spawn(move || serve(&orders, &shared))?;
        Ok(sender)
    }
}

impl Disk for PatientDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = path.to_owned();
        self.ask(move |disk| disk.create_new(&path)).map(|file| self.file(file))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = path.to_owned();
        self.ask(move |disk| disk.open(&path)).map(|file| self.file(file))
    }

    fn open_for_writing(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = path.to_owned();
        self.ask(move |disk| disk.open_for_writing(&path)).map(|file| self.file(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.ask(move |disk| disk.rename(&from, &to))
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        let path = path.to_owned();
        self.ask(move |disk| disk.unlink(&path))
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        let path = path.to_owned();
        self.ask(move |disk| disk.make_dir(&path))
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        let path = path.to_owned();
        self.ask(move |disk| disk.sync_dir(&path))
    }

    fn sync_all(&self) -> io::Result<()> {
        // Of everybody's bytes on that file system: minutes on a slow disk that is well.
        let disk = Arc::clone(&self.shared.disk);
        self.shared.ask(self.shared.deadline * SYNC_ALL_FACTOR, move || disk.sync_all())
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        let path = path.to_owned();
        self.ask(move |disk| disk.list(&path))
    }

    fn space(&self) -> io::Result<Space> {
        self.ask(|disk| disk.space())
    }

    fn serial(&self) -> String {
        self.shared.disk.serial()
    }

    fn label(&self) -> String {
        self.shared.disk.label()
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.ask(|disk| disk.try_lock())
    }

    fn read_only(&self) -> bool {
        // One that does not answer is not to be written.
        self.ask(|disk| Ok(disk.read_only())).unwrap_or(true)
    }

    fn at_once(&self, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        let own = self.shared.address();
        self.shared.ask(self.shared.deadline, move || {
            let before = OWN.replace(own);
            work();
            OWN.set(before);
            Ok(())
        })
    }

    fn work_here(&self) {
        OWN.set(self.shared.address());
    }

    fn give_up(&self) {
        self.shared.give_up();
    }

    fn is_late(&self) -> bool {
        self.shared.late.load(Ordering::SeqCst) > 0
    }
}
