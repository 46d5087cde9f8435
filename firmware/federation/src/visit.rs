//! A visit at the box that made a ticket: dial, prove the secret, show the owner, sign, and ask until
//! the other owner has said yes too.
//!
//! Nothing of it is written down before there is a pact: after a restart the ticket is looked at
//! again. Start at [`Core::look_at`].

use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::Connection;
use peer_proto::invite::{Invitee, InviteeAction, InviteeEvent, Session, Ticket};
use peer_proto::limits;
use peer_proto::pact::{PactLife, Part, SignedPact};
use peer_proto::wire::{PairAsk, Refused, Why};
use tokio::task::spawn_blocking;
use types::InviteId;

use crate::core::Core;
use crate::endpoint;
use crate::error::FederationError;
use crate::news::News;
use crate::pairline::{self, BUSY_PAUSE, BUSY_TRIES};
use crate::views::Preview;

/// Tickets that may be looked at at once.
const VISITS_MAX: usize = 4;
/// How often the other box is asked whether its owner has said yes.
const AGAIN_EVERY: Duration = Duration::from_secs(3);

/// One ticket that is being looked at.
#[derive(Debug)]
pub(crate) struct Visit {
    machine: Invitee,
    ticket: Ticket,
    connection: Connection,
}

/// What a step of a visit came to.
enum Came {
    Shown(Preview),
    Waits,
    Paired(Box<SignedPact>),
    Failed(Refused),
    /// The line broke: to be dialled anew.
    Broken,
}

impl Visit {
    async fn dial(core: &Core, ticket: &Ticket) -> Result<Connection, FederationError> {
        pairline::dial(core, ticket.endpoint, &ticket.addresses).await
    }

    fn session(&self, core: &Core) -> Option<Session> {
        pairline::session(core, &self.connection)
    }

    fn was_sent_away_as_busy(&self) -> bool {
        pairline::was_sent_away_as_busy(&self.connection)
    }

    /// Feeds the machine until it waits for somebody.
    async fn drive(&mut self, core: &Core, event: InviteeEvent) -> Came {
        let mut events = vec![event];
        let mut came = Came::Broken;
        while let Some(event) = events.pop() {
            let wall = core.now().wall;
            for action in self.machine.step(wall, event, &core.signer) {
                match action {
                    InviteeAction::Ask(ask) => match pairline::ask(&self.connection, &ask).await {
                        Some(say) => events.push(InviteeEvent::Said(say)),
                        None if matches!(*ask, PairAsk::Decline(_)) => {}
                        None => return Came::Broken,
                    },
                    InviteeAction::AskOwner { who, terms, words } => {
                        let (invite, expires) = (self.ticket.invite, self.machine.expires());
                        came = Came::Shown(Preview { invite, who, terms, words, expires });
                    }
                    InviteeAction::Wait => came = Came::Waits,
                    InviteeAction::Paired(pact) => return Came::Paired(pact),
                    InviteeAction::Failed(refused) => return Came::Failed(refused),
                }
            }
        }
        came
    }
}

impl Core {
    /// Dials whoever made the ticket, and shows what it offers.
    pub(crate) fn look_at(&self, text: &str) -> Result<Preview, FederationError> {
        let ticket = Ticket::parse(text)?;
        let own = self.house.side().ok_or(FederationError::NoVault)?;
        let now = self.now().wall;
        let machine = Invitee::new(&ticket, own, now).map_err(FederationError::Refused)?;
        self.runtime.block_on(async {
            for _ in 0..BUSY_TRIES {
                if let Some(preview) = self.look_once(machine.clone(), ticket.clone()).await? {
                    return Ok(preview);
                }
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            let why = "others stand at its door; look at the ticket again in a minute".to_owned();
            Err(FederationError::NotReached(why))
        })
    }

    /// None when the box was there and had no place.
    async fn look_once(
        &self,
        machine: Invitee,
        ticket: Ticket,
    ) -> Result<Option<Preview>, FederationError> {
        let connection = Visit::dial(self, &ticket).await?;
        let mut visit = Visit { machine, ticket, connection };
        let Some(session) = visit.session(self) else { return Err(FederationError::Broken) };
        match visit.drive(self, InviteeEvent::Connected(session)).await {
            Came::Shown(preview) => {
                self.put_visit(visit)?;
                Ok(Some(preview))
            }
            Came::Failed(refused) => Err(FederationError::Refused(refused)),
            Came::Broken if visit.was_sent_away_as_busy() => Ok(None),
            Came::Broken if visit.connection.close_reason().is_some() => {
                let why = "it takes no invites just now".to_owned();
                Err(FederationError::NotReached(why))
            }
            Came::Broken | Came::Waits | Came::Paired(_) => Err(FederationError::Broken),
        }
    }

    fn put_visit(&self, visit: Visit) -> Result<(), FederationError> {
        self.at_visits(|visits| {
            let id = visit.ticket.invite;
            if visits.len() >= VISITS_MAX && !visits.contains_key(&id) {
                // Whoever looks at many tickets has the oldest forgotten.
                visits.pop_first();
            }
            visits.insert(id, visit);
        });
        Ok(())
    }

    /// The owner's answer to what was shown.
    pub(crate) fn accept(self: &Arc<Self>, id: InviteId, yes: bool) -> Result<(), FederationError> {
        let taken = self.at_visits(|visits| visits.remove(&id));
        let mut visit = taken.ok_or(FederationError::NoInvite(id))?;
        let came = self.runtime.block_on(visit.drive(self, InviteeEvent::OwnerSaid(yes)));
        match came {
            Came::Failed(_) if !yes => Ok(()),
            Came::Failed(refused) => Err(FederationError::Refused(refused)),
            Came::Paired(signed) => self.paired(&visit, *signed),
            Came::Waits | Came::Broken | Came::Shown(_) => {
                self.runtime.spawn(ask_on(Arc::clone(self), visit));
                Ok(())
            }
        }
    }

    fn paired(self: &Arc<Self>, visit: &Visit, signed: SignedPact) -> Result<(), FederationError> {
        let told = visit.ticket.addresses.items().iter().map(|text| text.as_str().to_owned());
        let mut addresses: Vec<String> = told.collect();
        addresses.extend(endpoint::remote_texts(&visit.connection));
        addresses.dedup();
        let bad = FederationError::Refused(Why::BadProof.plain());
        self.befriend(PactLife::new(Part::Invitee, signed).ok_or(bad)?, addresses, false)
    }
}

/// Asks again until both have said yes, or nothing can come of it.
async fn ask_on(core: Arc<Core>, mut visit: Visit) {
    let invite = visit.ticket.invite;
    let ends = visit.ticket.expires.plus(limits::INVITE_AGAIN_FOR);
    while core.now().wall <= ends {
        tokio::select! {
            () = tokio::time::sleep(AGAIN_EVERY) => {}
            () = core.stopped() => return,
        }
        let event = if visit.connection.close_reason().is_none() {
            Some(InviteeEvent::Again)
        } else if let Ok(connection) = Visit::dial(&core, &visit.ticket).await {
            visit.connection = connection;
            visit.session(&core).map(InviteeEvent::Connected)
        } else {
            None
        };
        let Some(event) = event else { continue };
        match visit.drive(&core, event).await {
            Came::Paired(signed) => {
                let paired = spawn_blocking(move || core.paired(&visit, *signed)).await;
                if let Ok(Err(error)) = paired {
                    tracing::error!(%error, "a pact could not be written down");
                }
                return;
            }
            Came::Failed(why) => {
                core.tell(News::TicketFailed { invite, why });
                return;
            }
            Came::Waits | Came::Shown(_) | Came::Broken => {}
        }
    }
}
