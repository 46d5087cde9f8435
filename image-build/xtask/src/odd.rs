//! What real trees have and tests forget: links, holes, odd names, old times, attributes.
//!
//! Everything goes into the folder `odd` of the tree. What this machine or this user cannot make
//! (an attribute, an access list, another owner) is passed over and named in the result.
//! Start reading at [`add`].

use std::ffi::OsStr;
use std::fs::{self, File, FileTimes, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::cmd::{self, Cmd};
use crate::corpus::Random;
use crate::{Outcome, files};

/// The file that changes in place between snapshots, inside the tree.
pub(crate) const IMAGE: &str = "odd/rewritten.img";

/// Size of the file with holes.
const SPARSE_GIB: u64 = 5;

/// Size of one change in the rewritten file, and how many there are for each MiB of it.
const CHANGE: usize = 4096;
const CHANGES_PER_100_MIB: u64 = 60;

/// Adds the folder `odd`; returns what could not be made.
pub(crate) fn add(tree: &Path) -> Outcome<Vec<String>> {
    let odd = tree.join("odd");
    files::folder(&odd)?;
    names(&odd)?;
    links(&odd)?;
    sparse(&odd.join("sparse.img"))?;
    times_and_modes(&odd)?;
    Ok(attributes(&odd))
}

fn names(odd: &Path) -> Outcome<()> {
    let folder = odd.join("names");
    files::folder(&folder)?;
    let longest = "n".repeat(255);
    let plain: [&[u8]; 11] = [
        b"new\nline",
        b" spaces around ",
        b"tab\there",
        b"-starts-with-a-dash",
        b"back\\slash",
        b"quote'\"quote",
        b"star*?[x]",
        b"bell\x07",
        b"not-utf8-\xff\xfe",
        b"latin1-caf\xe9",
        longest.as_bytes(),
    ];
    for name in plain {
        files::put(&folder.join(OsStr::from_bytes(name)), name)?;
    }
    // One word written with a composed and with a combining accent: two different names.
    files::put(&folder.join("caf\u{e9}"), b"composed")?;
    files::put(&folder.join("cafe\u{301}"), b"combining")?;
    files::put(&folder.join("empty"), b"")?;
    files::put(&folder.join(".hidden"), b"hidden")?;
    files::folder(&folder.join("empty folder"))?;
    let mut deep = folder.join("deep");
    for level in 0..40 {
        deep.push(format!("level {level}"));
    }
    files::folder(&deep)?;
    files::put(&deep.join("bottom"), b"forty folders down")
}

fn links(odd: &Path) -> Outcome<()> {
    let folder = odd.join("links");
    files::folder(&folder.join("other"))?;
    let first = folder.join("first");
    files::put(&first, &Random::new(7).text(100_000))?;
    let linked = fs::hard_link(&first, folder.join("second"))
        .and_then(|()| fs::hard_link(&first, folder.join("other/third")))
        .and_then(|()| symlink("first", folder.join("relative")))
        .and_then(|()| symlink("/nowhere/at/all", folder.join("dangling")))
        .and_then(|()| symlink("..", folder.join("up")))
        .and_then(|()| symlink("loop", folder.join("loop")))
        .and_then(|()| symlink(OsStr::from_bytes(b"\xff\n"), folder.join("odd target")));
    linked.map_err(|error| format!("cannot make links in {}: {error}", folder.display()))?;
    let pipe = folder.join("pipe");
    mkfifo(&pipe, Mode::from_bits_truncate(0o640))
        .map_err(|error| format!("cannot make {}: {error}", pipe.display()))
}

/// A file far larger than its data: islands at the start, around the 4 GiB line and at the end.
fn sparse(path: &Path) -> Outcome<()> {
    let size = SPARSE_GIB << 30;
    let mut random = Random::new(5);
    let islands = [0, 70_000_000, (4 << 30) - 6000, size - (1 << 20)];
    let made = File::create(path).and_then(|file| {
        file.set_len(size)?;
        for start in islands {
            file.write_all_at(&random.noise(12_345), start)?;
        }
        Ok(())
    });
    made.map_err(|error| format!("cannot make {}: {error}", path.display()))
}

fn times_and_modes(odd: &Path) -> Outcome<()> {
    let folder = odd.join("modes");
    files::folder(&folder)?;
    for (name, mode) in [
        ("setuid", 0o4755),
        ("setgid", 0o2755),
        ("unreadable", 0o000),
        ("read-only", 0o400),
        ("open", 0o777),
    ] {
        let path = folder.join(name);
        files::put(&path, name.as_bytes())?;
        fs::set_permissions(&path, Permissions::from_mode(mode))
            .map_err(|error| format!("cannot set the mode of {}: {error}", path.display()))?;
    }
    let sticky = folder.join("sticky");
    files::folder(&sticky)?;
    fs::set_permissions(&sticky, Permissions::from_mode(0o1777))
        .map_err(|error| format!("cannot set the mode of {}: {error}", sticky.display()))?;
    for (name, time) in [
        ("before-1970", UNIX_EPOCH - Duration::new(86_400 * 365 * 3, 123_456_789)),
        ("just-before-1970", UNIX_EPOCH - Duration::from_nanos(1)),
        ("in-2100", UNIX_EPOCH + Duration::new(4_102_444_800, 999_999_999)),
    ] {
        let path = folder.join(name);
        files::put(&path, name.as_bytes())?;
        OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_times(FileTimes::new().set_modified(time)))
            .map_err(|error| format!("cannot set the time of {}: {error}", path.display()))?;
    }
    Ok(())
}

/// Extended attributes, an access list and a foreign owner, where they can be had.
fn attributes(odd: &Path) -> Vec<String> {
    let mut missing = Vec::new();
    let path = odd.join("attributes");
    if let Err(sentence) = files::put(&path, b"with attributes") {
        return vec![sentence];
    }
    let binary: &[u8] = b"\0\xff binary \n";
    let set = xattr::set(&path, "user.holdfast.note", b"kept")
        .and_then(|()| xattr::set(&path, "user.holdfast.binary", binary))
        .and_then(|()| xattr::set(odd, "user.holdfast.folder", b"folders have them too"));
    if let Err(error) = set {
        missing.push(format!("extended attributes: {error}"));
    }
    if cmd::has("setfacl") {
        let file = Cmd::new("setfacl").args(["-m", "u:65534:r,g:100:rw"]).arg(&path).kept();
        let folder =
            Cmd::new("setfacl").args(["-d", "-m", "u:65534:rx"]).arg(odd.join("links")).kept();
        for done in [file, folder] {
            if let Err(sentence) = done.and_then(cmd::Ended::ok) {
                missing.push(format!("access lists: {sentence}"));
            }
        }
    } else {
        missing.push("access lists: there is no setfacl".to_owned());
    }
    if let Err(error) = chown(&path, Some(54_321), Some(54_322)) {
        missing.push(format!("an owner without a name: {error}"));
    }
    missing
}

/// Writes the file that changes in place: half noise, half text, always the same.
pub(crate) fn image(tree: &Path, mib: u64) -> Outcome<()> {
    let path = tree.join(IMAGE);
    let mut random = Random::new(11);
    let made = File::create(&path).and_then(|mut file| {
        for index in 0..mib {
            let block = if index % 2 == 0 { random.noise(1 << 20) } else { random.text(1 << 20) };
            file.write_all(&block)?;
        }
        Ok(())
    });
    made.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Changes small places of the image without changing its size; returns the bytes changed.
pub(crate) fn rewrite(tree: &Path, seed: u64) -> Outcome<u64> {
    let path = tree.join(IMAGE);
    let mut random = Random::new(seed);
    let changed = OpenOptions::new().write(true).open(&path).and_then(|file| {
        let size = file.metadata()?.len();
        let changes = (size / (100 << 20)).max(1) * CHANGES_PER_100_MIB;
        for _ in 0..changes {
            let place = random.below(size - CHANGE as u64);
            file.write_all_at(&random.noise(CHANGE), place)?;
        }
        Ok(changes * CHANGE as u64)
    });
    changed.map_err(|error| format!("cannot change {}: {error}", path.display()))
}
