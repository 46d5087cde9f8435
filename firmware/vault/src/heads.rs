//! Heads: storing the state and the list of packs, and publishing the record that names them.
//!
//! A head is written when everything it refers to is durable, on every volume that takes writes.
//! Start at [`Writer::write_head`].

use std::sync::Arc;

use format::head::HeadPayload;
use format::pack::PackKind;
use format::record::{PackEntry, PackList, PackShard};
use format::to_cbor;
use types::{Millis, ObjectId, PackId, SpaceId};

use crate::error::VaultError;
use crate::index::entry_of;
use crate::members::Member;
use crate::writer::Writer;

/// The head carries this many newer packs by itself before the pack list is stored anew: about
/// 20 KiB of head against a megabyte of lists.
const RECENT_MAX: usize = 256;
/// Packs per shard of the stored list, at most twice this.
const SHARD_PACKS: usize = 1024;
/// A head is due this long after the last, when anything was committed.
pub(crate) const HEAD_EVERY: Millis = Millis::from_secs(60);
/// Heads that stay on a volume: friends accept only a chain from the last head they saw, and a
/// friend may be away for months. About 8 MiB.
const HEADS_KEPT: usize = 4_096;
/// How often the oldest are looked for.
const HEADS_PRUNED_EVERY: u64 = 64;

impl Writer {
    /// Takes a pack out of the vault's list after its last copy was unlinked.
    pub(crate) fn strike(&mut self, id: PackId) {
        self.chain.recent.retain(|entry| entry.id != id);
        self.chain.gone.push(id);
        self.state.tombstones.remove(&id);
        self.head_due = true;
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

    /// Stores the state where the head goes: a volume with a head whose state only another one has
    /// cannot be opened alone, and that other one may be failing.
    pub(crate) fn store_state(&mut self) -> Result<ObjectId, VaultError> {
        self.settle()?;
        self.head_goes_to = self.takers_of_state();
        let stored = self.store_state_there();
        self.head_goes_to = None;
        stored
    }

    fn takers_of_state(&self) -> Option<u64> {
        let targets = self.choose_targets(SpaceId::SYSTEM, PackKind::Meta).ok()?;
        let members = self.members();
        let slots = targets.iter().filter_map(|id| members.get(*id)).map(|m| m.slot.bit());
        Some(slots.fold(0, |all, slot| all | slot))
    }

    fn store_state_there(&mut self) -> Result<ObjectId, VaultError> {
        let shards: Vec<ObjectId> = self.chain.packs.shards.iter().flatten().copied().collect();
        for shard in &shards {
            if !self.knows(SpaceId::SYSTEM, PackKind::Meta, shard)? {
                self.fold_pack_list()?;
                break;
            }
        }
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

    /// Every object that the newest head's state is made of.
    pub(crate) fn system_objects(&self) -> Vec<ObjectId> {
        self.system.clone()
    }

    /// The state that was read at opening is made of these.
    pub(crate) fn set_system_objects(&mut self, ids: Vec<ObjectId>) {
        self.system = ids;
    }

    /// Stores the list of all packs anew, so that the head need not carry the recent ones. A pack may be
    /// finished while that is done, when a disk fails: the head carries it then.
    fn fold_pack_list(&mut self) -> Result<(), VaultError> {
        let recent = std::mem::take(&mut self.chain.recent);
        let gone = std::mem::take(&mut self.chain.gone);
        match self.store_pack_list() {
            Ok(list) => self.chain.packs = list,
            Err(error) => {
                self.chain.recent.splice(0..0, recent);
                self.chain.gone.splice(0..0, gone);
                return Err(error);
            }
        }
        Ok(())
    }

    fn store_pack_list(&mut self) -> Result<PackList, VaultError> {
        let mut all = Vec::new();
        self.catalog.visit_packs(|_, info, _| all.extend(entry_of(info)))?;
        all.sort_by_key(|entry: &PackEntry| entry.id);
        let bits = (all.len() / SHARD_PACKS + 1).next_power_of_two().trailing_zeros().min(16);
        // Sorted by id, the packs of one shard stand side by side.
        let mut shards = vec![None; 1 << bits];
        for mine in all.chunk_by(|a, b| shard_of(&a.id, bits) == shard_of(&b.id, bits)) {
            let shard = to_cbor(&PackShard { packs: mine.to_vec() });
            shards[shard_of(&mine[0].id, bits)] = Some(self.put_system(&shard)?);
        }
        Ok(PackList { bits: u8::try_from(bits).expect("16 at most"), shards })
    }

    /// Writes the head wherever something can be written, also on a disk that has no room for a piece of the
    /// state (less than [`FRUGAL_ROOM`](crate::writer::FRUGAL_ROOM)) and so lacks it until it has. Withheld, such
    /// a disk would go on alone from a head whose packs may be pruned, or keep a full vault from pruning at
    /// all; with it, it only cannot be opened alone, and the next state that it has room for mends that.
    pub(crate) fn publish_head(&mut self, state: ObjectId) -> Result<(), VaultError> {
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
            keep: self.chain.keep,
            recovery: self.chain.recovery,
        };
        let seq = self.chain.head_seq + 1;
        let rng = &*self.env.rng;
        let envelope = seal::seal_head(&self.keys.ring(), seq, self.chain.head_hash, &payload, rng);
        let (bytes, hash) = (to_cbor(&envelope), envelope.hash());
        let bytes = Arc::new(bytes);
        let mut tickets = Vec::new();
        for member in members.attached.iter().filter(|member| member.takes_writes()) {
            let Some(writer) = &member.writer else { continue };
            let bytes = Arc::clone(&bytes);
            let ticket = writer.run(move |volume| {
                volume.write_head(seq, hash, &bytes)?;
                // Now and then the oldest go: a folder of a million files is slow everywhere.
                if seq.is_multiple_of(HEADS_PRUNED_EVERY) {
                    volume.prune_heads(HEADS_KEPT)?;
                }
                Ok(())
            });
            tickets.push((member.id(), member.leaving, ticket));
        }
        drop(members);
        let (mut failed, mut told) = (Vec::new(), Vec::new());
        let mut written = 0;
        for (id, leaving, ticket) in tickets {
            match ticket.wait() {
                Ok(()) => {
                    written += usize::from(!leaving);
                    told.push(id);
                }
                Err(error) => failed.push((id, error)),
            }
        }
        for (id, error) in &failed {
            self.demote(*id, error);
        }
        if written == 0 {
            return Err(self.no_more("no volume took the head"));
        }
        let mut members = self.members.write().expect("no code panics while it holds the members");
        members.registry = payload.volumes.iter().cloned().map(|entry| (entry.id, entry)).collect();
        let told = |member: &&mut Member| told.contains(&member.id());
        members.attached.iter_mut().filter(told).for_each(|member| member.apart = false);
        drop(members);
        self.chain.head_seq = seq;
        self.chain.head_hash = hash;
        self.chain.head = bytes;
        self.chain.last_time = payload.time;
        self.chain.state = Some(state);
        self.last_head = self.env.clock.uptime();
        self.head_due = false;
        Ok(())
    }
}

/// The shard of the pack list that holds `id`.
pub(crate) fn shard_of(id: &PackId, bits: u32) -> usize {
    let first = u32::from_le_bytes([id.0[1], id.0[0], 0, 0]);
    usize::try_from(first >> (16 - bits.min(16))).expect("16 bits fit")
}
