//! A line to the door for pairing of another box, from the side that dials: one request after the other.
//! Start at [`dial`].

use std::time::Duration;

use iroh::endpoint::{Connection, ConnectionError};
use peer_proto::invite::Session;
use peer_proto::limits;
use peer_proto::wire::{ALPN_PAIR, ByeWhy, PairAsk, PairSay};
use tokio::time::timeout;
use types::EndpointId;

use crate::core::Core;
use crate::endpoint::{self, Addresses};
use crate::error::FederationError;
use crate::frames::{self, FRAME_WITHIN, STRANGERS_LEN_MAX};
use crate::gate::code;
use crate::knock::exported;

/// Dials at a box that has no place just now, and the pause between them.
pub(crate) const BUSY_TRIES: usize = 4;
pub(crate) const BUSY_PAUSE: Duration = Duration::from_millis(500);

/// Dials; the handshake proves that it is that box.
pub(crate) async fn dial(
    core: &Core,
    endpoint: EndpointId,
    addresses: &Addresses,
) -> Result<Connection, FederationError> {
    let texts = addresses.items().iter().map(peer_proto::wire::Text::as_str);
    let to = endpoint::address(endpoint, texts)
        .ok_or_else(|| FederationError::NotReached("its name is no key".to_owned()))?;
    let within = Duration::from_millis(limits::DIAL_WITHIN.0);
    match timeout(within, core.endpoint.connect(to, ALPN_PAIR)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(FederationError::NotReached(error.to_string())),
        Err(_) => Err(FederationError::NotReached("nobody answered in time".to_owned())),
    }
}

/// What proofs are bound to.
pub(crate) fn session(core: &Core, connection: &Connection) -> Option<Session> {
    let exported = exported(connection)?;
    Some(Session { exported, inviter: endpoint::remote(connection), invitee: core.own() })
}

/// One request and its answer; none when there was none.
pub(crate) async fn ask(connection: &Connection, ask: &PairAsk) -> Option<PairSay> {
    let opened = timeout(FRAME_WITHIN, connection.open_bi()).await;
    let (mut send, mut recv) = opened.ok()?.ok()?;
    if !frames::write(&mut send, ask).await {
        return None;
    }
    drop(send.finish());
    frames::read_up_to(&mut recv, STRANGERS_LEN_MAX, FRAME_WITHIN).await.ok()
}

/// Whether the other box sent this one away because others are being heard.
pub(crate) fn was_sent_away_as_busy(connection: &Connection) -> bool {
    match connection.close_reason() {
        Some(ConnectionError::ApplicationClosed(closed)) => {
            u64::from(closed.error_code) == u64::from(code(ByeWhy::Busy))
        }
        _ => false,
    }
}
