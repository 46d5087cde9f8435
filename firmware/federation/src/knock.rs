//! Whoever comes for pairing: anybody, as long as an invite is open or a friend may come back.
//!
//! At most a small frame is read of them, and soon. How many may stand here and how much they may ask is
//! decided in `places`. Start at [`serve`].

use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, RecvStream};
use peer_proto::invite::{EXPORT_LABEL, InviterEvent, Session};
use peer_proto::rate::Over;
use peer_proto::wire::{ByeWhy, PairAsk, PairSay, Return, Why};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use types::EndpointId;

use crate::core::Core;
use crate::endpoint;
use crate::frames::{self, NoFrame, STRANGERS_LEN_MAX};
use crate::gate::code;
use crate::places::PlaceId;
use crate::returns;

/// A connection on which nothing is asked is closed.
const IDLE: Duration = Duration::from_secs(60);
/// The same of somebody who has proved no invite; its requests have to come whole within this, too.
const STRANGERS_IDLE: Duration = Duration::from_secs(10);

/// Keying material of a connection, as both prove an invite with it.
pub(crate) fn exported(connection: &Connection) -> Option<[u8; 32]> {
    let mut exported = [0; 32];
    connection.export_keying_material(&mut exported, EXPORT_LABEL, b"").ok()?;
    Some(exported)
}

/// Hears somebody who came for pairing, as long as there is a place.
pub(crate) async fn serve(core: &Arc<Core>, connection: &Connection) {
    let who = endpoint::remote(connection);
    let uptime = core.now().uptime;
    let found = core.at_places(|places| places.come(who, connection.clone(), uptime));
    let Some(found) = found else {
        connection.close(code(ByeWhy::Busy).into(), b"others are being heard");
        return;
    };
    if let Some((other, why)) = found.instead_of {
        other.close(code(why).into(), b"another came");
    }
    hear(core, connection, found.place).await;
    core.at_places(|places| places.left(who, found.place));
}

/// One request after the other.
async fn hear(core: &Arc<Core>, connection: &Connection, place: PlaceId) {
    let Some(exported) = exported(connection) else { return };
    let (inviter, invitee) = (core.own(), endpoint::remote(connection));
    let session = Session { exported, inviter, invitee };
    let mut patience = STRANGERS_IDLE;
    loop {
        let ends = tokio::select! {
            ends = timeout(patience, connection.accept_bi()) => ends,
            () = core.stopped() => return,
        };
        let Ok(Ok((mut send, recv))) = ends else { break };
        let Some(say) = answer(core, connection, (session, place), (recv, patience)).await else {
            break;
        };
        if is_proof(&say) {
            patience = IDLE;
            core.at_places(|places| places.proved(invitee, place));
        }
        if !frames::write(&mut send, &say).await || send.finish().is_err() {
            break;
        }
    }
    connection.close(code(ByeWhy::Shutdown).into(), b"");
}

/// Whether only somebody is told so who has proved an invite, or whose box it is.
fn is_proof(say: &PairSay) -> bool {
    matches!(
        say,
        PairSay::Known(_)
            | PairSay::Waiting
            | PairSay::Agreed(_)
            | PairSay::Returned(_)
            | PairSay::Leaving(_)
    )
}

/// What a request is answered with; none when the connection is over.
async fn answer(
    core: &Arc<Core>,
    connection: &Connection,
    (session, place): (Session, PlaceId),
    (mut recv, patience): (RecvStream, Duration),
) -> Option<PairSay> {
    let read = frames::read_up_to::<PairAsk>(&mut recv, STRANGERS_LEN_MAX, patience).await;
    let (from, uptime) = (session.invitee, core.now().uptime);
    match (core.at_places(|places| places.asked(from, place, uptime)), read) {
        (_, Err(NoFrame::Gone)) => None,
        (Err(Over::Cut), _) => {
            connection.close(code(ByeWhy::Flood).into(), b"");
            None
        }
        (Err(Over::Wait(refused)), _) => Some(PairSay::Refused(refused)),
        (Ok(()), Err(NoFrame::Wire(error))) => Some(PairSay::Refused(error.refusal())),
        (Ok(()), Ok(ask)) => {
            let core = Arc::clone(core);
            let addresses = endpoint::remote_texts(connection);
            let heard = spawn_blocking(move || heard(&core, session, from, ask, addresses));
            heard.await.ok().flatten()
        }
    }
}

/// The answer to a request; none when it could not be written down.
fn heard(
    core: &Arc<Core>,
    session: Session,
    from: EndpointId,
    ask: PairAsk,
    addresses: Vec<String>,
) -> Option<PairSay> {
    let (id, event) = match ask {
        PairAsk::Knock(knock) => (knock.invite, InviterEvent::Knocked { session, knock }),
        PairAsk::Accept(accept) => (accept.pact.id, InviterEvent::Accepted { from, accept }),
        PairAsk::Decline(invite) => (invite, InviterEvent::Declined { from }),
        PairAsk::Return(asked) => return returned(core, session, &asked, &addresses),
    };
    match core.desk_step(id, event, addresses) {
        Ok(say) => say,
        Err(error) => {
            tracing::warn!(%error, "an invite was not answered");
            None
        }
    }
}

/// Somebody says that it is a friend's fresh box; who was wrong too often is not listened to for a while.
fn returned(
    core: &Core,
    session: Session,
    asked: &Return,
    addresses: &[String],
) -> Option<PairSay> {
    let (who, uptime) = (session.invitee, core.now().uptime);
    if let Some(wait) = core.at_places(|places| places.waits(who, uptime)) {
        return Some(PairSay::Refused(Why::Busy.with(wait.0)));
    }
    let say = returns::hear(core, session, asked, addresses);
    let is_wrong =
        matches!(&say, Some(PairSay::Refused(no)) if matches!(no.why, Why::BadProof | Why::NoPact));
    if is_wrong {
        core.at_places(|places| places.was_wrong(who, uptime));
    }
    say
}
