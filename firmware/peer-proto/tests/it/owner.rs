//! An owner: what it believes of a friend, what it does not, and what it says then.

use peer_proto::clock::Now;
use peer_proto::owner::{
    AskId, CopyStage, Item, LostWhy, Outcome, OwnHead, Owner, OwnerAction, OwnerEvent, OwnerNews,
    Verdict,
};
use peer_proto::pact::{PactLife, Part};
use peer_proto::wire::{
    Ack, Audit, ByteRange, Figures, HeadPoint, Kind, List, Listed, Listing, PackAsk, PackSay,
    Proof, Why,
};
use types::{Bytes, HeadHash, Millis, PackId};

use crate::boxes::{NOON, pact, terms};
use crate::host::{MIB, root};

/// Bo's box, of which Anna's keeps packs.
pub(crate) struct Bench {
    pub(crate) owner: Owner,
    pact: PactLife,
    now: Now,
}

impl Bench {
    pub(crate) fn new(bytes: u64) -> Self {
        let pact = PactLife::new(Part::Invitee, pact(terms(bytes))).unwrap();
        let now = Now { wall: NOON, uptime: Millis(0) };
        let mut bench = Self { owner: Owner::new(), pact, now };
        let opened = bench.on(OwnerEvent::Opened);
        let list = asked(&opened, |ask| matches!(ask, PackAsk::List(_)))[0];
        bench.say(list, listing(&[], Figures::default()));
        bench
    }

    pub(crate) fn on(&mut self, event: OwnerEvent) -> Vec<OwnerAction> {
        self.owner.step(self.now, &self.pact, event)
    }

    pub(crate) fn say(&mut self, ask: AskId, say: PackSay) -> Vec<OwnerAction> {
        self.on(OwnerEvent::Said { ask, say })
    }

    pub(crate) fn want(&mut self, packs: &[u8]) -> Vec<OwnerAction> {
        let item = |of: &u8| Item { root: root(*of), size: MIB, kind: Kind::Data };
        self.on(OwnerEvent::Want(packs.iter().map(item).collect()))
    }

    /// A pack from the offer to the receipt.
    pub(crate) fn hold(&mut self, of: u8) -> Vec<OwnerAction> {
        let done = self.want(&[of]);
        let ask = asked(&done, |ask| matches!(ask, PackAsk::Put(_)))[0];
        self.say(ask, PackSay::Accept(all()));
        let kept = Figures::default();
        self.say(ask, PackSay::Ack(Ack { root: root(of), kept }))
    }

    fn audit(&mut self, of: u8) -> AskId {
        let audit = Audit { root: root(of), ranges: all(), nonce: [7; 16] };
        asked(&self.on(OwnerEvent::Audit(audit)), |ask| matches!(ask, PackAsk::Audit(_)))[0]
    }

    pub(crate) fn pass(&mut self, span: Millis) -> Vec<OwnerAction> {
        self.now.wall = self.now.wall.plus(span);
        self.now.uptime = Millis(self.now.uptime.0 + span.0);
        self.on(OwnerEvent::Tick)
    }

    pub(crate) fn stage(&self, of: u8) -> Option<CopyStage> {
        self.owner.copy(root(of)).map(|copy| copy.stage)
    }
}

pub(crate) fn all() -> List<ByteRange, 1024> {
    List::new(vec![ByteRange { from: 0, to: MIB }]).unwrap()
}

pub(crate) fn listing(items: &[Listed], kept: Figures) -> PackSay {
    let items = List::new(items.to_vec()).unwrap();
    PackSay::Listing(Box::new(Listing { items, more: false, kept }))
}

pub(crate) fn asked(done: &[OwnerAction], is_it: impl Fn(&PackAsk) -> bool) -> Vec<AskId> {
    let asks = done.iter().filter_map(|action| match action {
        OwnerAction::Ask { ask, what } if is_it(what) => Some(*ask),
        _ => None,
    });
    asks.collect()
}

fn lost(of: u8, why: LostWhy) -> OwnerAction {
    OwnerAction::Tell(OwnerNews::Lost { root: root(of), why })
}

fn audited(of: u8, outcome: Outcome) -> OwnerAction {
    OwnerAction::Tell(OwnerNews::Audited { root: root(of), outcome })
}

#[test]
fn a_pack_counts_when_its_receipt_came_and_not_before() {
    let mut bench = Bench::new(1 << 40);
    let put = asked(&bench.want(&[1]), |ask| matches!(ask, PackAsk::Put(_)))[0];
    let sent = bench.say(put, PackSay::Accept(all()));
    assert!(matches!(sent[..], [OwnerAction::Send { .. }]));
    assert_eq!(bench.owner.held(), Figures::default());
    let other = Ack { root: root(2), kept: Figures::default() };
    let done = bench.say(put, PackSay::Ack(other));
    assert!(done.contains(&OwnerAction::Cancel(put)), "a receipt for something else is none");
    assert_eq!(bench.owner.held(), Figures::default());
    bench.pass(Millis::from_secs(6));
    assert_eq!(bench.stage(1), Some(CopyStage::Sending), "and it is offered anew");
}

#[test]
fn packs_go_in_the_order_that_was_told_four_at_a_time_and_within_what_was_agreed() {
    let mut bench = Bench::new(6 * MIB);
    let done = bench.want(&[9, 3, 7, 1, 8, 2, 5]);
    let roots: Vec<PackId> = done
        .iter()
        .filter_map(|action| match action {
            OwnerAction::Ask { what, .. } => match **what {
                PackAsk::Put(put) => Some(put.root),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(roots, [root(9), root(3), root(7), root(1)]);
    let mut all_done = Vec::new();
    for ask in asked(&done, |ask| matches!(ask, PackAsk::Put(_))) {
        all_done.extend(bench.say(ask, PackSay::Have));
    }
    assert_eq!(asked(&all_done, |ask| matches!(ask, PackAsk::Put(_))).len(), 2);
    let full = OwnerAction::Tell(OwnerNews::Stalled(Why::OverQuota.with(0)));
    assert_eq!(all_done.iter().filter(|action| **action == full).count(), 1, "told once");
}

#[test]
fn a_mismatch_or_missing_loses_the_copy_and_silence_does_not() {
    let mut bench = Bench::new(1 << 40);
    for of in 1..5 {
        bench.hold(of);
    }
    let ask = bench.audit(1);
    bench.say(ask, PackSay::Proof(Proof { nonce: [7; 16], size: MIB }));
    let done = bench.on(OwnerEvent::Verified { ask, verdict: Verdict::Matches });
    assert_eq!(done, [audited(1, Outcome::Passed)]);

    let ask = bench.audit(2);
    let done = bench.say(ask, PackSay::Missing);
    assert!(
        done.contains(&audited(2, Outcome::Missing)) && done.contains(&lost(2, LostWhy::Missing))
    );

    let ask = bench.audit(3);
    bench.say(ask, PackSay::Proof(Proof { nonce: [7; 16], size: MIB }));
    let done = bench.on(OwnerEvent::Verified { ask, verdict: Verdict::Mismatch });
    assert!(done.contains(&lost(3, LostWhy::Mismatch)));
    let ask = bench.audit(4);
    let old = Proof { nonce: [6; 16], size: MIB };
    let done = bench.say(ask, PackSay::Proof(old));
    assert!(done.contains(&lost(4, LostWhy::Mismatch)), "an old answer is none");

    bench.audit(1);
    let done = bench.pass(Millis::from_secs(61));
    assert!(done.contains(&audited(1, Outcome::NotAnswered)));
    let ask = bench.audit(1);
    bench.say(ask, PackSay::Proof(Proof { nonce: [7; 16], size: MIB }));
    let done = bench.on(OwnerEvent::Verified { ask, verdict: Verdict::Short });
    assert_eq!(done, [audited(1, Outcome::NotAnswered)]);
    bench.audit(1);
    assert!(bench.on(OwnerEvent::Closed).contains(&audited(1, Outcome::NotAnswered)));
    assert_eq!(bench.stage(1), Some(CopyStage::Held));
    assert_eq!(bench.owner.held().packs, 1);
}

#[test]
fn who_showed_wrong_bytes_is_not_believed_to_have_them() {
    let mut bench = Bench::new(1 << 40);
    bench.hold(1);
    let ask = bench.audit(1);
    bench.say(ask, PackSay::Proof(Proof { nonce: [7; 16], size: MIB }));
    bench.on(OwnerEvent::Verified { ask, verdict: Verdict::Mismatch });
    let put = asked(&bench.want(&[1]), |ask| matches!(ask, PackAsk::Put(_)))[0];
    assert!(bench.say(put, PackSay::Have).contains(&lost(1, LostWhy::Mismatch)));
    assert_eq!(bench.stage(1), Some(CopyStage::Suspect));
    let put = asked(&bench.want(&[1]), |ask| matches!(ask, PackAsk::Put(_)))[0];
    bench.say(put, PackSay::Accept(all()));
    bench.say(put, PackSay::Ack(Ack { root: root(1), kept: Figures::default() }));
    assert_eq!(bench.stage(1), Some(CopyStage::Held), "bytes that were sent anew are");
}

#[test]
fn a_head_that_does_not_follow_directly_waits_for_its_writers_word() {
    let point = |seq, of| HeadPoint { seq, hash: HeadHash([of; 32]) };
    let mut bench = Bench::new(1 << 40);
    let seen =
        OwnerEvent::Hello { head: Some(point(3, 3)), newest: Some(point(9, 9)), known: true };
    bench.on(seen);
    let to = point(9, 9);
    let head = OwnHead {
        point: to,
        previous: HeadHash([8; 32]),
        len: 9,
        vouched: None,
        link: None,
        anew: None,
    };
    let from = point(3, 3);
    assert_eq!(bench.on(OwnerEvent::Head(Box::new(head))), [OwnerAction::Link { from, to }]);
    let word = peer_proto::sign::Signature::of([1; 64]);
    let done = bench.on(OwnerEvent::Linked { from, to, word });
    let ask =
        asked(&done, |ask| matches!(ask, PackAsk::Head(offer) if offer.link == Some(word)))[0];
    assert_eq!(bench.say(ask, PackSay::Accept(all())), [OwnerAction::SendHead { ask, point: to }]);
    let done = bench.say(ask, PackSay::HeadTaken(to));
    assert_eq!(done, [OwnerAction::Tell(OwnerNews::Witnessed(to))]);
}

#[test]
fn a_list_finds_what_the_records_lack_and_what_the_friend_lost() {
    let mut bench = Bench::new(1 << 40);
    bench.hold(1);
    bench.hold(2);
    let done = bench.pass(Millis::from_days(1));
    let list = asked(&done, |ask| matches!(ask, PackAsk::List(_)))[0];
    let listed = |of, until| Listed { root: root(of), size: MIB, kind: Kind::Meta, until };
    let kept = Figures { packs: 2, bytes: Bytes(2 * MIB) };
    let until = NOON.plus(Millis::from_days(9));
    let done = bench.say(list, listing(&[listed(2, Some(until)), listed(3, None)], kept));
    assert!(done.contains(&lost(1, LostWhy::Missing)));
    assert!(done.contains(&OwnerAction::Tell(OwnerNews::Found(listed(3, None)))));
    let again = asked(&done, |ask| matches!(ask, PackAsk::Put(put) if put.root == root(2)));
    assert_eq!(again.len(), 1, "what would go and is needed is offered anew");
    assert_eq!(bench.stage(2), Some(CopyStage::Doomed { until }), "nor is it taken for safe");
    assert!(!bench.owner.copy(root(2)).unwrap().is_safe());
    assert_eq!(bench.owner.held(), kept);
}

/// Found by the simulation: a friend's disk came back late and held the last copies of some packs, which
/// were more than was agreed; the owner did not believe its list, and called them lost.
#[test]
fn what_a_friend_keeps_beyond_what_was_agreed_is_found_too_and_nothing_more_is_sent() {
    let mut bench = Bench::new(2 * MIB);
    bench.hold(1);
    let done = bench.pass(Millis::from_days(1));
    let list = asked(&done, |ask| matches!(ask, PackAsk::List(_)))[0];
    let listed = |of| Listed { root: root(of), size: MIB, kind: Kind::Data, until: None };
    let kept = Figures { packs: 3, bytes: Bytes(3 * MIB) };
    let done = bench.say(list, listing(&[listed(1), listed(2), listed(3)], kept));
    for of in [2, 3] {
        assert!(done.contains(&OwnerAction::Tell(OwnerNews::Found(listed(of)))), "{of}");
    }
    assert_eq!(bench.owner.held(), kept);
    let done = bench.want(&[4]);
    assert_eq!(asked(&done, |ask| matches!(ask, PackAsk::Put(_))), []);
}

#[test]
fn a_friend_that_stops_at_once_leaves_a_named_loss() {
    let mut bench = Bench::new(1 << 40);
    bench.hold(1);
    bench.hold(2);
    let done = bench.on(OwnerEvent::Stopped);
    let both = Figures { packs: 2, bytes: Bytes(2 * MIB) };
    assert!(done.contains(&OwnerAction::Tell(OwnerNews::AllLost(both))));
    assert!(done.contains(&lost(1, LostWhy::Stopped)) && done.contains(&lost(2, LostWhy::Stopped)));
    assert_eq!(bench.owner.held(), Figures::default());
}
