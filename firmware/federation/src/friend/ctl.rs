//! Tasks of one control connection: what goes out, one after the other, and what comes in. Nothing is
//! decided here. Start at [`hear`] and [`speak`].

use std::sync::Arc;
use std::time::Duration;

use iroh::Endpoint;
use iroh::EndpointAddr;
use iroh::endpoint::{Connection, ConnectionError, RecvStream, SendStream};
use peer_proto::host::LineId;
use peer_proto::limits;
use peer_proto::wire::{ALPN_CTL, ALPN_PACK, ByeWhy, CtlAsk, CtlSay, Hello};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::events::{Event, Inbox};
use crate::frames::{self, FRAME_WITHIN, NoFrame};

/// A dial that takes longer has failed.
pub(super) const DIAL_WITHIN: Duration = Duration::from_millis(limits::DIAL_WITHIN.0);
/// Requests on a control connection that are heard at once: they are small, and few.
const HEARD_AT_ONCE: usize = 4;
/// A goodbye takes no longer.
const GOODBYE_WITHIN: Duration = Duration::from_secs(5);

/// What goes out on a control connection.
#[derive(Debug)]
pub(super) enum ToCtl {
    Ask(Box<CtlAsk>),
    /// Close it once all before is answered.
    Close(u32),
}

/// Dials for control and says hello. Only a friend who says hello too is there.
pub(super) async fn dial(endpoint: Endpoint, to: EndpointAddr, hello: Hello, inbox: Inbox) {
    let failed = |why: String| Event::DialFailed { why, code: None };
    let dialled = async {
        let connection = match endpoint.connect(to, ALPN_CTL).await {
            Ok(connection) => connection,
            Err(error) => return failed(error.to_string()),
        };
        match ask(&connection, &CtlAsk::Hello(Box::new(hello))).await {
            Some(CtlSay::Hello(hello)) => Event::CtlUp { connection, hello: Some(hello) },
            Some(CtlSay::Refused(refused)) => failed(format!("refused: {:?}", refused.why)),
            Some(CtlSay::Taken) | None => not_let_in(&connection),
        }
    };
    let event = timeout(DIAL_WITHIN, dialled).await;
    inbox.send(event.unwrap_or_else(|_| failed("nobody answered in time".to_owned())));
}

/// A gate that is shut lets the handshake end, and closes with its reason as the code.
fn not_let_in(connection: &Connection) -> Event {
    match connection.close_reason() {
        Some(ConnectionError::ApplicationClosed(closed)) => {
            let code = u64::from(closed.error_code);
            let why = match u8::try_from(code).map(ByeWhy::from) {
                Ok(why) => format!("not let in: {why:?}"),
                Err(_) => "not let in: the box does not know this one".to_owned(),
            };
            Event::DialFailed { why, code: Some(code) }
        }
        Some(error) => Event::DialFailed { why: error.to_string(), code: None },
        None => Event::DialFailed { why: "the box did not say hello".to_owned(), code: None },
    }
}

/// Dials for packs.
pub(super) async fn dial_pack(endpoint: Endpoint, to: EndpointAddr, inbox: Inbox) {
    inbox.send(match timeout(DIAL_WITHIN, endpoint.connect(to, ALPN_PACK)).await {
        Ok(Ok(connection)) => Event::PackUp { connection },
        Ok(Err(error)) => Event::PackNotDialled(error.to_string()),
        Err(_) => Event::PackNotDialled("nobody answered in time".to_owned()),
    });
}

/// One request and its answer; none when there was none.
async fn ask(connection: &Connection, ask: &CtlAsk) -> Option<CtlSay> {
    let (mut send, mut recv) = timeout(FRAME_WITHIN, connection.open_bi()).await.ok()?.ok()?;
    if !frames::write(&mut send, ask).await {
        return None;
    }
    drop(send.finish());
    frames::read::<CtlSay>(&mut recv, FRAME_WITHIN).await.ok()
}

/// Says what is to be said, in order.
pub(super) async fn speak(
    line: LineId,
    connection: Connection,
    inbox: Inbox,
    mut to_say: mpsc::UnboundedReceiver<ToCtl>,
) {
    while let Some(next) = to_say.recv().await {
        match next {
            ToCtl::Ask(what) => {
                let say = ask(&connection, &what).await;
                inbox.send(Event::CtlSaid { line, ask: what, say });
            }
            ToCtl::Close(code) => {
                connection.close(code.into(), b"");
                return;
            }
        }
    }
}

/// Closes a connection whatever is still being said on it.
pub(super) async fn close_late(connection: Connection, code: u32) {
    tokio::time::sleep(GOODBYE_WITHIN).await;
    connection.close(code.into(), b"");
}

/// Hears everything that comes, and reports the end of the connection.
pub(super) async fn hear(line: LineId, connection: Connection, inbox: Inbox) {
    let places = Arc::new(Semaphore::new(HEARD_AT_ONCE));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok(streams) = connection.accept_bi().await else { break };
        tokio::spawn(hear_one(line, streams, place, inbox.clone()));
    }
    inbox.send(Event::CtlDown(line));
}

async fn hear_one(
    line: LineId,
    (mut send, mut recv): (SendStream, RecvStream),
    place: OwnedSemaphorePermit,
    inbox: Inbox,
) {
    let say = match frames::read::<CtlAsk>(&mut recv, FRAME_WITHIN).await {
        Ok(ask) => {
            let (reply, said) = oneshot::channel();
            inbox.send(Event::CtlAsked { line, ask: Box::new(ask), reply, place });
            said.await.ok()
        }
        Err(NoFrame::Wire(error)) => {
            inbox.send(Event::Malformed(line));
            Some(CtlSay::Refused(error.refusal()))
        }
        Err(NoFrame::Gone) => None,
    };
    match say {
        Some(say) if frames::write(&mut send, &say).await => drop(send.finish()),
        _ => drop(send.reset(0_u32.into())),
    }
}
