//! Putting back what was on a disk before it was formatted: to the byte, or not at all.
//!
//! First everything that would be overwritten is compared with what formatting left there; what cannot be
//! looked at is no difference, and is tried again. Then the mark of an unfinished disk is written, the undo
//! file played back through the partition, and both ends, the first sector last; each is read again from
//! the medium before the next. Killed anywhere, the mark says so, and the same order goes on. Not compared
//! is what formatting did not touch, and putting back does not either. Start at [`Hands::put_back`].

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use board::{BoardError, DiskContent, DiskIdentity, PutBackOrder};

use crate::before::{Before, bytes_at, ends_of, read_anew};
use crate::discover::Found;
use crate::gpt::Layout;
use crate::hands::{Hands, in_use, nothing};
use crate::outside::programs::Program;
use crate::outside::time;
use crate::prepare::{INPUT, begun, has_file_system, is_done, open_device};

impl Hands {
    pub(crate) fn put_back(
        &self,
        disk: &DiskIdentity,
        order: &PutBackOrder,
    ) -> Result<(), BoardError> {
        let found = self.find(disk)?;
        // Pulled since: whoever asks looks again, and asks about the one that is there now.
        if found.info.attached != order.attached {
            return Err(BoardError::not_there(disk));
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
            let goes_on = self.goes_on(disk, &order.label)?;
            self.undo_file_system(&found, &lock, &layout, order, &before, goes_on)?;
            self.put_back_ends(&found, &layout, order, &before)
                .map_err(|error| begun(disk, error))?;
        }
        self.let_go_of_before(&order.label);
        Ok(())
    }

    /// Whether it was begun already. A disk that could not be looked at has not changed for that.
    fn goes_on(&self, disk: &DiskIdentity, label: &str) -> Result<bool, BoardError> {
        let (surface, content) = self.content(disk)?;
        if surface.unfinished.as_deref() == Some(label) {
            return Ok(true);
        }
        let is_counted = match &content {
            DiskContent::Unknown => false,
            DiskContent::Foreign(found) => {
                found.files.is_some() || !has_file_system(&surface, label)
            }
            DiskContent::Blank | DiskContent::Volume(_) => true,
        };
        if !is_counted {
            return Err(in_use(disk, "nobody could look at what is on it"));
        }
        if is_done(&surface, &content, label) { Ok(false) } else { Err(changed(disk)) }
    }

    /// Through the partition, as the file system was made: the kernel caches both apart.
    fn undo_file_system(
        &self,
        found: &Found,
        lock: &File,
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
            let is_as_made = || -> io::Result<bool> {
                Ok(is_around(lock, layout)? && before.sum_of_made(&opened, layout)? == before.made)
            };
            if !is_as_made().map_err(io)? {
                return Err(changed(disk));
            }
            // It writes nothing, and says whether it can do its work at all.
            run("-n").map_err(io)?;
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
            // It ends well where it could not write, too.
            run("-f").and_then(|()| opened.sync_all()).map_err(io)?;
            let is_back = || {
                read_anew(&opened)?;
                before.overwritten(layout.len)?.is_put_back(&opened)
            };
            if is_back().map_err(io)? { Ok(()) } else { Err(io(not_read_back())) }
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
        // A look that just ended may not have let go of the partition yet.
        let closed = || self.windows(found).is_empty().then_some(());
        if time::until(self.settings().patience, closed).is_none() {
            return Err(in_use(disk, "somebody still looks at what is on it"));
        }
        for part in self.find_still(found)?.parts {
            self.hide_part(found, part.index).map_err(io)?;
        }
        for (at, piece) in before.pieces(layout) {
            claimed.write_all_at(piece, at).and_then(|()| claimed.sync_all()).map_err(io)?;
            read_anew(&claimed).map_err(io)?;
            if bytes_at(&claimed, at, at + piece.len() as u64).map_err(io)? != piece {
                return Err(io(not_read_back()));
            }
        }
        Ok(())
    }
}

/// Whether around the partition is what formatting left there.
fn is_around(device: &File, layout: &Layout) -> io::Result<bool> {
    read_anew(device)?;
    for side in layout.around() {
        if bytes_at(device, side.at, side.at + side.bytes.len() as u64)? != side.bytes {
            return Ok(false);
        }
    }
    Ok(true)
}

fn changed(disk: &DiskIdentity) -> BoardError {
    BoardError::Changed { disk: Box::new(disk.clone()) }
}

fn not_read_back() -> io::Error {
    io::Error::other("what was written does not read back")
}
