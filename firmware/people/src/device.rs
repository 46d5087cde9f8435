//! Tokens for devices: each may do one kind of thing, in its person's space, until it is taken back.
//!
//! A device never becomes its person: no token signs in, raises rights or makes another token. When it comes
//! is remembered for a few days, since one that is silent for long is missed.
//! Start at [`Device`], then [`Scope`].

use std::fmt;

use serde::{Deserialize, Serialize};
use types::UnixTime;

use crate::person::PersonId;
use crate::token::{Token, TokenHash};

/// Uses that are nearer to each other are of one day.
const VISIT_APART_MS: i64 = 12 * 3_600_000;
/// Days of a device that are remembered: more than a rhythm is learned from.
const VISITS_MAX: usize = 16;
/// Devices of one person.
pub(crate) const DEVICES_MAX: usize = 64;

/// Names a device without telling its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub [u8; 8]);

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a device may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scope {
    /// List and read what is in its person's space.
    Read {},
    /// Add new files to one source: it neither reads, lists, replaces nor deletes anything.
    Add {
        /// The source.
        source: String,
    },
    /// Back one source up and restore it.
    Backup {
        /// The source.
        source: String,
    },
}

impl Scope {
    /// Whether it may look at this source.
    pub fn may_read(&self, source: &str) -> bool {
        match self {
            Self::Read {} => true,
            Self::Add { .. } => false,
            Self::Backup { source: own } => own == source,
        }
    }

    /// Whether it may store new things in this source.
    pub fn may_add(&self, source: &str) -> bool {
        match self {
            Self::Read {} => false,
            Self::Add { source: own } | Self::Backup { source: own } => own == source,
        }
    }
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    pub(crate) token: TokenHash,
    /// Whose it is.
    pub person: PersonId,
    /// As its person calls it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Bytes that it may store; none: as many as there is room for.
    pub quota: Option<u64>,
    /// Bytes that it has stored, if it has a quota.
    pub stored: u64,
    /// When its token was made, by the wall clock in milliseconds.
    pub since_ms: i64,
    /// When it was last used, to the hour; none: never.
    pub used_ms: Option<i64>,
    /// The first use of each of its last days, so that it is known how often it usually comes.
    #[serde(default)]
    pub(crate) visits_ms: Vec<i64>,
}

/// A source whose device was taken back: nobody waits for it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LetGo {
    pub(crate) person: PersonId,
    pub(crate) source: String,
    pub(crate) at_ms: i64,
}

/// A device that was just made, with its token, which is told once.
#[derive(Debug)]
pub struct NewDevice {
    /// The device.
    pub device: Device,
    /// Its token.
    pub token: Token,
}

impl Device {
    /// Its name for requests.
    pub fn id(&self) -> DeviceId {
        DeviceId(self.token.front())
    }

    /// Notes that it is used; says whether that is worth being kept. Times of a clock that was ahead give way.
    pub(crate) fn is_used(&mut self, now: UnixTime) -> bool {
        let is_due = |used: i64| used > now.0 || now.0.saturating_sub(used) >= 3_600_000;
        let worth = self.used_ms.is_none_or(is_due);
        if worth {
            self.used_ms = Some(now.0);
            self.visits_ms.retain(|visit| *visit <= now.0);
            let last = self.visits_ms.last();
            if last.is_none_or(|last| now.0.saturating_sub(*last) >= VISIT_APART_MS) {
                self.visits_ms.push(now.0);
                let more = self.visits_ms.len().saturating_sub(VISITS_MAX);
                self.visits_ms.drain(..more);
            }
        }
        worth
    }

    /// The source that it stores to; none for one that only reads.
    pub fn stores_to(&self) -> Option<&str> {
        match &self.scope {
            Scope::Read {} => None,
            Scope::Add { source } | Scope::Backup { source } => Some(source),
        }
    }

    /// When it came, of late: the first time of each day.
    pub fn visits(&self) -> impl Iterator<Item = UnixTime> {
        self.visits_ms.iter().map(|visit| UnixTime(*visit))
    }
}
