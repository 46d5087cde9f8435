//! Copies a tree as a backup and a restore would, but with nothing in between.

use std::collections::HashMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use filetree::{
    Compare, FileReader, FileWriter, Folder, Found, Segment, Shortfall, Target, TargetFolder,
    TargetOptions, compare,
};
use format::entry::EntryKind;

/// Bytes read at a time; small, so that segments are read in pieces.
const PIECE_LEN: usize = 64 * 1024;

type Paths = HashMap<(u64, u64), Vec<Vec<u8>>>;

/// Copies all below `from`, and the root's own attributes; answers what was not copied.
pub(crate) fn copy(from: &Path, to: &Path, options: TargetOptions) -> Vec<String> {
    let source = Folder::open(from).expect("the source can be opened");
    let target = Target::open(to, options).expect("the target can be opened");
    let mut root = source.stat_self().expect("the source can be looked at");
    source.details(&mut root).expect("the source's attributes can be read");
    let mut job = Copy { links: Paths::new(), path: Vec::new(), missing: Vec::new() };
    job.folder(&source, &target.folder());
    job.short(target.folder().set_own_attrs(&root.entry));
    job.missing
}

/// Copies and compares, with everything expected to be the same.
pub(crate) fn check_copy(from: &Path, to: &Path) {
    assert_eq!(copy(from, to, TargetOptions::default()), [""; 0]);
    assert_eq!(differences(from, to), [""; 0]);
}

/// All in which two trees differ, as people read it.
pub(crate) fn differences(left: &Path, right: &Path) -> Vec<String> {
    compare(left, right, &Compare::default()).iter().map(ToString::to_string).collect()
}

struct Copy {
    links: Paths,
    path: Vec<Vec<u8>>,
    missing: Vec<String>,
}

impl Copy {
    fn folder(&mut self, from: &Folder, to: &TargetFolder) {
        let listing = from.read().expect("the folder can be read");
        self.missing.extend(listing.skipped.iter().map(|skipped| skipped.error.to_string()));
        for found in &listing.entries {
            let name = found.entry.name.to_vec();
            self.path.push(name);
            self.entry(from, to, found);
            self.path.pop();
        }
    }

    fn entry(&mut self, from: &Folder, to: &TargetFolder, found: &Found) {
        let entry = &found.entry;
        let origin = entry.origin.expect("every entry read has an origin");
        if let Some(first) = self.links.get(&(origin.dev, origin.ino)) {
            let first: Vec<&[u8]> = first.iter().map(Vec::as_slice).collect();
            return to.hard_link(&entry.name, &first).expect("the link can be made");
        }
        if found.links > 1 && entry.kind != EntryKind::Folder {
            self.links.insert((origin.dev, origin.ino), self.path.clone());
        }
        let made = match entry.kind {
            EntryKind::Folder => match (from.child(&entry.name), to.make_folder(&entry.name)) {
                (Ok(from), Ok(to)) => {
                    self.folder(&from, &to);
                    Ok(())
                }
                (Err(error), _) => return self.missing.push(error.to_string()),
                (_, Err(error)) => Err(error),
            },
            EntryKind::File => match from.open_file(found) {
                Ok(reader) => to.create_file(&entry.name).and_then(|mut writer| {
                    pour(reader, &mut writer).and_then(|()| writer.finish())
                }),
                Err(error) => return self.missing.push(error.to_string()),
            },
            _ => to.special(entry),
        };
        match made {
            Ok(()) => self.short(to.set_attrs(&entry.name, entry)),
            Err(error) => self.missing.push(error.to_string()),
        }
    }

    fn short(&mut self, shortfalls: Vec<Shortfall>) {
        self.missing.extend(shortfalls.iter().map(ToString::to_string));
    }
}

fn pour(mut reader: FileReader, writer: &mut FileWriter) -> Result<(), filetree::WriteError> {
    let mut piece = vec![0; PIECE_LEN];
    while let Some(segment) = reader.next_segment() {
        match segment {
            Segment::Hole { len, .. } => writer.hole(len)?,
            Segment::Data { mut offset, len } => {
                let stop = offset + len;
                while offset < stop {
                    let room = usize::try_from(stop - offset).unwrap_or(PIECE_LEN).min(PIECE_LEN);
                    let count = reader.read_at(offset, &mut piece[..room]).expect("readable");
                    if count == 0 {
                        break;
                    }
                    writer.append(&piece[..count])?;
                    offset += count as u64;
                }
            }
        }
    }
    Ok(())
}

/// A file with content, written the plain way.
pub(crate) fn write(path: impl AsRef<Path>, bytes: &[u8]) {
    use std::io::Write;
    fs::File::create(path).and_then(|mut file| file.write_all(bytes)).expect("the file is written");
}

/// The permission bits of an entry.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o7777
}

/// Sets permission bits.
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode can be set");
}

/// The names in a folder, sorted.
pub(crate) fn names(path: &Path) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = fs::read_dir(path)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("listed").file_name().as_bytes().to_vec())
        .collect();
    names.sort();
    names
}
