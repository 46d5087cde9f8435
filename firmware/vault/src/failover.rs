//! When a volume says no: who is demoted, and where its part of each pack goes instead.
//!
//! Before the next acknowledgement every open pack has its copies again, byte for byte, or the
//! acknowledgement states fewer. A failed sync is never tried twice. Start at
//! [`Writer::take_refusals`].

use format::pack::PackKind;
use types::{Bytes, PackId, SpaceId, VolumeId};
use volume::VolumeError;

use crate::copy::{Route, copy_open};
use crate::error::VaultError;
use crate::stuck::Stuck;
use crate::writer::Writer;

impl Writer {
    /// Deals with volumes that refused bytes of open packs: demotes the broken, finds others.
    pub(crate) fn take_refusals(&mut self) -> Result<(), VaultError> {
        let keys: Vec<_> = self
            .open
            .iter()
            .filter(|(_, pack)| !pack.refused.is_empty())
            .map(|(key, _)| *key)
            .collect();
        if keys.is_empty() {
            return Ok(());
        }
        for key in keys {
            let pack = self.open.get_mut(&key).expect("it was there a line above");
            for (id, error) in std::mem::take(&mut pack.refused) {
                self.demote(id, &error);
            }
        }
        self.refill_all()
    }

    /// Gives every open pack its copies again: a volume that failed at one leaves them all.
    pub(crate) fn refill_all(&mut self) -> Result<(), VaultError> {
        let keys: Vec<_> = self.open.keys().copied().collect();
        // All of them, also after one that has nowhere left: each may hold what was acknowledged.
        let refilled: Vec<_> = keys.into_iter().map(|key| self.refill_open(key)).collect();
        refilled.into_iter().collect()
    }

    /// A volume failed: no more writes to it, in any open pack. A full one only loses this file.
    pub(crate) fn demote(&mut self, id: VolumeId, error: &VolumeError) {
        if !error.is_full() {
            let mut members = self.members.write().expect("no code panics while it holds them");
            members.demote(id, error);
            drop(members);
            for pack in self.open.values_mut() {
                pack.targets.retain(|target| *target != id);
            }
        }
    }

    /// Copies the bytes of an open pack from a volume that has them to as many more as it lacks.
    pub(crate) fn refill_open(&mut self, key: (SpaceId, PackKind)) -> Result<(), VaultError> {
        // What was acknowledged is on these volumes still: read there, and found at the next open.
        if let Some(pack) = self.open.remove(&key) {
            if pack.targets.is_empty() {
                self.stuck.push(Stuck::open(pack));
                return Err(self.no_more("every volume of an open pack failed"));
            }
            self.open.insert(key, pack);
        }
        let Some(pack) = self.open.get(&key) else { return Ok(()) };
        if key.1 != PackKind::Data || pack.targets.len() >= usize::from(self.chain.copies) {
            return Ok(());
        }
        let members = self.members.read().expect("no code panics while it holds the members");
        let serials: Vec<_> =
            pack.targets.iter().filter_map(|id| members.get(*id)).map(|m| &m.serial).collect();
        let facts: Vec<_> =
            members.room(false).into_iter().filter(|f| !serials.contains(&&f.serial)).collect();
        let missing = self.chain.copies - u8::try_from(pack.targets.len()).unwrap_or(u8::MAX);
        let need = Bytes(format::pack::SIZE_MAX);
        let Ok(more) = plan::placement::choose_targets(&facts, missing, need) else {
            return Ok(());
        };
        let mut joined = Vec::new();
        for id in more.ids {
            if copy_open(pack, id, &members).is_ok() {
                joined.push(id);
            }
        }
        drop(members);
        let pack = self.open.get_mut(&key).expect("it was there above");
        pack.unsynced = true;
        pack.held.extend(&joined);
        pack.targets.extend(joined);
        Ok(())
    }

    /// Brings a sealed pack that lost a target back to its number of copies, where there is room.
    pub(crate) fn copy_sealed(&self, id: PackId, kind: PackKind, good: &mut Vec<VolumeId>) {
        let facts: Vec<_> =
            self.members().room(false).into_iter().filter(|f| !good.contains(&f.id)).collect();
        let missing = usize::from(self.chain.copies).saturating_sub(good.len());
        let need = Bytes(format::pack::SIZE_MAX);
        let missing = u8::try_from(missing).unwrap_or(u8::MAX);
        let Ok(more) = plan::placement::choose_targets(&facts, missing, need) else { return };
        for to in more.ids {
            let route = Route::of(&self.members(), good, to);
            if route.and_then(|route| route.copy(id, kind)).is_ok() {
                good.push(to);
            }
        }
    }
}
