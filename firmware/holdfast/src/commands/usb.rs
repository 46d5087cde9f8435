//! `holdfast usb`: plain files on USB drives, read back and listed; and reading them again later.
//!
//! The drives are mounted already, and nothing here unmounts them. Start at [`run`].

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use restore::{Choice, Options, Report, Stage, VerifyReport, restore_to_drives, verify};
use serde_json::{Value, json};
use types::{Bytes, Clock, Millis};
use vault::Access;

use crate::Result;
use crate::args::UsbCommand;
use crate::out::Out;
use crate::progress::Meter;
use crate::session::{Context, Done, Session, vault_file};
use crate::show;

/// Deals with drives.
pub(super) fn run(context: &Context, command: &UsbCommand) -> Result<Done> {
    match command {
        UsbCommand::Restore { drives, sources, path, ago, anew } => {
            let path = path.as_ref().map_or_else(Vec::new, |path| path.as_bytes().to_vec());
            let choice = Choice { sources: sources.clone(), path, ..Choice::default() };
            restore(context, drives, choice, *ago, *anew)
        }
        UsbCommand::Verify { drive } => check(context, drive),
    }
}

fn restore(
    context: &Context,
    drives: &[PathBuf],
    mut choice: Choice,
    ago: Option<Millis>,
    anew: bool,
) -> Result<Done> {
    let now = host::SystemClock::start().now();
    choice.at = ago.map(|ago| now.minus(ago));
    choice.at_said = ago.map_or_else(String::new, |ago| format!("{} ms ago", ago.0));
    let today = show::time(now);
    let today = today.split('T').next().unwrap_or_default();
    let file = vault_file(&context.global)?;
    let memory = file.with_extension("restores");
    warn_of_no_drive(&context.out, file, drives);
    Session::run(context, Access::ReadOnly, |session| {
        let out = &context.out;
        let of = super::spaces::of_everything(&session.vault);
        if choice.sources.is_empty() {
            out.line(whose(&of));
        }
        let memory = Some(memory.as_path());
        let options = Options { today, now, memory, anew, ..Options::default() };
        let mut meter = Meters { out, stage: None };
        let done =
            restore_to_drives(&session.vault, &choice, drives, options, &mut |stage, now| {
                meter.tick(stage, now)
            });
        meter.finish();
        let report = done?;
        tell(out, &report);
        out.document(&report_json(&report));
        Ok(Done::imperfect_if(!report.is_whole()))
    })
}

/// Said before everything is taken: it may hold the files of people who are not asked.
pub(super) fn whose(of: &[String]) -> String {
    format!("takes the files of {}", of.join(", ").escape_debug())
}

/// An empty mount point is a folder like any other: plain files should not fill the wrong disk.
fn warn_of_no_drive(out: &Out, file: &Path, drives: &[PathBuf]) {
    let device = |path: &Path| path.metadata().ok().map(|meta| meta.dev());
    for drive in drives.iter().filter(|drive| device(drive).is_some()) {
        if device(drive) == device(file) {
            out.warn(format_args!(
                "{} is on the same file system as the vault's file: is a drive mounted there?",
                drive.display()
            ));
        }
    }
}

/// A bar for each stage.
struct Meters<'o> {
    out: &'o Out,
    stage: Option<(Stage, Meter)>,
}

impl Meters<'_> {
    fn tick(&mut self, stage: Stage, now: vault::Progress) -> bool {
        if let Stage::Counted { need, room } = stage {
            if need > room {
                self.finish();
                self.out.warn(too_little(need, room));
            }
            return true;
        }
        if self.stage.as_ref().is_none_or(|(last, _)| *last != stage) {
            self.finish();
            let what = match stage {
                Stage::Counting | Stage::Counted { .. } => "count",
                Stage::Writing => "write",
                Stage::Checking => "read back",
            };
            self.stage = Some((stage, Meter::new(self.out, what)));
        }
        let Some((_, meter)) = &mut self.stage else { return true };
        if let (Some(items), Some(bytes)) = (now.items_total, now.bytes_total) {
            meter.total(items, bytes);
        }
        meter.tick(now)
    }

    fn finish(&mut self) {
        if let Some((_, meter)) = self.stage.take() {
            meter.finish();
        }
    }
}

fn too_little(need: Bytes, room: Bytes) -> String {
    format!(
        "{need} are to be written, and there is room for {room}: what is hardest to get again comes \
         first"
    )
}

fn tell(out: &Out, report: &Report) {
    if report.continued {
        let begun = &report.begun;
        out.line(format_args!("went on with the restore of {begun}; --anew begins another"));
    }
    for (path, why) in &report.left_out {
        out.warn(format_args!("left out: {}: {why}", show::path_text(path)));
    }
    let unnamed = report.left_out_count - report.left_out.len() as u64;
    if unnamed > 0 {
        out.warn(format_args!("and {unnamed} more; left-out.txt on the drive lists all"));
    }
    tell_damage(out, &report.checked);
    for (class, files, bytes) in &report.no_room {
        let (files, bytes, what) = (show::count(*files, "file"), Bytes(*bytes), class.words());
        out.warn(format_args!("no room for {files}, {bytes}: {what}"));
    }
    if !report.no_room.is_empty() {
        out.warn("run it again with one more drive, and the rest goes there");
    }
    let (files, bytes) = (show::count(report.written.0, "file"), Bytes(report.written.1));
    let earlier = match report.earlier {
        0 => String::new(),
        count => format!("; {count} were there from before"),
    };
    out.line(format_args!("{files} written, {bytes}{earlier}"));
    if report.renamed > 0 {
        let count = show::count(report.renamed, "file or folder");
        out.line(format_args!("{count} under another name: renamed.txt on the drive"));
    }
    let (files, bytes) = (show::count(report.checked.files, "file"), Bytes(report.checked.bytes));
    let all = if report.checked.damaged_count == 0 { ", all" } else { "" };
    out.line(format_args!("{files} read back, {bytes}{all} as they should be"));
    for root in &report.roots {
        out.line(format_args!("open {}", root.join(restore::PAGE).display()));
    }
    out.line("Unmount the drive before you pull it.");
}

fn tell_damage(out: &Out, checked: &VerifyReport) {
    for (path, why) in &checked.damaged {
        out.warn(format_args!("damaged on the drive: {path}: {why}"));
    }
    if checked.damaged_count > 0 {
        let count = show::count(checked.damaged_count, "file");
        out.warn(format_args!(
            "{count} were not kept as written; run it again to write them anew, or take another drive"
        ));
    }
}

fn report_json(report: &Report) -> Value {
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    let left: Vec<_> =
        report.left_out.iter().map(|(path, why)| show::path_and_reason(path, why)).collect();
    let no_room: Vec<_> = report
        .no_room
        .iter()
        .map(|(class, files, bytes)| json!({"kind": class.words(), "files": files, "bytes": bytes}))
        .collect();
    json!({
        "roots": report.roots.iter().map(path).collect::<Vec<_>>(),
        "continued": report.continued,
        "begun": report.begun,
        "wanted_files": report.wanted.0,
        "wanted_bytes": report.wanted.1,
        "written_files": report.written.0,
        "written_bytes": report.written.1,
        "earlier_files": report.earlier,
        "by_kind": report.by_class,
        "no_room": no_room,
        "renamed": report.renamed,
        "left_out_count": report.left_out_count,
        "left_out": left,
        "checked": checked_json(&report.checked),
    })
}

fn checked_json(checked: &VerifyReport) -> Value {
    let damaged: Vec<_> =
        checked.damaged.iter().map(|(path, why)| json!({"path": path, "reason": why})).collect();
    json!({
        "files": checked.files,
        "bytes": checked.bytes,
        "damaged_count": checked.damaged_count,
        "damaged": damaged,
    })
}

fn check(context: &Context, drive: &Path) -> Result<Done> {
    let out = &context.out;
    let mut meter = Meter::new(out, "read back");
    let found = verify(drive, &mut |now| meter.tick(now));
    meter.finish();
    let found = found?;
    tell_damage(out, &found);
    let (files, bytes) = (show::count(found.files, "file"), Bytes(found.bytes));
    out.line(format_args!("{files} are as they should be, {bytes}"));
    out.document(&checked_json(&found));
    Ok(Done::imperfect_if(found.damaged_count > 0))
}
