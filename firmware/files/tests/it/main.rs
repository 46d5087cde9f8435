//! Files and uploads through the crate's face, over whole vaults on simulated disks.
//!
//! Start at `shelf`, which is a box without anything around it.

#[cfg(test)]
mod browsing;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod few_copies;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod model;
#[cfg(test)]
mod photos;
#[cfg(test)]
mod pruning;
#[cfg(test)]
mod shelf;
#[cfg(test)]
mod together;
#[cfg(test)]
mod uploading;
#[cfg(test)]
mod zipping;
