//! Why somebody was not let in, or may not do something: one sentence and one piece of advice each.
//!
//! Whoever tries a password is never told which of name and password was wrong. Start at [`Refusal`].

use thiserror::Error;
use types::Millis;

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nobody has claimed the box.
    #[error("nobody has claimed this box yet")]
    Unclaimed,
    /// Somebody has.
    #[error("this box has an owner already")]
    Claimed,
    /// The code of the first start, or of an invitation, is another one.
    #[error("this is not the code")]
    WrongCode,
    /// Name, password or second factor.
    #[error("the name, the password or the code is not right")]
    WrongSecret,
    /// The password is right, and something else is asked for, too.
    #[error("a code of the second factor is needed, too")]
    SecondFactor,
    /// The same, of somebody who has a key.
    #[error("a code of the second factor, or the key, is needed, too")]
    CodeOrKey,
    /// Nobody made one for this person.
    #[error("there is no key of yours")]
    NoKey,
    /// Nobody plugged it in.
    #[error("your key is not plugged into the box")]
    KeyNotHere,
    /// It is here, and the new file could not be put on it.
    #[error("your key could not be written to")]
    KeyNotWritten,
    /// An older file of it was shown.
    #[error("somebody used a copy of your key, so it opens nothing any more")]
    KeyCopied,
    /// It let somebody in since it was plugged in.
    #[error("your key let somebody in already since it was plugged in")]
    KeyUsed,
    /// From two places at once.
    #[error("somebody else who has your password waited for your key, so it opens nothing for now")]
    KeyWanted,
    /// It would be the only way in.
    #[error("a key can be lost, and nothing else would let you in")]
    NoOtherWay,
    /// Too often.
    #[error("too many tries; the next one is in {} seconds", .wait.0.div_ceil(1_000))]
    TooOften {
        /// How long to wait.
        wait: Millis,
    },
    /// No such session, or it is over.
    #[error("nobody is signed in here")]
    NoSession,
    /// The token is not known, was taken back, or its time is over.
    #[error("this token is not known")]
    NoToken,
    /// The password has to be given once more.
    #[error("this needs the password once more")]
    NotElevated,
    /// Not with this role.
    #[error("this is not for you to do")]
    NotAllowed,
    /// No such person, device or session.
    #[error("there is no such thing")]
    NotFound,
    /// Somebody has this name.
    #[error("somebody has this name already")]
    NameTaken,
    /// Not a name.
    #[error("a name has 1 to 64 letters and begins and ends with one that is seen")]
    NoName,
    /// One that the box gives itself.
    #[error("names like this one are those of spaces")]
    NameOfSpace,
    /// More than anybody ever stores.
    #[error("a quota is 2^60 bytes at most")]
    QuotaTooLarge,
    /// Of a helper.
    #[error("a helper's time ends at some moment within 30 days")]
    HelperTime,
    /// The last owner.
    #[error("somebody has to own the box")]
    LastOwner,
    /// So many people, devices or sessions.
    #[error("there are too many of these already")]
    TooMany,
    /// Too short.
    #[error("the password has fewer than 10 letters")]
    PasswordTooShort,
    /// Too long.
    #[error("the password has more than 1024 bytes")]
    PasswordTooLong,
    /// This computer has not enough memory to check one.
    #[error("the password could not be checked")]
    CannotCheck,
}

impl Refusal {
    /// What to do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Unclaimed => "Claim it with the code that the box shows on its console.",
            Self::Claimed => "Sign in, or ask its owner to invite you.",
            Self::WrongCode => "Read it once more; after a restart the box shows a new one.",
            Self::WrongSecret => "Try again; a code from your printed sheet works once.",
            Self::SecondFactor => "Send it as `code`, from your app or from your printed sheet.",
            Self::CodeOrKey => {
                "Send it as `code`, from your app or from your printed sheet; or plug your key into the box, \
                 and say with `key_seconds` how long to wait for it."
            }
            Self::NoKey => "Use a code, and make a key in Settings.",
            Self::KeyNotHere => {
                "Plug it in, or pull it out and plug it in again: it counts for ten minutes."
            }
            Self::KeyNotWritten => {
                "Leave it plugged in and try again; see that it is not full and that it can be written."
            }
            Self::KeyCopied => {
                "Use a code or the 24 words, take this key away in Settings, and change your password."
            }
            Self::KeyUsed => {
                "Pull it out and plug it in again; if that was not you, change your password at once."
            }
            Self::KeyWanted => {
                "Use a code or the 24 words, and change your password: then your key opens again."
            }
            Self::NoOtherWay => "Print a sheet of codes first, and keep it somewhere else.",
            Self::TooOften { .. } => {
                "Wait, use a browser that was here before, or add a code from your printed sheet."
            }
            Self::NoSession => "Sign in.",
            Self::NoToken => "Make a new token for this device.",
            Self::NotElevated => "Give your password to `/api/v1/session/elevation` first.",
            Self::NotAllowed => "Ask the owner of the box.",
            Self::NotFound => "Look at the list again.",
            Self::NameTaken | Self::NameOfSpace => "Choose another one.",
            Self::QuotaTooLarge => "Take a smaller one, or none.",
            Self::NoName => "Choose a shorter one, without signs that are not seen.",
            Self::HelperTime => "Say in `hours` how long the helper may look: 1 to 720.",
            Self::LastOwner => "Make somebody else an owner first.",
            Self::TooMany => "Remove one that is not used any more.",
            Self::PasswordTooShort => "Take a longer one: four words that do not belong together.",
            Self::PasswordTooLong => "Take a shorter one.",
            Self::CannotCheck => "Try again when the box has less to do.",
        }
    }
}
