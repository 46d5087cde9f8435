//! How fast a job is of late, and how long it will take: from a few samples, no clock of its own.
//!
//! Start at [`rate`].

use types::Millis;

/// Samples that are looked at, at most: with one a second, the last half minute.
pub const SAMPLES_MAX: usize = 32;
/// Less time than this between the first and the last says nothing.
const SPAN_MIN: Millis = Millis(500);

/// How far a job was at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Millis,
    /// Bytes dealt with by then.
    pub bytes: u64,
}

/// Bytes a second between the first and the last sample; none while that says nothing.
pub fn rate(samples: &[Sample]) -> Option<u64> {
    let (first, last) = (samples.first()?, samples.last()?);
    let span = last.at.0.checked_sub(first.at.0).filter(|span| *span >= SPAN_MIN.0)?;
    let bytes = u128::from(last.bytes.saturating_sub(first.bytes));
    u64::try_from(bytes * 1_000 / u128::from(span)).ok()
}

/// How long the rest takes at that rate; none when it would take for ever.
pub fn left(done: u64, total: Option<u64>, rate: Option<u64>) -> Option<Millis> {
    let rest = total?.checked_sub(done)?;
    let millis = u128::from(rest) * 1_000 / u128::from(rate.filter(|rate| *rate > 0)?);
    u64::try_from(millis).ok().map(Millis)
}
