//! Somebody's disk is imported: what is new is stored, all of it is compared, and nobody is told to wipe
//! it too early. Disks are pulled and boxes killed meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use calls::{
    Call, DeskAct, DeskFault, FaultCode, ImportResult, Job, JobId, JobResult, JobSpec, JobState,
    QuestionKind,
};

use crate::hand::{asks, at, rig, told};
use crate::rig::{Rig, bytes_of, noise, put};
use crate::running::Running;
use crate::sticks::waiting;

const MIB: u64 = 1 << 20;

fn import(disk: &str) -> JobSpec {
    JobSpec::Import { drive: disk.to_owned(), source: None }
}

impl Rig {
    /// A folder of somebody's: so many files of a mebibyte, those from `first` on.
    fn pictures(&self, first: u64, count: u64) -> PathBuf {
        let folder = self.path("pictures");
        fs::create_dir_all(&folder).unwrap();
        for n in first..first + count {
            put(&folder.join(format!("{n:04}")), &noise(1 << 20, n + 1));
        }
        folder
    }

    /// What is on the card, with everything that a write would change.
    fn card(&self) -> BTreeMap<PathBuf, (blake3::Hash, i64, u64)> {
        let one = |path: PathBuf| {
            let meta = fs::metadata(&path).unwrap();
            (path.clone(), (blake3::hash(&bytes_of(&path)), meta.mtime_nsec(), meta.ino()))
        };
        self.files("pictures", "").into_iter().map(one).collect()
    }
}

impl Running<'_> {
    /// A card on which the folder of pictures is, plugged in.
    fn card(&self) {
        let name = || "card".to_owned();
        self.desk(DeskAct::New {
            name: name(),
            size: 2_000_000_000,
            usb: true,
            serial: Some("CARD-77AB".to_owned()),
            formatted: false,
        });
        let folder = calls::RawPath(self.rig.path("pictures").to_str().unwrap().into());
        self.desk(DeskAct::Show { name: name(), folder });
        self.plug("card", "usb-front");
    }

    fn imported(&self, job: JobId) -> ImportResult {
        match self.over(job) {
            Job { state: JobState::Done, result: Some(JobResult::Import(result)), .. } => result,
            other => panic!("{other:?}: {}", self.rig.log()),
        }
    }

    fn slow(&self, ms: u64) {
        for disk in ["red", "green"] {
            self.fault(disk, DeskFault::Slow { ms });
        }
    }
}

#[test]
fn a_card_is_offered_only_what_is_new_is_stored_and_then_it_is_safe_to_wipe_and_unchanged() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    // Two of the five pictures are in the vault already.
    running.done(rig.big_folder("docs", 2));
    rig.pictures(0, 5);
    running.card();
    let before = rig.card();
    let disks = running.until_disks(|disks| asks(disks, QuestionKind::Import).is_some());
    let offer = disks.questions.iter().find(|one| one.kind == QuestionKind::Import).unwrap();
    assert!(offer.sentence.contains("5 files, 5.2 MB"), "{offer:?}");
    let result = running.imported(running.begin(import(offer.disk.as_ref().unwrap())).job.id);
    assert_eq!((result.files, result.bytes, result.compared), (5, 5 * MIB, 5));
    assert!((3 * MIB..3 * MIB + 99_999).contains(&result.new_bytes), "{result:?}");
    assert!(result.safe_to_wipe && (result.copies, result.copies_wanted) == (2, 2), "{result:?}");
    let disks = running.until_disks(|disks| told(disks, "it is safe to wipe it"));
    assert!(told(&disks, "New to the vault: 3.1 MB of 5.2 MB"), "{disks:?}");
    // It is not asked about again, as long as it stays.
    let disks = running.until_disks(|disks| asks(disks, QuestionKind::Import).is_none());
    assert!(at(&disks, "USB socket front").action.contains("safe to wipe"), "{disks:?}");
    assert!(before == rig.card(), "the card was written");
    assert_eq!(running.snapshots().iter().filter(|one| one.source == result.source).count(), 1);
    let spec = JobSpec::Restore {
        snapshot: format!("latest:{}", result.source),
        path: calls::RawPath::default(),
        to: calls::RawPath(rig.path("back").to_str().unwrap().into()),
        overwrite: false,
    };
    running.done(spec);
    assert_eq!(rig.files("back", "").len(), 5);
    for file in rig.files("back", "") {
        let own = rig.path("pictures").join(file.file_name().unwrap());
        assert!(bytes_of(&file) == bytes_of(&own), "{file:?}");
    }
    // Nothing is new the second time; a picture more is.
    running.pull("card");
    running.until_disks(|disks| disks.disks.len() == 2);
    rig.pictures(5, 1);
    running.plug("card", "usb-back");
    running.until_disks(|disks| asks(disks, QuestionKind::Import).is_some());
    let again = running.imported(running.begin(import("77ab")).job.id);
    assert!((MIB..MIB + 99_999).contains(&again.new_bytes), "{again:?}");
    assert_eq!((again.compared, again.safe_to_wipe), (6, true));
}

#[test]
fn a_card_that_is_pulled_halfway_is_waited_for_and_no_version_is_made_of_half_of_it() {
    let rig = rig();
    let running = rig.start();
    let words = running.create(&["red", "green"]);
    rig.pictures(0, 60);
    running.card();
    running.until_disks(|disks| asks(disks, QuestionKind::Import).is_some());
    running.slow(20);
    let job = running.begin(import("77ab")).job.id;
    // What is new is known as soon as it is stored, a while after it was read.
    let seen = running.until(job, |job| {
        job.progress.bytes > 10 * MIB && job.progress.new_bytes.is_some_and(|new| new > MIB)
    });
    assert!(seen.progress.bytes_total == Some(2 * 60 * MIB), "{seen:?}");
    running.pull("card");
    let paused = running.until(job, |job| waiting(job).is_some());
    assert!(waiting(&paused).unwrap().sentence.contains("unplugged"), "{paused:?}");
    let advice = &waiting(&paused).unwrap().advice;
    assert!(running.health().findings.iter().any(|one| one.action == *advice));
    assert!(running.snapshots().is_empty(), "half a card is no version of it");
    // It is back in another port, and the box is killed while it goes on.
    running.plug("card", "usb-back");
    running.until(job, |job| job.state == JobState::Running && job.progress.bytes > 20 * MIB);
    running.kill();
    let running = rig.start();
    running.slow(0);
    running.open(&words);
    let result = running.imported(job);
    assert_eq!((result.files, result.compared, result.differ), (60, 60, 0));
    assert!(result.safe_to_wipe, "{result:?}");
    // What was stored before the pull and before the kill was new as well; what a kill makes uncertain is
    // what came in the seconds before it.
    assert!(result.new_bytes > 30 * MIB && result.new_bytes < 64 * MIB, "{result:?}");
    assert_eq!(running.snapshots().len(), 1);
    running.checks_clean();
}

#[test]
fn a_file_that_does_not_read_twice_the_same_keeps_a_card_from_being_called_needless() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    let folder = rig.pictures(0, 40);
    running.card();
    running.until_disks(|disks| asks(disks, QuestionKind::Import).is_some());
    running.slow(30);
    let job = running.begin(import("77ab")).job.id;
    running.until(job, |job| job.progress.items > 40);
    put(&folder.join("0039"), &noise(1 << 20, 999));
    running.slow(0);
    let result = running.imported(job);
    assert_eq!((result.files, result.compared, result.differ), (40, 39, 1), "{result:?}");
    assert!(!result.safe_to_wipe && !result.is_whole());
    assert!(result.names[0].path.to_string().ends_with("0039"), "{result:?}");
    let disks = running.until_disks(|disks| told(disks, "Do not wipe it."));
    assert!(!told(&disks, "safe to wipe"), "{disks:?}");
    assert!(asks(&disks, QuestionKind::Import).is_some(), "it is offered again");
}

#[test]
fn with_a_copy_missing_it_is_not_safe_to_wipe_before_that_copy_is_made() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    running.done(rig.big_folder("docs", 2));
    running.pull("green");
    running.until_disks(|disks| at(disks, "bay 2").life == "ours-absent");
    rig.pictures(10, 4);
    running.card();
    running.until_disks(|disks| asks(disks, QuestionKind::Import).is_some());
    let result = running.imported(running.begin(import("77ab")).job.id);
    assert_eq!((result.copies, result.copies_wanted, result.safe_to_wipe), (1, 2, false));
    let disks =
        running.until_disks(|disks| told(disks, "on 1 of 2 disks only. Do not wipe it yet"));
    assert!(!told(&disks, "it is safe to wipe it"), "{disks:?}");
    running.push_in("green", 2);
    running.until_disks(|disks| told(disks, "on 2 disks, and was compared"));
    let jobs = running.rests();
    let import = jobs.iter().find_map(|job| match &job.result {
        Some(JobResult::Import(one)) => Some(one.clone()),
        _ => None,
    });
    assert!(import.is_some_and(|one| one.safe_to_wipe && one.copies == 2), "{jobs:?}");
    running.checks_clean();
}

#[test]
fn only_disks_of_somebody_elses_are_imported() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    running.insert("blank", 2_000_000_000, 3);
    running.until_disks(|disks| disks.disks.len() == 3);
    for (disk, code) in [("1", FaultCode::Refused), ("3", FaultCode::Refused)] {
        assert_eq!(running.refused(Call::Start { spec: import(disk) }).code, code, "{disk}");
    }
    assert_eq!(running.refused(Call::Start { spec: import("9") }).code, FaultCode::NotFound);
    assert!(asks(&running.disks(), QuestionKind::Import).is_none());
}
