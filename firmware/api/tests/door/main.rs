//! The door as a browser, a program and an attacker meet it: over real sockets, with a box behind it that
//! only notes what it is asked.
//!
//! Start at [`rig::Rig`], then `routes`.

#[cfg(test)]
mod bounds;
mod claim;
mod client;
mod events;
mod fake;
#[cfg(test)]
mod files;
mod friends;
mod keeping;
mod kept;
mod keys;
mod limits;
mod network;
mod openapi;
mod pages;
mod people;
#[cfg(test)]
mod photos;
mod pocket;
#[cfg(test)]
mod quotas;
mod rig;
mod routes;
mod tries;
mod weaker;
