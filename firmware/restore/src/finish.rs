//! After the last file: folders and links, reading everything back, the page, the record.
//!
//! A restore counts as finished only when all that was asked for was read back as it should be.
//! Start at [`close`].

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use format::entry::{Entry, EntryKind};
use vault::Progress;

use crate::browse;
use crate::drive::Drive;
use crate::error::RestoreError;
use crate::manifest::MANIFEST;
use crate::names::Naming;
use crate::parts::{Met, Part, Spot, Walk};
use crate::refusal::Refusal;
use crate::run::{OnStage, Options, Report, Stage};
use crate::verify::{VerifyReport, verify_folder};
use crate::write::Writer;

/// Makes every folder, the empty ones too, and whatever else is no file; all on the first drive.
/// What cannot be read was listed when the files were written.
pub(crate) fn folders_and_links(
    walk: &Walk<'_>,
    part: &Part,
    writer: &mut Writer<'_, '_>,
) -> Result<(), RestoreError> {
    let mut folders: Vec<(Spot, Entry)> = Vec::new();
    walk.part(part, &mut |spot, met| match met {
        Met::Folder(entry) => {
            folders.push((spot.clone(), entry.clone()));
            writer.renamed(0, spot)
        }
        Met::Leaf(entry) if !Writer::is_file(entry) => other(walk.naming, spot, entry, writer),
        Met::Leaf(_) => Ok(()),
        Met::Unreadable(why) => {
            writer.report.not_given += 1;
            writer.leave_out(spot, &format!("the vault cannot give all of it: {why}"))
        }
    })?;
    // Backwards: a folder's time and mode are set after those of what is in it.
    for (spot, entry) in folders.iter().rev() {
        let made = writer.drives[0].set_folder(spot.below().trim_start_matches('/'), entry);
        judge(made, spot, writer)?;
    }
    Ok(())
}

fn other(
    naming: Naming,
    spot: &Spot,
    entry: &Entry,
    writer: &mut Writer<'_, '_>,
) -> Result<(), RestoreError> {
    if naming == Naming::Plain {
        let made = writer.drives[0].special((&spot.folder, &spot.name), entry);
        judge(made, spot, writer)?;
        return writer.renamed(0, spot);
    }
    let why = match (&entry.target, entry.kind) {
        (Some(target), _) => {
            format!("a link to {}: the drive holds no links", filetree::Shown(target))
        }
        (None, EntryKind::Socket | EntryKind::Fifo) => {
            "a pipe or socket, with nothing in it".to_owned()
        }
        (None, _) => "a device, with nothing in it".to_owned(),
    };
    writer.leave_out(spot, &why)
}

fn judge(
    made: Result<(), Refusal>,
    spot: &Spot,
    writer: &mut Writer<'_, '_>,
) -> Result<(), RestoreError> {
    match made {
        Ok(()) => Ok(()),
        Err(Refusal::Full) => writer.leave_out(spot, "the drive is full"),
        Err(Refusal::File(why)) => writer.leave_out(spot, &why),
        Err(Refusal::Drive(source)) => Err(writer.gone(0, source)),
    }
}

/// Makes everything durable, reads it back, writes the page and the record.
pub(crate) fn close(
    drives: &mut [Drive],
    report: &mut Report,
    options: &Options<'_>,
    progress: OnStage<'_>,
) -> Result<(), RestoreError> {
    for drive in drives.iter_mut() {
        gone_if(drive.settle(), drive)?;
    }
    if options.unread {
        return Ok(());
    }
    for drive in drives.iter_mut() {
        let mut checked = VerifyReport::default();
        let (items, bytes) = (report.checked.files, report.checked.bytes);
        verify_folder(&drive.root, &mut checked, &mut |now| {
            let now = Progress { items: items + now.items, bytes: bytes + now.bytes, ..now };
            progress(Stage::Checking, now)
        })?;
        // What a drive that was pulled could not give is not damaged.
        gone_if(drive.is_there(), drive)?;
        let bad: HashSet<String> = checked.damaged.iter().map(|(path, _)| path.clone()).collect();
        if !bad.is_empty() {
            // Without their lines they are written again by the next run.
            gone_if(drive.manifest.strike(&bad), drive)?;
        }
        report.checked.add(checked);
    }
    let whole =
        report.no_room.is_empty() && report.checked.damaged_count == 0 && report.not_given == 0;
    for drive in drives.iter_mut() {
        let tidied = browse::write(&drive.root, &drive.record)
            .and_then(|()| drive.tidy())
            .and_then(|()| drive.settle());
        gone_if(tidied, drive)?;
        drive.record.finished = whole;
        gone_if(drive.record.write(&drive.root), drive)?;
    }
    options.memory.map_or(Ok(()), |memory| remember(drives, memory, whole))
}

fn gone_if(done: std::io::Result<()>, drive: &Drive) -> Result<(), RestoreError> {
    done.map_err(|source| drive.gone(source))
}

/// Notes in the box what the drives hold while something is still to be written to another one,
/// and in the end that all of it is done: drives that are not here cannot be told.
fn remember(drives: &[Drive], memory: &Path, whole: bool) -> Result<(), RestoreError> {
    let folder = memory.join(&drives[0].record.set);
    let wrong = |error: std::io::Error| RestoreError::Record {
        path: folder.clone(),
        what: error.to_string(),
    };
    if whole && !folder.exists() {
        return Ok(());
    }
    fs::create_dir_all(&folder).map_err(wrong)?;
    for drive in drives {
        let list = folder.join(format!("{}.b3", drive.record.drive));
        fs::copy(drive.root.join(MANIFEST), list).map_err(wrong)?;
    }
    drives[0].record.write(&folder).map_err(wrong)
}
