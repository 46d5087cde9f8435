//! A box that is tried, from its desk: what may be asked of it, and waited for. Start at [`Tried::at`].

use std::path::Path;
use std::time::Duration;

use peer_proto::invite::Ticket;
use peer_proto::owner::CopyStage;
use types::{InviteId, PackId};

use crate::desk::{Ask, Desk, FriendLine, OnDisk, Say};
use crate::raw::{PATIENCE, Peer};
use crate::{Outcome, said};

/// A box and its desk.
#[derive(Debug)]
pub struct Tried {
    /// Its desk.
    pub desk: Desk,
    /// Where it is.
    pub peer: Peer,
    /// Its process.
    pub process: u32,
}

impl Tried {
    /// Sits down at the desk in a box's folder.
    pub fn at(folder: &Path) -> Outcome<Self> {
        let mut desk = Desk::at(&folder.join("desk"))?;
        match desk.ask(&Ask::Who)? {
            Say::Who { endpoint, addresses, process } => {
                Ok(Self { desk, peer: Peer { endpoint, addresses }, process })
            }
            other => Err(format!("who it is: {other:?}")),
        }
    }

    /// All friends.
    pub fn friends(&mut self) -> Outcome<Vec<FriendLine>> {
        match self.desk.ask(&Ask::Friends)? {
            Say::Friends(friends) => Ok(friends),
            other => Err(format!("friends: {other:?}")),
        }
    }

    /// One of them.
    pub fn friend(&mut self, id: InviteId) -> Outcome<FriendLine> {
        let found = self.friends()?.into_iter().find(|friend| friend.id == id);
        found.ok_or_else(|| format!("there is no friend {id}"))
    }

    /// New own packs.
    pub fn make(&mut self, count: u32, len: u64) -> Outcome<Vec<PackId>> {
        match self.desk.ask(&Ask::Make { count, len })? {
            Say::Packs(packs) => Ok(packs),
            other => Err(format!("new packs: {other:?}")),
        }
    }

    /// Where a copy is, at a friend's.
    pub fn stage(&mut self, friend: InviteId, root: PackId) -> Outcome<Option<CopyStage>> {
        match self.desk.ask(&Ask::Copies(friend))? {
            Say::Copies(copies) => {
                Ok(copies.iter().find(|(of, _)| *of == root).map(|(_, stage)| *stage))
            }
            other => Err(format!("copies: {other:?}")),
        }
    }

    /// How much was told so far.
    pub fn news_count(&mut self) -> Outcome<usize> {
        match self.desk.ask(&Ask::NewsCount)? {
            Say::Count(count) => Ok(count),
            other => Err(format!("news: {other:?}")),
        }
    }

    /// Waits until all of these words were told at once.
    pub fn told(&mut self, after: usize, says: &[&str]) -> Outcome<String> {
        self.told_within(after, says, PATIENCE)
    }

    /// The same with less patience: for what must not be told.
    pub fn told_within(
        &mut self,
        after: usize,
        says: &[&str],
        within: Duration,
    ) -> Outcome<String> {
        let says = says.iter().map(|word| (*word).to_owned()).collect();
        let within = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        match self.desk.ask(&Ask::News { after, says, within })? {
            Say::News(_, text) => Ok(text),
            other => Err(format!("news: {other:?}")),
        }
    }

    /// What lies on its disk for somebody.
    pub fn on_disk(&mut self, recovery: [u8; 32]) -> Outcome<OnDisk> {
        match self.desk.ask(&Ask::OnDisk(recovery))? {
            Say::OnDisk(found) => Ok(found),
            other => Err(format!("what lies on the disk: {other:?}")),
        }
    }

    /// A ticket: what it keeps, and what the friend keeps.
    pub fn invite(&mut self, keeps: u64, kept: u64) -> Outcome<Ticket> {
        match self.desk.ask(&Ask::Invite { keeps, kept })? {
            Say::Ticket(text) => said("read the ticket", Ticket::parse(&text)),
            other => Err(format!("a ticket: {other:?}")),
        }
    }
}
