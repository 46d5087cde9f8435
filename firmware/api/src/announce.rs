//! Tells the house where the box is: `NAME.local`, and `_https._tcp` for whoever looks around.
//!
//! When another one has the name already, this one is called `NAME-2`, as the standard has it. Start at
//! [`start`].

use std::net::SocketAddr;

use mdns_sd::{ServiceDaemon, ServiceInfo};

const KIND: &str = "_https._tcp.local.";

/// The box is announced until this is dropped.
#[derive(Debug)]
pub(crate) struct Announced(Daemon);

struct Daemon(ServiceDaemon);

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Daemon")
    }
}

/// Announces it. A house that cannot be told is a matter for the log: the box answers all the same.
pub(crate) fn start(name: &str, at: SocketAddr) -> Option<Announced> {
    match announced(name, at) {
        Ok(daemon) => Some(Announced(Daemon(daemon))),
        Err(error) => {
            tracing::warn!(%error, "the house cannot be told where the box is");
            None
        }
    }
}

fn announced(name: &str, at: SocketAddr) -> Result<ServiceDaemon, mdns_sd::Error> {
    let daemon = ServiceDaemon::new()?;
    let host = format!("{name}.local.");
    let facts = [("path", "/")];
    let info = match at.ip() {
        // All addresses, as they come and go.
        any if any.is_unspecified() => {
            ServiceInfo::new(KIND, name, &host, "", at.port(), &facts[..])?.enable_addr_auto()
        }
        one => ServiceInfo::new(KIND, name, &host, one, at.port(), &facts[..])?,
    };
    daemon.register(info)?;
    Ok(daemon)
}

impl Drop for Announced {
    fn drop(&mut self) {
        // Says goodbye; nobody waits for whether it was heard.
        drop(self.0.0.shutdown());
    }
}
