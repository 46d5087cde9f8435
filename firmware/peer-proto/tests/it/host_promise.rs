//! What a host promises it can keep, and what it promised to keep stays for as long as it said.

use peer_proto::host::GIVEN_MIN;
use peer_proto::host::{Given, HostAction, HostEvent, may_promise, reserved};
use peer_proto::wire::PackAsk;
use proptest::prelude::*;
use types::{Bytes, Millis};

use crate::boxes::{NOON, terms};
use crate::host::{Bench, MIB, put, root};

fn given(given: u64, used: u64) -> Given {
    Given { given: Bytes(given), used: Bytes(used) }
}

#[test]
fn what_was_promised_to_friends_is_not_promised_twice() {
    let friends = [given(100, 60), given(50, 70)];
    assert_eq!(reserved(&friends), Bytes(40), "who uses more than is given reserves nothing");
    assert_eq!(may_promise(Bytes(40 + GIVEN_MIN.0), &friends), Some(GIVEN_MIN));
    assert_eq!(may_promise(Bytes(39 + GIVEN_MIN.0), &friends), None);
    assert_eq!(reserved(&[given(u64::MAX, 0), given(u64::MAX, 0)]), Bytes(u64::MAX));
}

/// What a pack's owner says of it.
#[derive(Clone, Copy, Debug)]
enum Word {
    Delete,
    WantAgain,
}

proptest! {
    /// The model is one line: a pack goes when its owner's last word is to delete it, thirty days after
    /// the first of those words, and not while the clock is in doubt.
    #[test]
    fn nothing_goes_that_was_not_asked_for_or_not_long_enough_ago_or_while_the_clock_is_in_doubt(
        words in prop::collection::vec((0_u8..6, any::<bool>(), 0_u64..12), 0..40),
        jump in prop_oneof![4 => Just(0_i64), 1 => -4_000_i64..-2, 1 => 2_i64..4_000],
    ) {
        let mut bench = Bench::new(terms(1 << 40));
        (0..6).for_each(|of| drop(bench.keep(of, MIB)));
        let mut asked: [Option<u64>; 6] = [None; 6];
        let mut here = [true; 6];
        let mut day = 0;
        for (of, deletes, days) in words {
            let word = if deletes { Word::Delete } else { Word::WantAgain };
            match word {
                _ if !here[usize::from(of)] => {}
                Word::Delete => {
                    bench.ask(PackAsk::Delete(root(of)));
                    asked[usize::from(of)].get_or_insert(day);
                }
                Word::WantAgain => {
                    bench.ask(put(of, MIB));
                    asked[usize::from(of)] = None;
                }
            }
            day += days;
            let went = bench.pass(days);
            for of in 0..6_u8 {
                let is_due = asked[usize::from(of)].is_some_and(|asked| day - asked >= 30);
                let goes = went.contains(&HostAction::Remove(root(of)));
                prop_assert_eq!(goes, is_due && here[usize::from(of)], "{} on day {}", of, day);
                if goes {
                    bench.on(HostEvent::Removed(root(of)));
                    here[usize::from(of)] = false;
                }
            }
        }
        bench.now.wall.0 += jump * 86_400_000;
        let went = bench.pass(31);
        let goes = went.iter().filter(|action| matches!(action, HostAction::Remove(_))).count();
        let waits = (0..6).filter(|of| here[*of] && asked[*of].is_some()).count();
        prop_assert_eq!(goes, if jump == 0 { waits } else { 0 });
        bench.now.wall = NOON.plus(bench.now.uptime);
        bench.on(HostEvent::ClockAgreed);
        bench.now.wall = bench.now.wall.plus(Millis(1));
        let late = bench.on(HostEvent::Tick);
        let late = late.iter().filter(|action| matches!(action, HostAction::Remove(_))).count();
        prop_assert_eq!(goes + late, waits);
    }
}
