//! Who stands at the door for pairing, and how much each of them may ask. Anybody may come while an invite
//! is open, so nobody may keep others out by coming.
//!
//! Each box has one place. Whoever has proved an invite keeps it; of all others the one that came
//! first gives way when there is no more room: a box that was invited proves it with its first request. Pure:
//! it opens and closes nothing. Start at [`Places::come`].

use std::collections::BTreeMap;

use peer_proto::rate::{Asks, Over};
use peer_proto::wire::{ByeWhy, Why};
use types::{EndpointId, Millis};

/// Lines for pairing at once. People pair rarely, and strangers may come.
pub(crate) const PLACES_MAX: usize = 8;
/// Boxes whose requests are remembered after they left, so that coming anew gives nobody a new burst.
const CALLERS_MAX: usize = 64;
/// So many requests of each line are heard whatever all others ask: an invited box needs two to be known.
const FIRST_ASKS: u32 = 8;
/// Wrong proofs of whose box one is, after which a box waits, and how long after the last. Whoever types
/// words wrongly has some tries.
const WRONG_MAX: u32 = 5;
const WRONG_WAIT: Millis = Millis::from_secs(600);
/// Who is refused for what all together ask is told to wait so long, in milliseconds.
const ALL_WAIT: u64 = 1_000;

/// One line, as it is numbered here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlaceId(u64);

/// All places. `H` is what a line is closed by.
#[derive(Debug)]
pub(crate) struct Places<H> {
    standing: BTreeMap<EndpointId, Place<H>>,
    callers: BTreeMap<EndpointId, Caller>,
    /// What lines without a proof ask beyond their first requests, all together.
    all: Asks,
    next: u64,
}

#[derive(Debug)]
struct Place<H> {
    id: PlaceId,
    line: H,
    is_proven: bool,
    asked: u32,
}

#[derive(Debug)]
struct Caller {
    asks: Asks,
    came: PlaceId,
    /// Wrong proofs, and when the last one came.
    wrong: (u32, Millis),
}

/// A place was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found<H> {
    pub(crate) place: PlaceId,
    /// To be closed for it, and why.
    pub(crate) instead_of: Option<(H, ByeWhy)>,
}

impl<H> Places<H> {
    /// All free; times are those of the clock that only counts.
    pub(crate) fn new(uptime: Millis) -> Self {
        let all = Asks::new(uptime);
        Self { standing: BTreeMap::new(), callers: BTreeMap::new(), all, next: 0 }
    }

    /// A box comes with a line. None: everybody who stands there has proved an invite.
    pub(crate) fn come(&mut self, who: EndpointId, line: H, uptime: Millis) -> Option<Found<H>> {
        let instead_of = match self.standing.remove(&who) {
            // The box itself gave up the older one, or lost it without a word.
            Some(older) => Some((older.line, ByeWhy::Replaced)),
            None if self.standing.len() < PLACES_MAX => None,
            None => Some((self.give_way()?, ByeWhy::Busy)),
        };
        let id = PlaceId(self.next);
        self.next += 1;
        self.standing.insert(who, Place { id, line, is_proven: false, asked: 0 });
        self.remember(who, id, uptime);
        Some(Found { place: id, instead_of })
    }

    fn give_way(&mut self) -> Option<H> {
        let unproven = self.standing.iter().filter(|(_, place)| !place.is_proven);
        let (who, _) = unproven.min_by_key(|(_, place)| place.id)?;
        let who = *who;
        self.standing.remove(&who).map(|place| place.line)
    }

    fn remember(&mut self, who: EndpointId, came: PlaceId, uptime: Millis) {
        let new = || Caller { asks: Asks::new(uptime), came, wrong: (0, uptime) };
        self.callers.entry(who).or_insert_with(new).came = came;
        if self.callers.len() > CALLERS_MAX {
            let oldest = self.callers.iter().min_by_key(|(_, caller)| caller.came);
            if let Some(oldest) = oldest.map(|(who, _)| *who) {
                self.callers.remove(&oldest);
            }
        }
    }

    /// A request came on a line: whether it is heard. A line that lost its place is cut.
    pub(crate) fn asked(
        &mut self,
        who: EndpointId,
        place: PlaceId,
        uptime: Millis,
    ) -> Result<(), Over> {
        let standing = self.standing.get_mut(&who).filter(|standing| standing.id == place);
        let (Some(standing), Some(caller)) = (standing, self.callers.get_mut(&who)) else {
            return Err(Over::Cut);
        };
        caller.asks.asked(uptime)?;
        standing.asked = standing.asked.saturating_add(1);
        if standing.is_proven || standing.asked <= FIRST_ASKS {
            return Ok(());
        }
        // For what others ask nobody is cut off.
        self.all.asked(uptime).map_err(|over| match over {
            Over::Wait(refused) => Over::Wait(refused),
            Over::Cut => Over::Wait(Why::Busy.with(ALL_WAIT)),
        })
    }

    /// It proved an invite: it gives way to nobody.
    pub(crate) fn proved(&mut self, who: EndpointId, place: PlaceId) {
        if let Some(standing) = self.standing.get_mut(&who).filter(|found| found.id == place) {
            standing.is_proven = true;
        }
    }

    /// It said that it is a friend's fresh box, and is not.
    pub(crate) fn was_wrong(&mut self, who: EndpointId, uptime: Millis) {
        if let Some(caller) = self.callers.get_mut(&who) {
            caller.wrong = (caller.wrong.0.saturating_add(1), uptime);
        }
    }

    /// How long a box has to wait that was wrong too often; none when it is heard.
    pub(crate) fn waits(&mut self, who: EndpointId, uptime: Millis) -> Option<Millis> {
        let caller = self.callers.get_mut(&who)?;
        let passed = uptime.0.saturating_sub(caller.wrong.1.0);
        if caller.wrong.0 < WRONG_MAX {
            return None;
        }
        let rest = WRONG_WAIT.0.saturating_sub(passed);
        if rest == 0 {
            caller.wrong = (0, uptime);
        }
        (rest > 0).then_some(Millis(rest))
    }

    /// A line ended.
    pub(crate) fn left(&mut self, who: EndpointId, place: PlaceId) {
        if self.standing.get(&who).is_some_and(|standing| standing.id == place) {
            self.standing.remove(&who);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(5);

    fn who(number: u8) -> EndpointId {
        EndpointId([number; 32])
    }

    /// One place each for `0..count`, with its number as the line.
    fn full(count: u8) -> (Places<u8>, Vec<PlaceId>) {
        let mut places = Places::new(NOW);
        let ids = (0..count).map(|n| places.come(who(n), n, NOW).unwrap().place).collect();
        (places, ids)
    }

    #[test]
    fn a_box_has_one_place_and_its_newer_line_takes_it() {
        let (mut places, ids) = full(1);
        let found = places.come(who(0), 100, NOW).unwrap();
        assert_eq!(found.instead_of, Some((0, ByeWhy::Replaced)));
        // That the older one ended is about the older one only.
        places.left(who(0), ids[0]);
        assert_eq!(places.asked(who(0), ids[0], NOW), Err(Over::Cut));
        assert_eq!(places.asked(who(0), found.place, NOW), Ok(()));
    }

    #[test]
    fn who_came_first_without_a_proof_gives_way_and_whoever_proved_an_invite_stays() {
        let (mut places, ids) = full(8);
        places.proved(who(0), ids[0]);
        let gone: Vec<_> =
            (8..20).map(|n| places.come(who(n), n, NOW).unwrap().instead_of.unwrap()).collect();
        let expected: Vec<_> = (1..13).map(|n| (n, ByeWhy::Busy)).collect();
        assert_eq!(gone, expected, "never 0, which has proved one");
        assert_eq!(places.standing.len(), PLACES_MAX);
    }

    #[test]
    fn when_all_have_proved_an_invite_the_next_is_told_to_come_later() {
        let (mut places, ids) = full(8);
        (0..8).for_each(|n| places.proved(who(n), ids[usize::from(n)]));
        assert_eq!(places.come(who(9), 9, NOW), None);
        places.left(who(3), ids[3]);
        assert_eq!(places.come(who(9), 9, NOW).unwrap().instead_of, None);
    }

    #[test]
    fn a_flood_of_seven_boxes_is_cut_off_and_the_first_requests_of_an_eighth_are_heard() {
        let (mut places, ids) = full(8);
        let mut heard = 0;
        for n in 0..7 {
            let all = (0..2_000).map(|_| places.asked(who(n), ids[usize::from(n)], NOW));
            let all: Vec<_> = all.collect();
            heard += all.iter().filter(|one| one.is_ok()).count();
            assert_eq!(all.last(), Some(&Err(Over::Cut)), "box {n}");
        }
        assert_eq!(heard, 7 * 8 + 400, "their first ones, and one burst for all of them");
        let mut asks = || places.asked(who(7), ids[7], NOW);
        assert!((0..FIRST_ASKS).all(|_| asks().is_ok()));
        assert!(matches!(asks(), Err(Over::Wait(_))), "and it is not cut off for the others");
        places.proved(who(7), ids[7]);
        assert_eq!(places.asked(who(7), ids[7], NOW), Ok(()));
    }

    #[test]
    fn coming_anew_gives_no_new_burst_and_only_so_many_are_remembered() {
        let (mut places, ids) = full(1);
        while places.asked(who(0), ids[0], NOW) != Err(Over::Cut) {}
        places.left(who(0), ids[0]);
        let again = places.come(who(0), 0, NOW).unwrap().place;
        assert_eq!(places.asked(who(0), again, NOW), Err(Over::Cut));
        assert!((1..200).all(|n| places.come(who(n), n, NOW).is_some()));
        assert_eq!(places.callers.len(), CALLERS_MAX);
    }

    #[test]
    fn whoever_is_wrong_five_times_waits_and_nobody_else_does() {
        let (mut places, _) = full(2);
        for _ in 0..4 {
            places.was_wrong(who(0), NOW);
            assert_eq!(places.waits(who(0), NOW), None);
        }
        places.was_wrong(who(0), NOW);
        assert_eq!(places.waits(who(0), NOW), Some(WRONG_WAIT));
        assert_eq!(places.waits(who(1), NOW), None);
        let later = Millis(NOW.0 + WRONG_WAIT.0);
        assert_eq!(places.waits(who(0), Millis(later.0 - 1)), Some(Millis(1)));
        assert_eq!(places.waits(who(0), later), None);
        places.was_wrong(who(0), later);
        assert_eq!(places.waits(who(0), later), None, "and begins anew");
    }
}
