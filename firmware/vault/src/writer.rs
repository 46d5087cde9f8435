//! The one writer of an open vault: what goes into which pack, when it is durable, and the journal.
//!
//! Write rules (design of the vault, kept here): children before parents and the commit record
//! last; nothing is acknowledged before its volumes have synced; a volume that fails is demoted,
//! its part of an open pack is copied byte for byte to another before the next acknowledgement,
//! and an fsync is never tried twice. Start at [`Writer::put`] and [`Writer::commit`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use catalog::{Catalog, PackState};
use format::pack::PackKind;
use format::record::{Commit, Op, PackEntry, PackList};
use format::to_cbor;
use plan::placement::PlacementError;
use seal::{Codecs, PackIdentity};
use types::sabotage::{self, Bug};
use types::{
    Bytes, ChunkId, HeadHash, Millis, ObjectId, OwnerKey, PackId, SpaceId, UnixTime, VolumeId,
};

use crate::Receipt;
use crate::env::Env;
use crate::error::VaultError;
use crate::index::index_pack;
use crate::keys::Keys;
use crate::members::{Member, Members};
use crate::offsite;
use crate::openpack::{OpenPack, Sealing};
use crate::state::State;
use crate::stuck::{Broken, Stuck};

/// Packs that may be on their way to their final name while the next ones fill: more would only
/// hold more memory, fewer would let the disks idle.
const SEALING_MAX: usize = 2;

/// Room that is enough to begin a pack when deletion or repair needs one: four of the shortest.
/// Few of them grow to their full length; one that finds no more room is finished elsewhere.
pub(crate) const FRUGAL_ROOM: u64 = 4 * format::pack::SIZE_STEP;

/// Where in the chains of commits and heads the vault stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    pub(crate) commit_seq: u64,
    pub(crate) commit_hash: [u8; 32],
    pub(crate) head_seq: u64,
    pub(crate) head_hash: HeadHash,
    /// The newest head as it is stored.
    pub(crate) head: Arc<Vec<u8>>,
    pub(crate) packs: PackList,
    pub(crate) recent: Vec<PackEntry>,
    pub(crate) gone: Vec<PackId>,
    pub(crate) floor: UnixTime,
    pub(crate) copies: u8,
    /// How long versions are kept, where the owner chose it.
    pub(crate) keep: Option<format::head::Keep>,
    /// The public half of the recovery key, where words were at hand since this is kept.
    pub(crate) recovery: Option<OwnerKey>,
    /// When the last head was written.
    pub(crate) last_time: UnixTime,
    /// The last head's state object.
    pub(crate) state: Option<ObjectId>,
}

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) env: Env,
    pub(crate) keys: Arc<Keys>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) members: Arc<RwLock<Members>>,
    codecs: Codecs,
    pub(crate) open: BTreeMap<(SpaceId, PackKind), OpenPack>,
    pub(crate) sealing: Vec<Sealing>,
    /// Objects of packs that are being sealed and are not in the catalog yet.
    pub(crate) in_sealing: HashMap<ChunkId, ()>,
    pub(crate) state: State,
    pub(crate) chain: Chain,
    pub(crate) last_head: Millis,
    /// Something was committed or sealed since the last head.
    pub(crate) head_due: bool,
    /// Copies of the least safe thing that what is being stored now may rely on: a pack that was
    /// sealed since the first of it began, or one that was known when fewer copies could be had. It
    /// outlives a close: a backup goes on after it, and is acknowledged later.
    pub(crate) least_sealed: usize,
    /// An acknowledgement could not be given: nothing more is taken until the vault is reopened.
    pub(crate) broken: Option<Broken>,
    /// Packs that were lost to writing by then: what was acknowledged of them is read there.
    pub(crate) stuck: Vec<Stuck>,
    /// The catalog says durably that something is stored which it may not know of.
    pub(crate) is_noted: bool,
    /// Deletion, repair and recovery may use the reserve.
    pub(crate) making_room: bool,
    /// Plaintext bytes that were new to the vault since it was opened.
    pub(crate) new_bytes: u64,
    /// Every object that the newest head's state is made of.
    pub(crate) system: Vec<ObjectId>,
    /// While a state is stored: the volumes that are to have all of it.
    pub(crate) head_goes_to: Option<u64>,
}

impl Writer {
    pub(crate) fn new(
        env: Env,
        keys: Arc<Keys>,
        catalog: Arc<Catalog>,
        members: Arc<RwLock<Members>>,
        state: State,
        chain: Chain,
    ) -> Self {
        let last_head = env.clock.uptime();
        Self {
            env,
            keys,
            catalog,
            members,
            codecs: Codecs::new(),
            open: BTreeMap::new(),
            sealing: Vec::new(),
            in_sealing: HashMap::new(),
            state,
            chain,
            last_head,
            head_due: false,
            broken: None,
            stuck: Vec::new(),
            is_noted: false,
            least_sealed: usize::MAX,
            making_room: false,
            new_bytes: 0,
            system: Vec::new(),
            head_goes_to: None,
        }
    }

    pub(crate) fn members(&self) -> std::sync::RwLockReadGuard<'_, Members> {
        self.members.read().expect("no code panics while it holds the members")
    }

    /// Refuses everything after an acknowledgement failed: what is durable is then unknown here.
    pub(crate) fn whole(&self) -> Result<(), VaultError> {
        self.why_no_more().map_or(Ok(()), Err)
    }

    /// Whether an object was taken in and is not in the catalog yet.
    pub(crate) fn holds_unsealed(&self, id: &ChunkId) -> bool {
        self.in_sealing.contains_key(id)
            || self.open.values().any(|pack| pack.index.contains_key(id))
    }

    /// Whether the vault already holds an object where a new reference may rely on it.
    pub(crate) fn knows(
        &self,
        space: SpaceId,
        kind: PackKind,
        id: &ChunkId,
    ) -> Result<bool, VaultError> {
        if self.open.get(&(space, kind)).is_some_and(|pack| pack.index.contains_key(id))
            || self.in_sealing.contains_key(id)
        {
            return Ok(true);
        }
        Ok(match self.catalog.dedup_target(id)? {
            Some(place) => {
                let presence = self.catalog.presence(place.pack)?;
                let all = self.head_goes_to.filter(|_| space == SpaceId::SYSTEM).unwrap_or(0);
                presence & all == all && self.members().hold_enough(presence)
            }
            None => false,
        })
    }

    /// Stores an object unless it is known. Returns whether it was new.
    pub(crate) fn put(
        &mut self,
        space: SpaceId,
        kind: PackKind,
        id: ChunkId,
        bytes: &[u8],
    ) -> Result<bool, VaultError> {
        if self.knows(space, kind, &id)? {
            return Ok(false);
        }
        self.put_again(space, kind, id, bytes)?;
        Ok(true)
    }

    /// Stores an object even when it is known: for moving it out of a pack that is to go.
    pub(crate) fn put_again(
        &mut self,
        space: SpaceId,
        kind: PackKind,
        id: ChunkId,
        bytes: &[u8],
    ) -> Result<(), VaultError> {
        self.whole()?;
        self.ensure_open(space, kind, bytes.len())?;
        let members = self.members.read().expect("no code panics while it holds the members");
        let pack = self.open.get_mut(&(space, kind)).expect("ensure_open made it");
        pack.put(id, bytes, &mut self.codecs, &members)?;
        drop(members);
        self.new_bytes += bytes.len() as u64;
        self.head_due = true;
        self.take_refusals()
    }

    /// Stores a metadata object of the system space.
    pub(crate) fn put_system(&mut self, cbor: &[u8]) -> Result<ObjectId, VaultError> {
        let id = self.keys.ring().system().object_id(cbor);
        self.put(SpaceId::SYSTEM, PackKind::Meta, id, cbor)?;
        Ok(id)
    }

    /// Makes sure that the open pack of this kind has room, sealing a full one.
    fn ensure_open(
        &mut self,
        space: SpaceId,
        kind: PackKind,
        len: usize,
    ) -> Result<(), VaultError> {
        let key = (space, kind);
        if let Some(pack) = self.open.get(&key)
            && !pack.has_room(len)
        {
            self.seal_pack(key)?;
        }
        if self.open.contains_key(&key) {
            return Ok(());
        }
        let ring = self.keys.ring();
        let keys = ring
            .space(space)
            .ok_or_else(|| VaultError::NotFound { what: "space", name: space.to_string() })?;
        let targets = self.choose_targets(space, kind)?;
        let vault = ring.vault();
        let identity = PackIdentity { kind, vault, space, epoch: 0 };
        let members = self.members.read().expect("no code panics while it holds the members");
        if !self.is_noted {
            crate::unsettled::note_open(&self.catalog, &members)?;
            self.is_noted = true;
        }
        let pack = OpenPack::create(identity, keys, &*self.env.rng, targets, &members);
        drop(members);
        self.open.insert(key, pack);
        self.take_refusals()
    }

    /// Where a new pack goes. The journal, and everything while room is being made, may use the
    /// reserve: a full vault must be able to forget.
    pub(crate) fn choose_targets(
        &self,
        space: SpaceId,
        kind: PackKind,
    ) -> Result<Vec<VolumeId>, VaultError> {
        let members = self.members();
        let frugal = self.making_room || space == SpaceId::SYSTEM;
        let facts = members.room(frugal);
        let need = Bytes(if frugal { FRUGAL_ROOM } else { format::pack::SIZE_MAX });
        let targets = match kind {
            PackKind::Data => plan::placement::choose_targets(&facts, self.chain.copies, need),
            PackKind::Meta | PackKind::Index => plan::placement::all_members(&facts, need),
        };
        match targets {
            Ok(targets) => Ok(targets.ids),
            Err(PlacementError::NoRoom { volume, free, need, .. }) => {
                let label = members.get(volume).map_or_else(String::new, |m| m.label.clone());
                Err(VaultError::Full { label, free, need })
            }
            Err(_) => Err(self.no_writer(&members)),
        }
    }

    pub(crate) fn no_writer(&self, members: &Members) -> VaultError {
        let detail: Vec<_> = members.attached.iter().filter_map(Member::refusal).collect();
        VaultError::NoWriter { detail: detail.concat() }
    }

    /// Starts sealing an open pack; the oldest that is still on its way is waited for.
    fn seal_pack(&mut self, key: (SpaceId, PackKind)) -> Result<(), VaultError> {
        let members = self.members.read().expect("no code panics while it holds the members");
        if let Some(pack) = self.open.get_mut(&key) {
            // While it is still among the open ones: what it holds may be acknowledged.
            pack.flush(&mut self.codecs, &members)?;
        }
        let Some(pack) = self.open.remove(&key) else { return Ok(()) };
        if pack.is_empty() {
            for id in &pack.targets {
                if let Some(member) = members.get(*id) {
                    // An empty file left behind is found and removed at the next open.
                    let _gone = member.volume.delete_open(pack.name);
                }
            }
            return Ok(());
        }
        let sealing = pack.seal(&mut self.codecs, &members);
        drop(members);
        let sealing = sealing.inspect_err(|_| {
            // It is on the disks as far as it was synced, and found at the next open.
            let _told = self.no_more("a pack could not be sealed");
        })?;
        for frame in &sealing.finished.trailer.frames {
            self.in_sealing.extend(frame.objects.iter().map(|object| (object.id, ())));
        }
        self.sealing.push(sealing);
        self.head_due = true;
        while self.sealing.len() > SEALING_MAX {
            self.settle_oldest()?;
        }
        Ok(())
    }

    /// Waits for every pack that is being sealed.
    pub(crate) fn settle(&mut self) -> Result<(), VaultError> {
        while !self.sealing.is_empty() {
            self.settle_oldest()?;
        }
        Ok(())
    }

    fn settle_oldest(&mut self) -> Result<(), VaultError> {
        let mut sealing = self.sealing.remove(0);
        let mut good = Vec::new();
        let mut bad = std::mem::take(&mut sealing.refused);
        for (id, ticket) in std::mem::take(&mut sealing.tickets) {
            match ticket.wait() {
                Ok(()) => good.push(id),
                Err(error) => bad.push((id, error)),
            }
        }
        for (id, error) in &bad {
            self.demote(*id, error);
        }
        for frame in &sealing.finished.trailer.frames {
            for object in &frame.objects {
                self.in_sealing.remove(&object.id);
            }
        }
        if good.is_empty() {
            self.stuck.push(Stuck::sealing(sealing));
            return Err(self.no_more("no volume could finish a pack"));
        }
        let Sealing { space, kind, finished, .. } = sealing;
        if !bad.is_empty() && kind == PackKind::Data {
            self.copy_sealed(finished.id, kind, &mut good);
        }
        self.least_sealed = self.least_sealed.min(good.len());
        let entry = PackEntry { id: finished.id, kind, space, len: Bytes(finished.len) };
        index_pack(
            &self.catalog,
            &self.members(),
            &entry,
            &finished.trailer,
            &good,
            PackState::Live,
        )?;
        offsite::note_sealed(&self.catalog, &entry, self.env.clock.now())?;
        self.chain.recent.push(entry);
        Ok(())
    }

    /// Seals frames, syncs every open pack on every target and waits. Returns the least number of
    /// volumes that hold what was unsynced.
    pub(crate) fn sync_all(&mut self) -> Result<usize, VaultError> {
        self.whole()?;
        {
            let members = self.members.read().expect("no code panics while it holds them");
            for pack in self.open.values_mut() {
                pack.flush(&mut self.codecs, &members)?;
            }
        }
        self.take_refusals()?;
        while !sabotage::on(Bug::AcknowledgedEarly) && self.sync_round()? {}
        self.settle()?;
        // What is acknowledged next may lie in any of these, put there and synced by another.
        let open = self.open.values().map(|pack| pack.targets.len()).min();
        Ok(open.unwrap_or(usize::MAX).min(self.least_sealed))
    }

    /// Syncs what is unsynced once. True when a volume failed and its part moved elsewhere, so that
    /// another round is due.
    pub(crate) fn sync_round(&mut self) -> Result<bool, VaultError> {
        let mut waiting = Vec::new();
        {
            let members = self.members.read().expect("no code panics while it holds them");
            for (key, pack) in &mut self.open {
                if pack.unsynced {
                    waiting.push((*key, pack.sync(&members)));
                }
            }
        }
        let mut failed = Vec::new();
        for (key, tickets) in waiting {
            for (id, ticket) in tickets {
                if let Err(error) = ticket.wait() {
                    failed.push((key, id, error));
                }
            }
        }
        let again = !failed.is_empty();
        for (key, id, error) in failed {
            self.demote(id, &error);
            if let Some(pack) = self.open.get_mut(&key) {
                pack.targets.retain(|target| *target != id);
            }
        }
        if again {
            self.refill_all()?;
        }
        Ok(again)
    }

    /// Makes everything stored so far durable, then records `ops`, then applies them.
    ///
    /// When this returns, the operations survive a power cut as long as one of the volumes counted
    /// in the receipt does.
    pub(crate) fn commit(&mut self, ops: Vec<Op>) -> Result<Receipt, VaultError> {
        let first = !sabotage::on(Bug::CommitBeforeChildren);
        let children = if first { self.sync_all()? } else { usize::MAX };
        let record = Commit {
            seq: self.chain.commit_seq + 1,
            previous: self.chain.commit_hash,
            time: self.env.clock.now(),
            ops,
        };
        let own = self.append_commit(&to_cbor(&record))?;
        for op in &record.ops {
            self.state.apply(op);
        }
        Ok(self.receipt(children.min(own)))
    }

    /// Writes a commit record's bytes. Not synced, and the chain stays where it is: alone, this
    /// is for records that the head knows of already.
    pub(crate) fn append_record(&mut self, cbor: &[u8]) -> Result<(), VaultError> {
        self.ensure_open(SpaceId::SYSTEM, PackKind::Meta, cbor.len())?;
        {
            let members = self.members.read().expect("no code panics while it holds them");
            let pack = self.open.get_mut(&(SpaceId::SYSTEM, PackKind::Meta)).expect("just opened");
            pack.commit(cbor, &mut self.codecs, &members)?;
        }
        self.take_refusals()
    }

    /// Writes a commit record's bytes, syncs them and steps the chain.
    pub(crate) fn append_commit(&mut self, cbor: &[u8]) -> Result<usize, VaultError> {
        self.append_record(cbor)?;
        let copies = match self.sync_all() {
            Ok(copies) => copies,
            Err(error) => {
                self.no_more("a commit could not be made durable");
                return Err(error);
            }
        };
        self.chain.commit_seq += 1;
        self.chain.commit_hash = *blake3::hash(cbor).as_bytes();
        self.head_due = true;
        Ok(copies)
    }

    /// Seals every open pack and writes the head: afterwards the volumes hold nothing half-done.
    pub(crate) fn close(&mut self) -> Result<(), VaultError> {
        if !self.head_due && self.open.is_empty() {
            return Ok(());
        }
        self.sync_all()?;
        let system = (SpaceId::SYSTEM, PackKind::Meta);
        let others: Vec<_> = self.open.keys().filter(|key| **key != system).copied().collect();
        for key in others {
            self.seal_pack(key)?;
        }
        self.settle()?;
        let state = self.store_state()?;
        self.sync_all()?;
        self.seal_pack(system)?;
        self.settle()?;
        if sabotage::on(Bug::LeastForgotten) {
            self.forget_least();
        }
        self.publish_head(state)
    }
}
