//! One writer per volume, so that a slow or hung disk holds up nobody but itself.
//!
//! Write rules 2 to 4 of the vault. Appends are queued; whoever needs an answer gets a [`Ticket`]
//! and waits for it after asking all volumes, so that their disks work at the same time. Every
//! wait has a deadline; a writer that missed one takes nothing more and its volume is to be
//! demoted. An error on a file is kept and answers everything later asked of that file.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use format::pack::PackKind;
use types::PackId;
use types::sabotage::{self, Bug};

use crate::error::VolumeError;
use crate::open::{OpenName, OpenPack};
use crate::queue::Queue;
use crate::volume::{Volume, lock};

/// How long a disk may take to answer. A disk that re-reads a bad sector takes up to 20 s or so
/// before it gives up; one that takes longer is gone.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Commands that wait for one volume at most. With frames of 6 MiB or less, 48 MiB a volume.
const QUEUE_LEN_MAX: usize = 8;

type Command = Box<dyn FnOnce(&mut Files) + Send>;

/// Where writes for one volume go.
pub struct VolumeWriter {
    volume: Arc<Volume>,
    mode: Mode,
}

enum Mode {
    Inline(Mutex<Files>),
    Threaded { queue: Arc<Queue<Command>>, deadline: Duration },
}

impl std::fmt::Debug for VolumeWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let inline = matches!(self.mode, Mode::Inline(_));
        f.debug_struct("VolumeWriter")
            .field("volume", &self.volume.name())
            .field("inline", &inline)
            .finish_non_exhaustive()
    }
}

/// The answer to a command, to be waited for.
#[derive(Debug)]
#[must_use = "nothing is known to be durable before the ticket was waited for"]
pub struct Ticket<T = ()> {
    answer: Answer<T>,
}

#[derive(Debug)]
enum Answer<T> {
    Ready(Result<T, VolumeError>),
    Coming { from: Receiver<Result<T, VolumeError>>, patience: Patience },
}

/// How long to wait for whom.
struct Patience {
    volume: Arc<Volume>,
    queue: Arc<Queue<Command>>,
    deadline: Duration,
}

impl std::fmt::Debug for Patience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} within {:?}", self.volume.name(), self.deadline)
    }
}

impl<T> Ticket<T> {
    /// Waits for the answer, at most until the writer's deadline. Missing it ends the writer.
    pub fn wait(self) -> Result<T, VolumeError> {
        match self.answer {
            Answer::Ready(answer) => answer,
            // An answer that was dropped unsent means that the writer ended: no better than late.
            Answer::Coming { from, patience } => {
                let patient = sabotage::on(Bug::DeadlineIgnored);
                let deadline = if patient { Duration::MAX } else { patience.deadline };
                from.recv_timeout(deadline).unwrap_or_else(|_| {
                    patience.queue.kill();
                    patience.volume.core.disk.give_up();
                    Err(late(&patience.volume, patience.deadline))
                })
            }
        }
    }
}

impl VolumeWriter {
    /// A writer with a thread of its own.
    pub fn spawn(volume: Arc<Volume>, deadline: Duration) -> Result<Self, VolumeError> {
        let queue = Arc::new(Queue::new(QUEUE_LEN_MAX));
        let work = Arc::clone(&queue);
        let mut files = Files::new(Arc::clone(&volume));
        let thread = std::thread::Builder::new().name(format!("write {}", volume.id().short()));
        let spawned = thread.spawn(move || {
            files.volume.core.disk.work_here();
            let ended = Ended(work);
            while let Some(command) = ended.0.pop() {
                command(&mut files);
            }
            // Files are closed before anybody hears that the thread has ended.
            drop(files);
            drop(ended);
        });
        match spawned {
            Ok(_) => Ok(Self { volume, mode: Mode::Threaded { queue, deadline } }),
            Err(error) => {
                Err(VolumeError::io(volume.name(), "start the writer of", String::new(), error))
            }
        }
    }

    /// A writer that works on the caller's thread, in the caller's order: for the crash simulator.
    pub fn inline(volume: Arc<Volume>) -> Self {
        let files = Mutex::new(Files::new(Arc::clone(&volume)));
        Self { volume, mode: Mode::Inline(files) }
    }

    /// The volume written to.
    pub fn volume(&self) -> &Arc<Volume> {
        &self.volume
    }

    /// True once a deadline was missed.
    pub fn is_dead(&self) -> bool {
        matches!(&self.mode, Mode::Threaded { queue, .. } if queue.is_dead())
    }

    /// Begins an open pack. A failure is also the answer to the next [`Self::sync`].
    pub fn open(&self, name: OpenName) -> Ticket {
        self.ask(move |files| files.open(name))
    }

    /// Queues bytes for an open pack. Waits only when the queue is full; whether they could be
    /// written is the answer to the next [`Self::sync`].
    pub fn append(&self, name: OpenName, bytes: Arc<Vec<u8>>) -> Result<(), VolumeError> {
        self.send(Box::new(move |files| files.append(name, &bytes)))
    }

    /// Makes durable what was appended before.
    pub fn sync(&self, name: OpenName) -> Ticket {
        self.ask(move |files| files.sync(name))
    }

    /// Syncs an open pack and gives it its name for good.
    pub fn seal(&self, name: OpenName, id: PackId, kind: PackKind) -> Ticket {
        self.ask(move |files| files.seal(name, id, kind))
    }

    /// Removes an open pack that is not wanted after all.
    pub fn discard(&self, name: OpenName) -> Ticket {
        self.ask(move |files| files.discard(name))
    }

    /// Any other work on the volume (a head, keys, a copy), in its turn and under the deadline.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Volume) -> Result<T, VolumeError> + Send + 'static,
    ) -> Ticket<T> {
        self.ask(move |files| work(&files.volume))
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Files) -> Result<T, VolumeError> + Send + 'static,
    ) -> Ticket<T> {
        let (queue, deadline) = match &self.mode {
            Mode::Inline(files) => return Ticket { answer: Answer::Ready(work(&mut lock(files))) },
            Mode::Threaded { queue, deadline } => (queue, *deadline),
        };
        let (answer, from) = sync_channel(1);
        let sent = self.send(Box::new(move |files| reply(&answer, work(files))));
        let (volume, queue) = (Arc::clone(&self.volume), Arc::clone(queue));
        let patience = Patience { volume, queue, deadline };
        let coming = Answer::Coming { from, patience };
        Ticket { answer: sent.map_or_else(|error| Answer::Ready(Err(error)), |()| coming) }
    }

    fn send(&self, command: Command) -> Result<(), VolumeError> {
        match &self.mode {
            Mode::Inline(files) => command(&mut lock(files)),
            Mode::Threaded { queue, deadline } => {
                if !queue.push(command, *deadline) {
                    self.volume.core.disk.give_up();
                    return Err(late(&self.volume, *deadline));
                }
            }
        }
        Ok(())
    }
}

impl Drop for VolumeWriter {
    /// Lets queued work end, but never waits longer than the deadline; a hung thread is left.
    fn drop(&mut self) {
        if let Mode::Threaded { queue, deadline } = &self.mode {
            queue.close(*deadline);
        }
    }
}

fn reply<T>(answer: &SyncSender<Result<T, VolumeError>>, result: Result<T, VolumeError>) {
    // Nobody waits any more when the ticket was dropped; the result matters to nobody then.
    drop(answer.try_send(result));
}

fn late(volume: &Volume, deadline: Duration) -> VolumeError {
    VolumeError::Deadline { volume: volume.name(), deadline }
}

/// Tells the queue when its thread ends, by a panic too.
struct Ended(Arc<Queue<Command>>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// The open packs of one volume, as its writer holds them.
struct Files {
    volume: Arc<Volume>,
    open: HashMap<OpenName, Result<OpenPack, VolumeError>>,
}

impl Files {
    fn new(volume: Arc<Volume>) -> Self {
        Self { volume, open: HashMap::new() }
    }

    fn open(&mut self, name: OpenName) -> Result<(), VolumeError> {
        let opened = self.volume.create_open(name);
        let answer = opened.as_ref().map(|_| ()).map_err(Clone::clone);
        self.open.insert(name, opened);
        answer
    }

    fn append(&mut self, name: OpenName, bytes: &[u8]) {
        // The error stays with the file and answers the next sync.
        drop(self.on_file(name, |pack| pack.append(bytes)));
    }

    fn sync(&mut self, name: OpenName) -> Result<(), VolumeError> {
        self.on_file(name, OpenPack::sync)
    }

    /// Once a file failed it is closed, and its error kept in its place.
    fn on_file(
        &mut self,
        name: OpenName,
        work: impl FnOnce(&mut OpenPack) -> Result<(), VolumeError>,
    ) -> Result<(), VolumeError> {
        let entry = self.open.get_mut(&name).ok_or_else(|| missing(&self.volume, name))?;
        let done = match entry {
            Ok(pack) => work(pack),
            Err(error) => return Err(error.clone()),
        };
        if let Err(error) = &done {
            *entry = Err(error.clone());
        }
        done
    }

    fn seal(&mut self, name: OpenName, id: PackId, kind: PackKind) -> Result<(), VolumeError> {
        let pack = self.open.remove(&name).ok_or_else(|| missing(&self.volume, name))?;
        pack?.seal(id, kind)
    }

    fn discard(&mut self, name: OpenName) -> Result<(), VolumeError> {
        match self.open.remove(&name) {
            Some(Ok(pack)) => pack.discard(),
            // The file of one that failed may be there all the same.
            Some(Err(_)) | None => self.volume.delete_open(name).map(|_| ()),
        }
    }
}

fn missing(volume: &Volume, name: OpenName) -> VolumeError {
    volume.core.missing("open pack", &crate::layout::hex(&name))
}
