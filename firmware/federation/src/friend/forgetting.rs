//! Whether a friend can be forgotten: when its pact is over, nothing is kept on either side, and it knows so.
//!
//! What decides is pure: see [`stays`]. Start at [`Friend::may_be_forgotten`].

use peer_proto::limits::NOTES_FOR;
use peer_proto::pact::Phase;
use peer_proto::wire::Figures;
use types::UnixTime;

use super::Friend;
use crate::error::FederationError;
use crate::views::Stays;

/// What that rests on.
#[derive(Clone, Copy, Debug)]
struct Facts {
    phase: Phase,
    kept: Figures,
    held: Figures,
    /// Something of it is on a disk and on no list: parts, and what is being removed.
    leftovers: bool,
    /// Its box has not heard that the pact is over.
    is_untold: bool,
    last_seen: Option<UnixTime>,
    /// None by a clock that is not believed.
    now: Option<UnixTime>,
}

/// Why it stays; none when nothing is left of it.
fn stays(facts: &Facts) -> Option<Stays> {
    if facts.phase != Phase::Over {
        return Some(Stays::Standing);
    }
    if facts.kept.packs > 0 || facts.leftovers {
        return Some(Stays::Here(facts.kept));
    }
    if facts.held.packs > 0 {
        return Some(Stays::There(facts.held));
    }
    // As long as a message would wait for it: a box that burned hears nothing, ever.
    let waits = |now: UnixTime| facts.last_seen.is_some_and(|seen| now.since(seen) <= NOTES_FOR);
    (facts.is_untold && facts.now.is_none_or(waits)).then_some(Stays::Untold)
}

impl Friend {
    /// Whether nothing is left of it; why not, if so.
    pub(crate) fn may_be_forgotten(&self) -> Result<(), FederationError> {
        if self.broke.is_some() {
            return Err(self.cannot_write());
        }
        let now = self.core.now();
        let facts = Facts {
            phase: self.m.life.phase(),
            kept: self.m.host.kept(),
            held: self.m.owner.held(),
            leftovers: !self.m.lies.is_empty() || !self.to_remove.is_empty(),
            is_untold: self.m.end_told == Some(false),
            last_seen: self.presence.last_seen(),
            now: self.m.host.clock_is_sure(now).then_some(now.wall),
        };
        stays(&facts).map_or(Ok(()), |why| Err(FederationError::Stays(why)))
    }

    /// Heads of the friend that are kept here, the last thing that is.
    pub(crate) fn drop_all_heads(&self) {
        let owner = self.owner_key();
        for disk in self.usable() {
            for head in disk.hosted().list_heads(owner).unwrap_or_default() {
                // What stays is only bytes: no record speaks of it any more.
                drop(disk.hosted().remove_head(owner, &head.name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use types::{Bytes, Millis};

    use super::*;

    #[test]
    fn a_friend_is_forgotten_when_the_pact_is_over_nothing_is_kept_and_its_box_knows_so() {
        let now = UnixTime(1_790_000_000_000);
        let some = Figures { packs: 1, bytes: Bytes(9) };
        let over = Facts {
            phase: Phase::Over,
            kept: Figures::default(),
            held: Figures::default(),
            leftovers: false,
            is_untold: false,
            last_seen: Some(now),
            now: Some(now),
        };
        assert_eq!(stays(&over), None);
        for phase in [Phase::Standing, Phase::Ending(now)] {
            assert_eq!(stays(&Facts { phase, ..over }), Some(Stays::Standing));
        }
        assert_eq!(stays(&Facts { kept: some, ..over }), Some(Stays::Here(some)));
        assert_eq!(stays(&Facts { held: some, ..over }), Some(Stays::There(some)));
        let leftovers = Facts { leftovers: true, ..over };
        assert_eq!(stays(&leftovers), Some(Stays::Here(Figures::default())));
        let untold = Facts { is_untold: true, ..over };
        assert_eq!(stays(&untold), Some(Stays::Untold));
        // A box that burned never hears of it; by a clock that is not believed nobody was away for long.
        let later = Some(now.plus(Millis(NOTES_FOR.0 + 1)));
        assert_eq!(stays(&Facts { now: later, ..untold }), None);
        assert_eq!(stays(&Facts { now: None, ..untold }), Some(Stays::Untold));
    }
}
