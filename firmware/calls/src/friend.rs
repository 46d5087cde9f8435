//! Friends as a box shows them: who keeps what for whom, how they are reached, and what waits for an answer.
//!
//! Nothing here is a secret but the text of a ticket. All figures are of whole packs as both boxes charge
//! them, so that both owners see the same. Start at [`Friends`].

use serde::{Deserialize, Serialize};

use crate::{InviteShown, OfferShown};

/// Everything about friends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Friends {
    /// How boxes outside this house find this one; none until the owner said.
    pub reach: Option<Reach>,
    /// This box's key for friends, as hex: what a friend's box knows it by; empty when there is none yet.
    pub endpoint: String,
    /// Bytes that can still be promised to a friend; none while nobody knows, as no disk is here.
    pub may_give: Option<u64>,
    /// In the order in which they came.
    pub friends: Vec<FriendShown>,
    /// Invites that are open, the newest last.
    pub invites: Vec<InviteShown>,
    /// Invites of others that were looked at here and have come to no end.
    pub offers: Vec<OfferShown>,
    /// Why there is no talk with friends at all; none when there is.
    pub trouble: Option<String>,
}

/// How boxes outside this house find this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Reach {
    /// They do not, and nothing is announced: only addresses that an invite or a friend named.
    Nothing {},
    /// Boxes in the same house find each other; nothing leaves it.
    SameHouse {},
    /// A public meeting point introduces them: it sees the boxes' addresses, and never data.
    MeetingPoint {},
    /// A relay of one's own, or a friend's: it sees addresses, and carries sealed data when there is no
    /// direct way.
    Relay {
        /// Its address, beginning with `https://`.
        url: String,
    },
}

/// How a friend's box is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Seen {
    /// There, from box to box.
    Direct,
    /// There, through a relay: slower.
    Relayed,
    /// Not there since a few minutes.
    Gone,
    /// Not there.
    Offline,
}

/// How it stands with a friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum FriendStanding {
    /// As agreed.
    Active,
    /// This box takes no new packs for now, or the friend's does not.
    Paused,
    /// One of the two gave notice.
    Ending,
    /// Blocked by this box's owner: nothing is said or taken; what is kept stays for now.
    Blocked,
    /// Lost copies again after a warning: what is there does not count.
    Distrusted,
    /// Over. What is still kept goes when the pact says so.
    Ended,
}

/// What one box keeps of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FriendKept {
    /// Bytes that were agreed on.
    pub given: u64,
    /// Bytes that lie there, those that are to go among them.
    pub bytes: u64,
    /// Packs.
    pub packs: u64,
}

/// What one side promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Promise {
    /// Bytes; 0 when it keeps nothing.
    pub bytes: u64,
    /// Days before it carries out a deletion, 1 to 730.
    pub not_before_days: u16,
    /// Months for which it keeps everything while the owner's box is dark, 6 to 120.
    pub silence_months: u8,
}

/// What is agreed, as seen from this box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PactTerms {
    /// What this box keeps for the friend.
    pub here: Promise,
    /// What the friend's box keeps for this one.
    pub there: Promise,
    /// Days between notice and the end, 1 to 365.
    pub notice_days: u16,
}

/// How fast packs go to and come from a friend, by this box's clock. Rates in kilobits a second.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FriendLimits {
    /// Outside `full_speed`, at most; none for no limit, 0 for nothing at all.
    pub kbit: Option<u32>,
    /// Hours without a limit, such as `00:00-07:00`; none when there are none.
    pub full_speed: Option<String>,
    /// Through a relay, at most; none for the usual 2,000.
    pub relayed_kbit: Option<u32>,
    /// Bytes in a calendar month, both ways together; none when nobody counts.
    pub month_bytes: Option<u64>,
}

/// How what lies at a friend's was proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Proofs {
    /// When something was proved last, milliseconds since 1970; none before the first time.
    pub last_ms: Option<i64>,
    /// Pieces that were proved on that day.
    pub last_day: u32,
    /// Pieces that were proved in the last 90 days.
    pub proved: u64,
    /// Pieces that were wrong or missing in the last 90 days.
    pub failed: u64,
    /// Questions without an answer in the last 90 days; these count for nothing.
    pub unanswered: u64,
    /// Proved among all that prove anything, in thousandths; none when there are none.
    pub score: Option<u32>,
}

/// Other terms that wait for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Proposal {
    /// Names what is shown here: an answer says it back.
    pub pact: String,
    /// The terms.
    pub terms: PactTerms,
    /// The own data would be kept for a shorter time: a yes takes the 24 words.
    pub shorter: bool,
}

/// One friend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FriendShown {
    /// The number of the pact, as hex: it stays when a box is replaced.
    pub id: String,
    /// The key of the friend's box, as hex.
    pub endpoint: String,
    /// As this box's owner calls the friend.
    pub name: String,
    /// What the friend's box calls itself.
    pub label: String,
    /// Where it stands, in the owner's words; empty when nobody said.
    pub place: String,
    /// When the pact was made, milliseconds since 1970.
    pub since_ms: i64,
    /// How it stands.
    pub standing: FriendStanding,
    /// When the pact ends, when notice was given.
    pub ends_ms: Option<i64>,
    /// How it is reached.
    pub seen: Seen,
    /// Milliseconds to the friend's box and back, while it is there and that is known.
    pub round_trip_ms: Option<u64>,
    /// When it was last there; none before the first time.
    pub last_seen_ms: Option<i64>,
    /// The last 28 days, the oldest first: of each how many of its hours the friend's box was there, 0 to
    /// 24; none where this box was off.
    pub days: Vec<Option<u8>>,
    /// What the friend keeps for this box.
    pub there: FriendKept,
    /// What this box keeps for the friend.
    pub here: FriendKept,
    /// Bytes that are on their way to the friend.
    pub waiting_bytes: u64,
    /// And packs.
    pub waiting_packs: u64,
    /// Since when the oldest of these wait.
    pub waiting_since_ms: Option<i64>,
    /// Bytes of which too few copies were left outside this house if this friend were not there.
    pub only_there_bytes: u64,
    /// How it proved what it keeps.
    pub proofs: Proofs,
    /// What was agreed.
    pub terms: PactTerms,
    /// Versions of the pact so far.
    pub pact_number: u32,
    /// What the friend proposes and nobody has answered.
    pub asked: Option<Proposal>,
    /// How fast packs go.
    pub limits: FriendLimits,
    /// Messages that nobody has read.
    pub unread: u32,
    /// Why the last thing that was tried with this friend did not go; none when it did.
    pub fault: Option<String>,
}
