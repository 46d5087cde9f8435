//! The support bundle: everything a helper needs to see, without secrets and without the names of
//! files and sources.
//!
//! What could hold a name is left out whole rather than searched for one. Start at [`bundle`].

use calls::{Finding, Job, JobSpec, SupportBundle};

use crate::answer::status;
use crate::config::Config;
use crate::supervisor::Supervisor;

/// What stands in the place of a name.
const LEFT_OUT: &str = "(left out)";

/// Makes the bundle.
pub(crate) fn bundle(supervisor: &Supervisor) -> SupportBundle {
    supervisor.look_after_health();
    let mut health = supervisor.shared().health.clone();
    let sources = supervisor.keeper.vault().map(|vault| vault.sources()).unwrap_or_default();
    let names: Vec<String> = sources.into_iter().map(|(_, name, ..)| name).collect();
    health.findings.iter_mut().for_each(|finding| without_names(finding, &names));
    let mut jobs: Vec<Job> = supervisor.shared().book.jobs().rev().cloned().collect();
    jobs.iter_mut().for_each(without_files);
    let settings = settings(&supervisor.setup.config);
    SupportBundle { status: status(supervisor), health, jobs, settings }
}

/// A finding that names a source, or repeats what a job said, keeps its advice only.
fn without_names(finding: &mut Finding, names: &[String]) {
    let names_one = names.iter().any(|name| finding.sentence.contains(name.as_str()));
    if names_one || finding.sentence.starts_with("Job ") {
        LEFT_OUT.clone_into(&mut finding.sentence);
    }
}

/// A job without what it was about; why it failed is told by its code and advice.
fn without_files(job: &mut Job) {
    if let Some(fault) = &mut job.fault {
        LEFT_OUT.clone_into(&mut fault.sentence);
    }
    match &mut job.spec {
        JobSpec::Backup { source, paths, excludes } => {
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
        JobSpec::Check { .. }
        | JobSpec::Scrub {}
        | JobSpec::Rebuild {}
        | JobSpec::Drain { .. }
        | JobSpec::Prune { .. } => {}
    }
}

/// The settings that say how the box behaves; where things are is nobody's business.
fn settings(config: &Config) -> Vec<String> {
    let schedule = config.schedule;
    vec![
        format!("log = {:?}", config.log),
        format!("unlocks by itself = {}", config.unlock.is_some()),
        format!("scrub_every_days = {}", schedule.scrub_every_days),
        format!("forget_every_days = {}", schedule.forget_every_days),
        format!("prune_every_days = {}", schedule.prune_every_days),
    ]
}
