//! What goes to a rescue drive first, and to which of several.

use plan::emergency::{Class, Order, Room, choose, class_of, order, usable};
use proptest::prelude::*;
use types::Bytes;

fn room(free: u64) -> Room {
    Room { free: Bytes(free), unit: 1, file_max: None }
}

#[test]
fn what_nobody_can_fetch_again_comes_first() {
    for (name, class) in [
        (&b"letters/Will.ODT"[..], Class::Documents),
        (b"DCIM/IMG_0001.JPG", Class::Photos),
        (b"photo.backup.heic", Class::Photos),
        (b"films/wedding.mp4", Class::Media),
        (b"disk.qcow2", Class::Bulk),
        (b"Makefile", Class::Other),
        (b".pdf", Class::Other),
        (b"folder.pdf/plain", Class::Other),
        (b"\xff\xfe.txt", Class::Documents),
        (b"", Class::Other),
    ] {
        assert_eq!(class_of(name), class, "{}", String::from_utf8_lossy(name));
    }
    assert!(Class::ALL.is_sorted());
}

#[test]
fn folders_stay_in_order_while_everything_fits_and_kinds_count_when_it_does_not() {
    let drives = [room(100), room(50)];
    assert_eq!(order(Bytes(150), &drives), Order::Folders);
    assert_eq!(order(Bytes(151), &drives), Order::Precious { short: Bytes(1) });
    assert_eq!(order(Bytes(1), &[]), Order::Precious { short: Bytes(1) });
}

#[test]
fn a_file_goes_to_the_first_drive_that_has_room_and_can_hold_it() {
    let fat = Room { free: Bytes(100), unit: 10, file_max: Some(40) };
    let drives = [fat, room(60)];
    assert_eq!(choose(40, &drives), Some(0));
    assert_eq!(choose(41, &drives), Some(1), "too long for the first");
    assert_eq!(choose(61, &drives), None);
    assert_eq!(fat.cost(0), Bytes(10), "an empty file takes a name");
    assert_eq!(fat.cost(11), Bytes(20));
    assert_eq!(fat.cost(u64::MAX), Bytes(u64::MAX));
}

#[test]
fn some_room_is_always_left_for_the_lists() {
    assert_eq!(usable(Bytes(1_000)), Bytes(0));
    let drive = Bytes(64 << 30);
    assert!(usable(drive) < drive && usable(drive).0 > drive.0 / 100 * 99);
}

proptest! {
    #[test]
    fn no_drive_is_ever_filled_beyond_its_room(
        lens in proptest::collection::vec(0_u64..5_000, 0..60),
        frees in proptest::collection::vec(0_u64..20_000, 1..4),
        unit in 1_u64..600,
    ) {
        let mut drives: Vec<Room> =
            frees.iter().map(|free| Room { free: Bytes(*free), unit, file_max: Some(4_000) }).collect();
        let mut used = vec![0; drives.len()];
        for len in lens {
            match choose(len, &drives) {
                Some(at) => {
                    let cost = drives[at].cost(len);
                    prop_assert!(len <= 4_000);
                    used[at] += cost.0;
                    drives[at].free = drives[at].free - cost;
                }
                None => prop_assert!(
                    len > 4_000 || drives.iter().all(|drive| drive.cost(len) > drive.free)
                ),
            }
        }
        for (used, free) in used.iter().zip(&frees) {
            prop_assert!(used <= free);
        }
    }
}
