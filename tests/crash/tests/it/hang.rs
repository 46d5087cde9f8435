//! A disk that does not answer any more: writes go on at the others.
//!
//! Reads have no deadline yet: whoever reads from a disk just when it hangs waits with it. So the
//! disk that hangs here is the second, from which nothing is read while the first is well.

use std::sync::Arc;

use crash::faults::WORK;
use crash::model::verify;
use crash::rig::{Rig, Shape};
use crash::run::{Run, Step};
use testkit::simdisk::{Fault, Lasting};

/// Lets one disk hang at its `nth` operation. Everything must be acknowledged all the same.
fn hang_at(rig: &Arc<Rig>, nth: u64) {
    let mut run = Run::new(rig, Shape { disks: 2, copies: 2 });
    run.threaded();
    run.open().unwrap();
    run.step(Step::Put).unwrap();
    run.tap.recall_space();
    let hanging = run.disks[1].clone();
    hanging.fail_after(nth, Fault::Hang, Lasting::Once);
    for step in WORK {
        run.step(step).unwrap_or_else(|stop| panic!("hang at {nth}, {step:?}: {stop:?}"));
    }
    let ledger = run.ledger().clone();
    verify(run.vault(), &ledger, false).unwrap();
    hanging.release();
    run.kill();
}

#[test]
fn a_disk_that_hangs_holds_up_writes_no_longer_than_its_deadline() {
    let (told, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let rig = Arc::new(Rig::new(5));
        for nth in [1, 3, 8, 21, 55] {
            told.send(nth).unwrap();
            hang_at(&rig, nth);
        }
    });
    let mut last = 0;
    // A trial takes a few seconds; one that never ends must not hold up the other tests.
    loop {
        match hears.recv_timeout(std::time::Duration::from_secs(60)) {
            Ok(nth) => last = nth,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                panic!("the vault hangs with its disk, from operation {last} on")
            }
        }
    }
    assert_eq!(last, 55, "a trial failed: see above");
}
