//! News as server-sent events: one thread hears the box, everybody reads the same list.
//!
//! The list is bounded, so that who reads slowly costs nothing and is told how many events they missed.
//! Each has a number that is also true after the box was started anew: it begins with a word that is
//! drawn at the start. Whoever comes back with the number of the last one is told what came after it.
//! Start at [`Log::follow`].

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use calls::Event;
use hyper::body::{Body, Bytes, Frame};
use tokio::sync::{mpsc, watch};

use crate::caller::Caller;
use crate::places::{Places, READERS};
use crate::problem::Problem;
use crate::shared::State;
use crate::supervise::{Next, Supervise};

/// Events that are remembered, and their bytes as JSON.
const KEPT_MAX: usize = 512;
const KEPT_LEN_MAX: usize = 2 << 20;
/// A reader hears at least this often that the box is alive.
const QUIET_MAX: Duration = Duration::from_secs(15);
/// Pieces that wait for one reader.
const AHEAD: usize = 4;

/// The news of late.
#[derive(Debug)]
pub(crate) struct Log {
    start: String,
    kept: Mutex<Kept>,
    newest: watch::Sender<u64>,
    readers: Places,
}

#[derive(Debug, Default)]
struct Kept {
    /// The number of the first one in the list.
    first: u64,
    list: VecDeque<(Arc<Event>, usize)>,
    len: usize,
    ended: bool,
}

/// What there is after a number.
enum After {
    Event(u64, Arc<Event>),
    /// So many are not kept any more; the next has this number.
    Missed(u64, u64),
    Nothing,
    Ended,
}

impl Log {
    /// An empty one. `start` differs from start to start.
    pub(crate) fn new(start: String) -> Self {
        let readers = Places::new(READERS);
        Self { start, kept: Mutex::default(), newest: watch::Sender::new(0), readers }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears the box until it ends or `go_on` says no. Blocks.
    pub(crate) fn hear(&self, supervisor: &dyn Supervise, go_on: impl Fn() -> bool) {
        let mut watching = supervisor.watch();
        while go_on() {
            match watching.next(Duration::from_secs(1)) {
                Next::Event(event) => self.put(event),
                Next::Missed(count) => self.put(Arc::new(Event::Missed { count })),
                Next::Quiet => {}
                Next::Ended => break,
            }
        }
        self.kept().ended = true;
        self.newest.send_modify(|_| ());
    }

    fn put(&self, event: Arc<Event>) {
        let len = serde_json::to_vec(&*event).map_or(0, |bytes| bytes.len());
        let mut kept = self.kept();
        kept.list.push_back((event, len));
        kept.len += len;
        while kept.list.len() > KEPT_MAX || kept.len > KEPT_LEN_MAX && kept.list.len() > 1 {
            if let Some((_, len)) = kept.list.pop_front() {
                kept.len -= len;
                kept.first += 1;
            }
        }
        let end = kept.first + kept.list.len() as u64;
        drop(kept);
        self.newest.send_replace(end);
    }

    fn end(&self) -> u64 {
        let kept = self.kept();
        kept.first + kept.list.len() as u64
    }

    fn after(&self, number: u64) -> After {
        let kept = self.kept();
        let Some(at) = number.checked_sub(kept.first) else {
            return After::Missed(kept.first - number, kept.first);
        };
        let found = usize::try_from(at).ok().and_then(|at| kept.list.get(at));
        match found {
            Some((event, _)) => After::Event(number + 1, Arc::clone(event)),
            None if kept.ended => After::Ended,
            None => After::Nothing,
        }
    }

    /// Where somebody goes on who last heard this. One that is of an earlier start has missed what nobody
    /// can count.
    fn resumed(&self, last: Option<&str>) -> (u64, bool) {
        let Some(last) = last else { return (self.end(), false) };
        let known = last.strip_prefix(self.start.as_str()).and_then(|rest| rest.strip_prefix('-'));
        match known.and_then(|number| number.parse::<u64>().ok()).filter(|n| *n <= self.end()) {
            Some(number) => (number, false),
            None => (self.end(), true),
        }
    }
}

/// A body that somebody else fills.
#[derive(Debug)]
pub(crate) struct Lines(mpsc::Receiver<Bytes>);

impl Body for Lines {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// What somebody may hear, from what they last heard on, unless they read in too many places already.
pub(crate) async fn follow(
    state: &State,
    caller: Caller,
    last: Option<&str>,
) -> Result<Lines, Problem> {
    let place = state.news.readers.take(&caller).await?;
    let (send, receive) = mpsc::channel(AHEAD);
    let (mut at, lost) = state.news.resumed(last);
    let state = Arc::clone(state);
    let mut newest = state.news.newest.subscribe();
    tokio::spawn(async move {
        let _place = place;
        let log = &state.news;
        let first = if lost { line(log, at, &Event::Missed { count: 0 }) } else { hello(log, at) };
        let mut next = Some(first);
        loop {
            if !state.is_still_in(&caller) {
                return;
            }
            if let Some(bytes) = next.take()
                && send.send(bytes).await.is_err()
            {
                return;
            }
            newest.borrow_and_update();
            match log.after(at) {
                After::Event(number, event) => {
                    at = number;
                    next =
                        state.supervisor.shown(&caller.who, &event).map(|one| line(log, at, &one));
                }
                After::Missed(count, number) => {
                    at = number;
                    next = Some(line(log, at, &Event::Missed { count }));
                }
                After::Ended => return,
                After::Nothing => {
                    tokio::select! {
                        changed = newest.changed() => if changed.is_err() { return },
                        () = tokio::time::sleep(QUIET_MAX) => next = Some(Bytes::from_static(b": quiet\n\n")),
                        () = send.closed() => return,
                    }
                }
            }
        }
    });
    Ok(Lines(receive))
}

/// Tells a reader at once where they are: so that the next one can go on there.
fn hello(log: &Log, at: u64) -> Bytes {
    format!("retry: 2000\nid: {}-{at}\nevent: hello\ndata: {{}}\n\n", log.start).into()
}

/// An event as lines.
fn line(log: &Log, number: u64, event: &Event) -> Bytes {
    let name = match event {
        Event::Job(_) => "job",
        Event::Health(_) => "health",
        Event::Lock(_) => "lock",
        Event::Volume { .. } => "volume",
        Event::Disk(_) => "disk",
        Event::Disks {} => "disks",
        Event::Friends {} => "friends",
        Event::Missed { .. } => "missed",
        Event::Quiet {} => "quiet",
        Event::ShuttingDown {} => "shutting_down",
    };
    // JSON has no line end of its own.
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("id: {}-{number}\nevent: {name}\ndata: {data}\n\n", log.start).into()
}
