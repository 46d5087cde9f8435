//! `holdfast volume`: list, add, retire, replace and remove; the vault's file follows.
//!
//! Adding and replacing can be repeated after a kill: a folder that already holds a volume of this
//! vault is taken as it is, and the copying goes on. Start at [`run`].

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use types::VolumeId;
use vault::{Access, RebuildReport, VaultError, VolumeInfo};

use super::create::warn_of_shared_disks;
use super::joining::{Joining, with_new};
use crate::Result;
use crate::args::VolumeCommand;
use crate::config::storable;
use crate::progress::Meter;
use crate::session::{Context, Done, Session};
use crate::show;

/// Deals with volumes.
pub(super) fn run(context: &Context, command: VolumeCommand) -> Result<Done> {
    match command {
        VolumeCommand::List => list(context),
        VolumeCommand::Add { dir } => add(context, &dir),
        VolumeCommand::Retire { volume } => retire(context, &volume),
        VolumeCommand::Replace { volume, with } => replace(context, &volume, &with),
        VolumeCommand::Copies { copies } => set_copies(context, copies),
        VolumeCommand::Remove { volume, force } => remove(context, &volume, force),
    }
}

fn list(context: &Context) -> Result<Done> {
    Session::run(context, Access::ReadWrite, |session| {
        let mut all = session.vault.volumes()?;
        let mut known: Vec<VolumeInfo> = Vec::new();
        for mut volume in all.drain(..) {
            if volume.path.is_empty() {
                let path = session.path_of(volume.id).unwrap_or_default();
                volume.path = path.to_string_lossy().into_owned();
            }
            known.push(volume);
        }
        for volume in &known {
            let size = match volume.size.0 {
                0 => "-".to_owned(),
                _ => format!("{} of {} free", volume.free, volume.size),
            };
            let detail = volume.detail.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
            context.out.line(format_args!(
                "{} {:<9} {size:>28} {:>12}  {}{detail}",
                volume.id.short(),
                volume.state,
                show::count(volume.packs, "pack"),
                volume.path
            ));
        }
        let volumes: Vec<_> = known.iter().map(volume_json).collect();
        context.out.document(&json!({ "copies": session.vault.copies(), "volumes": volumes }));
        Ok(Done::Clean)
    })
}

fn volume_json(volume: &VolumeInfo) -> Value {
    json!({
        "id": volume.id.to_string(),
        "path": volume.path,
        "state": volume.state,
        "serial": volume.serial,
        "size_bytes": volume.size.0,
        "free_bytes": volume.free.0,
        "packs": volume.packs,
        "lacks": volume.lacks,
        "detail": volume.detail,
    })
}

fn add(context: &Context, dir: &Path) -> Result<Done> {
    let dir = storable(dir)?;
    with_new(context, &dir, |session, joining| {
        let mut meter = Meter::new(&context.out, "copy");
        let (id, report) = match joining {
            Joining::Empty(disk) => {
                session.vault.add_volume(disk, &mut |progress| meter.tick(progress))?
            }
            Joining::Member(id) => {
                (id, session.vault.rebuild(&mut |progress| meter.tick(progress))?)
            }
        };
        meter.finish();
        session.config.put(id, &dir);
        session.config.save()?;
        let all: Vec<PathBuf> = session.config.paths().collect();
        warn_of_shared_disks(&context.out, &all);
        for why in &report.failed {
            context.out.warn(format_args!("not copied: {why}"));
        }
        context.out.line(format_args!("volume {id} at {}", dir.display()));
        let moved = match report.moved {
            0 => String::new(),
            moved => format!("; {} moved off full disks", show::count(moved, "pack")),
        };
        let copied = show::count(report.copied, "pack");
        context.out.line(format_args!("{copied} copied, {}{moved}", report.bytes));
        context.out.document(&json!({
            "volume": id.to_string(),
            "path": dir,
            "copied": report.copied,
            "bytes": report.bytes.0,
            "moved": report.moved,
            "failed": report.failed,
        }));
        Ok(Done::imperfect_if(!report.failed.is_empty()))
    })
}

fn set_copies(context: &Context, copies: u8) -> Result<Done> {
    Session::run(context, Access::ReadWrite, |session| {
        let mut meter = Meter::new(&context.out, "copy");
        let report = session.vault.set_copies(copies, &mut |progress| meter.tick(progress))?;
        meter.finish();
        let short = report.still_under_copied;
        let packs = show::count(report.copied, "pack");
        if short > 0 {
            let short = show::count(short, "pack");
            let wanted = show::count(copies.into(), "disk");
            context.out.warn(format_args!("{short} cannot be kept on {wanted}: add a disk"));
            context
                .out
                .line(format_args!("from now on each piece is wanted on {wanted}; copied {packs}"));
        } else {
            let kept = show::count(copies.into(), "disk");
            context.out.line(format_args!("each piece is kept on {kept}; copied {packs}"));
        }
        context.out.document(&json!({
            "copies": copies,
            "copied": report.copied,
            "still_under_copied": report.still_under_copied,
        }));
        Ok(if short > 0 { Done::Imperfect } else { Done::Clean })
    })
}

fn replace(context: &Context, volume: &OsStr, dir: &Path) -> Result<Done> {
    let dir = storable(dir)?;
    with_new(context, &dir, |session, joining| {
        let old = session.volume_named(volume)?;
        let mut meter = Meter::new(&context.out, "rebuild");
        let mut tick = |progress| meter.tick(progress);
        let report = match joining {
            Joining::Empty(disk) => session.vault.replace(old, disk, &mut tick),
            Joining::Member(id) if id == old => {
                let what = format!("{} is the volume that is to be replaced", dir.display());
                Err(VaultError::Bad { what })
            }
            Joining::Member(_) => session.vault.finish_replacing(old, &mut tick),
        };
        meter.finish();
        // The new volume belongs to the vault from its first pack on, finished or not.
        note_members(session, old)?;
        let report = report?;
        tell(context, session, old, &report)
    })
}

fn retire(context: &Context, volume: &OsStr) -> Result<Done> {
    Session::run(context, Access::ReadWrite, |session| {
        let id = session.volume_named(volume)?;
        let mut meter = Meter::new(&context.out, "copy");
        let report = session.vault.retire(id, &mut |progress| meter.tick(progress));
        meter.finish();
        note_members(session, id)?;
        tell(context, session, id, &report?)
    })
}

fn remove(context: &Context, volume: &OsStr, force: bool) -> Result<Done> {
    Session::run(context, Access::ReadWrite, |session| {
        let id = session.volume_named(volume)?;
        session.vault.remove(id, force)?;
        note_members(session, id)?;
        context.out.line(format_args!("volume {id} belongs to the vault no more"));
        let short = session.vault.under_copied()?;
        if short > 0 {
            context.out.warn(format_args!(
                "{} now on fewer than {}: `holdfast check --repair` makes new copies where there \
                 is room",
                show::count(short, "pack"),
                show::count(session.vault.copies().into(), "disk")
            ));
        }
        context.out.document(&json!({ "removed": id.to_string(), "under_copied": short }));
        Ok(Done::imperfect_if(short > 0))
    })
}

/// Brings the vault's file up to date: attached volumes where they are, and `touched` only as
/// long as it belongs to the vault. Others stay as they are: a volume that is away is no less one.
fn note_members(session: &mut Session, touched: VolumeId) -> Result<()> {
    let volumes = session.vault.volumes()?;
    let before = session.config.clone();
    if !volumes.iter().any(|volume| volume.id == touched) {
        session.config.volumes.retain(|volume| volume.id != touched);
    }
    for volume in volumes.iter().filter(|volume| !volume.path.is_empty()) {
        if session.path_of(volume.id).as_deref() != Some(Path::new(&volume.path)) {
            session.config.put(volume.id, Path::new(&volume.path));
        }
    }
    if session.config != before {
        session.config.save()?;
    }
    Ok(())
}

fn tell(
    context: &Context,
    session: &Session,
    old: VolumeId,
    report: &RebuildReport,
) -> Result<Done> {
    let out = &context.out;
    for why in &report.failed {
        out.warn(format_args!("not copied: {why}"));
    }
    for pack in &report.lost {
        out.warn(format_args!("lost: pack {pack} is on no volume that the vault knows"));
    }
    for pack in &report.away {
        out.warn(format_args!("pack {pack} is only on a volume that is away"));
    }
    if report.still_under_copied > 0 {
        out.warn(format_args!(
            "{} with fewer than {} copies: add a disk",
            show::count(report.still_under_copied, "pack"),
            session.vault.copies()
        ));
    }
    out.line(format_args!("{} copied, {}", show::count(report.copied, "pack"), report.bytes));
    let left = !session.vault.volumes()?.iter().any(|volume| volume.id == old);
    out.line(match left {
        true => format!("volume {} belongs to the vault no more; its disk can go", old.short()),
        false => format!("volume {} is still needed; leave its disk where it is", old.short()),
    });
    let here = session.vault.volumes()?.iter().any(|one| one.id == old && !one.path.is_empty());
    if !left && !here {
        out.line(format_args!(
            "do: attach it and repeat this; if it is gone for good, `holdfast volume remove --force \
             {}` does without what only it has",
            old.short()
        ));
    }
    let ids = |all: &[types::PackId]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    out.document(&json!({
        "copied": report.copied,
        "bytes": report.bytes.0,
        "moved": report.moved,
        "still_under_copied": report.still_under_copied,
        "lost": ids(&report.lost),
        "away": ids(&report.away),
        "failed": report.failed,
        "left": left,
    }));
    let troubles = report.failed.len() + report.lost.len() + report.away.len();
    Ok(Done::imperfect_if(troubles > 0 || report.still_under_copied > 0 || !left))
}
