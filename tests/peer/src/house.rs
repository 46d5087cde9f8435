//! What a test's box gives to its federation: the kernel's time and randomness, records and packs in
//! folders, real volumes for friends' packs, and a list of everything that it was told.
//!
//! All of it is under one folder, and opening the folder again is the box after a restart. Start at
//! [`PlainHouse::open`].

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use federation::{FriendId, House, Log, Moved, News, OwnPack, Shelf, Traffic};
use format::superblock::Superblock;
use peer_proto::clock::Now;
use peer_proto::owner::OwnHead;
use peer_proto::pact::Side;
use peer_proto::sign::Signature;
use peer_proto::wire::HeadPoint;
use plan::traffic::{Rate, Rules};
use types::{Clock, Millis, PackId, Rng, VolumeId};
use volume::{FsDisk, Volume, VolumeError};

use crate::folder;
use crate::heads::Heads;
use crate::keys::Keys;
use crate::packs::OwnPacks;
use crate::records::Records;

/// The file with the seed of all keys, and the one with what the owner calls the box.
const SEED: &str = "seed";
const LABEL: &str = "label";

/// A box in a folder.
#[derive(Debug)]
pub struct PlainHouse {
    folder: PathBuf,
    label: String,
    env: Env,
    keys: Keys,
    records: Records,
    packs: OwnPacks,
    heads: Mutex<Heads>,
    shelves: Mutex<Vec<Shelf>>,
    rules: Mutex<Rules>,
    told: Mutex<Vec<News>>,
    something_told: Condvar,
}

#[derive(Debug)]
struct Env {
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl PlainHouse {
    /// The box in this folder with so many disks for friends; made when there is none. A label counts
    /// only when it is made.
    pub fn open(path: &Path, label: &str, disks: u8) -> io::Result<Self> {
        let real = host::env();
        Self::open_with(path, label, disks, real.clock, real.rng)
    }

    /// The same, with a clock and randomness of the test's.
    pub fn open_with(
        path: &Path,
        label: &str,
        disks: u8,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> io::Result<Self> {
        let folder = folder::made(path.to_path_buf())?;
        let label = kept(&folder, LABEL, label.as_bytes().to_vec())?;
        let seed = kept(&folder, SEED, rng.array::<32>().to_vec())?;
        let seed = seed.try_into().map_err(|_| io::Error::other("the seed is not 32 bytes"))?;
        let keys = Keys::of(&seed);
        let shelves = (1..=disks)
            .map(|number| shelf(&folder.join(format!("disk-{number}")), number, &keys, &*clock))
            .collect::<io::Result<_>>()?;
        Ok(Self {
            records: Records::at(folder.join("records"))?,
            packs: OwnPacks::at(folder.join("packs"))?,
            heads: Mutex::new(Heads::at(folder.join("heads"))?),
            label: String::from_utf8_lossy(&label).into_owned(),
            env: Env { clock, rng },
            folder,
            keys,
            shelves: Mutex::new(shelves),
            rules: Mutex::new(Rules { relayed: Rate::UNLIMITED, ..Rules::default() }),
            told: Mutex::default(),
            something_told: Condvar::new(),
        })
    }

    /// Where everything is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Its records.
    pub fn log(&self) -> &Records {
        &self.records
    }

    /// Its own packs.
    pub fn packs(&self) -> &OwnPacks {
        &self.packs
    }

    /// Makes its next head around these bytes; tell it to `Federation::head`.
    pub fn next_head(&self, payload: &[u8]) -> io::Result<OwnHead> {
        lock(&self.heads).next(&self.keys, payload)
    }

    /// What the owner allows from now on, both ways; at first everything, through a relay too.
    pub fn allow(&self, rules: Rules) {
        *lock(&self.rules) = rules;
    }

    /// Puts other disks in place of those that are there; tell it to `Federation::shelves_changed`.
    pub fn set_shelves(&self, shelves: Vec<Shelf>) {
        *lock(&self.shelves) = shelves;
    }

    /// Everything that was told, in order.
    pub fn news(&self) -> Vec<News> {
        lock(&self.told).clone()
    }

    /// Waits until what was told is enough, looking again each time something is told and ten times a
    /// second besides. False when the limit passed before.
    pub fn wait_until(&self, limit: Duration, mut enough: impl FnMut(&[News]) -> bool) -> bool {
        let end = self.env.clock.uptime().0.saturating_add(millis(limit));
        loop {
            // Not under the lock: whoever looks may ask the federation, which may be telling.
            let told = self.news();
            if enough(&told) {
                return true;
            }
            if self.env.clock.uptime().0 >= end {
                return false;
            }
            let held = lock(&self.told);
            if held.len() == told.len() {
                drop(self.something_told.wait_timeout(held, Duration::from_millis(100)));
            }
        }
    }

    /// Time since an arbitrary start.
    pub fn uptime(&self) -> Millis {
        self.env.clock.uptime()
    }
}

impl House for PlainHouse {
    fn now(&self) -> Now {
        Now { wall: self.env.clock.now(), uptime: self.env.clock.uptime() }
    }

    fn rng(&self) -> &dyn Rng {
        &*self.env.rng
    }

    fn side(&self) -> Option<Side> {
        Some(self.keys.side(&self.label))
    }

    fn friends(&self) -> io::Result<Vec<FriendId>> {
        self.records.friends()
    }

    fn records(&self, log: Log) -> io::Result<Vec<Vec<u8>>> {
        self.records.read(log)
    }

    fn keep(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        self.records.keep(log, records)
    }

    fn replace(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        self.records.replace(log, records)
    }

    fn own_pack(&self, root: PackId) -> io::Result<Option<OwnPack>> {
        self.packs.open(root)
    }

    fn own_head(&self, point: HeadPoint) -> Option<Vec<u8>> {
        lock(&self.heads).bytes(point)
    }

    fn newest_head(&self) -> Option<HeadPoint> {
        lock(&self.heads).newest()
    }

    fn knows_head(&self, point: HeadPoint) -> bool {
        lock(&self.heads).bytes(point).is_some()
    }

    fn remember_head(&self, _: HeadPoint, _: &[u8]) -> bool {
        false
    }

    fn writers(&self) -> Vec<[u8; 32]> {
        Vec::new()
    }

    fn link(&self, from: HeadPoint, to: HeadPoint) -> Option<Signature> {
        lock(&self.heads).link(&self.keys, from, to)
    }

    fn shelves(&self) -> Vec<Shelf> {
        lock(&self.shelves).clone()
    }

    fn traffic(&self, _: FriendId, _: Moved) -> Traffic {
        let rules = lock(&self.rules).clone();
        Traffic {
            out: rules.clone(),
            came: rules,
            this_month: Moved::default(),
            weekday: 0,
            minute: 0,
            people: false,
        }
    }

    fn told(&self, news: News) {
        lock(&self.told).push(news);
        self.something_told.notify_all();
    }
}

/// What a small file says; written when there is none.
fn kept(folder: &Path, name: &str, new: Vec<u8>) -> io::Result<Vec<u8>> {
    if let Some(bytes) = folder::read(&folder.join(name))? {
        return Ok(bytes);
    }
    folder::put(folder, name, &new)?;
    Ok(new)
}

/// A disk for friends in a folder: a volume of this box's vault.
fn shelf(path: &Path, number: u8, keys: &Keys, clock: &dyn Clock) -> io::Result<Shelf> {
    fs::create_dir_all(path)?;
    let volume = volume_in(path, number, keys, clock).map_err(io::Error::other)?;
    Ok(Shelf { volume: Arc::new(volume), takes: true })
}

fn volume_in(
    path: &Path,
    number: u8,
    keys: &Keys,
    clock: &dyn Clock,
) -> Result<Volume, VolumeError> {
    let volume = if volume::holds_volume(path) {
        Volume::open(Arc::new(FsDisk::open(path, None)?))?.0
    } else {
        let mut id = keys.vault().0;
        id[15] ^= number;
        let superblock = Superblock {
            compat: 0,
            ro_compat: 0,
            incompat: 0,
            vault: keys.vault(),
            volume: VolumeId(id),
            generation: 1,
            created: clock.now(),
            serial: String::new(),
        };
        Volume::create(Arc::new(FsDisk::create(path, None)?), superblock)?
    };
    // A box that was killed a moment ago may still hold it.
    volume.lock_for_writing()?;
    Ok(volume)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
