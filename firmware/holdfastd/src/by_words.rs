//! What the 24 words sign for friends: shorter terms, and heads that begin again.
//!
//! The words are held for the signature alone. Start at [`begin_again`].

use calls::{Fault, FaultCode};
use peer_proto::owner::OwnHead;
use peer_proto::wire::HeadPoint;
use seal::Words;
use vault::Vault;

use crate::show;

/// A head may come between two looks at the newest one, and hardly twice.
const TRIES: usize = 4;

/// The words, as they were said.
pub(crate) fn words_of(said: &str) -> Result<Words, Fault> {
    Words::parse(said)
        .map_err(|error| Fault::new(FaultCode::WrongSecret, error.to_string(), error.advice()))
}

/// The newest own head, with the word that heads begin again from it at a friend that saw `after` last.
pub(crate) fn begin_again(
    vault: &Vault,
    after: HeadPoint,
    words: &Words,
) -> Result<OwnHead, Fault> {
    for _ in 0..TRIES {
        let own = vault.own_head().map_err(|error| show::fault(&error))?;
        let anew = vault.begin_again(after, words).map_err(|error| show::fault(&error))?;
        // The word is for one head: that it is this one is certain when it is still the newest.
        if vault.own_head().is_ok_and(|now| now.point == own.point) {
            return Ok(OwnHead { anew: Some(anew), ..own });
        }
    }
    let sentence = "The box writes new versions just now.";
    Err(Fault::new(FaultCode::Busy, sentence, "Try again in a minute."))
}
