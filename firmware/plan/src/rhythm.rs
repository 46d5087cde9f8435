//! How often something usually comes, learned from when it came. Pure.
//!
//! What counts are days on which it came and not how often it came on them: a laptop that backs up each hour
//! while it is on, and is on at weekends, comes at weekends. And they are noted when they come: in a list that
//! is thinned out with age, gaps grow while nothing new comes, and who is silent would not be missed for it.
//! Start at [`Visits`], then [`learned`].

use types::{Millis, UnixTime};

/// Times that are nearer to each other are one visit: whoever comes each evening comes a little earlier on
/// some of them.
pub const VISIT_APART: Millis = Millis(20 * 3_600 * 1_000);
/// Gaps from which a rhythm is learned: a week of days, and not what somebody did last summer.
const GAPS: usize = 7;
/// Visits that are remembered: more than a rhythm is learned from.
pub const VISITS_MAX: usize = 16;

/// When something came, of late. Whoever thins out its versions takes nothing from here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// The first time of each visit, in order.
    pub times: Vec<UnixTime>,
    /// Nothing up to here is looked at again: what was noted then had not been thinned out yet.
    pub upto: Option<UnixTime>,
}

impl Visits {
    /// Notes what came since it was last asked; `came` may be all that there is. What is older than `whole`,
    /// for which one a day is surely there, is no sign of a rhythm, and neither is what is later than now.
    ///
    /// Times that are later than now, of a clock that was wrong, give way to the first one that is not.
    pub fn note(&mut self, came: impl IntoIterator<Item = UnixTime>, now: UnixTime, whole: Millis) {
        let looked_at = self.upto.filter(|upto| *upto <= now).or_else(|| self.until(now).last());
        let is_new = |at: &UnixTime| *at <= now && looked_at.is_none_or(|upto| *at > upto);
        let mut new: Vec<UnixTime> = came.into_iter().filter(is_new).collect();
        new.sort_unstable();
        let Some(newest) = new.last().copied() else { return };
        self.times.retain(|at| *at <= now);
        for at in new.into_iter().filter(|at| now.since(*at) < whole) {
            if self.times.last().is_none_or(|last| at.since(*last) >= VISIT_APART) {
                self.times.push(at);
            }
        }
        let more = self.times.len().saturating_sub(VISITS_MAX);
        self.times.drain(..more);
        self.upto = Some(newest);
    }

    /// Those that are not later than now.
    pub fn until(&self, now: UnixTime) -> impl Iterator<Item = UnixTime> {
        self.times.iter().copied().filter(move |at| *at <= now)
    }
}

/// The usual gap between two visits; none after one visit or none.
///
/// Of the last gaps it is the one that three in four do not exceed: somebody who comes on Saturdays and
/// Sundays is not missed on Thursday, and one holiday makes nobody's rhythm slower.
pub fn learned(times: impl IntoIterator<Item = UnixTime>) -> Option<Millis> {
    let visits = visits(times);
    let mut gaps: Vec<Millis> = visits.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    let mut recent = gaps.split_off(gaps.len().saturating_sub(GAPS));
    recent.sort_unstable();
    recent.get(recent.len() * 3 / 4).copied()
}

/// The first time of each visit, in order.
fn visits(times: impl IntoIterator<Item = UnixTime>) -> Vec<UnixTime> {
    let mut times: Vec<UnixTime> = times.into_iter().collect();
    times.sort_unstable();
    times.dedup_by(|next, visit| next.since(*visit) < VISIT_APART);
    times
}
