//! Every decision about packs, volumes, disks, friends and jobs: where to write, what to repair, what
//! to let go, what to do with a disk and when, what goes to whom and how fast, what to tell the owner.
//!
//! Facts in, actions or findings out. Nothing here does I/O, reads a clock or draws a random
//! number, and nothing is remembered between calls: after a crash the same facts give the same
//! plan. The caller checks what it destroys once more before it does.
//! Start reading at [`volumes`], then [`placement`].
#![warn(missing_docs)]

#[macro_use]
mod slots;

pub mod agent;
pub mod calendar;
pub mod disk;
pub mod emergency;
pub mod fill;
pub mod gc;
pub mod health;
pub mod jobs;
pub mod offsite;
pub mod placement;
pub mod power;
pub mod repair;
pub mod retention;
pub mod rhythm;
mod silent;
pub mod telling;
pub mod traffic;
pub mod volumes;

pub use volumes::{PackKind, VolumeFacts, VolumeSet, VolumeState};
