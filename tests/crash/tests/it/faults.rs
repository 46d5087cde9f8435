//! The n-th operation of a disk fails: a sample of the trials that `cargo xtask test` runs whole.

use crash::faults::{Job, Trial};
use crash::rig::Rig;
use crash::sweep::{Swept, sabotaged, sweep, trials};
use testkit::simdisk::Fault;

/// One of so many trials; a number that shares no factor with the ways to fail.
const STRIDE: usize = 97;

fn run(chosen: &[Trial]) -> Swept {
    let swept = sweep(&Rig::new(3), chosen, 1, &|_| {});
    println!("{:?} {:?}; {} wrong", swept.by_fault, swept.by_job, swept.wrong.len());
    swept
}

#[test]
fn whatever_fails_everything_goes_on_or_is_refused_and_nothing_is_lost() {
    let all = trials(&Rig::new(3));
    let chosen: Vec<Trial> =
        all.into_iter().filter(|trial| trial.fault != Fault::Hang).step_by(STRIDE).collect();
    let swept = run(&chosen);
    assert!(swept.wrong.is_empty(), "{}", swept.wrong.join("\n"));
    assert!(swept.single_copy > 0 && swept.refused > 0, "no fault was felt");
}

#[test]
fn two_disks_that_fail_together_are_told() {
    let all = sabotaged(&trials(&Rig::new(3)));
    let chosen: Vec<Trial> = all.into_iter().step_by(4).collect();
    assert!(!run(&chosen).wrong.is_empty(), "the sweep is blind");
}

/// A disk that hangs at a read once held up whoever read from it, for as long as it hung: only
/// writes had a deadline.
#[test]
fn a_disk_that_hangs_is_waited_for_no_longer_than_its_deadline_whatever_it_does() {
    let all = trials(&Rig::new(3));
    let hang = all.into_iter().filter(|trial| trial.fault == Fault::Hang);
    let hang: Vec<Trial> = hang.filter(|t| matches!(t.job, Job::Open | Job::Check)).collect();
    let swept = run(&hang.into_iter().step_by(29).collect::<Vec<_>>());
    assert!(swept.wrong.is_empty(), "{}", swept.wrong.join("\n"));
    assert!(swept.trials() > swept.missed, "no disk hung");
}
