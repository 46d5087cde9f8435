//! A host whose disk is not there for a while: nothing is lost, and nothing is said to be.

use std::collections::{BTreeMap, BTreeSet};

use peer_proto::host::{Entry, Host, HostAction, HostEvent, HostNews, Record, Stage};
use peer_proto::wire::{Audit, ByteRange, Cursor, Figures, Get, Kind, List, PackAsk, PackSay, Why};
use types::{Bytes, Millis};

use crate::boxes::terms;
use crate::host::{Bench, LINE, MIB, no, put, root, said};

/// A host that is started anew with pack 1 on a disk that is there and pack 2 on one that is not.
fn half_away() -> (Bench, Vec<HostAction>) {
    let mut bench = Bench::new(terms(1 << 40));
    let entry = |of| Entry { root: root(of), size: MIB, kind: Kind::Data, stage: Stage::Kept };
    let records = vec![Record::Entry(entry(1)), Record::Entry(entry(2))];
    let files = BTreeMap::from([(root(1), MIB)]);
    let (host, done) = Host::resume(records, &files, BTreeSet::from([root(2)]), bench.now);
    bench.host = host;
    bench.on(HostEvent::Room(Bytes(1 << 50)));
    bench.on(HostEvent::Opened(LINE));
    (bench, done)
}

fn lost(done: &[HostAction], of: u8) -> bool {
    done.contains(&HostAction::Tell(HostNews::Lost(root(of))))
        || done.contains(&HostAction::Keep(Record::Forget(root(of))))
}

#[test]
fn what_lies_on_a_disk_that_is_away_at_the_start_counts_and_is_not_lost() {
    let (mut bench, done) = half_away();
    assert!(!lost(&done, 2), "{done:?}");
    let both = Figures { packs: 2, bytes: Bytes(2 * MIB) };
    assert_eq!(bench.host.kept(), both);
    let ranges = List::new(vec![ByteRange { from: 0, to: 16_384 }]).unwrap();
    let audit = PackAsk::Audit(Audit { root: root(2), ranges, nonce: [1; 16] });
    assert_eq!(said(&bench.ask(audit)), no(Why::Away, 0), "not now, and not never");
    let get = |of| PackAsk::Get(Get { root: root(of), ranges: List::first([]) });
    assert_eq!(said(&bench.ask(get(2))), no(Why::Away, 0));
    assert_eq!(said(&bench.ask(put(2, MIB))), no(Why::Away, 0));
    assert!(matches!(bench.ask(get(1))[..], [HostAction::Serve { .. }]));
    let list = said(&bench.ask(PackAsk::List(Cursor { after: None })));
    assert!(matches!(list, Some(PackSay::Listing(page)) if page.items.items().len() == 2));
    let back = BTreeMap::from([(root(2), Some(MIB))]);
    assert!(bench.on(HostEvent::Back(back)).is_empty());
    assert!(matches!(bench.ask(get(2))[..], [HostAction::Serve { .. }]));
    assert_eq!(bench.host.kept(), both);
}

#[test]
fn a_disk_that_comes_back_without_a_pack_has_lost_it() {
    for len in [None, Some(MIB - 1)] {
        let (mut bench, _) = half_away();
        let done = bench.on(HostEvent::Back(BTreeMap::from([(root(2), len), (root(1), None)])));
        assert!(lost(&done, 2), "{done:?}");
        assert!(!lost(&done, 1), "that one was not away");
        bench.on(HostEvent::Away(BTreeSet::from([root(1), root(9)])));
        let done = bench.on(HostEvent::Back(BTreeMap::from([(root(1), None), (root(9), None)])));
        assert!(lost(&done, 1) && !lost(&done, 9));
    }
}

#[test]
fn files_longer_than_any_pack_are_none_and_no_sum_overflows() {
    let bench = Bench::new(terms(1 << 40));
    let longest = u64::MAX / 2;
    let files = (1..4).map(|of| (root(of), longest)).collect();
    let (host, _) = Host::resume(Vec::new(), &files, BTreeSet::new(), bench.now);
    assert_eq!(host.kept(), Figures::default());
    let record = |of| {
        Record::Entry(Entry { root: root(of), size: longest, kind: Kind::Data, stage: Stage::Kept })
    };
    let records = (1..4).map(record).collect();
    let (host, _) = Host::resume(records, &files, BTreeSet::new(), bench.now);
    assert_eq!(host.used(), Bytes(u64::MAX));
}

#[test]
fn a_deletion_waits_for_a_disk_that_is_away() {
    let (mut bench, _) = half_away();
    assert!(matches!(said(&bench.ask(PackAsk::Delete(root(2)))), Some(PackSay::Marked(_))));
    let removes = |done: &[HostAction]| done.contains(&HostAction::Remove(root(2)));
    assert!(!removes(&bench.pass(31)));
    bench.on(HostEvent::Back(BTreeMap::from([(root(2), Some(MIB))])));
    bench.now.uptime = Millis(bench.now.uptime.0 + 1);
    assert!(removes(&bench.on(HostEvent::Tick)));
}
