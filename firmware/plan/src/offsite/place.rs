//! Which packs go to which friend, which are fetched back, and which a friend may let go.
//!
//! The plan is the queue: it is made again whenever facts change, and what was done drops out of it. A
//! friend that comes back within its grace has cost nothing; after it, copies to spare stay where they
//! are until room is needed. A friend that was asked to let a pack go and did not yet is asked to keep
//! it, rather than sent it again. Plans assume that what they order succeeds; after a failure, ask
//! again. Start reading at [`plan`].

use std::cmp::Reverse;
use std::collections::BTreeSet;

use types::{Bytes, Millis, UnixTime};

use super::friends::{FriendFacts, FriendSet, Presence, Standing, presence};
pub use super::packs::{OffsiteAction, OffsitePack, OffsitePlan};
use crate::gc::SMALL_PACK;

/// Copies at friends that are wanted of a source of which its owner said nothing, when there is a
/// friend: one, against fire.
pub const COPIES_DEFAULT: u8 = 1;
/// A pack below [`SMALL_PACK`] waits this long to be merged with others before it leaves the house:
/// merging is done daily, and what is merged later is held twice by the friend for its grace.
pub const SMALL_WAIT: Millis = Millis::from_days(1);

/// What all of it rests on, beside the packs.
struct Desk<'a> {
    friends: &'a [FriendFacts],
    now: UnixTime,
    /// Room at each friend once the plan is done.
    room: Vec<Bytes>,
    /// Copies that were to go and now stay after all, as pack and slot.
    kept: BTreeSet<(u32, u8)>,
    out: OffsitePlan,
}

/// How far the copies of a pack could be ordered.
enum Spread {
    /// As wanted, or it waits, or it is not here to be sent.
    Done,
    /// A friend would take it, and is full.
    NoRoom,
    /// There are not as many friends, at as many places.
    Nobody,
}

/// The plan for all packs. The number of a pack stands once in `packs`.
pub fn plan(packs: &[OffsitePack], friends: &[FriendFacts], now: UnixTime) -> OffsitePlan {
    let room = friends.iter().map(FriendFacts::room).collect();
    let mut desk = Desk { friends, now, room, kept: BTreeSet::new(), out: OffsitePlan::default() };
    let mut order: Vec<_> = packs.iter().filter(|pack| !pack.pruned).collect();
    order.sort_by_cached_key(|pack| {
        (pack.kind, desk.copies(pack), pack.here, !pack.pinned, pack.no)
    });
    order.iter().filter(|pack| pack.here == 0).for_each(|pack| desk.fetch(pack));
    let mut crowded = Bytes(0);
    for pack in &order {
        match desk.spread(pack) {
            Spread::Done => {}
            Spread::NoRoom => {
                desk.out.short.push(pack.no);
                crowded += pack.len;
            }
            Spread::Nobody => desk.out.short.push(pack.no),
        }
    }
    desk.let_go(packs, crowded > Bytes(0));
    desk.make_room(packs, crowded);
    desk.out
}

impl<'a> Desk<'a> {
    fn holders(&self, set: FriendSet) -> impl Iterator<Item = &'a FriendFacts> {
        self.friends.iter().filter(move |friend| set.has(friend.slot))
    }

    /// Places of the friends that have a copy which stays, as far as `of` is true of them.
    fn places_of(&self, pack: &OffsitePack, of: impl Fn(&FriendFacts) -> bool) -> Vec<u16> {
        let stays = FriendSet(pack.at.0 & !pack.going.0);
        let mut places: Vec<u16> =
            self.holders(stays).filter(|friend| of(friend)).map(|friend| friend.place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    fn places(&self, pack: &OffsitePack) -> Vec<u16> {
        self.places_of(pack, |friend| friend.counts(self.now))
    }

    fn copies(&self, pack: &OffsitePack) -> usize {
        self.places(pack).len()
    }

    fn order(&mut self, action: OffsiteAction, open: bool) {
        let list = if open { &mut self.out.actions } else { &mut self.out.later };
        list.push(action);
    }

    fn fetch(&mut self, pack: &OffsitePack) {
        let asked = self.holders(pack.at).filter(|friend| friend.answers(self.now));
        let best = asked.min_by_key(|friend| {
            let distrusted = friend.standing == Standing::Distrusted;
            (!friend.open, distrusted, pack.lost_at.has(friend.slot), friend.slot)
        });
        match best {
            Some(friend) => {
                let action = OffsiteAction::Fetch { pack: pack.no, from: friend.slot };
                // A copy that is missing here is not kept waiting by hours: only by silence.
                self.order(action, friend.open);
            }
            None if pack.away || self.is_somewhere(pack) => self.out.away.push(pack.no),
            None => self.out.lost.push(pack.no),
        }
    }

    fn is_somewhere(&self, pack: &OffsitePack) -> bool {
        self.holders(pack.at).any(|friend| friend.standing != Standing::Ended)
    }

    /// Orders the copies that a pack lacks.
    fn spread(&mut self, pack: &OffsitePack) -> Spread {
        let mut places = self.places(pack);
        let wanted = usize::from(pack.wanted);
        // What is not here is fetched first, or named as lost.
        if places.len() >= wanted || pack.here == 0 {
            return Spread::Done;
        }
        let is_young = self.now.since(pack.sealed) < SMALL_WAIT;
        if pack.len < SMALL_PACK && is_young && !pack.pinned && pack.at.is_empty() {
            self.out.waits.push(pack.no);
            return Spread::Done;
        }
        while places.len() < wanted {
            let Some(index) = self.target(pack, &places) else {
                let apart = |friend: &FriendFacts| !places.contains(&friend.place);
                let takers = self.friends.iter().filter(|friend| friend.takes(self.now));
                let is_full = takers.filter(|friend| !pack.at.has(friend.slot)).any(apart);
                return if is_full { Spread::NoRoom } else { Spread::Nobody };
            };
            let friend = &self.friends[index];
            if pack.at.has(friend.slot) {
                self.kept.insert((pack.no, friend.slot));
            } else {
                self.room[index] = self.room[index].saturating_sub(pack.len);
            }
            places.push(friend.place);
            self.order(OffsiteAction::Send { pack: pack.no, to: friend.slot }, friend.open);
        }
        Spread::Done
    }

    /// Who takes one more copy: rather one that has it or part of it already, and one that never
    /// lost it; then the one with most room.
    fn target(&self, pack: &OffsitePack, places: &[u16]) -> Option<usize> {
        let fits = |(index, friend): &(usize, &FriendFacts)| {
            let has_it = pack.at.has(friend.slot);
            friend.takes(self.now)
                && !places.contains(&friend.place)
                && (pack.going.has(friend.slot) || !has_it)
                && (has_it || self.room[*index] >= pack.len)
        };
        let best = self.friends.iter().enumerate().filter(fits).min_by_key(|(index, friend)| {
            let (slot, room) = (friend.slot, self.room[*index]);
            let begun = pack.going.has(slot) || pack.begun.has(slot);
            (!begun, pack.lost_at.has(slot), Reverse(room), slot)
        });
        best.map(|(index, _)| index)
    }

    /// What was pruned goes everywhere, once nothing waits to be sent: what was merged lies in a new pack,
    /// and the old ones are its only copy outside until that is there. Where room is short they make it.
    /// What a leaving friend holds goes once it is elsewhere.
    fn let_go(&mut self, packs: &[OffsitePack], is_crowded: bool) {
        let mut all = self.out.actions.iter().chain(&self.out.later);
        let is_sent = all.any(|action| matches!(action, OffsiteAction::Send { .. }));
        let is_needed = is_sent && !is_crowded;
        for pack in packs {
            let enough = self.copies(pack) >= usize::from(pack.wanted);
            let stays =
                |friend: &&FriendFacts| pack.at.has(friend.slot) && !pack.going.has(friend.slot);
            for friend in self.friends.iter().filter(stays) {
                let leaves = friend.standing == Standing::Leaving;
                if leaves && !enough && !pack.pruned {
                    *self.out.homeless.entry(friend.slot).or_default() += pack.len;
                }
                let may = if pack.pruned { !is_needed } else { leaves && enough };
                if may && friend.standing != Standing::Ended {
                    let action = OffsiteAction::LetGo { pack: pack.no, at: friend.slot };
                    self.order(action, self.is_near(friend));
                }
            }
        }
    }

    fn is_near(&self, friend: &FriendFacts) -> bool {
        presence(friend.last_seen, self.now) == Presence::Seen
    }

    /// Where packs found no room, copies to spare give theirs: as many as are short and no more, those
    /// that are on their way out already counted.
    fn make_room(&mut self, packs: &[OffsitePack], short: Bytes) {
        let takers: Vec<_> = self.friends.iter().filter(|friend| friend.takes(self.now)).collect();
        let going = |pack: &OffsitePack| -> Bytes {
            let goes = |friend: &&&FriendFacts| {
                let leaves = pack.pruned || pack.going.has(friend.slot);
                let kept = self.kept.contains(&(pack.no, friend.slot));
                pack.at.has(friend.slot) && leaves && !kept
            };
            takers.iter().filter(goes).map(|_| pack.len).sum()
        };
        let mut missing = short.saturating_sub(packs.iter().map(going).sum());
        for pack in packs.iter().filter(|pack| !pack.pruned && pack.here > 0) {
            // Of those seen of late alone: who is away may stay away.
            let near = |friend: &FriendFacts| friend.counts(self.now) && self.is_near(friend);
            let near = self.places_of(pack, near).len();
            let spare = near.saturating_sub(usize::from(pack.wanted));
            let stays =
                |friend: &&&FriendFacts| pack.at.has(friend.slot) && !pack.going.has(friend.slot);
            for friend in takers.iter().filter(stays).take(spare) {
                if missing == Bytes(0) {
                    return;
                }
                missing = missing.saturating_sub(pack.len);
                let action = OffsiteAction::LetGo { pack: pack.no, at: friend.slot };
                self.out.actions.push(action);
            }
        }
    }
}
