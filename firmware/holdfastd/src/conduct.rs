//! What goes on by itself: jobs are begun, chores come due, the clock is watched, the box stops.
//!
//! One thread conducts, and every job at work has its own. A job that a stop or a lock cuts short is
//! written down as waiting. Start at [`Supervisor::conduct`].

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use calls::{AskedBy, Event, Fault, FaultCode, Job, JobId, JobProgress, JobResult, JobSpec, Lock};
use plan::jobs::{Gate, choose, schedule};
use types::Millis;
use vault::{Progress, Vault};

use crate::book::Begun;
use crate::jobs::{Halted, chore_of, kind_of, reads_all};
use crate::rounds::Rounds;
use crate::supervisor::{Shared, Supervisor};
use crate::{bring_back, burn_in, perform, scrub, show, usb, usb_drives};

/// The conductor looks around at least this often: chores are due to the day, a jump of the clock
/// is seen within the minute, and an idle box still sleeps nearly always.
const LOOK_EVERY: Millis = Millis::from_secs(60);
/// A job tells how far it is no more often than this.
const PROGRESS_EVERY: Millis = Millis(250);
/// A job that does not stop within this is left where it is: a service manager waits 90 seconds, and
/// what the job has not acknowledged is as good as never begun.
pub(crate) const PUT_BY_MAX: Duration = Duration::from_secs(60);

impl Supervisor {
    /// Conducts until the box has stopped in order.
    pub fn conduct(self: &Arc<Self>) {
        let caring = self.begin_to_care();
        self.go_on_once_there_is_room();
        let mut rounds = Rounds::default();
        // Twice as often as it is said, so that one that comes a moment early costs half a turn only.
        let half = |every: Millis| Millis((every.0 / 2).max(1));
        let sleep = self.setup.notifier.alive_every().map_or(LOOK_EVERY, half).min(LOOK_EVERY);
        loop {
            self.say_alive(&mut rounds);
            self.judge_now_and_then(&mut rounds);
            self.tell_friends_what_time_it_is(&mut rounds);
            let mut shared = self.shared();
            if shared.stopping {
                break;
            }
            self.watch_clock(&mut shared, &mut rounds);
            self.begin_chores(&mut shared);
            self.keep_quiet(&mut shared);
            self.write_again(&mut shared, &mut rounds);
            self.hold_back(&mut shared);
            if self.begin_jobs(&mut shared) {
                continue;
            }
            drop(self.changed.wait_timeout(shared, Duration::from_millis(sleep.0)));
        }
        self.leave_friends();
        self.put_by();
        self.stop_caring(caring);
    }

    /// Lets the jobs at work come to rest, and closes the vault.
    fn put_by(&self) {
        let mut shared = self.shared();
        // One that was begun in the same moment has not heard yet.
        shared.book.halt_all();
        let (mut shared, late) = self
            .changed
            .wait_timeout_while(shared, PUT_BY_MAX, |shared| !shared.book.running().is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        if late.timed_out() {
            tracing::warn!("a job did not stop in time and begins again at the next start");
            shared.book.leave_running();
        }
        self.remember(&mut shared);
        drop(shared);
        let Some(vault) = self.keeper.take().filter(|_| !late.timed_out()) else { return };
        match vault.close() {
            Ok(()) => tracing::info!("the vault is closed"),
            // Whatever was acknowledged is durable; the next start takes a little longer.
            Err(error) => tracing::error!(error = show::whole(&error), "the vault did not close"),
        }
    }

    /// Writes down what is due. In a locked box what needs the keys is due when they are back.
    fn begin_chores(&self, shared: &mut Shared) {
        // Before the disks were looked at nothing is there to be read, and a scrub would count as one of all.
        if self.vault.get().is_none() || !self.setup.source.has_looked() {
            return;
        }
        let locked = self.keeper.lock() != Lock::Unlocked;
        let now = self.moment();
        let jumped = self.clock_jumped(shared);
        let under_way: Vec<_> = shared
            .book
            .jobs()
            .filter(|job| !job.state.is_over())
            .map(|job| kind_of(&job.spec))
            .collect();
        let chores =
            shared.memory.chores(self.setup.config.schedule, |kind| under_way.contains(&kind));
        let due = schedule::due(&chores, now.wall, jumped).into_iter();
        for spec in due.filter(|kind| !(locked && kind.needs_keys())).filter_map(chore_of) {
            match shared.book.add(spec, AskedBy::Schedule, now) {
                Ok((job, _)) => self.hub.tell(&Event::Job(Box::new(job))),
                Err(fault) => tracing::warn!("a chore has to wait: {fault}"),
            }
        }
    }

    /// Begins what may be begun; whether anything was.
    fn begin_jobs(self: &Arc<Self>, shared: &mut Shared) -> bool {
        let vault = self.keeper.vault_now();
        let gate = Gate {
            locked: vault.is_none(),
            clock_jumped: self.clock_jumped(shared),
            stopping: shared.stopping || shared.putting_by > 0,
            quiet: shared.quiet,
        };
        let chosen = choose(&shared.book.waiting(), &shared.book.running(), gate);
        let mut any = false;
        for id in chosen.into_iter().map(JobId) {
            any |= self.begin(shared, id, vault.clone());
        }
        any
    }

    fn begin(self: &Arc<Self>, shared: &mut Shared, id: JobId, vault: Option<Arc<Vault>>) -> bool {
        let begun = match shared.book.begin(id, self.now()) {
            Ok(begun) => begun,
            Err(fault) => {
                // Its record cannot be written: it waits, and is looked at again in a while.
                tracing::error!(job = id.0, "a job cannot begin: {fault}");
                return false;
            }
        };
        tracing::info!(job = id.0, kind = ?kind_of(&begun.spec), "a job begins");
        let this = Arc::clone(self);
        let named = std::thread::Builder::new().name(format!("job-{id}"));
        let spawned = named.spawn(move || this.work(&begun, vault));
        if let Err(error) = spawned {
            tracing::error!(job = id.0, %error, "no thread for a job");
            let sentence = "The system gives no thread for this job.";
            let fault = Fault::new(FaultCode::Failed, sentence, "Start it again later.");
            shared.book.end(id, Err(fault.into()), self.moment());
        }
        true
    }

    /// A job's thread.
    fn work(self: Arc<Self>, begun: &Begun, vault: Option<Arc<Vault>>) {
        let (mut told, mut since) = (None, self.uptime());
        let mut tick = |progress: Progress| {
            let now = self.uptime();
            if told.is_none_or(|last: Millis| now.0 >= last.0 + PROGRESS_EVERY.0) {
                told = Some(now);
                self.note_progress(begun.id, progress, now);
            }
            self.rest(begun);
            self.give_way(begun, &mut since);
            !begun.halt.load(Ordering::SeqCst)
        };
        let ended = match &vault {
            _ if burn_in::drive_of(&begun.spec).is_some() => {
                burn_in::perform(&self, begun, &mut tick).map(JobResult::BurnIn)
            }
            Some(vault) if begun.spec == (calls::JobSpec::BringBack {}) => {
                bring_back::perform(&self, vault, begun, &mut tick).map(JobResult::BringBack)
            }
            Some(vault) if usb_drives::drives_of(&begun.spec).is_some() => {
                usb::perform(&self, vault, begun, &mut tick)
            }
            Some(vault) => self
                .may_let_go(begun, vault)
                .and_then(|()| self.note_found(begun, vault))
                .and_then(|()| {
                    perform::perform(vault, begun, &self.own(), &mut tick)
                        .map_err(|error| show::fault(&error))
                })
                .map_err(Halted::from),
            None => scrub::scrub(&*self.setup.source, &mut tick)
                .map(JobResult::Check)
                .map_err(Halted::from),
        };
        if let Err(Halted { fault, waits }) = &ended {
            tracing::warn!(job = begun.id.0, code = ?fault.code, waits, "did not finish: {fault}");
        }
        let keyless = vault.is_none();
        // Before the book says that it ended: whoever locks the box waits for that, and closes.
        drop(vault);
        self.finish(begun, ended, keyless);
    }

    /// Remembers what a job found when it first began, so that it can be told later whether it had
    /// come to its end.
    fn note_found(&self, begun: &Begun, vault: &Vault) -> Result<(), Fault> {
        match perform::look(vault, &begun.spec).filter(|_| begun.found.is_none()) {
            Some(found) => self.shared().book.note_found(begun.id, found),
            None => Ok(()),
        }
    }

    fn note_progress(&self, id: JobId, progress: Progress, at: Millis) {
        let progress = JobProgress {
            items: progress.items,
            items_total: progress.items_total,
            bytes: progress.bytes,
            bytes_total: progress.bytes_total,
            ..JobProgress::default()
        };
        let job = self.shared().book.progress(id, progress, at);
        if let Some(job) = job {
            self.hub.tell(&Event::Job(Box::new(job)));
        }
    }

    fn finish(&self, begun: &Begun, ended: Result<JobResult, Halted>, keyless: bool) {
        let now = self.moment();
        let kind = kind_of(&begun.spec);
        let job = {
            let mut shared = self.shared();
            let job = shared.book.end(begun.id, ended, now);
            if let Some(job) = job.as_ref().filter(|job| job.state.is_over()) {
                let well = job.state == calls::JobState::Done;
                shared.memory.note(kind, now.wall, well);
                if let Some(JobResult::Check(found)) = &job.result
                    && reads_all(&job.spec)
                {
                    shared.memory.note_read(now.wall, found.absent == 0);
                }
                self.remember(&mut shared);
            }
            job
        };
        if let Some(job) = job {
            tracing::info!(job = job.id.0, state = ?job.state, "a job ended");
            self.mend_after(&job, keyless);
            self.let_drives_go(&job);
            self.tell_of_import(&job);
            self.tell_of_burn_in(&job);
            self.hub.tell(&Event::Job(Box::new(job)));
        }
        self.judge_soon();
        self.changed.notify_all();
        self.wake_care();
        self.tell_friends_of_vault();
    }

    /// What a scrub that was due found wrong is mended without anybody asking, as soon as the keys are
    /// there. What was read without them the vault has to read again, to know which copies it is.
    fn mend_after(&self, job: &Job, keyless: bool) {
        let wrong = matches!(&job.result, Some(JobResult::Check(found))
            if found.damaged > found.repaired || found.under_copied > 0);
        if wrong && job.spec == (JobSpec::Scrub {}) && job.asked_by == AskedBy::Schedule {
            let spec = JobSpec::Check { read_data: keyless, repair: true };
            if let Err(fault) = self.add(spec, AskedBy::Schedule) {
                tracing::warn!("what was found cannot be mended now: {fault}");
            }
        }
    }
}
