//! What two boxes promise each other: the terms both sign.
//!
//! Start at [`Pact`].

mod terms;

pub use terms::{Keeping, Pact, Part, Schedule, Side, SignedPact, Terms, TermsError};
