//! What the friend keeps for this box: what happens, as the owner machine's events, and what it says to
//! do. Start at [`Friend::take_owning`] and [`Friend::owner_actions`].

use peer_proto::owner::{AskId, Outcome, OwnerAction, OwnerEvent, OwnerNews};
use peer_proto::wire::{HeadPoint, PackAsk};
use tokio::task::spawn_blocking;
use types::PackId;

use super::asking::{self, Asking, ToAsk};
use super::events::Event;
use super::{Friend, Step};
use crate::news::FriendNews;
use crate::record::Record;

impl Friend {
    pub(super) fn take_owning(&mut self, event: Event) -> Step {
        match event {
            Event::Said { ask, say } => {
                self.instructed = None;
                self.owner_step(OwnerEvent::Said { ask, say })?;
                if self.instructed != Some(ask) {
                    // That was the last answer.
                    self.asks.remove(&ask);
                }
                Ok(())
            }
            Event::Broken(ask) => {
                self.asks.remove(&ask);
                self.owner_step(OwnerEvent::Broken(ask))
            }
            Event::Progress(ask) => self.owner_step(OwnerEvent::Progress(ask)),
            Event::Verified { ask, verdict } => {
                self.asks.remove(&ask);
                self.owner_step(OwnerEvent::Verified { ask, verdict })
            }
            Event::NotHere { ask, root } => self.not_here(ask, root),
            Event::HeadNotHere { ask, point } => {
                self.asks.remove(&ask);
                if self.head_not_here.replace(point) != Some(point) {
                    self.tell(FriendNews::HeadNotHere(point));
                }
                self.owner_step(OwnerEvent::Broken(ask))
            }
            Event::HeadShown { point, bytes } => {
                let house = &self.core.house;
                if bytes.as_ref().is_some_and(|bytes| house.remember_head(point, bytes)) {
                    // It was forgotten here, and nothing contradicts it.
                    let newest = house.newest_head();
                    let head = Some(point);
                    return self.owner_step(OwnerEvent::Hello { head, newest, known: true });
                }
                let writers = house.writers();
                self.owner_step(OwnerEvent::HeadShown { point, bytes, writers })
            }
            _ => Ok(()),
        }
    }

    /// An own pack cannot be sent: it is wanted there no more, unless the friend has it already.
    fn not_here(&mut self, ask: AskId, root: PackId) -> Step {
        self.asks.remove(&ask);
        let counts = self.m.owner.copy(root).is_some_and(peer_proto::owner::Copy::counts);
        self.owner_step(OwnerEvent::Broken(ask))?;
        if !counts {
            self.owner_step(OwnerEvent::Unwant(vec![root]))?;
        }
        self.tell(FriendNews::NotHere(root));
        Ok(())
    }

    pub(super) fn owner_step(&mut self, event: OwnerEvent) -> Step {
        let now = self.core.now();
        let actions = self.m.owner.step(now, &self.m.life, event);
        self.owner_actions(actions)?;
        // The friend has taken it, or knows a later one.
        if self.m.begins.is_some() && self.m.owner.begins().is_none() {
            self.m.begins = None;
            self.keep(&[Record::Begins(Box::new(None))])?;
        }
        Ok(())
    }

    /// Does what the machine says, in its order.
    fn owner_actions(&mut self, actions: Vec<OwnerAction>) -> Step {
        let mut actions = actions.into_iter().peekable();
        while let Some(action) = actions.next() {
            match action {
                OwnerAction::Keep(record) => {
                    let mut records = vec![Record::Copy(record)];
                    while let Some(OwnerAction::Keep(next)) =
                        actions.next_if(|next| matches!(next, OwnerAction::Keep(_)))
                    {
                        records.push(Record::Copy(next));
                    }
                    self.keep(&records)?;
                }
                OwnerAction::Ask { ask, what } => self.ask(ask, *what),
                OwnerAction::Send { ask, root, missing } => {
                    let size = self.m.owner.copy(root).map_or(0, |copy| copy.size);
                    self.instruct(ask, ToAsk::Send { root, size, missing });
                }
                OwnerAction::SendHead { ask, point } => self.instruct(ask, ToAsk::SendHead(point)),
                OwnerAction::Verify { ask, root, size, ranges } => {
                    self.instruct(ask, ToAsk::Verify { root, size, ranges });
                }
                OwnerAction::Cancel(ask) => {
                    if let Some(asking) = self.asks.remove(&ask) {
                        asking.cancel();
                    }
                }
                OwnerAction::Link { from, to } => self.link(from, to)?,
                OwnerAction::ShowHead(point) => self.show_head(point),
                OwnerAction::Tell(news) => self.tell_of_owner(news),
            }
        }
        Ok(())
    }

    fn ask(&mut self, ask: AskId, what: PackAsk) {
        // Without a line the machine asks nothing.
        let Some(line) = &self.pack else { return };
        let (asking, told, given_up) = Asking::new();
        self.asks.insert(ask, asking);
        let (lane, connection) = (self.lane.clone(), line.connection.clone());
        self.core.runtime.spawn(asking::ask(lane, connection, (ask, what), told, given_up));
    }

    fn instruct(&mut self, ask: AskId, what: ToAsk) {
        if let Some(asking) = self.asks.get_mut(&ask) {
            asking.sends |= matches!(what, ToAsk::Send { .. } | ToAsk::SendHead(_));
            self.instructed = Some(ask);
            // A request that has ended has said so, or will.
            drop(asking.to.send(what));
        }
    }

    /// Ends all that sends from the own disks; the machine asks again later.
    pub(super) fn stop_sending(&mut self) -> Step {
        let sending = self.asks.extract_if(.., |_, asking| asking.sends);
        let sending: Vec<(AskId, Asking)> = sending.collect();
        for (ask, asking) in sending {
            asking.cancel();
            self.owner_step(OwnerEvent::Broken(ask))?;
        }
        Ok(())
    }

    /// A locked box has no word now: it is asked for again later.
    fn link(&mut self, from: HeadPoint, to: HeadPoint) -> Step {
        match self.core.house.link(from, to) {
            Some(word) => self.owner_step(OwnerEvent::Linked { from, to, word }),
            None => Ok(()),
        }
    }

    fn show_head(&self, point: HeadPoint) {
        let Some(line) = &self.pack else { return };
        let (lane, connection) = (self.lane.clone(), line.connection.clone());
        self.core.runtime.spawn(async move {
            let shown = spawn_blocking(move || asking::show_head(&lane, &connection, point));
            drop(shown.await);
        });
    }

    fn tell_of_owner(&mut self, news: OwnerNews) {
        match &news {
            OwnerNews::Audited { outcome: Outcome::Passed, .. } => self.audits.0 += 1,
            OwnerNews::Audited { outcome: Outcome::Mismatch | Outcome::Missing, .. } => {
                self.audits.1 += 1;
            }
            // What it saw last is in its next hello.
            OwnerNews::HeadRefused(_) => self.hello_at = self.core.now().uptime,
            _ => {}
        }
        self.tell(FriendNews::Owner(news));
    }
}
