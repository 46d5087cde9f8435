//! What this process has cost so far: processor time, and the most memory it ever held.
//!
//! Memory is the kernel's high-water mark of the whole process, its code included. Wall time is
//! whoever's that started it: nothing here looks at a clock.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

/// Processor time, all threads.
pub(crate) fn cpu() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Duration::ZERO };
    let spent = [usage.user_time(), usage.system_time()].map(|time| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    });
    spent.iter().sum()
}

/// How many of `count` a processor second does, when they took from `begun` until now.
pub(crate) fn rate(count: u64, begun: Duration) -> u64 {
    let micros = cpu().saturating_sub(begun).as_micros().max(1);
    u64::try_from(u128::from(count) * 1_000_000 / micros).unwrap_or(u64::MAX)
}

/// The high-water mark of this process's memory, in KiB.
pub(crate) fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
