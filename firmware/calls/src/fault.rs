//! Why something was not done: a code for programs, a sentence and advice for people.
//!
//! Start at [`Fault`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// A sentence is cut here: nobody reads more, and a frame has to hold it.
const TEXT_LEN_MAX: usize = 2_000;

/// What kind of refusal it is. Programs match this, never the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum FaultCode {
    /// The request cannot be understood, or asks for nonsense.
    BadRequest,
    /// The two sides speak different versions.
    Version,
    /// The caller may not speak with this box.
    Denied,
    /// The vault is locked, and this needs its keys.
    Locked,
    /// The words or the password do not open the vault.
    WrongSecret,
    /// There is no such thing.
    NotFound,
    /// It cannot be done in the state that it is in.
    WrongState,
    /// Too much waits already.
    Busy,
    /// The disks are full.
    Full,
    /// The disks are not there, or take no writes.
    Volumes,
    /// Refused because it would endanger data.
    Refused,
    /// Stopped by somebody.
    Stopped,
    /// The box is shutting down.
    ShuttingDown,
    /// Something failed that none of the above names.
    Failed,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Fault {
    /// For programs.
    pub code: FaultCode,
    /// What is the case: what, which, how much.
    pub sentence: String,
    /// What the owner can do now: one sentence.
    pub advice: String,
}

impl Fault {
    /// A refusal with its advice.
    pub fn new(code: FaultCode, sentence: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { code, sentence: cut(sentence.into()), advice: cut(advice.into()) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Fault {}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_LEN_MAX {
        let end = (0..=TEXT_LEN_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push_str(" ...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_without_end_is_cut_between_two_letters() {
        let fault = Fault::new(FaultCode::Failed, "\u{e4}".repeat(5_000), "Wait.");
        assert!(fault.sentence.len() <= TEXT_LEN_MAX + 4 && fault.sentence.ends_with(" ..."));
        assert_eq!(fault.advice, "Wait.");
    }
}
