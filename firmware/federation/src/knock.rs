//! Whoever comes for pairing: anybody, as long as an invite is open.
//!
//! At most a small frame is read of them, a few times a second for all together. Start at [`serve`].

use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, RecvStream, SendStream};
use peer_proto::invite::{EXPORT_LABEL, InviterEvent, Session};
use peer_proto::rate::Over;
use peer_proto::wire::{ByeWhy, PairAsk, PairSay, Why};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use types::EndpointId;

use crate::core::Core;
use crate::endpoint;
use crate::frames::{self, FRAME_WITHIN, NoFrame, STRANGERS_LEN_MAX};
use crate::gate::code;

/// A connection on which nothing is asked is closed.
const IDLE: Duration = Duration::from_secs(60);

/// Keying material of a connection, as both prove an invite with it.
pub(crate) fn exported(connection: &Connection) -> Option<[u8; 32]> {
    let mut exported = [0; 32];
    connection.export_keying_material(&mut exported, EXPORT_LABEL, b"").ok()?;
    Some(exported)
}

/// Hears somebody who came for pairing, one request after the other.
pub(crate) async fn serve(core: &Arc<Core>, connection: &Connection) {
    let Some(exported) = exported(connection) else { return };
    let (inviter, invitee) = (core.own(), endpoint::remote(connection));
    let session = Session { exported, inviter, invitee };
    loop {
        let ends = tokio::select! {
            ends = timeout(IDLE, connection.accept_bi()) => ends,
            () = core.stopped() => return,
        };
        let Ok(Ok(ends)) = ends else { break };
        if !serve_one(core, connection, session, ends).await {
            break;
        }
    }
    connection.close(code(ByeWhy::Shutdown).into(), b"");
}

/// Whether the connection goes on.
async fn serve_one(
    core: &Arc<Core>,
    connection: &Connection,
    session: Session,
    (mut send, mut recv): (SendStream, RecvStream),
) -> bool {
    let uptime = core.now().uptime;
    let read = frames::read_up_to::<PairAsk>(&mut recv, STRANGERS_LEN_MAX, FRAME_WITHIN).await;
    let say = match (core.at_desk(|desk| desk.asks.asked(uptime)), read) {
        (_, Err(NoFrame::Gone)) => return false,
        (Err(Over::Cut), _) => {
            connection.close(code(ByeWhy::Flood).into(), b"");
            return false;
        }
        (Err(Over::Wait(refused)), _) => Some(PairSay::Refused(refused)),
        (Ok(()), Err(NoFrame::Wire(error))) => Some(PairSay::Refused(error.refusal())),
        (Ok(()), Ok(ask)) => {
            let (core, from) = (Arc::clone(core), session.invitee);
            let addresses = endpoint::remote_texts(connection);
            let heard = spawn_blocking(move || heard(&core, session, from, ask, addresses));
            heard.await.ok().flatten()
        }
    };
    match say {
        Some(say) if frames::write(&mut send, &say).await => send.finish().is_ok(),
        _ => false,
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
        // A fresh box of a friend: not known to this version.
        PairAsk::Return(_) => return Some(PairSay::Refused(Why::NotUnderstood.with(3))),
    };
    match core.desk_step(id, event, addresses) {
        Ok(say) => say,
        Err(error) => {
            tracing::warn!(%error, "an invite was not answered");
            None
        }
    }
}
