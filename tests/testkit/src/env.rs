//! Time and randomness for tests: a clock that is set by hand, random bytes from a seed.
//!
//! Never used outside tests: the bytes repeat, and so would salts. Start at [`env`].

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use types::{Clock, Millis, Rng, UnixTime};

/// A clock that only moves when told to.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    uptime: AtomicU64,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: UnixTime) -> Self {
        Self { now: AtomicI64::new(now.0), uptime: AtomicU64::new(0) }
    }

    /// Lets time pass.
    pub fn pass(&self, span: Millis) {
        self.now.fetch_add(i64::try_from(span.0).expect("a test's span fits"), Ordering::SeqCst);
        self.uptime.fetch_add(span.0, Ordering::SeqCst);
    }

    /// Sets the wall clock, as a bad battery does.
    pub fn jump_to(&self, now: UnixTime) {
        self.now.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        // A millisecond a look, so that no two events carry one time.
        UnixTime(self.now.fetch_add(1, Ordering::SeqCst))
    }

    fn uptime(&self) -> Millis {
        Millis(self.uptime.load(Ordering::SeqCst))
    }
}

/// Random bytes that follow from a seed, never the same twice in one run.
#[derive(Debug)]
pub struct SeededRng {
    seed: [u8; 32],
    drawn: Mutex<u64>,
}

impl SeededRng {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        let seed = *blake3::hash(&seed.to_le_bytes()).as_bytes();
        Self { seed, drawn: Mutex::new(0) }
    }
}

impl Rng for SeededRng {
    fn fill(&self, out: &mut [u8]) {
        let mut drawn = self.drawn.lock().expect("held for a moment only");
        *drawn += 1;
        let mut hasher = blake3::Hasher::new_keyed(&self.seed);
        hasher.update(&drawn.to_le_bytes());
        hasher.finalize_xof().fill(out);
    }
}

/// Bytes that do not compress, the same for one seed.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut out);
    out
}
