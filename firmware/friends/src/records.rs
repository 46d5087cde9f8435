//! Series of records on a disk: added to, read in order, put in place of each other; durable before they are
//! told to be.
//!
//! A series is one file of batches. Each batch has a sum that goes on from the one before, so that after a
//! cut exactly the whole batches are there, and what stood behind them counts for nothing. When that is more
//! than a cut leaves, the file as it was is put aside first. It knows no friend and reads no record. Start at
//! [`Records::keep`].

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use volume::durable;
use volume::{Disk, DiskFile};

/// Bytes before each batch: its length, and the sum.
const HEAD_LEN: usize = 4 + SUM_LEN;
const SUM_LEN: usize = 16;
/// A batch is never longer: a day of records of one friend.
const BATCH_LEN_MAX: usize = 64 << 20;
/// How names of files end that were put aside.
const ASIDE: &str = ".aside";

/// Series of records in one folder.
#[derive(Debug)]
pub struct Records {
    disk: Arc<dyn Disk>,
    folder: String,
    ends: Mutex<BTreeMap<String, End>>,
}

/// Where a series ends.
#[derive(Clone, Copy, Debug)]
struct End {
    at: u64,
    sum: [u8; SUM_LEN],
}

impl Records {
    /// Those in this folder of a disk; it is made.
    pub fn open(disk: Arc<dyn Disk>, folder: &str) -> io::Result<Self> {
        durable::make_folder(&*disk, folder).map_err(plain)?;
        Ok(Self { disk, folder: folder.to_owned(), ends: Mutex::default() })
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}.log", self.folder)
    }

    /// The names of all series.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let listed = self.disk.list(&self.folder)?.into_iter();
        let mut names: Vec<String> =
            listed.filter_map(|one| one.name.strip_suffix(".log").map(str::to_owned)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// All records of a series, in order; empty when there is none.
    pub fn read(&self, name: &str) -> io::Result<Vec<Vec<u8>>> {
        let (records, end) = self.read_all(name)?;
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), end);
        Ok(records)
    }

    fn read_all(&self, name: &str) -> io::Result<(Vec<Vec<u8>>, End)> {
        let mut end = End { at: 0, sum: [0; SUM_LEN] };
        let file = match self.disk.open(&self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), end)),
            other => other?,
        };
        let mut records = Vec::new();
        while let Some((batch, next)) = read_batch(&*file, end)? {
            records.extend(batch);
            end = next;
        }
        if is_damaged(&*file, end)? {
            self.put_aside(name, &*file)?;
        }
        Ok((records, end))
    }

    /// Files of series that were damaged, as they were found: the series goes on with what stood before.
    pub fn aside(&self) -> io::Result<Vec<String>> {
        let listed = self.disk.list(&self.folder)?.into_iter();
        let mut names: Vec<String> =
            listed.map(|one| one.name).filter(|name| name.ends_with(ASIDE)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Once for each content, and never over another.
    fn put_aside(&self, name: &str, file: &dyn DiskFile) -> io::Result<()> {
        let mut bytes = vec![0; usize::try_from(file.len()?).map_err(io::Error::other)?];
        let read = read_full(file, 0, &mut bytes)?;
        bytes.truncate(read);
        let what = blake3::hash(&bytes).to_hex();
        let path = format!("{}/{name}.{}{ASIDE}", self.folder, &what[..SUM_LEN]);
        match self.disk.open(&path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                durable::replace_file(&*self.disk, &path, &bytes).map_err(plain)
            }
            Err(error) => Err(error),
        }
    }

    /// Adds records to a series: all or none of them after a crash, durable before it returns.
    pub fn keep(&self, name: &str, records: &[Vec<u8>]) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        // Held while it is written: two writers of one series come one after the other.
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let end = match ends.remove(name) {
            Some(end) => end,
            // Unknown, or a write failed and what the system says of the file is not to be believed.
            None => {
                let (before, _) = self.read_all(name)?;
                let end = self.write_anew(name, &before)?;
                ends.insert(name.to_owned(), end);
                end
            }
        };
        ends.remove(name);
        let (bytes, next) = batch(records, end)?;
        let mut file = match self.disk.open_for_writing(&self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && end.at == 0 => {
                durable::create_file(&*self.disk, &self.path(name)).map_err(plain)?
            }
            other => other?,
        };
        file.write_at(end.at, &bytes)?;
        file.sync_data()?;
        ends.insert(name.to_owned(), next);
        Ok(())
    }

    /// Puts records in place of all of a series: the old ones or these after a crash, durable before it
    /// returns. None at all forgets the series.
    pub fn replace(&self, name: &str, records: &[Vec<u8>]) -> io::Result<()> {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.remove(name);
        if records.is_empty() {
            durable::remove_file(&*self.disk, &self.path(name)).map_err(plain)?;
            return Ok(());
        }
        let end = self.write_anew(name, records)?;
        ends.insert(name.to_owned(), end);
        Ok(())
    }

    fn write_anew(&self, name: &str, records: &[Vec<u8>]) -> io::Result<End> {
        let start = End { at: 0, sum: [0; SUM_LEN] };
        if records.is_empty() {
            durable::remove_file(&*self.disk, &self.path(name)).map_err(plain)?;
            return Ok(start);
        }
        let (bytes, end) = batch(records, start)?;
        durable::replace_file(&*self.disk, &self.path(name), &bytes).map_err(plain)?;
        Ok(end)
    }
}

fn plain(failure: durable::IoFailure) -> io::Error {
    let kind = failure.source.kind();
    io::Error::new(kind, failure)
}

fn sum_of(before: &[u8; SUM_LEN], body: &[u8]) -> [u8; SUM_LEN] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(body);
    let mut sum = [0; SUM_LEN];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..SUM_LEN]);
    sum
}

fn batch(records: &[Vec<u8>], end: End) -> io::Result<(Vec<u8>, End)> {
    let mut body = Vec::new();
    for record in records {
        let len = u32::try_from(record.len()).map_err(io::Error::other)?;
        body.extend_from_slice(&len.to_le_bytes());
        body.extend_from_slice(record);
    }
    if body.len() > BATCH_LEN_MAX {
        return Err(io::Error::other("more records at once than can be kept"));
    }
    let sum = sum_of(&end.sum, &body);
    let len = u32::try_from(body.len()).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(HEAD_LEN + body.len());
    bytes.extend_from_slice(&len.to_le_bytes());
    bytes.extend_from_slice(&sum);
    bytes.extend_from_slice(&body);
    let at = end.at + bytes.len() as u64;
    Ok((bytes, End { at, sum }))
}

/// The records of a batch, and where it ends.
type Batch = (Vec<Vec<u8>>, End);

/// The batch that begins here; none when there is no whole one.
fn read_batch(file: &dyn DiskFile, end: End) -> io::Result<Option<Batch>> {
    let mut head = [0; HEAD_LEN];
    if read_full(file, end.at, &mut head)? < HEAD_LEN {
        return Ok(None);
    }
    let (len, sum) = head.split_at(4);
    let len = u32::from_le_bytes([len[0], len[1], len[2], len[3]]);
    let len = usize::try_from(len).map_err(io::Error::other)?;
    let left = file.len()?.saturating_sub(end.at + HEAD_LEN as u64);
    if len == 0 || len > BATCH_LEN_MAX || len as u64 > left {
        return Ok(None);
    }
    let mut body = vec![0; len];
    if read_full(file, end.at + HEAD_LEN as u64, &mut body)? < len {
        return Ok(None);
    }
    let expected = sum_of(&end.sum, &body);
    if expected != sum {
        return Ok(None);
    }
    let Some(records) = split(&body) else { return Ok(None) };
    let at = end.at + (HEAD_LEN + len) as u64;
    Ok(Some((records, End { at, sum: expected })))
}

/// Whether something stands behind the batch that is not whole: a cut leaves one such batch, the last.
fn is_damaged(file: &dyn DiskFile, end: End) -> io::Result<bool> {
    let mut head = [0; 4];
    if read_full(file, end.at, &mut head)? < head.len() {
        return Ok(false);
    }
    let len = u64::from(u32::from_le_bytes(head));
    // Nothing at all is what a cut may leave in the place of what was not written yet.
    Ok(len > 0 && file.len()? > end.at.saturating_add(HEAD_LEN as u64).saturating_add(len))
}

fn split(mut body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    while !body.is_empty() {
        let (len, rest) = body.split_first_chunk::<4>()?;
        let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
        records.push(rest.get(..len)?.to_vec());
        body = &rest[len..];
    }
    Some(records)
}

fn read_full(file: &dyn DiskFile, from: u64, out: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < out.len() {
        match file.read_at(from + read as u64, &mut out[read..])? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}
