//! What was on a disk before it was formatted, kept for a while in the system's own folder.
//!
//! Two things: both ends of the disk, as they were before our tables, and the undo file of the program
//! that makes file systems, which holds whatever it overwrote. Both are bounded, and kept only where
//! there is room for twice as much; what is not whole counts for nothing. It is let go of before the
//! disk is mounted for writing: from then on it would put back half of a disk. Never a reason not to
//! format. Figures and why are in ADR 25. Start at [`Hands::keep_before`] and [`Hands::put_back`].

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use board::{BoardError, DiskIdentity, MountAs, PutBackOrder};
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use serde::{Deserialize, Serialize};
use volume::{Disk, FsDisk, durable};

use crate::discover::Found;
use crate::gpt::Layout;
use crate::hands::{Hands, in_use, nothing};
use crate::home;
use crate::look::Surface;
use crate::outside::programs::Program;
use crate::prepare::{INPUT, begun, is_done, open_device};

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
}

/// What is kept of one disk.
#[derive(Debug)]
pub(crate) struct Before {
    folder: PathBuf,
    undo_file: String,
    size: u64,
    sector: u64,
    ends: Vec<u8>,
}

impl Before {
    /// Where the program that makes the file system is to put what it overwrites.
    pub(crate) fn undo_file(&self) -> &str {
        &self.undo_file
    }

    /// The file system is made: all of it is written down, durably, and then counts.
    pub(crate) fn finish(self) -> io::Result<()> {
        let undo = File::open(self.folder.join(UNDO))?;
        undo.sync_all()?;
        let whole = Whole {
            size: self.size,
            sector: self.sector,
            ends: blake3::hash(&self.ends).to_hex().to_string(),
            undo: sum(undo)?,
        };
        let place = FsDisk::plain_folder(&self.folder)?;
        let text = serde_json::to_vec(&whole)?;
        durable::replace_file(&place, WHOLE, &text).map_err(|failure| failure.source)
    }

    /// What is kept in a folder, if it is whole.
    fn read(folder: PathBuf) -> Option<Self> {
        let whole: Whole = serde_json::from_slice(&fs::read(folder.join(WHOLE)).ok()?).ok()?;
        let ends = fs::read(folder.join(ENDS)).ok()?;
        let undo = sum(File::open(folder.join(UNDO)).ok()?).ok()?;
        let is_whole = blake3::hash(&ends).to_hex().as_str() == whole.ends && undo == whole.undo;
        let undo_file = folder.join(UNDO).into_os_string().into_string().ok()?;
        let Whole { size, sector, .. } = whole;
        is_whole.then_some(Self { folder, undo_file, size, sector, ends })
    }

    /// Both ends of the disk and where they go, the first sector last.
    fn pieces(&self, layout: &Layout) -> Vec<(u64, &[u8])> {
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
            Ok(Some(Before { folder, undo_file, size, sector: found.sector, ends }))
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

    /// A disk is about to be mounted: once something may be stored, it is too late to put back.
    pub(crate) fn let_go_for(&self, surface: &Surface, how: MountAs) {
        let parts = surface.parts.iter().filter(|_| how.writes());
        let signs = parts.filter_map(|part| part.sign.as_ref());
        signs.filter_map(|sign| sign.label.as_ref()).for_each(|label| self.let_go_of_before(label));
    }

    /// A label may come from somebody's disk.
    fn folder_of(&self, label: &str) -> Option<PathBuf> {
        let is_fit = PutBackOrder { attached: 0, label: label.to_owned() }.label_is_fit();
        let place = self.settings().keeps_in.as_deref().filter(|_| is_fit)?;
        Some(place.join(label))
    }

    pub(crate) fn put_back(
        &self,
        disk: &DiskIdentity,
        order: &PutBackOrder,
    ) -> Result<(), BoardError> {
        let changed = || BoardError::Changed { disk: Box::new(disk.clone()) };
        let found = self.find(disk)?;
        if found.info.attached != order.attached {
            return Err(changed());
        }
        self.must_be_free(&found)?;
        let gone = || nothing(disk, "kept content");
        let before = self.folder_of(&order.label).and_then(Before::read).ok_or_else(gone)?;
        let layout = Layout::of(disk.size, found.sector, &order.label).ok_or_else(gone)?;
        if (before.size, before.sector) != (disk.size.0, found.sector) {
            return Err(gone());
        }
        let io = |error| BoardError::io("put back what was on", disk, error);
        let lock = open_device(&found.node, found.number).map_err(io)?;
        lock.try_lock().map_err(|_| in_use(disk, "it is being prepared"))?;
        self.find_still(&found)?;
        // Cut short at the very end, all of it is there already.
        if ends_of(&lock, &layout).map_err(io)? != before.ends {
            let (surface, content) = self.content(disk)?;
            let goes_on = surface.unfinished.as_ref() == Some(&order.label);
            if !goes_on && !is_done(&surface, &content, &order.label) {
                return Err(changed());
            }
            self.undo_file_system(&found, &layout, order, &before, goes_on)?;
            self.put_back_ends(&found, &layout, order, &before)
                .map_err(|error| begun(disk, error))?;
        }
        self.let_go_of_before(&order.label);
        Ok(())
    }

    /// Through the partition, as the file system was made: the kernel caches both apart.
    fn undo_file_system(
        &self,
        found: &Found,
        layout: &Layout,
        order: &PutBackOrder,
        before: &Before,
        goes_on: bool,
    ) -> Result<(), BoardError> {
        let disk = &found.info.identity;
        let io = |error| BoardError::io("put back what was on", disk, error);
        let part = self.show_part(found, 1, layout.start, layout.len).map_err(io)?;
        let opened = open_device(&part.node, part.number).map_err(io)?;
        let run = |word: &str| {
            let words = [word, before.undo_file(), INPUT];
            let ended = self.programs().run(Program::E2undo, &words, Some(opened.try_clone()?));
            ended.and_then(|answer| answer.well(Program::E2undo)).map(drop)
        };
        if !goes_on {
            // It compares the file system with the one that was made, and writes nothing.
            run("-n").map_err(|_| BoardError::Changed { disk: Box::new(disk.clone()) })?;
            let claimed = self.claim(disk, found)?;
            let mark = layout.mark();
            claimed
                .write_all_at(&mark.bytes, mark.at)
                .and_then(|()| claimed.sync_all())
                .map_err(io)?;
        }
        // From here on the disk says that it is not whole, and half of it may be put back already.
        let undo = || {
            self.must_be_marked(found, &order.label)?;
            run("-f").and_then(|()| opened.sync_all()).map_err(io)
        };
        undo().map_err(|error| begun(disk, error))
    }

    /// Its first sector last: it takes the mark away.
    fn put_back_ends(
        &self,
        found: &Found,
        layout: &Layout,
        order: &PutBackOrder,
        before: &Before,
    ) -> Result<(), BoardError> {
        let disk = &found.info.identity;
        let io = |error| BoardError::io("put back what was on", disk, error);
        let claimed = self.claim(disk, found)?;
        self.must_be_marked(found, &order.label)?;
        for part in self.find_still(found)?.parts {
            self.hide_part(found, part.index).map_err(io)?;
        }
        for (at, piece) in before.pieces(layout) {
            claimed.write_all_at(piece, at).and_then(|()| claimed.sync_all()).map_err(io)?;
        }
        Ok(())
    }
}

/// At the start: what is not whole was cut short, and would only take room.
pub(crate) fn tidy(place: &Path) {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        if !folder.join(WHOLE).exists() {
            let_go(&folder);
        }
    }
}

/// What says that it is whole goes first.
fn let_go(folder: &Path) {
    for name in [WHOLE, ENDS, UNDO] {
        fs::remove_file(folder.join(name)).ok();
    }
    fs::remove_dir_all(folder).ok();
}

fn ends_of(device: &File, layout: &Layout) -> io::Result<Vec<u8>> {
    // What was written through a partition shows only when it is read anew.
    posix_fadvise(device, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
    let mut ends = Vec::new();
    for (from, end) in layout.touched() {
        let len = usize::try_from(end - from).map_err(io::Error::other)?;
        let mut piece = vec![0; len];
        device.read_exact_at(&mut piece, from)?;
        ends.extend(piece);
    }
    Ok(ends)
}

fn sum(mut file: File) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().to_hex().to_string()),
            len => hasher.update(&buffer[..len]),
        };
    }
}
