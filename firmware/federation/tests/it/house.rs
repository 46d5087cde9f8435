//! What a box gives its federation, in these tests.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ed25519_dalek::{Signer as _, SigningKey};
use federation::{FriendId, House, Log, Moved, News, OwnPack, ReadAt, Shelf, Traffic};
use peer_proto::clock::Now;
use peer_proto::heads;
use peer_proto::pact::Side;
use peer_proto::sign::Signature;
use peer_proto::wire::HeadPoint;
use types::{Bytes, Millis, PackId, Rng, Signer, UnixTime};

use crate::home::{Home, NOON, point_of};

/// A key that signs.
#[derive(Debug)]
pub(crate) struct Key(SigningKey);

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }
}

impl Signer for Key {
    fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

#[derive(Debug)]
pub(crate) struct Counting(pub(crate) AtomicU64);

impl Rng for Counting {
    fn fill(&self, out: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let mut bytes = blake3::Hasher::new().update(&count.to_le_bytes()).finalize_xof();
        bytes.fill(out);
    }
}

#[derive(Debug)]
struct InMemory(Arc<Vec<u8>>);

impl ReadAt for InMemory {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(at).unwrap().min(self.0.len());
        let len = buffer.len().min(self.0.len() - from);
        buffer[..len].copy_from_slice(&self.0[from..from + len]);
        Ok(len)
    }
}

impl House for Home {
    fn now(&self) -> Now {
        let up = i64::try_from(self.began.elapsed().as_millis()).unwrap();
        let still = self.still.load(Ordering::Relaxed);
        let passed = if still < 0 { up + self.ahead.load(Ordering::Relaxed) } else { still };
        let uptime = Millis(u64::try_from(passed).unwrap_or(0));
        let wall = UnixTime(NOON + passed + self.wrong_by.load(Ordering::Relaxed));
        Now { wall, uptime }
    }

    fn rng(&self) -> &dyn Rng {
        &self.rng
    }

    fn side(&self) -> Option<Side> {
        (!self.is_new.load(Ordering::Relaxed)).then(|| self.side.clone())
    }

    fn friends(&self) -> io::Result<Vec<FriendId>> {
        let logs = self.logs.lock().unwrap();
        let friend = |log: &Log| match log {
            Log::Friend(id) => Some(*id),
            Log::Invites | Log::Tickets => None,
        };
        Ok(logs.keys().filter_map(friend).collect())
    }

    fn records(&self, log: Log) -> io::Result<Vec<Vec<u8>>> {
        Ok(self.logs.lock().unwrap().get(&log).cloned().unwrap_or_default())
    }

    fn keep(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        if self.cannot_write.load(Ordering::Relaxed) {
            return Err(io::Error::other("the card is full"));
        }
        self.logs.lock().unwrap().entry(log).or_default().extend_from_slice(records);
        Ok(())
    }

    fn replace(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        if self.cannot_write.load(Ordering::Relaxed) {
            return Err(io::Error::other("the card is full"));
        }
        let mut logs = self.logs.lock().unwrap();
        // None at all forgets the series.
        match records.is_empty() {
            true => drop(logs.remove(&log)),
            false => drop(logs.insert(log, records.to_vec())),
        }
        Ok(())
    }

    fn own_pack(&self, root: PackId) -> io::Result<Option<OwnPack>> {
        let pack = self.packs.lock().unwrap().get(&root).cloned();
        Ok(pack.map(|bytes| OwnPack {
            len: Bytes(bytes.len() as u64),
            bytes: Box::new(InMemory(bytes)),
        }))
    }

    fn own_head(&self, point: HeadPoint) -> Option<Vec<u8>> {
        self.chain.lock().unwrap().iter().find(|head| point_of(head) == point).cloned()
    }

    fn newest_head(&self) -> Option<HeadPoint> {
        self.chain.lock().unwrap().last().map(|head| point_of(head))
    }

    fn knows_head(&self, point: HeadPoint) -> bool {
        self.is_new.load(Ordering::Relaxed) || self.own_head(point).is_some()
    }

    fn remember_head(&self, point: HeadPoint, bytes: &[u8]) -> bool {
        let mut chain = self.chain.lock().unwrap();
        let is_free = chain.iter().all(|head| point_of(head).seq != point.seq);
        let is_before = chain.last().is_some_and(|head| point_of(head).seq > point.seq);
        if is_free && is_before {
            chain.insert(0, bytes.to_vec());
        }
        is_free && is_before
    }

    fn writers(&self) -> Vec<[u8; 32]> {
        Vec::new()
    }

    fn link(&self, from: HeadPoint, to: HeadPoint) -> Option<Signature> {
        let is_open = !self.is_locked.load(Ordering::Relaxed);
        is_open.then(|| heads::link(self.side.vault, from, to, &self.writer()))
    }

    fn shelves(&self) -> Vec<Shelf> {
        self.shelves.lock().unwrap().clone()
    }

    fn traffic(&self, _: FriendId, moved: Moved) -> Traffic {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let mut all = self.moved.lock().unwrap();
        all.out += moved.out;
        all.came += moved.came;
        let rules = self.rules.lock().unwrap().clone();
        let (out, came, this_month) = (rules.clone(), rules, *all);
        Traffic { out, came, this_month, weekday: 0, minute: 0, people: false }
    }

    fn told(&self, news: News) {
        self.news.lock().unwrap().push(news);
        self.told.notify_all();
    }
}
