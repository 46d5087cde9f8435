//! What each friend was promised and holds, and which packs are being worked on.
//!
//! Read from the folders when first asked, then counted along; nothing of it is stored but the
//! promise, which is a note. The sums of all promises are taken from what the vault may fill.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use types::sabotage::{self, Bug};
use types::{Bytes, OwnerKey, PackId};

use super::error::HostedError;
use super::trash::Day;
use super::{names, notes, owners, packs_in, prefixes};
use crate::durable::At;
use crate::error::VolumeError;
use crate::space;
use crate::volume::{Core, lock};

/// An outboard is at most this part of its pack.
const OUTBOARD_SHARE: u64 = 256;

pub(super) type Accounts = BTreeMap<OwnerKey, Account>;

/// What a volume knows of its friends while it is open.
#[derive(Debug, Default)]
pub(crate) struct Hosting {
    accounts: Mutex<Option<Accounts>>,
    /// Packs that somebody works on, and how many bytes each is going to add.
    pub(super) busy: Mutex<BTreeMap<(OwnerKey, PackId), u64>>,
    /// Names were lost that can still be seen, or bytes.
    given_up: AtomicBool,
}

impl Hosting {
    /// A sync failed and could not be made up for: a later one would say that things are safe which
    /// are lost. Friends are told nothing more until the volume is opened anew and was settled.
    pub(crate) fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }
}

/// What is kept for one friend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Room promised on this volume.
    pub promised: Bytes,
    /// Whole packs, those in the trash not counted.
    pub packs: u64,
    /// Their bytes.
    pub bytes: Bytes,
    /// Packs in the trash.
    pub trashed_packs: u64,
    /// Their bytes. They count against the promise until they are gone.
    pub trashed: Bytes,
}

impl Totals {
    /// What counts against the promise.
    pub fn held(&self) -> Bytes {
        Bytes(self.bytes.0.saturating_add(self.trashed.0))
    }
}

/// Room for packs of so many bytes and their outboards.
pub(super) fn with_outboards(bytes: Bytes) -> Bytes {
    Bytes(bytes.0.saturating_add(bytes.0.div_ceil(OUTBOARD_SHARE)))
}

#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(super) promised: u64,
    kept: Held,
    trash: BTreeMap<Day, Held>,
    /// The folder could not be read: nothing here is true, and who needs it reads it anew.
    unread: bool,
}

/// Whole packs and their bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    packs: u64,
    bytes: u64,
}

impl Held {
    fn add(&mut self, bytes: Bytes) {
        self.packs = self.packs.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes.0);
    }

    fn take(&mut self, bytes: Bytes) {
        self.packs = self.packs.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes.0);
    }
}

impl Account {
    pub(super) fn totals(&self) -> Totals {
        let trashed = self.trashed();
        Totals {
            promised: Bytes(self.promised),
            packs: self.kept.packs,
            bytes: Bytes(self.kept.bytes),
            trashed_packs: trashed.packs,
            trashed: Bytes(trashed.bytes),
        }
    }

    fn trashed(&self) -> Held {
        self.trash.values().fold(Held::default(), |sum, held| Held {
            packs: sum.packs.saturating_add(held.packs),
            bytes: sum.bytes.saturating_add(held.bytes),
        })
    }

    /// What counts against the promise.
    pub(super) fn held(&self) -> u64 {
        self.kept.bytes.saturating_add(self.trashed().bytes)
    }

    /// Room that is promised and not used, outboards included.
    fn outstanding(&self) -> u64 {
        with_outboards(Bytes(self.promised.saturating_sub(self.held()))).0
    }

    /// Days on which something may go.
    pub(super) fn days(&self) -> Vec<Day> {
        self.trash.keys().copied().collect()
    }

    pub(super) fn promise(&mut self, promised: Bytes) {
        self.promised = promised.0;
    }

    pub(super) fn came(&mut self, bytes: Bytes) {
        self.kept.add(bytes);
    }

    pub(super) fn left(&mut self, bytes: Bytes) {
        self.kept.take(bytes);
    }

    pub(super) fn trashed_one(&mut self, day: Day, bytes: Bytes) {
        self.trash.entry(day).or_default().add(bytes);
    }

    pub(super) fn out_of_trash(&mut self, day: Day, bytes: Bytes) {
        if let Some(held) = self.trash.get_mut(&day) {
            held.take(bytes);
            if held.packs == 0 {
                self.trash.remove(&day);
            }
        }
    }

    fn read(core: &Core, owner: OwnerKey) -> Result<Self, VolumeError> {
        let promise = match notes::read_promise(core, owner) {
            Ok(promise) => promise.unwrap_or_default(),
            Err(HostedError::Volume(error)) => return Err(error),
            // A promise of which no copy is whole promises nothing more: a friend's pack is refused
            // rather than the vault's own. The scrub names it.
            Err(_) => Bytes(0),
        };
        // Whoever wrote the note, no disk can keep more than it is large.
        let total = core.run(At::at(core.disk.space(), "measure", "."))?.total;
        let mut read = Self { promised: promise.0.min(total.0), ..Self::default() };
        for prefix in prefixes(core, owner, 0)? {
            for pack in packs_in(core, &names::packs(owner, prefix))? {
                read.came(pack.len);
            }
        }
        for entry in core.list(&names::trash(owner))? {
            let Some(day) = names::day_of_name(&entry.name) else { continue };
            for pack in packs_in(core, &names::trash_of(owner, day))? {
                read.trashed_one(day, pack.len);
            }
        }
        Ok(read)
    }
}

impl Core {
    /// Refuses when nothing may be written here, or nothing written can be believed.
    pub(super) fn takes_for_friends(&self) -> Result<(), HostedError> {
        self.writable()?;
        if self.hosting.given_up.load(Ordering::Acquire) {
            return Err(HostedError::GivenUp { volume: self.name.clone() });
        }
        Ok(())
    }

    /// Does something with the accounts, which are read first if nobody has. No lock is held while
    /// they are read: of two who read, the first counts.
    pub(super) fn with_accounts<T>(
        &self,
        act: impl FnOnce(&mut Accounts) -> T,
    ) -> Result<T, VolumeError> {
        if lock(&self.hosting.accounts).is_none() {
            let mut read = Accounts::new();
            for owner in owners(self)? {
                // One that cannot be read is remembered: who only wants the sum does not read all again.
                let unread = |_| Account { unread: true, ..Account::default() };
                read.insert(owner, Account::read(self, owner).unwrap_or_else(unread));
            }
            lock(&self.hosting.accounts).get_or_insert(read);
        }
        Ok(act(lock(&self.hosting.accounts).get_or_insert_default()))
    }

    /// Reads those of these friends' folders that could not be read before.
    pub(super) fn read_anew(&self, of: impl Fn(OwnerKey) -> bool) -> Result<(), VolumeError> {
        let unread: Vec<OwnerKey> = self.with_accounts(|all| {
            let unread = all.iter().filter(|(owner, account)| account.unread && of(**owner));
            unread.map(|(owner, _)| *owner).collect()
        })?;
        for owner in unread {
            let account = Account::read(self, owner)?;
            self.with_accounts(|all| all.insert(owner, account))?;
        }
        Ok(())
    }

    pub(super) fn with_account<T>(
        &self,
        owner: OwnerKey,
        act: impl FnOnce(&mut Account) -> T,
    ) -> Result<T, VolumeError> {
        self.read_anew(|unread| unread == owner)?;
        self.with_accounts(|all| act(all.entry(owner).or_default()))
    }

    /// Room that friends were promised and have not used, but for one of them.
    pub(crate) fn promised_but_for(&self, owner: Option<OwnerKey>) -> Result<Bytes, VolumeError> {
        if owner.is_none() && sabotage::on(Bug::PromiseIgnored) {
            return Ok(Bytes(0));
        }
        // The vault's own work does not wait for them; a friend's does.
        if owner.is_some() {
            self.read_anew(|unread| Some(unread) != owner)?;
        }
        self.with_accounts(|all| {
            let others = all.iter().filter(|(key, _)| Some(**key) != owner);
            Bytes(others.fold(0, |sum, (_, account)| sum.saturating_add(account.outstanding())))
        })
    }

    /// Refuses when `need` bytes of a friend would eat into the reserve or what others were promised.
    pub(super) fn room_for_friend(&self, owner: OwnerKey, need: Bytes) -> Result<(), HostedError> {
        let space = self.disk.space();
        let space = self.run(At::at(space, "measure", "."))?;
        let free = space::to_spare(space).saturating_sub(self.promised_but_for(Some(owner))?);
        if free < need {
            return Err(VolumeError::Full { volume: self.name.clone(), free, need }.into());
        }
        Ok(())
    }
}
