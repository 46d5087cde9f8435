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
    longest: HashMap<[u8; 32], Vec<u8>>,
    reused: Option<String>,
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

    /// Takes in a file's bytes so far; those before `from` were taken in earlier.
    pub(crate) fn saw(&self, path: &str, bytes: &[u8], from: usize) {
        if bytes.len() < HEADER_LEN {
            return;
        }
        let salt: [u8; 32] = bytes[SALT].try_into().expect("the range is 32 long");
        // The first time that there is a whole header, all of it is new.
        let from = if from < HEADER_LEN { 0 } else { from };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = seen.longest.entry(salt).or_insert_with(|| {
            self.parent.as_ref().and_then(|parent| parent.recall(&salt)).unwrap_or_default()
        });
        let both = bytes.len().min(longest.len());
        if from < both && bytes[from..both] != longest[from..both] {
            seen.reused.get_or_insert_with(|| format!("a salt was used twice: {path}"));
        } else if bytes.len() > longest.len() {
            let known = longest.len();
            longest.extend_from_slice(&bytes[known..]);
        }
    }

    fn recall(&self, salt: &[u8; 32]) -> Option<Vec<u8>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let here = seen.longest.get(salt).cloned();
        drop(seen);
        here.or_else(|| self.parent.as_ref()?.recall(salt))
    }
}
