//! What the owner is told without having asked.

use plan::health::{Finding, Severity};
use plan::telling::{self, KNOWN_MAX, Look, News, Told, letter};
use proptest::prelude::*;
use types::{Millis, UnixTime};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

fn finding(severity: Severity, sentence: &str) -> Finding {
    Finding { severity, sentence: sentence.to_owned(), action: "Do it.".to_owned() }
}

/// A box that is looked at every minute.
struct Box {
    told: Told,
    now: UnixTime,
    sees_all: bool,
}

impl Box {
    fn new() -> Self {
        Self { told: Told::default(), now: UnixTime(1_800_000_000_000), sees_all: true }
    }

    /// All that is told while these findings stand for so long.
    fn live(&mut self, span: u64, findings: &[Finding]) -> Vec<News> {
        let end = self.now.plus(Millis(span));
        let mut all = Vec::new();
        while self.now < end {
            let look = Look { now: self.now, findings, sees_all: self.sees_all };
            let (told, news) = telling::news(&self.told, look);
            self.told = told;
            all.extend((!news.is_empty()).then_some(news));
            self.now = self.now.plus(Millis(MINUTE));
        }
        all
    }
}

#[test]
fn an_alarm_is_told_within_two_minutes_and_again_each_day() {
    let alarm = [finding(Severity::Alarm, "A piece is lost.")];
    let mut owner = Box::new();
    let first = owner.live(2 * MINUTE, &alarm);
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].fresh, alarm);
    let week = owner.live(7 * DAY, &alarm);
    assert_eq!(week.len(), 7, "{week:?}");
    assert!(week.iter().all(|news| news.fresh.is_empty() && news.still == alarm));
}

#[test]
fn a_warning_is_told_once_and_its_end_too() {
    let warning = [finding(Severity::Warning, "Bay 2 is empty.")];
    let mut owner = Box::new();
    assert_eq!(owner.live(9 * MINUTE, &warning), []);
    let told = owner.live(7 * DAY, &warning);
    assert_eq!(told.len(), 1);
    let mended = owner.live(DAY, &[]);
    assert_eq!(mended.len(), 1);
    assert_eq!(mended[0].mended, warning);
    assert_eq!(owner.live(30 * DAY, &[]), []);
}

#[test]
fn a_disk_that_is_pulled_and_pushed_back_at_once_is_no_news() {
    let warning = [finding(Severity::Warning, "Bay 2 is empty.")];
    let mut owner = Box::new();
    for _ in 0..20 {
        assert_eq!(owner.live(5 * MINUTE, &warning), []);
        assert_eq!(owner.live(5 * MINUTE, &[]), []);
    }
}

#[test]
fn what_comes_and_goes_all_day_is_told_once_a_day() {
    let warning = [finding(Severity::Warning, "Bay 2 is empty.")];
    let mut owner = Box::new();
    let mut fresh = 0;
    for _ in 0..3 * 24 {
        fresh += owner.live(30 * MINUTE, &warning).iter().filter(|n| !n.fresh.is_empty()).count();
        owner.live(30 * MINUTE, &[]);
    }
    assert!((2..=3).contains(&fresh), "{fresh} in three days");
}

#[test]
fn how_much_of_it_there_is_is_no_news_and_another_disk_or_getting_worse_is() {
    let mut owner = Box::new();
    let packs = |n: u32| {
        let sentence = format!("{n} packs are {n}.5 % of 3.{n} GiB, until about 2027-01-{n}.");
        finding(Severity::Warning, &sentence)
    };
    let told: usize = (0..60).map(|n| owner.live(MINUTE, &[packs(99 - n)]).len()).sum();
    assert_eq!(told, 1);
    let bay = |n: u32| finding(Severity::Warning, &format!("The disk in bay {n} failed."));
    let in_turn: usize =
        (1..4).flat_map(|n| owner.live(HOUR, &[packs(40), bay(n)])).map(|n| n.fresh.len()).sum();
    assert_eq!(in_turn, 3);
    let alarm = Finding { severity: Severity::Alarm, ..packs(40) };
    let worse = owner.live(3 * MINUTE, std::slice::from_ref(&alarm));
    assert_eq!(worse.len(), 1);
    assert_eq!(worse[0].fresh, [alarm]);
}

/// Amounts are told in decimal units, and those once were not known for amounts: a disk that filled up
/// was told anew at each tenth of a gigabyte.
#[test]
fn a_disk_that_fills_up_is_told_once() {
    let full = |left: u64| {
        let left = types::Bytes(left * 100_000_000);
        let sentence = format!("Left is 96 % full: {left} are left.");
        finding(Severity::Warning, &sentence)
    };
    let mut owner = Box::new();
    let told: usize = (0..30).map(|n| owner.live(HOUR, &[full(500 - n)]).len()).sum();
    assert_eq!(told, 1);
}

/// A locked box does not know what its vault lacks: it once would have said that all was mended.
#[test]
fn a_box_that_is_locked_does_not_call_mended_what_it_cannot_see() {
    let warning = [finding(Severity::Warning, "3 packs have one copy.")];
    let mut owner = Box::new();
    assert_eq!(owner.live(DAY, &warning).len(), 1);
    owner.sees_all = false;
    assert_eq!(owner.live(3 * DAY, &[]), []);
    owner.sees_all = true;
    assert_eq!(owner.live(DAY, &warning), [], "it stands as before");
    assert_eq!(owner.live(DAY, &[]).len(), 1, "and this is the end of it");
}

#[test]
fn a_notice_waits_for_the_letter_and_the_letter_comes_each_week() {
    let notice = [finding(Severity::Notice, "Nothing was checked yet.")];
    let mut owner = Box::new();
    let mut letters = Vec::new();
    for day in 0..29 {
        assert_eq!(owner.live(DAY, &notice), []);
        if let Some(told) = letter(&owner.told, owner.now) {
            owner.told = told;
            letters.push(day);
        }
    }
    assert_eq!(letters, [6, 13, 20, 27]);
}

#[test]
fn a_clock_that_was_years_ahead_holds_nothing_back() {
    let warning = [finding(Severity::Warning, "Bay 2 is empty.")];
    let alarm = finding(Severity::Alarm, "A piece is lost.");
    let mut owner = Box::new();
    let right = owner.now;
    owner.now = right.plus(Millis::from_days(3_650));
    assert_eq!(owner.live(DAY, &warning).len(), 1);
    owner.now = right;
    let told = owner.live(DAY, &[warning[0].clone(), alarm.clone()]);
    assert_eq!(told[0].fresh, [alarm]);
    owner.now = right.plus(Millis::from_days(8));
    assert!(letter(&owner.told, owner.now).is_some());
}

#[derive(Clone, Debug)]
struct Turn {
    which: Vec<usize>,
    sees_all: bool,
    minutes: u64,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let which = proptest::collection::vec(0..6_usize, 0..4);
    let turn = (which, proptest::bool::weighted(0.8), 1..90_u64);
    let turn = turn.prop_map(|(which, sees_all, minutes)| Turn { which, sees_all, minutes });
    proptest::collection::vec(turn, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever comes and goes: nothing is called mended that was not told, nothing is fresh that the
    /// owner believes to stand, and what stands for an hour with all in sight is known to him.
    #[test]
    fn the_owner_is_never_told_of_an_end_without_a_beginning(turns in turns()) {
        let all: Vec<Finding> = ["a", "b", "c", "d", "e", "f"]
            .iter()
            .enumerate()
            .map(|(n, name)| {
                let severity = if n < 2 { Severity::Alarm } else { Severity::Warning };
                finding(severity, &format!("It is {name}."))
            })
            .collect();
        let mut owner = Box::new();
        let mut believes: Vec<Finding> = Vec::new();
        for turn in turns {
            let mut which = turn.which.clone();
            which.sort_unstable();
            which.dedup();
            let stand: Vec<Finding> = which.iter().map(|n| all[*n].clone()).collect();
            owner.sees_all = turn.sees_all;
            for news in owner.live(turn.minutes * MINUTE, &stand) {
                for fresh in &news.fresh {
                    prop_assert!(!believes.contains(fresh));
                    believes.push(fresh.clone());
                }
                for still in &news.still {
                    prop_assert!(believes.contains(still));
                }
                for mended in &news.mended {
                    prop_assert!(believes.contains(mended));
                    believes.retain(|one| one != mended);
                }
            }
            prop_assert!(owner.told.known.len() <= KNOWN_MAX);
        }
        owner.sees_all = true;
        owner.live(DAY + HOUR, &all);
        for known in &owner.told.known {
            prop_assert!(known.open, "{known:?} stood for a day");
        }
    }
}

/// A name without digits.
fn name(n: u8) -> String {
    [b'a' + n / 20, b'a' + n % 20].map(char::from).iter().collect()
}

#[test]
fn a_flood_of_findings_is_bounded_and_told_in_one_piece() {
    let flood: Vec<Finding> = (0..250).map(|n| finding(Severity::Warning, &name(n))).collect();
    let mut owner = Box::new();
    let told = owner.live(15 * MINUTE, &flood);
    assert_eq!(told.len(), 1);
    assert_eq!(owner.told.known.len(), KNOWN_MAX);
}
