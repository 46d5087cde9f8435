//! How the box speaks to people who are not at its page: messages, a weekly letter, numbers for a
//! monitor.
//!
//! What is told and when is decided in `plan::telling`; here it is put into words and sent. Nothing
//! here opens a vault, and no file's content is ever in a message. Sending waits for nobody longer than
//! [`SEND_MAX`]. Start at [`words::news`], then [`send`].
#![warn(missing_docs)]

mod check;
mod mail;
pub mod metrics;
mod web;
pub mod words;

use std::time::Duration;

use calls::{Outlet, Way};

pub use check::check;
pub use words::Text;

/// A server that has not taken a message by then did not take it.
pub const SEND_MAX: Duration = Duration::from_secs(30);

/// Why a message was not taken, in words for the owner. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence} {advice}")]
pub struct SendError {
    /// What happened.
    pub sentence: String,
    /// What helps.
    pub advice: String,
}

impl SendError {
    fn new(sentence: impl Into<String>, advice: &str) -> Self {
        Self { sentence: sentence.into(), advice: advice.to_owned() }
    }
}

/// Sends a message; when this returns `Ok`, a server has taken it, which does not say that somebody
/// has read it.
pub fn send(outlet: &Outlet, text: &Text) -> Result<(), SendError> {
    check(outlet)?;
    match &outlet.way {
        Way::Mail { .. } => mail::send(&outlet.way, text),
        Way::Ntfy { url, token } => web::ntfy(url, token.as_ref(), text),
        Way::Webhook { url, key } => web::webhook(url, key.as_ref(), text),
    }
}
