//! The one writer of an open vault: what goes into which pack, when it is durable, and the journal.
//!
//! Write rules (design of the vault, kept here): children before parents and the commit record
//! last; nothing is acknowledged before its volumes have synced; a volume that fails is demoted,
//! its part of an open pack is copied byte for byte to another before the next acknowledgement,
//! and an fsync is never tried twice. Start at [`Writer::put`] and [`Writer::commit`].

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use catalog::{Catalog, PackInfo, PackState};
use format::head::HeadPayload;
use format::pack::PackKind;
use format::record::{self, Commit, Op, PackEntry, PackList, PackShard};
use format::to_cbor;
use seal::{Codecs, KeyRing, PackIdentity};
use types::{Bytes, ChunkId, HeadHash, Millis, ObjectId, PackId, SpaceId, UnixTime, VolumeId};
use volume::VolumeError;

use crate::Receipt;
use crate::env::Env;
use crate::error::VaultError;
use crate::members::Members;
use crate::openpack::{OpenPack, Placed, Sealing};
use crate::state::State;

/// Packs that may be on their way to their final name while the next ones fill: more would only
/// hold more memory, fewer would let the disks idle.
const SEALING_MAX: usize = 2;
/// The head carries this many newer packs by itself before the pack list is stored anew: about
/// 20 KiB of head against a megabyte of lists.
const RECENT_MAX: usize = 256;
/// Packs per shard of the stored list, at most twice this.
const SHARD_PACKS: usize = 1024;
/// A head is due this long after the last, when anything was committed.
pub(crate) const HEAD_EVERY: Millis = Millis::from_secs(60);

/// Where in the chains of commits and heads the vault stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    pub(crate) commit_seq: u64,
    pub(crate) commit_hash: [u8; 32],
    pub(crate) head_seq: u64,
    pub(crate) head_hash: HeadHash,
    pub(crate) packs: PackList,
    pub(crate) recent: Vec<PackEntry>,
    pub(crate) gone: Vec<PackId>,
    pub(crate) floor: UnixTime,
    pub(crate) copies: u8,
    /// When the last head was written.
    pub(crate) last_time: UnixTime,
    /// The last head's state object.
    pub(crate) state: Option<ObjectId>,
}

#[derive(Debug)]
pub(crate) struct Writer {
    env: Env,
    keys: Arc<KeyRing>,
    catalog: Arc<Catalog>,
    members: Arc<RwLock<Members>>,
    codecs: Codecs,
    open: BTreeMap<(SpaceId, PackKind), OpenPack>,
    sealing: Vec<Sealing>,
    /// Objects of packs that are being sealed and are not in the catalog yet.
    in_sealing: HashMap<ChunkId, ()>,
    pub(crate) state: State,
    pub(crate) chain: Chain,
    pub(crate) last_head: Millis,
    /// Something was committed or sealed since the last head.
    pub(crate) head_due: bool,
    /// An acknowledgement could not be given: nothing more is taken until the vault is reopened.
    broken: Option<String>,
    /// Plaintext bytes that were new to the vault since it was opened.
    pub(crate) new_bytes: u64,
    /// Every object that the newest head's state is made of.
    system: Vec<ObjectId>,
}

/// Where an object is that no sealed pack of the catalog holds yet.
pub(crate) enum Fresh {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// In the open pack of this name, synced as far as this place.
    InOpen { name: [u8; 16], header: Vec<u8>, placed: Placed, on: Vec<VolumeId> },
}

impl Writer {
    pub(crate) fn new(
        env: Env,
        keys: Arc<KeyRing>,
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
            new_bytes: 0,
            system: Vec::new(),
        }
    }

    fn members(&self) -> std::sync::RwLockReadGuard<'_, Members> {
        self.members.read().expect("no code panics while it holds the members")
    }

    /// Refuses everything after an acknowledgement failed: what is durable is then unknown here.
    fn whole(&self) -> Result<(), VaultError> {
        match &self.broken {
            None => Ok(()),
            Some(why) => Err(VaultError::NoWriter { detail: format!(": {why}") }),
        }
    }

    /// Whether the vault already holds an object where a new reference may rely on it.
    pub(crate) fn knows(&self, space: SpaceId, kind: PackKind, id: &ChunkId) -> Result<bool, VaultError> {
        if self.open.get(&(space, kind)).is_some_and(|pack| pack.index.contains_key(id))
            || self.in_sealing.contains_key(id)
        {
            return Ok(true);
        }
        Ok(self.catalog.dedup_target(id)?.is_some())
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
        let keys = self.keys.space(SpaceId::SYSTEM).expect("every vault has its system space");
        let id = keys.object_id(cbor);
        self.put(SpaceId::SYSTEM, PackKind::Meta, id, cbor)?;
        Ok(id)
    }

    /// Makes sure that the open pack of this kind has room, sealing a full one.
    fn ensure_open(&mut self, space: SpaceId, kind: PackKind, len: usize) -> Result<(), VaultError> {
        let key = (space, kind);
        if let Some(pack) = self.open.get(&key)
            && !pack.has_room(len)
        {
            self.seal_pack(key)?;
        }
        if self.open.contains_key(&key) {
            return Ok(());
        }
        let keys = self.keys.space(space).ok_or_else(|| VaultError::NotFound {
            what: "space",
            name: space.to_string(),
        })?;
        let targets = self.choose_targets(kind)?;
        let vault = self.keys.vault();
        let identity = PackIdentity { kind, vault, space, epoch: 0 };
        let members = self.members.read().expect("no code panics while it holds the members");
        let pack = OpenPack::create(identity, keys, &*self.env.rng, targets, &members);
        drop(members);
        self.open.insert(key, pack);
        self.take_refusals()
    }

    fn choose_targets(&self, kind: PackKind) -> Result<Vec<VolumeId>, VaultError> {
        let members = self.members();
        let facts = members.facts(&[]);
        let need = Bytes(format::pack::SIZE_MAX);
        let wanted = match kind {
            PackKind::Data => plan::placement::choose_targets(&facts, self.chain.copies, need)?.ids,
            PackKind::Meta | PackKind::Index => plan::placement::all_members(&facts, need)?.ids,
        };
        if wanted.is_empty() {
            return Err(self.no_writer(&members));
        }
        Ok(wanted)
    }

    fn no_writer(&self, members: &Members) -> VaultError {
        let failed: Vec<_> = members
            .attached
            .iter()
            .filter_map(|m| m.failed.as_ref().map(|why| format!("\n  {}: {why}", m.label)))
            .collect();
        VaultError::NoWriter { detail: failed.concat() }
    }

    /// Deals with volumes that refused bytes of open packs: demotes the broken, finds others.
    fn take_refusals(&mut self) -> Result<(), VaultError> {
        let keys: Vec<_> = self
            .open
            .iter()
            .filter(|(_, pack)| !pack.refused.is_empty())
            .map(|(key, _)| *key)
            .collect();
        for key in keys {
            let pack = self.open.get_mut(&key).expect("it was there a line above");
            for (id, error) in std::mem::take(&mut pack.refused) {
                self.demote(id, &error);
            }
            self.refill_open(key)?;
        }
        Ok(())
    }

    /// A volume failed: no more writes to it, in any open pack. A full one only loses this file.
    fn demote(&mut self, id: VolumeId, error: &VolumeError) {
        if !error.is_full() {
            let mut members = self.members.write().expect("no code panics while it holds them");
            members.demote(id, error);
            drop(members);
            for pack in self.open.values_mut() {
                pack.targets.retain(|target| *target != id);
            }
        }
    }

    /// Copies the bytes of an open pack from a volume that has them to as many more as it lacks.
    fn refill_open(&mut self, key: (SpaceId, PackKind)) -> Result<(), VaultError> {
        let Some(pack) = self.open.get(&key) else { return Ok(()) };
        if pack.targets.is_empty() {
            // What was acknowledged is on the failed volumes still and is found at the next open.
            self.open.remove(&key);
            let error = self.no_writer(&self.members());
            self.broken = Some("every volume of an open pack failed".to_owned());
            return Err(error);
        }
        if key.1 != PackKind::Data || pack.targets.len() >= usize::from(self.chain.copies) {
            return Ok(());
        }
        let members = self.members.read().expect("no code panics while it holds the members");
        let serials: Vec<_> =
            pack.targets.iter().filter_map(|id| members.get(*id)).map(|m| &m.serial).collect();
        let facts: Vec<_> =
            members.facts(&[]).into_iter().filter(|f| !serials.contains(&&f.serial)).collect();
        let missing = self.chain.copies - u8::try_from(pack.targets.len()).unwrap_or(u8::MAX);
        let need = Bytes(format::pack::SIZE_MAX);
        let Ok(more) = plan::placement::choose_targets(&facts, missing, need) else {
            return Ok(());
        };
        let mut joined = Vec::new();
        for id in more.ids {
            if copy_open(pack, id, &members).is_ok() {
                joined.push(id);
            }
        }
        drop(members);
        let pack = self.open.get_mut(&key).expect("it was there above");
        pack.unsynced = true;
        pack.targets.extend(joined);
        Ok(())
    }

    /// Starts sealing an open pack; the oldest that is still on its way is waited for.
    fn seal_pack(&mut self, key: (SpaceId, PackKind)) -> Result<(), VaultError> {
        let Some(pack) = self.open.remove(&key) else { return Ok(()) };
        let members = self.members.read().expect("no code panics while it holds the members");
        if pack.is_empty() {
            for id in &pack.targets {
                if let Some(member) = members.get(*id) {
                    // An empty file left behind is found and removed at the next open.
                    let _gone = member.volume.delete_open(pack.name);
                }
            }
            return Ok(());
        }
        let sealing = pack.seal(&mut self.codecs, &members)?;
        drop(members);
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
        let sealing = self.sealing.remove(0);
        let Sealing { space, kind, finished, tickets, refused } = sealing;
        let mut good = Vec::new();
        let mut bad = refused;
        for (id, ticket) in tickets {
            match ticket.wait() {
                Ok(()) => good.push(id),
                Err(error) => bad.push((id, error)),
            }
        }
        for (id, error) in &bad {
            self.demote(*id, error);
        }
        for frame in &finished.trailer.frames {
            for object in &frame.objects {
                self.in_sealing.remove(&object.id);
            }
        }
        if good.is_empty() {
            self.broken = Some("no volume could finish a pack".to_owned());
            return Err(self.no_writer(&self.members()));
        }
        if !bad.is_empty() && kind == PackKind::Data {
            self.copy_sealed(finished.id, kind, &mut good);
        }
        let entry = PackEntry { id: finished.id, kind, space, len: Bytes(finished.len) };
        index_pack(&self.catalog, &self.members(), &entry, &finished.trailer, &good, PackState::Live)?;
        self.chain.recent.push(entry);
        Ok(())
    }

    /// Brings a sealed pack that lost a target back to its number of copies, where there is room.
    fn copy_sealed(&self, id: PackId, kind: PackKind, good: &mut Vec<VolumeId>) {
        let members = self.members();
        let facts: Vec<_> =
            members.facts(&[]).into_iter().filter(|f| !good.contains(&f.id)).collect();
        let missing = usize::from(self.chain.copies).saturating_sub(good.len());
        let need = Bytes(format::pack::SIZE_MAX);
        let missing = u8::try_from(missing).unwrap_or(u8::MAX);
        let Ok(more) = plan::placement::choose_targets(&facts, missing, need) else { return };
        for to in more.ids {
            if crate::copy::copy_pack(&members, id, kind, good, to).is_ok() {
                good.push(to);
            }
        }
    }

    /// Seals frames, syncs every open pack on every target and waits. Returns the least number of
    /// volumes that hold what was unsynced.
    pub(crate) fn sync_all(&mut self) -> Result<usize, VaultError> {
        self.whole()?;
        let mut least = usize::MAX;
        let touched: Vec<_> = self
            .open
            .iter()
            .filter(|(_, pack)| pack.unsynced || !pack.is_flushed())
            .map(|(key, _)| *key)
            .collect();
        {
            let members = self.members.read().expect("no code panics while it holds them");
            for pack in self.open.values_mut() {
                pack.flush(&mut self.codecs, &members)?;
            }
        }
        self.take_refusals()?;
        while self.sync_round()? {}
        for key in touched {
            least = least.min(self.open.get(&key).map_or(0, |pack| pack.targets.len()));
        }
        self.settle()?;
        Ok(least)
    }

    /// Syncs what is unsynced once. True when a volume failed and its part moved elsewhere, so that
    /// another round is due.
    fn sync_round(&mut self) -> Result<bool, VaultError> {
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
            self.refill_open(key)?;
        }
        Ok(again)
    }

    /// Makes everything stored so far durable, then records `ops`, then applies them.
    ///
    /// When this returns, the operations survive a power cut as long as one of the volumes counted
    /// in the receipt does.
    pub(crate) fn commit(&mut self, ops: Vec<Op>) -> Result<Receipt, VaultError> {
        let children = self.sync_all()?;
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

    /// Writes a commit record's bytes, syncs them and steps the chain.
    pub(crate) fn append_commit(&mut self, cbor: &[u8]) -> Result<usize, VaultError> {
        self.ensure_open(SpaceId::SYSTEM, PackKind::Meta, cbor.len())?;
        {
            let members = self.members.read().expect("no code panics while it holds them");
            let pack = self.open.get_mut(&(SpaceId::SYSTEM, PackKind::Meta)).expect("just opened");
            pack.commit(cbor, &mut self.codecs, &members)?;
        }
        self.take_refusals()?;
        let copies = match self.sync_all() {
            Ok(copies) => copies,
            Err(error) => {
                self.broken.get_or_insert_with(|| "a commit could not be made durable".to_owned());
                return Err(error);
            }
        };
        self.chain.commit_seq += 1;
        self.chain.commit_hash = *blake3::hash(cbor).as_bytes();
        self.head_due = true;
        Ok(copies)
    }

    fn receipt(&self, copies: usize) -> Receipt {
        let copies = u8::try_from(copies).unwrap_or(u8::MAX);
        Receipt { copies: copies.min(self.chain.copies), wanted: self.chain.copies }
    }

    /// A head when the last is old enough.
    pub(crate) fn head_if_due(&mut self) -> Result<(), VaultError> {
        let age = self.env.clock.uptime().0.saturating_sub(self.last_head.0);
        if self.head_due && age >= HEAD_EVERY.0 {
            self.write_head()?;
        }
        Ok(())
    }

    /// Stores the state and writes a head that names it, on every volume.
    pub(crate) fn write_head(&mut self) -> Result<(), VaultError> {
        let state = self.store_state()?;
        self.sync_all()?;
        self.publish_head(state)
    }

    fn store_state(&mut self) -> Result<ObjectId, VaultError> {
        self.settle()?;
        if self.chain.recent.len() + self.chain.gone.len() > RECENT_MAX {
            self.fold_pack_list()?;
        }
        let state = self.state.clone();
        let mut system: Vec<ObjectId> = self.chain.packs.shards.iter().flatten().copied().collect();
        let record = state.store(self.chain.packs.clone(), &mut |cbor| {
            let id = self.put_system(&cbor)?;
            system.push(id);
            Ok(id)
        })?;
        let id = self.put_system(&to_cbor(&record))?;
        system.push(id);
        self.system = system;
        Ok(id)
    }

    /// Stores the list of all packs anew, so that the head need not carry the recent ones.
    fn fold_pack_list(&mut self) -> Result<(), VaultError> {
        let mut all = Vec::new();
        self.catalog.visit_packs(|_, info, _| all.extend(entry_of(info)))?;
        all.sort_by_key(|entry: &PackEntry| entry.id);
        let bits = (all.len() / SHARD_PACKS + 1).next_power_of_two().trailing_zeros().min(16);
        let mut shards = Vec::new();
        for shard in 0..1_usize << bits {
            let mine: Vec<_> =
                all.iter().filter(|entry| shard_of(&entry.id, bits) == shard).copied().collect();
            let stored = (!mine.is_empty())
                .then(|| self.put_system(&to_cbor(&PackShard { packs: mine })))
                .transpose()?;
            shards.push(stored);
        }
        self.chain.packs =
            PackList { bits: u8::try_from(bits).expect("16 at most"), shards };
        self.chain.recent.clear();
        self.chain.gone.clear();
        Ok(())
    }

    fn publish_head(&mut self, state: ObjectId) -> Result<(), VaultError> {
        let members = self.members.read().expect("no code panics while it holds the members");
        let payload = HeadPayload {
            commit_seq: self.chain.commit_seq,
            commit_hash: self.chain.commit_hash,
            state: Some(state),
            recent: self.chain.recent.clone(),
            gone: self.chain.gone.clone(),
            volumes: members.registered(),
            copies: self.chain.copies,
            retention_floor: self.chain.floor,
            time: self.env.clock.now(),
        };
        let seq = self.chain.head_seq + 1;
        let rng = &*self.env.rng;
        let envelope = seal::seal_head(&self.keys, seq, self.chain.head_hash, &payload, rng);
        let (bytes, hash) = (to_cbor(&envelope), envelope.hash());
        let mut failed = Vec::new();
        let mut written = 0;
        for member in members.attached.iter().filter(|member| member.takes_writes()) {
            match member.volume.write_head(seq, hash, &bytes) {
                Ok(()) => written += 1,
                Err(error) => failed.push((member.id(), error)),
            }
        }
        drop(members);
        for (id, error) in &failed {
            self.demote(*id, error);
        }
        if written == 0 {
            self.broken = Some("no volume took the head".to_owned());
            return Err(self.no_writer(&self.members()));
        }
        let mut members = self.members.write().expect("no code panics while it holds the members");
        members.registry = payload.volumes.iter().cloned().map(|entry| (entry.id, entry)).collect();
        drop(members);
        self.chain.head_seq = seq;
        self.chain.head_hash = hash;
        self.chain.last_time = payload.time;
        self.chain.state = Some(state);
        self.last_head = self.env.clock.uptime();
        self.head_due = false;
        Ok(())
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
        self.publish_head(state)
    }

    /// Where an object is that is not in the catalog yet.
    pub(crate) fn fresh(
        &mut self,
        space: SpaceId,
        kind: PackKind,
        id: &ChunkId,
    ) -> Result<Option<Fresh>, VaultError> {
        use crate::openpack::InPack;
        if self.in_sealing.contains_key(id) {
            self.settle()?;
            return Ok(None);
        }
        let Some(pack) = self.open.get(&(space, kind)) else { return Ok(None) };
        match pack.index.get(id) {
            None => Ok(None),
            Some(InPack::Gathering { from, len }) => {
                Ok(Some(Fresh::Bytes(pack.gathering(*from, *len).to_vec())))
            }
            Some(InPack::Framed(placed)) => {
                let placed = *placed;
                // The bytes may still be in a writer's queue: a sync drains it.
                while self.sync_round()? {}
                let Some(pack) = self.open.get(&(space, kind)) else { return Ok(None) };
                let (name, header, on) = (pack.name, pack.header.clone(), pack.targets.clone());
                Ok(Some(Fresh::InOpen { name, header, placed, on }))
            }
        }
    }

    /// Every object that the newest head's state is made of.
    pub(crate) fn system_objects(&self) -> Vec<ObjectId> {
        self.system.clone()
    }

    /// The state that was read at opening is made of these.
    pub(crate) fn set_system_objects(&mut self, ids: Vec<ObjectId>) {
        self.system = ids;
    }

    /// Takes a pack out of the vault's list after its last copy was unlinked.
    pub(crate) fn strike(&mut self, id: PackId) {
        self.chain.recent.retain(|entry| entry.id != id);
        self.chain.gone.push(id);
        self.state.tombstones.remove(&id);
        self.head_due = true;
    }
}

/// The shard of the pack list that holds `id`.
pub(crate) fn shard_of(id: &PackId, bits: u32) -> usize {
    let first = u32::from_le_bytes([id.0[1], id.0[0], 0, 0]);
    usize::try_from(first >> (16 - bits.min(16))).expect("16 bits fit")
}

/// A catalog row as the pack list has it; none when its kind is unknown here.
pub(crate) fn entry_of(info: &PackInfo) -> Option<PackEntry> {
    let kind = PackKind::from_code(info.kind)?;
    Some(PackEntry { id: info.id, kind, space: info.space, len: Bytes(info.len) })
}

/// Enters a sealed pack and its objects into the catalog.
pub(crate) fn index_pack(
    catalog: &Catalog,
    members: &Members,
    entry: &PackEntry,
    trailer: &format::pack::Trailer,
    on: &[VolumeId],
    state: PackState,
) -> Result<(), VaultError> {
    let mut rows = Vec::new();
    let mut raw_len = 0;
    for frame in &trailer.frames {
        let mut raw_offset = 0;
        for object in &frame.objects {
            rows.push(catalog::ChunkEntry {
                id: object.id,
                frame: u16::try_from(frame.number).expect("FRAMES_MAX fits two bytes"),
                frame_offset: frame.offset,
                raw_offset,
                len: object.len,
            });
            raw_offset += object.len;
        }
        raw_len += u64::from(raw_offset);
    }
    let mut batch = catalog.batch()?;
    let info = PackInfo {
        id: entry.id,
        kind: entry.kind.code(),
        space: entry.space,
        len: entry.len.0,
        raw_len,
        objects: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        state,
    };
    let no = batch.add_pack(info)?;
    if state == PackState::Live {
        batch.add_chunks(no, rows)?;
    } else {
        batch.add_chunks_if_absent(no, rows)?;
    }
    for id in on {
        if let Some(member) = members.get(*id) {
            batch.set_presence(no, member.slot, true)?;
        }
    }
    batch.commit(catalog::Durability::Relaxed)?;
    Ok(())
}

/// Writes what an open pack holds so far to one more volume.
fn copy_open(pack: &OpenPack, to: VolumeId, members: &Members) -> Result<(), VolumeError> {
    const STEP: usize = 1 << 20;
    let Some(writer) = members.get(to).and_then(|member| member.writer.as_ref()) else {
        return Ok(());
    };
    let mut last = None;
    for from in pack.targets.iter().filter_map(|id| members.get(*id)) {
        // The source may have bytes in its queue: drain it first.
        let drained = from.writer.as_ref().map(|writer| writer.sync(pack.name).wait());
        if let Some(Err(error)) = drained {
            last = Some(error);
            continue;
        }
        let reader = from.volume.read_open(pack.name)?;
        writer.open(pack.name).wait()?;
        let mut offset = 0;
        while offset < pack.len {
            let step = usize::try_from(pack.len - offset).unwrap_or(STEP).min(STEP);
            let mut bytes = vec![0; step];
            reader.read_exact_at(offset, &mut bytes)?;
            writer.append(pack.name, Arc::new(bytes))?;
            offset += step as u64;
        }
        return Ok(());
    }
    last.map_or(Ok(()), Err)
}

/// Folds a head's list of packs into one: the stored shards, the recent, less the gone.
pub(crate) fn list_packs(
    payload: &HeadPayload,
    list: &record::PackList,
    get: &mut dyn FnMut(&ObjectId) -> Result<Vec<u8>, VaultError>,
) -> Result<Vec<PackEntry>, VaultError> {
    let mut all = Vec::new();
    for shard in list.shards.iter().flatten() {
        let shard: PackShard = format::from_cbor("pack list", &get(shard)?)?;
        all.extend(shard.packs);
    }
    all.retain(|entry| !payload.gone.contains(&entry.id));
    all.extend(payload.recent.iter().copied());
    all.sort_by_key(|entry| entry.id);
    all.dedup_by_key(|entry| entry.id);
    Ok(all)
}
