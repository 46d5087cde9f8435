//! What each friend was promised and holds, and which packs are being worked on.
//!
//! Read from the folders when first asked, then counted along; nothing of it is stored but the
//! promise, which is a note. The sums of all promises are taken from what the vault may fill.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use types::sabotage::{self, Bug};
use types::{Bytes, OwnerKey, PackId};

use super::error::HostedError;
use super::trash::Day;
use super::{names, notes, owners, packs_in, prefixes};
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
    busy: Mutex<BTreeMap<(OwnerKey, PackId), u64>>,
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
        Bytes(self.bytes.0 + self.trashed.0)
    }
}

/// Room for packs of so many bytes and their outboards.
pub(super) fn with_outboards(bytes: Bytes) -> Bytes {
    Bytes(bytes.0.saturating_add(bytes.0.div_ceil(OUTBOARD_SHARE)))
}

#[derive(Debug, Default)]
pub(crate) struct Account {
    promised: u64,
    kept: Held,
    trash: BTreeMap<Day, Held>,
}

/// Whole packs and their bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    packs: u64,
    bytes: u64,
}

impl Held {
    fn add(&mut self, bytes: Bytes) {
        self.packs += 1;
        self.bytes += bytes.0;
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
            packs: sum.packs + held.packs,
            bytes: sum.bytes + held.bytes,
        })
    }

    /// What counts against the promise.
    fn held(&self) -> u64 {
        self.kept.bytes + self.trashed().bytes
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
        let mut read = Self { promised: promise.0, ..Self::default() };
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
                read.insert(owner, Account::read(self, owner)?);
            }
            lock(&self.hosting.accounts).get_or_insert(read);
        }
        Ok(act(lock(&self.hosting.accounts).get_or_insert_default()))
    }

    pub(super) fn with_account<T>(
        &self,
        owner: OwnerKey,
        act: impl FnOnce(&mut Account) -> T,
    ) -> Result<T, VolumeError> {
        self.with_accounts(|all| act(all.entry(owner).or_default()))
    }

    /// Room that friends were promised and have not used, but for one of them.
    pub(crate) fn promised_but_for(&self, owner: Option<OwnerKey>) -> Result<Bytes, VolumeError> {
        if owner.is_none() && sabotage::on(Bug::PromiseIgnored) {
            return Ok(Bytes(0));
        }
        self.with_accounts(|all| {
            let others = all.iter().filter(|(key, _)| Some(**key) != owner);
            Bytes(others.fold(0, |sum, (_, account)| sum.saturating_add(account.outstanding())))
        })
    }

    /// Refuses when `need` bytes of a friend would eat into the reserve or what others were promised.
    pub(super) fn room_for_friend(&self, owner: OwnerKey, need: Bytes) -> Result<(), HostedError> {
        let space = self.disk.space();
        let space = self.run(crate::durable::At::at(space, "measure", "."))?;
        let free = space::to_spare(space).saturating_sub(self.promised_but_for(Some(owner))?);
        if free < need {
            return Err(VolumeError::Full { volume: self.name.clone(), free, need }.into());
        }
        Ok(())
    }
}

/// One pack of one friend that somebody works on; nobody else does until it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) core: Arc<Core>,
    pub(super) owner: OwnerKey,
    pub(super) pack: PackId,
}

impl Claim {
    pub(super) fn take(
        core: &Arc<Core>,
        owner: OwnerKey,
        pack: PackId,
    ) -> Result<Self, HostedError> {
        let mut busy = lock(&core.hosting.busy);
        if busy.contains_key(&(owner, pack)) {
            return Err(HostedError::Busy { volume: core.name.clone(), pack });
        }
        busy.insert((owner, pack), 0);
        Ok(Self { core: Arc::clone(core), owner, pack })
    }

    /// Counts the pack against the promise, together with all others on their way in.
    pub(super) fn count(&self, need: Bytes) -> Result<(), HostedError> {
        // Both locks: a pack that has come in the meantime is counted twice rather than not at all.
        self.core.with_account(self.owner, |account| {
            let mut busy = lock(&self.core.hosting.busy);
            let coming =
                busy.iter().filter(|((owner, pack), _)| *owner == self.owner && *pack != self.pack);
            let held = account.held() + coming.map(|(_, bytes)| bytes).sum::<u64>();
            if held.saturating_add(need.0) > account.promised {
                return Err(HostedError::OverPromise {
                    volume: self.core.name.clone(),
                    owner: self.owner,
                    promised: Bytes(account.promised),
                    held: Bytes(held),
                    need,
                });
            }
            busy.insert((self.owner, self.pack), need.0);
            Ok(())
        })?
    }

    pub(super) fn missing(&self) -> HostedError {
        let volume = self.core.name.clone();
        HostedError::Missing { volume, owner: self.owner, pack: self.pack }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&self.core.hosting.busy).remove(&(self.owner, self.pack));
    }
}
