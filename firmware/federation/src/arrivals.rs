//! Who comes in, and what comes round: connections from outside, the tick, and friends seen in the house.
//! Each goes to the thread or the desk that it is for. Start at [`watch`].

use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::Connection;
use iroh_mdns_address_lookup::{DiscoveryEvent, MdnsAddressLookup};
use n0_future::StreamExt;
use peer_proto::wire::{ALPN_CTL, ALPN_PACK, ALPN_PAIR};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use types::EndpointId;

use crate::core::Core;
use crate::endpoint;
use crate::friend::Event;

/// Handshakes at once.
const HANDSHAKES_MAX: usize = 64;
/// A handshake takes no longer.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// Begins all of it on the core's runtime; each task ends with the core.
pub(crate) fn watch(core: &Arc<Core>, every: Duration, mdns: Option<MdnsAddressLookup>) {
    core.runtime.spawn(accept(Arc::clone(core)));
    core.runtime.spawn(tick(Arc::clone(core), every));
    if let Some(mdns) = mdns {
        core.runtime.spawn(discover(Arc::clone(core), mdns));
    }
}

/// Takes whoever comes, as the gate allows, to the thread or the desk that it is for.
async fn accept(core: Arc<Core>) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    while let Some(incoming) = core.endpoint.accept().await {
        let Ok(place) = Arc::clone(&handshakes).try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        let core = Arc::clone(&core);
        tokio::spawn(async move {
            let Ok(accepting) = incoming.accept() else { return };
            let Ok(Ok(connection)) = timeout(HANDSHAKE_WITHIN, accepting).await else { return };
            drop(place);
            came(&core, connection).await;
        });
    }
}

async fn came(core: &Arc<Core>, connection: Connection) {
    let alpn = connection.alpn();
    if alpn == ALPN_PAIR {
        crate::knock::serve(core, &connection).await;
        return;
    }
    let Some(link) = core.link_of(endpoint::remote(&connection)) else {
        connection.close(crate::gate::STRANGER.into(), b"not let in");
        return;
    };
    if alpn == ALPN_CTL {
        link.inbox.send(Event::CtlUp { connection, hello: None });
    } else if alpn == ALPN_PACK {
        link.inbox.send(Event::PackUp { connection });
    }
}

async fn tick(core: Arc<Core>, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => core.links().iter().for_each(|link| link.inbox.tick()),
            () = core.stopped() => return,
        }
    }
}

/// A friend who is seen in the house is dialled at once.
async fn discover(core: Arc<Core>, mdns: MdnsAddressLookup) {
    let mut seen = mdns.subscribe().await;
    loop {
        let event = tokio::select! {
            event = seen.next() => event,
            () = core.stopped() => return,
        };
        match event {
            Some(DiscoveryEvent::Discovered { endpoint_info, .. }) => {
                let who = EndpointId(*endpoint_info.endpoint_id.as_bytes());
                if let Some(link) = core.link_of(who) {
                    link.inbox.send(Event::Hope);
                }
            }
            Some(_) => {}
            None => return,
        }
    }
}
