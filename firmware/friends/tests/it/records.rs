//! Records on a disk whose power can be cut: all or none of what was kept at once, and nothing that was told
//! to be durable is ever missing.

use std::sync::Arc;

use friends::records::Records;
use testkit::simdisk::SimDisk;
use types::Bytes;
use volume::Disk;

fn records(disk: &SimDisk) -> Records {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    Records::open(disk, "logs").unwrap()
}

fn some(from: u8, count: u8) -> Vec<Vec<u8>> {
    (from..from + count).map(|no| vec![no; usize::from(no) * 7 + 1]).collect()
}

fn all_of(disk: &SimDisk, path: &str) -> Vec<u8> {
    let file = disk.open(path).unwrap();
    let mut bytes = vec![0; usize::try_from(file.len().unwrap()).unwrap()];
    let mut read = 0;
    while read < bytes.len() {
        read += file.read_at(read as u64, &mut bytes[read..]).unwrap();
    }
    bytes
}

#[test]
fn what_was_kept_is_read_in_order_after_a_restart_and_series_are_apart() {
    let disk = SimDisk::new("sim", Bytes(1 << 30));
    let before = records(&disk);
    before.keep("ana", &some(1, 3)).unwrap();
    before.keep("ben", &some(50, 1)).unwrap();
    before.keep("ana", &some(4, 2)).unwrap();
    let after = records(&disk);
    assert_eq!(after.names().unwrap(), ["ana", "ben"]);
    assert_eq!(after.read("ana").unwrap(), some(1, 5));
    assert_eq!(after.read("ben").unwrap(), some(50, 1));
    assert!(after.read("cleo").unwrap().is_empty());
    // Without having read it first, too.
    let third = records(&disk);
    third.keep("ana", &some(6, 1)).unwrap();
    assert_eq!(records(&disk).read("ana").unwrap(), some(1, 6));
}

#[test]
fn a_series_is_replaced_whole_and_can_be_forgotten() {
    let disk = SimDisk::new("sim", Bytes(1 << 30));
    let all = records(&disk);
    all.keep("ana", &some(1, 9)).unwrap();
    all.replace("ana", &some(20, 2)).unwrap();
    all.keep("ana", &some(22, 1)).unwrap();
    assert_eq!(records(&disk).read("ana").unwrap(), some(20, 3));
    all.replace("ana", &[]).unwrap();
    assert!(records(&disk).names().unwrap().is_empty());
}

#[test]
fn a_damaged_batch_and_what_stood_behind_it_count_for_nothing() {
    let disk = SimDisk::new("sim", Bytes(1 << 30));
    let all = records(&disk);
    all.keep("ana", &some(1, 1)).unwrap();
    all.keep("ana", &some(2, 1)).unwrap();
    all.keep("ana", &some(3, 1)).unwrap();
    let len = disk.open("logs/ana.log").unwrap().len().unwrap();
    // Into the middle one.
    let mut file = disk.open_for_writing("logs/ana.log").unwrap();
    file.write_at(len / 2 - 5, &[0xff; 3]).unwrap();
    drop(file);
    let found = all_of(&disk, "logs/ana.log");
    let after = records(&disk);
    assert!(after.aside().unwrap().is_empty());
    assert_eq!(after.read("ana").unwrap(), some(1, 1));
    after.keep("ana", &some(9, 1)).unwrap();
    let read = records(&disk).read("ana").unwrap();
    assert_eq!(read, [some(1, 1), some(9, 1)].concat(), "the third does not come back behind it");
    assert_eq!(after.read("ana").unwrap().len(), 2);
    let aside = records(&disk).aside().unwrap();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(aside[0].starts_with("ana."));
    assert_eq!(all_of(&disk, &format!("logs/{}", aside[0])), found, "the third can be looked at");
    assert_eq!(after.names().unwrap(), ["ana"]);
}

#[test]
fn what_a_cut_leaves_of_the_last_batch_is_no_damage() {
    let disk = SimDisk::new("sim", Bytes(1 << 30));
    let all = records(&disk);
    all.keep("ana", &some(1, 1)).unwrap();
    all.keep("ana", &some(2, 1)).unwrap();
    let whole = all_of(&disk, "logs/ana.log");
    let last = whole.len() - 3;
    let mut file = disk.open_for_writing("logs/ana.log").unwrap();
    file.write_at(last as u64, &[0; 3]).unwrap();
    drop(file);
    let after = records(&disk);
    assert_eq!(after.read("ana").unwrap(), some(1, 1));
    after.keep("ana", &some(5, 1)).unwrap();
    assert!(after.aside().unwrap().is_empty());
}
