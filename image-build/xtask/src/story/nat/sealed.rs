//! Packs that the product itself sealed, with ten thousand words in them, and the search for those words.
//!
//! The words stand in names, tags, links and contents of a tree; noise beside it makes up the size.
//! Start at [`Sealed::make`].

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::super::StoryDir;
use super::super::canaries::{Found, Kind, Scan, Words};
use crate::product::Vault;
use crate::{Outcome, files};

/// Words that are in the packs.
const COUNT: usize = 10_000;
/// The names of sources, of which one is used.
const SOURCES: usize = 10;
/// Bytes of a line in the plain list; so many lines make a packet that no word hangs out of.
pub(super) const LINE: usize = 40;
/// Bytes in one file of noise.
const FILE: u64 = 4 << 20;
/// So much of a file is copied to spoil it.
const SPOILT: u64 = 8 << 20;

/// Packs in the owner's folder, and what is in them.
pub(super) struct Sealed {
    /// The folder of the owner's box.
    pub(super) owner: PathBuf,
    /// How many packs.
    pub(super) packs: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Bytes of the proofs that go with them, once.
    pub(super) proofs: u64,
    words: Vec<String>,
    scan: Scan,
}

impl Sealed {
    /// Backs a tree up with the product and gives the packs to the owner's box.
    pub(super) fn make(dir: &StoryDir, noise_bytes: u64) -> Outcome<Self> {
        let all = Words::new(COUNT + SOURCES - 1);
        let source = all.of(Kind::Source)[0].to_owned();
        let tree = dir.folder("tree")?;
        all.plant(&tree)?;
        noise(&tree, noise_bytes)?;
        let volume = dir.folder("volume")?;
        let vault = Vault::new(&dir.program, &dir.path);
        dir.logged("create", vault.create(&[&volume], 1)).kept()?.ok()?;
        let backup = vault.call(&["backup", "--source", &source]).arg(&tree);
        dir.logged("backup", backup).kept()?.ok()?;
        let owner = dir.folder("owner")?;
        let lens = given(&volume, &owner.join("packs"))?;
        for used in [&tree, &volume] {
            files::remove(used)?;
        }
        let others = all.of(Kind::Source).into_iter().skip(1).collect::<Vec<_>>();
        let words: Vec<String> =
            all.all().filter(|word| !others.contains(word)).map(str::to_owned).collect();
        let scan = Scan::of(words.clone())?;
        let (packs, bytes) = (lens.len() as u64, lens.iter().sum());
        let proofs = lens.into_iter().map(proof_of).sum();
        Ok(Self { owner, packs, bytes, proofs, words, scan })
    }

    /// How many words are in the packs.
    pub(super) fn canaries(&self) -> usize {
        self.words.len()
    }

    /// All words, plainly, one a line of [`LINE`] bytes.
    pub(super) fn list(&self) -> String {
        self.words.iter().map(|word| format!("{word:<width$}\n", width = LINE - 1)).collect()
    }

    /// Which words stand in these bytes.
    pub(super) fn search(&self, from: impl Read) -> Outcome<Found> {
        self.scan.read(from).map_err(|error| format!("cannot be searched: {error}"))
    }

    /// How many words the same search finds in a copy of a file, in whose middle one was written plainly.
    pub(super) fn search_spoilt(&self, file: &Path, scratch: &Path) -> Outcome<u64> {
        let broken = |error: std::io::Error| format!("{}: {error}", file.display());
        let mut bytes = Vec::new();
        let read = File::open(file).and_then(|file| file.take(SPOILT).read_to_end(&mut bytes));
        read.map_err(broken)?;
        let word = self.words[self.words.len() / 2].as_bytes();
        let (from, len) = (bytes.len() / 2, word.len());
        let place = bytes.get_mut(from..from + len).ok_or("a file is too short to be spoilt")?;
        place.copy_from_slice(word);
        files::put(scratch, &bytes)?;
        Ok(self.search(File::open(scratch).map_err(broken)?)?.words.len() as u64)
    }
}

/// Files that no two of are alike and nothing makes smaller.
fn noise(tree: &Path, bytes: u64) -> Outcome<()> {
    let folder = tree.join("noise");
    files::folder(&folder)?;
    for number in 0..bytes.div_ceil(FILE) {
        let len = (bytes - number * FILE).min(FILE);
        let mut noise = vec![0; usize::try_from(len).unwrap_or(0)];
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"noise of the story nat").update(&number.to_le_bytes());
        hasher.finalize_xof().fill(&mut noise);
        files::put(&folder.join(number.to_string()), &noise)?;
    }
    Ok(())
}

/// Copies every pack of a volume under the name that a box's own packs have; how long each is.
fn given(volume: &Path, to: &Path) -> Outcome<Vec<u64>> {
    files::folder(to)?;
    let mut lens = Vec::new();
    for path in files::all_files(volume) {
        let is_pack = path.extension().is_some_and(|ending| ending == "pack");
        if let Some(name) = path.file_stem().filter(|_| is_pack) {
            let copied = fs::copy(&path, to.join(name));
            lens.push(copied.map_err(|error| format!("{}: {error}", path.display()))?);
        }
    }
    Ok(lens)
}

/// Bytes of proof beside a pack of this length, as `docs/protocols/friends.md` has it: two hashes for every
/// joint of the tree over its groups of 16 KiB.
fn proof_of(len: u64) -> u64 {
    len.div_ceil(16 << 10).saturating_sub(1) * 64
}

/// The bytes of all files below a folder, one after the other.
pub(super) fn everything(folder: &Path) -> Outcome<Box<dyn Read>> {
    let mut all: Box<dyn Read> = Box::new(std::io::empty());
    for path in files::all_files(folder) {
        let file = File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        all = Box::new(all.chain(file));
    }
    Ok(all)
}

#[test]
fn of_two_groups_there_is_one_joint_and_of_one_group_none() {
    assert_eq!([1, 16 << 10].map(proof_of), [0, 0]);
    assert_eq!([(16 << 10) + 1, 16 << 20].map(proof_of), [64, 1023 * 64]);
}
