//! Disks are tested before they are trusted: what they found, what they survive, and what they never touch.

use std::fs;

use calls::{
    BurnInResult, Call, DeskAct, DeskFault, DiskAct, FaultCode, Job, JobId, JobResult, JobSpec,
    JobState, QuestionKind, RawPath,
};

use crate::hand::{asks, at, rig, told};
use crate::rig::Rig;
use crate::running::Running;
use crate::sticks::waiting;

const MB: u64 = 1_000_000;
const SIZE: u64 = 96 * MB;

fn test_of(disk: &str) -> JobSpec {
    JobSpec::BurnIn { drive: disk.to_owned(), typed: None, adopt: false, replaces: None }
}

impl Running<'_> {
    fn tested(&self, job: JobId) -> BurnInResult {
        match self.over(job) {
            Job { state: JobState::Done, result: Some(JobResult::BurnIn(result)), .. } => result,
            other => panic!("{other:?}: {}", self.rig.log()),
        }
    }

    /// Waits until something outside of the box is so.
    fn until_so(&self, holds: impl Fn() -> bool) {
        for _ in 0..200_000 {
            if holds() {
                return;
            }
            self.status();
        }
        panic!("it does not come: {}", self.rig.log());
    }

    fn with_disk(rig: &Rig) -> Running<'_> {
        let running = rig.start();
        running.insert("new", SIZE, 3);
        running.until_disks(|disks| asks(disks, QuestionKind::Adopt).is_some());
        running
    }
}

#[test]
fn a_good_disk_is_written_and_read_whole_and_only_then_takes_part() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    running.done(rig.big_folder("docs", 2));
    running.insert("new", SIZE, 3);
    running.until_disks(|disks| asks(disks, QuestionKind::Adopt).is_some());
    running.fault("new", DeskFault::Slow { ms: 2 });
    let spec = JobSpec::BurnIn { drive: "3".to_owned(), typed: None, adopt: true, replaces: None };
    let job = running.begin(spec).job.id;
    let seen = running.until(job, |job| job.progress.bytes_per_second.is_some());
    assert_eq!(seen.progress.bytes_total, Some(2 * SIZE));
    // Nobody is asked about it meanwhile, and it is used for nothing else.
    let disks = running.until_disks(|disks| at(disks, "bay 3").sentence.contains("being tested"));
    assert_eq!(asks(&disks, QuestionKind::Adopt), None);
    let adopt = Call::Disk { disk: "3".to_owned(), act: DiskAct::Adopt { replaces: None } };
    assert_eq!(running.refused(adopt).code, FaultCode::Busy);
    running.fault("new", DeskFault::None);
    let result = running.tested(job);
    assert!(result.good && result.adopted && result.wrong == 0, "{result:?}");
    running.until_disks(|disks| at(disks, "bay 3").life == "member");
    running.rests();
    running.checks_clean();
}

#[test]
fn a_stick_that_says_more_than_it_has_is_found_out_and_not_used() {
    for wraps in [true, false] {
        let rig = rig();
        let running = Running::with_disk(&rig);
        running.fault("new", DeskFault::Fake { holds: 40_960_000, wraps });
        let spec =
            JobSpec::BurnIn { drive: "3".to_owned(), typed: None, adopt: true, replaces: None };
        let result = running.tested(running.begin(spec).job.id);
        assert_eq!((result.good, result.adopted, result.size), (false, false, SIZE));
        assert_eq!(result.holds, Some(40_960_000), "wraps: {wraps}");
        let disks = running.until_disks(|disks| told(disks, "it is a fake"));
        assert_eq!(asks(&disks, QuestionKind::Adopt), None, "it is not offered as blank");
    }
    // The same disk without the lie.
    let rig = rig();
    let running = Running::with_disk(&rig);
    assert!(running.tested(running.begin(test_of("3")).job.id).good);
    running.until_disks(|disks| asks(disks, QuestionKind::Adopt).is_some());
}

#[test]
fn a_disk_that_cannot_be_read_is_bad() {
    let rig = rig();
    let running = Running::with_disk(&rig);
    running.fault("new", DeskFault::Slow { ms: 2 });
    let job = running.begin(test_of("3")).job.id;
    running.until(job, |job| job.progress.bytes > 0);
    running.fault("new", DeskFault::Writes);
    let result = running.tested(job);
    assert_eq!((result.good, result.holds), (false, None));
    running.until_disks(|disks| told(disks, "Do not use it."));
}

#[test]
fn a_test_goes_on_where_it_was_after_a_pull_and_after_a_kill() {
    let rig = rig();
    let running = Running::with_disk(&rig);
    running.fault("new", DeskFault::Slow { ms: 2 });
    let job = running.begin(test_of("3")).job.id;
    running.until(job, |job| job.progress.bytes > SIZE / 2);
    running.pull("new");
    let paused = running.until(job, |job| waiting(job).is_some());
    assert!(waiting(&paused).unwrap().sentence.contains("unplugged"), "{paused:?}");
    running.push_in("new", 4);
    let again = running.until(job, |job| job.state == JobState::Running && job.progress.bytes > 0);
    assert!(again.progress.bytes > SIZE / 2 - 33 * MB, "it began anew: {again:?}");
    running.until(job, |job| job.progress.bytes > SIZE);
    running.kill();
    let running = rig.start();
    running.fault("new", DeskFault::None);
    let result = running.tested(job);
    assert!(result.good, "{result:?}");
    assert_eq!(running.job(Call::Job { job }).attempts, 3);
}

#[test]
fn what_is_on_a_disk_goes_only_for_its_own_letters_and_not_before_ten_minutes() {
    let rig = rig();
    rig.big_folder("photos", 3);
    let running = rig.start();
    running.desk(DeskAct::New {
        name: "card".to_owned(),
        size: SIZE,
        usb: true,
        serial: Some("CARD-77AB".to_owned()),
        formatted: true,
    });
    let folder = RawPath(rig.path("photos").to_str().unwrap().into());
    running.desk(DeskAct::Show { name: "card".to_owned(), folder });
    running.plug("card", "usb-front");
    running.until_disks(|disks| disks.disks.iter().any(|disk| disk.life == "foreign"));
    let test = |typed: Option<&str>| {
        let typed = typed.map(str::to_owned);
        let spec =
            JobSpec::BurnIn { drive: "77ab".to_owned(), typed, adopt: false, replaces: None };
        Call::Start { spec }
    };
    assert_eq!(running.refused(test(None)).code, FaultCode::Refused);
    assert!(running.refused(test(Some("0000"))).sentence.contains("last four"));
    let calls::Answer::Started(started) = running.ask(test(Some("77ab"))) else { panic!() };
    let job = started.job.id;
    running.until(job, |job| job.state == JobState::Running && job.progress.bytes_total.is_some());
    // After a restart nobody has said so of the disk that is here now.
    running.kill();
    let running = rig.start();
    let failed = running.over(job);
    assert_eq!(failed.fault.map(|fault| fault.code), Some(FaultCode::Refused));
    let calls::Answer::Started(started) = running.ask(test(Some("77ab"))) else { panic!() };
    running.until(started.job.id, |job| job.state == JobState::Running);
    running.job(Call::Cancel { job: started.job.id });
    assert_eq!(running.over(started.job.id).state, JobState::Cancelled);
    assert_eq!(rig.files("photos", "").len(), 3);
    assert!(!rig.path("machine/disks/card/raw").exists(), "it was never marked");
}

#[test]
fn a_disk_without_a_light_beside_it_is_read_in_moments_so_that_its_own_pulses() {
    let rig = rig();
    let running = rig.start();
    running.stick("kiosk", SIZE, "usb-front");
    running.insert("new", SIZE, 3);
    running.until_disks(|disks| disks.disks.len() == 2);
    let pulses = |name: &str| {
        let text =
            fs::read_to_string(rig.path(&format!("machine/disks/{name}/disk.toml"))).unwrap();
        let line = text.lines().find(|line| line.starts_with("pulses"));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).unwrap_or(0)
    };
    running.act("iosk", DiskAct::Find { on: true });
    running.act("3", DiskAct::Find { on: true });
    running.until_so(|| pulses("kiosk") >= 3);
    assert_eq!(pulses("new"), 0, "this one has a light of its own");
    running.act("iosk", DiskAct::Find { on: false });
    assert!(rig.files("machine/disks/kiosk/content", "").is_empty());
}
