//! Messages between the two owners, and those that this box carries: sent one at a time, taken once they
//! are durable. Start at [`Friend::send_note`] and [`Friend::heard_note`].

use std::collections::BTreeSet;

use peer_proto::messages::Heard;
use peer_proto::wire::{CtlAsk, CtlSay, Refused, SignedNote, Why};
use tokio::sync::oneshot;
use types::Millis;

use super::events::Event;
use super::pact::answer;
use super::{Friend, Step};
use crate::news::FriendNews;
use crate::record::{Record, note_ended};
use crate::views::{NoteEnd, Sent};

/// A note that was not answered is sent again after this.
const NOTE_AGAIN_AFTER: Millis = Millis::from_secs(5);
/// And one that the friend has no room for, after this.
const NOTE_LATER: Millis = Millis::from_secs(600);

impl Friend {
    pub(super) fn heard_note(
        &mut self,
        note: SignedNote,
        reply: Option<oneshot::Sender<CtlSay>>,
    ) -> Step {
        let core = std::sync::Arc::clone(&self.core);
        let knows = |who| core.link_of(who).is_some();
        let heard = self.m.post.heard(note, knows);
        self.after_heard(heard, reply)
    }

    fn after_heard(&mut self, heard: Heard, mut reply: Option<oneshot::Sender<CtlSay>>) -> Step {
        match heard {
            Heard::New(note) => {
                self.keep_post()?;
                self.tell(FriendNews::Note(Box::new(note)));
                answer(&mut reply, CtlSay::Taken);
            }
            Heard::Again => answer(&mut reply, CtlSay::Taken),
            Heard::Carry(note) => {
                self.hand_on(note.note.to, reply, |reply| Event::Carry { note, reply });
            }
            Heard::Brought(note) => {
                self.hand_on(note.note.from, reply, |reply| Event::Brought { note, reply });
            }
            Heard::Refused(refused) => answer(&mut reply, CtlSay::Refused(refused)),
        }
        Ok(())
    }

    /// To another friend's thread, which answers when it has it durably.
    fn hand_on(
        &self,
        to: types::EndpointId,
        reply: Option<oneshot::Sender<CtlSay>>,
        event: impl FnOnce(oneshot::Sender<CtlSay>) -> Event,
    ) {
        let (link, mut reply) = (self.core.link_of(to), reply);
        match (link, reply.take()) {
            (Some(link), Some(reply)) => link.inbox.send(event(reply)),
            (_, mut reply) => answer(&mut reply, CtlSay::Refused(Why::NoPact.plain())),
        }
    }

    pub(super) fn carry(&mut self, note: SignedNote, reply: oneshot::Sender<CtlSay>) -> Step {
        let mut reply = Some(reply);
        if self.m.life.may_speak().is_err() {
            answer(&mut reply, CtlSay::Refused(Why::NoPact.plain()));
        } else if self.m.post.carry(note) {
            self.keep_post()?;
            answer(&mut reply, CtlSay::Taken);
            self.send_note();
        } else {
            answer(&mut reply, CtlSay::Refused(Why::Full.plain()));
        }
        Ok(())
    }

    pub(super) fn brought(&mut self, note: SignedNote, reply: oneshot::Sender<CtlSay>) -> Step {
        let heard = self.m.post.brought(note);
        self.after_heard(heard, Some(reply))
    }

    pub(super) fn keep_post(&mut self) -> Step {
        self.keep(&[Record::Post(Box::new(self.m.post.clone()))])
    }

    /// The post, and what became of own messages that wait no more: both or none.
    fn keep_ended(&mut self, ended: impl IntoIterator<Item = u64>, end: NoteEnd) -> Step {
        let mut records = vec![Record::Post(Box::new(self.m.post.clone()))];
        for serial in ended {
            records.push(Record::Note(serial, end));
            note_ended(&mut self.m.notes, serial, end);
        }
        self.keep(&records)?;
        self.tell(FriendNews::NotesEnded);
        Ok(())
    }

    /// What waited for too long waits no more.
    pub(super) fn expire_notes(&mut self) -> Step {
        let before: Vec<u64> = self.m.post.waiting().collect();
        if !self.m.post.expire(self.core.now().wall) {
            return Ok(());
        }
        let left: BTreeSet<u64> = self.m.post.waiting().collect();
        let expired = before.into_iter().filter(|serial| !left.contains(serial));
        self.keep_ended(expired, NoteEnd::Expired)
    }

    /// Own messages, and what became of them.
    pub(crate) fn sent(&self) -> Sent {
        Sent { waiting: self.m.post.waiting().collect(), ended: self.m.notes.clone() }
    }

    /// Sends the next message, one at a time, when there is a line.
    pub(super) fn send_note(&mut self) {
        let now = self.core.now().uptime;
        if self.note_is_out || self.ctl.is_none() || now < self.note_from || !self.is_open() {
            return;
        }
        if let Some(note) = self.m.post.next() {
            let ask = CtlAsk::Note(Box::new(note.clone()));
            self.note_is_out = true;
            self.ask_ctl(ask);
        }
    }

    pub(super) fn note_said(&mut self, note: &SignedNote, say: Option<CtlSay>) -> Step {
        let now = self.core.now().uptime;
        self.note_is_out = false;
        let later = |wait: Millis| Millis(now.0.saturating_add(wait.0));
        match say {
            None | Some(CtlSay::Hello(_)) => self.note_from = later(NOTE_AGAIN_AFTER),
            Some(CtlSay::Refused(Refused { why: Why::Busy | Why::Full, .. })) => {
                self.note_from = later(NOTE_LATER);
            }
            Some(said @ (CtlSay::Taken | CtlSay::Refused(_))) => {
                self.m.post.settled(note);
                let is_own = note.note.from == self.core.own();
                let end = match said {
                    CtlSay::Taken => NoteEnd::Taken,
                    _ => NoteEnd::Refused,
                };
                self.keep_ended(is_own.then_some(note.note.serial), end)?;
            }
        }
        self.send_note();
        Ok(())
    }
}
