//! Erasing a disk and making an empty ext4 on it: the one destructive act there is.
//!
//! Right before the first write the disk is found anew by its whole identity, claimed from the
//! kernel so that nothing of it can be mounted, and compared with what was looked at. The first
//! write is a mark with the order's label, the last one takes it away: killed anywhere between, the
//! disk says what it is, and the same order again leads to the same end. From beginning to end it is
//! kept open, so that the kernel gives its number to no other; and before each further step that
//! writes, the mark has to be there still. Start at [`Hands::prepare`].

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use board::{BoardError, DiskContent, DiskIdentity, PrepareOrder, Prepared};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{major, minor};

use crate::before::Before;
use crate::discover::Found;
use crate::gpt::{Layout, Write};
use crate::hands::{Hands, in_use, node};
use crate::look::{Kind, Surface};
use crate::mounts::DevNo;
use crate::outside::programs::Program;
use crate::outside::time;
use crate::owner::Owner;

/// What a program calls the file that it was given.
pub(crate) const INPUT: &str = "/proc/self/fd/0";

impl Hands {
    pub(crate) fn prepare(
        &self,
        disk: &DiskIdentity,
        order: &PrepareOrder,
    ) -> Result<Prepared, BoardError> {
        let wrong = |what| BoardError::Order { disk: Box::new(disk.clone()), what };
        if !order.label_is_fit() {
            return Err(wrong("its label does not fit"));
        }
        let found = self.find(disk)?;
        // Pulled and pushed back since, or exchanged behind one name: nobody said yes to this one.
        if found.info.attached != order.attached {
            return Err(BoardError::Changed { disk: Box::new(disk.clone()) });
        }
        self.must_be_free(&found)?;
        let layout = Layout::of(disk.size, found.sector, &order.label)
            .ok_or_else(|| wrong("the disk is too small, or its sectors are of an odd size"))?;
        let io = |error| BoardError::io("prepare", disk, error);
        // Tells the device manager to keep off, and another one of us to wait. While it is open, the
        // kernel gives the disk's name and number to no other, also when it is pulled.
        let lock = open_device(&found.node, found.number).map_err(io)?;
        lock.try_lock().map_err(|_| in_use(disk, "it is being prepared"))?;
        self.find_still(&found)?;
        let (surface, content) = self.content(disk)?;
        if is_done(&surface, &content, &order.label) {
            let kept = order.keeps && self.is_kept(&order.label);
            return Ok(if kept { Prepared::Kept } else { Prepared::AlreadyDone });
        }
        if content == DiskContent::Unknown {
            return Err(in_use(disk, "a file on it is still open, or nobody could look at it"));
        }
        if !order.allows(&content) {
            return Err(BoardError::Changed { disk: Box::new(disk.clone()) });
        }
        let before = self.write_tables(disk, &found, &surface, &layout, order)?;
        // From here on nothing is as it was, and no refusal may sound as if it were.
        let kept = self.make_file_system(&found, &layout, &order.label, before);
        let kept = kept.map_err(|error| begun(disk, error))?;
        self.finish(disk, &found, &layout, order).map_err(|error| begun(disk, error))?;
        Ok(if kept { Prepared::Kept } else { Prepared::Formatted })
    }

    pub(crate) fn must_be_free(&self, found: &Found) -> Result<(), BoardError> {
        let disk = &found.info.identity;
        if found.info.read_only {
            return Err(BoardError::ReadOnly { disk: Box::new(disk.clone()) });
        }
        if found.held || found.parts.iter().any(|part| part.held) {
            return Err(in_use(disk, "another device is built on it"));
        }
        if !self.mounted_at(found)?.is_empty() {
            return Err(in_use(disk, "it is mounted"));
        }
        // A look that just ended may not have let go yet, and one that is out of sight has not.
        let closed = || self.windows(found).is_empty().then_some(());
        if time::until(self.settings().patience, closed).is_none() {
            return Err(in_use(disk, "somebody still looks at what is on it"));
        }
        Ok(())
    }

    fn write_tables(
        &self,
        disk: &DiskIdentity,
        found: &Found,
        seen: &Surface,
        layout: &Layout,
        order: &PrepareOrder,
    ) -> Result<Option<Before>, BoardError> {
        let io = |error| BoardError::io("erase", disk, error);
        let claimed = self.claim(disk, found)?;
        // What is looked at once more is what is claimed: nothing can change from here on.
        if self.surface(found)? != *seen {
            return Err(BoardError::Changed { disk: Box::new(disk.clone()) });
        }
        // One that was begun already is not what it was before.
        let is_whole = order.keeps && seen.unfinished.is_none();
        let before =
            if is_whole { self.keep_before(found, &claimed, layout, &order.label) } else { None };
        if before.is_none() {
            self.let_go_of_before(&order.label);
        }
        for part in self.find_still(found)?.parts {
            self.hide_part(found, part.index).map_err(io)?;
        }
        for group in layout.groups() {
            let write = |write: &Write| claimed.write_all_at(&write.bytes, write.at);
            group.iter().try_for_each(write).and_then(|()| claimed.sync_all()).map_err(io)?;
        }
        Ok(before)
    }

    /// The disk for writing, as its only user, and surely the one that was meant.
    pub(crate) fn claim(&self, disk: &DiskIdentity, found: &Found) -> Result<File, BoardError> {
        let mut how = File::options();
        how.read(true).write(true).custom_flags(OFlag::O_EXCL.bits());
        let file = how.open(&found.node).map_err(|error| match error.raw_os_error() {
            Some(code) if code == Errno::EBUSY as i32 => in_use(disk, "something else has it open"),
            Some(code) if code == Errno::EROFS as i32 => {
                BoardError::ReadOnly { disk: Box::new(disk.clone()) }
            }
            _ => BoardError::io("open", disk, error),
        })?;
        must_be(&file, found.number).map_err(|_| BoardError::not_there(disk))?;
        self.find_still(found)?;
        Ok(file)
    }

    /// The program gets the partition opened, not its name: what is behind a name may change. Whether
    /// what was there before is kept.
    fn make_file_system(
        &self,
        found: &Found,
        layout: &Layout,
        label: &str,
        before: Option<Before>,
    ) -> Result<bool, BoardError> {
        let io = |error| BoardError::io("format", &found.info.identity, error);
        let part = self.show_part(found, 1, layout.start, layout.len).map_err(io)?;
        let opened = open_device(&part.node, part.number).map_err(io)?;
        self.must_be_marked(found, label)?;
        let inside = self.surface_of(&opened, layout.len, found)?;
        if inside.whole.is_some() || !inside.parts.is_empty() || inside.unfinished.is_some() {
            let what = "something was written to it meanwhile";
            return Err(io(io::Error::other(what)));
        }
        let make = |undo: Option<&str>| {
            let words = words_for_mkfs(layout, label, self.settings().owner, undo);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let made = self.programs().run(Program::MkfsExt4, &words, Some(opened.try_clone()?));
            made.and_then(|answer| answer.well(Program::MkfsExt4)).map(drop)
        };
        // When it cannot be kept, the owner has said yes to that as well.
        let kept = before.is_some_and(|before| {
            make(Some(before.undo_file())).and_then(|()| before.finish(&opened, layout)).is_ok()
        });
        if !kept {
            self.let_go_of_before(label);
            make(None).map_err(io)?;
        }
        opened.sync_all().map_err(io)?;
        Ok(kept)
    }

    /// The disk says that it is being prepared under this order, so it is the one that was begun.
    pub(crate) fn must_be_marked(&self, found: &Found, label: &str) -> Result<(), BoardError> {
        let surface = self.surface(found)?;
        self.find_still(found)?;
        if surface.unfinished.as_deref() == Some(label) {
            return Ok(());
        }
        let disk = &found.info.identity;
        let what = "it does not bear the mark any more under which it was begun";
        Err(BoardError::io("go on with", disk, io::Error::other(what)))
    }

    /// Takes the mark away, and looks whether the disk kept what was written.
    fn finish(
        &self,
        disk: &DiskIdentity,
        found: &Found,
        layout: &Layout,
        order: &PrepareOrder,
    ) -> Result<(), BoardError> {
        let io = |error| BoardError::io("finish", disk, error);
        let claimed = self.claim(disk, found)?;
        self.must_be_marked(found, &order.label)?;
        let unmark = layout.unmark();
        claimed.write_all_at(&unmark.bytes, unmark.at).map_err(io)?;
        claimed.sync_all().map_err(io)?;
        drop(claimed);
        if has_file_system(&self.surface(found)?, &order.label) {
            return Ok(());
        }
        let what = format!("{} does not read back what was written", node(found));
        Err(io(io::Error::other(what)))
    }
}

/// A device, opened for reading, that surely has this number.
pub(crate) fn open_device(node: &Path, number: DevNo) -> io::Result<File> {
    let file = File::open(node)?;
    must_be(&file, number)?;
    Ok(file)
}

fn must_be(file: &File, number: DevNo) -> io::Result<()> {
    let facts = file.metadata()?;
    let part = |part: u64| u32::try_from(part).unwrap_or(u32::MAX);
    let opened = DevNo { major: part(major(facts.rdev())), minor: part(minor(facts.rdev())) };
    if facts.file_type().is_block_device() && opened == number {
        return Ok(());
    }
    Err(io::Error::other("another device stands in its place"))
}

/// A refusal after the first write: whoever asked must not take the disk for untouched.
pub(crate) fn begun(disk: &DiskIdentity, error: BoardError) -> BoardError {
    match error {
        BoardError::Io { .. } => error,
        other => BoardError::io("go on with", disk, io::Error::other(other)),
    }
}

fn words_for_mkfs(
    layout: &Layout,
    label: &str,
    owner: Option<Owner>,
    undo: Option<&str>,
) -> Vec<String> {
    let mut extra = format!("nodiscard,hash_seed={}", hyphened(layout.id("hash seed")));
    if undo.is_some() {
        // An empty journal is as long as a gigabyte, and would be kept whole (ADR 25).
        extra.push_str(",lazy_journal_init=1");
    }
    if let Some(owner) = owner {
        extra.push_str(&format!(",root_owner={}:{}", owner.user, owner.group));
    }
    let id = hyphened(layout.id("file system"));
    // Our own reserve is kept by the volume, and told to the owner; and an error that the kernel sees
    // must not be written upon.
    let mut words =
        vec!["-q", "-F", "-L", label, "-U", &id, "-E", &extra, "-m", "0", "-e", "remount-ro"];
    words.extend(undo.into_iter().flat_map(|file| ["-z", file]));
    words.push(INPUT);
    words.into_iter().map(str::to_owned).collect()
}

/// One partition with the order's file system on it.
pub(crate) fn has_file_system(surface: &Surface, label: &str) -> bool {
    let [part] = &surface.parts[..] else { return false };
    let sign = part.sign.as_ref();
    sign.is_some_and(|sign| sign.kind == Kind::Ext4 && sign.label.as_deref() == Some(label))
}

pub(crate) fn is_done(surface: &Surface, content: &DiskContent, label: &str) -> bool {
    let empty = matches!(content, DiskContent::Foreign(foreign) if foreign.files == Some(0));
    empty && has_file_system(surface, label)
}

/// `01234567-89ab-...`
fn hyphened(id: [u8; 16]) -> String {
    let mut text = String::new();
    for (at, byte) in id.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
