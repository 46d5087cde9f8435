//! A pact's notice and a clock that is not believed.

use peer_proto::pact::{PactAction, PactEvent, Phase};
use peer_proto::wire::{CtlSay, Why};
use types::Millis;

use crate::boxes::{NOON, terms};
use crate::pact::{ANNA, BO, Two};

const MONTH: Millis = Millis::from_days(30);

/// Found by the simulation: a host's clock was ten years ahead for a week, its pact with a friend who had
/// given notice was over at once, and the friend was refused for the rest of its thirty days.
#[test]
fn a_notice_does_not_end_by_a_clock_that_is_not_believed() {
    let mut two = Two::new(terms(1 << 40));
    two.both(BO, NOON, PactEvent::GiveNotice);
    let ahead = NOON.plus(Millis::from_days(3_650));
    two.alone(ANNA, ahead, PactEvent::Clock(false));
    assert_eq!(two.alone(ANNA, ahead, PactEvent::Tick), []);
    assert_eq!(two.lives[ANNA].phase(), Phase::Ending(NOON.plus(MONTH)));
    assert!(two.lives[ANNA].may_speak().is_ok());
    two.alone(ANNA, NOON, PactEvent::Clock(true));
    assert_eq!(two.alone(ANNA, NOON, PactEvent::Tick), []);
    two.alone(ANNA, NOON.plus(MONTH), PactEvent::Tick);
    assert_eq!(two.lives[ANNA].phase(), Phase::Over, "by a clock that is believed it does");
}

/// Found by the simulation: counted from a clock that was behind, a notice of thirty days was over as soon
/// as the clock was right.
#[test]
fn a_notice_does_not_begin_by_a_clock_that_is_not_believed() {
    let behind = NOON.minus(Millis::from_days(400));
    let mut two = Two::new(terms(1 << 40));
    two.alone(ANNA, behind, PactEvent::Clock(false));
    let unsure = Why::ClockUnsure.plain();
    let own = two.alone(ANNA, behind, PactEvent::GiveNotice);
    assert_eq!(own, [PactAction::NotPossible(unsure)]);
    let [at_anna, _] = two.both(BO, behind, PactEvent::GiveNotice);
    assert_eq!(at_anna, [PactAction::Answer(CtlSay::Refused(unsure))]);
    assert_eq!(two.lives[ANNA].phase(), Phase::Standing);
    // It is said again on the next line.
    two.alone(ANNA, NOON, PactEvent::Clock(true));
    two.both(BO, NOON, PactEvent::Connected);
    assert_eq!(two.lives[ANNA].phase(), Phase::Ending(NOON.plus(MONTH)));
}

/// The clock of a box whose card was new was ahead, and nothing told it so: notice that was given was over in the
/// first minute.
#[test]
fn a_notice_that_a_box_finds_again_runs_as_long_as_one_that_is_given_then() {
    let mut two = Two::new(terms(1 << 40));
    two.both(BO, NOON, PactEvent::GiveNotice);
    let life = &mut two.lives[ANNA];
    life.taken_over(NOON.minus(MONTH));
    assert_eq!(life.phase(), Phase::Ending(NOON.plus(MONTH)), "no earlier than it was said");
    let ahead = NOON.plus(Millis::from_days(400));
    life.taken_over(ahead);
    assert_eq!(life.phase(), Phase::Ending(ahead.plus(MONTH)));
    let mut new = Two::new(terms(1 << 40));
    new.lives[ANNA].taken_over(ahead);
    assert_eq!(new.lives[ANNA].phase(), Phase::Standing);
}

/// A box was off, and its clock with it; a notice that was given by that clock would have ended early by as
/// much, once it was right.
#[test]
fn a_notice_told_to_a_box_whose_clock_stood_still_ends_as_much_later_and_once() {
    let mut two = Two::new(terms(1 << 40));
    let away = Millis::from_days(20);
    two.both(BO, NOON, PactEvent::GiveNotice);
    assert_eq!(two.alone(ANNA, NOON, PactEvent::ClockAgreed(away)), [PactAction::Keep]);
    assert_eq!(two.lives[ANNA].phase(), Phase::Ending(NOON.plus(MONTH).plus(away)));
    // What passes from now on is counted, whether the box is off or not.
    assert_eq!(two.alone(ANNA, NOON, PactEvent::ClockAgreed(away)), []);
    assert_eq!(two.lives[ANNA].phase(), Phase::Ending(NOON.plus(MONTH).plus(away)));
}

/// A box lost its power between noting that a pact is over and letting the host know: nobody ever let go.
#[test]
fn after_a_start_the_host_hears_again_that_a_pact_is_over_and_waits_its_days() {
    let mut two = Two::new(terms(1 << 40));
    assert_eq!(two.alone(ANNA, NOON, PactEvent::Started), []);
    two.both(BO, NOON, PactEvent::StopNow);
    assert_eq!(two.lives[ANNA].phase(), Phase::Over);
    for late in [0, 400] {
        let now = NOON.plus(Millis::from_days(late));
        let again = PactAction::Release(now.plus(MONTH));
        assert_eq!(two.alone(ANNA, now, PactEvent::Started), [again]);
    }
}
