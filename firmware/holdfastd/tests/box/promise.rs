//! How many copies a box keeps: what it promises when disks come, and what its owner changes.

use calls::{Answer, Call, DiskAct, FaultCode, Job, JobSpec, JobState, KeepWish, QuestionKind};

use crate::hand::{SIZE, asks, at, rig, told};
use crate::rig::Rig;
use crate::running::Running;

const ON_ONE: &str = "Everything lies on one disk only: if that disk dies, all is lost.";

/// A box that was begun with one disk, and with what comes with it by itself: one copy.
fn begun_with_one(rig: &Rig) -> Running<'_> {
    let running = rig.start();
    running.insert("red", SIZE, 1);
    running.until_disks(|disks| disks.disks.len() == 1);
    let create = Call::Create { disks: vec!["1".to_owned()], copies: 1, password: None };
    assert!(matches!(running.ask(create), Answer::Created { .. }));
    running.notes_the_words();
    running.done(rig.big_folder("docs", 4));
    running
}

fn copies(copies: u8, less: bool) -> Call {
    let wish = KeepWish { copies: Some(copies), versions: None };
    Call::Keep { wish, less, goes_at_most: 0 }
}

fn says(running: &Running<'_>, sentence: &str) -> bool {
    running.health().findings.iter().any(|one| one.sentence == sentence)
}

/// A box that was begun with one disk kept one copy for ever, whatever disks came, and said that all
/// was well.
#[test]
fn with_its_second_disk_a_box_keeps_everything_twice_and_until_then_it_says_that_it_does_not() {
    let rig = rig();
    let running = begun_with_one(&rig);
    running.until_disks(|_| says(&running, ON_ONE));
    running.insert("green", SIZE, 2);
    running.until_disks(|disks| asks(disks, QuestionKind::Adopt).is_some());
    running.act("2", DiskAct::Adopt { replaces: None });
    let disks = running.until_disks(|disks| at(disks, "bay 2").life == "member");
    assert!(told(&disks, "kept on two disks"), "{disks:?}");
    running.rests();
    running.checks_clean();
    running.until_disks(|_| running.health().findings.is_empty());
    // The one that everything was on is gone, and nothing with it.
    running.pull("red");
    running.until_disks(|disks| at(disks, "bay 1").life == "ours-absent");
    running.is_whole("docs", "back");
}

/// The number of copies could not be changed on a box at all.
#[test]
fn an_owner_changes_how_many_copies_are_kept_and_they_are_made() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green", "blue"]);
    running.done(rig.big_folder("docs", 4));
    let none = running.refused(copies(0, false));
    assert_eq!(none.code, FaultCode::BadRequest);
    let Answer::Kept(kept) = running.ask(copies(3, false)) else { panic!() };
    running.until(kept.jobs[0].id, |job| job.state == JobState::Done);
    let done = |jobs: &[Job]| jobs.iter().any(|job| job.spec == (JobSpec::Rebuild {}));
    assert!(done(&running.rests()));
    running.checks_clean();
    for (number, name) in (1..).zip(["red", "green"]) {
        running.pull(name);
        let bay = format!("bay {number}");
        running.until_disks(|disks| at(disks, &bay).life == "ours-absent");
    }
    running.is_whole("docs", "back");
    // Fewer is a wish as well, and is said.
    assert_eq!(running.refused(copies(1, false)).code, FaultCode::WrongState);
    assert!(matches!(running.ask(copies(1, true)), Answer::Kept(_)));
    running.until_disks(|_| says(&running, ON_ONE));
}
