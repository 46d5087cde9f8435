//! Trees as text: what a restored snapshot holds, entry by entry, and the bytes of a folder.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

/// Kinds that only root can restore.
const NEEDS_ROOT: [&str; 2] = ["character device", "block device"];

pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Every file below a folder, sorted.
pub(crate) fn files_below(top: &Path) -> Vec<PathBuf> {
    let (mut all, mut folders) = (Vec::new(), vec![top.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                all.push(entry.path());
            }
        }
    }
    all.sort();
    all
}

/// Every file below a folder, and the hash of its bytes.
pub(crate) fn bytes_below(top: &Path) -> BTreeMap<PathBuf, String> {
    let hash = |path: &PathBuf| blake3::hash(&fs::read(path).unwrap()).to_string();
    files_below(top).iter().map(|path| (path.clone(), hash(path))).collect()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let place = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(&file, &place).unwrap();
    }
}

/// A path below `top` as ASCII; bytes that are not printable are escaped.
fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Everything below `top` by path: kind, mode, owner, time, and what the kind has besides.
pub(crate) fn describe(top: &Path) -> Value {
    let (mut all, mut folders) = (Map::new(), vec![top.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path.clone());
            }
            let below = path.strip_prefix(top).unwrap().as_os_str();
            all.insert(shown(below.as_bytes()), describe_one(&path));
        }
    }
    let mut all = Value::Object(all);
    if !is_root() {
        drop_root_fields(&mut all);
    }
    all
}

fn kind_of(meta: &Metadata) -> &'static str {
    match meta.mode() & 0o170_000 {
        0o100_000 => "file",
        0o040_000 => "folder",
        0o120_000 => "link",
        0o010_000 => "fifo",
        0o140_000 => "socket",
        0o020_000 => "character device",
        0o060_000 => "block device",
        other => panic!("no kind has the mode {other:o}"),
    }
}

fn describe_one(path: &Path) -> Value {
    let meta = fs::symlink_metadata(path).unwrap();
    let kind = kind_of(&meta);
    let mut one = json!({
        "kind": kind,
        "mtime": format!("{}.{:09}", meta.mtime(), meta.mtime_nsec()),
        "owner": format!("{}:{}", meta.uid(), meta.gid()),
    });
    if kind == "link" {
        one["target"] = json!(shown(&fs::read_link(path).unwrap().into_os_string().into_vec()));
        return one;
    }
    one["mode"] = json!(format!("{:04o}", meta.mode() & 0o7777));
    if kind == "file" {
        one["size"] = json!(meta.len());
        one["blake3"] = json!(blake3::hash(&fs::read(path).unwrap()).to_string());
        one["names"] = json!(meta.nlink());
    }
    if NEEDS_ROOT.contains(&kind) {
        one["device"] = json!(meta.rdev());
    }
    for name in xattr::list(path).unwrap() {
        let value = xattr::get(path, &name).unwrap().unwrap_or_default();
        one[format!("attribute {}", shown(name.as_bytes()))] = json!(shown(&value));
    }
    one
}

/// Takes out of the expected contents what only root can restore: owners, and with them the bits
/// that lend the owner's rights.
pub(crate) fn drop_what_needs_root(expected: &mut Value) {
    for snapshot in expected["snapshots"].as_array_mut().unwrap() {
        drop_root_fields(&mut snapshot["entries"]);
    }
}

fn drop_root_fields(entries: &mut Value) {
    let entries = entries.as_object_mut().unwrap();
    entries.retain(|_, one| !NEEDS_ROOT.iter().any(|kind| one["kind"] == *kind));
    for one in entries.values_mut() {
        one.as_object_mut().unwrap().remove("owner");
        if let Some(mode) = one["mode"].as_str() {
            let mode = u32::from_str_radix(mode, 8).unwrap() & 0o1777;
            one["mode"] = json!(format!("{mode:04o}"));
        }
    }
}
