//! Short signed messages between owners: kept until they are taken, carried to friends of a circle.
//!
//! Whoever carries a message can change nothing: it is signed by its author's box. Every queue is
//! bounded; when one is full, the newest is refused while sending, and the oldest goes while keeping.
//! The record of one friend is the machine itself. Start at [`Post::write`] and [`Post::heard`].

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use types::{EndpointId, Signer, UnixTime};

use crate::limits;
use crate::sign::{Statement, holds};
use crate::wire::{Note, NoteKind, Refused, SignedNote, Text, Unfit, Why};

/// Numbers of a friend's messages that came before lower ones, and are remembered.
const AHEAD_MAX: usize = 1_024;
/// More messages than anybody writes between two copies of the record.
const FAR: u64 = 1 << 32;

/// The messages between this box and one friend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    own: EndpointId,
    friend: EndpointId,
    next_serial: u64,
    /// Written here and not taken by the friend, oldest first.
    out: VecDeque<SignedNote>,
    /// Others' messages for this friend, oldest first.
    carried: VecDeque<SignedNote>,
    /// What the friend wrote, oldest first.
    inbox: VecDeque<Note>,
    /// Which of the friend's messages came.
    came: Came,
}

/// All numbers up to one, and some beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Came {
    up_to: u64,
    beyond: Vec<u64>,
}

/// What becomes of a message that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// New, and for this box's owner: store the machine, show it, say "taken".
    New(Note),
    /// It came before: say "taken".
    Again,
    /// For somebody else: hand it to that friend's [`Post::carry`], then say "taken".
    Carry(Box<SignedNote>),
    /// For this box's owner, by another friend: hand it to that friend's [`Post::brought`].
    Brought(Box<SignedNote>),
    /// No.
    Refused(Refused),
}

/// Why a message cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Too many wait.
    #[error("{waiting} messages to this friend wait already")]
    Full {
        /// How many.
        waiting: usize,
    },
    /// Too long, or with characters that no screen should show.
    #[error("the message cannot be sent as it is")]
    Text(#[from] Unfit),
}

impl WriteError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Full { .. } => "Wait until your friend's box is there again, or call.",
            Self::Text(_) => "Shorten it, or leave out what is no plain text.",
        }
    }
}

impl Post {
    /// No messages yet.
    pub fn new(own: EndpointId, friend: EndpointId) -> Self {
        Self {
            own,
            friend,
            next_serial: 1,
            out: VecDeque::new(),
            carried: VecDeque::new(),
            inbox: VecDeque::new(),
            came: Came::default(),
        }
    }

    /// As it is kept for a time after which nobody knows which numbers were used: with others that were
    /// never used. A number that the friend knows already would be taken for a message that came before.
    pub fn far_ahead(mut self) -> Self {
        self.next_serial = self.next_serial.saturating_add(FAR);
        self
    }

    /// What the friend wrote, oldest first.
    pub fn inbox(&self) -> impl Iterator<Item = &Note> {
        self.inbox.iter()
    }

    /// The numbers of own messages that the friend has not taken, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = u64> {
        self.out.iter().map(|of| of.note.serial)
    }

    /// Writes a message, and says its number; store the machine afterwards.
    pub fn write(
        &mut self,
        (kind, text): (NoteKind, &str),
        circle: Option<[u8; 16]>,
        now: UnixTime,
        signer: &dyn Signer,
    ) -> Result<u64, WriteError> {
        let text = Text::new(text)?;
        if self.out.len() >= limits::NOTES_OUT_MAX {
            return Err(WriteError::Full { waiting: self.out.len() });
        }
        let serial = self.next_serial;
        let note = Note { from: self.own, to: self.friend, serial, time: now, kind, circle, text };
        let signature = Statement::Note.sign(&crate::wire::plain(&note), signer);
        self.next_serial += 1;
        self.out.push_back(SignedNote { note, signature });
        Ok(serial)
    }

    /// The same friend with a fresh box, which has none of its messages: what waits is sent there, and numbers
    /// begin anew on both sides. What others gave for the box of before is nobody's any more.
    pub fn moved(self, friend: EndpointId, signer: &dyn Signer) -> Self {
        let mut moved = Self { inbox: self.inbox, ..Self::new(self.own, friend) };
        for SignedNote { note, .. } in self.out {
            let note = Note { to: friend, serial: moved.next_serial, ..note };
            let signature = Statement::Note.sign(&crate::wire::plain(&note), signer);
            moved.next_serial += 1;
            moved.out.push_back(SignedNote { note, signature });
        }
        moved
    }

    /// Takes another's message along for this friend; false when too many of that author wait.
    pub fn carry(&mut self, note: SignedNote) -> bool {
        let same = |of: &&SignedNote| of.note.from == note.note.from;
        if self.carried.contains(&note) {
            return true;
        }
        let is_full = self.carried.iter().filter(same).count() >= limits::NOTES_CARRIED_MAX
            || self.carried.len() >= limits::NOTES_OUT_MAX;
        if is_full || note.note.to != self.friend {
            return false;
        }
        self.carried.push_back(note);
        true
    }

    /// What to send next: own ones first, each until it is taken.
    pub fn next(&self) -> Option<&SignedNote> {
        self.out.front().or_else(|| self.carried.front())
    }

    /// The friend has that one durably, or will not have it: it is not sent again.
    pub fn settled(&mut self, note: &SignedNote) {
        self.out.retain(|of| of != note);
        self.carried.retain(|of| of != note);
    }

    /// What waited too long goes; true when something did.
    pub fn expire(&mut self, now: UnixTime) -> bool {
        let before = self.out.len() + self.carried.len();
        let is_fresh = |of: &SignedNote| now.since(of.note.time) <= limits::NOTES_FOR;
        self.out.retain(is_fresh);
        self.carried.retain(is_fresh);
        before != self.out.len() + self.carried.len()
    }

    /// A message came on this friend's connection. `knows` says whether somebody is a friend.
    pub fn heard(&mut self, said: SignedNote, knows: impl Fn(EndpointId) -> bool) -> Heard {
        let note = &said.note;
        let signed = crate::wire::plain(note);
        if !holds(Statement::Note, &signed, &said.signature, &note.from.0) {
            return Heard::Refused(Why::BadProof.plain());
        }
        if note.to != self.own {
            // Carried once: from its author, to somebody that both know.
            return if note.from == self.friend && knows(note.to) {
                Heard::Carry(Box::new(said))
            } else {
                Heard::Refused(Why::NoPact.plain())
            };
        }
        if note.from != self.friend {
            return if knows(note.from) {
                Heard::Brought(Box::new(said))
            } else {
                Heard::Refused(Why::NoPact.plain())
            };
        }
        self.take(said.note)
    }

    /// A message of this friend, whoever brought it.
    fn take(&mut self, note: Note) -> Heard {
        if !self.came.is_new(note.serial) {
            return Heard::Again;
        }
        if self.inbox.len() >= limits::NOTES_IN_MAX {
            self.inbox.pop_front();
        }
        self.inbox.push_back(note.clone());
        Heard::New(note)
    }

    /// A message of this friend that another friend brought ([`Heard::Brought`]).
    pub fn brought(&mut self, said: SignedNote) -> Heard {
        let signed = crate::wire::plain(&said.note);
        let is_ours = said.note.to == self.own && said.note.from == self.friend;
        if !is_ours || !holds(Statement::Note, &signed, &said.signature, &self.friend.0) {
            return Heard::Refused(Why::BadProof.plain());
        }
        self.take(said.note)
    }
}

impl Came {
    /// Whether it came for the first time; from now on it has come.
    fn is_new(&mut self, serial: u64) -> bool {
        if serial <= self.up_to || self.beyond.contains(&serial) {
            return false;
        }
        self.beyond.push(serial);
        if self.beyond.len() > AHEAD_MAX {
            // Those that are missing have expired at their author's: they do not come any more.
            self.up_to = self.beyond.iter().min().copied().unwrap_or(self.up_to);
        }
        self.close();
        true
    }

    fn close(&mut self) {
        self.beyond.retain(|serial| *serial > self.up_to);
        while let Some(at) =
            self.beyond.iter().position(|of| Some(*of) == self.up_to.checked_add(1))
        {
            self.up_to += 1;
            self.beyond.swap_remove(at);
        }
    }
}
