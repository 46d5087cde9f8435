//! `holdfast rescue`: everything back from pulled disks and the words, with nothing else.
//!
//! No vault file, no catalog, nothing written to the volumes: it works on disks that are mounted
//! read-only and on what is left of a vault. Start at [`run`].

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use vault::{Access, Found, RestoreOptions, RestoreReport, SnapshotInfo, Vault, VaultError};
use volume::{Disk, FsDisk};

use super::restore;
use crate::Result;
use crate::args::Rescue;
use crate::fail::CliError;
use crate::out::Out;
use crate::progress::Meter;
use crate::secrets::Supplied;
use crate::session::{Context, Done, guarded, options, tell};
use crate::{show, signals};

/// Gets everything back.
pub(super) fn run(context: &Context, args: &Rescue) -> Result<Done> {
    let vault = open(context, args)?;
    let out = &context.out;
    if args.list {
        return list(out, &vault);
    }
    let to = args
        .to
        .as_deref()
        .ok_or_else(|| CliError::Usage { what: "rescue needs --to DIR, or --list".to_owned() })?;
    let mut results = Vec::new();
    let mut done = Done::Clean;
    for wish in wishes(&vault, args.snapshot.as_deref())? {
        if signals::stopped() {
            return Err(VaultError::Stopped.into());
        }
        let (result, went) = one(out, &vault, &wish, to)?;
        results.push(result);
        if went == Done::Imperfect {
            done = Done::Imperfect;
        }
    }
    if results.is_empty() {
        out.line("The vault holds no snapshot.");
    }
    out.document(&json!({ "to": to.to_string_lossy(), "restored": results }));
    vault.close()?;
    Ok(done)
}

/// Opens the vault from the folders alone, for reading.
pub(super) fn open(context: &Context, args: &Rescue) -> Result<Vault> {
    let (mut disks, mut missing): (Vec<Arc<dyn Disk>>, Vec<String>) = (Vec::new(), Vec::new());
    for dir in &args.volumes {
        match FsDisk::open(dir, None) {
            Ok(disk) => disks.push(guarded(disk, Access::ReadOnly)),
            Err(error) => missing.push(with_causes(&error)),
        }
    }
    if disks.is_empty() {
        let detail: String = missing.iter().map(|text| format!("\n  {text}")).collect();
        return Err(CliError::NoVolumeNamed { detail });
    }
    for text in &missing {
        context.out.warn(text);
    }
    let secret = Supplied::load(&context.global, &context.out)?;
    let (env, secret) = (host::env(), secret.as_secrets());
    let opened = Vault::open(env, options(None), Access::ReadOnly, disks, None, secret);
    let (vault, report) = opened?;
    tell(&report, &context.out);
    Ok(vault)
}

/// An error and what lies behind it, in one line.
fn with_causes(error: &volume::VolumeError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}

fn list(out: &Out, vault: &Vault) -> Result<Done> {
    let all = vault.snapshots(None)?;
    for info in &all {
        let (id, when) = (info.id.short(), show::time(info.received));
        out.line(format_args!("{id} {when} {}", info.source_name.escape_debug()));
    }
    let list: Vec<_> = all.iter().map(show::snapshot_json).collect();
    out.document(&json!({ "snapshots": list }));
    Ok(Done::Clean)
}

/// A source to be restored.
struct Wish {
    /// The name of its folder.
    folder: PathBuf,
    /// Its versions, the wanted one first; the others stand by if that cannot be read.
    versions: Vec<SnapshotInfo>,
}

fn wishes(vault: &Vault, snapshot: Option<&str>) -> Result<Vec<Wish>> {
    let mut taken = HashSet::new();
    if let Some(name) = snapshot {
        let info = vault.find_snapshot(name)?.info;
        let folder = folder_for(&info, &mut taken);
        return Ok(vec![Wish { folder, versions: vec![info] }]);
    }
    let mut all = vault.snapshots(None)?;
    all.reverse();
    let mut wishes = Vec::new();
    for (source, ..) in vault.sources() {
        let versions: Vec<_> = all.iter().filter(|one| one.source == source).cloned().collect();
        if let Some(newest) = versions.first() {
            wishes.push(Wish { folder: folder_for(newest, &mut taken), versions });
        }
    }
    Ok(wishes)
}

/// A folder named like the source, if that is a name that a folder can have and none has yet.
fn folder_for(info: &SnapshotInfo, taken: &mut HashSet<PathBuf>) -> PathBuf {
    let plain = info.source_name.replace('/', "_");
    let is_name = filetree::check_name(plain.as_bytes()).is_ok();
    let plain = if is_name { plain } else { info.source.to_string() };
    let folder = PathBuf::from(&plain);
    if taken.insert(folder.clone()) {
        return folder;
    }
    let other = PathBuf::from(format!("{plain}-{}", info.source.short()));
    taken.insert(other.clone());
    other
}

/// Restores one source; what stands in the way of one does not stop the others.
fn one(out: &Out, vault: &Vault, wish: &Wish, to: &Path) -> Result<(Value, Done)> {
    let target = to.join(&wish.folder);
    let name = String::from_utf8_lossy(wish.folder.as_os_str().as_bytes()).into_owned();
    let mut done = Done::Clean;
    for info in &wish.versions {
        let result = vault.read_snapshot(info).and_then(|snapshot| {
            restored(out, vault, &Found { info: info.clone(), snapshot }, &target)
        });
        match result {
            Ok(mut report) => {
                for (path, _) in report.lost.iter_mut().chain(&mut report.shortfalls) {
                    path.splice(0..0, name.bytes().chain(*b"/"));
                }
                restore::tell_shortcomings(out, &report);
                let counts = restore::counts(&report);
                let id = info.id.short();
                out.line(format_args!("restored {name} from {id}: {counts}"));
                let mut fields = restore::report_json(&report);
                fields.insert("source".to_owned(), json!(info.source_name));
                fields.insert("snapshot".to_owned(), show::snapshot_json(info));
                fields.insert("to".to_owned(), json!(target.to_string_lossy()));
                let went = if done == Done::Clean { restore::done(&report) } else { done };
                return Ok((Value::Object(fields), went));
            }
            Err(error @ (VaultError::Stopped | VaultError::Write(_))) => return Err(error.into()),
            Err(error) => {
                let (id, when) = (info.id.short(), show::time(info.received));
                out.warn(format_args!("{name}: snapshot {id} of {when} is lost: {error}"));
                done = Done::Imperfect;
            }
        }
    }
    out.warn(format_args!("{name}: none of its snapshots can be read"));
    Ok((json!({ "source": name, "lost_count": 1, "snapshot": null }), Done::Imperfect))
}

fn restored(
    out: &Out,
    vault: &Vault,
    found: &Found,
    target: &Path,
) -> std::result::Result<RestoreReport, VaultError> {
    let mut meter = Meter::new(out, "rescue");
    meter.total(found.snapshot.stats.files, found.snapshot.stats.bytes);
    let options = RestoreOptions::default();
    vault.restore(found, b"", target, options, &mut |progress| meter.tick(progress))
}
