//! Tells the service manager how it goes: ready, stopping, and that it is alive.
//!
//! A datagram to the socket in `NOTIFY_SOCKET`, as `sd_notify(3)` describes it; without one nothing
//! is sent. A manager that does not listen is no reason to stop or to wait. Start at [`Notifier::from_env`].

use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use types::Millis;

use crate::supervisor::Supervisor;

/// Where to tell it.
#[derive(Debug, Default)]
pub struct Notifier {
    to: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Millis>,
}

impl Notifier {
    /// What the environment says.
    pub fn from_env() -> Self {
        let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
        let mine = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let watchdog = number("WATCHDOG_USEC").filter(|_| mine).map(|usec| Millis(usec / 1_000));
        Self::new(std::env::var_os("NOTIFY_SOCKET").as_deref(), watchdog)
    }

    /// Tells this socket; `@` begins one without a file.
    pub fn new(socket: Option<&OsStr>, watchdog: Option<Millis>) -> Self {
        let to = socket.and_then(|name| {
            let address = match name.as_bytes() {
                [b'@', rest @ ..] => SocketAddr::from_abstract_name(rest),
                _ => SocketAddr::from_pathname(name),
            };
            let socket = UnixDatagram::unbound().ok()?;
            // A manager that is too busy to listen must not hold up the box.
            socket.set_nonblocking(true).ok()?;
            Some((socket, address.ok()?))
        });
        Self { to, watchdog: watchdog.filter(|span| span.0 > 0) }
    }

    /// How often it has to hear that the box is alive: twice as often as it asks for.
    pub fn alive_every(&self) -> Option<Millis> {
        self.watchdog.map(|span| Millis((span.0 / 2).max(1)))
    }

    /// The box serves.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// The box stops.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// The box is alive.
    pub fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    fn tell(&self, what: &str) {
        if let Some((socket, address)) = &self.to
            && let Err(error) = socket.send_to_addr(what.as_bytes(), address)
        {
            tracing::debug!(%error, what, "the service manager did not hear");
        }
    }
}

impl Supervisor {
    /// Tells the service manager that the box serves.
    pub fn is_ready(&self) {
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "the box is ready");
        self.setup.notifier.ready();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The queue of a socket holds some ten datagrams. Whoever conducts a box once stood still at the
    /// eleventh, because nobody read them.
    #[test]
    fn a_manager_that_does_not_listen_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let notifier = Notifier::new(Some(path.as_os_str()), None);
        for _ in 0..10_000 {
            notifier.alive();
        }
        let mut buffer = [0; 16];
        let len = manager.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], b"WATCHDOG=1");
    }
}
