//! The support bundle: everything a helper needs to see, without secrets and without the names of
//! files and sources.
//!
//! What could hold a name is left out whole rather than searched for one. Start at [`bundle`].

use calls::{BundledDisk, DiskShown, Health, Job, JobResult, JobSpec, Nameless, SupportBundle};

use crate::answer::status;
use crate::config::Config;
use crate::supervisor::Supervisor;

/// What stands in the place of a name.
pub(crate) const LEFT_OUT: &str = "(left out)";
/// How every sentence goes that names a source or a device, behind its name.
const OF_SOURCES: [&str; 4] = [
    " has never been backed up.",
    " was last backed up ",
    " has been silent for ",
    " and has stored nothing ",
];

/// Makes the bundle.
pub(crate) fn bundle(supervisor: &Supervisor) -> SupportBundle {
    supervisor.look_after_health();
    let mut health = supervisor.shared().health.clone();
    without_names(&mut health);
    let mut jobs: Vec<Job> = supervisor.shared().book.jobs().rev().cloned().collect();
    jobs.iter_mut().for_each(without_files);
    let is_quiet_at_times = supervisor.shared().quiet_hours.is_some();
    let settings = settings(&supervisor.setup.config, is_quiet_at_times);
    let disks = supervisor.disks().map(|disks| disks.disks).unwrap_or_default();
    let disks = disks.into_iter().map(bundled).collect();
    SupportBundle { status: status(supervisor), health, jobs, settings, disks }
}

/// A disk without whatever else is known of it.
fn bundled(disk: DiskShown) -> BundledDisk {
    let DiskShown { place, life, model, serial, size, .. } = disk;
    BundledDisk { place, life, model, serial, size }
}

/// Volumes are called by their ids. A finding about a source or a device, with a path in it, or that repeats what a job
/// or a volume said, keeps its advice only. What sources are called is not looked for: one called `e` would
/// leave nothing, and what is left out would tell who guesses. A finding about a friend comes with words that name nobody.
pub(crate) fn without_names(health: &mut Health) {
    // What friends are called is theirs and the owner's: whoever found something about them said it without, too.
    for finding in &mut health.findings {
        if let Some(Nameless { sentence, action }) = finding.nameless.take() {
            (finding.sentence, finding.action) = (sentence, action);
        }
    }
    // The longest first: one path may begin another.
    health.volumes.sort_by_key(|volume| std::cmp::Reverse(volume.path.len()));
    for volume in &mut health.volumes {
        let id = volume.id.get(..8).unwrap_or(&volume.id);
        let called = format!("volume {id}");
        for finding in health.findings.iter_mut().filter(|_| !volume.path.is_empty()) {
            for text in [&mut finding.sentence, &mut finding.action] {
                *text = text.replace(&volume.path, &called);
            }
        }
        let at = if volume.path.is_empty() { String::new() } else { called };
        volume.path = at;
        volume.detail = volume.detail.take().map(|_| LEFT_OUT.to_owned());
    }
    for finding in &mut health.findings {
        for text in [&mut finding.sentence, &mut finding.action] {
            let names_one = OF_SOURCES.iter().any(|form| text.contains(form));
            if names_one || text.contains('/') || text.starts_with("Job ") {
                LEFT_OUT.clone_into(text);
            }
        }
    }
}

/// A job without what it was about; why it failed is told by its code and advice.
pub(crate) fn without_files(job: &mut Job) {
    if let Some(fault) = &mut job.fault {
        LEFT_OUT.clone_into(&mut fault.sentence);
        if fault.advice.contains('/') {
            LEFT_OUT.clone_into(&mut fault.advice);
        }
    }
    job.result = job.result.take().map(JobResult::without_names);
    match &mut job.spec {
        // Whose space it is, is told: it names nobody's files.
        JobSpec::Backup { source, paths, excludes, space: _ } => {
            LEFT_OUT.clone_into(source);
            paths.clear();
            excludes.clear();
        }
        JobSpec::Restore { snapshot, path, to, .. } => {
            LEFT_OUT.clone_into(snapshot);
            path.0.clear();
            to.0.clear();
        }
        JobSpec::Forget { snapshots } => snapshots.clear(),
        JobSpec::Import { source, .. } => *source = source.as_ref().map(|_| LEFT_OUT.to_owned()),
        JobSpec::Usb { sources, path, .. } => {
            sources.clear();
            path.0.clear();
        }
        JobSpec::Check { .. }
        | JobSpec::UsbVerify { .. }
        | JobSpec::Scrub {}
        | JobSpec::BurnIn { .. }
        | JobSpec::Rebuild {}
        | JobSpec::BringBack {}
        | JobSpec::Drain { .. }
        | JobSpec::Prune { .. } => {}
    }
}

/// The settings that say how the box behaves; where things are is nobody's business.
fn settings(config: &Config, is_quiet_at_times: bool) -> Vec<String> {
    let schedule = config.schedule;
    vec![
        format!("log = {:?}", config.log),
        format!("unlocks by itself = {}", config.unlock.is_some()),
        format!("scrub_every_days = {}", schedule.scrub_every_days),
        format!("forget_every_days = {}", schedule.forget_every_days),
        format!("prune_every_days = {}", schedule.prune_every_days),
        format!("quiet = {is_quiet_at_times}"),
    ]
}

#[cfg(test)]
mod tests {
    use calls::{Finding, Severity, Volume};
    use friends::notes::Trouble;
    use friends::outside::{Facts, told};
    use plan::health::{DeviceHealth, HealthFacts, SourceHealth, findings};
    use types::{Millis, UnixTime};

    use super::*;
    use crate::friends_of_box::finding_of_friends;

    /// What `plan` says of sources is known here by its words.
    #[test]
    fn every_sentence_about_a_source_is_left_out_and_no_other_whatever_sources_are_called() {
        let day = Millis::from_days(1);
        let source = |last| SourceHealth { name: "e".to_owned(), last, rhythm: day };
        let (old, now) = (Some(UnixTime(0)), Some(UnixTime(day.0 as i64 * 100)));
        let device = |last, heard| {
            let (name, since) = ("e ".to_owned(), UnixTime(0));
            DeviceHealth { name, since, last, heard, rhythm: Some(day) }
        };
        let facts = HealthFacts {
            now: UnixTime(day.0 as i64 * 100),
            volumes: Vec::new(),
            copies: 2,
            disks: 1,
            under_copied: 0,
            single: 0,
            lost: 0,
            last_scrub: None,
            scrubbed_in_part: false,
            created: UnixTime(0),
            sources: vec![source(None), source(Some(UnixTime(0)))],
            devices: vec![device(None, now), device(old, old), device(old, now)],
        };
        let shown = |one: plan::health::Finding| Finding {
            severity: Severity::Notice,
            sentence: one.sentence,
            action: one.action,
            nameless: None,
        };
        let findings: Vec<_> = findings(&facts).into_iter().map(shown).collect();
        let about = findings.iter().filter(|one| one.sentence.starts_with("e ")).count();
        let mut health = Health { findings: findings.clone(), volumes: Vec::new() };
        without_names(&mut health);
        for (was, is) in findings.iter().zip(&health.findings) {
            let left_out = is.sentence == LEFT_OUT;
            assert_eq!(left_out, was.sentence.starts_with("e "), "{was:?}");
            assert_eq!(was.action, is.action);
        }
        assert_eq!((about, findings.len()), (5, 7));
    }

    /// What friends are called, and where they live, stood in a bundle and in a helper's verdict once.
    #[test]
    fn nobody_who_helps_reads_what_friends_are_called_and_all_of_what_is_wrong_with_them_is_there()
    {
        let trouble = |name: &str, one| (name.to_owned(), one);
        let facts = Facts {
            troubles: vec![
                trouble("Ana", Trouble::WentBack),
                trouble("Ben", Trouble::Stopped),
                trouble("Ana", Trouble::Full),
            ],
            asking: vec!["Ben".to_owned()],
            aside: vec!["a1b2c3.aside".to_owned()],
            no_talk: Some("The address 192.0.2.7:4433 is taken.".to_owned()),
            ..Facts::default()
        };
        let told: Vec<_> = told(&facts, UnixTime(0)).into_iter().map(finding_of_friends).collect();
        let owner = format!("{told:?}");
        assert!(["Ana", "Ben", "192.0.2.7", "a1b2c3"].iter().all(|name| owner.contains(name)));
        let mut health = Health { findings: told, volumes: Vec::new() };
        without_names(&mut health);
        let text = format!("{health:?}");
        for name in ["Ana", "Ben", "192.0.2.7", "a1b2c3"] {
            assert!(!text.contains(name), "{name} is in {text}");
        }
        assert_eq!(health.findings.len(), 6);
        // Who is who is told by number: the same friend has one.
        assert!(health.findings[0].sentence.starts_with("Friend 1's box has seen newer"));
        assert!(health.findings[2].sentence.starts_with("Friend 1's box takes nothing"));
        assert!(health.findings[3].sentence.starts_with("Friend 2 waits"));
    }

    /// What a friend said when a pack did not come stood in a bundle with the friend's name.
    #[test]
    fn a_job_that_brought_data_back_names_no_friend_in_a_bundle_and_its_numbers_stay() {
        let came = calls::BroughtBack {
            packs: 3,
            lacking: 1,
            wrong: vec!["pack 0a1b: Ana: the line broke".to_owned()],
            ..calls::BroughtBack::default()
        };
        let told = JobResult::BringBack(came).without_names();
        assert!(!format!("{told:?}").contains("Ana"), "{told:?}");
        let JobResult::BringBack(came) = told else { panic!("another job") };
        assert_eq!((came.packs, came.lacking), (3, 1));
    }

    /// The folder of a disk may be called after somebody, and stood in a bundle once.
    #[test]
    fn no_folder_no_source_and_nothing_that_a_volume_said_is_in_a_bundle() {
        let finding = |sentence: &str| Finding {
            severity: Severity::Warning,
            sentence: sentence.to_owned(),
            action: "See to it.".to_owned(),
            nameless: None,
        };
        let volume = |id: &str, path: &str| Volume {
            id: id.to_owned(),
            path: path.to_owned(),
            state: "member".to_owned(),
            size: 1,
            free: 1,
            packs: None,
            detail: Some(format!("{path} did not answer")),
        };
        let mut health = Health {
            findings: vec![
                finding("/mnt/alice is full."),
                finding("/mnt/alice/away is not here."),
                finding("diary has never been backed up."),
                finding("Job 1 failed: alice is not there"),
                finding("Not every byte was ever checked."),
            ],
            volumes: vec![volume("0011223344", "/mnt/alice"), volume("5566778899", "")],
        };
        without_names(&mut health);
        let text = format!("{health:?}");
        assert!(!text.contains("alice") && !text.contains("diary"), "{text}");
        let said: Vec<&str> = health.findings.iter().map(|one| one.sentence.as_str()).collect();
        assert_eq!(said[0], "volume 00112233 is full.");
        assert_eq!(said[4], "Not every byte was ever checked.");
        assert!(said[1..4].iter().all(|said| *said == LEFT_OUT), "{said:?}");
    }
}
