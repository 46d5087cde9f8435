//! A box keeps its quiet hours: what is noisy is not begun in them, rests in them, and is done by day.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use calls::{Answer, Call, Job, JobSpec, JobState, RawPath, Secret};
use holdfastd::{Config, Gathered, Setup, VolumesSource};
use host::{VaultFile, VaultFileError};
use testkit::env::noise;
use testkit::twist::{Twist, Twisted};
use types::{Millis, VaultId};
use volume::{Disk, DiskFile};

use crate::rig::{InThreads, setup};

const HOUR: u64 = 3_600;
const SCRUB: JobSpec = JobSpec::Scrub {};
const PATIENCE: Duration = Duration::from_secs(60);

/// Counts the packs that are read, and holds up the first one while it is closed.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<(bool, u32)>,
    changed: Condvar,
}

impl Gate {
    fn close(&self, closed: bool) {
        *self.state.lock().expect("nobody fails") = (closed, 0);
        self.changed.notify_all();
    }

    fn opened(&self) -> u32 {
        self.state.lock().expect("nobody fails").1
    }

    /// Waits until so many packs were read, or stand before the gate.
    fn until(&self, opened: u32) {
        let state = self.state.lock().expect("nobody fails");
        let waited = self.changed.wait_timeout_while(state, PATIENCE, |state| state.1 < opened);
        assert!(!waited.expect("nobody fails").1.timed_out(), "nobody reads");
    }
}

#[derive(Clone, Debug)]
struct Gated(Arc<Gate>);

impl Twist for Gated {
    fn open(&self, below: &dyn Disk, path: &str) -> io::Result<Box<dyn DiskFile>> {
        if path.starts_with("data/") {
            let mut state = self.0.state.lock().expect("nobody fails");
            state.1 += 1;
            self.0.changed.notify_all();
            drop(
                self.0
                    .changed
                    .wait_timeout_while(state, PATIENCE, |state| state.0)
                    .expect("nobody fails"),
            );
        }
        below.open(path)
    }
}

/// The folders of the vault's file, each with the gate before it.
#[derive(Debug)]
struct Behind {
    file: PathBuf,
    gate: Arc<Gate>,
}

impl VolumesSource for Behind {
    fn gather(&self) -> Result<Gathered, VaultFileError> {
        let file = VaultFile::load(&self.file)?;
        let twist = || Gated(Arc::clone(&self.gate));
        let (disks, _) = host::attach(&file, |below| {
            Arc::new(Twisted { below, twist: twist() }) as Arc<dyn Disk>
        });
        let expected = file.volumes.iter().map(|one| (one.id, file.path_of(one), None)).collect();
        Ok(Gathered { vault: file.vault, catalog: file.catalog(), disks, expected })
    }

    fn vault(&self) -> Result<Option<VaultId>, VaultFileError> {
        VaultFile::load(&self.file).map(|file| Some(file.vault))
    }
}

fn settings(dir: &Path, more: &str) -> Config {
    let text = format!(
        "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\ntime_zone = \"UTC0\"\n{more}"
    );
    Config::parse(&dir.join("box.toml"), &text).expect("the settings are right")
}

/// A box with some packs, at a quarter past two in the afternoon.
fn start(more: &str) -> (InThreads, Arc<Gate>) {
    let (dir, clock, words) = InThreads::vault_on(1);
    let gate = Arc::<Gate>::default();
    let source = Arc::new(Behind { file: dir.path().join("home.toml"), gate: Arc::clone(&gate) });
    let setup = Setup { config: settings(dir.path(), more), source, ..setup(dir.path(), &clock) };
    let running = InThreads::run_with(setup, dir, clock, &words);
    for n in 0..4_u64 {
        let folder = running.dir().join(format!("folder{n}"));
        std::fs::create_dir(&folder).expect("a folder");
        let mut file = std::fs::File::create(folder.join("file")).expect("a file");
        file.write_all(&noise(n + 1, 300_000)).expect("it is written");
        let paths = vec![RawPath(folder.to_str().expect("text").into())];
        let spec =
            JobSpec::Backup { source: format!("s{n}"), paths, excludes: Vec::new(), space: None };
        running.ask(Call::Start { spec });
        running.until(|jobs| jobs.iter().all(|job| job.state == JobState::Done));
        // Whatever is open is closed with the vault: one pack for each.
        running.ask(Call::Lock {});
        running.ask(Call::Unlock { secret: Secret::Words(running.words.clone().into()) });
    }
    (running, gate)
}

const QUIET: &str = "[schedule]\nquiet = \"22:00-07:00\"\n";
/// The same, and only the scrub reads packs.
const QUIET_ALONE: &str =
    "[schedule]\nquiet = \"22:00-07:00\"\nforget_every_days = 0\nprune_every_days = 0\n";

fn scrub(jobs: &[Job]) -> Option<&Job> {
    jobs.iter().find(|job| job.spec == SCRUB)
}

fn is_done(jobs: &[Job]) -> bool {
    scrub(jobs).is_some_and(|job| job.state == JobState::Done)
}

fn rests(jobs: &[Job]) -> bool {
    scrub(jobs).and_then(|job| job.rests.as_ref()).is_some_and(|why| why.contains("until 07:00"))
}

fn pass(running: &InThreads, hours: u64) {
    running.clock.pass(Millis::from_secs(hours * HOUR));
}

#[test]
fn what_is_noisy_and_comes_due_at_night_is_done_in_the_morning_and_the_rest_at_once() {
    let (running, gate) = start(QUIET);
    // A quarter past eleven, a month later.
    pass(&running, 31 * 24 + 9);
    let others = |jobs: &[Job]| {
        let chores = jobs.iter().filter(|job| job.spec != SCRUB);
        chores.filter(|job| job.state == JobState::Done).count() >= 4 + 2
    };
    let jobs = running.until(|jobs| rests(jobs) && others(jobs));
    assert_eq!(scrub(&jobs).unwrap().state, JobState::Queued);
    running.looks_around();
    running.looks_around();
    assert_eq!(scrub(&running.jobs()).unwrap().attempts, 0);
    gate.close(false);
    pass(&running, 8);
    let jobs = running.until(is_done);
    assert_eq!(scrub(&jobs).unwrap().rests, None);
    assert!(gate.opened() >= 4);
    // Somebody else's box does it in the night.
    let (running, _) = start("");
    pass(&running, 31 * 24 + 9);
    running.until(is_done);
}

#[test]
fn what_is_at_work_when_they_begin_rests_until_they_are_over_and_keeps_its_place() {
    let (running, gate) = start(QUIET_ALONE);
    gate.close(true);
    pass(&running, 31 * 24);
    gate.until(1);
    pass(&running, 9);
    running.until(rests);
    gate.close(false);
    // Others are done meanwhile, and nobody reads on.
    running.looks_around_with(JobSpec::Forget { snapshots: Vec::new() });
    let read = gate.opened();
    assert!(read < 4, "{read} packs were read since");
    running.looks_around_with(JobSpec::Forget { snapshots: Vec::new() });
    assert_eq!(gate.opened(), read);
    assert_eq!(scrub(&running.jobs()).unwrap().state, JobState::Running);
    pass(&running, 8);
    let jobs = running.until(is_done);
    assert_eq!((scrub(&jobs).unwrap().attempts, gate.opened()), (1, 3), "the rest, and once");
}

#[test]
fn what_rests_gives_way_to_its_owner_and_begins_again_by_day() {
    let (running, gate) = start(QUIET_ALONE);
    gate.close(true);
    pass(&running, 31 * 24);
    gate.until(1);
    pass(&running, 9);
    running.until(rests);
    gate.close(false);
    // A check cannot be done beside a reading.
    running.looks_around();
    let jobs = running.until(|jobs| rests(jobs) && scrub(jobs).unwrap().state == JobState::Queued);
    assert_eq!(scrub(&jobs).unwrap().attempts, 1);
    pass(&running, 8);
    assert_eq!(scrub(&running.until(is_done)).unwrap().attempts, 2);
}

fn told(answer: Answer) -> (Option<String>, bool) {
    let Answer::Surroundings(told) = answer else { panic!("{answer:?}") };
    (told.quiet, told.quiet_now)
}

#[test]
fn hours_that_are_set_while_it_runs_count_at_once_and_after_a_start_whatever_the_settings_say() {
    let (running, _) = start(QUIET);
    let set = |hours: Option<&str>| Call::SetQuiet { hours: hours.map(str::to_owned) };
    assert_eq!(told(running.ask(Call::Surroundings {})), (Some("22:00-07:00".to_owned()), false));
    // It is a quarter past two in the afternoon.
    let afternoon = (Some("14:00-16:30".to_owned()), true);
    assert_eq!(told(running.ask(set(Some("14:00-16:30")))), afternoon);
    pass(&running, 31 * 24);
    running.until(|jobs| {
        scrub(jobs).and_then(|job| job.rests.as_ref()).is_some_and(|why| why.contains("16:30"))
    });
    for wrong in ["14-16", "14:00-14:00", "never", ""] {
        let fault = running.talk().ask(set(Some(wrong))).expect_err("it is refused");
        assert!(fault.to_string().contains("22:00-07:00"), "{fault}");
    }
    assert_eq!(told(running.ask(Call::Surroundings {})), afternoon, "as before");
    // Without them it goes on at once, although no time went by, and at night, too.
    assert_eq!(told(running.ask(set(None))), (None, false));
    running.until(is_done);
    let running = running.restart();
    assert_eq!(told(running.ask(Call::Surroundings {})).0, None, "none is a choice, too");
    running.ask(set(Some("1:00-2:00")));
    let running = running.restart();
    assert_eq!(told(running.ask(Call::Surroundings {})).0.as_deref(), Some("01:00-02:00"));
}
