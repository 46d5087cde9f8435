//! Mounting disks under the box's own folder, and letting them go.
//!
//! The mount point follows from the disk's identity alone, so that it can be let go after it was
//! pulled, and by a process that did not mount it. Nothing on a mounted disk is ever run, is a
//! device, or gives rights; what is only looked at is not written, not even by the kernel.
//! Start at [`Hands::mount`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use board::{BoardError, DiskIdentity, MountAs, Mounted, PrepareOrder};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use volume::{Disk, FsDisk, VolumeError};

use crate::child::inside::{NO_LINKS, how_to_look};
use crate::discover::Found;
use crate::gpt;
use crate::hands::{Hands, in_use, nothing};
use crate::home;
use crate::look::{Kind, Sign, Surface};
use crate::outside::time;
use crate::owner::Owner;
use crate::probe::Volume;
use crate::window::is_claimed;

/// What this process mounted, by mount point, and what for.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    mounted: Mutex<BTreeMap<PathBuf, MountAs>>,
    /// Out of sight, and perhaps not let go by the kernel yet.
    lingering: Mutex<BTreeSet<PathBuf>>,
}

impl Kept {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<PathBuf, MountAs>) -> T) -> T {
        act(&mut self.mounted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn lingering<T>(&self, act: impl FnOnce(&mut BTreeSet<PathBuf>) -> T) -> T {
        act(&mut self.lingering.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How a disk is in use that was unmounted too early.
const STILL_OPEN: &str = "files on it are still open, so it is out of sight but not let go";

impl Hands {
    pub(crate) fn mount(
        &self,
        kept: &Kept,
        disk: &DiskIdentity,
        how: MountAs,
    ) -> Result<Mounted, BoardError> {
        let found = self.find(disk)?;
        if found.info.read_only && how.writes() {
            return Err(BoardError::ReadOnly { disk: Box::new(disk.clone()) });
        }
        let point = self.point(disk);
        let serial = self.serial_of(disk)?;
        if let Some(as_what) = self.is_mounted(kept, &found, &point, how)? {
            let opened = self.given(disk, as_what, open(disk, &point, as_what, serial)?)?;
            kept.with(|kept| kept.insert(point.clone(), again(how)));
            return Ok(Mounted { disk: Arc::new(opened), path: point });
        }
        let group = self.settings().owner.map(|owner| owner.group);
        home::make_point(&point, group).map_err(|error| BoardError::io("mount", disk, error))?;
        let opened = self.attach_and_open(&found, &point, how, serial);
        match opened {
            Ok(opened) => {
                kept.with(|kept| kept.insert(point.clone(), again(how)));
                Ok(Mounted { disk: Arc::new(opened), path: point })
            }
            Err(error) => {
                home::remove_point(&point);
                Err(error)
            }
        }
    }

    /// Mounts the one file system that was chosen, and no other: mounting is writing.
    fn attach_and_open(
        &self,
        found: &Found,
        point: &Path,
        how: MountAs,
        serial: String,
    ) -> Result<FsDisk, BoardError> {
        let disk = &found.info.identity;
        let chosen = self.choose(found, how)?;
        let io = |error| BoardError::io("mount", disk, error);
        // What is not to be written is mounted through what cannot be; mounted, it stays by itself.
        let window = if how.writes() { None } else { Some(self.window(&chosen.node).map_err(io)?) };
        let node = window.as_ref().map_or(&chosen.node, |window| &window.node);
        attach(&chosen, node, point, how, self.settings().owner).map_err(io)?;
        // It was mounted by its node: what stands there now has to be what was looked at.
        let opened = self
            .find_still(found)
            .and_then(|_| open(disk, point, how, serial))
            .and_then(|opened| self.given(disk, how, opened));
        if opened.is_err() {
            self.detach(disk, point)?;
        }
        opened
    }

    pub(crate) fn unmount(&self, kept: &Kept, disk: &DiskIdentity) -> Result<(), BoardError> {
        let point = self.point(disk);
        kept.with(|kept| kept.remove(&point));
        if self.mounts()?.at(&point).is_none() {
            // One that is gone is not used.
            let is_used = || self.find(disk).is_ok_and(|found| is_claimed(&found.node));
            if kept.lingering(|lingering| lingering.contains(&point)) && is_used() {
                return Err(in_use(disk, STILL_OPEN));
            }
            kept.lingering(|lingering| lingering.remove(&point));
            return Ok(());
        }
        // A disk that refuses is let go all the same, and that it refused is told.
        let synced = FsDisk::plain_folder(&point).and_then(|folder| folder.sync_all());
        let gone = self.detach(disk, &point);
        home::remove_point(&point);
        if matches!(gone, Err(BoardError::InUse { .. })) {
            kept.lingering(|lingering| lingering.insert(point));
        }
        gone?;
        synced.map_err(|error| BoardError::io("write the last bytes to", disk, error))
    }

    /// Where a disk is mounted: its port for people, and a hash of all that it is.
    pub(crate) fn point(&self, disk: &DiskIdentity) -> PathBuf {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let port: String = disk.port.chars().map(plain).collect();
        let hash = blake3::hash(format!("{disk:?}").as_bytes()).to_hex();
        // In a folder of its own that is closed, whatever rights the file system brings along.
        self.settings().home.join(format!("{port}-{}", &hash[..8])).join("disk")
    }

    /// As what it is to be opened when it is mounted in this way already. In another way, or
    /// elsewhere, is a refusal.
    fn is_mounted(
        &self,
        kept: &Kept,
        found: &Found,
        point: &Path,
        how: MountAs,
    ) -> Result<Option<MountAs>, BoardError> {
        let disk = &found.info.identity;
        let at = self.mounted_at(found)?;
        if at.iter().any(|at| at != point) {
            return Err(in_use(disk, "it is mounted elsewhere"));
        }
        let mounts = self.mounts()?;
        let Some(there) = mounts.at(point) else { return Ok(None) };
        if at.is_empty() {
            // The disk was pulled and came back as another device: this is its old mount.
            self.detach(disk, point)?;
            return Ok(None);
        }
        let same = match kept.with(|kept| kept.get(point).copied()) {
            Some(before) => (before == again(how)).then_some(before),
            // Mounted by a process before this one: how is known only as far as the kernel says. It
            // may have ended before it made the volume.
            None => (there.read_only != how.writes()).then_some(how),
        };
        same.map_or_else(|| Err(in_use(disk, "it is mounted in another way")), |how| Ok(Some(how)))
    }

    /// The file system that is meant. A volume is where the child found it without writing; a disk as
    /// we prepare it has one file system and no other, and is ours also when a power cut left its
    /// volume's folder in the journal, where a look that replays none does not see it.
    fn choose(&self, found: &Found, how: MountAs) -> Result<Volume, BoardError> {
        let disk = &found.info.identity;
        let surface = self.surface(found)?;
        self.let_go_for(&surface, how);
        let volumes = self.volumes(found, &surface)?;
        let mut first = volumes.first().cloned();
        match how {
            MountAs::Look | MountAs::Target => {}
            MountAs::NewVolume => first = first.filter(|_| is_ours(&surface)),
            MountAs::Volume | MountAs::VolumeReadOnly => {
                if first.is_none() {
                    return Err(nothing(disk, "file system"));
                }
                for volume in volumes {
                    if self.inside(found, &volume)?.volume.is_some() {
                        return Ok(volume);
                    }
                }
                first = first.filter(|_| is_ours(&surface));
                return first.ok_or_else(|| nothing(disk, "volume"));
            }
        }
        first.ok_or_else(|| nothing(disk, "file system"))
    }

    /// What a mounted disk says as its serial. In a dock two disks may have one serial; the vault
    /// would take them for one disk, and the port tells them apart.
    fn serial_of(&self, disk: &DiskIdentity) -> Result<String, BoardError> {
        let Some(serial) = disk.serial.as_ref().or(disk.wwn.as_ref()) else {
            return Ok(format!("port:{}", disk.port));
        };
        let all = self.list()?;
        let mut others =
            all.iter().map(|found| &found.info.identity).filter(|other| *other != disk);
        let twin = others.any(|other| disk.serial.is_some() && other.serial == disk.serial);
        Ok(if twin { format!("{serial}@{}", disk.port) } else { serial.clone() })
    }

    /// Unmounts, and waits a little for who still uses it. After that it is taken out of sight: the
    /// kernel lets it go when the last user does, and until then it cannot be erased.
    fn detach(&self, disk: &DiskIdentity, point: &Path) -> Result<(), BoardError> {
        let io = |error: Errno| BoardError::io("unmount", disk, io::Error::from(error));
        let done = time::until(self.settings().patience, || {
            match umount2(point, MntFlags::UMOUNT_NOFOLLOW) {
                Err(Errno::EBUSY) => None,
                other => Some(other),
            }
        });
        match done {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(io(error)),
            None => {
                umount2(point, MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW).map_err(io)?;
                Err(in_use(disk, STILL_OPEN))
            }
        }
    }
}

/// A volume that was made is a volume.
fn again(how: MountAs) -> MountAs {
    if how == MountAs::NewVolume { MountAs::Volume } else { how }
}

/// Whether a disk looks as `prepare` leaves it: one partition at its place, under a label of ours.
fn is_ours(surface: &Surface) -> bool {
    let [part] = &surface.parts[..] else { return false };
    let ours = |sign: &Sign| {
        let label = sign.label.as_deref().unwrap_or_default();
        sign.kind == Kind::Ext4 && label.starts_with(PrepareOrder::LABEL_START)
    };
    part.start == gpt::START && part.sign.as_ref().is_some_and(ours)
}

fn attach(
    volume: &Volume,
    node: &Path,
    point: &Path,
    how: MountAs,
    owner: Option<Owner>,
) -> io::Result<()> {
    let kind = volume.sign.kind.word();
    let (fs, quiet) = how_to_look(kind).ok_or(io::ErrorKind::Unsupported)?;
    let mut flags = MsFlags::MS_NODEV
        | MsFlags::MS_NOSUID
        | MsFlags::MS_NOEXEC
        | MsFlags::MS_NOATIME
        | NO_LINKS;
    let options = if how.writes() {
        match fs {
            "ext4" => Some("errors=remount-ro"),
            "vfat" => Some("utf8"),
            _ => None,
        }
    } else {
        flags |= MsFlags::MS_RDONLY;
        quiet
    };
    let of_owner = owner.and_then(|owner| owner.mount_options(fs));
    let options: Vec<&str> = options.into_iter().chain(of_owner.as_deref()).collect();
    let options = (!options.is_empty()).then(|| options.join(","));
    mount(Some(node), point, Some(fs), flags, options.as_deref())?;
    Ok(())
}

fn open(
    disk: &DiskIdentity,
    point: &Path,
    how: MountAs,
    serial: String,
) -> Result<FsDisk, BoardError> {
    let of_volume = |error| match error {
        VolumeError::NotAVolume { .. } => nothing(disk, "volume"),
        VolumeError::Exists { .. } => in_use(disk, "there is a volume on it already"),
        other => BoardError::io("open", disk, io::Error::other(other)),
    };
    match how {
        MountAs::Volume | MountAs::VolumeReadOnly => {
            FsDisk::open(point, Some(serial)).map_err(of_volume)
        }
        MountAs::NewVolume => FsDisk::create(point, Some(serial)).map_err(of_volume),
        MountAs::Look | MountAs::Target => {
            FsDisk::plain_folder(point).map_err(|error| BoardError::io("open", disk, error))
        }
    }
}
