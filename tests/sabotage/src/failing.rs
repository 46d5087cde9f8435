//! Disks that fail, and then the power that goes, or one disk more.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use crash::model::verify;
use crash::rig::{Rig, Shape, copies_of};
use crash::run::{Run, Step};
use testkit::dice::Dice;
use testkit::simdisk::{Fault, Lasting};
use vault::VolumeInfo;

use crate::suite::Detector;

/// One operation fails, work goes on if the vault says so, then the power goes.
pub(crate) const FAULT_THEN_CUT: Detector =
    Detector { name: "a fault, then a power cut", run: fault_then_cut };
/// One disk of three fails; of the two that are left either is enough.
pub(crate) const ONE_FAILS_ANOTHER_GOES: Detector =
    Detector { name: "one disk fails, another goes", run: one_fails_another_goes };

/// One disk of two does not answer any more.
pub(crate) const DISK_HANGS: Detector = Detector { name: "a disk that hangs", run: disk_hangs };

/// Four times the deadline that the simulator gives a disk.
const PATIENCE: Duration = Duration::from_secs(8);

const WORK: [Step; 3] = [Step::Put, Step::Overwrite, Step::MakeFolder];

fn fault_then_cut() -> Result<(), String> {
    let rig = Arc::new(Rig::new(3));
    let mut felt = 0;
    for nth in 1..40 {
        let mut run = Run::new(&rig, Shape { disks: 1, copies: 1 });
        run.open().map_err(|stop| format!("{stop:?}"))?;
        run.step(Step::Put).map_err(|stop| format!("{stop:?}"))?;
        run.disks[0].fail_after(nth, Fault::Eio, Lasting::Once);
        felt += u32::from(WORK.iter().any(|step| run.step(*step).is_err()));
        let ledger = run.ledger().clone();
        run.kill();
        for seed in 0..3 {
            let mut dice = Dice::new(nth * 100 + seed);
            let disks = run.disks.iter();
            let left = disks.map(|disk| disk.crash(&mut |sides| dice.roll(sides))).collect();
            let mut after = Run::resume(&rig, left, run.salts().child(), ledger.clone());
            let lost = |why: &str| format!("lost after operation {nth} failed: {why}");
            after.open().map_err(|stop| lost(&format!("{stop:?}")))?;
            verify(after.vault(), &ledger, false).map_err(|wrong| lost(&wrong.to_string()))?;
        }
    }
    if felt == 0 { Err("no fault was felt".to_owned()) } else { Ok(()) }
}

fn one_fails_another_goes() -> Result<(), String> {
    let rig = Arc::new(Rig::new(4));
    let mut promised = 0;
    for failing in 0..3 {
        for nth in (1..40).step_by(3) {
            let mut run = Run::new(&rig, Shape { disks: 3, copies: 2 });
            run.open().map_err(|stop| format!("{stop:?}"))?;
            run.step(Step::Put).map_err(|stop| format!("{stop:?}"))?;
            run.disks[failing].fail_after(nth, Fault::Eio, Lasting::Forever);
            for step in WORK {
                run.step(step).map_err(|stop| format!("two disks are left: {stop:?}"))?;
            }
            let ledger = run.ledger().clone();
            let failed = |disk: &VolumeInfo| disk.state == "failed";
            let felt = run.vault().volumes().is_ok_and(|all| all.iter().any(failed));
            run.kill();
            if !felt || ledger.model.fewest_copies != Some(2) {
                continue;
            }
            promised += 1;
            for alone in (0..3).filter(|n| *n != failing) {
                let (disks, salts) = (copies_of(&run.disks), run.salts().child());
                let mut after = Run::resume(&rig, disks, salts, ledger.clone());
                (0..3).filter(|n| *n != alone).for_each(|n| after.leave_out(n));
                let lost =
                    |why: &str| format!("disk {alone} alone, after disk {failing} failed: {why}");
                after.open().map_err(|stop| lost(&format!("{stop:?}")))?;
                verify(after.vault(), &ledger, false).map_err(|wrong| lost(&wrong.to_string()))?;
            }
        }
    }
    if promised == 0 { Err("two copies were never promised".to_owned()) } else { Ok(()) }
}

fn disk_hangs() -> Result<(), String> {
    let mut run = Run::new(&Arc::new(Rig::new(5)), Shape { disks: 2, copies: 2 });
    run.threaded();
    run.open().map_err(|stop| format!("{stop:?}"))?;
    run.step(Step::Put).map_err(|stop| format!("{stop:?}"))?;
    run.tap.recall_space();
    // The first of the two is read from, and reads have no deadline.
    let hanging = run.disks[1].clone();
    hanging.fail_after(3, Fault::Hang, Lasting::Once);
    let (tell, hear) = channel();
    let working = std::thread::spawn(move || {
        let done = WORK.iter().try_for_each(|step| run.step(*step));
        // Nobody listens any more when it took too long.
        drop(tell.send(done.map_err(|stop| format!("the other disk is well: {stop:?}"))));
    });
    let heard = hear.recv_timeout(PATIENCE);
    hanging.release();
    working.join().map_err(|_| "the work panicked".to_owned())?;
    heard.unwrap_or_else(|_| Err("the vault waits for the disk that hangs".to_owned()))
}
