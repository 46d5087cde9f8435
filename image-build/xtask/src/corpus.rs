//! The tree that the demo and the stories back up: this machine's own documentation and libraries.
//!
//! Real files are copied (never touched in place) until there are enough of them, and [`odd`]
//! adds what real trees have and tests forget. A stamp file says that a tree is complete, so that
//! a second run does not copy again. A machine with too few files gets the rest made up, and the
//! summary says how many. Start reading at [`build`].
//!
//! [`odd`]: crate::odd

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cmd::Cmd;
use crate::{Outcome, files, odd};

/// How large a tree has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Regular files wanted.
    pub files: u64,
    /// Bytes wanted.
    pub bytes: u64,
    /// Size of the file that is rewritten in place between snapshots.
    pub image_mib: u64,
}

/// The demo: a little over 1 GiB and 20,000 files, so that rounding never takes it below.
pub(crate) const FULL: Scale = Scale { files: 22_000, bytes: 1_180 << 20, image_mib: 100 };

/// The stories of the test command: seconds instead of minutes.
pub(crate) const SMALL: Scale = Scale { files: 1_500, bytes: 80 << 20, image_mib: 16 };

/// Folders taken first, in this order: documentation, then libraries.
const FIRST: &[&str] = &[
    "/usr/share/doc",
    "/usr/include",
    "/usr/share/info",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/share/locale",
    "/usr/share/perl",
    "/usr/lib/python3",
    "/usr/share/man",
];

/// Folders whose own folders are taken after that, sorted by name.
const THEN: &[&str] = &["/usr/share", "/usr/lib", "/usr/local/lib", "/opt"];

/// A folder that alone would take the tree past this many times the wanted bytes is passed over.
const TOO_MUCH: u64 = 2;

/// A finished tree.
#[derive(Debug)]
pub(crate) struct Corpus {
    /// Where it stands.
    pub tree: PathBuf,
    /// Regular files in it.
    pub files: u64,
    /// Their bytes, holes counted out.
    pub bytes: u64,
    /// Files that were made up because the machine had too few.
    pub made_up: u64,
    /// What could not be added, one line each.
    pub missing: Vec<String>,
}

/// Builds the tree at `dir`, or finds it there complete.
pub(crate) fn build(dir: &Path, scale: Scale) -> Outcome<Corpus> {
    let stamp = dir.with_extension("stamp");
    let wanted = format!("{scale:?} version 4\n");
    if dir.is_dir()
        && let Ok(found) = files::text(&stamp)
        && let Some(rest) = found.strip_prefix(&wanted)
        && let Some(corpus) = read_stamp(dir, rest)
    {
        // The image may have been rewritten by an earlier run: it starts afresh.
        odd::image(dir, scale.image_mib)?;
        return Ok(corpus);
    }
    files::remove(&stamp)?;
    files::fresh(dir)?;
    copy(dir, scale)?;
    let (files_copied, bytes_copied) = files::count(dir);
    let made_up = top_up(dir, scale, files_copied, bytes_copied)?;
    let (files_now, bytes_now) = files::count(dir);
    let missing = odd::add(dir)?;
    odd::image(dir, scale.image_mib)?;
    let corpus = Corpus {
        tree: dir.to_path_buf(),
        files: files_now,
        bytes: bytes_now + (scale.image_mib << 20),
        made_up,
        missing,
    };
    let mut text = format!("{wanted}{} {} {made_up}\n", corpus.files, corpus.bytes);
    for line in &corpus.missing {
        text.push_str(line);
        text.push('\n');
    }
    files::put(&stamp, text.as_bytes())?;
    Ok(corpus)
}

fn read_stamp(dir: &Path, rest: &str) -> Option<Corpus> {
    let mut lines = rest.lines();
    let mut numbers = lines.next()?.split(' ').map(|word| word.parse().ok());
    Some(Corpus {
        tree: dir.to_path_buf(),
        files: numbers.next()??,
        bytes: numbers.next()??,
        made_up: numbers.next()??,
        missing: lines.map(str::to_owned).collect(),
    })
}

/// Copies folders with everything `cp` can keep, until there is enough.
fn copy(dir: &Path, scale: Scale) -> Outcome<()> {
    let (mut files_now, mut bytes_now) = (0, 0);
    for folder in candidates() {
        if files_now >= scale.files && bytes_now >= scale.bytes {
            break;
        }
        let (more_files, more_bytes) = files::count(&folder);
        if more_files == 0 || bytes_now + more_bytes > scale.bytes * TOO_MUCH {
            continue;
        }
        let copied = Cmd::new("cp")
            .args(["-a", "--parents"])
            .arg(&folder)
            .arg(dir)
            .limit(Duration::from_secs(300))
            .kept()?;
        // Code 1: a file vanished or may not be read by this user; what was copied is the tree.
        copied.wants(&[0, 1])?;
        files_now += more_files;
        bytes_now += more_bytes;
    }
    Ok(())
}

fn candidates() -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = FIRST.iter().map(PathBuf::from).collect();
    for parent in THEN {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        let real = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
        let mut folders: Vec<PathBuf> =
            entries.flatten().filter(real).map(|entry| entry.path()).collect();
        folders.sort();
        folders.retain(|folder| !list.contains(folder));
        list.append(&mut folders);
    }
    list.retain(|folder| folder.is_dir() && !folder.is_symlink());
    list
}

/// Makes up what the machine lacked: text-like files from a fixed seed.
fn top_up(dir: &Path, scale: Scale, files_now: u64, bytes_now: u64) -> Outcome<u64> {
    let missing_files = scale.files.saturating_sub(files_now);
    let missing_bytes = scale.bytes.saturating_sub(bytes_now);
    if missing_files == 0 && missing_bytes == 0 {
        return Ok(0);
    }
    let number = missing_files.max(missing_bytes / (256 << 10)).max(1);
    let each = usize::try_from(missing_bytes / number + 512).unwrap_or(usize::MAX);
    let mut random = Random::new(1);
    for index in 0..number {
        let folder = dir.join("made-up").join(format!("{:03}", index / 200));
        if index % 200 == 0 {
            files::folder(&folder)?;
        }
        files::put(&folder.join(format!("page-{index:06}.txt")), &random.text(each))?;
    }
    Ok(number)
}

/// A small generator of numbers (xorshift64*), the same on every machine.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A sequence for this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Bytes that do not compress.
    pub(crate) fn noise(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }

    /// Words and lines: compresses about as well as documents do.
    pub(crate) fn text(&mut self, length: usize) -> Vec<u8> {
        const SYLLABLES: [&str; 16] = [
            "ba", "den", "fol", "gri", "hum", "jas", "kel", "lo", "mir", "nap", "or", "pest",
            "quo", "ran", "sil", "tu",
        ];
        let mut bytes = Vec::with_capacity(length + 16);
        while bytes.len() < length {
            let mut bits = self.next();
            for _ in 0..=(bits & 3) {
                bits >>= 4;
                let index = usize::try_from(bits & 15).expect("four bits");
                bytes.extend_from_slice(SYLLABLES[index].as_bytes());
            }
            bytes.push(if bits.is_multiple_of(11) { b'\n' } else { b' ' });
        }
        bytes.truncate(length);
        bytes
    }
}

#[test]
fn a_machine_with_too_few_files_gets_the_rest_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let scale = Scale { files: 450, bytes: 2 << 20, image_mib: 1 };
    let made = top_up(folder.path(), scale, 50, 1 << 20).unwrap();
    assert_eq!(made, 400);
    let (files, bytes) = files::count(folder.path());
    assert_eq!(files, 400);
    assert!(bytes >= 1 << 20, "{bytes}");
    assert_eq!(top_up(folder.path(), scale, 450, 2 << 20).unwrap(), 0);
}
