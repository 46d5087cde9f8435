//! Which disks the system itself stands on: they are never listed, so never offered for anything.
//!
//! From a mount to its device, from a device through dm, md and loop to the disks below, and from
//! an overlay to the folders it is made of. Only reads. Start at [`disks_of_system`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::attr;
use crate::mounts::{DevNo, Mount, Mounts};
use crate::settings::Settings;

/// Where a system has its own files.
const SYSTEM_FOLDERS: &[&str] =
    &["/", "/usr", "/etc", "/var", "/var/lib", "/var/log", "/home", "/boot", "/boot/efi", "/efi"];
/// Devices stand on devices stand on devices; deeper than this is a loop in the tree.
const DEPTH_MAX: u8 = 16;

/// Names of whole disks, such as `sda`.
pub(crate) fn disks_of_system(settings: &Settings, mounts: &Mounts) -> BTreeSet<String> {
    let mut search = Search { settings, mounts, found: BTreeSet::new() };
    for folder in SYSTEM_FOLDERS {
        if let Some(mount) = mounts.at(Path::new(folder)) {
            search.mount(mount, 0);
        }
    }
    for area in swap_areas(&settings.proc) {
        search.path(&area, 0);
    }
    search.found
}

struct Search<'a> {
    settings: &'a Settings,
    mounts: &'a Mounts,
    found: BTreeSet<String>,
}

impl Search<'_> {
    fn mount(&mut self, mount: &Mount, depth: u8) {
        if depth > DEPTH_MAX {
            return;
        }
        self.number(mount.device, depth + 1);
        // btrfs and others have device numbers of their own; their source says more.
        if mount.source.starts_with("/dev") {
            self.path(&mount.source, depth + 1);
        }
        for folder in folders_of_overlay(&mount.options) {
            if let Some(below) = self.mounts.over(&folder).filter(|below| *below != mount) {
                self.mount(below, depth + 1);
            }
        }
    }

    /// A device node, or a file that is used as one.
    fn path(&mut self, path: &Path, depth: u8) {
        let Some(node) = path.strip_prefix("/dev").ok().map(|node| self.settings.dev.join(node))
        else {
            return self.file(path, depth);
        };
        // `/dev/mapper/x` and `/dev/disk/by-uuid/x` are links to the kernel's name.
        let node = std::fs::canonicalize(&node).unwrap_or(node);
        let Some(name) = node.file_name() else { return };
        let folder = self.settings.sys.join("class/block").join(name);
        if let Some(number) = attr::text(&folder, "dev").as_deref().and_then(DevNo::parse) {
            self.number(number, depth + 1);
        }
    }

    fn file(&mut self, path: &Path, depth: u8) {
        if let Some(mount) = self.mounts.over(path).cloned() {
            self.mount(&mount, depth + 1);
        }
    }

    fn number(&mut self, device: DevNo, depth: u8) {
        let link = format!("dev/block/{}:{}", device.major, device.minor);
        if let Ok(folder) = std::fs::canonicalize(self.settings.sys.join(link)) {
            self.device(&folder, depth);
        }
    }

    fn device(&mut self, folder: &Path, depth: u8) {
        if depth > DEPTH_MAX {
            return;
        }
        if attr::bytes(folder, "partition").is_some() {
            if let Some(disk) = folder.parent() {
                self.device(disk, depth + 1);
            }
            return;
        }
        let Some(name) = folder.file_name() else { return };
        self.found.insert(name.to_string_lossy().into_owned());
        for below in std::fs::read_dir(folder.join("slaves")).into_iter().flatten().flatten() {
            if let Ok(below) = std::fs::canonicalize(below.path()) {
                self.device(&below, depth + 1);
            }
        }
        if let Some(file) = attr::text(folder, "loop/backing_file") {
            self.file(Path::new(&file), depth + 1);
        }
    }
}

/// `lowerdir=/a:/b,upperdir=/c`
fn folders_of_overlay(options: &str) -> Vec<PathBuf> {
    let keys = ["lowerdir=", "lowerdir+=", "upperdir="];
    let values = options
        .split(',')
        .filter_map(|option| keys.iter().find_map(|key| option.strip_prefix(key)));
    values
        .flat_map(|value| value.split(':'))
        .filter(|path| path.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}

/// The first column of `/proc/swaps`, without its heading.
fn swap_areas(proc: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(proc.join("swaps")).unwrap_or_default();
    let first = |line: &str| line.split_ascii_whitespace().next().map(PathBuf::from);
    text.lines().skip(1).filter_map(first).collect()
}
