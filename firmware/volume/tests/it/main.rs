//! How one volume behaves on a real file system, through the crate's public face.
//!
//! What happens when power goes or disks fail is tested on simulated disks, in `tests/testkit`.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails right there")]

mod common;
mod forged;
mod identity;
mod packs;
