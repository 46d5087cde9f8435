//! Connections with the friend: dialled, taken, lost.
//!
//! The box with the smaller id dials for control, and then for packs; both ask on either. Of two
//! connections of one kind the newer counts. Start at [`Friend::ctl_up`]
//! and [`Friend::pack_up`].

use std::sync::Arc;

use iroh::endpoint::Connection;
use peer_proto::host::{HostEvent, LineId, StreamId};
use peer_proto::limits;
use peer_proto::owner::OwnerEvent;
use peer_proto::pact::PactEvent;
use peer_proto::presence::{PresenceAction, PresenceEvent};
use peer_proto::rate::Over;
use peer_proto::wire::{ByeWhy, CtlAsk, Hello};
use tokio::sync::{Semaphore, mpsc};
use types::Millis;

use super::ctl::{self, ToCtl};
use super::events::Event;
use super::streams::{self, Lane};
use super::{Friend, Step};
use crate::endpoint;
use crate::gate::code;
use crate::news::FriendNews;

pub(super) use super::pace::Pace;

/// What is fetched at once from one friend: with what the owner machine asks it stays below what a
/// connection may have.
pub(super) const FETCHES_MAX: usize = 2;
/// How often a friend who is there is told how things are here.
pub(super) const HELLO_EVERY: Millis = Millis::from_secs(600);
/// A connection for packs that ends sooner than this was none: the next dial waits longer.
const STEADY: Millis = Millis::from_secs(5);

/// The control connection.
pub(super) struct CtlLine {
    pub(super) id: LineId,
    pub(super) connection: Connection,
    pub(super) to_say: mpsc::UnboundedSender<ToCtl>,
    /// This box dialled.
    dialled: bool,
}

/// The connection for packs.
pub(super) struct PackLine {
    id: LineId,
    pub(super) connection: Connection,
    since: Millis,
}

/// When to dial for packs.
#[derive(Debug, Default)]
pub(super) struct PackDial {
    is_out: bool,
    at: Millis,
    pause: Millis,
}

impl PackDial {
    fn failed(&mut self, now: Millis) {
        self.is_out = false;
        self.pause = Millis((self.pause.0 * 2).clamp(limits::REDIAL_FIRST.0, limits::REDIAL_MAX.0));
        self.at = Millis(now.0.saturating_add(self.pause.0));
    }
}

impl Friend {
    pub(super) fn presence_step(&mut self, event: PresenceEvent) -> Step {
        let now = self.core.now();
        for action in self.presence.step(now, event) {
            match action {
                PresenceAction::Dial => self.dial(),
                PresenceAction::Changed(seen) => self.tell(FriendNews::Seen(seen)),
            }
        }
        Ok(())
    }

    pub(super) fn jitter(&self) -> u16 {
        let [low, high] = self.core.house.rng().array::<2>();
        u16::from_le_bytes([low, high]) % 1_001
    }

    fn lost(&mut self) -> Step {
        let jitter_per_mille = self.jitter();
        self.presence_step(PresenceEvent::Lost { jitter_per_mille })
    }

    fn dial(&self) {
        let texts = self.m.reached.addresses.iter().map(String::as_str);
        let Some(to) = endpoint::address(self.endpoint, texts) else { return };
        let (endpoint, inbox) = (self.core.endpoint.clone(), self.inbox.clone());
        self.core.runtime.spawn(ctl::dial(endpoint, to, self.hello(), inbox));
    }

    pub(super) fn dial_failed(&mut self, why: String, closed_with: Option<u64>) -> Step {
        self.noted_error(why);
        if closed_with == Some(code(ByeWhy::Ended).into()) && self.m.end_told == Some(false) {
            self.end_is_told()?;
        }
        self.lost()
    }

    /// There is a control connection; with the friend's hello when this box dialled.
    pub(super) fn ctl_up(&mut self, connection: Connection, hello: Option<Box<Hello>>) -> Step {
        if let crate::gate::Entry::Shut(why) = self.entry() {
            connection.close(code(why).into(), b"");
            return Ok(());
        }
        // A dial or a handshake may have begun before the friend had another box.
        if endpoint::remote(&connection) != self.endpoint {
            connection.close(code(ByeWhy::Replaced).into(), b"");
            return Ok(());
        }
        let id = self.core.next_line();
        let (to_say, said) = mpsc::unbounded_channel();
        let line = CtlLine { id, connection: connection.clone(), to_say, dialled: hello.is_some() };
        if let Some(old) = self.ctl.replace(line) {
            old.connection.close(code(ByeWhy::Replaced).into(), b"");
        }
        let inbox = self.inbox.clone();
        self.core.runtime.spawn(ctl::hear(id, connection.clone(), inbox.clone()));
        self.core.runtime.spawn(ctl::speak(id, connection.clone(), inbox, said));
        self.note_is_out = false;
        self.pack_dial = PackDial::default();
        let (relayed, _) = endpoint::path(&connection);
        self.presence_step(PresenceEvent::Connected { relayed })?;
        self.note_addresses(endpoint::remote_texts(&connection))?;
        let now = self.core.now().uptime;
        self.hello_at = Millis(now.0.saturating_add(HELLO_EVERY.0));
        self.note_from = now;
        self.pact_step(PactEvent::Connected, None)?;
        if let Some(hello) = hello {
            self.heard_hello(*hello)?;
        }
        self.send_note();
        self.dial_pack();
        Ok(())
    }

    pub(super) fn ctl_down(&mut self, line: LineId) -> Step {
        if self.ctl.as_ref().is_none_or(|current| current.id != line) {
            return Ok(());
        }
        self.ctl = None;
        self.note_is_out = false;
        self.keep_seen()?;
        self.lost()
    }

    /// Dials for packs, when this box dialled for control and there is none.
    pub(super) fn dial_pack(&mut self) {
        let now = self.core.now().uptime;
        let Some(line) = self.ctl.as_ref().filter(|line| line.dialled) else { return };
        let is_due = !self.pack_dial.is_out && now >= self.pack_dial.at;
        if self.pack.is_some() || !is_due || !self.is_open() {
            return;
        }
        let there = endpoint::remote_texts(&line.connection);
        let texts = there.iter().chain(&self.m.reached.addresses).map(String::as_str);
        let Some(to) = endpoint::address(self.endpoint, texts) else { return };
        self.pack_dial.is_out = true;
        let (endpoint, inbox) = (self.core.endpoint.clone(), self.inbox.clone());
        self.core.runtime.spawn(ctl::dial_pack(endpoint, to, inbox));
    }

    pub(super) fn pack_not_dialled(&mut self, why: String) {
        self.noted_error(why);
        let now = self.core.now().uptime;
        self.pack_dial.failed(now);
    }

    /// There is a connection for packs.
    pub(super) fn pack_up(&mut self, connection: Connection) -> Step {
        let (id, now) = (self.core.next_line(), self.core.now().uptime);
        self.pack_dial.is_out = false;
        if endpoint::remote(&connection) != self.endpoint {
            connection.close(code(ByeWhy::Replaced).into(), b"");
            return Ok(());
        }
        self.lines.insert(id, connection.clone());
        self.host_step(HostEvent::Opened(id))?;
        if !self.lines.contains_key(&id) {
            return Ok(());
        }
        self.asks.clear();
        self.pack = Some(PackLine { id, connection: connection.clone(), since: now });
        self.core.runtime.spawn(hear_packs(id, connection, self.lane.clone()));
        self.look_at_pace();
        self.owner_step(OwnerEvent::Opened)?;
        // Which head the friend saw last counts from the connection on which heads go.
        self.ask_ctl(CtlAsk::Hello(Box::new(self.hello())));
        Ok(())
    }

    pub(super) fn pack_down(&mut self, line: LineId) -> Step {
        self.lines.remove(&line);
        self.streams.retain(|stream, _| stream.line != line);
        self.host_step(HostEvent::Closed(line))?;
        let Some(current) = self.pack.take_if(|current| current.id == line) else { return Ok(()) };
        let now = self.core.now().uptime;
        if now.0.saturating_sub(current.since.0) < STEADY.0 {
            self.pack_dial.failed(now);
        }
        self.asks.clear();
        self.owner_step(OwnerEvent::Closed)
    }

    /// What is no frame counts as a request; whoever sends it without end is cut off.
    pub(super) fn malformed(&mut self, line: LineId) -> Step {
        let now = self.core.now().uptime;
        if self.bad_frames.asked(now).is_err_and(|over| over == Over::Cut) {
            self.cut(line);
        }
        Ok(())
    }

    /// Whoever floods is cut off, and may come again.
    pub(super) fn cut(&mut self, line: LineId) {
        let ctl = self.ctl.as_ref().filter(|ctl| ctl.id == line).map(|ctl| &ctl.connection);
        if let Some(connection) = ctl.or_else(|| self.lines.get(&line)) {
            connection.close(code(ByeWhy::Flood).into(), b"");
        }
    }

    /// Closes every connection. Of a pact that ends the other side hears so first, within seconds.
    pub(super) fn close_lines(&mut self, why: ByeWhy) {
        for connection in std::mem::take(&mut self.lines).into_values() {
            connection.close(code(why).into(), b"");
        }
        self.streams.clear();
        self.asks.clear();
        self.found.clear();
        let Some(line) = &self.ctl else { return };
        if why != ByeWhy::Ended {
            line.connection.close(code(why).into(), b"");
            return;
        }
        // Whoever said the end closes when it was heard; who heard it waits for that.
        if self.m.end_told.is_some() {
            drop(line.to_say.send(ToCtl::Close(code(why))));
        }
        self.core.runtime.spawn(ctl::close_late(line.connection.clone(), code(why)));
    }

    pub(super) fn goodbye(&mut self) {
        let seen = self.keep_seen();
        if let Err(super::Broke(error)) = seen {
            self.noted_error(error.to_string());
        }
        self.close_lines(ByeWhy::Shutdown);
    }
}

/// Takes every request of the friend on a connection for packs, as many at once as there may be, and
/// reports its end.
async fn hear_packs(line: LineId, connection: Connection, lane: Lane) {
    let places = Arc::new(Semaphore::new(limits::STREAMS_MAX));
    let mut number = 0;
    // A place is free again when the thread has heard that a stream ended.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok(ends) = connection.accept_bi().await else { break };
        number += 1;
        let stream = StreamId { line, number };
        tokio::spawn(streams::serve(lane.clone(), stream, ends, place));
    }
    lane.inbox.send(Event::PackDown(line));
}
