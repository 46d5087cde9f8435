//! A private corner of the system: what is mounted here is seen by nobody else and ends with us.
//!
//! Other programs that look at every mount would pin ours for moments, and a state that is still
//! pinned reads as damaged. The watchdog ends the whole process when nothing happens any more;
//! the kernel then takes down mounts, loop devices and FUSE sessions. Start at [`enter`].

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use crate::outside;

/// A folder that every system has and nothing here needs.
const HERE: &str = "/mnt";
/// Nothing that the rig does takes longer than this between two signs of life.
const SILENCE_MAX: Duration = Duration::from_secs(120);

/// Makes the process's mounts its own, and a folder in memory for all that is made. For the main
/// thread, before there is another.
pub fn enter() -> Result<PathBuf, String> {
    let step = |doing: &str, done: nix::Result<()>| {
        done.map_err(|error| format!("cannot {doing}: {error}"))
    };
    let nothing = None::<&str>;
    step("have mounts of its own", unshare(CloneFlags::CLONE_NEWNS))?;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    step("keep its mounts to itself", mount(nothing, "/", nothing, private, nothing))?;
    let flags = MsFlags::MS_NODEV | MsFlags::MS_NOSUID;
    step("mount memory", mount(Some("fsrig"), HERE, Some("tmpfs"), flags, nothing))?;
    Ok(PathBuf::from(HERE))
}

/// Why the rig cannot run on this machine, in a sentence.
pub fn unable(fs: &str, programs: &[&str]) -> Option<String> {
    if !nix::unistd::Uid::effective().is_root() {
        return Some("the rig mounts file systems, which needs root".to_owned());
    }
    for (path, what) in [("/dev/fuse", "FUSE"), ("/dev/loop-control", "loop devices")] {
        if let Err(error) = std::fs::File::options().read(true).write(true).open(path) {
            return Some(format!("{what} cannot be used here: {path}: {error}"));
        }
    }
    if !Path::new(HERE).is_dir() {
        return Some(format!("there is no folder {HERE}"));
    }
    let known = || {
        let all = std::fs::read_to_string("/proc/filesystems").unwrap_or_default();
        all.lines().any(|line| line.trim() == fs)
    };
    // It may be a module that nobody has asked for yet.
    if !known() && (outside::run("modprobe", &[fs], 0).is_err() || !known()) {
        return Some(format!("this kernel has no {fs}"));
    }
    let missing: Vec<&str> = programs
        .iter()
        .copied()
        .filter(|program| outside::run(program, &["-V"], 1).is_err())
        .collect();
    (!missing.is_empty()).then(|| format!("these programs are missing: {}", missing.join(", ")))
}

/// Ends the process when it shows no sign of life.
#[derive(Clone, Debug)]
pub struct Watchdog(Sender<String>);

impl Watchdog {
    /// Starts to watch. It ends when every clone of it is gone.
    pub fn start() -> std::io::Result<Self> {
        let (sender, receiver) = channel::<String>();
        std::thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
            let mut last = "the start".to_owned();
            loop {
                match receiver.recv_timeout(SILENCE_MAX) {
                    Ok(next) => last = next,
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => break,
                }
            }
            let seconds = SILENCE_MAX.as_secs();
            drop(writeln!(std::io::stderr(), "fsrig: FAILED: {seconds} s of silence after {last}"));
            std::process::abort();
        })?;
        Ok(Self(sender))
    }

    /// A sign of life: what is about to be done.
    pub fn alive(&self, doing: &str) {
        // The watchdog never hangs up first.
        drop(self.0.send(doing.to_owned()));
    }
}
