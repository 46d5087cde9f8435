//! The n-th operation of a disk fails: every n, every way, once and for good.

use std::sync::Arc;

use crash::faults::{Outcome, Trial, operations};
use crash::rig::{Rig, Shape};
use testkit::simdisk::{Fault, Lasting};

const TWO: Shape = Shape { disks: 2, copies: 2 };
const ONE: Shape = Shape { disks: 1, copies: 1 };
const WAYS: [(Fault, Lasting); 7] = [
    (Fault::Eio, Lasting::Once),
    (Fault::Eio, Lasting::Forever),
    (Fault::Enospc, Lasting::Once),
    (Fault::Enospc, Lasting::Forever),
    (Fault::Erofs, Lasting::Once),
    (Fault::Erofs, Lasting::Forever),
    (Fault::ShortWrite, Lasting::Once),
];

/// Tries every `stride`-th operation, another part of them for each way, and collects failures.
fn sweep(shape: Shape, while_opening: bool, stride: u64) -> (usize, Vec<Outcome>, Vec<String>) {
    let rig = Arc::new(Rig::new(3));
    let (mut outcomes, mut wrong) = (Vec::new(), Vec::new());
    for disk in 0..shape.disks {
        let (work, opening) = operations(&rig, shape, disk);
        let count = if while_opening { opening } else { work };
        for (way, (fault, lasting)) in (0..).zip(WAYS) {
            for nth in (1..=count).filter(|nth| (nth + way) % stride == 0) {
                let trial = Trial { shape, disk, nth, fault, lasting, while_opening };
                match trial.run(&rig) {
                    Ok(outcome) => outcomes.push(outcome),
                    Err(what) => wrong.push(what),
                }
            }
        }
    }
    (outcomes.len() + wrong.len(), outcomes, wrong)
}

fn report(name: &str, tried: usize, outcomes: &[Outcome], wrong: &[String]) {
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
    println!(
        "{name}: {tried} trials, {} wrong, {} refused, {} unopened, {} with one copy, {} missed",
        wrong.len(),
        count(|o| o.refused),
        count(|o| o.unopened),
        count(|o| o.single_copy),
        count(|o| o.missed),
    );
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}

#[test]
fn with_two_disks_everything_is_acknowledged_whichever_operation_of_one_fails() {
    let (tried, outcomes, wrong) = sweep(TWO, false, 6);
    report("two disks", tried, &outcomes, &wrong);
    assert!(outcomes.iter().any(|o| o.single_copy), "no fault was felt");
}

#[test]
fn with_one_disk_a_failure_is_an_error_and_loses_nothing_acknowledged() {
    let (tried, outcomes, wrong) = sweep(ONE, false, 5);
    report("one disk", tried, &outcomes, &wrong);
    assert!(outcomes.iter().any(|o| o.refused), "no fault was felt");
}

#[test]
fn a_disk_that_fails_while_the_vault_opens_takes_nothing_with_it() {
    let (tried, outcomes, wrong) = sweep(TWO, true, 5);
    report("opening", tried, &outcomes, &wrong);
    let unopened = outcomes.iter().filter(|o| o.unopened).count();
    assert_eq!(unopened, 0, "of {tried}: the other disk has everything");
}
