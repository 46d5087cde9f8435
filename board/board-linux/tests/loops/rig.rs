//! Loop devices as disks, and a board that sees no other. Start at [`Rig`].

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use board::{Board, DiskContent, DiskIdentity, DiskInfo, Event, Foreign, PrepareOrder};
use board_linux::{LinuxBoard, Settings};
use nix::fcntl::OFlag;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;
use types::Bytes;

/// Big enough for a journal, small enough to be made in a moment.
pub(crate) const SIZE: u64 = 64 << 20;
/// Longer than anything here takes on a busy machine; only a failure waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether the cases can run here. The reason, where they cannot.
pub(crate) fn able() -> Result<(), String> {
    if !nix::unistd::Uid::effective().is_root() {
        return Err("mounting file systems needs root".to_owned());
    }
    let control = File::options().read(true).write(true).open("/dev/loop-control");
    control.map_err(|error| format!("loop devices cannot be used here: {error}"))?;
    if !has("losetup") || !has("mkfs.ext4") {
        return Err("losetup or mkfs.ext4 is missing".to_owned());
    }
    Ok(())
}

/// Gives the process mounts of its own.
pub(crate) fn enter() -> Result<(), String> {
    able()?;
    unshare(CloneFlags::CLONE_NEWNS).map_err(|error| format!("no mounts of its own: {error}"))?;
    let nothing = None::<&str>;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)
        .map_err(|error| format!("mounts cannot be kept apart: {error}"))
}

/// A folder with images, and a board on it.
pub(crate) struct Rig {
    folder: TempDir,
    pub(crate) board: LinuxBoard,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("images")).unwrap();
        let board = board(folder.path());
        Self { folder, board }
    }

    /// Another board on the same folder, as after a restart.
    pub(crate) fn restarted(self) -> Self {
        let board = board(self.folder.path());
        Self { board, ..self }
    }

    /// A process with mounts of its own, in which the device is mounted read-only until this is
    /// dropped.
    pub(crate) fn mounted_out_of_sight(&self, node: &str) -> Hidden {
        let script = "mount -o ro,noload \"$0\" \"$1\" && echo mounted && read line";
        let at = self.elsewhere();
        let mut command = Command::new("unshare");
        command.args(["-m", "--propagation", "private", "sh", "-c", script, node]).arg(at);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = [0; 7];
        child.stdout.take().unwrap().read_exact(&mut said).unwrap();
        Hidden(child)
    }

    /// A board beside the other, whose looks are made by a script.
    pub(crate) fn with_probe(&self, script: &str) -> LinuxBoard {
        let probe = self.path().join("probe");
        fs::write(&probe, script).unwrap();
        fs::set_permissions(&probe, fs::Permissions::from_mode(0o755)).unwrap();
        let settings = Settings { probe, ..settings(self.path()) };
        LinuxBoard::new(settings, board::profile::by_id("desk").unwrap()).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// An empty image in a bay.
    pub(crate) fn image(&self, bay: &str, name: &str) -> PathBuf {
        let folder = self.folder.path().join("images").join(bay);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.img"));
        File::create(&path).unwrap().set_len(SIZE).unwrap();
        path
    }

    /// A new disk, plugged in.
    pub(crate) fn new_disk(&self, bay: &str, name: &str) -> Loop {
        Loop::attach(&self.image(bay, name), &[])
    }

    /// The disk of this serial, as soon as it is listed.
    pub(crate) fn info(&self, serial: &str) -> DiskInfo {
        wait(|| {
            let disks = self.board.disks().unwrap();
            disks.into_iter().find(|disk| disk.identity.serial.as_deref() == Some(serial))
        })
    }

    pub(crate) fn identity(&self, serial: &str) -> DiskIdentity {
        self.info(serial).identity
    }

    /// Waits for an event of one kind; others may come before.
    pub(crate) fn event<T>(&self, wanted: impl Fn(Event) -> Option<T>) -> T {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(event) = self.board.next_event(Duration::from_secs(1)).unwrap()
                && let Some(found) = wanted(event)
            {
                return found;
            }
        }
        panic!("the event did not come");
    }

    /// Where a disk would be mounted by somebody who is not the board.
    pub(crate) fn elsewhere(&self) -> PathBuf {
        let path = self.folder.path().join("elsewhere");
        fs::create_dir_all(&path).unwrap();
        path
    }
}

fn board(folder: &Path) -> LinuxBoard {
    LinuxBoard::new(settings(folder), board::profile::by_id("desk").unwrap()).unwrap()
}

/// The real system, but for the home, the images and the programs.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings {
        home: folder.join("home"),
        images: Some(folder.join("images")),
        programs: Some(folder.join("programs")),
        keeps_in: Some(folder.join("keeps")),
        patience: Duration::from_millis(200),
        ..Settings::of_system(PathBuf::from(env!("CARGO_BIN_EXE_holdfast-probe")))
    }
}

/// A disk that is plugged in until it is dropped.
pub(crate) struct Loop {
    pub(crate) node: String,
    handle: File,
}

impl Loop {
    pub(crate) fn attach(image: &Path, more: &[&str]) -> Self {
        let image = fs::canonicalize(image).unwrap();
        let words = [&["--find", "--show"], more, &[image.to_str().unwrap()]].concat();
        let node = run("losetup", &words).trim().to_owned();
        let handle = File::open(&node);
        // While it is open this only says that it clears itself at the last close.
        run("losetup", &["--detach", &node]);
        Self { node, handle: handle.unwrap() }
    }

    /// Pulls it, and waits until the kernel has let go of the image: whoever looks at the device in
    /// that moment, such as another `losetup` in search of a free one, holds it a little longer.
    pub(crate) fn pull(self) {
        let name = Path::new(&self.node).file_name().unwrap();
        let behind = Path::new("/sys/block").join(name).join("loop/backing_file");
        let image = fs::read_to_string(&behind).unwrap();
        drop(self.handle);
        wait(|| fs::read_to_string(&behind).map_or(true, |now| now != image).then_some(()));
    }
}

/// Knows whether a program that plays a part has ended. One that kills whoever started it outlives that by a
/// moment, and has the disk open until then.
pub(crate) struct Ends {
    path: PathBuf,
    pipe: File,
}

impl Ends {
    pub(crate) fn new(rig: &Rig) -> Self {
        let path = rig.path().join("ends");
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        let mut how = File::options();
        let pipe = how.read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(&path).unwrap();
        Self { path, pipe }
    }

    /// A line of a shell's script: from here on it is known of.
    pub(crate) fn line(&self) -> String {
        format!("exec 9> {}", self.path.display())
    }

    /// Waits until whoever said that line has ended, with all that it started.
    pub(crate) fn wait(&self) {
        wait(|| matches!((&self.pipe).read(&mut [0]), Ok(0)).then_some(()));
    }
}

/// See [`Rig::mounted_out_of_sight`].
pub(crate) struct Hidden(Child);

impl Drop for Hidden {
    fn drop(&mut self) {
        // It reads until its input ends.
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
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

/// Whether a program is there.
pub(crate) fn has(program: &str) -> bool {
    ["/usr/sbin", "/sbin", "/usr/bin"].iter().any(|folder| Path::new(folder).join(program).exists())
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

/// An order for a disk as it is plugged in now.
pub(crate) fn order(
    board: &LinuxBoard,
    disk: &DiskIdentity,
    expects: DiskContent,
    label: &str,
) -> PrepareOrder {
    let all = board.disks().unwrap();
    let found = all.iter().find(|info| info.identity == *disk);
    let attached = found.map_or(0, |info| info.attached);
    PrepareOrder { expects, attached, label: label.to_owned(), keeps: false }
}

pub(crate) fn foreign(fs: &str, label: &str, files: u64, bytes: u64) -> DiskContent {
    DiskContent::Foreign(Foreign {
        file_system: Some(fs.to_owned()),
        label: Some(label.to_owned()),
        files: Some(files),
        bytes: Some(Bytes(bytes)),
    })
}

/// Somebody's photos: an image with an ext4 on the whole of it, and three files.
pub(crate) fn photos(image: &Path) {
    photos_at(image, &[]);
}

/// The same, made in another way.
pub(crate) fn photos_at(image: &Path, more: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("2024")).unwrap();
    for (name, len) in [("2024/a.jpg", 30_000), ("2024/b.jpg", 500), ("list.txt", 7)] {
        fs::write(folder.path().join(name), vec![7; len]).unwrap();
    }
    let (from, to) = (folder.path().to_str().unwrap(), image.to_str().unwrap());
    let words = [&["-q", "-F", "-L", "PHOTOS", "-d", from], more, &[to]].concat();
    run("mkfs.ext4", &words);
}

/// What [`photos`] left.
pub(crate) fn photos_content() -> DiskContent {
    foreign("ext4", "PHOTOS", 3, 30_507)
}

/// All bytes of an image, as one number.
pub(crate) fn sum(image: &Path) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    std::io::copy(&mut File::open(image).unwrap(), &mut hasher).unwrap();
    hasher.finalize()
}
