//! What is written down of one friend, and how a long log becomes a short one that says the same.
//!
//! A later record of a thing takes the earlier one's place, so a log may be cut down to one record for
//! each thing at any time. Records are postcard, versioned by their variant. Start at [`Saved::of`].

use std::collections::BTreeMap;

use peer_proto::clock::ClockMark;
use peer_proto::host::Record as HostRecord;
use peer_proto::messages::Post;
use peer_proto::owner::{CopyRecord, OwnHead};
use peer_proto::pact::PactLife;
use serde::{Deserialize, Serialize};
use types::{PackId, UnixTime, VolumeId};

use crate::views::NoteEnd;

/// One line of a friend's log. Variants keep their numbers for ever.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Record {
    /// 0: the pact, as this side holds it.
    Pact(Box<PactLife>),
    /// 1: of what is kept for the friend.
    Host(HostRecord),
    /// 2: of what the friend keeps.
    Copy(CopyRecord),
    /// 3: messages.
    Post(Box<Post>),
    /// 4: where the friend was reached, and when it was last there.
    Reached(Reached),
    /// 5: on which disk a pack of the friend lies.
    Lies(PackId, VolumeId),
    /// 6: this box's own word that the pact ends, and whether the friend took it.
    End { told: bool },
    /// 7: the head from which own heads begin again at the friend; none once it has taken it.
    Begins(Box<Option<OwnHead>>),
    /// 8: an own message waits no more, and why.
    Note(u64, NoteEnd),
    /// 9: this box came back with nothing, and whether it is so that it has told no head of its own since.
    Blind(bool),
}

/// So many ends of own messages are remembered, the newest: more than are shown.
const NOTES_MAX: usize = 1_024;

/// Where a friend's box was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reached {
    pub(crate) last_seen: Option<UnixTime>,
    /// In the transport's words, the friend's own first.
    pub(crate) addresses: Vec<String>,
}

/// All that a log says.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    pub(crate) life: Option<Box<PactLife>>,
    entries: BTreeMap<PackId, HostRecord>,
    witness: Option<HostRecord>,
    clock: Option<HostRecord>,
    seen: Option<HostRecord>,
    release: Option<HostRecord>,
    copies: BTreeMap<PackId, CopyRecord>,
    pub(crate) post: Option<Box<Post>>,
    pub(crate) reached: Reached,
    pub(crate) lies: BTreeMap<PackId, VolumeId>,
    pub(crate) end_told: Option<bool>,
    pub(crate) begins: Option<OwnHead>,
    pub(crate) notes: BTreeMap<u64, NoteEnd>,
    pub(crate) is_blind: bool,
}

impl Record {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        // Nothing in it has an unknown length, which is all that postcard refuses.
        postcard::to_allocvec(self).unwrap_or_default()
    }
}

impl Saved {
    /// Reads a log; the place of the record that does not read, when there is one.
    pub(crate) fn of(log: &[Vec<u8>]) -> Result<Self, usize> {
        let mut saved = Self::default();
        for (place, bytes) in log.iter().enumerate() {
            match postcard::take_from_bytes::<Record>(bytes) {
                Ok((record, [])) => saved.add(record),
                Ok(_) | Err(_) => return Err(place),
            }
        }
        Ok(saved)
    }

    fn add(&mut self, record: Record) {
        match record {
            Record::Pact(life) => self.life = Some(life),
            Record::Host(record) => self.add_host(record),
            Record::Copy(CopyRecord::Copy(copy)) => {
                self.copies.insert(copy.root, CopyRecord::Copy(copy));
            }
            Record::Copy(CopyRecord::Forget(root)) => drop(self.copies.remove(&root)),
            Record::Copy(CopyRecord::Cleared) => self.copies.clear(),
            Record::Post(post) => self.post = Some(post),
            Record::Reached(reached) => self.reached = reached,
            Record::Lies(root, volume) => drop(self.lies.insert(root, volume)),
            Record::End { told } => self.end_told = Some(told),
            Record::Begins(head) => self.begins = *head,
            Record::Note(serial, end) => note_ended(&mut self.notes, serial, end),
            Record::Blind(is_so) => self.is_blind = is_so,
        }
    }

    fn add_host(&mut self, record: HostRecord) {
        match record {
            HostRecord::Entry(entry) => drop(self.entries.insert(entry.root, record)),
            HostRecord::Forget(root) => {
                self.entries.remove(&root);
                self.lies.remove(&root);
            }
            HostRecord::Witness(_) => self.witness = Some(record),
            HostRecord::Clock(_) => self.clock = Some(record),
            HostRecord::Seen(_) => self.seen = Some(record),
            HostRecord::Release(_) => self.release = Some(record),
        }
    }

    /// What a box that lost its records goes on with: its clock is compared with what it was when they were
    /// kept, and a notice begins anew.
    fn taken_over(mut self, now: UnixTime) -> Self {
        let known = match &self.clock {
            Some(HostRecord::Clock(mark)) => Some(mark.wall),
            _ => self.reached.last_seen,
        };
        let wall = known.unwrap_or(now);
        self.clock = Some(HostRecord::Clock(ClockMark { wall }));
        if let Some(life) = &mut self.life {
            life.taken_over(now.max(wall));
        }
        self
    }

    /// What the host machine goes on with.
    pub(crate) fn host(&self) -> Vec<HostRecord> {
        let single = [&self.witness, &self.clock, &self.seen, &self.release];
        let single = single.into_iter().flatten();
        self.entries.values().chain(single).cloned().collect()
    }

    /// What the owner machine goes on with.
    pub(crate) fn copies(&self) -> Vec<CopyRecord> {
        self.copies.values().copied().collect()
    }

    /// The shortest log that says the same.
    pub(crate) fn log(&self) -> Vec<Vec<u8>> {
        let mut all: Vec<Record> = Vec::new();
        all.extend(self.life.clone().map(Record::Pact));
        all.extend(self.host().into_iter().map(Record::Host));
        all.extend(self.lies.iter().map(|(root, volume)| Record::Lies(*root, *volume)));
        all.extend(self.copies().into_iter().map(Record::Copy));
        all.extend(self.post.clone().map(Record::Post));
        all.push(Record::Reached(self.reached.clone()));
        all.extend(self.end_told.map(|told| Record::End { told }));
        all.extend(self.notes.iter().map(|(serial, end)| Record::Note(*serial, *end)));
        all.extend(self.begins.map(|head| Record::Begins(Box::new(Some(head)))));
        all.extend(self.is_blind.then_some(Record::Blind(true)));
        all.iter().map(Record::bytes).collect()
    }
}

/// Records that [`crate::Federation::essence`] gave, as they are to be put in the place of a log that was lost.
/// What does not read stays as it is, and is told when the friend is begun.
pub fn taken_over(records: &[Vec<u8>], now: UnixTime) -> Vec<Vec<u8>> {
    Saved::of(records).map_or_else(|_| records.to_vec(), |saved| saved.taken_over(now).log())
}

/// An own message waits no more; the oldest that is remembered goes.
pub(crate) fn note_ended(notes: &mut BTreeMap<u64, NoteEnd>, serial: u64, end: NoteEnd) {
    notes.insert(serial, end);
    while notes.len() > NOTES_MAX {
        notes.pop_first();
    }
}

#[cfg(test)]
mod tests {
    use peer_proto::host::{Entry, Stage};
    use peer_proto::wire::Kind;

    use super::*;

    fn entry(name: u8, stage: Stage) -> Record {
        let root = PackId([name; 32]);
        Record::Host(HostRecord::Entry(Entry { root, size: 9, kind: Kind::Data, stage }))
    }

    #[test]
    fn a_log_that_was_cut_down_says_the_same_and_forgets_what_is_gone() {
        let since = UnixTime(5);
        let gone = PackId([2; 32]);
        let all = [
            entry(1, Stage::Coming { since }),
            Record::Lies(PackId([1; 32]), VolumeId([7; 16])),
            entry(2, Stage::Kept),
            Record::Lies(gone, VolumeId([8; 16])),
            entry(1, Stage::Kept),
            Record::Host(HostRecord::Seen(UnixTime(6))),
            Record::Host(HostRecord::Forget(gone)),
            Record::Host(HostRecord::Seen(UnixTime(7))),
            Record::Copy(CopyRecord::Forget(gone)),
            Record::Reached(Reached { last_seen: Some(since), addresses: vec!["a".to_owned()] }),
            Record::End { told: false },
        ];
        let long: Vec<Vec<u8>> = all.iter().map(Record::bytes).collect();
        let saved = Saved::of(&long).unwrap();
        let short = saved.log();
        assert_eq!(short.len(), 5, "{saved:?}");
        let again = Saved::of(&short).unwrap();
        assert_eq!(again.host(), saved.host());
        assert_eq!(again.lies, BTreeMap::from([(PackId([1; 32]), VolumeId([7; 16]))]));
        assert_eq!((again.reached, again.end_told), (saved.reached, Some(false)));
    }

    #[test]
    fn a_record_that_does_not_read_is_named_by_its_place() {
        let whole = entry(1, Stage::Kept).bytes();
        let torn = whole[..whole.len() - 1].to_vec();
        let longer = [whole.clone(), vec![0]].concat();
        assert_eq!(Saved::of(&[whole.clone(), torn]).err(), Some(1));
        assert_eq!(Saved::of(&[whole, vec![99], longer]).err(), Some(1));
    }
}
