//! `backup`, `restore`, `snapshots` and `ls` against a box over the network that this computer is paired with.
//!
//! Start at [`run`].

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use computer::{Backup, ComputerError, Folders, Line, News, Pairing, Report, Restore, Version};
use serde_json::{Map, Value, json};
use types::Bytes;
use vault::{BackupSpec, RestoreOptions};

use super::restore::{counts, done, report_json, tell_shortcomings};
use crate::Result;
use crate::args::{self, Command};
use crate::client::DEFAULT_SOCKET;
use crate::fail::CliError;
use crate::out;
use crate::place::Place;
use crate::progress::Meter;
use crate::session::{Context, Done};
use crate::{show, signals};

pub(super) fn folders() -> Result<Folders> {
    Folders::of_user(|name| std::env::var_os(name).map(PathBuf::from)).ok_or(CliError::NoHome)
}

/// The box that `--box` means, if it is one that this computer is paired with. `default` means the only one
/// where no box runs on this very computer.
pub(super) fn named(context: &Context) -> Option<String> {
    let name = context.global.running_box.as_ref()?.to_str()?;
    let folders = folders().ok()?;
    if name != "default" {
        return folders.knows(name).then(|| name.to_owned());
    }
    if std::env::var_os("HOLDFAST_BOX").is_some() || Path::new(DEFAULT_SOCKET).exists() {
        return None;
    }
    let mut names = folders.names();
    if names.len() == 1 { names.pop() } else { None }
}

/// The box that is meant, or the only one that this computer is paired with.
pub(super) fn the_box(context: &Context) -> Result<String> {
    if let Some(name) = named(context) {
        return Ok(name);
    }
    let mut names = folders()?.names();
    match (context.global.running_box.is_none() && names.len() == 1).then(|| names.pop()).flatten()
    {
        Some(name) => Ok(name),
        None => {
            let what = "say with --box which box that this computer is paired with".to_owned();
            Err(CliError::Usage { what })
        }
    }
}

/// Where a box is that this computer is paired with.
pub(super) fn address(name: &str) -> Result<String> {
    Ok(folders()?.load(name)?.address)
}

/// Does what was typed, over the network.
pub(super) fn run(context: &Context, name: &str, command: &Command) -> Result<Done> {
    let folders = folders()?;
    let remote = Remote { context, pairing: folders.load(name)?, cache: folders.cache.join(name) };
    match command {
        Command::Backup(args) => remote.backup(args),
        Command::Restore(args) => remote.restore(args),
        Command::Snapshots { source } => remote.snapshots(source.as_deref()),
        Command::Ls { place, recursive } => remote.ls(place, *recursive),
        _ => Err(CliError::NotOverTheNetwork { name: name.to_owned() }),
    }
}

/// Trouble on the line, told once.
struct OnLine {
    json: bool,
}

impl News for OnLine {
    fn waits(&self, why: &ComputerError) {
        let text = format!("{why}; it is tried again");
        match self.json {
            true => out::complain(json!({ "warning": text })),
            false => out::complain(format_args!("warning: {text}")),
        }
    }

    fn stopped(&self) -> bool {
        signals::stopped()
    }
}

struct Remote<'c> {
    context: &'c Context,
    pairing: Pairing,
    cache: PathBuf,
}

impl Remote<'_> {
    fn line(&self, limit: Option<u64>) -> Result<Line> {
        let news = Arc::new(OnLine { json: self.context.out.is_json() });
        Ok(Line::to(&self.pairing, limit, host::env().clock, news)?)
    }

    fn is_own(&self, source: &str) -> Result<()> {
        if source == self.pairing.source {
            return Ok(());
        }
        let what =
            format!("this computer is paired as {:?}, and is no {source:?}", self.pairing.source);
        Err(CliError::Usage { what })
    }

    fn backup(&self, args: &args::Backup) -> Result<Done> {
        args.source.as_deref().map_or(Ok(()), |source| self.is_own(source))?;
        let absolute = |path: &PathBuf| {
            std::path::absolute(path)
                .map_err(|source| CliError::Input { path: path.clone(), source })
        };
        let paths: Vec<PathBuf> = args.paths.iter().map(absolute).collect::<Result<_>>()?;
        let spec = BackupSpec {
            source: self.pairing.source.clone(),
            space: None,
            paths,
            excludes: args.exclude.clone(),
            never: Vec::new(),
            host: super::backup::host(),
        };
        let line = self.line(args.limit)?;
        let mut meter = Meter::new(&self.context.out, "backup");
        if meter.is_seen() && args.exclude.is_empty() {
            let (paths, totals) = (spec.paths.clone(), Arc::clone(&meter.totals));
            std::thread::spawn(move || super::backup::count(paths, &totals));
        }
        let backup = Backup { pairing: &self.pairing, line: &line, cache: &self.cache, spec };
        let report = computer::back_up(&backup, &mut |progress| meter.tick(progress));
        meter.finish();
        let report = report?;
        self.tell(&report);
        let stats = &report.walked.stats;
        let short = report.copies < report.wanted;
        Ok(Done::imperfect_if(stats.skipped + report.walked.unsettled > 0 || short))
    }

    fn tell(&self, report: &Report) {
        let (out, walked) = (&self.context.out, &report.walked);
        let stats = &walked.stats;
        let (left_out, changing) = (&walked.skipped, &walked.unsettled_paths);
        super::backup::warn(out, stats.skipped, left_out, walked.unsettled, changing);
        out.line(format_args!("snapshot {} of {}", report.version, self.pairing.source));
        out.line(format_args!(
            "{}, {}, {}, {} in all, {} sent",
            show::count(stats.files, "file"),
            show::count(stats.folders, "folder"),
            show::count(stats.others, "other"),
            Bytes(stats.bytes),
            Bytes(report.sent)
        ));
        if report.copies < report.wanted {
            let (copies, wanted) = (report.copies, report.wanted);
            out.warn(format_args!("stored on {copies} instead of {wanted} disks of the box"));
        } else {
            out.line(format_args!("stored on {}", show::count(report.copies.into(), "disk")));
        }
        let named = |one: &format::record::Skipped| show::path_and_reason(&one.path, &one.reason);
        out.document(&json!({
            "snapshot": report.version,
            "source": self.pairing.source,
            "files": stats.files,
            "folders": stats.folders,
            "others": stats.others,
            "bytes": stats.bytes,
            "sent_bytes": report.sent,
            "sent_pieces": report.pieces,
            "requests": report.requests,
            "skipped_count": stats.skipped,
            "skipped": walked.skipped.iter().map(named).collect::<Vec<_>>(),
            "unsettled_count": walked.unsettled,
            "copies": report.copies,
            "copies_wanted": report.wanted,
        }));
    }

    /// The version that is meant: `latest`, `latest:SOURCE`, or an id.
    fn version(&self, line: &Line, name: &str) -> Result<Version> {
        let name = match name.strip_prefix("latest:") {
            None => name,
            Some(source) => {
                self.is_own(source)?;
                "latest"
            }
        };
        Ok(computer::find(computer::versions(line, &self.pairing)?, name)?)
    }

    fn restore(&self, args: &args::Restore) -> Result<Done> {
        let place = Place::of_snapshot(&args.place)?;
        let line = self.line(None)?;
        let version = self.version(&line, &place.name)?;
        let mut meter = Meter::new(&self.context.out, "restore");
        if place.path.is_empty() {
            meter.total(version.files, version.bytes);
        }
        let what = self.what(&line, &version, &place.path);
        let options = RestoreOptions { overwrite: args.overwrite };
        let report =
            computer::restore(&what, &args.to, options, &mut |progress| meter.tick(progress));
        meter.finish();
        let report = report?;
        let out = &self.context.out;
        tell_shortcomings(out, &report);
        let short = version.id.get(..8).unwrap_or(&version.id);
        out.line(format_args!("restored {short} to {}: {}", args.to.display(), counts(&report)));
        let mut fields: Map<String, Value> = report_json(&report);
        fields.insert("snapshot".to_owned(), self.version_json(&version));
        fields.insert("to".to_owned(), json!(args.to.to_string_lossy()));
        out.document(&Value::Object(fields));
        Ok(done(&report))
    }

    /// A part of a version, as it is asked of the box.
    fn what<'r>(&'r self, line: &'r Line, version: &'r Version, path: &'r [u8]) -> Restore<'r> {
        Restore { pairing: &self.pairing, line, cache: &self.cache, version, path }
    }

    fn ls(&self, place: &OsStr, deep: bool) -> Result<Done> {
        let place = Place::of_snapshot(place)?;
        let line = self.line(None)?;
        let version = self.version(&line, &place.name)?;
        let what = self.what(&line, &version, &place.path);
        let out = &self.context.out;
        let head = Map::from_iter([("snapshot".to_owned(), self.version_json(&version))]);
        out.begin_list(&head, "entries");
        computer::list(&what, deep, &mut |listed| super::browse::show_entry(out, &listed))?;
        out.end_list();
        super::browse::stop_if_asked()
    }

    fn version_json(&self, version: &Version) -> Value {
        json!({
            "id": version.id,
            "source": self.pairing.source,
            "received_ms": version.received.0,
            "files": version.files,
            "bytes": version.bytes,
            "skipped": version.skipped,
        })
    }

    fn snapshots(&self, source: Option<&str>) -> Result<Done> {
        source.map_or(Ok(()), |source| self.is_own(source))?;
        let all = computer::versions(&self.line(None)?, &self.pairing)?;
        let out = &self.context.out;
        for one in &all {
            out.line(format_args!(
                "{} {} {:>8}, {}",
                one.id.get(..8).unwrap_or(&one.id),
                show::time(one.received),
                show::count(one.files, "file"),
                Bytes(one.bytes)
            ));
        }
        let list: Vec<Value> = all.iter().map(|one| self.version_json(one)).collect();
        out.document(&json!({ "snapshots": list }));
        Ok(Done::Clean)
    }
}
