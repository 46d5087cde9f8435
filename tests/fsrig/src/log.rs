//! What a file system asked of its disk, in order, and what a power cut may leave of it.
//!
//! Pure: a log, a moment and dice give a state. Everything before the last flush is there; of the
//! writes since, all, some, or some with the last one torn. A disk that drops flushes keeps its
//! writes in its own time instead. Start at [`Log::left_at`].

use std::ops::Range;
use std::sync::Arc;

use testkit::dice::Dice;

/// One request to a disk. `at` counts the requests to all disks of a world.
#[derive(Clone, Debug)]
pub struct Event {
    /// When.
    pub at: u64,
    /// What.
    pub what: Request,
}

/// A request that changes something.
#[derive(Clone, Debug)]
pub enum Request {
    /// Bytes at an offset.
    Write(u64, Arc<Vec<u8>>),
    /// Everything written so far is to last.
    Flush,
}

/// Bytes that reached the medium.
#[derive(Clone, Debug)]
pub struct Kept {
    offset: u64,
    bytes: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Kept {
    /// Where they are.
    pub fn offset(&self) -> u64 {
        self.offset + self.range.start as u64
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }
}

/// How honest a disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Honesty {
    /// A flush is a flush.
    Honest,
    /// Flushes do nothing: of the last so many requests any may be missing.
    DropsFlushes(usize),
    /// Its power went that many requests before the others', and nobody noticed.
    StoppedEarlier(usize),
}

/// A state of a disk after a power cut.
#[derive(Clone, Debug)]
pub struct Left {
    /// All events before this one are on the medium.
    pub durable: usize,
    /// And these, of the later ones.
    pub kept: Vec<Kept>,
    /// Writes that were not flushed when the power went.
    pub pending: usize,
    /// The last of those that were kept is torn.
    pub torn: bool,
    /// How it was drawn, for people.
    pub how: String,
}

/// Units in which a write can be torn: a sector, and a page.
const TEARS: [usize; 2] = [512, 4096];

/// All requests to one disk.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// In order.
    pub events: Vec<Event>,
}

impl Log {
    /// True when the last request before `cut` was a write.
    pub fn has_unflushed(&self, cut: u64) -> bool {
        let end = self.events.partition_point(|event| event.at < cut);
        self.events[..end].last().is_some_and(|event| matches!(event.what, Request::Write(..)))
    }

    /// What a power cut just before time `cut` may leave.
    pub fn left_at(&self, cut: u64, honesty: Honesty, dice: &mut Dice) -> Left {
        let end = self.events.partition_point(|event| event.at < cut);
        let early = if let Honesty::StoppedEarlier(requests) = honesty { requests } else { 0 };
        let end = end.saturating_sub(early);
        let before = &self.events[..end];
        let durable = match honesty {
            Honesty::Honest | Honesty::StoppedEarlier(_) => {
                before.iter().rposition(|e| matches!(e.what, Request::Flush)).map_or(0, |n| n + 1)
            }
            Honesty::DropsFlushes(horizon) => end.saturating_sub(horizon),
        };
        let pending: Vec<(u64, &Arc<Vec<u8>>)> = before[durable..]
            .iter()
            .filter_map(|event| match &event.what {
                Request::Write(offset, bytes) => Some((*offset, bytes)),
                Request::Flush => None,
            })
            .collect();
        let mode = dice.roll(4);
        let of_8 = if mode == 0 { 8 } else { [0, 1, 4, 6, 7][dice.roll(5) as usize] };
        let chosen = pending.iter().filter(|_| mode == 0 || dice.roll(8) < of_8);
        let mut kept: Vec<Kept> = chosen
            .map(|(offset, bytes)| Kept {
                offset: *offset,
                bytes: Arc::clone(bytes),
                range: 0..bytes.len(),
            })
            .collect();
        let torn = if mode >= 2 { tear(&mut kept, TEARS[mode as usize % 2], dice) } else { None };
        let how = torn.as_ref().map_or_else(String::new, |what| format!(", the last torn {what}"));
        let how = format!("{} of {} unflushed writes kept{how}", kept.len(), pending.len());
        Left { durable, kept, pending: pending.len(), torn: torn.is_some(), how }
    }
}

/// Leaves a beginning or an end of the last write.
fn tear(kept: &mut [Kept], unit: usize, dice: &mut Dice) -> Option<String> {
    let last = kept.last_mut()?;
    let units = last.bytes.len().div_ceil(unit);
    if units < 2 {
        return None;
    }
    let at = 1 + dice.roll(u32::try_from(units - 1).expect("writes are small")) as usize;
    let front = dice.roll(2) == 0;
    last.range = if front { 0..at * unit } else { at * unit..last.bytes.len() };
    Some(format!("at {} of {} bytes, its {} kept", at * unit, last.bytes.len(), side(front)))
}

fn side(front: bool) -> &'static str {
    if front { "front" } else { "end" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Log {
        let write = |at, byte| Event { at, what: Request::Write(at, Arc::new(vec![byte; 8192])) };
        let flush = |at| Event { at, what: Request::Flush };
        Log { events: vec![write(0, 1), write(3, 2), flush(4), write(7, 3), write(8, 4)] }
    }

    fn drawn(cut: u64, honesty: Honesty) -> Vec<Left> {
        (0..400).map(|seed| log().left_at(cut, honesty, &mut Dice::new(seed))).collect()
    }

    #[test]
    fn what_was_flushed_before_the_cut_is_always_there_and_nothing_after_the_cut_ever_is() {
        for left in drawn(8, Honesty::Honest) {
            assert_eq!(left.durable, 3);
            assert!(left.kept.iter().all(|kept| kept.bytes()[0] == 3));
        }
        assert!(drawn(4, Honesty::Honest).iter().all(|left| left.durable == 0));
        assert!(drawn(5, Honesty::Honest).iter().all(|left| left.kept.is_empty()));
    }

    #[test]
    fn every_way_of_losing_the_rest_is_drawn() {
        let all = drawn(9, Honesty::Honest);
        let some = |test: &dyn Fn(&Left) -> bool| all.iter().any(test);
        for count in 0..=2 {
            assert!(some(&|left| left.kept.len() == count), "{count} writes kept");
        }
        for len in [512, 4096, 7680] {
            assert!(some(&|left| left.kept.last().is_some_and(|k| k.bytes().len() == len)));
        }
        // The second of two without the first: a disk keeps no order.
        assert!(some(&|left| left.kept.len() == 1 && left.kept[0].bytes()[0] == 4));
        assert!(some(&|left| left
            .kept
            .last()
            .is_some_and(|kept| kept.offset() % 512 > 0 && kept.offset() > 8)));
    }

    #[test]
    fn a_disk_that_drops_flushes_may_lose_what_was_flushed() {
        let lost = |left: &Left| left.durable == 0 && left.kept.is_empty();
        assert!(drawn(5, Honesty::DropsFlushes(9)).iter().any(lost));
        assert!(drawn(9, Honesty::DropsFlushes(2)).iter().all(|left| left.durable == 3));
    }

    #[test]
    fn a_disk_that_stopped_earlier_is_an_honest_one_of_that_moment() {
        for left in drawn(9, Honesty::StoppedEarlier(2)) {
            assert!(left.durable == 3 && left.kept.is_empty());
        }
        assert!(drawn(9, Honesty::StoppedEarlier(20)).iter().all(|left| left.durable == 0));
    }
}
