//! The thread that cares for the disks: it hears of the hardware, of time and of its owner, one after
//! the other, and lets the caretaker take its steps.
//!
//! Callers never wait for a disk here: what is shown is what was last seen. What is asked for is done
//! between two steps, and a step waits for no disk longer than a disk may take. Start at
//! [`Supervisor::begin_to_care`] and `Carer::run`.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use calls::{Disks, Fault, FaultCode, Finding, News};
use disks::{Caretaker, Done, PATIENCE, Parts};
use plan::disk::Verdict;
use types::{Millis, VaultId, VolumeId};

use crate::seat::Seated;
use crate::show;
use crate::supervisor::{Hardware, Supervisor};

/// Messages that wait for the thread, at most; events that do not fit are made up for by a look.
const INBOX_MAX: usize = 64;
/// Time is told this often: an erasing waits by the minute.
const TICK: Millis = Millis::from_secs(60);
/// What failed is tried again after this, when nothing happens before.
const SOON: Millis = Millis::from_secs(5);
/// Disks are asked for their health this often. One that sleeps is not woken for it.
const HEALTH_EVERY: Millis = Millis::from_secs(1_800);
/// The hardware is listened to in turns of this length, so that the box can end.
const LISTEN: Duration = Duration::from_secs(1);
/// Steps in one turn: far more than any swap takes, so that a fault in a plan cannot spin for ever.
const STEPS_MAX: usize = 100;
/// Whoever asks for something waits for it no longer than for two disks that do not answer.
const REPLY_MAX: Duration = Duration::from_secs(150);
/// While the box is new the roster is kept apart: it is of no vault.
const NEW_FOLDER: &str = "new";

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
    /// Where each member is, as its owner knows it.
    pub(crate) places: BTreeMap<VolumeId, String>,
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

    pub(crate) fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Supervisor {
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
    fn cannot_care(&self, fault: Fault) {
        tracing::error!(advice = fault.advice, "the disks cannot be cared for: {fault}");
        if let Some(care) = &self.care {
            let (sentence, action) = (fault.sentence, fault.advice);
            let finding = Finding { severity: calls::Severity::Alarm, sentence, action };
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
        care.tell.try_send(Told::Act(act)).map_err(|_| busy("Too much is asked of the disks."))?;
        match wait.recv_timeout(REPLY_MAX) {
            Ok(answered) => answered,
            Err(RecvTimeoutError::Timeout) => Err(busy("The box still waits for a disk.")),
            Err(RecvTimeoutError::Disconnected) => Err(show::stopping()),
        }
    }
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

/// The thread's own.
pub(crate) struct Carer {
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) caretaker: Caretaker,
    pub(crate) verdicts: BTreeMap<VolumeId, Verdict>,
    pub(crate) news: Vec<News>,
    ticked: Millis,
    judged: Option<Millis>,
    /// Zero: no disk is sent to sleep.
    sleep_after: Millis,
    /// What had gone wrong with disks by then.
    faults: u64,
    /// Something did not go well, and is tried again soon.
    again: bool,
    /// In so long; longer each time that it did not help.
    pause: Millis,
}

impl Carer {
    fn begin(supervisor: &Arc<Supervisor>) -> Result<Self, Fault> {
        let vault = supervisor.vault.get().copied();
        let board = supervisor.setup.config.board.as_ref();
        let minutes = board.map_or(0, |board| u64::from(board.sleep_after_minutes));
        Ok(Self {
            sleep_after: Millis::from_secs(60 * minutes),
            supervisor: Arc::clone(supervisor),
            caretaker: caretaker(supervisor, vault)?,
            verdicts: BTreeMap::new(),
            news: Vec::new(),
            ticked: supervisor.uptime(),
            judged: None,
            faults: 0,
            again: true,
            pause: SOON,
        })
    }

    /// Takes the disks up anew, as those of the vault that was just made.
    pub(crate) fn begin_anew(&mut self, vault: VaultId) -> Result<(), Fault> {
        self.caretaker = caretaker(&self.supervisor, Some(vault))?;
        (self.verdicts, self.judged, self.again) = (BTreeMap::new(), None, true);
        Ok(())
    }

    fn run(&mut self, inbox: &Receiver<Told>) {
        let looked = self.caretaker.look();
        self.note(looked);
        self.publish();
        let mut worth_it = true;
        loop {
            if worth_it {
                self.take_steps();
            }
            match inbox.recv_timeout(self.sleep()) {
                Ok(Told::End) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(Told::Event(event)) => {
                    let looked = self.caretaker.on_event(&event);
                    self.note(looked);
                    (worth_it, self.pause) = (true, SOON);
                }
                Ok(Told::Act(act)) => {
                    act(self);
                    (worth_it, self.pause) = (true, SOON);
                }
                Ok(Told::Wake) => worth_it = true,
                Err(RecvTimeoutError::Timeout) => worth_it = false,
            }
            worth_it |= self.tick();
        }
        self.caretaker.release_all();
    }

    fn sleep(&self) -> Duration {
        let next = self.ticked.0 + self.every().0;
        Duration::from_millis(next.saturating_sub(self.supervisor.uptime().0).max(1))
    }

    fn every(&self) -> Millis {
        if self.again || self.caretaker.is_kept_waiting() { self.pause } else { TICK }
    }

    /// Tells the caretaker of time; whether steps are worth it.
    fn tick(&mut self) -> bool {
        let now = self.supervisor.uptime();
        let span = Millis(now.0.saturating_sub(self.ticked.0));
        if span < self.every() {
            return false;
        }
        self.pause = Millis(self.pause.0 * 2).min(TICK);
        self.ticked = now;
        let waited = self.caretaker.waits() || self.again;
        let passed = self.caretaker.passed(span);
        self.note(passed);
        if self.sleep_after > Millis(0) {
            self.caretaker.let_sleep(now, self.sleep_after);
        }
        waited
    }

    /// Asks the disks how they are, when it is time or something happened.
    pub(crate) fn judge_disks(&mut self) {
        self.judged = Some(self.supervisor.uptime());
        self.faults = self.caretaker.faults();
        match self.caretaker.check_health(&BTreeMap::new()) {
            Ok(verdicts) => self.verdicts = verdicts,
            Err(error) => tracing::warn!(%error, "the disks cannot be judged"),
        }
    }

    fn note(&mut self, result: Result<(), disks::DisksError>) {
        if let Err(error) = result {
            tracing::warn!(advice = error.advice(), "the disks: {error}");
            self.again = true;
        }
    }

    /// Takes steps until nothing is left that needs nobody's word.
    pub(crate) fn take_steps(&mut self) {
        self.again = false;
        for _ in 0..STEPS_MAX {
            if self.supervisor.is_stopping() {
                return;
            }
            match self.caretaker.step() {
                Ok(Done::Idle) => break,
                Ok(Done::Did(action)) => tracing::info!(?action, "done with a disk"),
                Err(error) => {
                    self.note(Err(error));
                    // What failed is set aside; whatever has to do with the vault waits a moment.
                    if self.caretaker.waits() && self.caretaker.is_to_reopen() {
                        break;
                    }
                }
            }
        }
        let due = |judged: Millis| self.supervisor.uptime().0 >= judged.0 + HEALTH_EVERY.0;
        if let Some(hardware) = &self.supervisor.setup.hardware {
            hardware.plugged.looked();
        }
        self.supervisor.changed.notify_all();
        if self.judged.is_none_or(due) || self.caretaker.faults() != self.faults {
            self.judge_disks();
        }
        self.publish();
    }
}

fn caretaker(supervisor: &Supervisor, vault: Option<VaultId>) -> Result<Caretaker, Fault> {
    let Some(hardware) = &supervisor.setup.hardware else {
        return Err(supervisor.care().err().unwrap_or_else(show::stopping));
    };
    let folder = match vault {
        Some(_) => supervisor.folder.path().to_path_buf(),
        None => {
            supervisor.folder.make_folder(NEW_FOLDER).map_err(|error| show::record(&error))?;
            supervisor.folder.path().join(NEW_FOLDER)
        }
    };
    let parts = Parts {
        board: Arc::clone(&hardware.board),
        seat: Arc::new(Seated(supervisor.me_weak())),
        rng: Arc::clone(&supervisor.setup.env.rng),
        vault: vault.unwrap_or_default(),
        patience: PATIENCE,
    };
    Caretaker::open(parts, &folder).map_err(|error| show::disks(&error))
}
