//! A memory limit from the kernel for one program: control groups, version 1 or 2.
//!
//! The group is named after this process, so that a later run can tell which groups were left
//! behind by a run that was killed. It is removed when the value is dropped, failure or not.
//! Start reading at [`MemoryGroup::create`].

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::say::complain;

const NAME: &str = "holdfast-story-";

/// Where a version of control groups stands, and what its files are called.
#[derive(Clone, Copy, Debug)]
struct Kind {
    root: &'static str,
    limit: &'static str,
    swap: &'static str,
    peak: &'static str,
    events: &'static str,
}

/// Version 2, mounted alone.
const UNIFIED: Kind = Kind {
    root: "/sys/fs/cgroup",
    limit: "memory.max",
    swap: "memory.swap.max",
    peak: "memory.peak",
    events: "memory.events",
};

/// Version 1, or both side by side with memory still in version 1.
const LEGACY: Kind = Kind {
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    swap: "memory.swappiness",
    peak: "memory.max_usage_in_bytes",
    events: "memory.oom_control",
};

/// A control group with a memory limit.
#[derive(Debug)]
pub(crate) struct MemoryGroup {
    path: PathBuf,
    kind: Kind,
}

impl MemoryGroup {
    /// Makes a group that may hold this many bytes, page cache included, without swap.
    /// `None` with a line on standard error when this machine offers no group to this user.
    pub(crate) fn create(limit_bytes: u64) -> Option<Self> {
        let made = Self::try_create(limit_bytes);
        if made.is_none() {
            complain("no memory group can be made here: the limit is not enforced, only measured");
        }
        made
    }

    fn try_create(limit_bytes: u64) -> Option<Self> {
        let kind = if Path::new(UNIFIED.root).join("cgroup.controllers").exists() {
            // Refused when it is on already or not ours; making the group tells.
            drop(put(&Path::new(UNIFIED.root).join("cgroup.subtree_control"), "+memory"));
            UNIFIED
        } else {
            LEGACY
        };
        sweep(kind);
        let path = Path::new(kind.root).join(format!("{NAME}{}", std::process::id()));
        fs::create_dir(&path).ok()?;
        let group = Self { path, kind };
        put(&group.path.join(kind.limit), &limit_bytes.to_string()).ok()?;
        // Without swap there is nothing to turn off; the file may be missing.
        drop(put(&group.path.join(kind.swap), "0"));
        Some(group)
    }

    /// The file that takes a process id to join.
    pub(crate) fn procs(&self) -> PathBuf {
        self.path.join("cgroup.procs")
    }

    /// Most bytes the group ever held, page cache included.
    pub(crate) fn peak_bytes(&self) -> u64 {
        let text = fs::read_to_string(self.path.join(self.kind.peak)).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// How often the kernel killed a process because the limit was reached.
    pub(crate) fn kills(&self) -> u64 {
        let text = fs::read_to_string(self.path.join(self.kind.events)).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        line.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        clear(&self.path);
    }
}

/// Kills what is left in a group and removes it.
fn clear(path: &Path) {
    for _ in 0..50 {
        let left = fs::read_to_string(path.join("cgroup.procs")).unwrap_or_default();
        for id in left.lines().filter_map(|line| line.trim().parse().ok()) {
            // Gone already is fine.
            kill(Pid::from_raw(id), Signal::SIGKILL).ok();
        }
        if fs::remove_dir(path).is_ok() || !path.exists() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    complain(format!("the group {} could not be removed", path.display()));
}

/// Removes groups of runs that no longer live.
fn sweep(kind: Kind) {
    let Ok(entries) = fs::read_dir(kind.root) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(owner) = name.strip_prefix(NAME) else { continue };
        if !Path::new("/proc").join(owner).exists() {
            clear(&entry.path());
        }
    }
}

fn put(path: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes())
}

#[test]
fn a_program_that_outgrows_its_group_is_killed_and_the_group_goes_away() {
    let Some(group) = MemoryGroup::create(32 << 20) else { return };
    let path = group.path.clone();
    let greedy = "x=$(head -c 200000000 /dev/zero | tr '\\0' a); echo ${#x}";
    let ended = crate::cmd::Cmd::new("sh").args(["-c", greedy]).within(&group).kept().unwrap();
    assert!(ended.code != Some(0) || group.kills() > 0, "200 MB fitted into 32 MiB: {ended:?}");
    assert!(group.peak_bytes() <= 33 << 20);
    drop(group);
    assert!(!path.exists());
}
