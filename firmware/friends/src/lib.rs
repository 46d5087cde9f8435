//! Friends in the box: what `plan` decides about copies at friends, carried out by `federation`, and all that
//! an owner sees and says of it.
//!
//! It meets ciphertext, sizes, times and names, and no key of the vault: what it needs of the vault and of
//! the box comes through [`Home`]. So it works while the box is locked: what is kept for friends is served
//! and proved, messages go, and only what needs a signature of the vault waits. What is decided is pure, in
//! `round`, `proving`, `outside` and `limits`; what does is `service`. Why: ADR 35.
//! Start at [`Service::start`], then [`Home`] and [`round::round`].
#![warn(missing_docs)]

mod acts;
mod coming_back;
mod desk;
mod everybody;
mod faults;
mod fetching;
mod forgetting;
mod home;
mod house;
pub mod limits;
pub mod listening;
pub mod mirror;
pub mod news;
pub mod notes;
pub mod outside;
mod pairing;
pub mod proving;
pub mod records;
mod restoring;
pub mod round;
mod rounds;
pub mod said;
mod service;
mod shown;
mod store;
mod strip;
mod trouble;

pub use federation;
pub use home::{Fetching, Home, Local};
pub use listening::Listening;
pub use service::{Service, StartError};
