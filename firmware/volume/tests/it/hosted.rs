//! What one volume keeps for friends, on a real file system, through the crate's public face.
//!
//! Power cuts and failing disks are in `tests/testkit`; a random course against a model is in
//! `hosted_model`.

use std::fs;
use std::path::{Path, PathBuf};

use testkit::friends::{ANNA, BEN, bring, fetch, is_kept, named, pack, stream};
use types::{Bytes, PackId};
use verified::{GROUP_LEN, Groups, Told};
use volume::Volume;
use volume::hosted::{Begun, Hosted, HostedError, HostedPack, Incoming, Receipt, Totals};

use crate::common::{create, flip, open};

/// Bytes of a group in memory.
pub(crate) const GROUP: usize = 16 << 10;
pub(crate) const PROMISED: Bytes = Bytes(10 << 20);

/// A volume that has promised something to Anna.
pub(crate) fn host(dir: &Path) -> Hosted {
    let hosted = create(dir).hosted();
    hosted.promise(ANNA, PROMISED).unwrap();
    hosted
}

/// Where one of Anna's files lies.
pub(crate) fn path(dir: &Path, name: &str) -> PathBuf {
    dir.join("holdfast/friends").join(ANNA.to_string()).join(name)
}

pub(crate) fn pack_file(dir: &Path, id: PackId, ending: &str) -> PathBuf {
    let id = id.to_string();
    path(dir, &format!("packs/{}/{id}.{ending}", &id[..2]))
}

pub(crate) fn wanted(begun: Begun) -> Incoming {
    match begun {
        Begun::Wanted(incoming) => *incoming,
        Begun::AlreadyThere(receipt) => panic!("it is there: {receipt:?}"),
    }
}

#[test]
fn a_pack_that_was_brought_is_listed_counted_and_answered_for_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let packs = [pack(1, 0, 9), pack(2, 1, 0), pack(3, 7, 77)];
    for (told, bytes) in &packs {
        assert_eq!(bring(&hosted, ANNA, bytes).unwrap(), Receipt { owner: ANNA, told: *told });
    }
    let mut listed = packs.clone().map(|(told, _)| HostedPack { id: told.root(), len: told.len() });
    listed.sort();
    let bytes = Bytes(packs.iter().map(|(told, _)| told.len().0).sum());
    for hosted in [hosted, open(dir.path()).hosted()] {
        assert_eq!(hosted.owners().unwrap(), [ANNA]);
        let expected = Totals { promised: PROMISED, packs: 3, bytes, ..Totals::default() };
        assert_eq!(hosted.totals(ANNA).unwrap(), expected);
        assert_eq!(hosted.totals(BEN).unwrap(), Totals::default());
        assert_eq!(hosted.list(ANNA, None, 9).unwrap(), listed);
        assert_eq!(hosted.list(ANNA, None, 2).unwrap(), listed[..2]);
        assert_eq!(hosted.list(ANNA, Some(listed[0].id), 1).unwrap(), listed[1..2]);
        assert!(packs.iter().all(|(_, bytes)| is_kept(&hosted, ANNA, bytes)));
        let (told, _) = packs[2];
        let one = Groups::from_iter([5]);
        let mut answer = Vec::new();
        hosted.open(ANNA, told.root()).unwrap().answer(&one, &mut answer).unwrap();
        assert_eq!(answer, stream(&packs[2].1, &one));
    }
}

#[test]
fn the_same_pack_again_is_already_there_and_nothing_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 3, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    let again = hosted.begin(ANNA, told).unwrap();
    assert!(matches!(again, Begun::AlreadyThere(receipt) if receipt.told == told));
    assert_eq!(hosted.totals(ANNA).unwrap().packs, 1);
    // Another friend's is another file: nobody learns what others keep here.
    hosted.promise(BEN, PROMISED).unwrap();
    assert_eq!(wanted(hosted.begin(BEN, told).unwrap()).missing(), Groups::all(&told));
}

#[test]
fn a_stream_that_was_cut_is_gone_on_with_exactly_where_bytes_are_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (told, bytes) = pack(1, 9, 5);
    let mut incoming = wanted(host(dir.path()).begin(ANNA, told).unwrap());
    let half = stream(&bytes, &incoming.missing());
    let cut = incoming.take(&incoming.missing(), &half[..4 * GROUP + 2000]);
    assert!(matches!(cut, Err(HostedError::Ended { group: 4, .. })), "{cut:?}");
    assert_eq!(incoming.missing(), Groups::from_iter(4..10));
    let unfinished = incoming.finish();
    assert!(matches!(unfinished, Err(HostedError::Unfinished { .. })), "{unfinished:?}");

    let hosted = open(dir.path()).hosted();
    assert_eq!(hosted.list_incoming(ANNA).unwrap()[0].id, told.root());
    assert_eq!(wanted(hosted.begin(ANNA, told).unwrap()).missing(), Groups::from_iter(4..10));
    flip(&path(dir.path(), &format!("incoming/{}.part", told.root())), GROUP_LEN + 1);
    let mut incoming = wanted(hosted.begin(ANNA, told).unwrap());
    let missing = incoming.missing();
    assert_eq!(missing.runs(), [1..2, 4..10], "a length proves nothing");
    incoming.take(&missing, &stream(&bytes, &missing)[..]).unwrap();
    incoming.finish().unwrap();
    assert!(is_kept(&hosted, ANNA, &bytes));
    assert_eq!(hosted.list_incoming(ANNA).unwrap(), []);
}

#[test]
fn a_part_of_zeros_or_longer_than_the_pack_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 2, 5);
    let part = path(dir.path(), &format!("incoming/{}.part", told.root()));
    for len in [told.len().0, told.len().0 + 1] {
        drop(wanted(hosted.begin(ANNA, told).unwrap()));
        fs::OpenOptions::new().write(true).open(&part).unwrap().set_len(len).unwrap();
        assert_eq!(wanted(hosted.begin(ANNA, told).unwrap()).missing(), Groups::all(&told));
    }
    assert!(hosted.abandon(ANNA, told.root()).unwrap());
    assert!(!hosted.abandon(ANNA, told.root()).unwrap());
    assert!(!part.exists());
    bring(&hosted, ANNA, &bytes).unwrap();
}

#[test]
fn bytes_of_another_pack_are_refused_and_what_came_before_them_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 4, 0);
    let mut incoming = wanted(hosted.begin(ANNA, told).unwrap());
    let all = incoming.missing();
    let mut sent = stream(&bytes, &all);
    let last = sent.len() - 1;
    sent[last] ^= 1;
    let refused = incoming.take(&all, &sent[..]);
    assert!(matches!(refused, Err(HostedError::Wrong { group: 3, .. })), "{refused:?}");
    assert_eq!(incoming.missing(), Groups::from_iter(3..4));
    let other = stream(&pack(2, 4, 0).1, &all);
    assert!(matches!(incoming.take(&all, &other[..]), Err(HostedError::Wrong { group: 0, .. })));
    let rest = incoming.missing();
    incoming.take(&rest, &stream(&bytes, &rest)[..]).unwrap();
    incoming.finish().unwrap();
    assert!(is_kept(&hosted, ANNA, &bytes));
}

#[test]
fn a_wrong_length_never_becomes_a_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 2, 100);
    for len in [told.len().0 - 1, told.len().0 + 1, GROUP_LEN, 1] {
        let lie = Told::new(told.root(), Bytes(len)).unwrap();
        let mut incoming = wanted(hosted.begin(ANNA, lie).unwrap());
        let missing = incoming.missing();
        assert!(incoming.take(&missing, &stream(&bytes, &Groups::all(&told))[..]).is_err());
        assert!(incoming.finish().is_err());
    }
    bring(&hosted, ANNA, &bytes).unwrap();
    assert!(is_kept(&hosted, ANNA, &bytes));
}

#[test]
fn more_than_was_promised_is_refused_before_a_byte_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (first, bytes) = pack(1, 2, 0);
    let (second, _) = pack(2, 2, 1);
    let stranger = hosted.begin(BEN, first).unwrap_err();
    assert!(matches!(stranger, HostedError::OverPromise { promised: Bytes(0), .. }));
    assert!(!dir.path().join("holdfast/friends").join(BEN.to_string()).exists());
    hosted.promise(ANNA, Bytes(4 * GROUP_LEN)).unwrap();
    // Two on their way in count together, and so does one in the trash.
    let coming = wanted(hosted.begin(ANNA, first).unwrap());
    assert!(matches!(hosted.begin(ANNA, second), Err(HostedError::OverPromise { .. })));
    drop(coming);
    drop(wanted(hosted.begin(ANNA, second).unwrap()));
    bring(&hosted, ANNA, &bytes).unwrap();
    hosted.trash(ANNA, first.root(), volume::hosted::Day(5)).unwrap();
    let refused = hosted.begin(ANNA, second).unwrap_err();
    assert_eq!(
        refused.to_string().split_once(": ").unwrap().1,
        "friend a1a1a1a1 was promised 65.5 kB, has 32.7 kB here, and the pack needs 32.7 kB"
    );
    let promise = "less than is there takes nothing away";
    hosted.promise(ANNA, Bytes(1)).expect(promise);
    assert!(is_kept(&hosted, ANNA, &bytes));
}

#[test]
fn two_who_bring_the_same_pack_at_once_both_end_with_a_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 40, 3);
    let first = wanted(hosted.begin(ANNA, told).unwrap());
    assert!(matches!(hosted.begin(ANNA, told), Err(HostedError::Busy { .. })));
    drop(first);
    let bring_until_it_is_there = || {
        loop {
            match bring(&hosted, ANNA, &bytes) {
                Ok(receipt) => return receipt,
                Err(HostedError::Busy { .. }) => std::thread::yield_now(),
                Err(error) => panic!("{error}"),
            }
        }
    };
    std::thread::scope(|scope| {
        let running = [(); 4].map(|()| scope.spawn(bring_until_it_is_there));
        for receipt in running {
            assert_eq!(receipt.join().unwrap().told, told);
        }
    });
    assert_eq!(hosted.totals(ANNA).unwrap().packs, 1);
    assert!(is_kept(&hosted, ANNA, &bytes));
}

#[test]
fn a_flipped_byte_is_named_and_nothing_wrong_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 6, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    let right = stream(&bytes, &Groups::all(&told));
    let file = pack_file(dir.path(), told.root(), "pack");
    flip(&file, 4 * GROUP_LEN + 100);
    let kept = hosted.open(ANNA, told.root()).unwrap();
    let mut sent = Vec::new();
    let refused = kept.answer(&Groups::all(&told), &mut sent).unwrap_err();
    assert!(matches!(refused, HostedError::Damaged { group: 4, .. }), "{refused:?}");
    assert!(right.starts_with(&sent) && sent.len() > 3 * GROUP);
    kept.answer(&Groups::from_iter([0, 5]), &mut Vec::new()).unwrap();
    flip(&file, 4 * GROUP_LEN + 100);
    assert!(is_kept(&hosted, ANNA, &bytes));
    for len in [told.len().0 - 1, GROUP_LEN, 0] {
        fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(len).unwrap();
        let refused = fetch(&hosted, ANNA, told).unwrap_err();
        assert!(matches!(refused, HostedError::Damaged { .. }), "{len}: {refused:?}");
    }
    fs::remove_file(&file).unwrap();
    let refused = fetch(&hosted, ANNA, told).unwrap_err();
    assert!(matches!(refused, HostedError::Missing { .. }), "{refused:?}");
}

#[test]
fn an_outboard_that_is_gone_or_wrong_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 6, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    let beside = pack_file(dir.path(), told.root(), "ob");
    let right = fs::read(&beside).unwrap();
    flip(&beside, 100);
    assert!(is_kept(&hosted, ANNA, &bytes));
    assert_eq!(fs::read(&beside).unwrap(), right);
    fs::remove_file(&beside).unwrap();
    assert!(is_kept(&hosted, ANNA, &bytes));
    assert_eq!(fs::read(&beside).unwrap(), right);
    // With both of them wrong, the pack is.
    flip(&beside, 100);
    flip(&pack_file(dir.path(), told.root(), "pack"), 3);
    assert!(matches!(fetch(&hosted, ANNA, told), Err(HostedError::Damaged { group: 0, .. })));
}

#[test]
fn the_vault_and_its_friends_do_not_take_each_others_room() {
    let disk = testkit::volumes::disk();
    let volume: Volume = testkit::volumes::create(&disk).unwrap();
    let free = volume.free().unwrap();
    volume.hosted().promise(ANNA, Bytes(256_000)).unwrap();
    // An outboard is a 256th of its pack.
    let promised = Bytes(256_000 + 1_000);
    let left = volume.free().unwrap().0;
    assert!(free.0 - promised.0 - left < 1_000, "only notes came: {left} of {free}");
    assert!(volume.room_for(Bytes(left + 1)).is_err_and(|error| error.is_full()));
    let refused = volume.hosted().promise(BEN, Bytes(left)).unwrap_err();
    assert!(refused.is_full(), "{refused:?}");
    // What Anna brings was reserved: for the vault nothing changes but names and notes.
    let (_, bytes) = pack(1, 5, 0);
    bring(&volume.hosted(), ANNA, &bytes).unwrap();
    let after = testkit::volumes::open(&disk).unwrap().free().unwrap().0;
    assert!(after.abs_diff(left) < 1_000, "{after} and {left}");
    assert_eq!(volume.free().unwrap().0, after, "and a restart counts the same");
    disk.set_full(true);
    let refused = bring(&volume.hosted(), ANNA, &named(vec![7; 50_000]).1).unwrap_err();
    assert!(refused.is_full() && !refused.is_disk_fault(), "{refused:?}");
}
