//! A vault on disks in memory, lent as a box lends it: locked, closed, opened anew, cut.

use std::sync::{Arc, Mutex, MutexGuard};

use files::{At, Files, Lender, NotOpen, Place};
use seal::Words;
use testkit::env::{ManualClock, SeededRng};
use testkit::simdisk::SimDisk;
use types::{Bytes, SpaceId, UnixTime};
use vault::{Access, CreateSpec, Env, Options, Secrets, Vault, WriterMode};
use volume::Disk;

/// Who has the vault of a test.
#[derive(Debug, Default)]
pub(crate) struct Lent(Mutex<Option<Arc<Vault>>>);

impl Lent {
    pub(crate) fn held(&self) -> MutexGuard<'_, Option<Arc<Vault>>> {
        self.0.lock().unwrap()
    }
}

impl Lender for Lent {
    fn lend(&self) -> Result<Arc<Vault>, NotOpen> {
        let none = || NotOpen { locked: true, sentence: "locked".into(), advice: "unlock".into() };
        self.held().clone().ok_or_else(none)
    }
}

#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) disks: Vec<SimDisk>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) lent: Arc<Lent>,
    pub(crate) files: Files,
    words: Words,
    rng: Arc<SeededRng>,
    mode: WriterMode,
    pub(crate) space: SpaceId,
}

fn options(mode: WriterMode) -> Options {
    Options { writers: mode, catalog: None, ..Options::default() }
}

impl Shelf {
    pub(crate) fn new(seed: u64, disks: usize, mode: WriterMode) -> Self {
        Self::of(seed, vec![Bytes(4 << 30); disks], mode)
    }

    /// A vault on disks of these sizes.
    pub(crate) fn of(seed: u64, sizes: Vec<Bytes>, mode: WriterMode) -> Self {
        let disks = sizes.into_iter().enumerate();
        let disks: Vec<_> =
            disks.map(|(n, size)| SimDisk::new(&format!("sim-{n}"), size)).collect();
        let clock = Arc::new(ManualClock::at(UnixTime(1_800_000_000_000)));
        let rng = Arc::new(SeededRng::new(seed));
        let words = Words::generate(&*rng);
        let env = Env { clock: clock.clone(), rng: rng.clone() };
        let copies = u8::try_from(disks.len()).unwrap();
        let spec = CreateSpec { disks: arcs(&disks), copies, words: &words, password: None };
        let vault = Vault::create(env, options(mode), spec).unwrap();
        let space = vault.everyone();
        let lent = Arc::new(Lent::default());
        *lent.held() = Some(Arc::new(vault));
        let files = Files::new(lent.clone(), clock.clone(), rng.clone());
        Self { disks, clock, lent, files, words, rng, mode, space }
    }

    pub(crate) fn inline(seed: u64) -> Self {
        Self::new(seed, 2, WriterMode::Inline)
    }

    pub(crate) fn rng(&self) -> Arc<SeededRng> {
        Arc::clone(&self.rng)
    }

    pub(crate) fn vault(&self) -> Arc<Vault> {
        self.lent.lend().unwrap()
    }

    pub(crate) fn place(&self) -> Place {
        Place { space: self.space, source: "pictures".to_owned() }
    }

    /// The vault is let go without a word, as by a kill.
    pub(crate) fn drop_vault(&self) {
        drop(self.lent.held().take());
    }

    /// The vault is opened again, from the disks as they are.
    pub(crate) fn reopen(&mut self) {
        self.drop_vault();
        let env = Env { clock: self.clock.clone(), rng: self.rng.clone() };
        let secret = Secrets::Words(&self.words);
        let disks = arcs(&self.disks);
        let opened = Vault::open(env, options(self.mode), Access::ReadWrite, disks, None, secret);
        *self.lent.held() = Some(Arc::new(opened.unwrap().0));
        // What a box remembers of requests ends with it.
        self.files = Files::new(self.lent.clone(), self.clock.clone(), self.rng.clone());
    }

    /// The power goes: what was not durable may be gone. Then the box starts again.
    pub(crate) fn power_cut(&mut self, choice: &mut dyn FnMut(u32) -> u32) {
        let left: Vec<_> = self.disks.iter().map(|disk| disk.crash(choice)).collect();
        self.drop_vault();
        self.disks = left;
        self.reopen();
    }

    pub(crate) fn read(&self, path: &[u8]) -> Vec<u8> {
        self.read_at(&At::Newest, path)
    }

    pub(crate) fn read_at(&self, at: &At, path: &[u8]) -> Vec<u8> {
        let file = self.files.open(&self.place(), at, path).unwrap();
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < file.shown.size {
            bytes.extend(self.files.read(&file, bytes.len() as u64, usize::MAX).unwrap());
        }
        bytes
    }

    pub(crate) fn put(&self, path: &str, bytes: &[u8]) -> files::Changed {
        let new = files::NewEntry::default();
        self.files.put(&self.place(), path.as_bytes(), new, &mut &*bytes).unwrap()
    }

    /// The names in a folder of the newest version.
    pub(crate) fn names(&self, path: &[u8]) -> Vec<Vec<u8>> {
        let listing = self.files.list(&self.place(), &At::Newest, path, None, 1_000).unwrap();
        listing.entries.into_iter().map(|entry| entry.name).collect()
    }
}

fn arcs(disks: &[SimDisk]) -> Vec<Arc<dyn Disk>> {
    disks.iter().map(|disk| Arc::new(disk.clone()) as Arc<dyn Disk>).collect()
}
