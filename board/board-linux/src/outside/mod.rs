//! The two things that no other module of this crate does: start programs, and ask what time it is.
//!
//! Start at [`programs`].

pub(crate) mod programs;
pub(crate) mod time;
