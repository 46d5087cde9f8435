//! Whom packs can come back from. Nothing is decided here. Start at [`Service::everybody`].

use federation::FriendId;

use crate::service::Service;

impl Service {
    /// All friends, and what each is called here; none while nobody is talked with.
    pub fn everybody(&self) -> Vec<(FriendId, String)> {
        let Ok(talk) = self.federation() else { return Vec::new() };
        let views = talk.friends();
        self.know(&views);
        let mut desk = self.parts.desk();
        let mut named = |id| desk.note(id).map(|note| note.name.clone()).unwrap_or_default();
        views.iter().map(|view| (view.id, named(view.id))).collect()
    }
}
