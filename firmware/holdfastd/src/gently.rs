//! A reading that nobody waits for lets others have the disks.
//!
//! It rests inside its own progress, a moment after each pack, and goes on at once when the others are
//! done or it is to stop. For how long is decided in `plan::jobs::gently`. Start at
//! [`Supervisor::give_way`].

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use calls::{AskedBy, Event};
use plan::jobs::gently::{gives_way, pause};
use types::Millis;

use crate::book::Begun;
use crate::jobs::kind_of;
use crate::supervisor::Supervisor;

impl Supervisor {
    /// Keeps a job's thread here for a moment if others are waited for. `since` is when it last was here.
    pub(crate) fn give_way(&self, begun: &Begun, since: &mut Millis) {
        let (kind, asked_for) = (kind_of(&begun.spec), begun.asked_by == AskedBy::Owner);
        if !gives_way(kind, asked_for) {
            return;
        }
        let began = self.uptime();
        let read_for = Millis(began.0.saturating_sub(since.0));
        let mut shared = self.shared();
        loop {
            let wanted = pause(kind, asked_for, read_for, &shared.book.running());
            if let Some(job) = shared.book.note_gives_way(begun.id, wanted > Millis(0)) {
                self.hub.tell(&Event::Job(Box::new(job)));
            }
            let rested = self.uptime().0.saturating_sub(began.0);
            let left = wanted.0.saturating_sub(rested);
            if left == 0 || begun.halt.load(Ordering::SeqCst) {
                break;
            }
            let waited = self.changed.wait_timeout(shared, Duration::from_millis(left));
            (shared, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        drop(shared);
        *since = self.uptime();
    }
}
