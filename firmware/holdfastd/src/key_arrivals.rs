//! Which sticks are plugged in, and since when: a key on one counts for a while after it was plugged in.
//!
//! Pure: time is an argument. Start at [`SticksHere::then`].

use types::{DiskIdentity, Millis};

/// A key counts so long after it was plugged in: one that somebody forgot in the socket opens for nobody.
const COUNTS_FOR: Millis = Millis::from_secs(600);

/// Sticks that were here and are not seen now are remembered, so many of them.
const GONE_MAX: usize = 64;

/// A stick that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StickHere {
    pub(crate) disk: DiskIdentity,
    pub(crate) place: String,
    /// Which time it was plugged in; none until that was looked up.
    attached: Option<u64>,
    /// Its number among all that came.
    pub(crate) arrival: u64,
    /// When that was seen.
    came: Millis,
}

/// Those that are here, and how many came since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SticksHere {
    pub(crate) all: Vec<StickHere>,
    pub(crate) arrivals: u64,
    /// Those that were here: a look that failed does not make one that comes back a new one.
    gone: Vec<StickHere>,
}

impl SticksHere {
    /// What is here now, after what was here before: each with its place, and which time it was plugged in,
    /// where that was looked up.
    pub(crate) fn then(
        &self,
        plugged: impl IntoIterator<Item = (DiskIdentity, String, Option<u64>)>,
        now: Millis,
    ) -> Self {
        let mut arrivals = self.arrivals;
        let stick = |(disk, place, attached): (DiskIdentity, String, Option<u64>)| {
            // One that is being looked at is still the one that was here.
            let same = |one: &StickHere| {
                attached.is_none() || one.attached.is_none() || attached == one.attached
            };
            let before = self.all.iter().chain(&self.gone).find(|one| one.disk == disk);
            let before = before.filter(|one| same(one));
            arrivals += u64::from(before.is_none());
            let (arrival, came) = before.map_or((arrivals, now), |one| (one.arrival, one.came));
            let attached = attached.or(before.and_then(|one| one.attached));
            StickHere { disk, place, attached, arrival, came }
        };
        let mut all: Vec<StickHere> = plugged.into_iter().map(stick).collect();
        all.sort_by(|one, other| one.place.cmp(&other.place));
        let is_here = |disk: &DiskIdentity| all.iter().any(|one| one.disk == *disk);
        let gone = self.all.iter().chain(&self.gone).filter(|one| !is_here(&one.disk));
        let gone = gone.take(GONE_MAX).cloned().collect();
        Self { all, arrivals, gone }
    }
}

impl StickHere {
    /// Whether it was plugged in a short while ago.
    pub(crate) fn counts(&self, now: Millis) -> bool {
        now.0.saturating_sub(self.came.0) < COUNTS_FOR.0
    }
}

#[cfg(test)]
mod tests {
    use types::{Bytes, Transport};

    use super::*;

    const PLUGGED: Millis = Millis(5_000);

    fn disk(serial: &str) -> DiskIdentity {
        DiskIdentity {
            model: "A stick".to_owned(),
            serial: Some(serial.to_owned()),
            wwn: None,
            size: Bytes(8 << 30),
            transport: Transport::Usb,
            port: "usb-front".to_owned(),
        }
    }

    fn plugged(before: &SticksHere, attached: Option<u64>, now: Millis) -> SticksHere {
        before.then([(disk("one"), "USB socket front".to_owned(), attached)], now)
    }

    fn after(span: u64) -> Millis {
        Millis(PLUGGED.0 + span)
    }

    #[test]
    fn a_stick_that_stays_counts_no_more_after_ten_minutes_until_it_is_plugged_in_again() {
        let first = plugged(&SticksHere::default(), Some(1), PLUGGED);
        assert!(first.all[0].counts(after(599_999)));
        let stays = plugged(&first, Some(1), after(599_999));
        assert!(!stays.all[0].counts(after(600_000)), "looking at it is no plugging in");
        assert_eq!(stays.arrivals, 1);
        let again = plugged(&stays, Some(2), after(600_000));
        assert!(again.all[0].counts(after(600_000)), "pulled and put back unseen");
        assert_eq!(again.arrivals, 2);
        let pulled = again.then([], after(700_000));
        assert!(pulled.all.is_empty());
        assert!(plugged(&pulled, Some(3), after(800_000)).all[0].counts(after(900_000)));
    }

    /// One that was forgotten in the socket counted again once a look at it had failed.
    #[test]
    fn a_stick_that_is_not_seen_for_a_moment_has_not_been_plugged_in_again() {
        let first = plugged(&SticksHere::default(), Some(1), PLUGGED);
        let unread = first.then([], after(600_000));
        assert!(unread.all.is_empty());
        let back = plugged(&unread, None, after(600_001));
        let back = plugged(&back, Some(1), after(600_002));
        assert!(!back.all[0].counts(after(600_002)));
        assert_eq!(back.arrivals, 1);
        let again = plugged(&back.then([], after(600_003)), Some(2), after(600_004));
        assert!(again.all[0].counts(after(600_004)), "and this time it was");
        assert_eq!(again.arrivals, 2);
    }

    /// While a disk was looked at anew nobody knew which time it was plugged in: it seemed to have just come.
    #[test]
    fn a_stick_that_is_looked_at_anew_has_not_just_come() {
        let first = plugged(&SticksHere::default(), Some(1), PLUGGED);
        let looked_at = plugged(&first, None, after(600_000));
        assert!(!looked_at.all[0].counts(after(600_000)));
        assert_eq!(plugged(&looked_at, Some(1), after(600_001)), looked_at);
        let other = looked_at.then([(disk("two"), String::new(), None)], after(600_000));
        assert!(other.all[0].counts(after(600_000)), "another one has");
    }
}
