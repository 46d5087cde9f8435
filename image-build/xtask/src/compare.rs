//! Compares two trees, byte for byte and attribute for attribute.
//!
//! Written apart from the product on purpose, with nothing of it: this is the referee of the demo
//! and of the stories. It looks at kind, mode, owner, time to the nanosecond, size, content,
//! holes, link targets, hard links and extended attributes (access lists are among them). Of the
//! two topmost folders only the content counts: a restore goes into a folder that was there.
//! Start reading at [`trees`].

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::Outcome;

/// Differences named before the rest is only counted.
const NAMED_MAX: usize = 20;

/// A restored file may take this much more room than the original before its holes count as lost.
const HOLE_SLACK: u64 = 1 << 20;

/// What a comparison saw.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Entries looked at.
    pub entries: u64,
    /// Regular files whose bytes were compared.
    pub files: u64,
    /// Bytes compared, holes included.
    pub bytes: u64,
    /// Entries that carry an extended attribute or access list.
    pub with_attributes: u64,
    /// Names that share a file with another name.
    pub hard_links: u64,
    /// Differences found.
    pub differences: u64,
    /// Those among them for which a file is missing or has other bytes.
    pub other_bytes: u64,
    /// The first of them, one sentence each.
    pub named: Vec<String>,
}

impl Report {
    /// Itself when nothing differs.
    pub(crate) fn same(self) -> Outcome<Self> {
        if self.differences == 0 {
            return Ok(self);
        }
        let lines = self.named.join("\n    ");
        Err(format!("{} differences, the first are:\n    {lines}", self.differences))
    }

    /// Something that is not there on the right; a folder stands for the files in it.
    fn lack(&mut self, path: &Path) {
        let bytes = path.is_dir() || path.is_file();
        self.other_bytes += u64::from(bytes && !path.is_symlink());
        self.differ(path, "is missing on the right");
    }

    /// A difference of the bytes themselves.
    fn lose(&mut self, path: &Path, how: impl std::fmt::Display) {
        self.other_bytes += 1;
        self.differ(path, how);
    }

    fn differ(&mut self, path: &Path, how: impl std::fmt::Display) {
        self.differences += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(format!("{}: {how}", path.display()));
        }
    }
}

type FileKey = (u64, u64);

struct Walk {
    report: Report,
    /// Which file on the left belongs to which on the right, for hard links.
    pairs: BTreeMap<FileKey, FileKey>,
}

/// Compares what is in `left` with what is in `right`.
pub(crate) fn trees(left: &Path, right: &Path) -> Outcome<Report> {
    let mut walk = Walk { report: Report::default(), pairs: BTreeMap::new() };
    let mut folders = vec![(left.to_path_buf(), right.to_path_buf())];
    while let Some((left, right)) = folders.pop() {
        let (here, there) = (names(&left)?, names(&right)?);
        for name in here.difference(&there) {
            walk.report.lack(&left.join(name));
        }
        for name in there.difference(&here) {
            walk.report.differ(&right.join(name), "is not on the left");
        }
        for name in here.intersection(&there) {
            let (a, b) = (left.join(name), right.join(name));
            if walk.entry(&a, &b)? {
                folders.push((a, b));
            }
        }
    }
    Ok(walk.report)
}

impl Walk {
    /// Compares one entry; true when both sides are folders.
    fn entry(&mut self, left: &Path, right: &Path) -> Outcome<bool> {
        let (a, b) = (facts(left)?, facts(right)?);
        self.report.entries += 1;
        if a.file_type() != b.file_type() {
            self.report.lose(left, "is of another kind on the right");
            return Ok(false);
        }
        self.attributes(left, right, &a, &b)?;
        if a.file_type().is_symlink() {
            let (to, also) = (fs::read_link(left), fs::read_link(right));
            if to.ok() != also.ok() {
                self.report.differ(left, "points elsewhere on the right");
            }
        } else if a.is_file() {
            self.links(left, &a, &b);
            self.content(left, right, &a, &b)?;
        }
        Ok(a.is_dir())
    }

    fn attributes(&mut self, left: &Path, right: &Path, a: &Metadata, b: &Metadata) -> Outcome<()> {
        if a.mode() != b.mode() {
            self.report.differ(left, format!("mode {:o} became {:o}", a.mode(), b.mode()));
        }
        if (a.uid(), a.gid()) != (b.uid(), b.gid()) {
            let (was, is) = ((a.uid(), a.gid()), (b.uid(), b.gid()));
            self.report.differ(left, format!("owner {was:?} became {is:?}"));
        }
        let (was, is) = ((a.mtime(), a.mtime_nsec()), (b.mtime(), b.mtime_nsec()));
        if was != is {
            self.report.differ(left, format!("time {was:?} became {is:?}"));
        }
        let (was, is) = (extended(left)?, extended(right)?);
        if was != is {
            let names: Vec<_> = was.keys().chain(is.keys()).collect();
            self.report.differ(left, format!("extended attributes differ among {names:?}"));
        }
        self.report.with_attributes += u64::from(!was.is_empty());
        Ok(())
    }

    /// Names that were one file must be one file again, and no others.
    fn links(&mut self, left: &Path, a: &Metadata, b: &Metadata) {
        if a.nlink() == 1 && b.nlink() == 1 {
            return;
        }
        self.report.hard_links += 1;
        let (key, value) = ((a.dev(), a.ino()), (b.dev(), b.ino()));
        if *self.pairs.entry(key).or_insert(value) != value {
            self.report.differ(left, "is no longer linked to its other name");
        }
        if a.nlink() != b.nlink() {
            self.report.differ(left, format!("had {} names and has {}", a.nlink(), b.nlink()));
        }
    }

    fn content(&mut self, left: &Path, right: &Path, a: &Metadata, b: &Metadata) -> Outcome<()> {
        self.report.files += 1;
        if a.len() != b.len() {
            self.report.lose(left, format!("had {} bytes and has {}", a.len(), b.len()));
            return Ok(());
        }
        self.report.bytes += a.len();
        let sparse = a.blocks() * 512 < a.len() / 2;
        if sparse && b.blocks() * 512 > a.blocks() * 512 + HOLE_SLACK {
            self.report.differ(left, "lost its holes");
        }
        if let Some(place) = first_difference(left, right, a.len())? {
            self.report.lose(left, format!("differs within the MiB at byte {place}"));
        }
        Ok(())
    }
}

/// Where the first MiB that differs begins. Where both files have a hole, both hold zeros, and
/// nothing is read: a hole of many GiB would take as long as data.
fn first_difference(left: &Path, right: &Path, len: u64) -> Outcome<Option<u64>> {
    let open = |path: &Path| {
        File::open(path).map_err(|error| format!("cannot open {}: {error}", path.display()))
    };
    let (mut a, mut b) = (open(left)?, open(right)?);
    let (mut here, mut there) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    let mut place = 0;
    while place < len {
        place = next_data(&a, place, len).min(next_data(&b, place, len));
        for (file, path) in [(&mut a, left), (&mut b, right)] {
            file.seek(SeekFrom::Start(place))
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        }
        let (count, also) = (fill(&mut a, &mut here, left)?, fill(&mut b, &mut there, right)?);
        if here[..count] != there[..also] {
            return Ok(Some(place));
        }
        if count == 0 {
            break;
        }
        place += count as u64;
    }
    Ok(None)
}

/// Where data begins at or after a place; the place itself where the file system cannot tell.
fn next_data(file: &File, place: u64, len: u64) -> u64 {
    let Ok(from) = i64::try_from(place) else { return place };
    match nix::unistd::lseek(file, from, nix::unistd::Whence::SeekData) {
        Ok(found) => u64::try_from(found).unwrap_or(place),
        Err(nix::errno::Errno::ENXIO) => len,
        Err(_) => place,
    }
}

fn fill(file: &mut File, buffer: &mut [u8], path: &Path) -> Outcome<usize> {
    let mut count = 0;
    while count < buffer.len() {
        let more = file
            .read(&mut buffer[count..])
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        if more == 0 {
            break;
        }
        count += more;
    }
    Ok(count)
}

fn names(folder: &Path) -> Outcome<BTreeSet<OsString>> {
    let listed = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.file_name())).collect());
    listed.map_err(|error| format!("cannot list {}: {error}", folder.display()))
}

fn facts(path: &Path) -> Outcome<Metadata> {
    fs::symlink_metadata(path)
        .map_err(|error| format!("cannot look at {}: {error}", path.display()))
}

fn extended(path: &Path) -> Outcome<BTreeMap<OsString, Option<Vec<u8>>>> {
    let Ok(names) = xattr::list(path) else { return Ok(BTreeMap::new()) };
    let mut found = BTreeMap::new();
    for name in names {
        let value = xattr::get(path, &name).map_err(|error| {
            format!("cannot read attribute {} of {}: {error}", name.display(), path.display())
        })?;
        found.insert(name, value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileExt, PermissionsExt, symlink};

    use super::*;
    use crate::cmd::Cmd;
    use crate::{files, odd};

    /// Two equal trees of odd files, then one change on the right.
    fn check(change: impl FnOnce(&Path), expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let (left, right) = (folder.path().join("left"), folder.path().join("right"));
        files::folder(&left).unwrap();
        odd::add(&left).unwrap();
        Cmd::new("cp").arg("-a").arg(&left).arg(&right).kept().unwrap().ok().unwrap();
        change(&right.join("odd"));
        let report = trees(&left, &right).unwrap();
        if expected.is_empty() {
            let report = report.same().unwrap();
            assert!(report.hard_links == 3 && report.files > 20, "{report:?}");
        } else {
            let said = report.same().unwrap_err();
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn a_faithful_copy_has_no_differences() {
        check(|_| {}, "");
    }

    #[test]
    fn every_kind_of_difference_is_seen() {
        check(|odd| std::fs::remove_file(odd.join("names/empty")).unwrap(), "missing on the right");
        check(|odd| files::put(&odd.join("more"), b"").unwrap(), "is not on the left");
        check(
            |odd| {
                std::fs::remove_file(odd.join("links/dangling")).unwrap();
                symlink("elsewhere", odd.join("links/dangling")).unwrap();
            },
            "points elsewhere",
        );
        check(
            |odd| {
                let mode = std::fs::Permissions::from_mode(0o755);
                std::fs::set_permissions(odd.join("modes/setuid"), mode).unwrap();
            },
            "mode 104755 became 100755",
        );
        check(
            |odd| {
                let bytes = std::fs::read(odd.join("links/first")).unwrap();
                std::fs::remove_file(odd.join("links/second")).unwrap();
                files::put(&odd.join("links/second"), &bytes).unwrap();
            },
            "had 3 names and has",
        );
    }

    #[test]
    fn one_changed_byte_and_one_filled_hole_are_seen() {
        check(
            |odd| {
                let mut bytes = std::fs::read(odd.join("links/first")).unwrap();
                bytes[77] ^= 1;
                files::put(&odd.join("links/first"), &bytes).unwrap();
            },
            "differs within the MiB at byte 0",
        );
        check(
            |odd| {
                let file = File::options().write(true).open(odd.join("sparse.img")).unwrap();
                file.write_all_at(b"x", (4 << 30) + 4096).unwrap();
            },
            "differs within the MiB at byte 42949",
        );
        check(
            |odd| {
                let file = File::options().write(true).open(odd.join("sparse.img")).unwrap();
                let modified = file.metadata().unwrap().modified().unwrap();
                file.write_all_at(&[0; 4 << 20], 1 << 30).unwrap();
                file.set_modified(modified).unwrap();
            },
            "lost its holes",
        );
    }
}
