//! Restoring to drives: counts, decides the order, writes, checks what was written, and lists it.
//!
//! Everything that is decided is decided in `plan::emergency`; this does it. After a pulled drive
//! or a kill, the same call goes on where the manifests end. Start at [`restore_to_drives`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plan::emergency::{Class, Order, Room, class_of, order};
use types::{Bytes, UnixTime};
use vault::{Progress, Vault, VaultError};
use volume::Disk;

use crate::begin::{Begun, begin};
use crate::drive::Drive;
use crate::error::RestoreError;
use crate::finish;
use crate::manifest::Elsewhere;
use crate::parts::{Choice, Met, Part, Spot, Walk};
use crate::verify::VerifyReport;
use crate::write::Writer;

/// Things that are named in a report; more are counted. All are listed on the drive.
pub(crate) const NAMED_MAX: usize = 1_000;

/// What the restore is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Adds up what there is to write.
    Counting,
    /// Has added it up, and writes nothing yet: said once.
    Counted {
        /// What is still to be written takes this much room.
        need: Bytes,
        /// So much can be used on the drives.
        room: Bytes,
    },
    /// Writes files.
    Writing,
    /// Reads them back from the drive.
    Checking,
}

/// Hears how far it has come; returns false to stop.
pub type OnStage<'a> = &'a mut dyn FnMut(Stage, Progress) -> bool;

/// How to restore.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The day, as it stands in the folder's name: digits and dashes.
    pub today: &'a str,
    /// The time, to tell two restores of one day apart.
    pub now: UnixTime,
    /// A folder of the box where the lists of drives are kept that are not here any more; without
    /// one, all drives of a restore must be here together.
    pub memory: Option<&'a Path>,
    /// Begin a new restore, though an unfinished one is on a drive.
    pub anew: bool,
    /// Go on with no restore that was begun before this time.
    pub not_before: Option<UnixTime>,
    /// The drives in the order in which they are named, where the caller mounted them himself: they
    /// are asked for their room, and whether they are still there. None at all, or one for each.
    pub disks: &'a [Arc<dyn Disk>],
    /// Read nothing back yet: the caller mounts the drives anew, so that what is read comes from
    /// them for certain, and calls again without this. Until then the restore stays unfinished.
    pub unread: bool,
}

/// What a restore did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The restore's folder on each drive.
    pub roots: Vec<PathBuf>,
    /// It went on with one that was begun before.
    pub continued: bool,
    /// Files and bytes of all that was asked for.
    pub wanted: (u64, u64),
    /// Files and bytes written now.
    pub written: (u64, u64),
    /// Files that an earlier run wrote, on these drives or on others.
    pub earlier: u64,
    /// So much more room would all of it have needed when this run began.
    pub short: Bytes,
    /// Not everything fits, so what is hardest to get again came first.
    pub by_class: bool,
    /// Files and bytes that found no room, by kind.
    pub no_room: Vec<(Class, u64, u64)>,
    /// Files under another name than before; listed on the drive.
    pub renamed: u64,
    /// What is not on the drives though there was room: path and reason.
    pub left_out: Vec<(Vec<u8>, String)>,
    /// How many of them there are, named or not.
    pub left_out_count: u64,
    /// How many of these the vault could not give now: the restore stays unfinished.
    pub not_given: u64,
    /// The day the restore was begun.
    pub begun: String,
    /// What reading back found.
    pub checked: VerifyReport,
}

impl Report {
    /// Everything that was asked for is on the drives, and was read back.
    pub fn is_whole(&self) -> bool {
        self.no_room.is_empty() && self.left_out_count == 0 && self.checked.damaged_count == 0
    }

    pub(crate) fn leave_out(&mut self, path: &[u8], why: &str) {
        self.left_out_count += 1;
        if self.left_out.len() < NAMED_MAX {
            self.left_out.push((path.to_vec(), why.to_owned()));
        }
    }
}

/// Writes what was chosen as plain files on one or more drives, and reads all of it back.
///
/// Each drive gets a folder with the files, a manifest that `b3sum --check` reads, a page to
/// browse, and lists of what was renamed and left out. Files are durable on the drive before they
/// stand in its manifest. Drives are filled in the order given.
pub fn restore_to_drives(
    vault: &Vault,
    choice: &Choice,
    drives: &[PathBuf],
    options: Options<'_>,
    progress: OnStage<'_>,
) -> Result<Report, RestoreError> {
    let Begun { mut drives, elsewhere, parts, missed, continued } =
        begin(vault, choice, drives, options)?;
    let naming = drives[0].record.naming();
    let mut report = Report { continued, ..Report::default() };
    report.begun.clone_from(&drives[0].record.begun);
    report.roots = drives.iter().map(|drive| drive.root.clone()).collect();
    let walk = Walk { vault, naming };
    let need = count(&walk, &parts, &drives, &elsewhere, &mut report, progress)?;
    let passes = passes(need, &drives, &mut report, progress)?;
    report.by_class = passes.len() > 1;
    let mut writer = Writer::new(vault, &mut drives, &elsewhere, &mut report, progress);
    for (source, why) in missed {
        writer.miss(&source, &why)?;
    }
    for pass in &passes {
        for part in &parts {
            let walked = walk.part(part, &mut |spot, met| match met {
                Met::Leaf(entry) if Writer::is_file(entry) => {
                    let class = class_of(&entry.name);
                    if pass.is_none_or(|only| only == class) {
                        writer.file(part, spot, entry, class)?;
                    }
                    Ok(())
                }
                _ => Ok(()),
            });
            writer.settle_if_stopped(part, walked)?;
        }
    }
    for part in &parts {
        let walked = finish::folders_and_links(&walk, part, &mut writer);
        writer.settle_if_stopped(part, walked)?;
    }
    finish::close(&mut drives, &mut report, &options, progress)?;
    Ok(report)
}

/// In which order it is written: all at once, or kind by kind when not all of it fits.
fn passes(
    need: Bytes,
    drives: &[Drive],
    report: &mut Report,
    progress: OnStage<'_>,
) -> Result<Vec<Option<Class>>, RestoreError> {
    let rooms: Vec<Room> = drives.iter().map(|drive| drive.room).collect();
    let room = Bytes(rooms.iter().fold(0, |sum, room| sum.saturating_add(room.free.0)));
    let now = Progress {
        items_total: Some(report.wanted.0),
        bytes_total: Some(report.wanted.1),
        ..Progress::default()
    };
    if !progress(Stage::Counted { need, room }, now) {
        return Err(VaultError::Stopped.into());
    }
    Ok(match order(need, &rooms) {
        Order::Folders => vec![None],
        Order::Precious { short } => {
            report.short = short;
            Class::ALL.map(Some).to_vec()
        }
    })
}

/// Adds up what is wanted, and returns the room that what is still to be written takes.
fn count(
    walk: &Walk<'_>,
    parts: &[Part],
    drives: &[Drive],
    elsewhere: &Elsewhere,
    report: &mut Report,
    progress: OnStage<'_>,
) -> Result<Bytes, RestoreError> {
    let unit = drives.iter().map(|drive| drive.room.unit).max().unwrap_or(1);
    let largest = Room { free: Bytes(0), unit, file_max: None };
    // Holes cost their sender nothing: a few make more bytes than can be counted.
    let (mut files, mut bytes, mut need) = (0, 0_u64, 0_u64);
    for part in parts {
        let walked = walk.part(part, &mut |spot: &Spot, met| {
            if let Met::Leaf(entry) = met
                && Writer::is_file(entry)
            {
                files += 1;
                bytes = bytes.saturating_add(entry.size);
                let path = crate::drive::on_drive(&spot.folder, &spot.name);
                let done = drives.iter().any(|drive| drive.manifest.has(&path));
                if !done && !elsewhere.has(&path) {
                    need = need.saturating_add(largest.cost(entry.size).0);
                }
            }
            let now = Progress { items: files, bytes, ..Progress::default() };
            if progress(Stage::Counting, now) { Ok(()) } else { Err(VaultError::Stopped.into()) }
        });
        match walked {
            // Said when it is written.
            Ok(()) => {}
            Err(RestoreError::Vault(error)) if !matches!(error, VaultError::Stopped) => {}
            Err(error) => return Err(error),
        }
    }
    report.wanted = (files, bytes);
    Ok(Bytes(need))
}
