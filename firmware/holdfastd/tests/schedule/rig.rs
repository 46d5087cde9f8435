//! A box in threads of the test, with the test's clock.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use calls::{Answer, Call, Clock, Event, Job, JobSpec, Secret, Talk};
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

pub(crate) struct InThreads {
    dir: Option<TempDir>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) supervisor: Arc<Supervisor>,
    door: Arc<Door>,
    threads: Vec<JoinHandle<()>>,
    pub(crate) words: String,
}

pub(crate) fn setup(dir: &Path, clock: &Arc<ManualClock>) -> Setup {
    let text = "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\n";
    let config = Config::parse(&dir.join("box.toml"), text).expect("the settings are right");
    let clock = Arc::clone(clock);
    Setup {
        source: Arc::new(FromVaultFile::new(config.vault.clone())),
        config,
        env: Env { clock, rng: host::env().rng },
        // Looks around a hundred times a second, so that the test need not wait a minute.
        notifier: Notifier::new(None, Some(Millis(20))),
        clock_is_set: dir.join("synchronized"),
        hardware: None,
    }
}

impl InThreads {
    /// A box with an empty vault, unlocked.
    pub(crate) fn start() -> Self {
        Self::start_on(1)
    }

    /// The same on some disks.
    pub(crate) fn start_on(disks: usize) -> Self {
        let (dir, clock, words) = Self::vault_on(disks);
        Self::run(dir, clock, &words)
    }

    /// A vault on some disks, and no box yet; its folder, a clock, and the words.
    pub(crate) fn vault_on(disks: usize) -> (TempDir, Arc<ManualClock>, String) {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(BEGIN));
        let disks = (0..disks).map(|n| dir.path().join(format!("disk{n}")));
        let disks: Vec<_> = disks.inspect(|at| std::fs::create_dir(at).expect("a disk")).collect();
        let made = |at: &std::path::PathBuf| -> Arc<dyn volume::Disk> {
            Arc::new(FsDisk::create(at, None).expect("a volume"))
        };
        let words = Words::generate(&*host::env().rng);
        let mut file = VaultFile::new(&dir.path().join("home.toml"), types::VaultId::default());
        let spec = CreateSpec {
            disks: disks.iter().map(made).collect(),
            copies: 1,
            words: &words,
            password: None,
        };
        let env = Env { clock: Arc::clone(&clock) as _, rng: host::env().rng };
        let options = host::options(Some(file.catalog()), None);
        let vault = Vault::create(env, options, spec).expect("a vault");
        file.vault = vault.id();
        for volume in vault.volumes().expect("a listing") {
            file.put(volume.id, Path::new(&volume.path));
        }
        file.save_new().expect("a vault file");
        drop(vault);
        (dir, clock, words.phrase().to_string())
    }

    pub(crate) fn run(dir: TempDir, clock: Arc<ManualClock>, words: &str) -> Self {
        let setup = setup(dir.path(), &clock);
        Self::run_with(setup, dir, clock, words)
    }

    /// The same with other settings, or other disks.
    pub(crate) fn run_with(
        setup: Setup,
        dir: TempDir,
        clock: Arc<ManualClock>,
        words: &str,
    ) -> Self {
        let socket = setup.config.socket.clone();
        let supervisor = Supervisor::start(setup).expect("the box starts");
        let door = Arc::new(Door::open(&socket).expect("a socket"));
        let served = Arc::clone(&door);
        let (serving, conducting) = (Arc::clone(&supervisor), Arc::clone(&supervisor));
        let threads = vec![
            std::thread::spawn(move || serve::serve(&serving, &served)),
            std::thread::spawn(move || conducting.conduct()),
        ];
        let (dir, words) = (Some(dir), words.to_owned());
        let running = Self { dir, clock, supervisor, door, threads, words };
        running.unlock();
        running
    }

    /// Where everything is.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.as_ref().expect("it is there until a restart").path()
    }

    pub(crate) fn unlock(&self) {
        self.ask(Call::Unlock { secret: Secret::Words(self.words.clone().into()) });
    }

    /// Stopped in order, started again and unlocked.
    pub(crate) fn restart(mut self) -> Self {
        let dir = self.dir.take().expect("it is there until a restart");
        let (clock, words) = (Arc::clone(&self.clock), self.words.clone());
        let before = Arc::downgrade(&self.supervisor);
        drop(self);
        // Whoever still sends a message has the folder until that is over, as a process would.
        while before.strong_count() > 0 {
            std::thread::yield_now();
        }
        Self::run(dir, clock, &words)
    }

    pub(crate) fn talk(&self) -> Talk<UnixStream> {
        let stream = UnixStream::connect(self.dir().join("box.sock")).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket has one");
        Talk::begin(stream).expect("it greets")
    }

    pub(crate) fn ask(&self, call: Call) -> Answer {
        self.talk().ask(call).expect("it answers")
    }

    pub(crate) fn jobs(&self) -> Vec<Job> {
        match self.ask(Call::Jobs { page: calls::Page::default() }) {
            Answer::Jobs { jobs, more: false } => jobs,
            other => panic!("{other:?}"),
        }
    }

    /// Sets the clock by so many milliseconds, without time going by.
    pub(crate) fn jump(&self, by_ms: i64) {
        self.clock.jump_to(UnixTime(types::Clock::now(&*self.clock).0 + by_ms));
    }

    pub(crate) fn clock(&self) -> Clock {
        match self.ask(Call::Status {}) {
            Answer::Status(status) => status.clock,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the jobs are as wanted. Every change of a job is an event, so nothing is missed.
    pub(crate) fn until(&self, wanted: impl Fn(&[Job]) -> bool) -> Vec<Job> {
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
    pub(crate) fn looks_around(&self) {
        self.looks_around_with(JobSpec::Check { read_data: false, repair: false });
    }

    /// The same by another job.
    pub(crate) fn looks_around_with(&self, spec: JobSpec) {
        let known = self.jobs().len();
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
