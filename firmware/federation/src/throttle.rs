//! The rate at which bodies go to one friend and come from it: awaited before each piece.
//!
//! How fast is decided in `plan::traffic`; here it is only kept to, in both directions: whoever
//! reads slowly lets the sender's window fill. Start at [`Throttle::pass`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plan::traffic::{Bucket, Rate, piece};
use types::Bytes;

use crate::house::{Direction, House, Moved};

/// While nothing may go, it is looked again after this.
const CLOSED_LOOK: Duration = Duration::from_millis(250);

#[derive(Debug)]
struct Way {
    bucket: Mutex<Bucket>,
    rate: AtomicU64,
    /// Since it was last asked for.
    moved: AtomicU64,
    total: AtomicU64,
}

/// Both directions of one friend.
#[derive(Debug)]
pub(crate) struct Throttle {
    house: Arc<dyn House>,
    out: Way,
    came: Way,
}

impl Throttle {
    pub(crate) fn new(house: Arc<dyn House>) -> Self {
        let now = house.now().uptime;
        let way = || Way {
            bucket: Mutex::new(Bucket::new(now)),
            rate: AtomicU64::new(Rate::UNLIMITED.0),
            moved: AtomicU64::new(0),
            total: AtomicU64::new(0),
        };
        Self { house, out: way(), came: way() }
    }

    fn way(&self, direction: Direction) -> &Way {
        match direction {
            Direction::Out => &self.out,
            Direction::In => &self.came,
        }
    }

    /// How fast it goes from now on.
    pub(crate) fn set(&self, direction: Direction, rate: Rate) {
        self.way(direction).rate.store(rate.0, Ordering::Relaxed);
    }

    /// How long a piece to send at once.
    pub(crate) fn piece(&self, direction: Direction) -> usize {
        let rate = Rate(self.way(direction).rate.load(Ordering::Relaxed));
        usize::try_from(piece(rate).0).unwrap_or(1_024)
    }

    /// Waits until that many bytes may go, or for bytes that came until more may.
    pub(crate) async fn pass(&self, direction: Direction, len: usize) {
        let (way, len) = (self.way(direction), len as u64);
        loop {
            let rate = Rate(way.rate.load(Ordering::Relaxed));
            let now = self.house.now().uptime;
            let wait = {
                let mut bucket = way.bucket.lock().unwrap_or_else(PoisonError::into_inner);
                bucket.take(Bytes(len), rate, now)
            };
            let Some(wait) = wait else {
                tokio::time::sleep(CLOSED_LOOK).await;
                continue;
            };
            way.moved.fetch_add(len, Ordering::Relaxed);
            way.total.fetch_add(len, Ordering::Relaxed);
            if wait.0 > 0 {
                tokio::time::sleep(Duration::from_millis(wait.0)).await;
            }
            return;
        }
    }

    /// What went since this was last asked.
    pub(crate) fn moved(&self) -> Moved {
        let taken = |way: &Way| Bytes(way.moved.swap(0, Ordering::Relaxed));
        Moved { out: taken(&self.out), came: taken(&self.came) }
    }

    /// All that went since the start.
    pub(crate) fn totals(&self) -> Moved {
        let all = |way: &Way| Bytes(way.total.load(Ordering::Relaxed));
        Moved { out: all(&self.out), came: all(&self.came) }
    }
}
