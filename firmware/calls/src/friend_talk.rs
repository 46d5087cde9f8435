//! Invites, offers and messages of friends as a box shows them.
//!
//! The text of a ticket is a secret until it is used. Start at [`InviteShown`].

use serde::{Deserialize, Serialize};

use crate::{PactTerms, SecretText};

/// An invite that was made here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InviteShown {
    /// Its number, as hex.
    pub id: String,
    /// What it offers.
    pub terms: PactTerms,
    /// When it is over, milliseconds since 1970.
    pub expires_ms: i64,
    /// What the box that took it calls itself; none while nobody has.
    pub by: Option<String>,
    /// The three words that both screens show, once somebody took it.
    pub words: Option<[String; 3]>,
}

/// A new invite. The ticket is told once: whoever has it may use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Invited {
    /// What was made.
    pub invite: InviteShown,
    /// The ticket, for a link or a picture.
    pub ticket: SecretText,
    /// The same in groups of four, for somebody who types.
    pub spaced: SecretText,
}

/// How far an invite of somebody else has come here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum OfferState {
    /// Compare the words, then say yes or no.
    Asking,
    /// This owner said yes, and the other's has to say so, too.
    Waiting,
    /// Nothing comes of it.
    Failed,
}

/// An invite of somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OfferShown {
    /// Its number, as hex.
    pub id: String,
    /// What the box that invites calls itself.
    pub by: String,
    /// What it offers.
    pub terms: PactTerms,
    /// When it is over, milliseconds since 1970.
    pub expires_ms: i64,
    /// The three words that both screens show.
    pub words: [String; 3],
    /// How far it has come.
    pub state: OfferState,
    /// Whether this box has the room for it now.
    pub fits: bool,
    /// Why nothing comes of it.
    pub fault: Option<String>,
}

/// Messages with one friend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FriendMessages {
    /// The oldest first.
    pub messages: Vec<FriendMessage>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FriendMessage {
    /// When it was written, milliseconds since 1970.
    pub at_ms: i64,
    /// Written here.
    pub mine: bool,
    /// A box wrote it, because something is wrong there.
    pub alarm: bool,
    /// What it says: at most 2,000 bytes.
    pub text: String,
    /// How far it has come. What came from there is taken.
    pub state: MessageState,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum MessageState {
    /// It waits for the other box, for up to 30 days.
    Waiting,
    /// The other box has it.
    Taken,
    /// The other box would not have it.
    Refused,
    /// The other box was away for too long: it never came there.
    Expired,
    /// It is so old that nobody remembers.
    Unknown,
}

/// A come-back address: whose vault, and where the box is that keeps for it. No secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FriendSheet {
    /// The friend, as this owner calls them.
    pub name: String,
    /// As one word, for a picture to scan or a link.
    pub text: String,
    /// The same in groups of four, for paper.
    pub spaced: String,
}
