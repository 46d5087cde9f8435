//! Erasing a simulated disk and giving it an empty file system, checked as a real board checks it.
//!
//! The steps are ordered so that a kill in between leaves a blank disk: first the facts say that
//! nothing is on it, then its files go, then the facts say what is on it now. A folder of somebody's
//! files that it showed is let go of, never touched. Start at [`prepare`].

use std::fs;
use std::sync::Arc;

use board::{BoardError, DiskContent, DiskIdentity, PrepareOrder, Prepared};

use crate::burn;
use crate::facts::FileSystem;
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
    if is_done(&found, order) {
        return Ok(Prepared::AlreadyDone);
    }
    medium.pass(session, Kind::Grow).map_err(|error| BoardError::io("erase", disk, error))?;
    erase(medium, disk, order)?;
    Ok(Prepared::Formatted)
}

fn is_done(found: &DiskContent, order: &PrepareOrder) -> bool {
    match found {
        DiskContent::Foreign(foreign) => {
            foreign.label.as_ref() == Some(&order.label) && foreign.files == Some(0)
        }
        DiskContent::Unknown | DiskContent::Blank | DiskContent::Volume(_) => false,
    }
}

fn erase(medium: &Medium, disk: &DiskIdentity, order: &PrepareOrder) -> Result<(), BoardError> {
    let keep = |file_system: Option<FileSystem>| {
        let kept = medium.change(|state| state.facts.file_system = file_system);
        kept.map_err(|error| BoardError::io("erase", disk, std::io::Error::other(error)))
    };
    keep(None)?;
    burn::forget(medium).map_err(|error| BoardError::io("erase", disk, error))?;
    let root = medium.own_root();
    if root.exists() {
        fs::remove_dir_all(&root).map_err(|error| BoardError::io("erase", disk, error))?;
    }
    fs::create_dir(&root).map_err(|error| BoardError::io("format", disk, error))?;
    let label = Some(order.label.clone());
    keep(Some(FileSystem { kind: KIND.to_owned(), label, shows: None }))
}
