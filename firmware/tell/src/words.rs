//! News and the weekly letter in words: one verdict first, one thing to do, then the rest.
//!
//! Pure. A brief message has numbers and nothing that has a name, for whoever sends it over a
//! stranger's server. Start at [`news`], then [`letter`].

use std::fmt::Write;

use plan::health::{Finding, Severity};
use plan::telling::News;
use serde::{Deserialize, Serialize};
use types::{Bytes, UnixTime};

/// Findings that a message spells out, at most; the rest is counted.
const SPELLED_MAX: usize = 12;

/// How loud a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// To be read some time.
    Quiet,
    /// To be read today.
    Plain,
    /// To be read now.
    Urgent,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// One line.
    pub title: String,
    /// Lines, with an empty one between parts.
    pub body: String,
    /// How loud.
    pub weight: Weight,
    /// When it was written, milliseconds since 1970.
    pub written_ms: i64,
}

/// Who writes, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From<'b> {
    /// What the box is called.
    pub name: &'b str,
    /// The time.
    pub now: UnixTime,
    /// Leave out whatever has a name.
    pub brief: bool,
}

/// One source, for the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backed {
    /// As its owner knows it.
    pub name: String,
    /// When its newest version was received.
    pub last: Option<UnixTime>,
    /// How many versions there are.
    pub versions: u64,
}

/// One disk, for the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As its owner knows it.
    pub name: String,
    /// All that it can hold.
    pub size: Bytes,
    /// Room left on it.
    pub free: Bytes,
    /// It takes part.
    pub works: bool,
}

/// What the letter is written from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week {
    /// What is wrong, worst first.
    pub findings: Vec<Finding>,
    /// The box is locked: not all that is wrong can be seen.
    pub locked: bool,
    /// All sources.
    pub sources: Vec<Backed>,
    /// All disks of the vault.
    pub disks: Vec<Kept>,
}

/// A piece of news in words.
pub fn news(from: &From<'_>, news: &News) -> Text {
    let weight = match news.severity() {
        Severity::Alarm => Weight::Urgent,
        Severity::Warning => Weight::Plain,
        Severity::Notice => Weight::Quiet,
    };
    let wrong = news.fresh.len() + news.still.len();
    let title = match news.severity() {
        Severity::Alarm if news.fresh.is_empty() => "still needs you".to_owned(),
        Severity::Alarm => "needs you now".to_owned(),
        Severity::Warning if wrong == 1 => "one thing to see to".to_owned(),
        Severity::Warning => format!("{wrong} things to see to"),
        Severity::Notice => "mended".to_owned(),
    };
    let mut body = String::new();
    let mut part = |heading: &str, list: &[Finding], tell_action: bool| {
        if list.is_empty() {
            return;
        }
        if from.brief {
            line(&mut body, &format!("{heading} {}.", counted(list.len())));
            return;
        }
        line(&mut body, heading);
        for finding in list.iter().take(SPELLED_MAX) {
            let action = if tell_action { finding.action.as_str() } else { "" };
            line(&mut body, format!("- {} {action}", finding.sentence).trim_end());
        }
        if list.len() > SPELLED_MAX {
            line(&mut body, &format!("- and {} more", list.len() - SPELLED_MAX));
        }
        body.push('\n');
    };
    part("New:", &news.fresh, true);
    part("Still so:", &news.still, true);
    part("Over:", &news.mended, false);
    closing(&mut body, from);
    text(from, &title, body, weight)
}

/// The weekly letter: one verdict, one action, then what the box does all week.
pub fn letter(from: &From<'_>, week: &Week) -> Text {
    let mut body = String::new();
    let worst = week.findings.iter().max_by_key(|finding| finding.severity);
    let grave = worst.filter(|finding| finding.severity > Severity::Notice);
    let (title, verdict) = match (grave, week.locked) {
        (Some(_), _) => ("this week: one thing to do", "Something needs you."),
        (None, true) => ("this week: it waits to be unlocked", "It is locked and stores nothing."),
        (None, false) => ("this week: all is well", "Everything is kept as promised."),
    };
    line(&mut body, verdict);
    if let Some(finding) = grave.filter(|_| !from.brief) {
        line(&mut body, &format!("{} {}", finding.sentence, finding.action));
    }
    let rest = week.findings.len() - usize::from(grave.is_some());
    if rest > 0 {
        line(&mut body, &format!("The page tells {} more, none of it worse.", counted(rest)));
    }
    body.push('\n');
    sources(&mut body, from, week);
    disks(&mut body, from, week);
    closing(&mut body, from);
    let weight = if grave.is_some() { Weight::Plain } else { Weight::Quiet };
    text(from, title, body, weight)
}

/// What somebody gets who wants to know whether messages arrive.
pub fn test(from: &From<'_>) -> Text {
    let mut body = String::new();
    line(&mut body, "This is a test. Whoever reads it hears of it when something is wrong.");
    body.push('\n');
    closing(&mut body, from);
    text(from, "a test message", body, Weight::Plain)
}

fn sources(body: &mut String, from: &From<'_>, week: &Week) {
    if week.sources.is_empty() {
        let known = if week.locked {
            "What is backed up cannot be seen while it is locked."
        } else {
            "Nothing is backed up yet."
        };
        line(body, known);
    } else if from.brief {
        line(body, &format!("{} backed up.", counted(week.sources.len())));
    } else {
        line(body, "Backed up:");
        for source in &week.sources {
            let versions = source.versions;
            let when = match source.last {
                Some(last) => format!("last on {}, {versions} versions", day(last)),
                None => "never yet".to_owned(),
            };
            line(body, &format!("- {}: {when}", source.name));
        }
    }
    body.push('\n');
}

fn disks(body: &mut String, from: &From<'_>, week: &Week) {
    let working = week.disks.iter().filter(|disk| disk.works).count();
    line(body, &format!("{working} of {} disks take part.", week.disks.len()));
    for disk in week.disks.iter().filter(|disk| disk.works && !from.brief) {
        line(body, &format!("- {}: {} of {} free", disk.name, disk.free, disk.size));
    }
    body.push('\n');
}

fn closing(body: &mut String, from: &From<'_>) {
    if from.brief {
        line(body, "Open the box's page to read what it is.");
    }
    line(body, &format!("Written by {} on {}.", from.name, minute(from.now)));
}

fn text(from: &From<'_>, title: &str, body: String, weight: Weight) -> Text {
    let title = format!("{}: {title}", from.name);
    Text { title, body, weight, written_ms: from.now.0 }
}

fn line(body: &mut String, line: &str) {
    // Whatever a name holds, it is one line.
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Writing to a string cannot fail.
    writeln!(body, "{line}").ok();
}

fn counted(count: usize) -> String {
    if count == 1 { "1 thing".to_owned() } else { format!("{count} things") }
}

fn stamp(time: UnixTime) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(time.0).unwrap_or_default()
}

fn day(time: UnixTime) -> String {
    stamp(time).strftime("%a %Y-%m-%d").to_string()
}

fn minute(time: UnixTime) -> String {
    stamp(time).strftime("%Y-%m-%d at %H:%M UTC").to_string()
}
