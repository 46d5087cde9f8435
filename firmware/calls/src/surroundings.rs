//! What the box lives with and does not decide. Start at [`Surroundings`].

use serde::{Deserialize, Serialize};

/// What the box lives with. It stands in its settings or comes from outside; quiet hours may be set, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Surroundings {
    /// The hours in which nothing noisy is done that can wait, as `22:00-07:00`; none when there are none.
    pub quiet: Option<String>,
    /// It is one of them.
    pub quiet_now: bool,
    /// It opens the vault by itself after a start.
    pub opens_itself: bool,
    /// How it is fed, where its settings name a battery.
    pub power: Option<Power>,
}

/// How the box is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Power {
    /// From the wall.
    Wall,
    /// From the battery, which lasts a while.
    Battery,
    /// From the battery, and not for long.
    Ending,
    /// Whoever watches the battery says neither.
    Unclear,
    /// Whoever watches the battery does not answer.
    Silent,
}

/// Whether the box believes its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Clock {
    /// It does.
    Trusted,
    /// It jumped: nothing is deleted until it is known to be right.
    Jumped,
}
