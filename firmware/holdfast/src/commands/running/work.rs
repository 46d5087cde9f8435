//! `holdfast backup`, `restore`, `check`, `forget` and `prune` against a running box: jobs that are
//! begun there and followed to their end.
//!
//! Start at [`backup`].

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use calls::{FaultCode, Job, JobId, JobResult, JobSpec, JobState, RawPath};
use serde_json::{Value, json};
use types::Bytes;

use super::lists::{job_line, json_of};
use crate::Result;
use crate::args::{Backup, Forget, Restore};
use crate::client::RunningBox;
use crate::fail::CliError;
use crate::place::Place;
use crate::session::{Context, Done};
use crate::show;

/// A path that means the same to the box, which is in no folder of the caller's.
fn absolute(path: &Path) -> Result<RawPath> {
    let absolute = std::path::absolute(path)
        .map_err(|source| CliError::Input { path: path.to_owned(), source })?;
    Ok(RawPath(absolute.as_os_str().as_bytes().to_vec()))
}

/// Lets the box back up folders that it can read itself.
pub(super) fn backup(context: &Context, running: &mut RunningBox, args: &Backup) -> Result<Done> {
    let paths = args.paths.iter().map(|path| absolute(path)).collect::<Result<_>>()?;
    let excludes = args.exclude.clone();
    let (source, space) = (args.named_source()?.to_owned(), context.global.space.clone());
    let spec = JobSpec::Backup { source, paths, excludes, space };
    ended(context, &running.work(&context.out, "backup", spec)?)
}

/// Lets the box write plain files into a folder that it can write itself.
pub(super) fn restore(context: &Context, running: &mut RunningBox, args: &Restore) -> Result<Done> {
    let place = Place::of_snapshot(&args.place)?;
    let spec = JobSpec::Restore {
        snapshot: super::people::in_space(context, running, place.name)?,
        path: RawPath(place.path),
        to: absolute(&args.to)?,
        overwrite: args.overwrite,
    };
    ended(context, &running.work(&context.out, "restore", spec)?)
}

/// Lets the box check itself.
pub(super) fn check(
    context: &Context,
    running: &mut RunningBox,
    read_data: bool,
    repair: bool,
) -> Result<Done> {
    let spec = JobSpec::Check { read_data, repair };
    ended(context, &running.work(&context.out, "check", spec)?)
}

/// Lets the box let go of snapshots.
pub(super) fn forget(context: &Context, running: &mut RunningBox, args: Forget) -> Result<Done> {
    let named = args.snapshots.into_iter();
    let named = named.map(|name| super::people::in_space(context, running, name));
    let spec = JobSpec::Forget { snapshots: named.collect::<Result<_>>()? };
    ended(context, &running.work(&context.out, "forget", spec)?)
}

/// Lets the box free what nothing needs.
pub(super) fn prune(
    context: &Context,
    running: &mut RunningBox,
    allow_large: bool,
) -> Result<Done> {
    let spec = JobSpec::Prune { allow_large };
    ended(context, &running.work(&context.out, "prune", spec)?)
}

/// Follows a job that was begun before.
pub(super) fn watch(context: &Context, running: &RunningBox, job: JobId) -> Result<Done> {
    ended(context, &running.follow(&context.out, "job", job)?)
}

/// What became of a job, as the command's own outcome.
pub(super) fn ended(context: &Context, job: &Job) -> Result<Done> {
    let out = &context.out;
    match (&job.result, &job.fault, job.state) {
        (Some(result), _, JobState::Done) => {
            super::usb::warn(out, result);
            out.line(result_line(result));
            if let JobResult::Check(found) = result {
                let wrong = found.wrong.iter();
                wrong.for_each(|one| out.line(format_args!("  {}", one.escape_debug())));
            }
            for one in result.left_out() {
                out.line(format_args!("  {}: {}", one.path, one.why.escape_debug()));
            }
            out.document(&json!({ "job": job.id.0, "result": result_json(result) }));
            Ok(Done::imperfect_if(result.is_imperfect()))
        }
        (_, Some(fault), JobState::Failed) => Err(fault.clone().into()),
        (_, _, JobState::Paused) => {
            out.line(job_line(job));
            out.document(&json!({ "job": job.id.0, "state": "paused" }));
            Ok(Done::Imperfect)
        }
        _ => {
            let sentence = format!("Job {} was cancelled.", job.id);
            let advice = "Start it again if you want it done.";
            Err(calls::Fault::new(FaultCode::Stopped, sentence, advice).into())
        }
    }
}

/// The numbers of a result, without the word that says of what.
fn result_json(result: &JobResult) -> Value {
    match json_of(result) {
        Value::Object(fields) => fields.into_iter().next().map_or(Value::Null, |(_, value)| value),
        other => other,
    }
}

fn result_line(result: &JobResult) -> String {
    match result {
        JobResult::Backup(one) => {
            let odd = match one.skipped + one.unsettled {
                0 => String::new(),
                some => format!("; {} left out or still changing", show::count(some, "file")),
            };
            format!(
                "snapshot {}\n{}, {}, {} in all, {} new to the vault\nstored on {} of {}{odd}",
                one.snapshot,
                show::count(one.files, "file"),
                show::count(one.folders, "folder"),
                Bytes(one.bytes),
                Bytes(one.new_bytes),
                one.copies,
                show::count(one.copies_wanted.into(), "disk"),
            )
        }
        JobResult::Check(one) => format!(
            "{}, {} read, {} damaged, {} repaired, {} with too few copies, {} lost: {}",
            show::count(one.packs, "pack"),
            Bytes(one.bytes_read),
            one.damaged,
            one.repaired,
            one.under_copied,
            show::count(one.lost_files, "file"),
            if one.clean { "all is well" } else { "not all is well" }
        ),
        JobResult::Rebuild(one) => format!(
            "{} copied, {}; {} with too few copies",
            show::count(one.copied, "pack"),
            Bytes(one.bytes),
            show::count(one.still_under_copied, "pack")
        ),
        JobResult::Forget(one) => format!(
            "forgot {}; the room is freed by `holdfast prune`",
            show::count(one.forgotten, "snapshot")
        ),
        JobResult::Prune(one) => format!(
            "{} marked to go, {} deleted, {} freed, {} wait out their grace",
            show::count(one.tombstoned, "pack"),
            show::count(one.unlinked, "pack"),
            Bytes(one.freed),
            Bytes(one.waiting)
        ),
        JobResult::Usb(one) => super::usb::line(one),
        JobResult::UsbVerify(one) => {
            format!(
                "{} are as they should be, {}",
                show::count(one.files, "file"),
                Bytes(one.bytes)
            )
        }
        JobResult::BurnIn(one) => super::burn_in::line(one),
        JobResult::BringBack(one) => super::reborn::line(one),
        JobResult::Import(one) => super::import::line(one),
        JobResult::Restore(one) => format!(
            "{}, {} restored, {}; {} could not be",
            show::count(one.files, "file"),
            show::count(one.folders, "folder"),
            Bytes(one.bytes),
            one.failed
        ),
    }
}
