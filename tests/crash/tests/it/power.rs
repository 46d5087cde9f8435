//! Power cuts at every change of a disk, and what makes the search see.
//!
//! Small searches: `cargo xtask test` runs the big one, optimised, in a step of its own.

use crash::found::Found;
use crash::plan::Plan;
use crash::rig::{Rig, Shape};
use crash::workload::{Disks, Kind, TAKES_DISKS_AWAY, Workload, core_workloads};

const THREE: Shape = Shape { disks: 3, copies: 2 };
const TWO: Shape = Shape { disks: 2, copies: 2 };
const ONE: Shape = Shape { disks: 1, copies: 1 };

/// Every workload of up to `len` core steps.
fn core(rig: &Rig, len: usize, shape: Shape, disks: Disks, one_in: u32) -> Found {
    let mut found = Found::default();
    for (n, (steps, from_step)) in core_workloads(len).into_iter().enumerate() {
        let lies = matches!(disks, Disks::OneLies(_));
        if lies && steps.iter().any(|step| TAKES_DISKS_AWAY.contains(step)) {
            continue;
        }
        let seed = n as u64;
        let workload = Workload { shape, steps, from_step, disks, one_in, seed };
        found.add(workload.run(&rig.world(seed)));
    }
    found
}

fn nothing_lost(name: &str, found: &Found) {
    println!("{name}: {} workloads, {} lost, {:?}", found.workloads, found.lost_count, found.seen);
    assert_eq!(found.lost_count, 0, "\n{}", found.lost.join("\n"));
    assert!(found.refused.is_empty(), "{:#?}", found.refused);
}

#[test]
fn every_core_step_survives_a_power_cut_at_any_change() {
    let rig = Rig::new(1);
    nothing_lost("three disks", &core(&rig, 1, THREE, Disks::Honest, 1));
    nothing_lost("one disk", &core(&rig, 1, ONE, Disks::Honest, 1));
}

#[test]
fn one_lying_disk_of_two_loses_nothing() {
    let rig = Rig::new(1);
    nothing_lost("one lies", &core(&rig, 1, TWO, Disks::OneLies(0), 1));
    nothing_lost("the other lies", &core(&rig, 1, TWO, Disks::OneLies(1), 1));
}

/// The search once lost what was acknowledged here: the disk that lied showed a pack again that had
/// been pruned, torn, and the catalog looked there for what lay whole in another pack on the honest
/// disk. Half of the states were not even opened: the vault's state was among it.
#[test]
fn a_removed_pack_that_a_lying_disk_brings_back_torn_hides_nothing() {
    use crash::run::Step::{Backup, Forget, Kill, Overwrite, Prune, Put};
    let steps = vec![Backup, Forget, Put, Prune, Forget, Kill, Overwrite, Kill];
    let (seed, disks) = (1_000_000_183, Disks::OneLies(1));
    let workload = Workload { shape: TWO, steps, from_step: 0, disks, one_in: 4, seed };
    nothing_lost("torn and back", &workload.run(&Rig::new(1).world(seed)));
}

#[test]
fn what_is_acknowledged_after_one_disk_failed_survives_the_power_cut_too() {
    let found = Plan::drawn(4, Kind::OneFails).search(&Rig::new(4), 150, 0, 1);
    println!("one fails: {:?}", found.seen);
    assert_eq!(found.lost_count, 0, "\n{}", found.lost.join("\n"));
    assert!(found.seen.one_failed > 0, "no disk failed");
}

#[test]
fn when_all_disks_lie_every_loss_is_named_or_is_a_whole_earlier_state() {
    let found = core(&Rig::new(1), 2, TWO, Disks::AllLie, 16);
    println!("all lie: {} states, {:?}", found.seen.states, found.named);
    assert_eq!(found.lost_count, 0, "\n{}", found.lost.join("\n"));
    assert!(found.named.refused + found.named.listed > 0, "the search is blind");
}

#[test]
fn without_the_folder_syncs_the_same_search_finds_losses() {
    let found = core(&Rig::new(1), 1, TWO, Disks::NoFolderSyncs, 2);
    println!("sabotaged: {} states, {} lost", found.seen.states, found.lost_count);
    assert!(found.lost_count > 0, "the search is blind");
}

#[test]
fn salts_that_repeat_are_seen() {
    let mut rig = Rig::new(1);
    rig.same_salts = true;
    let found = core(&rig, 1, TWO, Disks::Honest, 2);
    assert!(found.salts_reused > 0, "{found:#?}");
}

#[test]
fn one_seed_sees_the_same_states_on_any_number_of_threads() {
    let search = |threads| {
        let found = Plan::whole(5).search(&Rig::new(5), 120, 0, threads);
        (found.workloads, found.changes, format!("{:?} {:?}", found.seen, found.by_step))
    };
    let alone = search(1);
    assert_eq!(alone, search(3));
    let other = Plan::whole(6).search(&Rig::new(6), 120, 0, 2);
    assert_ne!(alone.2, format!("{:?} {:?}", other.seen, other.by_step), "the seed is not used");
}
