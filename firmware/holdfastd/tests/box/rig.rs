//! A vault on folders, settings beside it, and the program on both. The only place of these tests
//! that starts programs. Nothing sleeps: states are waited for, each with a deadline.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use calls::{JobSpec, RawPath, Secret};
use host::VaultFile;
use seal::Words;
use tempfile::TempDir;
use vault::{CreateSpec, OpenReport, Secrets, Vault};
use volume::{Disk, FsDisk};

use crate::running::Running;

/// Nothing here takes longer on the slowest of machines.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);
/// How often it is looked for something that is waited for.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(50);
pub(crate) const PASSWORD: &str = "correct horse";

/// A vault and the settings of a box.
pub(crate) struct Rig {
    pub(crate) dir: TempDir,
    words: Words,
}

#[expect(clippy::disallowed_methods, reason = "the one place of these tests that starts programs")]
pub(crate) fn program(name: &str) -> Command {
    Command::new(name)
}

impl Rig {
    /// Folders for disks, to be mounted upon if need be; no vault yet.
    pub(crate) fn folders(disks: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for disk in 1..=disks {
            fs::create_dir(dir.path().join(format!("disk{disk}"))).unwrap();
        }
        Self { dir, words: Words::generate(&*host::env().rng) }
    }

    /// A vault on as many folders, and settings of a box that waits for its owner.
    pub(crate) fn vault(disks: usize) -> Self {
        let rig = Self::folders(disks);
        rig.create(disks);
        rig
    }

    pub(crate) fn create(&self, disks: usize) {
        let folders: Vec<PathBuf> = (1..=disks).map(|n| self.path(&format!("disk{n}"))).collect();
        let made =
            |folder: &PathBuf| -> Arc<dyn Disk> { Arc::new(FsDisk::create(folder, None).unwrap()) };
        let mut file = VaultFile::new(&self.path("home.toml"), types::VaultId::default());
        let spec = CreateSpec {
            disks: folders.iter().map(made).collect(),
            copies: u8::try_from(disks.min(2)).unwrap(),
            words: &self.words,
            password: Some(PASSWORD.as_bytes()),
        };
        let options = host::options(Some(file.catalog()), None);
        let vault = Vault::create(host::env(), options, spec).unwrap();
        file.vault = vault.id();
        for volume in vault.volumes().unwrap() {
            file.put(volume.id, Path::new(&volume.path));
        }
        file.save_new().unwrap();
        self.settings("");
    }

    /// Writes the settings, with more lines at their end.
    pub(crate) fn settings(&self, more: &str) {
        let text = format!(
            "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\nlog = \"debug\"\n{more}"
        );
        put(&self.path("box.toml"), text.as_bytes());
    }

    /// A file that unlocks the box, of this mode.
    pub(crate) fn key_file(&self, mode: u32) {
        put(&self.path("key"), format!("{PASSWORD}\n").as_bytes());
        fs::set_permissions(self.path("key"), fs::Permissions::from_mode(mode)).unwrap();
        self.settings("[unlock]\nkey_file = \"key\"\n");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn words(&self) -> Secret {
        Secret::Words(self.words.phrase().as_str().to_owned().into())
    }

    /// Files below a folder with this ending, sorted.
    pub(crate) fn files(&self, folder: &str, ending: &str) -> Vec<PathBuf> {
        testkit::files::below(&self.path(folder), ending)
    }

    fn command(&self, log: &str) -> Command {
        let mut command = program(env!("CARGO_BIN_EXE_holdfastd"));
        command
            .arg("--config")
            .arg(self.path("box.toml"))
            .stdin(Stdio::null())
            .stderr(File::options().append(true).create(true).open(self.path(log)).unwrap())
            .env_remove("WATCHDOG_USEC");
        command
    }

    /// Starts a box and waits until it says that it is ready.
    pub(crate) fn start(&self) -> Running<'_> {
        self.start_with(|_| ())
    }

    pub(crate) fn start_with(&self, change: impl FnOnce(&mut Command)) -> Running<'_> {
        let socket = self.path("notify.sock");
        drop(fs::remove_file(&socket));
        let notify = UnixDatagram::bind(&socket).unwrap();
        notify.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut command = self.command("log");
        command.env("NOTIFY_SOCKET", &socket);
        change(&mut command);
        let running = Running { rig: self, child: Some(command.spawn().unwrap()), notify };
        running.hears("READY=1");
        running
    }

    /// Starts a box that does not come up: its exit code and what it said.
    pub(crate) fn fails_to_start(&self) -> (Option<i32>, String) {
        let log = self.path("failed");
        drop(fs::remove_file(&log));
        let status = ended(self.command("failed").spawn().unwrap());
        (status.code(), fs::read_to_string(log).unwrap())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }

    /// Opens the vault without a box: what opening found, and how many snapshots there are.
    pub(crate) fn open(&self) -> (Vault, OpenReport) {
        let file = VaultFile::load(&self.path("home.toml")).unwrap();
        let (disks, missing) = host::attach(&file, |disk| Arc::new(disk));
        assert!(missing.is_empty());
        let options = host::options(Some(file.catalog()), None);
        let access = vault::Access::ReadWrite;
        let secret = Secrets::Words(&self.words);
        Vault::open(host::env(), options, access, disks, Some(file.vault), secret).unwrap()
    }

    /// A folder of files of one mebibyte that no compressor shortens.
    pub(crate) fn big_folder(&self, name: &str, files: u64) -> JobSpec {
        let folder = self.path(name);
        fs::create_dir(&folder).unwrap();
        for n in 0..files {
            put(&folder.join(format!("{n:04}")), &noise(1 << 20, n + 1));
        }
        self.backup_of(name)
    }

    pub(crate) fn backup_of(&self, name: &str) -> JobSpec {
        JobSpec::Backup {
            source: name.to_owned(),
            paths: vec![RawPath(self.path(name).to_str().unwrap().into())],
            excludes: Vec::new(),
            space: None,
        }
    }
}

/// Waits for the end of a program, not for ever.
pub(crate) fn ended(mut child: Child) -> ExitStatus {
    let (send, receive) = channel();
    let pid = child.id();
    std::thread::spawn(move || send.send(child.wait().unwrap()));
    receive.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("{pid} does not end"))
}

/// Writes a file; its own function because the standard one is not durable and so not allowed.
pub(crate) fn put(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

/// Everything that a file holds.
pub(crate) fn bytes_of(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Bytes that no compressor shortens, the same for the same seed.
pub(crate) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Takes a disk away, or brings it back.
#[expect(
    clippy::disallowed_methods,
    reason = "a test moves a disk; nothing here has to be durable"
)]
pub(crate) fn rename(from: &Path, to: &Path) {
    fs::rename(from, to).unwrap();
}
