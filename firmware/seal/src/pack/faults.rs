//! Where memory may go bad while a frame is being sealed. Strikes only in tests.

#[cfg(not(test))]
use types::sabotage::{self, Bug};

/// A moment in a frame's making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Objects gathered, after they were named.
    Raw,
    /// Compressed payload.
    Packed,
    /// Table and payload, not yet encrypted.
    Plain,
    /// Body and tag.
    Sealed,
    /// Sealed head.
    Head,
    /// Sealed footer.
    Footer,
}

/// Bits that flip in a test; nothing in a build that ships.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// The stage, and which of its bits.
    #[cfg(test)]
    pub(super) planned: Option<(Stage, usize)>,
    /// Sabotage: keep frames that failed to verify.
    #[cfg(test)]
    pub(super) unverified: bool,
}

impl Faults {
    #[cfg(test)]
    pub(super) fn strike(&self, stage: Stage, bytes: &mut [u8]) {
        if let Some((planned, bit)) = self.planned
            && planned == stage
            && !bytes.is_empty()
        {
            let bit = bit % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }

    /// Whether bits are to flip at this stage.
    #[cfg(test)]
    pub(super) fn plans(&self, stage: Stage) -> bool {
        self.planned.is_some_and(|(planned, _)| planned == stage)
    }

    #[cfg(not(test))]
    pub(super) fn plans(&self, _: Stage) -> bool {
        false
    }

    #[cfg(test)]
    pub(super) fn judge<E>(&self, verified: Result<(), E>) -> Result<(), E> {
        if self.unverified { Ok(()) } else { verified }
    }

    #[cfg(not(test))]
    pub(super) fn judge<E>(&self, verified: Result<(), E>) -> Result<(), E> {
        if sabotage::on(Bug::UnverifiedWrite) { Ok(()) } else { verified }
    }

    #[cfg(not(test))]
    pub(super) fn strike(&self, stage: Stage, bytes: &mut [u8]) {
        if stage == Stage::Packed && sabotage::on(Bug::MemoryFlips) && !bytes.is_empty() {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
    }
}
