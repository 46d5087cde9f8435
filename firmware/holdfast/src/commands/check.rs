//! `holdfast check`: is everything there, and sound; with `--repair`, made so from good copies.
//!
//! Everything that is wrong is listed by name. Start at [`run`].

use serde_json::json;
use types::Bytes;
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
        tell(&context.out, &report);
        Ok(Done::imperfect_if(!report.is_clean()))
    })
}

fn tell(out: &Out, report: &CheckReport) {
    for damage in &report.damaged {
        let pack = damage.pack.map_or_else(String::new, |pack| format!("pack {pack}: "));
        let end = if damage.repaired { " (repaired)" } else { "" };
        out.line(format_args!("{}: {pack}{}{end}", damage.volume, damage.what));
    }
    for pack in &report.lost_packs {
        out.line(format_args!("lost: pack {pack} has no sound copy here"));
    }
    for (snapshot, path) in &report.lost_files {
        out.line(format_args!("lost: {snapshot}:{}", show::path_text(path)));
    }
    let unnamed = report.lost_file_count.saturating_sub(report.lost_files.len() as u64);
    if unnamed > 0 {
        out.line(format_args!("lost: and {unnamed} more files"));
    }
    if report.under_copied > 0 {
        out.line(format_args!(
            "fewer copies than promised: {}",
            show::count(report.under_copied, "pack")
        ));
    }
    out.line(format_args!(
        "{}, {}, {}, {}, {} read: {}",
        show::count(report.snapshots, "snapshot"),
        show::count(report.objects, "object"),
        show::count(report.chunks, "chunk"),
        show::count(report.packs, "pack"),
        Bytes(report.bytes_read),
        if report.is_clean() { "all is well" } else { "not all is well" }
    ));
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
    let lost_files: Vec<_> = report
        .lost_files
        .iter()
        .map(|(snapshot, path)| {
            let mut fields = serde_json::Map::new();
            fields.insert("snapshot".to_owned(), json!(snapshot));
            show::put_path(&mut fields, path);
            fields
        })
        .collect();
    out.document(&json!({
        "clean": report.is_clean(),
        "snapshots": report.snapshots,
        "objects": report.objects,
        "chunks": report.chunks,
        "packs": report.packs,
        "bytes_read": report.bytes_read,
        "damaged": damaged,
        "repaired": report.repaired,
        "under_copied": report.under_copied,
        "lost_packs": report.lost_packs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "lost_file_count": report.lost_file_count,
        "lost_files": lost_files,
        "lost_chunks": report.lost_chunks,
    }));
}
