//! What goes, when, and what never does: deletions by this box's own clock, and silence.

use types::{PackId, UnixTime};

use super::events::{HostAction, HostNews, StreamId};
use super::record::{Entry, Record, Stage};
use super::{Host, keeping, no, say};
use crate::clock::{ClockWatch, Now};
use crate::limits;
use crate::pact::PactLife;
use crate::wire::{PackSay, Why};

impl Host {
    pub(super) fn delete(
        &mut self,
        now: Now,
        pact: &PactLife,
        stream: StreamId,
        root: PackId,
    ) -> Vec<HostAction> {
        let Some(entry) = self.entries.get(&root).copied() else {
            return vec![say(stream, PackSay::Missing)];
        };
        match entry.stage {
            // The first word counts: saying it again makes it neither earlier nor later.
            Stage::Doomed { until, .. } => vec![say(stream, PackSay::Marked(until))],
            Stage::Coming { .. } if self.bringing.contains_key(&root) => {
                no(stream, Why::Busy.with(1_000))
            }
            Stage::Coming { .. } if self.away.contains(&root) => {
                vec![say(stream, PackSay::Missing)]
            }
            Stage::Coming { .. } => {
                let mut done = self.drop_coming(root);
                done.push(say(stream, PackSay::Missing));
                done
            }
            // A time counted from a clock that is behind would be too early once it is right.
            Stage::Kept if !self.clock.is_sure(now) => no(stream, Why::ClockUnsure.plain()),
            Stage::Kept => {
                let until = self.clock.latest(now).plus(keeping(pact).not_before());
                let kept = self.doom(entry, until, false);
                vec![kept, say(stream, PackSay::Marked(until))]
            }
        }
    }

    /// The pact ends: everything may go from then on. What was to go earlier still does. By a clock that
    /// is behind that would be too early once it is right, so then the wait begins when it is sure.
    pub(super) fn release(&mut self, now: Now, at: UnixTime) -> Vec<HostAction> {
        let wait = at.since(now.wall);
        if self.clock.is_sure(now) {
            return self.doom_all(self.clock.latest(now).plus(wait));
        }
        self.release = Some(wait);
        vec![HostAction::Keep(Record::Release(self.release))]
    }

    /// When the last of what is kept here goes, after an end that was told; none when nothing is kept.
    pub fn stays_until(&self, now: Now) -> Option<UnixTime> {
        let waits = now.wall.plus(self.release.unwrap_or_default());
        let goes = self.entries.values().filter_map(|entry| match entry.stage {
            Stage::Coming { .. } => None,
            Stage::Kept => Some(waits),
            Stage::Doomed { until, .. } => Some(until),
        });
        goes.max()
    }

    fn doom_all(&mut self, until: UnixTime) -> Vec<HostAction> {
        let kept: Vec<Entry> =
            self.entries.values().filter(|entry| entry.stage == Stage::Kept).copied().collect();
        kept.into_iter().map(|entry| self.doom(entry, until, false)).collect()
    }

    fn doom(&mut self, entry: Entry, until: UnixTime, agreed: bool) -> HostAction {
        let entry = Entry { stage: Stage::Doomed { until, agreed }, ..entry };
        self.put_entry(entry);
        HostAction::Keep(Record::Entry(entry))
    }

    /// The clock is right. Time that was not counted until now had passed before or after each deletion that
    /// was told since it was last known to be right, and nobody knows which: each goes so much later. The
    /// clock is written down last, since whoever finds it written down puts nothing off any more.
    pub(super) fn clock_agreed(&mut self, now: Now) -> Vec<HostAction> {
        let behind = self.clock.behind(now);
        let put_off = |entry: &Entry| match entry.stage {
            Stage::Doomed { until, agreed: false } => Some((*entry, until.plus(behind))),
            Stage::Doomed { .. } | Stage::Kept | Stage::Coming { .. } => None,
        };
        let put_off: Vec<_> = self.entries.values().filter_map(put_off).collect();
        let mut done: Vec<_> =
            put_off.into_iter().map(|(entry, until)| self.doom(entry, until, true)).collect();
        self.clock = ClockWatch::agreed(now);
        self.told_unsure = false;
        done.push(HostAction::Keep(Record::Clock(self.clock.mark(now))));
        done
    }

    pub(super) fn removed(&mut self, root: PackId) -> Vec<HostAction> {
        self.removing.remove(&root);
        let gone = self.take_entry(root);
        gone.map_or_else(Vec::new, |_| vec![HostAction::Keep(Record::Forget(root))])
    }

    /// Lost here. It counts no more, so that its owner can bring it again.
    pub(super) fn rotten(&mut self, root: PackId) -> Vec<HostAction> {
        self.removing.remove(&root);
        self.away.remove(&root);
        let whole = |entry: &Entry| !matches!(entry.stage, Stage::Coming { .. });
        if !self.entries.get(&root).is_some_and(whole) {
            return Vec::new();
        }
        self.take_entry(root);
        vec![
            HostAction::DropPart(root),
            HostAction::Keep(Record::Forget(root)),
            HostAction::Tell(HostNews::Lost(root)),
        ]
    }

    pub(super) fn tick(&mut self, now: Now, pact: &PactLife) -> Vec<HostAction> {
        let mut done = Vec::new();
        if now.uptime.0.saturating_sub(self.marked.0) >= limits::MARK_EVERY.0 {
            self.marked = now.uptime;
            done.push(HostAction::Keep(Record::Clock(self.clock.mark(now))));
        }
        if !self.clock.is_sure(now) {
            if !self.told_unsure {
                self.told_unsure = true;
                done.push(HostAction::Tell(HostNews::ClockUnsure));
            }
            return done;
        }
        self.told_unsure = false;
        if let Some(wait) = self.release.take() {
            done.extend(self.doom_all(self.clock.latest(now).plus(wait)));
            done.push(HostAction::Keep(Record::Release(None)));
        }
        done.extend(self.give_up_unfinished(now));
        done.extend(self.remove_due(now));
        done.extend(self.thin_heads(now, pact));
        // By a clock that is right nobody was heard later than now.
        self.seen = self.seen.min(now.wall);
        // The clause ends a promise, and nothing goes by itself: people decide.
        if !self.told_silent && now.wall.since(self.seen) > keeping(pact).silence() {
            self.told_silent = true;
            done.push(HostAction::Tell(HostNews::Silent { since: self.seen }));
        }
        done
    }

    fn thin_heads(&mut self, now: Now, pact: &PactLife) -> Vec<HostAction> {
        let went = self.witness.thin(self.stay(now, pact));
        if went.is_empty() {
            return Vec::new();
        }
        let kept = HostAction::Keep(Record::Witness(self.witness.clone()));
        [kept].into_iter().chain(went.into_iter().map(HostAction::DropHead)).collect()
    }

    fn give_up_unfinished(&mut self, now: Now) -> Vec<HostAction> {
        let old: Vec<PackId> = self
            .unfinished()
            .filter(|(_, since)| now.wall.since(*since) > limits::COMING_FOR)
            .map(|(root, _)| root)
            .collect();
        old.into_iter().flat_map(|root| self.drop_coming(root)).collect()
    }

    fn remove_due(&mut self, now: Now) -> Vec<HostAction> {
        let time = self.clock.earliest(now);
        let is_due = |entry: &&Entry| {
            matches!(entry.stage, Stage::Doomed { until, .. } if time >= until)
                && !self.removing.contains(&entry.root)
                && !self.away.contains(&entry.root)
        };
        let due: Vec<PackId> = self
            .entries
            .values()
            .filter(is_due)
            .take(limits::REMOVALS_A_STEP)
            .map(|entry| entry.root)
            .collect();
        self.removing.extend(due.iter().copied());
        due.into_iter().map(HostAction::Remove).collect()
    }
}
