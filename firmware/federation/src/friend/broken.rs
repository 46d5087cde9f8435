//! A friend whose records cannot be written: nothing is heard, and after a while all is begun anew.
//! Start at [`Friend::break_off`].

use peer_proto::clock::Now;
use peer_proto::presence::Presence;
use types::Millis;

use super::events::Event;
use super::machines::{friend_of, read};
use super::{Broke, Friend, Step, shelves};
use crate::news::FriendNews;

/// After records could not be written, it is tried again after this.
const AGAIN_AFTER: Millis = Millis::from_secs(10);

impl Friend {
    pub(super) fn take_while_broken(&mut self, event: Event) -> Step {
        match event {
            Event::Call(call) => call(self),
            Event::Tick => {
                self.inbox.heard_tick();
                let now = self.core.now();
                if self
                    .broke
                    .is_some_and(|since| now.uptime.0.saturating_sub(since.0) > AGAIN_AFTER.0)
                {
                    return self.begin_anew(now);
                }
            }
            // Streams that hang on what was dropped are cut; connections that come are closed.
            Event::CtlUp { connection, .. } | Event::PackUp { connection } => {
                connection.close(crate::gate::code(peer_proto::wire::ByeWhy::Restart).into(), b"");
            }
            _ => {}
        }
        Ok(())
    }

    /// Goes on from the records.
    fn begin_anew(&mut self, now: Now) -> Step {
        self.disks = shelves::disks(&self.core);
        match read(&self.core, self.id, &mut self.disks, now) {
            Ok((m, first)) => {
                let seen = m.reached.last_seen;
                self.m = m;
                self.broke = None;
                self.goes_by(friend_of(&self.m.life))?;
                self.presence = Presence::new(self.core.own(), self.endpoint, seen, now);
                self.host_actions(first)?;
                self.promise_and_room()?;
                self.allow()
            }
            Err(error) => Err(Broke(error)),
        }
    }

    /// Everything with the friend ends, until the records can be written again.
    pub(super) fn break_off(&mut self, Broke(error): Broke) {
        let now = self.core.now();
        self.broke = Some(now.uptime);
        self.noted_error(error.to_string());
        self.tell(FriendNews::RecordsFailed(error.to_string()));
        self.close_lines(peer_proto::wire::ByeWhy::Restart);
        (self.ctl, self.pack, self.note_is_out) = (None, None, false);
    }
}
