//! Packs out, and packs that need not be there any more.
//!
//! A pack that is wanted again while its deletion waits is offered like a new one: the friend's
//! "have" takes the deletion back. Nothing about one pack is ever on two streams.

use std::collections::{BTreeSet, VecDeque};

use types::{Millis, PackId};

use super::Owner;
use super::asks::{What, later, pause};
use super::events::{AskId, Item, LostWhy, OwnerAction, OwnerNews};
use super::record::{Copy, CopyRecord, CopyStage};
use crate::clock::Now;
use crate::limits::{self, charge};
use crate::pact::Keeping;
use crate::wire::{PackAsk, PackSay, Put, Refused, Why, are_parts};

impl Owner {
    pub(super) fn want(&mut self, items: Vec<Item>) {
        for root in std::mem::take(&mut self.queue) {
            match self.copies.get(&root).map(|copy| copy.stage) {
                Some(CopyStage::Queued) => drop(self.take_copy(root)),
                // It was to go before it was wanted, and is not wanted any more.
                Some(CopyStage::Deleting) => drop(self.to_delete.insert(root)),
                _ => {}
            }
        }
        let mut taken = BTreeSet::new();
        for Item { root, size, kind } in items.into_iter().take(limits::QUEUE_MAX) {
            match self.copies.get(&root).map(|copy| copy.stage) {
                Some(CopyStage::Held | CopyStage::Sending | CopyStage::Queued) => continue,
                // The friend may or may not have heard of it: a new offer makes sure.
                Some(CopyStage::Deleting) => drop(self.to_delete.remove(&root)),
                Some(CopyStage::Doomed { .. } | CopyStage::Suspect) => {}
                None => {
                    let stage = CopyStage::Queued;
                    self.put_copy(Copy { root, size, kind, stage, turn: 0 });
                }
            }
            if taken.insert(root) {
                self.queue.push_back(root);
            }
        }
    }

    pub(super) fn unwant(&mut self, roots: Vec<PackId>) -> Vec<OwnerAction> {
        let mut done = Vec::new();
        for root in roots {
            self.queue.retain(|queued| *queued != root);
            match self.copies.get(&root).map(|copy| copy.stage) {
                Some(CopyStage::Held) => {
                    done.extend(self.set_stage(root, CopyStage::Deleting).map(kept));
                    self.to_delete.insert(root);
                }
                Some(CopyStage::Sending) => {
                    let ask = self.asks.iter().find_map(|(ask, open)| match &open.what {
                        What::Put { put, .. } if put.root == root => Some(*ask),
                        _ => None,
                    });
                    if let Some(ask) = ask {
                        self.asks.remove(&ask);
                        done.push(OwnerAction::Cancel(ask));
                    }
                    self.take_copy(root);
                }
                Some(CopyStage::Queued) => drop(self.take_copy(root)),
                Some(CopyStage::Suspect) => done.extend(self.forget(root)),
                Some(CopyStage::Deleting) => drop(self.to_delete.insert(root)),
                Some(CopyStage::Doomed { .. }) | None => {}
            }
        }
        done
    }

    pub(super) fn fill_pushes(&mut self, now: Now, keeping: &Keeping) -> Vec<OwnerAction> {
        let mut done = Vec::new();
        if !keeping.schedule.allows(now.wall) {
            return done;
        }
        let is_put = |what: &What| matches!(what, What::Put { .. });
        let mut skipped = VecDeque::new();
        while now.uptime >= self.push_from && self.open(is_put) < limits::PUSHES_MAX {
            let Some(root) = self.queue.pop_front() else { break };
            let Some(copy) = self.copies.get(&root).copied() else { continue };
            if self.is_busy(root) {
                skipped.push_back(root);
                continue;
            }
            let left = keeping.bytes.saturating_sub(self.used());
            if !copy.counts() && charge(copy.size) > left {
                self.queue.push_front(root);
                if !std::mem::replace(&mut self.told_full, true) {
                    let full = Why::OverQuota.with(left.0);
                    done.push(OwnerAction::Tell(OwnerNews::Stalled(full)));
                }
                break;
            }
            if !copy.counts() {
                self.set_stage(root, CopyStage::Sending);
            }
            self.told_full = false;
            let suspect = copy.stage == CopyStage::Suspect;
            let put = Put { root, size: copy.size, kind: copy.kind };
            done.push(self.ask(now, What::Put { put, sent: false, suspect }, PackAsk::Put(put)));
        }
        for root in skipped.into_iter().rev() {
            self.queue.push_front(root);
        }
        done
    }

    pub(super) fn fill_deletions(&mut self, now: Now) -> Vec<OwnerAction> {
        let mut done = Vec::new();
        // Who does not know what it needs must not say what may go.
        let is_unclear = self.doubt.is_some() || self.unjudged.is_some() || self.blind;
        if self.went_back || is_unclear || now.uptime < self.delete_from {
            return done;
        }
        let is_delete = |what: &What| matches!(what, What::Delete(_));
        while self.open(is_delete) < limits::DELETIONS_MAX {
            let free = self.to_delete.iter().find(|root| !self.is_busy(**root)).copied();
            let Some(root) = free else { break };
            self.to_delete.remove(&root);
            if self.copies.get(&root).is_none_or(|copy| copy.stage != CopyStage::Deleting) {
                continue;
            }
            done.push(self.ask(now, What::Delete(root), PackAsk::Delete(root)));
        }
        done
    }

    /// Back into the queue, where it came from.
    pub(super) fn put_back(&mut self, root: PackId, suspect: bool) {
        let Some(copy) = self.copies.get(&root) else { return };
        if copy.stage == CopyStage::Sending {
            let stage = if suspect { CopyStage::Suspect } else { CopyStage::Queued };
            self.set_stage(root, stage);
        }
        self.queue.push_front(root);
    }

    pub(super) fn said_to_put(
        &mut self,
        now: Now,
        ask: AskId,
        (put, sent, suspect): (Put, bool, bool),
        say: PackSay,
    ) -> Vec<OwnerAction> {
        let root = put.root;
        match say {
            PackSay::Accept(missing) if !sent && are_parts(missing.items(), put.size) => {
                if let Some(open) = self.asks.get_mut(&ask) {
                    open.what = What::Put { put, sent: true, suspect };
                }
                vec![OwnerAction::Send { ask, root, missing }]
            }
            PackSay::Have if !sent => {
                self.asks.remove(&ask);
                if suspect {
                    // It showed wrong bytes, and still says that it has the right ones.
                    return self.lost(root, LostWhy::Mismatch);
                }
                self.hold(root)
            }
            PackSay::Ack(ack) if sent && ack.root == root => {
                self.asks.remove(&ask);
                self.hold(root)
            }
            PackSay::Refused(refused) => {
                self.asks.remove(&ask);
                self.put_refused(now, root, suspect, refused)
            }
            _ => self.nonsense(now, ask),
        }
    }

    /// From here on it counts.
    pub(super) fn hold(&mut self, root: PackId) -> Vec<OwnerAction> {
        let held = self.set_stage(root, CopyStage::Held);
        self.told_stalled = false;
        held.map_or_else(Vec::new, |copy| {
            vec![kept(copy), OwnerAction::Tell(OwnerNews::Held(root))]
        })
    }

    fn put_refused(
        &mut self,
        now: Now,
        root: PackId,
        suspect: bool,
        refused: Refused,
    ) -> Vec<OwnerAction> {
        match refused.why {
            Why::Size | Why::Malformed | Why::NotUnderstood | Why::Away => {
                let counted = self.copies.get(&root).is_some_and(Copy::counts);
                if !counted {
                    self.take_copy(root);
                }
                vec![OwnerAction::Tell(OwnerNews::NotTaken { root, refused })]
            }
            why => {
                self.put_back(root, suspect);
                self.push_from = later(now, pause(refused));
                let passes = matches!(why, Why::Busy | Why::Failed);
                if passes { Vec::new() } else { self.stalled(refused) }
            }
        }
    }

    /// Told once, until something is taken again.
    fn stalled(&mut self, refused: Refused) -> Vec<OwnerAction> {
        if std::mem::replace(&mut self.told_stalled, true) {
            return Vec::new();
        }
        vec![OwnerAction::Tell(OwnerNews::Stalled(refused))]
    }

    pub(super) fn said_to_delete(
        &mut self,
        now: Now,
        ask: AskId,
        root: PackId,
        say: PackSay,
    ) -> Vec<OwnerAction> {
        match say {
            PackSay::Marked(until) => {
                self.asks.remove(&ask);
                let doomed = self.set_stage(root, CopyStage::Doomed { until });
                doomed.map(kept).into_iter().collect()
            }
            PackSay::Missing => {
                self.asks.remove(&ask);
                self.queue.retain(|queued| *queued != root);
                self.forget(root)
            }
            PackSay::Refused(refused) => {
                self.asks.remove(&ask);
                self.to_delete.insert(root);
                self.delete_from = later(now, pause(refused));
                Vec::new()
            }
            _ => self.nonsense(now, ask),
        }
    }

    pub(super) fn forget(&mut self, root: PackId) -> Vec<OwnerAction> {
        let gone = self.take_copy(root);
        gone.map_or_else(Vec::new, |_| vec![OwnerAction::Keep(CopyRecord::Forget(root))])
    }

    /// A copy that was believed is no more.
    pub(super) fn lost(&mut self, root: PackId, why: LostWhy) -> Vec<OwnerAction> {
        self.to_delete.remove(&root);
        let mut done = match why {
            LostWhy::Mismatch => {
                self.set_stage(root, CopyStage::Suspect).map(kept).into_iter().collect()
            }
            LostWhy::Missing | LostWhy::Stopped => self.forget(root),
        };
        self.queue.retain(|queued| *queued != root);
        done.push(OwnerAction::Tell(OwnerNews::Lost { root, why }));
        done
    }

    /// When the next push may begin, for a driver that sleeps.
    pub fn push_from(&self) -> Millis {
        self.push_from
    }
}

pub(super) fn kept(copy: Copy) -> OwnerAction {
    OwnerAction::Keep(CopyRecord::Copy(copy))
}
