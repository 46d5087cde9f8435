//! What reaches a friend's thread, and by which way. Every stream waits for its answer, so what waits
//! in the inbox is bounded by the streams there may be.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use iroh::endpoint::Connection;
use peer_proto::host::{LineId, StreamId};
use peer_proto::owner::{AskId, Verdict};
use peer_proto::wire::{CtlAsk, CtlSay, HeadPoint, Hello, PackAsk, PackSay, Put, SignedNote};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use types::{EndpointId, PackId, VolumeId};
use volume::hosted::{HostedError, Incoming};

use super::Friend;
use super::streams::Serving;
use crate::holds::Held;
use crate::views::FriendId;

/// Something asked from outside; runs on the friend's thread.
pub(crate) type Call = Box<dyn FnOnce(&mut Friend) + Send>;

/// What became of a look for what a disk has of a pack.
#[derive(Debug)]
pub(crate) enum Found {
    /// It is there already.
    Whole(VolumeId),
    /// These groups are missing.
    Part(VolumeId, Held<Box<Incoming>>),
    /// Somebody works on it: later.
    Busy,
    /// No disk takes it.
    Nowhere,
}

/// What happens to a friend.
pub(crate) enum Event {
    Call(Call),
    Tick,
    Stop,
    /// There is reason to dial anew.
    Hope,
    /// With the code with which the other side closed.
    DialFailed {
        why: String,
        code: Option<u64>,
    },
    /// A control connection; with what the friend answered to the first hello, when this box dialled.
    CtlUp {
        connection: Connection,
        hello: Option<Box<Hello>>,
    },
    CtlDown(LineId),
    PackUp {
        connection: Connection,
    },
    PackDown(LineId),
    PackNotDialled(String),
    /// The friend asks on the control connection. The place is free again when this was heard.
    CtlAsked {
        line: LineId,
        ask: Box<CtlAsk>,
        reply: oneshot::Sender<CtlSay>,
        place: OwnedSemaphorePermit,
    },
    /// What the friend answered there; none when it did not.
    CtlSaid {
        line: LineId,
        ask: Box<CtlAsk>,
        say: Option<CtlSay>,
    },
    /// Something that is no frame came on a line.
    Malformed(LineId),
    /// Another friend gave a note for this one.
    Carry {
        note: Box<SignedNote>,
        reply: oneshot::Sender<CtlSay>,
    },
    /// Another friend brought a note of this one.
    Brought {
        note: Box<SignedNote>,
        reply: oneshot::Sender<CtlSay>,
    },
    /// The friend asks for something of its own.
    Asked {
        stream: StreamId,
        ask: PackAsk,
        serving: Serving,
    },
    Ended {
        stream: StreamId,
        place: OwnedSemaphorePermit,
    },
    Looked {
        stream: StreamId,
        put: Put,
        found: Found,
        failed: Vec<(VolumeId, HostedError)>,
    },
    Received {
        stream: StreamId,
        root: PackId,
        volume: VolumeId,
        result: Result<(), HostedError>,
    },
    HeadArrived {
        stream: StreamId,
        bytes: Vec<u8>,
    },
    /// A pack that should be there is not, or is wrong.
    Rotten(PackId),
    ShelfFailed(VolumeId, HostedError),
    Removed(Vec<(PackId, bool)>),
    /// The friend answers.
    Said {
        ask: AskId,
        say: PackSay,
    },
    Broken(AskId),
    Progress(AskId),
    Verified {
        ask: AskId,
        verdict: Verdict,
    },
    /// An own pack that was to be sent is not there.
    NotHere {
        ask: AskId,
        root: PackId,
    },
    HeadNotHere {
        ask: AskId,
        point: HeadPoint,
    },
    HeadShown {
        point: HeadPoint,
        bytes: Option<Vec<u8>>,
    },
}

/// The way to a friend's thread.
#[derive(Clone, Debug)]
pub(crate) struct Inbox {
    to: mpsc::UnboundedSender<Event>,
    ticked: Arc<AtomicBool>,
}

impl Inbox {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (to, events) = mpsc::unbounded_channel();
        (Self { to, ticked: Arc::new(AtomicBool::new(false)) }, events)
    }

    /// After the end nobody hears it.
    pub(crate) fn send(&self, event: Event) {
        drop(self.to.send(event));
    }

    /// One tick at most waits: a thread that is busy misses some.
    pub(crate) fn tick(&self) {
        if !self.ticked.swap(true, Ordering::AcqRel) {
            self.send(Event::Tick);
        }
    }

    pub(super) fn heard_tick(&self) {
        self.ticked.store(false, Ordering::Release);
    }
}

/// A friend's thread, from outside.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) id: FriendId,
    pub(crate) endpoint: EndpointId,
    pub(crate) inbox: Inbox,
    pub(super) thread: Mutex<Option<JoinHandle<()>>>,
}

impl Link {
    /// Until it has ended.
    pub(crate) fn wait(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(thread.join());
        }
    }
}
