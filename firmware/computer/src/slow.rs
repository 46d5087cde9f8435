//! A body that is sent no faster than it may be: all that are on the way share one allowance.
//!
//! Start at [`Allowance`].

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use types::{Clock, Millis};

/// Bytes that are taken from the allowance at once.
const STEP: usize = 16 << 10;
/// What was not used for this long is not made up for.
const CREDIT_MAX_MS: u64 = 250;

/// Bytes in a second, shared.
#[derive(Debug)]
pub(crate) struct Allowance {
    per_second: u64,
    clock: Arc<dyn Clock>,
    /// When the next byte may go.
    free_at: Mutex<Millis>,
}

impl Allowance {
    pub(crate) fn new(per_second: u64, clock: Arc<dyn Clock>) -> Self {
        let free_at = Mutex::new(clock.uptime());
        Self { per_second: per_second.max(1), clock, free_at }
    }

    /// Waits until so many bytes may go.
    fn take(&self, bytes: usize) {
        let now = self.clock.uptime();
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = free_at.0.max(now.0.saturating_sub(CREDIT_MAX_MS));
        let takes = (bytes as u64).saturating_mul(1_000) / self.per_second;
        *free_at = Millis(begin.saturating_add(takes.max(1)));
        drop(free_at);
        std::thread::sleep(Duration::from_millis(begin.saturating_sub(now.0)));
    }
}

/// A body.
pub(crate) struct Slow<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) allowance: &'b Allowance,
}

impl Read for Slow<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = buf.len().min(STEP).min(self.bytes.len());
        if len > 0 {
            self.allowance.take(len);
        }
        let (front, rest) = self.bytes.split_at(len);
        buf[..len].copy_from_slice(front);
        self.bytes = rest;
        Ok(len)
    }
}
