//! What is kept of outlets and messages, in a record that holds their passwords.
//!
//! The record's folder is the box's alone (mode 0700). Start at [`Kept`].

use calls::Outlet;
use plan::health::{Finding, Severity};
use plan::telling::{self, Told};
use serde::{Deserialize, Serialize};
use tell::Text;
use types::{Millis, UnixTime};
use volume::durable::IoFailure;

use crate::state::StateFolder;

const FILE: &str = "telling.json";
/// Messages that wait for one outlet, at most; the oldest go first.
const WAITING_MAX: usize = 20;
/// What nobody took for so long is not worth sending any more.
const STALE: Millis = Millis::from_days(3);
/// After a failure it is tried again after a minute, two, four, and so on up to an hour.
const AGAIN_FIRST: Millis = Millis::from_secs(60);
const AGAIN_MAX: Millis = Millis::from_secs(3_600);

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) outlets: Vec<KeptOutlet>,
    known: Vec<KeptKnown>,
    letter_ms: Option<i64>,
}

/// One outlet and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptOutlet {
    pub(crate) outlet: Outlet,
    pub(crate) waiting: Vec<Text>,
    pub(crate) sent_ms: Option<i64>,
    /// Why the last message was not taken.
    pub(crate) fault: Option<String>,
    pub(crate) failing_since_ms: Option<i64>,
    /// Failures in a row, and when the last was.
    failures: u32,
    failed_ms: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptKnown {
    alarm: bool,
    sentence: String,
    action: String,
    since_ms: i64,
    seen_ms: i64,
    stands: bool,
    told_ms: Option<i64>,
    open: bool,
}

impl KeptOutlet {
    pub(crate) fn new(outlet: Outlet) -> Self {
        Self {
            outlet,
            waiting: Vec::new(),
            sent_ms: None,
            fault: None,
            failing_since_ms: None,
            failures: 0,
            failed_ms: None,
        }
    }

    /// Adds messages behind those that wait.
    pub(crate) fn queue(&mut self, texts: impl Iterator<Item = Text>) {
        self.waiting.extend(texts);
        let over = self.waiting.len().saturating_sub(WAITING_MAX);
        self.waiting.drain(..over);
    }

    /// Whether the first message may be tried now. A failure that lies in the future, by a clock that
    /// was set back, holds nothing up.
    pub(crate) fn is_due(&self, now: UnixTime) -> bool {
        let pause = AGAIN_FIRST.0.saturating_mul(1 << self.failures.saturating_sub(1).min(16));
        let rested = self.failed_ms.is_none_or(|at| {
            at > now.0 || now.since(UnixTime(at)) >= Millis(pause.min(AGAIN_MAX.0))
        });
        !self.waiting.is_empty() && rested
    }

    /// Notes what became of a message.
    pub(crate) fn note_sent(&mut self, text: &Text, sent: Result<(), String>, now: UnixTime) {
        match sent {
            Ok(()) => {
                self.waiting.retain(|one| one != text);
                (self.sent_ms, self.fault, self.failing_since_ms) = (Some(now.0), None, None);
                (self.failures, self.failed_ms) = (0, None);
            }
            Err(fault) => {
                self.fault = Some(fault);
                self.failing_since_ms.get_or_insert(now.0);
                (self.failures, self.failed_ms) = (self.failures.saturating_add(1), Some(now.0));
                self.waiting.retain(|one| now.since(UnixTime(one.written_ms)) < STALE);
            }
        }
    }
}

impl Kept {
    /// As it was kept; what cannot be read is begun anew.
    pub(crate) fn load(folder: &StateFolder) -> Self {
        let read = folder.get(FILE).map_err(|error| error.to_string());
        let parsed = read.and_then(|bytes| {
            bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose().map_err(|e| e.to_string())
        });
        parsed.map(Option::unwrap_or_default).unwrap_or_else(|error| {
            tracing::error!(error, "whom the box tells is forgotten: set the outlets anew");
            Self::default()
        })
    }

    pub(crate) fn save(&self, folder: &StateFolder) -> Result<(), IoFailure> {
        folder.put(FILE, &serde_json::to_vec_pretty(self).unwrap_or_default())
    }

    /// Whether it is worth writing down. When something was last seen is not: a record would be
    /// written each minute as long as anything is wrong.
    pub(crate) fn differs_from(&self, before: &Self) -> bool {
        let unseen = |kept: &Self| {
            let mut kept = kept.clone();
            kept.known.iter_mut().for_each(|one| one.seen_ms = 0);
            kept
        };
        unseen(self) != unseen(before)
    }

    pub(crate) fn told(&self) -> Told {
        let known = self.known.iter().map(|one| {
            let severity = if one.alarm { Severity::Alarm } else { Severity::Warning };
            let (sentence, action) = (one.sentence.clone(), one.action.clone());
            telling::Known {
                finding: Finding { severity, sentence, action },
                since: UnixTime(one.since_ms),
                seen: UnixTime(one.seen_ms),
                stands: one.stands,
                told: one.told_ms.map(UnixTime),
                open: one.open,
            }
        });
        Told { known: known.collect(), letter: self.letter_ms.map(UnixTime) }
    }

    /// Takes over what was told.
    pub(crate) fn note(&mut self, told: &Told) {
        let known = told.known.iter().map(|one| KeptKnown {
            alarm: one.finding.severity == Severity::Alarm,
            sentence: one.finding.sentence.clone(),
            action: one.finding.action.clone(),
            since_ms: one.since.0,
            seen_ms: one.seen.0,
            stands: one.stands,
            told_ms: one.told.map(|at| at.0),
            open: one.open,
        });
        (self.known, self.letter_ms) = (known.collect(), told.letter.map(|at| at.0));
    }
}
