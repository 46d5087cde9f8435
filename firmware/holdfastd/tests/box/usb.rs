//! The emergency restore through a running box: sticks that are named, pulled, full, strange, and a box
//! that is killed meanwhile.

use std::fs;
use std::path::{Path, PathBuf};

use calls::{
    Call, DeskAct, DeskFault, DiskAct, FaultCode, JobResult, JobSpec, JobState, UsbVerifyResult,
};

use crate::hand::rig;
use crate::rig::put;
use crate::sticks::{BIG, KEPT_FREE, everything, inodes, waiting};

#[test]
fn everything_arrives_on_a_stick_is_proven_and_its_owner_is_told_when_to_unplug_it() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    running.done(rig.big_folder("docs", 5));
    running.done(rig.letters("mail", 30));
    running.stick("kiosk", BIG, "usb-front");
    // A stick that nobody named is never written.
    running.stick("other", BIG, "usb-back");
    running.until_disks(|disks| disks.disks.len() == 4);
    let job = running.begin(everything(&["iosk"])).job.id;
    let result = running.restored(job);
    assert!(result.finished && result.damaged == 0 && result.names.is_empty(), "{result:?}");
    assert_eq!((result.files, result.read_back, result.wanted_files), (35, 35, 35));
    running.until_told("It is safe to unplug the drive in");
    running.until_told("35 files, all read back");
    // It is shown as it is now, and not as it came: empty.
    running.until_disks(|disks| {
        let stick = disks.disks.iter().find(|disk| disk.serial == "iosk");
        stick.is_some_and(|stick| {
            stick.sentence.contains(" files") && !stick.sentence.contains(", 0 files")
        })
    });
    let files = rig.proven("kiosk");
    assert_eq!(files.len(), 35);
    rig.holds(&files, "docs");
    rig.holds(&files, "mail");
    assert!(rig.files("machine/disks/other/content", "").is_empty());

    // Read again later, and a bit that turned is found.
    let verify = || JobSpec::UsbVerify { drive: "iosk".to_owned() };
    let Some(JobResult::UsbVerify(found)) = running.done(verify()).result else { panic!() };
    assert_eq!((found.files, found.damaged), (35, 0));
    let victim = files.values().next().unwrap();
    put(victim, b"not what was written");
    let Some(JobResult::UsbVerify(UsbVerifyResult { files, damaged, names, .. })) =
        running.done(verify()).result
    else {
        panic!()
    };
    assert_eq!((files, damaged, names.len()), (34, 1, 1));
}

#[test]
fn a_stick_that_is_pulled_halfway_is_waited_for_and_nothing_is_written_twice() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    running.done(rig.letters("mail", 1_200));
    running.stick("kiosk", BIG, "usb-front");
    running.until_disks(|disks| disks.disks.len() == 3);
    running.fault("kiosk", DeskFault::Slow { ms: 2 });
    let job = running.begin(everything(&["iosk"])).job.id;
    running.until(job, |job| job.progress.items > 600);
    // It is not to be done before it is pulled, however long the vault's other work takes, which goes on meanwhile.
    running.fault("kiosk", DeskFault::Slow { ms: 200 });
    running.done(rig.big_folder("docs", 2));
    running.pull("kiosk");
    let paused = running.until(job, |job| waiting(job).is_some());
    assert!(waiting(&paused).unwrap().sentence.contains("unplugged"), "{paused:?}");
    let advice = &waiting(&paused).unwrap().advice;
    running.until_finds(|one| one.action == *advice);
    let safe = inodes(&rig.proven("kiosk"));
    assert!((500..1_200).contains(&safe.len()), "{}", safe.len());

    running.fault("kiosk", DeskFault::None);
    // Into another port: it is known by its serial.
    running.desk(DeskAct::Insert { name: "kiosk".to_owned(), port: "usb-back".to_owned() });
    let result = running.restored(job);
    assert!(result.finished, "{result:?}");
    assert_eq!(result.earlier, safe.len() as u64);
    assert_eq!((result.files + result.earlier, result.read_back), (1_200, 1_200));
    let files = rig.proven("kiosk");
    assert_eq!(files.len(), 1_200, "what was backed up later is not in it");
    let now = inodes(&files);
    assert!(safe.iter().all(|(name, inode)| now[name] == *inode), "a safe file was written again");
    rig.holds(&files, "mail");
    running.until_told("safe to unplug");
}

#[test]
fn a_job_that_waits_for_its_stick_writes_to_no_other_and_can_be_cancelled() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red"]);
    running.done(rig.letters("mail", 1_200));
    running.stick("kiosk", BIG, "usb-front");
    running.until_disks(|disks| disks.disks.len() == 2);
    running.fault("kiosk", DeskFault::Slow { ms: 2 });
    let job = running.begin(everything(&["iosk"])).job.id;
    running.until(job, |job| job.progress.items > 10);
    assert_eq!(running.refused(everything_else()).code, FaultCode::Busy);
    let release = Call::Disk { disk: "iosk".to_owned(), act: DiskAct::Release {} };
    assert_eq!(running.refused(release).code, FaultCode::Busy);
    running.pull("kiosk");
    running.until(job, |job| waiting(job).is_some());
    running.stick("other", BIG, "usb-front");
    running.until_disks(|disks| disks.disks.iter().any(|disk| disk.serial == "ther"));
    assert!(waiting(&running.job(Call::Job { job })).is_some());
    assert!(rig.files("machine/disks/other/content", "").is_empty());
    running.job(Call::Cancel { job });
    running.pull("other");
    running.plug("kiosk", "usb-front");
    running.until_disks(|disks| disks.disks.iter().any(|disk| disk.serial == "iosk"));
    assert_eq!(running.job(Call::Job { job }).state, JobState::Cancelled);
    let life = |name: &str| {
        running.disks().disks.into_iter().find(|disk| disk.serial == name).map(|disk| disk.life)
    };
    assert_eq!(life("iosk").as_deref(), Some("foreign"), "it is nobody's again");
}

/// Whether a file is of the box's catalog, which it keeps beside the vault's file.
fn is_catalog(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().to_string_lossy().contains("catalog"))
}

/// Another wish with the same stick.
fn everything_else() -> Call {
    let JobSpec::Usb { drives, sources, path, ago_ms, .. } = everything(&["iosk"]) else {
        unreachable!()
    };
    Call::Start { spec: JobSpec::Usb { drives, sources, path, ago_ms, anew: true } }
}

#[test]
fn two_small_sticks_hold_together_what_neither_holds_alone() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red"]);
    running.done(rig.big_folder("docs", 10));
    for (name, port) in [("left", "usb-front"), ("right", "usb-back")] {
        running.stick(name, KEPT_FREE + (6 << 20), port);
    }
    running.until_disks(|disks| disks.disks.len() == 3);
    // One is too small: that is told with numbers, and what fits is written.
    let one = running.restored(running.begin(everything(&["left"])).job.id);
    assert!(!one.finished && one.short > 0 && one.no_room[0].files > 0, "{one:?}");
    running.until_told("there is room for");
    running.until_told("found no room");
    let left = rig.proven("left");
    assert_eq!(left.len() as u64 + one.no_room[0].files, 10);
    // The rest goes to the other one, though the first is not there any more.
    running.pull("left");
    running.until_disks(|disks| disks.disks.len() == 2);
    let two = running.restored(running.begin(everything(&["ight"])).job.id);
    assert!(two.finished && two.earlier == left.len() as u64, "{two:?}");
    let mut all = rig.proven("right");
    assert!(all.keys().all(|path| !left.contains_key(path)), "nothing stands on both");
    all.extend(left);
    rig.holds(&all, "docs");
}

#[test]
fn a_box_that_is_killed_in_the_middle_goes_on_after_its_start() {
    let rig = rig();
    let running = rig.start();
    let secret = running.create(&["red", "green"]);
    running.done(rig.letters("mail", 1_200));
    running.stick("kiosk", BIG, "usb-front");
    running.until_disks(|disks| disks.disks.len() == 3);
    running.fault("kiosk", DeskFault::Slow { ms: 2 });
    let mut spec = everything(&["iosk"]);
    if let JobSpec::Usb { anew, .. } = &mut spec {
        // Anew is once, not after each start.
        *anew = true;
    }
    let job = running.begin(spec).job.id;
    running.until(job, |job| job.progress.items > 600);
    running.kill();
    let safe = inodes(&rig.proven("kiosk"));
    assert!(safe.len() >= 500, "{}", safe.len());
    // And one disk is all that is left, without a catalog.
    let catalogs: Vec<PathBuf> =
        rig.files("", "").into_iter().filter(|path| is_catalog(path)).collect();
    assert!(!catalogs.is_empty());
    catalogs.iter().for_each(|catalog| fs::remove_file(catalog).unwrap());
    let running = rig.start();
    running.pull("green");
    running.until_disks(|disks| disks.disks.iter().any(|disk| disk.life == "ours-absent"));
    running.open(&secret);
    running.fault("kiosk", DeskFault::None);
    let result = running.restored(job);
    assert!(result.finished && result.earlier >= 500, "{result:?}");
    let files = rig.proven("kiosk");
    assert_eq!(files.len(), 1_200);
    let now = inodes(&files);
    assert!(safe.iter().all(|(name, inode)| now[name] == *inode), "a safe file was written again");
    rig.holds(&files, "mail");
}

#[test]
fn the_button_restores_to_the_one_stick_that_was_named_and_says_what_to_do_else() {
    let rig = rig();
    let running = rig.start();
    running.held();
    running.until_told("there is no vault yet");
    running.create(&["red"]);
    running.done(rig.big_folder("docs", 2));
    running.stick("kiosk", BIG, "usb-front");
    running.stick("other", BIG, "usb-back");
    running.until_disks(|disks| disks.disks.len() == 3);
    running.held();
    running.until_told("no drive that is here was named for it");
    running.act("iosk", DiskAct::UseAsDrive {});
    running.act("ther", DiskAct::UseAsDrive {});
    running.held();
    running.until_told("2 drives are named for it");
    assert!(rig.files("machine/disks/other/content", "").is_empty());
    running.act("ther", DiskAct::Release {});
    running.desk(DeskAct::Press { held: false });
    running.held();
    running.until_told("everything is restored to the drive in");
    running.until_told("It is safe to unplug the drive in");
    let restores = running.jobs().into_iter().filter(|job| matches!(job.spec, JobSpec::Usb { .. }));
    assert_eq!(restores.count(), 1);
    rig.holds(&rig.proven("kiosk"), "docs");
    assert!(rig.files("machine/disks/other/content", "").is_empty());
}

#[test]
fn only_a_drive_with_a_file_system_is_taken_and_never_a_disk_of_the_vault() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red"]);
    running.done(rig.big_folder("docs", 1));
    running.desk(DeskAct::New {
        name: "bare".to_owned(),
        size: BIG,
        usb: true,
        serial: Some("BARE-1234".to_owned()),
        formatted: false,
    });
    running.plug("bare", "usb-front");
    running.until_disks(|disks| disks.disks.len() == 2);
    for (name, words) in [("1234", "no file system"), ("1", "no drive for plain files")] {
        let refused = running.refused(Call::Start { spec: everything(&[name]) });
        assert_eq!(refused.code, FaultCode::Refused, "{refused:?}");
        assert!(refused.sentence.contains(words), "{refused:?}");
    }
    assert!(running.jobs().iter().all(|job| !matches!(job.spec, JobSpec::Usb { .. })));
}
