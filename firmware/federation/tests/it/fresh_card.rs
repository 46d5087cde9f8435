//! A box whose own disk is new, and what it goes on with.

use federation::{House, Log, taken_over};
use peer_proto::host::HostNews;
use peer_proto::pact::Phase;
use types::Millis;

use crate::rig::Pair;

const GIB: u64 = 1 << 30;

/// What the clock was like was not among what is kept for such a box: one that was ahead was believed, a notice was
/// over in the first minute, and all that was kept for the friend could go.
#[test]
fn a_box_with_a_new_card_and_a_clock_that_is_ahead_ends_no_notice_and_lets_nothing_go() {
    let mut pair = Pair::new(GIB);
    let root = pair.anna.home.add_pack(1, 1 << 20);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    pair.bo.fed().end(pair.id).unwrap();
    let essence = pair.bo.fed().essence(pair.id).unwrap();
    pair.bo.stop();
    pair.bo.home.jump(400);
    let now = pair.bo.home.now();
    let fresh = taken_over(&essence, now.wall);
    pair.bo.home.replace(Log::Friend(pair.id), &fresh).unwrap();
    pair.bo.start();
    pair.bo.home.pass(Millis::from_secs(61));
    let is_unsure = |news: &federation::FriendNews| {
        *news == federation::FriendNews::Host(HostNews::ClockUnsure)
    };
    pair.bo.home.until_told("the clock is not believed", is_unsure);
    let ends = |pair: &Pair| match pair.bo.view(pair.id).phase {
        Phase::Ending(at) => at,
        other => panic!("{other:?}"),
    };
    assert!(ends(&pair) >= now.wall.plus(Millis::from_days(30)));
    pair.bo.fed().clock_agreed();
    pair.bo.home.pass(Millis::from_secs(61));
    assert!(ends(&pair) >= now.wall.plus(Millis::from_days(30)));
    assert_eq!(pair.bo.view(pair.id).kept.packs, 1);
    assert!(pair.bo.home.file_of(pair.anna_key(), root).exists());
}
