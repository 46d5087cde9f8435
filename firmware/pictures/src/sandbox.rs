//! Giving up everything but thinking: for good, and without needing any right for it.
//!
//! The box has no rights that could shut a child into a folder, and its service may make no namespaces. So the
//! kernel is told which calls the child may still make: to read and write what is open, to ask for memory, to
//! end. Any other ends it. Start at [`shut_in`].

use std::collections::BTreeMap;
use std::io;

use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

/// All that the child may have: the largest picture in its bytes, its points and what decoding takes.
const MEMORY: u64 = 640 << 20;
/// A bound for what goes round in circles, over all pictures that one child is asked about. The box's own
/// deadline comes first, and a child that has used this up is replaced.
const CPU_SECS: u64 = 300;

/// The calls that are left.
fn calls() -> [libc::c_long; 25] {
    [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_close,
        // Memory.
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_mprotect,
        // What a language's own library does while it runs and when it ends.
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_tgkill,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ]
}

/// From here on this process reads and writes what it has open, and can do nothing else.
pub fn shut_in() -> io::Result<()> {
    for (what, most) in [
        (Resource::RLIMIT_AS, MEMORY),
        (Resource::RLIMIT_CPU, CPU_SECS),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_NOFILE, 0),
        (Resource::RLIMIT_NPROC, 0),
    ] {
        setrlimit(what, most, most)?;
    }
    let rules: BTreeMap<i64, _> = calls().into_iter().map(|call| (call, Vec::new())).collect();
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    let (others, these) = (SeccompAction::KillProcess, SeccompAction::Allow);
    let filter = SeccompFilter::new(rules, others, these, arch).map_err(io::Error::other)?;
    let program = BpfProgram::try_from(filter).map_err(io::Error::other)?;
    // It also says that no program started from here gets new rights.
    apply_filter(&program).map_err(io::Error::other)
}
