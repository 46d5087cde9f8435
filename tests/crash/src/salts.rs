//! A witness of every byte that was ever written under a salt: one salt, one ciphertext.
//!
//! It sees what the program hands to a disk, not what the disk keeps: a torn copy proves nothing,
//! but two unequal streams under one salt give their plaintexts away. Worlds that part at a power
//! cut each get a witness of their own, which remembers what its parent saw.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use format::pack::HEADER_LEN;

/// Where the salt stands in a pack's header.
const SALT: Range<usize> = 64..96;

/// What was written under each salt so far.
#[derive(Debug, Default)]
pub struct Salts {
    parent: Option<Arc<Salts>>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    longest: HashMap<[u8; 32], Stream>,
    reused: Option<String>,
}

/// The longest ciphertext of one salt. Copies share their bytes.
#[derive(Clone, Debug, Default)]
struct Stream {
    /// Where each part begins.
    parts: Vec<(usize, Arc<[u8]>)>,
    len: usize,
}

impl Stream {
    /// Whether bytes at an offset are the same, as far as they are known; adds what is new.
    fn takes(&mut self, offset: usize, bytes: &[u8]) -> bool {
        let first = self.parts.partition_point(|(at, part)| at + part.len() <= offset);
        let known = self.parts[first..].iter().take_while(|(at, _)| *at < offset + bytes.len());
        for (at, part) in known {
            let from = offset.max(*at);
            let to = (offset + bytes.len()).min(at + part.len());
            if part[from - at..to - at] != bytes[from - offset..to - offset] {
                return false;
            }
        }
        if offset + bytes.len() > self.len {
            self.parts.push((self.len, bytes[self.len - offset..].into()));
            self.len = offset + bytes.len();
        }
        true
    }
}

/// What one file has shown of itself so far.
#[derive(Debug, Default)]
pub(crate) struct Written {
    salt: Option<[u8; 32]>,
    /// Until there is a whole header.
    head: Vec<u8>,
    len: usize,
}

impl Salts {
    /// A witness for a world that begins where this one stands now.
    pub fn child(self: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self { parent: Some(Arc::clone(self)), seen: Mutex::default() })
    }

    /// The first salt that was used for two ciphertexts, if one was.
    pub fn reused(&self) -> Option<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).reused.clone()
    }

    /// Takes in what is added to a file.
    pub(crate) fn saw(&self, path: &str, file: &mut Written, bytes: &[u8]) {
        let Some(salt) = file.salt else {
            file.head.extend_from_slice(bytes);
            if file.head.len() >= HEADER_LEN {
                let head = std::mem::take(&mut file.head);
                let salt = head[SALT].try_into().expect("the range is 32 long");
                self.compare(path, salt, 0, &head);
                (file.salt, file.len) = (Some(salt), head.len());
            }
            return;
        };
        self.compare(path, salt, file.len, bytes);
        file.len += bytes.len();
    }

    fn compare(&self, path: &str, salt: [u8; 32], offset: usize, bytes: &[u8]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = seen.longest.entry(salt).or_insert_with(|| {
            self.parent.as_ref().and_then(|parent| parent.recall(&salt)).unwrap_or_default()
        });
        // A file that parted from the stream earlier was told of then.
        let parted = offset > longest.len;
        if !parted && !longest.takes(offset, bytes) {
            seen.reused.get_or_insert_with(|| format!("a salt was used twice: {path}"));
        }
    }

    fn recall(&self, salt: &[u8; 32]) -> Option<Stream> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let here = seen.longest.get(salt).cloned();
        drop(seen);
        here.or_else(|| self.parent.as_ref()?.recall(salt))
    }
}
