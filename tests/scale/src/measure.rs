//! What a process cost: wall clock, processor, and the most memory it ever held; and starting one
//! process for each act.
//!
//! Memory is the kernel's high-water mark of the whole process, its code included. Start at
//! [`run`].

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

use crate::Outcome;
use crate::shape::Shape;

/// What one act cost and found.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Wall seconds of the whole process.
    pub wall: f64,
    /// Processor seconds of the whole process, its threads included.
    pub cpu: f64,
    /// The most memory it held, in KiB.
    pub peak_kib: u64,
    /// `key=value` pairs.
    pub facts: String,
}

/// Processor seconds of this process so far.
pub fn cpu() -> f64 {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return 0.0 };
    let micros = [usage.user_time(), usage.system_time()].map(|time| {
        let (secs, rest) = (time.tv_sec(), time.tv_usec());
        std::time::Duration::from_micros(
            u64::try_from(secs * 1_000_000 + rest).expect("time spent is not negative"),
        )
    });
    micros.iter().map(std::time::Duration::as_secs_f64).sum()
}

/// The high-water mark of this process's memory, in KiB.
pub fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Runs one act in a process of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts programs and looks at a clock"
)]
pub fn run(dir: &Path, number: usize, name: &str, shape: Shape) -> Outcome<Measured> {
    let begun = Instant::now();
    let output = Command::new(std::env::current_exe()?)
        .arg("--dir")
        .arg(dir)
        .args(["--act", name, "--number", &number.to_string()])
        .args(["--chunks", &shape.chunks.to_string(), "--files", &shape.files.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    let wall = begun.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        return Err(format!("act {name} failed ({})", output.status).into());
    }
    let last = text.lines().last().unwrap_or_default();
    let mut parts = last.splitn(3, ' ');
    let mut number = || parts.next().and_then(|part| part.parse::<f64>().ok());
    let (Some(cpu), Some(peak)) = (number(), number()) else {
        return Err(format!("act {name} said {last:?}").into());
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "KiB fit")]
    let peak_kib = peak as u64;
    Ok(Measured { wall, cpu, peak_kib, facts: parts.next().unwrap_or_default().to_owned() })
}
