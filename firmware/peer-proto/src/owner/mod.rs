//! What one friend keeps for this box: what to send, what to believe, and what is lost.
//!
//! A copy counts when the friend said that it is durable, and no longer than audits and lists bear it
//! out: "missing" or a mismatch marks it lost, no answer never does. Which packs, and in which order,
//! is decided in `plan` and told here. The records hold after a crash; what was on its way is asked
//! for again and resumed. Start at [`Owner::step`].

mod asks;
mod audit;
mod events;
mod heads;
mod list;
mod push;
mod record;

pub use events::{
    AskId, Item, LostWhy, Outcome, OwnHead, OwnerAction, OwnerEvent, OwnerNews, Verdict,
};
pub use record::{Copy, CopyRecord, CopyStage};

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use asks::{Open, What};
use heads::Doubt;

use types::{Millis, PackId};

use crate::clock::Now;
use crate::limits;
use crate::pact::{Keeping, PactLife, Side};
use crate::wire::{Audit, Figures, HeadPoint, PackAsk, PackSay};

/// The machine.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    copies: BTreeMap<PackId, Copy>,
    /// What the friend keeps, as far as it said so durably.
    held: Figures,
    /// What is on its way, as it will count.
    sending: Figures,
    queue: VecDeque<PackId>,
    to_delete: BTreeSet<PackId>,
    to_audit: VecDeque<Audit>,
    asks: BTreeMap<AskId, Open>,
    next_ask: u64,
    /// Counts changes, to tell what a page of a list can know.
    turn: u64,
    connected: bool,
    push_from: Millis,
    delete_from: Millis,
    list_from: Millis,
    head_from: Millis,
    head: Option<OwnHead>,
    friend_head: Option<Option<HeadPoint>>,
    went_back: bool,
    /// The friend named a head that is not known here, and has not shown it.
    doubt: Option<Doubt>,
    /// The head that the friend saw last, when it is not known here.
    strange: Option<HeadPoint>,
    /// The recovery key's word that heads begin again, until the friend has taken it.
    begins: Option<OwnHead>,
    /// The friend named a head while nobody could say whether it is known here.
    unjudged: Option<HeadPoint>,
    /// This box came back with nothing, and has not told a head of its own since.
    blind: bool,
    told_unshown: bool,
    /// Told that what was agreed is full, until a push begins.
    told_full: bool,
    /// Told that the friend takes nothing, until it took something.
    told_stalled: bool,
}

impl Owner {
    /// For a new pact.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the friend keeps; both sides show these figures.
    pub fn held(&self) -> Figures {
        self.held
    }

    /// What is known of a copy.
    pub fn copy(&self, root: PackId) -> Option<&Copy> {
        self.copies.get(&root)
    }

    /// All copies, in the order of their names.
    pub fn copies(&self) -> impl Iterator<Item = &Copy> {
        self.copies.values()
    }

    /// How many packs wait to be sent.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether this box seems to have gone back in time; then nothing is deleted at the friend.
    pub fn went_back(&self) -> bool {
        self.went_back
    }

    /// Decides.
    pub fn step(&mut self, now: Now, pact: &PactLife, event: OwnerEvent) -> Vec<OwnerAction> {
        let mut done = match event {
            OwnerEvent::Opened => self.opened(now),
            OwnerEvent::Closed => self.closed(now),
            OwnerEvent::Want(items) => {
                self.want(items);
                Vec::new()
            }
            OwnerEvent::Unwant(roots) => self.unwant(roots),
            OwnerEvent::Said { ask, say } => self.said(now, ask, say),
            OwnerEvent::Broken(ask) => self.broken(now, ask),
            OwnerEvent::Progress(ask) => {
                if let Some(open) = self.asks.get_mut(&ask) {
                    open.since = now.uptime;
                }
                Vec::new()
            }
            OwnerEvent::Audit(audit) => self.audit(audit),
            OwnerEvent::Verified { ask, verdict } => self.verified(now, ask, verdict),
            OwnerEvent::Hello { head, newest, known } => self.hello(head, newest, known),
            OwnerEvent::HeadShown { point, bytes, writers } => {
                self.head_shown(own_side(pact), point, (bytes.as_deref(), &writers))
            }
            OwnerEvent::Head(head) => {
                self.head = Some(*head);
                self.blind = false;
                self.head_from = now.uptime;
                self.begins_with(Some(*head));
                Vec::new()
            }
            OwnerEvent::Linked { from, to, word } => self.linked(from, to, word),
            OwnerEvent::Reconciled(head) => {
                if head.is_none() {
                    // No words have settled what the friend saw: its next hello tells whether it is known.
                    self.unjudged = self.unjudged.or(self.friend_head.flatten());
                }
                self.went_back = false;
                self.told_unshown = false;
                self.doubt = None;
                self.head_from = now.uptime;
                self.begins_with(head.as_deref().copied());
                Vec::new()
            }
            OwnerEvent::Stopped => self.stopped(),
            OwnerEvent::Tick => self.time_out(now),
        };
        done.extend(self.fill(now, pact));
        done
    }

    fn opened(&mut self, now: Now) -> Vec<OwnerAction> {
        let done = self.closed(now);
        self.connected = true;
        self.push_from = now.uptime;
        self.delete_from = now.uptime;
        self.list_from = now.uptime;
        self.head_from = now.uptime;
        self.friend_head = None;
        if let Some(doubt) = &mut self.doubt {
            doubt.is_asked = false;
        }
        done
    }

    fn closed(&mut self, now: Now) -> Vec<OwnerAction> {
        self.connected = false;
        let open: Vec<AskId> = self.asks.keys().copied().collect();
        open.into_iter().flat_map(|ask| self.broken(now, ask)).collect()
    }

    /// Starts whatever may be started.
    fn fill(&mut self, now: Now, pact: &PactLife) -> Vec<OwnerAction> {
        if !self.connected || pact.is_blocked() {
            return Vec::new();
        }
        let mut done = self.fill_head(now);
        done.extend(self.fill_list(now));
        done.extend(self.fill_audits(now));
        done.extend(self.fill_deletions(now));
        if pact.may_push(now.wall) {
            done.extend(self.fill_pushes(now, keeping(pact)));
        }
        done
    }

    fn ask(&mut self, now: Now, what: What, ask: PackAsk) -> OwnerAction {
        self.next_ask += 1;
        let id = AskId(self.next_ask);
        self.asks.insert(id, Open { what, since: now.uptime });
        OwnerAction::Ask { ask: id, what: Box::new(ask) }
    }

    /// How many requests of a kind are open.
    fn open(&self, is_it: impl Fn(&What) -> bool) -> usize {
        self.asks.values().filter(|open| is_it(&open.what)).count()
    }

    /// Whether something about this pack is on its way already.
    fn is_busy(&self, root: PackId) -> bool {
        self.asks.values().any(|open| match &open.what {
            What::Put { put, .. } => put.root == root,
            What::Delete(of) => *of == root,
            What::Audit { .. } | What::List { .. } | What::Head(_) => false,
        })
    }

    fn said(&mut self, now: Now, ask: AskId, say: PackSay) -> Vec<OwnerAction> {
        // What is no longer asked is no longer heard.
        let Some(open) = self.asks.get_mut(&ask) else { return Vec::new() };
        open.since = now.uptime;
        match open.what.clone() {
            What::Put { put, sent, suspect } => {
                self.said_to_put(now, ask, (put, sent, suspect), say)
            }
            What::Delete(root) => self.said_to_delete(now, ask, root, say),
            What::Audit { audit, answered: false } => self.said_to_audit(ask, &audit, say),
            What::Audit { .. } => self.nonsense(now, ask),
            What::List { after, turn } => self.said_to_list(now, ask, (after, turn), say),
            What::Head(point) => self.said_to_head(now, ask, point, say),
        }
    }

    /// An answer that is none: the stream is given up, as if it had broken.
    fn nonsense(&mut self, now: Now, ask: AskId) -> Vec<OwnerAction> {
        let mut done = vec![OwnerAction::Cancel(ask)];
        done.extend(self.broken(now, ask));
        done
    }

    /// A stream that ended before its last answer.
    fn broken(&mut self, now: Now, ask: AskId) -> Vec<OwnerAction> {
        let Some(open) = self.asks.remove(&ask) else { return Vec::new() };
        let again = Millis(now.uptime.0.saturating_add(limits::BROKEN_PAUSE.0));
        match open.what {
            What::Put { put, suspect, .. } => {
                self.push_from = self.push_from.max(again);
                self.put_back(put.root, suspect);
                Vec::new()
            }
            What::Delete(root) => {
                self.delete_from = self.delete_from.max(again);
                self.to_delete.insert(root);
                Vec::new()
            }
            What::Audit { audit, .. } => {
                vec![audited(audit.root, Outcome::NotAnswered)]
            }
            What::List { .. } => {
                self.list_from = self.list_from.max(again);
                Vec::new()
            }
            What::Head(_) => {
                self.head_from = self.head_from.max(again);
                Vec::new()
            }
        }
    }

    /// The friend ended it at once: all that it kept counts as lost, by name and in sum.
    fn stopped(&mut self) -> Vec<OwnerAction> {
        let lost = self.held;
        let roots: Vec<PackId> =
            self.copies.values().filter(|copy| copy.counts()).map(|copy| copy.root).collect();
        let asks = std::mem::take(&mut self.asks);
        *self = Self { next_ask: self.next_ask, connected: self.connected, ..Self::default() };
        let mut done: Vec<OwnerAction> = asks.into_keys().map(OwnerAction::Cancel).collect();
        done.push(OwnerAction::Keep(CopyRecord::Cleared));
        done.push(OwnerAction::Tell(OwnerNews::AllLost(lost)));
        let each = |root| OwnerNews::Lost { root, why: LostWhy::Stopped };
        done.extend(roots.into_iter().map(|root| OwnerAction::Tell(each(root))));
        done
    }
}

/// The side whose packs these are.
fn own_side(pact: &PactLife) -> &Side {
    pact.pact().side(pact.part())
}

/// What the friend promised to keep.
fn keeping(pact: &PactLife) -> &Keeping {
    pact.pact().terms.by(pact.part().other())
}

fn audited(root: PackId, outcome: Outcome) -> OwnerAction {
    OwnerAction::Tell(OwnerNews::Audited { root, outcome })
}
