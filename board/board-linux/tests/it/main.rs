//! The board on made-up trees of sysfs and with made-up programs: nothing of this machine is
//! touched, and no root is needed. What needs real disks is in `tests/loops`.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test's own files; it stops")]

mod button;
mod disks;
mod health;
mod lights;
mod tree;
