//! A house for a real federation: records in memory, packs of its own, one real volume that hosts.
//!
//! Durability is not what is tried here. Start at [`Home::new`].

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use federation::{FriendId, House, Log, Moved, News, OwnPack, Shelf, Traffic};
use format::superblock::Superblock;
use peer_proto::clock::Now;
use peer_proto::owner::{Item, OwnHead};
use peer_proto::pact::Side;
use peer_proto::sign::Signature;
use peer_proto::wire::{HeadPoint, Kind, Text};
use plan::traffic::Rules;
use types::{
    Bytes, Clock, EndpointId, HeadHash, Millis, PackId, Rng, Signer, UnixTime, VaultId, VolumeId,
};
use volume::{FsDisk, Volume};

use crate::chain::{self, Key};
use crate::{Outcome, said};

/// Everything that changes.
#[derive(Debug, Default)]
struct Inside {
    logs: BTreeMap<Log, Vec<Vec<u8>>>,
    packs: BTreeMap<PackId, Vec<u8>>,
    heads: Vec<(HeadPoint, Vec<u8>)>,
    news: Vec<String>,
    passed: Millis,
    made: u64,
}

/// The house.
#[derive(Debug)]
pub struct Home {
    seed: u64,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    inside: Mutex<Inside>,
    told: Condvar,
    volume: Arc<Volume>,
}

impl Home {
    /// A house in an empty folder. Houses of one seed are the same box.
    pub fn new(folder: &Path, seed: u64) -> Outcome<Self> {
        let disk = said("make the disk", FsDisk::create(folder, Some(format!("evil-{seed}"))))?;
        let superblock = Superblock {
            compat: 0,
            ro_compat: 0,
            incompat: 0,
            vault: vault(seed),
            volume: VolumeId([seed.to_le_bytes()[0]; 16]),
            generation: 1,
            created: UnixTime(1_700_000_000_000),
            serial: String::new(),
        };
        let volume = said("make the volume", Volume::create(Arc::new(disk), superblock))?;
        let (env, inside) = (host::env(), Mutex::default());
        let (clock, rng) = (env.clock, env.rng);
        Ok(Self { seed, clock, rng, inside, told: Condvar::new(), volume: Arc::new(volume) })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The volume that hosts.
    pub fn volume(&self) -> &Volume {
        &self.volume
    }

    /// The box's own key.
    pub fn key(&self) -> Key {
        Key::of(self.seed)
    }

    /// New own packs.
    pub fn make(&self, count: u32, len: u64) -> Vec<PackId> {
        let mut inside = self.inside();
        let mut made = Vec::new();
        for _ in 0..count {
            inside.made += 1;
            let seed = self.seed << 32 | inside.made;
            let bytes = testkit::env::noise(seed, usize::try_from(len).unwrap_or_default());
            let root = PackId(*blake3::hash(&bytes).as_bytes());
            inside.packs.insert(root, bytes);
            made.push(root);
        }
        made
    }

    /// All own packs, or these, as what is wanted at a friend.
    pub fn items(&self, only: Option<&[PackId]>) -> Vec<Item> {
        let inside = self.inside();
        let wanted =
            inside.packs.iter().filter(|(root, _)| only.is_none_or(|only| only.contains(root)));
        let item = |(root, bytes): (&PackId, &Vec<u8>)| Item {
            root: *root,
            size: bytes.len() as u64,
            kind: Kind::Data,
        };
        wanted.map(item).collect()
    }

    /// The bytes of an own pack.
    pub fn pack(&self, root: PackId) -> Option<Vec<u8>> {
        self.inside().packs.get(&root).cloned()
    }

    /// One more head.
    pub fn new_head(&self) -> OwnHead {
        let mut inside = self.inside();
        let last = inside.heads.last().map(|(point, _)| *point);
        let seq = last.map_or(1, |last| last.seq + 1);
        let previous = last.map_or(HeadHash([0; 32]), |last| last.hash);
        let (point, bytes) = chain::head(vault(self.seed), seq, previous, &writer(self.seed));
        let len = bytes.len() as u64;
        inside.heads.push((point, bytes));
        OwnHead { point, previous, len, vouched: None, link: None, anew: None }
    }

    /// Both clocks go on.
    pub fn pass(&self, span: Millis) {
        let mut inside = self.inside();
        inside.passed = Millis(inside.passed.0 + span.0);
    }

    /// How much was told.
    pub fn count(&self) -> usize {
        self.inside().news.len()
    }

    /// The first news behind this place in which all of these words stand, waited for.
    pub fn wait(&self, after: usize, says: &[String], within: Duration) -> Option<(usize, String)> {
        let found = |inside: &Inside| {
            let mut news = inside.news.iter().enumerate().skip(after);
            news.find(|(_, text)| says.iter().all(|word| text.contains(word.as_str())))
                .map(|(place, text)| (place + 1, text.clone()))
        };
        let waited =
            self.told.wait_timeout_while(self.inside(), within, |inside| found(inside).is_none());
        let (inside, _) = waited.unwrap_or_else(PoisonError::into_inner);
        found(&inside)
    }
}

/// The vault of the box of this seed.
pub fn vault(seed: u64) -> VaultId {
    let mut id = [0x70; 16];
    id[..8].copy_from_slice(&seed.to_le_bytes());
    VaultId(id)
}

/// Its recovery key.
pub fn recovery(seed: u64) -> Key {
    Key::of(seed | 1 << 62)
}

/// The writer of its heads.
pub fn writer(seed: u64) -> Key {
    Key::of(seed | 1 << 61)
}

/// Who the box of this seed is.
pub fn side(seed: u64) -> Side {
    Side {
        endpoint: EndpointId(Key::of(seed).public()),
        vault: vault(seed),
        recovery: recovery(seed).public(),
        writer: writer(seed).public(),
        label: Text::new(&format!("box {seed}")).unwrap_or_default(),
    }
}

impl House for Home {
    fn now(&self) -> Now {
        let passed = self.inside().passed;
        let uptime = Millis(self.clock.uptime().0 + passed.0);
        Now { wall: self.clock.now().plus(passed), uptime }
    }

    fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    fn side(&self) -> Option<Side> {
        Some(side(self.seed))
    }

    fn friends(&self) -> io::Result<Vec<FriendId>> {
        let friend = |log: &Log| match log {
            Log::Friend(friend) => Some(*friend),
            Log::Invites | Log::Tickets => None,
        };
        Ok(self.inside().logs.keys().filter_map(friend).collect())
    }

    fn records(&self, log: Log) -> io::Result<Vec<Vec<u8>>> {
        Ok(self.inside().logs.get(&log).cloned().unwrap_or_default())
    }

    fn keep(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        self.inside().logs.entry(log).or_default().extend_from_slice(records);
        Ok(())
    }

    fn replace(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        self.inside().logs.insert(log, records.to_vec());
        Ok(())
    }

    fn own_pack(&self, root: PackId) -> io::Result<Option<OwnPack>> {
        Ok(self
            .pack(root)
            .map(|bytes| OwnPack { len: Bytes(bytes.len() as u64), bytes: Box::new(bytes) }))
    }

    fn own_head(&self, point: HeadPoint) -> Option<Vec<u8>> {
        let inside = self.inside();
        inside.heads.iter().find(|(of, _)| *of == point).map(|(_, bytes)| bytes.clone())
    }

    fn newest_head(&self) -> Option<HeadPoint> {
        self.inside().heads.last().map(|(point, _)| *point)
    }

    fn knows_head(&self, point: HeadPoint) -> bool {
        self.inside().heads.iter().any(|(of, _)| *of == point)
    }

    fn remember_head(&self, _: HeadPoint, _: &[u8]) -> bool {
        false
    }

    fn writers(&self) -> Vec<[u8; 32]> {
        Vec::new()
    }

    fn link(&self, from: HeadPoint, to: HeadPoint) -> Option<Signature> {
        Some(peer_proto::heads::link(vault(self.seed), from, to, &writer(self.seed)))
    }

    fn shelves(&self) -> Vec<Shelf> {
        vec![Shelf { volume: Arc::clone(&self.volume), takes: true }]
    }

    fn traffic(&self, _: FriendId, _: Moved) -> Traffic {
        let (out, came) = (Rules::default(), Rules::default());
        let this_month = Moved::default();
        Traffic { out, came, this_month, weekday: 0, minute: 0, people: false }
    }

    fn told(&self, news: News) {
        self.inside().news.push(format!("{news:?}"));
        self.told.notify_all();
    }
}
