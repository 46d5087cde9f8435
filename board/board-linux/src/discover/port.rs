//! From the kernel's path of a device to how it is attached and to a port that stays the same.
//!
//! Numbers that the kernel counts up at each plugging (`host7`, `sdc`) are left out; what stays is
//! the controller and the sockets between it and the disk. Pure. Start at [`of`].

use types::Transport;

/// How and where a disk is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) transport: Transport,
    /// Equal after each plugging into the same socket of the same controller.
    pub(crate) name: String,
}

/// Reads `/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda`.
pub(crate) fn of(kernel_path: &str) -> Port {
    let parts: Vec<&str> = kernel_path.split('/').filter(|part| !part.is_empty()).collect();
    let tail = |at: usize| scsi_address(&parts[at..]);
    for (at, part) in parts.iter().enumerate() {
        if numbered(part, "usb") {
            return usb(&parts, at, tail(at));
        }
        if numbered(part, "ata") {
            let name = format!("{}-{part}{}", controller(&parts[..at]), multiplied(tail(at)));
            return Port { transport: Transport::Sata, name };
        }
        let (transport, kind) = match *part {
            "nvme" => (Transport::Nvme, namespace(parts.last())),
            "mmc_host" => (Transport::Card, "mmc".to_owned()),
            part if numbered(part, "virtio") => (Transport::Virtual, scsi_or(tail(at), "virtio")),
            part if numbered(part, "host") => (Transport::Sata, scsi_or(tail(at), "scsi")),
            _ => continue,
        };
        return Port { transport, name: format!("{}-{kind}", controller(&parts[..at])) };
    }
    Port { transport: Transport::Other, name: parts.join("/") }
}

/// The last thing on the way that has an address of its own.
fn controller(way: &[&str]) -> String {
    let pci = |part: &&&str| {
        let bytes = part.as_bytes();
        bytes.len() >= 12 && bytes[bytes.len() - 2] == b'.' && part.matches(':').count() == 2
    };
    let plain = |part: &&&str| !part.starts_with("pci") && **part != "devices";
    match (way.iter().rfind(pci), way.iter().rfind(plain)) {
        (Some(address), _) => format!("pci-{address}"),
        (None, Some(name)) => (*name).to_owned(),
        (None, None) => "system".to_owned(),
    }
}

/// `usb1/1-1/1-1.4/1-1.4:1.0/host6/...`: the last device's sockets, without the bus's number, which
/// depends on the order in which controllers were found.
fn usb(parts: &[&str], at: usize, address: Option<[u32; 3]>) -> Port {
    let below = parts[at + 1..].iter();
    let sockets = below
        .take_while(|part| part.starts_with(|first: char| first.is_ascii_digit()))
        .filter(|part| !part.contains(':'))
        .filter_map(|part| part.split_once('-'))
        .map(|(_, sockets)| sockets)
        .last()
        .unwrap_or("0");
    let unit = match address {
        None | Some([_, _, 0]) => String::new(),
        Some([_, _, unit]) => format!("-{unit}"),
    };
    let name = format!("{}-usb-{sockets}{unit}", controller(&parts[..at]));
    Port { transport: Transport::Usb, name }
}

/// Channel, target and unit from `6:0:0:1`; the first number is the kernel's count.
fn scsi_address(below: &[&str]) -> Option<[u32; 3]> {
    below.iter().rev().find_map(|part| {
        let mut numbers = part.split(':').map(str::parse);
        let mut next = || numbers.next()?.ok();
        let (_, channel, target, unit) = (next()?, next()?, next()?, next()?);
        Some([channel, target, unit])
    })
}

fn scsi_or(address: Option<[u32; 3]>, otherwise: &str) -> String {
    match address {
        Some([channel, target, unit]) => format!("scsi-{channel}:{target}:{unit}"),
        None => otherwise.to_owned(),
    }
}

/// Behind a port multiplier several disks share one `ata` port; its ports are counted as channels.
fn multiplied(address: Option<[u32; 3]>) -> String {
    match address {
        None | Some([0, 0, _]) => String::new(),
        Some([channel, target, _]) => format!(".{}", channel.max(target)),
    }
}

/// `nvme0n1` is namespace 1.
fn namespace(node: Option<&&str>) -> String {
    let number = node.and_then(|node| node.rsplit_once('n')).map_or("1", |(_, number)| number);
    format!("nvme-{number}")
}

/// Whether `part` is `kind` and a number.
fn numbered(part: &str, kind: &str) -> bool {
    let digits = part.strip_prefix(kind).unwrap_or("");
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_names_controller_and_sockets_and_nothing_that_is_counted_up() {
        let sata = "/devices/pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:0/block/sda";
        let again = "/devices/pci0000:00/0000:00:1f.2/ata2/host9/target9:0:0/9:0:0:0/block/sdf";
        assert_eq!(of(sata), of(again));
        let usb = "/devices/pci0000:00/0000:00:14.0";
        for (path, transport, name) in [
            (sata.to_owned(), Transport::Sata, "pci-0000:00:1f.2-ata2"),
            (
                "/devices/pci0000:00/0000:02:00.0/ata3/host2/target2:3:0/2:3:0:0/block/sdd".into(),
                Transport::Sata,
                "pci-0000:02:00.0-ata3.3",
            ),
            (
                format!("{usb}/usb2/2-1/2-1.4/2-1.4:1.0/host6/target6:0:0/6:0:0:0/block/sdb"),
                Transport::Usb,
                "pci-0000:00:14.0-usb-1.4",
            ),
            (
                format!("{usb}/usb2/2-3/2-3:1.0/host6/target6:0:0/6:0:0:1/block/sdc"),
                Transport::Usb,
                "pci-0000:00:14.0-usb-3-1",
            ),
            (
                "/devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0/nvme0n1".into(),
                Transport::Nvme,
                "pci-0000:02:00.0-nvme-1",
            ),
            (
                "/devices/pci0000:00/0000:00:05.0/virtio2/block/vda".into(),
                Transport::Virtual,
                "pci-0000:00:05.0-virtio",
            ),
            (
                "/devices/pci0000:00/0000:00:06.0/virtio3/host2/target2:0:4/2:0:4:0/block/sdb"
                    .into(),
                Transport::Virtual,
                "pci-0000:00:06.0-scsi-0:4:0",
            ),
            (
                "/devices/platform/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk0".into(),
                Transport::Card,
                "fe340000.mmc-mmc",
            ),
            (
                "/devices/platform/soc/ff500000.usb/usb1/1-1/1-1:1.0/host0/target0:0:0/0:0:0:0/block/sda".into(),
                Transport::Usb,
                "ff500000.usb-usb-1",
            ),
        ] {
            let expected = Port { transport, name: name.to_owned() };
            assert_eq!(of(&path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_of_no_known_kind_is_its_own_port() {
        assert_eq!(of("/devices/odd/thing").name, "devices/odd/thing");
        assert_eq!(of(""), Port { transport: Transport::Other, name: String::new() });
    }
}
