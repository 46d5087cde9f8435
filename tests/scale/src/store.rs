//! Where the bodiless packs lie: one file of heads and tails, one sorted index, one table of where
//! each front of an id begins in it.
//!
//! Holds the table alone in memory, so that a measured process is not blamed for the simulation.
//! Start at [`Store::open`].

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use format::pack::HEADER_LEN;
use seal::bodiless::Bodiless;
use types::PackId;

const RECORD: usize = 32 + 8 + 4 + 4;
const FRONTS: usize = 1 << 16;

/// One pack: its name, where its bytes lie, and how long tail and file are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// Its name.
    pub(crate) id: PackId,
    at: u64,
    tail: u32,
    /// Length of the file that it stands for.
    pub(crate) len: u32,
}

impl Record {
    fn encode(&self) -> [u8; RECORD] {
        let mut out = [0; RECORD];
        out[..32].copy_from_slice(&self.id.0);
        out[32..40].copy_from_slice(&self.at.to_le_bytes());
        out[40..44].copy_from_slice(&self.tail.to_le_bytes());
        out[44..].copy_from_slice(&self.len.to_le_bytes());
        out
    }

    fn decode(bytes: &[u8]) -> Self {
        let number =
            |from: usize| u32::from_le_bytes(bytes[from..from + 4].try_into().expect("four bytes"));
        Self {
            id: PackId(bytes[..32].try_into().expect("an id is 32 bytes")),
            at: u64::from_le_bytes(bytes[32..40].try_into().expect("eight bytes")),
            tail: number(40),
            len: number(44),
        }
    }
}

fn front(id: &PackId) -> usize {
    usize::from(id.0[0]) << 8 | usize::from(id.0[1])
}

/// Takes packs in, in any order.
#[derive(Debug)]
pub(crate) struct StoreWriter {
    bytes: BufWriter<File>,
    at: u64,
    records: Vec<Record>,
}

impl StoreWriter {
    /// A new store in `dir`.
    pub(crate) fn create(dir: &Path) -> io::Result<Self> {
        let bytes = BufWriter::with_capacity(1 << 20, File::create(dir.join("packs.bytes"))?);
        Ok(Self { bytes, at: 0, records: Vec::new() })
    }

    /// Adds a pack.
    pub(crate) fn add(&mut self, pack: &Bodiless) -> io::Result<()> {
        self.bytes.write_all(&pack.header)?;
        self.bytes.write_all(&pack.tail)?;
        let tail = u32::try_from(pack.tail.len()).expect("a tail is short");
        let len = u32::try_from(pack.len).expect("a pack is 16 MiB at most");
        self.records.push(Record { id: pack.id, at: self.at, tail, len });
        self.at += (pack.header.len() + pack.tail.len()) as u64;
        Ok(())
    }

    /// Writes the index; returns all records, sorted by name.
    pub(crate) fn finish(mut self, dir: &Path) -> io::Result<Vec<Record>> {
        self.bytes.flush()?;
        self.records.sort_by_key(|record| record.id);
        let mut index = BufWriter::with_capacity(1 << 20, File::create(dir.join("packs.index"))?);
        let mut begins = vec![0_u32; FRONTS + 1];
        for record in &self.records {
            index.write_all(&record.encode())?;
            begins[front(&record.id) + 1] += 1;
        }
        index.flush()?;
        let mut fronts = BufWriter::new(File::create(dir.join("packs.fronts"))?);
        let mut sum = 0;
        for count in begins {
            sum += count;
            fronts.write_all(&sum.to_le_bytes())?;
        }
        fronts.flush()?;
        Ok(self.records)
    }
}

/// The packs, for reading.
#[derive(Debug)]
pub(crate) struct Store {
    bytes: Arc<File>,
    index: File,
    begins: Vec<u32>,
}

impl Store {
    /// Opens the store in `dir`.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let fronts = std::fs::read(dir.join("packs.fronts"))?;
        let words = fronts.chunks_exact(4);
        let begins = words.map(|w| u32::from_le_bytes(w.try_into().expect("four bytes")));
        Ok(Self {
            bytes: Arc::new(File::open(dir.join("packs.bytes"))?),
            index: File::open(dir.join("packs.index"))?,
            begins: begins.collect(),
        })
    }

    /// The records of ids with these first bytes, all that begin with `first` alone or one front.
    fn records(&self, from: usize, to: usize) -> io::Result<Vec<Record>> {
        let (begin, end) = (self.begins[from] as usize, self.begins[to] as usize);
        let mut bytes = vec![0; (end - begin) * RECORD];
        self.index.read_exact_at(&mut bytes, (begin * RECORD) as u64)?;
        Ok(bytes.chunks_exact(RECORD).map(Record::decode).collect())
    }

    /// All packs whose name begins with this byte.
    pub(crate) fn beginning_with(&self, first: u8) -> io::Result<Vec<Record>> {
        let from = usize::from(first) << 8;
        self.records(from, from + 256)
    }

    /// The pack of that name.
    pub(crate) fn find(&self, id: &PackId) -> io::Result<Option<Record>> {
        let at = front(id);
        Ok(self.records(at, at + 1)?.into_iter().find(|record| record.id == *id))
    }

    /// A pack as a file.
    pub(crate) fn file(&self, record: Record) -> BodilessFile {
        BodilessFile { bytes: Arc::clone(&self.bytes), record }
    }
}

/// A bodiless pack as a file: zeros stand where its frames would.
#[derive(Debug)]
pub(crate) struct BodilessFile {
    bytes: Arc<File>,
    record: Record,
}

impl volume::DiskFile for BodilessFile {
    fn append(&mut self, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let len = u64::from(self.record.len);
        let tail = len - u64::from(self.record.tail);
        let left = usize::try_from(len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buf.len().min(left);
        let buf = &mut buf[..wanted];
        if offset >= tail {
            let at = self.record.at + HEADER_LEN as u64 + (offset - tail);
            self.bytes.read_exact_at(buf, at)?;
        } else {
            buf.fill(0);
            let header = HEADER_LEN as u64;
            if offset < header {
                let end = buf.len().min(usize::try_from(header - offset).expect("128 at most"));
                self.bytes.read_exact_at(&mut buf[..end], self.record.at + offset)?;
            }
            let gap = usize::try_from(tail - offset).unwrap_or(usize::MAX);
            if gap < buf.len() {
                let at = self.record.at + header;
                self.bytes.read_exact_at(&mut buf[gap..], at)?;
            }
        }
        Ok(wanted)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(u64::from(self.record.len))
    }

    fn forget_cache(&self) -> io::Result<()> {
        Ok(())
    }
}
