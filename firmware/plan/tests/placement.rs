//! New packs go to distinct disks, fill any mix of them, and too little room is said plainly.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use plan::placement::{PlacementError, all_members, choose_targets};
use plan::volumes::placeable;
use plan::{VolumeFacts, VolumeState};
use proptest::prelude::*;
use types::{Bytes, VolumeId};

fn volume(slot: u8, free: u64) -> VolumeFacts {
    VolumeFacts {
        id: VolumeId([slot; 16]),
        slot,
        serial: format!("S{slot}"),
        state: VolumeState::Member,
        free: Bytes(free),
        size: Bytes(free),
    }
}

fn ids(slots: &[u8]) -> Vec<VolumeId> {
    slots.iter().map(|slot| VolumeId([*slot; 16])).collect()
}

#[test]
fn the_emptiest_volumes_on_distinct_disks_are_chosen() {
    let mut volumes = vec![volume(0, 50), volume(1, 90), volume(2, 80), volume(3, 10)];
    assert_eq!(choose_targets(&volumes, 2, Bytes(5)).unwrap().ids, ids(&[1, 2]));
    volumes[2].serial = "S1".to_owned();
    assert_eq!(choose_targets(&volumes, 2, Bytes(5)).unwrap().ids, ids(&[1, 0]));
}

#[test]
fn fewer_disks_than_copies_is_said() {
    let mut volumes = vec![volume(0, 50), volume(1, 90), volume(2, 3)];
    volumes[1].state = VolumeState::Retiring;
    let targets = choose_targets(&volumes, 2, Bytes(5)).unwrap();
    assert_eq!((targets.ids, targets.wanted, targets.got), (ids(&[0]), 2, 1));
}

#[test]
fn no_room_names_the_emptiest_disk_and_no_disk_says_so() {
    let error = choose_targets(&[volume(0, 50), volume(1, 90)], 2, Bytes(100)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("S1") && text.contains("90 B") && text.contains("100 B"), "{text}");
    let mut gone = volume(0, 50);
    gone.state = VolumeState::Absent;
    let error = choose_targets(&[gone], 1, Bytes(1)).unwrap_err();
    assert_eq!(error, PlacementError::NoVolume { known: 1 });
    assert!(!error.advice().is_empty());
}

#[test]
fn metadata_goes_to_every_member_with_room() {
    let mut volumes = vec![volume(0, 50), volume(1, 90), volume(2, 3), volume(3, 70)];
    volumes[3].state = VolumeState::ReadOnly;
    let targets = all_members(&volumes, Bytes(5)).unwrap();
    assert_eq!((targets.ids, targets.wanted, targets.got), (ids(&[1, 0]), 3, 2));
}

/// The most data that fits, found by trying: the plain meaning that `placeable` computes.
fn fits_by_trying(sizes: &[u64], copies: u64) -> u64 {
    let holds = |x: u64| sizes.iter().map(|size| x.min(*size)).sum::<u64>() >= copies * x;
    (0..=sizes.iter().sum()).rev().find(|x| holds(*x)).unwrap()
}

proptest! {
    #[test]
    fn disks_of_any_sizes_fill_to_nine_tenths_with_no_two_copies_on_one(
        sizes in prop::collection::vec((40_u64..2000, 0_u8..6), 1..7),
        copies in 1_u8..4,
    ) {
        let mut volumes: Vec<_> = sizes.iter().zip(0..).map(|((size, disk), slot)| {
            let mut volume = volume(slot, *size);
            volume.serial = format!("disk {disk}");
            volume
        }).collect();
        let usable = placeable(&volumes, copies).0;
        let mut by_disk = std::collections::BTreeMap::<u8, u64>::new();
        for (size, disk) in &sizes {
            *by_disk.entry(*disk).or_default() += size;
        }
        let by_disk: Vec<u64> = by_disk.into_values().collect();
        prop_assert_eq!(usable, fits_by_trying(&by_disk, u64::from(copies)));
        let mut stored = 0;
        while let Ok(targets) = choose_targets(&volumes, copies, Bytes(1)) {
            if targets.got < targets.wanted {
                break;
            }
            let mut serials = Vec::new();
            for volume in volumes.iter_mut().filter(|v| targets.ids.contains(&v.id)) {
                volume.free = volume.free - Bytes(1);
                prop_assert!(!serials.contains(&volume.serial));
                serials.push(volume.serial.clone());
            }
            stored += 1;
        }
        prop_assert!(stored * 10 >= usable * 9, "{} of {}", stored, usable);
    }
}
