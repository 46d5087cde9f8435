//! Everybody who has to do with a box, through the crate's face: coming in, guessing, leaving, the log.
//!
//! Passwords are cheap to check here. Start at [`home::Home`].

mod accounts;
mod guessing;
mod home;
mod keys;
mod log;
mod model;
mod pairing;
