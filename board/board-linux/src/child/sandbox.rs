//! Giving up rights, for good.
//!
//! Each step is one that cannot be taken back. Without root there is little to give up, and what
//! needs root fails where it is used. Start at [`give_up_everything`].

use std::io;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{Gid, Uid, chdir, chroot, getresuid, setgroups, setresgid, setresuid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, no_new_privs, remove_capability_from_bounding_set,
    set_capabilities, set_keep_capabilities, set_no_new_privs,
};

/// Nobody, by every system's convention.
const NOBODY: u32 = 65_534;
/// Enough for the program itself and the longest list of folders it keeps.
const MEMORY: u64 = 512 << 20;
/// A bound for what goes round in circles; the parent's deadline comes first on a slow disk.
const CPU_SECS: u64 = 60;
const OPEN_FILES: u64 = 64;

/// For whoever has the bytes already: no rights, no network, and no files but those in a folder
/// that has none.
pub(super) fn give_up_everything(empty: &str) -> io::Result<()> {
    limit()?;
    if Uid::effective().is_root() {
        alone()?;
        shut_in(empty)?;
        become_nobody(CapabilitySet::empty())?;
    }
    set_no_new_privs(true)?;
    Ok(())
}

/// Mounts and network of its own; what is mounted here is seen nowhere else and ends with us.
pub(super) fn alone() -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC)?;
    let nothing = None::<&str>;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)?;
    Ok(())
}

/// Makes a folder all that there is.
pub(super) fn shut_in(folder: &str) -> io::Result<()> {
    chdir(folder)?;
    chroot(".")?;
    chdir("/")?;
    Ok(())
}

/// What a child may use of the machine.
pub(super) fn limit() -> io::Result<()> {
    for (what, most) in [
        (Resource::RLIMIT_AS, MEMORY),
        (Resource::RLIMIT_CPU, CPU_SECS),
        (Resource::RLIMIT_NOFILE, OPEN_FILES),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_NPROC, 0),
    ] {
        setrlimit(what, most, most)?;
    }
    Ok(())
}

/// Another user, with no right but those in `kept`.
pub(super) fn become_nobody(kept: CapabilitySet) -> io::Result<()> {
    for capability in CapabilitySet::all().iter() {
        // The kernel may know fewer than we do.
        match remove_capability_from_bounding_set(capability) {
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    set_keep_capabilities(!kept.is_empty())?;
    let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    setgroups(&[])?;
    setresgid(group, group, group)?;
    setresuid(user, user, user)?;
    let inheritable = CapabilitySet::empty();
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable };
    set_capabilities(None, sets)?;
    set_no_new_privs(true)?;
    // Nothing of others is read before this is sure.
    let user_is_nobody = getresuid()
        .is_ok_and(|ids| [ids.real, ids.effective, ids.saved].iter().all(|id| *id == user));
    let back = setresuid(Uid::from_raw(0), Uid::from_raw(0), Uid::from_raw(0));
    if !user_is_nobody || capabilities(None)? != sets || !no_new_privs()? || back.is_ok() {
        return Err(io::Error::other("rights could not be given up"));
    }
    Ok(())
}
