//! Requests that are not answered yet, and how long they are waited for.

use types::{Millis, PackId};

use super::Owner;
use super::events::{AskId, OwnerAction};
use crate::clock::Now;
use crate::limits;
use crate::wire::{Audit, HeadPoint, Put, Refused, Why};

/// A request without its last answer.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) what: What,
    pub(super) since: Millis,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A pack was offered; whether its bytes were asked for, and whether the friend once showed wrong ones.
    Put {
        put: Put,
        sent: bool,
        suspect: bool,
    },
    Delete(PackId),
    /// An audit; whether the friend began to answer.
    Audit {
        audit: Audit,
        answered: bool,
    },
    /// A page, and the count of changes when it was asked for.
    List {
        after: Option<PackId>,
        turn: u64,
    },
    Head(HeadPoint),
}

impl Owner {
    pub(super) fn time_out(&mut self, now: Now) -> Vec<OwnerAction> {
        let is_late = |open: &Open| {
            let most = match open.what {
                What::Put { sent: true, .. } => limits::PUSH_WITHIN,
                _ => limits::ANSWER_WITHIN,
            };
            now.uptime.0.saturating_sub(open.since.0) > most.0
        };
        let late: Vec<AskId> =
            self.asks.iter().filter(|(_, open)| is_late(open)).map(|(ask, _)| *ask).collect();
        late.into_iter().flat_map(|ask| self.nonsense(now, ask)).collect()
    }
}

/// How long to wait after a refusal.
pub(super) fn pause(refused: Refused) -> Millis {
    match refused.why {
        Why::Busy => Millis(refused.figure.clamp(1_000, 60_000)),
        Why::Failed => Millis::from_secs(60),
        _ => limits::PUSH_AGAIN_AFTER,
    }
}

pub(super) fn later(now: Now, wait: Millis) -> Millis {
    Millis(now.uptime.0.saturating_add(wait.0))
}
