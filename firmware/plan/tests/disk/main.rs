//! Decisions about disks, through the face of the crate.

mod common;
mod given_up;
mod life;
mod model;
mod moves;
mod replacing;
mod roster;
mod taken_out;
mod verdict;
