//! The facts that pruning is decided from, and what keeps it from being decided.
//!
//! Reads only. Start at `plan_prune`.

use std::collections::{HashMap, HashSet};

use catalog::{PackNo, PackState};
use format::pack::PackKind;
use plan::gc::{Blockers, Collector, GcAction, GcFacts, GcPack};
use types::{Bytes, Millis, PackId, SpaceId, UnixTime, VolumeId};

use super::{NOTE_UNCHECKED, OWN_DUST_MAX, PruneOptions};
use crate::Vault;
use crate::error::VaultError;
use crate::mark::Mark;

impl Vault {
    pub(super) fn plan_prune(&self, options: PruneOptions) -> Result<Vec<GcAction>, VaultError> {
        let mark = self.mark()?;
        let now = self.env.clock.now();
        let (grace, trash) = match options.grace {
            Some(grace) => (grace, Millis(0)),
            None => (plan::gc::GRACE, plan::gc::TRASH),
        };
        let tombstones = self.writer().state.tombstones.clone();
        let in_trash = self.in_trash()?;
        let facts = GcFacts {
            packs: Vec::new(),
            now,
            grace,
            trash,
            vault_total: Bytes(0),
            blockers: self.blockers(&mark, now)?,
            max_share_percent: if options.allow_large { 100 } else { plan::gc::MAX_SHARE_PERCENT },
        };
        let mut collector = Collector::new(&facts)?;
        let mut total = 0;
        self.catalog.visit_packs(|no, info, _| {
            total += info.len;
            let Some(kind) = PackKind::from_code(info.kind) else { return };
            // A pack that is not here can be neither rewritten nor removed.
            if info.state == PackState::Missing {
                return;
            }
            let tombstone = tombstones.get(&info.id).copied();
            collector.add(&GcPack {
                no: no.0,
                kind: match kind {
                    PackKind::Data => plan::PackKind::Data,
                    PackKind::Meta | PackKind::Index => plan::PackKind::Meta,
                },
                space: info.space,
                len: Bytes(info.len),
                raw_total: info.raw_len,
                raw_live: mark.live_in(no),
                sealed_since_mark: false,
                touched_since_mark: false,
                tombstone,
                in_trash_since: tombstone
                    .filter(|_| in_trash.contains_key(&info.id))
                    .map(|since| since.plus(grace)),
            });
        })?;
        let mut actions = collector.finish(Bytes(total))?;
        if self.is_own_dust(&actions)? {
            actions.clear();
        }
        Ok(actions)
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

    fn blockers(&self, mark: &Mark<'_>, now: UnixTime) -> Result<Blockers, VaultError> {
        let unchecked = self.catalog.note(NOTE_UNCHECKED)?.is_some_and(|note| !note.is_empty());
        let last = self.writer().chain.last_time;
        Ok(Blockers {
            missing_packs: mark.missing.clone(),
            absent_volumes: self.members().absent().iter().map(VolumeId::short).collect(),
            behind_volumes: self.members().behind(),
            catalog_unchecked: unchecked,
            // Forwards, a box that was off cannot be told from a clock that jumped.
            clock_jump: last.since(now),
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
