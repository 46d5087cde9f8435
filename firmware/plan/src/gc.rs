//! What may go: which packs to rewrite, merge, tombstone, trash and unlink.
//!
//! Slow on purpose: a pack that nothing needs is first tombstoned, waits out its grace, lies in the
//! trash, and only then goes; at every step one live byte brings it back. When something about the
//! vault is unclear, nothing is decided at all ([`GcRefusal`]). Ages are never negative, so a clock
//! that went back only makes packs stay longer. The caller checks what is live once more before it
//! trashes and before it unlinks. Start reading at [`collect`].

mod refusal;

use types::sabotage::{self, Bug};

pub use refusal::GcRefusal;
use types::{Bytes, Millis, PackId, SpaceId, UnixTime};

use crate::volumes::PackKind;

/// How long a tombstoned pack waits: root on the box cannot destroy a month of history.
pub const GRACE: Millis = Millis::from_days(30);
/// How long a pack then lies in the trash.
pub const TRASH: Millis = Millis::from_days(7);
/// A clock that jumped further than this freezes deletion: no box has a clock that drifts a day.
pub use types::clock::CLOCK_JUMP_MAX;
/// The largest part of the vault that one run may begin to remove, in percent.
pub const MAX_SHARE_PERCENT: u8 = 30;
/// What begins to go in one run and is no more than this is never too large a part: in a vault of a
/// few packs any one of them is. One full pack.
pub const SMALL_LOSS: Bytes = Bytes(16 * Bytes::MIB);
/// A pack is rewritten only when at least one part in this many is dead: rewriting reads and
/// writes the living part.
pub const REWRITE_DEAD_PART: u64 = 4;
/// Packs shorter than this are merged: 4 MiB, a quarter of a full one.
pub const SMALL_PACK: Bytes = Bytes(4 * Bytes::MIB);
/// Fewer small packs than this stay as they are: merging two at every prune would rewrite the same
/// bytes each time.
pub const MERGE_MIN: usize = 4;
/// Merging fills packs up to this: the longest there are.
pub const MERGED_MAX: Bytes = Bytes(16 * Bytes::MIB);

/// One pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GcPack {
    /// The catalog's number for it.
    pub no: u32,
    /// What it holds.
    pub kind: PackKind,
    /// Whose it is: packs of two spaces are never merged.
    pub space: SpaceId,
    /// Length of the file.
    pub len: Bytes,
    /// Plaintext bytes of all its objects.
    pub raw_total: u64,
    /// Of these, what a kept version refers to, and to this pack (not to a copy elsewhere). At
    /// least 1 for any live object.
    pub raw_live: u64,
    /// Sealed after the marking of what is live began: its objects were not looked at.
    pub sealed_since_mark: bool,
    /// Pointed at by a new version after the marking began, or needed for another reason.
    pub touched_since_mark: bool,
    /// When it was tombstoned.
    pub tombstone: Option<UnixTime>,
    /// When it was moved to the trash.
    pub in_trash_since: Option<UnixTime>,
}

/// What could make the marking wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blockers {
    /// Packs that a kept version refers to and no volume has.
    pub missing_packs: Vec<PackId>,
    /// Volumes that are absent and were not retired, as their owner knows them.
    pub absent_volumes: Vec<String>,
    /// Volumes that are here and did not get the newest head, as their owner knows them: what they
    /// were not told they may say again.
    pub behind_volumes: Vec<String>,
    /// The catalog was rebuilt and has not been checked against the packs since.
    pub catalog_unchecked: bool,
    /// How far the clock jumped since the last run, in either direction.
    pub clock_jump: Millis,
}

/// Everything a decision rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GcFacts {
    /// All packs.
    pub packs: Vec<GcPack>,
    /// The time.
    pub now: UnixTime,
    /// [`GRACE`], or what the owner said.
    pub grace: Millis,
    /// [`TRASH`], or what the owner said.
    pub trash: Millis,
    /// Length of all packs of the vault.
    pub vault_total: Bytes,
    /// What could be wrong.
    pub blockers: Blockers,
    /// [`MAX_SHARE_PERCENT`]; 100 when the owner has seen how much goes and said yes.
    pub max_share_percent: u8,
}

/// One thing to do with packs. Facts are older once it is done: plan again after any rewrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GcAction {
    /// Lift the tombstone, and take it out of the trash: it is needed again.
    Revive(u32),
    /// Write its live objects to new packs; once these are durable, tombstone it.
    Rewrite(u32),
    /// Write the live objects of all of these to one new pack; once it is durable, tombstone them.
    Merge(Vec<u32>),
    /// Say in a head that it will go; nothing new may point at it.
    Tombstone(u32),
    /// Move it to the trash.
    Trash(u32),
    /// Remove it.
    Unlink(u32),
}

/// What to do, in the order in which to do it, or why nothing.
pub fn collect(facts: &GcFacts) -> Result<Vec<GcAction>, GcRefusal> {
    let mut collector = Collector::new(facts)?;
    facts.packs.iter().for_each(|pack| collector.add(pack));
    collector.finish(facts.vault_total)
}

/// The same for packs that are shown one by one, so that a million of them need not be held.
#[derive(Debug)]
pub struct Collector<'f> {
    facts: &'f GcFacts,
    stages: Stages,
}

impl<'f> Collector<'f> {
    /// Nothing yet; the packs and the total of `facts` are not looked at.
    pub fn new(facts: &'f GcFacts) -> Result<Self, GcRefusal> {
        refuse_when_unclear(&facts.blockers)?;
        Ok(Self { facts, stages: Stages::default() })
    }

    /// Decides about one pack.
    pub fn add(&mut self, pack: &GcPack) {
        decide(pack, self.facts, &mut self.stages);
    }

    /// What to do, given the length of all packs of the vault.
    pub fn finish(self, vault_total: Bytes) -> Result<Vec<GcAction>, GcRefusal> {
        let Self { facts, stages } = self;
        // What was tombstoned before was within bounds then, and is looked at again before it goes.
        let limit = u128::from(vault_total.0) * u128::from(facts.max_share_percent);
        let large = stages.going > u128::from(SMALL_LOSS.0) && stages.going * 100 > limit;
        let bounded = facts.max_share_percent < 100 && !sabotage::on(Bug::LargeShareIgnored);
        if large && bounded {
            return Err(GcRefusal::TooMuch {
                goes: Bytes(u64::try_from(stages.going).unwrap_or(u64::MAX)),
                total: vault_total,
                percent: facts.max_share_percent,
            });
        }
        let merge = merges(stages.small);
        let Stages { revive, rewrite, tombstone, trash, unlink, .. } = stages;
        Ok([revive, rewrite, merge, tombstone, trash, unlink].concat())
    }
}

fn refuse_when_unclear(blockers: &Blockers) -> Result<(), GcRefusal> {
    // What is missing may well be on a disk that is: that comes first.
    if !blockers.absent_volumes.is_empty() && !sabotage::on(Bug::AbsentDiskIgnored) {
        return Err(GcRefusal::VolumeAbsent { names: blockers.absent_volumes.clone() });
    }
    if !blockers.behind_volumes.is_empty() {
        return Err(GcRefusal::VolumeBehind { names: blockers.behind_volumes.clone() });
    }
    if let Some(first) = blockers.missing_packs.first() {
        return Err(GcRefusal::PackMissing { first: *first, count: blockers.missing_packs.len() });
    }
    if blockers.catalog_unchecked && !sabotage::on(Bug::UncheckedCatalogTrusted) {
        return Err(GcRefusal::CatalogUnchecked);
    }
    if blockers.clock_jump > CLOCK_JUMP_MAX && !sabotage::on(Bug::ClockJumpIgnored) {
        return Err(GcRefusal::ClockJumped { by: blockers.clock_jump });
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Stages {
    revive: Vec<GcAction>,
    rewrite: Vec<GcAction>,
    small: Vec<GcPack>,
    tombstone: Vec<GcAction>,
    trash: Vec<GcAction>,
    unlink: Vec<GcAction>,
    /// Bytes that begin to go in this run.
    going: u128,
}

/// What a pack is to be given the bytes that are needed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    /// Its living part is stored anew.
    Rewritten,
    Goes,
}

fn fate(raw_total: u64, raw_live: u64) -> Fate {
    let keeps = u128::from(raw_live) * u128::from(REWRITE_DEAD_PART);
    match raw_live {
        0 => Fate::Goes,
        _ if keeps <= u128::from(raw_total) * u128::from(REWRITE_DEAD_PART - 1) => Fate::Rewritten,
        _ => Fate::Stays,
    }
}

/// Bytes of a pack's file of `len` bytes that pruning lets go, in the end, when so much of it is needed: all
/// of one that nothing needs; of one that is rewritten its dead part, as far as lengths before compression
/// tell; none of one that is needed too much.
pub fn loses(len: Bytes, raw_total: u64, raw_live: u64) -> Bytes {
    let part = u128::from(len.0) * u128::from(raw_live) / u128::from(raw_total.max(1));
    match fate(raw_total, raw_live) {
        Fate::Stays => Bytes(0),
        Fate::Rewritten => Bytes(len.0 - u64::try_from(part).unwrap_or(len.0)),
        Fate::Goes => len,
    }
}

fn decide(pack: &GcPack, facts: &GcFacts, stages: &mut Stages) {
    let unmarked = pack.sealed_since_mark || pack.touched_since_mark;
    let doomed = pack.tombstone.is_some() || pack.in_trash_since.is_some();
    let len = u128::from(pack.len.0);
    match (unmarked || pack.raw_live > 0, doomed) {
        (true, true) if sabotage::on(Bug::NoSecondLook) => doom(pack, facts, stages, len),
        (true, true) => stages.revive.push(GcAction::Revive(pack.no)),
        // What is live in it is not known well enough to leave the rest behind.
        (true, false) if unmarked => {}
        (true, false) => {
            if fate(pack.raw_total, pack.raw_live) == Fate::Rewritten {
                stages.rewrite.push(GcAction::Rewrite(pack.no));
                let goes = loses(pack.len, pack.raw_total, pack.raw_live);
                stages.going += u128::from(goes.0);
            } else if pack.len < SMALL_PACK {
                stages.small.push(*pack);
            }
        }
        (false, _) => doom(pack, facts, stages, len),
    }
}

/// The steps of a pack that nothing needs: as many as its ages allow.
fn doom(pack: &GcPack, facts: &GcFacts, stages: &mut Stages, len: u128) {
    if pack.tombstone.is_none() {
        stages.tombstone.push(GcAction::Tombstone(pack.no));
        stages.going += len;
    }
    let waited = facts.now.since(pack.tombstone.unwrap_or(facts.now));
    if waited < facts.grace && !sabotage::on(Bug::GraceIgnored) {
        return;
    }
    if pack.in_trash_since.is_none() {
        stages.trash.push(GcAction::Trash(pack.no));
    }
    if facts.now.since(pack.in_trash_since.unwrap_or(facts.now)) >= facts.trash {
        stages.unlink.push(GcAction::Unlink(pack.no));
    }
}

/// Gathers small packs of one kind and space, in order of their numbers, into full ones.
fn merges(mut small: Vec<GcPack>) -> Vec<GcAction> {
    small.sort_by_key(|pack| (pack.kind, pack.space, pack.no));
    let mut actions = Vec::new();
    for alike in small.chunk_by(|a, b| (a.kind, a.space) == (b.kind, b.space)) {
        let (mut group, mut len) = (Vec::new(), Bytes(0));
        for pack in alike {
            if len + pack.len > MERGED_MAX {
                actions.push(GcAction::Merge(std::mem::take(&mut group)));
                len = Bytes(0);
            }
            group.push(pack.no);
            len += pack.len;
        }
        actions.push(GcAction::Merge(group));
    }
    let few =
        |action: &GcAction| matches!(action, GcAction::Merge(group) if group.len() < MERGE_MIN);
    actions.retain(|action| !few(action));
    actions
}
