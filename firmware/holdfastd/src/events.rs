//! News for watchers: each has a queue of its own, and a slow one delays nobody.
//!
//! All queues share one copy of an event. What does not fit a queue, by number or by bytes, is dropped
//! and counted. Start at [`Hub::watch`].

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use calls::{Event, Job, JobId, JobSpec};

/// Events that wait for one watcher, at most: a minute of a busy box.
const QUEUE_MAX: usize = 256;
/// And their bytes: some jobs of some hundred folders. One that is larger waits alone.
const QUEUE_LEN_MAX: usize = 2 << 20;
/// An event without its texts, roughly.
const EVENT_LEN: usize = 512;

/// Everybody who watches.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    watchers: Mutex<Vec<Watcher>>,
}

#[derive(Debug)]
struct Watcher {
    job: Option<JobId>,
    queue: SyncSender<Arc<Event>>,
    waiting: Arc<AtomicUsize>,
    missed: Arc<AtomicU64>,
}

/// One watcher's end.
#[derive(Debug)]
pub(crate) struct Watching {
    queue: Receiver<Arc<Event>>,
    /// Bytes that wait.
    waiting: Arc<AtomicUsize>,
    missed: Arc<AtomicU64>,
}

impl Watching {
    /// The next event.
    pub(crate) fn next(&self, patience: Duration) -> Result<Arc<Event>, RecvTimeoutError> {
        let event = self.queue.recv_timeout(patience)?;
        self.waiting.fetch_sub(len(&event), Ordering::Relaxed);
        Ok(event)
    }

    /// Events that were dropped since this was last asked.
    pub(crate) fn missed(&self) -> u64 {
        self.missed.swap(0, Ordering::Relaxed)
    }
}

impl Hub {
    /// Begins to watch one job, or everything.
    pub(crate) fn watch(&self, job: Option<JobId>) -> Watching {
        let (send, queue) = sync_channel(QUEUE_MAX);
        let (missed, waiting) = (Arc::<AtomicU64>::default(), Arc::<AtomicUsize>::default());
        let watcher = Watcher {
            job,
            queue: send,
            waiting: Arc::clone(&waiting),
            missed: Arc::clone(&missed),
        };
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(watcher);
        Watching { queue, waiting, missed }
    }

    /// Tells everybody; whoever went away is forgotten.
    pub(crate) fn tell(&self, event: &Event) {
        let shared = Arc::new(event.clone());
        let len = len(event);
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
            // Counted before it is sent: whoever takes it takes its bytes off.
            let before = watcher.waiting.fetch_add(len, Ordering::Relaxed);
            let sent = match before {
                0 => watcher.queue.try_send(Arc::clone(&shared)),
                _ if before + len > QUEUE_LEN_MAX => Err(TrySendError::Full(Arc::clone(&shared))),
                _ => watcher.queue.try_send(Arc::clone(&shared)),
            };
            if sent.is_err() {
                watcher.waiting.fetch_sub(len, Ordering::Relaxed);
                watcher.missed.fetch_add(1, Ordering::Relaxed);
            }
            !matches!(sent, Err(TrySendError::Disconnected(_)))
        });
    }
}

/// The bytes of an event, roughly.
fn len(event: &Event) -> usize {
    EVENT_LEN
        + match event {
            Event::Job(job) => job_len(job),
            Event::Health(health) => {
                let text = health.findings.iter().map(|one| one.sentence.len() + one.action.len());
                text.sum::<usize>() + EVENT_LEN * health.volumes.len()
            }
            Event::Disk(news) => news.sentence.len(),
            _ => 0,
        }
}

fn job_len(job: &Job) -> usize {
    let texts = |texts: &[String]| texts.iter().map(|text| text.len() + EVENT_LEN / 8).sum();
    let spec: usize = match &job.spec {
        JobSpec::Backup { source, paths, excludes, .. } => {
            let paths = paths.iter().map(|path| path.0.len() + EVENT_LEN / 8);
            source.len() + paths.sum::<usize>() + texts(excludes)
        }
        JobSpec::Forget { snapshots } => texts(snapshots),
        JobSpec::Restore { path, to, .. } => path.0.len() + to.0.len(),
        _ => 0,
    };
    let left_out = job.result.iter().flat_map(|result| result.left_out());
    let fault = job.fault.as_ref().map_or(0, |fault| fault.sentence.len() + fault.advice.len());
    spec + fault + left_out.map(|one| one.path.0.len() + one.why.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use calls::{AskedBy, JobProgress, JobState, RawPath};

    use super::*;

    fn told(watching: &Watching) -> Vec<Arc<Event>> {
        std::iter::from_fn(|| watching.next(Duration::ZERO).ok()).collect()
    }

    #[test]
    fn a_watcher_that_does_not_read_misses_events_and_is_told_how_many() {
        let hub = Hub::default();
        let slow = hub.watch(None);
        for _ in 0..QUEUE_MAX + 3 {
            hub.tell(&Event::Quiet {});
        }
        assert_eq!(slow.missed(), 3);
        assert_eq!(slow.missed(), 0);
        assert_eq!(told(&slow).len(), QUEUE_MAX);
        hub.tell(&Event::Quiet {});
        assert_eq!((told(&slow).len(), slow.missed()), (1, 0), "whoever reads hears again");
    }

    #[test]
    fn who_watches_one_job_hears_of_nothing_else_but_the_end_of_the_box() {
        let hub = Hub::default();
        let one = hub.watch(Some(JobId(1)));
        hub.tell(&Event::Quiet {});
        hub.tell(&Event::ShuttingDown {});
        let told: Vec<Event> = told(&one).iter().map(|event| (**event).clone()).collect();
        assert_eq!(told, [Event::ShuttingDown {}]);
    }

    /// Thirty silent watchers once had a copy each of every state of a job with a long list of folders:
    /// gigabytes.
    #[test]
    fn watchers_share_an_event_and_what_waits_for_one_is_bounded_in_bytes() {
        let hub = Hub::default();
        let (one, other) = (hub.watch(None), hub.watch(None));
        let paths = vec![RawPath(vec![b'a'; 1 << 10]); 100];
        let spec =
            JobSpec::Backup { source: String::new(), paths, excludes: Vec::new(), space: None };
        let job = Job {
            id: JobId(1),
            spec,
            state: JobState::Running,
            asked_by: AskedBy::Owner,
            created_ms: 0,
            started_ms: None,
            ended_ms: None,
            attempts: 1,
            progress: JobProgress::default(),
            result: None,
            fault: None,
            rests: None,
        };
        let event = Event::Job(Box::new(job));
        for _ in 0..QUEUE_MAX {
            hub.tell(&event);
        }
        let (one, missed, other) = (told(&one), one.missed(), told(&other));
        let bytes: usize = one.iter().map(|event| len(event)).sum();
        assert!(bytes > QUEUE_LEN_MAX / 2 && bytes <= QUEUE_LEN_MAX, "{bytes}");
        assert_eq!(one.len() as u64 + missed, QUEUE_MAX as u64);
        assert!(one.iter().zip(&other).all(|(one, other)| Arc::ptr_eq(one, other)));
    }
}
