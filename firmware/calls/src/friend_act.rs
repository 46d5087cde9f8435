//! What an owner may want of a friend: a closed list.
//!
//! What gives protection away names the friend once more, so that no slip of a finger does it.
//! Start at [`FriendAct`].

use serde::{Deserialize, Serialize};

use crate::{FriendLimits, PactTerms, SecretText};

/// Something that is done with a friend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FriendAct {
    /// Calls the friend something else, or says where the box stands.
    Name {
        /// As this owner calls the friend; as it is when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Where the friend's box stands; as it is when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
    },
    /// Sets how fast packs go.
    Limit {
        /// All of it.
        limits: FriendLimits,
    },
    /// Has the friend prove some of what it keeps, now.
    Audit {},
    /// Proposes other terms.
    Propose {
        /// Which.
        terms: PactTerms,
        /// The 24 words, when the own data are to be kept for a shorter time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<SecretText>,
    },
    /// Answers what the friend proposed.
    Answer {
        /// What was shown, as [`crate::Proposal::pact`] names it.
        pact: String,
        /// Yes or no.
        yes: bool,
        /// The 24 words, when the own data are to be kept for a shorter time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<SecretText>,
    },
    /// Takes no new packs from the friend.
    Pause {
        /// Until then, milliseconds since 1970; until told otherwise when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until_ms: Option<i64>,
    },
    /// Takes them again.
    Resume {},
    /// Has nothing more to do with the friend; what is kept stays for now.
    Block {
        /// The friend's name once more.
        name: String,
    },
    /// Takes the block back.
    Unblock {},
    /// Gives notice: the pact ends after the days that it names, and both find another home first.
    End {
        /// The friend's name once more.
        name: String,
    },
    /// Ends it at once: what the friend keeps counts as lost from now on, and what lies here may go.
    StopNow {
        /// The friend's name once more.
        name: String,
    },
    /// What this box went back to is looked at and right: the friend may delete for it again.
    Reconciled {
        /// The 24 words, when the friend has seen a version of this box that is not here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<SecretText>,
    },
    /// What the verdict says of the friend is read: what is over is told no more, what is still so stays.
    Seen {},
    /// Writes to the friend.
    Say {
        /// At most 2,000 bytes of plain text.
        text: String,
    },
    /// All messages of the friend so far are read.
    Read {},
}
