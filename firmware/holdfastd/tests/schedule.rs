//! What a box does by itself as time goes by, and what it leaves alone when the clock jumps. The
//! clock is the test's; the vault, the folders and the socket are real.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use calls::{Answer, AskedBy, Call, Clock, Event, Job, JobSpec, JobState, Secret, Talk};
use holdfastd::{Config, Door, FromVaultFile, Notifier, Setup, Supervisor, serve};
use host::VaultFile;
use seal::Words;
use tempfile::TempDir;
use testkit::env::ManualClock;
use types::{Millis, UnixTime};
use vault::{CreateSpec, Env, Vault};
use volume::FsDisk;

/// Where the test's time begins: some day in 2026.
const BEGIN: UnixTime = UnixTime(1_790_000_000_000);

struct InThreads {
    dir: TempDir,
    clock: Arc<ManualClock>,
    supervisor: Arc<Supervisor>,
    door: Arc<Door>,
    threads: Vec<JoinHandle<()>>,
    words: String,
}

fn setup(dir: &Path, clock: &Arc<ManualClock>) -> Setup {
    let text = "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\n";
    let config = Config::parse(&dir.join("box.toml"), text).expect("the settings are right");
    let clock = Arc::clone(clock);
    Setup {
        source: Arc::new(FromVaultFile { file: config.vault.clone() }),
        config,
        env: Env { clock, rng: host::env().rng },
        // Looks around a hundred times a second, so that the test need not wait a minute.
        notifier: Notifier::new(None, Some(Millis(20))),
        clock_is_set: PathBuf::from("/no/time/server"),
        hardware: None,
    }
}

impl InThreads {
    /// A box with an empty vault, unlocked.
    fn start() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(BEGIN));
        let disk = dir.path().join("disk");
        std::fs::create_dir(&disk).expect("a disk");
        let words = Words::generate(&*host::env().rng);
        let mut file = VaultFile::new(&dir.path().join("home.toml"), types::VaultId::default());
        let spec = CreateSpec {
            disks: vec![Arc::new(FsDisk::create(&disk, None).expect("a volume"))],
            copies: 1,
            words: &words,
            password: None,
        };
        let env = Env { clock: Arc::clone(&clock) as _, rng: host::env().rng };
        let options = host::options(Some(file.catalog()), None);
        let vault = Vault::create(env, options, spec).expect("a vault");
        file.vault = vault.id();
        file.put(vault.volumes().expect("a listing")[0].id, &disk);
        file.save_new().expect("a vault file");
        drop(vault);
        Self::run(dir, clock, &words.phrase())
    }

    fn run(dir: TempDir, clock: Arc<ManualClock>, words: &str) -> Self {
        let setup = setup(dir.path(), &clock);
        let socket = setup.config.socket.clone();
        let supervisor = Supervisor::start(setup).expect("the box starts");
        let door = Arc::new(Door::open(&socket).expect("a socket"));
        let served = Arc::clone(&door);
        let (serving, conducting) = (Arc::clone(&supervisor), Arc::clone(&supervisor));
        let threads = vec![
            std::thread::spawn(move || serve::serve(&serving, &served)),
            std::thread::spawn(move || conducting.conduct()),
        ];
        let running = Self { dir, clock, supervisor, door, threads, words: words.to_owned() };
        running.ask(Call::Unlock { secret: Secret::Words(words.to_owned().into()) });
        running
    }

    fn talk(&self) -> Talk<UnixStream> {
        let stream = UnixStream::connect(self.dir.path().join("box.sock")).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket has one");
        Talk::begin(stream).expect("it greets")
    }

    fn ask(&self, call: Call) -> Answer {
        self.talk().ask(call).expect("it answers")
    }

    fn jobs(&self) -> Vec<Job> {
        match self.ask(Call::Jobs { page: calls::Page::default() }) {
            Answer::Jobs { jobs, more: false } => jobs,
            other => panic!("{other:?}"),
        }
    }

    /// Sets the clock by so many milliseconds, without time going by.
    fn jump(&self, by_ms: i64) {
        self.clock.jump_to(UnixTime(types::Clock::now(&*self.clock).0 + by_ms));
    }

    fn clock(&self) -> Clock {
        match self.ask(Call::Status {}) {
            Answer::Status(status) => status.clock,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the jobs are as wanted. Every change of a job is an event, so nothing is missed.
    fn until(&self, wanted: impl Fn(&[Job]) -> bool) -> Vec<Job> {
        let mut talk = self.talk();
        talk.ask(Call::Watch { job: None }).expect("it may be watched");
        loop {
            let jobs = self.jobs();
            if wanted(&jobs) {
                return jobs;
            }
            let event = talk.event().expect("in time").expect("the box is there");
            assert!(!matches!(event, Event::ShuttingDown {}));
        }
    }

    /// Lets the conductor look around at least once: a job that nobody has to wait for is done.
    fn looks_around(&self) {
        let known = self.jobs().len();
        let spec = JobSpec::Check { read_data: false, repair: false };
        self.ask(Call::Start { spec });
        self.until(|jobs| jobs.len() > known && jobs[0].state.is_over());
    }
}

impl Drop for InThreads {
    fn drop(&mut self) {
        self.supervisor.stop();
        self.door.close();
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

fn by_schedule(jobs: &[Job]) -> Vec<&JobSpec> {
    jobs.iter().filter(|job| job.asked_by == AskedBy::Schedule).map(|job| &job.spec).collect()
}

const FORGET: JobSpec = JobSpec::Forget { snapshots: Vec::new() };
const PRUNE: JobSpec = JobSpec::Prune { allow_large: false };
const SCRUB: JobSpec = JobSpec::Scrub {};

#[test]
fn each_chore_is_done_once_when_it_is_due_and_not_again_when_the_clock_goes_back() {
    let running = InThreads::start();
    running.looks_around();
    assert!(by_schedule(&running.jobs()).is_empty(), "nothing is due on the first day");

    running.clock.pass(Millis::from_days(1));
    let jobs = running.until(|jobs| {
        by_schedule(jobs).len() == 2 && jobs.iter().all(|job| job.state == JobState::Done)
    });
    assert!(by_schedule(&jobs).contains(&&FORGET) && by_schedule(&jobs).contains(&&PRUNE));

    running.clock.pass(Millis::from_days(29));
    let jobs = running.until(|jobs| {
        by_schedule(jobs).len() == 5 && jobs.iter().all(|job| job.state == JobState::Done)
    });
    assert_eq!(by_schedule(&jobs).iter().filter(|spec| ***spec == SCRUB).count(), 1);

    // Twelve hours back: less than what freezes deletion, and still nothing is done again.
    running.jump(-43_200_000);
    running.looks_around();
    assert_eq!(by_schedule(&running.jobs()).len(), 5);
}

#[test]
fn a_clock_that_jumps_a_year_lets_nothing_go_until_its_owner_says_that_it_is_right() {
    let running = InThreads::start();
    running.looks_around();
    running.jump(365 * 86_400_000);
    assert_eq!(running.clock(), Clock::Jumped);
    let Answer::Health(health) = running.ask(Call::Health {}) else { panic!() };
    assert!(health.findings.iter().any(|one| one.sentence.contains("clock jumped")), "{health:?}");
    // Reading is due and harmless; letting go is due and waits.
    let jobs = running.until(|jobs| jobs.iter().any(|job| job.spec == SCRUB));
    assert_eq!(by_schedule(&jobs), [&SCRUB]);
    // Neither does it happen because somebody asks.
    let Answer::Started(asked) = running.ask(Call::Start { spec: PRUNE }) else { panic!() };
    running.looks_around();
    let Answer::Job(waiting) = running.ask(Call::Job { job: asked.job.id }) else { panic!() };
    assert_eq!(waiting.state, JobState::Queued);

    running.ask(Call::TrustClock {});
    assert_eq!(running.clock(), Clock::Trusted);
    running.until(|jobs| {
        let over = |spec: &JobSpec| {
            jobs.iter().any(|job| job.spec == *spec && job.state == JobState::Done)
        };
        over(&PRUNE) && over(&FORGET)
    });
}

#[test]
fn a_clock_that_is_set_back_to_what_it_was_needs_nobody() {
    let running = InThreads::start();
    running.jump(365 * 86_400_000);
    assert_eq!(running.clock(), Clock::Jumped);
    running.jump(-365 * 86_400_000);
    assert_eq!(running.clock(), Clock::Trusted);
}

#[test]
fn a_locked_box_reads_every_byte_when_it_is_due_and_lets_the_other_chores_wait_for_the_keys() {
    let running = InThreads::start();
    running.ask(Call::Lock {});
    running.clock.pass(Millis::from_days(31));
    let jobs = running.until(|jobs| jobs.iter().any(|job| job.state == JobState::Done));
    assert_eq!(by_schedule(&jobs), [&SCRUB]);
    running.ask(Call::Unlock { secret: Secret::Words(running.words.clone().into()) });
    let jobs = running.until(|jobs| {
        by_schedule(jobs).len() == 3 && jobs.iter().all(|job| job.state == JobState::Done)
    });
    assert!(by_schedule(&jobs).contains(&&FORGET) && by_schedule(&jobs).contains(&&PRUNE));
}
