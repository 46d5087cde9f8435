//! A simulated machine behind a helper, and raw talks with it.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use board::{Board, BoardError, DiskContent, DiskIdentity, PrepareOrder};
use board_hands::{Door, Helper, Patience, RemoteBoard};
use board_sim::{Machine, NewDisk};
use format::superblock::Superblock;
use nix::unistd::{getegid, geteuid};
use serde_json::{Value, json};
use types::{Bytes, UnixTime, VaultId, VolumeId};

pub(crate) const SIZE: Bytes = Bytes(1_000_000);
/// For a helper that will not come.
pub(crate) const SHORT: Patience = Patience { attempts: 3, pause: Duration::from_millis(1) };

/// A machine, its helper, and the box that asks it.
pub(crate) struct Rig {
    folder: tempfile::TempDir,
    pub(crate) machine: Machine,
    pub(crate) remote: RemoteBoard,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::open(&folder.path().join("machine")).unwrap();
        let socket = folder.path().join("hands.sock");
        serve(&machine, &socket);
        let remote = RemoteBoard::connect(&socket).unwrap();
        Self { folder, machine, remote }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("hands.sock")
    }

    /// A new blank disk in a bay.
    pub(crate) fn disk(&self, name: &str, port: &str) -> DiskIdentity {
        self.machine.create(&NewDisk::sata(name, &format!("SN-{name}"), SIZE)).unwrap();
        self.machine.insert(name, port).unwrap();
        let port = format!("desk/{port}");
        let mut disks = self.machine.disks().unwrap().into_iter();
        disks.find(|disk| disk.identity.port == port).unwrap().identity
    }

    /// A talk that has been greeted, and has not said hello.
    pub(crate) fn raw(&self) -> UnixStream {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        let greeting: Value = frame::read(&mut stream, frame::LEN_MAX).unwrap();
        assert_eq!(greeting["profile"], "desk");
        assert_eq!(greeting["left"], Value::Null);
        stream
    }

    /// A talk in which something may be asked.
    pub(crate) fn talk(&self) -> UnixStream {
        let mut stream = self.raw();
        frame::write(&mut stream, &json!({ "protocol": board_hands::PROTOCOL })).unwrap();
        stream
    }

    /// Asks in plain JSON.
    pub(crate) fn ask(&self, what: &Value) -> Value {
        let mut stream = self.talk();
        frame::write(&mut stream, what).unwrap();
        frame::read(&mut stream, frame::LEN_MAX).unwrap()
    }
}

/// A helper for this process' user; it ends with the process.
pub(crate) fn serve(machine: &Machine, socket: &Path) {
    let door = Door::open(socket, geteuid(), getegid()).unwrap();
    let helper = Helper::new(Arc::new(machine.clone()), geteuid());
    thread::spawn(move || helper.serve(&door));
}

/// To erase a disk as it is plugged in now.
pub(crate) fn order(rig: &Rig, disk: &DiskIdentity, expects: DiskContent) -> PrepareOrder {
    let disks = rig.machine.disks().unwrap();
    let there = disks.iter().find(|there| there.identity == *disk);
    let attached = there.map_or(0, |there| there.attached);
    PrepareOrder { expects, attached, label: "hf-0001".to_owned(), keeps: false }
}

/// Both sides say the same, in every word.
pub(crate) fn same<T: std::fmt::Debug>(
    remote: Result<T, BoardError>,
    direct: Result<T, BoardError>,
) -> Result<T, BoardError> {
    assert_eq!(format!("{remote:?}"), format!("{direct:?}"));
    remote
}

pub(crate) fn superblock(serial: String) -> Superblock {
    Superblock {
        compat: 0,
        ro_compat: 0,
        incompat: 0,
        vault: VaultId([1; 16]),
        volume: VolumeId([2; 16]),
        generation: 1,
        created: UnixTime(0),
        serial,
    }
}

/// A disk in the shape of the frames.
pub(crate) fn shape(disk: &DiskIdentity) -> Value {
    json!({
        "transport": disk.transport.word(),
        "model": disk.model,
        "serial": disk.serial,
        "wwn": disk.wwn,
        "port": disk.port,
        "size": disk.size.0,
    })
}
