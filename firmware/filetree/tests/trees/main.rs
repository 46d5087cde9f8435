//! Trees are read and written back with everything they hold.
//!
//! The tests copy real trees and prove the copy by `compare`; `differences.rs` proves `compare`
//! by sabotage. What needs an ordinary user is in `tests/ordinary_user.rs`.

#[path = "../common/mod.rs"]
mod common;

mod changing;
mod differences;
mod hostile;
mod kinds;
mod model;
mod overwrite;

use std::path::Path;

use nix::sys::stat::{UtimensatFlags, utimensat};
use nix::sys::time::TimeSpec;

/// Sets an entry's time of modification; never through a link.
pub(crate) fn set_mtime(path: &Path, secs: i64, nanos: i64) {
    let time = TimeSpec::new(secs, nanos);
    utimensat(
        nix::fcntl::AT_FDCWD,
        path,
        &TimeSpec::UTIME_OMIT,
        &time,
        UtimensatFlags::NoFollowSymlink,
    )
    .expect("the time can be set");
}

/// A POSIX ACL as the kernel keeps it: version 2, then (tag, permissions, user or group).
pub(crate) fn acl(items: &[(u16, u16, u32)]) -> Vec<u8> {
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, who) in items {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(permissions.to_le_bytes());
        bytes.extend(who.to_le_bytes());
    }
    bytes
}
