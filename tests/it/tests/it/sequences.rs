//! Random courses of events: the vault and its model must say the same after each.
//!
//! `PROPTEST_CASES` sets how many courses each test tries; the usual numbers keep the crate within
//! two minutes on two cores. A failure shrinks to a short list of events.

use std::cell::Cell;

use proptest::test_runner::{Config, TestError, TestRunner};
use vault::WriterMode;

use crate::machine::Machine;
use crate::ops::{self, Content, Op, Start};
use crate::rig::DiskKind;

fn run(name: &str, kind: DiskKind, writers: WriterMode, cases: u32, len_max: usize) {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let usual = Config::default();
    let config = Config {
        cases: if asked { usual.cases } else { cases },
        max_shrink_iters: 400,
        failure_persistence: None,
        ..usual
    };
    let (sequences, events) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(config);
    let result = runner.run(&(ops::start(), ops::ops(len_max)), |(start, ops)| {
        sequences.set(sequences.get() + 1);
        events.set(events.get() + ops.len());
        course(kind, writers, start, &ops);
        Ok(())
    });
    eprintln!("{name}: {} courses of {} events", sequences.get(), events.get());
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, (start, ops))) => {
            let listed: Vec<_> = ops.iter().map(|op| format!("\n  {op:?}")).collect();
            panic!("{why}\n{start:?}{}", listed.concat());
        }
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

fn course(kind: DiskKind, writers: WriterMode, start: Start, ops: &[Op]) {
    let mut machine = Machine::new(kind, writers, start);
    for op in ops {
        machine.step(op);
    }
    machine.finish();
}

#[test]
fn any_course_of_events_leaves_what_the_model_says() {
    run("in memory, inline", DiskKind::Memory, WriterMode::Inline, 100, 40);
}

#[test]
fn any_course_of_events_with_writer_threads_leaves_what_the_model_says() {
    run("in memory, threads", DiskKind::Memory, WriterMode::Threads, 40, 30);
}

#[test]
fn any_course_of_events_on_real_folders_leaves_what_the_model_says() {
    run("in folders", DiskKind::Folder, WriterMode::Threads, 30, 20);
}

/// What finds nothing must be able to find something: the same comparison, with one disk too many
/// spoilt behind the vault's back.
#[test]
fn a_loss_that_no_copy_covers_is_noticed() {
    let put = |name: &str| Op::Put {
        source: 0,
        path: name.to_owned(),
        content: Content { seed: 1, len: 50_000, squeezable: false },
        make_parents: true,
    };
    let lost = std::panic::catch_unwind(|| {
        let start = Start { disks: 2, copies: 2, tight: false, seed: 1 };
        let mut machine = Machine::new(DiskKind::Memory, WriterMode::Inline, start);
        machine.step(&put("a"));
        machine.spoil_everywhere();
        machine.finish();
    });
    assert!(lost.is_err(), "the model did not notice");
}

/// A disk could not be taken off the list for the sake of a pack that waited to go, which nobody
/// copies any more: there was no way to do it but by force.
#[test]
fn what_waits_to_go_keeps_no_disk_in_the_vault() {
    let put = |name: &str| Op::Put {
        source: 1,
        path: name.to_owned(),
        content: Content { seed: 4, len: 2_727, squeezable: true },
        make_parents: true,
    };
    let course_of =
        [put("a"), put("b"), Op::Prune { at_once: false }, Op::AddVolume, Op::Remove { disk: 0 }];
    let start = Start { disks: 1, copies: 2, tight: false, seed: 245 };
    course(DiskKind::Memory, WriterMode::Inline, start, &course_of);
}
