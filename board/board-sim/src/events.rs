//! Events on their way to the box: a bounded queue, so that a box that does not listen is told to
//! look at everything instead.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use board::Event;

/// Events kept until somebody asks. The kernel's own queue holds some hundreds; a smaller one lets
/// tests reach its end.
pub(crate) const EVENTS_MAX: usize = 64;

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Events {
    waiting: Mutex<VecDeque<Event>>,
    came: Condvar,
}

impl Events {
    /// Adds one; when there are too many, all become one [`Event::Overflow`].
    pub(crate) fn tell(&self, event: Event) {
        let mut waiting = self.lock();
        if waiting.len() >= EVENTS_MAX {
            waiting.clear();
            waiting.push_back(Event::Overflow);
        } else {
            waiting.push_back(event);
        }
        self.came.notify_all();
    }

    /// The oldest, waiting for it as long as that.
    pub(crate) fn next(&self, wait: Duration) -> Option<Event> {
        let waiting = self.lock();
        let (mut waiting, _) = self
            .came
            .wait_timeout_while(waiting, wait, |waiting| waiting.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
