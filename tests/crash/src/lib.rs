//! Power cuts at every write of a vault, and the n-th failure of a disk: what was acknowledged
//! stays, what was not is there whole or not at all.
//!
//! Real vaults run on simulated disks, compared with plain maps. A search that finds no loss is
//! worth something only beside one that does: the same search with folder syncs left out, with
//! disks that lie, or with salts that repeat. Everything follows from seeds. Not a test of real
//! file systems: the disk's rules are the worst we know of, in memory.
//!
//! Start at [`workload::Workload`] and [`exam::Exam`].

pub mod exam;
pub mod faults;
pub mod found;
pub mod model;
pub mod plan;
pub mod rig;
pub mod run;
pub mod salts;
pub mod search;
pub mod sweep;
pub mod tap;
pub mod workload;
