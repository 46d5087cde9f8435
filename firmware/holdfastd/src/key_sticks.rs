//! Sticks that keys can lie on: which are plugged in, and their files, as the web door asks for them.
//!
//! A stick is mounted only while it is read or written, each by a thread of its own that nobody waits for
//! without end: one that hangs keeps nobody from the others. What a job works with, and what its owner named
//! for files to be restored to, is left alone. Start at the `Sticks` of [`WebBox`].

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use api::{Found, Stick, Sticks};
use board::{Board, BoardError, MountAs};
use calls::{Fault, FaultCode, Finding, Severity};
use plan::disk::{Entry, Joining, Life};
use types::{DiskContent, DiskIdentity, Transport};
use volume::Disk;
use zeroize::Zeroizing;

use crate::book::Book;
use crate::burn_in;
use crate::carer::Carer;
use crate::housemates::house;
use crate::key_arrivals::{StickHere, SticksHere};
use crate::key_looks::Look;
use crate::key_on_stick::{self, Lying};
use crate::supervisor::Supervisor;
use crate::usb_drives::user_of;
use crate::web::WebBox;
use crate::{seen, show};

/// A slow stick takes seconds for a few files; whoever signs in waits no longer for one that hangs.
const PATIENCE: Duration = Duration::from_secs(15);
/// Once a file was found, whoever is slower than this is not waited for.
const GRACE: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Sticks that are looked at at once: those that came last.
const LOOKS_MAX: usize = 8;

/// Somebody's own, on USB, and with a file system.
fn is_fit(entry: &Entry) -> bool {
    let has_files = matches!(&entry.content, DiskContent::Foreign(on) if on.file_system.is_some());
    has_files
        && entry.identity.transport == Transport::Usb
        && matches!(entry.life, Life::Foreign(Joining::No))
}

impl Carer {
    /// The sticks as they are now.
    pub(crate) fn sticks_here(&self, before: &SticksHere) -> SticksHere {
        let entries = self.caretaker.roster().entries().iter().filter(|entry| is_fit(entry));
        let plugged = entries.map(|entry| {
            let seen = self.caretaker.seen_on(&entry.identity);
            let attached = seen.map(|(_, attached)| attached);
            (entry.identity.clone(), entry.place.clone(), attached)
        });
        before.then(plugged, self.supervisor.uptime())
    }
}

impl Supervisor {
    /// People of whose key somebody used a copy, or waited for it elsewhere.
    pub(crate) fn copied_keys(&self) -> Vec<Finding> {
        // Whoever wants the list of people is told that it cannot be read.
        let Some(house) = house(self).ok().flatten() else { return Vec::new() };
        let finding = |(name, _)| Finding {
            severity: Severity::Warning,
            sentence: format!(
                "Somebody used a copy of the key of {name}: it opens nothing any more."
            ),
            action:
                "Sign in with a code or the 24 words, take the key away in Settings, change the \
                     password, and make a new key on another stick."
                    .to_owned(),
            nameless: None,
        };
        let wanted = |name| Finding {
            severity: Severity::Warning,
            sentence: format!("Somebody else who has the password of {name} waited for their key."),
            action:
                "Sign in with a code or the 24 words and change the password: until then the key \
                     opens nothing."
                    .to_owned(),
            nameless: None,
        };
        house.copied_keys().map(finding).chain(house.wanted_keys().map(wanted)).collect()
    }

    /// Sticks that no job works with.
    fn idle_sticks(&self) -> Result<Vec<StickHere>, Fault> {
        let mut all = self.care()?.shown().sticks.all.clone();
        let shared = self.shared();
        all.retain(|one| !has_user(&shared.book, &seen::drive_id(&one.disk)));
        Ok(all)
    }

    /// Takes a stick for a look, unless a job or another look is there.
    fn look_at(&self, disk: &DiskIdentity) -> Option<Look> {
        let drive = seen::drive_id(disk);
        self.key_looks.take(&drive, || has_user(&self.shared().book, &drive))
    }

    /// Waits until no look for a key is at any of these: a job is about to work with them.
    pub(crate) fn no_key_look(&self, disks: &[DiskIdentity]) -> Result<(), Fault> {
        let drives: Vec<String> = disks.iter().map(seen::drive_id).collect();
        if self.key_looks.left(&drives, PATIENCE) { Ok(()) } else { Err(hangs()) }
    }

    /// Does something with a stick on a thread of its own, which ends the look before it says what came of it.
    fn at_stick<T: Send + 'static>(
        &self,
        look: Look,
        tell: SyncSender<T>,
        act: impl FnOnce(&dyn Board) -> T + Send + 'static,
    ) -> Result<(), Fault> {
        let Some(hardware) = &self.setup.hardware else { return Err(show::stopping()) };
        let board = Arc::clone(&hardware.board);
        let work = move || {
            let done = act(&*board);
            drop(look);
            // Nobody waits any more when it took too long.
            drop(tell.try_send(done));
        };
        let begun = std::thread::Builder::new().name("key".to_owned()).spawn(work);
        begun.map(drop).map_err(|_| hangs())
    }
}

/// Whether a job that is not over works with a drive.
fn has_user(book: &Book, drive: &str) -> bool {
    let tests = |job: &&calls::Job| {
        !job.state.is_over() && burn_in::drive_of(&job.spec).is_some_and(|all| all[0] == drive)
    };
    user_of(book, drive).is_some() || book.jobs().any(|job| tests(&job))
}

fn hangs() -> Fault {
    let sentence = "The box still waits for a stick.";
    Fault::new(FaultCode::Busy, sentence, "Pull it out, and plug it in again.")
}

/// What so many sticks said, as far as they say it in time.
fn gathered(said: &Receiver<Vec<Found>>, mut awaited: usize) -> Vec<Found> {
    let (mut all, mut left) = (Vec::new(), PATIENCE);
    while awaited > 0 && !left.is_zero() {
        match said.recv_timeout(LOOK_EVERY) {
            Ok(found) => {
                awaited -= 1;
                if !found.is_empty() {
                    left = left.min(GRACE);
                }
                all.extend(found);
            }
            Err(RecvTimeoutError::Timeout) => left = left.saturating_sub(LOOK_EVERY),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if awaited > 0 {
        tracing::warn!(sticks = awaited, "a key is not looked for on what does not answer");
    }
    all
}

/// Does something with a stick while it is mounted. It is unmounted whatever came of it.
fn mounted<T>(
    board: &dyn Board,
    disk: &DiskIdentity,
    how: MountAs,
    act: impl FnOnce(&dyn Disk) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let failed =
        |error: &BoardError| Fault::new(FaultCode::Volumes, show::whole(error), error.advice());
    let stick = board.mount(disk, how).map_err(|error| failed(&error))?;
    let done = act(&*stick.disk);
    drop(stick);
    let gone = board.unmount(disk).map_err(|error| failed(&error));
    done.and_then(|done| gone.map(|()| done))
}

/// The files of this name on one stick. What cannot be read has no key that could be.
fn found_on(board: &dyn Board, one: &StickHere, name: &str) -> Vec<Found> {
    let look = |disk: &dyn Disk| Ok(key_on_stick::read(disk, name));
    let lying = mounted(board, &one.disk, MountAs::Look, look);
    let lying = lying.inspect_err(|fault| tracing::warn!("a stick: {fault}"));
    let stick = seen::id_of(&one.disk);
    let found = |(is_beside, bytes): Lying| Found {
        stick: stick.clone(),
        arrival: one.arrival,
        is_beside,
        bytes,
    };
    lying.unwrap_or_default().into_iter().map(found).collect()
}

impl Sticks for WebBox {
    fn here(&self) -> Result<Vec<Stick>, Fault> {
        let stick = |one: StickHere| Stick {
            id: seen::id_of(&one.disk),
            model: one.disk.model.clone(),
            place: one.place,
            size: one.disk.size.0,
        };
        Ok(self.supervisor.idle_sticks()?.into_iter().map(stick).collect())
    }

    fn arrivals(&self) -> u64 {
        self.supervisor.care().map_or(0, |care| care.shown().sticks.arrivals)
    }

    fn read(&self, name: &str) -> Result<Vec<Found>, Fault> {
        let now = self.supervisor.uptime();
        let mut sticks = self.supervisor.idle_sticks()?;
        sticks.retain(|one| one.counts(now));
        if sticks.is_empty() {
            return Ok(Vec::new());
        }
        // A look at those that came last says most: whoever signs in has just plugged theirs in.
        sticks.sort_by_key(|one| std::cmp::Reverse(one.arrival));
        let (tell, said) = sync_channel(LOOKS_MAX);
        let mut awaited = 0;
        for one in sticks.into_iter().take(LOOKS_MAX) {
            // One that hung the last time still does, or a job has come to it.
            let Some(look) = self.supervisor.look_at(&one.disk) else { continue };
            let name = name.to_owned();
            let found = move |board: &dyn Board| found_on(board, &one, &name);
            self.supervisor.at_stick(look, tell.clone(), found)?;
            awaited += 1;
        }
        drop(tell);
        Ok(gathered(&said, awaited))
    }

    fn write(
        &self,
        stick: &str,
        is_beside: bool,
        name: &str,
        text: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let gone = || {
            let sentence = "The stick is not plugged in, or a job works with it.";
            Fault::new(FaultCode::NotFound, sentence, "Plug it in, or wait for the job.")
        };
        let all = self.supervisor.idle_sticks()?;
        let one = all.into_iter().find(|one| seen::id_of(&one.disk) == stick).ok_or_else(gone)?;
        let (disk, name) = (one.disk.clone(), name.to_owned());
        let text = Zeroizing::new(text.to_owned());
        let look = self.supervisor.look_at(&disk).ok_or_else(gone)?;
        let (tell, said) = sync_channel(1);
        let put = move |board: &dyn Board| -> Result<_, Fault> {
            let is_new = mounted(board, &disk, MountAs::Target, |on| {
                let is_new = key_on_stick::read(on, &name).is_empty();
                let put = key_on_stick::put(on, is_beside, &name, &text);
                put.map(|()| is_new).map_err(|failure| {
                    let advice = "See that it is not full and can be written, and try again.";
                    Fault::new(FaultCode::Volumes, show::whole(&failure), advice)
                })
            })?;
            // Mounted anew, so that what is read is what lies there.
            let read = mounted(board, &disk, MountAs::Look, |on| {
                Ok(key_on_stick::read(on, &name).into_iter().find(|(is_beside, _)| !is_beside))
            })?;
            Ok((is_new, read))
        };
        self.supervisor.at_stick(look, tell, put)?;
        let said: Result<_, Fault> = said.recv_timeout(PATIENCE).map_err(|_| hangs())?;
        let (is_new, read) = said?;
        if is_new {
            // It is shown with what is on it now.
            self.supervisor.tell_carer(move |carer| {
                let looked = carer.caretaker.look_anew(&one.disk);
                carer.note(looked);
            });
        }
        read.map(|(_, bytes)| bytes).ok_or_else(gone)
    }
}
