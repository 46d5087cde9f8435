//! Who has a place among the friends that there may be, and how one is forgotten.
//!
//! A place is a bit in sets of friends. Whose pact is over holds nothing and needs none. Start at
//! [`Service::forget`].

use calls::{Answer, Fault};
use federation::{FriendId, FriendView};
use peer_proto::pact::Phase;
use plan::offsite::friends::FRIENDS_MAX;
use types::UnixTime;

use crate::desk::Desk;
use crate::faults;
use crate::pairing::label;
use crate::service::Service;

impl Desk {
    /// Makes sure that there is a note of every friend, and a place for all whose pact is not over.
    pub(crate) fn know(&mut self, views: &[FriendView], now: UnixTime) {
        for view in views {
            let id = view.id.to_string();
            self.dirty |= self.notes.know(&id, &label(view.friend()), now);
            self.dirty |= self.notes.place(&id, view.phase == Phase::Over);
            self.offers.remove(&id);
        }
    }
}

impl Service {
    /// Forgets a friend of whom nothing is left.
    pub(crate) fn forget(&self, said: &str) -> Result<Answer, Fault> {
        let id = self.found(said)?.id;
        let talk = self.federation()?;
        talk.may_forget(id).map_err(|error| faults::of(&error))?;
        // The records go last: of whoever has some there is a note. A round that began before may make one anew.
        self.drop_note(id);
        talk.forget(id).map_err(|error| faults::of(&error))?;
        self.drop_note(id);
        self.parts.store.forget_proofs(&id.to_string());
        self.parts.wants_round();
        self.parts.home.changed();
        Ok(self.friends())
    }

    fn drop_note(&self, id: FriendId) {
        {
            let mut desk = self.parts.desk();
            desk.notes.friends.remove(&id.to_string());
            desk.proving.remove(&id);
            desk.dirty = true;
        }
        self.parts.write_notes();
    }

    /// There is a place for one more friend.
    pub(crate) fn must_have_place(&self) -> Result<(), Fault> {
        let views = self.federation().map(|talk| talk.friends()).unwrap_or_default();
        let there = views.iter().filter(|view| view.phase != Phase::Over).count();
        if there < usize::from(FRIENDS_MAX) {
            return Ok(());
        }
        Err(faults::no_place(there))
    }
}
