//! The n-th operation of a disk fails, for every n: errors are told, and nothing told is untrue.

use std::sync::Arc;

use format::pack::PackKind::Data;
use testkit::dice::Dice;
use testkit::simdisk::{Fault, Lasting, SimDisk};
use testkit::volumes::{create, disk, open, pack};
use types::{Bytes, PackId};
use volume::{PackVerdict, Volume, VolumeError, VolumeWriter};

const FAULTS: [Fault; 4] = [Fault::Eio, Fault::Enospc, Fault::Erofs, Fault::ShortWrite];

fn work(disk: &SimDisk, said: &mut Vec<PackId>) -> Result<(), VolumeError> {
    let volume = open(disk)?;
    volume.bump_generation()?;
    let (id, bytes) = pack(Data, 1);
    let mut growing = volume.create_open([1; 16])?;
    for part in bytes.chunks(700) {
        growing.append(part)?;
        growing.sync()?;
    }
    growing.seal(id, Data)?;
    said.push(id);
    let (id, bytes) = pack(Data, 2);
    volume.import_pack(Data, id, &mut &bytes[..])?;
    said.push(id);
    Ok(())
}

#[test]
fn whichever_operation_fails_what_was_acknowledged_is_there_after_a_power_cut() {
    let prepared = disk();
    create(&prepared).unwrap();
    let counted = prepared.image("sim-1");
    work(&counted, &mut Vec::new()).unwrap();
    let mut refusals = 0;
    for fault in FAULTS {
        for lasting in [Lasting::Once, Lasting::Forever] {
            for nth in 1..=counted.op_count() {
                let disk = prepared.image("sim-1");
                disk.fail_after(nth, fault, lasting);
                let mut said = Vec::new();
                let result = work(&disk, &mut said);
                if let Err(error) = &result {
                    refusals += 1;
                    assert_eq!(error.is_full(), fault == Fault::Enospc, "{error:?}");
                }
                for seed in 0..10 {
                    let mut dice = Dice::new(seed);
                    let left = open(&disk.crash(&mut |sides| dice.roll(sides))).unwrap();
                    for id in &said {
                        let verdict = left.verify_pack(*id, Data, true).unwrap();
                        assert_eq!(verdict, PackVerdict::Good, "{fault:?} at {nth}");
                    }
                }
            }
        }
    }
    assert!(refusals > 100, "only {refusals}");
}

#[test]
fn an_open_pack_whose_sync_failed_is_abandoned_not_tried_again() {
    let disk = disk();
    let volume = create(&disk).unwrap();
    let mut growing = volume.create_open([1; 16]).unwrap();
    growing.append(b"bytes").unwrap();
    disk.fail_after(1, Fault::Eio, Lasting::Once);
    assert!(growing.sync().unwrap_err().is_disk_fault());
    let operations = disk.op_count();
    for again in [growing.sync(), growing.append(b"more"), growing.seal(PackId([0; 32]), Data)] {
        assert!(again.unwrap_err().is_disk_fault());
    }
    assert_eq!(disk.op_count(), operations, "the disk was not asked again");
}

#[test]
fn errors_tell_a_broken_disk_from_a_full_one() {
    for (fault, broken, full) in [
        (Fault::Eio, true, false),
        (Fault::Erofs, true, false),
        (Fault::Enospc, false, true),
        (Fault::ShortWrite, true, false),
    ] {
        let disk = disk();
        let mut growing = create(&disk).unwrap().create_open([1; 16]).unwrap();
        disk.fail_after(1, fault, Lasting::Once);
        let error = growing.append(b"bytes").unwrap_err();
        assert_eq!((error.is_disk_fault(), error.is_full()), (broken, full), "{error}");
        assert!(error.to_string().contains("02020202"), "{error} names the volume");
        assert!(std::error::Error::source(&error).is_some() && !error.advice().is_empty());
    }
}

#[test]
fn a_disk_that_cannot_be_written_opens_for_reading() {
    let disk = disk();
    create(&disk).unwrap();
    disk.flip_byte("superblock.1", 40);
    disk.set_read_only(true);
    let volume = open(&disk).unwrap();
    assert!(volume.is_read_only());
    assert!(matches!(volume.write_keys(b"keys"), Err(VolumeError::ReadOnly { .. })));

    disk.set_read_only(false);
    // The three copies are opened and read; the sixth operation and later ones repair.
    disk.fail_after(7, Fault::Eio, Lasting::Forever);
    assert!(open(&disk).unwrap().is_read_only());
    disk.heal();
    assert!(!open(&disk).unwrap().is_read_only());
}

#[test]
fn a_full_disk_can_still_be_opened_and_emptied() {
    let disk = disk();
    let volume = create(&disk).unwrap();
    let (id, bytes) = pack(Data, 1);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
    volume.trash_pack(id, Data).unwrap();
    disk.flip_byte("superblock.1", 40);
    disk.set_full(true);
    let volume = open(&disk).unwrap();
    assert!(volume.room_for(Bytes(1)).unwrap_err().is_full());
    assert!(volume.delete_trashed(id).unwrap());
}

#[test]
fn a_bad_sector_makes_one_pack_unreadable_not_the_check_fail() {
    let disk = disk();
    let volume = create(&disk).unwrap();
    let (id, bytes) = pack(Data, 1);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
    // Opening and measuring come first.
    disk.fail_after(3, Fault::Eio, Lasting::Once);
    let verdict = volume.verify_pack(id, Data, true).unwrap();
    assert_eq!(verdict, PackVerdict::Unreadable { at: Bytes(0) });
    assert_eq!(volume.verify_pack(id, Data, true).unwrap(), PackVerdict::Good);
}

#[test]
fn an_error_on_an_append_is_the_answer_to_every_later_question_about_that_file() {
    let disk = disk();
    let volume: Arc<Volume> = Arc::new(create(&disk).unwrap());
    let threaded = VolumeWriter::spawn(Arc::clone(&volume), volume::DEADLINE).unwrap();
    for (at, writer) in [VolumeWriter::inline(volume), threaded].iter().enumerate() {
        let [bad, good] = [[u8::try_from(at).unwrap(); 16], [100 + u8::try_from(at).unwrap(); 16]];
        writer.open(bad).wait().unwrap();
        writer.open(good).wait().unwrap();
        disk.fail_after(1, Fault::ShortWrite, Lasting::Once);
        writer.append(bad, Arc::new(vec![1; 1_000])).unwrap();
        writer.append(bad, Arc::new(vec![1; 1_000])).unwrap();
        writer.append(good, Arc::new(vec![1; 1_000])).unwrap();
        assert!(writer.sync(bad).wait().unwrap_err().is_disk_fault());
        assert!(writer.sync(bad).wait().unwrap_err().is_disk_fault());
        assert!(writer.seal(bad, PackId([0; 32]), Data).wait().unwrap_err().is_disk_fault());
        writer.sync(good).wait().unwrap();
        writer.discard(good).wait().unwrap();
        writer.discard(bad).wait().unwrap();
    }
    assert!(open(&disk).unwrap().list_open().unwrap().is_empty());
}
