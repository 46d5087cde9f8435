//! Two pacts with one friend: one that is over and one that was made after it keep under the same key.

use peer_proto::pact::Phase;
use types::{Bytes, Millis};

use crate::rig::{Pair, befriend, terms};

const GIB: u64 = 1 << 30;
const MIB: usize = 1 << 20;

/// The pact that was over found on the disks what the new one kept, took it for its own, and let it go in the
/// new one's place after a restart; and it gave the new one's room away every minute.
#[test]
fn what_a_new_pact_keeps_is_let_go_by_no_old_one_of_the_same_friend() {
    let mut pair = Pair::new(GIB);
    let packs: Vec<_> = (0..4).map(|number| pair.anna.home.add_pack(number, MIB)).collect();
    pair.anna.send(pair.id, &packs[..2]);
    pair.anna.until_held(pair.id, &packs[..2]);
    let old = pair.id;
    pair.anna.fed().stop_now(old).unwrap();
    pair.bo.home.until_so("Bo hears it", || pair.bo.view(old).phase == Phase::Over);
    pair.id = befriend(&pair.anna, &pair.bo, terms(GIB));
    // One of them was kept before, too.
    pair.anna.send(pair.id, &packs[1..]);
    pair.anna.until_held(pair.id, &packs[1..]);
    for one in [&mut pair.anna, &mut pair.bo] {
        one.stop();
        one.start();
    }
    pair.until_together();
    assert_eq!(pair.bo.view(old).kept.packs, 2, "what the old one never kept is not its own");
    for home in [&pair.anna.home, &pair.bo.home] {
        home.pass(Millis::from_days(200));
    }
    pair.bo.home.until_so("the old pact has let go", || {
        pair.bo.fed().clock_agreed();
        pair.bo.home.pass(Millis::from_secs(61));
        pair.bo.view(old).kept.packs == 0
    });
    pair.until_together();
    for root in &packs[1..] {
        assert!(pair.bo.home.file_of(pair.anna_key(), *root).exists());
        let mut bytes = Vec::new();
        let mut take = |_: u64, piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        pair.anna.fed().fetch(pair.id, *root, &[], &mut take).unwrap();
        assert!(bytes == pair.anna.home.bytes_of(*root));
    }
    let totals = pair.bo.home.volume().hosted().totals(pair.anna_key()).unwrap();
    assert_eq!(totals.promised, Bytes(GIB), "the room is the new one's");
    pair.bo.fed().forget(old).unwrap();
    assert!(pair.bo.home.file_of(pair.anna_key(), packs[1]).exists());
}
