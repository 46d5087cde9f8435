//! Key files of one vault that parted: disks that were apart were each given a space.
//!
//! Spaces are only ever added, so what one file has and another lacks was made while they were
//! apart, and is taken in; nothing that a file lacks is taken away. Believes only what the vault's
//! own mac proves. Ways in are kept likewise: new words that were made on one disk are not lost to the
//! old ones of another. Start at [`KeyRing::absorb`].

use format::keys::{KeyFile, SpaceSecret, WrappedSpace};
use format::to_cbor;
use types::Rng;
use zeroize::{Zeroize, Zeroizing};

use super::{EPOCH, KeyRing, Space};
use crate::{UnlockError, contexts, sealed_box};

impl KeyRing {
    /// Takes in the spaces that `other` names and `file` does not, and counts them; and the ways in of
    /// one that is no older, since each may be the only one that its owner still has. The file's
    /// generation is then above both. A name that is taken gets a number, so that both can be reached.
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
        let before = file.slots.len();
        if other.generation >= file.generation {
            let new = other.slots.iter().filter(|slot| !file.slots.contains(slot));
            let new: Vec<_> = new.cloned().collect();
            file.slots.extend(new);
        }
        if count > 0 || file.slots.len() > before {
            file.generation = file.generation.max(other.generation);
            self.changed(file);
        }
        Ok(count)
    }

    /// Whether `theirs` holds something that is not here, so that writing `ours` over it would lose it: a
    /// space, or a later state. What this vault did not write holds nothing.
    pub fn lacks_some_of(&self, ours: &KeyFile, theirs: &KeyFile) -> bool {
        let has_space = |id| self.spaces.contains_key(id);
        self.owns(theirs)
            && (theirs.generation > ours.generation
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
