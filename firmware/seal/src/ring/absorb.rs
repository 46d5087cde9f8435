//! Key files of one vault that parted: disks that were apart were each given a space.
//!
//! Spaces are only ever added, so what one file has and another lacks was made while they were
//! apart, and is taken in; nothing that a file lacks is taken away. Believes only what the vault's
//! own mac proves. Ways in are kept likewise: new words that were made on one disk are not lost to the
//! old ones of another. Start at [`KeyRing::absorb`].

use std::cmp::Ordering;

use format::keys::{KeyFile, SpaceSecret, WrappedSpace};
use format::to_cbor;
use types::Rng;
use zeroize::{Zeroize, Zeroizing};

use super::{EPOCH, KeyRing, Space};
use crate::{UnlockError, contexts, sealed_box};

/// How often ways in were taken away or put in the place of others: the upper half of the generation, so
/// that a file which knows of that counts as newer than any that does not.
fn turn(file: &KeyFile) -> u64 {
    file.generation >> TURN
}

/// Ways in go: what knows of it comes before all that does not.
pub(super) fn begin_turn(file: &mut KeyFile) {
    file.generation = file.generation.saturating_add(1 << TURN);
}

/// Bits of a generation that count all other changes.
const TURN: u32 = 32;

impl KeyRing {
    /// Takes in the spaces that `other` names and `file` does not, and counts them. Ways in are those of the
    /// later turn, however much else changed in the earlier one; of the same turn all, since each may be the
    /// only one that its owner still has. The file's generation is then above both. A name that is taken
    /// gets a number, so that both can be reached.
    pub fn absorb(
        &mut self,
        file: &mut KeyFile,
        other: &KeyFile,
        rng: &dyn Rng,
    ) -> Result<usize, UnlockError> {
        let forged = UnlockError::Forged { part: "mac" };
        if !self.owns(file) || !self.owns(other) {
            return Err(forged);
        }
        let mut opened = Vec::new();
        for wrapped in other.spaces.iter().filter(|one| !self.spaces.contains_key(&one.id)) {
            opened.push((wrapped, self.open_secret(wrapped)?));
        }
        let mut count = 0;
        for (wrapped, mut secret) in opened {
            let (id, name) = (wrapped.id, self.free_name(&secret.name));
            if self.spaces.contains_key(&id) {
                continue;
            }
            count += 1;
            let mut wrapped = wrapped.clone();
            if name != secret.name {
                secret.name.clone_from(&name);
                let cbor = Zeroizing::new(to_cbor(&secret));
                let (master, bound) = (self.master.bytes(), self.space_bound(id, EPOCH));
                wrapped.secret =
                    sealed_box::seal(contexts::SPACE_SECRET, master, &bound, &cbor, rng);
            }
            let keys = crate::SpaceKeys::derive(&secret.key);
            secret.key.zeroize();
            file.spaces.push(wrapped);
            self.spaces.insert(id, Space { name, keys });
        }
        let before = file.slots.clone();
        match turn(other).cmp(&turn(file)) {
            Ordering::Greater => file.slots.clone_from(&other.slots),
            Ordering::Equal => {
                let new = other.slots.iter().filter(|slot| !before.contains(slot));
                file.slots.extend(new.cloned());
            }
            Ordering::Less => {}
        }
        if count > 0 || file.slots != before {
            file.generation = file.generation.max(other.generation);
            self.changed(file);
        }
        Ok(count)
    }

    /// Whether `theirs` holds something that is not here, so that writing `ours` over it would lose it: a
    /// space, a way in, or a later state. What this vault did not write holds nothing.
    pub fn lacks_some_of(&self, ours: &KeyFile, theirs: &KeyFile) -> bool {
        let has_space = |id| self.spaces.contains_key(id);
        let lacks_a_way_in = || {
            turn(theirs) == turn(ours) && !theirs.slots.iter().all(|one| ours.slots.contains(one))
        };
        self.owns(theirs)
            && (theirs.generation > ours.generation
                || lacks_a_way_in()
                || !theirs.spaces.iter().all(|one| has_space(&one.id)))
    }

    /// The keys that another file of the same vault holds; no secret is asked for again.
    pub fn turned_to(&self, file: &KeyFile) -> Result<Self, UnlockError> {
        if !self.owns(file) {
            return Err(UnlockError::Forged { part: "mac" });
        }
        Self::opened(file, self.master.clone())
    }

    fn free_name(&self, name: &str) -> String {
        let numbered = (2_u64..).map(|number| format!("{name}.{number}"));
        std::iter::once(name.to_owned())
            .chain(numbered)
            .find(|name| self.space_named(name).is_none())
            .expect("there are more numbers than spaces")
    }

    /// What a wrapped space holds.
    pub(super) fn open_secret(&self, wrapped: &WrappedSpace) -> Result<SpaceSecret, UnlockError> {
        let WrappedSpace { id, epoch, secret } = wrapped;
        if *epoch != EPOCH {
            return Err(UnlockError::UnknownEpoch { space: *id, epoch: *epoch });
        }
        let forged = UnlockError::Forged { part: "space" };
        let (master, bound) = (self.master.bytes(), self.space_bound(*id, *epoch));
        let cbor =
            sealed_box::open(contexts::SPACE_SECRET, master, &bound, secret).map_err(|_| forged)?;
        format::from_cbor("space secret", &cbor).map_err(|_| forged)
    }
}
