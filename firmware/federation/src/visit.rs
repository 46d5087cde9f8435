//! A visit at the box that made a ticket: dial, prove the secret, show the owner, sign, and ask until
//! the other owner has said yes too.
//!
//! What the owner said yes to is written down in `tickets` before it is said. Start at [`Core::look_at`].

use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::Connection;
use peer_proto::invite::{CheckWords, Invitee, InviteeAction, InviteeEvent, Session, Ticket};
use peer_proto::pact::{PactLife, Part, Side, SignedPact};
use peer_proto::wire::{PairAsk, Refused, Why};
use tokio::task::spawn_blocking;
use types::InviteId;

use crate::core::Core;
use crate::endpoint;
use crate::error::FederationError;
use crate::news::News;
use crate::pairline::{self, BUSY_PAUSE, BUSY_TRIES};
use crate::tickets::{Accepted, ends};
use crate::views::Preview;

/// Tickets that may be looked at at once.
const VISITS_MAX: usize = 4;
/// How often the other box is asked whether its owner has said yes.
const AGAIN_EVERY: Duration = Duration::from_secs(3);

/// One ticket that is being looked at.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    machine: Invitee,
    ticket: Ticket,
    connection: Connection,
    /// What the owner was shown last.
    shown: Option<Preview>,
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

    fn words(&self) -> Option<CheckWords> {
        self.shown.as_ref().map(|shown| shown.words)
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
                        let preview = Preview { invite, who, terms, words, expires };
                        self.shown = Some(preview.clone());
                        came = Came::Shown(preview);
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
        let mut visit = Visit { machine, ticket, connection, shown: None };
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

    /// The owner's answer to what was shown. A yes is durable before anybody hears it.
    pub(crate) fn accept(self: &Arc<Self>, id: InviteId, yes: bool) -> Result<(), FederationError> {
        let taken = self.at_visits(|visits| visits.remove(&id));
        let mut visit = taken.ok_or(FederationError::NoInvite(id))?;
        let shown = visit.shown.clone().ok_or(FederationError::NoInvite(id))?;
        if yes {
            self.keep_ticket(id, Accepted::new(&visit.ticket, &shown))?;
        }
        let came = self.runtime.block_on(visit.drive(self, InviteeEvent::OwnerSaid(yes)));
        let done = match came {
            Came::Failed(_) if !yes => Ok(()),
            Came::Failed(refused) => Err(FederationError::Refused(refused)),
            Came::Paired(signed) => self.paired(&visit, *signed),
            Came::Waits | Came::Broken | Came::Shown(_) => {
                let ticket = visit.ticket.clone();
                self.runtime.spawn(ask_on(Arc::clone(self), ticket, *shown.who, Some(visit)));
                return Ok(());
            }
        };
        if yes {
            self.forget_ticket(id);
        }
        done
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

/// Asks again until both have said yes, or nothing can come of it. Without a visit one is begun: the owner said
/// yes to `who` before a restart.
pub(crate) async fn ask_on(core: Arc<Core>, ticket: Ticket, who: Side, mut visit: Option<Visit>) {
    let invite = ticket.invite;
    while core.now().wall <= ends(&ticket) {
        tokio::select! {
            () = tokio::time::sleep(AGAIN_EVERY) => {}
            () = core.stopped() => return,
        }
        let Some(event) = next(&core, &ticket, &mut visit).await else { continue };
        let Some(visit) = &mut visit else { continue };
        let before = visit.words();
        let mut came = visit.drive(&core, event).await;
        // What the owner agreed to is agreed to, by whichever line: the same box, and the ticket's terms.
        if matches!(&came, Came::Shown(preview) if *preview.who == who) {
            came = visit.drive(&core, InviteeEvent::OwnerSaid(true)).await;
        }
        if let Some(words) = visit.words().filter(|words| Some(*words) != before) {
            core.tell(News::TicketShown { invite, words });
        }
        match came {
            Came::Paired(signed) => return pair(core, visit.clone(), *signed).await,
            Came::Failed(why) => {
                forget(core, invite, Some(News::TicketFailed { invite, why })).await;
                return;
            }
            Came::Waits | Came::Shown(_) | Came::Broken => {}
        }
    }
    forget(core, invite, None).await;
}

/// What to try next: to ask again, or on a new line. None when there is none.
async fn next(
    core: &Arc<Core>,
    ticket: &Ticket,
    visit: &mut Option<Visit>,
) -> Option<InviteeEvent> {
    match visit {
        Some(visit) if visit.connection.close_reason().is_none() => {
            return Some(InviteeEvent::Again);
        }
        Some(visit) => visit.connection = Visit::dial(core, ticket).await.ok()?,
        None => {
            let house = Arc::clone(&core.house);
            // Who this box is stands in the vault: a locked box waits.
            let own = spawn_blocking(move || house.side()).await.ok()??;
            let machine = Invitee::new(ticket, own, core.now().wall).ok()?;
            let connection = Visit::dial(core, ticket).await.ok()?;
            let ticket = ticket.clone();
            *visit = Some(Visit { machine, ticket, connection, shown: None });
        }
    }
    visit.as_ref()?.session(core).map(InviteeEvent::Connected)
}

/// The pact is there, and then the ticket is forgotten.
async fn pair(core: Arc<Core>, visit: Visit, signed: SignedPact) {
    let done = spawn_blocking(move || {
        core.paired(&visit, signed)?;
        core.forget_ticket(visit.ticket.invite);
        Ok::<(), FederationError>(())
    });
    if let Ok(Err(error)) = done.await {
        tracing::error!(%error, "a pact could not be written down");
    }
}

async fn forget(core: Arc<Core>, invite: InviteId, news: Option<News>) {
    let done = spawn_blocking(move || {
        core.forget_ticket(invite);
        news.into_iter().for_each(|news| core.tell(news));
    });
    drop(done.await);
}
