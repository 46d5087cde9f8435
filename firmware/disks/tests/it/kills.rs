//! A kill after any step, and in the middle of any copying, leads to the same end.

use board_sim::NewDisk;
use disks::Done;
use plan::disk::{Action, Aim};

use crate::common::{Rig, SIZE, rig};

/// A box whose owner has said yes to replacing `right` by `new`.
fn replacing() -> Rig {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 5_000_000);
    rig.machine.create(&NewDisk::sata("new", "SN-new", SIZE)).expect("a new disk");
    rig.insert("new", "bay-3");
    let replaces = Some(rig.volume("right"));
    let new = rig.identity("new");
    rig.caretaker.adopt(&new, Aim::Member { replaces }).expect("it is blank");
    rig
}

fn ends_well(mut rig: Rig) {
    rig.work();
    let disk = rig.identity("right");
    assert_eq!(rig.caretaker.open_questions().expect("facts"), [Action::AskPull { disk }]);
    assert_eq!(rig.vault().volumes().expect("a list").len(), 2);
    assert_eq!(rig.vault().under_copied().expect("a number"), 0);
    rig.pull("right");
    rig.pull("left");
    rig.is_whole();
}

#[test]
fn a_kill_after_every_step_changes_nothing_in_the_end() {
    let mut rig = replacing();
    let mut kills = 0;
    loop {
        rig = rig.killed();
        kills += 1;
        // After a start the disks are mounted first; the step after that is what is new.
        rig.caretaker.step().unwrap();
        if rig.caretaker.step().unwrap() == Done::Idle {
            break;
        }
        rig.works(&mut |_| true).unwrap();
        assert!(kills < 30, "it never comes to an end");
    }
    assert!(kills > 3, "{kills} kills are few");
    ends_well(rig);
}

#[test]
fn a_kill_in_the_middle_of_copying_leads_to_the_same_end() {
    for stop_at in [1, 2, 3] {
        let mut rig = replacing();
        let mut calls = 0;
        let mut stopped = false;
        for _ in 0..20 {
            rig.caretaker.step().unwrap();
            let worked = rig.works(&mut |_| {
                calls += 1;
                calls != stop_at
            });
            if worked.is_err() {
                stopped = true;
                break;
            }
        }
        assert!(stopped, "there was no copying to stop");
        ends_well(rig.killed());
    }
}

/// A disk that was to be replaced took the last versions alone, and the power failed. Started without it,
/// the box took it off its list: nothing on it was in the catalog and nowhere else.
#[test]
fn a_disk_with_versions_that_nobody_else_knows_of_is_not_struck_off_while_it_is_away() {
    for gives_up in [false, true] {
        let mut rig = rig(&["left", "right"]);
        rig.work();
        rig.back_up("letters", 100_000);
        let right = rig.volume("right");
        rig.pull("left");
        rig.work();
        rig.caretaker.replace(right).expect("it is a member");
        rig.work();
        rig.back_up_unsealed("photos", 100_000).expect("it takes it");
        rig.machine.pull("right").expect("it is plugged in");
        rig.machine.insert("left", "bay-1").expect("a free bay");
        let mut rig = rig.killed();
        let off = Action::StrikeOff { volume: right };
        rig.machine.create(&NewDisk::sata("new", "SN-new", SIZE)).expect("a new disk");
        rig.insert("new", "bay-3");
        let new = rig.identity("new");
        rig.caretaker.adopt(&new, Aim::Member { replaces: Some(right) }).expect("it is blank");
        assert!(!rig.work().contains(&off), "its owner wanted it gone, and not what it alone has");
        assert_eq!(rig.vault().volumes().expect("a list").len(), 3);
        assert_eq!(rig.vault().under_copied().expect("a number"), 0);
        if gives_up {
            rig.caretaker.retire(right).expect("it is a member");
            assert!(rig.work().contains(&off), "now he has said so");
            assert_eq!(rig.vault().volumes().expect("a list").len(), 2);
        } else {
            rig.insert("right", "bay-2");
            rig.work();
            rig.is_whole();
        }
    }
}

/// While a volume was being struck off, the box forgot its disk; then no disk took the head that said so,
/// and the vault listed a volume that nobody could name any more.
#[test]
fn a_disk_is_forgotten_only_when_its_striking_off_has_come_to_its_end() {
    let mut rig = rig(&["left", "right", "third"]);
    rig.work();
    rig.back_up("letters", 100_000);
    let right = rig.volume("right");
    rig.pull("right");
    rig.caretaker.retire(right).expect("it is a member");
    let off = Done::Did(Action::StrikeOff { volume: right });
    while rig.caretaker.step().expect("nothing fails") != off {
        rig.works(&mut |_| true).expect("nothing fails");
    }
    rig.vault().finish_replacing(right, &mut |_| true).expect("the others have all of it");
    rig.caretaker.step().expect("nothing fails");
    assert!(rig.caretaker.roster().member(right).is_some(), "its job may yet fail");
    rig.works(&mut |_| true).expect("nothing fails");
    rig.work();
    assert!(rig.caretaker.roster().member(right).is_none());
}
