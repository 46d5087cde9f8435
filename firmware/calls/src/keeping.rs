//! How much the box keeps: how many copies, and which old versions. Start at [`Keeping`], then
//! [`KeepingForeseen`].

use serde::{Deserialize, Serialize};

use crate::Job;

/// Sources that a forecast names, at most; what the others lose is told as one number.
pub const FORESEEN_SOURCES_MAX: usize = 50;

/// How long versions are kept how finely, in days. Each number is at least the one before; one that is equal
/// leaves its step out. After the last one a month stays, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct KeepRule {
    /// Every version, so long.
    pub all_days: u32,
    /// One an hour, up to this age.
    pub hourly_days: u32,
    /// One a day, up to this age.
    pub daily_days: u32,
    /// One a week, up to this age.
    pub weekly_days: u32,
}

/// What is to be kept from now on. What is not named stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct KeepWish {
    /// On how many disks each piece is kept, 1 to 8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copies: Option<u8>,
    /// How long versions are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<KeepRule>,
}

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Keeping {
    /// On how many disks each piece is kept.
    pub copies: u8,
    /// How long versions are kept.
    pub versions: KeepRule,
    /// The usual rule, for whoever wants it back.
    pub usual: KeepRule,
    /// Old versions are let go by the box itself; its settings can turn that off, and then all stay.
    pub thins: bool,
}

/// What a wish would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct KeepingForeseen {
    /// Less is kept than until now: fewer copies, or versions for a shorter time.
    pub less: bool,
    /// Bytes that further copies take, on all disks together; 0 when there are to be no more.
    pub takes: u64,
    /// Versions that go; while the box lets none go by itself, those that go once it does.
    pub versions: u64,
    /// Of these, how many would have stayed today.
    pub sooner: u64,
    /// When the oldest of them was received, milliseconds since 1970.
    pub oldest_ms: Option<i64>,
    /// Whose they are, the most first.
    pub sources: Vec<SourceForeseen>,
    /// How many of them are of sources that are not named.
    pub others: u64,
    /// The room that is freed; none where it is not known.
    pub frees: Option<Frees>,
    /// From when on it is free, milliseconds since 1970; none when the box frees nothing by itself.
    pub from_ms: Option<i64>,
    /// Why nothing would be freed as things are now.
    pub held: Option<Held>,
}

/// The versions of one source that go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SourceForeseen {
    /// Its name.
    pub source: String,
    /// The name of its space.
    pub space: String,
    /// How many go.
    pub versions: u64,
    /// When the oldest of them was received, milliseconds since 1970.
    pub oldest_ms: i64,
}

/// Room on all disks that are here, together. What is stored until then may need some of it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Frees {
    /// About so many bytes.
    pub bytes: u64,
    /// There was too much to count all of it: it is at least so many.
    pub at_least: bool,
}

/// Why nothing is freed now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Held {
    /// What is the case.
    pub sentence: String,
    /// What to do about it.
    pub action: String,
}

/// What is kept from now on, and the jobs that see to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Kept {
    /// As it is now.
    pub keeping: Keeping,
    /// The one that makes copies, the one that lets versions go: those that are needed.
    pub jobs: Vec<Job>,
}
