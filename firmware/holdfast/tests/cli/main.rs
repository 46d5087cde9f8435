//! The real program on real folders: what an owner types, what is printed, how it ends.
//!
//! Whatever goes wrong in these tests, everything that was backed up can be restored afterwards,
//! and that is what each of them ends with. Start at [`rig::Rig`].
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on has to fail the test"
)]

mod agent;
mod bad_input;
mod browse;
mod damage;
mod rig;
mod round_trip;
mod running_box;
mod running_friends;
mod running_keep;
mod stopping;
mod tight_disks;
mod volumes;
