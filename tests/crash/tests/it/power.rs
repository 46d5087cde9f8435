//! Power cuts at every change of a disk, and what makes the search see.

use std::sync::Arc;

use crash::rig::{Rig, Shape};
use crash::run::Step;
use crash::search::{Disks, Found, Kind, Workload, core_workloads};

const THREE: Shape = Shape { disks: 3, copies: 2 };
const TWO: Shape = Shape { disks: 2, copies: 2 };
const SPREAD: Shape = Shape { disks: 2, copies: 1 };
const ONE: Shape = Shape { disks: 1, copies: 1 };

/// Every workload of up to `len` core steps.
fn core(len: usize, shape: Shape, disks: Disks, one_in: u32) -> Found {
    let rig = Arc::new(Rig::new(1));
    let mut found = Found::default();
    for (n, (steps, from_step)) in core_workloads(len).into_iter().enumerate() {
        // Whoever takes the honest disk away has only the liar's word.
        if matches!(disks, Disks::OneLies(_)) && steps.contains(&Step::Retire) {
            continue;
        }
        let seed = n as u64;
        found.add(Workload { shape, steps, from_step, disks, one_in, seed }.run(&rig));
    }
    found
}

/// The workloads that belong to `count` seeds.
fn drawn(first: u64, count: u64, kind: Kind, one_in: u32) -> Found {
    let mut found = Found::default();
    for seed in first..first + count {
        found.add(Workload::drawn(seed, kind, one_in).run(&Arc::new(Rig::new(seed))));
    }
    found
}

fn nothing_lost(name: &str, found: &Found) {
    println!(
        "{name}: {} workloads, {} states of {} cut points ({} cut again, {} with a disk missing, {} used again), {} lost, {} refused",
        found.workloads,
        found.seen.states,
        found.changes,
        found.seen.cut_again,
        found.seen.one_missing,
        found.seen.thorough,
        found.lost_count,
        found.refused.len(),
    );
    assert_eq!(found.lost_count, 0, "\n{}", found.lost.join("\n"));
}

#[test]
fn every_short_workload_survives_a_power_cut_at_any_change() {
    let found = core(3, THREE, Disks::Honest, 6);
    nothing_lost("short, three disks", &found);
    assert!(found.seen.states > 1_500, "{:?}", found.seen);
    assert!(found.refused.is_empty(), "{:#?}", found.refused);
}

#[test]
fn short_workloads_survive_on_two_disks_and_on_one() {
    nothing_lost("short, two disks", &core(2, TWO, Disks::Honest, 2));
    nothing_lost("short, one copy", &core(2, SPREAD, Disks::Honest, 4));
    nothing_lost("short, one disk", &core(2, ONE, Disks::Honest, 2));
}

#[test]
fn drawn_workloads_survive_power_cuts() {
    nothing_lost("drawn", &drawn(1_000, 60, Kind::Honest, 20));
}

#[test]
fn what_is_acknowledged_after_one_disk_failed_survives_the_power_cut_too() {
    nothing_lost("one disk fails", &drawn(2_000, 60, Kind::OneFails, 10));
}

#[test]
fn one_lying_disk_of_two_loses_nothing() {
    nothing_lost("one lies", &core(2, TWO, Disks::OneLies(0), 3));
    nothing_lost("the other lies", &core(2, TWO, Disks::OneLies(1), 3));
}

#[test]
fn when_all_disks_lie_every_loss_is_named_or_is_a_whole_earlier_state() {
    let found = core(2, TWO, Disks::AllLie, 2);
    println!("all lie: {} states, {:?}", found.seen.states, found.named);
    assert_eq!(found.lost_count, 0, "\n{}", found.lost.join("\n"));
    assert!(found.named.refused + found.named.listed > 0, "the search is blind");
}

#[test]
fn without_the_folder_syncs_the_same_search_finds_losses() {
    let found = core(2, TWO, Disks::NoFolderSyncs, 4);
    println!("sabotaged: {} states, {} lost", found.seen.states, found.lost_count);
    assert!(found.lost_count > 0, "the search is blind");
}

#[test]
fn salts_that_repeat_are_seen() {
    let mut rig = Rig::new(1);
    rig.same_salts = true;
    let rig = Arc::new(rig);
    let mut found = Found::default();
    for (n, (steps, from_step)) in core_workloads(1).into_iter().enumerate() {
        let (seed, disks) = (n as u64, Disks::Honest);
        found.add(Workload { shape: TWO, steps, from_step, disks, one_in: 2, seed }.run(&rig));
    }
    let seen = found.lost.iter().filter(|what| what.contains("a salt was used twice")).count();
    assert!(seen > 0, "{found:#?}");
}
