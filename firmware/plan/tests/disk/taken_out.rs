//! A disk that is pulled while what was on it before it was formatted is kept, or is being put back.
//!
//! It used to be forgotten with the pull: what was kept stayed for nobody, and a disk that was half put back
//! was a stranger.

use plan::disk::{
    Action, Aim, HALF_AWAY, Joining, KEPT_AWAY, KEPT_WAIT, Life, News, Roster, Seen, UndoNews,
    World,
};
use proptest::prelude::*;
use types::{DiskContent, Foreign, Millis};

use crate::common::{MINUTE, VAULT, mark, photos, seen};

const AIM: Aim = Aim::Member { replaces: None };
const LABEL: &str = "hf-0001";

/// An empty file system as the box makes it.
fn empty(label: &str) -> DiskContent {
    DiskContent::Foreign(Foreign {
        file_system: Some("ext4".to_owned()),
        label: Some(label.to_owned()),
        files: Some(0),
        ..Foreign::default()
    })
}

/// The mark of a disk that is not whole.
fn half(label: &str) -> DiskContent {
    DiskContent::Foreign(Foreign { label: Some(label.to_owned()), ..Foreign::default() })
}

fn at(disk: &Seen, bay: u8, content: DiskContent) -> Seen {
    let serial = disk.identity.serial.clone();
    let mut moved = seen(serial.as_deref().unwrap_or_default(), bay, content);
    moved.identity.serial = serial;
    moved
}

/// A disk with seven photos that was just formatted, all of it kept; and the same as it is seen now.
fn kept(named: bool) -> (Roster, Seen) {
    let mut disk = seen("CARD", 3, photos(7));
    disk.identity.serial = named.then(|| "CARD".to_owned());
    let mut roster = Roster::new(VAULT);
    roster.look(std::slice::from_ref(&disk));
    let word = roster.erase_word(&disk.identity).expect("each step follows from the last").0;
    roster.ask_erase(&disk.identity, &word, AIM).expect("each step follows from the last");
    roster.skip_wait(&disk.identity).expect("each step follows from the last");
    roster.formatting(&disk.identity, LABEL).expect("each step follows from the last");
    roster.kept_before(&disk.identity).expect("each step follows from the last");
    disk.content = empty(LABEL);
    roster.look(std::slice::from_ref(&disk));
    (roster, disk)
}

fn undo(place: &str, what: UndoNews) -> News {
    News::Undo { place: place.to_owned(), what }
}

fn joining(roster: &Roster, disk: &Seen) -> Joining {
    roster.here(&disk.identity).expect("it is plugged in").life.joining()
}

#[test]
fn an_undo_stands_still_while_the_disk_is_away_and_goes_on_at_any_port() {
    let (mut roster, disk) = kept(true);
    roster.passed(Millis(2 * MINUTE.0));
    let left = Millis(KEPT_WAIT.0 - 2 * MINUTE.0);
    let place = disk.place.clone();
    assert_eq!(roster.look(&[]), [undo(&place, UndoNews::TakenOut { left })]);
    // A day at somebody's, and the box was started anew meanwhile.
    roster.passed(Millis::from_days(1));
    let mut roster = Roster::kept(VAULT, roster.entries().to_vec());
    roster.begin_anew();
    assert!(roster.keeps().contains(LABEL), "the board still has to keep it");
    assert_eq!(roster.decide(&World::default()), [], "nothing is done with what is not here");
    let moved = at(&disk, 4, empty(LABEL));
    let place = moved.place.clone();
    assert_eq!(roster.look(std::slice::from_ref(&moved)), [undo(&place, UndoNews::Again { left })]);
    assert_eq!(joining(&roster, &moved), Joining::Kept { left, aim: AIM });
    assert_eq!(roster.entries().len(), 1);
    roster.undo(&moved.identity).unwrap();
    let put_back = Action::PutBack { disk: moved.identity.clone() };
    assert!(roster.decide(&World::default()).contains(&put_back));
}

#[test]
fn what_was_cut_while_it_was_put_back_goes_on_by_itself_however_far_it_had_come() {
    for (content, restarts) in
        [(half(LABEL), false), (half(LABEL), true), (empty(LABEL), true), (photos(7), false)]
    {
        let (mut roster, disk) = kept(true);
        roster.undo(&disk.identity).unwrap();
        let place = disk.place.clone();
        assert_eq!(roster.look(&[]), [undo(&place, UndoNews::TakenOutHalf)]);
        if restarts {
            roster = Roster::kept(VAULT, roster.entries().to_vec());
            roster.begin_anew();
        }
        let moved = at(&disk, 1, content.clone());
        let place = moved.place.clone();
        assert_eq!(roster.look(std::slice::from_ref(&moved)), [undo(&place, UndoNews::GoesOn)]);
        let put_back = Action::PutBack { disk: moved.identity.clone() };
        assert_eq!(roster.decide(&World::default()), [put_back], "{content:?}");
    }
}

/// Nothing that could be somebody else's is taken for the box's own work.
#[test]
fn another_disk_or_another_content_is_a_stranger() {
    let (roster, disk) = kept(true);
    let mut other = at(&disk, 3, empty(LABEL));
    other.identity.serial = Some("ELSE".to_owned());
    let mut larger = at(&disk, 3, empty(LABEL));
    larger.identity.size.0 += 1;
    let fake = [
        (other, false),
        (larger, false),
        (at(&disk, 3, empty("hf-9999")), true),
        (at(&disk, 3, half(LABEL)), true),
        (at(&disk, 3, photos(7)), true),
        (at(&disk, 3, mark(2, 5)), true),
        (at(&disk, 3, DiskContent::Blank), true),
    ];
    for (fake, told) in fake {
        let mut roster = roster.clone();
        roster.look(&[]);
        let news = roster.look(std::slice::from_ref(&fake));
        let lost = undo(&fake.place, UndoNews::Lost);
        assert_eq!(news.contains(&lost), told, "{fake:?}: {news:?}");
        assert_eq!(joining(&roster, &fake), Joining::No, "{fake:?}");
        assert!(roster.keeps().contains(LABEL), "the true one may still come");
        // And it does: nothing is lost.
        roster.look(std::slice::from_ref(&disk));
        assert!(matches!(joining(&roster, &disk), Joining::Kept { .. }), "{fake:?}");
    }
    // Without a name the port has to be the same.
    for (bay, known) in [(3, true), (4, false)] {
        let (mut roster, disk) = kept(false);
        roster.look(&[]);
        let back = at(&disk, bay, empty(LABEL));
        roster.look(std::slice::from_ref(&back));
        assert_eq!(joining(&roster, &back) != Joining::No, known);
    }
}

#[test]
fn a_clone_beside_it_is_not_taken_for_it_at_another_port() {
    let (mut roster, disk) = kept(true);
    roster.look(&[]);
    let (home, clone) = (at(&disk, 3, empty(LABEL)), at(&disk, 4, empty(LABEL)));
    roster.look(&[clone.clone(), home.clone()]);
    assert!(matches!(joining(&roster, &home), Joining::Kept { .. }));
    assert_eq!(joining(&roster, &clone), Joining::No);
}

#[test]
fn a_disk_that_stayed_and_holds_something_else_by_now_is_never_used_for_what_was_asked() {
    for content in [photos(1), empty("hf-9999"), mark(2, 5)] {
        let (mut roster, disk) = kept(true);
        let changed = at(&disk, 3, content.clone());
        let news = roster.look(std::slice::from_ref(&changed));
        assert_eq!(news[0], undo(&disk.place, UndoNews::Lost), "{content:?}");
        roster.passed(KEPT_WAIT);
        assert_eq!(joining(&roster, &changed), Joining::No, "{content:?}");
        assert!(roster.keeps().is_empty());
    }
    // What cannot be read now says nothing.
    let (mut roster, disk) = kept(true);
    roster.look(&[at(&disk, 3, DiskContent::Unknown)]);
    assert!(matches!(joining(&roster, &disk), Joining::Kept { .. }));
}

#[test]
fn what_is_kept_for_a_disk_that_never_comes_takes_no_room_for_ever_and_that_is_said() {
    for (puts_back, most) in [(false, KEPT_AWAY), (true, HALF_AWAY)] {
        let (mut roster, disk) = kept(true);
        if puts_back {
            roster.undo(&disk.identity).unwrap();
        }
        roster.look(&[]);
        roster.passed(Millis(most.0 - 1));
        assert_eq!(roster.look(&[]), []);
        assert_eq!(roster.keeps().len(), 1);
        roster.passed(Millis(1));
        let over = undo(&disk.place, UndoNews::Over { away: most });
        let days = format!("for {} days", most.0 / Millis::from_days(1).0);
        assert!(over.sentence().contains(&days), "{}", over.sentence());
        assert_eq!(roster.look(&[]), [over]);
        assert_eq!((roster.keeps().len(), roster.entries().len()), (0, 0));
    }
}

#[test]
fn what_is_used_or_nobodys_any_more_is_not_kept() {
    let (mut roster, disk) = kept(true);
    roster.passed(KEPT_WAIT);
    assert!(roster.keeps().is_empty(), "its time has passed");
    let (mut undone, disk_of) = kept(true);
    undone.undo(&disk_of.identity).unwrap();
    assert_eq!(undone.keeps().len(), 1);
    undone.put_back(&disk_of.identity, UndoNews::Done).unwrap();
    assert!(undone.keeps().is_empty());
    // Pulled before it was said that it is formatted: whether anything is kept, the board knows.
    let begun = |content| {
        let (roster, disk) = kept(true);
        let mut entries = roster.entries().to_vec();
        entries[0].life = Life::Foreign(Joining::Formatting { aim: AIM });
        let mut roster = Roster::kept(VAULT, entries);
        roster.look(&[]);
        assert_eq!(roster.keeps().len(), 1);
        let back = at(&disk, 4, content);
        roster.look(std::slice::from_ref(&back));
        (joining(&roster, &back), roster.keeps().len())
    };
    assert_eq!(begun(empty(LABEL)), (Joining::Formatting { aim: AIM }, 1));
    assert_eq!(begun(half(LABEL)), (Joining::No, 0), "half of an erasing is asked for anew");
    assert_eq!(joining(&roster, &disk), Joining::Formatted { aim: AIM });
}

proptest! {
    /// Whatever happens in between, the time that is left never grows, and passes only while it is here.
    #[test]
    fn the_time_for_an_undo_passes_only_while_the_disk_is_here(
        steps in prop::collection::vec((0..4_u8, 0..90_u64), 1..60),
    ) {
        let (mut roster, disk) = kept(true);
        let (mut bay, mut left, mut away) = (Some(3_u8), KEPT_WAIT.0, 0);
        for (step, seconds) in steps {
            match step {
                0 => bay = None,
                1 => bay = bay.or(Some(1 + u8::try_from(seconds % 4).unwrap())),
                2 => {
                    roster = Roster::kept(VAULT, roster.entries().to_vec());
                    roster.begin_anew();
                }
                _ => {
                    roster.passed(Millis::from_secs(seconds));
                    let span = 1_000 * seconds;
                    match bay {
                        Some(_) => left = left.saturating_sub(span),
                        None => away += span,
                    }
                }
            }
            if bay.is_some() {
                away = 0;
            }
            let now: Vec<Seen> = bay.iter().map(|bay| at(&disk, *bay, empty(LABEL))).collect();
            roster.look(&now);
            prop_assert!(away < KEPT_AWAY.0);
            let Some(seen) = now.first() else {
                prop_assert_eq!(roster.keeps().contains(LABEL), left > 0);
                continue;
            };
            let is = joining(&roster, seen);
            if left == 0 {
                // From then on a pull ends it, as ever.
                prop_assert!(matches!(is, Joining::Formatted { .. } | Joining::No), "{:?}", is);
                break;
            }
            prop_assert_eq!(is, Joining::Kept { left: Millis(left), aim: AIM });
        }
    }
}
