//! What a person and a device may still store over this door.
//!
//! Counted are bytes that came and were stored, also those that gave way or were deleted since: versions
//! keep them; and those of a request that was refused behind them, since they lie in packs all the same. What is on its way counts as stored until it is known, so that many requests at once store no
//! more than one after the other. Whoever has no quota is not counted. Start at [`Shared::claim`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, StatusCode, header};
use files::{FilesError, Kind};
use people::Limit;

use crate::caller::Caller;
use crate::problem::Problem;
use crate::shared::{Shared, State};

/// Bytes that are on their way, by whose quota they are of.
#[derive(Debug, Default)]
pub(crate) struct OnTheWay(Mutex<HashMap<String, u64>>);

impl OnTheWay {
    fn all(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that somebody is about to store. Given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    state: State,
    caller: Caller,
    whose: Vec<String>,
    pub(crate) bytes: u64,
}

impl Shared {
    /// Sets bytes aside for a body of this length, or says which quota they do not fit.
    pub(crate) fn claim(self: &Arc<Self>, caller: &Caller, bytes: u64) -> Result<Claim, Problem> {
        let limits = self.keeper.house().limits(caller.id(), &caller.token);
        let mut on_the_way = self.on_the_way.all();
        for limit in &limits {
            let coming = on_the_way.get(&limit.key).copied().unwrap_or(0);
            let used = limit.stored.saturating_add(coming);
            // A sum that is no number any more fits nothing, also no quota of an old record that is as large
            // as numbers are.
            let fits = used.checked_add(bytes).is_some_and(|sum| sum <= limit.quota);
            if bytes > 0 && !fits {
                return Err(no_room(limit, used, bytes));
            }
        }
        let whose: Vec<_> = limits.into_iter().map(|limit| limit.key).collect();
        for key in &whose {
            *on_the_way.entry(key.clone()).or_default() += bytes;
        }
        Ok(Claim { state: Arc::clone(self), caller: caller.clone(), whose, bytes })
    }

    /// The same for what a request's body is said to be: whoever has a quota says it.
    pub(crate) fn claim_body(
        self: &Arc<Self>,
        caller: &Caller,
        headers: &HeaderMap,
    ) -> Result<Claim, Problem> {
        let said = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        match said.and_then(|length| length.parse().ok()) {
            Some(length) => self.claim(caller, length),
            None => {
                let claim = self.claim(caller, 0)?;
                if !claim.is_counted() {
                    return Ok(claim);
                }
                let detail = "How long the body is has to be said by whoever has a quota.";
                let next = "Send `Content-Length`.";
                Err(Problem::new(StatusCode::LENGTH_REQUIRED, "no_length", detail, next))
            }
        }
    }
}

/// What a body that was not kept has stored: part after part is, while the rest still comes, and lies in packs
/// whatever becomes of it. Who tries again until a disk has room stores nothing by it.
pub(crate) fn in_vain(error: &FilesError, taken: u64) -> u64 {
    if error.kind() == Kind::Full { 0 } else { taken }
}

impl Claim {
    /// Whether there is a quota that it counts for.
    pub(crate) fn is_counted(&self) -> bool {
        !self.whose.is_empty()
    }

    /// So many of the bytes were stored. Blocks. What cannot be noted is not counted: the bytes are stored,
    /// and whoever sent them is told so.
    pub(crate) fn kept(self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        if !self.is_counted() || bytes == 0 {
            return;
        }
        let (person, token) = (self.caller.id(), &self.caller.token);
        let counted = self.state.keeper.change(None, |house| {
            house.has_stored(person, token, bytes);
            Ok(())
        });
        if let Err(problem) = counted {
            tracing::warn!(problem.detail, bytes, "what was stored is not counted");
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut on_the_way = self.state.on_the_way.all();
        for key in &self.whose {
            if let Some(coming) = on_the_way.get_mut(key) {
                *coming -= self.bytes;
            }
        }
        on_the_way.retain(|_, coming| *coming > 0);
    }
}

fn no_room(limit: &Limit, used: u64, bytes: u64) -> Problem {
    let (name, quota) = (&limit.name, limit.quota);
    let whose = if limit.is_device { "device" } else { "person" };
    let detail = format!(
        "The quota of the {whose} {name:?} is {quota} bytes: {used} are used, and these are {bytes} more."
    );
    let next = match (limit.is_device, bytes > quota) {
        (true, _) => "Make a token with a larger quota for this device, or send less.",
        (false, _) => "Ask the owner of the box for a larger quota, or send less.",
    };
    // What no quota of this size could ever take is too large; else there is only no room left.
    let status = match bytes > quota {
        true => StatusCode::PAYLOAD_TOO_LARGE,
        false => StatusCode::INSUFFICIENT_STORAGE,
    };
    Problem::new(status, "quota", detail, next)
}
