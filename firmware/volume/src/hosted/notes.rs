//! Notes kept for a friend: pact, words slot, heads, and what was promised. Two copies of each.
//!
//! Copies are replaced one after the other, each whole. After a power cut the old note is read or the
//! new one, never a mixture; of two whole copies the one with the higher generation counts. Whether a
//! note says the right thing, and in which order heads may come, is decided elsewhere.

use std::collections::BTreeSet;

use format::FormatError;
use format::note::{self, BODY_LEN_MAX, Note, NoteKind};
use types::{Bytes, HeadHash, OwnerKey};

use super::accounts::with_outboards;
use super::names::{self, COPIES_OF_NOTES};
use super::{Hosted, HostedError};
use crate::durable;
use crate::error::VolumeError;
use crate::packs::is_unreadable;
use crate::volume::Core;

/// A head that is kept for a friend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldHead {
    /// Its number.
    pub seq: u64,
    /// Its name, for [`Hosted::read_head`].
    pub name: String,
}

/// What the copies of a note are worth.
pub(super) struct Copies {
    /// The newest that is whole.
    pub(super) best: Option<Note>,
    /// Copies that are missing, damaged, old or somebody else's.
    pub(super) unequal: usize,
    /// Why one of them cannot be read, when there is one.
    damage: Option<FormatError>,
}

impl Copies {
    pub(super) fn read(
        core: &Core,
        path: &str,
        kind: NoteKind,
        owner: OwnerKey,
    ) -> Result<Self, VolumeError> {
        let (mut notes, mut damage, mut unread) = (Vec::new(), None, None);
        for copy in 0..COPIES_OF_NOTES {
            match core.read_small(&names::copy(path, copy), Bytes(note::LEN_MAX)) {
                Ok(None) => {}
                Ok(Some(bytes)) => match Note::decode(&bytes) {
                    Ok(note) if note.kind == kind && note.owner == owner => notes.push(note),
                    Ok(_) => damage = Some(FormatError::Field { what: "note", field: "the owner" }),
                    Err(error) => damage = Some(error),
                },
                Err(VolumeError::TooLong { .. }) => {
                    damage = Some(FormatError::Field { what: "note", field: "the length" });
                }
                Err(error) if is_unreadable(&error) => unread = Some(error),
                Err(error) => return Err(error),
            }
        }
        let best = notes.iter().max_by_key(|note| note.generation).cloned();
        if let Some(error) = unread.filter(|_| best.is_none()) {
            return Err(error);
        }
        let equal = notes.iter().filter(|note| Some(*note) == best.as_ref()).count();
        Ok(Self { best, unequal: COPIES_OF_NOTES - equal, damage })
    }

    /// Whether there was a note, and none of its copies is whole.
    pub(super) fn is_lost(&self) -> bool {
        self.best.is_none() && self.damage.is_some()
    }

    /// The note; none when there never was one.
    fn note(self, core: &Core, path: &str) -> Result<Option<Note>, HostedError> {
        match (self.best, self.damage) {
            (None, Some(source)) => {
                let (volume, path) = (core.name.clone(), path.to_owned());
                Err(HostedError::NoteLost { volume, path, source })
            }
            (best, _) => Ok(best),
        }
    }
}

/// What a friend was promised here; none when nothing ever was.
pub(super) fn read_promise(core: &Core, owner: OwnerKey) -> Result<Option<Bytes>, HostedError> {
    let path = note_path(owner, NoteKind::Promise);
    let note = Copies::read(core, &path, NoteKind::Promise, owner)?.note(core, &path)?;
    let promised = note.map(|note| note.promised()).transpose();
    let volume = core.name.clone();
    promised.map_err(|source| HostedError::NoteLost { volume, path, source })
}

/// Writes every copy of a note.
pub(super) fn store(core: &Core, path: &str, note: &Note) -> Result<(), HostedError> {
    let limit = Bytes(BODY_LEN_MAX as u64);
    let len = Bytes(note.body.len() as u64);
    let bytes = note.encode().ok_or(HostedError::NoteTooLong { len, limit })?;
    for copy in 0..COPIES_OF_NOTES {
        core.replace(&names::copy(path, copy), &bytes)?;
    }
    Ok(())
}

/// Where a note that a friend has once lies, without the number of its copy.
pub(super) fn note_path(owner: OwnerKey, kind: NoteKind) -> String {
    let name = match kind {
        NoteKind::Pact => "pact",
        NoteKind::Words => "words",
        NoteKind::Promise => "promise",
        NoteKind::Head => "head",
    };
    format!("{}/{name}", names::home(owner))
}

impl Hosted {
    /// Keeps the pact with a friend, in place of the one before.
    pub fn write_pact(&self, owner: OwnerKey, signed: &[u8]) -> Result<(), HostedError> {
        self.replace(owner, NoteKind::Pact, signed)
    }

    /// The pact with a friend, unchecked; none when there never was one.
    pub fn read_pact(&self, owner: OwnerKey) -> Result<Option<Vec<u8>>, HostedError> {
        self.read(owner, NoteKind::Pact)
    }

    /// Keeps a friend's words slot, in place of the one before.
    pub fn write_words(&self, owner: OwnerKey, slot: &[u8]) -> Result<(), HostedError> {
        self.replace(owner, NoteKind::Words, slot)
    }

    /// A friend's words slot; none when there never was one.
    pub fn read_words(&self, owner: OwnerKey) -> Result<Option<Vec<u8>>, HostedError> {
        self.read(owner, NoteKind::Words)
    }

    /// Promises a friend so much of this volume, all that is there included. Refused when what comes
    /// on top is not free. Less than is there means that nothing more is taken; nothing goes.
    pub fn promise(&self, owner: OwnerKey, promised: Bytes) -> Result<(), HostedError> {
        self.core.takes_for_friends()?;
        let totals = self.totals(owner)?;
        if promised > totals.promised {
            let left = promised.saturating_sub(totals.held());
            self.core.room_for_friend(owner, with_outboards(left))?;
        }
        let path = note_path(owner, NoteKind::Promise);
        let generation = self.next_generation(&path, NoteKind::Promise, owner)?;
        store(&self.core, &path, &Note::promise(owner, generation, promised))?;
        Ok(self.core.with_account(owner, |account| account.promise(promised))?)
    }

    fn replace(&self, owner: OwnerKey, kind: NoteKind, body: &[u8]) -> Result<(), HostedError> {
        self.core.takes_for_friends()?;
        let path = note_path(owner, kind);
        let generation = self.next_generation(&path, kind, owner)?;
        store(&self.core, &path, &Note { kind, generation, owner, body: body.to_vec() })
    }

    fn next_generation(
        &self,
        path: &str,
        kind: NoteKind,
        owner: OwnerKey,
    ) -> Result<u64, HostedError> {
        let best = Copies::read(&self.core, path, kind, owner)?.best;
        Ok(best.map_or(1, |note| note.generation.saturating_add(1)))
    }

    fn read(&self, owner: OwnerKey, kind: NoteKind) -> Result<Option<Vec<u8>>, HostedError> {
        let path = note_path(owner, kind);
        let note = Copies::read(&self.core, &path, kind, owner)?.note(&self.core, &path)?;
        Ok(note.map(|note| note.body))
    }

    /// Keeps one of a friend's heads. Another one of the same number stays beside it.
    pub fn write_head(
        &self,
        owner: OwnerKey,
        seq: u64,
        hash: HeadHash,
        envelope: &[u8],
    ) -> Result<(), HostedError> {
        self.core.takes_for_friends()?;
        let note = Note { kind: NoteKind::Head, generation: seq, owner, body: envelope.to_vec() };
        store(&self.core, &names::head(owner, seq, hash), &note)
    }

    /// A friend's heads, oldest first.
    pub fn list_heads(&self, owner: OwnerKey) -> Result<Vec<HeldHead>, HostedError> {
        let entries = self.core.list(&names::heads(owner))?;
        let heads = entries.iter().filter_map(|entry| {
            let (seq, name) = names::head_of_copy(&entry.name)?;
            Some(HeldHead { seq, name: name.to_owned() })
        });
        Ok(heads.collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// A head's envelope, unchecked; none when there is no such head. `name` is one that
    /// [`Self::list_heads`] gave.
    pub fn read_head(&self, owner: OwnerKey, name: &str) -> Result<Option<Vec<u8>>, HostedError> {
        if names::head_of_copy(&names::copy(name, 0)).is_none() {
            return Ok(None);
        }
        let path = format!("{}/{name}", names::heads(owner));
        let copies = Copies::read(&self.core, &path, NoteKind::Head, owner)?;
        Ok(copies.note(&self.core, &path)?.map(|note| note.body))
    }

    /// What the name of a head is.
    pub fn head_name(seq: u64, hash: HeadHash) -> String {
        names::head_name(seq, hash)
    }

    /// Removes heads older than the newest `keep` numbers; at least one number stays. Returns how
    /// many went.
    pub fn prune_heads(&self, owner: OwnerKey, keep: usize) -> Result<usize, HostedError> {
        self.core.takes_for_friends()?;
        let heads = self.list_heads(owner)?;
        let numbers: BTreeSet<u64> = heads.iter().map(|head| head.seq).collect();
        let Some(oldest) = numbers.iter().rev().nth(keep.max(1) - 1) else { return Ok(0) };
        let old = heads.iter().filter(|head| head.seq < *oldest);
        for head in old.clone() {
            self.remove_copies(owner, &head.name)?;
        }
        Ok(old.count())
    }

    /// Removes one head, whatever its number; says whether it was there. `name` is one that
    /// [`Self::list_heads`] gave.
    pub fn remove_head(&self, owner: OwnerKey, name: &str) -> Result<bool, HostedError> {
        self.core.takes_for_friends()?;
        if names::head_of_copy(&names::copy(name, 0)).is_none() {
            return Ok(false);
        }
        self.remove_copies(owner, name)
    }

    fn remove_copies(&self, owner: OwnerKey, name: &str) -> Result<bool, HostedError> {
        let mut was_there = false;
        for copy in 0..COPIES_OF_NOTES {
            let path = format!("{}/{}", names::heads(owner), names::copy(name, copy));
            was_there |= self.core.run(durable::remove_file(&*self.core.disk, &path))?;
        }
        Ok(was_there)
    }
}
