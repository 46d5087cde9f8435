//! The evil friend: a peer that says anything at all to a real box, and a table of what has to come of
//! it.
//!
//! It speaks raw frames of `peer_proto::wire` over iroh and shares no machine with `federation`. The
//! box that it harms is a process of its own, so that its memory can be measured; a third box is
//! honest, and has to be served all the time. The same table is held against a box that believes
//! everything: where nothing is noticed there, the table would notice nothing. It never leaves the
//! loopback. Start at [`table::BEHAVIOURS`], then [`stage::Stage`]; the peer itself is [`raw`].

pub mod acts;
pub mod chain;
pub mod desk;
pub mod gull;
pub mod host;
pub mod house;
pub mod meter;
pub mod raw;
pub mod stage;
pub mod table;
pub mod tried;
pub mod victim;

/// What came of something; the error is a sentence.
pub type Outcome<T> = Result<T, String>;

/// Puts what was being done in front of why it could not be.
pub fn said<T, E: std::fmt::Display>(doing: &str, result: Result<T, E>) -> Outcome<T> {
    result.map_err(|error| format!("{doing}: {error}"))
}
