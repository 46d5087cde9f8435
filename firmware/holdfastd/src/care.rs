//! The supervisor's side of caring for disks: it starts the thread that does, tells it what happens, and
//! shows what that saw last.
//!
//! Callers never wait for a disk here. What is asked for is done by the thread between two steps. Start at
//! [`Supervisor::begin_to_care`], then `Carer::run`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use calls::{Disks, Fault, FaultCode, Finding};
use types::{DiskIdentity, VolumeId};

use crate::carer::Carer;
use crate::key_arrivals::SticksHere;
use crate::setup::Hardware;
use crate::show;
use crate::supervisor::Supervisor;

/// Messages that wait for the thread, at most; events that do not fit are made up for by a look.
const INBOX_MAX: usize = 64;
/// The hardware is listened to in turns of this length, so that the box can end.
const LISTEN: Duration = Duration::from_secs(1);
/// Whoever asks for something waits for it no longer than for two disks that do not answer.
const REPLY_MAX: Duration = Duration::from_secs(150);

/// Something that the thread hears.
pub(crate) enum Told {
    /// Of the hardware.
    Event(board::Event),
    /// Somebody wants something done with the caretaker.
    Act(Box<dyn FnOnce(&mut Carer) + Send>),
    /// Something changed that it may have waited for.
    Wake,
    /// The vault is closed, and the box ends.
    End,
}

/// What everybody shares with the thread.
#[derive(Debug)]
pub(crate) struct Care {
    tell: SyncSender<Told>,
    inbox: Mutex<Option<Receiver<Told>>>,
    shown: Mutex<Shown>,
}

/// What was last seen.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) disks: Disks,
    pub(crate) findings: Vec<Finding>,
    /// The members that they are about.
    pub(crate) told: BTreeSet<VolumeId>,
    /// Members that are on their way out: that one of them is not here is as it should be.
    pub(crate) leaving: BTreeSet<VolumeId>,
    /// Members that are not here, and of which their owner said so that they do not come back.
    pub(crate) given_up: BTreeSet<VolumeId>,
    /// Members whose disks are plugged in.
    pub(crate) plugged: BTreeSet<VolumeId>,
    /// Where each member is, as its owner knows it.
    pub(crate) places: BTreeMap<VolumeId, String>,
    /// What messages call it.
    pub(crate) names: BTreeMap<VolumeId, String>,
    /// Drives that are here and are none of the vault's, and whether plain files may be written to
    /// them.
    pub(crate) drives: Vec<(DiskIdentity, bool)>,
    /// Sticks that a key can lie on.
    pub(crate) sticks: SticksHere,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Event(_) => "Event",
            Self::Act(_) => "Act",
            Self::Wake => "Wake",
            Self::End => "End",
        })
    }
}

impl Care {
    pub(crate) fn new(_: &Hardware) -> Self {
        let (tell, inbox) = sync_channel(INBOX_MAX);
        Self { tell, inbox: Mutex::new(Some(inbox)), shown: Mutex::default() }
    }

    /// Has something done between two steps; nobody waits for it. It is left out when too much waits.
    pub(crate) fn act(&self, act: Box<dyn FnOnce(&mut Carer) + Send>) {
        drop(self.tell.try_send(Told::Act(act)));
    }

    pub(crate) fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Supervisor {
    /// Has something done by the thread that cares for the disks, some time soon.
    pub(crate) fn tell_carer(&self, act: impl FnOnce(&mut Carer) + Send + 'static) {
        if let Some(care) = &self.care
            && care.tell.try_send(Told::Act(Box::new(act))).is_err()
        {
            tracing::warn!("the thread for the disks has too much to do");
        }
    }

    /// Starts the two threads, if the box has disks to care for.
    pub(crate) fn begin_to_care(self: &Arc<Self>) -> Vec<JoinHandle<()>> {
        let (Some(care), Some(hardware)) = (&self.care, &self.setup.hardware) else {
            return Vec::new();
        };
        let inbox = care.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(inbox) = inbox else { return Vec::new() };
        let (this, board) = (Arc::clone(self), Arc::clone(&hardware.board));
        let listen = move || listen(&this, &*board);
        let this = Arc::clone(self);
        let care = move || match Carer::begin(&this) {
            Ok(mut carer) => carer.run(&inbox),
            Err(fault) => this.cannot_care(fault),
        };
        let started = [
            Builder::new().name("hardware".to_owned()).spawn(listen),
            Builder::new().name("disks".to_owned()).spawn(care),
        ];
        let told = |error: &std::io::Error| tracing::error!(%error, "no thread for the disks");
        started.into_iter().filter_map(|one| one.inspect_err(told).ok()).collect()
    }

    /// Without its records nobody knows which disks are whose: none is touched, and that is said.
    pub(crate) fn cannot_care(&self, fault: Fault) {
        tracing::error!(advice = fault.advice, "the disks cannot be cared for: {fault}");
        if let Some(care) = &self.care {
            let (sentence, action) = (fault.sentence, fault.advice);
            let finding =
                Finding { severity: calls::Severity::Alarm, sentence, action, nameless: None };
            care.shown().findings = vec![finding];
        }
        self.judge_soon();
    }

    /// Lets the thread end, now that the vault is closed.
    pub(crate) fn stop_caring(&self, threads: Vec<JoinHandle<()>>) {
        if let Some(care) = &self.care {
            // Nobody hears it when the thread ended by itself.
            drop(care.tell.send(Told::End));
        }
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread for the disks ended badly");
            }
        }
    }

    /// Something changed that the caretaker may have waited for. A full inbox wakes it as well.
    pub(crate) fn wake_care(&self) {
        if let Some(care) = &self.care {
            drop(care.tell.try_send(Told::Wake));
        }
    }

    pub(crate) fn care(&self) -> Result<&Care, Fault> {
        self.care.as_ref().ok_or_else(|| {
            let sentence = "This box does not care for disks: its settings have no [board].";
            let advice = "Use `holdfast volume ...` on its folders while it is stopped.";
            Fault::new(FaultCode::WrongState, sentence, advice)
        })
    }

    /// Has something done by the thread that cares for the disks, and waits for its answer.
    pub(crate) fn with_carer<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Carer) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.with_carer_for(REPLY_MAX, act)
    }

    /// The same, and waits as long as this.
    pub(crate) fn with_carer_for<T: Send + 'static>(
        &self,
        patience: Duration,
        act: impl FnOnce(&mut Carer) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let care = self.care()?;
        if self.is_stopping() {
            return Err(show::stopping());
        }
        let (answer, wait) = sync_channel(1);
        let act = Box::new(move |carer: &mut Carer| drop(answer.try_send(act(carer))));
        let busy = |what: &str| {
            Fault::new(
                FaultCode::Busy,
                what,
                "See whether it was done: `holdfast --box default disks`.",
            )
        };
        care.tell.try_send(Told::Act(act)).map_err(|error| match error {
            TrySendError::Full(_) => busy("Too much is asked of the disks."),
            TrySendError::Disconnected(_) => nobody_cares(),
        })?;
        match wait.recv_timeout(patience) {
            Ok(answered) => answered,
            Err(RecvTimeoutError::Timeout) => Err(busy("The box still waits for a disk.")),
            Err(RecvTimeoutError::Disconnected) => Err(show::stopping()),
        }
    }
}

/// It said why in `health`, and ended: what is asked of it waits for a restart.
fn nobody_cares() -> Fault {
    let sentence = "Nobody cares for the disks: `holdfast --box default health` says why.";
    Fault::new(FaultCode::WrongState, sentence, "Mend that, then start the box anew.")
}

fn listen(supervisor: &Supervisor, board: &dyn board::Board) {
    let Some(care) = &supervisor.care else { return };
    while !supervisor.is_stopping() {
        match board.next_event(LISTEN) {
            Ok(Some(event)) => drop(care.tell.send(Told::Event(event))),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the hardware cannot be listened to");
                supervisor.rests(LISTEN);
                drop(care.tell.try_send(Told::Event(board::Event::Overflow)));
            }
        }
    }
}
