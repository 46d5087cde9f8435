//! Reading everything that is kept for friends, a part at a time, and putting aside what rotted.
//!
//! The caller keeps the point at which to go on; it is as good after a restart. A damaged pack goes
//! to the friend's folder `damaged` and is named, so that the friend sends its bad groups again; a
//! damaged outboard or copy of a note is made anew. Start at [`Hosted::scrub`].

use format::note::NoteKind;
use types::{Bytes, OwnerKey, PackId};
use verified::{Groups, Outboard, Told};

use super::answer::{good_groups, make_outboard, read_outboard};
use super::claim::Claim;
use super::notes::{self, Copies, note_path};
use super::{Hosted, HostedError, HostedPack, names, owners, packs_in, prefixes};
use crate::durable::{self, At};

/// How far a scrub has come: everything up to and including this pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScrubPoint {
    /// The friend.
    pub owner: OwnerKey,
    /// The pack.
    pub pack: PackId,
}

/// A pack that is not what its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPack {
    /// Whose it is.
    pub owner: OwnerKey,
    /// Its name.
    pub pack: PackId,
    /// Groups that cannot be proven.
    pub bad: Groups,
}

/// What a part of a scrub found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// Packs that were read.
    pub packs: u64,
    /// Their bytes.
    pub bytes: Bytes,
    /// Packs that were put aside.
    pub bad: Vec<BadPack>,
    /// Outboards and copies of notes that were made anew.
    pub mended: u64,
    /// Notes of which no copy is whole, by the path of the note.
    pub lost_notes: Vec<String>,
    /// Where to go on; none when everything was read.
    pub next: Option<ScrubPoint>,
}

impl Hosted {
    /// Checks packs behind `from` until `budget` bytes were read, at least one pack; a friend's notes
    /// are checked before the first of their packs.
    pub fn scrub(&self, from: Option<ScrubPoint>, budget: Bytes) -> Result<Scrubbed, HostedError> {
        self.core.takes_for_friends()?;
        let mut done = Scrubbed::default();
        for owner in owners(&self.core)? {
            if from.is_some_and(|from| owner < from.owner) {
                continue;
            }
            let after = from.filter(|from| from.owner == owner).map(|from| from.pack);
            if after.is_none() {
                self.scrub_notes(owner, &mut done)?;
            }
            for prefix in prefixes(&self.core, owner, after.map_or(0, |pack| pack.0[0]))? {
                let folder = names::packs(owner, prefix);
                let packs = packs_in(&self.core, &folder)?.into_iter();
                for pack in packs.filter(|pack| after.is_none_or(|after| pack.id > after)) {
                    self.scrub_pack(owner, pack, &mut done)?;
                    if done.bytes >= budget {
                        done.next = Some(ScrubPoint { owner, pack: pack.id });
                        return Ok(done);
                    }
                }
            }
        }
        Ok(done)
    }

    /// Damaged packs that were put aside and have not been sent again.
    pub fn list_damaged(&self, owner: OwnerKey) -> Result<Vec<HostedPack>, HostedError> {
        Ok(packs_in(&self.core, &names::damaged(owner))?)
    }

    fn scrub_pack(
        &self,
        owner: OwnerKey,
        pack: HostedPack,
        done: &mut Scrubbed,
    ) -> Result<(), HostedError> {
        let core = &self.core;
        // Somebody reads, moves or replaces it: that checks it, too.
        let Ok(claim) = Claim::take(core, owner, pack.id) else { return Ok(()) };
        let folder = names::pack_folder(owner, pack.id);
        let path = names::pack_in(&folder, pack.id);
        let Some(file) = core.open(&path)? else { return Ok(()) };
        done.packs += 1;
        done.bytes = Bytes(done.bytes.0 + pack.len.0);
        let len = Bytes(core.run(file.len().at("measure", &path))?);
        let mut bad = BadPack { owner, pack: pack.id, bad: Groups::none() };
        if let Some(told) = Told::new(pack.id, len) {
            let beside = names::outboard_in(&folder, pack.id);
            let outboard = read_outboard(core, &told, &beside)?;
            let good = core.run(good_groups(&told, &outboard, &*file).at("read", &path))?;
            bad.bad = Groups::all(&told).minus(&good);
            if bad.bad.is_empty() && outboard.is_whole() {
                return Ok(());
            }
            let made = core.run(make_outboard(&told, &*file).at("read", &path))?;
            if let Some(outboard) = made {
                self.mend_outboard(&beside, &outboard)?;
                done.mended += 1;
                return Ok(());
            }
        }
        drop(file);
        self.put_aside(&claim)?;
        done.bad.push(bad);
        Ok(())
    }

    fn mend_outboard(&self, path: &str, outboard: &Outboard) -> Result<(), HostedError> {
        let replaced = durable::replace_file(&*self.core.disk, path, outboard.bytes());
        Ok(self.core.run(replaced)?)
    }

    fn scrub_notes(&self, owner: OwnerKey, done: &mut Scrubbed) -> Result<(), HostedError> {
        let single = [NoteKind::Pact, NoteKind::Words, NoteKind::Promise];
        let mut notes: Vec<(String, NoteKind)> =
            single.map(|kind| (note_path(owner, kind), kind)).into();
        let heads = self.list_heads(owner)?.into_iter();
        let folder = names::heads(owner);
        notes.extend(heads.map(|head| (format!("{folder}/{}", head.name), NoteKind::Head)));
        for (path, kind) in notes {
            let copies = Copies::read(&self.core, &path, kind, owner)?;
            match (copies.unequal, &copies.best) {
                (0, _) => {}
                (_, Some(best)) => {
                    notes::store(&self.core, &path, best)?;
                    done.mended += 1;
                }
                (_, None) if copies.is_lost() => done.lost_notes.push(path),
                (_, None) => {}
            }
        }
        Ok(())
    }
}
