//! Who asks, as the guard found out. A handler that takes a [`Caller`] has one.
//!
//! Start at [`Caller`].

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use people::{PersonId, Refusal, Role, SessionId, Token};
use std::sync::Arc;

use crate::problem::Problem;
use crate::supervise::Who;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person, or the device that asks for them.
    pub who: Who,
    /// The session, when no device asks.
    pub session: Option<SessionId>,
    pub(crate) token: Arc<Token>,
    /// Where from, for the log.
    pub from: String,
}

impl Caller {
    /// The person.
    pub fn id(&self) -> PersonId {
        self.who.person
    }

    /// Refuses a device that may not look at this source. Whose source it is, is not decided here.
    pub fn may_read(&self, source: &str) -> Result<(), Problem> {
        match &self.who.device {
            Some(scope) if !scope.may_read(source) => Err(Refusal::NotAllowed.into()),
            _ => Ok(()),
        }
    }

    /// Refuses a device that may not store in this source.
    pub fn may_add(&self, source: &str) -> Result<(), Problem> {
        match &self.who.device {
            Some(scope) if !scope.may_add(source) => Err(Refusal::NotAllowed.into()),
            None if self.who.role == Role::Helper => Err(Refusal::NotAllowed.into()),
            _ => Ok(()),
        }
    }

    /// The session's name; a device has none.
    pub(crate) fn session(&self) -> Result<SessionId, Problem> {
        self.session.ok_or_else(|| Refusal::NoSession.into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Refusal::NoSession.into())
    }
}
