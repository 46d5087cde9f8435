//! Every pack finds its friend, nothing is sent twice, and nothing that is needed is let go.

use plan::PackKind;
use plan::offsite::Standing;
use plan::offsite::place::{OffsiteAction, OffsitePack, SMALL_WAIT};
use types::{Bytes, Millis};

use crate::model::{MIB, NOW, World, days_ago, friend, pack, set};

pub(crate) fn sends(actions: &[OffsiteAction]) -> Vec<(u32, u8)> {
    let send = |action: &OffsiteAction| match action {
        OffsiteAction::Send { pack, to } => Some((*pack, *to)),
        OffsiteAction::Fetch { .. } | OffsiteAction::LetGo { .. } => None,
    };
    actions.iter().filter_map(send).collect()
}

#[test]
fn metadata_first_then_the_rarest_and_what_is_pinned_before_its_like() {
    let mut packs = vec![
        pack(1, PackKind::Data, &[]),
        pack(2, PackKind::Data, &[]),
        pack(3, PackKind::Data, &[]),
        pack(4, PackKind::Meta, &[]),
        pack(5, PackKind::Data, &[1]),
    ];
    (packs[1].here, packs[2].pinned, packs[4].wanted) = (1, true, 2);
    let world = World::new(vec![friend(0, 99), friend(1, 99)], packs);
    let order: Vec<u32> = sends(&world.plan().actions).iter().map(|(pack, _)| *pack).collect();
    assert_eq!(order, [4, 2, 3, 1, 5]);
}

#[test]
fn a_full_friend_gets_nothing_more_and_a_whole_pack_is_what_fits() {
    let packs = (0..4).map(|no| pack(no, PackKind::Data, &[])).collect();
    let world = World::new(vec![friend(0, 23), friend(1, 8)], packs);
    let plan = world.plan();
    assert_eq!(sends(&plan.actions), [(0, 0), (1, 0), (2, 1)]);
    assert_eq!(plan.short, [3]);
}

#[test]
fn a_friend_that_is_closed_now_is_waited_for_and_nobody_else_is_sent_its_packs() {
    let mut world =
        World::new(vec![friend(0, 99), friend(1, 9)], vec![pack(1, PackKind::Data, &[])]);
    world.friends[0].open = false;
    let plan = world.plan();
    assert_eq!((sends(&plan.actions), sends(&plan.later)), (vec![], vec![(1, 0)]));
}

#[test]
fn a_friend_away_for_two_weeks_is_copied_elsewhere_and_not_a_day_sooner() {
    let mut world =
        World::new(vec![friend(0, 99), friend(1, 99)], vec![pack(1, PackKind::Data, &[0])]);
    for (days, copied) in [(0, false), (3, false), (13, false), (14, true), (400, true)] {
        world.friends[0].last_seen = days_ago(days);
        assert_eq!(sends(&world.plan().actions) == [(1, 1)], copied, "{days}");
    }
    // It comes back with what it had: one more copy than wanted, which costs nothing and stays.
    let plan = world.plan();
    world.carry_out(&plan.actions);
    world.friends[0].last_seen = NOW;
    let plan = world.plan();
    assert_eq!((plan.actions, plan.later, plan.short), (vec![], vec![], vec![]));
}

#[test]
fn copies_to_spare_make_room_only_when_a_pack_finds_none_and_only_as_many() {
    let held = |no| pack(no, PackKind::Data, &[0, 1]);
    let mut packs: Vec<_> = (0..5).map(held).collect();
    packs.push(pack(9, PackKind::Data, &[]));
    let mut world = World::new(vec![friend(0, 1), friend(1, 1)], packs);
    let plan = world.plan();
    assert_eq!(plan.actions, [OffsiteAction::LetGo { pack: 0, at: 0 }]);
    assert_eq!(plan.short, [9]);
    world.carry_out(&plan.actions);
    assert_eq!(world.plan().actions, [], "what is on its way out is waited for");
    world.time_passes_at_friends();
    assert_eq!(world.plan().actions, [OffsiteAction::Send { pack: 9, to: 0 }]);
}

#[test]
fn a_friend_that_still_has_what_it_was_to_let_go_is_asked_to_keep_it() {
    let mut world =
        World::new(vec![friend(0, 1), friend(1, 99)], vec![pack(1, PackKind::Data, &[0])]);
    world.packs[0].going = set(&[0]);
    let plan = world.plan();
    assert_eq!(
        plan.actions,
        [OffsiteAction::Send { pack: 1, to: 0 }],
        "for nothing, though it is full"
    );
}

#[test]
fn what_was_begun_goes_on_where_it_was_and_who_lost_it_is_asked_last() {
    let mut world = World::new(
        vec![friend(0, 99), friend(1, 50), friend(2, 80)],
        vec![pack(1, PackKind::Data, &[]), pack(2, PackKind::Data, &[])],
    );
    (world.packs[0].begun, world.packs[1].lost_at) = (set(&[1]), set(&[0]));
    assert_eq!(sends(&world.plan().actions), [(1, 1), (2, 2)]);
    world.friends.truncate(1);
    assert_eq!(sends(&world.plan().actions), [(1, 0), (2, 0)], "rather there than nowhere");
}

#[test]
fn who_leaves_is_emptied_only_once_all_of_it_is_elsewhere() {
    let packs = vec![pack(1, PackKind::Data, &[0]), pack(2, PackKind::Data, &[0])];
    let mut world = World::new(vec![friend(0, 99), friend(1, 8)], packs);
    world.friends[0].standing = Standing::Leaving;
    let plan = world.plan();
    assert_eq!(plan.actions, [OffsiteAction::Send { pack: 1, to: 1 }]);
    assert_eq!(plan.short, [2]);
    assert_eq!(plan.homeless.get(&0), Some(&Bytes(16 * MIB)), "as things are");
    world.carry_out(&plan.actions);
    let plan = world.plan();
    assert_eq!(plan.actions, [OffsiteAction::LetGo { pack: 1, at: 0 }]);
    assert_eq!(plan.homeless.get(&0), Some(&Bytes(8 * MIB)));
}

#[test]
fn what_is_pruned_is_let_go_everywhere_and_never_sent_nor_missed() {
    let mut gone = pack(1, PackKind::Data, &[0, 1]);
    (gone.pruned, gone.here) = (true, 0);
    let mut world = World::new(vec![friend(0, 99), friend(1, 99), friend(2, 99)], vec![gone]);
    world.friends[1].last_seen = days_ago(5);
    let plan = world.plan();
    assert_eq!(plan.actions, [OffsiteAction::LetGo { pack: 1, at: 0 }]);
    assert_eq!(plan.later, [OffsiteAction::LetGo { pack: 1, at: 1 }]);
    assert!(plan.lost.is_empty());
}

#[test]
fn what_was_merged_goes_only_once_the_new_pack_is_outside_or_its_room_is_needed() {
    let mut old = pack(1, PackKind::Data, &[0]);
    (old.pruned, old.here) = (true, 0);
    let packs = vec![old, pack(2, PackKind::Data, &[])];
    // The new one goes to another friend: that makes no difference.
    let mut world = World::new(vec![friend(0, 8), friend(1, 99)], packs.clone());
    let plan = world.plan();
    assert_eq!(plan.actions, [OffsiteAction::Send { pack: 2, to: 1 }]);
    world.friends[1].open = false;
    let plan = world.plan();
    assert_eq!((plan.actions.len(), plan.later.len()), (0, 1), "nor do its hours");
    world.carry_out(&plan.later);
    assert_eq!(world.plan().actions, [OffsiteAction::LetGo { pack: 1, at: 0 }]);
    // A friend that is full would never take all that is new otherwise.
    let packs = [packs, vec![pack(3, PackKind::Data, &[])]].concat();
    let plan = World::new(vec![friend(0, 16)], packs).plan();
    let [send, go] =
        [OffsiteAction::Send { pack: 2, to: 0 }, OffsiteAction::LetGo { pack: 1, at: 0 }];
    assert_eq!((plan.actions, plan.short), (vec![send, go], vec![3]));
}

#[test]
fn small_packs_wait_a_day_to_be_merged_and_what_is_pinned_does_not() {
    let mut small = pack(1, PackKind::Data, &[]);
    (small.len, small.sealed) = (Bytes(MIB), NOW);
    let mut world = World::new(vec![friend(0, 99)], vec![small]);
    let plan = world.plan();
    assert_eq!((plan.waits, plan.short, plan.actions), (vec![1], vec![], vec![]));
    world.packs[0].pinned = true;
    assert_eq!(sends(&world.plan().actions), [(1, 0)]);
    (world.packs[0].pinned, world.packs[0].sealed) = (false, NOW.minus(SMALL_WAIT));
    assert_eq!(sends(&world.plan().actions), [(1, 0)]);
}

#[test]
fn what_no_disk_has_comes_back_from_a_friend_and_what_nobody_has_is_named() {
    let without = |no, at: &[u8]| OffsitePack { here: 0, ..pack(no, PackKind::Data, at) };
    let packs = vec![without(1, &[0, 1]), without(2, &[2]), without(3, &[]), without(4, &[3])];
    let mut world = World::new((0..4).map(|slot| friend(slot, 99)).collect(), packs);
    world.friends[0].standing = Standing::Distrusted;
    world.friends[2].last_seen = days_ago(30);
    world.friends[3].standing = Standing::Ended;
    let plan = world.plan();
    assert_eq!(plan.actions, [OffsiteAction::Fetch { pack: 1, from: 1 }]);
    assert_eq!((plan.away, plan.lost), (vec![2], vec![3, 4]));
}

#[test]
fn a_clock_that_went_back_makes_nobody_late() {
    let mut world =
        World::new(vec![friend(0, 99), friend(1, 99)], vec![pack(1, PackKind::Data, &[0])]);
    world.friends[0].last_seen = NOW.plus(Millis::from_days(4_000));
    assert_eq!(world.plan().actions, []);
}
