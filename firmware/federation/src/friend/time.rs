//! What time brings: hellos, rates, what waits for its minute, and where the friend was.
//! Start at [`Friend::tick`].

use peer_proto::host::HostEvent;
use peer_proto::limits;
use peer_proto::owner::OwnerEvent;
use peer_proto::pact::{PactEvent, Phase};
use peer_proto::presence::PresenceEvent;
use peer_proto::wire::CtlAsk;
use types::Millis;

use super::lines::HELLO_EVERY;
use super::{Friend, Step};
use crate::endpoint;
use crate::record::Record;

const SECOND: Millis = Millis::from_secs(1);
const MINUTE: Millis = Millis::from_secs(60);
/// Addresses of a friend that are remembered.
const ADDRESSES_MAX: usize = limits::ADDRESSES_MAX;

impl Friend {
    /// Remembers where the friend was reached, newest first.
    pub(super) fn note_addresses(&mut self, told: Vec<String>) -> Step {
        let mut all = told;
        all.retain(|text| text.len() <= limits::ADDRESS_LEN_MAX);
        for known in &self.m.reached.addresses {
            if !all.contains(known) {
                all.push(known.clone());
            }
        }
        all.truncate(ADDRESSES_MAX);
        let is_new = |text: &String| !self.m.reached.addresses.contains(text);
        if !all.iter().any(is_new) {
            return Ok(());
        }
        self.m.reached.addresses = all;
        self.keep(&[Record::Reached(self.m.reached.clone())])
    }

    pub(super) fn keep_seen(&mut self) -> Step {
        let seen = self.presence.last_seen();
        if seen == self.m.reached.last_seen {
            return Ok(());
        }
        self.m.reached.last_seen = seen;
        self.keep(&[Record::Reached(self.m.reached.clone())])
    }

    /// Time passes.
    pub(super) fn tick(&mut self) -> Step {
        self.inbox.heard_tick();
        let now = self.core.now();
        let jitter_per_mille = self.jitter();
        self.presence_step(PresenceEvent::Tick { jitter_per_mille })?;
        if let Some((relayed, _)) = self.ctl.as_ref().map(|line| endpoint::path(&line.connection)) {
            self.presence_step(PresenceEvent::Path { relayed })?;
        }
        self.owner_step(OwnerEvent::Tick)?;
        if now.uptime >= self.second_at {
            self.second_at = Millis(now.uptime.0.saturating_add(SECOND.0));
            self.look_at_pace();
        }
        if now.uptime >= self.minute_at {
            self.minute_at = Millis(now.uptime.0.saturating_add(MINUTE.0));
            self.minute()?;
        }
        if now.uptime >= self.hello_at && self.ctl.is_some() && self.is_open() {
            self.hello_at = Millis(now.uptime.0.saturating_add(HELLO_EVERY.0));
            self.ask_ctl(CtlAsk::Hello(Box::new(self.hello())));
            if self.m.end_told == Some(false) {
                self.pact_step(PactEvent::Connected, None)?;
            }
        }
        self.send_note();
        self.dial_pack();
        Ok(())
    }

    fn minute(&mut self) -> Step {
        let was = self.m.life.phase();
        self.pact_step(PactEvent::Tick, None)?;
        if was != Phase::Over && self.m.life.phase() == Phase::Over {
            self.allow()?;
        }
        self.host_step(HostEvent::Tick)?;
        if self.m.host.clock_is_sure(self.core.now()) {
            self.presence_step(PresenceEvent::ClockIsSure)?;
        }
        self.expire_notes()?;
        self.look_at_gate();
        self.drop_late();
        self.promise_and_room()?;
        self.keep_seen_hourly()?;
        self.shorten_log()
    }

    fn keep_seen_hourly(&mut self) -> Step {
        let (seen, kept) = (self.presence.last_seen(), self.m.reached.last_seen);
        match (seen, kept) {
            (Some(seen), Some(kept)) if seen.since(kept) < limits::MARK_EVERY => Ok(()),
            _ => self.keep_seen(),
        }
    }
}
