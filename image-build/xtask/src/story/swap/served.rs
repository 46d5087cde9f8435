//! Disks as files that FUSE serves, so that they can fail as hardware does: requests that end with
//! EIO, and a disk that is out from one moment to the next.
//!
//! A disk that is pulled is another file from then on: whatever still has it open gets EIO for ever,
//! and pushed back it is a new file over the same bytes. Keeps the bytes in sparse files, promises
//! nothing over a power cut. Start at [`Served`].

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo,
    LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry,
    ReplyOpen, ReplyWrite, Request, Session, WriteFlags,
};
use nix::sched::{CloneFlags, unshare};

use super::medium::Medium;
use crate::Outcome;

/// Folders of the file system: the box's sockets, and where disks go that were pulled.
pub(super) const IMAGES: &str = "images";
pub(super) const DRAWER: &str = "drawer";
const BAYS: [&str; 4] = ["bay-1", "bay-2", "bay-3", "bay-4"];
const IMAGES_INO: u64 = 2;
const DRAWER_INO: u64 = 3;
const FIRST_BAY_INO: u64 = 4;
const FIRST_FILE_INO: u64 = 100;
/// Threads that serve: a disk that is slow holds up no other.
const THREADS: usize = 4;

/// A disk in a socket, or one that was pulled.
#[derive(Debug)]
struct Node {
    ino: u64,
    folder: u64,
    name: OsString,
    medium: Arc<Medium>,
    out: bool,
}

/// The file system.
#[derive(Clone, Debug, Default)]
pub(super) struct Served(Arc<Mutex<Vec<Node>>>);

impl Served {
    fn nodes(&self) -> MutexGuard<'_, Vec<Node>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lays a disk into the folder of a bay, 1 to 4.
    pub(super) fn lay(&self, bay: usize, name: &str, medium: &Arc<Medium>) {
        let mut nodes = self.nodes();
        let ino = FIRST_FILE_INO + nodes.len() as u64;
        let folder = FIRST_BAY_INO + bay as u64 - 1;
        let medium = Arc::clone(medium);
        nodes.push(Node { ino, folder, name: name.into(), medium, out: false });
    }

    /// From now on every request to what lies in this bay fails.
    pub(super) fn cut(&self, bay: usize) {
        let folder = FIRST_BAY_INO + bay as u64 - 1;
        self.nodes().iter_mut().filter(|node| node.folder == folder).for_each(|node| {
            node.out = true;
        });
    }

    /// What may be done with a file now.
    fn medium(&self, ino: INodeNo) -> Result<Arc<Medium>, Errno> {
        let nodes = self.nodes();
        let node = nodes.iter().find(|node| INodeNo(node.ino) == ino).ok_or(Errno::ENOENT)?;
        if node.out { Err(Errno::EIO) } else { Ok(Arc::clone(&node.medium)) }
    }

    fn attributes(&self, ino: INodeNo) -> Result<FileAttr, Errno> {
        let nodes = self.nodes();
        let node = nodes.iter().find(|node| INodeNo(node.ino) == ino);
        match node {
            Some(node) => Ok(attributes(node.ino, Some(node.medium.size()))),
            None if ino.0 < FIRST_BAY_INO + BAYS.len() as u64 => Ok(attributes(ino.0, None)),
            None => Err(Errno::ENOENT),
        }
    }

    fn find(&self, parent: INodeNo, name: &OsStr) -> Result<FileAttr, Errno> {
        let number = |at: usize| FIRST_BAY_INO + at as u64;
        let folder = match parent.0 {
            1 if name == IMAGES => Some(IMAGES_INO),
            1 if name == DRAWER => Some(DRAWER_INO),
            IMAGES_INO => BAYS.iter().position(|bay| name == *bay).map(number),
            _ => None,
        };
        if let Some(folder) = folder {
            return Ok(attributes(folder, None));
        }
        let nodes = self.nodes();
        let mut here = nodes.iter().filter(|node| INodeNo(node.folder) == parent);
        let node = here.find(|node| node.name == name).ok_or(Errno::ENOENT)?;
        Ok(attributes(node.ino, Some(node.medium.size())))
    }

    /// Serves on threads with open files of their own. The handle of the FUSE session is in no other
    /// thread's reach, so that it is closed, and every request to it fails, as soon as these threads
    /// are gone: a kill must not leave another thread waiting for an answer for ever.
    pub(super) fn serve(&self, place: &Path) -> Outcome<JoinHandle<()>> {
        let (tell, told) = channel();
        let (served, place) = (self.clone(), place.to_path_buf());
        let body = move || {
            let mut config = Config::default();
            config.n_threads = Some(THREADS);
            config.mount_options =
                vec![MountOption::FSName("holdfast-story".to_owned()), MountOption::NoAtime];
            let session = unshare(CloneFlags::CLONE_FILES)
                .map_err(io::Error::from)
                .and_then(|()| Session::new(served, &place, &config));
            match session {
                Ok(session) => {
                    drop(tell.send(Ok(())));
                    // It ends when the file system is unmounted; how does not matter then.
                    drop(session.run());
                }
                Err(error) => drop(tell.send(Err(format!("cannot serve over FUSE: {error}")))),
            }
        };
        let named = std::thread::Builder::new().name("fuse".to_owned());
        let thread =
            named.spawn(body).map_err(|error| format!("cannot start a thread: {error}"))?;
        told.recv().map_err(|_| "the thread that serves ended".to_owned())??;
        Ok(thread)
    }
}

/// Of a file of this size, or of a folder.
fn attributes(ino: u64, size: Option<u64>) -> FileAttr {
    let kind = if size.is_some() { FileType::RegularFile } else { FileType::Directory };
    FileAttr {
        ino: INodeNo(ino),
        size: size.unwrap_or(0),
        blocks: size.unwrap_or(0) / 512,
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind,
        perm: if size.is_some() { 0o600 } else { 0o700 },
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

impl Filesystem for Served {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.find(parent, name) {
            // Disks come and go: the kernel asks each time.
            Ok(found) => reply.entry(&Duration::ZERO, &found, Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.attributes(ino) {
            Ok(found) => reply.attr(&Duration::ZERO, &found),
            Err(error) => reply.error(error),
        }
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        // No page of it may linger in the kernel: it would be read after the disk is out.
        reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.medium(ino).and_then(|medium| medium.read(offset, size)) {
            Ok(bytes) => reply.data(&bytes),
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = self.medium(ino).and_then(|medium| medium.write(offset, data));
        let len = u32::try_from(data.len()).map_err(|_| Errno::EINVAL);
        match written.and(len) {
            Ok(len) => reply.written(len),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        // Said when a program closes the file: no promise to keep.
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        match self.medium(ino) {
            Ok(_) => reply.ok(),
            Err(error) => reply.error(error),
        }
    }

    fn rename(
        &self,
        _: &Request,
        from: INodeNo,
        name: &OsStr,
        to: INodeNo,
        new_name: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let mut nodes = self.nodes();
        let moved = nodes.iter_mut().find(|n| INodeNo(n.folder) == from && n.name == name);
        match moved {
            Some(node) => {
                (node.folder, node.name) = (to.0, new_name.to_owned());
                reply.ok();
            }
            None => reply.error(Errno::ENOENT),
        }
    }
}
