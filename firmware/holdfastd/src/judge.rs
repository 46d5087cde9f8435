//! Who makes the verdict, and when: one thread at a time, never a caller's.
//!
//! A disk that hangs is waited for there and by nobody else. What the verdict is stands in `health`.
//! Start at [`Supervisor::look_after_health`].

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calls::{Event, Health, Volume};

use crate::supervisor::Supervisor;

/// A caller who wants to know how things are waits for the verdict that is being made, but not for a
/// disk that hangs: then what was last known is said.
const WAITED_FOR: Duration = Duration::from_secs(3);

/// Who makes the verdict: one thread at a time, never a caller's.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    state: Mutex<Judging>,
    made: Condvar,
}

#[derive(Debug, Default)]
struct Judging {
    /// A thread is at it.
    running: bool,
    /// Something happened since it began.
    again: bool,
    /// Verdicts that were begun, and those that were made.
    begun: u64,
    done: u64,
}

impl Judge {
    fn state(&self) -> MutexGuard<'_, Judging> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the thread has to make another one.
    fn goes_on(&self) -> bool {
        let mut state = self.state();
        state.done = state.begun;
        state.running = std::mem::take(&mut state.again);
        state.begun += u64::from(state.running);
        self.made.notify_all();
        state.running
    }
}

impl Supervisor {
    /// Has the verdict made anew, and waits for it as long as that makes sense.
    pub(crate) fn look_after_health(&self) {
        let wanted = self.judge_soon();
        let not_made = |state: &mut Judging| state.done < wanted;
        drop(self.judge.made.wait_timeout_while(self.judge.state(), WAITED_FOR, not_made));
    }

    /// Has the verdict made anew by a thread of its own: a disk that hangs is waited for there, and
    /// by nobody else. Returns the number of a verdict that knows all that happened so far.
    pub(crate) fn judge_soon(&self) -> u64 {
        let mut state = self.judge.state();
        if state.running {
            state.again = true;
            return state.begun + 1;
        }
        let Some(this) = self.me() else { return 0 };
        (state.running, state.begun) = (true, state.begun + 1);
        let begun = state.begun;
        drop(state);
        let named = std::thread::Builder::new().name("health".to_owned());
        let spawned = named.spawn(move || {
            loop {
                this.make_verdict();
                if !this.judge.goes_on() {
                    return;
                }
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread for the verdict");
            self.judge.goes_on();
        }
        begun
    }

    /// Makes the verdict, and tells whoever watches when it changed.
    fn make_verdict(&self) {
        let health = self.judge();
        let mut shared = self.shared();
        if shared.health != health {
            for finding in &health.findings {
                tracing::info!(severity = ?finding.severity, finding.sentence, "finding");
            }
            let before = std::mem::replace(&mut shared.health, health.clone());
            drop(shared);
            if has_failed(&before, &health) {
                self.judge_disks_now();
            }
            self.tell_volumes(&before, &health);
            self.hub.tell(&Event::Health(health));
        }
    }
}

/// A volume that was well before and failed since.
fn has_failed(before: &Health, after: &Health) -> bool {
    let is_failed = |volume: &&Volume| volume.state == "failed";
    let was = |id: &str| before.volumes.iter().filter(is_failed).any(|volume| volume.id == id);
    after.volumes.iter().filter(is_failed).any(|volume| !was(&volume.id))
}
