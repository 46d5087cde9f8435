//! Sticks that keys can lie on: which are plugged in, and their files, as the web door asks for them.
//!
//! A stick is mounted only while it is read or written, by a thread that nobody waits for without end. One
//! that a job works with is left alone. Start at the `Sticks` of [`WebBox`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use api::{Found, Stick, Sticks};
use board::{Board, BoardError, MountAs};
use calls::{Fault, FaultCode, Finding, Severity};
use plan::disk::{Entry, Joining, Life};
use types::{DiskContent, DiskIdentity, Transport};
use volume::Disk;
use zeroize::Zeroizing;

use crate::carer::Carer;
use crate::housemates::house;
use crate::key_arrivals::{StickHere, SticksHere};
use crate::key_on_stick::{self, Lying};
use crate::supervisor::Supervisor;
use crate::usb_drives::user_of;
use crate::web::WebBox;
use crate::{seen, show};

/// A slow stick takes seconds for a few files; whoever signs in waits no longer for one that hangs.
const PATIENCE: Duration = Duration::from_secs(15);

/// Somebody's own, on USB, and with a file system.
fn is_fit(entry: &Entry) -> bool {
    let has_files = matches!(&entry.content, DiskContent::Foreign(on) if on.file_system.is_some());
    has_files
        && entry.identity.transport == Transport::Usb
        && matches!(entry.life, Life::Rescue | Life::Foreign(Joining::No))
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
        all.retain(|one| user_of(&shared.book, &seen::drive_id(&one.disk)).is_none());
        Ok(all)
    }

    /// Does something with sticks on a thread of its own. While one hangs nobody else is let at them.
    fn at_sticks<T: Send + 'static>(
        &self,
        busy: &Arc<AtomicBool>,
        act: impl FnOnce(&dyn Board) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let hangs = || {
            let sentence = "The box still waits for a stick.";
            Fault::new(FaultCode::Busy, sentence, "Pull it out, and plug it in again.")
        };
        let Some(hardware) = &self.setup.hardware else { return Err(show::stopping()) };
        if busy.swap(true, Ordering::AcqRel) {
            return Err(hangs());
        }
        let (board, is_busy) = (Arc::clone(&hardware.board), Arc::clone(busy));
        let (send, receive) = sync_channel(1);
        let work = move || {
            let done = act(&*board);
            is_busy.store(false, Ordering::Release);
            // Nobody waits any more when it took too long.
            drop(send.try_send(done));
        };
        let begun = std::thread::Builder::new().name("key".to_owned()).spawn(work);
        if begun.is_err() {
            busy.store(false, Ordering::Release);
            return Err(hangs());
        }
        receive.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => hangs(),
            RecvTimeoutError::Disconnected => show::stopping(),
        })
    }
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
        let name = name.to_owned();
        self.supervisor.at_sticks(&self.key_at_work, move |board| {
            let of_one = |one: StickHere| {
                let lying = mounted(board, &one.disk, MountAs::Look, |disk| {
                    Ok(key_on_stick::read(disk, &name))
                });
                // One that cannot be read has no key that could be.
                let lying = lying.inspect_err(|fault| tracing::warn!("a stick: {fault}"));
                let stick = seen::id_of(&one.disk);
                let arrival = one.arrival;
                let found = |(is_beside, bytes): Lying| Found {
                    stick: stick.clone(),
                    arrival,
                    is_beside,
                    bytes,
                };
                lying.unwrap_or_default().into_iter().map(found).collect::<Vec<_>>()
            };
            sticks.into_iter().flat_map(of_one).collect()
        })
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
        let (is_new, read) = self.supervisor.at_sticks(&self.key_at_work, move |board| {
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
        })??;
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
