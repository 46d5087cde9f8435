//! The one thing that must be known about a POSIX ACL: what the group itself may do.
//!
//! Beside an ACL the group bits of a mode are its mask, which may allow more than the group ever
//! had. Where the ACL cannot be restored, the mode must not grant what it did not.

/// The attribute that holds a file's ACL.
pub(super) const ACCESS: &[u8] = b"system.posix_acl_access";
/// The attribute that holds what a folder passes on.
pub(super) const DEFAULT: &[u8] = b"system.posix_acl_default";

const VERSION_LEN: usize = 4;
const ITEM_LEN: usize = 8;
const OWNING_GROUP: u16 = 4;

/// What the owning group may do, in bits 0 to 2; nothing when the ACL cannot be understood.
pub(super) fn owning_group(acl: &[u8]) -> u32 {
    let items = acl.get(VERSION_LEN..).unwrap_or_default().chunks_exact(ITEM_LEN);
    items
        .map(|item| {
            (u16::from_le_bytes([item[0], item[1]]), u16::from_le_bytes([item[2], item[3]]))
        })
        .find(|(tag, _)| *tag == OWNING_GROUP)
        .map_or(0, |(_, permissions)| u32::from(permissions) & 0o7)
}

#[cfg(test)]
mod tests {
    use super::owning_group;

    #[test]
    fn the_owning_groups_own_permissions_are_found() {
        let acl = b"\x02\0\0\0\x01\0\x07\0\xff\xff\xff\xff\x04\0\x05\0\xff\xff\xff\xff";
        assert_eq!(owning_group(acl), 5);
    }

    #[test]
    fn an_acl_that_makes_no_sense_grants_the_group_nothing() {
        for acl in [&b""[..], b"\x02", b"\x02\0\0\0\x04\0\x07"] {
            assert_eq!(owning_group(acl), 0);
        }
    }
}
