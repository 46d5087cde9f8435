//! Loop devices as disks, a helper that sees no others, and processes that ask it. Start at [`Rig`].

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use board::{Board, DiskIdentity};
use board_hands::{Patience, RemoteBoard};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::Uid;
use tempfile::TempDir;

use crate::asker;

/// Big enough for a journal, small enough to be made in a moment.
pub(crate) const SIZE: u64 = 64 << 20;
/// Longer than anything here takes on a busy machine; only a failure waits so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// The box's user in these tests: one that every system has.
pub(crate) const BOX: &str = "daemon";
/// Another user.
pub(crate) const STRANGER: &str = "nobody";
/// The unit, for the rights that it leaves.
const UNIT: &str = include_str!("../../../../image-build/deb/holdfast-hands.service");

/// Whether the cases can run here. The reason, where they cannot.
pub(crate) fn able() -> Result<(), String> {
    if !Uid::effective().is_root() {
        return Err("mounting file systems needs root".to_owned());
    }
    let control = File::options().read(true).write(true).open("/dev/loop-control");
    control.map_err(|error| format!("loop devices cannot be used here: {error}"))?;
    let has = |program: &str| {
        ["/usr/sbin", "/sbin", "/usr/bin"]
            .iter()
            .any(|folder| Path::new(folder).join(program).exists())
    };
    match ["losetup", "mkfs.ext4", "setpriv"].iter().find(|program| !has(program)) {
        Some(missing) => Err(format!("{missing} is missing")),
        None => Ok(()),
    }
}

/// Gives the process mounts of its own.
pub(crate) fn enter() -> Result<(), String> {
    able()?;
    unshare(CloneFlags::CLONE_NEWNS).map_err(|error| format!("no mounts of its own: {error}"))?;
    let nothing = None::<&str>;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)
        .map_err(|error| format!("mounts cannot be kept apart: {error}"))
}

/// A folder with images, and a helper for them.
pub(crate) struct Rig {
    folder: TempDir,
    helper: Option<Ended>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let mut rig = Self::without_helper();
        rig.start();
        rig
    }

    pub(crate) fn without_helper() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Others have to get to the socket.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all(folder.path().join("images")).unwrap();
        Self { folder, helper: None }
    }

    /// Starts the helper with the rights that its unit leaves it.
    pub(crate) fn start(&mut self) {
        let line = UNIT.lines().find_map(|line| line.strip_prefix("CapabilityBoundingSet="));
        let mut rights = "-all".to_owned();
        for right in line.unwrap().split(' ') {
            rights.push_str(&format!(",+{}", right.trim_start_matches("CAP_").to_lowercase()));
        }
        let settings = self.path().join("hands.toml");
        let text = format!(
            "user = {BOX:?}\nsocket = {:?}\nhome = {:?}\nimages = {:?}\nprofile = \"desk\"\n",
            self.socket(),
            self.path().join("run/disks"),
            self.path().join("images"),
        );
        fs::write(&settings, text).unwrap();
        let log = File::options().append(true).create(true).open(self.path().join("log")).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--no-new-privs", "--bounding-set", &rights]);
        command.arg(env!("CARGO_BIN_EXE_holdfast-hands")).arg("--config").arg(settings);
        self.helper = Some(Ended(command.stdin(Stdio::null()).stderr(log).spawn().unwrap()));
    }

    /// Kills the helper, as a fault would.
    pub(crate) fn kill(&mut self) {
        self.helper = None;
    }

    /// The helper's end, by itself.
    pub(crate) fn ends_badly(&mut self) -> String {
        let mut helper = self.helper.take().unwrap();
        assert!(!helper.0.wait().unwrap().success());
        self.log()
    }

    /// What the helper has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path().join("run/hands.sock")
    }

    /// The helper, asked by root in this process.
    pub(crate) fn as_root(&self) -> RemoteBoard {
        let patience = Patience { attempts: 600, pause: Duration::from_millis(100) };
        RemoteBoard::with_patience(&self.socket(), patience).unwrap_or_else(|error| {
            panic!("{error}; the helper's log: {}", self.log());
        })
    }

    /// The identity of the disk with this serial, as soon as it is listed.
    pub(crate) fn identity(&self, serial: &str) -> DiskIdentity {
        let board = self.as_root();
        wait(|| {
            let disks = board.disks().unwrap().into_iter().map(|info| info.identity);
            disks.into_iter().find(|disk| disk.serial.as_deref() == Some(serial))
        })
    }

    /// An empty image in a bay.
    pub(crate) fn image(&self, bay: &str, name: &str) -> PathBuf {
        let folder = self.path().join("images").join(bay);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.img"));
        File::create(&path).unwrap().set_len(SIZE).unwrap();
        path
    }

    /// A process of this user that plays a part.
    pub(crate) fn asker(&self, user: &str, part: &str, more: &[&str]) -> Asker {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([asker::AS, user, part]).arg(self.socket()).args(more);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Asker { child: Ended(child), said }
    }

    /// The box plays a part to its end.
    pub(crate) fn plays(&self, part: &str, more: &[&str]) {
        self.asker(BOX, part, more).ends();
    }
}

impl Drop for Rig {
    /// What is still mounted would keep the folder from being removed.
    fn drop(&mut self) {
        self.helper = None;
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let points = mounts.lines().filter_map(|line| line.split(' ').nth(4)).map(Path::new);
        for point in points.filter(|point| point.starts_with(self.path())) {
            umount2(point, MntFlags::MNT_DETACH).ok();
        }
    }
}

/// A process that is ended when nobody waits for it any more.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// See [`Rig::asker`].
pub(crate) struct Asker {
    child: Ended,
    said: BufReader<ChildStdout>,
}

impl Asker {
    /// The next line that it says.
    pub(crate) fn hear(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Lets it go on.
    pub(crate) fn go_on(&mut self) {
        self.child.0.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    /// It has to end well.
    pub(crate) fn ends(mut self) {
        assert!(self.child.0.wait().unwrap().success(), "its own words stand above");
    }
}

/// A disk that is plugged in until it is dropped.
pub(crate) struct Loop {
    pub(crate) node: String,
    handle: File,
}

impl Loop {
    pub(crate) fn attach(image: &Path) -> Self {
        let image = fs::canonicalize(image).unwrap();
        let node = run("losetup", &["--find", "--show", image.to_str().unwrap()]).trim().to_owned();
        let handle = File::open(&node);
        // While it is open this only says that it clears itself at the last close.
        run("losetup", &["--detach", &node]);
        Self { node, handle: handle.unwrap() }
    }

    /// Pulls it, and waits until the kernel has let go of the image. Whoever looks at the device in
    /// that moment, such as another `losetup` in search of a free one, holds it a little longer, and
    /// the same image attached again would be one of two devices of one name.
    pub(crate) fn pull(self) {
        let name = Path::new(&self.node).file_name().unwrap();
        let behind = Path::new("/sys/block").join(name).join("loop/backing_file");
        let image = fs::read_to_string(&behind).unwrap();
        drop(self.handle);
        wait(|| fs::read_to_string(&behind).map_or(true, |now| now != image).then_some(()));
    }
}

/// Runs a program that has to end well. What it said.
pub(crate) fn run(program: &str, words: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let ended = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{program} {words:?}: {complaint}");
    String::from_utf8(ended.stdout).unwrap()
}

/// Waits until something is found.
pub(crate) fn wait<T>(look: impl Fn() -> Option<T>) -> T {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return found;
        }
        std::thread::yield_now();
    }
    panic!("what was waited for did not come");
}

/// An image with an ext4 on the whole of it, and these files, owned by root, for root alone to read
/// where the name says so.
pub(crate) fn files(image: &Path, names: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, b"seven b").unwrap();
        let mode = if name.contains("private") { 0o600 } else { 0o644 };
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }
    let (from, to) = (folder.path().to_str().unwrap(), image.to_str().unwrap());
    run("mkfs.ext4", &["-q", "-F", "-L", "PHOTOS", "-d", from, to]);
}

/// One line for whoever runs the tests, or for whoever started this process.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}
