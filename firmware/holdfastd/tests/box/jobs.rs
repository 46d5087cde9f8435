//! Jobs as their owner sees them: begun, paused, resumed, cancelled, and never twice the same.

use calls::{Answer, Call, EntryKind, FaultCode, JobResult, JobSpec, JobState, Page, RawPath};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::rig::{Rig, bytes_of};

#[test]
fn a_folder_is_backed_up_listed_checked_and_given_back() {
    let rig = Rig::vault(2);
    let spec = rig.big_folder("docs", 3);
    let running = rig.start();
    running.unlock();
    let job = running.done(spec);
    let Some(JobResult::Backup(result)) = job.result else { panic!("{job:?}") };
    assert_eq!((result.files, result.copies, result.skipped), (3, 2, 0));
    let snapshots = running.snapshots();
    assert_eq!(snapshots.len(), 1);
    assert_eq!(snapshots[0].id, result.snapshot);
    let page = |skip, items| Call::List {
        snapshot: "latest:docs".to_owned(),
        path: RawPath::default(),
        deep: true,
        page: Page { skip, items },
    };
    let Answer::Entries { entries, more, .. } = running.ask(page(0, 2)) else { panic!() };
    assert!(more && entries.len() == 2 && entries[0].kind == EntryKind::File);
    let Answer::Entries { entries: rest, more, .. } = running.ask(page(2, 2)) else { panic!() };
    assert!(!more && rest.len() == 1 && rest[0].size == 1 << 20);
    let check = running.done(JobSpec::Check { read_data: true, repair: false });
    let Some(JobResult::Check(found)) = check.result else { panic!("{check:?}") };
    assert!(found.clean && found.bytes_read > 6 << 20, "{found:?}");
    let to = rig.path("back");
    running.done(JobSpec::Restore {
        snapshot: "latest:docs".to_owned(),
        path: RawPath::default(),
        to: RawPath(to.to_str().unwrap().into()),
        overwrite: false,
    });
    for name in ["0000", "0001", "0002"] {
        assert_eq!(bytes_of(&to.join(name)), bytes_of(&rig.path("docs").join(name)));
    }
    // How full the disk is that this test runs on is not the test's to say.
    let findings = running.health().findings;
    assert!(findings.iter().all(|one| one.sentence.contains("full")), "{findings:?}");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_job_that_is_paused_rests_and_goes_on_when_it_is_resumed() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 150);
    let running = rig.start();
    running.unlock();
    let job = running.begin(spec.clone()).job.id;
    running.until(job, |job| job.state == JobState::Running && job.progress.bytes > 0);
    let again = running.begin(spec);
    assert!(again.already_there && again.job.id == job, "no second job does the same");
    running.job(Call::Pause { job });
    running.until(job, |job| job.state == JobState::Paused);
    assert!(running.snapshots().is_empty());
    assert_eq!(running.job(Call::Resume { job }).state, JobState::Queued);
    let done = running.until(job, |job| job.state == JobState::Done);
    assert_eq!(done.attempts, 2);
    assert_eq!(running.snapshots().len(), 1);
    assert_eq!(running.refused(Call::Resume { job }).code, FaultCode::WrongState);
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_job_that_is_cancelled_stays_so_and_leaves_no_version() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 150);
    let running = rig.start();
    running.unlock();
    let job = running.begin(spec).job.id;
    running.until(job, |job| job.state == JobState::Running && job.progress.bytes > 0);
    running.job(Call::Cancel { job });
    running.until(job, |job| job.state == JobState::Cancelled);
    assert!(running.snapshots().is_empty());
    assert_eq!(running.stop(), Some(0));
    let running = rig.start();
    running.unlock();
    assert_eq!(running.job(Call::Job { job }).state, JobState::Cancelled);
    assert!(running.snapshots().is_empty());
    assert_eq!(running.stop(), Some(0));
}

/// Each level of a tree holds a folder open, and a program is given a thousand files at first.
#[test]
fn a_tree_that_is_deeper_than_the_usual_limit_of_open_files_is_backed_up() {
    let rig = Rig::vault(1);
    let mut at = std::fs::File::open(rig.dir.path()).unwrap();
    let mut name = "deep";
    // From folder to folder: the whole path would be too long to be named.
    for _ in 0..1_200 {
        nix::sys::stat::mkdirat(&at, name, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let flags = nix::fcntl::OFlag::O_DIRECTORY;
        let mode = nix::sys::stat::Mode::empty();
        at = nix::fcntl::openat(&at, name, flags, mode).unwrap().into();
        name = "d";
    }
    // As most systems have it; whatever is started from here has it, too.
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 1_024.min(hard), hard).unwrap();
    let running = rig.start();
    // Taking the tree away again needs as many.
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    running.unlock();
    let job = running.done(rig.backup_of("deep"));
    let Some(JobResult::Backup(result)) = job.result else { panic!("{job:?}") };
    assert!(result.folders >= 1_199 && result.skipped == 0, "{result:?}");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn jobs_that_are_long_to_tell_come_in_pages_and_none_is_left_out() {
    let rig = Rig::vault(1);
    let running = rig.start();
    running.unlock();
    let mut ids = Vec::new();
    for n in 0..12 {
        let path = |m| RawPath(format!("/no/such/{n}/{m:0>100}").into_bytes());
        let spec = JobSpec::Backup {
            source: format!("long{n}"),
            paths: (0..1_000).map(path).collect(),
            excludes: Vec::new(),
            space: None,
        };
        ids.insert(0, running.begin(spec).job.id);
    }
    let (mut told, mut pages) = (Vec::new(), 0);
    loop {
        let page = Page { skip: told.len() as u64, items: 1_000 };
        let Answer::Jobs { jobs, more } = running.ask(Call::Jobs { page }) else { panic!() };
        told.extend(jobs.iter().map(|job| job.id));
        pages += 1;
        if !more {
            break;
        }
    }
    assert_eq!(told, ids);
    assert!(pages > 1, "they do not fit one frame");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn what_cannot_be_meant_is_refused_before_it_is_a_job() {
    let rig = Rig::vault(1);
    let running = rig.start();
    running.unlock();
    let backup = |path: &str| JobSpec::Backup {
        source: "docs".to_owned(),
        paths: vec![RawPath(path.into())],
        excludes: Vec::new(),
        space: None,
    };
    let called = |source: &str| JobSpec::Backup {
        source: source.to_owned(),
        paths: vec![RawPath("/srv".into())],
        excludes: Vec::new(),
        space: None,
    };
    for spec in [
        backup("relative/path"),
        JobSpec::Backup {
            source: "docs".to_owned(),
            paths: Vec::new(),
            excludes: Vec::new(),
            space: None,
        },
        // They were begun, and failed when nobody looked.
        called(""),
        called("latest"),
        called("a:b"),
        called(&"x".repeat(256)),
    ] {
        assert_eq!(running.refused(Call::Start { spec }).code, FaultCode::BadRequest);
    }
    let spec = JobSpec::Forget { snapshots: vec!["latest".to_owned()] };
    assert_eq!(running.refused(Call::Start { spec }).code, FaultCode::NotFound);
    let job = calls::JobId(99);
    assert_eq!(running.refused(Call::Watch { job: Some(job) }).code, FaultCode::NotFound);
    assert!(running.jobs().is_empty());
    let job = running.begin(backup("/no/such/folder")).job.id;
    let failed = running.until(job, |job| job.state == JobState::Failed);
    let fault = failed.fault.unwrap();
    assert!(fault.sentence.contains("/no/such/folder"), "{fault}");
    let findings = running.health().findings;
    assert!(findings.iter().any(|one| one.sentence.contains("Job 1 failed")), "{findings:?}");
    assert_eq!(running.stop(), Some(0));
}

/// A reviewer once restored over the box's own records and, with `overwrite`, over its volumes.
#[test]
fn what_the_box_lives_on_is_restored_over_by_nobody() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 1);
    let running = rig.start();
    running.unlock();
    running.done(spec);
    let restore = |to: std::path::PathBuf| JobSpec::Restore {
        snapshot: "latest:docs".to_owned(),
        path: RawPath::default(),
        to: RawPath(to.to_str().unwrap().into()),
        overwrite: true,
    };
    let state = rig.path("state");
    for to in [state.clone(), state.join("jobs"), state.join("new/deep"), rig.path("")] {
        let fault = running.refused(Call::Start { spec: restore(to.clone()) });
        assert_eq!(fault.code, FaultCode::BadRequest, "{}: {fault}", to.display());
    }
    let volume = running.begin(restore(rig.path("disk1/holdfast")));
    let ended = running.until(volume.job.id, |job| job.state.is_over());
    assert_eq!(ended.state, JobState::Failed, "{ended:?}");
    assert!(ended.fault.is_some_and(|fault| fault.sentence.contains("volume")));
    // What is asked for by `latest` is that version, also when a newer one comes meanwhile.
    let started = running.begin(restore(rig.path("back")));
    let JobSpec::Restore { snapshot, .. } = &started.job.spec else { panic!("{started:?}") };
    assert_eq!(*snapshot, running.snapshots()[0].id);
    running.until(started.job.id, |job| job.state.is_over());
    assert_eq!(running.stop(), Some(0));
}

/// The box's own folder holds what people sign in with, the key of its certificate and the passwords of
/// its mailbox: a backup of it gave them to everybody who may read the source.
#[test]
fn what_the_box_lives_on_is_in_no_backup() {
    let rig = Rig::vault(1);
    crate::rig::put(&rig.path("mine"), b"mine");
    let running = rig.start();
    running.unlock();
    for own in ["state", "state/jobs", "home.toml"] {
        let refused = running.refused(Call::Start { spec: rig.backup_of(own) });
        assert!(refused.sentence.contains("the box itself lives on"), "{refused}");
    }
    std::os::unix::fs::symlink(rig.path("state"), rig.path("link")).unwrap();
    let refused = running.refused(Call::Start { spec: rig.backup_of("link") });
    assert!(refused.sentence.contains("the box itself lives on"), "{refused}");
    // What lies above it is backed up without it.
    let above = JobSpec::Backup {
        source: "above".to_owned(),
        paths: vec![RawPath(rig.path("").to_str().unwrap().into())],
        excludes: vec!["disk*".to_owned()],
        space: None,
    };
    let job = running.done(above);
    let Some(JobResult::Backup(result)) = &job.result else { panic!("{job:?}") };
    let named: Vec<String> = result.left_out.iter().map(|one| one.path.to_string()).collect();
    assert!(
        named.contains(&"state".to_owned()) && named.contains(&"home.toml".to_owned()),
        "{result:?}"
    );
    running.done(JobSpec::Restore {
        snapshot: "latest:above".to_owned(),
        path: RawPath::default(),
        to: RawPath(rig.path("back").to_str().unwrap().into()),
        overwrite: false,
    });
    assert!(rig.path("back/mine").is_file() && !rig.path("back/state").exists());
    assert_eq!(running.stop(), Some(0));
}
