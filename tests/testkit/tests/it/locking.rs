//! Whose a disk is: one that is just being let go of is waited for, one that is held is refused.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use testkit::twist::{Twist, Twisted};
use testkit::volumes::{create, disk};
use volume::{Disk, Volume, VolumeError};

/// Another's for the first so many times that it is asked for.
#[derive(Debug)]
struct HeldFor(AtomicU32);

impl Twist for HeldFor {
    fn try_lock(&self, below: &dyn Disk) -> io::Result<bool> {
        let held = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        if held.is_ok() { Ok(false) } else { below.try_lock() }
    }
}

fn claim(held_for: u32) -> Result<(), VolumeError> {
    let below = disk();
    create(&below)?;
    let twist = HeldFor(AtomicU32::new(held_for));
    Volume::open(Arc::new(Twisted { below, twist }))?.0.lock_for_writing()
}

/// A vault was once refused as "in use by another Holdfast" by the program that had just closed it:
/// a thread was closing the last file, or a child that it had started shared the lock until it began.
#[test]
fn a_disk_that_is_just_being_let_go_of_is_waited_for() {
    claim(0).unwrap();
    claim(3).unwrap();
}

#[test]
fn a_disk_that_another_holds_is_refused() {
    assert!(matches!(claim(u32::MAX), Err(VolumeError::InUse { .. })));
}
