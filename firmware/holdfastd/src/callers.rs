//! Who is here: a place for each caller, and whose place the next one takes when none is left.
//!
//! A caller who has said nothing for a while gives way, else one who watches; never one who is being
//! answered. Some places are root's. Start at [`Callers::take`].

use std::collections::BTreeMap;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

use types::Millis;

/// Callers at once; more are told to come later. Each costs a thread and at most two frames.
pub(crate) const CALLERS_MAX: usize = 32;
/// Of these, places that only root gets, in a box that runs as another user.
const FOR_ROOT: usize = 4;
/// Whoever has been silent for less than this may be about to ask.
const SILENT_MIN: Millis = Millis::from_secs(10);

/// What a caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Has asked, and is being answered.
    Asking,
    /// Has said nothing since then.
    Silent(Millis),
    /// Hears news since then.
    Watching(Millis),
}

/// Who gives way, of those that are here; none when nobody does.
fn gives_way(here: impl Iterator<Item = (u64, Doing)>, now: Millis) -> Option<u64> {
    let silent_long = |since: Millis| now.0.saturating_sub(since.0) >= SILENT_MIN.0;
    let rank = |(id, doing)| match doing {
        Doing::Silent(since) if silent_long(since) => Some((0, since, id)),
        Doing::Watching(since) if silent_long(since) => Some((1, since, id)),
        Doing::Asking | Doing::Silent(_) | Doing::Watching(_) => None,
    };
    here.filter_map(rank).min().map(|(_, _, id)| id)
}

#[derive(Debug)]
struct Here {
    stream: UnixStream,
    doing: Doing,
}

#[derive(Debug, Default)]
struct Places {
    next: u64,
    here: BTreeMap<u64, Here>,
}

/// Everybody who is here.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    places: Mutex<Places>,
}

impl Callers {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a caller, if need be somebody else's; none when all are taken.
    pub(crate) fn take(&self, stream: &UnixStream, of_all: bool, now: Millis) -> Option<Place<'_>> {
        let stream = stream.try_clone().ok()?;
        let most = if of_all { CALLERS_MAX } else { CALLERS_MAX - FOR_ROOT };
        let mut places = self.places();
        if places.here.len() >= most {
            let all = places.here.iter().map(|(id, here)| (*id, here.doing));
            let left = gives_way(all, now).and_then(|id| places.here.remove(&id))?;
            tracing::info!(doing = ?left.doing, "a caller gives way to another");
            // Its thread hears the end of the talk, as when the caller had gone.
            left.stream.shutdown(Shutdown::Both).ok();
        }
        let id = places.next;
        places.next += 1;
        places.here.insert(id, Here { stream, doing: Doing::Silent(now) });
        Some(Place { callers: self, id })
    }
}

/// A caller's place, given back at its end.
#[derive(Debug)]
pub(crate) struct Place<'c> {
    callers: &'c Callers,
    id: u64,
}

impl Place<'_> {
    /// Says what the caller does from now on.
    pub(crate) fn is(&self, doing: Doing) {
        if let Some(here) = self.callers.places().here.get_mut(&self.id) {
            here.doing = doing;
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.callers.places().here.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_silent_gives_way_then_the_longest_watcher_and_never_who_is_answered() {
        let at = |secs| Millis::from_secs(secs);
        let here = [
            (1, Doing::Asking),
            (2, Doing::Silent(at(95))),
            (3, Doing::Watching(at(1))),
            (4, Doing::Silent(at(50))),
            (5, Doing::Silent(at(40))),
        ];
        let now = at(100);
        assert_eq!(gives_way(here.into_iter(), now), Some(5));
        assert_eq!(gives_way(here[..3].iter().copied(), now), Some(3));
        assert_eq!(gives_way(here[..2].iter().copied(), now), None, "it may be about to ask");
    }

    /// Idle callers once shut out root and the page.
    #[test]
    fn idle_callers_shut_nobody_out_and_root_has_places_of_its_own() {
        let callers = Callers::default();
        let pair = || UnixStream::pair().unwrap();
        let now = Millis(0);
        let many: Vec<_> = (0..CALLERS_MAX).map(|_| pair()).collect();
        let take = |n: usize, of_all, now| callers.take(&many[n].0, of_all, now);
        let others = CALLERS_MAX - FOR_ROOT;
        let mut places: Vec<_> = (0..others).map(|n| take(n, false, now).unwrap()).collect();
        assert!(take(others, false, now).is_none());
        places.push(take(others, true, now).unwrap());
        places.iter().skip(1).for_each(|place| place.is(Doing::Asking));
        let late = Millis(now.0 + SILENT_MIN.0);
        let next = take(others + 1, false, late).expect("the silent one gives way");
        let mut gone = &many[0].1;
        assert_eq!(std::io::Read::read(&mut gone, &mut [0]).unwrap(), 0, "and hears so");
        next.is(Doing::Asking);
        assert!(take(others + 2, false, late).is_none());
        drop(places);
        assert_eq!(callers.places().here.len(), 1, "places are given back once");
    }
}
