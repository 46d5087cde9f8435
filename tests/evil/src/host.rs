//! A host that keeps packs in memory and is as honest as it is told to be.
//!
//! It serves whatever the box asks on lines that the peer dialled. A lie is asked first; where it says
//! nothing, the answer is an honest one. Start at [`Host::serve`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use iroh::endpoint::{Connection, RecvStream, SendStream};
use peer_proto::limits::charge;
use peer_proto::wire::{
    Ack, ByteRange, CtlAsk, CtlSay, Figures, Hello, Kind, List, Listed, Listing, PackAsk, PackSay,
    Proof, Ranges,
};
use tokio::runtime::Handle;
use types::{Bytes, PackId, UnixTime};
use verified::{Groups, Outboard, Told};

use crate::raw::{Line, read_frame, write_frame};

/// What is done instead of an honest answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This, and then these bytes, and the end.
    Say(PackSay, Vec<u8>),
    /// Nothing, for ever.
    Silence,
    /// The stream is cut.
    Cut,
}

/// A lie: what to do instead of an honest answer; none is honesty.
pub type Lie = Arc<dyn Fn(&PackAsk, &Kept) -> Option<Reply> + Send + Sync>;

/// Packs by name.
pub type Kept = BTreeMap<PackId, Vec<u8>>;

/// The host.
#[derive(Clone)]
pub struct Host(Arc<Mutex<Inside>>);

struct Inside {
    kept: Kept,
    lie: Lie,
    hello: Hello,
    asked: Vec<PackAsk>,
    heard: Vec<CtlAsk>,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("kept", &self.inside().kept.len()).finish_non_exhaustive()
    }
}

/// What a box says of itself when it has nothing to say.
pub fn hello(time: UnixTime) -> Hello {
    Hello {
        version: 1,
        time,
        time_is_sure: true,
        addresses: List::first([]),
        pact_seq: 1,
        kept: Figures::default(),
        held: Figures::default(),
        head: None,
    }
}

impl Host {
    /// An honest one, for now.
    pub fn new(time: UnixTime) -> Self {
        let lie: Lie = Arc::new(|_, _| None);
        let (kept, asked, heard) = (Kept::new(), Vec::new(), Vec::new());
        Self(Arc::new(Mutex::new(Inside { kept, lie, hello: hello(time), asked, heard })))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this is said where it has something to say.
    pub fn lies(&self, lie: impl Fn(&PackAsk, &Kept) -> Option<Reply> + Send + Sync + 'static) {
        self.inside().lie = Arc::new(lie);
    }

    /// From now on it is honest.
    pub fn is_honest(&self) {
        self.lies(|_, _| None);
    }

    /// What it says of itself from now on.
    pub fn says(&self, change: impl FnOnce(&mut Hello)) -> Hello {
        let mut inside = self.inside();
        change(&mut inside.hello);
        inside.hello.clone()
    }

    /// Lets go of a pack, or of everything.
    pub fn drops(&self, only: Option<PackId>) {
        self.inside().kept.retain(|root, _| only.is_some_and(|only| only != *root));
    }

    /// What it was asked about packs, so far.
    pub fn asked(&self) -> Vec<PackAsk> {
        self.inside().asked.clone()
    }

    /// What it was asked on control lines, so far.
    pub fn heard(&self) -> Vec<CtlAsk> {
        self.inside().heard.clone()
    }

    /// What it keeps.
    pub fn kept(&self) -> Kept {
        self.inside().kept.clone()
    }

    /// Serves all that comes on a line for packs.
    pub fn serve(&self, line: &Line, runtime: &Handle) {
        runtime.spawn(packs(self.clone(), line.connection.clone()));
    }

    /// Serves all that comes on a control line.
    pub fn serve_ctl(&self, line: &Line, runtime: &Handle) {
        runtime.spawn(ctl(self.clone(), line.connection.clone()));
    }

    fn reply(&self, ask: &PackAsk) -> Reply {
        let mut inside = self.inside();
        inside.asked.push(ask.clone());
        let lie = Arc::clone(&inside.lie);
        let lied = lie(ask, &inside.kept);
        lied.unwrap_or_else(|| honest(ask, &inside.kept))
    }

    fn take(&self, root: PackId, bytes: Vec<u8>) -> PackSay {
        let mut inside = self.inside();
        inside.kept.insert(root, bytes);
        PackSay::Ack(Ack { root, kept: figures(&inside.kept) })
    }
}

/// What these count.
pub fn figures(kept: &Kept) -> Figures {
    let bytes = kept.values().map(|bytes| charge(bytes.len() as u64).0).sum();
    Figures { packs: kept.len() as u64, bytes: Bytes(bytes) }
}

/// The bao stream of these parts; all of it when there are none.
pub fn stream(bytes: &[u8], ranges: &[ByteRange]) -> Vec<u8> {
    let root = PackId(*blake3::hash(bytes).as_bytes());
    let Some(told) = Told::new(root, Bytes(bytes.len() as u64)) else { return Vec::new() };
    let mut groups = if ranges.is_empty() { Groups::all(&told) } else { Groups::none() };
    for range in ranges {
        for group in Groups::of_bytes(&told, range.from..range.to).iter() {
            groups.insert(group);
        }
    }
    let Ok(Some(outboard)) = Outboard::of(&told, bytes) else { return Vec::new() };
    let mut sent = Vec::new();
    // Whole bytes are sent to memory.
    drop(verified::send(&outboard, &bytes, &groups, &mut sent));
    sent
}

/// What an honest host says.
fn honest(ask: &PackAsk, kept: &Kept) -> Reply {
    let of = |root: &PackId| kept.get(root);
    let missing = Reply::Say(PackSay::Missing, Vec::new());
    match ask {
        PackAsk::Put(put) if of(&put.root).is_some() => Reply::Say(PackSay::Have, Vec::new()),
        PackAsk::Put(put) => {
            let all: Ranges = List::first([ByteRange { from: 0, to: put.size }]);
            Reply::Say(PackSay::Accept(all), Vec::new())
        }
        PackAsk::Get(get) => of(&get.root).map_or(missing, |bytes| {
            Reply::Say(PackSay::Found(bytes.len() as u64), stream(bytes, get.ranges.items()))
        }),
        PackAsk::Audit(audit) => of(&audit.root).map_or(missing, |bytes| {
            let proof = Proof { nonce: audit.nonce, size: bytes.len() as u64 };
            Reply::Say(PackSay::Proof(proof), stream(bytes, audit.ranges.items()))
        }),
        PackAsk::List(_) => Reply::Say(PackSay::Listing(Box::new(listing(kept))), Vec::new()),
        PackAsk::Delete(_) => Reply::Say(PackSay::Marked(UnixTime(i64::MAX / 2)), Vec::new()),
        PackAsk::Head(offer) => Reply::Say(PackSay::HeadTaken(offer.point), Vec::new()),
        PackAsk::Anew(anew) => Reply::Say(PackSay::HeadTaken(anew.point), Vec::new()),
    }
}

/// The list of these.
pub fn listing(kept: &Kept) -> Listing {
    let item = |(root, bytes): (&PackId, &Vec<u8>)| Listed {
        root: *root,
        size: bytes.len() as u64,
        kind: Kind::Data,
        until: None,
    };
    Listing { items: List::first(kept.iter().map(item)), more: false, kept: figures(kept) }
}

async fn packs(host: Host, connection: Connection) {
    while let Ok((send, recv)) = connection.accept_bi().await {
        tokio::spawn(answer(host.clone(), send, recv));
    }
}

async fn answer(host: Host, mut send: SendStream, mut recv: RecvStream) {
    let Ok(ask) = read_frame::<PackAsk>(&mut recv).await else { return };
    match host.reply(&ask) {
        Reply::Say(say, bytes) => {
            if !write_frame(&mut send, &say).await {
                return;
            }
            if let (PackAsk::Put(put), PackSay::Accept(_)) = (&ask, &say) {
                let Ok(sent) = recv.read_to_end(32 << 20).await else { return };
                let Some(whole) = pack_in(put.root, put.size, &sent) else { return };
                let ack = host.take(put.root, whole);
                if !write_frame(&mut send, &ack).await {
                    return;
                }
            } else if matches!(ask, PackAsk::Head(_) | PackAsk::Anew(_)) {
                drop(recv.read_to_end(8 << 20).await);
            }
            drop(send.write_all(&bytes).await);
            drop(send.finish());
            drop(send.stopped().await);
        }
        Reply::Silence => {
            // As long as the box bears it.
            drop(send.stopped().await);
        }
        Reply::Cut => drop(send.reset(7_u32.into())),
    }
}

/// The pack in a bao stream of all of it.
fn pack_in(root: PackId, size: u64, sent: &[u8]) -> Option<Vec<u8>> {
    let told = Told::new(root, Bytes(size))?;
    let mut whole = vec![0; usize::try_from(size).ok()?];
    let received = verified::receive(&told, &Groups::all(&told), sent, |piece| {
        if let verified::Piece::Group { at, bytes, .. } = piece {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            if let Some(place) = whole.get_mut(at..at.saturating_add(bytes.len())) {
                place.copy_from_slice(bytes);
            }
        }
        Ok::<_, std::convert::Infallible>(())
    });
    received.ok().map(|()| whole)
}

async fn ctl(host: Host, connection: Connection) {
    while let Ok((mut send, mut recv)) = connection.accept_bi().await {
        let Ok(ask) = read_frame::<CtlAsk>(&mut recv).await else { continue };
        let say = match &ask {
            CtlAsk::Hello(_) => CtlSay::Hello(Box::new(host.says(|_| ()))),
            _ => CtlSay::Taken,
        };
        host.inside().heard.push(ask);
        if write_frame(&mut send, &say).await {
            drop(send.finish());
        }
    }
}
