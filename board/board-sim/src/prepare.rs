//! Erasing a simulated disk and giving it an empty file system, checked as a real board checks it.
//!
//! The steps are ordered so that a kill in between leaves a blank disk: first the facts say that
//! nothing is on it, then its files go, then the facts say what is on it now. A folder of somebody's
//! files that it showed is let go of, never touched. Start at [`prepare`].

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use board::{BoardError, DiskContent, DiskIdentity, PrepareOrder, Prepared, PutBackOrder};
use nix::errno::Errno;
use volume::{Disk, FsDisk};

use crate::burn;
use crate::error::SimError;
use crate::facts::{Before, FileSystem};
use crate::look;
use crate::medium::{Kind, Medium};

/// The file system that disks get.
const KIND: &str = "ext4";

pub(crate) fn prepare(
    medium: &Arc<Medium>,
    session: u64,
    disk: &DiskIdentity,
    order: &PrepareOrder,
) -> Result<Prepared, BoardError> {
    let target = || Box::new(disk.clone());
    if !order.label_is_fit() {
        return Err(BoardError::Order { disk: target(), what: "its label cannot be written" });
    }
    // Pulled and pushed back since: nobody said yes to what came back.
    if session != order.attached {
        return Err(BoardError::Changed { disk: target() });
    }
    if medium.state().mounted.is_some() {
        return Err(BoardError::InUse { disk: target(), how: "it is mounted" });
    }
    if medium.state().facts.faults.read_only {
        return Err(BoardError::ReadOnly { disk: target() });
    }
    let found = look::content(medium, session).map_err(|e| BoardError::io("look at", disk, e))?;
    if !order.allows(&found) {
        return Err(BoardError::Changed { disk: target() });
    }
    let kept = || medium.state().facts.before.is_some();
    if is_done(&found, &order.label) {
        return Ok(if kept() { Prepared::Kept } else { Prepared::AlreadyDone });
    }
    medium.pass(session, Kind::Grow).map_err(|error| BoardError::io("erase", disk, error))?;
    erase(medium, disk, order)?;
    Ok(if kept() { Prepared::Kept } else { Prepared::Formatted })
}

fn is_done(found: &DiskContent, label: &str) -> bool {
    match found {
        DiskContent::Foreign(foreign) => {
            foreign.label.as_deref() == Some(label) && foreign.files == Some(0)
        }
        DiskContent::Unknown | DiskContent::Blank | DiskContent::Volume(_) => false,
    }
}

fn erase(medium: &Medium, disk: &DiskIdentity, order: &PrepareOrder) -> Result<(), BoardError> {
    let keep = |file_system: Option<FileSystem>| {
        let kept = medium.change(|state| state.facts.file_system = file_system);
        kept.map_err(|error| BoardError::io("erase", disk, std::io::Error::other(error)))
    };
    let begun = medium.state().facts.unfinished.is_some();
    let before = medium.state().facts.file_system.clone().filter(|_| order.keeps && !begun);
    let before = before.map(|file_system| Before { order: order.label.clone(), file_system });
    let io = |error| BoardError::io("erase", disk, error);
    forget_before(medium).map_err(io)?;
    keep(None)?;
    burn::forget(medium).map_err(|error| BoardError::io("erase", disk, error))?;
    let root = medium.own_root();
    if root.exists() && before.is_some() {
        let place = FsDisk::plain_folder(&medium.folder).map_err(io)?;
        place.rename("content", "before").map_err(io)?;
    } else if root.exists() {
        fs::remove_dir_all(&root).map_err(io)?;
    }
    fs::create_dir(&root).map_err(|error| BoardError::io("format", disk, error))?;
    let label = Some(order.label.clone());
    let made = Some(FileSystem { kind: KIND.to_owned(), label, shows: None });
    let kept = medium.change(|state| {
        (state.facts.file_system, state.facts.before) = (made, before);
        state.facts.unfinished = None;
    });
    kept.map_err(|error| BoardError::io("erase", disk, std::io::Error::other(error)))
}

/// Something is stored, or it is erased once more: what was there before is gone.
pub(crate) fn forget_before(medium: &Medium) -> std::io::Result<()> {
    if medium.state().facts.before.is_some() {
        medium.change(|state| state.facts.before = None).map_err(std::io::Error::other)?;
    }
    let place = medium.own_before();
    if place.exists() { fs::remove_dir_all(place) } else { Ok(()) }
}

/// Lets go of it, unless it was kept for one of these orders.
pub(crate) fn keep_only(medium: &Medium, labels: &BTreeSet<String>) -> std::io::Result<()> {
    let label = medium.state().facts.before.as_ref().map(|before| before.order.clone());
    match label {
        Some(label) if !labels.contains(&label) => forget_before(medium),
        _ => Ok(()),
    }
}

/// Puts back what was there before, as long as nothing was stored.
pub(crate) fn put_back(
    medium: &Arc<Medium>,
    session: u64,
    disk: &DiskIdentity,
    order: &PutBackOrder,
) -> Result<(), BoardError> {
    let target = || Box::new(disk.clone());
    let io = |error| BoardError::io("put back what was on", disk, error);
    if session != order.attached {
        return Err(BoardError::not_there(disk));
    }
    if medium.state().mounted.is_some() {
        return Err(BoardError::InUse { disk: target(), how: "it is mounted" });
    }
    let found = look::content(medium, session).map_err(io)?;
    let Some(before) = medium.state().facts.before.clone() else {
        return Err(BoardError::Nothing { disk: target(), wanted: "kept content" });
    };
    let marked = Some(order.label.clone());
    let goes_on = medium.state().facts.unfinished == marked;
    if before.order != order.label || !goes_on && !is_done(&found, &order.label) {
        return Err(BoardError::Changed { disk: target() });
    }
    medium.pass(session, Kind::Grow).map_err(io)?;
    let stored =
        |kept: Result<(), SimError>| kept.map_err(|error| io(std::io::Error::other(error)));
    stored(medium.change(|state| state.facts.unfinished = marked))?;
    if medium.state().facts.faults.put_back_stops {
        return Err(io(Errno::EIO.into()));
    }
    let place = FsDisk::plain_folder(&medium.folder).map_err(io)?;
    // Killed anywhere it says that it is not whole, and the same order goes on.
    if medium.own_before().exists() {
        fs::remove_dir_all(medium.own_root()).or_else(missing).map_err(io)?;
        place.rename("before", "content").map_err(io)?;
    }
    stored(medium.change(|state| {
        (state.facts.file_system, state.facts.before) = (Some(before.file_system), None);
        state.facts.unfinished = None;
    }))
}

fn missing(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
