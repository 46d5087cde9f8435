//! A friend's pack on its way in.
//!
//! Bytes are written once they are proven, wherever they belong; what a file holds after a cut is
//! found by proving it again, never by its length. The receipt comes last: every group proven from
//! the medium, bytes and outboard synced, both renamed, the folder synced. Start at
//! [`Hosted::begin`].

use std::io::Read;
use std::sync::Arc;

use types::sabotage::{self, Bug};
use types::{Bytes, OwnerKey, PackId};
use verified::{Groups, Outboard, Piece, Told, receive};

use super::answer::{good_groups, read_outboard};
use super::claim::Claim;
use super::gathered::Gathered;
use super::names;
use super::{Hosted, HostedError};
use crate::durable::{self, At, IoFailure};
use crate::volume::Core;

/// Proof of this volume that a pack is kept: durable, and read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Whose it is.
    pub owner: OwnerKey,
    /// The pack.
    pub told: Told,
}

/// What became of the wish to bring a pack.
#[derive(Debug)]
pub enum Begun {
    /// It is here: read anew to be sure, and its name is durable.
    AlreadyThere(Receipt),
    /// These groups of it are wanted.
    Wanted(Box<Incoming>),
}

/// A pack that is being received. Dropping it leaves what came, to go on later.
#[derive(Debug)]
pub struct Incoming {
    claim: Claim,
    told: Told,
    have: Groups,
    outboard: Outboard,
    data: Gathered,
    pairs: Gathered,
    failed: Option<HostedError>,
}

impl Hosted {
    /// Begins or goes on to receive a pack. Refused before a byte is written when it is more than
    /// this friend was promised, or than may be filled.
    pub fn begin(&self, owner: OwnerKey, told: Told) -> Result<Begun, HostedError> {
        let core = &self.core;
        core.takes_for_friends()?;
        let claim = Claim::take(core, owner, told.root())?;
        if self.is_kept(&claim, told)? {
            // Where renames are not atomic, a cut may have left the old name as well.
            remove_part(&claim)?;
            return Ok(Begun::AlreadyThere(Receipt { owner, told }));
        }
        claim.count(told.len())?;
        let folder = names::incoming(owner);
        let (part, beside) =
            (names::part_in(&folder, told.root()), names::outboard_in(&folder, told.root()));
        self.go_on_with_damaged(&claim, &part, &beside)?;
        let (outboard, have) = part_so_far(core, &told, &part, &beside)?;
        let missing = Groups::all(&told).minus(&have);
        let need = missing.len(&told).0 + outboard.bytes().len() as u64;
        core.room_for_friend(owner, Bytes(need))?;
        core.ensure_folder(&folder)?;
        let data = Gathered::open(core, part)?;
        let pairs = Gathered::open(core, beside)?;
        let incoming = Incoming { claim, told, have, outboard, data, pairs, failed: None };
        Ok(Begun::Wanted(Box::new(incoming)))
    }

    /// Throws away what came of a pack that is not there; says whether anything was.
    pub fn abandon(&self, owner: OwnerKey, pack: PackId) -> Result<bool, HostedError> {
        self.core.takes_for_friends()?;
        let claim = Claim::take(&self.core, owner, pack)?;
        remove_part(&claim)
    }

    /// Whether the pack is kept, whole and durable. One that is damaged is put aside, one in the
    /// trash is taken out of it.
    fn is_kept(&self, claim: &Claim, told: Told) -> Result<bool, HostedError> {
        let (owner, pack) = (claim.owner, claim.pack);
        let folder = names::pack_folder(owner, pack);
        let path = names::pack_in(&folder, pack);
        if self.core.open(&path)?.is_some() {
            if self.is_good(claim, &told)? {
                // It may be the work of an attempt that was cut short before its last sync.
                self.core.ensure_folder(&folder)?;
                self.core.run(durable::sync_folder(&*self.core.disk, &folder))?;
                return Ok(true);
            }
            self.put_aside(claim)?;
        }
        if self.find_in_trash(owner, pack)?.is_none() {
            return Ok(false);
        }
        self.take_out_of_trash(claim)?;
        if self.is_good(claim, &told)? {
            return Ok(true);
        }
        self.put_aside(claim)?;
        Ok(false)
    }

    /// Makes what is left of a damaged pack the beginning of a new one: most of it is good.
    fn go_on_with_damaged(
        &self,
        claim: &Claim,
        part: &str,
        beside: &str,
    ) -> Result<(), HostedError> {
        let core = &self.core;
        let folder = names::damaged(claim.owner);
        let damaged = names::pack_in(&folder, claim.pack);
        if core.open(part)?.is_some() || core.open(&damaged)?.is_none() {
            return Ok(());
        }
        core.ensure_folder(durable::parent(part))?;
        let old_beside = names::outboard_in(&folder, claim.pack);
        if core.open(&old_beside)?.is_some() {
            core.run(durable::move_file(&*core.disk, &old_beside, beside))?;
        }
        Ok(core.run(durable::move_file(&*core.disk, &damaged, part))?)
    }
}

/// Removes what came of a pack; says whether anything was there.
fn remove_part(claim: &Claim) -> Result<bool, HostedError> {
    let folder = names::incoming(claim.owner);
    let (core, disk) = (&claim.core, &*claim.core.disk);
    let (part, beside) =
        (names::part_in(&folder, claim.pack), names::outboard_in(&folder, claim.pack));
    core.run(durable::remove_file(disk, &beside))?;
    Ok(core.run(durable::remove_file(disk, &part))?)
}

/// What has come of a pack, proven anew from the medium. A file that is longer than the pack cannot
/// become it, and goes.
fn part_so_far(
    core: &Core,
    told: &Told,
    part: &str,
    beside: &str,
) -> Result<(Outboard, Groups), HostedError> {
    let Some(file) = core.open(part)? else { return Ok((Outboard::empty(told), Groups::none())) };
    if core.run(file.len().at("measure", part))? > told.len().0 {
        drop(file);
        core.run(durable::remove_file(&*core.disk, part))?;
        return Ok((Outboard::empty(told), Groups::none()));
    }
    let outboard = read_outboard(core, told, beside)?;
    let good = core.run(good_groups(told, &outboard, &*file).at("read", part))?;
    Ok((outboard, good))
}

impl Incoming {
    /// What is being received.
    pub fn told(&self) -> Told {
        self.told
    }

    /// What is missing: to be asked for, and nothing else.
    pub fn missing(&self) -> Groups {
        Groups::all(&self.told).minus(&self.have)
    }

    /// Takes the stream of these groups. Whatever was proven before it ended or failed is kept.
    pub fn take(&mut self, groups: &Groups, stream: impl Read) -> Result<(), HostedError> {
        self.usable()?;
        let mut came = Groups::none();
        let Self { outboard, data, pairs, .. } = self;
        let core = &self.claim.core;
        let written = |step: Result<(), IoFailure>| Ok::<_, HostedError>(core.run(step)?);
        let ended = receive(&self.told, groups, stream, |piece| match piece {
            Piece::Pair { at, pair } => {
                outboard.put(at, &pair);
                written(pairs.put(at, &pair).map(drop))
            }
            Piece::Group { group, at, bytes } => {
                came.insert(group);
                // Groups without their pairs prove nothing: whoever is killed now asks for them again.
                written(data.put(at, bytes).and_then(|wrote| match wrote {
                    true => pairs.flush(),
                    false => Ok(()),
                }))
            }
        });
        let ended = ended.map_err(|error| HostedError::of_stream(self.told.root(), error));
        let flushed = written(data.flush()).and_then(|()| written(pairs.flush()));
        let is_write_error = matches!(&ended, Err(HostedError::Volume(_)));
        if let (Err(error), _) | (_, Err(error)) = (&flushed, &ended)
            && (is_write_error || flushed.is_err())
        {
            return Err(self.fail(error.clone()));
        }
        self.have.extend(came.iter());
        ended
    }

    /// Makes it durable and gives it its name. The pack is kept exactly when this returns `Ok`.
    pub fn finish(mut self) -> Result<Receipt, HostedError> {
        self.usable()?;
        let missing = self.missing();
        let pack = self.told.root();
        if !missing.is_empty() {
            return Err(HostedError::Unfinished { pack, missing: missing.len(&self.told) });
        }
        let core = Arc::clone(&self.claim.core);
        let synced = core.run(self.data.sync()).and_then(|()| core.run(self.pairs.sync()));
        if let Err(error) = synced {
            self.discard();
            return Err(error.into());
        }
        if !self.reads_back()? {
            self.discard();
            return Err(HostedError::ReadBack { volume: core.name.clone(), pack });
        }
        self.name_it(&core)?;
        let owner = self.claim.owner;
        core.with_account(owner, |account| account.came(self.told.len()))?;
        Ok(Receipt { owner, told: self.told })
    }

    /// Whether all of it can be proven from what the medium has, by the outboard that it has.
    fn reads_back(&self) -> Result<bool, HostedError> {
        let core = &self.claim.core;
        let Some(file) = core.open(&self.data.path)? else { return Ok(false) };
        let len = core.run(file.len().at("measure", &self.data.path))?;
        let outboard = read_outboard(core, &self.told, &self.pairs.path)?;
        let good = good_groups(&self.told, &outboard, &*file).at("re-read", &self.data.path);
        Ok(len == self.told.len().0 && core.run(good)? == Groups::all(&self.told))
    }

    /// The outboard goes first: without it the pack is slower to read, without the pack it is nothing.
    fn name_it(&self, core: &Core) -> Result<(), HostedError> {
        let pack = self.told.root();
        let folder = names::pack_folder(self.claim.owner, pack);
        core.ensure_folder(&folder)?;
        let moves = [
            (&self.pairs.path, names::outboard_in(&folder, pack)),
            (&self.data.path, names::pack_in(&folder, pack)),
        ];
        for (from, to) in &moves {
            core.unobstructed(to, || core.disk.rename(from, to).at("move", from))?;
        }
        if sabotage::on(Bug::HostedNameUnsynced) {
            return Ok(());
        }
        core.run(durable::sync_folder(&*core.disk, &folder))?;
        Ok(core.run(durable::sync_folder(&*core.disk, durable::parent(&self.data.path)))?)
    }

    fn usable(&self) -> Result<(), HostedError> {
        self.claim.core.takes_for_friends()?;
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// A file that could not be written takes nothing more. On a full disk what came stays; what a
    /// failing disk says of its bytes is not believed.
    fn fail(&mut self, error: HostedError) -> HostedError {
        if error.is_disk_fault() {
            self.discard();
        }
        self.failed = Some(error.clone());
        error
    }

    /// Removes what came: a later sync would say that bytes are safe which an earlier one lost.
    fn discard(&self) {
        if remove_part(&self.claim).is_err() {
            self.claim.core.hosting.give_up();
        }
    }
}
