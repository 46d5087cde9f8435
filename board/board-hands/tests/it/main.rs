//! The two sides of the socket, over a simulated machine. Start at [`common::Rig`].
#![expect(clippy::unwrap_used, reason = "a test's own files; it stops")]

mod attacks;
mod calls;
mod common;
mod restarts;
