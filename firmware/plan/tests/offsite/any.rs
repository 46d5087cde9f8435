//! Whatever packs and friends there are, one plan says all that is to be done, and nothing is done twice.

use plan::PackKind;
use plan::offsite::place::{OffsiteAction, OffsitePack};
use plan::offsite::{FriendFacts, FriendSet, Standing};
use proptest::prelude::*;
use types::Bytes;

use crate::model::{MIB, NOW, World, days_ago, friend, pack};
use crate::place::sends;

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![
        6 => Just(Standing::Active),
        1 => Just(Standing::Paused),
        1 => Just(Standing::Leaving),
        1 => Just(Standing::Distrusted),
        1 => Just(Standing::Ended),
    ]
}

fn friends() -> impl Strategy<Value = Vec<FriendFacts>> {
    let away = prop_oneof![4 => Just(0_u64), 1 => 3_u64..14, 1 => 14_u64..99];
    let one = (standing(), away, 0_u64..200, any::<bool>(), 0_u16..4);
    prop::collection::vec(one, 0..6).prop_map(|friends| {
        let friends = friends.into_iter().zip(0..);
        let one = |((standing, away, given, open, place), slot)| FriendFacts {
            standing,
            last_seen: days_ago(away),
            open,
            place,
            ..friend(slot, given)
        };
        friends.map(one).collect()
    })
}

/// Flags, sets of friends, length in MiB, copies here, copies wanted, age in days.
type Drawn = ((bool, bool, bool), (u64, u64, u64), u64, u8, u8, u64);

/// One pack and where it is: bits that are beyond the friends there are mean nothing.
fn packs() -> impl Strategy<Value = Vec<OffsitePack>> {
    let flags = (any::<bool>(), prop::bool::weighted(0.15), prop::bool::weighted(0.2));
    let sets = (0_u64..64, 0_u64..64, 0_u64..64);
    let one = (flags, sets, 1_u64..17, 0_u8..3, 0_u8..4, 0_u64..3);
    prop::collection::vec(one, 0..30).prop_map(|packs| {
        let one = |(no, (flags, sets, mib, here, wanted, days)): (u32, Drawn)| {
            let (pinned, pruned, meta) = flags;
            let (at, going, begun) = sets;
            let kind = if meta { PackKind::Meta } else { PackKind::Data };
            OffsitePack {
                len: Bytes(mib * MIB),
                here,
                // Half of the copies that there might be; of these, few are going.
                at: FriendSet(at & begun),
                going: FriendSet(at & begun & going),
                begun: FriendSet(going & !(at & begun)),
                wanted,
                pinned,
                pruned,
                sealed: days_ago(days),
                ..pack(no, kind, &[])
            }
        };
        (0..).zip(packs).map(one).collect()
    })
}

/// Whether one more friend at another place could still take a copy.
fn could_go(world: &World, pack: &OffsitePack) -> bool {
    let counted = world.counted(pack);
    let fits = |f: &FriendFacts| {
        let has = pack.at.has(f.slot);
        f.takes(NOW) && !counted.contains(&f.place) && (has || f.room() >= pack.len)
    };
    world.friends.iter().any(fits)
}

proptest! {
    #[test]
    fn one_plan_says_it_all_and_carried_out_leaves_nothing_to_do(
        friends in friends(),
        packs in packs(),
    ) {
        let mut world = World::new(friends, packs);
        let first = world.plan();
        prop_assert_eq!(&first, &world.plan(), "the same facts, the same plan");
        let before = world.clone();
        world.carry_out(&first.actions);
        world.carry_out(&first.later);
        let fetched = |action: &OffsiteAction| matches!(action, OffsiteAction::Fetch { .. });
        if !first.actions.iter().chain(&first.later).any(fetched) {
            let second = world.plan();
            let all: Vec<_> = second.actions.iter().chain(&second.later).collect();
            // What a leaving friend had, and what was pruned, is let go once all is elsewhere: one step after.
            let moves_out = |action: &&&OffsiteAction| match action {
                OffsiteAction::LetGo { pack, at } => {
                    let was_pruned = world.packs.iter().any(|p| p.no == *pack && p.pruned);
                    was_pruned || world.friends[usize::from(*at)].standing == Standing::Leaving
                }
                OffsiteAction::Fetch { .. } | OffsiteAction::Send { .. } => false,
            };
            prop_assert_eq!(all.iter().find(|action| !moves_out(action)), None);
        }
        for pack in &world.packs {
            let (had, has) = (before.counted(pack).len(), world.counted(pack).len());
            let wanted = usize::from(pack.wanted);
            let named = [&first.short, &first.waits, &first.lost, &first.away];
            let named = named.iter().any(|list| list.contains(&pack.no));
            let was_here = before.packs.iter().any(|p| p.no == pack.no && p.here > 0);
            if pack.pruned {
                let sent = !sends(&first.actions).is_empty() || !sends(&first.later).is_empty();
                prop_assert!(has == 0 || sent && has == had, "pack {} is let go", pack.no);
                continue;
            }
            prop_assert!(has >= wanted.min(had), "pack {} lost a copy it needs", pack.no);
            if was_here && !named {
                prop_assert!(has >= wanted, "pack {} is short and nobody says so", pack.no);
            }
            if first.short.contains(&pack.no) {
                prop_assert!(!could_go(&world, pack), "pack {} could have gone", pack.no);
            }
        }
    }

    #[test]
    fn a_friend_that_comes_back_within_its_grace_costs_nothing(
        friends in friends(),
        packs in packs(),
        away in 0_u64..14,
        who in 0_usize..6,
    ) {
        let mut world = World::new(friends, packs);
        let plan = world.plan();
        world.carry_out(&plan.actions);
        world.carry_out(&plan.later);
        let settled: Vec<u32> = world.packs.iter()
            .filter(|pack| world.counted(pack).len() >= usize::from(pack.wanted))
            .map(|pack| pack.no).collect();
        let Some(friend) = world.friends.get_mut(who).filter(|friend| friend.counts(NOW)) else {
            return Ok(());
        };
        friend.last_seen = days_ago(away);
        let plan = world.plan();
        let again = sends(&plan.actions).into_iter().chain(sends(&plan.later));
        prop_assert_eq!(again.filter(|(pack, _)| settled.contains(pack)).count(), 0);
    }

    #[test]
    fn whatever_part_is_done_first_no_copy_is_sent_that_was_not_meant_to_be(
        friends in friends(),
        packs in packs(),
        share in 0_usize..100,
    ) {
        let mut world = World::new(friends, packs);
        world.friends.iter_mut().for_each(|friend| friend.open = true);
        let all = sends(&world.plan().actions);
        let done = all.len() * share / 100;
        for (pack, to) in &all[..done] {
            world.carry_out(&[OffsiteAction::Send { pack: *pack, to: *to }]);
        }
        let again = sends(&world.plan().actions);
        let short = world.plan().short;
        for pack in world.packs.iter().filter(|pack| !short.contains(&pack.no)) {
            let of = |list: &[(u32, u8)]| list.iter().filter(|(no, _)| *no == pack.no).count();
            prop_assert!(of(&all[..done]) + of(&again) <= of(&all).max(usize::from(pack.wanted)));
        }
    }
}
