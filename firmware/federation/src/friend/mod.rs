//! One friend: a thread that owns the machines, feeds them what happens, and does what they say in
//! that order.
//!
//! A record is durable before anything that stands behind it is done: when it cannot be written, all
//! that was to follow is left, every line with the friend is closed, and it is begun anew from the
//! records. Whatever takes long (bodies, looks at disks, removals) runs beside the thread and comes
//! back as an event. Start at [`Friend::begin`], then [`Friend::take`].

mod asked;
mod asking;
mod back;
mod broken;
mod ctl;
mod essence;
mod events;
mod forgetting;
mod heads;
mod hosting;
mod leftovers;
mod lines;
mod listing;
mod machines;
mod owning;
mod pace;
mod pact;
mod post;
mod removal;
mod shelves;
mod streams;
mod time;

pub(crate) use asked::fetch;
pub(crate) use events::{Event, Inbox, Link};
pub(crate) use listing::list;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};

use peer_proto::host::StreamId;
use peer_proto::owner::AskId;
use peer_proto::pact::PactEvent;
use peer_proto::presence::Presence;
use peer_proto::rate::Asks;
use peer_proto::wire::Figures;
use tokio::sync::mpsc;
use types::{EndpointId, Millis, OwnerKey, PackId, UnixTime, VolumeId};

use self::asking::Asking;
use self::events::Who;
use self::lines::{CtlLine, PackLine};
pub(crate) use self::machines::saved;
use self::machines::{Machines, friend_of, owner_key, read, who_of};
use self::shelves::Disk;
use self::streams::{Lane, Serving};
use crate::core::Core;
use crate::error::FederationError;
use crate::holds::Held;
use crate::house::Log;
use crate::news::{FriendNews, News};
use crate::record::Record;
use crate::throttle::Throttle;
use crate::views::FriendId;

/// Records could not be written or read: what was to follow is not done.
#[derive(Debug)]
pub(crate) struct Broke(pub(crate) io::Error);

/// A pack that is being received, and holds its disk.
type Coming = Held<Box<volume::hosted::Incoming>>;

/// How a step ends.
pub(crate) type Step = Result<(), Broke>;

/// Bytes of records after which the log is looked at for what it can lose.
const LOG_GROWS: u64 = 4 << 20;

/// One friend, on its own thread.
pub(crate) struct Friend {
    core: Arc<Core>,
    id: FriendId,
    endpoint: EndpointId,
    who: Arc<Who>,
    inbox: Inbox,
    lane: Lane,
    m: Machines,
    presence: Presence,
    ctl: Option<CtlLine>,
    pack: Option<PackLine>,
    pack_dial: lines::PackDial,
    /// Connections for packs that are not closed.
    lines: BTreeMap<peer_proto::host::LineId, iroh::endpoint::Connection>,
    disks: Vec<Disk>,
    streams: BTreeMap<StreamId, Serving>,
    /// The stream that was addressed last: one that nothing is said to is cut.
    addressed: Option<StreamId>,
    asks: BTreeMap<AskId, Asking>,
    instructed: Option<AskId>,
    /// Packs that a look or a body is being done for.
    found: BTreeMap<StreamId, (VolumeId, Option<Coming>)>,
    /// What is to be removed, and could not be yet.
    to_drop: BTreeSet<PackId>,
    to_remove: BTreeSet<PackId>,
    removing: bool,
    rotten: BTreeSet<PackId>,
    ctl_asks: Asks,
    bad_frames: Asks,
    head_not_here: Option<peer_proto::wire::HeadPoint>,
    note_from: Millis,
    note_is_out: bool,
    hello_at: Millis,
    second_at: Millis,
    minute_at: Millis,
    friend_says: Option<(Figures, Figures)>,
    audits: (u64, u64),
    fetches: Arc<tokio::sync::Semaphore>,
    log_grew: u64,
    broke: Option<Millis>,
    last_error: Option<(UnixTime, String)>,
    pace: lines::Pace,
}

impl Friend {
    /// Reads a friend's log and starts its thread.
    pub(crate) fn begin(core: Arc<Core>, id: FriendId) -> Result<Link, FederationError> {
        let (inbox, events) = Inbox::new();
        let mut friend = Self::load(core, id, inbox.clone()).map_err(FederationError::records)?;
        let who = Arc::clone(&friend.who);
        let name = format!("friend {}", id.0.short());
        let run = move || {
            friend.first();
            friend.run(events);
        };
        let thread = std::thread::Builder::new().name(name).spawn(run);
        let thread = Mutex::new(Some(thread.map_err(FederationError::records)?));
        Ok(Link { id, who, inbox, thread })
    }

    fn load(core: Arc<Core>, id: FriendId, inbox: Inbox) -> io::Result<Self> {
        let now = core.now();
        let mut disks = shelves::disks(&core);
        let (m, first) = read(&core, id, &mut disks, now)?;
        let own = core.own();
        let endpoint = friend_of(&m.life);
        let throttle = Arc::new(Throttle::new(Arc::clone(&core.house)));
        let (runtime, house) = (core.runtime.clone(), Arc::clone(&core.house));
        let own_disks = Arc::clone(&core.disks);
        let lane = Lane { inbox: inbox.clone(), runtime, throttle, house, own_disks };
        let mut friend = Self {
            presence: Presence::new(own, endpoint, m.reached.last_seen, now),
            core,
            id,
            endpoint,
            who: who_of(&m.life),
            inbox,
            lane,
            m,
            ctl: None,
            pack: None,
            pack_dial: lines::PackDial::default(),
            lines: BTreeMap::new(),
            head_not_here: None,
            disks,
            streams: BTreeMap::new(),
            addressed: None,
            asks: BTreeMap::new(),
            instructed: None,
            found: BTreeMap::new(),
            to_drop: BTreeSet::new(),
            to_remove: BTreeSet::new(),
            removing: false,
            rotten: BTreeSet::new(),
            ctl_asks: Asks::new(now.uptime),
            bad_frames: Asks::new(now.uptime),
            note_from: now.uptime,
            note_is_out: false,
            hello_at: now.uptime,
            second_at: now.uptime,
            minute_at: now.uptime,
            friend_says: None,
            audits: (0, 0),
            fetches: Arc::new(tokio::sync::Semaphore::new(lines::FETCHES_MAX)),
            log_grew: 0,
            broke: None,
            last_error: None,
            pace: lines::Pace::default(),
        };
        friend.look_at_gate();
        friend.host_actions(first).map_err(|Broke(error)| error)?;
        Ok(friend)
    }

    /// What has to be done before anything else is heard.
    fn first(&mut self) {
        let done = self.promise_and_room().and_then(|()| {
            self.pact_step(PactEvent::Started, None)?;
            self.drop_unknown_parts();
            self.allow()
        });
        if let Err(broke) = done {
            self.break_off(broke);
        }
    }

    fn run(&mut self, mut events: mpsc::UnboundedReceiver<Event>) {
        while let Some(event) = events.blocking_recv() {
            if matches!(event, Event::Stop) {
                break;
            }
            if let Err(broke) = self.take(event) {
                self.break_off(broke);
            }
        }
        self.goodbye();
    }

    /// Something happened.
    fn take(&mut self, event: Event) -> Step {
        if self.broke.is_some() {
            return self.take_while_broken(event);
        }
        match event {
            Event::Call(call) => {
                call(self);
                Ok(())
            }
            Event::Tick => self.tick(),
            Event::Stop => Ok(()),
            Event::Hope => self.presence_step(peer_proto::presence::PresenceEvent::Hope),
            Event::DialFailed { why, code } => self.dial_failed(why, code),
            Event::CtlUp { connection, hello } => self.ctl_up(connection, hello),
            Event::CtlDown(line) => self.ctl_down(line),
            Event::PackUp { connection } => self.pack_up(connection),
            Event::PackDown(line) => self.pack_down(line),
            Event::PackNotDialled(why) => {
                self.pack_not_dialled(why);
                Ok(())
            }
            Event::CtlAsked { line, ask, reply, place } => {
                let done = self.ctl_asked(line, *ask, reply);
                drop(place);
                done
            }
            Event::CtlSaid { line, ask, say } => self.ctl_said(line, *ask, say),
            Event::Malformed(line) => self.malformed(line),
            Event::Carry { note, reply } => self.carry(*note, reply),
            Event::Brought { note, reply } => self.brought(*note, reply),
            hosting @ (Event::Asked { .. }
            | Event::Ended { .. }
            | Event::Looked { .. }
            | Event::Received { .. }
            | Event::HeadArrived { .. }
            | Event::Rotten(_)
            | Event::ShelfFailed(..)
            | Event::Removed(_)) => self.take_hosting(hosting),
            owning => self.take_owning(owning),
        }
    }

    /// Writes records down, before anything else is done.
    fn keep(&mut self, records: &[Record]) -> Step {
        let bytes: Vec<Vec<u8>> = records.iter().map(Record::bytes).collect();
        self.log_grew += bytes.iter().map(|record| record.len() as u64).sum::<u64>();
        self.core.house.keep(Log::Friend(self.id), &bytes).map_err(Broke)
    }

    /// Cuts the log down once it has grown.
    fn shorten_log(&mut self) -> Step {
        if self.log_grew < LOG_GROWS {
            return Ok(());
        }
        self.log_grew = 0;
        let log = Log::Friend(self.id);
        let saved = saved(&self.core, self.id).map_err(Broke)?;
        self.core.house.replace(log, &saved.log()).map_err(Broke)
    }

    fn tell(&self, what: FriendNews) {
        self.core.tell(News::Friend { friend: self.id, what });
    }

    fn noted_error(&mut self, what: String) {
        self.last_error = Some((self.core.now().wall, what));
    }

    /// Under which key disks keep what is the friend's.
    fn owner_key(&self) -> OwnerKey {
        owner_key(&self.m.life)
    }
}
