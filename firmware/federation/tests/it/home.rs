//! A box as its federation sees it: records in memory that outlive it, a clock that tests set, packs,
//! heads, and volumes in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use federation::{FriendNews, House, Log, Moved, News, Shelf};
use format::head::Envelope;
use format::superblock::Superblock;
use format::to_cbor;
use peer_proto::owner::OwnHead;
use peer_proto::pact::Side;
use peer_proto::wire::{HeadPoint, Text};
use plan::traffic::Rules;
use testkit::simdisk::SimDisk;
use testkit::volumes::superblock;
use types::{EndpointId, HeadHash, Millis, OwnerKey, PackId, Signer, VaultId};
use volume::{FsDisk, Volume};

use crate::house::{Counting, Key};

/// Noon of a day in 2026.
pub(crate) const NOON: i64 = 1_796_040_000_000;
/// A test that waits longer has failed; loaded machines are slow.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// The box.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) seed: u8,
    /// Of the owner's keys: another one's than the box's after a fire.
    owner: u8,
    /// It has no vault yet.
    pub(crate) is_new: AtomicBool,
    pub(crate) side: Side,
    pub(crate) began: tokio::time::Instant,
    /// What the clocks are ahead.
    pub(crate) ahead: AtomicI64,
    /// What the wall clock alone is wrong by.
    pub(crate) wrong_by: AtomicI64,
    /// Where the clocks stand still; less than nothing while they go.
    pub(crate) still: AtomicI64,
    pub(crate) rng: Counting,
    pub(crate) logs: Mutex<BTreeMap<Log, Vec<Vec<u8>>>>,
    pub(crate) cannot_write: AtomicBool,
    pub(crate) packs: Mutex<BTreeMap<PackId, Arc<Vec<u8>>>>,
    pub(crate) chain: Mutex<Vec<Vec<u8>>>,
    pub(crate) is_locked: AtomicBool,
    folder: tempfile::TempDir,
    pub(crate) shelves: Mutex<Vec<Shelf>>,
    pub(crate) rules: Mutex<Rules>,
    pub(crate) moved: Mutex<Moved>,
    pub(crate) looks: AtomicU64,
    pub(crate) news: Mutex<Vec<News>>,
    pub(crate) told: Condvar,
}

impl Home {
    pub(crate) fn new(seed: u8, label: &str) -> Arc<Self> {
        Self::of(seed, seed, label)
    }

    /// An owner's box; in the vault's place is nothing yet when the box has a key of its own.
    pub(crate) fn of(seed: u8, owner: u8, label: &str) -> Arc<Self> {
        let side = Side {
            endpoint: EndpointId(Key::new(seed).public()),
            vault: VaultId([owner; 16]),
            recovery: Key::new(owner + 1).public(),
            writer: Key::new(owner + 2).public(),
            label: Text::new(label).unwrap(),
        };
        let home = Self {
            seed,
            owner,
            is_new: AtomicBool::new(seed != owner),
            side,
            began: tokio::time::Instant::now(),
            ahead: AtomicI64::new(0),
            wrong_by: AtomicI64::new(0),
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
            looks: AtomicU64::new(0),
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

    /// A disk's folder, opened as by somebody who knows of nobody else.
    pub(crate) fn open_again(&self, number: u8) -> Arc<Volume> {
        let disk = Arc::new(FsDisk::open(&self.disk_path(number), None).unwrap());
        Arc::new(Volume::open(disk).unwrap().0)
    }

    /// A simulated disk takes the place of all that host.
    pub(crate) fn host_on(&self, disk: &SimDisk) {
        let id = types::VolumeId([99; 16]);
        let made =
            Volume::create(Arc::new(disk.clone()), Superblock { volume: id, ..superblock() });
        let volume = Arc::new(made.unwrap());
        *self.shelves.lock().unwrap() = vec![Shelf { volume, takes: true }];
    }

    /// This hosts, too.
    pub(crate) fn lend(&self, volume: Arc<Volume>) {
        self.shelves.lock().unwrap().push(Shelf { volume, takes: true });
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

    /// The wall clock alone jumps by so many days from the right time, or back to it.
    pub(crate) fn jump(&self, days: i64) {
        self.wrong_by.store(days * 86_400_000, Ordering::Relaxed);
    }

    /// Both clocks stand still from now on.
    pub(crate) fn stand_still(&self) {
        let now = i64::try_from(self.now().uptime.0).unwrap();
        self.still.store(now, Ordering::Relaxed);
    }

    pub(crate) fn recovery(&self) -> Key {
        Key::new(self.owner + 1)
    }

    pub(crate) fn writer(&self) -> Key {
        Key::new(self.owner + 2)
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
        let writer = self.writer();
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

    /// How often it was asked how fast bytes may go.
    pub(crate) fn looks(&self) -> u64 {
        self.looks.load(Ordering::Relaxed)
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

    /// Cuts the last byte off the last record of a log.
    pub(crate) fn tear(&self, log: Log) {
        let mut logs = self.logs.lock().unwrap();
        assert!(logs.get_mut(&log).unwrap().last_mut().unwrap().pop().is_some());
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

/// Names, without doubles.
pub(crate) fn set(roots: &[PackId]) -> BTreeSet<PackId> {
    roots.iter().copied().collect()
}
