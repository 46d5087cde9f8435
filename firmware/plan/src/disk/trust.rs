//! What a test of a whole disk says of it. Facts in, a verdict out. Start at [`trust`].

use types::Bytes;

/// So much in one place is no bad spot: there is nothing behind it.
const MISSING_MIN: u64 = 1 << 20;

/// What was found when all of a disk was written and read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tested {
    /// What the disk says of its size.
    pub size: Bytes,
    /// Bytes that are not what was written.
    pub wrong: u64,
    /// Where the first of them are.
    pub first: Option<u64>,
    /// What stood there belongs to this other place.
    pub of: Option<u64>,
    /// It refused to store something.
    pub refused: bool,
}

/// Whether a disk may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It keeps what it is given.
    Good,
    /// It says that it is larger than it is: it holds about so much.
    Fake(Bytes),
    /// It loses some of what it is given.
    Bad,
}

/// The verdict.
pub fn trust(tested: &Tested) -> Trust {
    let Some(first) = tested.first.filter(|_| tested.wrong > 0) else {
        return if tested.refused { Trust::Bad } else { Trust::Good };
    };
    if let Some(of) = tested.of {
        // What belongs to a later place went over an earlier one: as far apart as the disk is large.
        return Trust::Fake(Bytes(of.abs_diff(first)));
    }
    // From one place on nothing is there.
    let rest = tested.size.0.saturating_sub(first);
    if first > 0 && tested.wrong >= MISSING_MIN.min(rest) {
        Trust::Fake(Bytes(first))
    } else {
        Trust::Bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Bytes = Bytes(64_000_000_000);

    #[test]
    fn a_disk_is_good_bad_or_smaller_than_it_says() {
        let tested = Tested { size: SIZE, ..Tested::default() };
        assert_eq!(trust(&tested), Trust::Good);
        assert_eq!(trust(&Tested { refused: true, ..tested }), Trust::Bad);
        let wrong = |wrong, first, of| Tested { wrong, first: Some(first), of, ..tested };
        assert_eq!(trust(&wrong(4_096, 7 << 30, None)), Trust::Bad);
        let holds = Bytes(16_000_000_000);
        assert_eq!(trust(&wrong(4_096, 0, Some(holds.0))), Trust::Fake(holds));
        assert_eq!(trust(&wrong(4_096, 4_096, Some(holds.0 + 4_096))), Trust::Fake(holds));
        assert_eq!(trust(&wrong(1 << 20, holds.0, None)), Trust::Fake(holds));
        assert_eq!(trust(&wrong(8_192, SIZE.0 - 8_192, None)), Trust::Fake(Bytes(SIZE.0 - 8_192)));
        assert_eq!(trust(&wrong(1 << 20, 0, None)), Trust::Bad, "nothing of it can be told");
    }
}
