//! An owner's answers that overtake each other: no late word is taken for a new one.

use peer_proto::owner::{CopyStage, OwnerEvent};
use peer_proto::wire::{Ack, Figures, PackAsk, PackSay};
use types::Millis;

use crate::boxes::NOON;
use crate::host::root;
use crate::owner::{Bench, all, asked, listing};

fn is_put(ask: &PackAsk) -> bool {
    matches!(ask, PackAsk::Put(_))
}

#[test]
fn a_pack_that_is_wanted_while_its_deletion_is_told_is_offered_after_the_answer() {
    let mut bench = Bench::new(1 << 40);
    bench.hold(1);
    let done = bench.on(OwnerEvent::Unwant(vec![root(1)]));
    let delete = asked(&done, |ask| matches!(ask, PackAsk::Delete(_)))[0];
    assert!(asked(&bench.want(&[1]), is_put).is_empty(), "never on two streams");
    let until = NOON.plus(Millis::from_days(30));
    let put = asked(&bench.say(delete, PackSay::Marked(until)), is_put)[0];
    assert_eq!(bench.stage(1), Some(CopyStage::Doomed { until }));
    bench.say(put, PackSay::Have);
    assert_eq!(bench.stage(1), Some(CopyStage::Held));
}

#[test]
fn a_page_says_nothing_of_what_came_after_it_was_asked_for() {
    let mut bench = Bench::new(1 << 40);
    let put = asked(&bench.want(&[1]), is_put)[0];
    bench.say(put, PackSay::Accept(all()));
    let page = asked(&bench.pass(Millis::from_days(1)), |ask| matches!(ask, PackAsk::List(_)))[0];
    let again = asked(&bench.pass(Millis::from_secs(6)), is_put);
    bench.say(again[0], PackSay::Accept(all()));
    bench.say(again[0], PackSay::Ack(Ack { root: root(1), kept: Figures::default() }));
    assert_eq!(bench.stage(1), Some(CopyStage::Held));
    // The friend had made the page before the pack was whole.
    bench.say(page, listing(&[], Figures::default()));
    assert_eq!(bench.stage(1), Some(CopyStage::Held));
}
