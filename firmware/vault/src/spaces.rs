//! Spaces: each with keys of its own, so that nothing in one can be found from another.
//!
//! No volume gets a pack of a space before its key file names that space: one disk and the words
//! must stay enough for what is on it. So a space is on every disk that takes writes before anything
//! is stored in it, a disk that did not take it takes no more writes, and one that comes back gets
//! the key file before the vault is open. Start at [`Vault::add_space`].

use std::sync::{Arc, OnceLock, PoisonError};

use format::keys::KeyFile;
use types::sabotage::{self, Bug};
use types::{SpaceId, VolumeId};
use volume::{Volume, VolumeError};

use crate::Vault;
use crate::error::VaultError;
use crate::keys::KeysNow;
use crate::members::Member;
use crate::stuck::fullest;
use crate::writer::Writer;

/// Letters in the name of a space.
pub const SPACE_NAME_LEN_MAX: usize = 255;

impl Vault {
    /// The space that everyone shares, made with the vault.
    pub fn everyone(&self) -> SpaceId {
        let ring = self.keys.ring();
        ring.space_named(seal::FIRST_SPACE_NAME)
            .or_else(|| ring.spaces().next().map(|(id, _)| id))
            .unwrap_or(SpaceId::SYSTEM)
    }

    /// All spaces of people, by their names.
    pub fn spaces(&self) -> Vec<(SpaceId, String)> {
        self.keys.ring().spaces().map(|(id, space)| (id, space.name.clone())).collect()
    }

    /// The space with this name.
    pub fn space_named(&self, name: &str) -> Option<SpaceId> {
        self.keys.ring().space_named(name)
    }

    /// The name of a space.
    pub fn space_name(&self, id: SpaceId) -> Option<String> {
        self.keys.ring().spaces().find(|(known, _)| *known == id).map(|(_, one)| one.name.clone())
    }

    /// Makes a space with keys of its own. When it returns, every attached volume that takes writes
    /// has them; volumes that are away get them when they come back. The secrets that open the vault
    /// open it all the same.
    pub fn add_space(&self, name: &str) -> Result<SpaceId, VaultError> {
        self.writable()?;
        check_name(name)?;
        let _membership = self.membership();
        self.writer().whole()?;
        let now = self.keys.now();
        let mut file = KeyFile::decode(&now.file)?;
        let mut ring = (*now.ring).clone();
        let added = ring.add_space(&mut file, name, &*self.env.rng);
        let id = added.map_err(|error| VaultError::Bad { what: error.to_string() })?;
        let new = KeysNow { ring: Arc::new(ring), file: Arc::new(file.encode()) };
        let some_failed = self.put_keys(&new, true)?;
        self.keys.turn_to(new);
        if some_failed {
            self.writer().refill_all()?;
        }
        Ok(id)
    }

    /// The space with this name, made now if there is none.
    pub fn space_or_new(&self, name: &str) -> Result<SpaceId, VaultError> {
        if let Some(known) = self.space_named(name) {
            return Ok(known);
        }
        let added = self.add_space(name);
        // Somebody else may have made it a moment ago.
        added.or_else(|error| self.space_named(name).ok_or(error))
    }

    /// Gives the keys to every attached volume whose key file is not the newest. One that does not
    /// take them takes nothing else. Copies that are damaged beside a right one are left for a check.
    pub(crate) fn spread_keys(&self) -> Result<(), VaultError> {
        if sabotage::on(Bug::KeysNotSpread) {
            return Ok(());
        }
        match self.put_keys(&self.keys.now(), false) {
            // What is here can still be read.
            Ok(_) | Err(VaultError::NoWriter { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes the key file to the volumes that take writes, to `everyone` of them or where it is not
    /// the newest, two copies each, one after the other: a cut leaves one that is whole, the old or
    /// the new. Says whether one failed; fails when no volume is left.
    pub(crate) fn put_keys(&self, now: &KeysNow, everyone: bool) -> Result<bool, VaultError> {
        let mut writers = Vec::new();
        for member in self.members().attached.iter().filter(|member| member.takes_writes()) {
            let writer = member.writer.as_ref().map(Arc::clone);
            writers.extend(writer.map(|writer| (member.id(), Arc::clone(&member.volume), writer)));
        }
        writers.retain(|(_, volume, _)| everyone || !is_current(volume, &now.file));
        if sabotage::on(Bug::KeysOnOneVolume) {
            writers.truncate(1);
        }
        let mut tickets = Vec::new();
        for (id, _, writer) in &writers {
            let (now, newer) = (now.clone(), Arc::new(OnceLock::new()));
            let told = Arc::clone(&newer);
            let ticket = writer.run(move |volume| match now.write_to(volume) {
                Ok(()) => Ok(()),
                Err(VaultError::Volume(error)) => Err(error),
                Err(other) => {
                    let _first = told.set(other);
                    Ok(())
                }
            });
            tickets.push((*id, ticket, newer));
        }
        let (mut failed, mut newer) = (Vec::new(), None);
        for (id, ticket, told) in tickets {
            failed.extend(ticket.wait().err().map(|error| (id, error)));
            newer = newer.or_else(|| Arc::into_inner(told).and_then(OnceLock::into_inner));
        }
        if let Some(newer) = newer {
            return Err(newer);
        }
        let mut writer = self.writer();
        if !writers.is_empty()
            && failed.len() == writers.len()
            && failed.iter().all(|(_, error)| error.is_full())
        {
            // Nobody has the keys, and nobody is worse off for it: there is no room, that is all.
            let full = fullest(&self.members());
            return Err(full.unwrap_or_else(|| writer.no_writer(&self.members())));
        }
        failed.iter().for_each(|(id, error)| writer.leave_out(*id, error));
        let members = self.members();
        if members.attached.iter().any(Member::takes_writes) {
            return Ok(!failed.is_empty());
        }
        Err(writer.no_writer(&members))
    }
}

impl Writer {
    /// A volume without the keys gets nothing more, be it only that it is full.
    fn leave_out(&mut self, id: VolumeId, error: &VolumeError) {
        self.members.write().unwrap_or_else(PoisonError::into_inner).demote(id, error);
        for pack in self.open.values_mut() {
            pack.targets.retain(|target| *target != id);
        }
    }
}

/// Whether a volume has the key file, and no copy of an older one.
fn is_current(volume: &Volume, file: &[u8]) -> bool {
    let found = volume.read_keys().unwrap_or_default();
    let mut whole = found.iter().filter(|bytes| KeyFile::decode(bytes).is_ok()).peekable();
    whole.peek().is_some() && whole.all(|bytes| **bytes == *file)
}

fn check_name(name: &str) -> Result<(), VaultError> {
    let count = name.chars().count();
    if (1..=SPACE_NAME_LEN_MAX).contains(&count)
        && !name.chars().any(|letter| letter == ':' || letter.is_control())
    {
        return Ok(());
    }
    let what = format!(
        "{name:?} cannot name a space: 1 to {SPACE_NAME_LEN_MAX} letters, no colon, no control signs"
    );
    Err(VaultError::Bad { what })
}
