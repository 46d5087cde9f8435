//! Somebody who is signed in: for as long as they come back within 30 days, and with raised rights for a
//! quarter of an hour after they gave their password once more.
//!
//! Start at [`Session`].

use std::fmt;

use serde::{Deserialize, Serialize};
use types::{Millis, UnixTime};

use crate::person::PersonId;
use crate::time::Now;
use crate::token::TokenHash;

/// A session that nobody used for so long is over.
pub const IDLE_MAX: Millis = Millis::from_days(30);
/// How long rights stay raised.
pub const ELEVATED_FOR: Millis = Millis::from_secs(15 * 60);
/// Sessions of one person; the one that was used longest ago ends first.
pub(crate) const SESSIONS_MAX: usize = 32;
/// When it was last used is worth being kept once an hour.
const KEPT_EVERY: Millis = Millis::from_secs(3_600);

/// Names a session without telling its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub [u8; 8]);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub(crate) token: TokenHash,
    /// Whose it is.
    pub person: PersonId,
    /// When it began, by the wall clock in milliseconds.
    pub since_ms: i64,
    /// When it was last used, to the hour.
    pub used_ms: i64,
    /// What the browser says it is.
    pub agent: String,
    /// Rights are raised until then, by the program's own clock: never over a restart.
    #[serde(skip)]
    pub(crate) elevated_until: Option<Millis>,
}

impl Session {
    /// Its name.
    pub fn id(&self) -> SessionId {
        SessionId(self.token.front())
    }

    /// Whether nobody came back in time.
    pub fn is_over(&self, now: UnixTime) -> bool {
        now.since(UnixTime(self.used_ms)) >= IDLE_MAX
    }

    /// Whether rights are raised.
    pub fn is_elevated(&self, now: Now) -> bool {
        self.elevated_until.is_some_and(|until| now.uptime < until)
    }

    /// Notes that it is used; says whether that is worth being kept.
    pub(crate) fn is_used(&mut self, now: UnixTime) -> bool {
        let worth = now.since(UnixTime(self.used_ms)) >= KEPT_EVERY;
        if worth {
            self.used_ms = now.0;
        }
        worth
    }
}
