//! Which disks are plugged in, from sysfs alone: nothing is opened, so no disk is woken.
//!
//! The system's own disks are never listed, nor is anything that is no piece of hardware (dm, md,
//! zram). In a rehearsal loop devices on files of one folder are the disks, and no others. Never decides
//! what to do with a disk. Start at [`list`].

pub(crate) mod attr;
mod identity;
mod port;
mod system;
mod vpd;

use std::io;
use std::path::{Path, PathBuf};

use board::{DiskInfo, Power, Profile};
use types::{Bytes, DiskIdentity, Transport};

use crate::mounts::{DevNo, Mounts};
use crate::settings::Settings;
use identity::Names;

/// The kernel's sector, whatever the disk's is.
pub(crate) const SECTOR: u64 = 512;
/// Kinds of block devices that are hardware.
const HARDWARE: &[&str] = &["sd", "nvme", "vd", "xvd", "mmcblk"];
/// Where the profile of a simulated box has its bays: images are plugged in there too.
const DESK: &str = "desk";

/// A disk, and what is needed to work on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) info: DiskInfo,
    /// Its device node.
    pub(crate) node: PathBuf,
    pub(crate) number: DevNo,
    /// Its own sector size in bytes.
    pub(crate) sector: u64,
    /// The partitions that the kernel knows of.
    pub(crate) parts: Vec<Part>,
    /// Something else, such as RAID, is built on it.
    pub(crate) held: bool,
}

/// A partition as the kernel knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) index: u32,
    pub(crate) start: Bytes,
    pub(crate) len: Bytes,
    pub(crate) node: PathBuf,
    pub(crate) number: DevNo,
    pub(crate) held: bool,
}

/// Every disk, in order of port.
pub(crate) fn list(settings: &Settings, profile: &Profile) -> io::Result<Vec<Found>> {
    let mut of_system = system::disks_of_system(settings, &Mounts::read(&settings.proc)?);
    if let Some(mounts) = Mounts::of_system(&settings.proc) {
        of_system.extend(system::disks_of_system(settings, &mounts));
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(settings.sys.join("block"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !of_system.contains(&name) {
            // A disk that is pulled in this moment is simply not there any more.
            found.extend(one(settings, profile, &name));
        }
    }
    found.sort_by(|a, b| {
        let key = |found: &Found| (found.info.identity.port.clone(), found.info.node.clone());
        key(a).cmp(&key(b))
    });
    Ok(found)
}

fn one(settings: &Settings, profile: &Profile, name: &str) -> Option<Found> {
    let link = settings.sys.join("block").join(name);
    let folder = std::fs::canonicalize(&link).ok()?;
    if attr::flag(&folder, "hidden") {
        return None;
    }
    // A card reader without a card is no disk.
    let size = attr::number(&folder, "size").filter(|sectors| *sectors > 0)?;
    let size = Bytes(size.checked_mul(SECTOR)?);
    let (identity, kernel_path) = match (&settings.images, name.starts_with("loop")) {
        (Some(images), true) => image(images, &folder, size)?,
        (None, false) => hardware(settings, &folder, name, size)?,
        // A rehearsal touches no real disk.
        (Some(_), false) | (None, true) => return None,
    };
    let rotational = rotational(&folder, identity.transport);
    let info = DiskInfo {
        place: profile.place(&kernel_path),
        // Kernels before 5.15 have none; then a disk that came back unseen is not told.
        attached: attr::number(&folder, "diskseq").unwrap_or(0),
        node: name.to_owned(),
        removable: attr::flag(&folder, "removable"),
        rotational,
        read_only: attr::flag(&folder, "ro"),
        power: power(&folder, rotational),
        identity,
    };
    Some(Found {
        info,
        node: settings.dev.join(name),
        number: DevNo::parse(&attr::text(&folder, "dev")?)?,
        sector: attr::number(&folder, "queue/logical_block_size").unwrap_or(SECTOR),
        parts: parts(settings, name),
        held: holders(&folder),
    })
}

fn hardware(
    settings: &Settings,
    folder: &Path,
    name: &str,
    size: Bytes,
) -> Option<(DiskIdentity, String)> {
    let boot_part = name.starts_with("mmcblk") && name.contains("boot");
    if boot_part || !HARDWARE.iter().any(|kind| name.starts_with(kind)) {
        return None;
    }
    let kernel_path = kernel_path(settings, &physical(folder, name))?;
    let at = port::of(&kernel_path);
    let names = Names::read(folder, at.transport);
    let identity = DiskIdentity {
        transport: at.transport,
        model: names.model.unwrap_or_else(|| "Unnamed disk".to_owned()),
        serial: names.serial,
        wwn: names.wwn,
        port: at.name,
        size,
    };
    Some((identity, kernel_path))
}

/// Where the hardware is. An NVMe disk that might have several ways to it stands in a folder of
/// its own, beside links to its controllers.
fn physical(folder: &Path, name: &str) -> PathBuf {
    let subsystem = folder.parent().filter(|above| above.to_string_lossy().contains("/virtual/"));
    let Some(subsystem) = subsystem.filter(|_| name.starts_with("nvme")) else {
        return folder.to_owned();
    };
    let entries = std::fs::read_dir(subsystem).into_iter().flatten().flatten();
    let mut ways: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("nvme"));
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        })
        .filter_map(|entry| std::fs::canonicalize(entry.path()).ok())
        .collect();
    ways.sort();
    ways.first().map_or_else(|| folder.to_owned(), |way| way.join(name))
}

fn kernel_path(settings: &Settings, folder: &Path) -> Option<String> {
    let sys = std::fs::canonicalize(&settings.sys).ok()?;
    let path = folder.strip_prefix(sys).ok()?;
    Some(format!("/{}", path.to_str()?))
}

/// A loop device stands for a disk when its file lies in the folder for it: the file's name is its
/// serial, and the folder that it lies in is where it is plugged in.
fn image(images: &Path, folder: &Path, size: Bytes) -> Option<(DiskIdentity, String)> {
    let images = std::fs::canonicalize(images).ok()?;
    let file = PathBuf::from(attr::text(folder, "loop/backing_file")?);
    let below = file.strip_prefix(images).ok()?;
    let serial = below.file_stem()?.to_str()?.to_owned();
    let socket = below.parent().filter(|above| !above.as_os_str().is_empty());
    let socket = socket.and_then(Path::to_str).unwrap_or(&serial);
    let port = format!("{DESK}/{socket}");
    let identity = DiskIdentity {
        transport: Transport::Virtual,
        model: "Image".to_owned(),
        serial: Some(serial),
        wwn: None,
        port: port.clone(),
        size,
    };
    Some((identity, port))
}

/// For disks behind USB the kernel writes 1 when it does not know.
fn rotational(folder: &Path, transport: Transport) -> Option<bool> {
    let said = attr::number(folder, "queue/rotational").map(|number| number != 0);
    if transport != Transport::Usb || said == Some(false) {
        return said;
    }
    vpd::rotates(&attr::bytes(folder, "device/vpd_pgb1")?)
}

fn power(folder: &Path, rotational: Option<bool>) -> Power {
    match attr::text(folder, "device/power/runtime_status").as_deref() {
        Some("suspended") => Power::Asleep,
        _ if rotational == Some(false) => Power::Awake,
        _ => Power::Unknown,
    }
}

/// The partitions of a disk that the kernel knows of now.
pub(crate) fn parts(settings: &Settings, disk: &str) -> Vec<Part> {
    let folder = settings.sys.join("block").join(disk);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut parts: Vec<Part> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let of_disk = name.starts_with(disk);
            let folder = entry.path();
            let sectors = |name| attr::number(&folder, name)?.checked_mul(SECTOR).map(Bytes);
            of_disk.then_some(())?;
            Some(Part {
                index: u32::try_from(attr::number(&folder, "partition")?).ok()?,
                start: sectors("start")?,
                len: sectors("size")?,
                node: settings.dev.join(&name),
                number: DevNo::parse(&attr::text(&folder, "dev")?)?,
                held: holders(&folder),
            })
        })
        .collect();
    parts.sort_by_key(|part| part.index);
    parts
}

fn holders(folder: &Path) -> bool {
    std::fs::read_dir(folder.join("holders")).is_ok_and(|mut holders| holders.next().is_some())
}
