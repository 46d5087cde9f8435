//! Every sealed pack as `plan::offsite` wants to know it, from the catalog alone: 100,000 packs are read
//! in a moment, and none of them is opened.
//!
//! What friends have is not known here: whoever asks fills that in, by name. Start at
//! [`Vault::offsite_packs`].

use catalog::{PackNo, PackState};
use format::pack::PackKind;
use peer_proto::owner::Item;
use peer_proto::wire::Kind;
use plan::offsite::friends::FriendSet;
use plan::offsite::place::OffsitePack;
use plan::volumes::VolumeFacts;
use types::{Bytes, PackId, SpaceId, UnixTime};

use crate::Vault;
use crate::error::VaultError;
use crate::needs::disks;

use super::young::young;

/// What an owner wants for what is in a space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffsiteWish {
    /// Copies at friends.
    pub copies: u8,
    /// Whether it is to be safe first.
    pub pinned: bool,
}

/// A pack, and what this house knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsitePackHere {
    /// Its name, under which friends know it.
    pub id: PackId,
    /// What friends are told that it is.
    pub kind: Kind,
    /// The facts; nothing is said of friends in them.
    pub facts: OffsitePack,
}

impl OffsitePackHere {
    /// As it is offered to a friend.
    pub fn item(&self) -> Item {
        Item { root: self.id, size: self.facts.len.0, kind: self.kind }
    }
}

impl Vault {
    /// Every sealed pack. `wish` is asked for each space: packs mix the sources of a space, so no wish can
    /// be finer. The vault's own space, without which nothing can be read, has the most of all wishes.
    pub fn offsite_packs(
        &self,
        wish: impl Fn(SpaceId) -> OffsiteWish,
    ) -> Result<Vec<OffsitePackHere>, VaultError> {
        let facts = self.members().facts(&self.catalog.slots()?);
        let readable = disks(&facts, VolumeFacts::readable);
        let wishes: Vec<_> =
            self.keys.ring().spaces().map(|(space, _)| (space, wish(space))).collect();
        let most = wishes.iter().fold(OffsiteWish::default(), |most, (_, one)| OffsiteWish {
            copies: most.copies.max(one.copies),
            pinned: most.pinned || one.pinned,
        });
        let young = young(&self.catalog, self.env.clock.now())?;
        let mut packs = Vec::new();
        self.catalog.visit_packs(|no, info, presence| {
            let Some(kind) = PackKind::from_code(info.kind) else { return };
            let of_space = wishes.iter().find(|(space, _)| *space == info.space);
            // A pack of a space that no key here opens is as dear as any.
            let wish = of_space.map_or(most, |(_, wish)| *wish);
            let here = readable.iter().filter(|disk| presence & **disk != 0).count();
            let known = readable.iter().fold(0, |all, disk| all | disk);
            packs.push(OffsitePackHere {
                id: info.id,
                kind: told_as(kind),
                facts: OffsitePack {
                    no: no.0,
                    kind: match kind {
                        PackKind::Data => plan::PackKind::Data,
                        PackKind::Meta | PackKind::Index => plan::PackKind::Meta,
                    },
                    len: Bytes(info.len),
                    here: u8::try_from(here).unwrap_or(u8::MAX),
                    away: presence & !known != 0,
                    at: FriendSet::default(),
                    going: FriendSet::default(),
                    begun: FriendSet::default(),
                    lost_at: FriendSet::default(),
                    wanted: wish.copies,
                    pinned: wish.pinned,
                    pruned: info.state == PackState::Dying,
                    sealed: young.get(&info.id).copied().unwrap_or(UnixTime(0)),
                },
            });
        })?;
        Ok(packs)
    }

    /// The pack behind a number of [`Self::offsite_packs`]; none when it is gone. A number is never given
    /// twice as long as the catalog lives; a catalog that was made anew numbers differently, so nothing
    /// that lasts may name packs by number.
    pub fn pack_of_number(&self, no: u32) -> Result<Option<PackId>, VaultError> {
        Ok(self.catalog.pack(PackNo(no))?.map(|info| info.id))
    }

    /// The number behind a pack.
    pub fn number_of_pack(&self, id: PackId) -> Result<Option<u32>, VaultError> {
        Ok(self.catalog.pack_no(&id)?.map(|no| no.0))
    }
}

fn told_as(kind: PackKind) -> Kind {
    match kind {
        PackKind::Data => Kind::Data,
        PackKind::Meta => Kind::Meta,
        PackKind::Index => Kind::Index,
    }
}
