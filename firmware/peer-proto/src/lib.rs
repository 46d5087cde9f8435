//! The language and the decisions with which two boxes keep each other's packs.
//!
//! Pure: no I/O, no clock, no randomness; time and random bytes arrive as arguments. What is said
//! here is ciphertext, sizes and times: this crate never reaches a key of the vault. The machines
//! take an event and return actions, which the driver (`federation` in life, a simulation in
//! tests) carries out *in their order*: an answer that stands after a record may leave only when
//! that record is durable. So nothing counts before it is on a disk, whatever is cut.
//! The frames are described in `docs/protocols/friends.md`.
//! Start reading at [`wire`], then [`host::Host`] and [`owner::Owner`].
#![warn(missing_docs)]

pub mod clock;
pub mod heads;
pub mod host;
pub mod invite;
pub mod limits;
pub mod messages;
pub mod owner;
pub mod pact;
pub mod presence;
pub mod rate;
pub mod sign;
pub mod wire;
