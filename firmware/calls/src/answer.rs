//! What the box answers. Every list is bounded by a page or by what a box can have.
//!
//! Start at [`Answer`].

use serde::{Deserialize, Serialize};

use crate::{
    Clock, Disks, Entry, FriendMessages, FriendSheet, FriendShown, Friends, Invited, Job, Keeping,
    KeepingForeseen, Kept, OfferShown, OnDesk, OutletShown, Reborn, SecretText, StartedJob,
    SupportBundle, Surroundings, Watched,
};

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// To [`crate::Call::Status`].
    Status(Status),
    /// To [`crate::Call::Health`].
    Health(Health),
    /// To [`crate::Call::Jobs`].
    Jobs {
        /// The newest first.
        jobs: Vec<Job>,
        /// There are more after these.
        more: bool,
    },
    /// To whatever concerns one job.
    Job(Job),
    /// To [`crate::Call::Start`].
    Started(StartedJob),
    /// To [`crate::Call::Watch`]: events follow.
    Watching(Watched),
    /// To [`crate::Call::People`].
    People {
        /// In the order in which they came.
        people: Vec<Housemate>,
    },
    /// To [`crate::Call::PairingCode`].
    PairingCode(crate::afar::PairingCode),
    /// To [`crate::Call::Sources`].
    Sources {
        /// By name.
        sources: Vec<Source>,
    },
    /// To [`crate::Call::Snapshots`].
    Snapshots {
        /// The oldest first.
        snapshots: Vec<Snapshot>,
        /// There are more after these.
        more: bool,
    },
    /// To [`crate::Call::List`].
    Entries {
        /// The snapshot they are from.
        snapshot: Snapshot,
        /// In the order of their names.
        entries: Vec<Entry>,
        /// There are more after these.
        more: bool,
    },
    /// To [`crate::Call::Unlock`] and [`crate::Call::Lock`].
    Lock(Lock),
    /// To what has nothing to say but that it was done.
    Done {},
    /// To [`crate::Call::SupportBundle`].
    SupportBundle(SupportBundle),
    /// To [`crate::Call::Disks`].
    Disks(Disks),
    /// To [`crate::Call::Create`]: the vault is there and open, and these are its words. They are
    /// told once and kept nowhere but on the paper that they are written on.
    Created {
        /// The vault's id.
        vault: String,
        /// The 24 words.
        words: SecretText,
    },
    /// To [`crate::Call::Reborn`]: the vault is there and open.
    Reborn(Box<Reborn>),
    /// To [`crate::Call::DrawWords`].
    Words {
        /// The vault's id.
        vault: String,
        /// The 24 words.
        words: SecretText,
    },
    /// To [`crate::Call::Surroundings`].
    Surroundings(Surroundings),
    /// To [`crate::Call::Keeping`].
    Keeping(Keeping),
    /// To [`crate::Call::ForeseeKeeping`].
    KeepingForeseen(Box<KeepingForeseen>),
    /// To [`crate::Call::Keep`].
    Kept(Kept),
    /// To [`crate::Call::Outlets`] and [`crate::Call::SetOutlets`].
    Outlets {
        /// In the order they were set.
        outlets: Vec<OutletShown>,
    },
    /// To [`crate::Call::Metrics`].
    Metrics {
        /// Lines of Prometheus's text format.
        text: String,
    },
    /// To [`crate::Call::Friends`], and to what changes no single friend.
    Friends(Box<Friends>),
    /// To [`crate::Call::FriendInvite`].
    FriendInvited(Box<Invited>),
    /// To [`crate::Call::FriendLook`] and [`crate::Call::FriendAnswer`].
    FriendOffer(Box<OfferShown>),
    /// To [`crate::Call::Friend`]: the friend as it is now.
    Friend(Box<FriendShown>),
    /// To [`crate::Call::FriendMessages`].
    FriendMessages(FriendMessages),
    /// To [`crate::Call::FriendSheet`] and [`crate::Call::FriendHelpBack`].
    FriendSheet(FriendSheet),
    /// To [`crate::Call::Desk`]: the desk as it is now.
    Desk {
        /// By name.
        disks: Vec<OnDesk>,
    },
}

/// Whether the keys are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Lock {
    /// There is no vault yet: the box is new.
    None,
    /// They are not: nothing can be stored or read.
    Locked,
    /// They are on their way: the vault is being opened.
    Opening,
    /// They are.
    Unlocked,
}

/// What the box is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Status {
    /// The version of the program.
    pub version: String,
    /// The vault's id; empty while there is none.
    pub vault: String,
    /// Whether the keys are there.
    pub lock: Lock,
    /// Whether the clock is believed.
    pub clock: Clock,
    /// Milliseconds since the program started.
    pub uptime_ms: u64,
    /// The box's time, milliseconds since 1970.
    pub now_ms: i64,
    /// The worst of what is wrong; none when nothing is.
    pub verdict: Option<Severity>,
    /// Jobs at work.
    pub running: u32,
    /// Jobs that wait for their turn.
    pub queued: u32,
    /// Jobs that were paused.
    pub paused: u32,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Something promised is not so now.
    Warning,
    /// Data is gone, or one more failure away from it.
    Alarm,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What is the case.
    pub sentence: String,
    /// What to do about it.
    pub action: String,
    /// The same for somebody who may not hear what friends are called; none when it names nobody. It never
    /// leaves the box.
    #[serde(skip)]
    pub nameless: Option<Nameless>,
}

/// A finding about a friend, in words that name nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nameless {
    /// What is the case.
    pub sentence: String,
    /// What to do about it.
    pub action: String,
}

/// The verdict and what it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Health {
    /// What is wrong, the worst first; nothing when nothing is.
    pub findings: Vec<Finding>,
    /// The volumes, as far as they can be seen.
    pub volumes: Vec<Volume>,
}

/// One volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Volume {
    /// Its id.
    pub id: String,
    /// Where it is attached; empty when it is not.
    pub path: String,
    /// `member`, `retiring`, `read-only`, `failed`, `absent`, or `sealed` while the box is locked.
    pub state: String,
    /// All it can hold, in bytes; 0 where that is not known.
    pub size: u64,
    /// Room left, the reserve taken off.
    pub free: u64,
    /// Packs on it; none where that is not known.
    pub packs: Option<u64>,
    /// Why it failed.
    pub detail: Option<String>,
}

/// One source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Versions that are kept.
    pub snapshots: u64,
    /// The name of its space: `everyone`, or that of a person's.
    #[serde(default)]
    pub space: String,
}

/// Somebody who lives with the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Housemate {
    /// Their number, as hex.
    pub id: String,
    /// As they sign in.
    pub name: String,
    /// `owner`, `member` or `helper`.
    pub role: String,
    /// The name of their own space; none for a helper, who has none.
    pub space: Option<String>,
    /// Sources in it; none while the box is locked.
    pub sources: Option<u64>,
}

/// One snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// Its id.
    pub id: String,
    /// The name of its source.
    pub source: String,
    /// When the vault received it, milliseconds since 1970.
    pub received_ms: i64,
    /// `backup` or `edit`.
    pub kind: String,
    /// The name of its source's space.
    #[serde(default)]
    pub space: String,
}
