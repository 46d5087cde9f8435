//! Which file system, or other known thing, some bytes are, and what it is called.
//!
//! Reads a bounded number of bytes at fixed places, believes no length that is written there, and
//! never panics. Start at [`of`].

use std::io;

use serde::{Deserialize, Serialize};

use super::label;
use super::source::{Source, number};

/// What can be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Ext2,
    Ext3,
    Ext4,
    Xfs,
    Btrfs,
    Exfat,
    Fat,
    Ntfs,
    Iso9660,
    Udf,
    Apfs,
    Hfsplus,
    F2fs,
    Erofs,
    Squashfs,
    Zfs,
    Luks,
    Lvm,
    Raid,
    Swap,
}

impl Kind {
    /// What people call it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ext2 => "ext2",
            Self::Ext3 => "ext3",
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
            Self::Btrfs => "btrfs",
            Self::Exfat => "exfat",
            Self::Fat => "fat",
            Self::Ntfs => "ntfs",
            Self::Iso9660 => "iso9660",
            Self::Udf => "udf",
            Self::Apfs => "apfs",
            Self::Hfsplus => "hfs+",
            Self::F2fs => "f2fs",
            Self::Erofs => "erofs",
            Self::Squashfs => "squashfs",
            Self::Zfs => "zfs",
            Self::Luks => "luks",
            Self::Lvm => "lvm",
            Self::Raid => "raid",
            Self::Swap => "swap",
        }
    }
}

/// A recognised thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sign {
    pub(crate) kind: Kind,
    pub(crate) label: Option<String>,
}

/// Bytes at a fixed place by which a kind is known.
struct Magic {
    kind: Kind,
    at: u64,
    bytes: &'static [u8],
    /// Where its name is, and how long at most; no length: it has none, or one that is read apart.
    label: (u64, u64),
}

const fn magic(kind: Kind, at: u64, bytes: &'static [u8], label: (u64, u64)) -> Magic {
    Magic { kind, at, bytes, label }
}

/// In the order in which they are asked: containers first, because what is in them may show.
const MAGICS: &[Magic] = &[
    magic(Kind::Luks, 0, b"LUKS\xba\xbe", (24, 48)),
    magic(Kind::Lvm, 512, b"LABELONE", (0, 0)),
    magic(Kind::Raid, 4096, &[0xfc, 0x4e, 0x2b, 0xa9], (4096 + 32, 32)),
    magic(Kind::Raid, 0, &[0xfc, 0x4e, 0x2b, 0xa9], (32, 32)),
    magic(Kind::Swap, 4086, b"SWAPSPACE2", (1052, 16)),
    magic(Kind::Btrfs, 0x1_0040, b"_BHRfS_M", (0x1_012b, 256)),
    magic(Kind::Xfs, 0, b"XFSB", (108, 12)),
    magic(Kind::Exfat, 3, b"EXFAT   ", (0, 0)),
    magic(Kind::Ntfs, 3, b"NTFS    ", (0, 0)),
    magic(Kind::Fat, 82, b"FAT32   ", (71, 11)),
    magic(Kind::Fat, 54, b"FAT16   ", (43, 11)),
    magic(Kind::Fat, 54, b"FAT12   ", (43, 11)),
    magic(Kind::F2fs, 1024, &[0x10, 0x20, 0xf5, 0xf2], (0, 0)),
    magic(Kind::Erofs, 1024, &[0xe2, 0xe1, 0xf5, 0xe0], (1024 + 64, 16)),
    magic(Kind::Hfsplus, 1024, b"H+\0\x04", (0, 0)),
    magic(Kind::Hfsplus, 1024, b"HX\0\x05", (0, 0)),
    magic(Kind::Apfs, 32, b"NXSB", (0, 0)),
    magic(Kind::Squashfs, 0, b"hsqs", (0, 0)),
    magic(Kind::Iso9660, 0x8001, b"CD001", (0x8028, 32)),
    magic(Kind::Udf, 0x8001, b"BEA01", (0, 0)),
];

/// A few of the places of a ZFS uberblock: 1 KiB apart from 128 KiB on, one is enough.
const ZFS_PLACES: std::ops::Range<u64> = 128..160;
const ZFS: u64 = 0x00ba_b10c;
const RAID: u64 = 0xa92b_4efc;

/// What this is, if it is known.
pub(crate) fn of(source: &Source<'_>) -> io::Result<Option<Sign>> {
    for magic in MAGICS {
        let most = u64::try_from(magic.bytes.len()).unwrap_or(0);
        if source.up_to(magic.at, most)? == magic.bytes {
            let label = match magic.kind {
                Kind::Exfat => label::of_exfat(source)?,
                Kind::Ntfs => label::of_ntfs(source)?,
                _ => label::plain(&source.up_to(magic.label.0, magic.label.1)?),
            };
            return Ok(Some(Sign { kind: magic.kind, label }));
        }
    }
    if let Some(sign) = ext(source)? {
        return Ok(Some(sign));
    }
    let nameless = |kind| Some(Sign { kind, label: None });
    if zfs(source)? {
        return Ok(nameless(Kind::Zfs));
    }
    Ok(if raid_at_end(source)? { nameless(Kind::Raid) } else { None })
}

/// ext2 to ext4: one super block, told apart by what it needs.
fn ext(source: &Source<'_>) -> io::Result<Option<Sign>> {
    let Some(block) = source.bytes::<256>(1024)? else { return Ok(None) };
    if number(&block, 56, 2) != 0xef53 {
        return Ok(None);
    }
    let (compat, incompat) = (number(&block, 92, 4), number(&block, 96, 4));
    // Extents, 64 bits, or groups of groups.
    let kind = if incompat & 0x2c0 != 0 {
        Kind::Ext4
    } else if compat & 0x4 != 0 {
        Kind::Ext3
    } else {
        Kind::Ext2
    };
    Ok(Some(Sign { kind, label: label::plain(&block[120..136]) }))
}

/// The same from a copy at a place, when it says that it is of this group.
pub(super) fn ext_copy(source: &Source<'_>, at: u64, group: u64) -> io::Result<Option<Sign>> {
    let whole = at.checked_sub(1024).and_then(|start| source.part(start, 2048));
    let Some(whole) = whole else { return Ok(None) };
    let of_group = whole.bytes::<2>(1024 + 90)?.map(|bytes| number(&bytes, 0, 2));
    if of_group == Some(group) { ext(&whole) } else { Ok(None) }
}

fn zfs(source: &Source<'_>) -> io::Result<bool> {
    for place in ZFS_PLACES {
        let Some(bytes) = source.bytes::<8>(place << 10)? else { return Ok(false) };
        if u64::from_le_bytes(bytes) == ZFS || u64::from_le_bytes(bytes).swap_bytes() == ZFS {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Versions 0.90 and 1.0 of Linux RAID keep what they are at the end.
fn raid_at_end(source: &Source<'_>) -> io::Result<bool> {
    let old = (source.len & !0xffff).checked_sub(0x1_0000);
    let newer = source.len.checked_sub(8192).map(|place| place & !0xfff);
    for place in [old, newer].into_iter().flatten() {
        let found = source.bytes::<4>(place)?;
        if found.is_some_and(|bytes| number(&bytes, 0, 4) == RAID) {
            return Ok(true);
        }
    }
    Ok(false)
}
