//! A box that is started again and again, and what may end it: the part that tests of one command share.
//! Start at [`Boots`].

use std::cell::Cell;
use std::sync::Arc;

use seal::Words;
use testkit::env::{ManualClock, SeededRng};
use testkit::simdisk::SimDisk;
use types::UnixTime;
use vault::{Access, CreateSpec, Env, Options, Secrets, Vault, VaultError};
use volume::Disk;

/// What happens to the disks when the run is cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The program ends; what it wrote stays.
    Kill,
    /// The power goes; what was not synced may be gone.
    Power,
}

/// One vault's words, and how often it was started: each time a minute later, with other dice.
pub(crate) struct Boots {
    words: Words,
    count: Cell<u64>,
}

impl Boots {
    pub(crate) fn new() -> Self {
        Self { words: Words::generate(&SeededRng::new(5)), count: Cell::new(0) }
    }

    fn env(&self) -> Env {
        let boot = self.count.replace(self.count.get() + 1);
        let clock =
            ManualClock::at(UnixTime(1_800_000_000_000 + i64::try_from(boot).unwrap() * 60_000));
        Env { clock: Arc::new(clock), rng: Arc::new(SeededRng::new(1_000 + boot)) }
    }

    /// A new vault with a copy on each disk.
    pub(crate) fn create(&self, options: Options, disks: &[SimDisk]) -> Vault {
        let copies = u8::try_from(disks.len()).unwrap();
        let disks = disks.iter().map(|disk| Arc::new(disk.clone()) as Arc<dyn Disk>).collect();
        let spec = CreateSpec { disks, copies, words: &self.words, password: None };
        Vault::create(self.env(), options, spec).unwrap()
    }

    pub(crate) fn open(
        &self,
        options: Options,
        disks: Vec<Arc<dyn Disk>>,
        access: Access,
    ) -> Result<Vault, VaultError> {
        let secret = Secrets::Words(&self.words);
        Vault::open(self.env(), options, access, disks, None, secret).map(|(vault, _)| vault)
    }
}
