//! The simulated disk against a real one, and volumes on simulated disks that fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails right there")]

mod conformance;
mod crash;
mod faults;
mod hosted;
mod hosted_failing;
mod locking;
mod patient;
mod simdisk;
mod writer;
