//! The thread's own part of caring for disks: what it remembers, and what it does with each message.
//!
//! A step waits for no disk longer than a disk may take. Start at [`Carer::run`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use calls::{Fault, News};
use disks::{Caretaker, Done, PATIENCE, Parts};
use plan::disk::{Action, Verdict};
use types::{DiskIdentity, Millis, VaultId, VolumeId};

use crate::care::Told;
use crate::pointing::Pulsing;
use crate::seat::Seated;
use crate::show;
use crate::supervisor::Supervisor;

/// Time is told this often: an erasing waits by the minute.
const TICK: Millis = Millis::from_secs(60);
/// What failed is tried again after this, when nothing happens before.
const SOON: Millis = Millis::from_secs(5);
/// Disks are asked for their health this often. One that sleeps is not woken for it.
const HEALTH_EVERY: Millis = Millis::from_secs(1_800);
/// Steps in one turn: far more than any swap takes, so that a fault in a plan cannot spin for ever.
const STEPS_MAX: usize = 100;
/// While the box is new the roster is kept apart: it is of no vault.
const NEW_FOLDER: &str = "new";

/// The thread's own.
pub(crate) struct Carer {
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) caretaker: Caretaker,
    pub(crate) verdicts: BTreeMap<VolumeId, Verdict>,
    pub(crate) news: Vec<News>,
    /// Disks of somebody's that are here and of which nothing is needed any more.
    pub(crate) imported: BTreeSet<DiskIdentity>,
    /// How many copies their owner wants, as far as anybody knows.
    pub(crate) copies: Option<u8>,
    pub(crate) pulsing: Pulsing,
    ticked: Millis,
    /// Until when the caretaker was told that time passed.
    counted: Millis,
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
    pub(crate) fn begin(supervisor: &Arc<Supervisor>) -> Result<Self, Fault> {
        let vault = supervisor.vault.get().copied();
        let board = supervisor.setup.config.board.as_ref();
        let minutes = board.map_or(0, |board| u64::from(board.sleep_after_minutes));
        Ok(Self {
            sleep_after: Millis::from_secs(60 * minutes),
            supervisor: Arc::clone(supervisor),
            caretaker: caretaker(supervisor, vault)?,
            verdicts: BTreeMap::new(),
            news: Vec::new(),
            imported: BTreeSet::new(),
            copies: None,
            pulsing: Pulsing::new(),
            ticked: supervisor.uptime(),
            counted: supervisor.uptime(),
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

    pub(crate) fn run(&mut self, inbox: &Receiver<Told>) {
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
                    if event == board::Event::Button(board::Press::Held) {
                        self.held();
                    }
                    let looked = self.caretaker.on_event(&event);
                    self.note(looked);
                    (worth_it, self.pause) = (true, SOON);
                }
                Ok(Told::Act(act)) => {
                    // What passed before is not counted against what is asked for now.
                    let span = self.uncounted();
                    self.caretaker.count(span);
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

    /// Time that the caretaker was not told of yet.
    fn uncounted(&mut self) -> Millis {
        let now = self.supervisor.uptime();
        let before = std::mem::replace(&mut self.counted, now);
        Millis(now.0.saturating_sub(before.0))
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
        let span = self.uncounted();
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
        match self.caretaker.check_health() {
            Ok(verdicts) => self.verdicts = verdicts,
            Err(error) => tracing::warn!(%error, "the disks cannot be judged"),
        }
    }

    pub(crate) fn note(&mut self, result: Result<(), disks::DisksError>) {
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
                Ok(Done::Did(action)) => {
                    // What went wrong with a disk while it was pulled says nothing of one that is back.
                    if matches!(action, Action::Mount { .. }) {
                        self.judged = None;
                    }
                    tracing::info!(?action, "done with a disk");
                }
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
        self.drives_go_on();
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
