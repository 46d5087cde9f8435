//! What an owner does with one friend.
//!
//! What gives protection away says the friend's name once more. Start at [`Service::act`].

use calls::{
    Answer, Fault, FaultCode, FriendAct, FriendMessage, FriendMessages, PactTerms, SecretText,
};
use federation::{Federation, FederationError, FriendId, FriendView};
use peer_proto::pact::PactHash;
use peer_proto::sign::{Signature, Statement};
use peer_proto::wire::NoteKind;
use plan::offsite::silence::{Duty, duty};
use types::{PackId, UnixTime};

use crate::faults;
use crate::limits;
use crate::notes::NAME_LEN_MAX;
use crate::pairing::pick;
use crate::service::Service;
use crate::shown;

impl Service {
    /// The friend that was meant: by its name, or by the front of its id.
    pub(crate) fn found(&self, said: &str) -> Result<FriendView, Fault> {
        let talk = self.federation().map_err(|_| faults::nothing("friend", said))?;
        let views = talk.friends();
        self.know(&views);
        let named = self.parts.desk().notes.named(said).map(str::to_owned);
        let by_name = |view: &&FriendView| Some(view.id.to_string()) == named;
        if let Some(view) = views.iter().find(by_name) {
            return Ok(view.clone());
        }
        let all = views.into_iter().map(|view| {
            let id = view.id.to_string();
            (view, id)
        });
        pick("friend", said, all)
    }

    /// Does what was asked for, and shows the friend as it is then.
    pub(crate) fn act(&self, said: &str, act: FriendAct) -> Result<Answer, Fault> {
        let view = self.found(said)?;
        let (id, talk) = (view.id, self.federation()?);
        match act {
            FriendAct::Name { name, place } => self.rename(id, name, place)?,
            FriendAct::Limit { limits } => {
                limits::rules(&limits)?;
                self.note(id, |note| note.limits = limits);
            }
            FriendAct::Audit {} => self.parts.desk().prove_now.push(id),
            FriendAct::Propose { terms, words } => self.propose(&talk, &view, &terms, words)?,
            FriendAct::Answer { pact, yes, words } => {
                self.answer_terms(&talk, &view, &pact, (yes, words))?;
            }
            FriendAct::Pause { until_ms } => done(talk.pause(id, until_ms.map(UnixTime)))?,
            FriendAct::Resume {} => done(talk.resume(id))?,
            FriendAct::Block { name } => {
                self.named_again(id, &name)?;
                done(talk.block(id))?;
            }
            FriendAct::Unblock {} => done(talk.unblock(id))?,
            FriendAct::End { name } => {
                self.named_again(id, &name)?;
                let now = self.parts.wall();
                self.may_give_notice(&view, now)?;
                done(talk.end(id))?;
                self.note(id, |note| note.notice_ms = Some(now.0));
            }
            FriendAct::StopNow { name } => {
                self.named_again(id, &name)?;
                done(talk.stop_now(id))?;
            }
            FriendAct::Reconciled {} => {
                done(talk.reconciled(id))?;
                self.note(id, |note| note.trouble.clear());
            }
            FriendAct::Say { text } => {
                let now = self.parts.wall();
                done(talk.say(id, NoteKind::Words, &text, None))?;
                self.note(id, |note| note.says(text, now));
            }
            FriendAct::Read {} => {
                let newest = newest(&talk, id);
                self.note(id, |note| note.read = note.read.max(newest));
            }
        }
        self.parts.write_notes();
        self.parts.wants_round();
        self.parts.home.changed();
        let view = talk.friend(id).map_err(|error| faults::of(&error))?;
        let inbox = talk.inbox(id).unwrap_or_default();
        let now = self.parts.wall();
        let shown = shown::friend(&view, &mut self.parts.desk(), &inbox, now);
        Ok(Answer::Friend(Box::new(shown)))
    }

    fn note(&self, id: FriendId, change: impl FnOnce(&mut crate::notes::FriendNote)) {
        let mut desk = self.parts.desk();
        if let Some(note) = desk.note(id) {
            change(note);
            desk.dirty = true;
        }
    }

    /// A box that is dark cannot send what lies here elsewhere: what was agreed on for its silence comes first.
    fn may_give_notice(&self, view: &FriendView, now: UnixTime) -> Result<(), Fault> {
        let note = self.parts.desk().note(view.id).cloned().unwrap_or_default();
        match duty(&shown::guest(view, &note), now) {
            Duty::KeepDark { until } if view.kept.packs > 0 => Err(faults::dark(&note.name, until)),
            _ => Ok(()),
        }
    }

    /// Whoever lets go of protection has said of whom twice.
    fn named_again(&self, id: FriendId, said: &str) -> Result<(), Fault> {
        let mut desk = self.parts.desk();
        let name = desk.note(id).map(|note| note.name.clone()).unwrap_or_default();
        if name.to_lowercase() == said.trim().to_lowercase() {
            return Ok(());
        }
        Err(faults::other_name(&name))
    }

    fn rename(
        &self,
        id: FriendId,
        name: Option<String>,
        place: Option<String>,
    ) -> Result<(), Fault> {
        for said in name.iter().chain(&place) {
            if said.len() > NAME_LEN_MAX || said.chars().any(char::is_control) {
                let sentence =
                    format!("A name or a place is at most {NAME_LEN_MAX} bytes of plain text.");
                return Err(Fault::new(FaultCode::BadRequest, sentence, "Take a shorter one."));
            }
        }
        if let Some(name) = &name {
            let desk = self.parts.desk();
            let other = desk.notes.named(name).filter(|other| **other != id.to_string());
            if name.trim().is_empty() || other.is_some() {
                let sentence =
                    format!("No friend can be called {name:?}: it is empty, or another's.");
                return Err(Fault::new(FaultCode::BadRequest, sentence, "Take another name."));
            }
        }
        self.note(id, |note| {
            if let Some(name) = name {
                name.trim().clone_into(&mut note.name);
            }
            if let Some(place) = place {
                place.trim().clone_into(&mut note.place);
            }
        });
        Ok(())
    }

    fn propose(
        &self,
        talk: &Federation,
        view: &FriendView,
        said: &PactTerms,
        words: Option<SecretText>,
    ) -> Result<(), Fault> {
        let mut terms = limits::terms(said, view.part)?;
        // Hours that were agreed on stay.
        terms.by_inviter.schedule = view.pact.terms.by_inviter.schedule;
        terms.by_invitee.schedule = view.pact.terms.by_invitee.schedule;
        let recovery = match words {
            None => None,
            Some(words) => {
                let next = talk.next_pact(view.id, terms).map_err(|error| faults::of(&error))?;
                Some(self.by_words(&words, &next.signed_bytes())?)
            }
        };
        done(talk.propose(view.id, terms, recovery))
    }

    fn answer_terms(
        &self,
        talk: &Federation,
        view: &FriendView,
        pact: &str,
        (yes, words): (bool, Option<SecretText>),
    ) -> Result<(), Fault> {
        // A hash is as long as a pack's name, and reads like one.
        let named: PackId = pact.parse().map_err(|_| faults::nothing("proposal", pact))?;
        let asked = view.asked.as_ref().filter(|asked| asked.hash().0 == named.0);
        let asked = asked.ok_or_else(|| faults::nothing("proposal", pact))?;
        let recovery = match words.filter(|_| yes) {
            None => None,
            Some(words) => Some(self.by_words(&words, &asked.signed_bytes())?),
        };
        done(talk.answer(view.id, PactHash(named.0), yes, recovery))
    }

    fn by_words(&self, words: &SecretText, pact: &[u8]) -> Result<Signature, Fault> {
        let bytes = Statement::Shorten.bytes(pact);
        self.parts.home.sign_with_words(words.reveal(), &bytes).map(Signature::of)
    }

    /// What was written to a friend and came from there, the oldest first.
    pub(crate) fn messages(&self, said: &str) -> Result<Answer, Fault> {
        let view = self.found(said)?;
        let inbox = self.federation()?.inbox(view.id).map_err(|error| faults::of(&error))?;
        let theirs = inbox.iter().map(|note| FriendMessage {
            at_ms: note.time.0,
            mine: false,
            alarm: note.kind == NoteKind::Alarm,
            text: note.text.as_str().to_owned(),
            taken: true,
        });
        let own = self.parts.desk().note(view.id).map(|note| note.said.clone()).unwrap_or_default();
        let taken = own.len().saturating_sub(view.notes_waiting);
        let mine = own.into_iter().enumerate().map(|(at, (at_ms, text))| FriendMessage {
            at_ms,
            mine: true,
            alarm: false,
            text,
            taken: at < taken,
        });
        let mut messages: Vec<FriendMessage> = theirs.chain(mine).collect();
        messages.sort_by_key(|message| message.at_ms);
        Ok(Answer::FriendMessages(FriendMessages { messages }))
    }
}

/// The number of the friend's newest message.
fn newest(talk: &Federation, id: FriendId) -> u64 {
    let inbox = talk.inbox(id).unwrap_or_default();
    inbox.iter().map(|note| note.serial).max().unwrap_or(0)
}

fn done(result: Result<(), FederationError>) -> Result<(), Fault> {
    result.map_err(|error| faults::of(&error))
}
