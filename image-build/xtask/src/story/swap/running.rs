//! The box of the story: the real program as root on the table's disks, asked as its owner asks it,
//! and killed with its children or stopped.
//!
//! It ends with this process, whatever becomes of that. Start at [`RealBox::start`].

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::table::Table;
use crate::boxes::House;
use crate::cmd::{Ended, Running};
use crate::product::document;
use crate::{Outcome, files, say};

/// Longer than anything here takes on a busy machine; only a failure waits so long.
const PATIENCE: Duration = Duration::from_secs(100);
/// Lines about jobs that are kept of each moment.
const JOBS_KEPT: usize = 20;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The box.
#[derive(Debug)]
pub(super) struct RealBox {
    home: PathBuf,
    evidence: PathBuf,
    pub(super) house: House,
    service: Option<Running>,
    starts: u32,
    moments: Cell<u32>,
}

impl RealBox {
    /// A box that knows no vault, on the disks of a table.
    pub(super) fn new(folder: &Path, programs: &Path, table: &Table) -> Outcome<Self> {
        let home = folder.join("box");
        files::folder(&home)?;
        let key = home.join("password");
        files::put(&key, b"swap at any time")?;
        only_mine(&key)?;
        let settings = format!(
            "vault = \"vault.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\nlog = \"info\"\n\n\
             [unlock]\nkey_file = \"password\"\n\n[board]\nkind = \"linux\"\nprofile = \"desk\"\n\
             folder = {:?}\nmounts = {:?}\nprograms = {:?}\n",
            table.images(),
            table.mounts(),
            table.programs()
        );
        let house = House::with_settings(&home, programs, &settings)?;
        let evidence = folder.to_path_buf();
        Ok(Self { home, evidence, house, service: None, starts: 0, moments: Cell::new(0) })
    }

    /// Starts it, and waits for its first answer.
    pub(super) fn start(&mut self) -> Outcome<()> {
        self.starts += 1;
        let log = self.evidence.join(format!("box-{}", self.starts));
        // The kernel ends it when this process ends in any way.
        let service = self.house.service().under("setpriv", &["--pdeathsig", "KILL"]);
        self.service = Some(service.log(&log).limit(Duration::from_secs(600)).start()?);
        let service = &mut self.service;
        self.house.answers(|| service.as_mut().is_some_and(Running::alive)).map(drop)
    }

    /// `kill -9`, in the middle of whatever it does.
    pub(super) fn kill(&mut self) -> Outcome<()> {
        let Some(mut service) = self.service.take() else { return Ok(()) };
        service.kill();
        service.wait(PATIENCE).map(drop)
    }

    /// Stops it in order.
    pub(super) fn stop(&mut self) -> Outcome<()> {
        self.house.ask(&["shutdown"]).kept()?.ok()?;
        match self.service.take() {
            Some(service) => service.wait(PATIENCE)?.ok().map(drop),
            None => Ok(()),
        }
    }

    /// Its password, for a new vault.
    pub(super) fn create(&self, bays: &[&str]) -> Outcome<()> {
        let create = self.house.ask(&["create"]).args(bays).args(["--copies", "2", "--kit-out"]);
        let create = create.arg(self.home.join("kit.txt")).arg("--with-password");
        create.env("HOLDFAST_PASSWORD_FILE", self.home.join("password")).kept()?.ok().map(drop)
    }

    /// Asks for something; the answer as a document.
    pub(super) fn ask(&self, words: &[&str]) -> Outcome<Value> {
        // Code 3: it answers, and not all is well.
        document(&self.house.ask(words).arg("--json").kept()?.wants(&[0, 3])?)
    }

    /// Has something done that must go well.
    pub(super) fn does(&self, words: &[&str]) -> Outcome<Ended> {
        self.house.ask(words).kept()?.ok()
    }

    /// The disk in a bay, as the box shows it; null when there is none.
    pub(super) fn disk(&self, bay: usize) -> Outcome<Value> {
        let all = self.ask(&["disks"])?;
        let bay = bay.to_string();
        let here = |disk: &&Value| disk["bay"] == *bay && disk["life"] != "ours-absent";
        let disks = all["disks"].as_array();
        Ok(disks.into_iter().flatten().find(here).cloned().unwrap_or(Value::Null))
    }

    /// Waits until the disk in a bay is so.
    pub(super) fn until_disk(
        &self,
        bay: usize,
        what: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> Outcome<Value> {
        let what = format!("the disk in bay {bay} {what}");
        self.until(&what, || Ok(Some(self.disk(bay)?).filter(|disk| is_so(disk))))
    }

    /// Waits for news that say so; the sentence.
    pub(super) fn until_told(&self, words: &str) -> Outcome<String> {
        self.until(&format!("the news say {words:?}"), || {
            let all = self.ask(&["disks"])?;
            let news = all["news"].as_array().into_iter().flatten().rev();
            let mut sentences = news.filter_map(|one| one["sentence"].as_str());
            Ok(sentences.find(|sentence| sentence.contains(words)).map(str::to_owned))
        })
    }

    /// Waits for a finding that says so, in one sentence.
    pub(super) fn until_found(&self, words: &str) -> Outcome<String> {
        self.until(&format!("health says {words:?}"), || {
            let health = self.ask(&["health"])?;
            let findings = health["findings"].as_array().into_iter().flatten();
            let mut sentences = findings.filter_map(|one| one["sentence"].as_str());
            Ok(sentences.find(|sentence| sentence.contains(words)).map(str::to_owned))
        })
    }

    /// Waits until it has unlocked itself.
    pub(super) fn until_unlocked(&self) -> Outcome<()> {
        self.until("the box has unlocked itself", || {
            Ok((self.ask(&["status"])?["lock"] == "unlocked").then_some(()))
        })
    }

    /// All jobs, the newest first.
    pub(super) fn jobs(&self) -> Outcome<Vec<Value>> {
        Ok(self.ask(&["jobs"])?["jobs"].as_array().cloned().unwrap_or_default())
    }

    /// The newest job of a kind that was asked for after so many jobs.
    pub(super) fn job(&self, kind: &str, after: u64) -> Outcome<Option<Value>> {
        let jobs = self.jobs()?;
        Ok(jobs.into_iter().find(|job| {
            job["spec"][kind].is_object() && job["id"].as_u64().is_some_and(|id| id > after)
        }))
    }

    /// The newest job's number.
    pub(super) fn last_job(&self) -> Outcome<u64> {
        Ok(self.jobs()?.iter().filter_map(|job| job["id"].as_u64()).max().unwrap_or(0))
    }

    /// Waits until something is so.
    pub(super) fn until<T>(
        &self,
        what: &str,
        mut look: impl FnMut() -> Outcome<Option<T>>,
    ) -> Outcome<T> {
        let began = files::now();
        loop {
            if let Some(found) = look()? {
                let waited = say::time(began.elapsed());
                self.note(&format!("{what}: after {waited}"))?;
                return Ok(found);
            }
            if began.elapsed() > PATIENCE {
                self.keep("given-up")?;
                return Err(format!("it was waited for in vain that {what}"));
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Keeps what the box shows at this moment.
    pub(super) fn keep(&self, moment: &str) -> Outcome<()> {
        self.moments.set(self.moments.get() + 1);
        let disks = self.house.ask(&["disks"]).kept()?;
        let health = self.house.ask(&["health"]).kept()?;
        let jobs = self.house.ask(&["jobs"]).kept()?.stdout;
        let jobs: String = jobs.lines().take(JOBS_KEPT).map(|line| format!("{line}\n")).collect();
        let text = format!("{}\n--- health\n{}\n--- jobs\n{}", disks.stdout, health.stdout, jobs);
        let name = format!("moment-{:02}-{moment}.txt", self.moments.get());
        files::put(&self.evidence.join(name), text.as_bytes())
    }

    /// One line of the story's own record.
    pub(super) fn note(&self, line: &str) -> Outcome<()> {
        let path = self.evidence.join("story.txt");
        let before = files::text(&path).unwrap_or_default();
        files::put(&path, format!("{before}{line}\n").as_bytes())
    }
}

impl Drop for RealBox {
    fn drop(&mut self) {
        self.kill().ok();
    }
}

/// A key file that others may read is refused.
fn only_mine(path: &Path) -> Outcome<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| format!("cannot keep {} to itself: {error}", path.display()))
}
