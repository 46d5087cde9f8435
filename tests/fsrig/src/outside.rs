//! Programs that the rig starts, and the time: nothing else in this crate does either.
//!
//! `mkfs.*`, `losetup`, `blockdev`, `modprobe` and the repairers of file systems, no others. How long a program
//! may take is the watchdog's business.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A program that is being started shares every open file with us for a moment. Whoever unmounts
/// holds this, so that no file of that file system is open in a program to be.
static STARTING: Mutex<()> = Mutex::new(());

/// Held while nothing may be started.
pub(crate) fn nothing_starts() -> MutexGuard<'static, ()> {
    STARTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a program to its end; what it wrote, or a sentence with what it complained of. Exit codes
/// up to `accepted` are well.
pub(crate) fn run(program: &str, arguments: &[&str], accepted: i32) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let started = {
        let _none_else = nothing_starts();
        command.spawn()
    };
    let ended = started.and_then(std::process::Child::wait_with_output);
    let ended = ended.map_err(|error| format!("cannot run {program}: {error}"))?;
    let said = String::from_utf8_lossy(&ended.stdout).trim().to_owned();
    if ended.status.code().is_some_and(|code| code <= accepted) {
        return Ok(said);
    }
    let complaint = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    Err(format!("{program} {} ended with {}: {complaint}", arguments.join(" "), ended.status))
}

/// Now, for deadlines and for the speed that is told at the end.
pub fn now() -> Instant {
    Instant::now()
}
