//! Disks that failed, and an owner who says that they may be tried again.

use calls::{Call, DeskFault, DiskAct};

use crate::hand::{NAMES, at, rig};

/// A box all of whose disks failed could be opened by nobody, and all that it said was that no volume
/// could be written: not that its owner had to say of one that it may be tried again, nor how.
#[test]
fn when_every_disk_failed_the_owner_is_told_which_and_what_to_do() {
    let rig = rig();
    let running = rig.start();
    let secret = running.create(&NAMES[..2]);
    running.done(rig.big_folder("docs", 2));
    for name in &NAMES[..2] {
        running.fault(name, DeskFault::Writes);
    }
    running.begin(rig.big_folder("more", 8));
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.life == "failed"));
    // The vault is open and takes nothing: health once said nothing about it.
    let said = running.health().findings;
    assert!(said.iter().any(|one| one.sentence.contains("takes nothing more")), "{said:?}");
    running.kill();

    let running = rig.start();
    for name in &NAMES[..2] {
        running.fault(name, DeskFault::None);
    }
    let disks = running.until_disks(|disks| disks.disks.len() == 2);
    let refused = running.refused(Call::Unlock { secret: secret.clone() });
    assert!(refused.sentence.contains("failed once"), "{refused}");
    for disk in &disks.disks {
        assert!(refused.sentence.contains(&disk.place), "{refused}");
    }
    let first = at(&disks, "bay 1").id.clone();
    assert!(refused.advice.contains(&format!("disk trust {first}")), "{refused}");
    running.act(&first, DiskAct::Trust {});
    // It was kept before it was acknowledged.
    running.kill();
    let running = rig.start();
    running.until_disks(|disks| disks.disks.len() == 2);
    running.open(&secret);
    running.is_whole("docs", "back");
}
