//! Packs that no disk here has come back from friends, one after the other, as a round ordered them.
//!
//! Every piece is proved against the pack's name before the vault sees it. Start at [`fetch`].

use std::io;

use calls::Fault;
use federation::{Federation, FriendId};
use types::{Millis, PackId};

use crate::desk::Parts;
use crate::faults;
use crate::home::Fetching;

/// A pack that could not be fetched is left alone for this long.
const AGAIN_AFTER: Millis = Millis::from_secs(60);

/// Fetches the next pack, if one waits.
pub(crate) fn fetch(parts: &Parts, talk: Option<&Federation>) {
    let Some(talk) = talk else { return };
    if parts.home.brings_back() {
        parts.desk().fetch.clear();
        return;
    }
    loop {
        let (root, friend) = {
            let mut desk = parts.desk();
            if desk.stopping {
                return;
            }
            let Some(next) = desk.fetch.pop_front() else { return };
            next
        };
        match one(parts, talk, root, friend) {
            Ok(()) => tracing::info!(pack = root.short(), "a pack came back from a friend"),
            Err(fault) => {
                tracing::warn!(%fault, pack = root.short(), "a pack did not come back");
                let uptime = parts.home.now().uptime;
                let until = Millis(uptime.0.saturating_add(AGAIN_AFTER.0));
                parts.desk().fetch_again.insert(root, until);
            }
        }
        if parts.desk().fetch.is_empty() {
            parts.wants_round();
        }
    }
}

fn one(parts: &Parts, talk: &Federation, root: PackId, friend: FriendId) -> Result<(), Fault> {
    let mut fetching = |take: &mut dyn FnMut(u64, &[u8]) -> io::Result<()>| {
        talk.fetch(friend, root, &[], take).map_err(|error| faults::of(&error))
    };
    let fetching: &mut Fetching<'_> = &mut fetching;
    parts.home.take_back(root, fetching)
}
