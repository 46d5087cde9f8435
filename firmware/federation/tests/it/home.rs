//! A box as its federation sees it: records in memory that outlive it, a clock that tests set, packs,
//! heads, and volumes in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use ed25519_dalek::{Signer as _, SigningKey};
use federation::{FriendId, FriendNews, House, Log, Moved, News, OwnPack, ReadAt, Shelf, Traffic};
use format::head::Envelope;
use format::superblock::Superblock;
use format::to_cbor;
use peer_proto::clock::Now;
use peer_proto::heads;
use peer_proto::owner::OwnHead;
use peer_proto::pact::Side;
use peer_proto::sign::Signature;
use peer_proto::wire::{HeadPoint, Text};
use plan::traffic::Rules;
use testkit::volumes::superblock;
use types::{
    Bytes, EndpointId, HeadHash, Millis, OwnerKey, PackId, Rng, Signer, UnixTime, VaultId,
};
use volume::{FsDisk, Volume};

/// Noon of a day in 2026.
const NOON: i64 = 1_796_040_000_000;
/// A test that waits longer has failed; loaded machines are slow.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(15);

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
struct Counting(AtomicU64);

impl Rng for Counting {
    fn fill(&self, out: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let mut bytes = blake3::Hasher::new().update(&count.to_le_bytes()).finalize_xof();
        bytes.fill(out);
    }
}

/// The box.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) seed: u8,
    side: Side,
    began: tokio::time::Instant,
    /// What the clocks are ahead.
    ahead: AtomicI64,
    /// Where the clocks stand still; less than nothing while they go.
    still: AtomicI64,
    rng: Counting,
    logs: Mutex<BTreeMap<Log, Vec<Vec<u8>>>>,
    pub(crate) cannot_write: AtomicBool,
    packs: Mutex<BTreeMap<PackId, Arc<Vec<u8>>>>,
    chain: Mutex<Vec<Vec<u8>>>,
    pub(crate) is_locked: AtomicBool,
    folder: tempfile::TempDir,
    pub(crate) shelves: Mutex<Vec<Shelf>>,
    pub(crate) rules: Mutex<Rules>,
    moved: Mutex<Moved>,
    news: Mutex<Vec<News>>,
    told: Condvar,
}

impl Home {
    pub(crate) fn new(seed: u8, label: &str) -> Arc<Self> {
        let side = Side {
            endpoint: EndpointId(Key::new(seed).public()),
            vault: VaultId([seed; 16]),
            recovery: Key::new(seed + 1).public(),
            writer: Key::new(seed + 2).public(),
            label: Text::new(label).unwrap(),
        };
        let home = Self {
            seed,
            side,
            began: tokio::time::Instant::now(),
            ahead: AtomicI64::new(0),
            still: AtomicI64::new(-1),
            rng: Counting(AtomicU64::new(u64::from(seed) << 32)),
            logs: Mutex::default(),
            cannot_write: AtomicBool::new(false),
            packs: Mutex::default(),
            chain: Mutex::default(),
            is_locked: AtomicBool::new(false),
            folder: tempfile::tempdir().unwrap(),
            shelves: Mutex::default(),
            rules: Mutex::default(),
            moved: Mutex::default(),
            news: Mutex::default(),
            told: Condvar::new(),
        };
        home.add_disk(0);
        Arc::new(home)
    }

    /// One more disk that hosts.
    pub(crate) fn add_disk(&self, number: u8) -> Arc<Volume> {
        let path = self.disk_path(number);
        std::fs::create_dir(&path).unwrap();
        let disk = Arc::new(FsDisk::create(&path, None).unwrap());
        let id = types::VolumeId([number + 1; 16]);
        let made = Volume::create(disk, Superblock { volume: id, ..superblock() });
        let volume = Arc::new(made.unwrap());
        let shelf = Shelf { volume: Arc::clone(&volume), takes: true };
        self.shelves.lock().unwrap().push(shelf);
        volume
    }

    fn disk_path(&self, number: u8) -> std::path::PathBuf {
        self.folder.path().join(format!("disk{number}"))
    }

    /// The first disk.
    pub(crate) fn volume(&self) -> Arc<Volume> {
        Arc::clone(&self.shelves.lock().unwrap()[0].volume)
    }

    /// The file of a pack that is kept on the first disk for somebody.
    pub(crate) fn file_of(&self, owner: OwnerKey, root: PackId) -> std::path::PathBuf {
        let name = root.to_string();
        let packs = self.disk_path(0).join("holdfast/friends").join(owner.to_string());
        packs.join("packs").join(&name[..2]).join(format!("{name}.pack"))
    }

    /// Both clocks go on.
    pub(crate) fn pass(&self, time: Millis) {
        self.ahead.fetch_add(i64::try_from(time.0).unwrap(), Ordering::Relaxed);
    }

    /// Both clocks stand still from now on.
    pub(crate) fn stand_still(&self) {
        let now = i64::try_from(self.now().uptime.0).unwrap();
        self.still.store(now, Ordering::Relaxed);
    }

    pub(crate) fn recovery(&self) -> Key {
        Key::new(self.seed + 1)
    }

    pub(crate) fn owner_key(&self) -> OwnerKey {
        OwnerKey(self.side.recovery)
    }

    /// A pack of the own vault, of that length.
    pub(crate) fn add_pack(&self, number: u32, len: usize) -> PackId {
        let mut bytes = vec![0; len];
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[self.seed]).update(&number.to_le_bytes());
        hasher.finalize_xof().fill(&mut bytes);
        let root = PackId(*blake3::hash(&bytes).as_bytes());
        self.packs.lock().unwrap().insert(root, Arc::new(bytes));
        root
    }

    pub(crate) fn bytes_of(&self, root: PackId) -> Vec<u8> {
        self.packs.lock().unwrap().get(&root).unwrap().to_vec()
    }

    pub(crate) fn lose_pack(&self, root: PackId) {
        self.packs.lock().unwrap().remove(&root);
    }

    /// One more head in the own chain.
    pub(crate) fn add_head(&self) -> OwnHead {
        let mut chain = self.chain.lock().unwrap();
        let previous = chain.last().map(|head| point_of(head));
        let writer = Key::new(self.seed + 2);
        let mut envelope = Envelope {
            version: format::head::VERSION,
            vault: self.side.vault,
            seq: previous.map_or(1, |point| point.seq + 1),
            previous: previous.map_or(HeadHash([0; 32]), |point| point.hash),
            writer: writer.public(),
            payload: vec![7; 40_000 + chain.len()].into(),
            signature: [0; 64],
        };
        envelope.signature = writer.sign(&envelope.signed_bytes());
        let bytes = to_cbor(&envelope);
        let (point, len) = (point_of(&bytes), bytes.len() as u64);
        chain.push(bytes);
        let previous = envelope.previous;
        OwnHead { point, previous, len, vouched: None, link: None, anew: None }
    }

    /// As if an older state of the vault had been put back.
    pub(crate) fn forget_heads_after(&self, seq: usize) {
        self.chain.lock().unwrap().truncate(seq);
    }

    pub(crate) fn moved(&self) -> Moved {
        *self.moved.lock().unwrap()
    }

    /// Waits until the news so far hold something.
    pub(crate) fn until<T>(&self, what: &str, find: impl Fn(&[News]) -> Option<T>) -> T {
        let end = tokio::time::Instant::now() + PATIENCE;
        let mut news = self.news.lock().unwrap();
        loop {
            if let Some(found) = find(&news) {
                return found;
            }
            assert!(tokio::time::Instant::now() < end, "{what}: never came; {news:#?}");
            news = self.told.wait_timeout(news, LOOK_EVERY).unwrap().0;
        }
    }

    /// Waits until something holds.
    pub(crate) fn until_so(&self, what: &str, holds: impl Fn() -> bool) {
        let end = tokio::time::Instant::now() + PATIENCE;
        // Without the lock: what is asked may have to tell something first.
        while !holds() {
            assert!(tokio::time::Instant::now() < end, "{what}: never");
            let news = self.news.lock().unwrap();
            drop(self.told.wait_timeout(news, LOOK_EVERY).unwrap());
        }
    }

    /// Waits until something was told of a friend, and forgets it.
    pub(crate) fn until_told(&self, what: &str, is_it: impl Fn(&FriendNews) -> bool) -> FriendNews {
        let found = self.until(what, |news| {
            news.iter().position(|one| matches!(one, News::Friend { what, .. } if is_it(what)))
        });
        match self.news.lock().unwrap().remove(found) {
            News::Friend { what, .. } => what,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn was_told(&self, is_it: impl Fn(&FriendNews) -> bool) -> bool {
        let news = self.news.lock().unwrap();
        news.iter().any(|one| matches!(one, News::Friend { what, .. } if is_it(what)))
    }

    /// How many records there are in all logs of friends.
    pub(crate) fn records(&self) -> usize {
        self.logs.lock().unwrap().values().map(Vec::len).sum()
    }
}

pub(crate) fn point_of(head: &[u8]) -> HeadPoint {
    let envelope = Envelope::decode(head).unwrap();
    HeadPoint { seq: envelope.seq, hash: envelope.hash() }
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
        Now { wall: UnixTime(NOON + passed), uptime }
    }

    fn rng(&self) -> &dyn Rng {
        &self.rng
    }

    fn side(&self) -> Option<Side> {
        Some(self.side.clone())
    }

    fn friends(&self) -> io::Result<Vec<FriendId>> {
        let logs = self.logs.lock().unwrap();
        let friend = |log: &Log| match log {
            Log::Friend(id) => Some(*id),
            Log::Invites => None,
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
        self.logs.lock().unwrap().insert(log, records.to_vec());
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
        self.own_head(point).is_some()
    }

    fn writers(&self) -> Vec<[u8; 32]> {
        Vec::new()
    }

    fn link(&self, from: HeadPoint, to: HeadPoint) -> Option<Signature> {
        let is_open = !self.is_locked.load(Ordering::Relaxed);
        is_open.then(|| heads::link(self.side.vault, from, to, &Key::new(self.seed + 2)))
    }

    fn shelves(&self) -> Vec<Shelf> {
        self.shelves.lock().unwrap().clone()
    }

    fn traffic(&self, _: FriendId, moved: Moved) -> Traffic {
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

/// Names, without doubles.
pub(crate) fn set(roots: &[PackId]) -> BTreeSet<PackId> {
    roots.iter().copied().collect()
}
