//! A host: quota before bytes, receipts after disks, and nothing gone before its time.

use peer_proto::clock::Now;
use peer_proto::host::{Host, HostAction, HostEvent, HostNews, LineId, Record, Stage, StreamId};
use peer_proto::limits;
use peer_proto::pact::{PactEvent, PactLife, Part, Terms};
use peer_proto::wire::{
    Audit, ByeWhy, ByteRange, Cursor, Figures, Get, Kind, List, PackAsk, PackSay, Put, Why,
};
use types::{Bytes, Millis, PackId};

use crate::boxes::{NOON, anna, pact, terms};

pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const LINE: LineId = LineId(1);

/// Anna's box keeps for Bo.
pub(crate) struct Bench {
    pub(crate) host: Host,
    pub(crate) pact: PactLife,
    pub(crate) now: Now,
    next: u64,
}

impl Bench {
    pub(crate) fn new(terms: Terms) -> Self {
        let now = Now { wall: NOON, uptime: Millis(0) };
        let pact = PactLife::new(Part::Inviter, pact(terms)).unwrap();
        let mut bench = Self { host: Host::new(now).0, pact, now, next: 0 };
        bench.on(HostEvent::Room(Bytes(1 << 50)));
        bench.on(HostEvent::Opened(LINE));
        bench
    }

    pub(crate) fn on(&mut self, event: HostEvent) -> Vec<HostAction> {
        self.host.step(self.now, &self.pact, event)
    }

    pub(crate) fn open(&mut self) -> StreamId {
        self.next += 1;
        StreamId { line: LINE, number: self.next }
    }

    /// A request on a stream of its own that ends at once.
    pub(crate) fn ask(&mut self, ask: PackAsk) -> Vec<HostAction> {
        let stream = self.open();
        let done = self.on(HostEvent::Asked { stream, ask });
        self.on(HostEvent::Ended(stream));
        done
    }

    fn begin(&mut self, of: u8, size: u64) -> (StreamId, Vec<HostAction>) {
        let stream = self.open();
        let done = self.on(HostEvent::Asked { stream, ask: put(of, size) });
        (stream, done)
    }

    /// A pack from the offer to the receipt.
    pub(crate) fn keep(&mut self, of: u8, size: u64) -> Vec<HostAction> {
        let (stream, done) = self.begin(of, size);
        assert!(done.iter().any(|action| matches!(action, HostAction::Look { .. })), "{done:?}");
        let missing = vec![ByteRange { from: 0, to: size }];
        self.on(HostEvent::Looked { stream, root: root(of), missing });
        let done = self.on(HostEvent::Stored(root(of)));
        self.on(HostEvent::Ended(stream));
        done
    }

    /// Both clocks go on.
    pub(crate) fn pass(&mut self, days: u64) -> Vec<HostAction> {
        self.now.wall = self.now.wall.plus(Millis::from_days(days));
        self.now.uptime = Millis(self.now.uptime.0 + Millis::from_days(days).0);
        self.on(HostEvent::Tick)
    }
}

pub(crate) fn root(of: u8) -> PackId {
    PackId([of; 32])
}

pub(crate) fn put(of: u8, size: u64) -> PackAsk {
    PackAsk::Put(Put { root: root(of), size, kind: Kind::Data })
}

pub(crate) fn said(actions: &[HostAction]) -> Option<PackSay> {
    actions.iter().rev().find_map(|action| match action {
        HostAction::Answer { say, .. } => Some(say.clone()),
        _ => None,
    })
}

pub(crate) fn no(why: Why, figure: u64) -> Option<PackSay> {
    Some(PackSay::Refused(why.with(figure)))
}

#[test]
fn a_receipt_comes_after_the_bytes_and_the_record_are_durable() {
    let mut bench = Bench::new(terms(100 * MIB));
    let (stream, begun) = bench.begin(1, 16 * MIB);
    assert!(matches!(begun[..], [.., HostAction::Keep(Record::Entry(_)), HostAction::Look { .. }]));
    let missing = vec![ByteRange { from: 0, to: 16 * MIB }];
    let looked = bench.on(HostEvent::Looked { stream, root: root(1), missing });
    assert!(matches!(said(&looked), Some(PackSay::Accept(_))));
    assert_eq!(bench.host.kept(), Figures::default(), "nothing counts yet");
    let stored = bench.on(HostEvent::Stored(root(1)));
    assert!(matches!(stored[0], HostAction::Keep(Record::Entry(_))));
    let kept = Figures { packs: 1, bytes: Bytes(16 * MIB) };
    assert!(matches!(said(&stored), Some(PackSay::Ack(ack)) if ack.kept == kept));
    assert_eq!(bench.host.kept(), kept);
    assert_eq!(said(&bench.ask(put(1, 16 * MIB))), Some(PackSay::Have));
}

#[test]
fn quota_is_on_whole_packs_and_before_any_byte() {
    let mut bench = Bench::new(terms(40 * MIB));
    bench.keep(1, 16 * MIB);
    let (_, begun) = bench.begin(2, 16 * MIB);
    assert!(said(&begun).is_none());
    let over = bench.ask(put(3, 16 * MIB));
    assert_eq!(said(&over), no(Why::OverQuota, 8 * MIB), "what is on its way counts too");
    assert!(!over.iter().any(|action| matches!(action, HostAction::Look { .. })));
    bench.keep(4, 8 * MIB - 1);
    assert_eq!(said(&bench.ask(put(5, 1))), no(Why::OverQuota, 0), "a tiny pack is a block");
    bench.on(HostEvent::Room(Bytes(MIB)));
    let mut other = Bench::new(terms(40 * MIB));
    other.on(HostEvent::Room(Bytes(MIB)));
    assert_eq!(said(&other.ask(put(1, 2 * MIB))), no(Why::NoRoom, MIB));
}

#[test]
fn what_is_no_pack_is_refused() {
    let mut bench = Bench::new(terms(1 << 40));
    let most = limits::PACK_LEN_MAX;
    for size in [0, most + 1, u64::MAX] {
        assert_eq!(said(&bench.ask(put(1, size))), no(Why::Size, most));
    }
    let of_kind = |kind| PackAsk::Put(Put { root: root(1), size: 9, kind });
    let unknown = said(&bench.ask(of_kind(Kind::Unknown(77))));
    assert_eq!(unknown, no(Why::NotUnderstood, 77));
    assert_eq!(said(&bench.ask(of_kind(Kind::Head))), no(Why::Malformed, 0));
    bench.keep(2, MIB);
    assert_eq!(said(&bench.ask(put(2, 2 * MIB))), no(Why::Malformed, 0), "one name, two lengths");
}

#[test]
fn what_was_cut_is_resumed_and_what_is_left_gives_way() {
    let mut bench = Bench::new(terms(1 << 40));
    let (stream, _) = bench.begin(1, 16 * MIB);
    let twice = bench.ask(put(1, 16 * MIB));
    assert_eq!(said(&twice), no(Why::Busy, 1_000), "one stream a pack");
    bench.on(HostEvent::Ended(stream));
    let (stream, again) = bench.begin(1, 16 * MIB);
    assert!(again.iter().any(|action| matches!(action, HostAction::Look { .. })));
    let half = vec![ByteRange { from: 8 * MIB, to: 16 * MIB }];
    let looked = bench.on(HostEvent::Looked { stream, root: root(1), missing: half.clone() });
    assert_eq!(said(&looked), Some(PackSay::Accept(List::new(half).unwrap())));
    bench.on(HostEvent::Closed(LINE));
    let left = bench.pass(8);
    assert!(left.contains(&HostAction::DropPart(root(1))));
    assert_eq!(bench.host.used(), Bytes(0));
}

#[test]
fn unfinished_packs_are_bounded_and_the_quietest_gives_way() {
    let mut bench = Bench::new(terms(1 << 40));
    for of in 0..64 {
        let (stream, _) = bench.begin(of, MIB);
        bench.on(HostEvent::Ended(stream));
        bench.now.wall = bench.now.wall.plus(Millis(1));
        bench.now.uptime = Millis(bench.now.uptime.0 + 1);
    }
    let (_, done) = bench.begin(100, MIB);
    assert!(done.contains(&HostAction::DropPart(root(0))), "{done:?}");
    assert_eq!(bench.host.used(), Bytes(64 * MIB));
}

#[test]
fn streams_and_requests_are_bounded_and_a_flood_is_cut_off() {
    let mut bench = Bench::new(terms(1 << 40));
    let list = || PackAsk::List(Cursor { after: None });
    for _ in 0..limits::STREAMS_MAX {
        let stream = bench.open();
        bench.on(HostEvent::Asked { stream, ask: list() });
    }
    assert_eq!(said(&bench.ask(list())), no(Why::Busy, 1_000));
    let mut bench = Bench::new(terms(1 << 40));
    let answered = (0..limits::ASKS_AT_ONCE)
        .all(|_| matches!(said(&bench.ask(list())), Some(PackSay::Listing(_))));
    assert!(answered);
    assert_eq!(said(&bench.ask(list())), no(Why::Busy, 10));
    let cut = (0..limits::ASKS_AT_ONCE)
        .map(|_| bench.ask(list()))
        .find(|done| done.contains(&HostAction::Close { line: LINE, why: ByeWhy::Flood }));
    assert!(cut.unwrap().contains(&HostAction::Tell(HostNews::Flooded)));
}

#[test]
fn the_newest_connection_counts_and_an_older_one_is_not_heard() {
    let mut bench = Bench::new(terms(1 << 40));
    bench.keep(1, MIB);
    let late = bench.open();
    let replaced = HostAction::Close { line: LINE, why: ByeWhy::Replaced };
    assert!(bench.on(HostEvent::Opened(LineId(2))).contains(&replaced));
    let done = bench.on(HostEvent::Asked { stream: late, ask: PackAsk::Delete(root(1)) });
    assert_eq!(done, [replaced]);
    assert_eq!(bench.host.entry(root(1)).unwrap().stage, Stage::Kept);
}

#[test]
fn a_block_closes_live_connections_and_refuses_new_ones() {
    let mut bench = Bench::new(terms(1 << 40));
    bench.pact.step(NOON, PactEvent::Block, &anna().key);
    let closed = HostAction::Close { line: LINE, why: ByeWhy::Blocked };
    assert_eq!(bench.on(HostEvent::Revoked(ByeWhy::Blocked)), [closed]);
    let refused = HostAction::Close { line: LineId(2), why: ByeWhy::Blocked };
    assert_eq!(bench.on(HostEvent::Opened(LineId(2))), [refused]);
}

#[test]
fn what_is_kept_is_listed_served_and_proved_and_nothing_else() {
    let mut bench = Bench::new(terms(1 << 40));
    bench.keep(1, MIB);
    bench.keep(2, MIB);
    bench.begin(3, MIB);
    bench.ask(PackAsk::Delete(root(2)));
    let Some(PackSay::Listing(page)) = said(&bench.ask(PackAsk::List(Cursor { after: None })))
    else {
        panic!("a list");
    };
    let listed: Vec<_> = page.items.items().iter().map(|one| (one.root, one.until)).collect();
    let until = NOON.plus(Millis::from_days(30));
    assert_eq!(listed, [(root(1), None), (root(2), Some(until))]);
    assert!(!page.more);
    let ranges = |to| List::new(vec![ByteRange { from: 0, to }]).unwrap();
    let audit =
        |of, to| PackAsk::Audit(Audit { root: root(of), ranges: ranges(to), nonce: [1; 16] });
    assert!(matches!(bench.ask(audit(1, 65_536))[..], [HostAction::Serve { .. }]));
    assert_eq!(said(&bench.ask(audit(1, 2 * MIB))), no(Why::Malformed, 0));
    assert_eq!(said(&bench.ask(audit(3, 65_536))), Some(PackSay::Missing));
    let get = PackAsk::Get(Get { root: root(9), ranges: List::first([]) });
    assert_eq!(said(&bench.ask(get)), Some(PackSay::Missing));
    let rotten = bench.on(HostEvent::Rotten(root(1)));
    assert!(rotten.contains(&HostAction::Tell(HostNews::Lost(root(1)))));
    assert_eq!(bench.host.kept().packs, 1, "what is lost counts no more");
}
