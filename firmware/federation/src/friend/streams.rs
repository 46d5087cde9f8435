//! One task for each request of the friend: reads the question, carries out what the friend's thread
//! says, and always reports its end. Nothing is decided here. Start at [`serve`].

use std::io::Write;
use std::sync::Arc;

use iroh::endpoint::{RecvStream, SendStream};
use peer_proto::host::StreamId;
use peer_proto::wire::{PackAsk, PackSay, Ranges, Why};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use types::{Bytes, HeadHash, OwnerKey, PackId, VolumeId};
use verified::{Outboard, Told};
use volume::hosted::{Hosted, HostedError, Incoming};

use super::events::{Event, Inbox};
use crate::frames::{self, FRAME_WITHIN, NoFrame};
use crate::holds::{Held, Holds};
use crate::house::House;
use crate::pipe::{Around, BodyIn, BodyOut, MOVES_WITHIN};
use crate::ranges;
use crate::throttle::Throttle;

/// What every stream of a friend needs.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) inbox: Inbox,
    pub(crate) runtime: Handle,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) house: Arc<dyn House>,
    /// Whoever reads own packs holds one of these.
    pub(crate) own_disks: Arc<Holds>,
}

impl Lane {
    pub(crate) fn around(
        &self,
        given_up: watch::Receiver<bool>,
        moved: Arc<dyn Fn() + Send + Sync>,
    ) -> Around {
        let (runtime, throttle) = (self.runtime.clone(), Arc::clone(&self.throttle));
        Around { runtime, throttle, given_up, moved }
    }
}

/// A stream that is being served, from the thread's side. Dropping it gives the stream up.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(super) to: mpsc::UnboundedSender<ToStream>,
    _give_up: watch::Sender<bool>,
}

/// What a stream is to do, in this order.
#[derive(Debug)]
pub(crate) enum ToStream {
    Say(PackSay),
    /// Take what is missing and make it durable; nothing when all was there.
    Receive {
        root: PackId,
        volume: VolumeId,
        incoming: Option<Held<Box<Incoming>>>,
    },
    ReceiveHead {
        len: u64,
    },
    Serve {
        from: From,
        root: PackId,
        ranges: Ranges,
        first: PackSay,
    },
}

/// Where something that is served lies.
#[derive(Debug)]
pub(crate) enum From {
    Disk { hosted: Held<Hosted>, volume: VolumeId, owner: OwnerKey },
    Head(Vec<u8>),
}

/// A stream and both its ends.
struct Stream {
    id: StreamId,
    send: SendStream,
    recv: RecvStream,
    given_up: watch::Receiver<bool>,
}

/// Serves one request, to its end.
pub(crate) async fn serve(
    lane: Lane,
    id: StreamId,
    (send, recv): (SendStream, RecvStream),
    place: OwnedSemaphorePermit,
) {
    let (to, told) = mpsc::unbounded_channel();
    let (give_up, given_up) = watch::channel(false);
    let mut stream = Stream { id, send, recv, given_up };
    match frames::read::<PackAsk>(&mut stream.recv, FRAME_WITHIN).await {
        Ok(ask) => {
            let serving = Serving { to, _give_up: give_up };
            lane.inbox.send(Event::Asked { stream: id, ask, serving });
            follow(&lane, stream, told).await;
        }
        Err(NoFrame::Wire(error)) => {
            lane.inbox.send(Event::Malformed(id.line));
            let no = PackSay::Refused(error.refusal());
            if frames::write(&mut stream.send, &no).await {
                drop(stream.send.finish());
            }
        }
        Err(NoFrame::Gone) => {}
    }
    lane.inbox.send(Event::Ended { stream: id, place });
}

/// Does what it is told until the last answer.
async fn follow(lane: &Lane, mut stream: Stream, mut told: mpsc::UnboundedReceiver<ToStream>) {
    // The thread may be busy with a disk for as long as a body may rest.
    while let Ok(Some(next)) = timeout(MOVES_WITHIN, told.recv()).await {
        let goes_on = match next {
            ToStream::Say(say) => {
                let is_last = !matches!(say, PackSay::Accept(_));
                let said = frames::write(&mut stream.send, &say).await;
                if said && is_last {
                    drop(stream.send.finish());
                    return;
                }
                said.then_some(stream)
            }
            ToStream::Receive { root, volume, incoming } => {
                receive(lane, stream, (root, volume), incoming).await
            }
            ToStream::ReceiveHead { len } => receive_head(lane, stream, len).await,
            ToStream::Serve { from, root, ranges, first } => {
                serve_parts(lane, stream, from, (root, ranges, first)).await;
                return;
            }
        };
        let Some(rest) = goes_on else { return };
        stream = rest;
    }
    drop(stream.send.reset(0_u32.into()));
}

async fn receive(
    lane: &Lane,
    mut stream: Stream,
    (root, volume): (PackId, VolumeId),
    incoming: Option<Held<Box<Incoming>>>,
) -> Option<Stream> {
    let around = lane.around(stream.given_up.clone(), Arc::new(|| ()));
    let taken = spawn_blocking(move || {
        let Some(incoming) = incoming else { return (stream, Ok(())) };
        let (mut incoming, hold) = incoming.apart();
        let missing = incoming.missing();
        let took = incoming.take(&missing, BodyIn::new(&mut stream.recv, around));
        let kept = match took {
            Ok(()) => incoming.finish().map(drop),
            Err(error) => {
                drop(incoming);
                Err(error)
            }
        };
        drop(hold);
        (stream, kept)
    });
    let (stream, result) = taken.await.ok()?;
    lane.inbox.send(Event::Received { stream: stream.id, root, volume, result });
    Some(stream)
}

async fn receive_head(lane: &Lane, mut stream: Stream, len: u64) -> Option<Stream> {
    // The machine has checked that it is no longer than a head may be.
    let mut bytes = vec![0; usize::try_from(len).ok()?];
    timeout(FRAME_WITHIN, stream.recv.read_exact(&mut bytes)).await.ok()?.ok()?;
    lane.throttle.pass(crate::house::Direction::In, bytes.len()).await;
    lane.inbox.send(Event::HeadArrived { stream: stream.id, bytes });
    Some(stream)
}

async fn serve_parts(lane: &Lane, stream: Stream, from: From, what: (PackId, Ranges, PackSay)) {
    let lane = lane.clone();
    let served = spawn_blocking(move || match from {
        From::Disk { hosted, volume, owner } => {
            serve_from_disk(&lane, stream, (&hosted, volume, owner), what);
        }
        From::Head(bytes) => serve_head(&lane, stream, &bytes, what),
    });
    drop(served.await);
}

/// Only on threads that may block.
fn serve_from_disk(
    lane: &Lane,
    mut stream: Stream,
    (hosted, volume, owner): (&Hosted, VolumeId, OwnerKey),
    (root, ranges, first): (PackId, Ranges, PackSay),
) {
    let kept = match hosted.open(owner, root) {
        Ok(kept) => kept,
        Err(error) => {
            let say = if tell_of(lane, volume, root, error) {
                PackSay::Missing
            } else {
                PackSay::Refused(Why::Failed.plain())
            };
            if lane.runtime.block_on(frames::write(&mut stream.send, &say)) {
                drop(stream.send.finish());
            }
            return;
        }
    };
    if !lane.runtime.block_on(frames::write(&mut stream.send, &first)) {
        return;
    }
    let groups = ranges::groups_or_all(&kept.told(), &ranges);
    let around = lane.around(stream.given_up.clone(), Arc::new(|| ()));
    let mut out = BodyOut::new(&mut stream.send, around);
    let answered = kept.answer(&groups, &mut out);
    let flushed = out.flush();
    match answered {
        Ok(()) if flushed.is_ok() => drop(stream.send.finish()),
        Ok(()) | Err(HostedError::Receiver { .. }) => drop(stream.send.reset(0_u32.into())),
        Err(error) => {
            drop(stream.send.reset(0_u32.into()));
            tell_of(lane, volume, root, error);
        }
    }
}

/// Whether the pack is lost, and not only its disk in trouble.
fn tell_of(lane: &Lane, volume: VolumeId, root: PackId, error: HostedError) -> bool {
    let is_lost = matches!(error, HostedError::Missing { .. } | HostedError::Damaged { .. });
    lane.inbox.send(if is_lost { Event::Rotten(root) } else { Event::ShelfFailed(volume, error) });
    is_lost
}

/// Only on threads that may block.
fn serve_head(
    lane: &Lane,
    mut stream: Stream,
    bytes: &[u8],
    (root, _, first): (PackId, Ranges, PackSay),
) {
    let told = Told::new(root, Bytes(bytes.len() as u64));
    let proven = told.and_then(|told| Some((told, Outboard::of(&told, bytes).ok()??)));
    let Some((told, outboard)) = proven else {
        // Of a head that rotted nothing is shown; its owner has it, or other friends.
        if lane.runtime.block_on(frames::write(&mut stream.send, &PackSay::Missing)) {
            drop(stream.send.finish());
        }
        return;
    };
    if !lane.runtime.block_on(frames::write(&mut stream.send, &first)) {
        return;
    }
    let around = lane.around(stream.given_up.clone(), Arc::new(|| ()));
    let mut out = BodyOut::new(&mut stream.send, around);
    let all = verified::Groups::all(&told);
    let sent = verified::send(&outboard, &bytes, &all, &mut out).is_ok() && out.flush().is_ok();
    drop(if sent { stream.send.finish() } else { stream.send.reset(0_u32.into()) });
}

/// The part of a head's name that its hash makes.
pub(super) fn name_of_hash(hash: HeadHash) -> String {
    let name = Hosted::head_name(0, hash);
    name.rsplit('-').next().unwrap_or_default().to_owned()
}
