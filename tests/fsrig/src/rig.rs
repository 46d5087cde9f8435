//! A disk of the rig: a FUSE session, a loop device with direct I/O on its file, a mount point.
//!
//! The devices live as long as the rig; a state is a change of what the file holds. Everything is
//! undone when it is dropped, and by the kernel when the process is killed: the loop device clears
//! itself when the last handle is closed, and FUSE ends with the thread that serves it.
//! Start at [`Rig::new`].

use std::fs::{File, create_dir_all};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::Duration;

use fuser::{Config, MountOption, Session};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount, umount2};
use nix::sched::{CloneFlags, unshare};

use crate::image::Image;
use crate::outside;
use crate::serve::{DISK_LEN, Medium, NAME, Served};

/// A file system of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fs {
    /// ext4, as our own disks have it.
    Ext4,
    /// xfs.
    Xfs,
}

/// A disk that is still in use a moment after the last file was closed is waited for this long.
const BUSY_MAX: Duration = Duration::from_secs(10);

impl Fs {
    /// Its name for the kernel.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
        }
    }

    /// The programs that the rig needs for it.
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Ext4 => &["losetup", "blockdev", "mkfs.ext4", "e2fsck"],
            Self::Xfs => &["losetup", "blockdev", "mkfs.xfs", "xfs_repair"],
        }
    }

    fn options(self) -> &'static str {
        match self {
            Self::Ext4 => "errors=remount-ro",
            // All disks are copies of one image.
            Self::Xfs => "nouuid",
        }
    }

    fn make(self, file: &str) -> Result<(), String> {
        let arguments: &[&str] = match self {
            // Everything is written at once, so that nothing is written behind our back later.
            Self::Ext4 => &[
                "-q",
                "-F",
                "-O",
                "metadata_csum",
                "-N",
                "2048",
                "-J",
                "size=8",
                "-E",
                "nodiscard,lazy_itable_init=0,lazy_journal_init=0",
                file,
            ],
            Self::Xfs => &["-q", "-f", "-K", file],
        };
        let program = if self == Self::Ext4 { "mkfs.ext4" } else { "mkfs.xfs" };
        outside::run(program, arguments, 0).map(drop)
    }

    /// What an owner does with a disk that no longer mounts.
    fn repair(self, device: &str) -> Result<(), String> {
        match self {
            Self::Ext4 => outside::run("e2fsck", &["-f", "-y", device], 2),
            Self::Xfs => outside::run("xfs_repair", &["-L", device], 0),
        }
        .map(drop)
    }
}

/// One disk.
#[derive(Debug)]
pub struct Rig {
    fs: Fs,
    served: Served,
    fuse: PathBuf,
    home: PathBuf,
    session: Option<JoinHandle<()>>,
    device: Option<(String, File)>,
    mounted: bool,
}

impl Rig {
    /// Serves a disk below a folder. It has no device yet, see [`Rig::attach`].
    pub fn new(place: &Path, fs: Fs) -> Result<Self, String> {
        let (fuse, home) = (place.join("fuse"), place.join("home"));
        for folder in [&fuse, &home] {
            create_dir_all(folder).map_err(|error| format!("cannot make {folder:?}: {error}"))?;
        }
        let served = Served::default();
        let session = serve(served.clone(), fuse.clone())?;
        let session = Some(session);
        Ok(Self { fs, served, fuse, home, session, device: None, mounted: false })
    }

    /// Puts a loop device on the file. All disks are served before the first of these: the
    /// threads that serve keep copies of what was open when they began.
    pub fn attach(&mut self) -> Result<(), String> {
        let file = self.file();
        let device = outside::run("losetup", &["--find", "--show", "--direct-io=on", &file], 0)?;
        let opened = File::options().read(true).write(true).open(&device);
        // Detaching a device that is open makes it clear itself at the last close.
        outside::run("losetup", &["--detach", &device], 0)?;
        let opened = opened.map_err(|error| format!("cannot open {device}: {error}"))?;
        let name = device.trim_start_matches("/dev/").to_owned();
        let direct = std::fs::read_to_string(format!("/sys/block/{name}/loop/dio"));
        if direct.is_ok_and(|text| text.trim() != "1") {
            return Err(format!("{device} does not write through: no direct I/O"));
        }
        self.device = Some((device, opened));
        Ok(())
    }

    fn file(&self) -> String {
        self.fuse.join(NAME).to_string_lossy().into_owned()
    }

    /// What stands behind the disk.
    pub(crate) fn medium(&self) -> MutexGuard<'_, Medium> {
        self.served.medium()
    }

    /// A fresh file system, made on this disk.
    pub fn make_fs(&self) -> Result<Image, String> {
        self.medium().become_image(Image::default());
        self.fs.make(&self.file())?;
        let mut image = Image::default();
        image.absorb(&self.medium().whole());
        Ok(image)
    }

    /// Mounts what the disk holds now; the kernel replays its journal. The folder.
    pub fn mount(&mut self) -> Result<PathBuf, String> {
        let device = self.device()?.to_owned();
        outside::run("blockdev", &["--flushbufs", &device], 0)?;
        let flags =
            MsFlags::MS_NOATIME | MsFlags::MS_NODEV | MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
        let fs = self.fs;
        mount(Some(device.as_str()), &self.home, Some(fs.name()), flags, Some(fs.options()))
            .map_err(|error| format!("cannot mount {}: {error}", fs.name()))?;
        self.mounted = true;
        Ok(self.home.clone())
    }

    /// Repairs a file system that does not mount, as its owner would.
    pub fn repair(&self) -> Result<(), String> {
        let device = self.device()?;
        outside::run("blockdev", &["--flushbufs", device], 0)?;
        self.fs.repair(device)
    }

    /// Writes the disk into a sparse file.
    pub fn keep(&self, to: &Path) -> io::Result<()> {
        let file = File::create(to)?;
        file.set_len(DISK_LEN)?;
        let whole = self.medium().whole();
        whole.pages().try_for_each(|(offset, page)| file.write_all_at(page, offset))
    }

    fn device(&self) -> Result<&str, String> {
        self.device.as_ref().map(|(name, _)| name.as_str()).ok_or_else(|| "no device".to_owned())
    }

    /// Unmounts. Somebody may hold a file for a moment more; who holds it longer is an error.
    pub fn unmount(&mut self) -> Result<(), String> {
        if !self.mounted {
            return Ok(());
        }
        let began = outside::now();
        loop {
            let done = {
                let _none = outside::nothing_starts();
                umount(&self.home)
            };
            match done {
                Ok(()) => break,
                Err(Errno::EBUSY) if began.elapsed() < BUSY_MAX => std::thread::yield_now(),
                Err(error) => return Err(format!("cannot unmount {:?}: {error}", self.home)),
            }
        }
        self.mounted = false;
        Ok(())
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // Nothing can be done about what fails here; the end of the process takes it all down.
        if self.unmount().is_err() {
            umount2(&self.home, MntFlags::MNT_DETACH).ok();
        }
        self.device = None;
        if umount2(&self.fuse, MntFlags::MNT_DETACH).is_ok()
            && let Some(session) = self.session.take()
        {
            drop(session.join());
        }
    }
}

/// Serves the file on a thread with open files of its own. The handle of the FUSE session is in no
/// other thread's reach, so that it is closed, and every request to it fails, as soon as this
/// thread is gone: a kill must not leave another thread waiting for an answer for ever.
fn serve(served: Served, place: PathBuf) -> Result<JoinHandle<()>, String> {
    let (tell, told) = channel();
    let body = move || {
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("fsrig".to_owned()), MountOption::NoAtime];
        let session = unshare(CloneFlags::CLONE_FILES)
            .map_err(std::io::Error::from)
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
    let thread = named.spawn(body).map_err(|error| format!("cannot start a thread: {error}"))?;
    told.recv().map_err(|_| "the thread that serves ended".to_owned())??;
    Ok(thread)
}
