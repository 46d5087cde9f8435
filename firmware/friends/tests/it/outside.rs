//! What the verdict says of friends that only the talk with their boxes shows.

use friends::notes::Trouble;
use friends::outside::{Facts, findings};
use plan::health::Severity;
use types::UnixTime;

const NOW: UnixTime = UnixTime(1_790_000_000_000);

const ALL: &[Trouble] = &[
    Trouble::WentBack,
    Trouble::Forked,
    Trouble::HeadNotShown,
    Trouble::TheyWentBack,
    Trouble::TheyForked,
    Trouble::Flooded,
    Trouble::Full,
    Trouble::FiguresDiffer,
    Trouble::Stopped,
    Trouble::Strange,
    Trouble::LostHere,
    Trouble::RecordsFailed,
    Trouble::DiskFailed,
    Trouble::ClockUnsure,
];

#[test]
fn nothing_is_said_when_nothing_is_wrong() {
    assert!(findings(&Facts::default(), NOW).is_empty());
}

#[test]
fn each_trouble_names_the_friend_and_one_thing_to_do() {
    for trouble in ALL {
        let facts = Facts { troubles: vec![("Ana".to_owned(), *trouble)], ..Facts::default() };
        let found = findings(&facts, NOW);
        assert_eq!(found.len(), 1);
        assert!(found[0].sentence.contains("Ana") && found[0].sentence.ends_with('.'), "{found:?}");
        assert!(found[0].action.len() > 20, "{found:?}");
    }
}

#[test]
fn a_box_that_went_back_in_time_and_a_pact_that_was_stopped_are_alarms() {
    for trouble in [Trouble::WentBack, Trouble::Forked, Trouble::Stopped] {
        let facts = Facts { troubles: vec![("Ana".to_owned(), trouble)], ..Facts::default() };
        assert_eq!(findings(&facts, NOW)[0].severity, Severity::Alarm);
    }
    let facts = Facts { troubles: vec![("Ana".to_owned(), Trouble::Full)], ..Facts::default() };
    assert_eq!(findings(&facts, NOW)[0].severity, Severity::Notice);
}

#[test]
fn terms_that_wait_and_a_talk_that_cannot_be_are_told() {
    let facts = Facts {
        asking: vec!["Ben".to_owned()],
        no_talk: Some("Port 1 is taken.".to_owned()),
        aside: vec!["01.aside".to_owned()],
        ..Facts::default()
    };
    let found = findings(&facts, NOW);
    assert!(found[0].sentence.starts_with("Ben waits") && found[2].sentence.contains("Port 1"));
    assert!(found[1].sentence.contains("01.aside"));
}
