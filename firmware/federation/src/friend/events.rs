//! What reaches a friend's thread, and by which way. Every stream waits for its answer, so what waits
//! in the inbox is bounded by the streams there may be.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use iroh::endpoint::Connection;
use peer_proto::host::{LineId, StreamId};
use peer_proto::owner::{AskId, Verdict};
use peer_proto::wire::{CtlAsk, CtlSay, HeadPoint, Hello, PackAsk, PackSay, Put, SignedNote};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use types::{EndpointId, PackId, VaultId, VolumeId};
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

/// Who the friend is, for whoever meets a box at a door.
#[derive(Debug)]
pub(crate) struct Who {
    endpoint: RwLock<EndpointId>,
    /// These stay for as long as the pact.
    pub(crate) vault: VaultId,
    pub(crate) recovery: [u8; 32],
    /// Boxes that said they were the friend's and were not, since the start.
    wrong: AtomicU64,
}

impl Who {
    pub(super) fn new(endpoint: EndpointId, vault: VaultId, recovery: [u8; 32]) -> Self {
        Self { endpoint: RwLock::new(endpoint), vault, recovery, wrong: AtomicU64::new(0) }
    }

    /// The friend's box.
    pub(crate) fn endpoint(&self) -> EndpointId {
        *self.endpoint.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_endpoint(&self, fresh: EndpointId) {
        *self.endpoint.write().unwrap_or_else(PoisonError::into_inner) = fresh;
    }

    pub(crate) fn was_wrong(&self) {
        self.wrong.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn wrong(&self) -> u64 {
        self.wrong.load(Ordering::Relaxed)
    }
}

/// A friend's thread, from outside.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) id: FriendId,
    pub(crate) who: Arc<Who>,
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
