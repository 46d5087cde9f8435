//! What is left after a fire: a friend who keeps everything, a sheet of paper, and 24 words.

use std::time::Duration;

use federation::{FederationError, FriendId, FriendNews};
use peer_proto::invite::Sheet;
use peer_proto::owner::OwnerNews;
use peer_proto::wire::{Kind, Listed, Why};
use types::PackId;

use crate::rig::{Pair, Running};

pub(crate) const GIB: u64 = 1 << 30;
pub(crate) const MIB: usize = 1 << 20;
const SOON: Duration = Duration::from_secs(60);

/// Anna's packs and head are at Bo's, and her box burns; her papers have the sheet.
pub(crate) struct Fire {
    pub(crate) bo: Running,
    pub(crate) id: FriendId,
    pub(crate) sheet: Sheet,
    /// Her box, switched off, for its bytes.
    pub(crate) burnt: Running,
    pub(crate) packs: Vec<PackId>,
}

pub(crate) fn brought(pair: &Pair, count: u32) -> Vec<PackId> {
    let packs: Vec<PackId> =
        (0..count).map(|n| pair.anna.home.add_pack(n, MIB + n as usize)).collect();
    pair.anna.send(pair.id, &packs);
    pair.anna.until_held(pair.id, &packs);
    pair.anna.fed().head(pair.anna.home.add_head());
    pair.anna.home.until_told("Bo saw the head", |news| {
        matches!(news, FriendNews::Owner(OwnerNews::Witnessed(_)))
    });
    packs
}

pub(crate) fn fire() -> Fire {
    let pair = Pair::new(GIB);
    let packs = brought(&pair, 5);
    let sheet = Sheet::parse(&pair.anna.fed().sheet(pair.id).unwrap().spaced()).unwrap();
    let Pair { mut anna, bo, id } = pair;
    anna.stop();
    Fire { bo, id, sheet, burnt: anna, packs }
}

pub(crate) fn come_back(fresh: &Running, sheet: &Sheet) -> Result<FriendId, FederationError> {
    fresh.fed().come_back(sheet, "", &fresh.home.recovery())
}

pub(crate) fn why(result: Result<FriendId, FederationError>) -> Why {
    match result {
        Err(FederationError::Refused(refused)) => refused.why,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn fetched(fresh: &Running, id: FriendId, root: PackId) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut take = |at: u64, more: &[u8]| {
        assert_eq!(at, bytes.len() as u64);
        bytes.extend_from_slice(more);
        Ok(())
    };
    fresh.fed().fetch(id, root, &[], &mut take).unwrap();
    bytes
}

pub(crate) fn kept_there(fresh: &Running, id: FriendId) -> Vec<Listed> {
    assert!(fresh.fed().until_reached(id, SOON));
    fresh.fed().kept_there(id).unwrap()
}

pub(crate) fn packs_of(listed: &[Listed]) -> Vec<PackId> {
    listed.iter().filter(|one| one.kind == Kind::Data).map(|one| one.root).collect()
}
