//! Who may connect at all: the one list, asked after each handshake, before any stream is read.
//!
//! A friend is let in for control and packs, a friend whose pact is over only as long as it has to be
//! told so, everybody for pairing while an invite is open or a friend may come back. A box with which one
//! pact is over and another stands is let in by the one that stands. What a friend may ask then is decided
//! by its machines. Start at [`Gate::refuses`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock};

use iroh::endpoint::{AfterHandshakeOutcome, Connection, EndpointHooks, Side};
use peer_proto::wire::{ALPN_CTL, ALPN_PACK, ALPN_PAIR, ByeWhy};
use types::EndpointId;

use crate::views::FriendId;

/// Code of a connection that is refused because nobody here knows the other box.
pub(crate) const STRANGER: u32 = 403;

/// What a friend may connect for, by one pact. The less it says the later it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Control and packs.
    Open,
    /// Control only: the pact is over, and the friend has not heard so.
    OnlyCtl,
    /// Nothing, and it is told why.
    Shut(ByeWhy),
}

impl Entry {
    fn rank(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::OnlyCtl => 1,
            Self::Shut(_) => 2,
        }
    }
}

#[derive(Debug, Default)]
struct Known {
    /// Of each box what each pact with it says.
    friends: BTreeMap<EndpointId, BTreeMap<FriendId, Entry>>,
    pairing: bool,
    /// Friends who may come back with another box.
    awaited: BTreeSet<FriendId>,
}

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Gate(RwLock<Known>);

impl Gate {
    /// What a friend may connect for from now on, from this box.
    pub(crate) fn set(&self, from: EndpointId, friend: FriendId, entry: Entry) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.friends.entry(from).or_default().insert(friend, entry);
    }

    /// A friend of whom nothing is left says nothing about any box.
    pub(crate) fn forget(&self, friend: FriendId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.awaited.remove(&friend);
        known.friends.retain(|_, pacts| {
            pacts.remove(&friend);
            !pacts.is_empty()
        });
    }

    /// Which friend it is that comes from this box: the one whose pact says most.
    pub(crate) fn whose(&self, from: EndpointId) -> Option<FriendId> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let pacts = known.friends.get(&from)?.iter();
        pacts.min_by_key(|(_, entry)| entry.rank()).map(|(friend, _)| *friend)
    }

    /// Whether anybody may come with an invite.
    pub(crate) fn set_pairing(&self, open: bool) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).pairing = open;
    }

    /// Whether a friend may come with a fresh box, whichever that is: then anybody may come and say so.
    pub(crate) fn awaits(&self, friend: FriendId, may_come: bool) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if may_come {
            known.awaited.insert(friend);
        } else {
            known.awaited.remove(&friend);
        }
    }

    /// The code with which a box is sent away; none when it may come in.
    pub(crate) fn refuses(&self, from: EndpointId, alpn: &[u8]) -> Option<u32> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if alpn == ALPN_PAIR {
            let is_open = known.pairing || !known.awaited.is_empty();
            return (!is_open).then_some(STRANGER);
        }
        let pacts = known.friends.get(&from).into_iter().flat_map(BTreeMap::values);
        match pacts.min_by_key(|entry| entry.rank()) {
            Some(Entry::Open) if alpn == ALPN_CTL || alpn == ALPN_PACK => None,
            Some(Entry::OnlyCtl) if alpn == ALPN_CTL => None,
            Some(Entry::OnlyCtl) => Some(code(ByeWhy::Ended)),
            Some(Entry::Shut(why)) => Some(code(*why)),
            Some(Entry::Open) | None => Some(STRANGER),
        }
    }
}

/// With which code a connection is closed.
pub(crate) fn code(why: ByeWhy) -> u32 {
    u8::from(why).into()
}

/// The list at the endpoint's door.
#[derive(Debug)]
pub(crate) struct Door(pub(crate) std::sync::Arc<Gate>);

impl EndpointHooks for Door {
    async fn after_handshake(&self, connection: &Connection) -> AfterHandshakeOutcome {
        // Whom this box dials it knows.
        if connection.side() == Side::Client {
            return AfterHandshakeOutcome::Accept;
        }
        let from = EndpointId(*connection.remote_id().as_bytes());
        match self.0.refuses(from, connection.alpn()) {
            None => AfterHandshakeOutcome::Accept,
            Some(code) => AfterHandshakeOutcome::Reject {
                error_code: code.into(),
                reason: b"not let in".to_vec(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_with_which_one_pact_is_over_and_another_stands_is_let_in_by_that() {
        let ids = [1, 2].map(|byte| FriendId(types::InviteId([byte; 16])));
        for [old, new] in [ids, [ids[1], ids[0]]] {
            let (gate, anna) = (Gate::default(), EndpointId([1; 32]));
            gate.set(anna, new, Entry::Open);
            gate.set(anna, old, Entry::Shut(ByeWhy::Ended));
            assert_eq!(gate.refuses(anna, ALPN_PACK), None);
            assert_eq!(gate.whose(anna), Some(new));
            gate.set(anna, new, Entry::Shut(ByeWhy::Blocked));
            assert!(gate.refuses(anna, ALPN_CTL).is_some());
            gate.forget(new);
            assert_eq!(gate.refuses(anna, ALPN_CTL), Some(code(ByeWhy::Ended)));
            gate.forget(old);
            assert_eq!(gate.refuses(anna, ALPN_CTL), Some(STRANGER));
        }
    }

    #[test]
    fn strangers_come_with_an_invite_or_not_at_all_and_friends_as_far_as_their_pact_goes() {
        let (gate, anna, bert) = (Gate::default(), EndpointId([1; 32]), EndpointId([2; 32]));
        let pact = FriendId(types::InviteId([1; 16]));
        let may = |who: EndpointId| {
            [ALPN_PAIR, ALPN_CTL, ALPN_PACK, b"other"].map(|alpn| gate.refuses(who, alpn).is_none())
        };
        assert_eq!(may(anna), [false; 4]);
        gate.set_pairing(true);
        gate.set(anna, pact, Entry::Open);
        assert_eq!(may(anna), [true, true, true, false]);
        assert_eq!(may(bert), [true, false, false, false]);
        gate.set(anna, pact, Entry::OnlyCtl);
        assert_eq!(may(anna), [true, true, false, false]);
        gate.set(anna, pact, Entry::Shut(ByeWhy::Blocked));
        assert_eq!(may(anna), [true, false, false, false]);
        assert_eq!(gate.refuses(anna, ALPN_CTL), Some(4), "and is told why");
        gate.set_pairing(false);
        assert_eq!(may(bert), [false; 4]);
        let lost = FriendId(types::InviteId([3; 16]));
        gate.awaits(lost, true);
        assert_eq!(
            may(bert),
            [true, false, false, false],
            "whoever it is may say that it came back"
        );
        gate.awaits(lost, false);
        assert_eq!(may(bert), [false; 4]);
    }
}
