//! What an owner writes down of a friend's copies, and how they are counted.

use serde::{Deserialize, Serialize};
use types::{Bytes, PackId, UnixTime};

use super::Owner;
use crate::limits::charge;
use crate::wire::{Figures, Kind};

/// One line of the record; a later one of the same pack takes the earlier one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CopyRecord {
    /// A copy.
    Copy(Copy),
    /// A copy that is no more.
    Forget(PackId),
    /// No copy is any more.
    Cleared,
}

/// One pack at a friend's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Its name.
    pub root: PackId,
    /// Its length.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
    /// How far it is.
    pub stage: CopyStage,
    /// The count of changes when it changed last; means nothing in a record.
    #[serde(skip)]
    pub(super) turn: u64,
}

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CopyStage {
    /// Waits in the queue. Not written down.
    Queued,
    /// On its way. Not written down.
    Sending,
    /// The friend said that it is durable.
    Held,
    /// The same, and the friend is to be told that it may go.
    Deleting,
    /// The friend was told; it goes then, by the friend's clock.
    Doomed {
        /// When.
        until: UnixTime,
    },
    /// The friend once showed wrong bytes of it: that it "has" it is not believed again.
    Suspect,
}

impl Copy {
    /// Whether the friend keeps it, as far as is known: what both sides count.
    pub fn counts(&self) -> bool {
        match self.stage {
            CopyStage::Held | CopyStage::Deleting | CopyStage::Doomed { .. } => true,
            CopyStage::Queued | CopyStage::Sending | CopyStage::Suspect => false,
        }
    }

    /// Whether it is a copy on which the owner's data may rely.
    pub fn is_safe(&self) -> bool {
        self.stage == CopyStage::Held
    }
}

impl Owner {
    /// Goes on with what was written down.
    pub fn resume(records: Vec<CopyRecord>) -> Self {
        let mut owner = Self::default();
        for record in records {
            match record {
                CopyRecord::Copy(copy) => owner.put_copy(copy),
                CopyRecord::Forget(root) => drop(owner.take_copy(root)),
                CopyRecord::Cleared => owner = Self::default(),
            }
        }
        let deleting = |copy: &&Copy| copy.stage == CopyStage::Deleting;
        owner.to_delete = owner.copies.values().filter(deleting).map(|copy| copy.root).collect();
        owner
    }

    /// Puts a copy in and counts it.
    pub(super) fn put_copy(&mut self, copy: Copy) {
        self.take_copy(copy.root);
        self.turn += 1;
        let copy = Copy { turn: self.turn, ..copy };
        if let Some(figures) = self.figures_of(&copy) {
            figures.packs += 1;
            figures.bytes += charge(copy.size);
        }
        self.copies.insert(copy.root, copy);
    }

    /// Takes a copy out and counts it no more.
    pub(super) fn take_copy(&mut self, root: PackId) -> Option<Copy> {
        let copy = self.copies.remove(&root)?;
        if let Some(figures) = self.figures_of(&copy) {
            figures.packs = figures.packs.saturating_sub(1);
            figures.bytes = figures.bytes.saturating_sub(charge(copy.size));
        }
        Some(copy)
    }

    /// Changes how far a copy is.
    pub(super) fn set_stage(&mut self, root: PackId, stage: CopyStage) -> Option<Copy> {
        let copy = Copy { stage, ..*self.copies.get(&root)? };
        self.put_copy(copy);
        Some(copy)
    }

    /// What the friend keeps and what is on its way to it.
    pub fn used(&self) -> Bytes {
        self.held.bytes + self.sending.bytes
    }

    fn figures_of(&mut self, copy: &Copy) -> Option<&mut Figures> {
        if copy.counts() {
            Some(&mut self.held)
        } else {
            (copy.stage == CopyStage::Sending).then_some(&mut self.sending)
        }
    }
}
