//! One drive: its room, the restore's folder on it, and writing a file there.
//!
//! Nothing is written outside that folder: every name is one checked component below an open
//! folder, and no link is followed (`filetree::Target`), whatever a strange drive holds by that
//! name. A file that was cut short is replaced whole, never added to. Start at [`Drive::open`].

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use filetree::{Existing, FileWriter, Target, TargetFolder, TargetOptions, WriteError};
use format::entry::Entry;
use nix::sys::statfs::{FsType, MSDOS_SUPER_MAGIC, statfs};
use plan::emergency::{Room, usable};
use types::Bytes;
use volume::Disk;

use crate::error::RestoreError;
use crate::manifest::{Key, Line, Manifest, key_of};
use crate::names::Naming;
use crate::plain::open_plain;
use crate::refusal::Refusal;
use crate::set::SetRecord;

/// The folder of the files in a restore's folder.
pub(crate) const FILES: &str = "files";
/// What was given another name.
pub const RENAMED: &str = "renamed.txt";
/// What is not there, and why.
pub const LEFT_OUT: &str = "left-out.txt";

/// After a file of at least this many bytes the drive is asked anew how much is free.
const LARGE: u64 = 64 << 20;
/// What a file takes besides its bytes: its name in the folder, in the manifest, in the page.
const OVERHEAD: Bytes = Bytes(512);
/// A file on FAT32 has at most this many bytes.
const FAT32_FILE_MAX: u64 = (4 << 30) - 1;
const EXFAT: FsType = FsType(0x2011_bab0);
const NTFS: FsType = FsType(0x5346_544e);
const NTFS3: FsType = FsType(0x7366_746e);
/// A drive behind FUSE is nearly always exFAT or NTFS.
const FUSE: FsType = FsType(0x6573_5546);

/// What a drive can hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) naming: Naming,
    pub(crate) room: Room,
}

/// Looks at the file system under a folder.
pub(crate) fn facts(dir: &Path) -> Result<Facts, RestoreError> {
    let failed = |source: io::Error| RestoreError::Drive { path: dir.to_owned(), source };
    if !fs::metadata(dir).map_err(failed)?.is_dir() {
        return Err(failed(io::ErrorKind::NotADirectory.into()));
    }
    let stat = statfs(dir).map_err(|errno| failed(errno.into()))?;
    let kind = stat.filesystem_type();
    let fat = [EXFAT, MSDOS_SUPER_MAGIC, NTFS, NTFS3, FUSE].contains(&kind);
    let unit = u64::try_from(stat.block_size()).unwrap_or(4096).max(512);
    let free = Bytes(stat.blocks_available().saturating_mul(unit));
    let file_max = (kind == MSDOS_SUPER_MAGIC).then_some(FAT32_FILE_MAX);
    let naming = if fat { Naming::Fat } else { Naming::Plain };
    Ok(Facts { naming, room: Room { free: usable(free), unit, file_max } })
}

/// What can be used of a drive; the drive itself knows better than the folder it is mounted on.
fn room_of(dir: &Path, disk: Option<&Arc<dyn Disk>>) -> Result<Room, RestoreError> {
    let mut room = facts(dir)?.room;
    if let Some(disk) = disk {
        let failed = |source: io::Error| RestoreError::Drive { path: dir.to_owned(), source };
        room.free = room.free.min(usable(disk.space().map_err(failed)?.free));
    }
    Ok(room)
}

/// A drive with a restore's folder on it.
#[derive(Debug)]
pub(crate) struct Drive {
    /// As its owner named it.
    pub(crate) dir: PathBuf,
    /// The restore's folder.
    pub(crate) root: PathBuf,
    pub(crate) room: Room,
    pub(crate) manifest: Manifest,
    pub(crate) record: SetRecord,
    /// The drive itself, where the caller mounted it: knows its room, and when it is gone.
    disk: Option<Arc<dyn Disk>>,
    target: Target,
    /// The restore's folder below the drive's, and `files` in it.
    base: [String; 2],
    /// Folders that were looked through for what an earlier run had begun.
    entered: HashSet<Key>,
    /// The folder that was written to last, held open.
    last: Option<(String, TargetFolder)>,
    renamed: BufWriter<File>,
    left_out: BufWriter<File>,
}

impl Drive {
    /// Opens the restore's folder on a drive, or makes it.
    pub(crate) fn open(
        dir: &Path,
        disk: Option<Arc<dyn Disk>>,
        record: SetRecord,
    ) -> Result<Self, RestoreError> {
        let failed = |source| RestoreError::Drive { path: dir.to_owned(), source };
        let room = room_of(dir, disk.as_ref())?;
        let options = TargetOptions { existing: Existing::Overwrite, ..TargetOptions::default() };
        let target = Target::open(dir, options).map_err(vault::VaultError::from)?;
        let base = [record.folder(), FILES.to_owned()];
        let root = dir.join(&base[0]);
        // Refuses whatever is not a folder there, a link above all, before anything is opened.
        let made = target.folder().make_folder(base[0].as_bytes());
        made.and_then(|root| root.make_folder(FILES.as_bytes()))
            .map_err(vault::VaultError::from)?;
        // Whoever plugs the drive in elsewhere is not the one who wrote it.
        for folder in [&root, &root.join(FILES)] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(failed)?;
        }
        record.write(&root).map_err(failed)?;
        let list = |name| {
            let mut how = OpenOptions::new();
            let how = how.write(true).create(true).truncate(true);
            open_plain(&root.join(name), how).map(BufWriter::new).map_err(failed)
        };
        let (renamed, left_out) = (list(RENAMED)?, list(LEFT_OUT)?);
        let manifest = Manifest::open(&root).map_err(failed)?;
        let dir = dir.to_owned();
        let (last, target, entered) = (None, target, HashSet::new());
        let drive = Self {
            dir,
            root,
            room,
            manifest,
            record,
            disk,
            target,
            base,
            entered,
            last,
            renamed,
            left_out,
        };
        Ok(drive)
    }

    /// A drive that was pulled says so at once; its file system may take writes for a while.
    pub(crate) fn is_there(&self) -> io::Result<()> {
        self.disk.as_ref().map_or(Ok(()), |disk| disk.folder().map(drop))
    }

    /// The folder at a path below `files`, made with those above it.
    fn folder(&mut self, path: &str) -> Result<&TargetFolder, WriteError> {
        let last = match self.last.take() {
            Some(last) if last.0 == path => last,
            _ => {
                let mut folder = self.target.folder();
                let names = self.base.iter().map(String::as_str);
                let known = |name: &[u8]| {
                    std::str::from_utf8(name)
                        .is_ok_and(|name| self.manifest.has(&on_drive(path, name)))
                };
                for name in names.chain(path.split('/').filter(|name| !name.is_empty())) {
                    folder = folder.make_folder(name.as_bytes())?;
                }
                // Before anything is begun in it by us.
                if self.entered.insert(key_of(path)) && folder.existed() {
                    folder.remove_leftovers(known);
                }
                (path.to_owned(), folder)
            }
        };
        Ok(&self.last.insert(last).1)
    }

    /// Begins a file in a folder below `files`.
    pub(crate) fn begin(&mut self, folder: &str, name: &str) -> Result<FileWriter, Refusal> {
        self.is_there().map_err(Refusal::Drive)?;
        let made = self.folder(folder).and_then(|folder| folder.create_file(name.as_bytes()));
        made.map_err(Refusal::of)
    }

    /// Ends a file: its length, its name, its attributes, its line in the manifest.
    pub(crate) fn finish(
        &mut self,
        writer: FileWriter,
        at: (&str, &str),
        entry: &Entry,
        hash: blake3::Hash,
    ) -> Result<(), Refusal> {
        let (folder, name) = at;
        let len = writer.len();
        writer.finish().map_err(Refusal::of)?;
        // What an ordinary drive does not keep of owners and permissions, nobody needs there.
        drop(self.folder(folder).map_err(Refusal::of)?.set_attrs(name.as_bytes(), entry));
        self.room.free = self.room.free.saturating_sub(self.room.cost(len));
        self.room.free = self.room.free.saturating_sub(OVERHEAD);
        if len >= LARGE {
            // Holes took no room, and the file system's own tables some: it knows best.
            self.ask_room();
        }
        let path = on_drive(folder, name);
        self.is_there().map_err(Refusal::Drive)?;
        let line = Line { hash: hash.to_hex().to_string(), path };
        self.manifest.add(line, len).map_err(Refusal::Drive)
    }

    /// Makes a folder and gives it its attributes; after everything that is in it.
    pub(crate) fn set_folder(&mut self, path: &str, entry: &Entry) -> Result<(), Refusal> {
        self.is_there().map_err(Refusal::Drive)?;
        drop(self.folder(path).map_err(Refusal::of)?.set_own_attrs(entry));
        Ok(())
    }

    /// Makes a link, a pipe, a socket, a device.
    pub(crate) fn special(&mut self, at: (&str, &str), entry: &Entry) -> Result<(), Refusal> {
        let (folder, name) = at;
        let mut entry = entry.clone();
        entry.name = name.as_bytes().to_vec().into();
        let folder = self.folder(folder).map_err(Refusal::of)?;
        folder.special(&entry).map_err(Refusal::of)?;
        drop(folder.set_attrs(name.as_bytes(), &entry));
        Ok(())
    }

    /// Lists a file that stands under another name.
    pub(crate) fn note_renamed(&mut self, now: &str, before: &[u8]) -> io::Result<()> {
        let shown = filetree::Shown(before);
        writeln!(self.renamed, "{now}\n    was: {shown}")?;
        if std::str::from_utf8(before).is_err() {
            let hex: String = before.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(self.renamed, "    its bytes: {hex}")?;
        }
        Ok(())
    }

    /// Lists a file that is not here.
    pub(crate) fn note_left_out(&mut self, path: &[u8], why: &str) -> io::Result<()> {
        writeln!(self.left_out, "{}\n    {why}", filetree::Shown(path))
    }

    /// Makes everything durable that was written so far.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        self.is_there()?;
        for list in [&mut self.renamed, &mut self.left_out] {
            list.flush()?;
            list.get_ref().sync_all()?;
        }
        self.manifest.settle()
    }

    /// Asks the file system how much room is left.
    pub(crate) fn ask_room(&mut self) {
        // One that does not answer has none.
        self.room.free = room_of(&self.dir, self.disk.as_ref()).map_or(Bytes(0), |room| room.free);
    }

    /// The drive failed, or has not even room for its lists.
    pub(crate) fn gone(&self, source: io::Error) -> RestoreError {
        let path = self.dir.clone();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                RestoreError::Full { path, source }
            }
            _ => RestoreError::Gone { path, files: self.manifest.safe(), source },
        }
    }

    /// Takes away lists that have nothing in them.
    pub(crate) fn tidy(&self) -> io::Result<()> {
        for name in [RENAMED, LEFT_OUT] {
            let path = self.root.join(name);
            if fs::metadata(&path)?.len() == 0 {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// The path of a file below the restore's folder.
pub(crate) fn on_drive(folder: &str, name: &str) -> String {
    if folder.is_empty() { format!("{FILES}/{name}") } else { format!("{FILES}/{folder}/{name}") }
}
