//! Counting what is in a file system, from inside it and with no way out.
//!
//! The file system is mounted read-only, without replaying a journal, in mounts that only this
//! process has; then its root becomes the process's root. No link is followed, no file of others
//! is opened; the copies of a volume's superblock are. Start at [`look`].

use std::fs::{File, read_dir};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use format::superblock::{self, Superblock};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::mount::{MsFlags, mount};
use rustix::thread::CapabilitySet;
use serde::{Deserialize, Serialize};
use types::{VaultId, VolumeId, VolumeMark};

use super::sandbox;
use crate::outside::time::Deadline;

/// The folder of a volume in the root of a file system, and the copies of its superblock.
const VOLUME_FOLDER: &str = "holdfast";
const SUPERBLOCKS: usize = volume::COPIES_OF_SUPERBLOCK;
/// More is not counted: the owner learns that there are many.
const ENTRIES_MAX: u64 = 5_000_000;
/// Nor for longer than an owner waits for a page; the parent ends the child at twice this.
const COUNT_MAX: Duration = Duration::from_secs(60);
/// Folders that wait to be read; a tree with more at once is not counted.
const FOLDERS_MAX: usize = 200_000;

/// `nosymfollow`: the kernel follows no link on it, whoever asks. Newer than its name in `nix`.
pub(crate) const NO_LINKS: MsFlags = MsFlags::from_bits_retain(256);

/// Said instead of a kind: the place is a folder where the file system is mounted already.
pub(crate) const ALREADY_MOUNTED: &str = "already-mounted";

/// What is in a file system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inside {
    /// It could not be looked into for a reason that may not be its own: the kernel has it mounted in
    /// another way, or the child did not come to an end. Nothing else is known then.
    pub(crate) unsure: bool,
    /// The kernel says that it is damaged, or does not know its kind. Nothing else is known then.
    pub(crate) refused: bool,
    pub(crate) volume: Option<MarkSeen>,
    /// Files and their bytes; none when they were not counted to the end.
    pub(crate) count: Option<(u64, u64)>,
}

/// A superblock's ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkSeen {
    vault: [u8; 16],
    volume: [u8; 16],
    pub(crate) generation: u64,
    serial: String,
}

impl From<MarkSeen> for VolumeMark {
    fn from(seen: MarkSeen) -> Self {
        let MarkSeen { vault, volume, generation, serial } = seen;
        Self { vault: VaultId(vault), volume: VolumeId(volume), generation, serial }
    }
}

/// How a kind is mounted so that not even the kernel writes: its name for the kernel, and options.
/// `None`: we do not mount it.
pub(crate) fn how_to_look(kind: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match kind {
        // A super block may ask for a panic at the first error; that is overruled.
        "ext2" | "ext3" | "ext4" => ("ext4", Some("noload,errors=continue")),
        "xfs" => ("xfs", Some("norecovery,nouuid")),
        "btrfs" => ("btrfs", Some("rescue=nologreplay")),
        "exfat" => ("exfat", None),
        "fat" => ("vfat", None),
        "ntfs" => ("ntfs3", None),
        "iso9660" => ("iso9660", None),
        "udf" => ("udf", None),
        _ => return None,
    })
}

/// Mounts a partition at a folder, for this process alone, and looks.
pub(super) fn look(from: &str, kind: &str, at: &str) -> io::Result<Inside> {
    sandbox::alone()?;
    match mount_for_looking(from, kind, at) {
        Ok(()) => {}
        Err(error) if is_its_own(&error) => {
            return Ok(Inside { refused: true, ..Inside::default() });
        }
        Err(_) => return Ok(Inside::nobody_looked()),
    }
    sandbox::shut_in(at)?;
    sandbox::limit()?;
    // Files of other users are counted too; this right reads and writes nothing else.
    sandbox::become_nobody(CapabilitySet::DAC_READ_SEARCH)?;
    let volume = mark(Path::new("/"));
    let count = if volume.is_some() { None } else { count(PathBuf::from("/")) };
    Ok(Inside { volume, count, ..Inside::default() })
}

impl Inside {
    /// Nothing is known.
    pub(crate) fn nobody_looked() -> Self {
        Self { unsure: true, ..Self::default() }
    }
}

/// Whether a refusal to mount says something about the file system and not about the moment, the
/// machine or the disk under it.
fn is_its_own(error: &io::Error) -> bool {
    let own = [Errno::EINVAL, Errno::EUCLEAN, Errno::EBADMSG, Errno::ENODEV, Errno::EOPNOTSUPP];
    let number = error.raw_os_error().map(Errno::from_raw);
    number.is_some_and(|number| own.contains(&number)) || error.kind() == io::ErrorKind::Unsupported
}

fn mount_for_looking(from: &str, kind: &str, at: &str) -> io::Result<()> {
    let flags = MsFlags::MS_RDONLY
        | MsFlags::MS_NODEV
        | MsFlags::MS_NOSUID
        | MsFlags::MS_NOEXEC
        | MsFlags::MS_NOATIME
        | NO_LINKS;
    let nothing = None::<&str>;
    if kind == ALREADY_MOUNTED {
        mount(Some(from), at, nothing, MsFlags::MS_BIND, nothing)?;
        let only_here = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | flags;
        mount(nothing, at, nothing, only_here, nothing)?;
        return Ok(());
    }
    let refuse = || {
        let what = format!("{kind} is not looked into");
        io::Error::new(io::ErrorKind::Unsupported, what)
    };
    let (fs, options) = how_to_look(kind).ok_or_else(refuse)?;
    mount(Some(from), at, Some(fs), flags, options)?;
    Ok(())
}

/// The superblock as `docs/formats/superblock.md` wants it read: the highest generation of whole
/// copies that agree. What a newer program wrote is foreign to this one.
fn mark(root: &Path) -> Option<MarkSeen> {
    let folder = root.join(VOLUME_FOLDER);
    let copies: Vec<Superblock> =
        (0..SUPERBLOCKS).filter_map(|number| copy(&folder, number)).collect();
    let best = copies.iter().max_by_key(|copy| copy.generation)?;
    let agree = copies.iter().all(|copy| (copy.vault, copy.volume) == (best.vault, best.volume));
    agree.then(|| MarkSeen {
        vault: best.vault.0,
        volume: best.volume.0,
        generation: best.generation,
        serial: best.serial.clone(),
    })
}

fn copy(folder: &Path, number: usize) -> Option<Superblock> {
    let how = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    let path = folder.join(format!("superblock.{number}"));
    let file = File::options().read(true).custom_flags(how).open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(2 * superblock::LEN as u64).read_to_end(&mut bytes).ok()?;
    Superblock::decode(&bytes).ok()
}

/// Files and their bytes. Folders that cannot be read, and trees that are too big, give none: a
/// number that is too small would make a disk look emptier than it is.
fn count(root: PathBuf) -> Option<(u64, u64)> {
    let (mut files, mut bytes, mut entries) = (0_u64, 0_u64, 0_u64);
    let deadline = Deadline::within(COUNT_MAX);
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in read_dir(folder).ok()? {
            let entry = entry.ok()?;
            entries += 1;
            if entries > ENTRIES_MAX || folders.len() > FOLDERS_MAX || deadline.is_over() {
                return None;
            }
            let kind = entry.file_type().ok()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                // Links and others are things that the owner would lose, too.
                files += 1;
                if kind.is_file() {
                    bytes = bytes.saturating_add(entry.metadata().ok()?.len());
                }
            }
        }
    }
    Some((files, bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use types::UnixTime;

    use super::*;

    fn superblock(volume: u8, generation: u64) -> Vec<u8> {
        let (vault, volume) = (VaultId([1; 16]), VolumeId([volume; 16]));
        let (created, serial) = (UnixTime(0), "S1".to_owned());
        let (compat, ro_compat, incompat) = (0, 0, 0);
        let block =
            Superblock { compat, ro_compat, incompat, vault, volume, generation, created, serial };
        block.encode().to_vec()
    }

    fn write(path: PathBuf, bytes: &[u8]) {
        std::io::Write::write_all(&mut File::create(path).unwrap(), bytes).unwrap();
    }

    #[test]
    fn files_are_counted_with_their_bytes_and_links_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("a/b")).unwrap();
        write(root.path().join("a/b/one"), &[0; 100]);
        write(root.path().join("two"), &[0; 23]);
        symlink("/", root.path().join("a/everything")).unwrap();
        assert_eq!(count(root.path().to_owned()), Some((3, 123)));
        assert_eq!(count(root.path().join("missing")), None);
    }

    #[test]
    fn a_volume_is_known_by_the_newest_whole_copy() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(VOLUME_FOLDER);
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(mark(root.path()), None);
        write(folder.join("superblock.0"), &superblock(2, 7));
        write(folder.join("superblock.1"), &superblock(2, 8));
        write(folder.join("superblock.2"), &[7; 512]);
        assert_eq!(mark(root.path()).unwrap().generation, 8);
        write(folder.join("superblock.2"), &superblock(3, 9));
        assert_eq!(mark(root.path()), None, "copies of two volumes are no volume");
    }

    #[test]
    fn a_superblock_that_is_no_file_is_none() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(VOLUME_FOLDER);
        std::fs::create_dir(&folder).unwrap();
        write(root.path().join("real"), &superblock(2, 7));
        symlink("../real", folder.join("superblock.0")).unwrap();
        nix::unistd::mkfifo(&folder.join("superblock.1"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(mark(root.path()), None);
    }
}
