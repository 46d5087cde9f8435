//! `holdfast check`: is everything there, and sound; with `--repair`, made so from good copies.
//!
//! Everything that is wrong is listed by name. Start at [`run`].

use serde_json::{Map, Value, json};
use types::{Bytes, PackId};
use vault::{Access, CheckOptions, CheckReport};

use crate::Result;
use crate::out::Out;
use crate::progress::Meter;
use crate::session::{Context, Done, Session};
use crate::show;

/// Checks.
pub(super) fn run(context: &Context, read_data: bool, repair: bool) -> Result<Done> {
    Session::run(context, Access::ReadWrite, |session| {
        let mut meter = Meter::new(&context.out, "check");
        let options = CheckOptions { read_data, repair };
        let report = session.vault.check(options, &mut |progress| meter.tick(progress));
        meter.finish();
        let report = report?;
        tell(&context.out, session, &report);
        Ok(Done::imperfect_if(!report.is_clean()))
    })
}

/// Packs with too few copies that are named; a lost disk would name them all.
const SHORT_NAMED_MAX: usize = 10;

fn tell(out: &Out, session: &Session, report: &CheckReport) {
    for id in &report.absent {
        let at =
            session.path_of(*id).map_or_else(String::new, |at| format!(" at {}", at.display()));
        let id = id.short();
        out.line(format_args!("volume {id}{at} is not here or cannot be used; it was not checked"));
    }
    for damage in &report.damaged {
        let pack = damage.pack.map_or_else(String::new, |pack| format!("pack {pack}: "));
        let end = if damage.repaired { " (repaired)" } else { "" };
        out.line(format_args!("{}: {pack}{}{end}", damage.volume, damage.what));
    }
    tell_losses(out, report);
    out.line(format_args!(
        "{}, {}, {}, {}, {} read: {}",
        show::count(report.snapshots, "snapshot"),
        show::count(report.objects, "object"),
        show::count(report.chunks, "chunk"),
        show::count(report.packs, "pack"),
        Bytes(report.bytes_read),
        if report.is_clean() { "all is well" } else { "not all is well" }
    ));
    out.document(&document(report));
}

/// What is lost, away, or on too few disks.
fn tell_losses(out: &Out, report: &CheckReport) {
    for pack in &report.lost_packs {
        out.line(format_args!("lost: pack {pack} has no sound copy here"));
    }
    for (snapshot, path) in &report.lost_files {
        out.line(format_args!("lost: {snapshot}:{}", show::path_text(path)));
    }
    for why in &report.failed {
        out.line(format_args!("not copied: {why}"));
    }
    let unnamed = report.lost_file_count.saturating_sub(report.lost_files.len() as u64);
    if unnamed > 0 {
        out.line(format_args!("lost: and {unnamed} more files"));
    }
    if !report.lost_packs.is_empty() || report.lost_file_count > 0 {
        out.line(
            "do: attach any disk that may still have it; to do without, forget the snapshots that \
             are named and run `holdfast check --repair`",
        );
    }
    if !report.away_packs.is_empty() || report.away_chunks > 0 {
        out.line(format_args!(
            "only on disks that are not here: {}, {}; attach them and check again",
            show::count(report.away_packs.len() as u64, "pack"),
            show::count(report.away_file_count, "file"),
        ));
    }
    for pack in report.under_copied_packs.iter().take(SHORT_NAMED_MAX) {
        out.line(format_args!("fewer copies than promised: pack {pack}"));
    }
    let short = report.under_copied.saturating_sub(SHORT_NAMED_MAX as u64);
    if short > 0 {
        out.line(format_args!("fewer copies than promised: and {}", show::count(short, "pack")));
    }
    if report.copied > 0 {
        let copies = if report.copied == 1 { "copy" } else { "copies" };
        out.line(format_args!("{} {copies} made anew", report.copied));
    }
}

/// The report as JSON.
fn document(report: &CheckReport) -> Value {
    let damaged: Vec<_> = report
        .damaged
        .iter()
        .map(|one| {
            json!({
                "volume": one.volume,
                "pack": one.pack.map(|pack| pack.to_string()),
                "what": one.what,
                "repaired": one.repaired,
            })
        })
        .collect();
    let ids = |packs: &[PackId]| packs.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "clean": report.is_clean(),
        "snapshots": report.snapshots,
        "objects": report.objects,
        "chunks": report.chunks,
        "packs": report.packs,
        "bytes_read": report.bytes_read,
        "damaged": damaged,
        "repaired": report.repaired,
        "copied": report.copied,
        "failed": report.failed,
        "absent": report.absent.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "under_copied": report.under_copied,
        "under_copied_packs": ids(&report.under_copied_packs),
        "lost_packs": ids(&report.lost_packs),
        "lost_file_count": report.lost_file_count,
        "lost_files": files(&report.lost_files),
        "lost_chunks": report.lost_chunks,
        "away_packs": ids(&report.away_packs),
        "away_file_count": report.away_file_count,
        "away_files": files(&report.away_files),
        "away_chunks": report.away_chunks,
    })
}

/// Files of snapshots, as JSON.
fn files(all: &[(String, Vec<u8>)]) -> Vec<Map<String, Value>> {
    let one = |(snapshot, path): &(String, Vec<u8>)| {
        let mut fields = Map::new();
        fields.insert("snapshot".to_owned(), json!(snapshot));
        show::put_path(&mut fields, path);
        fields
    };
    all.iter().map(one).collect()
}
