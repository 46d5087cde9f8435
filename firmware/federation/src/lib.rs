//! Friends' boxes over iroh: the one place where this box speaks with others, and keeps for them.
//!
//! It drives the pure machines of `peer-proto` over QUIC and over the volumes that the box lends it, and
//! decides nothing that they decide. It meets ciphertext, sizes and times: the crate graph keeps it
//! away from every crate that holds a key of the vault. What it needs of the box is [`House`], what the
//! box asks of it are the methods of [`Federation`]: both blocking, so that no caller knows of the
//! runtime inside. After a crash all goes on from the records, one log for each friend.
//! Start at [`Federation::start`], then [`House`]; what happens to one friend is in `friend`.
#![warn(missing_docs)]

mod agreeing;
mod arrivals;
mod coming_back;
mod core;
mod desk;
mod endpoint;
mod error;
mod federation;
mod frames;
mod friend;
mod gate;
mod holds;
mod house;
mod knock;
mod news;
mod pacts;
mod pairline;
mod pipe;
mod places;
mod ranges;
#[doc(hidden)]
pub mod raw;
mod record;
mod returns;
mod settings;
mod shelf;
mod throttle;
mod tickets;
mod told;
mod views;
mod visit;

pub use error::FederationError;
pub use federation::Federation;
pub use house::{House, Log, Moved, OwnPack, Shelf, Traffic};
pub use news::{FriendNews, News};
pub use record::taken_over;
pub use settings::{EndpointSecret, Reach, Settings};
pub use verified::ReadAt;
pub use views::{
    Doing, FriendId, FriendView, InviteState, InviteView, NoteEnd, Preview, Sent, Stays,
    WaitingTicket,
};
