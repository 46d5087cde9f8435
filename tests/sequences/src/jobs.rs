//! Jobs that hands ask for, and stop again.
//!
//! Start at `Hands::back_up`.

use calls::{Call, JobId, JobSpec, RawPath};
use testkit::env::noise;

use crate::Outcome;
use crate::hands::{FILE_MAX, Hands, path};
use crate::outside::{Outside, put};

impl Hands {
    pub(crate) fn back_up(&mut self, out: &mut Outside) -> Outcome<()> {
        let source = ["docs", "photos"][self.roll(2)];
        self.versions += 1;
        let folder = out.folder.join(format!("version-{}", self.versions));
        std::fs::create_dir(&folder).map_err(|error| error.to_string())?;
        for number in 0..=self.roll(5) {
            // Half of the files are those of other versions, too.
            let which = if self.roll(2) == 0 { 0 } else { u64::from(self.versions) };
            let seed = self.seed ^ (which << 32) ^ (number as u64) << 48;
            let len = if which == 0 { 70_000 } else { self.roll(FILE_MAX as usize) };
            put(&folder.join(format!("file-{number}")), &noise(seed, len))?;
        }
        let spec = JobSpec::Backup {
            source: source.to_owned(),
            paths: vec![path(folder)],
            excludes: Vec::new(),
            space: None,
        };
        self.begin(out, spec)
    }

    fn begin(&mut self, out: &mut Outside, spec: JobSpec) -> Outcome<()> {
        let said = match &spec {
            JobSpec::Backup { source, .. } => format!("backup {source}, version {}", self.versions),
            JobSpec::Restore { .. } => format!("restore {}", self.restores),
            other => format!("{other:?}"),
        };
        let begun = match out.begin(spec)? {
            Ok(job) => format!("job {}", job.id),
            Err(fault) => {
                // Its owner unlocks it now and then: else little would ever be done.
                if fault.code == calls::FaultCode::Locked && self.roll(2) == 0 {
                    self.unlock(out)?;
                }
                fault.sentence
            }
        };
        self.tells(out, format!("{said}: {begun}"));
        Ok(())
    }

    pub(crate) fn other_job(&mut self, out: &mut Outside) -> Outcome<()> {
        let spec = match self.roll(9) {
            0 => JobSpec::Check { read_data: true, repair: false },
            1 => JobSpec::Check { read_data: false, repair: false },
            2 => JobSpec::Check { read_data: true, repair: true },
            3 => JobSpec::Scrub {},
            4 => JobSpec::Rebuild {},
            5 => JobSpec::Prune { allow_large: self.roll(2) == 0 },
            6 => {
                let all = out.judge().acknowledged();
                let Some(one) = self.pick(&all) else { return Ok(()) };
                out.judge().let_go.insert(one.snapshot.clone());
                JobSpec::Forget { snapshots: vec![one.snapshot] }
            }
            _ => {
                self.restores += 1;
                let to = out.folder.join(format!("restored-{}", self.restores));
                let (snapshot, root) = ("latest:docs".to_owned(), RawPath(Vec::new()));
                JobSpec::Restore { snapshot, path: root, to: path(to), overwrite: false }
            }
        };
        self.begin(out, spec)
    }

    /// Pauses, resumes or cancels a job.
    pub(crate) fn wish(&mut self, out: &mut Outside) -> Outcome<()> {
        let open: Vec<JobId> =
            out.jobs()?.iter().filter(|job| !job.state.is_over()).map(|job| job.id).collect();
        let Some(job) = self.pick(&open) else { return Ok(()) };
        let call = match self.roll(4) {
            0 => Call::Pause { job },
            1 => Call::Cancel { job },
            _ => Call::Resume { job },
        };
        self.tells(out, format!("{} {job}", call.name()));
        out.ask(call).map(drop)
    }
}
