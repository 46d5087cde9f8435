//! The crate through its face: words, numbers, and messages over real sockets.

mod numbers;
mod sending;
mod servers;
mod spoken;
