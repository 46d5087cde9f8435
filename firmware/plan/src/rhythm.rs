//! How often something usually comes, learned from when it came. Pure.
//!
//! What counts are days on which it came and not how often it came on them: a laptop that backs up each hour
//! while it is on, and is on at weekends, comes at weekends. Start at [`learned`].

use types::{Millis, UnixTime};

/// Times that are nearer to each other are one visit: whoever comes each evening comes a little earlier on
/// some of them.
pub const VISIT_APART: Millis = Millis(20 * 3_600 * 1_000);
/// Gaps from which a rhythm is learned: a week of days, and not what somebody did last summer.
const GAPS: usize = 7;

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
