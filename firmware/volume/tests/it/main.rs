//! How one volume behaves on a real file system, through the crate's public face.
//!
//! What happens when power goes or disks fail is tested on simulated disks, in `tests/testkit`.

#[cfg(test)]
mod common;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod hosted;
#[cfg(test)]
mod hosted_keeping;
#[cfg(test)]
mod hosted_killed;
#[cfg(test)]
mod hosted_laid;
#[cfg(test)]
mod hosted_model;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod packs;
mod renaming;
