//! The facts that pruning is decided from, and what keeps it from being decided.
//!
//! Reads only. Start at `plan_prune`.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog::{PackInfo, PackNo, PackState};
use format::pack::PackKind;
use plan::gc::{Blockers, Collector, GcAction, GcFacts, GcPack};
use types::{Bytes, Millis, PackId, SpaceId, UnixTime, VolumeId};

use super::{NOTE_UNCHECKED, OWN_DUST_MAX, PruneOptions};
use crate::Vault;
use crate::error::VaultError;

/// Packs that wait for their end.
#[derive(Debug)]
pub(super) struct Waiting {
    tombstones: BTreeMap<PackId, UnixTime>,
    in_trash: HashMap<PackId, Vec<VolumeId>>,
}

impl Waiting {
    /// A pack of which so much is needed, as the decision wants it; none for one that is not here: it can be
    /// neither rewritten nor removed.
    pub(super) fn pack(
        &self,
        no: PackNo,
        info: &PackInfo,
        raw_live: u64,
        grace: Millis,
    ) -> Option<GcPack> {
        let kind = PackKind::from_code(info.kind)?;
        if info.state == PackState::Missing {
            return None;
        }
        let tombstone = self.tombstones.get(&info.id).copied();
        Some(GcPack {
            no: no.0,
            kind: match kind {
                PackKind::Data => plan::PackKind::Data,
                PackKind::Meta | PackKind::Index => plan::PackKind::Meta,
            },
            space: info.space,
            len: Bytes(info.len),
            raw_total: info.raw_len,
            raw_live,
            sealed_since_mark: false,
            touched_since_mark: false,
            tombstone,
            in_trash_since: tombstone
                .filter(|_| self.in_trash.contains_key(&info.id))
                .map(|since| since.plus(grace)),
        })
    }
}

impl Vault {
    pub(super) fn plan_prune(&self, options: PruneOptions) -> Result<Vec<GcAction>, VaultError> {
        let mark = self.mark()?;
        let facts = self.gc_facts(options, self.blockers(&mark.missing)?);
        let waiting = self.waiting()?;
        let mut collector = Collector::new(&facts)?;
        let mut total = 0;
        self.catalog.visit_packs(|no, info, _| {
            total += info.len;
            if let Some(pack) = waiting.pack(no, info, mark.live_in(no), facts.grace) {
                collector.add(&pack);
            }
        })?;
        let mut actions = collector.finish(Bytes(total))?;
        if self.is_own_dust(&actions)? {
            actions.clear();
        }
        Ok(actions)
    }

    /// What a decision rests on, but for the packs.
    pub(super) fn gc_facts(&self, options: PruneOptions, blockers: Blockers) -> GcFacts {
        let (grace, trash) = match options.grace {
            Some(grace) => (grace, Millis(0)),
            None => (plan::gc::GRACE, plan::gc::TRASH),
        };
        GcFacts {
            packs: Vec::new(),
            now: self.env.clock.now(),
            grace,
            trash,
            vault_total: Bytes(0),
            blockers,
            max_share_percent: if options.allow_large { 100 } else { plan::gc::MAX_SHARE_PERCENT },
        }
    }

    /// What waits for its end already.
    pub(super) fn waiting(&self) -> Result<Waiting, VaultError> {
        let tombstones = self.writer().state.tombstones.clone();
        Ok(Waiting { tombstones, in_trash: self.in_trash()? })
    }

    /// Whether all there is to do is to clear away what earlier heads left behind, and little of
    /// it. Doing so writes a new head, which leaves as much behind again: it can wait for company.
    fn is_own_dust(&self, actions: &[GcAction]) -> Result<bool, VaultError> {
        let mut bytes = 0;
        // Without a grace, a pack is marked and removed in one run; what was marked before is due.
        let now_marked: HashSet<u32> = actions
            .iter()
            .filter_map(|action| match action {
                GcAction::Tombstone(no) => Some(*no),
                _ => None,
            })
            .collect();
        for action in actions {
            let packs = match action {
                GcAction::Tombstone(no) | GcAction::Rewrite(no) => std::slice::from_ref(no),
                GcAction::Merge(group) => group.as_slice(),
                GcAction::Trash(no) | GcAction::Unlink(no) if now_marked.contains(no) => continue,
                GcAction::Revive(_) | GcAction::Trash(_) | GcAction::Unlink(_) => return Ok(false),
            };
            for no in packs {
                match self.catalog.pack(PackNo(*no))? {
                    Some(info) if info.space == SpaceId::SYSTEM => bytes += info.len,
                    _ => return Ok(false),
                }
            }
        }
        Ok(bytes < OWN_DUST_MAX.0)
    }

    pub(super) fn blockers(&self, missing: &[PackId]) -> Result<Blockers, VaultError> {
        let unchecked = self.catalog.note(NOTE_UNCHECKED)?.is_some_and(|note| !note.is_empty());
        let last = self.writer().chain.last_time;
        Ok(Blockers {
            missing_packs: missing.to_vec(),
            absent_volumes: self.members().absent().iter().map(VolumeId::short).collect(),
            behind_volumes: self.members().behind(),
            catalog_unchecked: unchecked,
            // Forwards, a box that was off cannot be told from a clock that jumped.
            clock_jump: last.since(self.env.clock.now()),
        })
    }

    pub(super) fn in_trash(&self) -> Result<HashMap<PackId, Vec<VolumeId>>, VaultError> {
        let mut all: HashMap<PackId, Vec<VolumeId>> = HashMap::new();
        for member in self.members().attached.iter().filter(|m| m.failed.is_none()) {
            for trashed in member.volume.list_trash()? {
                if !trashed.damaged {
                    all.entry(trashed.id).or_default().push(member.id());
                }
            }
        }
        Ok(all)
    }
}
