//! What the owner is told without having asked, and when: news of what is wrong or mended, and a
//! letter each week.
//!
//! Everybody who gets too many messages stops reading them. So what comes and goes is not told each
//! time, what stands is told again seldom, and a mere notice only in the letter. Whether a message
//! arrived is not known here. Start at [`news`].

use types::{Millis, UnixTime};

use crate::health::{Finding, Severity};

/// An alarm that stands this long is told.
pub const ALARM_SETTLES: Millis = Millis::from_secs(60);
/// A warning that stands this long is told: a disk that was pulled by mistake is back by then.
pub const WARNING_SETTLES: Millis = Millis::from_secs(600);
/// What has been gone this long is mended.
pub const MENDED_AFTER: Millis = Millis::from_secs(600);
/// An alarm that nobody sees to is told again this often.
pub const ALARM_AGAIN: Millis = Millis::from_days(1);
/// A warning is: the letter has it in between.
pub const WARNING_AGAIN: Millis = Millis::from_days(14);
/// What came back within this after it was told is not news.
pub const FLAPS_WITHIN: Millis = Millis::from_days(1);
/// An alarm is, sooner.
pub const ALARM_FLAPS_WITHIN: Millis = Millis::from_secs(3_600);
/// The letter comes this often.
pub const LETTER_EVERY: Millis = Millis::from_days(7);
/// Findings that are remembered at most: more at once are one piece of news anyway.
pub const KNOWN_MAX: usize = 200;

/// A finding that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// As it was last seen.
    pub finding: Finding,
    /// Since when it stands.
    pub since: UnixTime,
    /// When it was last seen.
    pub seen: UnixTime,
    /// It stands, as far as anybody can see.
    pub stands: bool,
    /// When the owner was last told of it.
    pub told: Option<UnixTime>,
    /// The owner believes that it stands.
    pub open: bool,
}

/// What is remembered from one look to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Findings that stand, or that were told not long ago.
    pub known: Vec<Known>,
    /// When the last letter was written; none before the first look.
    pub letter: Option<UnixTime>,
}

/// What can be seen now.
#[derive(Clone, Copy, Debug)]
pub struct Look<'f> {
    /// When it is.
    pub now: UnixTime,
    /// What is wrong.
    pub findings: &'f [Finding],
    /// A locked box does not see all that is wrong: what is not seen then need not be mended.
    pub sees_all: bool,
}

/// Something to tell at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// What the owner does not know yet.
    pub fresh: Vec<Finding>,
    /// What he was told before, and what still stands.
    pub still: Vec<Finding>,
    /// What he was told of, and what is so no more.
    pub mended: Vec<Finding>,
}

impl News {
    /// Nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.still.is_empty() && self.mended.is_empty()
    }

    /// How much it matters; mere good news is a notice.
    pub fn severity(&self) -> Severity {
        let wrong = self.fresh.iter().chain(&self.still).map(|finding| finding.severity);
        wrong.max().unwrap_or(Severity::Notice)
    }
}

/// What is counted: "3 packs have one copy" is no news after "4 packs", "bay 3" is after "bay 4".
const COUNTED: [&str; 22] = [
    "pack", "packs", "copy", "copies", "file", "files", "disk", "disks", "day", "days", "hours",
    "minutes", "B", "kB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB",
];

/// Two sentences that differ only in how much of something there is are about the same thing.
fn is_same(one: &Finding, other: &Finding) -> bool {
    gist(&one.sentence).eq(gist(&other.sentence))
}

/// The words without amounts and dates.
fn gist(sentence: &str) -> impl Iterator<Item = &str> {
    let next = sentence.split(' ').skip(1).chain([""]);
    let words = sentence.split(' ').zip(next);
    words.filter(|(word, next)| !is_amount(word, next)).map(|(word, _)| word)
}

fn is_amount(word: &str, next: &str) -> bool {
    let all = |allowed: &[char]| word.chars().all(|c| c.is_ascii_digit() || allowed.contains(&c));
    let counts = next == "%" || COUNTED.contains(&next.trim_end_matches(['.', ',', ':', ';']));
    let is_date = word.len() >= 10 && word.trim_end_matches(['.', ',']).len() == 10;
    counts && all(&['.', ',']) || is_date && all(&['-', '.', ','])
}

/// What there is to tell now, and what is remembered when it is on its way.
pub fn news(told: &Told, look: Look<'_>) -> (Told, News) {
    let mut told = told.clone();
    not_in_the_future(&mut told, look.now);
    told.letter.get_or_insert(look.now);
    see(&mut told, look);
    let mut news = News::default();
    for known in &mut told.known {
        tell(known, look.now, &mut news);
    }
    told.known.retain(|known| known.stands || known.open || is_remembered(known, look.now));
    // A reminder is a letter of its own only when something is due: then all that stands is in it.
    let known = told.known.iter_mut();
    let due = !news.fresh.is_empty() || !news.mended.is_empty();
    for known in known.filter(|known| known.stands && known.open) {
        let is_new = news.fresh.iter().any(|fresh| fresh == &known.finding);
        let again = is_due_again(known, look.now);
        if !is_new && (due || again) {
            news.still.push(known.finding.clone());
            known.told = if again { Some(look.now) } else { known.told };
        }
    }
    for list in [&mut news.fresh, &mut news.still, &mut news.mended] {
        list.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    }
    (told, news)
}

/// Whether the weekly letter is due, and what is remembered when it is on its way.
pub fn letter(told: &Told, now: UnixTime) -> Option<Told> {
    let last = told.letter?.min(now);
    (now.since(last) >= LETTER_EVERY).then(|| Told { letter: Some(now), ..told.clone() })
}

/// A clock that was set back must not make anything wait for a date that was never.
fn not_in_the_future(told: &mut Told, now: UnixTime) {
    told.letter = told.letter.map(|at| at.min(now));
    for known in &mut told.known {
        known.since = known.since.min(now);
        known.seen = known.seen.min(now);
        known.told = known.told.map(|at| at.min(now));
    }
}

fn see(told: &mut Told, look: Look<'_>) {
    let worth = |finding: &&Finding| finding.severity > Severity::Notice;
    let mut seen = vec![false; told.known.len()];
    for finding in look.findings.iter().filter(worth) {
        let known = told.known.iter_mut().zip(&mut seen);
        let mut same = known.filter(|(known, seen)| !**seen && is_same(&known.finding, finding));
        if let Some((known, seen)) = same.next() {
            *seen = true;
            // What got worse is another thing.
            let worse = finding.severity > known.finding.severity;
            if !known.stands || worse {
                known.since = look.now;
            }
            known.open &= !worse;
            known.told = known.told.filter(|_| !worse);
            (known.stands, known.seen, known.finding) = (true, look.now, finding.clone());
        } else if told.known.len() < KNOWN_MAX {
            let (since, finding) = (look.now, finding.clone());
            let (stands, told_at) = (true, None);
            let known = Known { finding, since, seen: since, stands, told: told_at, open: false };
            told.known.push(known);
            seen.push(true);
        }
    }
    for (known, _) in told.known.iter_mut().zip(seen).filter(|(_, seen)| !seen) {
        known.stands &= !look.sees_all;
        if known.stands {
            known.seen = look.now;
        }
    }
}

fn tell(known: &mut Known, now: UnixTime, news: &mut News) {
    let is_alarm = known.finding.severity == Severity::Alarm;
    if known.stands && !known.open {
        let settles = if is_alarm { ALARM_SETTLES } else { WARNING_SETTLES };
        let flaps = if is_alarm { ALARM_FLAPS_WITHIN } else { FLAPS_WITHIN };
        let is_news = known.told.is_none_or(|told| now.since(told) >= flaps);
        if is_news && now.since(known.since) >= settles {
            (known.told, known.open) = (Some(now), true);
            news.fresh.push(known.finding.clone());
        }
    } else if !known.stands && known.open && now.since(known.seen) >= MENDED_AFTER {
        known.open = false;
        news.mended.push(known.finding.clone());
    }
}

fn is_due_again(known: &Known, now: UnixTime) -> bool {
    let every = match known.finding.severity {
        Severity::Alarm => ALARM_AGAIN,
        Severity::Warning | Severity::Notice => WARNING_AGAIN,
    };
    known.told.is_some_and(|told| now.since(told) >= every)
}

/// Whether its coming back would not be news.
fn is_remembered(known: &Known, now: UnixTime) -> bool {
    known.told.is_some_and(|told| now.since(told) < FLAPS_WITHIN)
}
