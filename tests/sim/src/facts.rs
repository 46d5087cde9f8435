//! What a box believes of its friends and its packs, as `plan` wants to be told it. Start at [`World::facts`].

use peer_proto::pact::{Part, Phase};
use plan::offsite::place::OffsitePack;
use plan::offsite::{FriendFacts, FriendSet, Standing};
use types::Bytes;

use crate::Wrong;
use crate::sets::{Set, bit, number};
use crate::world::{Disk, Pack, World, at};

impl World {
    /// What counts at a friend of the packs as they are now, and of that what is to go.
    pub(crate) fn counted(&self, owner: usize, host: usize) -> (Set, Set) {
        self.houses[owner].views[host].counted(|root| self.root(owner, number(root)) == root)
    }

    pub(crate) fn facts(&self, owner: usize, host: usize) -> FriendFacts {
        let me = &self.houses[owner];
        let (view, bond) = (&me.views[host], me.bonds[host].as_ref());
        let standing = match bond.map(|bond| bond.life.phase()) {
            None | Some(Phase::Over) => Standing::Ended,
            Some(_) if view.given_up => Standing::Ended,
            Some(Phase::Ending(_)) => Standing::Leaving,
            Some(Phase::Standing) if view.distrusted.is_some() => Standing::Distrusted,
            Some(Phase::Standing) => {
                let may = bond.is_some_and(|bond| bond.life.may_push(self.now(owner).wall));
                if may { Standing::Active } else { Standing::Paused }
            }
        };
        let slot = u8::try_from(host).unwrap_or(0);
        FriendFacts {
            slot,
            standing,
            last_seen: view.last_seen,
            given: self.given(host, owner),
            // As the host counts it, which each connection tells; or as the owner does, which has not yet
            // heard what was lost there.
            used: self.houses[host].shelves[owner].machine.used().max(view.machine.held().bytes),
            open: self.line(owner, host).open,
            place: u16::from(slot),
        }
    }

    /// What one house gives another.
    pub(crate) fn given(&self, host: usize, owner: usize) -> Bytes {
        let part = if host < owner { Part::Inviter } else { Part::Invitee };
        let bond = self.houses[owner].bonds[host].as_ref();
        bond.map_or(Bytes(0), |bond| bond.life.pact().terms.by(part).bytes)
    }

    /// The packs as `plan` sees them.
    pub(crate) fn offsite_packs(&self, owner: usize) -> Vec<OffsitePack> {
        let me = &self.houses[owner];
        let counted: Vec<(Set, Set)> =
            (0..self.houses.len()).map(|host| self.counted(owner, host)).collect();
        let of = |pack: u32, set: &dyn Fn(usize) -> Set| {
            let friends =
                (0..).zip(0..counted.len()).filter(|(_, host)| set(*host) & bit(pack) != 0);
            friends.fold(FriendSet::default(), |all, (slot, _)| all.with(slot))
        };
        let good_away = me.good_away();
        let holds = |disk: &&Disk, no| disk.alive && disk.has & bit(no) != 0;
        let facts = |(no, pack): (u32, &Pack)| OffsitePack {
            no,
            kind: pack.kind,
            len: pack.len,
            here: me.disks.iter().filter(|disk| holds(disk, no)).map(|_| 1).sum(),
            away: good_away & bit(no) != 0,
            at: of(no, &|host| counted[host].0),
            going: of(no, &|host| counted[host].1),
            begun: FriendSet::default(),
            lost_at: of(no, &|host| me.views[host].lost),
            wanted: me.wanted,
            pinned: no % 7 == 0,
            pruned: pack.pruned.is_some(),
            sealed: at(pack.sealed),
        };
        (0..).zip(&me.packs).map(facts).collect()
    }

    /// At the end both sides of a pact count the same, and go by the same terms.
    pub(crate) fn compare_sides(&mut self, owner: usize, host: usize) {
        let (me, other) = (&self.houses[owner], &self.houses[host]);
        let (Some(ours), Some(theirs)) = (&me.bonds[host], &other.bonds[owner]) else { return };
        let is_over = ours.is_over() || theirs.is_over();
        if is_over || me.gone || other.gone || !self.is_honest(host) {
            return;
        }
        let (held, kept) = (me.views[host].machine.held(), other.shelves[owner].machine.kept());
        let differs = held != kept || ours.life.pact() != theirs.life.pact();
        self.tally.wrong(Wrong::Apart, u64::from(differs));
    }
}
