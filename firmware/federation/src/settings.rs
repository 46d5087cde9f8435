//! With what a federation is started: the box's key, where it listens, who may help two boxes to meet.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// The box's own Ed25519 secret, by which friends know it. Wiped when dropped, never shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct EndpointSecret([u8; 32]);

impl EndpointSecret {
    /// These bytes, from the box's settings; a new box draws them.
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for EndpointSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndpointSecret(..)")
    }
}

/// Who may help two boxes to find each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Nobody: only addresses that were told. The usual, until an owner invites somebody.
    #[default]
    Nothing,
    /// The network of the house: the box is announced there by mDNS, with its id and addresses.
    SameHouse,
    /// The public meeting point of iroh's makers. It sees ids and addresses, never data; the box is
    /// announced in the house too.
    MeetingPoint,
    /// A relay of the owner's own, or of somebody who is trusted with addresses.
    Relay {
        /// Its https address.
        url: String,
        /// The certificate authority that it is known by, as DER; the public ones when there is none.
        ca: Option<Vec<u8>>,
    },
}

/// With what a federation is started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The box's key.
    pub secret: EndpointSecret,
    /// Where to listen, UDP; every address of the box and any port when there is none.
    pub listen: Vec<SocketAddr>,
    /// Addresses under which the box is reached from outside, by a forwarded port.
    pub outside: Vec<SocketAddr>,
    /// Who may help to meet.
    pub reach: Reach,
    /// How often time passes for the machines.
    pub tick: Duration,
}

impl Settings {
    /// The usual, for this key: any port, nobody who helps.
    pub fn new(secret: EndpointSecret) -> Self {
        let tick = Duration::from_secs(1);
        Self { secret, listen: Vec::new(), outside: Vec::new(), reach: Reach::default(), tick }
    }
}
