//! Files and uploads through the crate's face, over whole vaults on simulated disks.
//!
//! Start at `shelf`, which is a box without anything around it.

mod browsing;
mod crashes;
mod hostile;
mod model;
mod pruning;
mod shelf;
mod uploading;
mod zipping;
