//! Packs, friends, and what becomes of them when a plan is carried out. Start at [`World`].

use plan::PackKind;
use plan::offsite::place::{OffsiteAction, OffsitePack, OffsitePlan, plan};
use plan::offsite::{FriendFacts, FriendSet, Standing};
use types::{Bytes, Millis, UnixTime};

pub(crate) const NOW: UnixTime = UnixTime(1_767_225_600_000);
pub(crate) const MIB: u64 = Bytes::MIB;

pub(crate) fn days_ago(days: u64) -> UnixTime {
    NOW.minus(Millis::from_days(days))
}

/// A friend in good standing at a place of its own.
pub(crate) fn friend(slot: u8, given_mib: u64) -> FriendFacts {
    FriendFacts {
        slot,
        standing: Standing::Active,
        last_seen: NOW,
        given: Bytes(given_mib * MIB),
        used: Bytes(0),
        open: true,
        place: u16::from(slot),
    }
}

pub(crate) fn set(slots: &[u8]) -> FriendSet {
    slots.iter().fold(FriendSet::default(), |set, slot| set.with(*slot))
}

/// An old pack of 8 MiB with two copies here.
pub(crate) fn pack(no: u32, kind: PackKind, at: &[u8]) -> OffsitePack {
    OffsitePack {
        no,
        kind,
        len: Bytes(8 * MIB),
        here: 2,
        away: false,
        at: set(at),
        going: FriendSet::default(),
        begun: FriendSet::default(),
        lost_at: FriendSet::default(),
        wanted: 1,
        pinned: false,
        pruned: false,
        sealed: days_ago(9),
    }
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) friends: Vec<FriendFacts>,
    pub(crate) packs: Vec<OffsitePack>,
}

impl World {
    /// What the packs take of each friend is counted.
    pub(crate) fn new(mut friends: Vec<FriendFacts>, packs: Vec<OffsitePack>) -> Self {
        for friend in &mut friends {
            friend.used = packs.iter().filter(|p| p.at.has(friend.slot)).map(|p| p.len).sum();
            friend.given = friend.given.max(friend.used);
        }
        Self { friends, packs }
    }

    pub(crate) fn plan(&self) -> OffsitePlan {
        plan(&self.packs, &self.friends, NOW)
    }

    fn friend(&mut self, slot: u8) -> &mut FriendFacts {
        let Some(friend) = self.friends.iter_mut().find(|f| f.slot == slot) else {
            panic!("there is no friend {slot}")
        };
        friend
    }

    /// Places whose copies count and stay.
    pub(crate) fn counted(&self, pack: &OffsitePack) -> Vec<u16> {
        let holds = |f: &&FriendFacts| pack.at.has(f.slot) && !pack.going.has(f.slot);
        let counts = self.friends.iter().filter(holds).filter(|f| f.counts(NOW));
        let mut places: Vec<u16> = counts.map(|f| f.place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    pub(crate) fn carry_out(&mut self, actions: &[OffsiteAction]) {
        for action in actions {
            match *action {
                OffsiteAction::Fetch { pack, from } => {
                    assert!(self.friend(from).answers(NOW), "{action:?} of nobody");
                    let facts = self.pack(pack);
                    assert!(facts.here == 0 && facts.at.has(from), "{action:?}");
                    facts.here = 1;
                }
                OffsiteAction::Send { pack, to } => self.send(pack, to),
                OffsiteAction::LetGo { pack, at } => {
                    let facts = self.pack(pack);
                    assert!(facts.at.has(at) && !facts.going.has(at), "{action:?}");
                    facts.going = facts.going.with(at);
                }
            }
        }
    }

    fn send(&mut self, pack: u32, to: u8) {
        let facts = *self.pack(pack);
        let friend = self.friend(to);
        assert!(friend.takes(NOW), "friend {to} takes nothing");
        assert!(facts.here > 0 && !facts.pruned, "pack {pack} cannot be sent");
        if facts.at.has(to) {
            assert!(facts.going.has(to), "friend {to} has pack {pack}");
        } else {
            assert!(friend.room() >= facts.len, "friend {to} has no room for pack {pack}");
            friend.used += facts.len;
        }
        let facts = self.pack(pack);
        (facts.at, facts.going) = (facts.at.with(to), facts.going.without(to));
        facts.begun = facts.begun.without(to);
    }

    pub(crate) fn pack(&mut self, no: u32) -> &mut OffsitePack {
        let Some(pack) = self.packs.iter_mut().find(|pack| pack.no == no) else {
            panic!("there is no pack {no}")
        };
        pack
    }

    /// The friends' clocks have reached what the pacts say: what was to go is gone.
    pub(crate) fn time_passes_at_friends(&mut self) {
        for pack in &mut self.packs {
            for friend in self.friends.iter_mut().filter(|f| pack.going.has(f.slot)) {
                friend.used = friend.used.saturating_sub(pack.len);
                pack.at = pack.at.without(friend.slot);
            }
            pack.going = FriendSet::default();
        }
    }
}
