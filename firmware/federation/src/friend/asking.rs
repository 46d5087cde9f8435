//! One task for each request of this box: asks, hands answers to the friend's thread, and sends or
//! checks bodies as that says. Nothing is decided here. Start at [`ask`].

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use iroh::endpoint::{Connection, RecvStream, SendStream};
use peer_proto::limits;
use peer_proto::owner::{AskId, Verdict};
use peer_proto::wire::{ByteRange, Get, HeadPoint, PackAsk, PackSay, Ranges};
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use types::{Bytes, PackId};
use verified::{Outboard, Piece, ReadAt, ReceiveError, SendError, Told};

use super::events::Event;
use super::streams::Lane;
use crate::error::FederationError;
use crate::frames::{self, FRAME_WITHIN};
use crate::pipe::{Around, BodyIn, BodyOut, MOVES_WITHIN};
use crate::ranges;

/// Moved bytes are told so often, by the clock that only counts.
const PROGRESS_EVERY_MILLIS: u64 = 5_000;

/// A request that is open, from the thread's side. Dropping it gives it up.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(super) to: mpsc::UnboundedSender<ToAsk>,
    give_up: watch::Sender<bool>,
    /// It was told to send what lies on the own disks.
    pub(super) sends: bool,
}

impl Asking {
    /// Both ends of what a request is told.
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<ToAsk>, watch::Receiver<bool>) {
        let (to, told) = mpsc::unbounded_channel();
        let (give_up, given_up) = watch::channel(false);
        (Self { to, give_up, sends: false }, told, given_up)
    }

    /// It is given up: what is on its way is cut.
    pub(super) fn cancel(self) {
        self.give_up.send_replace(true);
    }
}

/// What a request is to do after an answer.
#[derive(Debug)]
pub(crate) enum ToAsk {
    Send { root: PackId, size: u64, missing: Ranges },
    SendHead(HeadPoint),
    Verify { root: PackId, size: u64, ranges: Ranges },
}

struct Open {
    ask: AskId,
    send: SendStream,
    recv: RecvStream,
    given_up: watch::Receiver<bool>,
}

/// What came of one step.
enum Step {
    /// The friend answers once more.
    Again(Open),
    /// That was all.
    Done,
    Broken,
}

/// Asks, and follows what the thread says until it is done.
pub(crate) async fn ask(
    lane: Lane,
    connection: Connection,
    (ask, what): (AskId, PackAsk),
    told: mpsc::UnboundedReceiver<ToAsk>,
    given_up: watch::Receiver<bool>,
) {
    let mut over = given_up.clone();
    tokio::select! {
        is_whole = converse(&lane, &connection, (ask, what), told, given_up) => {
            if !is_whole {
                lane.inbox.send(Event::Broken(ask));
            }
        }
        // Dropping the streams cuts them.
        _ = over.wait_for(|over| *over) => {}
    }
}

async fn converse(
    lane: &Lane,
    connection: &Connection,
    (ask, what): (AskId, PackAsk),
    mut told: mpsc::UnboundedReceiver<ToAsk>,
    given_up: watch::Receiver<bool>,
) -> bool {
    let Some((send, recv)) = question(connection, &what).await else { return false };
    let mut open = Open { ask, send, recv, given_up };
    loop {
        let Ok(say) = frames::read::<PackSay>(&mut open.recv, MOVES_WITHIN).await else {
            return false;
        };
        lane.inbox.send(Event::Said { ask, say });
        // Nothing more to do when the thread lets go of its end.
        let Some(next) = told.recv().await else { return true };
        match act(lane, open, next).await {
            Step::Again(rest) => open = rest,
            Step::Done => return true,
            Step::Broken => return false,
        }
    }
}

/// A new stream with the question on it.
pub(super) async fn question(
    connection: &Connection,
    what: &PackAsk,
) -> Option<(SendStream, RecvStream)> {
    let (mut send, recv) = timeout(FRAME_WITHIN, connection.open_bi()).await.ok()?.ok()?;
    if !frames::write(&mut send, what).await {
        return None;
    }
    let has_body = matches!(what, PackAsk::Put(_) | PackAsk::Head(_) | PackAsk::Anew(_));
    if !has_body {
        send.finish().ok()?;
    }
    Some((send, recv))
}

async fn act(lane: &Lane, open: Open, next: ToAsk) -> Step {
    let lane = lane.clone();
    let acted = spawn_blocking(move || match next {
        ToAsk::Send { root, size, missing } => send_pack(&lane, open, (root, size), &missing),
        ToAsk::SendHead(point) => send_head(&lane, open, point),
        ToAsk::Verify { root, size, ranges } => verify(&lane, open, (root, size), &ranges),
    });
    acted.await.unwrap_or(Step::Broken)
}

impl Open {
    fn around(&self, lane: &Lane) -> Around {
        let (inbox, ask, house) = (lane.inbox.clone(), self.ask, Arc::clone(&lane.house));
        let told = AtomicU64::new(house.now().uptime.0);
        let moved = move || {
            let now = house.now().uptime.0;
            let before = told.load(Ordering::Relaxed);
            if now.saturating_sub(before) >= PROGRESS_EVERY_MILLIS {
                told.store(now, Ordering::Relaxed);
                inbox.send(Event::Progress(ask));
            }
        };
        lane.around(self.given_up.clone(), Arc::new(moved))
    }
}

/// Only on threads that may block, like all that follow.
fn send_pack(lane: &Lane, mut open: Open, (root, size): (PackId, u64), missing: &Ranges) -> Step {
    let ask = open.ask;
    let not_here = || {
        lane.inbox.send(Event::NotHere { ask, root });
        Step::Done
    };
    // The box wants its disks back: later.
    let Some(_hold) = lane.own_disks.begin() else { return Step::Broken };
    let pack = lane.house.own_pack(root).ok().flatten();
    let Some((told, pack)) = Told::new(root, Bytes(size)).zip(pack) else { return not_here() };
    let bytes: &dyn ReadAt = &*pack.bytes;
    let in_order = InOrder { bytes, at: 0, len: size };
    let Ok(Some(outboard)) = Outboard::of(&told, in_order) else { return not_here() };
    let around = open.around(lane);
    let mut out = BodyOut::new(&mut open.send, around);
    let groups = ranges::groups(&told, missing.items());
    match verified::send(&outboard, bytes, &groups, &mut out) {
        Ok(()) if out.flush().is_ok() && open.send.finish().is_ok() => Step::Again(open),
        Ok(()) | Err(SendError::Writing(_)) => Step::Broken,
        Err(_) => not_here(),
    }
}

fn send_head(lane: &Lane, mut open: Open, point: HeadPoint) -> Step {
    let ask = open.ask;
    let Some(hold) = lane.own_disks.begin() else { return Step::Broken };
    let bytes = lane.house.own_head(point);
    drop(hold);
    let Some(bytes) = bytes else {
        lane.inbox.send(Event::HeadNotHere { ask, point });
        return Step::Done;
    };
    let around = open.around(lane);
    let mut out = BodyOut::new(&mut open.send, around);
    let sent = out.write_all(&bytes).and_then(|()| out.flush());
    if sent.is_ok() && open.send.finish().is_ok() { Step::Again(open) } else { Step::Broken }
}

fn verify(lane: &Lane, mut open: Open, (root, size): (PackId, u64), ranges: &Ranges) -> Step {
    let around = open.around(lane);
    let verdict = match Told::new(root, Bytes(size)) {
        Some(told) => {
            let groups = ranges::groups(&told, ranges.items());
            match verified::check(&told, &groups, BodyIn::new(&mut open.recv, around)) {
                Ok(()) => Verdict::Matches,
                Err(ReceiveError::Wrong { .. }) => Verdict::Mismatch,
                Err(_) => Verdict::Short,
            }
        }
        None => Verdict::Mismatch,
    };
    lane.inbox.send(Event::Verified { ask: open.ask, verdict });
    Step::Done
}

/// A pack from its beginning.
struct InOrder<'a> {
    bytes: &'a dyn ReadAt,
    at: u64,
    len: u64,
}

impl Read for InOrder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len - self.at).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let read = self.bytes.read_at(self.at, &mut buffer[..most])?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Fetches parts of something by its name, and hands out what is proven. Only on threads that may block.
pub(crate) fn fetch(
    lane: &Lane,
    connection: &Connection,
    (root, ranges): (PackId, &[ByteRange]),
    len_max: u64,
    take: &mut dyn FnMut(u64, &[u8]) -> io::Result<()>,
) -> Result<Bytes, FederationError> {
    let ranges = Ranges::new(ranges.to_vec())
        .map_err(|error| FederationError::Setting(error.to_string()))?;
    let get = PackAsk::Get(Get { root, ranges: ranges.clone() });
    let answer = lane.runtime.block_on(async {
        let (send, mut recv) = question(connection, &get).await?;
        let say = frames::read::<PackSay>(&mut recv, FRAME_WITHIN).await.ok()?;
        Some((send, recv, say))
    });
    let (_send, mut recv, say) = answer.ok_or(FederationError::Broken)?;
    let len = match say {
        PackSay::Found(len) if len <= len_max => len,
        PackSay::Found(_) => return Err(FederationError::Wrong(root)),
        PackSay::Missing => return Err(FederationError::Missing(root)),
        PackSay::Refused(refused) => return Err(FederationError::Refused(refused)),
        _ => return Err(FederationError::Broken),
    };
    let told = Told::new(root, Bytes(len)).ok_or(FederationError::Wrong(root))?;
    let groups = ranges::groups_or_all(&told, &ranges);
    let (_keep, given_up) = watch::channel(false);
    let body = BodyIn::new(&mut recv, lane.around(given_up, Arc::new(|| ())));
    let received = verified::receive(&told, &groups, body, |piece| match piece {
        Piece::Pair { .. } => Ok(()),
        Piece::Group { at, bytes, .. } => take(at, bytes),
    });
    match received {
        Ok(()) => Ok(Bytes(len)),
        Err(ReceiveError::Wrong { .. }) => Err(FederationError::Wrong(root)),
        Err(ReceiveError::Taking(error)) => Err(FederationError::Taking(Arc::new(error))),
        Err(_) => Err(FederationError::Broken),
    }
}

/// A head that a friend names, to be shown: its bytes, none when it has nothing that is it. No event
/// when the line broke.
pub(crate) fn show_head(lane: &Lane, connection: &Connection, point: HeadPoint) {
    let mut bytes = Vec::new();
    let mut take = |_: u64, more: &[u8]| {
        bytes.extend_from_slice(more);
        Ok(())
    };
    let root = PackId(point.hash.0);
    let shown = fetch(lane, connection, (root, &[]), limits::HEAD_LEN_MAX, &mut take);
    let bytes = match shown {
        Ok(_) => Some(bytes),
        Err(FederationError::Broken) => return,
        Err(_) => None,
    };
    lane.inbox.send(Event::HeadShown { point, bytes });
}
