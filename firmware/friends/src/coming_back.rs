//! Coming back after a fire, as owners go through it on either side: sheets to print, and a fresh box with
//! the 24 words.
//!
//! The words are the house's business: here they make one signature. Start at [`Service::come_back`].

use calls::{Answer, Fault, SecretText};
use federation::FriendId;
use peer_proto::wire::Listed;
use types::PackId;

use crate::service::Service;

impl Service {
    /// The come-back address of this box's owner at a friend: for the recovery kit.
    pub(crate) fn sheet(&self, said: &str) -> Result<Answer, Fault> {
        todo!()
    }

    /// The same, made afresh, for a friend who lost everything.
    pub(crate) fn help_back(&self, said: &str) -> Result<Answer, Fault> {
        todo!()
    }

    /// Comes back to a friend with a fresh box that has no vault yet. Reach has to be set before
    /// ([`calls::Call::SetReach`]), as before an invite. May be done again at any time; see
    /// [`federation::Federation::come_back`].
    pub fn come_back(&self, sheet: &str, label: &str, words: &SecretText) -> Result<FriendId, Fault> {
        todo!()
    }

    /// All that a friend keeps, as it says; waits some seconds for its box (`vault::Hold::list`).
    pub fn kept_there(&self, friend: FriendId) -> Result<Vec<Listed>, Fault> {
        todo!()
    }

    /// The bytes `from..to` of a thing that a friend keeps, each proved against its name (`vault::Hold::read`).
    pub fn read_back(&self, friend: FriendId, root: PackId, from: u64, to: u64) -> Result<Vec<u8>, Fault> {
        todo!()
    }
}
