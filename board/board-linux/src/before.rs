//! What was on a disk before it was formatted, kept for a while in the system's own folder.
//!
//! Two things: both ends of the disk, as they were before our tables, and the undo file of the program
//! that makes file systems, which holds whatever it overwrote. Both are bounded, and kept only where
//! there is room for twice as much; what is not whole counts for nothing. It is let go of before the
//! disk is mounted for writing: from then on it would put back half of a disk. Never a reason not to
//! format. Figures and why are in ADR 25. Start at [`Hands::keep_before`];
//! how it is put back is in `put_back`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use board::{BoardError, MountAs, PutBackOrder};
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use serde::{Deserialize, Serialize};
use volume::{Disk, FsDisk, durable};

use crate::discover::Found;
use crate::gpt::Layout;
use crate::hands::Hands;
use crate::home;
use crate::look::Surface;
use crate::undo_file::{self, UndoFile};

const GIB: u64 = 1 << 30;
/// An undo file is about 70 KiB for each GiB of a small disk and 30 KiB of a large one.
const KEPT_PER_GIB: u64 = 48 << 10;
/// The ends of the disk, and what an undo file has at least.
const KEPT_AT_LEAST: u64 = 16 << 20;
/// More than this is not kept: it is for a mistake of minutes, on disks that people have.
const KEPT_MAX: u64 = 2 << 30;

const ENDS: &str = "ends";
const UNDO: &str = "undo";
/// Written last: without it nothing counts.
const WHOLE: &str = "whole.json";

/// What has to be so for the rest to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    size: u64,
    sector: u64,
    ends: String,
    undo: String,
    /// Of what formatting left in the partition.
    made: String,
}

/// What is kept of one disk.
#[derive(Debug)]
pub(crate) struct Before {
    folder: PathBuf,
    undo_file: String,
    pub(crate) size: u64,
    pub(crate) sector: u64,
    pub(crate) ends: Vec<u8>,
    pub(crate) made: String,
}

impl Before {
    /// Where the program that makes the file system is to put what it overwrites.
    pub(crate) fn undo_file(&self) -> &str {
        &self.undo_file
    }

    /// The file system is made on this partition: all of it is written down, durably, and then counts.
    pub(crate) fn finish(self, part: &File, layout: &Layout) -> io::Result<()> {
        let undo = File::open(&self.undo_file)?;
        undo.sync_all()?;
        let whole = Whole {
            size: self.size,
            sector: self.sector,
            ends: blake3::hash(&self.ends).to_hex().to_string(),
            undo: undo_file::sum(undo)?,
            made: self.sum_of_made(part, layout)?,
        };
        let place = FsDisk::plain_folder(&self.folder)?;
        let text = serde_json::to_vec(&whole)?;
        durable::replace_file(&place, WHOLE, &text).map_err(|failure| failure.source)
    }

    /// What is kept in a folder, if it is whole.
    pub(crate) fn read(folder: PathBuf) -> Option<Self> {
        let whole: Whole = serde_json::from_slice(&fs::read(folder.join(WHOLE)).ok()?).ok()?;
        let ends = fs::read(folder.join(ENDS)).ok()?;
        let undo = undo_file::sum(File::open(folder.join(UNDO)).ok()?).ok()?;
        let is_whole = blake3::hash(&ends).to_hex().as_str() == whole.ends && undo == whole.undo;
        let undo_file = folder.join(UNDO).into_os_string().into_string().ok()?;
        let Whole { size, sector, made, .. } = whole;
        is_whole.then_some(Self { folder, undo_file, size, sector, ends, made })
    }

    /// The places that the program overwrote.
    pub(crate) fn overwritten(&self, len: u64) -> io::Result<UndoFile> {
        UndoFile::read(File::open(&self.undo_file)?, len)
    }

    /// All that formatting left in the partition, and that putting back will overwrite, as one sum.
    pub(crate) fn sum_of_made(&self, part: &File, layout: &Layout) -> io::Result<String> {
        read_anew(part)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.overwritten(layout.len)?.sum_on(part)?.as_bytes());
        for (from, end) in layout.wiped_inside() {
            hasher.update(&bytes_at(part, from, end)?);
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Both ends of the disk and where they go, the first sector last.
    pub(crate) fn pieces(&self, layout: &Layout) -> Vec<(u64, &[u8])> {
        let mut rest = self.ends.as_slice();
        let mut pieces = Vec::new();
        for (from, end) in layout.touched() {
            let len = usize::try_from(end - from).unwrap_or(usize::MAX).min(rest.len());
            let (piece, after) = rest.split_at(len);
            pieces.push((from, piece));
            rest = after;
        }
        pieces.rotate_left(1);
        pieces
    }
}

impl Hands {
    /// Begins to keep what is on a disk. None: it cannot be kept.
    pub(crate) fn keep_before(
        &self,
        found: &Found,
        claimed: &File,
        layout: &Layout,
        label: &str,
    ) -> Option<Before> {
        let place = self.settings().keeps_in.as_deref()?;
        self.let_go_of_before(label);
        let size = found.info.identity.size.0;
        let needs = KEPT_AT_LEAST + size / GIB * KEPT_PER_GIB;
        let keep = || -> io::Result<Option<Before>> {
            home::make_closed(place)?;
            let room = FsDisk::plain_folder(place)?.space()?.free.0;
            if needs > KEPT_MAX || room < 2 * needs {
                return Ok(None);
            }
            let folder = place.join(label);
            home::make_closed(&folder)?;
            let ends = ends_of(claimed, layout)?;
            let mut file = File::create_new(folder.join(ENDS))?;
            file.write_all(&ends)?;
            file.sync_all()?;
            let undo_file = folder.join(UNDO).into_os_string().into_string();
            let undo_file = undo_file.map_err(|_| io::ErrorKind::InvalidInput)?;
            let (sector, made) = (found.sector, String::new());
            Ok(Some(Before { folder, undo_file, size, sector, ends, made }))
        };
        // What cannot be kept is no reason not to do what the owner asked for; the answer says so.
        keep().ok().flatten()
    }

    /// Whether something can be put back for the order with this label.
    pub(crate) fn is_kept(&self, label: &str) -> bool {
        self.folder_of(label).is_some_and(|folder| Before::read(folder).is_some())
    }

    /// Something is stored on the disk now, or it is nothing that could be put back.
    pub(crate) fn let_go_of_before(&self, label: &str) {
        if let Some(folder) = self.folder_of(label) {
            let_go(&folder);
        }
    }

    /// Of all that is kept, only what these orders can still put back stays.
    pub(crate) fn keep_only(&self, labels: &BTreeSet<String>) -> Result<(), BoardError> {
        let Some(place) = self.settings().keeps_in.as_deref() else { return Ok(()) };
        for folder in folders(place) {
            let is_needed = |name: &str| labels.contains(name);
            if !folder.file_name().and_then(|name| name.to_str()).is_some_and(is_needed) {
                let_go(&folder);
                if folder.exists() {
                    let error = io::Error::other("it cannot be removed");
                    return Err(BoardError::io("let go of", folder.display(), error));
                }
            }
        }
        Ok(())
    }

    /// A disk is about to be mounted: once something may be stored, it is too late to put back.
    pub(crate) fn let_go_for(&self, surface: &Surface, how: MountAs) {
        let parts = surface.parts.iter().filter(|_| how.writes());
        let signs = parts.filter_map(|part| part.sign.as_ref());
        signs.filter_map(|sign| sign.label.as_ref()).for_each(|label| self.let_go_of_before(label));
    }

    /// A label may come from somebody's disk.
    pub(crate) fn folder_of(&self, label: &str) -> Option<PathBuf> {
        let is_fit = PutBackOrder { attached: 0, label: label.to_owned() }.label_is_fit();
        let place = self.settings().keeps_in.as_deref().filter(|_| is_fit)?;
        Some(place.join(label))
    }
}

/// At the start: what is not whole was cut short, and would only take room.
pub(crate) fn tidy(place: &Path) {
    for folder in folders(place) {
        if !folder.join(WHOLE).exists() {
            let_go(&folder);
        }
    }
}

fn folders(place: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir())
}

/// What says that it is whole goes first.
fn let_go(folder: &Path) {
    for name in [WHOLE, ENDS, UNDO] {
        fs::remove_file(folder.join(name)).ok();
    }
    fs::remove_dir_all(folder).ok();
}

pub(crate) fn ends_of(device: &File, layout: &Layout) -> io::Result<Vec<u8>> {
    read_anew(device)?;
    let mut ends = Vec::new();
    for (from, end) in layout.touched() {
        ends.extend(bytes_at(device, from, end)?);
    }
    Ok(ends)
}

/// What was written through a partition shows on the disk only when it is read anew, and what is on the
/// medium only so.
pub(crate) fn read_anew(device: &File) -> io::Result<()> {
    Ok(posix_fadvise(device, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?)
}

pub(crate) fn bytes_at(device: &File, from: u64, end: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(end - from).map_err(io::Error::other)?];
    device.read_exact_at(&mut bytes, from)?;
    Ok(bytes)
}
