//! The test of a disk before it is trusted: all of it is written, and all of it is read.
//!
//! Only a disk that is blank, or whose erasing its owner confirmed and had ten minutes to undo, is ever
//! begun; the board looks once more. How far it is stands in the job's record, so it goes on after a
//! restart, a kill or a pull. What was found is judged in `plan::disk`, what is said of it in `burn_offer`.
//! Start at [`perform`].

use std::sync::atomic::Ordering;
use std::time::Duration;

use board::{Board, BoardError, BurnOrder, BurnSeed, BurnStep, Burnt, WrongBytes, burn};
use calls::{BurnInResult, Fault, FaultCode, JobSpec};
use plan::disk::{ERASE_WAIT, Tested, Trust, trust};
use types::{DiskContent, DiskIdentity, Millis};
use vault::{OnProgress, Progress};

use crate::book::Begun;
use crate::jobs::Halted;
use crate::record::{BurnNote, Found};
use crate::show;
use crate::supervisor::Supervisor;

/// How far it is is written down this often: a kill costs no more than was done since.
const NOTE_EVERY: Millis = Millis::from_secs(10);
/// A disk that fails may have been pulled a moment before the system knows.
const PULL_SEEN_WITHIN: Millis = Millis::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// So much wrong is enough to know.
const WRONG_ENOUGH: u64 = 2 << 20;

/// The disk of a test, by its letters.
pub(crate) fn drive_of(spec: &JobSpec) -> Option<&[String]> {
    match spec {
        JobSpec::BurnIn { drive, .. } => Some(std::slice::from_ref(drive)),
        _ => None,
    }
}

/// What the caretaker knows of a disk that is to be tested.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) disk: DiskIdentity,
    pub(crate) place: String,
    pub(crate) content: DiskContent,
    pub(crate) attached: u64,
    /// It takes part already: this job let it, before its record could say so.
    pub(crate) joins: bool,
}

/// Tests a disk.
pub(crate) fn perform(
    supervisor: &Supervisor,
    begun: &Begun,
    progress: OnProgress<'_>,
) -> Result<BurnInResult, Halted> {
    let JobSpec::BurnIn { drive, typed, adopt, .. } = &begun.spec else {
        return Err(show::stopping().into());
    };
    let letters = drive.clone();
    let about = supervisor.with_carer(move |carer| carer.about_burn_in(&letters));
    let about = about.map_err(|fault| match fault.code {
        FaultCode::NotFound => waits(fault.sentence),
        _ => Halted::from(fault),
    })?;
    let known = begun.found.as_ref().and_then(|found| found.burn.clone());
    let note = known.unwrap_or_else(|| BurnNote {
        seed: supervisor.setup.env.rng.array(),
        ..BurnNote::default()
    });
    let board = match &supervisor.setup.hardware {
        Some(hardware) => &*hardware.board,
        None => return Err(show::stopping().into()),
    };
    let mut test = Test { supervisor, board, begun, progress, about, note, noted: None };
    if *adopt && test.about.joins && test.note.marked {
        return Ok(test.result(Trust::Good, true));
    }
    test.mark(typed.is_some())?;
    let verdict = match test.all() {
        Ok(verdict) => verdict,
        Err(halted) => {
            // Whatever ended it, it goes on from here.
            test.write_down()?;
            return Err(halted);
        }
    };
    let good = verdict == Trust::Good;
    if good {
        test.step(BurnStep::End)?;
    }
    let (spec, disk) = (begun.spec.clone(), test.about.disk.clone());
    let adopted = supervisor.with_carer(move |carer| carer.burnt_in(&disk, &spec, good))?;
    Ok(test.result(verdict, adopted))
}

struct Test<'a, 'p> {
    supervisor: &'a Supervisor,
    board: &'a dyn Board,
    begun: &'a Begun,
    progress: OnProgress<'p>,
    about: About,
    note: BurnNote,
    noted: Option<Millis>,
}

impl Test<'_, '_> {
    fn size(&self) -> u64 {
        self.about.disk.size.0
    }

    /// Marks the disk, from where on nothing of what was on it is left. Whatever is not blank goes only
    /// while its owner's word is about it, and not before he had his time to undo it.
    fn mark(&mut self, confirmed: bool) -> Result<(), Halted> {
        if self.note.marked {
            return Ok(());
        }
        if self.about.content != DiskContent::Blank {
            if !confirmed || self.begun.again {
                let sentence =
                    "There is something on the disk, and nobody said since that it may go.";
                let advice = "Look at what is on it, and ask for the test again.";
                return Err(Fault::new(FaultCode::Refused, sentence, advice).into());
            }
            self.wait()?;
        }
        self.write_down()?;
        self.supervisor.no_key_look(std::slice::from_ref(&self.about.disk))?;
        self.step(BurnStep::Begin)?;
        self.note.marked = true;
        self.write_down()
    }

    /// The time in which the owner may change his mind, by cancelling the job. A restart asks anew.
    fn wait(&mut self) -> Result<(), Halted> {
        let end = self.supervisor.uptime().0 + ERASE_WAIT.0;
        while self.supervisor.uptime().0 < end {
            self.tell()?;
            self.supervisor.rests(LOOK_EVERY);
        }
        Ok(())
    }

    /// Writes all, then reads all.
    fn all(&mut self) -> Result<Trust, Halted> {
        while self.note.written < self.size() {
            self.tell()?;
            let (from, len) = (self.note.written, self.len(self.note.written));
            match self.step(BurnStep::Write { from, len }) {
                // What belongs elsewhere went over the mark: the rest need not be written.
                Ok(burnt) if burnt.first.is_some() => {
                    self.found(burnt);
                    return Ok(self.verdict(false));
                }
                Ok(_) => self.note.written += len,
                Err(halted) if self.refused(&halted) => return Ok(self.verdict(true)),
                Err(halted) => return Err(halted),
            }
            self.write_down_now_and_then()?;
        }
        while self.note.read < self.size() && self.note.wrong < WRONG_ENOUGH {
            self.tell()?;
            let (from, len) = (self.note.read, self.len(self.note.read));
            let burnt = self.step(BurnStep::Read { from, len })?;
            self.found(burnt);
            self.note.read += len;
            self.write_down_now_and_then()?;
        }
        Ok(self.verdict(false))
    }

    fn len(&self, from: u64) -> u64 {
        burn::STEP_MAX.min(self.size() - from)
    }

    fn found(&mut self, burnt: Burnt) {
        self.note.wrong += burnt.wrong;
        if let Some((at, what)) = burnt.first.filter(|_| self.note.first.is_none()) {
            self.note.first = Some(at);
            self.note.of = match what {
                WrongBytes::Of(place) => Some(place),
                WrongBytes::Unreadable | WrongBytes::Other => None,
            };
        }
    }

    fn verdict(&self, refused: bool) -> Trust {
        let BurnNote { wrong, first, of, .. } = self.note;
        trust(&Tested { size: self.about.disk.size, wrong, first, of, refused })
    }

    /// One step. A disk that was pulled is waited for.
    fn step(&self, step: BurnStep) -> Result<Burnt, Halted> {
        let About { disk, content, attached, .. } = &self.about;
        let (expects, attached) = (content.clone(), *attached);
        let order = BurnOrder { expects, attached, seed: BurnSeed(self.note.seed), step };
        self.board.burn(disk, &order).map_err(|error| self.why(&error))
    }

    /// Whether the disk is here and does not store what it is given.
    fn refused(&self, halted: &Halted) -> bool {
        !halted.waits && halted.fault.code == FaultCode::Volumes
    }

    fn why(&self, error: &BoardError) -> Halted {
        let code = match error {
            BoardError::NotThere { .. } | BoardError::Io { .. } => FaultCode::Volumes,
            BoardError::Helper { .. } => FaultCode::Failed,
            _ => FaultCode::Refused,
        };
        let fault = Fault::new(code, show::whole(error), error.advice());
        if code != FaultCode::Volumes {
            return fault.into();
        }
        let is_here = || {
            let all = self.board.disks().unwrap_or_default();
            all.iter().any(|info| info.identity == self.about.disk)
        };
        let end = self.supervisor.uptime().0 + PULL_SEEN_WITHIN.0;
        while is_here() {
            if self.supervisor.uptime().0 >= end || self.supervisor.rests(LOOK_EVERY) {
                return fault.into();
            }
        }
        let (model, letters) = (&self.about.disk.model, self.about.disk.last_four());
        waits(format!("The disk {model} (..{letters}) was unplugged in the middle of its test."))
    }

    /// Tells how far it is, and hears whether to go on.
    fn tell(&mut self) -> Result<(), Halted> {
        let bytes = self.note.written + self.note.read;
        let now = Progress { bytes, bytes_total: Some(2 * self.size()), ..Progress::default() };
        if (self.progress)(now) && !self.begun.halt.load(Ordering::SeqCst) {
            return Ok(());
        }
        let sentence = "The test was stopped before its end.";
        Err(Fault::new(FaultCode::Stopped, sentence, "Let it go on, or cancel it.").into())
    }

    fn write_down(&mut self) -> Result<(), Halted> {
        self.noted = Some(self.supervisor.uptime());
        let found = Found { burn: Some(self.note.clone()), ..Found::default() };
        Ok(self.supervisor.shared().book.note_found(self.begun.id, found)?)
    }

    fn write_down_now_and_then(&mut self) -> Result<(), Halted> {
        let due = |noted: Millis| self.supervisor.uptime().0 >= noted.0 + NOTE_EVERY.0;
        if self.noted.is_none_or(due) { self.write_down() } else { Ok(()) }
    }

    fn result(&self, verdict: Trust, adopted: bool) -> BurnInResult {
        BurnInResult {
            place: self.about.place.clone(),
            size: self.size(),
            good: verdict == Trust::Good,
            holds: match verdict {
                Trust::Fake(holds) => Some(holds.0),
                Trust::Good | Trust::Bad => None,
            },
            wrong: self.note.wrong,
            adopted,
        }
    }
}

fn waits(sentence: String) -> Halted {
    let advice = "Plug it back in, and the test goes on by itself; or cancel it.";
    Halted { fault: Fault::new(FaultCode::Volumes, sentence, advice), waits: true }
}
