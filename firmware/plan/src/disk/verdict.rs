//! How well a disk is: what it says of itself, what went wrong with it here, and how long it takes.
//!
//! One grade, one sentence that needs no explaining, one thing to do. What a disk does not say is
//! held neither for nor against it. More of anything bad never makes the grade better.
//! Start at [`verdict`]; the limits stand above it.

use types::SmartFacts;

/// How well a disk is, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Nothing is known against it.
    Healthy,
    /// Worth an eye.
    Watch,
    /// It works, and should not be relied on much longer.
    ReplaceSoon,
    /// It takes no more writes.
    Failed,
}

/// What went wrong with a disk while it was used here, in the last thirty days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IoRecord {
    /// Reads that failed.
    pub read_errors: u64,
    /// Writes and syncs that failed.
    pub write_errors: u64,
    /// Packs that were read without an error and were not what they should be.
    pub mismatches: u64,
    /// Times that the connection was reset.
    pub resets: u64,
    /// Requests that were given up because the disk did not answer.
    pub missed_deadlines: u64,
}

/// How long requests take: the slowest of a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// As a rule, in milliseconds.
    pub usual_ms: u64,
    /// In the last hour, in milliseconds.
    pub recent_ms: u64,
}

/// Everything that the verdict rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What it says.
    pub smart: SmartFacts,
    /// What happened.
    pub io: IoRecord,
    /// How long it takes, once that is known.
    pub latency: Option<Latency>,
}

/// The verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How well it is.
    pub grade: Grade,
    /// Why, for somebody who does not know what a sector is.
    pub sentence: &'static str,
    /// The one thing to do.
    pub action: &'static str,
}

/// A disk that failed to write this often is not written to any more. One failure may be a cable.
const WRITE_ERRORS_FAILED: u64 = 3;
/// A disk that was given up this often is given up for good.
const DEADLINES_FAILED: u64 = 3;
/// So many failed reads are no single bad spot.
const READ_ERRORS_SOON: u64 = 10;
/// And so many mean that most of it cannot be trusted.
const READ_ERRORS_FAILED: u64 = 100;
/// Bad content without an error is rare: this often, and the disk makes it.
const MISMATCHES_SOON: u64 = 5;
/// Sectors that wait or were given up: disks with more of them fail much more often within months.
const BAD_SECTORS_SOON: u64 = 10;
/// Replaced sectors: a few are normal wear.
const REALLOCATED_WATCH: u64 = 10;
/// So many are not.
const REALLOCATED_SOON: u64 = 100;
/// Life used, in percent.
const WORN_WATCH: u8 = 90;
/// Past its life, in percent.
const WORN_SOON: u8 = 100;
/// Spare blocks left, in percent.
const SPARE_SOON: u8 = 10;
/// Degrees Celsius; makers allow 60 to 70.
const HOT_C: i16 = 60;
/// So many spoiled transfers are no accident of plugging in.
const CABLE_ERRORS_WATCH: u64 = 10;
/// Times slower than usual ...
const SLOW_TIMES: u64 = 10;
/// ... and slower than this in milliseconds: a disk that wakes up takes ten seconds, once.
const SLOW_MS: u64 = 2_000;

const REPLACE: &str = "Replace it.";
const REPLACE_SOON: &str = "Replace it soon.";
const CABLE: &str = "Check its cable, or plug it in elsewhere.";
const NOTHING: &str = "Nothing to do.";
const WATCH: &str = "Nothing to do now; have a spare disk at hand.";

/// The verdict: the worst that is known, and of equals the first in this list.
pub fn verdict(evidence: &Evidence) -> Verdict {
    let mut worst = well(evidence);
    for found in [happened(&evidence.io), says(&evidence.smart), slow(evidence.latency)] {
        for (holds, grade, sentence, action) in found {
            if holds && grade > worst.grade {
                worst = Verdict { grade, sentence, action };
            }
        }
    }
    worst
}

type Line = (bool, Grade, &'static str, &'static str);

fn well(evidence: &Evidence) -> Verdict {
    let silent = evidence.smart == SmartFacts::default();
    let sentence = if silent {
        "The disk says nothing about its health, and nothing went wrong with it here."
    } else {
        "The disk is well."
    };
    Verdict { grade: Grade::Healthy, sentence, action: NOTHING }
}

fn happened(io: &IoRecord) -> Vec<Line> {
    use Grade::{Failed, ReplaceSoon, Watch};
    let line = |holds, grade, sentence, action| (holds, grade, sentence, action);
    vec![
        line(
            io.write_errors >= WRITE_ERRORS_FAILED,
            Failed,
            "The disk does not store what it is given.",
            REPLACE,
        ),
        line(
            io.missed_deadlines >= DEADLINES_FAILED,
            Failed,
            "The disk keeps stopping to answer.",
            REPLACE,
        ),
        line(
            io.read_errors >= READ_ERRORS_FAILED,
            Failed,
            "Much of the disk cannot be read any more.",
            REPLACE,
        ),
        line(
            io.mismatches >= MISMATCHES_SOON,
            ReplaceSoon,
            "The disk gave back other data than it was given, several times.",
            REPLACE_SOON,
        ),
        line(
            io.read_errors >= READ_ERRORS_SOON,
            ReplaceSoon,
            "Some places of the disk cannot be read any more.",
            REPLACE_SOON,
        ),
        line(io.write_errors > 0, Watch, "A write to the disk failed.", CABLE),
        line(io.missed_deadlines > 0, Watch, "The disk once did not answer in time.", CABLE),
        line(
            io.mismatches > 0,
            Watch,
            "The disk once gave back other data than it was given.",
            WATCH,
        ),
        line(io.read_errors > 0, Watch, "The disk once could not be read.", WATCH),
        line(io.resets > 0, Watch, "The connection to the disk was lost for a moment.", CABLE),
    ]
}

fn says(smart: &SmartFacts) -> Vec<Line> {
    use Grade::{ReplaceSoon, Watch};
    let line = |holds, grade, sentence, action| (holds, grade, sentence, action);
    let bad = smart.pending.unwrap_or(0).saturating_add(smart.uncorrectable.unwrap_or(0));
    let moved = smart.reallocated.unwrap_or(0);
    let worn = smart.worn_percent.unwrap_or(0);
    let cable = smart.cable_errors.unwrap_or(0);
    vec![
        line(smart.passed == Some(false), ReplaceSoon, "The disk expects to fail.", REPLACE_SOON),
        line(
            bad >= BAD_SECTORS_SOON,
            ReplaceSoon,
            "Parts of the disk have gone bad.",
            REPLACE_SOON,
        ),
        line(
            moved >= REALLOCATED_SOON,
            ReplaceSoon,
            "The disk has replaced many bad places by spare ones.",
            REPLACE_SOON,
        ),
        line(worn >= WORN_SOON, ReplaceSoon, "The disk is worn out.", REPLACE_SOON),
        line(
            smart.spare_percent.is_some_and(|spare| spare <= SPARE_SOON),
            ReplaceSoon,
            "The disk has almost no spare places left.",
            REPLACE_SOON,
        ),
        line(bad > 0, Watch, "A small part of the disk has gone bad.", WATCH),
        line(
            moved >= REALLOCATED_WATCH,
            Watch,
            "The disk has replaced some bad places by spare ones.",
            WATCH,
        ),
        line(worn >= WORN_WATCH, Watch, "The disk is nearly worn out.", WATCH),
        line(cable >= CABLE_ERRORS_WATCH, Watch, "The cable spoils what it carries.", CABLE),
        line(
            smart.temperature_c.is_some_and(|degrees| degrees >= HOT_C),
            Watch,
            "The disk is too hot.",
            "Give the box more air.",
        ),
    ]
}

fn slow(latency: Option<Latency>) -> Vec<Line> {
    let is_slow = latency.is_some_and(|latency| {
        latency.recent_ms >= SLOW_MS
            && latency.recent_ms >= latency.usual_ms.saturating_mul(SLOW_TIMES)
    });
    vec![(is_slow, Grade::Watch, "The disk has become very slow.", WATCH)]
}
