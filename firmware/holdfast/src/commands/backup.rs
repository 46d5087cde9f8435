//! `holdfast backup`: folders become a snapshot; what could not be read is listed.
//!
//! A second thread counts the files first, so that the bar knows how long it will take; the
//! backup does not wait for it. Start at [`run`].

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use format::record::Skipped;
use serde_json::json;
use types::Bytes;
use vault::{Access, BackupReport, BackupSpec, VolumeInfo};

use crate::Result;
use crate::args::Backup;
use crate::fail::CliError;
use crate::out::Out;
use crate::progress::{Meter, Totals};
use crate::session::{Context, Done, Session};
use crate::show;

/// A host name is never longer than this on Linux.
const HOST_LEN_MAX: usize = 64;

/// Backs up.
pub(super) fn run(context: &Context, args: &Backup) -> Result<Done> {
    let absolute = |path: &PathBuf| {
        std::path::absolute(path).map_err(|source| CliError::Input { path: path.clone(), source })
    };
    let paths: Vec<PathBuf> = args.paths.iter().map(absolute).collect::<Result<_>>()?;
    let mut spec = BackupSpec {
        source: args.named_source()?.to_owned(),
        space: None,
        paths,
        excludes: args.exclude.clone(),
        never: Vec::new(),
        host: host(),
    };
    Session::run(context, Access::ReadWrite, |session| {
        spec.space = session.space(context)?;
        let mut meter = Meter::new(&context.out, "backup");
        // What patterns leave out is not counted apart, so with them there is no honest total.
        if meter.is_seen() && args.exclude.is_empty() {
            let (paths, totals) = (spec.paths.clone(), Arc::clone(&meter.totals));
            std::thread::spawn(move || count(paths, &totals));
        }
        let report = session.vault.backup(&spec, &mut |progress| meter.tick(progress));
        meter.finish();
        let report = report?;
        tell(context, &spec.source, &report, &session.vault.volumes()?);
        let short = report.receipt.copies < report.receipt.wanted;
        Ok(Done::imperfect_if(report.stats.skipped + report.unsettled > 0 || short))
    })
}

/// What was left out, and what kept changing: the paths that are named, and how many more there are.
pub(super) fn warn(
    out: &Out,
    skipped: u64,
    skipped_named: &[Skipped],
    unsettled: u64,
    unsettled_named: &[Vec<u8>],
) {
    for one in skipped_named {
        out.warn(format_args!("left out: {}: {}", show::path_text(&one.path), one.reason));
    }
    let unnamed = skipped.saturating_sub(skipped_named.len() as u64);
    if unnamed > 0 {
        out.warn(format_args!("and {unnamed} more were left out"));
    }
    for path in unsettled_named {
        let path = show::path_text(path);
        out.warn(format_args!("changing: {path}: it is stored as last seen, and marked"));
    }
    let unnamed = unsettled.saturating_sub(unsettled_named.len() as u64);
    if unnamed > 0 {
        out.warn(format_args!("and {unnamed} more kept changing while they were read"));
    }
}

fn tell(context: &Context, source: &str, report: &BackupReport, volumes: &[VolumeInfo]) {
    let (out, stats) = (&context.out, &report.stats);
    warn(out, stats.skipped, &report.skipped, report.unsettled, &report.unsettled_paths);
    out.line(format_args!("snapshot {} of {source}", report.snapshot));
    out.line(format_args!(
        "{}, {}, {}, {} in all, {} new to the vault",
        show::count(stats.files, "file"),
        show::count(stats.folders, "folder"),
        show::count(stats.others, "other"),
        Bytes(stats.bytes),
        Bytes(stats.new_bytes)
    ));
    let (copies, wanted) = (report.receipt.copies, report.receipt.wanted);
    if copies < wanted {
        let why = why_fewer(volumes);
        out.warn(format_args!("stored on {copies} instead of {wanted} disks: {why}"));
    } else {
        out.line(format_args!("stored on {}", show::count(copies.into(), "disk")));
    }
    let skipped: Vec<_> =
        report.skipped.iter().map(|one| show::path_and_reason(&one.path, &one.reason)).collect();
    let unsettled: Vec<_> = report
        .unsettled_paths
        .iter()
        .map(|path| show::path_and_reason(path, "it kept changing"))
        .collect();
    out.document(&json!({
        "snapshot": report.snapshot.to_string(),
        "source": source,
        "source_id": report.source.to_string(),
        "files": stats.files,
        "folders": stats.folders,
        "others": stats.others,
        "bytes": stats.bytes,
        "new_bytes": stats.new_bytes,
        "skipped_count": stats.skipped,
        "skipped": skipped,
        "unsettled_count": report.unsettled,
        "unsettled": unsettled,
        "copies": copies,
        "copies_wanted": wanted,
    }));
}

/// The disks that take no part, each with its reason.
pub(super) fn why_fewer(volumes: &[VolumeInfo]) -> String {
    let out_of_use: Vec<String> = volumes
        .iter()
        .filter(|one| one.state != "member")
        .map(|one| match one.path.as_str() {
            "" => format!("volume {} is {}", one.id.short(), one.state),
            path => format!("{path} is {}", one.state),
        })
        .collect();
    match out_of_use.is_empty() {
        true => "add a disk, or lower the copies".to_owned(),
        false => out_of_use.join(", "),
    }
}

/// Adds up what the backup will read. Anything odd is the backup's to report.
pub(super) fn count(paths: Vec<PathBuf>, totals: &Totals) {
    // A link that was named is followed, as the backup does; one that is found is not.
    let mut waiting: Vec<PathBuf> =
        paths.into_iter().map(|path| path.canonicalize().unwrap_or(path)).collect();
    let mut linked = HashSet::new();
    while let Some(path) = waiting.pop() {
        if totals.enough.load(Ordering::Relaxed) {
            return;
        }
        let Ok(meta) = path.symlink_metadata() else { continue };
        if meta.is_dir() {
            waiting.extend(names_in(&path));
        } else if meta.is_file() && (meta.nlink() == 1 || linked.insert((meta.dev(), meta.ino()))) {
            totals.items.fetch_add(1, Ordering::Relaxed);
            totals.bytes.fetch_add(meta.len(), Ordering::Relaxed);
        }
    }
    totals.known.store(true, Ordering::Release);
}

fn names_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
}

/// The computer's name, for the record; none where it is not told.
pub(super) fn host() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    text.trim().chars().take(HOST_LEN_MAX).collect()
}
