//! A disk with a deadline: it answers as the disk below does, until that hangs.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use testkit::simdisk::SimDisk;
use types::Bytes;
use volume::{Disk, DiskFile, PatientDisk};

/// Some seconds of giving way to others.
const YIELDS_MAX: u32 = 10_000_000;
/// Of a disk that hangs, which is waited for this long once. What it is asked while it is well takes no such
/// time, even where threads wait for their turn.
const DEADLINE: Duration = Duration::from_secs(3);
/// Of a disk that nobody waits for here.
const SHORT: Duration = Duration::from_millis(50);
/// Of a disk that is always well.
const LONG: Duration = Duration::from_secs(60);

fn disks(deadline: Duration) -> (SimDisk, PatientDisk) {
    let below = SimDisk::new("sim", Bytes(Bytes::MIB));
    let disk = PatientDisk::around(Arc::new(below.clone()), deadline);
    (below, disk)
}

fn read(file: &dyn DiskFile, len: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    let read = file.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

#[test]
fn while_the_disk_answers_so_does_the_patient_one() {
    let (below, disk) = disks(LONG);
    disk.make_dir("a").unwrap();
    let mut file = disk.create_new("a/x").unwrap();
    file.append(b"bytes").unwrap();
    file.sync_data().unwrap();
    disk.sync_dir("a").unwrap();
    disk.sync_all().unwrap();
    assert_eq!(disk.create_new("a/x").unwrap_err().kind(), ErrorKind::AlreadyExists);
    disk.rename("a/x", "a/y").unwrap();
    let opened = disk.open("a/y").unwrap();
    assert_eq!((opened.len().unwrap(), read(&*opened, 9).unwrap()), (5, b"bytes".to_vec()));
    assert_eq!(disk.list("a").unwrap(), below.list("a").unwrap());
    assert_eq!(disk.space().unwrap(), below.space().unwrap());
    disk.unlink("a/y").unwrap();
    assert_eq!(disk.open("a/y").unwrap_err().kind(), ErrorKind::NotFound);
    assert!(!disk.read_only() && disk.try_lock().unwrap());
}

#[test]
fn a_read_that_hangs_is_an_error_and_the_disk_is_not_asked_again() {
    let (below, disk) = disks(DEADLINE);
    disk.create_new("x").unwrap().append(b"bytes").unwrap();
    let file = disk.open("x").unwrap();
    below.hang();
    assert_eq!(read(&*file, 5).unwrap_err().kind(), ErrorKind::TimedOut);
    let asked = below.op_count();
    assert_eq!(disk.open("x").unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(disk.space().unwrap_err().kind(), ErrorKind::TimedOut);
    assert!(disk.read_only(), "what does not answer is not to be written");
    below.release();
    assert_eq!(read(&*file, 5).unwrap_err().kind(), ErrorKind::TimedOut, "it came back too late");
    assert_eq!(below.op_count(), asked, "it was asked again");
}

#[test]
fn two_who_read_at_once_do_not_wait_for_each_other() {
    let (below, disk) = disks(LONG);
    disk.create_new("x").unwrap().append(b"bytes").unwrap();
    let files = [disk.open("x").unwrap(), disk.open("x").unwrap()];
    std::thread::scope(|scope| {
        for file in &files {
            scope.spawn(|| (0..200).for_each(|_| assert_eq!(read(&**file, 5).unwrap(), b"bytes")));
        }
    });
    assert!(below.op_count() >= 400);
}

#[test]
fn the_writers_own_thread_is_not_bounded_here_but_stops_when_the_disk_was_given_up() {
    let (below, disk) = disks(SHORT);
    below.hang();
    let (told, hears) = std::sync::mpsc::channel();
    let own = disk.clone();
    let thread = std::thread::spawn(move || {
        own.work_here();
        told.send(own.make_dir("a")).unwrap();
        told.send(own.make_dir("b")).unwrap();
    });
    below.wait_until_held();
    assert!(hears.recv_timeout(4 * SHORT).is_err(), "it has no deadline of its own");
    disk.give_up();
    below.release();
    assert!(hears.recv().unwrap().is_ok(), "what was under way ends");
    assert_eq!(hears.recv().unwrap().unwrap_err().kind(), ErrorKind::TimedOut);
    thread.join().unwrap();
}

#[test]
fn several_things_as_one_are_waited_for_once_and_given_up_together() {
    let (below, disk) = disks(DEADLINE);
    disk.create_new("x").unwrap().append(b"bytes").unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let (inner, tell_too) = (disk.clone(), tell.clone());
    disk.at_once(Box::new(move || {
        let file = inner.open("x").unwrap();
        tell.send((read(&*file, 5).unwrap(), inner.list("").unwrap().len())).unwrap();
    }))
    .unwrap();
    assert_eq!(told.try_recv().unwrap(), (b"bytes".to_vec(), 1), "it is done when it returns");
    below.hang();
    let inner = disk.clone();
    let late = disk.at_once(Box::new(move || drop(inner.open("x").map(|_| tell_too))));
    assert_eq!(late.unwrap_err().kind(), ErrorKind::TimedOut);
    below.release();
    assert_eq!(disk.open("x").unwrap_err().kind(), ErrorKind::TimedOut, "it is not asked again");
}

/// Whoever could have read the same bytes elsewhere waited two minutes for a disk that hung, or would
/// have had to give it up for being slow.
#[test]
fn who_is_in_a_hurry_goes_elsewhere_and_the_disk_is_not_given_up() {
    let (below, disk) = disks(DEADLINE);
    disk.create_new("x").unwrap().append(b"bytes").unwrap();
    let file = disk.open("x").unwrap();
    let (read_well, late) = volume::hurried(DEADLINE / 2, || read(&*file, 5));
    assert_eq!((read_well.unwrap(), late, disk.is_late()), (b"bytes".to_vec(), false, false));
    below.hang();
    let (refused, late) = volume::hurried(DEADLINE / 20, || read(&*file, 5));
    assert_eq!((refused.unwrap_err().kind(), late), (ErrorKind::TimedOut, true));
    assert!(disk.is_late());
    below.release();
    // It answers, and is one like any other.
    assert_eq!(read(&*file, 5).unwrap(), b"bytes");
    let came_back = (0..YIELDS_MAX).any(|_| {
        std::thread::yield_now();
        !disk.is_late()
    });
    assert!(came_back, "what came back is still late");
}
