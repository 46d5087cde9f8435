//! Series of records in files: added whole or not at all, durable before anybody goes on.
//!
//! A file is a row of batches, each `length u32le | BLAKE3 of the body | body`, the body a row of
//! `length u32le | record`. A batch that was cut off by a crash ends the reading, and the next one is
//! written over it. Start at [`Records::keep`].

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use federation::{FriendId, Log};
use types::InviteId;

use crate::folder;

const HEADER_LEN: usize = 4 + 32;
const INVITES: &str = "invites";
const TICKETS: &str = "tickets";
const FRIEND: &str = "friend-";

/// All series of a box, one file each.
#[derive(Debug)]
pub struct Records {
    folder: PathBuf,
    /// Writers wait for each other.
    writing: Mutex<()>,
}

impl Records {
    /// Those in a folder, which is made.
    pub fn at(path: PathBuf) -> io::Result<Self> {
        Ok(Self { folder: folder::made(path)?, writing: Mutex::default() })
    }

    /// The friends of whom there is a file.
    pub fn friends(&self) -> io::Result<Vec<FriendId>> {
        let names = folder::names(&self.folder)?;
        let ids = names.iter().filter_map(|name| name.strip_prefix(FRIEND)?.parse().ok());
        Ok(ids.map(FriendId).collect())
    }

    /// Everything in a series, in order.
    pub fn read(&self, log: Log) -> io::Result<Vec<Vec<u8>>> {
        let bytes = folder::read(&self.folder.join(name(log)))?.unwrap_or_default();
        Ok(whole(&bytes).0)
    }

    /// Adds to a series; durable when it returns.
    pub fn keep(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        let _alone = self.lock();
        let path = self.folder.join(name(log));
        let before = folder::read(&path)?;
        let is_new = before.is_none();
        let good = whole(&before.unwrap_or_default()).1;
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        file.set_len(good)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(&batch(records)?)?;
        file.sync_all()?;
        if is_new {
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Puts these in place of a whole series.
    pub fn replace(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        let _alone = self.lock();
        folder::put(&self.folder, &name(log), &batch(records)?)
    }

    /// Where the files are, for tests that damage them.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(log: Log) -> String {
    match log {
        Log::Invites => INVITES.to_owned(),
        Log::Tickets => TICKETS.to_owned(),
        Log::Friend(FriendId(InviteId(id))) => format!("{FRIEND}{}", InviteId(id)),
    }
}

fn batch(records: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    for record in records {
        body.extend(length(record)?);
        body.extend(record);
    }
    let mut out = length(&body)?.to_vec();
    out.extend(blake3::hash(&body).as_bytes());
    out.extend(body);
    Ok(out)
}

fn length(bytes: &[u8]) -> io::Result<[u8; 4]> {
    let len = u32::try_from(bytes.len());
    len.map(u32::to_le_bytes).map_err(|_| io::Error::other("records longer than 4 GiB"))
}

/// The records of all whole batches, and where the last of those ends.
fn whole(bytes: &[u8]) -> (Vec<Vec<u8>>, u64) {
    let (mut records, mut at) = (Vec::new(), 0);
    while let Some(body) = body_at(bytes, at) {
        at += HEADER_LEN + body.len();
        let mut rest = body;
        while let Some((record, after)) = split(rest) {
            records.push(record.to_vec());
            rest = after;
        }
    }
    (records, at as u64)
}

fn body_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let header = bytes.get(at..at + HEADER_LEN)?;
    let (len, hash) = header.split_first_chunk::<4>()?;
    let start = at + HEADER_LEN;
    let body = bytes.get(start..start.checked_add(u32::from_le_bytes(*len) as usize)?)?;
    (*blake3::hash(body).as_bytes() == *hash).then_some(body)
}

fn split(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = rest.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*len) as usize)
}
