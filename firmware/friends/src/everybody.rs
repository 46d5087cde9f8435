//! Whom packs can come back from, and whom they go to. Nothing is decided here. Start at [`Service::everybody`].

use federation::{FriendId, FriendView};
use peer_proto::pact::Phase;

use crate::desk::Parts;
use crate::service::Service;

impl Service {
    /// All friends, and what each is called here; none while nobody is talked with.
    pub fn everybody(&self) -> Vec<(FriendId, String)> {
        self.named(|_| true)
    }

    /// Those of them that can be asked for what they keep: no pact that is over, and nobody who is blocked.
    pub fn askable(&self) -> Vec<(FriendId, String)> {
        self.named(|view| !view.blocked && view.phase != Phase::Over)
    }

    fn named(&self, is_meant: impl Fn(&FriendView) -> bool) -> Vec<(FriendId, String)> {
        let Ok(talk) = self.federation() else { return Vec::new() };
        let mut views = talk.friends();
        views.retain(|view| is_meant(view));
        self.know(&views);
        let mut desk = self.parts.desk();
        let mut named = |id| desk.note(id).map(|note| note.name.clone()).unwrap_or_default();
        views.iter().map(|view| (view.id, named(view.id))).collect()
    }
}

/// Friends of this box's vault. A pact that was made for another one says nothing of this one: its words are not
/// these, and what is sent there is no copy that they bring back.
pub(crate) fn of_this_vault(parts: &Parts, views: &[FriendView]) -> Vec<FriendView> {
    let vault = parts.home.vault();
    let fits = |view: &&FriendView| vault.is_none_or(|vault| view.own().vault == vault);
    views.iter().filter(fits).cloned().collect()
}
