//! A whole simulated machine in one folder: disks with their content, bays, lights, a button, and
//! every fault a disk can have.
//!
//! Whoever holds the [`Machine`] plays the hardware: makes disks, plugs them in, pulls them, lets
//! them fail, fill up, hang or slow down. Whoever holds it as a [`board::Board`] is the box and
//! cannot tell it from a real one, except that real mounts are folders here. All of it is kept: a
//! process that starts again finds the same machine, unmounted as after a power cut. A pull takes
//! what was written and not synced. What it never does: write to a folder of somebody's files that a
//! disk was made to show. And what it cannot do: lose names of files whose folder was not synced;
//! `testkit` has a disk for that.
//!
//! ```text
//! machine/disks/NAME/disk.toml    who it is, where it is plugged in, its faults
//! machine/disks/NAME/content/     its file system, when it has one
//! machine/mnt/NAME                its mount point, while it is mounted
//! ```
//!
//! Start reading at [`Machine`], then `medium`.
#![warn(missing_docs)]

mod board_face;
mod burn;
mod clone;
mod error;
mod events;
mod facts;
mod hardware;
mod look;
mod machine;
mod medium;
mod mount;
mod prepare;
mod simdisk;
mod unsynced;

pub use error::SimError;
pub use facts::{Counts, Faults};
pub use hardware::NewDisk;
pub use machine::Machine;
