//! Which of the addresses that a friend tells of itself are dialled. A friend may be anybody by now, so
//! what it says sends this box to few places, and to none where no friend's box can be.
//!
//! Where a friend was really met is no matter of belief and does not come by here. Start at
//! [`Believed::of`].

use std::net::{IpAddr, SocketAddr};

use iroh::RelayUrl;

use crate::settings::{Reach, Settings};

/// Direct addresses that are tried of what one hello says.
pub(crate) const DIRECT_MAX: usize = 4;
/// Kinds of them: see [`kind`].
const KINDS: usize = 3;

/// What this box believes, by its own settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Believed {
    /// It listens on this computer only, so its friends are there too.
    loopback: bool,
    relays: bool,
}

impl Believed {
    pub(crate) fn by(settings: &Settings) -> Self {
        Self {
            loopback: settings.listen.iter().any(|address| address.ip().is_loopback()),
            relays: matches!(settings.reach, Reach::MeetingPoint | Reach::Relay { .. }),
        }
    }

    /// Of these texts one relay and a few direct addresses, some of each kind, each kind in the order in
    /// which it was told.
    pub(crate) fn of<'a>(self, told: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut relay = None;
        let mut direct: [Vec<String>; KINDS] = Default::default();
        for text in told {
            if let Ok(address) = text.parse::<SocketAddr>() {
                let of = self.is_of_a_box(address).then(|| direct.get_mut(kind(address))).flatten();
                if let Some(of) = of.filter(|of| !of.iter().any(|known| known == text)) {
                    of.push(text.to_owned());
                }
            } else if self.relays && relay.is_none() && is_relay(text) {
                relay = Some(text.to_owned());
            }
        }
        let longest = direct.iter().map(Vec::len).max().unwrap_or(0);
        let round = |at: usize| direct.iter().filter_map(move |kind| kind.get(at).cloned());
        relay.into_iter().chain((0..longest).flat_map(round).take(DIRECT_MAX)).collect()
    }

    /// Whether one box may listen there.
    fn is_of_a_box(self, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        let is_one = match ip {
            // Above 224 are groups, what is reserved, and everybody.
            IpAddr::V4(ip) => !matches!(ip.octets(), [0 | 224.., ..]),
            IpAddr::V6(ip) => !ip.is_unspecified() && !ip.is_multicast(),
        };
        address.port() != 0 && is_one && (self.loopback || !ip.is_loopback())
    }
}

/// Outside by version 4, outside by version 6, in a house.
fn kind(address: SocketAddr) -> usize {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() || ip.is_loopback() => 2,
        IpAddr::V4(_) => 0,
        IpAddr::V6(ip)
            if ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback() =>
        {
            2
        }
        IpAddr::V6(_) => 1,
    }
}

fn is_relay(text: &str) -> bool {
    text.parse::<RelayUrl>().is_ok_and(|url| url.scheme() == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Believed = Believed { loopback: false, relays: false };

    #[test]
    fn what_is_no_address_of_one_box_is_not_dialled() {
        let nobody = [
            "0.0.0.0:9",
            "0.1.2.3:9",
            "255.255.255.255:9",
            "224.0.0.251:5353",
            "239.1.2.3:9",
            "192.0.2.7:0",
            "127.0.0.1:9",
            "[::]:9",
            "[::1]:9",
            "[ff02::fb]:5353",
            "[2001:db8::1]:0",
            "[::ffff:127.0.0.1]:9",
            "[::ffff:224.0.0.1]:9",
            "over there",
        ];
        assert_eq!(STRICT.of(nobody), [""; 0]);
        let boxes = ["192.0.2.7:4433", "[2001:db8::1]:9", "192.168.1.2:9", "[fe80::1]:9"];
        assert_eq!(STRICT.of(boxes), boxes);
        let here = Believed { loopback: true, ..STRICT };
        assert_eq!(here.of(["127.0.0.1:9", "[::1]:9", "0.0.0.0:9"]), ["127.0.0.1:9", "[::1]:9"]);
    }

    #[test]
    fn one_hello_sends_a_box_to_four_places_some_of_each_kind() {
        let many: Vec<String> = (1..9).map(|n| format!("10.0.0.{n}:9")).collect();
        let told = || many.iter().map(String::as_str);
        assert_eq!(STRICT.of(told()), many[..4]);
        let more = told().chain(["192.0.2.7:9", "192.0.2.7:9", "[2001:db8::1]:9"]);
        let expected = ["192.0.2.7:9", "[2001:db8::1]:9", "10.0.0.1:9", "10.0.0.2:9"];
        assert_eq!(STRICT.of(more), expected);
    }

    #[test]
    fn a_relay_is_taken_where_relays_are_one_and_by_https() {
        let told = ["http://192.168.1.1/", "https://relay.example/", "https://other.example/"];
        assert_eq!(STRICT.of(told), [""; 0]);
        let relays = Believed { relays: true, ..STRICT };
        assert_eq!(relays.of(told), ["https://relay.example/"]);
    }
}
