//! A machine in a temporary folder, and short ways to what tests do with it again and again.

use std::path::Path;
use std::sync::Arc;

use board::{Board, DiskContent, DiskIdentity, MountAs, Mounted, PrepareOrder};
use board_sim::{Machine, NewDisk};
use format::superblock::Superblock;
use types::{Bytes, UnixTime, VaultId, VolumeId};
use volume::{Disk, Volume};

pub(crate) const SIZE: Bytes = Bytes(1_000_000);

pub(crate) struct Rig {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) machine: Machine,
}

pub(crate) fn rig() -> Rig {
    let folder = tempfile::tempdir().expect("the rig is well");
    let machine = Machine::open(folder.path()).expect("the rig is well");
    Rig { folder, machine }
}

impl Rig {
    /// A new blank disk in a bay.
    pub(crate) fn disk(&self, name: &str, port: &str) -> DiskIdentity {
        let serial = format!("SN-{name}");
        self.machine.create(&NewDisk::sata(name, &serial, SIZE)).expect("the rig is well");
        self.plug(name, port)
    }

    pub(crate) fn plug(&self, name: &str, port: &str) -> DiskIdentity {
        self.machine.insert(name, port).expect("the rig is well");
        self.at(port)
    }

    /// Who is plugged in there.
    pub(crate) fn at(&self, port: &str) -> DiskIdentity {
        let port = format!("desk/{port}");
        let mut disks = self.machine.disks().expect("the rig is well").into_iter();
        disks.find(|disk| disk.identity.port == port).expect("the rig is well").identity
    }

    /// A disk with an empty file system, mounted for a new volume.
    pub(crate) fn mounted(&self, name: &str, port: &str) -> (DiskIdentity, Mounted) {
        let disk = self.disk(name, port);
        self.machine.prepare(&disk, &order(DiskContent::Blank)).expect("the rig is well");
        let mounted = self.machine.mount(&disk, MountAs::NewVolume).expect("the rig is well");
        (disk, mounted)
    }

    /// A disk with a volume on it, mounted.
    pub(crate) fn volume(&self, name: &str, port: &str, number: u8) -> (DiskIdentity, Mounted) {
        let (disk, mounted) = self.mounted(name, port);
        let superblock = Superblock {
            compat: 0,
            ro_compat: 0,
            incompat: 0,
            vault: VaultId([1; 16]),
            volume: VolumeId([number; 16]),
            generation: 3,
            created: UnixTime(1_700_000_000_000),
            serial: mounted.disk.serial(),
        };
        Volume::create(Arc::clone(&mounted.disk), superblock).expect("the rig is well");
        (disk, mounted)
    }

    /// The same machine after its process ended and began again.
    pub(crate) fn restarted(self) -> Self {
        let Self { folder, machine } = self;
        drop(machine);
        let machine = Machine::open(folder.path()).expect("the rig is well");
        Self { folder, machine }
    }
}

pub(crate) fn order(expects: DiskContent) -> PrepareOrder {
    PrepareOrder { expects, attached: 0, label: "hf-0001".to_owned(), keeps: false }
}

/// Writes a file and syncs it.
pub(crate) fn write(disk: &dyn Disk, path: &str, len: usize) -> std::io::Result<()> {
    let mut file = disk.create_new(path)?;
    file.append(&vec![7; len])?;
    file.sync_data()?;
    disk.sync_dir("")
}

/// The number of an error, as the system has it.
pub(crate) fn errno<T>(result: std::io::Result<T>) -> Option<nix::errno::Errno> {
    result.err().and_then(|error| error.raw_os_error()).map(nix::errno::Errno::from_raw)
}

/// Makes a file outside of the machine.
pub(crate) fn put(folder: &Path, name: &str, text: &str) {
    std::io::Write::write_all(
        &mut std::fs::File::create(folder.join(name)).expect("the rig is well"),
        text.as_bytes(),
    )
    .expect("the rig is well");
}
