//! A made-up machine: folders and links as the kernel lays them out. Start at [`Tree`].

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use board::{Board, DiskInfo, Profile};
use board_linux::{LinuxBoard, Settings};
use tempfile::TempDir;

/// A 4 TB disk, in sectors.
pub(crate) const SECTORS: &str = "7814037168";

/// A machine in a folder.
pub(crate) struct Tree {
    root: TempDir,
    minor: std::cell::Cell<u32>,
}

impl Tree {
    pub(crate) fn new() -> Self {
        let tree = Self { root: tempfile::tempdir().unwrap(), minor: std::cell::Cell::new(0) };
        for folder in ["sys/block", "sys/dev/block", "sys/class/block", "dev", "programs"] {
            fs::create_dir_all(tree.path(folder)).unwrap();
        }
        tree.mounts("1 0 0:2 / / rw - rootfs rootfs rw\n");
        tree
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        fs::canonicalize(self.root.path()).unwrap().join(below)
    }

    /// Writes a file, with its folders.
    pub(crate) fn file(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn mounts(&self, text: &str) {
        self.file("proc/thread-self/mountinfo", text);
    }

    /// A block device at a kernel path such as `/devices/.../block/sda`, of 4 TB. Its folder.
    pub(crate) fn block(&self, kernel_path: &str) -> String {
        let folder = format!("sys{kernel_path}");
        let name = kernel_path.rsplit('/').next().unwrap();
        self.minor.set(self.minor.get() + 1);
        let number = format!("8:{}", self.minor.get());
        self.file(&format!("{folder}/size"), SECTORS);
        self.file(&format!("{folder}/dev"), &number);
        self.file(&format!("{folder}/queue/rotational"), "1\n");
        self.link(&format!("sys/dev/block/{number}"), &folder);
        self.link(&format!("sys/class/block/{name}"), &folder);
        if !name.ends_with(char::is_numeric) || name.starts_with("nvme") || name.contains('-') {
            self.link(&format!("sys/block/{name}"), &folder);
        }
        let above = Path::new(&folder).parent().unwrap();
        let device = if above.ends_with("block") { above.parent().unwrap() } else { above };
        self.link(&format!("{folder}/device"), device.to_str().unwrap());
        folder
    }

    /// A device of the kernel's own, such as `dm-0`, on top of others.
    pub(crate) fn stacked(&self, name: &str, on: &[&str]) -> String {
        let folder = self.block(&format!("/devices/virtual/block/{name}"));
        for below in on {
            let slave = below.rsplit('/').next().unwrap();
            self.link(&format!("{folder}/slaves/{slave}"), below);
        }
        folder
    }

    /// A partition of a disk. Its folder.
    pub(crate) fn part(&self, disk: &str, index: u32) -> String {
        let name = disk.rsplit('/').next().unwrap();
        let kernel_path = format!("{}/{name}{index}", disk.strip_prefix("sys").unwrap());
        let folder = self.block(&kernel_path);
        self.file(&format!("{folder}/partition"), index.to_string());
        folder
    }

    pub(crate) fn number(&self, folder: &str) -> String {
        self.read(&format!("{folder}/dev"))
    }

    pub(crate) fn link(&self, at: &str, to: &str) {
        let at = self.path(at);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        symlink(self.path(to), at).unwrap();
    }

    /// A program that is taken instead of the system's.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let path = format!("programs/{name}");
        self.file(&path, format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn board(&self, profile: &str) -> LinuxBoard {
        self.board_with(board::profile::by_id(profile).unwrap())
    }

    pub(crate) fn board_with(&self, profile: Profile) -> LinuxBoard {
        LinuxBoard::new(self.settings(), profile).unwrap()
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            keeps_in: None,
            sys: self.path("sys"),
            proc: self.path("proc"),
            dev: self.path("dev"),
            home: self.path("home"),
            images: None,
            probe: PathBuf::from(env!("CARGO_BIN_EXE_holdfast-probe")),
            owner: None,
            programs: Some(self.path("programs")),
            patience: Duration::ZERO,
        }
    }

    pub(crate) fn disks(&self) -> Vec<DiskInfo> {
        self.board("qemu-q35").disks().unwrap()
    }

    /// The only disk.
    pub(crate) fn disk(&self) -> DiskInfo {
        let mut disks = self.disks();
        assert_eq!(disks.len(), 1, "{disks:?}");
        disks.pop().unwrap()
    }
}

/// A SCSI page of a kind.
pub(crate) fn page(code: u8, body: &[u8]) -> Vec<u8> {
    let [low, high] = u16::try_from(body.len()).unwrap().to_le_bytes();
    [&[0, code, high, low], body].concat()
}
