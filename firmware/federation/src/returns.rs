//! Whoever comes to the door for pairing and says that it is a friend's fresh box.
//!
//! Anybody may say so at any time, so nothing is done for it, and no friend's thread asked, before the
//! friend's recovery key has signed this very connection. How often somebody may be wrong is decided in
//! `places`. Start at [`hear`].

use std::sync::Arc;

use peer_proto::invite::{Session, is_owner};
use peer_proto::wire::{PairSay, Return, Why};
use types::EndpointId;

use crate::core::Core;
use crate::friend::Link;
use crate::views::FriendId;

/// The answer; none when it could not be written down.
pub(crate) fn hear(
    core: &Core,
    session: Session,
    asked: &Return,
    addresses: &[String],
) -> Option<PairSay> {
    let mut all = core.links();
    all.retain(|link| link.who.vault == asked.vault);
    if all.is_empty() {
        return Some(PairSay::Refused(Why::NoPact.plain()));
    }
    let proved = |link: &&Arc<Link>| is_owner(&session, asked, &link.who.recovery);
    let owners: Vec<_> = all.iter().filter(proved).cloned().collect();
    if owners.is_empty() {
        all.iter().for_each(|link| link.who.was_wrong());
        return Some(PairSay::Refused(Why::BadProof.plain()));
    }
    let mut said = None;
    // Of two pacts with one owner the one that stands counts.
    for (over, link) in
        [false, true].into_iter().flat_map(|over| owners.iter().map(move |link| (over, link)))
    {
        let (asked, addresses) = (asked.clone(), addresses.to_vec());
        let heard = core
            .call(link.id, move |friend| friend.hear_return(over, (&session, &asked), addresses));
        match heard {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(say @ (PairSay::Returned(_) | PairSay::Leaving(_))))) => return Some(say),
            Ok(Ok(Some(no))) => said = said.or(Some(no)),
            Ok(Err(error)) | Err(error) => {
                tracing::warn!(%error, "who came back was not answered");
                return None;
            }
        }
    }
    said
}

impl Core {
    /// Whether that box is another friend's already: one box is one friend's.
    pub(crate) fn is_elsewhere(&self, friend: FriendId, endpoint: EndpointId) -> bool {
        self.link_of(endpoint).is_some_and(|link| link.id != friend)
    }
}
