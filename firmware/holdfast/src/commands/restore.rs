//! `holdfast restore`: a snapshot, or part of it, as plain files; what could not be is listed.
//!
//! Start at [`run`]; [`tell_shortcomings`] serves `rescue`, too.

use serde_json::{Map, Value, json};
use types::Bytes;
use vault::{Access, RestoreOptions, RestoreReport};

use crate::Result;
use crate::args::Restore;
use crate::out::Out;
use crate::place::Place;
use crate::progress::Meter;
use crate::session::{Context, Done, Session};
use crate::show;

/// Restores.
pub(super) fn run(context: &Context, args: &Restore) -> Result<Done> {
    let place = Place::of_snapshot(&args.place)?;
    Session::run(context, Access::ReadOnly, |session| {
        let found = session.snapshot(context, &place.name)?;
        let mut meter = Meter::new(&context.out, "restore");
        if place.path.is_empty() {
            meter.total(found.snapshot.stats.files, found.snapshot.stats.bytes);
        }
        let options = RestoreOptions { overwrite: args.overwrite };
        let report =
            session.vault.restore(&found, &place.path, &args.to, options, &mut |progress| {
                meter.tick(progress)
            });
        meter.finish();
        let report = report?;
        let out = &context.out;
        tell_shortcomings(out, &report);
        out.line(format_args!(
            "restored {} to {}: {}",
            found.info.id.short(),
            args.to.display(),
            counts(&report)
        ));
        let mut fields = report_json(&report);
        fields.insert("snapshot".to_owned(), show::snapshot_json(&found.info));
        fields.insert("to".to_owned(), json!(args.to.to_string_lossy()));
        out.document(&Value::Object(fields));
        Ok(done(&report))
    })
}

/// How well it went.
pub(super) fn done(report: &RestoreReport) -> Done {
    Done::imperfect_if(report.lost_count + report.shortfall_count > 0)
}

/// What was restored, in words.
pub(super) fn counts(report: &RestoreReport) -> String {
    format!(
        "{}, {}, {}, {}",
        show::count(report.files, "file"),
        show::count(report.folders, "folder"),
        show::count(report.others, "other"),
        Bytes(report.bytes)
    )
}

/// Lists what was not restored, or not wholly.
pub(super) fn tell_shortcomings(out: &Out, report: &RestoreReport) {
    for (path, why) in &report.lost {
        out.warn(format_args!("not restored: {}: {why}", show::path_text(path)));
    }
    more(out, "were not restored", report.lost_count, report.lost.len());
    for (path, why) in &report.shortfalls {
        out.warn(format_args!("not as it was: {}: {why}", show::path_text(path)));
    }
    more(out, "are not as they were", report.shortfall_count, report.shortfalls.len());
}

fn more(out: &Out, what: &str, count: u64, named: usize) {
    let unnamed = count.saturating_sub(named as u64);
    if unnamed > 0 {
        out.warn(format_args!("and {unnamed} more {what}"));
    }
}

/// A report as JSON.
pub(super) fn report_json(report: &RestoreReport) -> Map<String, Value> {
    let list = |all: &[(Vec<u8>, String)]| -> Vec<Value> {
        all.iter().map(|(path, why)| show::path_and_reason(path, why)).collect()
    };
    Map::from_iter([
        ("files".to_owned(), json!(report.files)),
        ("folders".to_owned(), json!(report.folders)),
        ("others".to_owned(), json!(report.others)),
        ("bytes".to_owned(), json!(report.bytes)),
        ("lost_count".to_owned(), json!(report.lost_count)),
        ("lost".to_owned(), json!(list(&report.lost))),
        ("shortfall_count".to_owned(), json!(report.shortfall_count)),
        ("shortfalls".to_owned(), json!(list(&report.shortfalls))),
    ])
}
