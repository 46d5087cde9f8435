//! News for watchers: each has a queue of its own, and a slow one delays nobody.
//!
//! What does not fit a queue is dropped and counted. Start at [`Hub::watch`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use calls::{Event, JobId};

/// Events that wait for one watcher, at most: a minute of a busy box.
const QUEUE_MAX: usize = 256;

/// Everybody who watches.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    watchers: Mutex<Vec<Watcher>>,
}

#[derive(Debug)]
struct Watcher {
    job: Option<JobId>,
    queue: SyncSender<Event>,
    missed: Arc<AtomicU64>,
}

/// One watcher's end.
#[derive(Debug)]
pub(crate) struct Watching {
    pub(crate) queue: Receiver<Event>,
    missed: Arc<AtomicU64>,
}

impl Watching {
    /// Events that were dropped since this was last asked.
    pub(crate) fn missed(&self) -> u64 {
        self.missed.swap(0, Ordering::Relaxed)
    }
}

impl Hub {
    /// Begins to watch one job, or everything.
    pub(crate) fn watch(&self, job: Option<JobId>) -> Watching {
        let (send, queue) = sync_channel(QUEUE_MAX);
        let missed = Arc::new(AtomicU64::new(0));
        let watcher = Watcher { job, queue: send, missed: Arc::clone(&missed) };
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(watcher);
        Watching { queue, missed }
    }

    /// Tells everybody; whoever went away is forgotten.
    pub(crate) fn tell(&self, event: &Event) {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|watcher| {
            let concerns = match (event, watcher.job) {
                (Event::Job(job), Some(only)) => job.id == only,
                (Event::ShuttingDown {}, _) | (_, None) => true,
                (_, Some(_)) => false,
            };
            if !concerns {
                return true;
            }
            match watcher.queue.try_send(event.clone()) {
                Ok(()) => true,
                Err(TrySendError::Full(_)) => {
                    watcher.missed.fetch_add(1, Ordering::Relaxed);
                    true
                }
                Err(TrySendError::Disconnected(_)) => false,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_that_does_not_read_misses_events_and_is_told_how_many() {
        let hub = Hub::default();
        let slow = hub.watch(None);
        for _ in 0..QUEUE_MAX + 3 {
            hub.tell(&Event::Quiet {});
        }
        assert_eq!(slow.missed(), 3);
        assert_eq!(slow.missed(), 0);
        assert_eq!(slow.queue.try_iter().count(), QUEUE_MAX);
    }

    #[test]
    fn who_watches_one_job_hears_of_nothing_else_but_the_end_of_the_box() {
        let hub = Hub::default();
        let one = hub.watch(Some(JobId(1)));
        hub.tell(&Event::Quiet {});
        hub.tell(&Event::ShuttingDown {});
        assert_eq!(one.queue.try_iter().collect::<Vec<_>>(), [Event::ShuttingDown {}]);
    }
}
