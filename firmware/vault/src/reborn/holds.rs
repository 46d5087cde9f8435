//! What friends keep for an owner, read and checked. Nothing that they say is believed: a thing has the
//! bytes of its name, or it is not there.
//!
//! Start at [`Hold`], which whoever speaks with a friend implements; tests have a folder.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::{fmt, io};

use peer_proto::wire::{Kind, Listed};
use types::{Bytes, PackId, UnixTime};

use crate::error::VaultError;

/// What one friend keeps for the owner. Calls may come from several threads, and take as long as the line does.
pub trait Hold: fmt::Debug + Sync {
    /// What messages call the friend.
    fn name(&self) -> String;

    /// Everything that it keeps: words slots, heads, packs.
    fn list(&self) -> io::Result<Vec<Listed>>;

    /// The bytes `from..to` of a thing; exactly these, or an error.
    fn read(&self, root: PackId, from: u64, to: u64) -> io::Result<Vec<u8>>;

    /// It did not answer of late: others that have the same are asked before it.
    fn is_silent(&self) -> bool {
        false
    }
}

/// A thing that friends keep.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: PackId,
    pub(crate) kind: Kind,
    pub(crate) len: u64,
    /// Whoever has it was asked to let it go, and this is when the last of them may.
    pub(crate) until: Option<UnixTime>,
    /// Who has it, and how long they say that it is.
    at: Vec<(usize, u64)>,
}

/// All friends that are asked.
pub(crate) struct Holds<'h> {
    all: &'h [&'h dyn Hold],
    /// By what it is called, too: one friend that calls a thing something else hides it from nobody.
    held: BTreeMap<(PackId, Kind), Held>,
    findings: Mutex<Vec<String>>,
    /// Who could not be asked, or for what, a sentence each: something newer may be there.
    unheard: Mutex<Vec<String>>,
}

/// Why a thing was not to be had.
#[derive(Debug)]
pub(crate) struct Lack {
    why: String,
    /// Somebody could not be asked for it. Asked again, it may have it.
    pub(crate) is_unread: bool,
}

impl From<String> for Lack {
    fn from(why: String) -> Self {
        Self { why, is_unread: false }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl<'h> Holds<'h> {
    /// Asks everybody for their lists. Who does not answer is a finding, unless nobody does.
    pub(crate) fn ask(all: &'h [&'h dyn Hold]) -> Result<Self, VaultError> {
        let mut held: BTreeMap<(PackId, Kind), Held> = BTreeMap::new();
        let mut silent = Vec::new();
        for (who, hold) in all.iter().enumerate() {
            let listed = match hold.list() {
                Ok(listed) => listed,
                Err(error) => {
                    silent.push(format!("{} did not say what it keeps: {error}", hold.name()));
                    continue;
                }
            };
            for one in listed.iter().filter(|one| (1..=format::pack::SIZE_MAX).contains(&one.size))
            {
                let (id, kind, len, until) = (one.root, one.kind, one.size, one.until);
                let new = Held { id, kind, len, until, at: Vec::new() };
                let known = held.entry((id, kind)).or_insert(new);
                known.until = known.until.zip(until).map(|(one, other)| one.max(other));
                // Of several lengths only one can be right, and the shortest promises least.
                known.len = known.len.min(len);
                known.at.push((who, len));
            }
        }
        if silent.len() == all.len() {
            let detail = silent.iter().map(|one| format!("\n  {one}")).collect();
            return Err(VaultError::HoldsLack { what: "anything", detail });
        }
        Ok(Self { all, held, findings: Mutex::new(silent.clone()), unheard: Mutex::new(silent) })
    }

    /// What they call a thing of one of these kinds, in order of name.
    pub(crate) fn of_kinds<'s>(&'s self, kinds: &'s [Kind]) -> impl Iterator<Item = &'s Held> {
        self.held.values().filter(|one| kinds.contains(&one.kind))
    }

    /// A thing of which it is known from elsewhere how long it is: whatever its holders call it, all
    /// are asked, and what they say of its length is of no matter.
    pub(crate) fn get(&self, id: PackId, len: Bytes) -> Option<Held> {
        let mut all =
            self.held.range((id, Kind::Data)..=(id, Kind::Unknown(u8::MAX))).map(|(_, held)| held);
        let mut found = Held { len: len.0, ..all.next()?.clone() };
        for held in all {
            found.until = found.until.zip(held.until).map(|(one, other)| one.max(other));
            found.at.extend(held.at.iter().copied());
        }
        found.at.iter_mut().for_each(|(_, said)| *said = len.0);
        found.at.sort_unstable();
        found.at.dedup();
        Some(found)
    }

    /// All bytes of a thing, from the first that has them; `turn` says with whom to begin, so that all are
    /// busy. The error says what each of them said.
    pub(crate) fn whole(&self, held: &Held, turn: usize) -> Result<Vec<u8>, Lack> {
        let (mut said, mut is_unread) = (Vec::new(), false);
        let begin = turn % held.at.len().max(1);
        let mut order: Vec<_> = held.at[begin..].iter().chain(&held.at[..begin]).collect();
        order.sort_by_key(|(who, _)| self.all[*who].is_silent());
        for (who, len) in order {
            let hold = self.all[*who];
            match hold.read(held.id, 0, *len) {
                Ok(bytes) if *blake3::hash(&bytes).as_bytes() == held.id.0 => return Ok(bytes),
                Ok(_) => said.push(format!("{} has other bytes than its name says", hold.name())),
                Err(error) => {
                    is_unread = true;
                    said.push(format!("{}: {error}", hold.name()));
                }
            }
        }
        Err(Lack { why: said.join("; "), is_unread })
    }

    /// A part of a pack, unproven: what is read in it has to prove itself.
    pub(crate) fn part(&self, held: &Held, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        let mut order: Vec<_> = held.at.iter().collect();
        order.sort_by_key(|(who, _)| self.all[*who].is_silent());
        for (who, _) in order {
            match self.all[*who].read(held.id, from, to) {
                Ok(bytes) if bytes.len() as u64 == to - from => return Ok(bytes),
                Ok(_) => last = io::ErrorKind::UnexpectedEof.into(),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Something by which it is chosen where to begin, and that cannot be used.
    pub(crate) fn misses(&self, what: &str, id: PackId, lack: &Lack) {
        let sentence = format!("{what} {}: {lack}", id.short());
        if lack.is_unread {
            self.unheard.lock().unwrap_or_else(PoisonError::into_inner).push(sentence.clone());
        }
        self.note(sentence);
    }

    /// An error when somebody could not be asked: an older state than there is would be chosen for good.
    pub(crate) fn must_be_heard(&self) -> Result<(), VaultError> {
        let unheard = self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
        if unheard.is_empty() {
            return Ok(());
        }
        let detail = unheard.iter().map(|one| format!("\n  {one}")).collect();
        Err(VaultError::Unheard { detail })
    }

    /// Something that is odd and stops nothing.
    pub(crate) fn note(&self, what: String) {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    pub(crate) fn findings(&self) -> Vec<String> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes of these in all.
    pub(crate) fn sum<'s>(things: impl Iterator<Item = &'s Held>) -> Bytes {
        Bytes(things.map(|one| one.len).sum())
    }
}
