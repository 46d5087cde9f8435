//! `holdfast jobs`, `snapshots` and `ls` against a running box: lists, page by page.
//!
//! Start at [`jobs`].

use std::ffi::OsStr;

use calls::{
    Answer, Call, Entry, EntryKind, Job, JobSpec, JobState, PAGE_ITEMS_MAX, Page, RawPath, Snapshot,
};
use filetree::Shown;
use format::entry::EntryKind as Kind;
use serde::Serialize;
use serde_json::{Map, Value, json};
use types::{Bytes, UnixTime};

use super::looks::span;
use crate::Result;
use crate::client::{RunningBox, unexpected};
use crate::place::Place;
use crate::session::{Context, Done};
use crate::{show, signals};

/// A value of the box as a JSON document.
pub(super) fn json_of(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// Every job that the box remembers, the newest first.
pub(super) fn jobs(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let mut jobs = Vec::new();
    loop {
        let page = Page { skip: jobs.len() as u64, items: PAGE_ITEMS_MAX };
        let Answer::Jobs { jobs: some, more } = running.ask(Call::Jobs { page })? else {
            return Err(unexpected());
        };
        let none = some.is_empty();
        jobs.extend(some);
        if !more || none {
            break;
        }
    }
    for job in &jobs {
        context.out.line(job_line(job));
    }
    if jobs.is_empty() {
        context.out.line("no jobs");
    }
    context.out.document(&json!({ "jobs": json_of(&jobs) }));
    Ok(Done::Clean)
}

/// A job in a line.
pub(super) fn job_line(job: &Job) -> String {
    let state = match job.state {
        JobState::Queued => "waiting",
        JobState::Running => "running",
        JobState::Paused => "paused",
        JobState::Done => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    };
    let mut line = format!("{:>4} {state:<9} {}", job.id.0, what(&job.spec));
    let progress = &job.progress;
    if job.state == JobState::Running && progress.bytes > 0 {
        line.push_str(&format!(", {}", Bytes(progress.bytes)));
        if let Some(new) = progress.new_bytes {
            line.push_str(&format!(", {} new to the vault", Bytes(new)));
        }
        if let Some(rate) = progress.bytes_per_second {
            line.push_str(&format!(", {}/s", Bytes(rate)));
        }
        if let Some(left) = progress.left_ms {
            line.push_str(&format!(", {} left", span(left)));
        }
    }
    if let Some(rests) = &job.rests {
        line.push_str(&format!("; {rests}"));
    }
    if let Some(fault) = &job.fault {
        line.push_str(&format!(": {}", fault.sentence));
    }
    line
}

/// What a job does, in a few words.
fn what(spec: &JobSpec) -> String {
    match spec {
        JobSpec::Backup { source, .. } => format!("backup {}", source.escape_debug()),
        JobSpec::Check { repair: true, .. } => "check and repair".to_owned(),
        JobSpec::Check { read_data: true, .. } => "check every byte".to_owned(),
        JobSpec::Scrub {} => "read every byte".to_owned(),
        JobSpec::Check { .. } => "check".to_owned(),
        JobSpec::Rebuild {} => "rebuild copies".to_owned(),
        JobSpec::BringBack {} => "bring data back from friends".to_owned(),
        JobSpec::Drain { volume } => {
            format!("empty volume {}", volume.get(..8).unwrap_or(volume))
        }
        JobSpec::Forget { snapshots } if snapshots.is_empty() => "forget old versions".to_owned(),
        JobSpec::Forget { snapshots } => {
            format!("forget {}", show::count(snapshots.len() as u64, "snapshot"))
        }
        JobSpec::Prune { .. } => "prune".to_owned(),
        JobSpec::Restore { to, .. } => format!("restore to {to}"),
        JobSpec::Usb { drives, .. } => format!("restore to drive {}", drives.join(", ")),
        JobSpec::UsbVerify { drive } => format!("read drive {drive}"),
        JobSpec::BurnIn { drive, .. } => format!("test disk {drive}"),
        JobSpec::Import { drive, .. } => format!("import disk {drive}"),
    }
}

/// Lists snapshots, oldest first.
pub(super) fn snapshots(
    context: &Context,
    running: &mut RunningBox,
    source: Option<String>,
) -> Result<Done> {
    let out = &context.out;
    out.begin_list(&Map::new(), "snapshots");
    let mut skip = 0;
    loop {
        let page = Page { skip, items: PAGE_ITEMS_MAX };
        let call =
            Call::Snapshots { source: source.clone(), space: context.global.space.clone(), page };
        let Answer::Snapshots { snapshots, more } = running.ask(call)? else {
            return Err(unexpected());
        };
        for one in &snapshots {
            out.line(format_args!(
                "{} {} {:<6} {}{}",
                one.id.get(..8).unwrap_or(&one.id),
                show::time(UnixTime(one.received_ms)),
                one.kind,
                one.source.escape_debug(),
                show::whose(Some(&one.space))
            ));
            out.item(&snapshot_json(one));
        }
        skip += snapshots.len() as u64;
        if !more || snapshots.is_empty() || !out.is_open() || signals::stopped() {
            break;
        }
    }
    out.end_list();
    Ok(Done::Clean)
}

fn snapshot_json(one: &Snapshot) -> Value {
    json!({
        "id": one.id,
        "source": one.source,
        "space": one.space,
        "received": show::time(UnixTime(one.received_ms)),
        "kind": one.kind,
    })
}

/// Lists a folder of a snapshot.
pub(super) fn ls(
    context: &Context,
    running: &mut RunningBox,
    place: &OsStr,
    deep: bool,
) -> Result<Done> {
    let place = Place::of_snapshot(place)?;
    let out = &context.out;
    // `latest` must mean the same on every page.
    let name = super::people::in_space(context, running, place.name)?;
    let (mut name, mut skip, mut begun) = (name, 0, false);
    loop {
        let call = Call::List {
            snapshot: name.clone(),
            path: RawPath(place.path.clone()),
            deep,
            page: Page { skip, items: PAGE_ITEMS_MAX },
        };
        let Answer::Entries { snapshot, entries, more } = running.ask(call)? else {
            return Err(unexpected());
        };
        if !std::mem::replace(&mut begun, true) {
            let head = [("snapshot".to_owned(), snapshot_json(&snapshot))];
            out.begin_list(&Map::from_iter(head), "entries");
        }
        for entry in &entries {
            out.line(entry_line(entry));
            out.item(&entry_json(entry));
        }
        name = snapshot.id;
        skip += entries.len() as u64;
        if !more || entries.is_empty() || !out.is_open() || signals::stopped() {
            break;
        }
    }
    out.end_list();
    Ok(Done::Clean)
}

fn kind_of(kind: EntryKind) -> (Kind, &'static str) {
    match kind {
        EntryKind::File => (Kind::File, "file"),
        EntryKind::Folder => (Kind::Folder, "folder"),
        EntryKind::Symlink => (Kind::Symlink, "symlink"),
        EntryKind::Fifo => (Kind::Fifo, "fifo"),
        EntryKind::Socket => (Kind::Socket, "socket"),
        EntryKind::CharDevice => (Kind::CharDevice, "char_device"),
        EntryKind::BlockDevice => (Kind::BlockDevice, "block_device"),
    }
}

fn entry_line(entry: &Entry) -> String {
    let size = match entry.kind {
        EntryKind::File => Bytes(entry.size).to_string(),
        _ => "-".to_owned(),
    };
    let link = entry.target.as_ref().map_or_else(String::new, |to| format!(" -> {}", Shown(&to.0)));
    let time = UnixTime(entry.changed_s.saturating_mul(1_000));
    format!(
        "{} {size:>9} {} {}{link}",
        show::mode(kind_of(entry.kind).0, entry.mode),
        show::time(time),
        show::path_text(&entry.path.0)
    )
}

fn entry_json(entry: &Entry) -> Value {
    let mut fields = Map::new();
    show::put_path(&mut fields, &entry.path.0);
    fields.insert("kind".to_owned(), json!(kind_of(entry.kind).1));
    fields.insert("mode".to_owned(), json!(format!("{:04o}", entry.mode)));
    if entry.kind == EntryKind::File {
        fields.insert("size_bytes".to_owned(), json!(entry.size));
    }
    if let Some(target) = &entry.target {
        fields.insert("target".to_owned(), json!(String::from_utf8_lossy(&target.0)));
    }
    Value::Object(fields)
}
