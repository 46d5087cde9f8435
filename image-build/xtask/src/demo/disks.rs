//! The demo's disks: ext4 images on loop devices where this machine allows it, else plain folders.
//!
//! Every mount and loop device is undone when its value is dropped, whatever went wrong before.
//! A run that was killed leaves some behind; [`sweep`] finds them by the folder they stand in.
//! No device but a loop device on a file of ours is ever touched. Start reading at [`Shelf`].

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use crate::cmd::{self, Cmd};
use crate::say::complain;
use crate::{Outcome, files};

/// The place where the demo's disks stand, and what kind they are.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    mounted: bool,
}

/// One disk.
#[derive(Debug)]
pub(crate) struct Disk {
    /// Its letter in the output.
    pub name: String,
    /// Where it is mounted, or the folder itself.
    pub path: PathBuf,
    /// Size of its image; 0 for a plain folder.
    pub size: u64,
    image: Option<PathBuf>,
    device: Option<String>,
}

impl Shelf {
    /// An empty shelf in this folder. Tries a small disk to learn what the machine allows.
    pub(crate) fn new(folder: &Path) -> Outcome<Self> {
        sweep(folder)?;
        files::fresh(folder)?;
        let mut shelf = Self { folder: folder.to_path_buf(), mounted: true };
        let able = Uid::effective().is_root() && cmd::has("mkfs.ext4") && cmd::has("losetup");
        shelf.mounted = able && shelf.insert("trial", 16).is_ok_and(|trial| trial.away().is_ok());
        Ok(shelf)
    }

    /// One clause for the output.
    pub(crate) fn kind(&self) -> &'static str {
        if self.mounted {
            "ext4 images on loop devices"
        } else {
            "plain folders on one disk, because loop devices need root"
        }
    }

    /// Whether its disks are devices with raw bytes of their own.
    pub(crate) fn has_devices(&self) -> bool {
        self.mounted
    }

    /// Puts in a new, empty disk.
    pub(crate) fn insert(&self, name: &str, mib: u64) -> Outcome<Disk> {
        let path = self.folder.join(name);
        files::fresh(&path)?;
        let mut disk = Disk { name: name.to_owned(), path, size: 0, image: None, device: None };
        if !self.mounted {
            return Ok(disk);
        }
        let image = self.folder.join(format!("{name}.img"));
        File::create(&image)
            .and_then(|file| file.set_len(mib << 20))
            .map_err(|error| format!("cannot make {}: {error}", image.display()))?;
        disk.size = mib << 20;
        disk.image = Some(image.clone());
        Cmd::new("mkfs.ext4")
            .args(["-q", "-F", "-m", "0", "-O", "metadata_csum"])
            .args(["-E", "lazy_itable_init=1,lazy_journal_init=1"])
            .arg(&image)
            .kept()?
            .ok()?;
        let device = Cmd::new("losetup").args(["--find", "--show"]).arg(&image).kept()?.ok()?;
        disk.device = Some(device.stdout.trim().to_owned());
        disk.mount()?;
        // What mkfs puts there is not ours and would be in the way of nobody, but of no use either.
        files::remove(&disk.path.join("lost+found"))?;
        Ok(disk)
    }
}

impl Disk {
    fn mount(&self) -> Outcome<()> {
        let Some(device) = &self.device else { return Ok(()) };
        Cmd::new("mount")
            .args(["-t", "ext4", "-o", "noatime,nodev,nosuid,noexec,errors=remount-ro"])
            .arg(device)
            .arg(&self.path)
            .kept()?
            .ok()
            .map(drop)
    }

    /// The file with every byte of it, where it is a device.
    pub(crate) fn image(&self) -> Option<&Path> {
        self.image.as_deref()
    }

    /// Lets the kernel shut the file system down at once, as when the disk is pulled: every call
    /// fails from now on, and what was not synced is gone. False where that cannot be done.
    pub(crate) fn shut_down(&self) -> Outcome<bool> {
        if self.device.is_none() || !cmd::has("xfs_io") {
            return Ok(false);
        }
        let shut = Cmd::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(&self.path).kept()?;
        Ok(shut.ok().is_ok())
    }

    /// Takes the disk out and puts it back, so that nothing of it is left in memory.
    pub(crate) fn mount_again(&self) -> Outcome<()> {
        if self.device.is_some() {
            unmount(&self.path)?;
        }
        self.mount()
    }

    /// Pulls the disk and destroys what was on it; its mount point stays, empty.
    pub(crate) fn away(mut self) -> Outcome<()> {
        self.undo()?;
        files::fresh(&self.path)
    }

    fn undo(&mut self) -> Outcome<()> {
        if let Some(device) = self.device.take() {
            unmount(&self.path)?;
            Cmd::new("losetup").args(["--detach", &device]).kept()?.ok()?;
        }
        match self.image.take() {
            Some(image) => files::remove(&image),
            None => Ok(()),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Err(sentence) = self.undo() {
            complain(format!("disk {} was not put away: {sentence}", self.name));
        }
    }
}

fn unmount(path: &Path) -> Outcome<()> {
    let is_mounted = mounts_below(path).iter().any(|at| at == path);
    if !is_mounted {
        return Ok(());
    }
    if Cmd::new("umount").arg(path).kept()?.ok().is_ok() {
        return Ok(());
    }
    // Something still holds a file of it: detach now, let the kernel finish later.
    Cmd::new("umount").arg("--lazy").arg(path).kept()?.ok().map(drop)
}

/// Mount points at or below a folder, deepest first.
fn mounts_below(folder: &Path) -> Vec<PathBuf> {
    let table = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mut found: Vec<PathBuf> = table
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .map(|at| PathBuf::from(at.replace("\\040", " ")))
        .filter(|at| at.starts_with(folder))
        .collect();
    found.sort();
    found.reverse();
    found
}

/// Undoes what an earlier run left when it was killed: mounts below this folder, and loop devices
/// on files in it.
pub(crate) fn sweep(folder: &Path) -> Outcome<()> {
    for at in mounts_below(folder) {
        unmount(&at)?;
    }
    let Ok(devices) = fs::read_dir("/sys/block") else { return Ok(()) };
    for device in devices.flatten() {
        let Ok(file) = fs::read_to_string(device.path().join("loop/backing_file")) else {
            continue;
        };
        if Path::new(file.trim_end()).starts_with(folder) {
            let node = Path::new("/dev").join(device.file_name());
            Cmd::new("losetup").arg("--detach").arg(node).kept()?.ok()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_left_behind_by_a_killed_run_is_put_away_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("disks");
        let shelf = Shelf::new(&place).unwrap();
        let left = shelf.insert("left", 16).unwrap();
        files::put(&left.path.join("file"), b"data").unwrap();
        let path = left.path.clone();
        // A killed run drops nothing.
        let mut left = std::mem::ManuallyDrop::new(left);
        sweep(&place).unwrap();
        assert!(mounts_below(&place).is_empty());
        if shelf.mounted {
            assert!(!path.join("file").exists());
        }
        left.device = None;
        left.undo().unwrap();
    }
}
