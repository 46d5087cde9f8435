//! One round: what the vault has and what friends' boxes hold, and what each friend is told next.
//!
//! Pure: facts in, orders out, and nothing remembered. Where a copy goes is decided in
//! `plan::offsite`; here its packs and slots get their names back, and what the vault does not know any
//! more is let go of. While nobody can say what the vault has, nothing is sent and nothing let go.
//! Start at [`round`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use peer_proto::limits::charge;
use peer_proto::owner::{Copy, CopyStage, Item};
use peer_proto::wire::Kind;
use plan::PackKind;
use plan::gc::MAX_SHARE_PERCENT;
use plan::offsite::place::{OffsiteAction, OffsitePack, plan};
use plan::offsite::{FriendFacts, FriendSet};
use types::{Bytes, PackId, UnixTime};

/// A pack of the own vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnPack {
    /// Its name.
    pub id: PackId,
    /// What it holds.
    pub kind: PackKind,
    /// Length of the file.
    pub len: Bytes,
    /// Good copies in this house that can be read now.
    pub here: u8,
    /// There are copies in this house that cannot be read now.
    pub away: bool,
    /// Copies wanted at friends, once there is one.
    pub wanted: u8,
    /// Of a source that its owner wants safe first.
    pub pinned: bool,
    /// Nothing needs it any more, and its grace has begun.
    pub pruned: bool,
    /// When it was sealed.
    pub sealed: UnixTime,
}

/// What there is to be kept at friends, as far as the vault can say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnList {
    /// Every pack that the vault knows.
    pub packs: Vec<OwnPack>,
    /// Nothing is missing from `packs`: what a friend has beside them is needed by nobody.
    pub whole: bool,
    /// What every friend is to have, whatever else it has: the slot that the 24 words open.
    pub everywhere: Vec<Item>,
}

/// One friend as the round sees it.
#[derive(Clone, Debug)]
pub struct Holder {
    /// What `plan` needs to know; its slot names it in the answer.
    pub facts: FriendFacts,
    /// What it holds, as its records say.
    pub copies: Vec<Copy>,
    /// Packs that it lost once.
    pub lost: BTreeSet<PackId>,
    /// It has seen a state of this vault that is not here: what only that one needs is known to nobody here.
    pub is_ahead: bool,
}

/// What one friend is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// What should be there and is not, most wanted first.
    pub want: Vec<Item>,
    /// What it may let go.
    pub unwant: Vec<PackId>,
    /// What it would charge for all of `want`.
    pub waiting: Bytes,
    /// It is leaving, and this much there has no other home yet.
    pub homeless: Bytes,
    /// Of this much too few copies were left outside if it were not there.
    pub only_there: Bytes,
}

/// What is to be done, and what cannot be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// By slot; every friend has its orders.
    pub orders: BTreeMap<u8, Orders>,
    /// Packs that no disk here has, and the slot of the friend to fetch each from.
    pub fetch: Vec<(PackId, u8)>,
    /// Packs below what is wanted after all of this: no friend, or no room.
    pub short: u64,
    /// Packs that nobody has, as far as is known.
    pub lost: Vec<PackId>,
    /// Packs that only disks and friends have that are away.
    pub away: u64,
    /// At these friends lies so much that the vault does not know that somebody has to look: nothing of
    /// it is let go.
    pub strange: Vec<u8>,
}

/// The round. Nobody's orders change while the vault cannot say what it has: `own` is none then.
pub fn round(own: Option<&OwnList>, holders: &[Holder], now: UnixTime) -> Option<Round> {
    let own = own?;
    let desk = Desk::new(own, holders, now);
    let planned = plan(&desk.packs, &desk.friends, now);
    let mut round = Round {
        orders: holders.iter().map(|one| (one.facts.slot, Orders::default())).collect(),
        short: planned.short.len() as u64,
        away: planned.away.len() as u64,
        lost: planned.lost.iter().filter_map(|no| desk.id(*no)).collect(),
        ..Round::default()
    };
    desk.everywhere(&mut round);
    for action in planned.actions.iter().chain(&planned.later) {
        desk.order(*action, &mut round);
    }
    for (slot, homeless) in &planned.homeless {
        round.orders.entry(*slot).or_default().homeless = *homeless;
    }
    desk.strangers(&mut round);
    desk.only_there(&mut round);
    // What one friend has seen and this box has not may need what lies at all others.
    if holders.iter().any(|one| one.is_ahead) {
        round.orders.values_mut().for_each(|orders| orders.unwant.clear());
    }
    Some(round)
}

struct Desk<'a> {
    own: &'a OwnList,
    holders: &'a [Holder],
    now: UnixTime,
    packs: Vec<OffsitePack>,
    friends: Vec<FriendFacts>,
    number: HashMap<PackId, u32>,
}

impl<'a> Desk<'a> {
    fn new(own: &'a OwnList, holders: &'a [Holder], now: UnixTime) -> Self {
        let mut packs: Vec<OffsitePack> = (0..).zip(&own.packs).map(fact).collect();
        let number: HashMap<PackId, u32> =
            (0..).zip(&own.packs).map(|(no, pack)| (pack.id, no)).collect();
        for holder in holders {
            let slot = holder.facts.slot;
            for copy in &holder.copies {
                if let Some(pack) = number.get(&copy.root).and_then(|no| at(&mut packs, *no)) {
                    note(pack, slot, copy.stage);
                }
            }
            for id in &holder.lost {
                if let Some(pack) = number.get(id).and_then(|no| at(&mut packs, *no)) {
                    pack.lost_at = pack.lost_at.with(slot);
                }
            }
        }
        let friends = holders.iter().map(|one| one.facts).collect();
        Self { own, holders, now, packs, friends, number }
    }

    fn pack(&self, no: u32) -> Option<&'a OwnPack> {
        self.own.packs.get(usize::try_from(no).ok()?)
    }

    fn id(&self, no: u32) -> Option<PackId> {
        self.pack(no).map(|pack| pack.id)
    }

    /// Small things that every friend has, before anything else is sent there.
    fn everywhere(&self, round: &mut Round) {
        for holder in self.holders.iter().filter(|one| one.facts.takes(self.now)) {
            let orders = round.orders.entry(holder.facts.slot).or_default();
            for item in &self.own.everywhere {
                let has = |copy: &Copy| copy.root == item.root && copy.is_safe();
                if !holder.copies.iter().any(has) {
                    orders.waiting += charge(item.size);
                    orders.want.push(*item);
                }
            }
        }
    }

    fn order(&self, action: OffsiteAction, round: &mut Round) {
        match action {
            OffsiteAction::Fetch { pack, from } => {
                round.fetch.extend(self.id(pack).map(|id| (id, from)));
            }
            OffsiteAction::Send { pack, to } => {
                let Some(pack) = self.pack(pack) else { return };
                let kind = match pack.kind {
                    PackKind::Meta => Kind::Meta,
                    PackKind::Data => Kind::Data,
                };
                let orders = round.orders.entry(to).or_default();
                orders.waiting += charge(pack.len.0);
                orders.want.push(Item { root: pack.id, size: pack.len.0, kind });
            }
            OffsiteAction::LetGo { pack, at } => {
                let orders = round.orders.entry(at).or_default();
                orders.unwant.extend(self.id(pack));
            }
        }
    }

    /// What friends hold and the vault does not know. It is let go of only when the vault is sure to know
    /// all it has, and only when it is not suspiciously much: a box that lost its memory asks nobody to
    /// delete. An older slot of the 24 words goes after the new one is there.
    fn strangers(&self, round: &mut Round) {
        if !self.own.whole {
            return;
        }
        for holder in self.holders {
            let is_strange = |copy: &&Copy| {
                !self.number.contains_key(&copy.root)
                    && !self.own.everywhere.iter().any(|item| item.root == copy.root)
            };
            let strange: Vec<_> = holder.copies.iter().filter(is_strange).collect();
            let sum = |copies: &mut dyn Iterator<Item = &Copy>| {
                copies.map(|copy| u128::from(charge(copy.size).0)).sum::<u128>()
            };
            let share = sum(&mut strange.iter().copied()) * 100;
            let all = sum(&mut holder.copies.iter());
            let slot = holder.facts.slot;
            let one_pack = u128::from(peer_proto::limits::PACK_LEN_MAX) * 100;
            if share > one_pack && share > all * u128::from(MAX_SHARE_PERCENT) {
                round.strange.push(slot);
                continue;
            }
            let has_slot = self.has_everywhere(holder);
            let stays = strange.iter().filter(|copy| copy.stage == CopyStage::Held);
            let stays = stays.filter(|copy| has_slot || copy.kind != Kind::Keys);
            round.orders.entry(slot).or_default().unwant.extend(stays.map(|copy| copy.root));
        }
    }

    /// Whether what every friend is to have is safe there. Before it is, no older slot goes: the 24 words
    /// must open one of them. A list that names none says nothing.
    fn has_everywhere(&self, holder: &Holder) -> bool {
        let is_safe =
            |item: &Item| holder.copies.iter().any(|copy| copy.root == item.root && copy.is_safe());
        !self.own.everywhere.is_empty() && self.own.everywhere.iter().all(is_safe)
    }

    /// How much hangs on each friend.
    fn only_there(&self, round: &mut Round) {
        let counts: Vec<_> = self.friends.iter().filter(|one| one.counts(self.now)).collect();
        for pack in self.packs.iter().filter(|pack| !pack.pruned && pack.wanted > 0) {
            let stays = FriendSet(pack.at.0 & !pack.going.0);
            for friend in counts.iter().filter(|friend| stays.has(friend.slot)) {
                let rest = counts.iter().filter(|one| one.slot != friend.slot);
                let places: BTreeSet<u16> =
                    rest.filter(|one| stays.has(one.slot)).map(|one| one.place).collect();
                if places.len() < usize::from(pack.wanted) {
                    round.orders.entry(friend.slot).or_default().only_there += pack.len;
                }
            }
        }
    }
}

fn at(packs: &mut [OffsitePack], no: u32) -> Option<&mut OffsitePack> {
    packs.get_mut(usize::try_from(no).ok()?)
}

fn fact((no, pack): (u32, &OwnPack)) -> OffsitePack {
    OffsitePack {
        no,
        kind: pack.kind,
        len: pack.len,
        here: pack.here,
        away: pack.away,
        at: FriendSet::default(),
        going: FriendSet::default(),
        begun: FriendSet::default(),
        lost_at: FriendSet::default(),
        wanted: pack.wanted,
        pinned: pack.pinned,
        pruned: pack.pruned,
        sealed: pack.sealed,
    }
}

/// What a record of a copy says of its pack.
fn note(pack: &mut OffsitePack, slot: u8, stage: CopyStage) {
    match stage {
        CopyStage::Held => pack.at = pack.at.with(slot),
        CopyStage::Deleting | CopyStage::Doomed { .. } => {
            pack.at = pack.at.with(slot);
            pack.going = pack.going.with(slot);
        }
        CopyStage::Sending => pack.begun = pack.begun.with(slot),
        CopyStage::Suspect => pack.lost_at = pack.lost_at.with(slot),
        CopyStage::Queued => {}
    }
}
