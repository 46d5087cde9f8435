//! Repair and rebalancing, carried out in a model until nothing is left to do: every pack has the
//! copies that can be had, and no good copy is ever lost on the way.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};

use plan::repair::{PackFacts, RebalanceGoal, RepairAction, is_settled, rebalance, repair};
use plan::volumes::placeable;
use plan::{PackKind, VolumeFacts, VolumeSet, VolumeState};
use proptest::prelude::*;
use types::{Bytes, VolumeId};

fn volume(slot: u8, size: u64, state: VolumeState) -> VolumeFacts {
    let serial = format!("S{slot}");
    let id = VolumeId([slot; 16]);
    VolumeFacts { id, slot, serial, state, free: Bytes(size), size: Bytes(size) }
}

fn pack(no: u32, kind: PackKind, on: &[u8]) -> PackFacts {
    let present = on.iter().fold(VolumeSet::default(), |set, slot| set.with(*slot));
    PackFacts { no, kind, len: Bytes(1), present, wanted: 2, pinned: false }
}

/// Volumes and packs, and what happens to them when a plan is carried out.
#[derive(Clone, Debug)]
struct Model {
    volumes: Vec<VolumeFacts>,
    packs: Vec<PackFacts>,
}

impl Model {
    /// Takes the room of what the packs lie on off the volumes' sizes.
    fn new(mut volumes: Vec<VolumeFacts>, packs: Vec<PackFacts>) -> Self {
        for volume in &mut volumes {
            let used: Bytes =
                packs.iter().filter(|p| p.present.has(volume.slot)).map(|p| p.len).sum();
            volume.size = Bytes(volume.size.0.max(used.0));
            volume.free = volume.size - used;
        }
        Self { volumes, packs }
    }

    fn slot(&self, id: VolumeId) -> usize {
        self.volumes.iter().position(|volume| volume.id == id).unwrap()
    }

    fn counted(&self, pack: &PackFacts) -> usize {
        let counts = self.volumes.iter().filter(|v| v.counts() && pack.present.has(v.slot));
        counts.map(|v| v.serial.clone()).collect::<BTreeSet<_>>().len()
    }

    fn carry_out(&mut self, actions: &[RepairAction]) {
        for action in actions {
            match *action {
                RepairAction::Copy { pack, from, to } => {
                    let (from, to) = (self.slot(from), self.slot(to));
                    let at = self.packs.iter().position(|p| p.no == pack).unwrap();
                    let facts = self.packs[at];
                    assert!(self.volumes[from].readable(), "{action:?} reads what is not there");
                    assert!(facts.present.has(self.volumes[from].slot), "{action:?} of nothing");
                    assert!(!facts.present.has(self.volumes[to].slot), "{action:?} onto itself");
                    assert!(self.volumes[to].writable(), "{action:?} to what takes no writes");
                    assert!(self.volumes[to].free >= facts.len, "{action:?} has no room");
                    self.volumes[to].free = self.volumes[to].free - facts.len;
                    self.packs[at].present = facts.present.with(self.volumes[to].slot);
                }
                RepairAction::Drop { pack, on } => {
                    let on = self.slot(on);
                    let at = self.packs.iter().position(|p| p.no == pack).unwrap();
                    let facts = self.packs[at];
                    assert!(facts.present.has(self.volumes[on].slot));
                    assert!(self.volumes[on].writable());
                    self.volumes[on].free += facts.len;
                    self.packs[at].present = facts.present.without(self.volumes[on].slot);
                    let left = self.counted(&self.packs[at]);
                    assert!(left >= usize::from(facts.wanted), "{action:?} leaves {left}");
                }
            }
        }
    }

    /// Repairs until nothing more is ordered; gives how many rounds that took.
    fn settle(&mut self) -> u32 {
        for round in 0..50 {
            let actions = repair(&self.packs, &self.volumes).actions;
            if actions.is_empty() {
                return round;
            }
            self.carry_out(&actions);
        }
        panic!("repair does not come to an end");
    }
}

#[test]
fn metadata_first_then_the_rarest_and_what_is_pinned_before_its_like() {
    let members = (0..4).map(|slot| volume(slot, 100, VolumeState::Member)).collect();
    let mut packs = vec![
        pack(1, PackKind::Data, &[0, 1]),
        pack(2, PackKind::Data, &[0]),
        pack(3, PackKind::Data, &[1]),
        pack(4, PackKind::Meta, &[0, 1, 2]),
        pack(5, PackKind::Data, &[]),
    ];
    packs[0].wanted = 3;
    packs[2].pinned = true;
    let model = Model::new(members, packs);
    let plan = repair(&model.packs, &model.volumes);
    let order: Vec<u32> = plan
        .actions
        .iter()
        .map(|action| match action {
            RepairAction::Copy { pack, .. } => *pack,
            RepairAction::Drop { .. } => panic!("repair drops nothing"),
        })
        .collect();
    assert_eq!(order, [4, 3, 2, 1]);
    assert_eq!((plan.lost, plan.away, plan.short), (vec![5], vec![], vec![]));
}

#[test]
fn a_pack_that_only_an_absent_volume_has_is_away_not_lost() {
    let volumes = vec![volume(0, 9, VolumeState::Absent), volume(1, 9, VolumeState::Member)];
    let plan = repair(&[pack(1, PackKind::Data, &[0])], &volumes);
    assert_eq!((plan.away, plan.lost, plan.actions), (vec![1], vec![], vec![]));
}

#[test]
fn a_retiring_volume_is_drained_only_once_everything_is_elsewhere() {
    let volumes = vec![
        volume(0, 9, VolumeState::Retiring),
        volume(1, 9, VolumeState::Member),
        volume(2, 9, VolumeState::Member),
    ];
    let mut model = Model::new(
        volumes,
        vec![pack(1, PackKind::Data, &[0, 1]), pack(2, PackKind::Meta, &[0, 1])],
    );
    let plan = repair(&model.packs, &model.volumes);
    assert_eq!(plan.drained, [], "copies that are only planned do not count");
    model.carry_out(&plan.actions);
    let plan = repair(&model.packs, &model.volumes);
    assert_eq!((plan.drained, plan.actions), (vec![VolumeId([0; 16])], vec![]));
}

#[test]
fn the_last_copy_keeps_a_retiring_volume_even_with_nowhere_to_go() {
    let model = Model::new(
        vec![volume(0, 9, VolumeState::Retiring), volume(1, 0, VolumeState::Member)],
        vec![pack(1, PackKind::Data, &[0])],
    );
    let plan = repair(&model.packs, &model.volumes);
    assert_eq!((plan.drained, plan.short), (vec![], vec![1]));
}

#[test]
fn two_full_disks_and_a_large_new_one_find_room_again() {
    // In GB: two disks of 4 TB, full, and one of 12 TB.
    let volumes = vec![
        volume(0, 4000, VolumeState::Member),
        volume(1, 4000, VolumeState::Member),
        volume(2, 12_000, VolumeState::Member),
    ];
    let packs = (0..4000).map(|no| pack(no, PackKind::Data, &[0, 1])).collect();
    let mut model = Model::new(volumes, packs);
    assert_eq!(placeable(&model.volumes, 2), Bytes(0));
    let goal = RebalanceGoal { copies: 2, below: Bytes(16), until: Bytes(64) };
    let plan = rebalance(&model.packs, &model.volumes, goal);
    model.carry_out(&plan);
    let room = placeable(&model.volumes, 2);
    assert!(room >= Bytes(64), "{room}");
    assert!(plan.len() <= 2 * 64, "no more moves than needed: {}", plan.len());
    assert_eq!(rebalance(&model.packs, &model.volumes, goal), []);

    let everything = RebalanceGoal { copies: 2, below: Bytes(4000), until: Bytes(4000) };
    model.carry_out(&rebalance(&model.packs, &model.volumes, everything));
    assert_eq!(placeable(&model.volumes, 2), Bytes(4000), "all that the disks can give");
}

#[test]
fn copies_to_spare_go_before_anything_is_moved() {
    let volumes = vec![
        volume(0, 4, VolumeState::Member),
        volume(1, 8, VolumeState::Member),
        volume(2, 8, VolumeState::Member),
    ];
    let packs = vec![
        pack(0, PackKind::Data, &[0, 1]),
        pack(1, PackKind::Data, &[0, 1, 2]),
        pack(2, PackKind::Data, &[0, 1]),
        pack(3, PackKind::Data, &[0, 1, 2]),
    ];
    let model = Model::new(volumes, packs);
    let goal = RebalanceGoal { copies: 3, below: Bytes(1), until: Bytes(2) };
    let on = VolumeId([0; 16]);
    let drops = [3, 1].map(|pack| RepairAction::Drop { pack, on });
    assert_eq!(rebalance(&model.packs, &model.volumes, goal), drops);
}

fn state() -> impl Strategy<Value = VolumeState> {
    prop_oneof![
        5 => Just(VolumeState::Member),
        1 => Just(VolumeState::ReadOnly),
        1 => Just(VolumeState::Retiring),
        1 => Just(VolumeState::Absent),
    ]
}

fn model() -> impl Strategy<Value = Model> {
    let volumes = prop::collection::vec((0_u64..120, 0_u8..5, state()), 1..6);
    let packs =
        prop::collection::vec((0_u64..32, 1_u64..5, 1_u8..4, prop::bool::weighted(0.2)), 0..40);
    (volumes, packs).prop_map(|(volumes, packs)| {
        let count = volumes.len();
        let volumes = volumes.into_iter().zip(0..).map(|((size, disk, state), slot)| VolumeFacts {
            serial: format!("disk {disk}"),
            ..volume(slot, size, state)
        });
        let packs = packs.into_iter().zip(0..).map(|((on, len, wanted, meta), no)| PackFacts {
            no,
            kind: if meta { PackKind::Meta } else { PackKind::Data },
            len: Bytes(len),
            present: VolumeSet(on & ((1 << count) - 1)),
            wanted,
            pinned: no % 7 == 0,
        });
        Model::new(volumes.collect(), packs.collect())
    })
}

proptest! {
    #[test]
    fn repair_ends_with_every_copy_that_can_be_had(mut model in model()) {
        let before: BTreeMap<u32, VolumeSet> =
            model.packs.iter().map(|pack| (pack.no, pack.present)).collect();
        prop_assert!(model.settle() <= 1, "one plan says it all");
        let plan = repair(&model.packs, &model.volumes);
        for pack in &model.packs {
            prop_assert_eq!(before[&pack.no].0 & !pack.present.0, 0, "repair takes nothing away");
            let readable = model.volumes.iter().any(|v| v.readable() && pack.present.has(v.slot));
            let held = pack.present.0 != 0;
            prop_assert_eq!(plan.lost.contains(&pack.no), !held);
            prop_assert_eq!(plan.away.contains(&pack.no), held && !readable);
            // All that can be done is done: what is not settled is named.
            let named = [&plan.lost, &plan.away, &plan.short].iter().any(|l| l.contains(&pack.no));
            prop_assert_eq!(is_settled(pack, &model.volumes), !named);
            let holds: Vec<&str> = model.volumes.iter()
                .filter(|v| v.counts() && pack.present.has(v.slot))
                .map(|v| v.serial.as_str()).collect();
            let room_left = |v: &&VolumeFacts| v.writable() && v.free >= pack.len
                && !pack.present.has(v.slot)
                && (pack.kind == PackKind::Meta || !holds.contains(&v.serial.as_str()));
            let enough = pack.kind == PackKind::Data
                && model.counted(pack) >= usize::from(pack.wanted);
            if readable && !enough {
                prop_assert_eq!(model.volumes.iter().find(room_left), None, "pack {}", pack.no);
            }
        }
        for volume in &model.volumes {
            let last = model.packs.iter()
                .any(|p| p.present.has(volume.slot) && model.counted(p) == 0);
            prop_assert!(!(last && plan.drained.contains(&volume.id)));
        }
    }

    #[test]
    fn rebalancing_gains_room_or_does_nothing_and_comes_to_an_end(
        mut model in model(),
        copies in 1_u8..4,
        until in 1_u64..200,
    ) {
        model.settle();
        let goal = RebalanceGoal { copies, below: Bytes(until), until: Bytes(until) };
        for _ in 0..200 {
            let actions = rebalance(&model.packs, &model.volumes, goal);
            if actions.is_empty() {
                return Ok(());
            }
            let before = placeable(&model.volumes, copies);
            model.carry_out(&actions);
            prop_assert!(placeable(&model.volumes, copies) > before);
            prop_assert!(repair(&model.packs, &model.volumes).actions.iter().all(|action| {
                let RepairAction::Copy { pack, .. } = action else { return false };
                model.packs.iter().any(|p| p.no == *pack && (p.kind == PackKind::Meta
                    || model.counted(p) < usize::from(p.wanted)))
            }), "repair has no cause to undo it");
        }
        prop_assert!(false, "rebalancing does not come to an end");
    }
}

#[test]
#[should_panic(expected = "leaves 1")]
fn the_model_would_notice_a_copy_dropped_too_many() {
    let members = (0..2).map(|slot| volume(slot, 9, VolumeState::Member)).collect();
    let mut model = Model::new(members, vec![pack(1, PackKind::Data, &[0, 1])]);
    model.carry_out(&[RepairAction::Drop { pack: 1, on: VolumeId([0; 16]) }]);
}
