//! An honest box for tests of friends: a real federation over plain folders, with nothing else of a box.
//!
//! Its records are durable, its packs are files that only look sealed, what it keeps for friends lies on
//! real volumes. It has no vault and no page, and it repeats its keys, so it is for tests alone. The
//! program `peer` is one such box, driven by lines ([`driven`]), so that a rig can start it elsewhere and
//! kill it. Start at [`PlainHouse`], then [`PeerBox`].
#![warn(missing_docs)]

mod boxed;
pub mod driven;
mod folder;
mod heads;
mod house;
mod keys;
mod packs;
mod records;

pub use boxed::{PeerBox, Wanted};
pub use heads::{Heads, signed};
pub use house::PlainHouse;
pub use keys::{Key, Keys};
pub use packs::{OwnPacks, looks_sealed};
pub use records::Records;
