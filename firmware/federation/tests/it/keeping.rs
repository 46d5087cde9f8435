//! Packs out, proved, back, and gone in time.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};

use federation::{FederationError, FriendNews};
use peer_proto::host::HostNews;
use peer_proto::limits::charge;
use peer_proto::owner::{CopyStage, LostWhy, Outcome, OwnerNews};
use peer_proto::wire::{Audit, ByteRange, Ranges, Why};
use types::{Bytes, Millis, PackId};

use crate::home::set;
use crate::rig::Pair;

const GIB: u64 = 1 << 30;
const MIB: usize = 1 << 20;

fn audit(root: PackId, from: u64, to: u64) -> Audit {
    Audit { root, ranges: Ranges::first([ByteRange { from, to }]), nonce: [9; 16] }
}

fn outcome(pair: &Pair, root: PackId) -> Outcome {
    let is_it = |news: &FriendNews| matches!(news, FriendNews::Owner(OwnerNews::Audited { root: of, .. }) if *of == root);
    match pair.anna.home.until_told("an audit ends", is_it) {
        FriendNews::Owner(OwnerNews::Audited { outcome, .. }) => outcome,
        other => panic!("{other:?}"),
    }
}

fn flip(path: &std::path::Path, at: u64) {
    let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[!byte[0]]).unwrap();
}

fn fetch(pair: &Pair, root: PackId, ranges: &[ByteRange]) -> Result<Vec<u8>, FederationError> {
    let mut bytes = Vec::new();
    pair.anna.fed().fetch(pair.id, root, ranges, &mut |at, more| {
        let end = usize::try_from(at).unwrap() + more.len();
        bytes.resize(end.max(bytes.len()), 0);
        bytes[end - more.len()..end].copy_from_slice(more);
        Ok(())
    })?;
    Ok(bytes)
}

#[test]
fn many_packs_are_durable_at_the_host_and_both_pages_show_the_same() {
    let pair = Pair::new(GIB);
    let packs: Vec<PackId> =
        (0..70_u32).map(|n| pair.anna.home.add_pack(n, 300_000 + n as usize)).collect();
    pair.anna.send(pair.id, &packs);
    pair.anna.until_held(pair.id, &packs);
    let hosted = pair.bo.home.volume().hosted();
    let kept = hosted.list(pair.anna_key(), None, 1_000).unwrap();
    assert_eq!(set(&kept.iter().map(|pack| pack.id).collect::<Vec<_>>()), set(&packs));
    let (anna, bo) = (pair.anna.view(pair.id), pair.bo.view(pair.id));
    assert_eq!(anna.held, bo.kept);
    assert_eq!(anna.held.bytes.0, packs.len() as u64 * charge(300_000).0);
    let totals = hosted.totals(pair.anna_key()).unwrap();
    assert_eq!(totals.promised, Bytes(GIB), "reserved before the first byte");
}

#[test]
fn what_was_sent_comes_back_whole_and_in_parts_and_proven() {
    let pair = Pair::new(GIB);
    let root = pair.anna.home.add_pack(1, 3 * MIB + 5);
    pair.anna.send(pair.id, &[root]);
    pair.anna.until_held(pair.id, &[root]);
    let bytes = pair.anna.home.bytes_of(root);
    pair.anna.home.lose_pack(root);
    assert_eq!(fetch(&pair, root, &[]).unwrap(), bytes);
    let part = ByteRange { from: 2 * MIB as u64, to: 2 * MIB as u64 + 16_384 };
    let some = fetch(&pair, root, &[part]).unwrap();
    assert_eq!(some.len(), 2 * MIB + 16_384, "exactly that group");
    assert_eq!(some[2 * MIB..], bytes[2 * MIB..2 * MIB + 16_384]);
    let nobody = PackId([3; 32]);
    assert!(matches!(fetch(&pair, nobody, &[]), Err(FederationError::Missing(of)) if of == nobody));
}

#[test]
fn an_audit_passes_and_a_flipped_byte_is_found_sent_anew_and_passes_again() {
    let pair = Pair::new(GIB);
    let (good, bad) = (pair.anna.home.add_pack(1, MIB), pair.anna.home.add_pack(2, 4 * MIB));
    pair.anna.send(pair.id, &[good, bad]);
    pair.anna.until_held(pair.id, &[good, bad]);
    pair.anna.fed().audit(pair.id, audit(good, 0, 16_384)).unwrap();
    assert_eq!(outcome(&pair, good), Outcome::Passed);
    flip(&pair.bo.home.file_of(pair.anna_key(), bad), 1_000_000);
    // Elsewhere in the pack all is right, and the host proves what it sends.
    pair.anna.fed().audit(pair.id, audit(bad, 0, 16_384)).unwrap();
    assert_eq!(outcome(&pair, bad), Outcome::Passed);
    pair.anna.fed().audit(pair.id, audit(bad, 999_424, 1_015_808)).unwrap();
    assert_eq!(outcome(&pair, bad), Outcome::NotAnswered, "the host cut it, and knows");
    pair.bo.home.until_told(
        "the host tells its owner",
        |news| matches!(news, FriendNews::Host(HostNews::Lost(root)) if *root == bad),
    );
    pair.anna.fed().audit(pair.id, audit(bad, 0, 16_384)).unwrap();
    assert_eq!(outcome(&pair, bad), Outcome::Missing);
    pair.anna.home.until_told("the copy counts no more", |news| {
        matches!(news, FriendNews::Owner(OwnerNews::Lost { root, why: LostWhy::Missing })
            if *root == bad)
    });
    let before = pair.anna.view(pair.id).doing.sent;
    pair.anna.send(pair.id, &[bad]);
    pair.anna.until_held(pair.id, &[bad]);
    let sent = pair.anna.view(pair.id).doing.sent.saturating_sub(before);
    assert!(sent < Bytes(64 << 10), "only what was wrong of it: {sent}");
    pair.anna.fed().audit(pair.id, audit(bad, 999_424, 1_015_808)).unwrap();
    assert_eq!(outcome(&pair, bad), Outcome::Passed);
    assert_eq!(pair.anna.view(pair.id).audits, (3, 1));
}

#[test]
fn a_deletion_waits_for_its_day_by_the_hosts_clock_and_then_frees_the_disk() {
    let pair = Pair::new(GIB);
    let (goes, stays) = (pair.anna.home.add_pack(1, MIB), pair.anna.home.add_pack(2, MIB));
    pair.anna.send(pair.id, &[goes, stays]);
    pair.anna.until_held(pair.id, &[goes, stays]);
    pair.anna.fed().unwant(pair.id, vec![goes]).unwrap();
    pair.anna.home.until_so("the host has named the day", || {
        let copies = pair.anna.fed().copies(pair.id).unwrap();
        copies
            .iter()
            .any(|copy| copy.root == goes && matches!(copy.stage, CopyStage::Doomed { .. }))
    });
    let file = pair.bo.home.file_of(pair.anna_key(), goes);
    let both = |pair: &Pair, days| {
        pair.anna.home.pass(Millis::from_days(days));
        pair.bo.home.pass(Millis::from_days(days));
    };
    both(&pair, 29);
    // A minute of the host's clock has passed when it has looked.
    let looked = pair.bo.home.records();
    pair.bo.home.until_so("the host has looked", || pair.bo.home.records() > looked);
    assert!(file.exists(), "not before its time");
    both(&pair, 2);
    pair.bo.home.until_so("the file is gone", || !file.exists());
    pair.bo.home.until_so("it counts no more", || pair.bo.view(pair.id).kept.packs == 1);
    assert!(pair.bo.home.file_of(pair.anna_key(), stays).exists());
}

#[test]
fn what_was_agreed_is_kept_to_on_whole_packs_and_told_once() {
    let pair = Pair::new(3 * MIB as u64);
    let packs: Vec<PackId> = (0..4_u32).map(|n| pair.anna.home.add_pack(n, MIB - 7)).collect();
    pair.anna.send(pair.id, &packs);
    let news = pair
        .anna
        .home
        .until_told("it is full", |news| matches!(news, FriendNews::Owner(OwnerNews::Stalled(_))));
    assert_eq!(news, FriendNews::Owner(OwnerNews::Stalled(Why::OverQuota.with(0))));
    pair.anna.until_held(pair.id, &packs[..3]);
    assert_eq!(pair.anna.held(pair.id).len(), 3);
    assert_eq!(pair.bo.view(pair.id).kept.packs, 3);
}

#[test]
fn an_own_pack_that_is_gone_is_told_and_holds_nothing_up() {
    let pair = Pair::new(GIB);
    let (gone, here) = (pair.anna.home.add_pack(1, MIB), pair.anna.home.add_pack(2, MIB));
    let items = [gone, here];
    let bytes = pair.anna.home.bytes_of(gone);
    assert_eq!(bytes.len(), MIB);
    pair.anna.send(pair.id, &items);
    pair.anna.until_held(pair.id, &items);
    let third = pair.anna.home.add_pack(3, MIB);
    let fourth = pair.anna.home.add_pack(4, MIB);
    let item = peer_proto::owner::Item {
        root: third,
        size: MIB as u64,
        kind: peer_proto::wire::Kind::Data,
    };
    pair.anna.home.lose_pack(third);
    let next = peer_proto::owner::Item { root: fourth, ..item };
    pair.anna.fed().want(pair.id, vec![item, next]).unwrap();
    pair.anna.home.until_told("it is not here", |news| *news == FriendNews::NotHere(third));
    pair.anna.home.pass(Millis::from_secs(6));
    pair.anna.until_held(pair.id, &[fourth]);
}
