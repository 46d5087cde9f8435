//! Which verbs lead where in the life of one disk, all others being refused with a sentence.

use plan::disk::{
    Aim, Doubt, ERASE_WAIT, Grade, Joining, KEPT_WAIT, Life, Refusal, Standing, Verb, Wish,
};
use proptest::prelude::*;
use types::{Millis, VolumeId};

use crate::moves::{lives, moves};

const AIM: Aim = Aim::Member { replaces: Some(VolumeId([9; 16])) };
pub(super) const STAY: Wish = Wish::Stay;
pub(super) const REPLACE: Wish = Wish::Replace;
pub(super) const WAITING: Joining = Joining::Waiting { left: ERASE_WAIT, aim: AIM };
pub(super) const READY: Joining = Joining::Ready { aim: AIM };
pub(super) const FORMATTING: Joining = Joining::Formatting { aim: AIM };
pub(super) const FORMATTED: Joining = Joining::Formatted { aim: AIM };
pub(super) const KEPT: Joining = Joining::Kept { left: KEPT_WAIT, aim: AIM };

const VERBS: [Verb; 20] = [
    Verb::Adopt,
    Verb::AskErase,
    Verb::SkipWait,
    Verb::Undo,
    Verb::Format,
    Verb::Spared,
    Verb::Formatted,
    Verb::Kept,
    Verb::Joined,
    Verb::Pulled,
    Verb::Returned,
    Verb::Confirm,
    Verb::Replace,
    Verb::Retire,
    Verb::Cancel,
    Verb::Drained,
    Verb::StrikeOff,
    Verb::Reinstate,
    Verb::UseAs,
    Verb::Release,
];

/// What became of it; none when it is forgotten.
fn act(life: Life, verb: Verb) -> Result<Option<Life>, Refusal> {
    match verb {
        Verb::Pulled => life.pulled(),
        Verb::StrikeOff => life.strike_off().map(|()| None),
        Verb::Adopt => life.adopt(AIM).map(Some),
        Verb::AskErase => life.ask_erase(AIM).map(Some),
        Verb::SkipWait => life.skip_wait().map(Some),
        Verb::Undo => life.undo().map(Some),
        Verb::Format => life.format().map(Some),
        Verb::Spared => life.spared().map(Some),
        Verb::Formatted => life.formatted().map(Some),
        Verb::Kept => life.kept().map(Some),
        Verb::Joined => life.joined().map(Some),
        Verb::Returned => life.returned().map(Some),
        Verb::Confirm => life.confirm().map(Some),
        Verb::Replace => life.replace().map(Some),
        Verb::Retire => life.retire().map(Some),
        Verb::Cancel => life.cancel().map(Some),
        Verb::Drained => life.drained().map(Some),
        Verb::Reinstate => life.reinstate().map(Some),
        Verb::UseAs => life.use_as(Aim::Rescue).map(Some),
        Verb::Release => life.release().map(Some),
    }
}

#[test]
fn every_move_leads_where_it_should_and_every_other_is_refused_with_a_sentence() {
    let mut refused = 0;
    for life in lives() {
        let moves = moves(life);
        for verb in VERBS {
            let wanted = moves.iter().find(|(known, _)| *known == verb).map(|(_, next)| *next);
            match (act(life, verb), wanted) {
                (Ok(next), Some(wanted)) => assert_eq!(next, wanted, "{life:?} {verb:?}"),
                (Err(refusal), None) => {
                    refused += 1;
                    assert!(refusal.to_string().len() > 20, "{refusal}");
                    assert!(refusal.advice().ends_with('.'), "{refusal}");
                }
                (found, wanted) => panic!("{life:?} {verb:?}: {found:?}, not {wanted:?}"),
            }
        }
    }
    assert!(refused > 500, "{refused} refusals are few for so many lives");
}

#[test]
fn a_refusal_says_how_the_disk_is_and_what_cannot_be() {
    let said = |life: Life, verb| act(life, verb).unwrap_err().to_string();
    assert_eq!(
        said(Life::Retiring { was: Standing::Watch }, Verb::Replace),
        "a disk that is being emptied cannot be replaced"
    );
    assert_eq!(
        said(Life::Foreign(Joining::No), Verb::Adopt),
        "there is something on this disk, and it would be gone"
    );
    // Asked twice, it used to be said that a disk which holds something cannot be erased.
    for (life, sentence) in [
        (Life::Foreign(WAITING), "this disk is to be erased already, and waits for that"),
        (Life::Foreign(KEPT), "this disk is formatted already"),
        (Life::Foreign(Joining::PuttingBack), "what was on this disk is being put back"),
    ] {
        assert_eq!(said(life, Verb::AskErase), sentence);
    }
    assert_eq!(said(Life::Blank(READY), Verb::Adopt), "this disk is to be formatted already");
    assert_eq!(
        said(Life::Foreign(FORMATTING), Verb::Undo),
        "formatting has begun, and what was on the disk cannot be put back"
    );
    assert_eq!(
        said(Life::Quarantined(Doubt::Clone, Joining::No), Verb::Confirm),
        "this disk is in doubt: the disk that it is a copy of is here, too"
    );
}

#[test]
fn an_erasing_waits_ten_minutes_of_counted_time() {
    let asked = Life::Foreign(Joining::No).ask_erase(AIM).unwrap();
    let almost = asked.passed(Millis(ERASE_WAIT.0 - 1));
    assert_eq!(almost.joining(), Joining::Waiting { left: Millis(1), aim: AIM });
    assert!(almost.format().is_err());
    assert_eq!(almost.passed(Millis(1)).joining(), READY);
    assert_eq!(almost.undo(), Ok(Life::Foreign(Joining::No)));
}

#[test]
fn a_disk_whose_content_is_kept_is_not_used_for_five_minutes_and_an_undo_never_uses_it() {
    let kept = Life::Foreign(FORMATTING).kept().unwrap();
    let almost = kept.passed(Millis(KEPT_WAIT.0 - 1));
    assert!(almost.joined().is_err(), "what was there before would be lost");
    assert_eq!(almost.passed(Millis(1)).joining(), FORMATTED);
    assert_eq!(almost.skip_wait().unwrap().joining(), FORMATTED);
    assert_eq!(Life::Foreign(FORMATTED).undo(), Err(Refusal::TooLate));
    let undone = almost.undo().unwrap().passed(Millis::from_days(1));
    assert_eq!(undone.joining(), Joining::PuttingBack, "no time makes it join");
    assert_eq!(undone.joining().aim(), None);
}

#[test]
fn better_numbers_do_not_bring_back_a_disk_that_failed() {
    let mut life = Life::Member { wish: STAY };
    for (grade, wanted) in [
        (Grade::Watch, Life::Watch { wish: STAY }),
        (Grade::ReplaceSoon, Life::Watch { wish: STAY }),
        (Grade::Healthy, Life::Member { wish: STAY }),
        (Grade::Failed, Life::Failed { wish: STAY }),
        (Grade::Healthy, Life::Failed { wish: STAY }),
    ] {
        life = life.judged(grade);
        assert_eq!(life, wanted);
    }
    assert_eq!(life.reinstate().unwrap().judged(Grade::Healthy), Life::Member { wish: STAY });
}

proptest! {
    #[test]
    fn no_way_leads_to_formatting_but_through_a_yes_that_was_not_taken_back(
        start in 0..10_usize,
        verbs in prop::collection::vec((0..VERBS.len(), 0..12_u64), 1..40),
    ) {
        let lives = lives();
        let mut life = lives[start % lives.len()];
        // What the owner said and how long ago, kept beside it in the simplest way.
        let mut yes = life.joining() != Joining::No || matches!(life, Life::TakenOut(_));
        for (verb, minutes) in verbs {
            life = life.passed(Millis::from_secs(60 * minutes));
            match act(life, VERBS[verb]) {
                Err(_) => {}
                Ok(None) => break,
                Ok(Some(next)) => {
                    match VERBS[verb] {
                        Verb::Adopt | Verb::AskErase => yes = true,
                        Verb::Undo | Verb::Joined | Verb::Spared => yes = false,
                        _ => {}
                    }
                    life = next;
                }
            }
            // What is put back needs no yes: it takes one back.
            let harmless = matches!(life.joining(), Joining::No | Joining::PuttingBack);
            prop_assert!(yes || harmless, "{:?}", life);
        }
    }
}
