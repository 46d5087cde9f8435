//! What a message says.

use plan::health::{Finding, Severity};
use plan::telling::News;
use tell::words::{Backed, From, Kept, Week, Weight, letter, news};
use types::{Bytes, UnixTime};

const NOW: UnixTime = UnixTime(1_800_000_000_000);

fn from(brief: bool) -> From<'static> {
    From { name: "attic", now: NOW, brief }
}

fn finding(severity: Severity, sentence: &str, action: &str) -> Finding {
    Finding { severity, sentence: sentence.to_owned(), action: action.to_owned() }
}

fn some_news() -> News {
    News {
        fresh: vec![finding(Severity::Alarm, "Anna's disk failed.", "Replace it.")],
        still: vec![finding(Severity::Warning, "The laptop is silent.", "Switch it on.")],
        mended: vec![finding(Severity::Warning, "Bay 2 was empty.", "Push it back.")],
    }
}

#[test]
fn news_begins_with_what_is_new_and_says_what_to_do() {
    let text = news(&from(false), &some_news());
    assert_eq!(text.title, "attic: needs you now");
    assert_eq!(text.weight, Weight::Urgent);
    assert_eq!(
        text.body,
        "New:\n- Anna's disk failed. Replace it.\n\nStill so:\n- The laptop is silent. Switch it \
         on.\n\nOver:\n- Bay 2 was empty.\n\nWritten by attic on 2027-01-15 at 08:00 UTC.\n"
    );
}

#[test]
fn a_brief_message_has_nothing_that_has_a_name() {
    let week = Week {
        findings: some_news().fresh,
        sources: vec![Backed { name: "Anna's laptop".to_owned(), last: Some(NOW), versions: 3 }],
        disks: vec![kept("Anna's disk")],
        ..Week::default()
    };
    let full = [news(&from(false), &some_news()), letter(&from(false), &week)];
    assert!(full.iter().all(|text| text.body.contains("Anna")), "or this test sees nothing");
    for text in [news(&from(true), &some_news()), letter(&from(true), &week)] {
        assert!(!text.body.contains("Anna") && !text.body.contains("laptop"), "{}", text.body);
        assert!(text.body.contains("1 thing"), "{}", text.body);
    }
}

fn kept(name: &str) -> Kept {
    let (size, free) = (Bytes(4 * Bytes::GIB), Bytes(3 * Bytes::GIB));
    Kept { name: name.to_owned(), size, free, works: true }
}

#[test]
fn a_letter_has_one_verdict_and_one_thing_to_do() {
    let mut week = Week {
        sources: vec![
            Backed { name: "laptop".to_owned(), last: Some(NOW), versions: 3 },
            Backed { name: "phone".to_owned(), last: None, versions: 0 },
        ],
        disks: vec![kept("bay 1"), Kept { works: false, ..kept("bay 2") }],
        ..Week::default()
    };
    let well = letter(&from(false), &week);
    assert_eq!(well.title, "attic: this week: all is well");
    assert_eq!(well.weight, Weight::Quiet);
    assert!(well.body.contains("- laptop: last on Fri 2027-01-15, 3 versions\n"), "{}", well.body);
    assert!(well.body.contains("- phone: never yet\n"), "{}", well.body);
    let (free, size) = (kept("").free, kept("").size);
    let disks = format!("1 of 2 disks take part.\n- bay 1: {free} of {size} free\n");
    assert!(well.body.contains(&disks), "{}", well.body);
    week.findings = vec![
        finding(Severity::Warning, "Bay 2 is empty.", "Push it back."),
        finding(Severity::Warning, "The laptop is silent.", "Switch it on."),
    ];
    let one = letter(&from(false), &week);
    assert_eq!(one.title, "attic: this week: one thing to do");
    let actions = ["Push it back.", "Switch it on."];
    let told = actions.iter().filter(|action| one.body.contains(**action)).count();
    assert_eq!(told, 1, "{}", one.body);
    assert!(one.body.contains("1 thing more"), "{}", one.body);
}

/// While it is locked it cannot see what its vault lacks.
#[test]
fn a_letter_of_a_locked_box_never_says_that_all_is_well() {
    let week = Week { locked: true, ..Week::default() };
    let text = letter(&from(false), &week);
    assert!(!text.title.contains("well") && !text.body.contains("promised"), "{text:?}");
}

#[test]
fn a_name_with_line_ends_makes_no_lines() {
    let mut evil = some_news();
    evil.fresh[0].sentence = "x\nOver:\n- everything\r\n.".to_owned();
    let text = news(&from(false), &evil);
    assert!(
        text.body.starts_with("New:\n- x Over: - everything  . Replace it.\n"),
        "{}",
        text.body
    );
}

#[test]
fn a_flood_is_counted_and_not_spelled_out() {
    let many = (0..50).map(|n| finding(Severity::Warning, &format!("It {n}."), "Do.")).collect();
    let text = news(&from(false), &News { fresh: many, ..News::default() });
    assert_eq!(text.title, "attic: 50 things to see to");
    assert!(text.body.contains("- and 38 more\n"), "{}", text.body);
}
