//! Where the box listens for friends: at the same ports after each start, so that a friend who knows them finds it
//! without anybody's help.
//!
//! Pure. Start at [`at`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// Where the box listens for friends.
#[derive(Clone, Debug, Default)]
pub struct Listening {
    /// UDP; every address and a port that the system chooses once, when there is none.
    pub listen: Vec<SocketAddr>,
    /// Addresses under which the box is reached from outside, by a forwarded port.
    pub outside: Vec<SocketAddr>,
}

/// The ports that the system chose once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    v4: Option<u16>,
    v6: Option<u16>,
}

/// Where to listen: as the settings say, with the ports of last time where they leave that open.
pub fn at(listen: &[SocketAddr], ports: Ports) -> Vec<SocketAddr> {
    let any = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    let every = any.map(|ip| SocketAddr::new(ip, 0));
    let wanted = if listen.is_empty() { &every[..] } else { listen };
    let mut out: Vec<SocketAddr> = Vec::new();
    for address in wanted {
        let known = if address.is_ipv4() { ports.v4 } else { ports.v6 };
        let is_free = |port: &u16| out.iter().all(|one| one.port() != *port);
        let port = known.filter(|port| address.port() == 0 && is_free(port));
        out.push(SocketAddr::new(address.ip(), port.unwrap_or(address.port())));
    }
    out
}

/// The ports at which a box listens that is reached at these addresses.
pub fn ports(addresses: &[String]) -> Ports {
    let all = || addresses.iter().filter_map(|text| text.parse::<SocketAddr>().ok());
    Ports {
        v4: all().find(SocketAddr::is_ipv4).map(|one| one.port()),
        v6: all().find(SocketAddr::is_ipv6).map(|one| one.port()),
    }
}
