//! Writers side by side: a hung disk answers with a deadline and holds up nobody else.

use std::sync::Arc;
use std::time::Duration;

use format::pack::PackKind::Data;
use testkit::simdisk::{Fault, Lasting, SimDisk};
use testkit::volumes::{create, disk, open, pack};
use types::{HeadHash, PackId};
use volume::{DEADLINE, PackVerdict, VolumeError, VolumeWriter};

/// What a hung disk is waited for. Nothing that is to succeed is waited for under it: see [`opened`].
const SHORT: Duration = Duration::from_millis(50);
/// What is to succeed has succeeded by then on the slowest of machines.
const PATIENCE: Duration = Duration::from_secs(60);

fn writer(disk: &SimDisk, deadline: Duration) -> VolumeWriter {
    VolumeWriter::spawn(Arc::new(create(disk).unwrap()), deadline).unwrap()
}

fn write_pack(writer: &VolumeWriter, seed: u8) -> Result<PackId, VolumeError> {
    let (id, bytes) = pack(Data, seed);
    let name = [seed; 16];
    writer.open(name).wait()?;
    for part in bytes.chunks(50) {
        writer.append(name, Arc::new(part.to_vec()))?;
    }
    writer.sync(name).wait()?;
    writer.seal(name, id, Data).wait()?;
    Ok(id)
}

/// Begins an open pack, and waits for that by a word of the writer's own thread: to wait for the ticket is to
/// wait under the writer's deadline, and a busy machine may take longer over what is well.
fn opened(writer: &VolumeWriter, name: [u8; 16]) {
    drop(writer.open(name));
    let (tell, told) = std::sync::mpsc::channel();
    drop(writer.run(move |_| {
        tell.send(()).unwrap();
        Ok(())
    }));
    told.recv_timeout(PATIENCE).unwrap();
}

#[test]
fn a_pack_written_by_a_thread_is_the_pack_written_inline() {
    let (one, other) = (disk(), disk());
    let threaded = writer(&one, DEADLINE);
    let inline = VolumeWriter::inline(Arc::new(create(&other).unwrap()));
    let id = write_pack(&threaded, 1).unwrap();
    assert_eq!(write_pack(&inline, 1).unwrap(), id);
    assert_eq!(threaded.volume().verify_pack(id, Data, true).unwrap(), PackVerdict::Good);
    assert_eq!(one.files(), other.files());
    assert_eq!(one.change_count(), other.change_count());
}

#[test]
fn inline_work_takes_the_same_steps_every_time() {
    let steps = || {
        let disk = disk();
        write_pack(&VolumeWriter::inline(Arc::new(create(&disk).unwrap())), 1).unwrap();
        (disk.op_count(), disk.files())
    };
    assert_eq!(steps(), steps());
}

#[test]
fn a_hung_disk_misses_its_deadline_while_the_other_goes_on() {
    let (hung_disk, good_disk) = (disk(), disk());
    let (hung, good) = (writer(&hung_disk, SHORT), writer(&good_disk, DEADLINE));
    let (id, bytes) = pack(Data, 1);
    for writer in [&hung, &good] {
        opened(writer, [1; 16]);
    }
    hung_disk.hang();
    for writer in [&hung, &good] {
        writer.append([1; 16], Arc::new(bytes.clone())).unwrap();
    }
    let tickets = [hung.sync([1; 16]), good.sync([1; 16])];
    let [of_hung, of_good] = tickets.map(|ticket| ticket.wait());
    let missed = of_hung.unwrap_err();
    assert!(matches!(missed, VolumeError::Deadline { .. }) && missed.is_disk_fault(), "{missed}");
    of_good.unwrap();
    good.seal([1; 16], id, Data).wait().unwrap();
    assert_eq!(good.volume().verify_pack(id, Data, true).unwrap(), PackVerdict::Good);

    assert!(hung.is_dead() && !good.is_dead());
    assert_eq!(hung.volume().identity().superblock.generation, 1, "who it is needs no disk");
    let refused = hung.append([1; 16], Arc::new(Vec::new())).unwrap_err();
    assert!(matches!(refused, VolumeError::Deadline { .. }));
    let head = hung.run(|volume| volume.write_head(1, HeadHash([1; 32]), b"head"));
    assert!(matches!(head.wait(), Err(VolumeError::Deadline { .. })));
    drop(hung);
    hung_disk.release();
}

#[test]
fn a_writer_that_missed_its_deadline_does_nothing_more_when_the_disk_comes_back() {
    let disk = disk();
    let hung = writer(&disk, SHORT);
    let (id, bytes) = pack(Data, 1);
    opened(&hung, [1; 16]);
    disk.fail_after(1, Fault::Hang, Lasting::Once);
    hung.append([1; 16], Arc::new(bytes)).unwrap();
    let seal = hung.seal([1; 16], id, Data);
    // Or the disk would be released before it hangs, and hang for ever afterwards.
    disk.wait_until_held();
    assert!(seal.wait().is_err());
    disk.release();
    drop(hung);
    assert!(open(&disk).unwrap().list_packs().unwrap().0.is_empty());
}

#[test]
fn a_full_queue_waits_no_longer_than_the_deadline() {
    let disk = disk();
    let hung = writer(&disk, SHORT);
    opened(&hung, [1; 16]);
    disk.hang();
    let results: Vec<_> = (0..20).map(|_| hung.append([1; 16], Arc::new(vec![0]))).collect();
    let queued = results.iter().filter(|result| result.is_ok()).count();
    assert!((8..=9).contains(&queued), "{queued}");
    assert!(matches!(results[19], Err(VolumeError::Deadline { .. })));
    disk.release();
}

#[test]
fn a_dropped_writer_first_does_what_was_asked_of_it() {
    let disk = disk();
    let writer = writer(&disk, DEADLINE);
    writer.open([1; 16]).wait().unwrap();
    for _ in 0..50 {
        writer.append([1; 16], Arc::new(vec![7; 10])).unwrap();
    }
    drop(writer);
    assert_eq!(open(&disk).unwrap().list_open().unwrap()[0].len.0, 500);
}

#[test]
fn a_writer_whose_thread_fell_over_says_so_instead_of_hanging() {
    let disk = disk();
    let writer = writer(&disk, DEADLINE);
    let fell = writer.run::<()>(|_| panic!("this panic is part of the test"));
    assert!(matches!(fell.wait(), Err(VolumeError::Deadline { .. })));
    assert!(writer.is_dead());
}

#[test]
fn a_file_that_was_never_opened_is_missing() {
    let writer = writer(&disk(), DEADLINE);
    for asked in [writer.sync([9; 16]), writer.seal([9; 16], PackId([0; 32]), Data)] {
        assert!(matches!(asked.wait(), Err(VolumeError::Missing { .. })));
    }
}
