//! What the conductor does now and then: it says that the box is alive, watches the clock, and writes
//! down what could not be written before.
//!
//! Whether a clock is believed is decided in `plan::jobs::clock`. Start at [`Rounds`].

use std::fs;
use std::time::UNIX_EPOCH;

use calls::Event;
use plan::jobs::clock::is_new_word;
use types::clock::ClockWatch;
use types::{Millis, UnixTime};

use crate::supervisor::{Shared, Supervisor};

/// The time is written down this often: what a cut makes uncertain.
const REMEMBER_EVERY: Millis = Millis::from_secs(3_600);
/// The verdict is made anew this often when nothing happens.
const HEALTH_EVERY: Millis = Millis::from_secs(3_600);

/// When the conductor last did what it does now and then.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    said_alive: Millis,
    remembered: Millis,
    judged: Millis,
    /// Records could not be written when this was last looked at.
    unwritten: bool,
    /// A time server has said that the clock is right, and what is kept for friends goes by the old word.
    friends_are_due: bool,
}

impl Supervisor {
    pub(crate) fn say_alive(&self, rounds: &mut Rounds) {
        let Some(every) = self.setup.notifier.alive_every() else { return };
        let now = Millis(self.uptime().0.max(1));
        if rounds.said_alive == Millis(0) || now.0 >= rounds.said_alive.0 + every.0 {
            rounds.said_alive = now;
            self.setup.notifier.alive();
        }
    }

    pub(crate) fn judge_now_and_then(&self, rounds: &mut Rounds) {
        if self.uptime().0 >= rounds.judged.0 + HEALTH_EVERY.0 {
            rounds.judged = self.uptime();
            self.judge_soon();
        }
    }

    /// Whether nobody knows what time it is.
    pub(crate) fn clock_jumped(&self, shared: &Shared) -> bool {
        !shared.clock.is_sure(self.moment())
    }

    /// What a time server says counts for what is kept for friends too. Without the supervisor's lock, which
    /// whoever looks after friends may wait for.
    pub(crate) fn tell_friends_what_time_it_is(&self, rounds: &mut Rounds) {
        if std::mem::take(&mut rounds.friends_are_due) {
            self.tell_friends_of_clock();
        }
    }

    pub(crate) fn watch_clock(&self, shared: &mut Shared, rounds: &mut Rounds) {
        let touched = touched(&self.setup.clock_is_set);
        let now = self.moment();
        if let Some(touched) = touched {
            if is_new_word(shared.clock_word, touched, now.wall) {
                shared.clock = ClockWatch::agreed(now);
                rounds.friends_are_due = true;
            }
            shared.clock_word = Some(touched);
        }
        shared.memory.anchor(now.wall);
        if now.uptime.0 >= rounds.remembered.0 + REMEMBER_EVERY.0 {
            rounds.remembered = now.uptime;
            self.remember(shared);
        }
    }

    /// Writes the box's memory down.
    pub(crate) fn remember(&self, shared: &mut Shared) {
        let now = self.moment();
        let mark = shared.clock.mark(now);
        shared.memory.set_clock(mark);
        if let Err(error) = shared.memory.save(&self.folder) {
            tracing::error!(%error, "the box's memory cannot be written");
        }
    }

    /// Writes down what could not be written, and has that told as long as it is so.
    pub(crate) fn write_again(&self, shared: &mut Shared, rounds: &mut Rounds) {
        if self.cannot_write(shared) {
            self.remember(shared);
            shared.book.write_again();
        }
        let unwritten = self.cannot_write(shared);
        if std::mem::replace(&mut rounds.unwritten, unwritten) != unwritten {
            self.judge_soon();
        }
    }

    /// Whether a record could not be written and still cannot.
    pub(crate) fn cannot_write(&self, shared: &Shared) -> bool {
        self.folder.refuses() || !shared.book.is_written()
    }

    /// Lets those that would write over files ask when they waited long.
    pub(crate) fn hold_back(&self, shared: &mut Shared) {
        let held = shared.book.hold_back(self.moment());
        for job in held {
            tracing::warn!(job = job.id.0, "a job waited long and asks before it goes on");
            self.hub.tell(&Event::Job(Box::new(job)));
            self.judge_soon();
        }
    }
}

/// When a file was last touched, if it is there.
fn touched(path: &std::path::Path) -> Option<UnixTime> {
    let at = fs::metadata(path).and_then(|meta| meta.modified()).ok()?;
    let after = at.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(after.as_millis()).ok().map(UnixTime)
}
