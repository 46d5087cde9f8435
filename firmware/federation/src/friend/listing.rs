//! All that a friend says it keeps, asked for page by page on the caller's own thread. It goes by no machine
//! and counts for nothing: what is believed of copies comes from `peer_proto::owner`. Start at [`list`].

use peer_proto::limits;
use peer_proto::wire::{Cursor, Listed, PackAsk, PackSay};
use types::PackId;

use super::asked::Way;
use super::asking::question;
use crate::error::FederationError;
use crate::frames::{self, FRAME_WITHIN};

/// Things that a list may name: all packs of one friend and its heads, with some to spare.
const LISTED_MAX: u64 = limits::PACKS_MAX + 2 * limits::LIST_MAX as u64;

/// The whole list, in the order of names.
pub(crate) fn list((lane, connection, places): &Way) -> Result<Vec<Listed>, FederationError> {
    let place = lane.runtime.block_on(places.acquire());
    let _place = place.map_err(|_| FederationError::Stopped)?;
    let mut all: Vec<Listed> = Vec::new();
    loop {
        let after: Option<PackId> = all.last().map(|item| item.root);
        let ask = PackAsk::List(Cursor { after });
        let say = lane.runtime.block_on(async {
            let (_send, mut recv) = question(connection, &ask).await?;
            frames::read::<PackSay>(&mut recv, FRAME_WITHIN).await.ok()
        });
        let page = match say.ok_or(FederationError::Broken)? {
            PackSay::Listing(page) => page,
            PackSay::Refused(refused) => return Err(FederationError::Refused(refused)),
            _ => return Err(FederationError::Broken),
        };
        let more = page.more && !page.items.items().is_empty();
        for item in page.items.items() {
            // Who goes back in the alphabet would be asked for ever.
            let follows = all.last().is_none_or(|last| last.root < item.root);
            if !follows || all.len() as u64 >= LISTED_MAX {
                return Err(FederationError::Broken);
            }
            all.push(*item);
        }
        if !more {
            return Ok(all);
        }
    }
}
