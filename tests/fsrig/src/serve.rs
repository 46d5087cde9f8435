//! The file `disk.img`, served over FUSE: what the kernel's loop device reads and writes.
//!
//! It keeps everything in memory and can write down each request. It never decides what a power
//! cut leaves, and never waits for anything but its own lock: a file system stands on it.
//! Start at [`Medium`].

use std::ffi::OsStr;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo,
    KernelConfig, LockOwner, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyOpen,
    ReplyWrite, Request as FuseRequest, WriteFlags,
};

use crate::image::Image;
use crate::log::{Event, Left, Log, Request};

/// Size of each disk: room for every workload and a volume's reserve, and more than xfs wants.
pub(crate) const DISK_LEN: u64 = 1 << 30;
/// The only file.
pub(crate) const NAME: &str = "disk.img";
const FILE: INodeNo = INodeNo(2);
/// How long the kernel may remember that the file is there and how long it is: it never changes.
const REMEMBERED: Duration = Duration::from_secs(3600);
/// Requests that the kernel may have under way.
const UNDER_WAY: u16 = 256;

/// Counts the requests to all disks of one world, so that all are cut at one moment.
#[derive(Debug, Default)]
pub struct Moments(AtomicU64);

impl Moments {
    /// Requests so far: a power cut now is before the next one.
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// What stands behind one disk.
#[derive(Debug, Default)]
pub(crate) struct Medium {
    base: Image,
    over: Image,
    recording: Option<(Log, Arc<Moments>)>,
}

impl Medium {
    /// Becomes this disk.
    pub(crate) fn become_image(&mut self, image: Image) {
        *self = Self { base: image, ..Self::default() };
    }

    /// Writes requests down from now on.
    pub(crate) fn record(&mut self, moments: Arc<Moments>) {
        self.recording = Some((Log::default(), moments));
    }

    /// What was written down.
    pub(crate) fn recorded(&mut self) -> Log {
        self.recording.take().map(|(log, _)| log).unwrap_or_default()
    }

    /// Becomes the base with this on top.
    pub(crate) fn become_state(&mut self, over: Image) {
        self.over = over;
    }

    /// What a power cut left on top of the base, or on top of `over` as well.
    pub(crate) fn left(&self, over: Image, left: &Left) -> Image {
        let mut over = over;
        for kept in &left.kept {
            over.write(kept.offset(), kept.bytes(), Some(&self.base));
        }
        over
    }

    /// Requests carried out on top of `over`.
    pub(crate) fn done(&self, over: Image, events: &[Event]) -> Image {
        let mut over = over;
        for event in events {
            if let Request::Write(offset, bytes) = &event.what {
                over.write(*offset, bytes, Some(&self.base));
            }
        }
        over
    }

    /// Puts requests into the base for good.
    pub(crate) fn advance(&mut self, events: &[Event]) {
        for event in events {
            if let Request::Write(offset, bytes) = &event.what {
                self.base.write(*offset, bytes, None);
            }
        }
    }

    /// Everything as it stands.
    pub(crate) fn whole(&self) -> Image {
        self.whole_with(&self.over)
    }

    /// The base with this on top, as a disk of its own.
    pub(crate) fn whole_with(&self, over: &Image) -> Image {
        let mut whole = self.base.clone();
        whole.absorb(over);
        whole
    }

    /// Reads.
    pub(crate) fn read(&self, offset: u64, out: &mut [u8]) {
        self.base.read(offset, out, &self.over);
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.over.write(offset, bytes, Some(&self.base));
        if let Some((log, moments)) = &mut self.recording {
            let what = Request::Write(offset, Arc::new(bytes.to_vec()));
            log.events.push(Event { at: moments.next(), what });
        }
    }

    fn flush(&mut self) {
        if let Some((log, moments)) = &mut self.recording {
            log.events.push(Event { at: moments.next(), what: Request::Flush });
        }
    }
}

/// The file system with one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Served(Arc<Mutex<Medium>>);

impl Served {
    /// What stands behind the file.
    pub(crate) fn medium(&self) -> MutexGuard<'_, Medium> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn attributes(ino: INodeNo) -> FileAttr {
    let is_file = ino == FILE;
    let size = if is_file { DISK_LEN } else { 0 };
    let kind = if is_file { FileType::RegularFile } else { FileType::Directory };
    FileAttr {
        ino,
        size,
        blocks: size / 512,
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind,
        perm: if is_file { 0o600 } else { 0o700 },
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

impl Filesystem for Served {
    fn init(&mut self, _: &FuseRequest, config: &mut KernelConfig) -> io::Result<()> {
        // What the kernel refuses stays as it is: it only makes the rig slower.
        for (wanted, set) in [
            (UNDER_WAY, KernelConfig::set_max_background as fn(&mut _, u16) -> Result<u16, u16>),
            (UNDER_WAY, KernelConfig::set_congestion_threshold),
        ] {
            set(config, wanted).ok();
        }
        Ok(())
    }

    fn lookup(&self, _: &FuseRequest, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        if parent == INodeNo::ROOT && name == NAME {
            reply.entry(&REMEMBERED, &attributes(FILE), Generation(0));
        } else {
            reply.error(Errno::ENOENT);
        }
    }

    fn getattr(&self, _: &FuseRequest, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&REMEMBERED, &attributes(ino));
    }

    fn setattr(
        &self,
        _: &FuseRequest,
        ino: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<fuser::TimeOrNow>,
        _: Option<fuser::TimeOrNow>,
        _: Option<std::time::SystemTime>,
        _: Option<FileHandle>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        // A disk keeps its size; its times interest nobody.
        match size {
            Some(size) if size != DISK_LEN => reply.error(Errno::EPERM),
            _ => reply.attr(&REMEMBERED, &attributes(ino)),
        }
    }

    fn open(&self, _: &FuseRequest, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        // No page of it may linger in the kernel: the file becomes another disk for each state.
        reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO);
    }

    fn read(
        &self,
        _: &FuseRequest,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let len = u64::from(size).min(DISK_LEN.saturating_sub(offset));
        let mut out = vec![0; usize::try_from(len).expect("the kernel asks for few bytes")];
        self.medium().read(offset, &mut out);
        reply.data(&out);
    }

    fn write(
        &self,
        _: &FuseRequest,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        if offset.saturating_add(data.len() as u64) > DISK_LEN {
            reply.error(Errno::ENOSPC);
            return;
        }
        self.medium().write(offset, data);
        reply.written(u32::try_from(data.len()).expect("the kernel writes few bytes at once"));
    }

    fn flush(&self, _: &FuseRequest, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        // Said when a program closes the file: no promise to keep.
        reply.ok();
    }

    fn fsync(&self, _: &FuseRequest, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.medium().flush();
        reply.ok();
    }
}
