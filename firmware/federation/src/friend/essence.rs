//! The few records of a friend with which a box that lost all others goes on.
//!
//! What lies where is not among them: packs of the friend are found on the disks and kept, and what the friend keeps
//! is found by its list. So records that are old make nobody let go of anything. Start at [`Friend::essence`].

use peer_proto::host::Record as HostRecord;

use super::Friend;
use crate::error::FederationError;
use crate::record::Record;

impl Friend {
    /// The pact, what the clock showed, what was seen of the friend's heads, messages that wait, where its box is, and the last word.
    pub(crate) fn essence(&self) -> Result<Vec<Vec<u8>>, FederationError> {
        if self.broke.is_some() {
            // What is in memory may not be what is written down.
            return Err(self.cannot_write());
        }
        let m = &self.m;
        let mut records = vec![
            Record::Pact(Box::new(m.life.clone())),
            Record::Host(HostRecord::Witness(m.host.witness().clone())),
            Record::Host(HostRecord::Clock(m.host.clock_mark(self.core.now()))),
            Record::Post(Box::new(m.post.clone().far_ahead())),
            Record::Reached(m.reached.clone()),
        ];
        records.extend(m.notes.iter().map(|(serial, end)| Record::Note(*serial, *end)));
        records.extend(m.begins.map(|head| Record::Begins(Box::new(Some(head)))));
        records.extend(m.end_told.map(|told| Record::End { told }));
        Ok(records.iter().map(Record::bytes).collect())
    }
}
