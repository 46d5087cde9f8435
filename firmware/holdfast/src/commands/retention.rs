//! `holdfast forget` and `prune`: letting go of snapshots, then of the room that they took.
//!
//! Forgetting frees nothing by itself, and pruning waits out a grace: two steps apart, so that a
//! mistake can be noticed. Start at [`forget`].

use serde_json::json;
use vault::{Access, PruneOptions, PruneReport, SnapshotInfo};

use crate::Result;
use crate::args::Forget;
use crate::progress::Meter;
use crate::session::{Context, Done, Session};
use crate::show;

/// Lets go of snapshots.
pub(super) fn forget(context: &Context, args: &Forget) -> Result<Done> {
    let access = if args.dry_run { Access::ReadOnly } else { Access::ReadWrite };
    Session::run(context, access, |session| {
        let chosen = chosen(context, session, args)?;
        if !args.dry_run {
            session.vault.forget(&chosen)?;
        }
        let out = &context.out;
        let verb = if args.dry_run { "would forget" } else { "forgot" };
        for info in &chosen {
            let (id, when) = (info.id.short(), show::time(info.received));
            out.line(format_args!("{verb} {id} {when} {}", info.source_name.escape_debug()));
        }
        match (chosen.is_empty(), args.dry_run) {
            (true, _) => out.line("nothing to forget"),
            (false, true) => {}
            (false, false) => out.line("the room is freed by `holdfast prune`"),
        }
        let list: Vec<_> = chosen.iter().map(show::snapshot_json).collect();
        out.document(&json!({ "forgotten": list, "dry_run": args.dry_run }));
        Ok(Done::Clean)
    })
}

fn chosen(context: &Context, session: &Session, args: &Forget) -> Result<Vec<SnapshotInfo>> {
    if let Some(age) = args.older_than {
        let space = session.space(context)?;
        let mut old = session.vault.expired_by_age(age, args.source.as_deref())?;
        old.retain(|info| space.is_none_or(|space| space == info.space));
        return Ok(old);
    }
    let mut chosen: Vec<SnapshotInfo> = Vec::new();
    for name in &args.snapshots {
        let info = session.snapshot(context, name)?.info;
        if !chosen.iter().any(|known| known.id == info.id && known.source == info.source) {
            chosen.push(info);
        }
    }
    Ok(chosen)
}

/// Frees room.
pub(super) fn prune(context: &Context, options: PruneOptions) -> Result<Done> {
    Session::run(context, Access::ReadWrite, |session| {
        let mut meter = Meter::new(&context.out, "prune");
        let report = session.vault.prune(options, &mut |progress| meter.tick(progress));
        meter.finish();
        tell(context, &report?, options.dry_run);
        Ok(Done::Clean)
    })
}

fn tell(context: &Context, report: &PruneReport, dry_run: bool) {
    let out = &context.out;
    if dry_run {
        out.line("nothing was changed; this is what would be done:");
    }
    out.line(format_args!(
        "{} packs marked to go, {} taken back, {} rewritten, {} put in the trash, {} deleted",
        report.tombstoned, report.revived, report.rewritten, report.trashed, report.unlinked
    ));
    out.line(format_args!("{} freed, {} wait out their grace", report.freed, report.waiting));
    if let Some(next) = report.next {
        out.line(format_args!("the next go at {}", show::time(next)));
    }
    out.document(&json!({
        "dry_run": dry_run,
        "tombstoned": report.tombstoned,
        "revived": report.revived,
        "rewritten": report.rewritten,
        "trashed": report.trashed,
        "unlinked": report.unlinked,
        "freed_bytes": report.freed.0,
        "waiting_bytes": report.waiting.0,
        "next": report.next.map(show::time),
    }));
}
