//! The machines of one friend, as its log and the disks say. Start at [`read`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use peer_proto::clock::Now;
use peer_proto::host::{Host, Record as HostRecord};
use peer_proto::messages::Post;
use peer_proto::owner::{OwnHead, Owner};
use peer_proto::pact::PactLife;
use types::{EndpointId, OwnerKey, PackId, VolumeId};

use super::events::Who;
use super::shelves::{self, Disk};
use crate::core::Core;
use crate::house::Log;
use crate::pacts::{Claim, Share};
use crate::record::{Reached, Saved};
use crate::views::{FriendId, NoteEnd};

/// The machines and what was written down beside them.
pub(super) struct Machines {
    pub(super) life: PactLife,
    pub(super) host: Host,
    pub(super) owner: Owner,
    pub(super) post: Post,
    pub(super) reached: Reached,
    pub(super) lies: BTreeMap<PackId, VolumeId>,
    pub(super) end_told: Option<bool>,
    /// The head from which heads begin again at the friend, as it is written down.
    pub(super) begins: Option<OwnHead>,
    /// What became of own messages.
    pub(super) notes: BTreeMap<u64, NoteEnd>,
}

pub(super) fn owner_key(life: &PactLife) -> OwnerKey {
    OwnerKey(life.pact().side(life.part().other()).recovery)
}

pub(super) fn friend_of(life: &PactLife) -> EndpointId {
    life.pact().side(life.part().other()).endpoint
}

pub(super) fn who_of(life: &PactLife) -> Arc<Who> {
    let side = life.pact().side(life.part().other());
    Arc::new(Who::new(side.endpoint, side.vault, side.recovery))
}

pub(crate) fn saved(core: &Core, id: FriendId) -> io::Result<Saved> {
    let log = core.house.records(Log::Friend(id))?;
    Saved::of(&log).map_err(|place| {
        let what = format!("record {place} of friend {id} does not read");
        io::Error::new(io::ErrorKind::InvalidData, what)
    })
}

/// The machines as the records and the disks say, and what is to be done first.
pub(super) fn read(
    core: &Core,
    id: FriendId,
    disks: &mut [Disk],
    now: Now,
) -> io::Result<(Machines, Vec<peer_proto::host::HostAction>)> {
    let saved = saved(core, id)?;
    let (host, copies) = (saved.host(), saved.copies());
    let Some(life) = saved.life else {
        let what = format!("the log of friend {id} has no pact");
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    };
    let friend = friend_of(&life);
    let mut lies = saved.lies;
    let mut files = shelves::files(disks, owner_key(&life), &mut lies);
    core.pacts.set(id, Some(Claim::of(&life)));
    if core.pacts.share(id) != Share::Own {
        // What another pact with this owner keeps is not found by this one, which would let it go.
        let own = host.iter().filter_map(|record| match record {
            HostRecord::Entry(entry) => Some(entry.root),
            _ => None,
        });
        let own: BTreeSet<PackId> = own.collect();
        files.retain(|root, _| own.contains(root));
        lies.retain(|root, _| own.contains(root));
    }
    let away = shelves::away(disks, &lies);
    let (host, first) = Host::resume(host, &files, away, now);
    let post = saved.post.map_or_else(|| Post::new(core.own(), friend), |post| *post);
    let mut owner = Owner::resume(copies);
    owner.begins_with(saved.begins);
    if saved.is_blind {
        owner.came_back();
    }
    let machines = Machines {
        life: *life,
        host,
        owner,
        post,
        reached: saved.reached,
        lies,
        end_told: saved.end_told,
        begins: saved.begins,
        notes: saved.notes,
    };
    Ok((machines, first))
}
