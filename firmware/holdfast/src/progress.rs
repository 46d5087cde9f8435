//! How far an operation has come: a bar on a terminal, JSON lines with `--json`, else nothing.
//!
//! Hears the operation's own count and answers whether to go on, which is how Ctrl-C stops it.
//! Start at [`Meter`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use host::SystemClock;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use types::Clock;
use vault::Progress;

use crate::out::{self, Out};
use crate::signals;

/// A JSON line is written no more often than this.
const LINE_EVERY_MS: u64 = 500;
/// The bar is drawn no more often than this: every file would cost more than the work itself.
const DRAW_EVERY_MS: u64 = 100;

const WITH_TOTAL: &str = "{msg} {wide_bar} {decimal_bytes}/{decimal_total_bytes} \
                          {decimal_bytes_per_sec} {eta} left";
const WITHOUT_TOTAL: &str = "{msg} {spinner} {decimal_bytes} {decimal_bytes_per_sec} {elapsed}";

/// What there is to do in all, counted while the work has begun already.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) items: AtomicU64,
    pub(crate) bytes: AtomicU64,
    /// Set when the count is complete.
    pub(crate) known: AtomicBool,
    /// Set when nobody needs the count any more.
    pub(crate) enough: AtomicBool,
}

/// Shows progress.
#[derive(Debug)]
pub(crate) struct Meter {
    what: &'static str,
    shows: Shows,
    clock: SystemClock,
    last_ms: Option<u64>,
    pub(crate) totals: Arc<Totals>,
}

#[derive(Debug)]
enum Shows {
    Bar(ProgressBar),
    Lines,
    Nothing,
}

impl Meter {
    pub(crate) fn new(out: &Out, what: &'static str) -> Self {
        let target = ProgressDrawTarget::stderr();
        let shows = if out.is_json() {
            Shows::Lines
        } else if target.is_hidden() {
            Shows::Nothing
        } else {
            let bar = ProgressBar::with_draw_target(None, target).with_message(what);
            bar.set_style(style(WITHOUT_TOTAL));
            Shows::Bar(bar)
        };
        let totals = Arc::default();
        Self { what, shows, clock: SystemClock::start(), last_ms: None, totals }
    }

    /// Says what there is to do in all, where that is known beforehand.
    pub(crate) fn total(&self, items: u64, bytes: u64) {
        self.totals.items.store(items, Ordering::Relaxed);
        self.totals.bytes.store(bytes, Ordering::Relaxed);
        self.totals.known.store(bytes > 0, Ordering::Release);
    }

    /// Whether anybody looks.
    pub(crate) fn is_seen(&self) -> bool {
        !matches!(self.shows, Shows::Nothing)
    }

    /// The operation's news; false to stop it.
    pub(crate) fn tick(&mut self, mut progress: Progress) -> bool {
        let every = match self.shows {
            Shows::Bar(_) => DRAW_EVERY_MS,
            Shows::Lines => LINE_EVERY_MS,
            Shows::Nothing => return !signals::stopped(),
        };
        let now = self.clock.uptime().0;
        if self.last_ms.is_none_or(|last| now >= last + every) {
            self.last_ms = Some(now);
            if self.totals.known.load(Ordering::Acquire) {
                progress.items_total =
                    progress.items_total.or(Some(self.totals.items.load(Ordering::Relaxed)));
                progress.bytes_total =
                    progress.bytes_total.or(Some(self.totals.bytes.load(Ordering::Relaxed)));
            }
            self.show(progress, now);
        }
        !signals::stopped()
    }

    fn show(&self, progress: Progress, now_ms: u64) {
        match &self.shows {
            Shows::Nothing => {}
            Shows::Bar(bar) => {
                if let Some(total) = progress.bytes_total
                    && bar.length() != Some(total)
                {
                    bar.set_style(style(WITH_TOTAL));
                    bar.set_length(total);
                }
                bar.set_position(progress.bytes);
            }
            Shows::Lines => out::complain(json!({ "progress": {
                "operation": self.what,
                "items": progress.items,
                "items_total": progress.items_total,
                "bytes": progress.bytes,
                "bytes_total": progress.bytes_total,
                "elapsed_ms": now_ms,
                "bytes_per_second": progress.bytes.saturating_mul(1_000) / now_ms.max(1),
            }})),
        }
    }

    /// Takes the bar away, so that what follows has the terminal to itself.
    pub(crate) fn finish(self) {
        drop(self);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.totals.enough.store(true, Ordering::Relaxed);
        if let Shows::Bar(bar) = &self.shows {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("the templates stand above, and a test draws both")
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_can_be_read() {
        style(WITH_TOTAL);
        style(WITHOUT_TOTAL);
    }
}
