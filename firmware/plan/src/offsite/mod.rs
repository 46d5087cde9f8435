//! Copies at friends' boxes: what goes to whom, what is asked for again, what is let go, what a
//! friend is worth, and what a host owes to a box that is dark. What a host takes and lets go is decided
//! by `peer_proto::host` alone.
//!
//! Facts in, actions out, and nothing remembered, as everywhere in this crate. A friend holds sealed
//! packs and is believed only as far as audits reach; no decision here needs a key.
//! Start reading at [`friends`], then [`place`]; what is owed to others is in [`silence`].

pub mod audit;
pub mod friends;
mod packs;
pub mod place;
pub mod score;
pub mod silence;

pub use friends::{FriendFacts, FriendSet, Presence, Standing, presence};
