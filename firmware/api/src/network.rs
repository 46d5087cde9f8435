//! The box's network as it sees it: each connection, whether a cable or radio carries it, and its addresses.
//!
//! It only reads, and knows nothing of what is on the other side: no name of a Wi-Fi, no router, no internet.
//! Start at [`links`].

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use serde::Serialize;
use utoipa::ToSchema;

/// Where the kernel shows its connections.
pub(crate) const SYS: &str = "/sys/class/net";
/// What the kernel calls a connection of a computer with itself.
const LOOPBACK: &str = "772";

/// What carries a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Carrier {
    /// A cable.
    Cable,
    /// Wi-Fi.
    Radio,
    /// Nothing that is hardware of this computer: a bridge, a tunnel, a container's.
    Other,
}

/// A connection of the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Link {
    /// As the system calls it.
    pub(crate) name: String,
    /// What carries it.
    pub(crate) carrier: Carrier,
    /// Something answers at the other end: the cable is in, or the radio is heard.
    pub(crate) connected: bool,
    /// Megabits in a second, where the system knows.
    pub(crate) mbit: Option<u32>,
    /// At which it can be reached from elsewhere.
    pub(crate) addresses: Vec<String>,
}

/// The addresses of this computer with the connection that each is of.
pub(crate) fn addresses() -> std::io::Result<Vec<(String, IpAddr)>> {
    let all = if_addrs::get_if_addrs()?;
    Ok(all.into_iter().map(|one| (one.name.clone(), one.ip())).collect())
}

/// The connections that the kernel shows in this folder, those of hardware first. What is neither hardware nor
/// has an address leads nowhere, and is left out.
pub(crate) fn links(sys: &Path, addresses: &[(String, IpAddr)]) -> std::io::Result<Vec<Link>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(sys)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let folder = entry.path();
        if told(&folder, "type").as_deref() == Some(LOOPBACK) {
            continue;
        }
        let link = Link {
            carrier: carrier(&folder),
            connected: told(&folder, "carrier").as_deref() == Some("1"),
            // Without a cable it says -1, or nothing.
            mbit: told(&folder, "speed").and_then(|speed| speed.parse().ok()).filter(|n| *n > 0),
            addresses: of(&name, addresses),
            name,
        };
        // A folder that is no connection has neither.
        if link.carrier != Carrier::Other || !link.addresses.is_empty() {
            all.push(link);
        }
    }
    all.sort_by(|a, b| (a.carrier, &a.name).cmp(&(b.carrier, &b.name)));
    Ok(all)
}

fn carrier(folder: &Path) -> Carrier {
    if ["wireless", "phy80211"].iter().any(|sign| folder.join(sign).exists()) {
        return Carrier::Radio;
    }
    if folder.join("device").exists() { Carrier::Cable } else { Carrier::Other }
}

/// One line of the kernel's; none where it refuses, as it does for a connection that is switched off.
fn told(folder: &Path, file: &str) -> Option<String> {
    fs::read_to_string(folder.join(file)).ok().map(|text| text.trim().to_owned())
}

/// Addresses that others can use: one that is good on a single cable only is none, the old kind comes first.
fn of(name: &str, addresses: &[(String, IpAddr)]) -> Vec<String> {
    let mut all: Vec<IpAddr> = addresses
        .iter()
        .filter(|(of, address)| of == name && !address.is_loopback() && !is_of_one_cable(address))
        .map(|(_, address)| *address)
        .collect();
    all.sort();
    all.iter().map(ToString::to_string).collect()
}

fn is_of_one_cable(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A folder as the kernel's is, with what each connection says.
    fn shown(all: &[(&str, &[(&str, &str)])]) -> tempfile::TempDir {
        let sys = tempfile::tempdir().unwrap();
        for (name, files) in all {
            for (file, text) in *files {
                let path = sys.path().join(name).join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
            }
        }
        sys
    }

    fn at(all: &[(&str, &str)]) -> Vec<(String, IpAddr)> {
        all.iter().map(|(name, ip)| ((*name).to_owned(), ip.parse().unwrap())).collect()
    }

    #[test]
    fn a_cable_a_radio_and_a_bridge_are_told_apart_and_what_leads_nowhere_is_left_out() {
        let sys = shown(&[
            ("lo", &[("type", "772\n"), ("carrier", "1\n")]),
            (
                "wlp2s0",
                &[("type", "1\n"), ("device/vendor", "x"), ("wireless/x", ""), ("carrier", "1\n")],
            ),
            (
                "enp1s0",
                &[("type", "1\n"), ("device/vendor", "x"), ("carrier", "1\n"), ("speed", "2500\n")],
            ),
            (
                "enp3s0",
                &[("type", "1\n"), ("device/vendor", "x"), ("carrier", "0\n"), ("speed", "-1\n")],
            ),
            ("br0", &[("type", "1\n"), ("carrier", "1\n"), ("speed", "10000\n")]),
            ("veth0", &[("type", "1\n"), ("carrier", "1\n")]),
        ]);
        let addresses = at(&[
            ("lo", "127.0.0.1"),
            ("enp1s0", "fe80::1"),
            ("enp1s0", "fd00::7"),
            ("enp1s0", "192.168.1.7"),
            ("wlp2s0", "192.168.1.8"),
            ("br0", "10.0.0.1"),
            ("veth0", "fe80::2"),
        ]);
        let found = links(sys.path(), &addresses).unwrap();
        let names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["enp1s0", "enp3s0", "wlp2s0", "br0"]);
        let [wired, loose, radio, bridge] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (wired.carrier, wired.connected, wired.mbit),
            (Carrier::Cable, true, Some(2500))
        );
        assert_eq!(
            wired.addresses,
            ["192.168.1.7", "fd00::7"],
            "none that is good on one cable only"
        );
        assert_eq!((loose.connected, loose.mbit, loose.addresses.len()), (false, None, 0));
        assert_eq!((radio.carrier, radio.connected), (Carrier::Radio, true));
        assert_eq!(bridge.carrier, Carrier::Other);
    }

    #[test]
    fn this_computer_has_itself_among_its_addresses_and_among_no_connections() {
        let addresses = addresses().unwrap();
        assert!(addresses.iter().any(|(_, address)| address.is_loopback()), "{addresses:?}");
        let found = links(Path::new(SYS), &addresses).unwrap();
        assert!(found.iter().all(|one| one.name != "lo"), "{found:?}");
    }
}
