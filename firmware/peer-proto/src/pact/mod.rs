//! What two boxes promise each other: the terms both sign, how they change, and how they end.
//!
//! Start at [`Pact`], then [`PactLife::step`].

mod asked;
mod back;
mod change;
mod events;
mod heard;
mod life;
mod terms;
mod time;

pub use change::shortens;
pub use events::{PactAction, PactEvent};
pub use life::{PactLife, Phase};
pub use terms::{Keeping, Pact, PactHash, Part, Schedule, Side, SignedPact, Terms, TermsError};
