//! How an invite ends without a pact, or after one. Start at [`Inviter::step`].

use types::EndpointId;

use super::events::InviterAction;
use super::inviter::{Inviter, State, refusal};
use crate::wire::Why;

impl Inviter {
    pub(super) fn declined(&mut self, from: EndpointId) -> Vec<InviterAction> {
        match &self.state {
            State::Claimed { who, .. } if who.endpoint == from => {
                self.state = State::Dead(Why::Declined);
                refusal(true, Why::Declined.plain())
            }
            _ => refusal(false, Why::NoInvite.plain()),
        }
    }

    /// Nothing that it said is true any more.
    pub(super) fn superseded(&mut self) -> Vec<InviterAction> {
        if !matches!(self.state, State::Paired(_)) {
            return Vec::new();
        }
        self.state = State::Dead(Why::NoInvite);
        vec![InviterAction::Keep]
    }

    pub(super) fn withdrawn(&mut self) -> Vec<InviterAction> {
        match self.state {
            State::Open | State::Claimed { .. } => {
                self.state = State::Dead(Why::NoInvite);
                vec![InviterAction::Keep]
            }
            State::Paired(_) | State::Dead(_) => Vec::new(),
        }
    }
}
