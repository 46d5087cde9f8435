//! A disk that turns bad is spoken of in one sentence, and trusted again only by its owner.

use board::{Board, Light, SmartFacts};
use board_sim::{Faults, NewDisk};
use disks::Done;
use plan::disk::{Action, Aim, Grade, Life, Wish};
use types::Millis;

use crate::common::{SIZE, rig};

#[test]
fn what_a_disk_says_and_what_was_seen_of_it_become_one_sentence_and_a_light() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    let (left, right) = (rig.volume("left"), rig.volume("right"));
    let verdicts = rig.caretaker.check_health().unwrap();
    assert!(verdicts.values().all(|verdict| verdict.grade == Grade::Healthy), "{verdicts:?}");
    rig.machine
        .set_smart("right", SmartFacts { passed: Some(false), ..SmartFacts::default() })
        .unwrap();
    let verdicts = rig.caretaker.check_health().unwrap();
    assert_eq!(verdicts[&right].sentence, "The disk expects to fail.");
    assert_eq!(
        (verdicts[&left].grade, verdicts[&right].grade),
        (Grade::Healthy, Grade::ReplaceSoon)
    );
    rig.work();
    assert_eq!((rig.machine.lit("1"), rig.machine.lit("2")), (Light::Good, Light::Watch));
}

#[test]
fn a_disk_that_sleeps_is_not_woken_to_be_judged() {
    let mut rig = rig(&["left"]);
    rig.work();
    rig.caretaker.check_health().unwrap();
    rig.machine.sleep(&rig.identity("left")).unwrap();
    let wakes = rig.machine.counts("left").unwrap().wakes;
    let smart = SmartFacts { passed: Some(false), ..SmartFacts::default() };
    rig.machine.set_smart("left", smart).unwrap();
    let verdicts = rig.caretaker.check_health().unwrap();
    assert!(verdicts.values().all(|verdict| verdict.grade == Grade::Healthy), "as it said last");
    rig.caretaker.look().unwrap();
    rig.caretaker.open_questions().unwrap();
    assert_eq!(rig.caretaker.step().unwrap(), Done::Idle);
    let counts = rig.machine.counts("left").unwrap();
    assert!(counts.asleep && counts.wakes == wakes, "{counts:?}");
}

#[test]
fn a_member_that_failed_is_only_read_until_its_owner_trusts_it_again() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    let right = rig.volume("right");
    rig.machine.set_faults("right", Faults { writes_fail: true, ..Faults::default() }).unwrap();
    rig.back_up("letters", 2_000_000);
    let verdicts = rig.caretaker.check_health().unwrap();
    assert_eq!(verdicts[&right].grade, Grade::Failed);
    rig.machine.set_faults("right", Faults::default()).unwrap();
    rig.caretaker.check_health().unwrap();
    let life = |rig: &crate::common::Rig| rig.caretaker.roster().member(right).unwrap().life;
    assert_eq!(life(&rig), Life::Failed { wish: Wish::Stay });
    rig.caretaker.reinstate(right).unwrap();
    rig.work();
    let verdicts = rig.caretaker.check_health().unwrap();
    assert_eq!(verdicts[&right].grade, Grade::Healthy);
    assert_eq!(life(&rig), Life::Member { wish: Wish::Stay });
    assert_eq!(rig.vault().under_copied().unwrap(), 0);
    rig.pull("left");
    rig.is_whole();
}

#[test]
fn reads_that_fail_are_told_of_the_disk_that_they_failed_on_and_a_pull_is_no_fault() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 2_000_000);
    let (left, right) = (rig.volume("left"), rig.volume("right"));
    assert_eq!(rig.caretaker.faults(), 0);
    rig.machine.set_faults("right", Faults { reads_fail: true, ..Faults::default() }).unwrap();
    let options = vault::CheckOptions { read_data: true, repair: false };
    drop(rig.vault().check(options, &mut |_| true));
    assert!(rig.caretaker.faults() > 0);
    let verdicts = rig.caretaker.check_health().unwrap();
    assert_eq!(verdicts[&left].grade, Grade::Healthy);
    assert!(verdicts[&right].grade > Grade::Healthy, "{verdicts:?}");
    rig.machine.set_faults("right", Faults::default()).unwrap();
    rig.pull("left");
    rig.insert("left", "bay-1");
    rig.work();
    let verdicts = rig.caretaker.check_health().unwrap();
    assert_eq!(verdicts[&left].grade, Grade::Healthy, "its owner pulled it");
}

/// A disk on which formatting failed was formatted anew every minute, for as long as it was plugged in.
#[test]
fn a_disk_with_which_something_fails_is_tried_later_each_time_and_at_once_when_it_is_touched() {
    let mut rig = rig(&["left"]);
    rig.work();
    rig.machine.create(&NewDisk::sata("new", "SN-new", SIZE)).unwrap();
    rig.insert("new", "bay-3");
    let new = rig.identity("new");
    rig.machine.set_faults("new", Faults { writes_fail: true, ..Faults::default() }).unwrap();
    rig.caretaker.adopt(&new, Aim::Member { replaces: None }).unwrap();
    let mut tries = 0;
    for minute in 0..6 * 60 {
        // As the box does it: a step for as long as there is one.
        for _ in 0..9 {
            match rig.caretaker.step() {
                Ok(Done::Idle) => break,
                Ok(Done::Did(action)) => panic!("minute {minute}: {action:?}"),
                Err(_) => tries += 1,
            }
        }
        assert!(rig.caretaker.tried_again_in(&new).is_some(), "and it is said when");
        rig.caretaker.passed(Millis::from_secs(60)).unwrap();
    }
    assert!((12..20).contains(&tries), "{tries} times in six hours");
    // Its owner does something with it, or it is plugged in anew: nobody waits for an hour then.
    rig.machine.set_faults("new", Faults::default()).unwrap();
    assert_eq!(rig.work(), [], "nothing has told the box");
    rig.pull("new");
    rig.insert("new", "bay-3");
    rig.caretaker.adopt(&new, Aim::Member { replaces: None }).unwrap();
    assert_eq!(rig.work()[0], Action::Format { disk: new });
}
