//! The end of a backup from another computer: its tree is looked at, and becomes a version or does not.
//!
//! Nothing in it is believed: every node is sound, every piece is as long as it is said to be, and all of it
//! came from this source. What is missing is named, so that it can be sent. Start at
//! [`Vault::commit_from_afar`].

use std::sync::Arc;

use format::entry::{Entry, Extent};
use format::from_cbor;
use format::pack::PackKind;
use format::record::{SKIPPED_NAMED_MAX, Snapshot, SnapshotKind};
use tree::{Known, TreeError};
use types::sabotage::{self, Bug};
use types::{ChunkId, ObjectId, SourceId, SpaceId};

use crate::afar::Named;
use crate::error::VaultError;
use crate::openpack::InPack;
use crate::owned::{Ids, held};
use crate::store::SpaceStore;
use crate::{Receipt, Vault};

/// Missing pieces that are named at once.
const LACKING_MAX: usize = 4_096;
/// The longest record of a version that is taken: with what is put in here it fits a frame of a pack. It names
/// as many of the paths that were left out as fit, and counts them all.
pub const RECORD_LEN_MAX: usize = 4 << 20;

/// What became of a backup's end.
#[derive(Clone, Debug)]
pub enum Committed {
    /// It is a version now.
    Version {
        /// Its name.
        id: ObjectId,
        /// What is promised of it.
        receipt: Receipt,
    },
    /// These are missing; when they were sent, it can be asked for again.
    Lacking(Vec<Named>),
}

impl Vault {
    /// Makes a version of what another computer has sent for a source. `record` is the CBOR of a snapshot;
    /// source, kind, time and new bytes are put in here. Asked again with the same record after a lost
    /// answer, it gives the version that was made.
    pub fn commit_from_afar(
        &self,
        space: SpaceId,
        name: &str,
        record: &[u8],
    ) -> Result<Committed, VaultError> {
        self.writable()?;
        if record.len() > RECORD_LEN_MAX {
            return Err(VaultError::Bad { what: "the version's record is too long".to_owned() });
        }
        // A stored record that cannot be read is damage; this one is only wrong.
        let mut snapshot: Snapshot = from_cbor("version", record)
            .map_err(|error| VaultError::Bad { what: error.to_string() })?;
        well_formed(&snapshot)?;
        let (source, is_new) = self.source_for(space, name)?;
        let received = self.received(space, name)?;
        let _storing = self.storing();
        let newest = if is_new { None } else { self.newest_of(source)? };
        if let Some((info, root)) = &newest
            && *root == snapshot.root
        {
            let last = self.read_snapshot(info)?;
            if last.started == snapshot.started && last.host == snapshot.host {
                let receipt = self.writer().commit(Vec::new())?;
                return Ok(Committed::Version { id: info.id, receipt });
            }
        }
        // What is on its way to its final name is in no list for a moment.
        self.writer().settle()?;
        let whole = newest.as_ref().and_then(|(_, root)| root.node);
        // A folder that is as it was needs no walk through the version before; what else the record
        // names is looked at all the same.
        let version = match newest {
            Some((info, root)) if root.node != snapshot.root.node => {
                Some(self.ids_of(space, info.id, &root)?)
            }
            _ => None,
        };
        {
            let received = held(&received);
            let (received, lacking) = (&received.ids, Vec::new());
            let mut look = Look { vault: self, space, whole, version, received, lacking };
            look.at(&snapshot.root)?;
            if !look.lacking.is_empty() {
                return Ok(Committed::Lacking(look.lacking));
            }
        }
        let (came, bytes) = {
            let received = held(&received);
            (received.ids.len() > 0, received.bytes)
        };
        // As many as came, whatever others have: it would tell of them.
        snapshot.stats.new_bytes = bytes;
        (snapshot.source, snapshot.source_name) = (source, name.to_owned());
        (snapshot.kind, snapshot.finished) = (SnapshotKind::Backup, self.env.clock.now());
        let named = name.to_owned();
        let (id, receipt) = self.record(source, is_new.then_some((&named, space)), &snapshot)?;
        if came {
            // It is in the version; what stays behind after a cut goes with the next.
            self.clear_run(space, name)?;
        }
        Ok(Committed::Version { id, receipt })
    }

    /// How long a chunk is; none when it is not there.
    fn chunk_len(&self, space: SpaceId, id: &ChunkId) -> Result<Option<u64>, VaultError> {
        let open = {
            let writer = self.writer();
            let pack = writer.open.get(&(space, PackKind::Data));
            pack.and_then(|pack| pack.index.get(id)).map(|place| match place {
                InPack::Gathering { len, .. } => *len as u64,
                InPack::Framed(placed) => u64::from(placed.len),
            })
        };
        if open.is_some() {
            return Ok(open);
        }
        Ok(self.catalog.chunk(id)?.map(|place| u64::from(place.len)))
    }
}

fn well_formed(snapshot: &Snapshot) -> Result<(), VaultError> {
    let bad = |what: &str| Err(VaultError::Bad { what: what.to_owned() });
    if !snapshot.root.name.is_empty() {
        return bad("the top folder of a version has no name");
    }
    if snapshot.skipped.len() > SKIPPED_NAMED_MAX {
        return bad("more is named as left out than a version names");
    }
    if snapshot.source != SourceId::default() {
        return bad("whose version it is, is not the sender's to say");
    }
    Ok(())
}

/// A look at a tree, beside what its source has.
struct Look<'v> {
    vault: &'v Vault,
    space: SpaceId,
    /// The top folder of the version before.
    whole: Option<ObjectId>,
    version: Option<Arc<Ids>>,
    received: &'v Ids,
    lacking: Vec<Named>,
}

impl Look<'_> {
    fn at(&mut self, root: &Entry) -> Result<(), VaultError> {
        let Self { vault, space, whole, version, received, lacking } = self;
        let (vault, space, store) = (*vault, *space, SpaceStore { vault, space: *space });
        let old = |kind, id: &ChunkId| version.as_ref().is_some_and(|ids| ids.has(kind, id));
        let missing = std::cell::RefCell::new(std::mem::take(lacking));
        let lacks = |is_object, id: &ChunkId| {
            let mut missing = missing.borrow_mut();
            let one = Named { is_object, id: *id };
            if missing.len() < LACKING_MAX && !missing.contains(&one) {
                missing.push(one);
            }
        };
        let mut seen = Ids::default();
        let mut known = |id: &ObjectId| {
            if *whole == Some(*id) || old(PackKind::Meta, id) || seen.has(PackKind::Meta, id) {
                return Ok(Known::Whole);
            }
            let there = received.has(PackKind::Meta, id)
                && vault.writer().knows(space, PackKind::Meta, id)?;
            if !there {
                lacks(true, id);
                return Ok(Known::Missing);
            }
            seen.add(PackKind::Meta, id);
            Ok(Known::There)
        };
        let mut visit = |extent: &Extent| {
            let Some(id) = &extent.chunk else { return Ok(()) };
            // What came has to be on a disk that is here: the catalog knows of those that went as well.
            let came = received.has(PackKind::Data, id)
                && vault.writer().knows(space, PackKind::Data, id)?;
            let own = came || old(PackKind::Data, id) || sabotage::on(Bug::OthersChunksTaken);
            match vault.chunk_len(space, id)?.filter(|_| own) {
                None => lacks(false, id),
                Some(len) if u64::from(extent.offset).saturating_add(extent.len) <= len => {}
                Some(_) => {
                    let what = format!("a file goes on behind the end of its piece {id}");
                    return Err(VaultError::Bad { what });
                }
            }
            Ok(())
        };
        let looked = tree::audit(&store, root, &mut known, &mut visit);
        *lacking = missing.into_inner();
        looked.map_err(|error| match error {
            TreeError::Store(error) => error,
            // What is wrong with it is what its sender has to be told.
            TreeError::Damaged { object, damage } => {
                VaultError::Bad { what: format!("in what was sent as {object}, {damage}") }
            }
            other => VaultError::Bad { what: other.to_string() },
        })
    }
}
