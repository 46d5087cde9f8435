//! What a friend is asked to prove, when, and what its answers come to.
//!
//! Pure. Which ranges are drawn is decided in `plan::offsite::audit`, what a friend is worth in
//! `plan::offsite::score`; here packs get their names, requests are put together, and what was proved
//! when is remembered. Start at [`Proving::today`] and [`Proving::answered`].

use std::collections::{BTreeMap, VecDeque};

use peer_proto::limits::RANGES_MAX;
use peer_proto::owner::{Copy, LostWhy, Outcome};
use peer_proto::wire::ByteRange;
use plan::offsite::audit::{HeldPack, RANGES_A_DAY, today, wants_look};
use plan::offsite::score::{Answer, Answered, Day, keep};
use serde::{Deserialize, Serialize};
use types::{Bytes, Millis, PackId, UnixTime};

/// Ranges that are asked for when an owner wants to see a proof now.
pub const RANGES_NOW: u32 = 16;
/// Questions that are with a friend's box at once; the machine below asks four at a time.
pub const ASKED_MAX: usize = 16;
/// A question that nobody has answered by then is one without an answer, whatever became of it.
pub const ANSWERED_WITHIN: Millis = Millis::from_secs(1_800);

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Of which pack.
    pub root: PackId,
    /// Which parts: in order, apart, at least one.
    pub ranges: Vec<ByteRange>,
    /// How many ranges were drawn for it.
    pub drawn: u32,
}

/// When a pack was proved by a friend, or found to be lost there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// When it was proved last, or said to be durable.
    pub proved: Option<UnixTime>,
    /// When it was found to be lost.
    pub lost: Option<UnixTime>,
}

/// The answers of a day, as they are written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayNote {
    at_ms: i64,
    proved: u32,
    mismatched: u32,
    missing: u32,
    again: u32,
    unanswered: u32,
}

impl From<Day> for DayNote {
    fn from(day: Day) -> Self {
        let Day { at, proved, mismatched, missing, again, unanswered } = day;
        Self { at_ms: at.0, proved, mismatched, missing, again, unanswered }
    }
}

impl From<DayNote> for Day {
    fn from(note: DayNote) -> Self {
        let DayNote { at_ms, proved, mismatched, missing, again, unanswered } = note;
        Self { at: UnixTime(at_ms), proved, mismatched, missing, again, unanswered }
    }
}

/// Everything about the proofs of one friend.
#[derive(Clone, Debug, Default)]
pub struct Proving {
    /// By day, for a quarter.
    pub history: Vec<Day>,
    /// By pack. A cache: what is not known is asked for again.
    pub packs: BTreeMap<PackId, Known>,
    /// When something was proved last.
    pub last: Option<UnixTime>,
    /// When the questions of a day were drawn last.
    pub drawn: Option<UnixTime>,
    waiting: VecDeque<Question>,
    asked: BTreeMap<PackId, (u32, UnixTime)>,
}

impl Proving {
    /// When the friend was last found to have lost a pack.
    fn lost_another(&self) -> Option<UnixTime> {
        self.packs.values().filter_map(|known| known.lost).max()
    }

    /// Packs that it was found to have lost since then.
    pub fn lost_since(&self, since: UnixTime) -> u64 {
        self.packs.values().filter(|known| known.lost.is_some_and(|lost| lost >= since)).count()
            as u64
    }

    /// Whether the questions of a new day are to be drawn: once a day, when the friend is there.
    pub fn is_due(&self, now: UnixTime) -> bool {
        let days = |at: UnixTime| at.0.div_euclid(86_400_000);
        self.waiting.is_empty() && self.drawn.is_none_or(|drawn| days(drawn) != days(now))
    }

    /// Draws the questions of a day from a seed that nobody else knows; see [`audit`](plan::offsite::audit).
    pub fn today(&mut self, copies: &[Copy], seed: [u8; 32], now: UnixTime) {
        self.drawn = Some(now);
        self.draw(copies, RANGES_A_DAY, seed, now);
    }

    /// Draws some questions because the owner wants to see a proof now.
    pub fn now(&mut self, copies: &[Copy], seed: [u8; 32], now: UnixTime) {
        self.draw(copies, RANGES_NOW, seed, now);
    }

    fn draw(&mut self, copies: &[Copy], count: u32, seed: [u8; 32], now: UnixTime) {
        let lost = self.lost_another();
        let proved = |copy: &Copy| self.packs.get(&copy.root).and_then(|known| known.proved);
        let mut held: Vec<&Copy> = copies.iter().filter(|copy| copy.counts()).collect();
        held.sort_by_key(|copy| (proved(copy), copy.root));
        let facts: Vec<HeldPack> = (0..)
            .zip(&held)
            .map(|(no, copy)| HeldPack {
                no,
                len: Bytes(copy.size),
                unproved: wants_look(proved(copy), lost, now),
            })
            .collect();
        let mut by_pack: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
        for range in today(&facts, count, seed) {
            by_pack.entry(range.pack).or_default().push((range.from, range.from + range.len));
        }
        for (no, drawn) in by_pack {
            let Some(copy) = usize::try_from(no).ok().and_then(|no| held.get(no)) else { continue };
            self.waiting.push_back(question(copy.root, drawn));
        }
    }

    /// What is to be asked now: as much as may be with the friend at once.
    pub fn next(&mut self, now: UnixTime) -> Vec<Question> {
        self.give_up(now);
        let mut out = Vec::new();
        while self.asked.len() < ASKED_MAX {
            let free = |question: &Question| !self.asked.contains_key(&question.root);
            let Some(at) = self.waiting.iter().take(ASKED_MAX * 2).position(free) else { break };
            let Some(question) = self.waiting.remove(at) else { break };
            self.asked.insert(question.root, (question.drawn, now));
            out.push(question);
        }
        out
    }

    /// Whether something waits to be asked or answered.
    pub fn is_busy(&self) -> bool {
        !self.waiting.is_empty() || !self.asked.is_empty()
    }

    fn give_up(&mut self, now: UnixTime) {
        self.asked.retain(|_, (_, at)| now.since(*at) < ANSWERED_WITHIN);
    }

    /// The friend said that a pack is durable there.
    pub fn held(&mut self, root: PackId, now: UnixTime) {
        self.packs.entry(root).or_default().proved = Some(now);
    }

    /// A copy counts no more. What an audit finds is counted with its answer; what a list says, here.
    pub fn lost(&mut self, root: PackId, why: LostWhy, now: UnixTime) {
        if self.asked.contains_key(&root) {
            return;
        }
        let before = self.packs.entry(root).or_default();
        let proved = before.proved.unwrap_or(now);
        let was_told = before.lost.is_some_and(|lost| now.since(lost) < Millis::from_days(1));
        (before.proved, before.lost) = (None, Some(now));
        let answer = match why {
            LostWhy::Missing => Answer::Missing,
            LostWhy::Mismatch => Answer::Mismatch,
            LostWhy::Stopped => return,
        };
        if !was_told {
            keep(&mut self.history, Answered { answer, proved }, now);
        }
    }

    /// An answer came, or none will.
    pub fn answered(&mut self, root: PackId, outcome: Outcome, now: UnixTime) {
        let drawn = self.asked.remove(&root).map_or(1, |(drawn, _)| drawn);
        let known = self.packs.entry(root).or_default();
        let proved = known.proved.unwrap_or(now);
        let (answer, count) = match outcome {
            Outcome::Passed => (Answer::Proved, drawn),
            Outcome::Mismatch => (Answer::Mismatch, 1),
            Outcome::Missing => (Answer::Missing, 1),
            Outcome::NotAnswered => (Answer::TimedOut, 1),
            Outcome::Refused(_) => (Answer::Refused, 1),
        };
        match answer {
            Answer::Proved => {
                known.proved = Some(now);
                self.last = Some(now);
            }
            Answer::Mismatch | Answer::Missing => {
                (known.proved, known.lost) = (None, Some(now));
            }
            Answer::TimedOut | Answer::Refused => {}
        }
        for _ in 0..count {
            keep(&mut self.history, Answered { answer, proved }, now);
        }
    }

    /// Forgets packs that are at this friend no more, and losses that are long over.
    pub fn tidy(&mut self, copies: &[Copy], now: UnixTime) {
        let there: std::collections::BTreeSet<PackId> =
            copies.iter().map(|copy| copy.root).collect();
        self.packs.retain(|root, known| {
            let is_young = |lost| now.since(lost) < plan::offsite::score::HISTORY;
            there.contains(root) || known.lost.is_some_and(is_young)
        });
    }
}

/// One request for what was drawn of a pack: in order, apart, what touches joined.
fn question(root: PackId, mut drawn: Vec<(u64, u64)>) -> Question {
    drawn.sort_unstable();
    let count = u32::try_from(drawn.len()).unwrap_or(u32::MAX);
    let mut ranges: Vec<ByteRange> = Vec::new();
    for (from, to) in drawn {
        match ranges.last_mut() {
            Some(last) if from <= last.to => last.to = last.to.max(to),
            _ => ranges.push(ByteRange { from, to }),
        }
    }
    ranges.truncate(RANGES_MAX);
    Question { root, ranges, drawn: count }
}
