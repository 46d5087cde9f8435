//! What the owner took back, and what could not be done at the first try.

use board_sim::Faults;
use disks::Done;
use plan::disk::{Grade, Life, Wish};
use types::{Millis, VolumeId};

use crate::common::{Rig, rig};

fn state(rig: &Rig, volume: VolumeId) -> &'static str {
    let all = rig.vault().volumes().expect("the catalog can be read");
    all.into_iter().find(|one| one.id == volume).expect("it is known").state
}

/// A disk was to be emptied, was pulled, and its owner wanted to keep it after all: when it came back
/// the page called it a member, and the vault still meant to empty it. It got no copies any more, and
/// what lacked one lacked it for ever.
#[test]
fn a_disk_that_is_kept_while_it_is_away_takes_part_again_when_it_is_back() {
    let mut rig = rig(&["left", "right", "third"]);
    rig.work();
    rig.back_up("letters", 3_000_000);
    let kept = rig.volume("right");
    rig.caretaker.retire(kept).unwrap();
    rig.caretaker.step().unwrap();
    rig.works(&mut |_| false).unwrap_err();
    assert_eq!(state(&rig, kept), "retiring");
    rig.pull("right");
    rig.caretaker.step().unwrap();
    rig.caretaker.cancel(kept).unwrap();
    rig.insert("right", "bay-2");
    rig.work();
    let entry = rig.caretaker.roster().member(kept).unwrap();
    assert_eq!(entry.life, Life::Watch { wish: Wish::Stay });
    assert_eq!(state(&rig, kept), "member");
    rig.pull("third");
    rig.caretaker.passed(Millis::from_secs(3_600)).unwrap();
    rig.work();
    assert_eq!(rig.vault().under_copied().unwrap(), 0);
}

/// The emptying of a disk had been asked for and waited; its owner took it back, and it was emptied and
/// struck off all the same, while the page called it a member.
#[test]
fn a_disk_that_is_kept_before_its_emptying_begins_is_not_emptied() {
    let mut rig = rig(&["left", "right", "third"]);
    rig.work();
    rig.back_up("letters", 3_000_000);
    let kept = rig.volume("right");
    rig.caretaker.retire(kept).unwrap();
    rig.caretaker.step().unwrap();
    assert!(rig.caretaker.waits(), "what follows from its end is to be done");
    rig.caretaker.cancel(kept).unwrap();
    rig.works(&mut |_| true).unwrap();
    rig.work();
    assert_eq!(state(&rig, kept), "member");
    assert!(!rig.caretaker.waits());
}

/// The emptying of a disk came to its end in the moment in which its owner took it back: the vault had
/// let go of it, the page called it a member, and what it was to have a copy of never got one.
#[test]
fn a_disk_that_is_kept_just_after_its_emptying_ended_comes_back_with_what_is_on_it() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 3_000_000);
    rig.vault().promise(1).unwrap();
    let kept = rig.volume("right");
    rig.caretaker.retire(kept).unwrap();
    rig.caretaker.step().unwrap();
    rig.works(&mut |_| true).unwrap();
    assert!(rig.vault().volumes().unwrap().iter().all(|one| one.id != kept), "it has left");
    rig.caretaker.cancel(kept).unwrap();
    rig.work();
    let back = rig.volume("right");
    assert_ne!(back, kept, "nobody takes it for what it was");
    assert_eq!(state(&rig, back), "member");
    assert_eq!(rig.vault().attached().len(), 2);
    rig.is_whole();
}

/// A disk is gone for good and let go by its owner, and another one, `left`, cannot be read for a while:
/// before or after the vault is opened without the lost one.
fn is_struck_off_later(left_fails_first: bool) {
    let mut rig = rig(&["left", "right", "third"]);
    rig.work();
    rig.back_up("letters", 3_000_000);
    let lost = rig.volume("right");
    rig.pull("right");
    let fails = Faults { reads_fail: true, ..Faults::default() };
    if left_fails_first {
        rig.machine.set_faults("left", fails).expect("nothing else fails here");
        rig.caretaker.retire(lost).expect("nothing else fails here");
    } else {
        rig.caretaker.step().expect("nothing else fails here");
        rig.caretaker.retire(lost).expect("nothing else fails here");
        rig.machine.set_faults("left", fails).expect("nothing else fails here");
    }
    while rig.caretaker.step().is_ok_and(|done| done != Done::Idle) {
        // It fails, or does nothing: nobody can prove that there is a good copy of everything.
        drop(rig.works(&mut |_| true));
    }
    assert!(rig.caretaker.roster().member(lost).is_some());
    rig.machine.set_faults("left", Faults::default()).expect("nothing else fails here");
    for _ in 0..24 {
        rig.caretaker.passed(Millis::from_secs(3_600)).expect("nothing else fails here");
        if rig.caretaker.waits() {
            rig.work();
        }
    }
    assert!(rig.caretaker.roster().member(lost).is_none(), "{:?}", rig.caretaker.roster());
    assert_eq!(rig.vault().under_copied().expect("nothing else fails here"), 0);
    assert_eq!(rig.vault().attached().len(), 2);
    rig.is_whole();
}

/// It was never tried again: the lost disk stayed on the list, and nothing was pruned any more.
#[test]
fn a_lost_disk_that_could_not_be_struck_off_at_first_is_struck_off_later() {
    is_struck_off_later(false);
}

/// The vault was opened without a disk that was plugged in and called a member, and never opened anew
/// with it: its copies were not counted, and nothing that asks for all disks was done any more.
#[test]
fn a_disk_that_could_not_be_read_while_the_vault_was_opened_takes_part_again_later() {
    is_struck_off_later(true);
}

/// Mounting one disk anew means a moment without it. When the others could not be opened for that
/// moment, it was never mounted again: the box had no vault until it was started anew.
#[test]
fn a_disk_that_is_tried_again_is_mounted_although_the_others_cannot_be_opened_without_it() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 3_000_000);
    let failed = rig.volume("right");
    rig.caretaker.judged(failed, Grade::Failed).unwrap();
    rig = rig.killed();
    rig.work();
    assert!(rig.has_vault());
    // Not even its heads can be read.
    let fails = Faults { reads_fail: true, ..Faults::default() };
    rig.machine.set_faults("left", fails).unwrap();
    rig.caretaker.reinstate(failed).unwrap();
    for _ in 0..10 {
        drop(rig.caretaker.step());
    }
    assert!(rig.has_vault(), "{:?}", rig.caretaker.roster());
    rig.is_whole();
}

/// A member that did not answer while the vault was opened was called a member, and its owner's word was
/// refused: it has not failed. For ten minutes nothing could be done but wait.
#[test]
fn a_member_that_the_vault_was_opened_without_takes_part_at_once_when_its_owner_says_so() {
    let mut rig = rig(&["left", "right"]);
    rig.work();
    rig.back_up("letters", 300_000);
    let (left, right) = (rig.volume("left"), rig.volume("right"));
    rig.caretaker.judged(right, Grade::Failed).unwrap();
    let fails = Faults { reads_fail: true, ..Faults::default() };
    rig.machine.set_faults("right", fails).unwrap();
    rig.caretaker.reinstate(right).unwrap();
    rig.work();
    assert!(!rig.vault().attached().contains(&right), "it was opened without the disk");
    rig.machine.set_faults("right", Faults::default()).unwrap();
    assert!(rig.caretaker.reinstate(left).is_err(), "nothing is wrong with that one");
    rig.caretaker.reinstate(right).unwrap();
    rig.work();
    assert!(rig.vault().attached().contains(&right));
    rig.is_whole();
}
