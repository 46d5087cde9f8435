//! The table on which the box stands: four sockets, disks that a hand puts in and pulls, and what the
//! disks say of themselves.
//!
//! A disk is a loop device on a file that FUSE serves. Pulled while it is mounted, it is gone for who
//! looks and dead for who has it open, as a real one is. All mounts are in a private namespace, loop
//! devices clear themselves, and no disk of the machine is touched. Start at [`Table::lay`].

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};

use super::medium::Medium;
use super::served::{DRAWER, IMAGES, Served};
use crate::cmd::{self, Cmd};
use crate::demo::disks::sweep;
use crate::{Outcome, files};

/// The only program that is not the system's: nothing here has SMART. It knows a disk by the file
/// behind it and says what lies ready for it, in smartctl's own words.
const SMARTCTL: &str = r#"#!/bin/sh
for node; do :; done
file=$(cat "/sys/block/$(basename "$node")/loop/backing_file")
said="$(dirname "$0")/$(basename "$file" .img).json"
[ -e "$said" ] || said="$(dirname "$0")/well.json"
cat "$said"
"#;

/// A disk of one's own.
#[derive(Debug)]
pub(super) struct OwnDisk {
    /// Its serial.
    pub(super) name: String,
    /// What it is made of.
    pub(super) medium: Arc<Medium>,
}

/// What is plugged in.
#[derive(Debug)]
struct Plugged {
    bay: usize,
    name: String,
    node: String,
    _handle: File,
}

/// The table.
#[derive(Debug)]
pub(super) struct Table {
    home: PathBuf,
    served: Served,
    session: Option<JoinHandle<()>>,
    plugged: Vec<Plugged>,
    kept: Vec<OwnDisk>,
    pulled: u32,
}

/// Why the story cannot be told here; nothing when it can.
pub(super) fn unable() -> Option<String> {
    if !nix::unistd::Uid::effective().is_root() {
        return Some("mounting disks needs root".to_owned());
    }
    for (path, what) in [("/dev/fuse", "FUSE"), ("/dev/loop-control", "loop devices")] {
        if let Err(error) = File::options().read(true).write(true).open(path) {
            return Some(format!("{what} cannot be used here: {error}"));
        }
    }
    let missing = ["losetup", "mkfs.ext4", "addpart"].into_iter().find(|name| !cmd::has(name));
    missing.map(|name| format!("{name} is missing"))
}

impl Table {
    /// An empty table in a folder, in mounts that only this process and what it starts can see.
    pub(super) fn lay(home: &Path) -> Outcome<Self> {
        let nothing = None::<&str>;
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        unshare(CloneFlags::CLONE_NEWNS)
            .and_then(|()| mount(nothing, "/", nothing, private, nothing))
            .map_err(|error| format!("there are no mounts of its own: {error}"))?;
        for folder in ["sockets", "media", "programs", "mounts"] {
            files::folder(&home.join(folder))?;
        }
        let script = home.join("programs/smartctl");
        files::put(&script, SMARTCTL.as_bytes())?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))
            .map_err(|error| format!("cannot make {}: {error}", script.display()))?;
        let served = Served::default();
        let session = served.serve(&home.join("sockets"))?;
        let home = home.to_path_buf();
        let (session, plugged, kept) = (Some(session), Vec::new(), Vec::new());
        let table = Self { home, served, session, plugged, kept, pulled: 0 };
        table.says("well", 0, 0)?;
        Ok(table)
    }

    /// The folder that the box's settings name.
    pub(super) fn images(&self) -> PathBuf {
        self.home.join("sockets").join(IMAGES)
    }

    pub(super) fn programs(&self) -> PathBuf {
        self.home.join("programs")
    }

    pub(super) fn mounts(&self) -> PathBuf {
        self.home.join("mounts")
    }

    /// A new, blank disk, not plugged in yet.
    pub(super) fn buy(&self, name: &str, mib: u64) -> Outcome<OwnDisk> {
        let medium = Medium::new(&self.home.join("media").join(name), mib << 20)?;
        Ok(OwnDisk { name: name.to_owned(), medium })
    }

    /// Remembers a disk by its name.
    pub(super) fn keep(&mut self, disk: OwnDisk) {
        self.kept.push(disk);
    }

    /// A disk that was remembered.
    pub(super) fn kept(&self, name: &str) -> Outcome<&OwnDisk> {
        let found = self.kept.iter().find(|disk| disk.name == name);
        found.ok_or_else(|| format!("there is no disk {name}"))
    }

    /// What a disk says from now on of bad sectors: how many wait, how many were replaced.
    pub(super) fn says(&self, name: &str, pending: u32, replaced: u32) -> Outcome<()> {
        let row = |id: u32, name: &str, raw: u32| {
            serde_json::json!({"id": id, "name": name, "value": 100, "worst": 100, "thresh": 10,
                "when_failed": "", "raw": {"value": raw, "string": raw.to_string()}})
        };
        let document = serde_json::json!({
            "json_format_version": [1, 0],
            "smartctl": {"version": [7, 3], "exit_status": 0, "messages": []},
            "device": {"name": "/dev/loop", "type": "sat", "protocol": "ATA"},
            "serial_number": name,
            "smart_status": {"passed": true},
            "ata_smart_attributes": {"revision": 16, "table": [
                row(5, "Reallocated_Sector_Ct", replaced),
                row(9, "Power_On_Hours", 41_230),
                row(197, "Current_Pending_Sector", pending),
                row(198, "Offline_Uncorrectable", 0),
                row(199, "UDMA_CRC_Error_Count", 0),
            ]},
            "power_on_time": {"hours": 41_230},
            "temperature": {"current": 34},
        });
        files::put(&self.programs().join(format!("{name}.json")), document.to_string().as_bytes())
    }

    /// Plugs in a disk that was remembered.
    pub(super) fn insert(&mut self, name: &str, bay: usize) -> Outcome<()> {
        let medium = Arc::clone(&self.kept(name)?.medium);
        let name = format!("{name}.img");
        self.served.lay(bay, &name, &medium);
        let file = self.images().join(format!("bay-{bay}")).join(&name);
        let node = Cmd::new("losetup").args(["--find", "--show", "--direct-io=on"]).arg(&file);
        let node = node.kept()?.ok()?.stdout.trim().to_owned();
        let handle = File::open(&node);
        // While it is open this only says that it clears itself at the last close.
        Cmd::new("losetup").args(["--detach", &node]).kept()?.ok()?;
        let handle = handle.map_err(|error| format!("cannot open {node}: {error}"))?;
        let name = name.trim_end_matches(".img").to_owned();
        self.plugged.push(Plugged { bay, name, node, _handle: handle });
        Ok(())
    }

    /// Pulls the disk that is in a bay, in use or not: its name.
    pub(super) fn pull(&mut self, bay: usize) -> Outcome<String> {
        let at = self.plugged.iter().position(|plugged| plugged.bay == bay);
        let at = at.ok_or_else(|| format!("there is no disk in bay {bay}"))?;
        let plugged = self.plugged.swap_remove(at);
        self.served.cut(bay);
        self.pulled += 1;
        let from = self.images().join(format!("bay-{bay}")).join(format!("{}.img", plugged.name));
        let to = self.home.join("sockets").join(DRAWER).join(self.pulled.to_string());
        Cmd::new("mv").arg(&from).arg(&to).kept()?.ok()?;
        let folder = Path::new("/sys/block").join(plugged.node.trim_start_matches("/dev/"));
        let name = plugged.name.clone();
        drop(plugged);
        // One that is in use stays until its last user lets go, and the kernel says nothing of it.
        files::put(&folder.join("uevent"), b"change")?;
        Ok(name)
    }

    /// How a disk behaves from now on.
    pub(super) fn refuses_writes(disk: &OwnDisk) {
        disk.medium.refuses_writes.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_slow(disk: &OwnDisk, micros: u64) {
        disk.medium.slow_micros.store(micros, Ordering::SeqCst);
    }

    /// Bytes written to a disk so far.
    pub(super) fn written(disk: &OwnDisk) -> u64 {
        disk.medium.written.load(Ordering::SeqCst)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // Nothing can be done about what fails here; the end of the process takes it all down.
        self.plugged.clear();
        sweep(&self.mounts()).ok();
        if umount2(&self.home.join("sockets"), MntFlags::MNT_DETACH).is_ok()
            && let Some(session) = self.session.take()
        {
            drop(session.join());
        }
        files::remove(&self.home.join("media")).ok();
    }
}
