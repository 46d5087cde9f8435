//! The friend's list against the records, daily and on each new line: whatever got lost between the
//! two is found here, and both end with the same figures.
//!
//! A page knows only what was so when it was asked for: what changed since is left for the next list.

use std::collections::BTreeMap;
use std::ops::Bound;

use types::PackId;

use super::Owner;
use super::asks::{What, later, pause};
use super::events::{AskId, LostWhy, OwnerAction, OwnerNews};
use super::push::kept;
use super::record::{Copy, CopyStage};
use crate::clock::Now;
use crate::limits;
use crate::wire::{Cursor, Kind, Listed, Listing, PackAsk, PackSay};

impl Owner {
    pub(super) fn fill_list(&mut self, now: Now) -> Vec<OwnerAction> {
        if now.uptime < self.list_from || self.open(|what| matches!(what, What::List { .. })) > 0 {
            return Vec::new();
        }
        vec![self.ask_page(now, None)]
    }

    fn ask_page(&mut self, now: Now, after: Option<PackId>) -> OwnerAction {
        let what = What::List { after, turn: self.turn };
        self.ask(now, what, PackAsk::List(Cursor { after }))
    }

    pub(super) fn said_to_list(
        &mut self,
        now: Now,
        ask: AskId,
        (after, turn): (Option<PackId>, u64),
        say: PackSay,
    ) -> Vec<OwnerAction> {
        let page = match say {
            PackSay::Listing(page) if is_page(&page, after) => page,
            PackSay::Refused(refused) => {
                self.asks.remove(&ask);
                self.list_from = later(now, pause(refused));
                return Vec::new();
            }
            _ => return self.nonsense(now, ask),
        };
        self.asks.remove(&ask);
        let last = page.items.items().last().map(|item| item.root);
        let mut done = self.compare((after, last.filter(|_| page.more)), turn, &page);
        if page.more {
            done.push(self.ask_page(now, last));
            return done;
        }
        self.list_from = later(now, limits::RECONCILE_EVERY);
        if self.asks.is_empty() && self.turn == turn && page.kept != self.held {
            let differ = OwnerNews::FiguresDiffer { ours: self.held, theirs: page.kept };
            done.push(OwnerAction::Tell(differ));
        }
        done
    }

    /// Everything after the first name, up to the second, or to the end.
    fn compare(
        &mut self,
        (after, last): (Option<PackId>, Option<PackId>),
        turn: u64,
        page: &Listing,
    ) -> Vec<OwnerAction> {
        // Heads are listed for whoever comes back; they are no packs and count nothing.
        let packs = page.items.items().iter().filter(|item| item.kind != Kind::Head);
        let listed: BTreeMap<PackId, Listed> = packs.map(|item| (item.root, *item)).collect();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let to = last.map_or(Bound::Unbounded, Bound::Included);
        let known: Vec<Copy> = self
            .copies
            .range((from, to))
            .map(|(_, copy)| *copy)
            .filter(|copy| copy.turn <= turn && copy.counts() && !self.is_busy(copy.root))
            .collect();
        let mut done = Vec::new();
        for copy in known.iter().filter(|copy| !listed.contains_key(&copy.root)) {
            done.extend(match copy.stage {
                CopyStage::Held => self.lost(copy.root, LostWhy::Missing),
                _ => self.gone(copy.root),
            });
        }
        for item in listed.into_values() {
            done.extend(self.found(turn, item));
        }
        done
    }

    /// A deletion was carried out. Should the pack be wanted again by now, it is a new one.
    fn gone(&mut self, root: PackId) -> Vec<OwnerAction> {
        let is_wanted = self.queue.contains(&root);
        let copy = self.copies.get(&root).copied();
        let done = self.forget(root);
        if let Some(copy) = copy.filter(|_| is_wanted) {
            self.put_copy(Copy { stage: CopyStage::Queued, ..copy });
        }
        done
    }

    fn found(&mut self, turn: u64, item: Listed) -> Vec<OwnerAction> {
        let root = item.root;
        let Some(copy) = self.copies.get(&root).copied() else {
            return self.adopt(item);
        };
        if copy.turn > turn || self.is_busy(root) {
            return Vec::new();
        }
        match (copy.stage, item.until) {
            // The friend would let go of something that is needed.
            (CopyStage::Held, Some(until)) => {
                // Marked as such, or who orders would take it for safe and drop it from the queue.
                let copy = self.set_stage(root, CopyStage::Doomed { until });
                if !self.queue.contains(&root) {
                    self.queue.push_front(root);
                }
                copy.map(kept).into_iter().collect()
            }
            (CopyStage::Queued, None) if copy.size == item.size => {
                self.queue.retain(|queued| *queued != root);
                self.hold(root)
            }
            (CopyStage::Doomed { until }, Some(told)) if until != told => {
                let copy = self.set_stage(root, CopyStage::Doomed { until: told });
                copy.map(kept).into_iter().collect()
            }
            // The friend never heard of it, or took it back.
            (CopyStage::Doomed { .. }, None) if !self.queue.contains(&root) => {
                self.to_delete.insert(root);
                let copy = self.set_stage(root, CopyStage::Deleting);
                copy.map(kept).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Something that is not in the records: an answer got lost, or this box lost its records. It
    /// counts, and whether it is needed is for others to say.
    fn adopt(&mut self, item: Listed) -> Vec<OwnerAction> {
        if item.size == 0 || item.size > limits::PACK_LEN_MAX {
            return Vec::new();
        }
        let stage = item.until.map_or(CopyStage::Held, |until| CopyStage::Doomed { until });
        let copy = Copy { root: item.root, size: item.size, kind: item.kind, stage, turn: 0 };
        // More than was agreed is taken too: a disk that came back late may hold the last copy. What it
        // claims keeps the friend from being sent more, and nobody else.
        if self.held.packs >= limits::PACKS_MAX {
            return Vec::new();
        }
        self.put_copy(copy);
        vec![kept(copy), OwnerAction::Tell(OwnerNews::Found(item))]
    }
}

/// Whether it goes on where the last one ended, and ends when it should.
fn is_page(page: &Listing, after: Option<PackId>) -> bool {
    let items = page.items.items();
    let follows = items.first().is_none_or(|first| after.is_none_or(|after| first.root > after));
    follows && (!page.more || !items.is_empty())
}
