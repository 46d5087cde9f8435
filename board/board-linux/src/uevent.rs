//! The kernel's messages about devices: `add@/devices/...` and `KEY=value` strings.
//!
//! Pure. They are hints only: what is there is read from sysfs afterwards, so a message that lies
//! costs a look and nothing more. Start at [`concerns_disks`].

/// Whether a message says that a disk came, went or changed, or may do so. Partitions do not
/// count: their disk is told of as well.
pub(crate) fn concerns_disks(message: &[u8]) -> bool {
    let mut strings = message.split(|byte| *byte == 0);
    let Some((action, path)) = strings.next().and_then(head) else { return false };
    let known: &[&[u8]] = &[b"add", b"remove", b"change", b"move", b"online", b"offline"];
    if !known.contains(&action) || !path.starts_with(b"/") {
        return false;
    }
    let (mut block, mut disk) = (false, false);
    for string in strings {
        match string {
            b"SUBSYSTEM=block" => block = true,
            b"DEVTYPE=disk" => disk = true,
            _ => {}
        }
    }
    block && disk
}

fn head(string: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = string.iter().position(|byte| *byte == b'@')?;
    Some((&string[..at], &string[at + 1..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADD: &[u8] = b"add@/devices/pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:0/\
        block/sdb\0ACTION=add\0DEVPATH=/devices/pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/\
        1:0:0:0/block/sdb\0SUBSYSTEM=block\0MAJOR=8\0MINOR=16\0DEVNAME=sdb\0DEVTYPE=disk\0\
        DISKSEQ=12\0SEQNUM=2214\0";
    const LOOP: &[u8] = b"change@/devices/virtual/block/loop8\0ACTION=change\0DEVPATH=/devices/\
        virtual/block/loop8\0SUBSYSTEM=block\0MAJOR=7\0MINOR=8\0DEVNAME=loop8\0DEVTYPE=disk\0\
        DISKSEQ=91\0SEQNUM=3911\0";

    #[test]
    fn a_disk_that_comes_goes_or_changes_is_noticed() {
        assert!(concerns_disks(ADD));
        assert!(concerns_disks(LOOP));
    }

    #[test]
    fn partitions_other_devices_and_messages_of_other_programs_are_passed_over() {
        let part = String::from_utf8_lossy(ADD).replace("DEVTYPE=disk", "DEVTYPE=partition");
        assert!(!concerns_disks(part.as_bytes()));
        assert!(!concerns_disks(b"add@/devices/usb1\0ACTION=add\0SUBSYSTEM=usb\0"));
        // The device manager's own messages begin so.
        assert!(!concerns_disks(b"libudev\0\xfe\xed\xca\xfe\0\0\0\x28SUBSYSTEM=block\0"));
        assert!(!concerns_disks(b""));
        assert!(!concerns_disks(b"@"));
        assert!(!concerns_disks(b"bind@/devices/x\0SUBSYSTEM=block\0DEVTYPE=disk\0"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300),
                                  cut in 0..ADD.len()) {
            concerns_disks(&bytes);
            concerns_disks(&ADD[..cut]);
            concerns_disks(&[&ADD[..cut], &bytes].concat());
        }
    }
}
