//! Which copies to make so that every pack has as many as promised, and which packs to move so that
//! new ones find room.
//!
//! [`repair`] only copies. [`rebalance`] also drops, one copy at a time and only where enough
//! others count; the caller verifies the new copy, and looks again, before it drops the old one.
//! Plans assume that what they order succeeds: after a failure, ask again with new facts.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use types::sabotage::{self, Bug};
use types::{Bytes, VolumeId};

use crate::volumes::{PackKind, VolumeFacts, VolumeSet, VolumeState, disks, placeable};

/// One pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackFacts {
    /// The catalog's number for it.
    pub no: u32,
    /// What it holds.
    pub kind: PackKind,
    /// Length of the file.
    pub len: Bytes,
    /// Volumes that hold a good copy, absent ones too.
    pub present: VolumeSet,
    /// Copies wanted of a data pack. Metadata is wanted on every member.
    pub wanted: u8,
    /// Whether it belongs to a source that the owner wants safe first.
    pub pinned: bool,
}

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RepairAction {
    /// Copy the file and verify it on both sides.
    Copy {
        /// The pack.
        pack: u32,
        /// A volume with a good copy.
        from: VolumeId,
        /// A volume without.
        to: VolumeId,
    },
    /// Remove one copy, if the others are still there.
    Drop {
        /// The pack.
        pack: u32,
        /// Where.
        on: VolumeId,
    },
}

/// What to do, and what cannot be done here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairPlan {
    /// In order of urgency.
    pub actions: Vec<RepairAction>,
    /// Packs of which no volume, present or absent, has a good copy: ask a friend.
    pub lost: Vec<u32>,
    /// Packs of which only absent volumes have a good copy.
    pub away: Vec<u32>,
    /// Packs that stay below what is wanted after all actions: no disk, or no room.
    pub short: Vec<u32>,
    /// Retiring volumes that nothing depends on: they can be pulled.
    pub drained: Vec<VolumeId>,
}

impl RepairPlan {
    /// Packs that have fewer copies than wanted as things are, whether that can be mended or not.
    pub fn below(&self) -> BTreeSet<u32> {
        let copied = self.actions.iter().filter_map(|action| match action {
            RepairAction::Copy { pack, .. } => Some(*pack),
            RepairAction::Drop { .. } => None,
        });
        self.short.iter().copied().chain(copied).collect()
    }
}

/// The state of a plan: room and copies as they will be once its actions are done.
struct Desk<'a> {
    volumes: &'a [VolumeFacts],
    free: Vec<Bytes>,
}

impl<'a> Desk<'a> {
    fn new(volumes: &'a [VolumeFacts]) -> Self {
        Self { volumes, free: volumes.iter().map(|volume| volume.free).collect() }
    }

    fn holders(&self, present: VolumeSet) -> impl Iterator<Item = &'a VolumeFacts> {
        self.volumes.iter().filter(move |volume| present.has(volume.slot))
    }

    /// Distinct disks with a copy that counts.
    fn copies(&self, present: VolumeSet) -> usize {
        disks(self.volumes, |volume| volume.counts() && present.has(volume.slot))
    }

    /// Where to read a pack: rather from a disk that stays than from one that is leaving.
    fn source(&self, present: VolumeSet) -> Option<VolumeId> {
        let readable = self.holders(present).filter(|volume| volume.readable());
        readable.min_by_key(|volume| (!volume.counts(), volume.id)).map(|volume| volume.id)
    }

    /// The volume with most room that may take another copy; `spread` asks for a further disk.
    fn target(&self, pack: &PackFacts, present: VolumeSet, spread: bool) -> Option<usize> {
        let taken: Vec<&str> = self
            .holders(present)
            .filter(|volume| volume.counts())
            .map(|volume| volume.serial.as_str())
            .collect();
        let fits = |(index, volume): &(usize, &VolumeFacts)| {
            volume.writable()
                && !present.has(volume.slot)
                && self.free[*index] >= pack.len
                && !(spread && taken.contains(&volume.serial.as_str()))
        };
        let candidates = self.volumes.iter().enumerate().filter(fits);
        candidates
            .min_by_key(|(index, volume)| (Reverse(self.free[*index]), volume.id))
            .map(|(index, _)| index)
    }
}

/// The copies to make, most urgent first: metadata; then packs with one copy; then the rest; what
/// the owner pinned first within each.
pub fn repair(packs: &[PackFacts], volumes: &[VolumeFacts]) -> RepairPlan {
    let mut desk = Desk::new(volumes);
    let mut plan = RepairPlan::default();
    let mut order: Vec<(PackKind, usize, bool, usize)> = Vec::new();
    for (index, pack) in packs.iter().enumerate() {
        match desk.source(pack.present) {
            Some(_) => {
                let readable = desk.holders(pack.present).filter(|volume| volume.readable());
                order.push((pack.kind, readable.count(), !pack.pinned, index));
            }
            None if desk.holders(pack.present).next().is_some() => plan.away.push(pack.no),
            None => plan.lost.push(pack.no),
        }
    }
    order.sort_unstable();
    // Volumes that a pack still needs, as bits.
    let mut needed = VolumeSet::default();
    for (_, _, _, index) in order {
        let pack = &packs[index];
        let (present, enough) = match pack.kind {
            PackKind::Meta => repair_meta(pack, &mut desk, &mut plan.actions),
            PackKind::Data => repair_data(pack, &mut desk, &mut plan.actions),
        };
        if !enough {
            plan.short.push(pack.no);
        }
        // As things are, not as they will be: only copies that exist let a volume go.
        if !safe_without_retiring(pack, &desk) {
            needed.0 |= present.0;
        }
    }
    let retiring = volumes.iter().filter(|volume| volume.state == VolumeState::Retiring);
    plan.drained = retiring.filter(|volume| !needed.has(volume.slot)).map(|v| v.id).collect();
    plan
}

/// Whether [`repair`] would leave a pack as it is and say nothing of it, wherever there is room:
/// such packs need not be shown to it by callers that do not ask which volumes are drained.
pub fn is_settled(pack: &PackFacts, volumes: &[VolumeFacts]) -> bool {
    let desk = Desk { volumes, free: Vec::new() };
    desk.source(pack.present).is_some()
        && match pack.kind {
            PackKind::Data => desk.copies(pack.present) >= usize::from(pack.wanted.max(1)),
            PackKind::Meta => volumes.iter().all(|v| !v.writable() || pack.present.has(v.slot)),
        }
}

/// Whether a pack has, on disks that stay, all copies that can be had there.
fn safe_without_retiring(pack: &PackFacts, desk: &Desk<'_>) -> bool {
    if sabotage::on(Bug::DrainedTooSoon) {
        return true;
    }
    let wanted = match pack.kind {
        PackKind::Data => usize::from(pack.wanted.max(1)),
        // Metadata goes to every member; for letting one volume go, two other disks will do.
        PackKind::Meta => 2,
    };
    let could_hold = |volume: &VolumeFacts| {
        volume.counts() && (volume.writable() || pack.present.has(volume.slot))
    };
    let possible = disks(desk.volumes, could_hold);
    desk.copies(pack.present) >= wanted.min(possible).max(1)
}

fn repair_data(
    pack: &PackFacts,
    desk: &mut Desk<'_>,
    actions: &mut Vec<RepairAction>,
) -> (VolumeSet, bool) {
    let mut present = pack.present;
    let wanted = usize::from(pack.wanted.max(1));
    while desk.copies(present) < wanted {
        let Some(to) = desk.target(pack, present, true) else { return (present, false) };
        present = order_copy(pack, present, to, desk, actions);
    }
    (present, true)
}

fn repair_meta(
    pack: &PackFacts,
    desk: &mut Desk<'_>,
    actions: &mut Vec<RepairAction>,
) -> (VolumeSet, bool) {
    let mut present = pack.present;
    while let Some(to) = desk.target(pack, present, false) {
        present = order_copy(pack, present, to, desk, actions);
    }
    let everywhere = desk.volumes.iter().all(|v| !v.writable() || present.has(v.slot));
    (present, everywhere)
}

fn order_copy(
    pack: &PackFacts,
    present: VolumeSet,
    to: usize,
    desk: &mut Desk<'_>,
    actions: &mut Vec<RepairAction>,
) -> VolumeSet {
    let from = desk.source(present).expect("packs without a source were sorted out");
    let target = &desk.volumes[to];
    desk.free[to] = desk.free[to].saturating_sub(pack.len);
    actions.push(RepairAction::Copy { pack: pack.no, from, to: target.id });
    present.with(target.slot)
}

/// Rebalancing begins when less than this much more data can be placed: a day's photos and a pack
/// in flight per source fit.
pub const REBALANCE_BELOW: Bytes = Bytes(16 * Bytes::GIB);
/// It goes on until this much can be placed, so that it does not begin again at once.
pub const REBALANCE_UNTIL: Bytes = Bytes(64 * Bytes::GIB);

/// When to rebalance, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RebalanceGoal {
    /// Copies of each new pack.
    pub copies: u8,
    /// Do nothing while this much more data can be placed.
    pub below: Bytes,
    /// Then go on until this much can.
    pub until: Bytes,
}

impl RebalanceGoal {
    /// The usual bounds.
    pub fn for_copies(copies: u8) -> Self {
        Self { copies, below: REBALANCE_BELOW, until: REBALANCE_UNTIL }
    }
}

/// Moves data packs from full disks to emptier ones until new packs can be placed again. Empty when
/// there is room enough, or moving would not make any.
///
/// Superfluous copies on full disks go first; they cost no copying. Meta packs never move. A pack
/// is moved once at most, and never dropped below its wanted copies.
pub fn rebalance(
    packs: &[PackFacts],
    volumes: &[VolumeFacts],
    goal: RebalanceGoal,
) -> Vec<RepairAction> {
    let mut now = volumes.to_vec();
    let mut actions = Vec::new();
    let room = |now: &[VolumeFacts]| placeable(now, goal.copies);
    if room(&now) >= goal.below {
        return actions;
    }
    // Each volume's packs, to be taken from the end; those with copies to spare last.
    let mut queues: Vec<Vec<&PackFacts>> = now
        .iter()
        .map(|volume| {
            let movable = |pack: &&PackFacts| {
                pack.kind == PackKind::Data && pack.present.has(volume.slot) && pack.len.0 > 0
            };
            let mut queue: Vec<_> = packs.iter().filter(movable).collect();
            queue.sort_by_key(|pack| (spare(pack, volumes, volume), pack.no));
            queue
        })
        .collect();
    let mut moved = std::collections::BTreeSet::new();
    while room(&now) < goal.until {
        let Some(step) = next_move(&now, &mut queues, &moved) else { break };
        moved.insert(step.pack.no);
        let len = step.pack.len;
        if let Some(to) = step.to {
            let desk = Desk::new(&now);
            let from = desk.source(step.pack.present).expect("the fullest volume holds it");
            actions.push(RepairAction::Copy { pack: step.pack.no, from, to: now[to].id });
            now[to].free = now[to].free.saturating_sub(len);
        }
        actions.push(RepairAction::Drop { pack: step.pack.no, on: now[step.on].id });
        now[step.on].free += len;
    }
    // Moves that end without more room were for nothing.
    if room(&now) > room(volumes) { actions } else { Vec::new() }
}

/// Whether `pack` has enough copies that count without the one on `volume`.
fn spare(pack: &PackFacts, volumes: &[VolumeFacts], volume: &VolumeFacts) -> bool {
    let rest = Desk::new(volumes).copies(pack.present.without(volume.slot));
    rest >= usize::from(pack.wanted.max(1))
}

struct Move<'a> {
    pack: &'a PackFacts,
    on: usize,
    /// None for a copy that is simply superfluous.
    to: Option<usize>,
}

/// The next pack to take off the volume with least room that has one to give.
fn next_move<'a>(
    now: &[VolumeFacts],
    queues: &mut [Vec<&'a PackFacts>],
    moved: &std::collections::BTreeSet<u32>,
) -> Option<Move<'a>> {
    let mut fullest: Vec<usize> = (0..now.len()).filter(|index| now[*index].writable()).collect();
    fullest.sort_by_key(|index| (now[*index].free, now[*index].id));
    let desk = Desk::new(now);
    for on in fullest {
        while let Some(pack) = queues[on].pop() {
            if moved.contains(&pack.no) {
                continue;
            }
            if spare(pack, now, &now[on]) {
                return Some(Move { pack, on, to: None });
            }
            let before = desk.copies(pack.present);
            if before < usize::from(pack.wanted.max(1)) {
                continue; // Repair comes first.
            }
            // Another disk than those that keep theirs; the one it leaves is no gain.
            let rest = pack.present.without(now[on].slot);
            let to = desk.target(pack, rest.with(now[on].slot), true);
            let gains = |to: &usize| {
                now[*to].free.saturating_sub(pack.len) >= now[on].free + pack.len
                    && desk.copies(rest.with(now[*to].slot)) >= before
            };
            // One that no emptier disk will take is not tried again before the next plan.
            if let Some(to) = to.filter(gains) {
                return Some(Move { pack, on, to: Some(to) });
            }
        }
    }
    None
}
