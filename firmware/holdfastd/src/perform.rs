//! Doing a job: one call of the vault, and its report in numbers.
//!
//! No policy here, and nothing that another job would have to know of. Each can be begun again after
//! a cut at any moment: what is stored is not stored twice, and a backup that was finished before its
//! record could say so is recognised. Start at [`perform`].

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use calls::{
    BackupResult, CheckResult, ForgetResult, JobResult, JobSpec, LeftOut, PruneResult, RawPath,
    RebuildResult, RestoreResult, first_of, first_wrong,
};
use format::record::SnapshotKind;
use vault::{
    BackupSpec, CheckOptions, CheckReport, OnProgress, PruneOptions, RebuildReport, RestoreOptions,
    SnapshotInfo, Vault, VaultError,
};

use crate::book::Begun;
use crate::own::Own;
use crate::record::Found;

/// Does the job.
pub(crate) fn perform(
    vault: &Vault,
    begun: &Begun,
    own: &Own,
    progress: OnProgress<'_>,
) -> Result<JobResult, VaultError> {
    match &begun.spec {
        JobSpec::Backup { source, paths, excludes, space } => {
            let spec = BackupSpec {
                source: source.clone(),
                space: space.as_deref().map(|name| vault.space_or_new(name)).transpose()?,
                paths: paths.iter().map(path_of).collect(),
                excludes: excludes.clone(),
                never: own.ids(),
                host: host_name(),
            };
            if let Some(found) = &begun.found
                && let Some(result) = finished_before(vault, &spec, found.newest.as_deref())?
            {
                return Ok(JobResult::Backup(result));
            }
            backup(vault, &spec, progress).map(JobResult::Backup)
        }
        JobSpec::Check { read_data, repair } => {
            let options = CheckOptions { read_data: *read_data, repair: *repair };
            check(vault, options, progress).map(JobResult::Check)
        }
        // With the keys at hand more is seen: what should be there and is not.
        JobSpec::Scrub {} => {
            let options = CheckOptions { read_data: true, repair: false };
            check(vault, options, progress).map(JobResult::Check)
        }
        JobSpec::Rebuild {} => {
            vault.rebuild(progress).map(|report| JobResult::Rebuild(rebuilt(&report)))
        }
        JobSpec::Drain { volume } => {
            drain(vault, volume, progress).map(|report| JobResult::Rebuild(rebuilt(&report)))
        }
        JobSpec::Forget { snapshots } => {
            forget(vault, snapshots, begun.again).map(JobResult::Forget)
        }
        JobSpec::Prune { allow_large } => {
            let options = PruneOptions { allow_large: *allow_large, ..PruneOptions::default() };
            let report = vault.prune(options, progress)?;
            Ok(JobResult::Prune(PruneResult {
                tombstoned: report.tombstoned,
                unlinked: report.unlinked,
                freed: report.freed.0,
                waiting: report.waiting.0,
            }))
        }
        JobSpec::Usb { .. }
        | JobSpec::UsbVerify { .. }
        | JobSpec::Import { .. }
        | JobSpec::BringBack {}
        | JobSpec::BurnIn { .. } => Err(VaultError::Bad { what: "a job for others".to_owned() }),
        JobSpec::Restore { snapshot, path, to, overwrite } => {
            let found = vault.find_snapshot(snapshot)?;
            let options = RestoreOptions { overwrite: *overwrite };
            let report = vault.restore(&found, &path.0, &path_of(to), options, progress)?;
            let lost = report.lost.iter();
            Ok(JobResult::Restore(RestoreResult {
                left_out: first_of(lost.map(|(path, why)| named(path, why))),
                items: report.files + report.folders + report.others,
                files: report.files,
                folders: report.folders,
                bytes: report.bytes,
                failed: report.lost_count,
            }))
        }
    }
}

/// A path that was asked for.
pub(crate) fn path_of(path: &RawPath) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(&path.0))
}

/// A path that was left out, and a reason that is no longer than people read.
pub(crate) fn named(path: &[u8], why: &str) -> LeftOut {
    /// Letters of a reason.
    const WHY_MAX: usize = 200;
    LeftOut { path: RawPath::from(path), why: why.chars().take(WHY_MAX).collect() }
}

/// What a job finds before it first begins, if that is to be remembered.
pub(crate) fn look(vault: &Vault, spec: &JobSpec) -> Option<Found> {
    let JobSpec::Backup { source, space, .. } = spec else { return None };
    let space = space.as_deref().map_or(Some(vault.everyone()), |name| vault.space_named(name));
    // A source that is not there yet has none, nor has a space.
    let all = space.and_then(|space| vault.snapshots_in(Some(space), Some(source)).ok());
    let all = all.unwrap_or_default();
    Some(Found { newest: all.last().map(|snapshot| snapshot.id.to_string()), ..Found::default() })
}

/// What an earlier beginning of this backup stored, if it came to its end: a snapshot of the same
/// folders that is newer than what the source had before.
fn finished_before(
    vault: &Vault,
    spec: &BackupSpec,
    before: Option<&str>,
) -> Result<Option<BackupResult>, VaultError> {
    let space = spec.space.unwrap_or_else(|| vault.everyone());
    let all = match vault.snapshots_in(Some(space), Some(&spec.source)) {
        Ok(all) => all,
        Err(VaultError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let known = all.iter().position(|one| Some(one.id.to_string().as_str()) == before);
    if known.is_none() && before.is_some() {
        // What it had was forgotten since: then nothing can be told from it.
        return Ok(None);
    }
    for info in &all[known.map_or(0, |at| at + 1)..] {
        if info.kind != SnapshotKind::Backup {
            continue;
        }
        let snapshot = vault.read_snapshot(info)?;
        let mut paths = spec.paths.iter().map(|path| path.as_os_str().as_bytes());
        let same_paths = snapshot.paths.len() == spec.paths.len()
            && snapshot.paths.iter().all(|path| paths.next() == Some(&path[..]));
        if same_paths && snapshot.excludes == spec.excludes {
            let wanted = vault.copies();
            return Ok(Some(BackupResult {
                snapshot: info.id.to_string(),
                files: snapshot.stats.files,
                folders: snapshot.stats.folders,
                bytes: snapshot.stats.bytes,
                new_bytes: snapshot.stats.new_bytes,
                skipped: snapshot.stats.skipped,
                unsettled: 0,
                // The receipt was lost with the record; what every pack has is true of these, too.
                copies: wanted.min(vault.copies_here()?.fewest.unwrap_or(0)),
                copies_wanted: wanted,
                left_out: Vec::new(),
            }));
        }
    }
    Ok(None)
}

fn backup(
    vault: &Vault,
    spec: &BackupSpec,
    progress: OnProgress<'_>,
) -> Result<BackupResult, VaultError> {
    let report = vault.backup(spec, progress)?;
    let skipped = report.skipped.iter().map(|one| named(&one.path, &one.reason.to_string()));
    let unsettled =
        report.unsettled_paths.iter().map(|path| named(path, "it kept changing while it was read"));
    Ok(BackupResult {
        snapshot: report.snapshot.to_string(),
        files: report.stats.files,
        folders: report.stats.folders,
        bytes: report.stats.bytes,
        new_bytes: report.stats.new_bytes,
        skipped: report.stats.skipped,
        unsettled: report.unsettled,
        copies: report.receipt.copies,
        copies_wanted: report.receipt.wanted,
        left_out: first_of(skipped.chain(unsettled)),
    })
}

/// What a check found on disks: on which, in which pack, and what.
fn wrong_in(report: &CheckReport) -> impl Iterator<Item = String> {
    let damaged = report.damaged.iter().map(|one| {
        let pack = one.pack.map_or_else(String::new, |pack| format!("pack {}: ", pack.short()));
        let end = if one.repaired { " (repaired)" } else { "" };
        format!("{}: {pack}{}{end}", one.volume, one.what)
    });
    let absent = report.absent.iter().map(|id| {
        format!("volume {} is not here or cannot be used; it was not checked", id.short())
    });
    let lost = report.lost_packs.iter();
    let lost = lost.map(|pack| format!("pack {} has no sound copy here", pack.short()));
    let short = report.under_copied_packs.iter();
    let short = short.map(|pack| format!("pack {} has too few copies", pack.short()));
    damaged.chain(absent).chain(lost).chain(short)
}

fn check(
    vault: &Vault,
    options: CheckOptions,
    progress: OnProgress<'_>,
) -> Result<CheckResult, VaultError> {
    let report = vault.check(options, progress)?;
    for damage in &report.damaged {
        tracing::warn!(volume = damage.volume, what = damage.what, repaired = damage.repaired);
    }
    let file = |snapshot: &str, path: &[u8], why: &str| {
        named(path, &format!("in snapshot {snapshot}: {why}"))
    };
    let lost = report.lost_files.iter();
    let lost = lost.map(|(snapshot, path)| file(snapshot, path, "no disk has all of it"));
    let away = report.away_files.iter();
    let away = away.map(|(snapshot, path)| file(snapshot, path, "it needs a disk that is away"));
    Ok(CheckResult {
        clean: report.is_clean(),
        packs: report.packs,
        bytes_read: report.bytes_read,
        damaged: report.damaged.len() as u64,
        repaired: report.repaired,
        under_copied: report.under_copied,
        lost_packs: report.lost_packs.len() as u64,
        lost_files: report.lost_file_count,
        absent: report.absent.len() as u64,
        wrong: first_wrong(wrong_in(&report)),
        left_out: first_of(lost.chain(away)),
    })
}

/// Empties a volume that is here, or lets go of one that is not. One that the vault let go already,
/// before a cut, is done.
fn drain(
    vault: &Vault,
    volume: &str,
    progress: OnProgress<'_>,
) -> Result<RebuildReport, VaultError> {
    let known = vault.volumes()?.into_iter().find(|one| one.id.to_string() == volume);
    match known {
        None => Ok(RebuildReport { drained: true, ..RebuildReport::default() }),
        Some(known) if known.path.is_empty() => vault.finish_replacing(known.id, progress),
        Some(known) => vault.retire(known.id, progress),
    }
}

fn rebuilt(report: &RebuildReport) -> RebuildResult {
    RebuildResult {
        copied: report.copied,
        bytes: report.bytes.0,
        still_under_copied: report.still_under_copied,
        failed: report.failed.len() as u64,
        lost: report.lost.len() as u64,
        away: report.away.len() as u64,
    }
}

/// Lets go of the snapshots that are named, or of those that the usual rule lets go. One that was
/// let go by an earlier beginning is no mistake.
fn forget(vault: &Vault, named: &[String], again: bool) -> Result<ForgetResult, VaultError> {
    let chosen = match named {
        [] => vault.expired_by_policy(None)?,
        names => {
            let mut chosen: Vec<SnapshotInfo> = Vec::new();
            for name in names {
                let info = match vault.find_snapshot(name) {
                    Err(VaultError::NotFound { .. }) if again => continue,
                    other => other?.info,
                };
                if !chosen.iter().any(|one| (one.id, one.source) == (info.id, info.source)) {
                    chosen.push(info);
                }
            }
            chosen
        }
    };
    let report = vault.forget(&chosen)?;
    Ok(ForgetResult { forgotten: report.forgotten.len() as u64 })
}

/// The box's name, for the record; none where it is not told.
pub(crate) fn host_name() -> String {
    /// A host name is never longer than this on Linux.
    const LEN_MAX: usize = 64;
    let text = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    text.trim().chars().take(LEN_MAX).collect()
}
