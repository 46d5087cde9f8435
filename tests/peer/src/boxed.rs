//! A test's box that runs: a house and its federation, and the few acts that every test needs.
//!
//! Everything else is asked of [`PeerBox::federation`] itself. Start at [`PeerBox::start`].

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use federation::{
    Federation, FederationError, FriendId, FriendView, House as _, InviteState, News, Settings,
};
use peer_proto::invite::CheckWords;
use peer_proto::owner::Item;
use peer_proto::pact::{Keeping, Terms};
use types::{Bytes, InviteId, PackId};

use crate::folder;
use crate::house::PlainHouse;

/// A box.
#[derive(Debug)]
pub struct PeerBox {
    house: Arc<PlainHouse>,
    federation: Federation,
}

/// How much of what was wanted a friend keeps durably.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Packs that count.
    pub held: Vec<PackId>,
    /// Packs that were to be there and do not count.
    pub missing: Vec<PackId>,
}

impl PeerBox {
    /// Starts the box of a house. The settings' secret should be the house's
    /// (`house.keys().secret()`).
    pub fn start(house: Arc<PlainHouse>, settings: Settings) -> Result<Self, FederationError> {
        let federation = Federation::start(settings, Arc::clone(&house) as _)?;
        Ok(Self { house, federation })
    }

    /// Stops it politely.
    pub fn stop(self) {
        self.federation.stop();
    }

    /// What it lives in.
    pub fn house(&self) -> &Arc<PlainHouse> {
        &self.house
    }

    /// Its federation.
    pub fn federation(&self) -> &Federation {
        &self.federation
    }

    /// Terms by which both keep so many bytes.
    pub fn terms(bytes: Bytes) -> Terms {
        let keeping = Keeping::usual(bytes);
        Terms { by_inviter: keeping, by_invitee: keeping, notice_days: 30 }
    }

    /// Makes a ticket, as it is written on paper.
    pub fn invite(&self, bytes: Bytes) -> Result<String, FederationError> {
        Ok(self.federation.invite(Self::terms(bytes))?.text().to_string())
    }

    /// Takes a ticket and says yes to what it shows. The other owner has to say yes too.
    pub fn accept(&self, ticket: &str) -> Result<CheckWords, FederationError> {
        let preview = self.federation.look_at(ticket)?;
        self.federation.accept(preview.invite, true)?;
        Ok(preview.words)
    }

    /// The invite that somebody shows just now and that waits for this owner's answer.
    pub fn asking(&self) -> Option<InviteId> {
        let asks = |state: &InviteState| matches!(state, InviteState::Asking { .. });
        let invites = self.federation.invites();
        invites.into_iter().find(|view| asks(&view.state)).map(|view| view.invite)
    }

    /// Says yes to whoever shows an invite, waiting so long for somebody to show one. False when
    /// nobody did.
    pub fn confirm(&self, limit: Duration) -> Result<bool, FederationError> {
        if !self.house.wait_until(limit, |_| self.asking().is_some()) {
            return Ok(false);
        }
        self.asking().map_or(Ok(()), |invite| self.federation.confirm(invite, true))?;
        Ok(true)
    }

    /// The only friend, waiting so long for there to be one.
    pub fn only_friend(&self, limit: Duration) -> Option<FriendId> {
        let known = || self.federation.friends().first().map(|view| view.id);
        self.house.wait_until(limit, |_| known().is_some());
        known()
    }

    /// How things are with a friend, as soon as it is so; the last look when the limit passed before.
    pub fn friend_when(
        &self,
        friend: FriendId,
        limit: Duration,
        is_so: impl Fn(&FriendView) -> bool,
    ) -> Result<FriendView, FederationError> {
        let look = || self.federation.friend(friend);
        self.house.wait_until(limit, |_| look().is_ok_and(|view| is_so(&view)));
        look()
    }

    /// Wants all own packs at a friend's.
    pub fn want_all(&self, friend: FriendId) -> Result<Vec<Item>, FederationError> {
        let items = self.own_packs()?;
        self.federation.want(friend, items.clone())?;
        Ok(items)
    }

    /// Which of the own packs count at a friend's.
    pub fn wanted(&self, friend: FriendId) -> Result<Wanted, FederationError> {
        let copies = self.federation.copies(friend)?;
        let counts = |root: PackId| copies.iter().any(|copy| copy.root == root && copy.counts());
        let mut wanted = Wanted::default();
        for Item { root, .. } in self.own_packs()? {
            let list = if counts(root) { &mut wanted.held } else { &mut wanted.missing };
            list.push(root);
        }
        Ok(wanted)
    }

    /// Fetches everything that counts at a friend's into a folder, each pack under its name. Returns how
    /// many packs and bytes came.
    pub fn fetch_all(&self, friend: FriendId, to: &Path) -> Result<(u64, Bytes), FederationError> {
        let (mut packs, mut bytes) = (0, 0);
        folder::made(to.to_path_buf()).map_err(taking)?;
        for copy in self.federation.copies(friend)? {
            if !copy.counts() {
                continue;
            }
            let mut file = File::create(to.join(copy.root.to_string())).map_err(taking)?;
            // What comes is in order and without holes when all of a pack is asked for.
            let mut take = |_: u64, piece: &[u8]| file.write_all(piece);
            bytes += self.federation.fetch(friend, copy.root, &[], &mut take)?.0;
            packs += 1;
        }
        Ok((packs, Bytes(bytes)))
    }

    /// Everything that was told.
    pub fn news(&self) -> Vec<News> {
        self.house.news()
    }

    /// Who the box is.
    pub fn label(&self) -> String {
        self.house.side().map_or_else(String::new, |side| side.label.to_string())
    }

    fn own_packs(&self) -> Result<Vec<Item>, FederationError> {
        self.house.packs().all().map_err(|error| FederationError::Records(Arc::new(error)))
    }
}

fn taking(error: io::Error) -> FederationError {
    FederationError::Taking(Arc::new(error))
}
