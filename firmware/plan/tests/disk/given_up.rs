//! What is lost with a disk that is away is lost by its owner's word only.

use plan::disk::{Action, VolumeNeeds};

use crate::common::{id, pair, world};

/// A disk that took the last versions alone, and was to be replaced, was taken off the list when the box
/// came back from a power cut without it.
#[test]
fn what_a_disk_may_alone_have_is_given_up_only_by_who_says_so_while_it_is_away() {
    let (mut roster, disks) = pair();
    roster.replace(id(2)).unwrap();
    let mut world = world(&roster);
    world.mounted.remove(&disks[1].identity);
    world.free_bay = None;
    let needs = |is_unsettled| VolumeNeeds {
        only_here: if is_unsettled { u64::MAX } else { 0 },
        takes_packs: false,
        is_spare: true,
        is_unsettled,
    };
    roster.look(&disks[..1]);
    let off = Action::StrikeOff { volume: id(2) };
    world.volumes.insert(id(2), needs(false));
    assert!(roster.decide(&world).contains(&off), "all that it has is known");
    world.volumes.insert(id(2), needs(true));
    assert!(!roster.decide(&world).contains(&off), "it was to go, but not with what it may have");
    let mut said = roster.clone();
    said.retire(id(2)).unwrap();
    assert!(said.decide(&world).contains(&off), "he knows that it is away");
    let mut regretted = said.clone();
    regretted.cancel(id(2)).unwrap();
    assert!(!regretted.decide(&world).contains(&off));
    // It does come back, and goes away once more: what was said then was of another time.
    said.look(&disks);
    said.look(&disks[..1]);
    assert!(!said.decide(&world).contains(&off));
}
