//! What is sent to the routes about friends.

use calls::{PactTerms, Reach, SecretText};
use serde::Deserialize;
use utoipa::ToSchema;

/// How this box is found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetReach {
    /// How.
    pub(super) reach: Reach,
}

/// A new invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InviteFriend {
    /// What it offers.
    pub(super) terms: PactTerms,
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct YesOrNo {
    /// Yes or no.
    pub(super) yes: bool,
}

/// Somebody's invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    /// The ticket, as it was sent, scanned or typed.
    pub(super) ticket: SecretText,
}

/// How a friend is called here.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// The name; as it is when left out.
    pub(super) name: Option<String>,
    /// Where the box stands; as it is when left out.
    pub(super) place: Option<String>,
}

/// A pause.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pause {
    /// Until then, milliseconds since 1970; until told otherwise when left out.
    pub(super) until_ms: Option<i64>,
}

/// A message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Say {
    /// At most 2,000 bytes of plain text.
    pub(super) text: String,
}

/// Other terms.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Propose {
    /// Which.
    pub(super) terms: PactTerms,
}

/// Terms that keep the own data for a shorter time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposeShorter {
    /// Which.
    pub(super) terms: PactTerms,
    /// The 24 words.
    pub(super) words: SecretText,
}

/// An answer to what the friend proposes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerTerms {
    /// What was shown.
    pub(super) pact: String,
    /// Yes or no.
    pub(super) yes: bool,
}

/// A yes to terms that keep the own data for a shorter time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgreeShorter {
    /// What was shown.
    pub(super) pact: String,
    /// The 24 words.
    pub(super) words: SecretText,
}

/// Said once more, so that no slip does it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    /// The friend's name, as it is shown.
    pub(super) name: String,
}

/// That this box is right.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reconciled {
    /// The 24 words, when the friend has seen a version of this box that is not here.
    pub(super) words: Option<SecretText>,
}
