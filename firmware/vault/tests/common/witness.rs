//! A friend who witnesses heads, as `peer-proto` decides it, and owners that offer them. Start at [`offer`].

use std::path::Path;

use peer_proto::heads::{Offer, Stay, Witness};
use peer_proto::pact::Side;
use peer_proto::wire::{HeadPoint, OfferHead, Text};
use types::{EndpointId, Millis};
use vault::Vault;

use super::{Rig, backup, put};

/// A commit and a head.
pub(crate) fn go_on(rig: &Rig, vault: &Vault, heads: usize) -> HeadPoint {
    for _ in 0..heads {
        let tree = rig.path("tree");
        std::fs::create_dir_all(&tree).unwrap();
        put(&tree.join("file"), &rig.env.clock.now().0.to_le_bytes());
        backup(vault, "tree", &tree);
        vault.close().unwrap();
    }
    vault.own_head().unwrap().point
}

pub(crate) fn side(vault: &Vault) -> Side {
    let [writer] = vault.writers()[..] else { panic!("one writer") };
    Side {
        endpoint: EndpointId([1; 32]),
        vault: vault.id(),
        recovery: vault.recovery_public().unwrap().0,
        writer,
        label: Text::new("ann").unwrap(),
    }
}

/// Offers the newest head to a friend, as an owner does.
pub(crate) fn offer(vault: &Vault, friend: &mut Witness, side: &Side) -> bool {
    let own = vault.own_head().unwrap();
    let seen = friend.newest();
    let link = seen.filter(|seen| seen.hash != own.previous);
    let link = link.map(|seen| vault.link(seen, own.point).unwrap());
    let (point, len, vouched) = (own.point, own.len, None);
    let offer = Offer::Next(OfferHead { point, previous: seen, len, link, vouched });
    let bytes = vault.sealed_here().unwrap().head(own.point).unwrap();
    take(friend, side, &offer, &bytes)
}

pub(crate) fn take(friend: &mut Witness, side: &Side, offer: &Offer, bytes: &[u8]) -> bool {
    let stay = Stay { now: None, not_before: Millis::from_days(30) };
    friend.take(side, offer, bytes, stay).is_ok()
}

pub(crate) fn copy_all(from: &Path, to: &Path) {
    for file in testkit::files::below(from, "") {
        let place = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(&file, place).unwrap();
    }
}

/// Takes a folder away with all that is in it.
pub(crate) fn remove_all(folder: &Path) {
    std::fs::remove_dir_all(folder).unwrap();
}
