//! The hands of the box for its disks: what `plan::disk` decides is done here, over a board and a
//! vault.
//!
//! One step at a time: look at what is plugged in, ask `plan` what is next, do it, keep what is now
//! so. The roster is kept before and after each step that cannot be taken back, and every step may
//! be done twice; so a kill anywhere costs the step that was under way. What it never does: decide,
//! hold a key, or write to a disk that `plan` did not name. Start reading at [`Caretaker`].
#![warn(missing_docs)]

mod acts;
mod again;
mod anew;
mod caretaker;
mod error;
mod file;
mod health;
mod join;
mod leave;
mod meet;
mod mounting;
mod patience;
mod refused;
mod rest;
mod seat;
mod state;
mod witness;
mod work;
mod world;

pub use caretaker::{Caretaker, PATIENCE, Parts};
pub use error::DisksError;
pub use seat::{Seat, Work};
pub use work::Done;
