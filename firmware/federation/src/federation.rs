//! The handle on everything: what the box asks of its friends. Every method may be called from any
//! thread but the runtime's own, blocks until it is done or noted, and none from within
//! [`House::told`].

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use peer_proto::invite::{InviterEvent, Ticket};
use peer_proto::owner::{Item, OwnHead, OwnerEvent};
use peer_proto::pact::Terms;
use peer_proto::wire::{Audit, ByteRange, Note, NoteKind};
use tokio::runtime::{Builder, Runtime};
use types::{Bytes, EndpointId, InviteId, PackId};

use crate::core::Core;
use crate::error::FederationError;
use crate::friend::{self, Event, Friend};
use crate::house::House;
use crate::settings::Settings;
use crate::views::{FriendId, FriendView, InviteView, Preview, Sent, WaitingTicket};

pub(crate) type Done = Result<(), FederationError>;

/// Threads that only move bytes and frames; what blocks has others.
const WORKERS: usize = 2;
/// Bodies and looks at disks that run at once, of all friends together.
const BLOCKING_MAX: usize = 128;
/// What still runs at the end is waited for no longer.
const END_WITHIN: Duration = Duration::from_secs(5);

/// A running federation. Dropping it ends everything politely, as [`Self::stop`] does.
#[derive(Debug)]
pub struct Federation {
    pub(crate) core: Arc<Core>,
    runtime: Mutex<Option<Runtime>>,
}

impl Drop for Federation {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Federation {
    /// Begins to listen and to dial, and goes on with every friend of whom there is a log.
    pub fn start(settings: Settings, house: Arc<dyn House>) -> Result<Self, FederationError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .max_blocking_threads(BLOCKING_MAX)
            .thread_name("federation")
            .enable_all()
            .build()
            .map_err(|error| FederationError::Listen(error.to_string()))?;
        let core = Core::start(&settings, house, runtime.handle().clone())?;
        Ok(Self { core, runtime: Mutex::new(Some(runtime)) })
    }

    /// Says goodbye to everybody and ends, whoever else still has this handle; a second time is none.
    /// Calls that wait for a friend end with an error. What is on its way goes on after the next start,
    /// for which the port is free when this returns.
    pub fn stop(&self) {
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(runtime) = runtime.take() else { return };
        self.core.callers.shut(true);
        self.core.stop();
        // Their waits end with their lines, and need the runtime's clock until then.
        self.core.callers.all_gone(END_WITHIN);
        runtime.shutdown_timeout(END_WITHIN);
    }

    /// This box, as friends know it.
    pub fn endpoint(&self) -> EndpointId {
        self.core.own()
    }

    /// Where it can be reached just now, in the transport's words.
    pub fn addresses(&self) -> Vec<String> {
        self.core.addresses()
    }

    /// The network of this box changed, or a friend was seen in the house: dial anew.
    pub fn hope(&self) {
        self.core.links().iter().for_each(|link| link.inbox.send(Event::Hope));
    }

    /// Makes an invite with these terms, good for 72 hours. Whoever has the ticket may use it once.
    pub fn invite(&self, terms: Terms) -> Result<Ticket, FederationError> {
        self.core.invite(terms)
    }

    /// Invites that were made here and are not forgotten.
    pub fn invites(&self) -> Vec<InviteView> {
        self.core.invites()
    }

    /// The owner has compared the words, and says yes or no to whoever shows the invite.
    pub fn confirm(&self, invite: InviteId, yes: bool) -> Done {
        self.core.owner_of_invite(invite, InviterEvent::OwnerSaid(yes))
    }

    /// Takes an invite back. One that has become a pact stays one.
    pub fn take_back(&self, invite: InviteId) -> Done {
        self.core.owner_of_invite(invite, InviterEvent::Withdrawn)
    }

    /// Dials whoever made a ticket, proves its secret and shows what it offers. Some seconds.
    pub fn look_at(&self, ticket: &str) -> Result<Preview, FederationError> {
        let _waits = self.core.callers.begin().ok_or(FederationError::Stopped)?;
        self.core.look_at(ticket)
    }

    /// The owner's answer to what [`Self::look_at`] showed. After a yes the box asks until the other
    /// owner has said yes too, also after a restart, and tells [`crate::News::Paired`].
    pub fn accept(&self, invite: InviteId, yes: bool) -> Done {
        let _waits = self.core.callers.begin().ok_or(FederationError::Stopped)?;
        self.core.accept(invite, yes)
    }

    /// Tickets to which the owner said yes, and the other one has not.
    pub fn waiting_tickets(&self) -> Vec<WaitingTicket> {
        self.core.waiting_tickets()
    }

    /// All friends, those whose pact is over among them.
    pub fn friends(&self) -> Vec<FriendView> {
        let links = self.core.links();
        links
            .iter()
            .filter_map(|link| self.core.call(link.id, |friend| friend.view()).ok())
            .collect()
    }

    /// Forgets a friend for good. Refused while the pact stands, while anything is kept on either side, and
    /// until its box knows.
    pub fn forget(&self, friend: FriendId) -> Done {
        self.core.forget(friend)
    }

    /// Whether [`Self::forget`] would be refused.
    pub fn may_forget(&self, friend: FriendId) -> Done {
        self.core.call(friend, |friend| friend.may_be_forgotten())?
    }

    /// One friend.
    pub fn friend(&self, friend: FriendId) -> Result<FriendView, FederationError> {
        self.core.call(friend, |friend| friend.view())
    }

    /// What should be at this friend's and is not, most wanted first; takes the place of what was said
    /// before. At most `peer_proto::limits::QUEUE_MAX`.
    pub fn want(&self, friend: FriendId, items: Vec<Item>) -> Done {
        self.owner(friend, OwnerEvent::Want(items))
    }

    /// What need not be at this friend's any more.
    pub fn unwant(&self, friend: FriendId, roots: Vec<PackId>) -> Done {
        self.owner(friend, OwnerEvent::Unwant(roots))
    }

    /// Asks for a proof of these ranges; the outcome is told as `OwnerNews::Audited`.
    pub fn audit(&self, friend: FriendId, audit: Audit) -> Done {
        self.owner(friend, OwnerEvent::Audit(audit))
    }

    /// The copies at a friend as the records say.
    pub fn copies(
        &self,
        friend: FriendId,
    ) -> Result<Vec<peer_proto::owner::Copy>, FederationError> {
        self.core.call(friend, |friend| friend.copies())
    }

    /// Fetches parts of a pack back, all of it when there are no ranges. Each piece is proven against
    /// the pack's name before `take` sees it, with its place. Returns the pack's length.
    pub fn fetch(
        &self,
        friend: FriendId,
        root: PackId,
        ranges: &[ByteRange],
        take: &mut dyn FnMut(u64, &[u8]) -> io::Result<()>,
    ) -> Result<Bytes, FederationError> {
        let _waits = self.core.callers.begin().ok_or(FederationError::Stopped)?;
        let way = self.core.call(friend, |friend| friend.way())?;
        let way = way.ok_or_else(|| FederationError::NotReached("it is not there".to_owned()))?;
        friend::fetch(&way, (root, ranges), take)
    }

    /// Writes a message, which waits for the friend for up to 30 days, and says its number.
    pub fn say(
        &self,
        friend: FriendId,
        kind: NoteKind,
        text: &str,
        circle: Option<[u8; 16]>,
    ) -> Result<u64, FederationError> {
        let text = text.to_owned();
        self.core.call(friend, move |friend| friend.write((kind, &text), circle))?
    }

    /// Which own messages wait, and what became of the others.
    pub fn sent(&self, friend: FriendId) -> Result<Sent, FederationError> {
        self.core.call(friend, |friend| friend.sent())
    }

    /// The records with which a box that lost all others of this friend goes on: to be written in place of its
    /// log before a start, by [`crate::taken_over`]. Old ones make nobody let go of anything.
    pub fn essence(&self, friend: FriendId) -> Result<Vec<Vec<u8>>, FederationError> {
        self.core.call(friend, |friend| friend.essence())?
    }

    /// What the friend wrote, oldest first.
    pub fn inbox(&self, friend: FriendId) -> Result<Vec<Note>, FederationError> {
        self.core.call(friend, |friend| friend.inbox_of_notes())
    }

    /// There is a new head: every friend is to witness it. Also after unlocking, to have links signed.
    pub fn head(&self, head: OwnHead) {
        self.all(move |friend| friend.head_asked(head));
    }

    /// The same, for one friend.
    pub fn head_to(&self, friend: FriendId, head: OwnHead) -> Done {
        self.core.call(friend, move |friend| friend.head_asked(head))?
    }

    /// The owner has looked: this box is right, whatever this friend has seen. What it saw last and nobody
    /// here knows ([`FriendView::strange`]) is settled by a head in which the recovery key says so.
    pub fn reconciled(&self, friend: FriendId, begins: Option<OwnHead>) -> Done {
        self.core.call(friend, move |friend| friend.reconciled(begins))?
    }

    /// Disks came, went, or have another room: [`House::shelves`] is asked again.
    pub fn shelves_changed(&self) {
        self.core.disks.shut(false);
        self.all(Friend::new_shelves);
    }

    /// The box needs its disks for itself: every body that is read or written here ends, and is asked for
    /// again later. Until [`Self::shelves_changed`] no disk is used. Waits until nothing here holds one;
    /// false when that took longer than `within`.
    pub fn let_go_of_shelves(&self, within: Duration) -> bool {
        self.core.disks.shut(true);
        for link in self.core.links() {
            // Held until the thread has heard it, or has ended.
            let until_heard = self.core.disks.hold();
            link.inbox.send(Event::Call(Box::new(move |friend| {
                friend.let_go_of_shelves();
                drop(until_heard);
            })));
        }
        self.core.disks.all_gone(within)
    }

    /// A time server or this box's owner says that the clock is right. Never a friend.
    pub fn clock_agreed(&self) {
        self.all(Friend::clock_agreed);
    }

    /// A scrub found that a pack kept for a friend is gone or wrong.
    pub fn rotten(&self, friend: FriendId, root: PackId) -> Done {
        self.core.call(friend, move |friend| friend.is_rotten(root))?
    }

    fn owner(&self, friend: FriendId, event: OwnerEvent) -> Done {
        self.core.call(friend, |friend| friend.owner_asked(event))?
    }

    /// To everybody, without waiting; what cannot be written down is told by each as its news.
    fn all(&self, what: impl FnOnce(&mut Friend) -> Done + Clone + Send + 'static) {
        for link in self.core.links() {
            let what = what.clone();
            link.inbox.send(Event::Call(Box::new(move |friend| drop(what(friend)))));
        }
    }
}
