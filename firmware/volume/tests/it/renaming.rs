//! A volume gets another id.

use std::sync::Arc;

use testkit::volumes::superblock;
use types::Bytes;
use volume::Volume;

/// Copies that contradict each other are refused as a mixture: a volume that was cut while it got
/// another id could never be opened again.
#[test]
fn a_cut_while_a_volume_gets_another_id_leaves_one_of_the_two_whole() {
    let (old, new) = (superblock().volume, types::VolumeId([0x77; 16]));
    let mut ends = std::collections::BTreeSet::new();
    for steps in 0..40 {
        let disk = testkit::simdisk::SimDisk::new("S1", Bytes(Bytes::GIB));
        let volume = testkit::volumes::create_on(Arc::new(disk.clone())).unwrap();
        disk.cut_after(steps);
        drop(volume.rename(new));
        for odd in 0..2 {
            let after = disk.crash(&mut |below| odd % below.max(1));
            let (opened, _) = Volume::open(Arc::new(after)).unwrap_or_else(|error| {
                panic!("cut after {steps}: {error}");
            });
            assert!([old, new].contains(&opened.id()));
            ends.insert(opened.id());
        }
    }
    assert_eq!(ends.len(), 2, "some cuts come before the change, and some after it");
}
