//! Courses of chance through two boxes and a bad line: nothing counts before it is durable, nothing is
//! more than was agreed, nothing goes early, and in the end both say the same.

use proptest::prelude::*;
use types::Millis;

use crate::world::{SIZE, World, root};

/// What may happen.
#[derive(Clone, Debug)]
enum Step {
    Want(u8, u8),
    Unwant(u8, u8),
    Deliver { pick: usize, many: u8, twice: bool },
    Lose(usize),
    Connect,
    Cut(bool),
    HostDies(usize),
    OwnerDies(usize),
    Minutes(u64),
    Days(u64),
    Jump(i64),
    HostOff(u64),
    ClockAgreed,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u8..24, 1_u8..8).prop_map(|(from, count)| Step::Want(from, count)),
        2 => (0_u8..24, 1_u8..6).prop_map(|(from, count)| Step::Unwant(from, count)),
        12 => (any::<usize>(), 1_u8..12, any::<bool>())
            .prop_map(|(pick, many, twice)| Step::Deliver { pick, many, twice }),
        2 => any::<usize>().prop_map(Step::Lose),
        3 => Just(Step::Connect),
        1 => any::<bool>().prop_map(Step::Cut),
        1 => (0_usize..6).prop_map(Step::HostDies),
        1 => (0_usize..6).prop_map(Step::OwnerDies),
        2 => (1_u64..90).prop_map(Step::Minutes),
        2 => (1_u64..20).prop_map(Step::Days),
        1 => prop_oneof![-400_i64..-2, 2_i64..400].prop_map(Step::Jump),
        1 => (1_u64..40).prop_map(Step::HostOff),
        1 => Just(Step::ClockAgreed),
    ]
}

fn take(world: &mut World, step: Step) {
    match step {
        Step::Want(from, count) => world.want(from..from + count),
        Step::Unwant(from, count) => world.unwant(from..from + count),
        Step::Deliver { pick, many, twice } => {
            for at in 0..many {
                world.deliver(pick.wrapping_add(at.into()), twice);
            }
        }
        Step::Lose(pick) => world.lose(pick),
        Step::Connect => world.connect(),
        Step::Cut(heard) => world.cut(heard),
        Step::HostDies(after) => world.host_dies_in(after),
        Step::OwnerDies(after) => world.owner_dies_in(after),
        Step::Minutes(minutes) => world.pass(Millis::from_secs(60 * minutes)),
        Step::Days(days) => world.pass(Millis::from_days(days)),
        Step::Jump(days) => world.jump(days),
        Step::HostOff(days) => world.host_off(Millis::from_days(days)),
        Step::ClockAgreed => world.clock_agreed(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn two_boxes_on_a_bad_line_lose_nothing_and_end_with_the_same_figures(
        steps in prop::collection::vec(step(), 0..80),
        quota in prop_oneof![Just(4_u64), Just(12), Just(64)],
    ) {
        let mut world = World::new(quota * SIZE);
        world.connect();
        for step in steps {
            take(&mut world, step);
            world.check_held();
        }
        world.settle();
        world.check_held();
        let (kept, held) = world.figures();
        prop_assert_eq!(kept, held, "both show the same");
        prop_assert_eq!(kept.packs, world.files() as u64);
    }

    #[test]
    fn with_room_for_all_whatever_is_wanted_is_there_in_the_end(
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut world = World::new(64 * SIZE);
        world.connect();
        for step in steps {
            take(&mut world, step);
        }
        world.settle();
        for root in &world.wanted {
            prop_assert!(world.is_held(*root), "{}", root);
        }
    }
}

#[test]
fn nothing_is_sent_twice_when_the_line_is_cut_again_and_again() {
    let mut world = World::new(64 * SIZE);
    world.want(0..16);
    for _ in 0..200 {
        world.connect();
        for _ in 0..9 {
            world.deliver(0, false);
        }
        world.cut(true);
        world.pass(Millis::from_secs(10));
    }
    world.settle();
    assert_eq!(world.files(), 16);
    // What was lost on the way is sent again, and nothing that had arrived.
    assert!(world.bodies_sent < 16 * 4 + 200 * 9, "{}", world.bodies_sent);
    assert_eq!((0..16).filter(|of| world.is_held(root(*of))).count(), 16);
}

#[test]
fn a_pack_that_rots_at_the_host_is_found_and_made_anew() {
    let mut world = World::new(64 * SIZE);
    world.want(0..4);
    world.settle();
    world.rot(2);
    world.settle();
    assert!(world.is_held(root(2)));
    let (kept, held) = world.figures();
    assert_eq!((kept, held.packs), (held, 4));
}
