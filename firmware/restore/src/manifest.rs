//! `MANIFEST.b3`: what a drive holds, a line for each file, as `b3sum --check` reads it.
//!
//! A line is written only after the file's bytes are durable on the drive, so after a pulled drive
//! or a power cut every line is true, and files without one are written again. Start at
//! [`Manifest::open`].

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use nix::unistd::syncfs;
use volume::{FsDisk, durable};

use crate::plain::{open_plain, read_plain};

/// The file's name in the restore's folder.
pub const MANIFEST: &str = "MANIFEST.b3";

/// A manifest that is written anew, before it takes the place of the old one.
const STRUCK: &str = "MANIFEST.new";
/// Lines are gathered up to that many bytes.
const PIECE: usize = 64 << 10;
/// Lines are written after this many files ...
const FILES_A_SYNC: usize = 500;
/// ... or this many bytes: what a pulled drive may cost at the most.
const BYTES_A_SYNC: u64 = 128 << 20;
/// A longer line is no path that we wrote: paths have a few thousand bytes.
const LINE_LEN_MAX: u64 = 1 << 20;

/// One line: a file below the restore's folder, and the BLAKE3 hash of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// 64 hexadecimal digits.
    pub(crate) hash: String,
    /// Path, components joined by `/`.
    pub(crate) path: String,
}

impl Line {
    /// As it stands in the file, with its line break. Escaped the way `b3sum` does it.
    fn text(&self) -> String {
        let escaped = self.path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        let mark = if escaped == self.path { "" } else { "\\" };
        format!("{mark}{}  {escaped}\n", self.hash)
    }

    /// Reads a line without its line break; none when it was cut short or is no such line.
    fn parse(text: &str) -> Option<Self> {
        let (escaped, text) = text.strip_prefix('\\').map_or((false, text), |rest| (true, rest));
        let (hash, path) = text.split_once("  ")?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let path = if escaped { unescaped(path)? } else { path.to_owned() };
        (is_hash && !path.is_empty()).then(|| Self { hash: hash.to_owned(), path })
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}

/// Stands for a path: sixteen bytes instead of a hundred, for millions of files.
pub(crate) type Key = [u8; 16];

pub(crate) fn key_of(path: &str) -> Key {
    let hash = blake3::hash(path.as_bytes());
    let mut key = Key::default();
    key.copy_from_slice(&hash.as_bytes()[..16]);
    key
}

/// The manifest of one drive, open for more lines.
#[derive(Debug)]
pub(crate) struct Manifest {
    root: PathBuf,
    file: File,
    known: HashSet<Key>,
    waiting: Vec<Line>,
    waiting_bytes: u64,
    /// A sync failed: nobody knows what the drive has of the rest.
    failed: bool,
}

impl Manifest {
    /// Opens or makes the manifest in a restore's folder. A last line that was cut short is taken
    /// off.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let path = root.join(MANIFEST);
        let mut known = HashSet::new();
        let mut good = 0;
        match read_plain(&path) {
            Ok(file) => {
                each(file, |line, end| {
                    known.insert(key_of(&line.path));
                    good = end;
                    Ok(())
                })?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let file = open_plain(&path, OpenOptions::new().append(true).create(true))?;
        file.set_len(good)?;
        Ok(Self {
            root: root.to_owned(),
            file,
            known,
            waiting: Vec::new(),
            waiting_bytes: 0,
            failed: false,
        })
    }

    /// Whether a file is on the drive, or soon will be.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.known.contains(&key_of(path))
    }

    /// Files that a line stands for.
    pub(crate) fn safe(&self) -> u64 {
        (self.known.len() - self.waiting.len()) as u64
    }

    /// A file was written; its line follows when its bytes are durable.
    pub(crate) fn add(&mut self, line: Line, bytes: u64) -> io::Result<()> {
        self.known.insert(key_of(&line.path));
        self.waiting.push(line);
        self.waiting_bytes += bytes;
        if self.waiting.len() >= FILES_A_SYNC || self.waiting_bytes >= BYTES_A_SYNC {
            self.settle()?;
        }
        Ok(())
    }

    /// Makes everything durable: first the files, then the lines that say so. After a failure it is
    /// never tried again: the system may have dropped what it could not write.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("it failed before"));
        }
        let text: String = self.waiting.iter().map(Line::text).collect();
        self.waiting.clear();
        self.waiting_bytes = 0;
        // Of the whole drive: the folders' names, too.
        let settled = syncfs(&self.file)
            .map_err(io::Error::from)
            .and_then(|()| self.file.write_all(text.as_bytes()))
            .and_then(|()| self.file.sync_all());
        self.failed = settled.is_err();
        settled
    }

    /// Takes lines off again: their files are not what they should be.
    pub(crate) fn strike(&mut self, paths: &HashSet<String>) -> io::Result<()> {
        let folder = FsDisk::plain_folder(&self.root)?;
        let failed = |failure: durable::IoFailure| failure.source;
        let mut out = durable::create_over_leftover(&folder, STRUCK).map_err(failed)?;
        let mut text = String::new();
        lines(&self.root, |line| {
            if !paths.contains(&line.path) {
                text.push_str(&line.text());
            }
            if text.len() < PIECE {
                return Ok(());
            }
            out.append(text.as_bytes())?;
            text.clear();
            Ok(())
        })?;
        out.append(text.as_bytes())?;
        out.sync_data()?;
        durable::move_file(&folder, STRUCK, MANIFEST).map_err(failed)?;
        self.file = open_plain(&self.root.join(MANIFEST), OpenOptions::new().append(true))?;
        for path in paths {
            self.known.remove(&key_of(path));
        }
        self.settle()
    }
}

/// Hands on each whole line of a manifest, and where it ends. Stops at a line that is none, and
/// says whether that was the end.
fn each(file: impl Read, mut visit: impl FnMut(Line, u64) -> io::Result<()>) -> io::Result<bool> {
    let mut reader = BufReader::new(file);
    let (mut end, mut bytes) = (0, Vec::new());
    loop {
        bytes.clear();
        let read = reader.by_ref().take(LINE_LEN_MAX).read_until(b'\n', &mut bytes)?;
        let text = bytes.strip_suffix(b"\n").and_then(|text| std::str::from_utf8(text).ok());
        let Some(line) = text.and_then(Line::parse) else { return Ok(bytes.is_empty()) };
        end += read as u64;
        visit(line, end)?;
    }
}

/// Files that other manifests of the same set have: on drives that are not here now.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    known: HashSet<Key>,
}

impl Elsewhere {
    /// Adds what a manifest lists.
    pub(crate) fn add(&mut self, manifest: &Path) -> io::Result<()> {
        each(read_plain(manifest)?, |line, _| {
            self.known.insert(key_of(&line.path));
            Ok(())
        })
        .map(drop)
    }

    /// Whether a file is on one of them.
    pub(crate) fn has(&self, path: &str) -> bool {
        !self.known.is_empty() && self.known.contains(&key_of(path))
    }
}

/// Hands on each line of the manifest in a restore's folder; says whether it is whole.
pub(crate) fn lines(
    root: &Path,
    mut visit: impl FnMut(Line) -> io::Result<()>,
) -> io::Result<bool> {
    each(read_plain(&root.join(MANIFEST))?, |line, _| visit(line))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_path_comes_back_from_its_line(path in "[a-z \\\\\n\r~/\u{fc}]{1,20}") {
            let line = Line { hash: blake3::hash(b"x").to_hex().to_string(), path };
            let text = line.text();
            prop_assert_eq!(text.matches('\n').count(), 1);
            prop_assert_eq!(Line::parse(text.trim_end_matches('\n')), Some(line));
        }
    }

    #[test]
    fn a_line_that_was_cut_short_is_taken_off_and_the_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let mut manifest = Manifest::open(dir.path()).unwrap();
        let hash = blake3::hash(b"x").to_hex().to_string();
        for path in ["files/a", "files/b"] {
            manifest.add(Line { hash: hash.clone(), path: path.to_owned() }, 1).unwrap();
        }
        manifest.settle().unwrap();
        manifest.file.write_all(&hash.as_bytes()[..40]).unwrap();
        drop(manifest);
        let mut manifest = Manifest::open(dir.path()).unwrap();
        assert!(manifest.has("files/a") && manifest.has("files/b") && manifest.safe() == 2);
        manifest.add(Line { hash, path: "files/c".to_owned() }, 1).unwrap();
        manifest.settle().unwrap();
        manifest.strike(&HashSet::from(["files/a".to_owned()])).unwrap();
        let mut seen = Vec::new();
        lines(dir.path(), |line| {
            seen.push(line.path);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["files/b", "files/c"]);
    }
}
