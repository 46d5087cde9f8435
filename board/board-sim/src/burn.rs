//! A test of a whole simulated disk: its bytes stand in a sparse file of their own for as long as it takes.
//!
//! While that file is there the disk is neither blank nor anything known, as a real one would be. Faults
//! strike each access; a stick that lies has fewer bytes than it says. Start at [`burn`].

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use board::burn::{BurnOrder, BurnStep, Burnt, Raw, bears, step};
use board::{BoardError, DiskIdentity};

use crate::look;
use crate::medium::{Kind, Medium};

/// The file's name in a disk's folder.
const FILE: &str = "raw";

/// Whether a disk has been in a test that was not brought to its end.
pub(crate) fn is_burning(medium: &Medium) -> bool {
    medium.folder.join(FILE).exists()
}

/// Nothing of a test is left.
pub(crate) fn forget(medium: &Medium) -> io::Result<()> {
    match fs::remove_file(medium.folder.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(crate) fn burn(
    medium: &Arc<Medium>,
    session: u64,
    disk: &DiskIdentity,
    order: &BurnOrder,
) -> Result<Burnt, BoardError> {
    let target = || Box::new(disk.clone());
    if medium.state().mounted.is_some() {
        return Err(BoardError::InUse { disk: target(), how: "it is mounted" });
    }
    let io = |error| BoardError::io("test", disk, error);
    if order.step == BurnStep::Begin && !is_burning(medium) {
        let found = look::content(medium, session).map_err(io)?;
        if session != order.attached || !order.allows(&found) {
            return Err(BoardError::Changed { disk: target() });
        }
        medium.pass(session, Kind::Change).map_err(io)?;
        let emptied = medium.change(|state| state.facts.file_system = None);
        emptied.map_err(|error| io(io::Error::other(error)))?;
        let root = medium.own_root();
        if root.exists() {
            fs::remove_dir_all(&root).map_err(io)?;
        }
        fs::create_dir(&root).map_err(io)?;
    }
    let file = File::options()
        .read(true)
        .write(true)
        .create(order.step == BurnStep::Begin)
        .truncate(false)
        .open(medium.folder.join(FILE));
    let file = match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(BoardError::Changed { disk: target() });
        }
        other => other.map_err(io)?,
    };
    file.set_len(disk.size.0).map_err(io)?;
    let raw = Bytes { medium, session, file };
    let whose = bears(&raw, disk.size.0, order.seed).map_err(io)?;
    if order.step == BurnStep::Begin && whose == board::burn::Bears::Nothing && !is_zero(&raw, io)?
    {
        return Err(BoardError::Changed { disk: target() });
    }
    let burnt = step(&raw, disk, order, &[])?;
    if order.step == BurnStep::End {
        forget(medium).map_err(io)?;
    }
    Ok(burnt)
}

/// Another test's bytes are somebody's.
fn is_zero(raw: &Bytes<'_>, io: impl Fn(io::Error) -> BoardError) -> Result<bool, BoardError> {
    let mut first = [0; 4_096];
    raw.read(0, &mut first).map_err(io)?;
    Ok(first.iter().all(|byte| *byte == 0))
}

struct Bytes<'m> {
    medium: &'m Arc<Medium>,
    session: u64,
    file: File,
}

impl Bytes<'_> {
    /// Where a byte really is; none when it is nowhere.
    fn place(&self, at: u64) -> Option<u64> {
        let faults = self.medium.state().facts.faults;
        match faults.holds {
            Some(holds) if faults.wraps => Some(at % holds.max(1)),
            Some(holds) => Some(at).filter(|at| *at < holds),
            None => Some(at),
        }
    }
}

impl Raw for Bytes<'_> {
    fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        self.medium.pass(self.session, Kind::Read)?;
        // In blocks: each may be elsewhere.
        for (block, at) in out.chunks_mut(4_096).zip((at..).step_by(4_096)) {
            match self.place(at) {
                Some(place) => self.file.read_exact_at(block, place)?,
                None => block.fill(0),
            }
        }
        Ok(())
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.medium.pass(self.session, Kind::Change)?;
        for (block, at) in bytes.chunks(4_096).zip((at..).step_by(4_096)) {
            if let Some(place) = self.place(at) {
                self.file.write_all_at(block, place)?;
            }
        }
        Ok(())
    }

    fn settle(&self) -> io::Result<()> {
        self.medium.pass(self.session, Kind::Change)
    }
}
