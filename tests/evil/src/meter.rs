//! How much memory a process ever held at once, as the kernel counts it. Start at [`peak_kib`].

use crate::{Outcome, said};

/// The most that a box may hold, in KiB: 256 MiB.
pub const LIMIT_KIB: u64 = 256 << 10;

/// The peak of a process's resident memory in KiB.
pub fn peak_kib(process: u32) -> Outcome<u64> {
    let path = format!("/proc/{process}/status");
    let text = said(&path, std::fs::read_to_string(&path))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|rest| rest.split_whitespace().next()).map(str::parse);
    match number {
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) | None => Err(format!("{path} does not say how much memory it held")),
    }
}
