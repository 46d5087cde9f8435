//! Who is at which stick: a look for somebody's key, or a job. Never both, since whichever ends first would take
//! the mount away from the other.
//!
//! A look takes its stick before it asks whether a job works there, and a job stands in the book before it asks
//! whether a look is there: so one of them sees the other. Start at [`KeyLooks::take`].

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Drives on which somebody's key is looked for, or written, now: by their letters.
#[derive(Debug, Default)]
pub(crate) struct KeyLooks {
    at: Mutex<BTreeSet<String>>,
    freed: Condvar,
}

/// A look at one drive, until it is dropped.
#[derive(Debug)]
pub(crate) struct Look {
    of: Arc<KeyLooks>,
    drive: String,
}

impl KeyLooks {
    fn at(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a drive for a look; none while another look is there, or where a job works, as `is_used` says.
    pub(crate) fn take(
        self: &Arc<Self>,
        drive: &str,
        is_used: impl FnOnce() -> bool,
    ) -> Option<Look> {
        if !self.at().insert(drive.to_owned()) {
            return None;
        }
        let look = Look { of: Arc::clone(self), drive: drive.to_owned() };
        (!is_used()).then_some(look)
    }

    /// Waits until no look is at any of these; says whether that is so.
    pub(crate) fn left(&self, drives: &[String], patience: Duration) -> bool {
        let busy = |at: &mut BTreeSet<String>| drives.iter().any(|drive| at.contains(drive));
        let waited = self.freed.wait_timeout_while(self.at(), patience, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        self.of.at().remove(&self.drive);
        self.of.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(10);
    const LONG: Duration = Duration::from_secs(60);

    fn named(drive: &str) -> [String; 1] {
        [drive.to_owned()]
    }

    #[test]
    fn a_look_and_a_job_are_never_at_one_stick_and_one_stick_keeps_no_other() {
        let looks = Arc::<KeyLooks>::default();
        let first = looks.take("blue", || false).expect("nobody is there");
        assert!(looks.take("blue", || false).is_none(), "one look at a time");
        assert!(looks.take("red", || true).is_none(), "a job is there");
        assert!(looks.left(&named("red"), SOON), "and it was given back");
        assert!(!looks.left(&named("blue"), SOON), "the job has to wait");
        let waits = {
            let looks = Arc::clone(&looks);
            std::thread::spawn(move || looks.left(&named("blue"), LONG))
        };
        drop(first);
        assert!(waits.join().expect("it ended"));
    }
}
