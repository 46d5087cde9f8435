//! Objects of trees that this computer has made or read: what tells an unchanged file without asking the box.
//!
//! A cache: whatever is missing or damaged is fetched from the box, or sent to it once more. Objects stand
//! one behind the other in a file, each with its name and length; a piece that a cut left at the end is
//! dropped. Start at [`Objects::open`].

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use format::entry::NODE_LEN_MAX;
use seal::NamingKeys;
use types::ObjectId;
use volume::{FsDisk, durable};

use crate::error::ComputerError;
use crate::pairing::private_folder;

/// Before each object: its name and its length.
const HEAD_LEN: usize = 36;
/// So much may lie there that nothing needs, beside as much again as is needed.
const SLACK: u64 = 4 << 20;
const FILE: &str = "objects";

/// The objects.
#[derive(Debug)]
pub(crate) struct Objects {
    file: File,
    folder: PathBuf,
    keys: NamingKeys,
    places: HashMap<ObjectId, (u64, u32)>,
    /// Those that the newest tree is made of, as far as it was made.
    used: HashSet<ObjectId>,
    len: u64,
}

impl Objects {
    /// Opens the file, or begins one.
    pub(crate) fn open(folder: &Path, keys: &NamingKeys) -> Result<Self, ComputerError> {
        let own = |source| ComputerError::Own { path: folder.join(FILE), source };
        private_folder(folder).map_err(own)?;
        Self::read(folder, keys).map_err(own)
    }

    fn read(folder: &Path, keys: &NamingKeys) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(folder.join(FILE))?;
        let mut places = HashMap::new();
        let end = file.metadata()?.len();
        let mut reader = BufReader::with_capacity(256 << 10, &file);
        let (mut at, mut head) = (0, [0; HEAD_LEN]);
        while reader.read_exact(&mut head).is_ok() {
            let Some((id, len)) = head.split_first_chunk::<32>() else { break };
            let len = len.first_chunk::<4>().map_or(u32::MAX, |len| u32::from_le_bytes(*len));
            let begin = at + HEAD_LEN as u64;
            if len as usize > NODE_LEN_MAX || begin + u64::from(len) > end {
                break;
            }
            places.insert(types::ChunkId(*id), (begin, len));
            at = begin + u64::from(len);
            reader.seek_relative(i64::from(len))?;
        }
        drop(reader);
        file.set_len(at)?;
        let (folder, keys) = (folder.to_owned(), keys.clone());
        Ok(Self { file, folder, keys, places, used: HashSet::new(), len: at })
    }

    /// An object; none when it is not here, or is not what its name says.
    pub(crate) fn get(&self, id: &ObjectId) -> Option<Vec<u8>> {
        let (at, len) = *self.places.get(id)?;
        let mut bytes = vec![0; len as usize];
        self.file.read_exact_at(&mut bytes, at).ok()?;
        (self.keys.object_id(&bytes) == *id).then_some(bytes)
    }

    /// Notes that the newest tree has this object, and keeps it. Says whether it was new here.
    pub(crate) fn put(&mut self, id: ObjectId, bytes: &[u8]) -> io::Result<bool> {
        self.used.insert(id);
        // Only what is read back is here: a bit that fell over would else be believed at each backup, and
        // never be sent again. The newer place counts.
        if self.get(&id).is_some() {
            return Ok(false);
        }
        self.len = append(&mut self.file, &mut self.places, (self.len, id), bytes)?;
        Ok(true)
    }

    /// Leaves out what no tree needs any more, when that is worth it.
    pub(crate) fn tidy(&mut self) -> io::Result<()> {
        let of = |id: &ObjectId| self.places.get(id).map_or(0, |(_, len)| u64::from(*len));
        let used: u64 = self.used.iter().map(of).sum();
        if self.len <= 2 * used + SLACK {
            return Ok(());
        }
        let new = format!("{FILE}.new");
        let path = self.folder.join(&new);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&path)?;
        let (mut places, mut len) = (HashMap::new(), 0);
        for id in &self.used {
            if let Some(bytes) = self.get(id) {
                len = append(&mut file, &mut places, (len, *id), &bytes)?;
            }
        }
        let disk = FsDisk::plain_folder(&self.folder)?;
        durable::move_file(&disk, &new, FILE).map_err(io::Error::other)?;
        (self.file, self.places, self.len) = (file, places, len);
        Ok(())
    }
}

fn append(
    file: &mut File,
    places: &mut HashMap<ObjectId, (u64, u32)>,
    (at, id): (u64, ObjectId),
    bytes: &[u8],
) -> io::Result<u64> {
    let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut whole = Vec::with_capacity(HEAD_LEN + bytes.len());
    whole.extend_from_slice(&id.0);
    whole.extend_from_slice(&len.to_le_bytes());
    whole.extend_from_slice(bytes);
    file.seek(SeekFrom::Start(at))?;
    file.write_all(&whole)?;
    places.insert(id, (at + HEAD_LEN as u64, len));
    Ok(at + whole.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by somebody who attacked it: one bit that fell over in the cache stopped backups for good.
    #[test]
    fn an_object_whose_bytes_fell_over_on_the_disk_is_new_again_when_it_is_made_again() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let keys = NamingKeys::from_bytes(&[7; 96]).expect("96 bytes are keys");
        let bytes = b"an object of a tree".as_slice();
        let id = keys.object_id(bytes);
        let mut objects = Objects::open(folder.path(), &keys).expect("it begins empty");
        assert!(objects.put(id, bytes).expect("it is kept"));
        assert!(!objects.put(id, bytes).expect("it is here"), "once is enough");
        let path = folder.path().join(FILE);
        let mut damaged = std::fs::read(&path).expect("it is there");
        damaged[HEAD_LEN + 3] ^= 1;
        let mut file = File::create(&path).expect("it can be written");
        file.write_all(&damaged).expect("it can be written");

        let mut objects = Objects::open(folder.path(), &keys).expect("damage is no end");
        assert_eq!(objects.get(&id), None);
        assert!(objects.put(id, bytes).expect("it is kept"), "it is sent once more");
        assert_eq!(objects.get(&id).as_deref(), Some(bytes));
        drop(objects);
        let objects = Objects::open(folder.path(), &keys).expect("it is there");
        assert_eq!(objects.get(&id).as_deref(), Some(bytes), "the newer place counts");
    }
}
