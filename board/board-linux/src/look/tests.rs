//! Surfaces made by hand: every kind with its name, tables of both kinds, and hostile bytes.
//!
//! What real programs write is in the crate's tests on loop devices.

use proptest::prelude::*;
use types::Bytes;

use super::*;
use crate::gpt::Layout;

const SIZE: usize = 20 << 20;

fn image(parts: &[(usize, &[u8])]) -> Vec<u8> {
    let mut image = vec![0; SIZE];
    put(&mut image, parts);
    image
}

fn put(image: &mut [u8], parts: &[(usize, &[u8])]) {
    for (at, bytes) in parts {
        image[*at..*at + bytes.len()].copy_from_slice(bytes);
    }
}

fn seen(image: &[u8]) -> Surface {
    surface(&image, image.len() as u64, 512).unwrap()
}

fn sign(kind: Kind, label: &str) -> Option<Sign> {
    Some(Sign { kind, label: (!label.is_empty()).then(|| label.to_owned()) })
}

fn ext4(label: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 1024];
    put(&mut block, &[(56, &[0x53, 0xef]), (92, &[0x3c]), (96, &[0xc2, 2]), (120, label)]);
    block
}

#[test]
fn every_known_kind_is_told_with_its_name() {
    let ext = ext4(b"PHOTOS");
    for (parts, kind, label) in [
        (vec![(1024, &ext[..])], Kind::Ext4, "PHOTOS"),
        (vec![(0, &b"XFSB"[..]), (108, b"media")], Kind::Xfs, "media"),
        (vec![(0x1_0040, &b"_BHRfS_M"[..]), (0x1_012b, b"pool")], Kind::Btrfs, "pool"),
        (
            vec![(82, &b"FAT32   "[..]), (71, b"CAMERA     "), (510, &[0x55, 0xaa])],
            Kind::Fat,
            "CAMERA",
        ),
        (vec![(54, &b"FAT16   "[..]), (43, b"NO NAME    "), (510, &[0x55, 0xaa])], Kind::Fat, ""),
        (vec![(0, &b"LUKS\xba\xbe"[..]), (24, b"safe\x07")], Kind::Luks, "safe"),
        (vec![(512, &b"LABELONE"[..])], Kind::Lvm, ""),
        (vec![(0x8001, &b"CD001"[..]), (0x8028, b"DEBIAN  ")], Kind::Iso9660, "DEBIAN"),
        (vec![(SIZE - 0x1_0000, &[0xfc, 0x4e, 0x2b, 0xa9][..])], Kind::Raid, ""),
        (vec![(130 << 10, &[0x0c, 0xb1, 0xba, 0, 0, 0, 0, 0][..])], Kind::Zfs, ""),
    ] {
        let found = seen(&image(&parts));
        assert_eq!(found.whole, sign(kind, label), "{kind:?}");
        assert!(!found.blank && found.parts.is_empty());
    }
}

#[test]
fn an_exfat_name_is_found_in_its_root_folder() {
    let (sector, cluster) = (9, 3);
    let root = (64 << sector) + ((5 - 2) << (sector + cluster));
    let name: Vec<u8> = "Reise".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let parts: &[(usize, &[u8])] = &[
        (3, b"EXFAT   "),
        (88, &64_u32.to_le_bytes()),
        (96, &5_u32.to_le_bytes()),
        (108, &[9, 3]),
        (root, &[0x81]),
        (root + 32, &[0x83, 5]),
        (root + 34, &name),
        (510, &[0x55, 0xaa]),
    ];
    assert_eq!(seen(&image(parts)).whole, sign(Kind::Exfat, "Reise"));
}

#[test]
fn an_ntfs_name_is_found_in_its_fourth_record() {
    let record = 4 * 4096 + 3 * 1024;
    let name: Vec<u8> = "Fotos".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let parts: &[(usize, &[u8])] = &[
        (3, b"NTFS    "),
        (11, &[0, 2, 8]),
        (48, &[4]),
        (64, &[0xf6]),
        (510, &[0x55, 0xaa]),
        (record, b"FILE"),
        (record + 20, &[56]),
        (record + 56, &[0x10, 0, 0, 0, 24]),
        (record + 80, &[0x60, 0, 0, 0, 40, 0, 0, 0, 0]),
        (record + 80 + 16, &[10, 0, 0, 0, 24]),
        (record + 80 + 24, &name),
    ];
    assert_eq!(seen(&image(parts)).whole, sign(Kind::Ntfs, "Fotos"));
}

#[test]
fn the_older_table_is_followed_along_its_chain_and_a_circle_ends() {
    let entry = |kind: u8, start: u32, len: u32| {
        [&[0, 0, 0, 0, kind, 0, 0, 0][..], &start.to_le_bytes(), &len.to_le_bytes()].concat()
    };
    let (first, chain) = (entry(0x83, 2048, 4096), entry(0x05, 8192, 16384));
    let (inner, circle) = (entry(0x83, 64, 2048), entry(0x05, 0, 1));
    let chained = 8192 * 512;
    let ext = ext4(b"inner");
    let found = seen(&image(&[
        (446, &first),
        (462, &chain),
        (510, &[0x55, 0xaa]),
        (chained + 446, &inner),
        (chained + 462, &circle),
        (chained + 510, &[0x55, 0xaa]),
        (chained + 64 * 512 + 1024, &ext),
    ]));
    assert_eq!(found.parts[0], PartSeen { index: 1, start: 1 << 20, len: 2 << 20, sign: None });
    let part = &found.parts[1];
    assert_eq!((part.index, part.start), (5, (8192 + 64) * 512));
    assert_eq!(part.sign, sign(Kind::Ext4, "inner"));
    assert!(found.parts.len() <= PARTS_MAX);
}

#[test]
fn nothing_is_blank_and_a_single_byte_is_not() {
    assert!(seen(&vec![0; SIZE]).blank);
    assert!(seen(&vec![0xff; SIZE]).blank);
    assert!(!seen(&image(&[(777, &[1])])).blank);
    assert!(!seen(&image(&[(SIZE - 1, &[1])])).blank);
    let table_lost = image(&[(SIZE / 2 - 60_000, &[1; 400_000])]);
    assert!(!seen(&table_lost).blank, "files without a table are not nothing");
    assert!(seen(&[]).blank);
}

/// The order of writes is what makes a kill harmless: at each of them the disk must either be what
/// the owner was shown, or say that it is being prepared.
#[test]
fn preparing_that_is_cut_short_anywhere_is_known_by_its_label() {
    let mut disk = image(&[(1024, &ext4(b"PHOTOS")), (0x1_0040, b"_BHRfS_M")]);
    let layout = Layout::of(Bytes(SIZE as u64), 512, "hf-1").unwrap();
    for write in layout.groups().iter().flatten() {
        let at = usize::try_from(write.at).unwrap();
        for cut in (0..=write.bytes.len()).step_by(512).filter(|cut| *cut > 0) {
            let cut_at = if cut > 4096 { write.bytes.len() } else { cut };
            put(&mut disk, &[(at, &write.bytes[..cut_at])]);
            assert_eq!(seen(&disk).unfinished.as_deref(), Some("hf-1"));
            if cut > 4096 {
                break;
            }
        }
    }
    put(&mut disk, &[(0, &layout.unmark().bytes)]);
    let (index, start, len) = (1, layout.start, layout.len);
    let expected = vec![PartSeen { index, start, len, sign: None }];
    assert_eq!(seen(&disk), Surface { parts: expected, ..Surface::default() });
}

#[test]
fn when_the_first_table_is_gone_the_second_is_found() {
    let layout = Layout::of(Bytes(SIZE as u64), 512, "hf-1").unwrap();
    let mut disk = vec![0; SIZE];
    for write in layout.groups().iter().flatten() {
        put(&mut disk, &[(usize::try_from(write.at).unwrap(), &write.bytes)]);
    }
    disk[..1 << 20].fill(0);
    assert_eq!(seen(&disk).parts.len(), 1);
}

fn parts_of_disk() -> impl Strategy<Value = Vec<(usize, Vec<u8>)>> {
    let places = prop::sample::select(vec![
        0_usize,
        3,
        32,
        54,
        82,
        446,
        510,
        512,
        1024,
        1080,
        4086,
        4096,
        0x8001,
        0x1_0040,
        1 << 17,
    ]);
    let words = prop::sample::select(vec![
        &b"EFI PART"[..],
        b"NTFS    ",
        b"EXFAT   ",
        b"XFSB",
        b"\x53\xef",
        b"_BHRfS_M",
        b"FILE",
        b"\x55\xaa",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"HFPREP\r\n",
        b"\x00\x02\x08",
    ]);
    let known = words.prop_map(<[u8]>::to_vec);
    let bytes = prop_oneof![known, prop::collection::vec(any::<u8>(), 1..600)];
    prop::collection::vec((places, bytes), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_bytes_make_it_panic_or_read_beyond_the_end(parts in parts_of_disk(),
                                                     len in 0_usize..300_000) {
        let mut disk = vec![0; 300_000];
        for (at, bytes) in &parts {
            put(&mut disk, &[(*at, bytes)]);
        }
        for sector in [512, 4096] {
            let disk = &disk[..len];
            let found = surface(&disk, len as u64, sector).unwrap();
            for part in found.parts {
                prop_assert!(part.start + part.len <= len as u64);
            }
        }
    }
}
