//! What is on a simulated disk: found by reading alone.
//!
//! Start at [`content`].

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use board::{DiskContent, Foreign, VolumeMark};
use types::Bytes;
use volume::{FsDisk, Volume};

use crate::burn;
use crate::medium::{Kind, Medium};
use crate::simdisk::{Gate, SimDisk};

/// Entries that are counted on somebody's disk; more are not counted, and so not said.
const ENTRIES_MAX: u64 = 1_000_000;

/// How much is in the files below a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    entries: u64,
}

/// What is on the disk in this session.
pub(crate) fn content(medium: &Arc<Medium>, session: u64) -> io::Result<DiskContent> {
    medium.pass(session, Kind::Read)?;
    if burn::is_burning(medium) {
        return Ok(DiskContent::Foreign(Foreign::default()));
    }
    if let Some(label) = medium.state().facts.unfinished.clone() {
        return Ok(DiskContent::Foreign(Foreign { label: Some(label), ..Foreign::default() }));
    }
    let Some(file_system) = medium.state().facts.file_system.clone() else {
        return Ok(DiskContent::Blank);
    };
    let root = medium.root();
    if let Some(mark) = mark(medium, session, &root) {
        return Ok(DiskContent::Volume(mark));
    }
    let counted = count(&root)?;
    Ok(DiskContent::Foreign(Foreign {
        file_system: Some(file_system.kind),
        label: file_system.label,
        files: counted.map(|counted| counted.files),
        bytes: counted.map(|counted| Bytes(counted.bytes)),
    }))
}

/// The superblock, where there is a volume that can be read.
fn mark(medium: &Arc<Medium>, session: u64, root: &Path) -> Option<VolumeMark> {
    let inner = FsDisk::open(root, Some(String::new())).ok()?;
    let gate =
        Gate { medium: Arc::clone(medium), session, read_only: true, _users: Arc::default() };
    let (serial, label) = (String::new(), medium.name.clone());
    let (volume, _) =
        Volume::open(Arc::new(SimDisk { inner, gate, root: root.to_path_buf(), serial, label }))
            .ok()?;
    let found = volume.superblock();
    Some(VolumeMark {
        vault: found.vault,
        volume: found.volume,
        generation: found.generation,
        serial: found.serial,
    })
}

/// Files and bytes below a folder; none when there are too many to count. No link is followed. What lies deeper
/// than a path can say is not counted.
pub(crate) fn count(root: &Path) -> io::Result<Option<Counted>> {
    let mut counted = Counted::default();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::InvalidFilename => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            counted.entries += 1;
            if counted.entries > ENTRIES_MAX {
                return Ok(None);
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                counted.files += 1;
                counted.bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(Some(counted))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::OwnedFd;

    use nix::fcntl::{OFlag, openat};
    use nix::sys::stat::{Mode, mkdirat};

    use super::*;

    /// A stick on which somebody's folders in folders were restored could not be mounted any more.
    #[test]
    fn what_lies_deeper_than_a_path_can_say_is_not_counted_and_the_rest_is() {
        let place = tempfile::tempdir().unwrap();
        fs::File::create(place.path().join("file")).unwrap().write_all(b"four").unwrap();
        let mut folder = OwnedFd::from(fs::File::open(place.path()).unwrap());
        for _ in 0..25 {
            let name = "d".repeat(200);
            mkdirat(&folder, name.as_str(), Mode::S_IRWXU).unwrap();
            folder = openat(&folder, name.as_str(), OFlag::O_DIRECTORY, Mode::empty()).unwrap();
        }
        let counted = count(place.path()).unwrap().unwrap();
        assert_eq!((counted.files, counted.bytes), (1, 4));
        assert!((15..25).contains(&(counted.entries - 1)), "{counted:?}");
    }
}
