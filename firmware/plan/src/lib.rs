//! Every decision about packs, volumes and disks: where to write, what to repair, what to let go, what
//! to do with a disk, what to tell the owner.
//!
//! Facts in, actions or findings out. Nothing here does I/O, reads a clock or draws a random
//! number, and nothing is remembered between calls: after a crash the same facts give the same
//! plan. The caller checks what it destroys once more before it does.
//! Start reading at [`volumes`], then [`placement`].
#![warn(missing_docs)]

pub mod disk;
pub mod emergency;
pub mod gc;
pub mod health;
pub mod placement;
pub mod repair;
pub mod retention;
pub mod volumes;

pub use volumes::{PackKind, VolumeFacts, VolumeSet, VolumeState};
