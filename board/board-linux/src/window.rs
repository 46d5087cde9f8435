//! A window onto a device through which nothing can be written, not even by the kernel.
//!
//! A file system that is mounted read-only is written all the same when the kernel finds it damaged: ext4
//! notes the error in its super block. So what is only to be looked at is mounted from a read-only loop
//! device on top of it. A window clears itself when its last user is gone, also after a kill. Start at
//! [`Hands::window`].

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{major, minor};

use crate::discover::Found;
use crate::hands::Hands;
use crate::mounts::DevNo;
use crate::outside::programs::Program;

/// A window, for as long as this is held or it is mounted.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) node: PathBuf,
    _open: File,
}

impl Hands {
    /// Makes a window onto a device.
    pub(crate) fn window(&self, device: &Path) -> io::Result<Window> {
        let device = device.to_str().ok_or(io::ErrorKind::InvalidInput)?;
        let words = ["--read-only", "--find", "--show", device];
        let said = self.programs().run(Program::Losetup, &words, None)?.well(Program::Losetup)?;
        let node = String::from_utf8(said).map_err(io::Error::other)?.trim().to_owned();
        let opened = File::open(&node);
        // As long as it is open this only says that it clears itself at the last close.
        let words = ["--detach", &node];
        let told = self.programs().run(Program::Losetup, &words, None)?.well(Program::Losetup);
        let window = Window { node: node.into(), _open: opened? };
        told.map(|_| window)
    }

    /// The numbers of all windows onto a disk or its parts.
    pub(crate) fn windows(&self, found: &Found) -> Vec<DevNo> {
        let all = std::fs::read_dir(self.settings().sys.join("block"));
        let all = all.into_iter().flatten().flatten().map(|entry| entry.path());
        let is_loop = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("loop"))
        };
        let onto = |folder: &PathBuf| -> Option<DevNo> {
            let text = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
            let behind = PathBuf::from(text("loop/backing_file")?.trim());
            let nodes = found.parts.iter().map(|part| &part.node).chain([&found.node]);
            let number = device_number(&behind);
            let is_it = nodes
                .into_iter()
                .any(|node| *node == behind || number.is_some() && device_number(node) == number);
            is_it.then(|| DevNo::parse(&text("dev")?)).flatten()
        };
        all.filter(is_loop).filter_map(|folder| onto(&folder)).collect()
    }
}

fn device_number(node: &Path) -> Option<(u64, u64)> {
    let number = std::fs::metadata(node).ok()?.rdev();
    (number != 0).then(|| (major(number), minor(number)))
}

/// Whether the kernel uses a device for something.
pub(crate) fn is_claimed(node: &Path) -> bool {
    let claimed = File::options().read(true).custom_flags(OFlag::O_EXCL.bits()).open(node);
    claimed.is_err_and(|error| error.raw_os_error() == Some(Errno::EBUSY as i32))
}
