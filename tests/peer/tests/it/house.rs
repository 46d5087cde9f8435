//! The house of a test's box: what is kept is there after a restart, and half of nothing is.

use std::fs::{File, OpenOptions};
use std::io::Read;

use federation::{FriendId, House, Log};
use peer::PlainHouse;
use peer_proto::heads::is_head_of;
use tempfile::TempDir;
use types::{Bytes, InviteId};

const ANNA: Log = Log::Friend(FriendId(InviteId([7; 16])));

fn open(folder: &TempDir) -> PlainHouse {
    PlainHouse::open(folder.path(), "Bo", 2).expect("a folder of the test's own")
}

fn texts(records: &[Vec<u8>]) -> Vec<&str> {
    records.iter().map(|record| std::str::from_utf8(record).expect("texts of the test")).collect()
}

fn record(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[test]
fn records_are_there_in_order_after_a_restart_and_replaced_as_a_whole() {
    let folder = TempDir::new().unwrap();
    let house = open(&folder);
    assert!(house.friends().unwrap().is_empty());
    house.keep(ANNA, &[record("one"), record("two")]).unwrap();
    house.keep(ANNA, &[record("")]).unwrap();
    house.keep(Log::Invites, &[record("asked")]).unwrap();
    drop(house);
    let house = open(&folder);
    assert_eq!(texts(&house.records(ANNA).unwrap()), ["one", "two", ""]);
    assert_eq!(house.friends().unwrap(), [FriendId(InviteId([7; 16]))]);
    house.replace(ANNA, &[record("three")]).unwrap();
    house.keep(ANNA, &[record("four")]).unwrap();
    assert_eq!(texts(&house.records(ANNA).unwrap()), ["three", "four"]);
    assert_eq!(texts(&house.records(Log::Invites).unwrap()), ["asked"]);
}

#[test]
fn of_a_batch_that_was_cut_off_nothing_is_left_and_the_next_one_is_whole() {
    let folder = TempDir::new().unwrap();
    let house = open(&folder);
    house.keep(ANNA, &[record("first")]).unwrap();
    let file = house.log().folder().join(format!("friend-{}", InviteId([7; 16])));
    let whole = File::open(&file).unwrap().metadata().unwrap().len();
    house.keep(ANNA, &[record("second"), record("third")]).unwrap();
    let longer = File::open(&file).unwrap().metadata().unwrap().len();
    for cut in whole..longer {
        OpenOptions::new().write(true).open(&file).unwrap().set_len(cut).unwrap();
        assert_eq!(texts(&house.records(ANNA).unwrap()), ["first"], "cut at {cut}");
        house.keep(ANNA, &[record("second"), record("third")]).unwrap();
        assert_eq!(texts(&house.records(ANNA).unwrap()), ["first", "second", "third"]);
    }
}

#[test]
fn packs_are_named_by_their_bytes_and_made_alike_from_one_seed() {
    let folder = TempDir::new().unwrap();
    let house = open(&folder);
    let made = house.packs().make(3, Bytes(70_000), 1).unwrap();
    assert_eq!(house.packs().make(3, Bytes(70_000), 1).unwrap(), made);
    house.packs().make(1, Bytes(5), 2).unwrap();
    assert_eq!(house.packs().all().unwrap().len(), 4);
    for item in &made {
        let mut bytes = Vec::new();
        File::open(house.packs().path(item.root)).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(*blake3::hash(&bytes).as_bytes(), item.root.0);
        let open = house.own_pack(item.root).unwrap().expect("it was made");
        assert_eq!(open.len, Bytes(item.size));
    }
    assert!(house.packs().lose(made[0].root).unwrap());
    assert!(house.own_pack(made[0].root).unwrap().is_none());
}

#[test]
fn a_box_is_the_same_after_a_restart_with_its_keys_disks_and_heads() {
    let folder = TempDir::new().unwrap();
    let house = open(&folder);
    let side = house.side().unwrap();
    let disks: Vec<_> = house.shelves().iter().map(|shelf| shelf.volume.id()).collect();
    let first = house.next_head(b"a state").unwrap().point;
    drop(house);
    let house = open(&folder);
    assert_eq!(house.side().unwrap(), side);
    assert_eq!(house.shelves().iter().map(|shelf| shelf.volume.id()).collect::<Vec<_>>(), disks);
    assert_ne!(disks[0], disks[1]);
    let second = house.next_head(b"another").unwrap();
    assert_eq!((second.previous, second.point.seq), (first.hash, 2));
    assert!(house.knows_head(first) && house.newest_head() == Some(second.point));
    let bytes = house.own_head(second.point).unwrap();
    assert!(is_head_of(&side, &[], second.point, &bytes));
    assert!(!is_head_of(&side, &[], first, &bytes));
    assert!(house.link(first, second.point).is_some());
    assert!(house.link(second.point, first).is_none(), "nothing follows its own successor");
}
