//! Letting a friend's packs go: into the trash with the day from which they may be gone, back, and
//! for good. When that day is, and whether it has come, is decided elsewhere.
//!
//! A pack in the trash is still counted and still answered for.

use types::{Bytes, OwnerKey, PackId, UnixTime};
use verified::{Groups, Outboard, Told};

use super::answer::{good_groups, make_outboard, read_outboard};
use super::claim::Claim;
use super::{Hosted, HostedError, names, packs_in};
use crate::durable::{self, At};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// A day, counted from 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

impl Day {
    /// The day of a time; the first one for times before it.
    pub fn of(time: UnixTime) -> Self {
        Self(u32::try_from(time.0.div_euclid(MILLIS_PER_DAY).max(0)).unwrap_or(u32::MAX))
    }
}

/// What came of moving a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is there now.
    Moved,
    /// It was there already, and nothing changed.
    AlreadyThere,
}

/// A pack in the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InTrash {
    /// From this day on it may go.
    pub day: Day,
    /// Its name.
    pub id: PackId,
    /// Length of the file.
    pub len: Bytes,
}

/// What went for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Packs.
    pub packs: u64,
    /// Their bytes.
    pub bytes: Bytes,
}

impl Hosted {
    /// Moves a pack to the trash, to go no earlier than `day`. One that is there keeps its day.
    pub fn trash(&self, owner: OwnerKey, pack: PackId, day: Day) -> Result<Moved, HostedError> {
        let core = &self.core;
        core.takes_for_friends()?;
        let claim = Claim::take(core, owner, pack)?;
        let (folder, target) = (names::pack_folder(owner, pack), names::trash_of(owner, day));
        let path = names::pack_in(&folder, pack);
        let Some(file) = core.open(&path)? else {
            let there = self.find_in_trash(owner, pack)?;
            let (day, _) = there.ok_or_else(|| claim.missing())?;
            return self.already_in(&names::trash_of(owner, day));
        };
        let len = Bytes(core.run(file.len().at("measure", &path))?);
        drop(file);
        // The account first: what it does not know it would read from the folder, moved or not.
        core.with_account(owner, |_| ())?;
        core.ensure_folder(&target)?;
        let disk = &*core.disk;
        // Its outboard is made anew if it is ever asked for.
        core.run(durable::remove_file(disk, &names::outboard_in(&folder, pack)))?;
        core.run(durable::move_file(disk, &path, &names::pack_in(&target, pack)))?;
        core.with_account(owner, |account| {
            account.left(len);
            account.trashed_one(day, len);
        })?;
        Ok(Moved::Moved)
    }

    /// Takes a pack out of the trash, once it was read to the end and found good.
    pub fn take_back(&self, owner: OwnerKey, pack: PackId) -> Result<Moved, HostedError> {
        self.core.takes_for_friends()?;
        let claim = Claim::take(&self.core, owner, pack)?;
        if self.has(owner, pack)? {
            return self.already_in(&names::pack_folder(owner, pack));
        }
        let (day, len) = self.find_in_trash(owner, pack)?.ok_or_else(|| claim.missing())?;
        let damaged = |group| {
            let volume = self.core.name.clone();
            HostedError::Damaged { volume, pack, group }
        };
        let told = Told::new(pack, len).ok_or_else(|| damaged(0))?;
        if !self.is_good_in(&names::trash_of(owner, day), &told)? {
            return Err(damaged(0));
        }
        self.take_out_of_trash(&claim)?;
        Ok(Moved::Moved)
    }

    /// It is there already, which may be the work of an attempt that was cut short before its sync.
    fn already_in(&self, folder: &str) -> Result<Moved, HostedError> {
        self.core.ensure_folder(folder)?;
        self.core.run(durable::sync_folder(&*self.core.disk, folder))?;
        Ok(Moved::AlreadyThere)
    }

    /// A friend's packs in the trash, those that may go first.
    pub fn list_trash(&self, owner: OwnerKey) -> Result<Vec<InTrash>, HostedError> {
        let mut found = Vec::new();
        for day in self.days(owner)? {
            let packs = packs_in(&self.core, &names::trash_of(owner, day))?.into_iter();
            found.extend(packs.map(|pack| InTrash { day, id: pack.id, len: pack.len }));
        }
        Ok(found)
    }

    /// Removes for good what may go on this day or earlier.
    pub fn purge(&self, owner: OwnerKey, today: Day) -> Result<Purged, HostedError> {
        let core = &self.core;
        core.takes_for_friends()?;
        let mut purged = Purged::default();
        for day in self.days(owner)?.into_iter().filter(|day| *day <= today) {
            let folder = names::trash_of(owner, day);
            for pack in packs_in(core, &folder)? {
                // Whoever works on it takes it out, and it stays.
                let Ok(_claim) = Claim::take(core, owner, pack.id) else { continue };
                let path = names::pack_in(&folder, pack.id);
                let beside = names::outboard_in(&folder, pack.id);
                core.run(durable::remove_file(&*core.disk, &beside))?;
                if core.run(durable::remove_file(&*core.disk, &path))? {
                    core.with_account(owner, |account| account.out_of_trash(day, pack.len))?;
                    purged.packs += 1;
                    purged.bytes = Bytes(purged.bytes.0 + pack.len.0);
                }
            }
        }
        Ok(purged)
    }

    /// Days on which something of a friend may go, the next one first.
    fn days(&self, owner: OwnerKey) -> Result<Vec<Day>, HostedError> {
        Ok(self.core.with_account(owner, |account| account.days())?)
    }

    /// In which day's trash a pack lies, and its length.
    pub(super) fn find_in_trash(
        &self,
        owner: OwnerKey,
        pack: PackId,
    ) -> Result<Option<(Day, Bytes)>, HostedError> {
        for day in self.days(owner)? {
            let path = names::pack_in(&names::trash_of(owner, day), pack);
            if let Some(file) = self.core.open(&path)? {
                return Ok(Some((day, Bytes(self.core.run(file.len().at("measure", &path))?))));
            }
        }
        Ok(None)
    }

    pub(super) fn take_out_of_trash(&self, claim: &Claim) -> Result<(), HostedError> {
        let (core, owner, pack) = (&self.core, claim.owner, claim.pack);
        let found = self.find_in_trash(owner, pack)?;
        let (day, len) = found.ok_or_else(|| claim.missing())?;
        let (from, to) = (names::trash_of(owner, day), names::pack_folder(owner, pack));
        core.ensure_folder(&to)?;
        let (from, to) = (names::pack_in(&from, pack), names::pack_in(&to, pack));
        core.unobstructed(&to, || durable::move_file(&*core.disk, &from, &to))?;
        core.with_account(owner, |account| {
            account.out_of_trash(day, len);
            account.came(len);
        })?;
        Ok(())
    }

    /// Puts a pack aside that was found damaged, so that its owner sends only what is wrong of it; says
    /// whether it was there. It is not served any more.
    pub fn set_aside(&self, owner: OwnerKey, pack: PackId) -> Result<bool, HostedError> {
        self.core.takes_for_friends()?;
        let claim = Claim::take(&self.core, owner, pack)?;
        if !self.has(owner, pack)? {
            return Ok(false);
        }
        self.put_aside(&claim)?;
        Ok(true)
    }

    /// Moves a damaged pack and its outboard aside, so that a good one can take its name.
    pub(super) fn put_aside(&self, claim: &Claim) -> Result<(), HostedError> {
        let (core, owner, pack) = (&self.core, claim.owner, claim.pack);
        let (from, to) = (names::pack_folder(owner, pack), names::damaged(owner));
        let path = names::pack_in(&from, pack);
        let file = core.open(&path)?.ok_or_else(|| claim.missing())?;
        let len = Bytes(core.run(file.len().at("measure", &path))?);
        drop(file);
        core.with_account(owner, |_| ())?;
        core.ensure_folder(&to)?;
        let beside = names::outboard_in(&from, pack);
        if core.open(&beside)?.is_some() {
            core.run(durable::move_file(&*core.disk, &beside, &names::outboard_in(&to, pack)))?;
        }
        core.run(durable::move_file(&*core.disk, &path, &names::pack_in(&to, pack)))?;
        Ok(core.with_account(owner, |account| account.left(len))?)
    }

    /// Whether the pack under its name is whole, read from the medium.
    pub(super) fn is_good(&self, claim: &Claim, told: &Told) -> Result<bool, HostedError> {
        self.is_good_in(&names::pack_folder(claim.owner, claim.pack), told)
    }

    fn is_good_in(&self, folder: &str, told: &Told) -> Result<bool, HostedError> {
        let core = &self.core;
        let path = names::pack_in(folder, told.root());
        let Some(file) = core.open(&path)? else { return Ok(false) };
        if core.run(file.len().at("measure", &path))? != told.len().0 {
            return Ok(false);
        }
        let outboard: Outboard =
            read_outboard(core, told, &names::outboard_in(folder, told.root()))?;
        let good = if outboard.is_whole() {
            good_groups(told, &outboard, &*file).map(|good| good == Groups::all(told))
        } else {
            make_outboard(told, &*file).map(|made| made.is_some())
        };
        Ok(core.run(good.at("read", &path))?)
    }
}
