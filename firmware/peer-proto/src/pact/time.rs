//! What a pact makes of time: how long an end waits, and what follows when the clock turns out to have been
//! behind. It reads no clock. Start at [`PactLife::clock_agreed`].

use types::{Millis, UnixTime};

use super::events::PactAction;
use super::life::{PactLife, Phase};

impl PactLife {
    /// The clock may have stood still while the box was off and been believed after it: a notice that was
    /// given then ends so much later.
    pub(super) fn clock_agreed(&mut self, behind: Millis) -> Vec<PactAction> {
        match self.phase {
            Phase::Ending(at) if !self.notice_agreed => {
                (self.phase, self.notice_agreed) = (Phase::Ending(at.plus(behind)), true);
                vec![PactAction::Keep]
            }
            Phase::Standing | Phase::Ending(_) | Phase::Over => Vec::new(),
        }
    }

    /// A box that lost its records goes on from ones that may be old, by a clock for which nobody vouches: a
    /// notice that runs ends no earlier than one that is given now.
    pub fn taken_over(&mut self, now: UnixTime) {
        if let Phase::Ending(at) = self.phase {
            let anew = now.plus(self.wait());
            (self.phase, self.notice_agreed) = (Phase::Ending(at.max(anew)), false);
        }
    }

    /// How long the friend's data stay after an end of which this box hears: at least as long as after any
    /// deletion. Whoever took over the friend's box cannot end what it may not delete.
    pub(super) fn wait(&self) -> Millis {
        let terms = &self.pact().terms;
        terms.notice().max(terms.by(self.part).not_before())
    }
}
