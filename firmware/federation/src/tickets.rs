//! Tickets of others to which this owner said yes: written down before the yes is said, and gone on with after a
//! restart, until there is a pact or nothing can come of it.
//!
//! A yes is for one box and its terms: whoever answers as somebody else after a restart is told nothing. Start
//! at [`Core::go_on_with_tickets`].

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use peer_proto::invite::Ticket;
use peer_proto::limits;
use peer_proto::pact::Side;
use serde::{Deserialize, Serialize};
use types::{InviteId, UnixTime};

use crate::core::Core;
use crate::error::FederationError;
use crate::house::{House, Log};
use crate::views::{Preview, WaitingTicket};
use crate::visit::ask_on;

/// One of them, as it is written down.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Accepted {
    /// The ticket's text: it can be typed in again as well.
    text: String,
    /// To whom the owner said yes.
    pub(crate) who: Side,
    /// What the other screen showed last.
    words: [String; 3],
}

impl std::fmt::Debug for Accepted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accepted").field("who", &self.who).finish_non_exhaustive()
    }
}

impl Accepted {
    pub(crate) fn new(ticket: &Ticket, shown: &Preview) -> Self {
        Self {
            text: ticket.text().to_string(),
            who: (*shown.who).clone(),
            words: shown.words.0.map(str::to_owned),
        }
    }

    fn ticket(&self) -> Option<Ticket> {
        Ticket::parse(&self.text).ok()
    }

    fn bytes(&self) -> Vec<u8> {
        // Nothing in it has an unknown length, which is all that postcard refuses.
        postcard::to_allocvec(self).unwrap_or_default()
    }
}

/// Until when it is asked whether the other owner said yes.
pub(crate) fn ends(ticket: &Ticket) -> UnixTime {
    ticket.expires.plus(limits::INVITE_AGAIN_FOR)
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Tickets(Mutex<BTreeMap<InviteId, Accepted>>);

impl Tickets {
    /// What was written down.
    pub(crate) fn load(house: &dyn House) -> Result<Self, FederationError> {
        let mut all = BTreeMap::new();
        for bytes in house.records(Log::Tickets).map_err(FederationError::records)? {
            // One that does not read keeps nobody from anything: the ticket can be looked at again.
            let Ok((accepted, [])) = postcard::take_from_bytes::<Accepted>(&bytes) else {
                continue;
            };
            all.extend(accepted.ticket().map(|ticket| (ticket.invite, accepted)));
        }
        Ok(Self(Mutex::new(all)))
    }

    fn change(
        &self,
        house: &dyn House,
        act: impl FnOnce(&mut BTreeMap<InviteId, Accepted>),
    ) -> io::Result<()> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut after = all.clone();
        act(&mut after);
        let records: Vec<Vec<u8>> = after.values().map(Accepted::bytes).collect();
        house.replace(Log::Tickets, &records)?;
        *all = after;
        Ok(())
    }

    fn all(&self) -> BTreeMap<InviteId, Accepted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Core {
    /// Writes down that the owner said yes. Blocks.
    pub(crate) fn keep_ticket(
        &self,
        invite: InviteId,
        accepted: Accepted,
    ) -> Result<(), FederationError> {
        let kept = self.tickets.change(&*self.house, |all| drop(all.insert(invite, accepted)));
        kept.map_err(FederationError::records)
    }

    /// It came to an end. Blocks. What cannot be written is gone on with after the next start, and ends again.
    pub(crate) fn forget_ticket(&self, invite: InviteId) {
        let forgotten = self.tickets.change(&*self.house, |all| drop(all.remove(&invite)));
        if let Err(error) = forgotten {
            tracing::warn!(%error, "a ticket that is over stays written down");
        }
    }

    /// Those that wait for the other owner.
    pub(crate) fn waiting_tickets(&self) -> Vec<WaitingTicket> {
        let one = |(invite, accepted): (InviteId, Accepted)| {
            let ticket = accepted.ticket()?;
            let (terms, expires) = (ticket.terms, ticket.expires);
            let (who, words) = (Box::new(accepted.who), accepted.words);
            Some(WaitingTicket { invite, who, terms, words, expires })
        };
        self.tickets.all().into_iter().filter_map(one).collect()
    }

    /// After a start: asks on.
    pub(crate) fn go_on_with_tickets(self: &Arc<Self>) {
        let now = self.now().wall;
        for (invite, accepted) in self.tickets.all() {
            match accepted.ticket() {
                Some(ticket) if now <= ends(&ticket) => {
                    self.runtime.spawn(ask_on(Arc::clone(self), ticket, accepted.who, None));
                }
                _ => self.forget_ticket(invite),
            }
        }
    }
}
