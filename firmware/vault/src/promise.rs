//! What a receipt may promise of everything that is being stored now.
//!
//! Kept for all that store at once, since one pack may hold work of several: a receipt is rather too
//! modest than too good. Start at [`Writer::receipt`].

use types::sabotage::{self, Bug};

use crate::Receipt;
use crate::writer::Writer;

impl Writer {
    /// Nothing is being stored: what was sealed until now is nobody's promise any more.
    pub(crate) fn forget_least(&mut self) {
        self.least_sealed = usize::MAX;
    }

    /// From here on more copies can be had, or are wanted. What is being stored now may rely on
    /// something that was safe enough until now, and is promised no more than that.
    pub(crate) fn promise_at_most(&mut self, copies: usize) {
        self.least_sealed = self.least_sealed.min(copies);
    }

    /// A receipt for what lies on so many volumes.
    pub(crate) fn receipt(&self, copies: usize) -> Receipt {
        let copies = u8::try_from(copies).unwrap_or(u8::MAX);
        let copies = if sabotage::on(Bug::ReceiptOverstated) { u8::MAX } else { copies };
        Receipt { copies: copies.min(self.chain.copies), wanted: self.chain.copies }
    }
}
