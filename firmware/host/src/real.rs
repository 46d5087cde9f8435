//! The real clock and the kernel's randomness: the only place of what ships where either is asked.
//!
//! Everything below takes them as arguments ([`types::Clock`], [`types::Rng`]); nothing here
//! decides anything. Start at [`env`].

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use types::{Clock, Millis, Rng, UnixTime};

/// Time and randomness for a vault.
pub fn env() -> vault::Env {
    vault::Env { clock: Arc::new(SystemClock::start()), rng: Arc::new(KernelRng) }
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Begins to count.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others are given")]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others are given")]
    fn now(&self) -> UnixTime {
        let now = SystemTime::now();
        let millis = |span: std::time::Duration| i64::try_from(span.as_millis());
        UnixTime(match now.duration_since(UNIX_EPOCH) {
            Ok(after) => millis(after).unwrap_or(i64::MAX),
            Err(before) => -millis(before.duration()).unwrap_or(i64::MAX),
        })
    }

    fn uptime(&self) -> Millis {
        Millis(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// The kernel's random numbers.
#[derive(Debug)]
struct KernelRng;

impl Rng for KernelRng {
    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out).expect("a running kernel gives random bytes to whoever asks");
    }
}
