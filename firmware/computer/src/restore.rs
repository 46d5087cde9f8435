//! Bringing files back: the vault's own writer, with pieces that come over the line.
//!
//! Each piece is what its name says, or is not written. Start at [`restore`].

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use format::entry::{Entry, EntryKind};
use seal::NamingKeys;
use tree::ObjectReader;
use types::{ChunkId, ObjectId};
use vault::{
    ListedEntry, OnProgress, Pieces, RestoreOptions, RestoreReport, VaultError, list_below,
    restore_from,
};

use crate::ahead::Ahead;
use crate::error::ComputerError;
use crate::line::Line;
use crate::objects::Objects;
use crate::pairing::Pairing;
use crate::versions::{Version, fetch};

/// Lines over which pieces are read ahead.
const LINES: usize = 3;

/// What to restore or to list.
#[derive(Debug)]
pub struct Restore<'r> {
    /// The box, and which source this computer is.
    pub pairing: &'r Pairing,
    /// The way there.
    pub line: &'r Line,
    /// Where objects are kept.
    pub cache: &'r Path,
    /// Which version.
    pub version: &'r Version,
    /// What of it: names joined by `/`, nothing for all.
    pub path: &'r [u8],
}

/// Lists what is at the path, each entry as [`vault::list_below`] gives it.
pub fn list(
    what: &Restore<'_>,
    deep: bool,
    visit: &mut dyn FnMut(ListedEntry) -> bool,
) -> Result<(), ComputerError> {
    let keys = what.pairing.keys()?;
    let remote = Remote::new(what, &keys)?;
    let done = list_below(&remote, &what.version.root, what.path, deep, visit);
    remote.ended(done)
}

/// Restores into the folder `to`.
pub fn restore(
    what: &Restore<'_>,
    to: &Path,
    options: RestoreOptions,
    progress: OnProgress<'_>,
) -> Result<RestoreReport, ComputerError> {
    let keys = what.pairing.keys()?;
    let remote = Remote::new(what, &keys)?;
    let trimmed = what.path.split(|byte| *byte == b'/').filter(|part| !part.is_empty());
    let path = trimmed.collect::<Vec<_>>().join(&b'/');
    let top = tree::lookup(&remote, &what.version.root, &path).map_err(VaultError::from);
    let done = top.and_then(|top| {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                remote.plan(&top);
                remote.ahead.planned();
            });
            for _ in 0..LINES {
                scope.spawn(|| remote.fetch_ahead());
            }
            let done = restore_from(&remote, &top, to, options, progress);
            remote.ahead.end();
            done
        })
    });
    remote.ended(done)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Remote<'r> {
    what: &'r Restore<'r>,
    objects: Mutex<Objects>,
    keys: &'r NamingKeys,
    failed: Mutex<Option<ComputerError>>,
    ahead: Ahead,
}

impl<'r> Remote<'r> {
    fn new(what: &'r Restore<'r>, keys: &'r NamingKeys) -> Result<Self, ComputerError> {
        Ok(Self {
            what,
            objects: Mutex::new(Objects::open(what.cache, keys)?),
            keys,
            failed: Mutex::default(),
            ahead: Ahead::default(),
        })
    }

    /// What failed on the line is why the rest was given up.
    fn ended<T>(&self, done: Result<T, VaultError>) -> Result<T, ComputerError> {
        match locked(&self.failed).take() {
            Some(error) => Err(error),
            None => Ok(done?),
        }
    }

    fn fetch(&self, asked: &[(bool, ChunkId)]) -> Result<Vec<Vec<u8>>, ComputerError> {
        let Restore { line, pairing, version, .. } = self.what;
        fetch((line, pairing, self.keys), &version.id, asked)
    }

    /// One piece that has to be there now. A box that cannot be asked ends the restore; one that has lost
    /// a piece only costs the file.
    fn fetch_one(&self, is_object: bool, id: &ChunkId) -> Result<Vec<u8>, VaultError> {
        let lost = |detail: String| VaultError::Lost { chunk: *id, detail };
        match self.fetch(&[(is_object, *id)]) {
            Ok(mut pieces) => pieces.pop().ok_or_else(|| lost(String::new())),
            Err(error @ (ComputerError::Refused { .. } | ComputerError::Odd { .. })) => {
                Err(lost(format!("; {error}")))
            }
            Err(error) => {
                locked(&self.failed).get_or_insert(error);
                Err(VaultError::Stopped)
            }
        }
    }

    /// Plans what the writer will ask for, in its order.
    fn plan(&self, top: &Entry) {
        let mut links = HashSet::new();
        let mut file = |entry: &Entry| {
            // A second name of a file needs no bytes.
            if entry.link.is_some_and(|link| !links.insert(link)) {
                return true;
            }
            let extents = entry.content.iter().flat_map(|content| tree::extents(self, content));
            // What cannot be read is told by whoever writes.
            extents.map_while(Result::ok).all(|placed| match placed.extent.chunk {
                Some(id) => self.ahead.plan(id, placed.extent.len),
                None => true,
            })
        };
        if top.kind != EntryKind::Folder {
            file(top);
            return;
        }
        for walked in tree::walk(self, top).flatten() {
            if walked.entry.kind == EntryKind::File && !file(&walked.entry) {
                return;
            }
        }
    }

    fn fetch_ahead(&self) {
        while let Some(batch) = self.ahead.next() {
            let asked: Vec<_> = batch.ids.iter().map(|id| (false, *id)).collect();
            // What went wrong is found out again by whoever asks for the piece.
            self.ahead.came(&batch, self.fetch(&asked).ok());
        }
    }
}

impl ObjectReader for Remote<'_> {
    type Error = VaultError;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, VaultError> {
        if let Some(bytes) = locked(&self.objects).get(id) {
            return Ok(Arc::new(bytes));
        }
        let bytes = self.fetch_one(true, id)?;
        // A cache that cannot be written only costs work.
        drop(locked(&self.objects).put(*id, &bytes));
        Ok(Arc::new(bytes))
    }
}

impl Pieces for Remote<'_> {
    type Piece = Vec<u8>;

    fn piece(&self, id: &ChunkId) -> Result<Vec<u8>, VaultError> {
        match self.ahead.take(id) {
            Some(bytes) => Ok(bytes),
            None => self.fetch_one(false, id),
        }
    }
}
