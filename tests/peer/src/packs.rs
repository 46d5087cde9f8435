//! A box's own packs: files that are named by their BLAKE3, and look sealed.
//!
//! Nothing is sealed here; bytes from a seed look like it. A rig that wants sealed ones brings them
//! ([`OwnPacks::take_in`]). Start at [`OwnPacks::make`].

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use federation::OwnPack;
use peer_proto::owner::Item;
use peer_proto::wire::Kind;
use types::{Bytes, PackId};

use crate::folder;

/// A folder of packs.
#[derive(Debug)]
pub struct OwnPacks {
    folder: PathBuf,
}

impl OwnPacks {
    /// Those in a folder, which is made.
    pub fn at(path: PathBuf) -> io::Result<Self> {
        Ok(Self { folder: folder::made(path)? })
    }

    /// Makes so many packs of this length. The same seed, count and length make the same ones.
    pub fn make(&self, count: u64, len: Bytes, seed: u64) -> io::Result<Vec<Item>> {
        (0..count).map(|number| self.take_in(&looks_sealed(seed, number, len))).collect()
    }

    /// Takes these bytes as a pack.
    pub fn take_in(&self, bytes: &[u8]) -> io::Result<Item> {
        let root = PackId(*blake3::hash(bytes).as_bytes());
        folder::put(&self.folder, &root.to_string(), bytes)?;
        Ok(Item { root, size: bytes.len() as u64, kind: Kind::Data })
    }

    /// All packs, in the order of their names.
    pub fn all(&self) -> io::Result<Vec<Item>> {
        let names = folder::names(&self.folder)?;
        let roots = names.iter().filter_map(|name| name.parse().ok());
        roots
            .map(|root: PackId| {
                let size = fs::metadata(self.path(root))?.len();
                Ok(Item { root, size, kind: Kind::Data })
            })
            .collect()
    }

    /// One, open to be read.
    pub fn open(&self, root: PackId) -> io::Result<Option<OwnPack>> {
        match File::open(self.path(root)) {
            Ok(file) => {
                Ok(Some(OwnPack { len: Bytes(file.metadata()?.len()), bytes: Box::new(file) }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Forgets one, as a dead disk does. Says whether it was there.
    pub fn lose(&self, root: PackId) -> io::Result<bool> {
        match fs::remove_file(self.path(root)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Where a pack's file is, for tests that compare or damage it.
    pub fn path(&self, root: PackId) -> PathBuf {
        self.folder.join(root.to_string())
    }

    /// Where all of them are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Bytes that look sealed, the same for the same three.
pub fn looks_sealed(seed: u64, number: u64, len: Bytes) -> Vec<u8> {
    let mut out = vec![0; usize::try_from(len.0).unwrap_or(usize::MAX)];
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes()).update(&number.to_le_bytes());
    hasher.finalize_xof().fill(&mut out);
    out
}
