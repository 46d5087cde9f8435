//! `holdfast snapshots`, `ls`, `diff`, `cat` and `versions`: looking, without changing anything.
//!
//! Listings are written as they are read: none is held in memory. Start at [`ls`].

use std::ffi::OsStr;

use serde_json::{Map, Value, json};
use tree::{Change, Difference};
use vault::{Access, Found};

use crate::Result;
use crate::fail::CliError;
use crate::out::Out;
use crate::place::Place;
use crate::session::{Context, Done, Session};
use crate::{show, signals};

/// Bytes of a file that are read and written at a time.
const PIECE_LEN: usize = 4 << 20;

/// Lists snapshots, oldest first.
pub(super) fn snapshots(context: &Context, source: Option<&str>) -> Result<Done> {
    Session::run(context, Access::ReadOnly, |session| {
        let all = session.vault.snapshots_in(session.space(context)?, source)?;
        for info in &all {
            context.out.line(format_args!(
                "{} {} {:<6} {}{}",
                info.id.short(),
                show::time(info.received),
                show::snapshot_kind(info),
                info.source_name.escape_debug(),
                show::whose(session.vault.space_name(info.space).as_deref())
            ));
        }
        let list: Vec<_> = all.iter().map(show::snapshot_json).collect();
        context.out.document(&json!({ "snapshots": list }));
        Ok(Done::Clean)
    })
}

/// Lists a folder of a snapshot.
pub(super) fn ls(context: &Context, place: &OsStr, recursive: bool) -> Result<Done> {
    let place = Place::of_snapshot(place)?;
    Session::run(context, Access::ReadOnly, |session| {
        let found = session.snapshot(context, &place.name)?;
        let out = &context.out;
        out.begin_list(&head(&found), "entries");
        let mut visit = |listed: vault::ListedEntry| show_entry(out, &listed);
        session.vault.list(&found, &place.path, recursive, &mut visit)?;
        out.end_list();
        stop_if_asked()
    })
}

/// Shows one entry of a listing; whether the next one is wanted.
pub(super) fn show_entry(out: &Out, listed: &vault::ListedEntry) -> bool {
    out.line(show::entry_line(&listed.path, &listed.entry));
    if out.is_json() {
        out.item(&Value::Object(show::entry_json(&listed.path, &listed.entry)));
    }
    out.is_open() && !signals::stopped()
}

/// Shows what changed from one snapshot to another.
pub(super) fn diff(context: &Context, before: &str, after: &str) -> Result<Done> {
    Session::run(context, Access::ReadOnly, |session| {
        let before = session.snapshot(context, before)?;
        let after = session.snapshot(context, after)?;
        let out = &context.out;
        let mut fields = Map::new();
        fields.insert("before".to_owned(), show::snapshot_json(&before.info));
        fields.insert("after".to_owned(), show::snapshot_json(&after.info));
        out.begin_list(&fields, "changes");
        let mut visit = |change: Change| {
            out.line(change_line(&change));
            if out.is_json() {
                out.item(&change_json(&change));
            }
            out.is_open() && !signals::stopped()
        };
        session.vault.diff(&before, &after, &mut visit)?;
        out.end_list();
        stop_if_asked()
    })
}

/// Prints a file, or a range of it.
pub(super) fn cat(
    context: &Context,
    place: &OsStr,
    offset: u64,
    length: Option<u64>,
) -> Result<Done> {
    if context.out.is_json() {
        let what = "cat prints the file itself and has no JSON form".to_owned();
        return Err(CliError::Usage { what });
    }
    let place = Place::of_snapshot(place)?;
    Session::run(context, Access::ReadOnly, |session| {
        let found = session.snapshot(context, &place.name)?;
        let (mut at, mut left) = (offset, length.unwrap_or(u64::MAX));
        while left > 0 && context.out.is_open() && !signals::stopped() {
            let want = usize::try_from(left).unwrap_or(PIECE_LEN).min(PIECE_LEN);
            let bytes = session.vault.read_range(&found, &place.path, at, want)?;
            if bytes.is_empty() {
                break;
            }
            context.out.write(&bytes);
            (at, left) = (at + bytes.len() as u64, left - bytes.len() as u64);
        }
        stop_if_asked()
    })
}

/// Lists the versions of one file, newest first.
pub(super) fn versions(context: &Context, place: &OsStr) -> Result<Done> {
    let place = Place::of_source(place)?;
    Session::run(context, Access::ReadOnly, |session| {
        let space = session.space(context)?;
        let mut sources = session.vault.sources();
        sources.retain(|(_, name, of, _)| *name == place.name && space.is_none_or(|s| s == *of));
        let name = || place.name.clone();
        let source = match sources.as_slice() {
            [(id, ..)] => *id,
            [] => {
                return Err(vault::VaultError::NotFound { what: "source", name: name() }.into());
            }
            _ => return Err(vault::VaultError::SeveralSources { name: name() }.into()),
        };
        let versions = session.vault.versions(source, &place.path)?;
        if versions.is_empty() {
            let name = String::from_utf8_lossy(&place.path).into_owned();
            return Err(vault::VaultError::NotFound { what: "file", name }.into());
        }
        let mut list = Vec::new();
        for version in &versions {
            let (id, when) = (version.snapshot.id.short(), show::time(version.snapshot.received));
            match &version.entry {
                Some(entry) => {
                    let line = show::entry_line(&place.path, entry);
                    context.out.line(format_args!("{id} {when} {line}"));
                }
                None => context.out.line(format_args!("{id} {when} deleted")),
            }
            let entry = version.entry.as_ref().map(|entry| show::entry_json(&place.path, entry));
            list.push(
                json!({ "snapshot": show::snapshot_json(&version.snapshot), "entry": entry }),
            );
        }
        context.out.document(&json!({ "versions": list }));
        Ok(Done::Clean)
    })
}

fn head(found: &Found) -> Map<String, Value> {
    Map::from_iter([("snapshot".to_owned(), show::snapshot_json(&found.info))])
}

pub(super) fn stop_if_asked() -> Result<Done> {
    if signals::stopped() { Err(vault::VaultError::Stopped.into()) } else { Ok(Done::Clean) }
}

fn change_line(change: &Change) -> String {
    let path = show::path_text(&change.path);
    match &change.difference {
        Difference::Added(_) => format!("+ {path}"),
        Difference::Removed(_) => format!("- {path}"),
        Difference::Changed { content, attrs, kind, .. } => {
            let parts = [(*kind, "kind"), (*content, "content"), (*attrs, "attributes")];
            let parts: Vec<_> = parts.iter().filter(|(hit, _)| *hit).map(|(_, t)| *t).collect();
            format!("~ {path} ({})", parts.join(", "))
        }
    }
}

fn change_json(change: &Change) -> Value {
    let mut fields = Map::new();
    show::put_path(&mut fields, &change.path);
    let entry = |entry| json!(show::entry_json(&change.path, entry));
    let (what, before, after) = match &change.difference {
        Difference::Added(after) => ("added", None, Some(entry(after))),
        Difference::Removed(before) => ("removed", Some(entry(before)), None),
        Difference::Changed { before, after, content, attrs, kind } => {
            fields.insert("content".to_owned(), json!(content));
            fields.insert("attributes".to_owned(), json!(attrs));
            fields.insert("kind".to_owned(), json!(kind));
            ("changed", Some(entry(before)), Some(entry(after)))
        }
    };
    fields.insert("change".to_owned(), json!(what));
    fields.insert("before".to_owned(), json!(before));
    fields.insert("after".to_owned(), json!(after));
    Value::Object(fields)
}
