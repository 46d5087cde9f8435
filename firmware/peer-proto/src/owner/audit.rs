//! Proofs: a mismatch or "missing" marks a copy lost, silence never does.

use types::PackId;

use super::asks::What;
use super::events::{AskId, LostWhy, Outcome, OwnerAction, Verdict};
use super::record::{Copy, CopyStage};
use super::{Owner, audited};
use crate::clock::Now;
use crate::limits;
use crate::wire::{Audit, PackAsk, PackSay, are_parts};

impl Owner {
    pub(super) fn audit(&mut self, audit: Audit) -> Vec<OwnerAction> {
        let copy = self.copies.get(&audit.root);
        let is_fit = copy
            .is_some_and(|copy| copy.counts() && are_parts(audit.ranges.items(), copy.size))
            && !audit.ranges.items().is_empty();
        if !is_fit || self.to_audit.len() >= limits::AUDITS_WAIT_MAX {
            return vec![audited(audit.root, Outcome::NotAnswered)];
        }
        self.to_audit.push_back(audit);
        Vec::new()
    }

    pub(super) fn fill_audits(&mut self, now: Now) -> Vec<OwnerAction> {
        let is_audit = |what: &What| matches!(what, What::Audit { .. });
        let mut done = Vec::new();
        while self.open(is_audit) < limits::AUDITS_MAX {
            let Some(audit) = self.to_audit.pop_front() else { break };
            if !self.copies.get(&audit.root).is_some_and(Copy::counts) {
                done.push(audited(audit.root, Outcome::NotAnswered));
                continue;
            }
            let what = What::Audit { audit: audit.clone(), answered: false };
            done.push(self.ask(now, what, PackAsk::Audit(audit)));
        }
        done
    }

    pub(super) fn said_to_audit(
        &mut self,
        ask: AskId,
        audit: &Audit,
        say: PackSay,
    ) -> Vec<OwnerAction> {
        let root = audit.root;
        match say {
            PackSay::Proof(proof) => {
                let size = self.copies.get(&root).map_or(0, |copy| copy.size);
                if proof.nonce != audit.nonce || proof.size != size {
                    self.asks.remove(&ask);
                    let mut done = vec![OwnerAction::Cancel(ask)];
                    done.extend(self.failed(root, LostWhy::Mismatch, Outcome::Mismatch));
                    return done;
                }
                if let Some(open) = self.asks.get_mut(&ask) {
                    open.what = What::Audit { audit: audit.clone(), answered: true };
                }
                vec![OwnerAction::Verify { ask, root, size, ranges: audit.ranges.clone() }]
            }
            PackSay::Missing => {
                self.asks.remove(&ask);
                self.failed(root, LostWhy::Missing, Outcome::Missing)
            }
            PackSay::Refused(refused) => {
                self.asks.remove(&ask);
                vec![audited(root, Outcome::Refused(refused))]
            }
            _ => {
                self.asks.remove(&ask);
                vec![OwnerAction::Cancel(ask), audited(root, Outcome::NotAnswered)]
            }
        }
    }

    pub(super) fn verified(&mut self, now: Now, ask: AskId, verdict: Verdict) -> Vec<OwnerAction> {
        let root = match self.asks.get(&ask).map(|open| &open.what) {
            Some(What::Audit { audit, answered: true }) => audit.root,
            _ => return Vec::new(),
        };
        match verdict {
            Verdict::Short => self.broken(now, ask),
            Verdict::Matches => {
                self.asks.remove(&ask);
                vec![audited(root, Outcome::Passed)]
            }
            Verdict::Mismatch => {
                self.asks.remove(&ask);
                self.failed(root, LostWhy::Mismatch, Outcome::Mismatch)
            }
        }
    }

    fn failed(&mut self, root: PackId, why: LostWhy, outcome: Outcome) -> Vec<OwnerAction> {
        let mut done = vec![audited(root, outcome)];
        match self.copies.get(&root).map(|copy| copy.stage) {
            // It was to go, and has gone: a list says whether that was in order.
            Some(CopyStage::Deleting | CopyStage::Doomed { .. }) => done.extend(self.forget(root)),
            Some(CopyStage::Held) => done.extend(self.lost(root, why)),
            Some(CopyStage::Queued | CopyStage::Sending | CopyStage::Suspect) | None => {}
        }
        done
    }
}
