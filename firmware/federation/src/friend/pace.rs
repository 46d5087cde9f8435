//! How fast it goes with this friend, looked at once a second: the owner's rules, what both agreed on,
//! and what the line itself says. Decided in `plan::traffic`. Start at [`Friend::look_at_pace`].

use plan::traffic::{Because, Line, Others, Rate, Rules, Share, allowed, yielded};
use types::{Bytes, Millis};

use super::Friend;
use crate::endpoint;
use crate::house::{Direction, Moved, Traffic};

/// Bytes in a second for each kilobit.
const BYTES_A_KILOBIT: u64 = 125;
/// What a line is good for as long as nothing was measured.
const BEST_AT_FIRST: Rate = Rate::from_mbit(10);

/// What may lie here unread beside what a way there and back takes, as part of a second of the rate, and
/// never less than the other: all of it comes twice when this box is killed, and answers wait behind it.
const UNREAD_FOR: Millis = Millis(250);
const UNREAD_MIN: u32 = 512 << 10;

/// What was measured of the line.
#[derive(Debug)]
pub(super) struct Pace {
    /// The shortest time there and back.
    quietest: Option<Millis>,
    share: Share,
    /// The fastest second.
    best: Rate,
}

impl Default for Pace {
    fn default() -> Self {
        Self { quietest: None, share: Share::FULL, best: BEST_AT_FIRST }
    }
}

impl Pace {
    /// One look at the line.
    fn look(&mut self, round_trip: Option<Millis>, moved: Moved) {
        let quietest = round_trip.map(|now| self.quietest.map_or(now, |before| before.min(now)));
        self.quietest = quietest.or(self.quietest);
        let queue = round_trip.zip(self.quietest);
        self.share =
            self.share.after(queue.map(|(now, best)| Millis(now.0.saturating_sub(best.0))));
        self.best = self.best.max(Rate(moved.out.0.max(moved.came.0)));
    }

    /// The rate in one direction.
    fn rate(&self, rules: &Rules, line: &Line, agreed: Rate, people: bool) -> (Rate, Because) {
        let rule = allowed(rules, line);
        let others = Others { people, share: self.share, best: self.best };
        (yielded(rule.rate.min(agreed), &others), rule.because)
    }
}

/// How many bytes of a connection may come before they are read, where bodies are read at this rate.
fn unread(rate: Rate, round_trip: Option<Millis>) -> u32 {
    let span = UNREAD_FOR.0.saturating_add(round_trip.map_or(0, |time| time.0));
    let bytes = u128::from(rate.0) * u128::from(span) / 1_000;
    u32::try_from(bytes).unwrap_or(u32::MAX).clamp(UNREAD_MIN, endpoint::UNREAD_MAX)
}

/// What a pact says of a rate.
fn agreed(rate_kbit: u32) -> Rate {
    match rate_kbit {
        0 => Rate::UNLIMITED,
        some => Rate(u64::from(some) * BYTES_A_KILOBIT),
    }
}

impl Friend {
    /// Tells the house what went, and sets both rates.
    pub(super) fn look_at_pace(&mut self) {
        let moved = self.lane.throttle.moved();
        if self.pack.is_none() && moved == Moved::default() {
            return;
        }
        let path = self.pack.as_ref().map(|line| endpoint::path(&line.connection));
        let (is_relayed, round_trip) = path.unwrap_or_default();
        let millis =
            |time: std::time::Duration| Millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        let round_trip = round_trip.map(millis);
        self.pace.look(round_trip, moved);
        let traffic = self.core.house.traffic(self.id, moved);
        let Traffic { weekday, minute, people, .. } = traffic;
        let terms = self.m.life.pact().terms;
        let part = self.m.life.part();
        let line = |this_month: Bytes| Line { weekday, minute, is_relayed, this_month };
        let ways = [
            (Direction::Out, &traffic.out, traffic.this_month.out, part.other()),
            (Direction::In, &traffic.came, traffic.this_month.came, part),
        ];
        for (direction, rules, this_month, host) in ways {
            let agreed = agreed(terms.by(host).schedule.rate_kbit);
            let (rate, _) = self.pace.rate(rules, &line(this_month), agreed, people);
            self.lane.throttle.set(direction, rate);
            if let (Direction::In, Some(line)) = (direction, &self.pack) {
                line.connection.set_receive_window(unread(rate, round_trip).into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_rules_and_pact_counts_and_a_full_line_is_left_to_others() {
        let line = Line { weekday: 0, minute: 0, is_relayed: false, this_month: Bytes(0) };
        let mut pace = Pace::default();
        let rate = |pace: &Pace, agreed| pace.rate(&Rules::default(), &line, agreed, false).0;
        assert_eq!(rate(&pace, agreed(0)), Rate::UNLIMITED);
        assert_eq!(rate(&pace, agreed(800)), Rate(100_000));
        pace.look(Some(Millis(20)), Moved::default());
        assert_eq!(rate(&pace, agreed(800)), Rate(100_000));
        pace.look(Some(Millis(200)), Moved::default());
        assert_eq!(rate(&pace, agreed(800)), Rate(50_000));
        assert!(rate(&pace, agreed(0)) < Rate::UNLIMITED);
    }

    /// Two boxes with one rate: a burst of the sender lay at the receiver for ever, five megabytes of it,
    /// and came again whenever one of the two was killed.
    #[test]
    fn what_waits_to_be_read_is_what_the_rate_and_the_way_need_and_no_more() {
        let mbit = |number| unread(Rate::from_mbit(number), Some(Millis(50)));
        assert_eq!(unread(Rate::UNLIMITED, None), endpoint::UNREAD_MAX);
        assert_eq!(mbit(5), UNREAD_MIN);
        assert_eq!(mbit(80), 3_000_000);
        assert_eq!(mbit(1_000), endpoint::UNREAD_MAX);
        assert_eq!(unread(Rate::CLOSED, None), UNREAD_MIN);
        // A far friend gets what a far line needs.
        assert_eq!(unread(Rate::from_mbit(20), Some(Millis(750))), 2_500_000);
    }
}
